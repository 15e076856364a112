/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writes rtnetlink messages: the requests and the answers of all C programs of the tests. The caller
 * provides memory that is zeroed and large enough.
 */
#ifndef NETLINK_H
#define NETLINK_H

#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <string.h>

struct message {
    unsigned char *bytes;
    size_t length;
};

/* Length of what the kernel sends about a VF, without statistics: struct ifla_vf_mac and the others, with headers. */
enum { VF_ENTRY = 196 };

static inline void put_bytes(struct message *message, const void *bytes, size_t length)
{
    if (bytes)
        memcpy(message->bytes + message->length, bytes, length);
    message->length += NLMSG_ALIGN(length);
}

/* A NULL payload means zeros. Returns the offset of the attribute. */
static inline size_t put_attribute(struct message *message, int type, const void *payload, size_t length)
{
    size_t at = message->length;

    put_bytes(message, &(struct rtattr){(unsigned short)RTA_LENGTH(length), (unsigned short)type}, RTA_LENGTH(0));
    put_bytes(message, payload, length);
    return at;
}

/* Sets the length of the attribute at `at`: 16 bits, so it wraps. A nested one ends where the message ends. */
static inline void set_length(struct message *message, size_t at, size_t length)
{
    memcpy(message->bytes + at, &(unsigned short){(unsigned short)length}, sizeof(unsigned short));
}
static inline void end_nested(struct message *message, size_t at)
{
    set_length(message, at, message->length - at);
}

/* Makes the message `length` bytes long, with one attribute of zeros. */
static inline void fill_up(struct message *message, int type, size_t length)
{
    if (message->length < length)
        put_attribute(message, type, NULL, length - message->length - RTA_LENGTH(0));
}

/* Begins with a struct nlmsghdr, and a struct ifinfomsg if the type has it. */
static inline void begin_message(struct message *message, int type, int flags)
{
    struct nlmsghdr header = {.nlmsg_type = (unsigned short)type, .nlmsg_flags = (unsigned short)flags};

    message->length = 0;
    put_bytes(message, &header, sizeof(header));
    if (type == RTM_NEWLINK || type == RTM_GETLINK || type == RTM_SETLINK)
        put_bytes(message, &(struct ifinfomsg){0}, sizeof(struct ifinfomsg));
}
static inline void end_message(struct message *message)
{
    memcpy(message->bytes, &(uint32_t){(uint32_t)message->length}, sizeof(uint32_t));
}

#endif
