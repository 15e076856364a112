/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See fake.h. */
#define _GNU_SOURCE
#include "fake.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* DESCRIPTOR is higher than all real descriptors. */
enum { DESCRIPTOR = 1000000, QUEUE = 2 };

struct fake fake;

static struct {
    const struct answer *answer;
    unsigned char *bytes;
    size_t length;
} queue[QUEUE];
static int queued, taken, waits;
/* The exchange of the current socket, and the last exchange of the row that was used. */
static struct exchange *now, *last;
/* The index of the row's next exchange, and how often that one was used. */
static int at, times;
/* The answer to a request for the list: now, and if the row does not set it. */
static struct exchange list;
static const struct exchange seven_vfs = {.answer = {.kind = LINK, .said = 7, .listed = 7, .vf = 3}};
static long long now_ms, began_ms;
static int interrupted[CALLS];

/* Whether a call must fail; if so, sets errno. */
static bool fails(enum call call)
{
    if (interrupted[call] < now->interrupted[call]) {
        interrupted[call]++;
        errno = EINTR;
        return true;
    }
    errno = now->fails[call];
    return errno != 0;
}

static void empty_queue(void)
{
    for (int i = 0; i < queued; i++)
        free(queue[i].bytes);
    queued = taken = waits = 0;
    memset(interrupted, 0, sizeof(interrupted));
}

static void begin(void)
{
    memset(&fake, 0, offsetof(struct fake, sent));
    empty_queue();
    at = times = 0;
    now = last = fake.exchange;
    list = seven_vfs;
    began_ms = now_ms;
    fake.on = true;
}

void fake_begin(const struct exchange exchange[EXCHANGES])
{
    begin();
    memcpy(fake.exchange, exchange, sizeof(fake.exchange));
}

void fake_begin_deciding(decide *decide)
{
    begin();
    fake.decide = decide;
}

void fake_lists(const struct exchange *answer)
{
    list = *answer;
}

int fake_now(void)
{
    return (int)(now_ms - began_ms);
}

void fake_end(void)
{
    fake.on = false;
    fake.elapsed = fake_now();
    empty_queue();
}

static void enqueue(const struct answer *answer, const struct sent *sent)
{
    queue[queued].answer = answer;
    queue[queued].bytes = fake_message(answer, sent, &queue[queued].length);
    if (answer->cut_to)
        queue[queued].length = answer->cut_to;
    queued++;
}

/* Counts that the current exchange was used. */
static void take(void)
{
    last = now;
    if (!fake.decide)
        times++;
}

/* A request for the list uses the next exchange only if that has a list, and keeps this list. Else it gets `list`. */
static void take_by(const struct sent *sent)
{
    const struct nlmsghdr *header = (const struct nlmsghdr *)(const void *)sent->bytes;

    if (header->nlmsg_type != RTM_GETLINK || fake.only_reads)
        take();
    else if (now->answer.kind != LINK)
        now = &list;
    else {
        take();
        list = *now;
        list.again = 0;
    }
}

/* --- the calls --------------------------------------------------------------------------------- */

int socket(int domain, int type, int protocol)
{
    if (!fake.on)
        return REAL(socket, domain, type, protocol);
    empty_queue();
    if (times > fake.exchange[at].again) {
        at++;
        times = 0;
    }
    if (at == EXCHANGES)
        abort();
    now = &fake.exchange[at];
    if (fake.decide) {
        memset(now, 0, sizeof(*now));
        fake.decide(NULL, now);
    }
    fake.asked++;
    fake.flags = type;
    if (fails(SOCKET)) {
        take();
        return -1;
    }
    return DESCRIPTOR + ++fake.opened;
}

int setsockopt(int fd, int level, int option, const void *value, socklen_t length)
{
    if (!fake.on)
        return REAL(setsockopt, fd, level, option, value, length);
    if (level == SOL_NETLINK && option == NETLINK_EXT_ACK)
        fake.ext_ack_asked++;
    if (level == SOL_NETLINK && option == NETLINK_CAP_ACK)
        fake.cap_ack_asked++;
    return fails(SETSOCKOPT) ? -1 : 0;
}

