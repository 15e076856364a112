/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Preloaded: a sendmsg(2) that keeps the message and sends nothing. For same_bytes.py. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

unsigned char sent[1024];
size_t sent_length;

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    (void)fd;
    (void)flags;
    sent_length = 0;
    for (size_t i = 0; i < message->msg_iovlen; i++) {
        const struct iovec *part = &message->msg_iov[i];

        if (part->iov_len > sizeof(sent) - sent_length)
            break;
        memcpy(sent + sent_length, part->iov_base, part->iov_len);
        sent_length += part->iov_len;
    }
    errno = EIO;
    return -1;
}
