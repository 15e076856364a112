/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Many threads, forks, network namespaces and requests, for ctests/threads/threads.sh. Prints what is wrong; the status
 * is 0 if all is right.
 *
 *   threads namespaces THREADS ROUNDS     each thread in its own network namespace, with its own name of the interface;
 *                                         every second thread without rights, so that some requests succeed
 *   threads forks THREADS ROUNDS          the first thread makes ROUNDS / 20 children while the others make requests
 *   threads setns                         two calls of one thread in two namespaces
 *   threads many THREADS ROUNDS           descriptors and memory are the same afterwards
 *   threads together THREADS ROUNDS       the same, without measurements
 *   threads each                          every export, every kind of failure, once (for valgrind)
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <virnetdevvf.h>

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "line %d: false: %s (last message: %s)\n", __LINE__, #condition, virNetDevVfLastError());  \
            _exit(1);                                                                                                  \
        }                                                                                                              \
    } while (0)
/* A call fails with this errno, and the reported text contains the text of the format (printf) that follows. */
#define FAILS(call, error, ...)                                                                                        \
    do {                                                                                                               \
        char about[64];                                                                                                \
        CHECK((call) == -(error));                                                                                     \
        snprintf(about, sizeof(about), __VA_ARGS__);                                                                   \
        CHECK(strstr(virNetDevVfLastError(), about));                                                                  \
    } while (0)

static const virMacAddr mac = {{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}}, zero = {{0}};
static int rounds, threads;

/* Moves to a new network namespace, and renames its only interface to `name`. */
static void leave(const char *name)
{
    struct ifreq request = {.ifr_name = "lo"};
    int fd;

    CHECK(unshare(CLONE_NEWNET) == 0);
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    snprintf(request.ifr_newname, sizeof(request.ifr_newname), "%s", name);
    CHECK(ioctl(fd, SIOCSIFNAME, &request) == 0);
    close(fd);
}

/* Calls of a thread whose namespace has the interface `own`: none may get the answer of another thread. */
static void ask(const char *own, const char *others, int number)
{
    const int vlan = 1 + number % 4094, outside = 5000 + number;
    bool retry = true;

    FAILS(virNetDevSetVfVlan(own, number, &vlan), EOPNOTSUPP, "VF %d of %s to %d (", number, own, vlan);
    FAILS(virNetDevSetVfConfig(others, number, &mac, &vlan, &retry), ENODEV, "VF %d of %s to 52:54", number, others);
    CHECK(!retry);
    FAILS(virNetDevSetVfVlan(own, number, &outside), ERANGE, "VF %d of %s to %d (", number, own, outside);
    CHECK(virNetDevSetVfMac(own, number, NULL, &retry) == -EINVAL);
    CHECK(virNetDevSendVfSetLinkRequest(own, 99, &vlan, sizeof(vlan)) == -EINVAL);
    CHECK(strstr(virNetDevVfLastError(), "macaddr is NULL"));
}

/* Calls of a thread without rights: the kernel answers EPERM, which is a success for an implicit clear. */
static void ask_without_rights(const char *own, int number)
{
    const int vlan = 1 + number % 4094;
    bool retry = true;

    CHECK(virNetDevSetVfVlan(own, number, NULL) == 0);
    FAILS(virNetDevSetVfVlan(own, number, &vlan), EPERM, "VF %d of %s to %d (", number, own, vlan);
    CHECK(virNetDevSetVfConfig(own, number, NULL, NULL, NULL) == 0);
    FAILS(virNetDevSetVfConfig(own, number, &mac, NULL, &retry), EPERM, "VF %d of %s to 52:54", number, own);
    CHECK(!retry);
}

static void *in_a_namespace(void *argument)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {0};
    int number = (int)(intptr_t)argument;
    char own[16], others[16];

    snprintf(own, sizeof(own), "if%d", number);
    snprintf(others, sizeof(others), "if%d", (number + 1) % threads);
    leave(own);
    /* Each thread has its own capabilities. */
    CHECK(number % 2 == 0 || syscall(SYS_capset, &header, none) == 0);
    for (int i = 0; i < rounds; i++)
        number % 2 ? ask_without_rights(own, number) : ask(own, others, number);
    return NULL;
}

