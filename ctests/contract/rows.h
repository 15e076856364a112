/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A case of the contract, as the tables in contract_*.c have them. */
#ifndef ROWS_H
#define ROWS_H

#include <errno.h>
#include <linux/if_link.h>
#include <stdint.h>

#include "fake.h"
#include <virnetdevvf.h>

enum function { REQUEST, MAC, VLAN, CONFIG, GET };
/* What the caller passes as allowRetry, and what is there afterwards. */
enum retry { ALLOWED, FORBIDDEN, NO_POINTER };

struct row {
    const char *name;
    enum function function;
    const char *ifname;
    int vf;
    const virMacAddr *mac;
    const int *vlan;
    /* Of a REQUEST. */
    int type;
    const void *payload;
    size_t length;
    enum retry retry;
    /* While the call runs, malloc() fails. */
    bool no_memory;
    struct exchange exchange[EXCHANGES];
    /* What each request for the list gets, until an exchange has another one. NULL: 7 VFs, without a VLAN. */
    const struct exchange *list;
    /* What must come of it. */
    int result;
    enum retry retry_after;
    /* How many requests are sent, those for the list too. */
    int requests;
    /* The last request that changes something sets the MAC that the VF had before. */
    bool put_back;
    /* Not zero: it sets this MAC. */
    unsigned char last_mac[6];
    /* How long it takes by the fake clock, at least and at most; 0: that does not matter. */
    int at_least, at_most;
    /* Of a GET: where the result is not wanted, and the VLAN that is read. The MAC is the listed one. */
    bool no_outputs;
    int reads_vlan;
    /* What the message that is reported contains; NULL: nothing is reported. */
    const char *says;
};

extern const struct row send_rows[], set_rows[], config_rows[], get_rows[];
extern const size_t send_row_count, set_row_count, config_row_count, get_row_count;

/* A row is what most rows are, and then what it says itself: the second is meant to overwrite the first. */
#ifdef __clang__
# pragma clang diagnostic ignored "-Winitializer-overrides"
#else
# pragma GCC diagnostic ignored "-Woverride-init"
#endif

/* The kernel's answer with an errno; so many of them; the same for ever; its ACK. */
#define REFUSED(number) {.answer = {.kind = ERROR, .error = -(number)}}
#define IN_RESET(number, times) {.again = (times) - 1, .answer = {.kind = ERROR, .error = -(number)}}
#define STAYS_IN_RESET(number) IN_RESET(number, FOR_EVER)
#define ACKED {.lost = false}
/* The kernel's list of VFs. */
#define LISTED(...) {.answer = {.kind = LINK, .said = 7, .listed = 7, .vf = 3, ##__VA_ARGS__}}

/* The same, as a row's `list`; and a list that cannot be read. */
#define LIST(...) .list = &(const struct exchange)LISTED(__VA_ARGS__)
#define NO_LIST .list = &(const struct exchange)REFUSED(ENODEV)
/* VF 3 is left out; all are, because the PF is down. */
#define GAP .gap = 1, .gap_from = 3
#define DOWN .listed = 0, .down = true

#endif
