/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Gives the library any bytes as the kernel's answer, and compares its result with that of an independent reader
 * (reader.h). If they differ, the program aborts, as it does after a panic in the library.
 *
 * The first byte of an input is the call: 0 a request, 1 an explicit clear that was refused, 2 reading a VF. The rest
 * is the datagram: the answer to the request, or the interface with its VFs. The program replaces its sequence number
 * by that of the request, unless the highest bit of the first byte is set.
 *
 *   answers FILE...       (with DRIVER) runs each file, and each change that spoil() makes to it
 *
 * Without DRIVER it is a target for libFuzzer.
 */
#define _GNU_SOURCE
#include "reader.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <virnetdevvf.h>

/* --- a kernel that answers with the given bytes, on a real socket --------------------------------- */

static bool taken, refuses, keeps_sequence;
static time_t now;
static int real;

/* One real socket for all calls, which is faster. It accepts the library's options and connect(2). */
int socket(int domain, int type, int protocol)
{
    if (!real)
        real = (int)syscall(SYS_socket, domain, type, protocol);
    return real;
}

/* libFuzzer uses other files and the real clock. */
int close(int fd)
{
    return fd == real ? 0 : (int)syscall(SYS_close, fd);
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    if (clock != CLOCK_MONOTONIC_COARSE)
        return (int)syscall(SYS_clock_gettime, clock, time);
    *time = (struct timespec){.tv_sec = now};
    return 0;
}

/* No answer comes, and 10 s pass. */
int poll(struct pollfd *fds, nfds_t count, int timeout)
{
    (void)fds, (void)count, (void)timeout;
    now += 10;
    return 0;
}

/* Sends nothing, and keeps the request's sequence number for the answer. */
ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    size_t length = 0;

    (void)fd, (void)flags;
    taken = false;
    memcpy(&sequence, (char *)message->msg_iov[0].iov_base + offsetof(struct nlmsghdr, nlmsg_seq), sizeof(sequence));
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
    size_t length = refuses ? sizeof(refusal) : datagram_length;

    (void)fd;
    if (taken) {
        errno = EAGAIN;
        return -1;
    }
    if (!keeps_sequence && datagram_length >= 12)
        memcpy(datagram + 8, &sequence, sizeof(sequence));
    memcpy(buffer, refuses ? (void *)&refusal : datagram, length < room ? length : room);
    taken = !(flags & MSG_PEEK);
    refuses = false;
    *(struct sockaddr_nl *)(void *)from = (struct sockaddr_nl){.nl_family = AF_NETLINK};
    *from_length = sizeof(struct sockaddr_nl);
    return (ssize_t)length;
}

/* --- one input ------------------------------------------------------------------------------------ */

/* The library must read what the VF has; if it fails, it must write nothing. */
static int get(int *expected)
{
    const virMacAddr none = {{0xee}};
    virMacAddr mac = none;
    int vlan = -7, result = virNetDevGetVfConfig("fake0", VF, &mac, &vlan);
    struct info info = read_vf();

    *expected = info.result;
    if (memcmp(&mac, info.result ? (void *)&none : datagram + info.mac + 4, sizeof(mac)) != 0 ||
        vlan != (info.result ? -7 : (int)number(info.vlan + 4, 4)))
        abort();
    return result;
}

static unsigned long cases;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char payload[36] = {0};
    const int none = 0;
    int result, expected;

    cases++;
    if (size < 1 || size - 1 > DATAGRAM_MAX)
        return 0;
    datagram_length = size - 1;
    memcpy(datagram, data + 1, datagram_length);
    keeps_sequence = data[0] & 0x80;
    refuses = (data[0] & 3) == 1;
    if (data[0] & 2) {
        result = get(&expected);
    } else if (refuses) {
        result = virNetDevSetVfVlan("fake0", VF, &none);
        expected = clear() ? 0 : -EPERM;
    } else {
        result = virNetDevSendVfSetLinkRequest("fake0", IFLA_VF_MAC, payload, sizeof(payload));
        expected = verdict();
    }
    if (result != expected) {
        fprintf(stderr, "the library returned %d, the independent reader %d\n", result, expected);
        abort();
    }
    return 0;
}

#ifdef DRIVER
/* Cuts the input at every place. Replaces each byte, and each 2 bytes, by numbers near to it and by extreme numbers. */
static void spoil(unsigned char *bytes, size_t length)
{
    static const unsigned short ends[2][6] = {{0, 1, 0x7f, 0x80, 0xff, 0xff}, {0, 3, 4, 0xffff, 0xfffc, 0xfffc}};
    static const short steps[2][4] = {{1, -1, 4, 0x80}, {1, -1, 4, -4}};

    for (size_t cut = 1; cut <= length; cut++)
        LLVMFuzzerTestOneInput(bytes, cut);
    for (size_t size = 1; size <= 2; size++)
        for (size_t at = 1; at + size <= length; at++) {
            unsigned short was = 0, instead;

            memcpy(&was, bytes + at, size);
            for (size_t i = 0; i < 10; i++) {
                instead = i < 6 ? ends[size - 1][i] : (unsigned short)(was + steps[size - 1][i - 6]);
                memcpy(bytes + at, &instead, size);
                LLVMFuzzerTestOneInput(bytes, length);
            }
            memcpy(bytes + at, &was, size);
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
        /* A long input is only cut: changed bytes would repeat the same cases. */
        if (length <= 4096)
            spoil(bytes, length);
        else
            for (size_t cut = length; cut > 0; cut -= cut > 5000 ? 997 : 1)
                LLVMFuzzerTestOneInput(bytes, cut);
    }
    printf("%lu\n", cases);
    return 0;
}
#endif
