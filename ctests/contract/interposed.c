/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Takes the place of one of the library's functions: in a program, or preloaded. Which one, -DINTERPOSED=NAME says. */

/* It looks at none of the arguments that its callers pass. No errno: it can come from nowhere else. */
int INTERPOSED(void)
{
    return -7777;
}
