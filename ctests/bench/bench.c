/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What every contestant of ctests/bench/bench.sh has: reads what to do, does it, and says what it took. See bench.h. */
#define _GNU_SOURCE
#include "bench.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <valgrind/callgrind.h>

static const char *const names[OPERATIONS] = {"request", "mac", "vlan", "both", "guest", "clear", "nothing"};

static enum operation operation;
static long count;
static int result;

static void *perform_all(void *unused)
{
    int last = 0;

    for (long i = 0; i < count; i++)
        last = operation == NOTHING ? 0 : perform(operation);
    result = last;
    return unused;
}

/* In threads, this one included. */
static void in_threads(int threads)
{
    pthread_t others[64];

    for (int i = 1; i < threads; i++)
        if (pthread_create(&others[i], NULL, perform_all, NULL) != 0)
            abort();
    perform_all(NULL);
    for (int i = 1; i < threads; i++)
        pthread_join(others[i], NULL);
}

/* --- the stack --------------------------------------------------------------------------------- */

enum { STACK = 1024 * 1024, PAINT = 0xa5 };
static unsigned char *stack;

/* Everything below this frame is painted, then the operation runs: how much of the paint is gone? */
static __attribute__((noinline)) void *in_painted_stack(void *used)
{
    unsigned char *here = __builtin_frame_address(0), *bottom = stack;

    /* Not what this frame itself may use. */
    for (unsigned char *at = bottom; at < here - 512; at++)
        *(volatile unsigned char *)at = PAINT;
    if (operation != NOTHING)
        result = perform(operation);
    while (bottom < here - 512 && *bottom == PAINT)
        bottom++;
    *(long *)used = bottom < here - 512 ? here - bottom : 0;
    return NULL;
}

static long stack_used(void)
{
    pthread_attr_t attributes;
    pthread_t thread;
    long used = 0;

    /* Its instructions would count for the next operation. */
    if (RUNNING_ON_VALGRIND)
        return -1;
    pthread_attr_init(&attributes);
    pthread_attr_setstack(&attributes, stack, STACK);
    if (pthread_create(&thread, &attributes, in_painted_stack, &used) != 0)
        abort();
    pthread_join(thread, NULL);
    return used;
}

/* --- faults ------------------------------------------------------------------------------------ */

static long faults(void)
{
    struct rusage own, children;

    getrusage(RUSAGE_SELF, &own);
    getrusage(RUSAGE_CHILDREN, &children);
    return own.ru_minflt + own.ru_majflt + children.ru_minflt + children.ru_majflt;
}

int main(int argc, char **argv)
{
    char name[16];
    int threads;
    /* heap.c has it. */
    const volatile long *heap = dlsym(RTLD_DEFAULT, "bench_heap");

    if (argc < 2)
        return 2;
    stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED)
        abort();
    prepare(argv[1], argc - 2, argv + 2);
    setvbuf(stdout, NULL, _IOLBF, 0);
    while (scanf("%15s %ld %d", name, &count, &threads) == 3) {
        struct timespec start, end;
        long before, allocations = -1, bytes = -1;

        for (operation = 0; operation < OPERATIONS && strcmp(name, names[operation]) != 0; operation++)
            ;
        if (operation == OPERATIONS || threads < 1 || threads > 64)
            return 2;

        if (heap) {
            allocations = heap[0];
            bytes = heap[1];
        }
        before = faults();
        CALLGRIND_ZERO_STATS;
        clock_gettime(CLOCK_MONOTONIC, &start);
        in_threads(threads);
        clock_gettime(CLOCK_MONOTONIC, &end);
        CALLGRIND_DUMP_STATS_AT(name);
        before = faults() - before;
        if (heap) {
            allocations = heap[0] - allocations;
            bytes = heap[1] - bytes;
        }
        printf("%s %ld %lld %ld %ld %ld %ld %d\n", name, count,
               (end.tv_sec - start.tv_sec) * 1000000000LL + (end.tv_nsec - start.tv_nsec), before, allocations, bytes,
               stack_used(), result);
    }
    return 0;
}
