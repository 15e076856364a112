/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * If VIRNETDEVVF_PATTERN is set, only rows with this text in their names run. Scripts print more before a name, with
 * spaces and colons. If the text has one of these, all rows run, and ctests/check counts the results with the text.
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
    /* cmocka does not copy the text. */
    static char filter[256];

    if (pattern && !strpbrk(pattern, " :") &&
        snprintf(filter, sizeof(filter), "*%s*", pattern) < (int)sizeof(filter))
        cmocka_set_test_filter(filter);
}

#endif
