/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Preloaded by ctests/bench/bench.sh: counts what the process allocates. The file that BENCH_HEAP names adds what the
 * processes allocate that it starts.
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* glibc's own names for what stands behind malloc(3). */
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

enum { PAGE = 4096 };

/* How many, and how many bytes; a page of its own, which the file's takes the place of. */
volatile long bench_heap[PAGE / sizeof(long)] __attribute__((aligned(PAGE)));

static __attribute__((constructor)) void share(void)
{
    const char *path = getenv("BENCH_HEAP");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;

    if (file < 0)
        return;
    if (mmap((void *)bench_heap, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED)
        abort();
    close(file);
}

static void count(size_t bytes)
{
    __atomic_fetch_add(&bench_heap[0], 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&bench_heap[1], (long)bytes, __ATOMIC_RELAXED);
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

void *aligned_alloc(size_t alignment, size_t bytes)
{
    count(bytes);
    return __libc_memalign(alignment, bytes);
}

void *memalign(size_t alignment, size_t bytes)
{
    count(bytes);
    return __libc_memalign(alignment, bytes);
}

int posix_memalign(void **memory, size_t alignment, size_t bytes)
{
    count(bytes);
    *memory = __libc_memalign(alignment, bytes);
    return *memory ? 0 : 12;
}
