/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What does virNetDevSetVfConfig() do if a program replaces virNetDevSetVfMac() and virNetDevSetVfVlan() (contract C5,
 * C6)? The functions here call the library's, or fail. Only with the .so.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "pattern.h"
#include "rows.h"

/* What this program's virNetDevSetVfVlan() does. Then it returns the row's result, except with returns_that. */
struct wrapped {
    struct row row;
    /* How often it calls the library's function; not 0: another VF, for which it calls that once before. */
    int calls, other_vf;
    /* It returns what the library's function returned last. */
    bool returns_that;
    /* Other errnos for which everything else must be the same. */
    int also[2];
};
static const struct wrapped *running;
static int returns;
/* Not 0: virNetDevSetVfMac() fails and sets *allowRetry to this. */
static unsigned char leaves;

int virNetDevSetVfMac(const char *ifname, int vf, const virMacAddr *macaddr, bool *allowRetry)
{
    if (leaves == 0)
        return REAL(virNetDevSetVfMac, ifname, vf, macaddr, allowRetry);
    memcpy(allowRetry, &leaves, 1);
    return -EINVAL;
}

int virNetDevSetVfVlan(const char *ifname, int vf, const int *vlanid)
{
    int result = running->other_vf ? REAL(virNetDevSetVfVlan, ifname, running->other_vf, vlanid) : 0;

    for (int i = 0; i < running->calls; i++)
        result = REAL(virNetDevSetVfVlan, ifname, vf, vlanid);
    return running->returns_that ? result : returns;
}

static const struct wrapped rows[] = {
    {{"C6_a_second_try_that_is_lost_is_not_known", GETS(ACKED, REFUSED(EINVAL), LISTED(), {.fails[RECV] = EFAULT}),
      FAILS(EFAULT, 5, "the kernel's answer could not be received")}, .calls = 2, .returns_that = true},
    {{"C6_a_time_out_of_another_function_is_not_known", FAILS(ETIMEDOUT, 2, "marker")}, .calls = 0},
    {{"C6_nor_are_other_errnos_of_another_function", FAILS(EBADMSG, 2, "marker")}, .also = {ENOBUFS, ENOMEM}},
    {{"C5_a_refusal_of_another_function_puts_back_and_says_so",
      FAILS(EPERM, 3, "is set again): Operation not permitted")}, .calls = 0},
    {{"C5_what_is_returned_is_reported", GETS(ACKED, {.lost = true}), FAILS(EINVAL, 4, ": Invalid argument")},
     .calls = 1},
    /* The library takes the result for a refusal for VF 3. What happened to VF 4 does not matter. */
    {{"C6_a_failure_of_another_vf_is_not_this_ones", GETS(ACKED, {.fails[RECV] = ENOENT}),
      FAILS(ENOENT, 4, "the former MAC 52:54:00:aa:aa:aa is set again")}, .other_vf = 4},
    /* For VF 4 the library reads the list again. For VF 3 it uses the list from before the MAC. */
    {{"V5_what_one_vf_had_is_not_what_another_has",
      GETS(LISTED(.vlan = 42), ACKED, REFUSED(EPERM), REFUSED(EPERM)), .requests = 5,
      .says = "cannot set the VLAN of VF 4 of fake0 to 42"}, .calls = 1, .other_vf = 4, .returns_that = true},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void configures(int result)
{
    const struct row *row = &running->row;
    bool retry = true;

    returns = result;
    leaves = 0;
    /* Replaces the last message. */
    virNetDevSetVfConfig("marker", 0, NULL, &(const int){4096}, NULL);
    fake_begin(row->exchange);
    assert_int_equal(virNetDevSetVfConfig("fake0", 3, &mac, &(const int){42}, &retry), result);
    fake_end();
    assert_int_equal(retry, result == 0);
    assert_int_equal(fake.requests, row->requests);
    assert_non_null(strstr(virNetDevVfLastError(), row->says));
}

static void holds(void **state)
{
    running = *state;
    configures(running->row.result);
    for (int i = 0; i < 2 && running->also[i]; i++)
        configures(-running->also[i]);
}

static void C2_any_byte_but_0_of_another_function_is_true(void **state)
{
    const unsigned char bytes[] = {1, 2, 128, 255};

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bool retry = true;

        leaves = bytes[i];
        assert_int_equal(virNetDevSetVfConfig("fake0", 3, &mac, NULL, &retry), -EINVAL);
        assert_true(retry);
    }
}

int main(void)
{
    struct CMUnitTest tests[ROWS + 1] = {cmocka_unit_test(C2_any_byte_but_0_of_another_function_is_true)};

    for (int i = 0; i < ROWS; i++)
        tests[i + 1] = (struct CMUnitTest){rows[i].row.name, holds, NULL, NULL, (void *)(uintptr_t)&rows[i]};
    filter_rows();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
