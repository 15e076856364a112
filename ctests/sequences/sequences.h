/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every sequence of answers that a kernel can give, to the end of every branch.
 *
 * A sequence is run from its start each time, by a vector of choices; the next one differs from it in the last choice
 * that has another value left (depth first). The kernel keeps a VF and applies what it grants. At each end the
 * invariants are judged.
 *
 *   sequences.c          the choices, what a sequence breaks, main()
 *   sequences_kernel.c   the kernel: the VF, and each answer to each request
 *   sequences_calls.c    each function, each kind of argument, each state before, and what must hold then
 *   sequences_libvirt.c  the same for libvirt's starts and stops of a guest
 *   sequences_libnl.c    the calls of libnl that fake.c has not: for libvirt's own functions
 */
#ifndef SEQUENCES_H
#define SEQUENCES_H

#include <string.h>

#include "fake.h"
#include <virnetdevvf.h>

/* --- the functions under test ------------------------------------------------------------------- */

/* This library's, or libvirt's own. */
struct library {
    int (*send)(const char *, int, const void *, const size_t);
    int (*set_mac)(const char *, int, const virMacAddr *, bool *);
    int (*set_vlan)(const char *, int, const int *);
    int (*set_config)(const char *, int, const virMacAddr *, const int *, bool *);
    /* NULL in libvirt, which does not export it. */
    int (*get_config)(const char *, int, virMacAddr *, int *);
    const char *(*last_error)(void);
    /* libvirt's only. */
    int (*last_error_code)(void);
    void (*reset_error)(void);
};
extern struct library library;

/* --- sequences ---------------------------------------------------------------------------------- */

/* One of `count` ways to go on. */
unsigned choose(unsigned count);
/* Around each sequence: do { sequence_begin(); ... } while (sequence_end()); */
void sequence_begin(void);
bool sequence_end(void);
/* What happens in this sequence, for whoever reads of a broken invariant. */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

enum invariant { SUCCESS, FORMER, AS_SET, NAMED, ERRNO, RETRY, BOUNDS, REPORT, ALTERNATIVE, START, STOP, INVARIANTS };
/* This sequence breaks an invariant. */
void broken(enum invariant invariant);
static inline void must(enum invariant invariant, bool holds)
{
    if (!holds)
        broken(invariant);
}

/* What the contract leaves as it is, and how often that was. */
enum limit { START_WITH_CLEAR, STOP_WITH_VLAN, LIMITS };
void within(enum limit limit);

/* --- the kernel --------------------------------------------------------------------------------- */

enum { VF = 3, VFS = 5, STEPS = 16 };

struct vf {
    virMacAddr mac;
    unsigned vlan, qos;
};
extern struct vf vf;

static inline bool same_mac(const virMacAddr *a, const virMacAddr *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

/* What is asked of the kernel: NOTHING where there was no socket to ask by. */
enum what { NOTHING, SET_MAC, SET_VLAN, GET_LIST };

static inline bool same_vf(const struct vf *a, const struct vf *b)
{
    return same_mac(&a->mac, &b->mac) && a->vlan == b->vlan && a->qos == b->qos;
}

/* What has become of a request, where it is not a refusal's errno. */
enum { GRANTED = 0, NOT_KNOWN = -1, NOT_SENT = -2 };

/* A request, sent again or not, and what has become of it in the end. */
struct step {
    enum what what;
    virMacAddr mac;
    unsigned vlan, qos;
    int outcome;
    /* The errno that a caller may get for it; a second one where it is not known which request had no socket. */
    int errno_is, errno_or;
};
extern struct step step[STEPS];
extern int steps;
/* A request was about another VF or had no meaning. */
extern bool strange_request;

/* Before each sequence. */
void kernel_forget(void);
/* Around each call of a function under test. */
void kernel_begin(void);
void kernel_end(void);

/* Set while recvmsg() would block for good: sequences_libnl.c. */
extern bool blocked;

/* --- what is run -------------------------------------------------------------------------------- */

enum retry { ALLOWED, FORBIDDEN, NO_POINTER };
enum function { REQUEST, MAC, VLAN, CONFIG, GET };

struct request {
    enum function function;
    const virMacAddr *mac;
    const int *vlan;
    enum retry retry;
};

extern const virMacAddr zero_mac, alternative_mac, former_mac, guest_mac;

/* Calls, and judges what has come of it; the result, and allowRetry as it is then. */
int call_and_judge(const struct request *call, bool *retry);
/* Of the last call of virNetDevSetVfConfig(): the MAC stays after a refused VLAN, and that is the contract's. */
extern bool mac_may_stay;
/* Nothing in it was uncertain, and what was to be put back is. */
extern bool certain;

void all_calls(void);
void all_guests(void);

#endif
