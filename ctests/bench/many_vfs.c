/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Preloaded by ctests/bench/bench.sh: a DPU with as many VFs as the variable BENCH_VFS says, because there is no NIC
 * with so many here. It refuses every RTM_SETLINK with EPERM, and lists its VFs as Linux does, including the 16-bit
 * length of the list, which wraps.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { DESCRIPTOR = 1000000, BEFORE = 1000, ENTRY = 196, ROOM = 1024 * 1024 };

static _Alignas(8) unsigned char list[ROOM], refusal[NLMSG_LENGTH(sizeof(struct nlmsgerr))];
static const struct iovec *answer;
static struct iovec answers[2] = {{refusal, sizeof(refusal)}, {list, 0}};

static void add(uint16_t type, const void *payload, uint16_t length)
{
    struct nlattr header = {(uint16_t)(NLA_HDRLEN + length), type};

    memcpy(list + answers[1].iov_len, &header, sizeof(header));
    if (payload)
        memcpy(list + answers[1].iov_len + NLA_HDRLEN, payload, length);
    answers[1].iov_len += NLMSG_ALIGN(NLA_HDRLEN + length);
}

static __attribute__((constructor)) void make_answers(void)
{
    const char *text = getenv("BENCH_VFS");
    uint32_t vfs = text ? (uint32_t)atoi(text) : 0;
    struct nlmsghdr header = {.nlmsg_len = sizeof(refusal), .nlmsg_type = NLMSG_ERROR};
    struct nlmsgerr error = {.error = -EPERM};
    struct nlattr whole;
    size_t start;

    memcpy(refusal, &header, sizeof(header));
    memcpy(refusal + NLMSG_HDRLEN, &error, sizeof(error));

    answers[1].iov_len = NLMSG_LENGTH(sizeof(struct ifinfomsg));
    add(IFLA_IFNAME, "eth0", 5);
    /* What else an interface has before its VFs. */
    while (answers[1].iov_len < BEFORE)
        add(IFLA_STATS64, NULL, 96);
    add(IFLA_NUM_VF, &vfs, sizeof(vfs));
    start = answers[1].iov_len;
    answers[1].iov_len += NLA_HDRLEN;
    for (uint32_t vf = 0; vf < vfs; vf++) {
        struct ifla_vf_mac mac = {.vf = vf};
        struct ifla_vf_vlan vlan = {.vf = vf};

        add(IFLA_VF_INFO, NULL, ENTRY - NLA_HDRLEN);
        answers[1].iov_len -= ENTRY - NLA_HDRLEN;
        add(IFLA_VF_MAC, &mac, sizeof(mac));
        add(IFLA_VF_VLAN, &vlan, sizeof(vlan));
        answers[1].iov_len = start + NLA_HDRLEN + (vf + 1) * ENTRY;
        /* The rest of the entry is one attribute of zeros, so that it can be walked. */
        uint16_t left = (uint16_t)(ENTRY - NLA_HDRLEN - 40 - 16);
        struct nlattr rest = {left, IFLA_VF_STATS};
        memcpy(list + answers[1].iov_len - left, &rest, sizeof(rest));
    }
    whole = (struct nlattr){(uint16_t)(answers[1].iov_len - start), IFLA_VFINFO_LIST};
    memcpy(list + start, &whole, sizeof(whole));
    header = (struct nlmsghdr){.nlmsg_len = (uint32_t)answers[1].iov_len, .nlmsg_type = RTM_NEWLINK};
    memcpy(list, &header, sizeof(header));
}

int socket(int domain, int type, int protocol)
{
    return domain == AF_NETLINK ? DESCRIPTOR : (int)syscall(SYS_socket, domain, type, protocol);
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
    return fd == DESCRIPTOR ? 0 : (int)syscall(SYS_setsockopt, fd, level, name, value, length);
}

int connect(int fd, const struct sockaddr *address, socklen_t length)
{
    return fd == DESCRIPTOR ? 0 : (int)syscall(SYS_connect, fd, address, length);
}

int close(int fd)
{
    return fd == DESCRIPTOR ? 0 : (int)syscall(SYS_close, fd);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    const struct nlmsghdr *request = message->msg_iov[0].iov_base;
    ssize_t length = 0;

    if (fd != DESCRIPTOR)
        return syscall(SYS_sendmsg, fd, message, flags);
    for (size_t i = 0; i < message->msg_iovlen; i++)
        length += (ssize_t)message->msg_iov[i].iov_len;
    answer = &answers[request->nlmsg_type == RTM_GETLINK];
    memcpy((unsigned char *)answer->iov_base + offsetof(struct nlmsghdr, nlmsg_seq), &request->nlmsg_seq, 4);
    return length;
}

/* By the kernel, as a real answer is: none of the program's instructions. */
static void copy(void *to, const void *from, size_t length)
{
    struct iovec local = {to, length}, remote = {(void *)from, length};

    if (process_vm_readv(getpid(), &local, 1, &remote, 1, 0) != (ssize_t)length)
        abort();
}

ssize_t recvfrom(int fd, void *buffer, size_t room, int flags, struct sockaddr *from, socklen_t *from_length)
{
    size_t length = answer && answer->iov_len < room ? answer->iov_len : room;

    if (fd != DESCRIPTOR)
        return syscall(SYS_recvfrom, fd, buffer, room, flags, from, from_length);
    copy(buffer, answer->iov_base, length);
    memcpy(from, &(struct sockaddr_nl){.nl_family = AF_NETLINK}, sizeof(struct sockaddr_nl));
    *from_length = sizeof(struct sockaddr_nl);
    return (ssize_t)answer->iov_len;
}
