/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as the kernel's answer, received by the library as it receives a real one. Its result is compared with that
 * of an independent reader (reader.h). A difference ends the program by abort(), as a panic in the library does.
 *
 * The first byte says what is asked: 0 a request (the bytes are the verdict), 1 an explicit clear that was refused
 * (they are the interface with its VFs), 2 what a VF has (the same). The rest is the datagram; its sequence number
 * becomes the request's, unless the first byte has its highest bit.
 *
 *   answers FILE...       (with DRIVER) each file, and each spoilt in every way of `spoil`
 *
 * Without DRIVER it is a target for libFuzzer.
 */
#define _GNU_SOURCE
#include "reader.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <virnetdevvf.h>

enum { DESCRIPTOR = 1000, DATAGRAM_MAX = 1 << 20 };

/* --- a kernel that answers with the given bytes --------------------------------------------------- */

unsigned char *datagram;
size_t datagram_length;
unsigned sequence;
static int exchange;
static bool taken, refuses_first, keeps_sequence;
/* While the library runs. libFuzzer has files and a clock of its own. */
static bool on;
static time_t now;

int socket(int domain, int type, int protocol)
{
    (void)domain, (void)type, (void)protocol;
    taken = false;
    exchange++;
    return DESCRIPTOR;
}

int setsockopt(int fd, int level, int option, const void *value, socklen_t length)
{
    (void)fd, (void)level, (void)option, (void)value, (void)length;
    return 0;
}

int connect(int fd, const struct sockaddr *address, socklen_t length)
{
    (void)fd, (void)address, (void)length;
    return 0;
}

int close(int fd)
{
    return on ? 0 : (int)syscall(SYS_close, fd);
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    if (!on)
        return (int)syscall(SYS_clock_gettime, clock, time);
    *time = (struct timespec){.tv_sec = now};
    return 0;
}

/* Nothing more comes, and time passes. */
int poll(struct pollfd *fds, nfds_t count, int timeout)
{
    (void)fds, (void)count, (void)timeout;
    now += 10;
    return 0;
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    size_t length = 0;

    (void)fd, (void)flags;
    memcpy(&sequence, (char *)message->msg_iov[0].iov_base + offsetof(struct nlmsghdr, nlmsg_seq), 4);
    for (size_t i = 0; i < message->msg_iovlen; i++)
        length += message->msg_iov[i].iov_len;
    return (ssize_t)length;
}

ssize_t recvfrom(int fd, void *buffer, size_t room, int flags, struct sockaddr *from, socklen_t *from_length)
{
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
    } refusal = {{sizeof(refusal), NLMSG_ERROR, 0, sequence, 0}, {.error = -EPERM}};
    bool first = refuses_first && exchange == 1;
    const void *bytes = first ? (void *)&refusal : datagram;
    size_t length = first ? sizeof(refusal) : datagram_length;
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};

    (void)fd;
    if (taken) {
        errno = EAGAIN;
        return -1;
    }
    if (!first && !keeps_sequence && length >= 12)
        memcpy(datagram + 8, &sequence, 4);
    taken = !(flags & MSG_PEEK);
    memcpy(buffer, bytes, length < room ? length : room);
    memcpy(from, &kernel, sizeof(kernel));
    *from_length = sizeof(kernel);
    return (ssize_t)length;
}

/* What the library reads of a VF must be what is there. */
static int get(int *expected)
{
    virMacAddr mac = {{0xee}}, other = {{0xee}};
    int vlan = -7, other_vlan = -7, result = virNetDevGetVfConfig("fake0", VF, &mac, &vlan);
    struct info info = read_vf();

    if (info.result == 0) {
        memcpy(&other, datagram + info.mac, sizeof(other));
        other_vlan = (int)number(info.vlan + 4, 4);
    }
    *expected = info.result;
    if (memcmp(&mac, &other, sizeof(mac)) != 0 || vlan != other_vlan)
        abort();
    return result;
}

/* --- one input ------------------------------------------------------------------------------------ */

static const char *failed(int result, int expected)
{
    static char text[80];

    snprintf(text, sizeof(text), "the library returned %d, the independent reader %d", result, expected);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char payload[36] = {0};
    const int none = 0;
    int result, expected;

    if (size < 1 || size - 1 > DATAGRAM_MAX)
        return 0;
    if (!datagram)
        datagram = malloc(DATAGRAM_MAX);
    datagram_length = size - 1;
    memcpy(datagram, data + 1, datagram_length);
    keeps_sequence = data[0] & 0x80;
    refuses_first = (data[0] & 3) == 1;
    exchange = 0;
    on = true;
    if (data[0] & 2) {
        result = get(&expected);
    } else if (refuses_first) {
        result = virNetDevSetVfVlan("fake0", VF, &none);
        expected = clear() ? 0 : -EPERM;
    } else {
        result = virNetDevSendVfSetLinkRequest("fake0", IFLA_VF_MAC, payload, sizeof(payload));
        expected = verdict();
    }
    on = false;
    if (result != expected) {
        fprintf(stderr, "%s\n", failed(result, expected));
        abort();
    }
    return 0;
}

#ifdef DRIVER
static unsigned long cases;

static void check(const unsigned char *bytes, size_t length)
{
    cases++;
    LLVMFuzzerTestOneInput(bytes, length);
}

/* Cut at every place; every byte, and every two as one number, replaced by what is just beside it or at an end. */
static void spoil(unsigned char *bytes, size_t length)
{
    for (size_t cut = 1; cut <= length; cut++)
        check(bytes, cut);
    for (size_t at = 1; at < length; at++) {
        const unsigned char was = bytes[at], instead[] = {0, 1, 0x7f, 0x80, 0xff, was + 1, was - 1, was ^ 4,
                                                          was ^ 0x80};

        for (size_t i = 0; i < sizeof(instead); i++) {
            bytes[at] = instead[i];
            check(bytes, length);
        }
        bytes[at] = was;
        if (at + 1 < length) {
            const unsigned short pair = (unsigned short)(bytes[at] | bytes[at + 1] << 8);
            const unsigned short others[] = {0, 3, 4, 0xffff, 0xfffc, pair + 4, pair - 4, pair + 1, pair - 1};

            for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
                memcpy(bytes + at, &others[i], 2);
                check(bytes, length);
            }
            memcpy(bytes + at, &pair, 2);
        }
    }
}

int main(int argc, char **argv)
{
    static unsigned char bytes[DATAGRAM_MAX + 1];

    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        size_t length = file ? fread(bytes, 1, sizeof(bytes), file) : 0;

        if (!length)
            return 2;
        fclose(file);
        /* A long one is spoilt at its start and cut: all of it would be the same over and over. */
        if (length <= 4096)
            spoil(bytes, length);
        else
            for (size_t cut = length; cut > 0; cut -= cut > 5000 ? 997 : 1)
                check(bytes, cut);
    }
    printf("%lu\n", cases);
    return 0;
}
#endif
