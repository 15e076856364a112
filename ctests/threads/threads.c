/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Many threads, forks, network namespaces, and very many requests. Ends with 0 if all was as it should be, and says
 * otherwise what was not. For ctests/threads/threads.sh.
 *
 *   threads namespaces THREADS ROUNDS     each thread in a network namespace of its own, whose interface has its own
 *                                         name; every other one without rights, so that some requests succeed
 *   threads forks CHILDREN                children of a process whose other threads are in the midst of requests
 *   threads setns                         two calls of one thread in two namespaces
 *   threads many THREADS REQUESTS         descriptors and memory are then as they were
 *   threads together THREADS ROUNDS       the same, and nothing is measured
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

enum { THREADS_MAX = 256 };

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "line %d: not so: %s (last message: %s)\n", __LINE__, #condition, virNetDevVfLastError()); \
            _exit(1);                                                                                                  \
        }                                                                                                              \
    } while (0)

static const virMacAddr mac = {{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}}, zero = {{0}};

/* Leaves for a network namespace of its own, and calls its only interface `name`. */
static void leave(const char *name)
{
    struct ifreq request = {.ifr_name = "lo"};
    int fd;

    CHECK(unshare(CLONE_NEWNET) == 0);
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    CHECK(fd >= 0);
    snprintf(request.ifr_newname, sizeof(request.ifr_newname), "%s", name);
    CHECK(ioctl(fd, SIOCSIFNAME, &request) == 0);
    close(fd);
}

/* Requests of a thread whose namespace has an interface `own`: none may get the answer to another. */
static void ask(const char *own, const char *others, int number)
{
    const int vlan = 1 + number % 4094, outside = 5000 + number;
    char expected[64];
    bool retry = true;

    CHECK(virNetDevSetVfVlan(own, number, &vlan) == -EOPNOTSUPP);
    snprintf(expected, sizeof(expected), "VF %d of %s to %d (", number, own, vlan);
    CHECK(strstr(virNetDevVfLastError(), expected));
    CHECK(virNetDevSetVfConfig(others, number, &mac, &vlan, &retry) == -ENODEV && !retry);
    snprintf(expected, sizeof(expected), "VF %d of %s to 52:54", number, others);
    CHECK(strstr(virNetDevVfLastError(), expected));
    CHECK(virNetDevSetVfVlan(own, number, &outside) == -ERANGE);
    snprintf(expected, sizeof(expected), "VF %d of %s to %d (", number, own, outside);
    CHECK(strstr(virNetDevVfLastError(), expected));
    CHECK(virNetDevSetVfMac(own, number, NULL, &retry) == -EINVAL);
    CHECK(virNetDevSendVfSetLinkRequest(own, 99, &vlan, sizeof(vlan)) == -EINVAL);
    CHECK(strstr(virNetDevVfLastError(), "macaddr is NULL"));
}

/* The rights are a thread's own: without them the kernel says EPERM, which an implicit clear takes for a success. */
static void give_up_rights(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {0};

    CHECK(syscall(SYS_capset, &header, none) == 0);
}

static void ask_without_rights(const char *own, int number)
{
    const int vlan = 1 + number % 4094;
    char expected[64];
    bool retry = true;

    CHECK(virNetDevSetVfVlan(own, number, NULL) == 0);
    CHECK(virNetDevSetVfVlan(own, number, &vlan) == -EPERM);
    snprintf(expected, sizeof(expected), "VF %d of %s to %d (", number, own, vlan);
    CHECK(strstr(virNetDevVfLastError(), expected));
    CHECK(virNetDevSetVfConfig(own, number, NULL, NULL, NULL) == 0);
    CHECK(virNetDevSetVfConfig(own, number, &mac, NULL, &retry) == -EPERM && !retry);
    snprintf(expected, sizeof(expected), "VF %d of %s to 52:54", number, own);
    CHECK(strstr(virNetDevVfLastError(), expected));
}

static int rounds, threads;

static void *in_a_namespace(void *argument)
{
    int number = (int)(intptr_t)argument;
    char own[16], others[16];

    snprintf(own, sizeof(own), "if%d", number);
    snprintf(others, sizeof(others), "if%d", (number + 1) % threads);
    leave(own);
    if (number % 2)
        give_up_rights();
    for (int i = 0; i < rounds; i++)
        if (number % 2)
            ask_without_rights(own, number);
        else
            ask(own, others, number);
    return NULL;
}

