/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A contestant of ctests/bench/bench.sh: libnl-route-3. As libvirt does, it opens a socket for each change.
 */
#include "bench.h"

#include <errno.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/link/sriov.h>
#include <stdbool.h>
#include <stdlib.h>

/* libnl changes a link by its number. Finding that is not counted. */
static int interface;

void prepare(const char *name, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    interface = (int)if_nametoindex(name);
}

/* One RTM_SETLINK. libnl has error numbers of its own. */
static int change(bool with_mac, int vlan)
{
    struct nl_sock *socket = nl_socket_alloc();
    struct rtnl_link *original = rtnl_link_alloc(), *changes = rtnl_link_alloc();
    struct rtnl_link_vf *vf = rtnl_link_vf_alloc();
    struct nl_addr *address = NULL;
    nl_vf_vlans_t *vlans = NULL;
    int result;

    if (!socket || !original || !changes || !vf)
        abort();
    rtnl_link_set_ifindex(original, interface);
    rtnl_link_vf_set_index(vf, 0);
    if (with_mac) {
        address = nl_addr_build(AF_LLC, bench_mac, sizeof(bench_mac));
        rtnl_link_vf_set_addr(vf, address);
    }
    if (vlan >= 0) {
        if (rtnl_link_vf_vlan_alloc(&vlans, 1) < 0)
            abort();
        vlans->vlans[0].vf_vlan = (uint32_t)vlan;
        rtnl_link_vf_set_vlans(vf, vlans);
    }
    rtnl_link_vf_add(changes, vf);
    result = nl_connect(socket, NETLINK_ROUTE);
    if (result == 0)
        result = rtnl_link_change(socket, original, changes, 0);
    if (vlans)
        rtnl_link_vf_vlan_put(vlans);
    if (address)
        nl_addr_put(address);
    rtnl_link_vf_put(vf);
    rtnl_link_put(changes);
    rtnl_link_put(original);
    nl_socket_free(socket);
    if (result == -NLE_PERM)
        return -EPERM;
    return result == -NLE_OPNOTSUPP ? -EOPNOTSUPP : result;
}

int perform(enum operation operation)
{
    int result;

    switch (operation) {
    case REQUEST:
    case MAC:
        return change(true, -1);
    case VLAN:
        return change(false, BENCH_VLAN);
    case BOTH:
    case GUEST:
        result = change(true, -1);
        return result ? result : change(false, operation == BOTH ? BENCH_VLAN : 0);
    case CLEAR:
        return change(false, 0);
    default:
        return 0;
    }
}
