/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the kernel's answer independently of the library. It is slow, and checks each step. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The VF that is read. */
enum { VF = 1, DATAGRAM_MAX = 1 << 20 };

/* The answer, and the sequence number of the request. */
static unsigned char datagram[DATAGRAM_MAX + 16];
static size_t datagram_length;
static uint32_t sequence;

/*
 * Result: 0 or a negative errno. If 0: where the datagram has the VF's MAC, VLAN, and VLAN with the protocol. Each
 * starts with the VF's number. A place is 0 if the list does not have it.
 */
struct info {
    int result;
    size_t mac, vlan, tag;
};

/* The number of 2 or 4 bytes at a place of the datagram. */
static uint32_t number(size_t at, size_t bytes)
{
    uint32_t four;
    uint16_t two;

    memcpy(&four, datagram + at, sizeof(four));
    memcpy(&two, datagram + at, sizeof(two));
    return bytes == 2 ? two : four;
}

/* The length of the message, or 0 if the datagram is not a whole answer to the request. */
static size_t whole(void)
{
    bool is = datagram_length >= 16 && number(8, 4) == sequence && number(0, 4) >= 16;

    return is && number(0, 4) <= datagram_length ? number(0, 4) : 0;
}

/* A negative errno or 0; -EBADMSG for any other number. */
static int error(void)
{
    int32_t error = (int32_t)number(16, 4);

    return error <= 0 && error >= -4095 ? error : -EBADMSG;
}

/* What the library must return for a request. */
static int verdict(void)
{
    size_t length = whole(), type = number(4, 2);

    /* An answer repeats only the request, which is short: the library refuses a longer answer. */
    if (datagram_length > 1024)
        return -EBADMSG;
    if (type == NLMSG_DONE && length == 16)
        return 0;
    return (type == NLMSG_DONE && length >= 20) || (type == NLMSG_ERROR && length >= 36) ? error() : -EBADMSG;
}

/* The attribute's type; 0, which no attribute has, if there is no room for an attribute. */
static unsigned type_at(size_t at, size_t end)
{
    return end - at >= 4 ? number(at + 2, 2) & 0x3fff : 0;
}

/* Returns the length of the attribute's payload, or -1 if broken. Moves to the next one; padding may be missing. */
static int64_t next(size_t *at, size_t end)
{
    size_t length = end - *at >= 4 ? number(*at, 2) : 0;

    if (length < 4 || length > end - *at)
        return -1;
    *at += (length + 3) / 4 * 4;
    if (*at > end)
        *at = end;
    return (int64_t)length - 4;
}

/* Reads one entry of a list, from `at` to `end`. Returns its VF, or -1 if the entry is not valid (row L5). */
static int64_t entry(size_t at, size_t end, struct info *info)
{
    *info = (struct info){0};
    while (at < end) {
        unsigned type = type_at(at, end);
        size_t start = at + 4;
        int64_t size = next(&at, end), least = type == IFLA_VF_MAC ? 36 : type == IFLA_VF_VLAN ? 12 : 0;
        size_t *place = type == IFLA_VF_MAC         ? &info->mac
                        : type == IFLA_VF_VLAN      ? &info->vlan
                        : type == IFLA_VF_VLAN_LIST ? &info->tag
                                                    : NULL;

        if (place == &info->tag && size >= 0) {
            size_t inner = start;

            /* A struct ifla_vf_vlan_info, without its padding. */
            least = type_at(start, start + (size_t)size) == IFLA_VF_VLAN_INFO ? 14 : INT64_MAX;
            size = next(&inner, start + (size_t)size);
            start += 4;
        }
        if (size < least || (place && *place))
            return -1;
        if (place)
            *place = start;
    }
    if (!info->mac || !info->vlan || number(info->mac, 4) != number(info->vlan, 4) ||
        (info->tag && number(info->tag, 4) != number(info->vlan, 4)))
        return -1;
    return number(info->vlan + 4, 4) > 4095 || number(info->vlan + 8, 4) > 7 ? -1 : (int64_t)number(info->vlan, 4);
}

/* Reads the VF as the contract says: rows G1 to G3, and L1 to L5 for which lists are valid. */
static struct info read_vf(void)
{
    const struct info malformed = {.result = -EBADMSG};
    struct info found = {.result = -ENODATA}, info;
    size_t length = whole(), at = 32, lists = 0, numbers = 0;
    int64_t num_vf = 0, last = -1, vf, size;

    if (length >= 36 && number(4, 2) == NLMSG_ERROR)
        return (struct info){.result = error() ? error() : -EBADMSG};
    if (length < 32 || number(4, 2) != RTM_NEWLINK)
        return malformed;
    while (at < length) {
        unsigned type = type_at(at, length);
        size_t start = at + 4, list = at;

        size = next(&at, length);
        if (type != IFLA_VFINFO_LIST && (size < 0 || (type == IFLA_NUM_VF && size < 4)))
            return malformed;
        if (type == IFLA_NUM_VF) {
            numbers++;
            num_vf = number(start, 4);
        }
        if (type != IFLA_VFINFO_LIST)
            continue;
        /* Reads all entries that follow. The list's length may have wrapped, also to that of an empty list. */
        lists++;
        for (at = start; type_at(at, length) == IFLA_VF_INFO;) {
            start = at + 4;
            size = next(&at, length);
            vf = size < 0 ? -1 : entry(start, start + (size_t)size, &info);
            if (vf <= last)
                return malformed;
            last = vf;
            if (vf == VF)
                found = info;
        }
        if ((at - list) % 65536 != number(list, 2))
            return malformed;
    }
    if (lists > 1 || numbers > 1 || (lists == 1 && (numbers == 0 || last >= num_vf)))
        return malformed;
    if (lists == 0)
        return (struct info){.result = -EOPNOTSUPP};
    return VF < num_vf ? found : (struct info){.result = -ENOENT};
}

/* Whether the VF certainly has no VLAN and no priority. Some drivers list 4095 for no VLAN. */
static bool clear(void)
{
    struct info info = read_vf();

    return info.result == 0 && number(info.vlan + 4, 4) % 4095 == 0 && number(info.vlan + 8, 4) == 0 &&
           (info.tag == 0 || number(info.tag + 12, 2) == htons(ETH_P_8021Q));
}
