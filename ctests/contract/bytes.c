/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each byte of a request (row S1 of the contract), read with the macros and structs of the kernel's headers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "pattern.h"
#include "rows.h"

static const struct exchange acks[EXCHANGES];

/* The kernel acknowledges each request, unless a test sets other exchanges. */
static int begin(void **state)
{
    (void)state;
    fake_begin(acks);
    return 0;
}

static int end(void **state)
{
    (void)state;
    fake_end();
    return 0;
}

/* Checks the next attribute's type and length, and that it fits. Returns its payload, and moves to the one after it. */
static const void *attribute(const struct rtattr **next, int *left, unsigned short type, size_t length)
{
    const struct rtattr *this = *next;

    assert_true(RTA_OK(this, *left));
    assert_int_equal(this->rta_type, type);
    assert_int_equal(RTA_PAYLOAD(this), length);
    *next = RTA_NEXT(this, *left);
    return RTA_DATA(this);
}

/* Checks a whole request. Returns the payload of its innermost attribute. */
static const void *request(int number, const char *ifname, unsigned short name_type, unsigned short type, size_t length)
{
    const struct nlmsghdr *header = (const struct nlmsghdr *)(const void *)fake.sent[number].bytes;
    const struct ifinfomsg none = {.ifi_family = AF_UNSPEC};
    const struct rtattr *next = IFLA_RTA(NLMSG_DATA(header)), *inner;
    int left = (int)IFLA_PAYLOAD(header);
    const void *payload;

    assert_true(NLMSG_OK(header, fake.sent[number].length));
    assert_int_equal(header->nlmsg_len, fake.sent[number].length);
    assert_int_equal(header->nlmsg_type, RTM_SETLINK);
    assert_int_equal(header->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
    assert_int_equal(header->nlmsg_pid, 0);
    assert_memory_equal(NLMSG_DATA(header), &none, sizeof(none));
    if (ifname)
        assert_string_equal(attribute(&next, &left, name_type, strlen(ifname) + 1), ifname);

    inner = attribute(&next, &left, IFLA_VFINFO_LIST | NLA_F_NESTED, 2 * RTA_LENGTH(0) + RTA_ALIGN(length));
    assert_int_equal(left, 0);
    left = 2 * RTA_LENGTH(0) + (int)RTA_ALIGN(length);
    inner = attribute(&inner, &left, IFLA_VF_INFO | NLA_F_NESTED, RTA_SPACE(length));
    left = (int)RTA_SPACE(length);
    payload = attribute(&inner, &left, type, length);
    for (size_t i = length; i < RTA_ALIGN(length); i++)
        assert_int_equal(((const unsigned char *)payload)[i], 0);
    return payload;
}

static void S1_a_mac_is_a_struct_ifla_vf_mac(void **state)
{
    struct ifla_vf_mac expected = {.vf = 5};
    bool retry = true;

    (void)state;
    memcpy(expected.mac, mac.addr, sizeof(mac.addr));
    assert_int_equal(virNetDevSetVfMac("fake0", 5, &mac, &retry), 0);
    assert_memory_equal(request(0, "fake0", IFLA_IFNAME, IFLA_VF_MAC, sizeof(expected)), &expected, sizeof(expected));
}

static void S1_a_vlan_is_a_struct_ifla_vf_vlan(void **state)
{
    const struct ifla_vf_vlan expected[] = {{.vf = 5, .vlan = 4095}, {.vf = 0}, {.vf = 0xffffffff}};
    const int vlan = 4095, none = 0;

    (void)state;
    assert_int_equal(virNetDevSetVfVlan("fake0", 5, &vlan), 0);
    assert_int_equal(virNetDevSetVfVlan("fake0", 0, &none), 0);
    assert_int_equal(virNetDevSetVfVlan("fake0", -1, NULL), 0);
    for (int i = 0; i < 3; i++)
        assert_memory_equal(request(i, "fake0", IFLA_IFNAME, IFLA_VF_VLAN, 12), &expected[i], 12);
}

static void S1_a_configuration_is_a_mac_then_a_vlan(void **state)
{
    bool retry = true;
    int vlan = 42;

    (void)state;
    assert_int_equal(virNetDevSetVfConfig("fake0", 5, &mac, &vlan, &retry), 0);
    /* The first request reads the list of VFs. */
    assert_int_equal(fake.requests, 3);
    request(1, "fake0", IFLA_IFNAME, IFLA_VF_MAC, sizeof(struct ifla_vf_mac));
    request(2, "fake0", IFLA_IFNAME, IFLA_VF_VLAN, sizeof(struct ifla_vf_vlan));
}

/* For netlink(7), SOCK_RAW and SOCK_DGRAM are the same. libvirt's AppArmor profiles allow "network netlink raw". */
static void S1_the_socket_is_raw(void **state)
{
    (void)state;
    assert_int_equal(virNetDevSetVfVlan("fake0", 0, NULL), 0);
    assert_int_equal(fake.flags, SOCK_RAW | SOCK_CLOEXEC);
}

static void S1_any_payload_is_sent_as_it_is(void **state)
{
    unsigned char payload[65520];
    const size_t lengths[] = {0, 1, 2, 3, 4, 5, 1000, 4093, 65520};

    (void)state;
    for (size_t i = 0; i < sizeof(payload); i++)
        payload[i] = (unsigned char)(i * 7 + 1);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        fake_begin(acks);
        assert_int_equal(virNetDevSendVfSetLinkRequest("fake0", 12, payload, lengths[i]), 0);
        assert_memory_equal(request(0, "fake0", IFLA_IFNAME, 12, lengths[i]), payload, lengths[i]);
    }
}

