/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* With VIRNETDEVVF_PATTERN in the environment, only the rows that have it in their name are run. */
#ifndef PATTERN_H
#define PATTERN_H

#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static inline void filter_rows(void)
{
    const char *pattern = getenv("VIRNETDEVVF_PATTERN");
    /* cmocka keeps the pointer. */
    static char filter[256];

    if (pattern && snprintf(filter, sizeof(filter), "*%s*", pattern) < (int)sizeof(filter))
        cmocka_set_test_filter(filter);
}

#endif
