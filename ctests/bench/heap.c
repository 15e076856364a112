/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Preloaded by ctests/bench/bench.sh: counts what the process allocates. */
#include <errno.h>
#include <stddef.h>

/* glibc's own names for what stands behind malloc(3). */
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

/* How many, and how many bytes. bench.c reads it. */
volatile long bench_heap[2];

static void count(size_t bytes)
{
    bench_heap[0]++;
    bench_heap[1] += (long)bytes;
}

void *malloc(size_t bytes)
{
    count(bytes);
    return __libc_malloc(bytes);
}

void *calloc(size_t items, size_t bytes)
{
    count(items * bytes);
    return __libc_calloc(items, bytes);
}

void *realloc(void *old, size_t bytes)
{
    count(bytes);
    return __libc_realloc(old, bytes);
}

void *memalign(size_t alignment, size_t bytes)
{
    count(bytes);
    return __libc_memalign(alignment, bytes);
}

void *aligned_alloc(size_t, size_t) __attribute__((alias("memalign")));

int posix_memalign(void **memory, size_t alignment, size_t bytes)
{
    *memory = memalign(alignment, bytes);
    return *memory ? 0 : ENOMEM;
}
