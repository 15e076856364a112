/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads what a request asks for. See sequences.h. */
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "sequences.h"

bool strange_request;

static const struct rtattr *find(const struct rtattr *at, size_t length, unsigned short type)
{
    for (; RTA_OK(at, length); at = RTA_NEXT(at, length))
        if ((at->rta_type & NLA_TYPE_MASK) == type)
            return at;
    return NULL;
}

static const struct rtattr *within(const struct rtattr *outer, unsigned short type)
{
    return outer ? find(RTA_DATA(outer), RTA_PAYLOAD(outer), type) : NULL;
}

enum what read_request(const struct sent *sent, struct vf *wanted)
{
    const struct nlmsghdr *header = (const void *)sent->bytes;
    const struct rtattr *first = IFLA_RTA((const struct ifinfomsg *)NLMSG_DATA(header)), *info, *mac, *vlan;

    *wanted = vf;
    if (header->nlmsg_type == RTM_GETLINK)
        return GET_LIST;
    info = within(find(first, IFLA_PAYLOAD(header), IFLA_VFINFO_LIST), IFLA_VF_INFO);
    mac = within(info, IFLA_VF_MAC);
    vlan = within(info, IFLA_VF_VLAN);
    if (!mac == !vlan)
        strange_request = true;
    if (mac) {
        const struct ifla_vf_mac *payload = RTA_DATA(mac);

        memcpy(&wanted->mac, payload->mac, sizeof(wanted->mac));
        strange_request |= payload->vf != VF;
        return SET_MAC;
    }
    if (vlan) {
        const struct ifla_vf_vlan *payload = RTA_DATA(vlan);

        wanted->vlan = (struct vlan){payload->vlan, payload->qos, 0};
        strange_request |= payload->vf != VF;
    }
    return SET_VLAN;
}
