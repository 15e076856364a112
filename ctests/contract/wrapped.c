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
    int result = 0;

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
    const struct exchange exchange[EXCHANGES] = {ACKED, REFUSED(EINVAL), {.fails[RECV] = EIO}};

    (void)state;
    calls = 2, returns = 1;
    configure(exchange, -EIO, 4, "the kernel's answer could not be received");
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
    configure(exchange, -EPERM, 3, "is set again; set the VLAN on the device or its DPU instead): Operation not permitted");
}

static void C5_what_is_returned_is_reported(void **state)
{
    const struct exchange exchange[EXCHANGES] = {ACKED, {.lost = true}};

    (void)state;
    calls = 1, returns = -EINVAL;
    configure(exchange, -EINVAL, 4, ": Invalid argument");
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
    };

    filter_rows();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
