/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Replaces one function of the library, in a program or preloaded: the one that -DINTERPOSED=NAME names. */

/* It ignores its arguments. -7777 is not an errno, so only this function can return it. */
int INTERPOSED(void)
{
    return -7777;
}
