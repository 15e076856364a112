/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The contract's rows C0 to C8: the MAC, then the VLAN. */
#include "rows.h"

#include <linux/if_ether.h>

static const unsigned char zeros[6], third_mac[6] = {0x52, 0x54, 0, 0xbb, 0xbb, 0xbb};
static const virMacAddr mac = {{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}}, zero = {{0}}, listed_mac = {LISTED_MAC};
static const int vlan_0 = 0, vlan_42 = 42, vlan_4095 = 4095, vlan_4096 = 4096, vlan_minus_1 = -1;

#define SETS_BOTH .function = CONFIG, .ifname = "fake0", .vf = 3, .mac = &mac
/* An interface name of 127 bytes, and words of the kernel's of 117. */
#define PART "a-15-byte-name-"
#define NAME PART PART PART PART PART PART PART PART "altname"
#define WORDS "the kernel's words " "the kernel's words " "the kernel's words " "the kernel's words " \
    "the kernel's words " "the kernel's words " "end"
/* A guest's start that ends there: the MAC that the VF had is set again, or not. */
#define PUT_BACK .retry_after = FORBIDDEN, .put_back = true
#define STAYS .retry_after = FORBIDDEN
/* The request for the list, then the MAC. */
#define BEGINS(...) LISTED(__VA_ARGS__), ACKED
/* A request that takes a second, and is then refused. */
#define SLOW(number) {.takes = 1000, .answer = {.kind = ERROR, .error = -(number)}}

