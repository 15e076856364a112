/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The bytes of an answer of the fake kernel. See fake.h. */
#include "fake.h"

#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRY = 196 };

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
    if (answer->filled_to > at) {
        struct rtattr *unknown = (struct rtattr *)(message + at);

        *unknown = (struct rtattr){(unsigned short)(answer->filled_to - at), 999};
        at = answer->filled_to;
    }
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
unsigned char *fake_message(const struct answer *answer, const struct sent *sent, size_t *length)
{
    const struct nlmsghdr *request = (const struct nlmsghdr *)sent->bytes;
    /* Room for the longest ones: the request once more, or the list twice. */
    unsigned char *message = calloc(1, 2048 + sent->length + 2 * ENTRY * (size_t)(answer->listed + 1));
    struct nlmsghdr *header = (struct nlmsghdr *)message;

    switch (answer->kind) {
    case DONE:
        header->nlmsg_type = NLMSG_DONE;
        *length = NLMSG_LENGTH(0);
        break;
    case LINK:
        header->nlmsg_type = RTM_NEWLINK;
        *length = put_link(message, answer);
        break;
    case OTHER_TYPE:
        header->nlmsg_type = RTM_NEWADDR;
        *length = NLMSG_LENGTH(64);
        break;
    default:
        header->nlmsg_type = NLMSG_ERROR;
        *length = put_error(message, answer, sent);
    }
    header->nlmsg_len = (uint32_t)(answer->says_length ? answer->says_length : *length);
    header->nlmsg_seq = request->nlmsg_seq + answer->sequence_off;
    return message;
}
