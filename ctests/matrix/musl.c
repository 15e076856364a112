/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the programs of the contract need from glibc, written for musl: the malloc that their own malloc calls, a calloc
 * that does not call their malloc, and glibc's texts of the errnos, which rows of the contract compare. The library
 * calls strerror_r(3), because musl has no strerrordesc_np(3). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *__libc_malloc(size_t size);

void *__libc_malloc(size_t size)
{
    static void *(*next)(size_t);

    if (next == NULL)
        *(void **)&next = dlsym(RTLD_NEXT, "malloc");
    return next(size);
}

void *calloc(size_t count, size_t size)
{
    size_t all;
    void *memory;

    if (__builtin_mul_overflow(count, size, &all))
        return NULL;
    memory = __libc_malloc(all);
    return memory == NULL ? NULL : memset(memory, 0, all);
}

char *strerror(int number)
{
    /* matrix.sh writes this file. */
    static const char *const words[] = {
#include "musl_words.h"
    };

    return (size_t)number < sizeof(words) / sizeof(words[0]) ? (char *)words[number] : NULL;
}

int strerror_r(int number, char *buffer, size_t length)
{
    const char *text = strerror(number);

    if (text == NULL)
        return EINVAL;
    return (size_t)snprintf(buffer, length, "%s", text) < length ? 0 : ERANGE;
}
