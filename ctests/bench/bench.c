/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One contestant of ctests/bench/bench.sh at work: `bench CONTESTANT INTERFACE` reads lines `OPERATION COUNT` and
 * answers each with one line:
 *
 *   NANOSECONDS ALLOCATIONS BYTES STACK RESULT
 *
 * The first three are for all COUNT operations; allocations are counted only if heap.c is preloaded. STACK is the stack
 * that one more operation used, and RESULT what the last one returned.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>
#include <valgrind/callgrind.h>

static const char *const names[OPERATIONS] = {"request", "mac", "vlan", "guest", "clear"};
static enum operation operation;

/* The stack of one operation. It is filled with a pattern before; bytes that differ afterwards were used. */
enum { PAINT = 0xa5 };
static unsigned char stack[1024 * 1024];
static ucontext_t ours, painted;
static long used;

static void on_painted_stack(void)
{
    unsigned char *here = __builtin_frame_address(0), *bottom = stack;

    perform(operation);
    while (bottom < here && *bottom == PAINT)
        bottom++;
    used = here - bottom;
}

static long stack_used(void)
{
    /* valgrind does not know of this stack. */
    if (RUNNING_ON_VALGRIND)
        return 0;
    memset(stack, PAINT, sizeof(stack));
    getcontext(&painted);
    painted.uc_stack.ss_sp = stack;
    painted.uc_stack.ss_size = sizeof(stack);
    painted.uc_link = &ours;
    makecontext(&painted, on_painted_stack, 0);
    if (swapcontext(&ours, &painted) != 0)
        abort();
    return used;
}

int main(int argc, char **argv)
{
    static const long nothing[2];
    /* heap.c has it: how many, and how many bytes. */
    const volatile long *heap = dlsym(RTLD_DEFAULT, "bench_heap");
    char name[16];
    long count;

    if (argc != 3)
        return 2;
    if (!heap)
        heap = nothing;
    prepare(argv[1], argv[2]);
    setvbuf(stdout, NULL, _IOLBF, 0);
    while (scanf("%15s %ld", name, &count) == 2) {
        struct timespec start, end;
        long allocations, bytes;
        int result = 0;

        for (operation = 0; operation < OPERATIONS && strcmp(name, names[operation]) != 0; operation++)
            ;
        if (operation == OPERATIONS)
            return 2;
        allocations = heap[0];
        bytes = heap[1];
        CALLGRIND_ZERO_STATS;
        clock_gettime(CLOCK_MONOTONIC, &start);
        for (long i = 0; i < count; i++)
            result = perform(operation);
        clock_gettime(CLOCK_MONOTONIC, &end);
        CALLGRIND_DUMP_STATS_AT(name);
        allocations = heap[0] - allocations;
        bytes = heap[1] - bytes;
        printf("%lld %ld %ld %ld %d\n",
               (end.tv_sec - start.tv_sec) * 1000000000LL + (end.tv_nsec - start.tv_nsec), allocations, bytes,
               stack_used(), result);
    }
    return 0;
}
