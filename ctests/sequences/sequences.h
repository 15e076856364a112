/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Guests of libvirt on every driver of drivers.tsv, whatever happens.
 *
 * The fake kernel plays a row: it keeps a VF, grants or refuses as that driver does, and lists what it lists. A guest's
 * life (start, live change of the VLAN, stop, start again, stop) is run from each state of the VF, first with no event,
 * then with each event at each of its requests. After each call and each stage the invariants are judged by what the VF
 * really has.
 *
 *   sequences.c   main(), what breaks an invariant, the results
 *   rows.c        the rows of drivers.tsv
 *   driver.c      the kernel, as a row has it: its VF, the event
 *   request.c     what a request asks for
 *   call.c        a call of a function, and what must hold after each
 *   guest.c       libvirt's calls for a guest, and what must hold after its stages
 *   libnl.c       the calls of libnl that fake.c has not: for libvirt's own functions
 */
#ifndef SEQUENCES_H
#define SEQUENCES_H

#include <stdio.h>
#include <string.h>

#include "fake.h"
#include <virnetdevvf.h>

/* --- the functions under test ------------------------------------------------------------------- */

/* This library's, or libvirt's own. */
struct library {
    int (*set_mac)(const char *, int, const virMacAddr *, bool *);
    int (*set_config)(const char *, int, const virMacAddr *, const int *, bool *);
    /* NULL in libvirt, which does not export it. */
    int (*get_config)(const char *, int, virMacAddr *, int *);
    const char *(*last_error)(void);
    /* libvirt's only. */
    void (*reset_error)(void);
};
extern struct library library;

/* --- what is broken ----------------------------------------------------------------------------- */

enum invariant { STARTS, RUNS, LEFT, LIVE, STOP, STATE, RETRY, REPORT, BOUNDS, INVARIANTS };
/* This sequence breaks an invariant: what was seen, and what was due. */
void broken(enum invariant invariant, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What is running: the row, the VF, the guest, the event; and the stage, or the call. */
void sequence_is(const char *format, ...) __attribute__((format(printf, 1, 2)));
void stage_begins(const char *name);
/* What the contract leaves as it is (C5, C5, V2), and how often that was. */
enum limit { START_LIKE_STOP, STOP_LIKE_START, LEFT_VLAN, LIMITS };
extern unsigned long limited[LIMITS];
/* A line of it: how a guest without an event fared. */
extern FILE *table;

/* --- a driver ----------------------------------------------------------------------------------- */

enum list { LISTS_ALL, LISTS_NONE, LISTS_GAP, LISTS_EMPTY };
enum refused { LISTS_OLD, LISTS_MAC, LISTS_VLAN, LISTS_BOTH };
enum effect { NO_EFFECT, APPLIED, CLEARED };

/* A row of drivers.tsv; an errno that does not exist is -1. */
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

/* The next row of the file; false: there is none. */
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
/* What it really has, which may be other than what is listed. */
extern struct vf vf;

static inline bool same_mac(const virMacAddr *a, const virMacAddr *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

/* The VLAN that is there, or with an ID of 0 none. */
bool is_vlan(const struct vlan *vlan, unsigned id);
bool same_vlan(const struct vlan *a, const struct vlan *b);
/* The list says other than what is there, since it has what was refused. */
bool list_lies(void);
/* The VF is listed now. */
bool is_listed(void);
extern bool pf_is_down;

/* --- events ------------------------------------------------------------------------------------- */

enum event {
    NO_EVENT,
    /* From a request on: for 500 ms, for longer than the library waits, for 1500 ms with one that stays after it,
     * or until the stage is over. */
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
/* Before each life: the event, and how many requests come first. */
void life_begins(enum event event, int at);
/* The event has come, in this life. */
extern bool event_came;
/* A reset that stays and a PF that is down end with the stage. */
void stage_ends(void);

/* --- requests ----------------------------------------------------------------------------------- */

enum { VF = 3, VFS = 5, STEPS = 110 };
enum what { SET_MAC, SET_VLAN, GET_LIST };
/* An outcome that is not an errno. */
enum { GRANTED = 0, NOT_KNOWN = -1, NOT_SENT_AT_ALL = -2 };

/* A request of this call. */
struct step {
    enum what what;
    virMacAddr mac;
    int outcome, takes;
    /* The VF was in a list that came. */
    bool listed;
};
extern struct step step[STEPS];
extern int steps;
/* A request was about another VF or had no meaning. */
extern bool strange_request;
/* recvmsg() would block for good: libnl.c. */
extern bool blocked;

/* Around each call of a function under test. */
void kernel_begin(void);
void kernel_end(void);

/* What a request asks for (a list, a MAC, a VLAN), and the VF as it is once that is granted. */
enum what read_request(const struct sent *sent, struct vf *wanted);

/* --- calls -------------------------------------------------------------------------------------- */

/* Of the calls of a stage: each answer came; an implicit clear was refused, and nothing is known of the VF (contract
 * V2); the VF has been given the MAC that a stop puts back; and the words of the last failure. */
extern bool certain, not_known, restored;
extern char words[1024];
bool says(const char *what);

extern const virMacAddr zero_mac, alternative_mac, guest_mac;
/* virNetDevSetVfConfig(), with a retry of libvirt's where one is allowed; a success is true. */
bool set_config(const virMacAddr *mac, const int *vlan, bool may_retry);
/* virNetDevGetVfConfig(), or libvirt's own that is not exported: it has no other list. */
bool read_config(struct vf *before, int *vlan_before);

/* --- what is run -------------------------------------------------------------------------------- */

void all_guests(void);

#endif
