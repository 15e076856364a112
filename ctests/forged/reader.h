/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the kernel's answer independently of the library, to compare: slowly, and with a check at each step. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

enum { VF = 1 };

/* The answer, and the sequence number of the request. */
extern unsigned char *datagram;
extern size_t datagram_length;
extern unsigned sequence;

/*
 * What is read of a VF: 0 or an errno with a minus sign, and, if 0, where its MAC and its VLAN are, and the VLAN with
 * its protocol, or 0 if the list does not have that.
 */
struct info {
    int result;
    size_t mac, vlan, tag;
};

/* The number of 2 or 4 bytes at a place of the datagram. */
uint64_t number(size_t at, size_t bytes);
/* What a request returns. */
int verdict(void);
struct info read_vf(void);
/* Whether the VF certainly has neither a VLAN nor a priority. */
bool clear(void);