const struct row config_rows[] = {
    {"C0_mac_and_vlan", SETS_BOTH, .vlan = &vlan_42, .requests = 3},
    {"C0_mac_and_no_vlan", SETS_BOTH, .requests = 3},
    {"C0_mac_and_an_explicit_clear", SETS_BOTH, .vlan = &vlan_0, .requests = 3},
    {"C0_without_a_list", SETS_BOTH, NO_LIST, .requests = 3},
    {"C0_mac_and_no_vlan_on_a_dpu", SETS_BOTH, .exchange = {ACKED, REFUSED(EPERM)}, .requests = 3},
    {"C0_mac_and_no_vlan_without_a_vlan_function", SETS_BOTH, .exchange = {ACKED, REFUSED(EOPNOTSUPP)}, .requests = 3},
    {"C0_zero_mac_and_no_vlan_without_a_vlan_function", SETS_BOTH, .mac = &zero, .vlan = &vlan_0,
     .exchange = {REFUSED(EADDRNOTAVAIL)}, .result = -EADDRNOTAVAIL, .requests = 2},
    {"C0_mac_and_no_vlan_where_4095_is_listed_for_none", SETS_BOTH, LIST(.vlan = 4095),
     .exchange = {ACKED, REFUSED(EPERM)}, .requests = 3},
    {"C0_mac_and_the_vlan_that_is_there_on_a_dpu", SETS_BOTH, .vlan = &vlan_42, LIST(.vlan = 42),
     .exchange = {ACKED, REFUSED(EPERM)}, .requests = 3},
    {"C0_in_reset_at_each_step", SETS_BOTH, .vlan = &vlan_42,
     .exchange = {REFUSED(EBUSY), ACKED, IN_RESET(EAGAIN, 4)}, .requests = 13},
    {"C0_the_list_from_before_counts", SETS_BOTH, .exchange = {BEGINS(.vlan = 42), REFUSED(EINVAL), LISTED()},
     .result = -EINVAL, PUT_BACK, .requests = 5, .says = "the VF still has VLAN 42"},
    {"C1_no_mac", SETS_BOTH, .mac = NULL, .vlan = &vlan_42, .requests = 2},
    {"C1_no_mac_and_no_vlan", SETS_BOTH, .mac = NULL, .requests = 2},
    {"C1_no_mac_and_no_allow_retry", SETS_BOTH, .mac = NULL, .retry = NO_POINTER, .retry_after = NO_POINTER,
     .requests = 2},
    {"C2_a_refused_mac_ends_it", SETS_BOTH, .exchange = {REFUSED(EPERM)}, .result = -EPERM, STAYS, .requests = 3,
     .says = "cannot set the MAC"},
    {"C2_also_with_a_vlan", SETS_BOTH, .vlan = &vlan_42, .exchange = {REFUSED(EINVAL)}, .result = -EINVAL, STAYS,
     .requests = 4, .says = "cannot set the MAC"},
    {"C2_also_in_reset", SETS_BOTH, .exchange = {STAYS_IN_RESET(EAGAIN)}, .result = -EAGAIN, STAYS, .requests = 30,
     .says = "cannot set the MAC of VF 3 of fake0 to 52:54:00:12:34:56 (possible causes: the VF stayed "},
    {"C2_with_einval_and_a_gap_too", SETS_BOTH, LIST(GAP), .exchange = {STAYS_IN_RESET(EINVAL)}, .result = -EINVAL,
     STAYS, .requests = 30,
     .says = "; its MAC is not known"},
    {"C2_with_the_pf_down", SETS_BOTH, LIST(DOWN), .exchange = {REFUSED(EAGAIN)}, .result = -EAGAIN, STAYS,
     .requests = 3, .says = "cannot set the MAC of VF 3 of fake0 to 52:54:00:12:34:56 (the PF is down; bring it up "
                            "with ip link set dev fake0 up): "},
    {"C2_a_refused_zero_mac_may_be_retried", SETS_BOTH, .mac = &zero, .exchange = {REFUSED(EINVAL)},
     .result = -EINVAL, .requests = 3},
    {"C2_and_its_retry", SETS_BOTH, .mac = &zero, .vlan = &vlan_0, .exchange = {REFUSED(EINVAL)}, .result = -EINVAL,
     .requests = 3},
    {"M4_a_refused_mac_that_is_there_is_a_success", SETS_BOTH, .mac = &listed_mac, .vlan = &vlan_42,
     .exchange = {REFUSED(EINVAL)}, .requests = 4},
    {"M4_also_a_zero_one", SETS_BOTH, .mac = &zero, .vlan = &vlan_0, LIST(.mac = zeros), .exchange = {REFUSED(EINVAL)},
     .requests = 4},
    {"M4_not_by_another_errno", SETS_BOTH, .mac = &listed_mac, .exchange = {REFUSED(EACCES)}, .result = -EACCES, STAYS,
     .requests = 3, .says = "cannot set the MAC"},
    {"M4_not_in_reset", SETS_BOTH, .mac = &listed_mac, .exchange = {STAYS_IN_RESET(EBUSY)}, .result = -EBUSY, STAYS,
     .requests = 30, .says = "cannot set the MAC"},
    {"M4_not_one_that_is_there_only_after_it", SETS_BOTH, .exchange = {LISTED(), REFUSED(EPERM),
     LISTED(.mac = mac.addr)}, .result = -EPERM, PUT_BACK, .requests = 4, .says = "cannot set the MAC"},
    {"C3_a_refused_vlan_after_the_mac_is_no_reason_to_retry", SETS_BOTH, .vlan = &vlan_42,
     .exchange = {ACKED, REFUSED(EPERM)}, .result = -EPERM, PUT_BACK, .requests = 4,
     .says = "cannot set the VLAN of VF 3 of fake0 to 42 (the device accepts the MAC; possible causes: a "
             "SmartNIC DPU, or another policy of the device such as trunk, rate limit or privilege; set "
             "the VLAN on the device or its DPU instead; the VF still has no VLAN; the former MAC "
             "52:54:00:aa:aa:aa is set again): Operation "},
    {"C3_nor_is_an_einval", SETS_BOTH, .mac = &zero, .vlan = &vlan_42, .exchange = {ACKED, REFUSED(EINVAL)},
     .result = -EINVAL, PUT_BACK, .requests = 5, .says = "cannot set the VLAN"},
    {"C3_nor_is_one_without_a_mac", SETS_BOTH, .mac = NULL, .vlan = &vlan_42, .exchange = {REFUSED(EPERM)},
     .result = -EPERM, STAYS, .requests = 2, .says = "CAP_NET_ADMIN"},
    {"C3_nor_is_an_explicit_clear", SETS_BOTH, .mac = &zero, .vlan = &vlan_0, LIST(.vlan = 7),
     .exchange = {ACKED, REFUSED(EINVAL)}, .result = -EINVAL, STAYS, .requests = 4, .says = "cannot clear the VLAN"},
    {"C3_explicit_clear_of_nothing_after_the_mac", SETS_BOTH, .vlan = &vlan_0, .exchange = {ACKED, REFUSED(EPERM)},
     .requests = 3},
    {"C3_explicit_clear_of_a_vlan_after_the_mac", SETS_BOTH, .vlan = &vlan_0, LIST(.vlan = 7),
     .exchange = {ACKED, REFUSED(EPERM)}, .result = -EPERM, STAYS, .requests = 3,
     .says = "the VF still has VLAN 7"},
    {"C3_a_vlan_that_is_refused_late", SETS_BOTH, .vlan = &vlan_42,
     .exchange = {ACKED, {.late = 150, .answer = {.kind = ERROR, .error = -EPERM}}}, .result = -EPERM, PUT_BACK,
     .requests = 4, .says = "the device accepts the MAC"},
    {"C3_an_explicit_clear_without_a_list", SETS_BOTH, .vlan = &vlan_0, NO_LIST, .exchange = {ACKED, REFUSED(EPERM)},
     .result = -EPERM, STAYS, .requests = 3, .says = "its VLAN is not known"},
    {"C3_the_longest_name_and_the_kernels_words_are_whole", SETS_BOTH, .ifname = NAME, .vlan = &vlan_42,
     .exchange = {ACKED, {.answer = {.kind = ERROR, .error = -EPERM, .ext_ack = WORDS}}}, .result = -EPERM, PUT_BACK,
     .requests = 4,
     .says = "of " NAME " to 42 (the device accepts the MAC; possible causes: a SmartNIC DPU, or another policy of "
             "the device such as trunk, rate limit or privilege; set the VLAN on the device or its DPU instead; the "
             "kernel says \"" WORDS "\"; the VF still has"},
    {"C4_a_mac_and_no_allow_retry", SETS_BOTH, .vlan = &vlan_42, .retry = NO_POINTER, .retry_after = NO_POINTER,
     .result = -EINVAL, .says = "allowRetry is NULL"},

    {"C5_the_former_mac_is_put_back_and_the_message_says_so", SETS_BOTH, .vlan = &vlan_42,
     .exchange = {ACKED, REFUSED(EINVAL)}, .result = -EINVAL, PUT_BACK, .requests = 5,
     .says = "cannot set the VLAN of VF 3 of fake0 to 42 (the device accepts the MAC; possible causes: a "
             "value that the PF's driver does not accept; the kernel's log may say more; the former MAC "
             "52:54:00:aa:aa:aa is set again): "},
    {"C5_in_switchdev_mode", SETS_BOTH, .vlan = &vlan_42, .exchange = {ACKED, REFUSED(EOPNOTSUPP)},
     .result = -EOPNOTSUPP, PUT_BACK, .requests = 4,
     .says = "(the device accepts the MAC; possible causes: a driver without VLANs, or switchdev mode; "
             "set the VLAN on the VF's representor or on the DPU instead; the former MAC "
             "52:54:00:aa:aa:aa is set again): Operation "},
    {"C5_another_protocol_is_another_vlan", SETS_BOTH, .vlan = &vlan_42,
     LIST(.vlan = 43, .protocol = ETH_P_8021AD), .exchange = {ACKED, REFUSED(EPERM)}, .result = -EPERM, PUT_BACK,
     .requests = 4, .says = "the VF still has 802.1ad VLAN 43"},
    {"C5_without_a_vlan_on_a_vf_that_stays_in_reset", SETS_BOTH,
     .exchange = {ACKED, IN_RESET(EAGAIN, 14)}, .result = -EAGAIN, PUT_BACK, .requests = 31,
     .says = "cannot clear the VLAN of VF 3 of fake0 (possible causes: the VF stayed in reset"},
    {"C5_without_a_vlan_and_with_the_pf_down", SETS_BOTH, .exchange = {BEGINS(), REFUSED(EAGAIN), LISTED(DOWN)},
     .result = -EAGAIN, PUT_BACK, .requests = 5, .says = "fake0 up; the former MAC 52:54:00:aa:aa:aa is set again)"},
    {"C5_without_a_vlan_where_one_stays", SETS_BOTH, LIST(.vlan = 42), .exchange = {ACKED, REFUSED(EPERM)},
     .result = -EPERM, PUT_BACK, .requests = 4,
     .says = "cannot clear the VLAN of VF 3 of fake0 (the device accepts the MAC; possible causes: a "
             "SmartNIC DPU, or another policy of the device such as trunk, rate limit or privilege; the "
             "kernel's log may say more; the VF still has VLAN 42; the former MAC 52:54:00:aa:aa:aa is "
             "set again): Operation not permitted"},
    {"C5_also_with_another_errno", SETS_BOTH, LIST(.vlan = 42), .exchange = {ACKED, REFUSED(EINVAL)},
     .result = -EINVAL, PUT_BACK, .requests = 5, .says = "is set again"},
    {"C5_from_a_list_with_a_gap", SETS_BOTH, .vlan = &vlan_42, LIST(.gap = 2, .gap_from = 4),
     .exchange = {ACKED, REFUSED(EINVAL)}, .result = -EINVAL, PUT_BACK, .requests = 5, .says = "is set again"},
    {"C5_not_where_none_was_set", SETS_BOTH, .mac = NULL, .vlan = &vlan_42, .exchange = {REFUSED(EINVAL)},
     .result = -EINVAL, STAYS, .requests = 3, .says = "cannot set the VLAN"},
    {"C5_not_where_the_vlan_is_there_already", SETS_BOTH, .vlan = &vlan_42, LIST(.vlan = 42),
     .exchange = {ACKED, REFUSED(EINVAL)}, .result = -EINVAL, STAYS, .requests = 4, .says = "cannot set the VLAN"},
    {"C5_not_after_an_explicit_clear", SETS_BOTH, .vlan = &vlan_0, LIST(.vlan = 42),
     .exchange = {ACKED, REFUSED(EOPNOTSUPP)}, .result = -EOPNOTSUPP, STAYS, .requests = 3,
     .says = "the VF still has VLAN 42"},
    {"C5_not_where_it_is_the_same", SETS_BOTH, .mac = &listed_mac, .vlan = &vlan_42,
     .exchange = {ACKED, REFUSED(EINVAL)}, .result = -EINVAL, STAYS, .requests = 4, .says = "cannot set the VLAN"},
    {"C5_not_where_nothing_is_known", SETS_BOTH, .vlan = &vlan_42, NO_LIST, .exchange = {ACKED, REFUSED(ERANGE)},
     .result = -ERANGE, STAYS, .requests = 4, .says = "; the MAC is now 52:54:00:12:34:56"},
    {"C8_a_refused_mac_and_then_no_list", SETS_BOTH, .exchange = {REFUSED(EPERM), {.fails[SOCKET] = EMFILE}},
     .result = -EPERM, STAYS, .requests = 2, .says = "; its MAC is not known"},
    {"C5_a_mac_that_cannot_be_put_back", SETS_BOTH, .vlan = &vlan_42,
     .exchange = {ACKED, REFUSED(EINVAL), REFUSED(EPERM)}, .result = -EINVAL, PUT_BACK, .requests = 5,
     .says = "; setting the former MAC 52:54:00:aa:aa:aa again failed, errno 1"},
    {"C5_no_socket_to_put_it_back", SETS_BOTH, .vlan = &vlan_42,
     .exchange = {ACKED, REFUSED(EPERM), {.fails[SOCKET] = EMFILE}}, .result = -EPERM, STAYS, .requests = 3,
     .says = "again failed, errno 24"},
    {"C5_it_is_not_known_whether_it_was_put_back", SETS_BOTH, .vlan = &vlan_42,
     .exchange = {ACKED, REFUSED(EPERM), {.lost = true}}, .result = -EPERM, PUT_BACK, .requests = 4,
     .says = "; it is not known whether the former MAC 52:54:00:aa:aa:aa is set again"},
    {"C5_nor_after_the_devices_silence", SETS_BOTH, .vlan = &vlan_42,
     .exchange = {ACKED, REFUSED(EPERM), REFUSED(ETIMEDOUT)}, .result = -EPERM, PUT_BACK, .requests = 4,
     .says = "; it is not known whether the former MAC 52:54:00:aa:aa:aa is set again"},
    {"C5_a_former_zero_mac_is_put_back", SETS_BOTH, .vlan = &vlan_42, LIST(.mac = zeros),
     .exchange = {ACKED, REFUSED(EPERM)}, .result = -EPERM, STAYS, .requests = 4,
     .says = "; the former MAC 00:00:00:00:00:00 is set again"},
    {"C5_a_former_zero_mac_that_is_refused_becomes_libvirts", SETS_BOTH, .vlan = &vlan_42, LIST(.mac = zeros),
     .exchange = {ACKED, REFUSED(EPERM), REFUSED(EADDRNOTAVAIL)}, .result = -EPERM, .last_mac = {2},
     .retry_after = FORBIDDEN, .requests = 5,
     .says = "; the driver refuses the former all-zero MAC, so the MAC is now 02:00:00:00:00:00"},
    {"C5_and_if_that_is_refused_too", SETS_BOTH, .vlan = &vlan_42, LIST(.mac = zeros),
     .exchange = {ACKED, REFUSED(EPERM), REFUSED(EADDRNOTAVAIL), REFUSED(EACCES)}, .result = -EPERM, STAYS,
     .requests = 5, .says = "; setting the former MAC 00:00:00:00:00:00 again failed, errno 13"},
    {"C5_not_for_a_former_zero_mac_in_reset", SETS_BOTH, .vlan = &vlan_42, LIST(.mac = zeros),
     .exchange = {ACKED, REFUSED(EPERM), STAYS_IN_RESET(EBUSY)}, .result = -EPERM, STAYS, .requests = 31,
     .says = "; setting the former MAC 00:00:00:00:00:00 again failed, errno 16"},
    {"C5_a_vlan_that_could_not_be_sent", SETS_BOTH, .exchange = {ACKED, {.fails[SOCKET] = EMFILE}, ACKED},
     .result = -EMFILE, PUT_BACK, .requests = 3, .says = "; the former MAC 52:54:00:aa:aa:aa is set again"},
    {"C5_a_vlan_whose_socket_is_not_connected", SETS_BOTH,
     .exchange = {ACKED, {.fails[CONNECT] = EADDRINUSE}, ACKED}, .result = -EADDRINUSE, PUT_BACK,
     .requests = 3, .says = "is set again"},
    {"C6_a_vlan_that_was_sent_in_part", SETS_BOTH, .exchange = {ACKED, {.short_send = true}}, .result = -EIO,
     STAYS, .requests = 3, .says = "the request could not be sent"},
    {"C5_put_back_after_a_reset", SETS_BOTH, .vlan = &vlan_42,
     .exchange = {ACKED, REFUSED(EPERM), IN_RESET(EBUSY, 3)}, .result = -EPERM, PUT_BACK,
     .requests = 10, .says = "is set again"},
    {"C5_a_vf_that_stays_in_reset_for_all_of_it", SETS_BOTH,
     .exchange = {IN_RESET(EBUSY, 11), ACKED, STAYS_IN_RESET(EAGAIN)},
     .result = -EAGAIN, PUT_BACK, .requests = 62, .at_least = 3900, .at_most = 4100,
     .says = "again failed, errno 11"},
    {"C5_a_slow_refusal_is_certain", SETS_BOTH, .vlan = &vlan_42, .exchange = {ACKED, SLOW(EPERM)}, .result = -EPERM,
     PUT_BACK, .requests = 4, .says = "is set again"},

    {"C6_without_an_answer_the_mac_stays", SETS_BOTH, .vlan = &vlan_42, .exchange = {ACKED, {.lost = true}},
     .result = -ETIMEDOUT, STAYS, .requests = 3,
     .says = "(the kernel did not answer in time; it is not known whether it was done: look at the VF with ip link"},
    {"C6_also_without_a_vlan", SETS_BOTH, .exchange = {ACKED, {.lost = true}}, .result = -ETIMEDOUT, STAYS,
     .requests = 3, .says = "the kernel did not answer in time; it is not known"},
    {"C6_after_a_malformed_answer_too", SETS_BOTH, .vlan = &vlan_42, .exchange = {ACKED, {.answer = {.cut_to = 16}}},
     .result = -EBADMSG, STAYS, .requests = 3, .says = "the kernel's answer is malformed"},
    {"C6_after_a_forged_one_too", SETS_BOTH, .vlan = &vlan_42, .exchange = {ACKED, {.answer = {.sender = 4711}}},
     .result = -EBADMSG, STAYS, .requests = 3, .says = "only unsolicited messages came"},
    {"C6_and_where_there_was_no_buffer_for_it", SETS_BOTH, .vlan = &vlan_42,
     .exchange = {ACKED, {.fails[RECV] = ENOBUFS}}, .result = -ENOBUFS, STAYS, .requests = 3,
     .says = "could not be received"},
    {"C6_after_a_reset_too", SETS_BOTH, .vlan = &vlan_42, .exchange = {ACKED, REFUSED(EAGAIN), {.lost = true}},
     .result = -ETIMEDOUT, STAYS, .requests = 5, .says = "the kernel did not answer in time"},
#define NO_REPLY(name, number) \
    {"S11_" name "_of_the_kernels_is_not_known", SETS_BOTH, .vlan = &vlan_42, .exchange = {ACKED, REFUSED(number)}, \
     .result = -(number), STAYS, .requests = 3, \
     .says = "(possible causes: the device or its firmware did not answer, or failed; it is not known"}
    NO_REPLY("etimedout", ETIMEDOUT),
    NO_REPLY("eio", EIO),
    NO_REPLY("enxio", ENXIO),
    NO_REPLY("etime", ETIME),
    NO_REPLY("ebade", EBADE),
    NO_REPLY("eintr", EINTR),
    NO_REPLY("ecanceled", ECANCELED),
    {"S11_also_without_a_vlan", SETS_BOTH, .exchange = {ACKED, REFUSED(ETIMEDOUT)}, .result = -ETIMEDOUT, STAYS,
     .requests = 3, .says = "firmware did not answer"},
    {"S11_a_slow_ebusy_is_not_known_either", SETS_BOTH, .vlan = &vlan_42, .exchange = {ACKED, SLOW(EBUSY)},
     .result = -EBUSY, STAYS, .requests = 3, .says = "firmware did not answer"},
    {"S11_the_mac_of_a_silent_device_is_not_read", SETS_BOTH, .exchange = {REFUSED(ETIMEDOUT)}, .result = -ETIMEDOUT,
     STAYS, .requests = 2, .says = "to 52:54:00:12:34:56 (possible causes: the device or its firmware did not answer"},

    {"C7_a_vlan_out_of_range", SETS_BOTH, .vlan = &vlan_4096, .result = -ERANGE, STAYS,
     .says = "cannot set the VLAN of VF 3 of fake0 to 4096 (a VLAN is 0 to 4095;"},
    {"C7_a_negative_vlan", SETS_BOTH, .vlan = &vlan_minus_1, .result = -ERANGE, STAYS, .says = "a VLAN is 0 to 4095"},
    {"C7_without_a_mac", SETS_BOTH, .mac = NULL, .vlan = &vlan_4096, .retry = NO_POINTER, .retry_after = NO_POINTER,
     .result = -ERANGE, .says = "a VLAN is 0 to 4095"},
    {"C7_vlan_4095_is_in_range", SETS_BOTH, .vlan = &vlan_4095, .requests = 3},

    {"C8_a_refused_mac_that_is_there_is_taken_away", SETS_BOTH,
     .exchange = {LISTED(), REFUSED(EPERM), LISTED(.mac = mac.addr)}, .result = -EPERM, PUT_BACK, .requests = 4,
     .says = "cannot set the MAC of VF 3 of fake0 to 52:54:00:12:34:56 (possible causes: no "
             "CAP_NET_ADMIN, or a policy of the device or its DPU; the kernel's log may say more; the "
             "former MAC 52:54:00:aa:aa:aa is set again)"},
    {"C8_or_another_one", SETS_BOTH, .exchange = {LISTED(), REFUSED(EPERM), LISTED(.mac = third_mac)},
     .result = -EPERM, PUT_BACK, .requests = 4, .says = "the former MAC 52:54:00:aa:aa:aa is set again"},
    {"C8_a_former_zero_mac_too", SETS_BOTH,
     .exchange = {LISTED(.mac = zeros), REFUSED(EPERM), LISTED(.mac = mac.addr), REFUSED(EINVAL)}, .result = -EPERM,
     .last_mac = {2}, .retry_after = FORBIDDEN, .requests = 6, .says = "so the MAC is now 02:00:00:00:00:00)"},
    {"C8_where_it_cannot_be_taken_away", SETS_BOTH,
     .exchange = {LISTED(), REFUSED(EPERM), LISTED(.mac = mac.addr), REFUSED(EPERM)}, .result = -EPERM, PUT_BACK,
     .requests = 4, .says = "; setting the former MAC 52:54:00:aa:aa:aa again failed, errno 1"},
    {"C8_a_former_mac_that_is_not_known", SETS_BOTH,
     .exchange = {LISTED(GAP), REFUSED(EPERM), LISTED(.mac = mac.addr)}, .result = -EPERM, STAYS, .requests = 3,
     .says = "; the MAC is now 52:54:00:12:34:56"},
    {"C8_also_after_a_refused_vlan", SETS_BOTH, .vlan = &vlan_42,
     .exchange = {LISTED(GAP), ACKED, REFUSED(EPERM), LISTED(.mac = mac.addr)}, .result = -EPERM, STAYS,
     .requests = 4, .says = "; the MAC is now 52:54:00:12:34:56"},
    {"C8_not_after_a_silent_zero_mac", SETS_BOTH, .mac = &zero, .exchange = {REFUSED(EADDRNOTAVAIL)},
     .result = -EADDRNOTAVAIL, .requests = 2},
    {"C8_not_after_a_lost_answer", SETS_BOTH, .exchange = {{.lost = true}}, .result = -ETIMEDOUT, STAYS, .requests = 2,
     .says = "cannot set the MAC"},

    {"X_wrong_vf", SETS_BOTH, .vf = -1, .exchange = {REFUSED(EINVAL)}, .result = -EINVAL, STAYS, .requests = 4,
     .says = "VF -1 of fake0"},
    {"X_no_name", SETS_BOTH, .ifname = NULL, .list = &(const struct exchange)REFUSED(EINVAL),
     .exchange = {REFUSED(EINVAL)}, .result = -EINVAL, STAYS, .requests = 4, .says = "an interface without a name"},
    {"X_four_seconds_for_all_of_it", SETS_BOTH, .vlan = &vlan_42, .list = &(const struct exchange){.lost = true},
     .exchange = {{.late = 90, .answer = {.kind = ERROR, .error = -EPERM}}}, .result = -EPERM, STAYS, .requests = 3,
     .at_least = 3900, .at_most = 4100, .says = "cannot set the MAC"},
};
const size_t config_row_count = sizeof(config_rows) / sizeof(config_rows[0]);
