/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bench.c measures contestants (contestants.c), each with the same operations on VF 0 of an interface. */
#ifndef BENCH_H
#define BENCH_H

enum operation {
    /* One request, as virNetDevSendVfSetLinkRequest() sends it: a MAC. */
    REQUEST,
    /* A MAC, VLAN 42, a MAC and no VLAN (an implicit clear), and an explicit clear. */
    MAC, VLAN, GUEST, CLEAR,
    OPERATIONS
};

/* Finds the contestant of that name and prepares it, or ends the program. */
void prepare(const char *contestant, const char *interface);
/* One operation of the contestant. Returns 0 or a negative errno. */
extern int (*perform)(enum operation operation);

#endif
