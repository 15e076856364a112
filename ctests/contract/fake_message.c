/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes the bytes of the fake kernel's answers. See fake.h. */
#include "fake.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <net/if.h>
#include <stdlib.h>

#include "../lib/netlink.h"

/* A VF's VLAN with its protocol, which Linux 4.9 and newer list. */
static void put_vlan_list(struct message *message, const struct ifla_vf_vlan *vlan, unsigned short protocol,
                          enum flaw flaw)
{
    struct ifla_vf_vlan_info info = {
        .vf = flaw == OTHERS_INFO ? vlan->vf + 1 : vlan->vf, .vlan = vlan->vlan, .qos = vlan->qos,
        .vlan_proto = htons(protocol ? protocol : ETH_P_8021Q),
    };
    size_t list = put_attribute(message, IFLA_VF_VLAN_LIST | NLA_F_NESTED, NULL, 0);

    if (flaw != NO_INFO)
        put_attribute(message, IFLA_VF_VLAN_INFO, &info, flaw == SHORT_INFO ? 12 : sizeof(info));
    end_nested(message, list);
}

/* The entry of one VF. Only the last entry of a list has a flaw. */
static void put_entry(struct message *message, const struct answer *answer, unsigned vf, enum flaw flaw)
{
    unsigned number = flaw == NUMBER_TWICE ? vf - 1 : flaw == DESCENDING ? 0 : vf;
    struct ifla_vf_mac mac = {.vf = flaw == OTHERS_MAC ? 0 : number, .mac = LISTED_MAC};
    struct ifla_vf_vlan vlan = {.vf = number};
    int type = flaw == OTHER_TYPE_OF_ENTRY ? 9 : IFLA_VF_INFO;
    size_t entry = put_attribute(message, type | NLA_F_NESTED, NULL, 0);

    if (vf == answer->vf) {
        if (answer->mac)
            memcpy(mac.mac, answer->mac, 6);
        vlan.vlan = answer->vlan;
        vlan.qos = answer->qos;
    }
    if (flaw != NO_MAC)
        put_attribute(message, IFLA_VF_MAC, &mac, flaw == SHORT_MAC ? 32 : sizeof(mac));
    if (flaw == MAC_TWICE)
        put_attribute(message, IFLA_VF_MAC, &mac, sizeof(mac));
    if (flaw != NO_VLAN)
        put_attribute(message, IFLA_VF_VLAN, &vlan, flaw == SHORT_VLAN ? 8 : sizeof(vlan));
    if (flaw == VLAN_TWICE)
        put_attribute(message, IFLA_VF_VLAN, &vlan, sizeof(vlan));
    put_vlan_list(message, &vlan, vf == answer->vf ? answer->protocol : 0, flaw);
    if (flaw == INFO_TWICE)
        put_vlan_list(message, &vlan, 0, flaw);
    /* One attribute replaces all others that the kernel lists for a VF. */
    fill_up(message, IFLA_VF_RATE, entry + VF_ENTRY);
    end_nested(message, entry);
}

static void put_list(struct message *message, const struct answer *answer)
{
    size_t list = put_attribute(message, IFLA_VFINFO_LIST | NLA_F_NESTED, NULL, 0);

    for (unsigned vf = 0; vf < answer->listed; vf++)
        if (vf < answer->gap_from || vf >= answer->gap_from + answer->gap)
            put_entry(message, answer, vf, vf + 1 == answer->listed ? answer->flaw : NONE);
    end_nested(message, list);
    if (answer->flaw == LENGTH_MORE)
        set_length(message, list, message->length - list + 4);
    if (answer->flaw == LENGTH_LESS)
        set_length(message, list, message->length - list - VF_ENTRY);
}

/* An interface: some attributes before its list of VFs, the list, and some after it. */
static void put_link(struct message *message, const struct answer *answer)
{
    struct ifinfomsg *interface = (struct ifinfomsg *)(void *)(message->bytes + NLMSG_HDRLEN);
    size_t last;

    interface->ifi_flags = answer->down ? 0 : IFF_UP;
    put_attribute(message, IFLA_IFNAME, "fake0", 6);
    if (answer->flaw != NO_NUM_VF)
        put_attribute(message, IFLA_NUM_VF, &answer->said, 4);
    if (answer->flaw == NUM_VF_TWICE)
        put_attribute(message, IFLA_NUM_VF, &answer->said, 4);
    if (!answer->no_list)
        put_list(message, answer);
    if (answer->flaw == LIST_TWICE)
        put_list(message, answer);
    last = put_attribute(message, IFLA_PROTO_DOWN, "", 1);
    fill_up(message, 999, answer->filled_to);
    if (answer->flaw == BROKEN_AFTER)
        set_length(message, last, 100);
}

static void put_error(struct message *message, const struct answer *answer, const struct sent *sent)
{
    struct nlmsghdr *header = (struct nlmsghdr *)message->bytes;

    put_bytes(message, &answer->error, sizeof(answer->error));
    if (answer->error == 0 || fake.cap_ack_asked) {
        header->nlmsg_flags |= NLM_F_CAPPED;
        put_bytes(message, sent->bytes, sizeof(struct nlmsghdr));
    } else {
        put_bytes(message, sent->bytes, sent->length);
    }
    if (answer->ext_ack) {
        header->nlmsg_flags |= NLM_F_ACK_TLVS;
        put_attribute(message, NLMSGERR_ATTR_MSG, answer->ext_ack, strlen(answer->ext_ack) + 1);
    }
}

unsigned char *fake_message(const struct answer *answer, const struct sent *sent, size_t *length)
{
    static const int types[] = {
        [ACK] = NLMSG_ERROR, [DONE] = NLMSG_DONE, [ERROR] = NLMSG_ERROR, [LINK] = RTM_NEWLINK,
        [OTHER_TYPE] = RTM_NEWADDR,
    };
    const struct nlmsghdr *request = (const struct nlmsghdr *)sent->bytes;
    /* Enough for the longest messages: they repeat the request, or have the list twice. */
    struct message message = {calloc(1, 2048 + sent->length + 2 * VF_ENTRY * (size_t)(answer->listed + 1)), 0};
    struct nlmsghdr *header = (struct nlmsghdr *)message.bytes;

    begin_message(&message, types[answer->kind], 0);
    if (answer->kind == LINK)
        put_link(&message, answer);
    else if (answer->kind == OTHER_TYPE)
        put_bytes(&message, NULL, 64);
    else if (answer->kind != DONE)
        put_error(&message, answer, sent);
    end_message(&message);
    *length = message.length;
    if (answer->says_length)
        header->nlmsg_len = (uint32_t)answer->says_length;
    header->nlmsg_seq = request->nlmsg_seq + answer->sequence_off;
    return message.bytes;
}
