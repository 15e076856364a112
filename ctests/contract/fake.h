/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A fake kernel that gives the answers that a test asks for. A real kernel does not give them on demand.
 *
 * The test program defines the socket calls and the clock. The library, as .so or .a, calls these instead of libc's.
 * While `fake.on` is false, they call libc's. Each socket() starts the next exchange, or repeats the last one
 * (`again`). A request for the list of VFs uses the next exchange only if that answers with a list. If not, the answer
 * is the last list; the first list has 7 VFs.
 */
#ifndef FAKE_H
#define FAKE_H

#include <stdbool.h>
#include <stddef.h>

/* PAUSE is a poll() without descriptors. */
enum call { SOCKET, SETSOCKOPT, CONNECT, SEND, POLL, RECV, PAUSE, CALLS };

enum kind { ACK, DONE, ERROR, LINK, OTHER_TYPE };

/* What is wrong with a list of VFs. */
enum flaw {
    NONE,
    /* In the last entry. */
    NO_MAC, NO_VLAN, SHORT_MAC, SHORT_VLAN, OTHERS_MAC, MAC_TWICE, VLAN_TWICE, NUMBER_TWICE, DESCENDING,
    OTHER_TYPE_OF_ENTRY,
    SHORT_INFO, OTHERS_INFO, NO_INFO, INFO_TWICE,
    /* In the list's length, or beside the list. */
    LENGTH_MORE, LENGTH_LESS, LIST_TWICE, NUM_VF_TWICE, NO_NUM_VF, BROKEN_AFTER,
};

/* One message. If all fields are 0, it is the kernel's ACK of the request. */
struct answer {
    enum kind kind;
    /* ERROR: the number in the message; an errno is negative. */
    int error;
    /* The sender's port, 0 for the kernel; and what is added to the right sequence number. */
    unsigned sender, sequence_off;
    /* Not 0: how many bytes arrive; the length in the message's header. */
    size_t cut_to, says_length;
    /* By how many bytes it is shorter than MSG_PEEK has shown. */
    size_t shrinks_by;
    const char *ext_ack;
    /* LINK: IFLA_NUM_VF, how many VFs are listed, and one VF with its VLAN and priority. */
    unsigned said, listed, vf, vlan, qos;
    /* The protocol of this VLAN; 0: 802.1Q. */
    unsigned short protocol;
    /* The PF is down. */
    bool down;
    /* The MAC of this VF; NULL: LISTED_MAC. */
    const unsigned char *mac;
    /* How many VFs are left out, and the first of them. */
    unsigned gap, gap_from;
    enum flaw flaw;
    /* There is no list. */
    bool no_list;
    /* Not 0: an unknown attribute makes the message this long. */
    unsigned filled_to;
};

struct exchange {
    /* How many more sockets get the same exchange. */
    int again;
    /* How long sendmsg() takes, in milliseconds. */
    int takes;
    /* For each call: the errno of its failure, and how often a signal interrupts the call before that. */
    int fails[CALLS], interrupted[CALLS];
    /* sendmsg() returns that it sent one byte less. */
    bool short_send;
    /* There is no answer. */
    bool lost;
    /* How many calls of poll() end before the answer is there. */
    int late;
    /* A message that comes before the answer. */
    bool has_first;
    struct answer first, answer;
};

enum { EXCHANGES = 8, REQUESTS = 100, SENT_MAX = 70000 };

/* A value of `again`. */
#define FOR_EVER (1 << 30)

/* A request as it was sent. */
struct sent {
    size_t length;
    unsigned char bytes[SENT_MAX];
};

/* Fills in the exchange: once for a socket (`sent` is NULL), then for the request that the library sends on it. */
typedef void decide(const struct sent *sent, struct exchange *exchange);

struct fake {
    bool on;
    decide *decide;
    /* Each request is for the list, and uses the next exchange, also if that has no list. */
    bool only_reads;
    struct exchange exchange[EXCHANGES];
    /* What happened. */
    int asked, opened, closed, flags, connected, ext_ack_asked, cap_ack_asked;
    int requests;
    /* In milliseconds: the pauses, and the time of everything by the fake clock. */
    int pause[REQUESTS], pauses, elapsed;
    /* Last, because it is large: fake_begin() does not clear it. */
    struct sent sent[REQUESTS];
};
extern struct fake fake;

/* Calls the function of libc or of the library that the program replaces. */
#define REAL(function, ...) ((__typeof__(&function))dlsym(RTLD_NEXT, #function))(__VA_ARGS__)

/* The MAC of each listed VF, if the answer has no other one for it. */
#define LISTED_MAC {0x52, 0x54, 0x00, 0xaa, 0xaa, 0xaa}

/* Starts again, with these exchanges. */
void fake_begin(const struct exchange exchange[EXCHANGES]);
/* Sets the answer to each request for the list from now on. */
void fake_lists(const struct exchange *answer);
/* Starts again; `decide` fills in each exchange when it happens. */
void fake_begin_deciding(decide *decide);
void fake_end(void);
/* Milliseconds since the start, by the fake clock. */
int fake_now(void);
/* Makes the bytes of an answer to a request (fake_message.c). The caller frees them. */
unsigned char *fake_message(const struct answer *answer, const struct sent *sent, size_t *length);

#endif
