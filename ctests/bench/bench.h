/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What ctests/bench/bench.sh measures: one contestant a program, all with the same operations on VF 0 of an interface.
 *
 * Such a program reads lines `OPERATION COUNT THREADS` and answers each with one line:
 *
 *   OPERATION COUNT NANOSECONDS FAULTS ALLOCATIONS BYTES STACK RESULT
 *
 * the time and the page faults of all COUNT, done by each of THREADS; the heap's use (with heap.c preloaded, else
 * -1); the deepest that one more of them went into its stack; and what the last one returned.
 */
#ifndef BENCH_H
#define BENCH_H

enum operation {
    /* One request, as virNetDevSendVfSetLinkRequest() sends it: a MAC. */
    REQUEST,
    /* MAC, VLAN 42, both, MAC and no VLAN (an implicit clear), and an explicit clear. */
    MAC,
    VLAN,
    BOTH,
    GUEST,
    CLEAR,
    /* Nothing: what the measuring takes. */
    NOTHING,
    OPERATIONS
};

/* What a contestant defines: its preparations, and one operation, which returns 0 or a negative errno. */
void prepare(const char *interface, int argc, char **argv);
int perform(enum operation operation);

static const unsigned char bench_mac[6] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};
enum { BENCH_VLAN = 42 };

#endif
