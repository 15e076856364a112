/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A kernel that answers as it is told to, for what the real one will not do on command.
 *
 * The test program defines the socket calls and the clock itself; the library, linked to it as .so or .a, then
 * calls these. While `fake.on` is false they are the real ones. Each socket() begins the next exchange.
 */
#ifndef FAKE_H
#define FAKE_H

#include <stdbool.h>
#include <stddef.h>

enum call { SOCKET, SETSOCKOPT, CONNECT, SEND, POLL, RECV, CALLS };

enum kind { ACK, DONE, ERROR, LINK, OTHER_TYPE };

/* One message. All zero is the kernel's ACK of the request. */
struct answer {
    enum kind kind;
    /* Of an ERROR, as it stands in the message: an errno has a minus sign. */
    int error;
    /* The sender's port, 0 for the kernel, and how far the sequence number is off. */
    unsigned sender, sequence_off;
    /* Not 0: only so many bytes arrive; the message's own length is this. */
    size_t cut_to, says_length;
    const char *ext_ack;
    /* Of a LINK: what IFLA_NUM_VF says, how many VFs are listed, and what one of them has. */
    unsigned said, listed, vf, vlan, qos;
};

struct exchange {
    /* The errno that a call fails with, and how often a signal interrupts it first. */
    int fails[CALLS], interrupted[CALLS];
    /* The send reports fewer bytes than it was given. */
    bool short_send;
    /* There is no answer at all. */
    bool lost;
    /* How many waits end with nothing to receive before the answer is there. */
    int late;
    /* A message that comes before the answer. */
    bool has_first;
    struct answer first, answer;
};

enum { EXCHANGES = 4, SENT_MAX = 70000 };

struct fake {
    bool on;
    struct exchange exchange[EXCHANGES];
    /* What happened. */
    int opened, closed, flags, connected, ext_ack_asked, cap_ack_asked;
    struct sent {
        unsigned char bytes[SENT_MAX];
        size_t length;
    } sent[EXCHANGES];
    int requests;
};
extern struct fake fake;

/* The MAC that every VF is listed with. */
#define LISTED_MAC {0x52, 0x54, 0x00, 0xaa, 0xaa, 0xaa}

/* Starts over, with these exchanges. */
void fake_begin(const struct exchange exchange[EXCHANGES]);
void fake_end(void);

#endif
