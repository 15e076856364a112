/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A contestant of ctests/bench/bench.sh: iproute2's ip, a process for each request, as a script has it. */
#define _GNU_SOURCE
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>

extern char **environ;
static char *interface, *program;
static posix_spawn_file_actions_t silent;

void prepare(const char *name, int argc, char **argv)
{
    if (argc < 1)
        exit(2);
    interface = (char *)name;
    program = argv[0];
    posix_spawn_file_actions_init(&silent);
    posix_spawn_file_actions_addopen(&silent, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&silent, 2, "/dev/null", O_WRONLY, 0);
}

static int run(char **arguments)
{
    pid_t child;
    int status;

    if (posix_spawn(&child, program, &silent, NULL, arguments, environ) != 0 || waitpid(child, &status, 0) != child)
        abort();
    /* It keeps the errno to itself. */
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

#define IP(...) run((char *[]){"ip", "link", "set", interface, "vf", "0", __VA_ARGS__, NULL})
#define THE_MAC "mac", "52:54:00:12:34:56"

int perform(enum operation operation)
{
    int result;

    switch (operation) {
    case REQUEST:
    case MAC:
        return IP(THE_MAC);
    case VLAN:
        return IP("vlan", "42");
    case BOTH:
        return IP(THE_MAC, "vlan", "42");
    case GUEST:
        /* In one command the DPU refuses it. */
        result = IP(THE_MAC);
        return result ? result : IP("vlan", "0");
    case CLEAR:
        return IP("vlan", "0");
    default:
        return 0;
    }
}
