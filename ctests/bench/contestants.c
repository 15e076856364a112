/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The contestants of ctests/bench/bench.sh:
 *
 *   four    socket, sendto, recv, close: the minimum for a request. No library; the messages are made beforehand
 *   six     the six calls that this library makes, which also keep forged answers out and fetch the kernel's text
 *   libnl   libnl-route-3. As libvirt does, it opens a socket for each change
 *   any other name is a library with virNetDevSetVfConfig() and the others: this one, or Debian's libvirt0
 */
#define _GNU_SOURCE
#include "bench.h"

#include <dlfcn.h>
#include <errno.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/link/sriov.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/netlink.h"

int (*perform)(enum operation operation);

static const unsigned char the_mac[6] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};
enum { THE_VLAN = 42, NO_VLAN = 0, VLAN_AS_IT_IS = -1 };
static const char *interface;

/* An operation of a contestant that sends each change, the MAC or the VLAN, as a request of its own. */
static inline int in_steps(int (*change)(int vlan), enum operation operation)
{
    int result = change(operation == VLAN ? THE_VLAN : VLAN_AS_IT_IS);

    return result == 0 && operation == GUEST ? change(NO_VLAN) : result;
}

/* --- system calls ------------------------------------------------------------------------------------------------- */

static _Alignas(8) unsigned char mac_bytes[256], vlan_bytes[256], clear_bytes[256];
static struct message set_mac = {mac_bytes, 0}, set_vlan = {vlan_bytes, 0}, clear_vlan = {clear_bytes, 0};

static void make(struct message *message, int type, const void *payload, size_t length)
{
    size_t list, info;

    begin_message(message, RTM_SETLINK, NLM_F_REQUEST | NLM_F_ACK);
    put_attribute(message, IFLA_IFNAME, interface, strlen(interface) + 1);
    list = put_attribute(message, IFLA_VFINFO_LIST | NLA_F_NESTED, NULL, 0);
    info = put_attribute(message, IFLA_VF_INFO | NLA_F_NESTED, NULL, 0);
    put_attribute(message, type, payload, length);
    end_nested(message, info);
    end_nested(message, list);
    end_message(message);
}

static void make_messages(void)
{
    struct ifla_vf_mac mac = {.vf = 0};
    struct ifla_vf_vlan vlan = {.vf = 0, .vlan = THE_VLAN}, none = {.vf = 0};

    memcpy(mac.mac, the_mac, sizeof(the_mac));
    make(&set_mac, IFLA_VF_MAC, &mac, sizeof(mac));
    make(&set_vlan, IFLA_VF_VLAN, &vlan, sizeof(vlan));
    make(&clear_vlan, IFLA_VF_VLAN, &none, sizeof(none));
}

static inline __attribute__((always_inline)) int exchange(int vlan, bool six)
{
    const struct message *message = vlan == VLAN_AS_IT_IS ? &set_mac : vlan == NO_VLAN ? &clear_vlan : &set_vlan;
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK}, sender;
    union {
        struct nlmsghdr header;
        unsigned char bytes[8192];
    } answer;
    socklen_t sender_length = sizeof(sender);
    struct iovec gather = {message->bytes, message->length};
    struct msghdr request = {.msg_iov = &gather, .msg_iovlen = 1};
    int one = 1, s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    ssize_t length;

    if (s < 0)
        return -errno;
    if (six) {
        setsockopt(s, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
        connect(s, (struct sockaddr *)&kernel, sizeof(kernel));
        sendmsg(s, &request, MSG_NOSIGNAL);
        length = recvfrom(s, &answer, sizeof(answer), MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&sender,
                          &sender_length);
    } else {
        sendto(s, message->bytes, message->length, 0, (struct sockaddr *)&kernel, sizeof(kernel));
        length = recv(s, &answer, sizeof(answer), 0);
    }
    close(s);
    if (length < (ssize_t)NLMSG_LENGTH(sizeof(int)) || answer.header.nlmsg_type != NLMSG_ERROR)
        return -EBADMSG;
    return *(const int *)NLMSG_DATA(&answer.header);
}

static int four_calls(int vlan) { return exchange(vlan, false); }
static int six_calls(int vlan) { return exchange(vlan, true); }
static int by_four(enum operation operation) { return in_steps(four_calls, operation); }
static int by_six(enum operation operation) { return in_steps(six_calls, operation); }

