/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See reader.h. */
#include "reader.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <string.h>

uint64_t number(size_t at, size_t bytes)
{
    uint16_t two = 0;
    uint32_t four = 0;

    memcpy(bytes == 2 ? (void *)&two : (void *)&four, datagram + at, bytes);
    return bytes == 2 ? two : four;
}

/* The length of the message, or 0 if the datagram is not a whole answer to the request. */
static size_t whole(void)
{
    if (datagram_length < 16 || number(8, 4) != sequence || number(0, 4) < 16 || number(0, 4) > datagram_length)
        return 0;
    return number(0, 4);
}

int verdict(void)
{
    size_t length = whole();

    /* An answer repeats the request at most, and that is short: a longer one is not read. */
    if (!length || datagram_length > 1024)
        return -EBADMSG;
    if (number(4, 2) == NLMSG_DONE && length == 16)
        return 0;
    if ((number(4, 2) == NLMSG_DONE && length >= 20) || (number(4, 2) == NLMSG_ERROR && length >= 36)) {
        int32_t error = (int32_t)number(16, 4);

        return error <= 0 && error >= -4095 ? error : -EBADMSG;
    }
    return -EBADMSG;
}

/* Attribute by attribute from `at` to `end`: false when one is broken. */
static bool next(size_t *at, size_t end, unsigned *type, size_t *payload, size_t *length)
{
    size_t said = end - *at >= 4 ? number(*at, 2) : 0;

    if (said < 4 || said > end - *at)
        return false;
    *type = number(*at + 2, 2) & 0x3fff;
    *payload = *at + 4;
    *length = said - 4;
    *at += (said + 3) / 4 * 4;
    if (*at > end)
        *at = end;
    return true;
}

/* One entry of a list, from `at` to `end`: which VF it is about, or -1 if it is not valid (row L5). */
static int64_t entry(size_t at, size_t end, struct info *info)
{
    unsigned type, macs = 0, vlans = 0, lists = 0;
    size_t payload, size, mac_size = 0, vlan_size = 0;

    info->tag = 0;

    while (at < end) {
        if (!next(&at, end, &type, &payload, &size))
            return -1;
        if (type == IFLA_VF_MAC) {
            macs++;
            info->mac = payload + offsetof(struct ifla_vf_mac, mac);
            mac_size = size;
        } else if (type == IFLA_VF_VLAN) {
            vlans++;
            info->vlan = payload;
            vlan_size = size;
        } else if (type == IFLA_VF_VLAN_LIST) {
            size_t first = payload, tag_size;

            lists++;
            if (!next(&first, payload + size, &type, &info->tag, &tag_size) || type != IFLA_VF_VLAN_INFO ||
                tag_size < sizeof(struct ifla_vf_vlan_info) - 2)
                return -1;
        }
    }
    if (lists > 1 || macs != 1 || vlans != 1 || mac_size < sizeof(struct ifla_vf_mac) ||
        vlan_size < sizeof(struct ifla_vf_vlan))
        return -1;
    if (number(info->mac - offsetof(struct ifla_vf_mac, mac), 4) != number(info->vlan, 4))
        return -1;
    if (info->tag && number(info->tag, 4) != number(info->vlan, 4))
        return -1;
    if (number(info->vlan + 4, 4) > 4095 || number(info->vlan + 8, 4) > 7)
        return -1;
    return (int64_t)number(info->vlan, 4);
}

/* The contract's rows G1 to G3, and which lists are valid (L1 to L5). */
struct info read_vf(void)
{
    const struct info malformed = {.result = -EBADMSG};
    struct info found = {.result = -ENODATA}, info = {0};
    size_t length = whole(), at = 32, payload, size, lists = 0, numbers = 0;
    int64_t num_vf = 0, last = -1, vf;
    unsigned type;

    if (length >= 36 && number(4, 2) == NLMSG_ERROR) {
        int32_t error = (int32_t)number(16, 4);

        return (struct info){.result = error < 0 && error >= -4095 ? error : -EBADMSG};
    }
    if (length < 32 || number(4, 2) != RTM_NEWLINK)
        return malformed;
    while (at < length) {
        size_t list = at;

        if (!next(&at, length, &type, &payload, &size)) {
            /* The length of a list that wrapped may be that of no attribute. */
            if (length - list < 4 || (number(list + 2, 2) & 0x3fff) != IFLA_VFINFO_LIST)
                return malformed;
            type = IFLA_VFINFO_LIST;
        }
        if (type == IFLA_NUM_VF) {
            if (size < 4)
                return malformed;
            numbers++;
            num_vf = (int64_t)number(payload, 4);
        }
        if (type != IFLA_VFINFO_LIST)
            continue;
        /* The entries go on for as long as there is one: the length may have wrapped. */
        lists++;
        for (at = list + 4; length - at >= 4 && (number(at + 2, 2) & 0x3fff) == IFLA_VF_INFO;) {
            if (!next(&at, length, &type, &payload, &size))
                return malformed;
            vf = entry(payload, payload + size, &info);
            if (vf <= last)
                return malformed;
            last = vf;
            if (vf == VF)
                found = info;
        }
        if ((at - list) % 65536 != number(list, 2))
            return malformed;
    }
    if (lists > 1 || numbers > 1)
        return malformed;
    if (lists == 0)
        return (struct info){.result = -EOPNOTSUPP};
    if (numbers == 0 || last >= num_vf)
        return malformed;
    return VF < num_vf ? found : (struct info){.result = -ENOENT};
}

bool clear(void)
{
    struct info info = read_vf();

    /* 4095 is what some drivers list for no VLAN. */
    if (info.result != 0 || number(info.vlan + 4, 4) % 4095 != 0 || number(info.vlan + 8, 4) != 0)
        return false;
    return info.tag == 0 || number(info.tag + offsetof(struct ifla_vf_vlan_info, vlan_proto), 2) == htons(0x8100);
}