/* There is an interface lo, and no interface nope. */
static void *here(void *argument)
{
    for (int i = 0; i < rounds; i++)
        ask("lo", "nope", (int)(intptr_t)argument);
    return NULL;
}

static void *fork_children(void *argument)
{
    (void)argument;
    for (int i = 0; i < rounds / 20; i++) {
        pid_t child = fork();
        int status;

        CHECK(child >= 0);
        if (child == 0) {
            ask("lo", "nope", 100 + i);
            _exit(0);
        }
        CHECK(waitpid(child, &status, 0) == child && status == 0);
    }
    return NULL;
}

/* The first thread runs `first`, each other thread `others`. */
static void run(void *(*first)(void *), void *(*others)(void *))
{
    pthread_t thread[threads];

    for (int i = 0; i < threads; i++)
        CHECK(pthread_create(&thread[i], NULL, i ? others : first, (void *)(intptr_t)i) == 0);
    for (int i = 0; i < threads; i++)
        CHECK(pthread_join(thread[i], NULL) == 0);
}

static void there_and_back(void)
{
    int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), there;

    leave("there");
    there = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    for (int i = 0; i < 100; i++) {
        ask("there", "lo", i);
        CHECK(setns(home, CLONE_NEWNET) == 0);
        ask("lo", "there", i);
        CHECK(setns(there, CLONE_NEWNET) == 0);
    }
}

/* Anonymous resident memory, in pages. */
static long resident(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    long all, files;

    CHECK(file && fscanf(file, "%*d %ld %ld", &all, &files) == 2);
    fclose(file);
    return all - files;
}

static void many(void)
{
    /* If a call leaks a descriptor, the lowest free descriptor is another one afterwards. */
    int last = rounds, lowest;
    long pages;

    /* The first threads make libc allocate memory that it keeps, such as the threads' stacks. */
    rounds = 100;
    run(here, here);
    lowest = dup(0);
    close(lowest);
    rounds = last;
    pages = resident();
    run(here, here);
    pages = resident() - pages;
    printf("%d requests, %d threads: %ld pages more\n", 6 * rounds * threads, threads, pages);
    CHECK(dup(0) == lowest);
    /* If each call leaked one byte, there would be more. */
    CHECK(pages * sysconf(_SC_PAGESIZE) < 6L * rounds * threads);
}

static void each(void)
{
    static unsigned char payload[66000];
    char name[201] = "";
    const int vlans[] = {-1, 0, 42, 4095, 4096};
    bool retry = true;

    virNetDevVfLastError();
    for (size_t length = 0; length < sizeof(payload); length += length < 64 ? 1 : length / 3)
        virNetDevSendVfSetLinkRequest("lo", IFLA_VF_VLAN, payload, length);
    for (size_t length = 0; length < sizeof(name) - 1; name[length++] = 'n')
        virNetDevSetVfVlan(name, 1, NULL);
    for (size_t i = 0; i < sizeof(vlans) / sizeof(vlans[0]); i++) {
        virNetDevSetVfConfig("lo", 1, &mac, &vlans[i], &retry);
        virNetDevSetVfConfig("lo", 1, NULL, &vlans[i], NULL);
    }
    retry = true;
    virNetDevSetVfMac("lo", 1, &zero, &retry);
    virNetDevSetVfMac("lo", 1, NULL, NULL);
    virNetDevSetVfMac(NULL, -1, &mac, &retry);
    virNetDevSetVfConfig(NULL, 1, &mac, NULL, NULL);
    virNetDevSendVfSetLinkRequest(NULL, 0, NULL, 1);
    virNetDevSendVfSetLinkRequest(NULL, 0x4000, NULL, 0);
    ask("lo", "nope", 7);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    threads = argc > 2 ? atoi(argv[2]) : 1;
    rounds = argc > 3 ? atoi(argv[3]) : 1;
    if (strcmp(what, "namespaces") == 0)
        run(in_a_namespace, in_a_namespace);
    else if (strcmp(what, "forks") == 0)
        run(fork_children, here);
    else if (strcmp(what, "setns") == 0)
        there_and_back();
    else if (strcmp(what, "many") == 0)
        many();
    else if (strcmp(what, "together") == 0)
        run(here, here);
    else if (strcmp(what, "each") == 0)
        each();
    else
        return 2;
    return 0;
}
