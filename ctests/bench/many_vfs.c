/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Preloaded by ctests/bench/bench.sh: a DPU with as many VFs as the variable BENCH_VFS says, because there is no NIC
 * with so many here. It refuses every RTM_SETLINK with EPERM, and lists its VFs as Linux does, including the 16-bit
 * length of the list, which wraps from 335 VFs on.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../lib/netlink.h"

enum { BEFORE = 1000, ROOM = 1024 * 1024 };

static _Alignas(8) unsigned char list[ROOM], refusal[NLMSG_LENGTH(sizeof(struct nlmsgerr))];
static struct message answers[2] = {{refusal, 0}, {list, 0}};
static const struct message *answer;

static __attribute__((constructor)) void make_answers(void)
{
    const char *text = getenv("BENCH_VFS");
    uint32_t vfs = text ? (uint32_t)atoi(text) : 0;
    struct message *link = &answers[1];
    size_t start;

    begin_message(&answers[0], NLMSG_ERROR, 0);
    put_bytes(&answers[0], &(struct nlmsgerr){.error = -EPERM}, sizeof(struct nlmsgerr));
    end_message(&answers[0]);

    begin_message(link, RTM_NEWLINK, 0);
    put_attribute(link, IFLA_IFNAME, "eth0", 5);
    /* What else an interface has before its VFs. */
    while (link->length < BEFORE)
        put_attribute(link, IFLA_STATS64, NULL, 96);
    put_attribute(link, IFLA_NUM_VF, &vfs, sizeof(vfs));
    start = put_attribute(link, IFLA_VFINFO_LIST, NULL, 0);
    for (uint32_t vf = 0; vf < vfs; vf++) {
        struct ifla_vf_mac mac = {.vf = vf};
        struct ifla_vf_vlan vlan = {.vf = vf};
        size_t entry = put_attribute(link, IFLA_VF_INFO, NULL, 0);

        put_attribute(link, IFLA_VF_MAC, &mac, sizeof(mac));
        put_attribute(link, IFLA_VF_VLAN, &vlan, sizeof(vlan));
        fill_up(link, IFLA_VF_STATS, entry + VF_ENTRY);
        end_nested(link, entry);
    }
    end_nested(link, start);
    end_message(link);
}

/* A real socket, so that all other calls on it are real. */
ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    const struct nlmsghdr *request = message->msg_iov[0].iov_base;
    ssize_t length = 0;

    (void)fd;
    (void)flags;
    for (size_t i = 0; i < message->msg_iovlen; i++)
        length += (ssize_t)message->msg_iov[i].iov_len;
    answer = &answers[request->nlmsg_type == RTM_GETLINK];
    memcpy(answer->bytes + offsetof(struct nlmsghdr, nlmsg_seq), &request->nlmsg_seq, 4);
    return length;
}

ssize_t recvfrom(int fd, void *buffer, size_t room, int flags, struct sockaddr *from, socklen_t *from_length)
{
    size_t length = answer->length < room ? answer->length : room;
    struct iovec local = {buffer, length}, remote = {answer->bytes, length};

    (void)fd;
    (void)flags;
    /* The kernel copies it, as it copies a real answer: that takes no instructions of the program. */
    if (process_vm_readv(getpid(), &local, 1, &remote, 1, 0) != (ssize_t)length)
        abort();
    memcpy(from, &(struct sockaddr_nl){.nl_family = AF_NETLINK}, sizeof(struct sockaddr_nl));
    *from_length = sizeof(struct sockaddr_nl);
    return (ssize_t)answer->length;
}
