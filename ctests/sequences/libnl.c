/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* More fake calls: stock libvirt uses libnl, which needs these too. See sequences.h. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include "sequences.h"

bool blocked;

int bind(int fd, const struct sockaddr *address, socklen_t length)
{
    return fake.on ? 0 : REAL(bind, fd, address, length);
}

int getsockname(int fd, struct sockaddr *address, socklen_t *length)
{
    const struct sockaddr_nl own = {.nl_family = AF_NETLINK, .nl_pid = 4712};

    if (!fake.on)
        return REAL(getsockname, fd, address, length);
    memcpy(address, &own, sizeof(own));
    *length = sizeof(own);
    return 0;
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    ssize_t length;

    if (!fake.on)
        return REAL(recvmsg, fd, message, flags);
    length = recvfrom(fd, message->msg_iov[0].iov_base, message->msg_iov[0].iov_len,
                      flags | MSG_DONTWAIT, message->msg_name, &message->msg_namelen);
    if (length < 0 && errno == EAGAIN && !(flags & MSG_DONTWAIT)) {
        blocked = true;
        errno = ENOTCONN;
    }
    message->msg_flags = 0;
    message->msg_controllen = 0;
    return length;
}