/* With an interface lo and none that is called nope. */
static void *here(void *argument)
{
    for (int i = 0; i < rounds; i++)
        ask("lo", "nope", (int)(intptr_t)argument);
    return NULL;
}

static void run(void *(*what)(void *))
{
    pthread_t thread[THREADS_MAX];

    CHECK(threads <= THREADS_MAX);
    for (int i = 0; i < threads; i++)
        CHECK(pthread_create(&thread[i], NULL, what, (void *)(intptr_t)i) == 0);
    for (int i = 0; i < threads; i++)
        CHECK(pthread_join(thread[i], NULL) == 0);
}

static void forks(int children)
{
    pthread_t thread[4];

    rounds = children * 20;
    for (int i = 0; i < 4; i++)
        CHECK(pthread_create(&thread[i], NULL, here, (void *)(intptr_t)i) == 0);
    for (int i = 0; i < children; i++) {
        pid_t child = fork();
        int status;

        CHECK(child >= 0);
        if (child == 0) {
            ask("lo", "nope", 100 + i);
            _exit(0);
        }
        CHECK(waitpid(child, &status, 0) == child);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    for (int i = 0; i < 4; i++)
        CHECK(pthread_join(thread[i], NULL) == 0);
}

static void there_and_back(void)
{
    int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), there;

    leave("there");
    there = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    CHECK(home >= 0 && there >= 0);
    for (int i = 0; i < 100; i++) {
        ask("there", "lo", i);
        CHECK(setns(home, CLONE_NEWNET) == 0);
        ask("lo", "there", i);
        CHECK(setns(there, CLONE_NEWNET) == 0);
    }
}

static int descriptors(void)
{
    int open = 0;

    for (int fd = 0; fd < 4096; fd++)
        open += fcntl(fd, F_GETFD) >= 0;
    return open;
}

/* Resident memory that is no file's, in KiB. */
static long resident(void)
{
    FILE *file = fopen("/proc/self/status", "re");
    char line[256];
    long size = -1;

    CHECK(file);
    while (fgets(line, sizeof(line), file))
        if (sscanf(line, "RssAnon: %ld", &size) == 1)
            break;
    fclose(file);
    CHECK(size >= 0);
    return size;
}

/* `ask` makes six requests to the kernel. */
static void many(long requests)
{
    int open_before;
    long before, after;

    /* The threads' stacks and what libc keeps of them. */
    rounds = 100;
    run(here);
    open_before = descriptors();
    before = resident();
    rounds = (int)(requests / threads / 6);
    run(here);
    after = resident();
    printf("%ld requests, %d threads: %ld KiB more, %d descriptors more\n", 6L * rounds * threads, threads,
           after - before, descriptors() - open_before);
    CHECK(descriptors() == open_before);
    /* A leak of one byte in a request would be more than this. */
    CHECK(after - before < requests / 1024);
}

static void each(void)
{
    static unsigned char payload[66000];
    char name[200];
    const int vlans[] = {-1, 0, 42, 4095, 4096};
    bool retry = true;

    virNetDevVfLastError();
    for (size_t length = 0; length < sizeof(payload); length += length < 64 ? 1 : length / 3)
        virNetDevSendVfSetLinkRequest("lo", IFLA_VF_VLAN, payload, length);
    for (size_t length = 0; length < sizeof(name) - 1; length++) {
        memset(name, 'n', length);
        name[length] = 0;
        virNetDevSetVfVlan(name, 1, NULL);
    }
    for (size_t i = 0; i < sizeof(vlans) / sizeof(vlans[0]); i++) {
        virNetDevSetVfVlan("lo", 1, &vlans[i]);
        retry = true;
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

    threads = argc > 3 ? atoi(argv[2]) : 1;
    if (strcmp(what, "namespaces") == 0 && argc == 4) {
        rounds = atoi(argv[3]);
        run(in_a_namespace);
    } else if (strcmp(what, "forks") == 0 && argc == 3) {
        forks(atoi(argv[2]));
    } else if (strcmp(what, "setns") == 0) {
        there_and_back();
    } else if (strcmp(what, "many") == 0 && argc == 4) {
        many(atol(argv[3]));
    } else if (strcmp(what, "together") == 0 && argc == 4) {
        rounds = atoi(argv[3]);
        run(here);
    } else if (strcmp(what, "each") == 0) {
        each();
    } else {
        return 2;
    }
    return 0;
}
