/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A fake kernel that gives the answers that a test asks for, because the real one does not give them on command.
 *
 * The test program defines the socket calls and the clock itself; the library, linked to it as .so or .a, then
 * calls these. While `fake.on` is false they are the real ones. Each socket() begins the next exchange, or the same
 * once more. A request for the list of VFs takes the next exchange only if that answers with a list; if not, it gets
 * the list as it was last, at first one of 7 VFs.
 */
#ifndef FAKE_H
#define FAKE_H

#include <stdbool.h>
#include <stddef.h>

/* A PAUSE is a poll() of no descriptor. */
enum call { SOCKET, SETSOCKOPT, CONNECT, SEND, POLL, RECV, PAUSE, CALLS };

enum kind { ACK, DONE, ERROR, LINK, OTHER_TYPE };

/* What is wrong with a list of VFs. */
enum flaw {
    NONE,
    /* Of the last entry. */
    NO_MAC, NO_VLAN, SHORT_MAC, SHORT_VLAN, OTHERS_MAC, MAC_TWICE, VLAN_TWICE, NUMBER_TWICE, DESCENDING,
    OTHER_TYPE_OF_ENTRY,
    SHORT_INFO, OTHERS_INFO, NO_INFO, INFO_TWICE,
    /* Of the list: how long it says it is, and what is beside it. */
    LENGTH_MORE, LENGTH_LESS, LIST_TWICE, NUM_VF_TWICE, NO_NUM_VF, BROKEN_AFTER,
};

/* One message. All zero is the kernel's ACK of the request. */
struct answer {
    enum kind kind;
    /* Of an ERROR, as it stands in the message: an errno has a minus sign. */
    int error;
    /* The sender's port, 0 for the kernel, and how far the sequence number is off. */
    unsigned sender, sequence_off;
    /* Not 0: only so many bytes arrive; the message's own length is this. */
    size_t cut_to, says_length;
    /* By how much it is shorter when it is taken than when it was looked at. */
    size_t shrinks_by;
    const char *ext_ack;
    /* Of a LINK: what IFLA_NUM_VF says, how many VFs are listed, and what one of them has. */
    unsigned said, listed, vf, vlan, qos;
    /* The protocol of its VLAN; 0: 802.1Q. */
    unsigned short protocol;
    /* The PF is down. */
    bool down;
    /* NULL: LISTED_MAC. */
    const unsigned char *mac;
    /* How many VFs are left out, and from which on. */
    unsigned gap, gap_from;
    enum flaw flaw;
    /* There is no list. */
    bool no_list;
    /* Not 0: an attribute that nobody knows makes it this long. */
    unsigned filled_to;
};

struct exchange {
    /* How often the same happens once more: so many sockets. */
    int again;
    /* How long the kernel takes before a send returns, in milliseconds. */
    int takes;
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

enum { EXCHANGES = 8, REQUESTS = 100, SENT_MAX = 70000 };

/* As an exchange's `again`. */
#define FOR_EVER (1 << 30)

/* A request as it was sent. */
struct sent {
    size_t length;
    unsigned char bytes[SENT_MAX];
};

/* Says what becomes of a socket (`sent` is NULL), and then of the request that is sent by it. */
typedef void decide(const struct sent *sent, struct exchange *exchange);

struct fake {
    bool on;
    decide *decide;
    /* Each request is for the list, and takes the next exchange whatever that is. */
    bool only_reads;
    struct exchange exchange[EXCHANGES];
    /* What happened. */
    int asked, opened, closed, flags, connected, ext_ack_asked, cap_ack_asked;
    int requests;
    /* The pauses, in milliseconds, and how long all took by the fake clock. */
    int pause[REQUESTS], pauses, elapsed;
    /* Last, because it is large: a new start leaves the bytes. */
    struct sent sent[REQUESTS];
};
extern struct fake fake;

/* Calls the function whose place one of the program has. */
#define REAL(function, ...) ((__typeof__(&function))dlsym(RTLD_NEXT, #function))(__VA_ARGS__)

/* The MAC that every VF is listed with. */
#define LISTED_MAC {0x52, 0x54, 0x00, 0xaa, 0xaa, 0xaa}

/* Starts over, with these exchanges. */
void fake_begin(const struct exchange exchange[EXCHANGES]);
/* Says how each request for the list is answered from now on. */
void fake_lists(const struct exchange *answer);
/* Starts over; each exchange is decided when it takes place. */
void fake_begin_deciding(decide *decide);
void fake_end(void);
/* How long it is now since the start, in milliseconds of the fake clock. */
int fake_now(void);
/* Makes the bytes of an answer to a request (fake_message.c), for the caller to free. */
unsigned char *fake_message(const struct answer *answer, const struct sent *sent, size_t *length);

#endif
