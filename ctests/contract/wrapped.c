/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A program with functions of its own in place of virNetDevSetVfMac() and virNetDevSetVfVlan(), which call the
 * library's, or fail by themselves: what virNetDevSetVfConfig() makes of that (contract C5, C6). Only with the .so.
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

static const virMacAddr mac = {{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}};
/* How often the library's function is called, and what is returned then; 1: what it returned last. */
static int calls, returns;
/* Not 0: the VF that the library's function is called for before that. */
static int other_vf;
/* Not 0: what virNetDevSetVfMac() leaves in *allowRetry as it fails. */
static unsigned char leaves;

int virNetDevSetVfMac(const char *ifname, int vf, const virMacAddr *macaddr, bool *allowRetry)
{
    __typeof__(&virNetDevSetVfMac) real = (__typeof__(&virNetDevSetVfMac))dlsym(RTLD_NEXT, "virNetDevSetVfMac");

    if (leaves == 0)
        return real(ifname, vf, macaddr, allowRetry);
    memcpy(allowRetry, &leaves, 1);
    return -EINVAL;
}

int virNetDevSetVfVlan(const char *ifname, int vf, const int *vlanid)
{
    __typeof__(&virNetDevSetVfVlan) real = (__typeof__(&virNetDevSetVfVlan))dlsym(RTLD_NEXT, "virNetDevSetVfVlan");
    int result = other_vf ? real(ifname, other_vf, vlanid) : 0;

    for (int i = 0; i < calls; i++)
        result = real(ifname, vf, vlanid);
    return returns == 1 ? result : returns;
}

static void configure(const struct exchange *exchange, int result, int requests, const char *says)
{
    const int vlan = 42, out_of_range = 4096;
    bool retry = true;

    /* Takes the place of the last message. */
    virNetDevSetVfConfig("marker", 0, NULL, &out_of_range, NULL);
    fake_begin(exchange);
    assert_int_equal(virNetDevSetVfConfig("fake0", 3, &mac, &vlan, &retry), result);
    fake_end();
    assert_false(retry);
    assert_int_equal(fake.requests, requests);
    assert_non_null(strstr(virNetDevVfLastError(), says));
}

static void C6_a_second_try_that_is_lost_is_not_known(void **state)
{
    const struct exchange exchange[EXCHANGES] = {ACKED, REFUSED(EINVAL), LISTED(), {.fails[RECV] = EFAULT}};

    (void)state;
    calls = 2, returns = 1;
    configure(exchange, -EFAULT, 5, "the kernel's answer could not be received");
}

static void C6_a_time_out_of_another_function_is_not_known(void **state)
{
    const struct exchange exchange[EXCHANGES] = {ACKED};

    (void)state;
    calls = 0, returns = -ETIMEDOUT;
    configure(exchange, -ETIMEDOUT, 2, "marker");
}

static void C6_nor_are_other_errnos_of_another_function(void **state)
{
    const struct exchange exchange[EXCHANGES] = {ACKED};
    const int errnos[] = {EBADMSG, ENOBUFS, ENOMEM};

    (void)state;
    for (size_t i = 0; i < sizeof(errnos) / sizeof(errnos[0]); i++) {
        calls = 0, returns = -errnos[i];
        configure(exchange, -errnos[i], 2, "marker");
    }
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
    leaves = 0;
}

static void C5_a_refusal_of_another_function_puts_back_and_says_so(void **state)
{
    const struct exchange exchange[EXCHANGES] = {ACKED};

    (void)state;
    calls = 0, returns = -EPERM;
    configure(exchange, -EPERM, 3, "is set again): Operation not permitted");
}

static void C5_what_is_returned_is_reported(void **state)
{
    const struct exchange exchange[EXCHANGES] = {ACKED, {.lost = true}};

    (void)state;
    calls = 1, returns = -EINVAL;
    configure(exchange, -EINVAL, 4, ": Invalid argument");
}

static void C6_a_failure_of_another_vf_is_not_this_ones(void **state)
{
    const struct exchange exchange[EXCHANGES] = {ACKED, {.fails[RECV] = ENOENT}};

    (void)state;
    /* What is returned is a refusal of this VF, and the VLAN of the other may have been set. */
    calls = 0, returns = -ENOENT, other_vf = 4;
    configure(exchange, -ENOENT, 4, "the former MAC 52:54:00:aa:aa:aa is set again");
    other_vf = 0;
}

static void V5_what_one_vf_had_is_not_what_another_has(void **state)
{
    const struct exchange exchange[EXCHANGES] = {LISTED(.vlan = 42), ACKED, REFUSED(EPERM), REFUSED(EPERM)};
    const int vlan = 42;
    bool retry = true;

    (void)state;
    /* The other VF's refusal is judged by a list of its own, this one's by the one from before. */
    calls = 1, returns = 1, other_vf = 4;
    fake_begin(exchange);
    assert_int_equal(virNetDevSetVfConfig("fake0", 3, &mac, &vlan, &retry), 0);
    fake_end();
    other_vf = 0;
    assert_int_equal(fake.requests, 5);
    assert_non_null(strstr(virNetDevVfLastError(), "cannot set the VLAN of VF 4 of fake0 to 42"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(C6_a_second_try_that_is_lost_is_not_known),
        cmocka_unit_test(C6_a_time_out_of_another_function_is_not_known),
        cmocka_unit_test(C6_nor_are_other_errnos_of_another_function),
        cmocka_unit_test(C2_any_byte_but_0_of_another_function_is_true),
        cmocka_unit_test(C5_a_refusal_of_another_function_puts_back_and_says_so),
        cmocka_unit_test(C5_what_is_returned_is_reported),
        cmocka_unit_test(C6_a_failure_of_another_vf_is_not_this_ones),
        cmocka_unit_test(V5_what_one_vf_had_is_not_what_another_has),
    };

    filter_rows();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
