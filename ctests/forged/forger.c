/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Another process sends forged acknowledgements to this one's netlink sockets, without a pause, while it makes requests
 * that the kernel refuses. None of them may count as the answer. Then it does the same to a socket that is not
 * connected, which must receive them: that shows that the forger works.
 *
 * connect(2) first binds the socket, then closes it to everybody but the kernel. A process that is preempted in between
 * may find its queue full, with no room for the kernel's answer: that is ENOBUFS (netlink(7)), and no wrong answer.
 *
 *   forger REQUESTS
 */
#include <errno.h>
#include <linux/netlink.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <virnetdevvf.h>

/* The kernel gives a process's first netlink socket the process's number as its port. */
static void forge(pid_t victim)
{
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
    } ack = {.header = {.nlmsg_len = sizeof(ack), .nlmsg_type = NLMSG_ERROR}};
    struct sockaddr_nl to = {.nl_family = AF_NETLINK, .nl_pid = (unsigned)victim};
    int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

    /* Which number the next request has is easy to guess: they are counted from 1. */
    for (unsigned sequence = 0;; sequence = (sequence + 1) % 60000) {
        ack.header.nlmsg_seq = ack.error.msg.nlmsg_seq = sequence;
        sendto(fd, &ack, sizeof(ack), MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to));
    }
}

int main(int argc, char **argv)
{
    struct sockaddr_nl none = {.nl_family = AF_NETLINK}, from;
    int requests = argc > 1 ? atoi(argv[1]) : 0, wrong = 0, lost = 0, forged = 0, fd;
    pid_t me = getpid(), child = fork();

    if (child == 0)
        forge(me);
    for (int i = 0; i < requests; i++) {
        int result = virNetDevSetVfVlan("lo", 1, NULL);

        lost += result == -ENOBUFS;
        wrong += result != -EOPNOTSUPP && result != -ENOBUFS;
    }

    fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    bind(fd, (struct sockaddr *)&none, sizeof(none));
    for (int i = 0; i < 1000; i++) {
        struct nlmsghdr message[4];
        socklen_t length = sizeof(from);

        if (recvfrom(fd, message, sizeof(message), 0, (struct sockaddr *)&from, &length) > 0)
            forged += from.nl_pid != 0;
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    printf("%d wrong answers, %d lost, %d forged messages on a socket that is not connected\n", wrong, lost, forged);
    /* More than a few lost ones are no accident. */
    return wrong != 0 || lost > requests / 1000 || forged == 0;
}
