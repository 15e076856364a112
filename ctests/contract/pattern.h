/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * With VIRNETDEVVF_PATTERN in the environment, only the rows that have it in their name are run. A space or a colon is
 * of what a script puts before the name: then all are run, and ctests/check counts those that have it.
 */
#ifndef PATTERN_H
#define PATTERN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static inline void filter_rows(void)
{
    const char *pattern = getenv("VIRNETDEVVF_PATTERN");
    /* cmocka keeps the pointer. */
    static char filter[256];

    if (pattern && !strpbrk(pattern, " :") &&
        snprintf(filter, sizeof(filter), "*%s*", pattern) < (int)sizeof(filter))
        cmocka_set_test_filter(filter);
}

#endif
