/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the contract's programs take from glibc, for musl: a malloc below their own, a calloc that does not call theirs,
 * and glibc's words for an errno. The library calls strerror_r(3) here, for musl has no strerrordesc_np(3). */
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

int strerror_r(int number, char *buffer, size_t length)
{
    static const struct {
        int number;
        const char *text;
    } words[] = {
        {EBUSY, "Device or resource busy"},
        {EMFILE, "Too many open files"},
        {EOPNOTSUPP, "Operation not supported"},
        {ERANGE, "Numerical result out of range"},
        {ETIMEDOUT, "Connection timed out"},
    };
    const char *text = strerror(number);

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (words[i].number == number)
            text = words[i].text;
    return (size_t)snprintf(buffer, length, "%s", text) < length ? 0 : ERANGE;
}
