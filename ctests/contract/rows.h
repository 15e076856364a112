/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A row of the tables in contract_*.c: one case of the contract. */
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
    /* Only for a REQUEST. */
    int type;
    const void *payload;
    size_t length;
    enum retry retry;
    /* malloc() fails during the call. */
    bool no_memory;
    struct exchange exchange[EXCHANGES];
    /* The answer to each request for the list, until an exchange has another list. NULL: 7 VFs without a VLAN. */
    const struct exchange *list;
    /* The expected result. */
    int result;
    /* How many requests the library sends, including those for the list. */
    int requests;
    /* The last request that sets something sets the VF's former MAC. */
    bool put_back;
    /* Not zero: that request sets this MAC. */
    unsigned char last_mac[6];
    /* The shortest and the longest allowed time, in milliseconds of the fake clock; 0: any time. */
    int at_least, at_most;
    /* Only for a GET: the outputs are NULL; the VLAN that the call reads. The MAC is listed_mac. */
    bool no_outputs;
    int reads_vlan;
    /* A part of the reported text; NULL: nothing is reported. */
    const char *says;
};

/* The last row of each table has no name. */
extern const struct row send_rows[], set_rows[], config_rows[], get_rows[];

static const virMacAddr mac = {{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}}, zero = {{0}}, listed_mac = {LISTED_MAC};

/* A row may set a field that a macro has set before: the row's value replaces the macro's. */
#ifdef __clang__
# pragma clang diagnostic ignored "-Winitializer-overrides"
#else
# pragma GCC diagnostic ignored "-Woverride-init"
#endif

/* The ID of a row's VLAN. */
#define ID(number) .vlan = &(const int){number}
/* The exchanges of a row, in this order. */
#define GETS(...) .exchange = {__VA_ARGS__}
/* The call fails after so many requests: FAILS is reported, SILENT is not. With REFUSAL and SILENT_REFUSAL, the kernel
 * answers the first request with the same errno. */
#define FAILS(number, sent, words) .result = -(number), .requests = (sent), .says = words
#define SILENT(number, sent) .result = -(number), .requests = (sent)
#define REFUSAL(number, ...) GETS(REFUSED(number)), FAILS(number, __VA_ARGS__)
#define SILENT_REFUSAL(number, sent) GETS(REFUSED(number)), SILENT(number, sent)
#define TAKES(least, most) .at_least = (least), .at_most = (most)

/* An exchange: any answer of the kernel; its ACK; an errno; the same errno so many times; the same errno for ever. */
#define ANSWER(...) {.answer = {__VA_ARGS__}}
#define ACKED {.lost = false}
#define REFUSED(number, ...) {.answer = {.kind = ERROR, .error = -(number)}, ##__VA_ARGS__}
#define IN_RESET(number, times) REFUSED(number, .again = (times) - 1)
#define STAYS_IN_RESET(number) IN_RESET(number, FOR_EVER)
/* The kernel's list of 7 VFs. Fields such as .vlan and .mac are those of VF 3. */
#define VF_LIST(...) .answer = {.kind = LINK, VFS(7), .vf = 3, ##__VA_ARGS__}
#define VFS(count) .said = (count), .listed = (count)
#define LISTED(...) {VF_LIST(__VA_ARGS__)}

/* The answer to each request for the list. */
#define ALL_LISTS(...) .list = &(const struct exchange)__VA_ARGS__
#define LIST(...) ALL_LISTS(LISTED(__VA_ARGS__))
#define NO_LIST ALL_LISTS(REFUSED(ENODEV))
/* The list leaves out VF 3; it leaves out all VFs, because the PF is down. */
#define GAP .gap = 1, .gap_from = 3
#define DOWN .listed = 0, .down = true

#endif
