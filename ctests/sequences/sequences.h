/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Guests of libvirt on each driver of drivers.tsv, also with resets, errors and lost answers.
 *
 * The fake kernel answers as a row says: it has one VF, and grants, refuses and lists as that driver does. A guest has
 * a life of up to five stages: start, live change of the VLAN, stop, start again, stop. It begins in each state of the
 * VF: first without an event, then with each event at each request. After each call and each stage, the program checks
 * what must hold (the invariants) by what the VF really has.
 *
 *   sequences.c   main(), what breaks an invariant, the results
 *   rows.c        reads the rows of drivers.tsv
 *   driver.c      answers as a row says: the VF, the event
 *   request.c     reads what a request asks for
 *   call.c        calls a function, and checks what must hold after the call
 *   guest.c       the stages of a guest, and what must hold after each
 *   libnl.c       more fake calls, for stock libvirt, which uses libnl
 */
#ifndef SEQUENCES_H
#define SEQUENCES_H

#include <stdio.h>
#include <string.h>

#include "fake.h"
#include <virnetdevvf.h>

/* --- the functions under test ------------------------------------------------------------------- */

/* The functions of this library, or those of stock libvirt. */
struct library {
    int (*set_mac)(const char *, int, const virMacAddr *, bool *);
    int (*set_config)(const char *, int, const virMacAddr *, const int *, bool *);
    /* NULL in stock libvirt, which does not export it. */
    int (*get_config)(const char *, int, virMacAddr *, int *);
    const char *(*last_error)(void);
    /* Only in libvirt. */
    void (*reset_error)(void);
};
extern struct library library;

/* --- what is broken ----------------------------------------------------------------------------- */

enum invariant { STARTS, RUNS, LEFT, LIVE, STOP, STATE, RETRY, REPORT, BOUNDS, INVARIANTS };
/* This sequence breaks an invariant: what was seen, and what was expected. */
void broken(enum invariant invariant, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What runs now: the row, the VF, the guest, the event; and the stage. */
void sequence_is(const char *format, ...) __attribute__((format(printf, 1, 2)));
void stage_begins(const char *name);
/* The known limits of the contract (C5, C5, V2), and how often each was seen. */
enum limit { START_LIKE_STOP, STOP_LIKE_START, LEFT_VLAN, LIMITS };
extern unsigned long limited[LIMITS];
/* Each line is what happened to a guest without an event. */
extern FILE *table;

/* --- a driver ----------------------------------------------------------------------------------- */

enum list { LISTS_ALL, LISTS_NONE, LISTS_GAP, LISTS_EMPTY };
enum refused { LISTS_OLD, LISTS_MAC, LISTS_VLAN, LISTS_BOTH };
enum effect { NO_EFFECT, APPLIED, CLEARED };

/* A row of drivers.tsv. If it has no errno in a column, the number is -1. */
struct driver {
    char name[48];
    int mac, zero, same, none, clear, set;
    unsigned no_vlan;
    enum list list;
    int down, reset;
    enum refused lists;
    enum effect effect;
    int unknown, wait_ms;
};
extern struct driver driver;

/* Reads the next row of the file; false: there is none. */
bool next_driver(FILE *file);

/* A protocol of 0 is 802.1Q. */
struct vlan {
    unsigned id, qos;
    unsigned short protocol;
};
/* What a VF has. */
struct vf {
    virMacAddr mac;
    struct vlan vlan;
};
/* What the VF really has. The list may show something else. */
extern struct vf vf;

static inline bool same_mac(const virMacAddr *a, const virMacAddr *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

/* Whether this is the VLAN with this ID, with priority 0 and 802.1Q; ID 0: whether it is no VLAN. */
bool is_vlan(const struct vlan *vlan, unsigned id);
bool same_vlan(const struct vlan *a, const struct vlan *b);
/* The list shows what the driver refused, not what the VF has. */
bool list_lies(void);
/* The VF is listed now. */
bool is_listed(void);
extern bool pf_is_down;

/* --- events ------------------------------------------------------------------------------------- */

enum event {
    NO_EVENT,
    /* A reset: for 500 ms; for longer than the library waits; for 1500 ms, and then another one until the stage ends;
     * until the stage ends. */
    RESET_ENDS, RESET_LONG, RESET_TWICE, RESET_STAYS, PF_DOWN,
    /* The device does not answer its driver. */
    SILENT, SILENT_BUT_DONE,
    /* Between the library and the kernel. */
    LOST, LOST_BUT_DONE, CUT, FORGED, NOT_SENT, NO_SOCKET,
    EVENTS,
};
extern const char *const event_names[EVENTS];
/* Whether this driver's device has such an event. */
bool has_event(enum event event);
/* Before each life: sets the event, and how many requests come before it. */
void life_begins(enum event event, int at);
/* The event has come in this life. */
extern bool event_came;
/* Ends a reset, and brings the PF up. */
void stage_ends(void);

/* --- requests ----------------------------------------------------------------------------------- */

enum { VF = 3, VFS = 5, STEPS = 110 };
enum what { SET_MAC, SET_VLAN, GET_LIST };
/* Outcomes that are not errnos. */
enum { GRANTED = 0, NOT_KNOWN = -1, NOT_SENT_AT_ALL = -2 };

/* A request of this call. */
struct step {
    enum what what;
    virMacAddr mac;
    int outcome, takes;
    /* The answer was a list with the VF. */
    bool listed;
};
extern struct step step[STEPS];
extern int steps;
/* A request was for another VF, or with neither or both of MAC and VLAN. */
extern bool strange_request;
/* recvmsg() would block for ever: libnl.c. */
extern bool blocked;

/* Before and after each call of a function under test. */
void kernel_begin(void);
void kernel_end(void);

/* What a request asks for (a list, a MAC, a VLAN). `wanted` becomes the VF as it is if the driver grants that. */
enum what read_request(const struct sent *sent, struct vf *wanted);

/* --- calls -------------------------------------------------------------------------------------- */

/* Of the calls of a stage: all outcomes are known; an implicit clear was refused, and the list did not show what the VF
 * has (contract V2); the VF got another MAC than the guest's; the message of the last failure. */
extern bool certain, not_known, restored;
extern char words[1024];
bool says(const char *what);

extern const virMacAddr zero_mac, alternative_mac, guest_mac;
/* virNetDevSetVfConfig(), and then libvirt's retry if one is allowed. Returns whether it succeeded. */
bool set_config(const virMacAddr *mac, const int *vlan, bool may_retry);
/* virNetDevGetVfConfig(). Stock libvirt does not export its own: for that, this reads what the VF has. */
bool read_config(struct vf *before, int *vlan_before);

/* --- what runs ---------------------------------------------------------------------------------- */

void all_guests(void);

#endif