static void S5_a_name_that_is_null_is_left_out(void **state)
{
    (void)state;
    assert_int_equal(virNetDevSetVfVlan(NULL, 0, NULL), 0);
    request(0, NULL, 0, IFLA_VF_VLAN, 12);
}

static void S6_a_long_name_is_an_alternative_one(void **state)
{
    char name[128];

    (void)state;
    for (size_t length = 0; length <= 127; length++) {
        memset(name, 'n', length);
        name[length] = '\0';
        fake_begin(acks);
        assert_int_equal(virNetDevSetVfVlan(name, 0, NULL), 0);
        request(0, name, length < 16 ? IFLA_IFNAME : IFLA_ALT_IFNAME, IFLA_VF_VLAN, 12);
    }
}

static void V4_the_read_back_asks_for_the_vfs_without_statistics(void **state)
{
    const struct exchange exchange[EXCHANGES] = {REFUSED(EPERM), LISTED(VFS(1))};
    const struct nlmsghdr *header = (const struct nlmsghdr *)(const void *)fake.sent[1].bytes;
    const struct rtattr *next;
    const int none = 0;
    int left;

    (void)state;
    fake_begin(exchange);
    assert_int_equal(virNetDevSetVfVlan("fake0", 0, &none), 0);
    assert_int_equal(header->nlmsg_len, fake.sent[1].length);
    assert_int_equal(header->nlmsg_type, RTM_GETLINK);
    assert_int_equal(header->nlmsg_flags, NLM_F_REQUEST);
    next = IFLA_RTA(NLMSG_DATA(header));
    left = (int)IFLA_PAYLOAD(header);
    assert_string_equal(attribute(&next, &left, IFLA_IFNAME, 6), "fake0");
    assert_int_equal(*(const unsigned *)attribute(&next, &left, IFLA_EXT_MASK, 4),
                     RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS);
    assert_int_equal(left, 0);
}

/* A C program may pass a bool that it has never set: any byte. */
static int with_retry(bool both, unsigned char *retry, const struct exchange exchange[EXCHANGES])
{
    bool *pointer = (bool *)(void *)retry;

    fake_begin(exchange);
    return both ? virNetDevSetVfConfig("fake0", 3, &zero, &(const int){0}, pointer)
                : virNetDevSetVfMac("fake0", 3, &zero, pointer);
}

static void M2_any_byte_but_0_is_true(void **state)
{
    const struct exchange refused[EXCHANGES] = {REFUSED(EINVAL)}, silent[EXCHANGES] = {REFUSED(EIO)};
    const unsigned char bytes[] = {0, 1, 2, 3, 128, 255};
    const int out_of_range = 9999;

    (void)state;
    for (size_t i = 0; i < 2 * sizeof(bytes); i++) {
        const unsigned char before = bytes[i / 2];
        unsigned char byte = before;

        /* The zero MAC is refused. If a retry is allowed, it stays allowed, and nothing is reported. */
        virNetDevSetVfVlan("marker", 1, &out_of_range);
        assert_int_equal(with_retry(i % 2, &byte, refused), -EINVAL);
        assert_int_equal(byte != 0, before != 0);
        assert_int_equal(strstr(virNetDevVfLastError(), "9999") != NULL, before != 0);
        /* A success does not change the byte. Any other failure makes it 0. */
        byte = before;
        assert_int_equal(with_retry(i % 2, &byte, acks), 0);
        assert_int_equal(byte, before);
        assert_int_equal(with_retry(i % 2, &byte, silent), -EIO);
        assert_int_equal(byte, 0);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(S1_a_mac_is_a_struct_ifla_vf_mac),
        TEST(S1_a_vlan_is_a_struct_ifla_vf_vlan),
        TEST(S1_a_configuration_is_a_mac_then_a_vlan),
        TEST(S1_the_socket_is_raw),
        TEST(S1_any_payload_is_sent_as_it_is),
        TEST(S5_a_name_that_is_null_is_left_out),
        TEST(S6_a_long_name_is_an_alternative_one),
        TEST(M2_any_byte_but_0_is_true),
        TEST(V4_the_read_back_asks_for_the_vfs_without_statistics),
    };

    filter_rows();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
