/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What this machine's kernel answers for interfaces without VFs, with and without CAP_NET_ADMIN. */
#include <dirent.h>
#include <errno.h>
#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>
#include <virnetdevvf.h>

#include "pattern.h"

static const virMacAddr mac = {{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}};
static const int none = 0, vlan = 42;

static bool may_set_links(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];

    return syscall(SYS_capget, &header, data) == 0 && (data[0].effective & (1U << CAP_NET_ADMIN));
}

static int descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    int count = 0;

    assert_non_null(directory);
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

static void the_kernel_answers(void **state)
{
    /* rtnetlink checks the capability before anything else. */
    const struct {
        const char *ifname;
        const int *vlan;
        int allowed, refused;
    } cases[] = {
        {"lo", &vlan, -EOPNOTSUPP, -EPERM},   {"lo", &none, -EOPNOTSUPP, -EPERM}, {"lo", NULL, -EOPNOTSUPP, 0},
        {"nope0", &vlan, -ENODEV, -EPERM},    {"nope0", &none, -ENODEV, -EPERM},  {"nope0", NULL, -ENODEV, 0},
        {NULL, &vlan, -EINVAL, -EPERM},       {"", &vlan, -ENODEV, -EPERM},
        {"a-name-of-more-than-15", &vlan, -ENODEV, -EPERM},
    };
    int before = descriptors();

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int expected = may_set_links() ? cases[i].allowed : cases[i].refused;
        bool retry = true;

        assert_int_equal(virNetDevSetVfVlan(cases[i].ifname, 0, cases[i].vlan), expected);
        assert_int_equal(virNetDevSetVfMac(cases[i].ifname, 0, &mac, &retry),
                         may_set_links() ? cases[i].allowed : -EPERM);
        assert_false(retry);
        /* A configuration sets the MAC first, and fails there. */
        retry = true;
        assert_int_equal(virNetDevSetVfConfig(cases[i].ifname, 0, &mac, cases[i].vlan, &retry),
                         may_set_links() ? cases[i].allowed : -EPERM);
        assert_false(retry);
    }
    assert_int_equal(descriptors(), before);
}

static void without_a_free_descriptor_each_call_fails(void **state)
{
    struct rlimit limit, all;
    int refused, cleared, lowest = dup(0);
    bool retry = true;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &all), 0);
    limit = all;
    limit.rlim_cur = (rlim_t)lowest;
    close(lowest);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    cleared = virNetDevSetVfVlan("lo", 0, NULL);
    refused = virNetDevSetVfMac("lo", 0, &mac, &retry);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &all), 0);
    assert_int_equal(cleared, -EMFILE);
    assert_int_equal(refused, -EMFILE);
    assert_non_null(strstr(virNetDevVfLastError(), "Too many open files"));
}

static void wrong_use_has_an_errno(void **state)
{
    char name[4001];
    const int minus_1 = -1;
    bool retry = true;
    void *unreadable;

    (void)state;
    memset(name, 'n', 4000);
    name[4000] = '\0';
    assert_int_equal(virNetDevSendVfSetLinkRequest(name, 2, &vlan, 4), -ERANGE);
    assert_int_equal(virNetDevSendVfSetLinkRequest("lo", 2, &vlan, SIZE_MAX), -EMSGSIZE);
    assert_int_equal(virNetDevSendVfSetLinkRequest("lo", -1, &vlan, 4), -EINVAL);
    /* The library does not read a payload that it refuses for its size or type. */
    unreadable = mmap(NULL, 70000, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(unreadable, MAP_FAILED);
    assert_int_equal(virNetDevSendVfSetLinkRequest("lo", 2, unreadable, 70000), -EMSGSIZE);
    assert_int_equal(virNetDevSendVfSetLinkRequest("lo", -1, unreadable, 12), -EINVAL);
    munmap(unreadable, 70000);
    assert_int_equal(virNetDevSendVfSetLinkRequest("lo", 2, NULL, 4), -EINVAL);
    assert_int_equal(virNetDevSetVfVlan("lo", 0, &minus_1), -ERANGE);
    assert_int_equal(virNetDevSetVfVlan(name, -1, NULL), -ERANGE);
    assert_int_equal(virNetDevSetVfMac("lo", 0, NULL, &retry), -EINVAL);
    assert_int_equal(virNetDevSetVfMac("lo", 0, &mac, NULL), -EINVAL);
    assert_int_equal(virNetDevSetVfMac(NULL, -1, NULL, NULL), -EINVAL);
    assert_int_equal(virNetDevSetVfConfig(NULL, -1, &mac, NULL, NULL), -EINVAL);
    assert_true(virNetDevSendVfSetLinkRequest(NULL, 2, NULL, 0) < 0);
    assert_true(virNetDevSetVfConfig("lo", INT32_MIN, NULL, &vlan, NULL) < 0);
}

static void nothing_is_printed(void **state)
{
    int out = dup(1), err = dup(2);
    FILE *file = tmpfile();

    (void)state;
    assert_non_null(file);
    fflush(NULL);
    dup2(fileno(file), 1);
    dup2(fileno(file), 2);
    wrong_use_has_an_errno(NULL);
    (void)virNetDevSetVfVlan("nope0", 0, &vlan);
    fflush(NULL);
    dup2(out, 1);
    dup2(err, 2);
    close(out);
    close(err);
    assert_int_equal(lseek(fileno(file), 0, SEEK_END), 0);
    fclose(file);
}

static void nothing_was_reported_yet(void **state)
{
    (void)state;
    assert_string_equal(virNetDevVfLastError(), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_was_reported_yet),
        cmocka_unit_test(the_kernel_answers),
        cmocka_unit_test(without_a_free_descriptor_each_call_fails),
        cmocka_unit_test(wrong_use_has_an_errno),
        cmocka_unit_test(nothing_is_printed),
    };

    filter_rows();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
