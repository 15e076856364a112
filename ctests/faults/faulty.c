/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Makes one call of the library between two calls of getppid(2), which mark it for strace. For ctests/faults/faults.sh.
 *
 *   faulty CALL                   prints its result, *allowRetry, and how many descriptors it left open
 *   faulty signals CALL TIMES     many calls while a signal comes every 100 microseconds: prints how many results
 *                                 differed from the first one, how many descriptors are left, how many signals came
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>
#include <virnetdevvf.h>

static const virMacAddr mac = {{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}}, zero = {{0}};
static const int vlan_0 = 0, vlan_42 = 42;
static virMacAddr read_mac;
static int read_vlan;
static volatile sig_atomic_t signals;

static int call(const char *name, bool *retry)
{
    const struct ifla_vf_vlan payload = {.vf = 1, .vlan = 42};

    *retry = true;
#define CALL(text, result) if (strcmp(name, text) == 0) return result
    CALL("send", virNetDevSendVfSetLinkRequest("lo", IFLA_VF_VLAN, &payload, sizeof(payload)));
    CALL("mac", virNetDevSetVfMac("lo", 1, &mac, retry));
    CALL("mac-zero", virNetDevSetVfMac("lo", 1, &zero, retry));
    CALL("vlan-none", virNetDevSetVfVlan("lo", 1, NULL));
    CALL("vlan-0", virNetDevSetVfVlan("lo", 1, &vlan_0));
    CALL("vlan-42", virNetDevSetVfVlan("lo", 1, &vlan_42));
    CALL("config-none", virNetDevSetVfConfig("lo", 1, &mac, NULL, retry));
    CALL("config-42", virNetDevSetVfConfig("lo", 1, &mac, &vlan_42, retry));
    CALL("get", virNetDevGetVfConfig("lo", 1, &read_mac, &read_vlan));
    CALL("config-no-mac", virNetDevSetVfConfig("lo", 1, NULL, NULL, retry));
    exit(2);
}

/* Uses no system call that a fault can hit. */
static int descriptors(void)
{
    int open = 0;

    for (int fd = 0; fd < 256; fd++)
        open += fcntl(fd, F_GETFD) >= 0;
    return open;
}

static void count(int number)
{
    (void)number;
    signals++;
}

int main(int argc, char **argv)
{
    bool retry;
    int before = descriptors(), result;

    if (argc == 4) {
        const struct itimerval often = {{0, 100}, {0, 100}}, never = {{0, 0}, {0, 0}};
        struct sigaction action = {.sa_handler = count};
        int first = call(argv[2], &retry), differ = 0;

        sigaction(SIGALRM, &action, NULL);
        setitimer(ITIMER_REAL, &often, NULL);
        for (int i = 0; i < atoi(argv[3]); i++)
            differ += call(argv[2], &retry) != first;
        setitimer(ITIMER_REAL, &never, NULL);
        printf("%d %d %d\n", differ, descriptors() - before, (int)signals);
        return 0;
    }
    getppid();
    result = call(argc > 1 ? argv[1] : "", &retry);
    getppid();
    printf("%d %d %d\n", result, retry, descriptors() - before);
    return 0;
}
