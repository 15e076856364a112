/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ctests/bench/bench.sh's floor: no library at all, the messages made beforehand.
 *
 *   four   socket, sendto, recv, close: the least that brings a verdict
 *   six    the six calls that the library makes, which also keep forged answers out and fetch the kernel's words
 */
#define _GNU_SOURCE
#include "bench.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/netlink.h"

/* A request, and its memory. */
struct request {
    struct message message;
    _Alignas(8) unsigned char bytes[256];
};
static struct request set_mac, set_vlan, clear_vlan, get;
static bool six;

static void begin(struct request *request, int type, int flags, const char *interface)
{
    request->message.bytes = request->bytes;
    begin_message(&request->message, type, flags);
    put_attribute(&request->message, IFLA_IFNAME, interface, strlen(interface) + 1);
}

static void set(struct request *request, const char *interface, int type, const void *payload, size_t length)
{
    size_t list, info;

    begin(request, RTM_SETLINK, NLM_F_REQUEST | NLM_F_ACK, interface);
    list = put_attribute(&request->message, IFLA_VFINFO_LIST | NLA_F_NESTED, NULL, 0);
    info = put_attribute(&request->message, IFLA_VF_INFO | NLA_F_NESTED, NULL, 0);
    put_attribute(&request->message, type, payload, length);
    end_nested(&request->message, info);
    end_nested(&request->message, list);
    end_message(&request->message);
}

void prepare(const char *interface, int argc, char **argv)
{
    struct ifla_vf_mac mac = {.vf = 0};
    struct ifla_vf_vlan vlan = {.vf = 0, .vlan = BENCH_VLAN}, none = {.vf = 0};
    uint32_t mask = RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS;

    six = argc > 0 && strcmp(argv[0], "six") == 0;
    memcpy(mac.mac, bench_mac, sizeof(bench_mac));
    set(&set_mac, interface, IFLA_VF_MAC, &mac, sizeof(mac));
    set(&set_vlan, interface, IFLA_VF_VLAN, &vlan, sizeof(vlan));
    set(&clear_vlan, interface, IFLA_VF_VLAN, &none, sizeof(none));
    begin(&get, RTM_GETLINK, NLM_F_REQUEST, interface);
    put_attribute(&get.message, IFLA_EXT_MASK, &mask, sizeof(mask));
    end_message(&get.message);
}

/* The number in the answer. */
static int verdict(const unsigned char *answer, ssize_t length)
{
    const struct nlmsghdr *header = (const struct nlmsghdr *)answer;

    if (length < (ssize_t)(NLMSG_HDRLEN + sizeof(int)))
        return -EBADMSG;
    return header->nlmsg_type == NLMSG_ERROR ? *(const int *)NLMSG_DATA(header) : 0;
}

static int four_calls(const struct message *message)
{
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    _Alignas(8) unsigned char answer[8192];
    int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    ssize_t length;

    if (s < 0)
        return -errno;
    sendto(s, message->bytes, message->length, 0, (struct sockaddr *)&kernel, sizeof(kernel));
    length = recv(s, answer, sizeof(answer), 0);
    close(s);
    return verdict(answer, length);
}

static int six_calls(const struct message *message)
{
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK}, sender;
    _Alignas(8) unsigned char answer[8192];
    socklen_t sender_length = sizeof(sender);
    struct iovec gather = {(void *)message->bytes, message->length};
    struct msghdr request = {.msg_iov = &gather, .msg_iovlen = 1};
    int one = 1, s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    ssize_t length;

    if (s < 0)
        return -errno;
    setsockopt(s, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
    connect(s, (struct sockaddr *)&kernel, sizeof(kernel));
    sendmsg(s, &request, MSG_NOSIGNAL);
    length = recvfrom(s, answer, sizeof(answer), MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&sender, &sender_length);
    close(s);
    return verdict(answer, length);
}

static int ask(const struct message *message)
{
    return six ? six_calls(message) : four_calls(message);
}

int perform(enum operation operation)
{
    int result;

    switch (operation) {
    case REQUEST:
    case MAC:
        return ask(&set_mac.message);
    case VLAN:
        return ask(&set_vlan.message);
    case BOTH:
    case GUEST:
        result = ask(&set_mac.message);
        return result ? result : ask(operation == BOTH ? &set_vlan.message : &clear_vlan.message);
    case CLEAR:
        result = ask(&clear_vlan.message);
        /* What the VF has, as the library reads it then. */
        return result == -EPERM ? ask(&get.message) : result;
    default:
        return 0;
    }
}
