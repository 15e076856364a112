/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See fake.h. */
#define _GNU_SOURCE
#include "fake.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Not one that the process could have. */
enum { DESCRIPTOR = 1000000, ENTRY = 196, QUEUE = 2 };

struct fake fake;

static struct {
    unsigned char *bytes;
    size_t length;
    unsigned sender;
    size_t shrinks_by;
} queue[QUEUE];
static int queued, taken, waits;
/* Which exchange this is, and for the how manieth time. */
static int at, times;
static long long now_ms, began_ms;
static int interrupted[CALLS];

#define REAL(function, ...) ((__typeof__(&function))dlsym(RTLD_NEXT, #function))(__VA_ARGS__)

static struct exchange *current(void)
{
    return &fake.exchange[at];
}

/* Whether a call is to fail, and sets errno then. */
static bool fails(enum call call)
{
    struct exchange *now = current();

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

/* --- what is answered -------------------------------------------------------------------------- */

static size_t put(unsigned char *message, size_t at, unsigned short type, const void *payload, size_t length)
{
    struct rtattr header = {(unsigned short)RTA_LENGTH(length), type};

    memcpy(message + at, &header, sizeof(header));
    if (length)
        memcpy(message + at + sizeof(header), payload, length);
    return at + RTA_SPACE(length);
}

/* What a VF has, with what is wrong with the last of a list. */
static size_t put_entry(unsigned char *message, size_t at, const struct answer *answer, unsigned vf, enum flaw flaw)
{
    unsigned number = flaw == NUMBER_TWICE ? vf - 1 : flaw == DESCENDING ? 0 : vf;
    struct ifla_vf_mac mac = {.vf = flaw == OTHERS_MAC ? 0 : number, .mac = LISTED_MAC};
    struct ifla_vf_vlan vlan = {.vf = number};
    unsigned char entry[2 * ENTRY] = {0};
    size_t end = 0;

    if (vf == answer->vf) {
        if (answer->mac)
            memcpy(mac.mac, answer->mac, 6);
        vlan.vlan = answer->vlan;
        vlan.qos = answer->qos;
    }
    if (flaw != NO_MAC)
        end = put(entry, end, IFLA_VF_MAC, &mac, flaw == SHORT_MAC ? 32 : sizeof(mac));
    if (flaw == MAC_TWICE)
        end = put(entry, end, IFLA_VF_MAC, &mac, sizeof(mac));
    if (flaw != NO_VLAN)
        end = put(entry, end, IFLA_VF_VLAN, &vlan, flaw == SHORT_VLAN ? 8 : sizeof(vlan));
    if (flaw == VLAN_TWICE)
        end = put(entry, end, IFLA_VF_VLAN, &vlan, sizeof(vlan));
    /* What else the kernel says of a VF, as one attribute. */
    ((struct rtattr *)(entry + end))->rta_len = (unsigned short)(ENTRY - 4 - end);
    ((struct rtattr *)(entry + end))->rta_type = IFLA_VF_RATE;
    return put(message, at, (flaw == OTHER_TYPE_OF_ENTRY ? 9 : IFLA_VF_INFO) | NLA_F_NESTED, entry, ENTRY - 4);
}

static size_t put_list(unsigned char *message, size_t at, const struct answer *answer)
{
    size_t list = at;

    at = put(message, at, IFLA_VFINFO_LIST | NLA_F_NESTED, NULL, 0);
    for (unsigned vf = 0; vf < answer->listed; vf++)
        if (vf < answer->gap_from || vf >= answer->gap_from + answer->gap)
            at = put_entry(message, at, answer, vf, vf + 1 == answer->listed ? answer->flaw : NONE);
    /* It wraps where it does not fit. */
    ((struct rtattr *)(message + list))->rta_len =
        (unsigned short)(at - list + (answer->flaw == LENGTH_MORE ? 4 : answer->flaw == LENGTH_LESS ? -ENTRY : 0));
    return at;
}

/* An interface as the kernel has it before and behind its list of VFs. */
static size_t put_link(unsigned char *message, const struct answer *answer)
{
    size_t at = NLMSG_LENGTH(sizeof(struct ifinfomsg));

    at = put(message, at, IFLA_IFNAME, "fake0", 6);
    if (answer->flaw != NO_NUM_VF)
        at = put(message, at, IFLA_NUM_VF, &answer->said, 4);
    if (answer->flaw == NUM_VF_TWICE)
        at = put(message, at, IFLA_NUM_VF, &answer->said, 4);
    if (!answer->no_list)
        at = put_list(message, at, answer);
    if (answer->flaw == LIST_TWICE)
        at = put_list(message, at, answer);
    at = put(message, at, IFLA_PROTO_DOWN, "", 1);
    if (answer->flaw == BROKEN_AFTER)
        ((struct rtattr *)(message + at - 8))->rta_len = 100;
    return at;
}

static size_t put_error(unsigned char *message, const struct answer *answer, const struct sent *sent)
{
    struct nlmsghdr *header = (struct nlmsghdr *)message;
    struct nlmsgerr *error = NLMSG_DATA(header);
    size_t at = NLMSG_LENGTH(sizeof(*error));

    error->error = answer->error;
    memcpy(&error->msg, sent->bytes, sizeof(error->msg));
    if (answer->error == 0 || fake.cap_ack_asked) {
        header->nlmsg_flags |= NLM_F_CAPPED;
    } else {
        size_t rest = sent->length - sizeof(error->msg);

        memcpy(message + at, sent->bytes + sizeof(error->msg), rest);
        at += NLMSG_ALIGN(rest);
    }
    if (answer->ext_ack) {
        header->nlmsg_flags |= NLM_F_ACK_TLVS;
        at = put(message, at, NLMSGERR_ATTR_MSG, answer->ext_ack, strlen(answer->ext_ack) + 1);
    }
    return at;
}

static void enqueue(const struct answer *answer, const struct sent *sent)
{
    const struct nlmsghdr *request = (const struct nlmsghdr *)sent->bytes;
    /* Room for what is longest: the request once more, or the list twice. */
    unsigned char *message = calloc(1, 1024 + sent->length + 2 * ENTRY * (size_t)(answer->listed + 1));
    struct nlmsghdr *header = (struct nlmsghdr *)message;
    size_t length;

    switch (answer->kind) {
    case DONE:
        header->nlmsg_type = NLMSG_DONE;
        length = NLMSG_LENGTH(0);
        break;
    case LINK:
        header->nlmsg_type = RTM_NEWLINK;
        length = put_link(message, answer);
        break;
    case OTHER_TYPE:
        header->nlmsg_type = RTM_NEWADDR;
        length = NLMSG_LENGTH(64);
        break;
    default:
        header->nlmsg_type = NLMSG_ERROR;
        length = put_error(message, answer, sent);
    }
    header->nlmsg_len = (uint32_t)(answer->says_length ? answer->says_length : length);
    header->nlmsg_seq = request->nlmsg_seq + answer->sequence_off;
    queue[queued].bytes = message;
    queue[queued].length = answer->cut_to ? answer->cut_to : length;
    queue[queued].shrinks_by = answer->shrinks_by;
    queue[queued++].sender = answer->sender;
}

/* --- the calls --------------------------------------------------------------------------------- */

int socket(int domain, int type, int protocol)
{
    if (!fake.on)
        return REAL(socket, domain, type, protocol);
    empty_queue();
    if (fake.decide) {
        memset(current(), 0, sizeof(*current()));
        fake.decide(NULL, current());
    } else if (times > fake.exchange[at].again) {
        at++;
        times = 0;
    }
    times++;
    if (at == EXCHANGES)
        abort();
    fake.flags = type;
    if (fails(SOCKET))
        return -1;
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
    return fails(CONNECT) ? -1 : 0;
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    struct sent *sent = &fake.sent[fake.requests];

    if (!fake.on)
        return REAL(sendmsg, fd, message, flags);
    if (!fake.decide && fails(SEND))
        return -1;
    if (fake.requests == REQUESTS)
        abort();
    sent->length = 0;
    for (size_t i = 0; i < message->msg_iovlen; i++) {
        memcpy(sent->bytes + sent->length, message->msg_iov[i].iov_base, message->msg_iov[i].iov_len);
        sent->length += message->msg_iov[i].iov_len;
    }
    if (fake.decide) {
        fake.decide(sent, current());
        if (fails(SEND))
            return -1;
    }
    now_ms += current()->takes;
    fake.requests++;
    if (current()->has_first)
        enqueue(&current()->first, sent);
    if (!current()->lost)
        enqueue(&current()->answer, sent);
    return (ssize_t)sent->length - current()->short_send;
}

int poll(struct pollfd *fds, nfds_t count, int timeout)
{
    if (!fake.on)
        return REAL(poll, fds, count, timeout);
    if (count == 0) {
        if (fails(PAUSE))
            return -1;
        if (fake.pauses < REQUESTS)
            fake.pause[fake.pauses++] = timeout;
        now_ms += timeout;
        return 0;
    }
    if (fails(POLL))
        return -1;
    if (waits++ < current()->late) {
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
    if (fails(RECV))
        return -1;
    if (taken == queued || waits < current()->late) {
        errno = EAGAIN;
        return -1;
    }
    struct sockaddr_nl sender = {.nl_family = AF_NETLINK, .nl_pid = queue[taken].sender};
    size_t length = queue[taken].length - (flags & MSG_PEEK ? 0 : queue[taken].shrinks_by);
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

int clock_gettime(clockid_t clock, struct timespec *now)
{
    if (!fake.on || clock != CLOCK_MONOTONIC)
        return REAL(clock_gettime, clock, now);
    /* Time passes only in poll, and a little with each look at the clock, so that no loop is endless. */
    now_ms += 1;
    now->tv_sec = now_ms / 1000;
    now->tv_nsec = now_ms % 1000 * 1000000;
    return 0;
}