/* --- libnl -------------------------------------------------------------------------------------------------------- */

/* libnl changes a link by its number. Finding that is not counted. */
static int number;

static int change_by_libnl(int vlan)
{
    struct nl_sock *socket = nl_socket_alloc();
    struct rtnl_link *original = rtnl_link_alloc(), *changes = rtnl_link_alloc();
    struct rtnl_link_vf *vf = rtnl_link_vf_alloc();
    struct nl_addr *address = NULL;
    nl_vf_vlans_t *vlans = NULL;
    int result;

    if (!socket || !original || !changes || !vf)
        abort();
    rtnl_link_set_ifindex(original, number);
    rtnl_link_vf_set_index(vf, 0);
    if (vlan == VLAN_AS_IT_IS) {
        address = nl_addr_build(AF_LLC, the_mac, sizeof(the_mac));
        rtnl_link_vf_set_addr(vf, address);
    } else {
        if (rtnl_link_vf_vlan_alloc(&vlans, 1) < 0)
            abort();
        vlans->vlans[0].vf_vlan = (uint32_t)vlan;
        rtnl_link_vf_set_vlans(vf, vlans);
    }
    rtnl_link_vf_add(changes, vf);
    result = nl_connect(socket, NETLINK_ROUTE);
    if (result == 0)
        result = rtnl_link_change(socket, original, changes, 0);
    rtnl_link_vf_vlan_put(vlans);
    nl_addr_put(address);
    rtnl_link_vf_put(vf);
    rtnl_link_put(changes);
    rtnl_link_put(original);
    nl_socket_free(socket);
    /* libnl has its own error numbers. */
    return result == -NLE_PERM ? -EPERM : result == -NLE_OPNOTSUPP ? -EOPNOTSUPP : result;
}

static int by_libnl(enum operation operation) { return in_steps(change_by_libnl, operation); }

/* --- a library ---------------------------------------------------------------------------------------------------- */

static int (*lib_request)(const char *, int, const void *, size_t);
static int (*lib_mac)(const char *, int, const void *, bool *);
static int (*lib_vlan)(const char *, int, const int *);
static int (*lib_config)(const char *, int, const void *, const int *, bool *);

static void *find(void *library, const char *name)
{
    void *found = library ? dlsym(library, name) : NULL;

    if (!found) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    return found;
}

static void silent(void *unused, const void *error)
{
    (void)unused;
    (void)error;
}

static void load(const char *file)
{
    void *library = dlopen(file, RTLD_NOW);
    int (*initialize)(void);
    void (*set_error_function)(void *, void (*)(void *, const void *));

    *(void **)&lib_request = find(library, "virNetDevSendVfSetLinkRequest");
    *(void **)&lib_mac = find(library, "virNetDevSetVfMac");
    *(void **)&lib_vlan = find(library, "virNetDevSetVfVlan");
    *(void **)&lib_config = find(library, "virNetDevSetVfConfig");
    /* Starts libvirt, and stops it from printing its errors. */
    *(void **)&initialize = dlsym(library, "virInitialize");
    *(void **)&set_error_function = dlsym(library, "virSetErrorFunc");
    if (initialize && initialize() < 0)
        exit(1);
    if (set_error_function)
        set_error_function(NULL, silent);
}

static int by_library(enum operation operation)
{
    struct ifla_vf_mac mac = {.vf = 0};
    int vlan = operation == CLEAR ? NO_VLAN : THE_VLAN;
    bool retry = false;

    switch (operation) {
    case MAC:
        return lib_mac(interface, 0, the_mac, &retry);
    case VLAN:
    case CLEAR:
        return lib_vlan(interface, 0, &vlan);
    case GUEST:
        return lib_config(interface, 0, the_mac, NULL, &retry);
    default:
        memcpy(mac.mac, the_mac, sizeof(the_mac));
        return lib_request(interface, IFLA_VF_MAC, &mac, sizeof(mac));
    }
}

void prepare(const char *contestant, const char *name)
{
    interface = name;
    number = (int)if_nametoindex(name);
    make_messages();
    if (strcmp(contestant, "four") == 0) {
        perform = by_four;
    } else if (strcmp(contestant, "six") == 0) {
        perform = by_six;
    } else if (strcmp(contestant, "libnl") == 0) {
        perform = by_libnl;
    } else {
        load(contestant);
        perform = by_library;
    }
}
