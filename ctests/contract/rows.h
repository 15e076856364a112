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
/* What the caller passes as allowRetry. */
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

/* Each ends with a row without a name. */
extern const struct row send_rows[], set_rows[], config_rows[], get_rows[];

static const virMacAddr mac = {{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}}, zero = {{0}}, listed_mac = {LISTED_MAC};

/* A row is what most rows are, and then what it says itself: the second is meant to overwrite the first. */
#ifdef __clang__
# pragma clang diagnostic ignored "-Winitializer-overrides"
#else
# pragma GCC diagnostic ignored "-Woverride-init"
#endif

/* The ID of a row's VLAN. */
#define ID(number) .vlan = &(const int){number}
/* What becomes of its requests, one after the other. */
#define GETS(...) .exchange = {__VA_ARGS__}
/* How many requests are sent, and how it ends: with a failure that is reported, or one that is not; the same where
 * that is what the kernel refuses the first request with. */
#define FAILS(number, sent, words) .result = -(number), .requests = (sent), .says = words
#define SILENT(number, sent) .result = -(number), .requests = (sent)
#define REFUSAL(number, ...) GETS(REFUSED(number)), FAILS(number, __VA_ARGS__)
#define SILENT_REFUSAL(number, sent) GETS(REFUSED(number)), SILENT(number, sent)
#define TAKES(least, most) .at_least = (least), .at_most = (most)

/* The kernel's answer; its ACK; its errno, and what else there is to it; so many of that; the same for ever. */
#define ANSWER(...) {.answer = {__VA_ARGS__}}
#define ACKED {.lost = false}
#define REFUSED(number, ...) {.answer = {.kind = ERROR, .error = -(number)}, ##__VA_ARGS__}
#define IN_RESET(number, times) REFUSED(number, .again = (times) - 1)
#define STAYS_IN_RESET(number) IN_RESET(number, FOR_EVER)
/* The kernel's list of VFs: 7, of which VF 3 may have something. */
#define VF_LIST(...) .answer = {.kind = LINK, VFS(7), .vf = 3, ##__VA_ARGS__}
#define VFS(count) .said = (count), .listed = (count)
#define LISTED(...) {VF_LIST(__VA_ARGS__)}

/* What each request for the list gets. */
#define ALL_LISTS(...) .list = &(const struct exchange)__VA_ARGS__
#define LIST(...) ALL_LISTS(LISTED(__VA_ARGS__))
#define NO_LIST ALL_LISTS(REFUSED(ENODEV))
/* VF 3 is left out; all are, because the PF is down. */
#define GAP .gap = 1, .gap_from = 3
#define DOWN .listed = 0, .down = true

#endif