int connect(int fd, const struct sockaddr *address, socklen_t length)
{
    const struct sockaddr_nl *peer = (const struct sockaddr_nl *)(const void *)address;

    if (!fake.on)
        return REAL(connect, fd, address, length);
    if (peer->nl_family == AF_NETLINK && peer->nl_pid == 0 && peer->nl_groups == 0)
        fake.connected++;
    if (!fails(CONNECT))
        return 0;
    take();
    return -1;
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    struct sent *sent = &fake.sent[fake.requests];

    if (!fake.on)
        return REAL(sendmsg, fd, message, flags);
    if (fake.requests == REQUESTS)
        abort();
    sent->length = 0;
    for (size_t i = 0; i < message->msg_iovlen; i++) {
        memcpy(sent->bytes + sent->length, message->msg_iov[i].iov_base, message->msg_iov[i].iov_len);
        sent->length += message->msg_iov[i].iov_len;
    }
    if (fake.decide)
        fake.decide(sent, now);
    else if (interrupted[SEND] == 0)
        take_by(sent);
    if (fails(SEND))
        return -1;
    now_ms += now->takes;
    fake.requests++;
    if (now->has_first)
        enqueue(&now->first, sent);
    if (!now->lost)
        enqueue(&now->answer, sent);
    return (ssize_t)sent->length - now->short_send;
}

int poll(struct pollfd *fds, nfds_t count, int timeout)
{
    /* glibc declares that poll() only writes here. `volatile` avoids the compiler's warning. */
    struct pollfd *volatile asked = fds;

    if (!fake.on)
        return REAL(poll, fds, count, timeout);
    if (count == 0) {
        /* A pause belongs to the last request of the row. The library may have read the list after that. */
        now = last;
        if (fails(PAUSE))
            return -1;
        if (fake.pauses < REQUESTS)
            fake.pause[fake.pauses++] = timeout;
        now_ms += timeout;
        return 0;
    }
    if (count != 1 || asked->events != POLLIN) {
        errno = EINVAL;
        return -1;
    }
    if (fails(POLL))
        return -1;
    if (waits++ < now->late) {
        now_ms += timeout > 10 ? 10 : timeout;
        return 0;
    }
    if (taken < queued)
        return 1;
    now_ms += timeout;
    return 0;
}

ssize_t recvfrom(int fd, void *buffer, size_t room, int flags, struct sockaddr *from, socklen_t *from_length)
{
    if (!fake.on)
        return REAL(recvfrom, fd, buffer, room, flags, from, from_length);
    /* Without this flag, the real call waits for ever. */
    if (!(flags & MSG_DONTWAIT)) {
        errno = EINVAL;
        return -1;
    }
    if (fails(RECV))
        return -1;
    if (taken == queued || waits < now->late) {
        errno = EAGAIN;
        return -1;
    }
    struct sockaddr_nl sender = {.nl_family = AF_NETLINK, .nl_pid = queue[taken].answer->sender};
    size_t length = queue[taken].length - (flags & MSG_PEEK ? 0 : queue[taken].answer->shrinks_by);
    size_t fits = length < room ? length : room;

    if (fits)
        memcpy(buffer, queue[taken].bytes, fits);
    memcpy(from, &sender, sizeof(sender));
    *from_length = sizeof(sender);
    if (!(flags & MSG_PEEK))
        taken++;
    return (ssize_t)(flags & MSG_TRUNC ? length : fits);
}

int close(int fd)
{
    if (!fake.on || fd < DESCRIPTOR)
        return REAL(close, fd);
    fake.closed++;
    return 0;
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    if (!fake.on || (clock != CLOCK_MONOTONIC && clock != CLOCK_MONOTONIC_COARSE))
        return REAL(clock_gettime, clock, time);
    /* Each call of this takes 1 ms, so that no loop is endless. Otherwise only poll() and sendmsg() take time. */
    now_ms += 1;
    time->tv_sec = now_ms / 1000;
    time->tv_nsec = now_ms % 1000 * 1000000;
    return 0;
}
