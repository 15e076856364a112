/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rows C0 to C8 of the contract: a configuration sets the MAC, then the VLAN. */
#include "rows.h"

#include <linux/if_ether.h>

static const unsigned char zeros[6], third_mac[6] = {0x52, 0x54, 0, 0xbb, 0xbb, 0xbb};

#define SETS_BOTH .function = CONFIG, .ifname = "fake0", .vf = 3, .mac = &mac
#define SETS_BOTH_42 SETS_BOTH, ID(42)
/* An interface name of 127 bytes, and a text of 117 bytes from the kernel. */
#define PART "a-15-byte-name-"
#define NAME PART PART PART PART PART PART PART PART "altname"
#define WORDS "the kernel's words " "the kernel's words " "the kernel's words " "the kernel's words " \
    "the kernel's words " "the kernel's words " "end"
/* The guest does not start: the VF gets its former MAC again. */
#define PUT_BACK .put_back = true
/* The kernel answers with its list, and then sets the MAC. */
#define BEGINS(...) LISTED(__VA_ARGS__), ACKED
/* The kernel sets the MAC and refuses the VLAN. The call fails with the same errno. */
#define VLAN_REFUSAL(number, ...) GETS(ACKED, REFUSED(number)), FAILS(number, __VA_ARGS__)

const struct row config_rows[] = {
    {"C0_mac_and_vlan", SETS_BOTH_42, .requests = 3},
    {"C0_mac_and_no_vlan", SETS_BOTH, .requests = 3},
    {"C0_mac_and_an_explicit_clear", SETS_BOTH, ID(0), .requests = 3},
    {"C0_without_a_list", SETS_BOTH, NO_LIST, .requests = 3},
    {"C0_mac_and_no_vlan_on_a_dpu", SETS_BOTH, GETS(ACKED, REFUSED(EPERM)), .requests = 3},
    {"C0_mac_and_no_vlan_without_a_vlan_function", SETS_BOTH, GETS(ACKED, REFUSED(EOPNOTSUPP)), .requests = 3},
    {"C0_zero_mac_and_no_vlan_without_a_vlan_function", SETS_BOTH, .mac = &zero, ID(0),
     SILENT_REFUSAL(EADDRNOTAVAIL, 2)},
    {"C0_mac_and_no_vlan_where_4095_is_listed_for_none", SETS_BOTH, LIST(.vlan = 4095), GETS(ACKED, REFUSED(EPERM)),
     .requests = 3},
    {"C0_mac_and_the_vlan_that_is_there_on_a_dpu", SETS_BOTH_42, LIST(.vlan = 42), GETS(ACKED, REFUSED(EPERM)),
     .requests = 3},
    {"C0_in_reset_at_each_step", SETS_BOTH_42, GETS(REFUSED(EBUSY), ACKED, IN_RESET(EAGAIN, 4)), .requests = 13},
    {"C0_the_list_from_before_counts", SETS_BOTH, GETS(BEGINS(.vlan = 42), REFUSED(EINVAL), LISTED()), PUT_BACK,
     FAILS(EINVAL, 5, "the VF still has VLAN 42")},
    {"C1_no_mac", SETS_BOTH, .mac = NULL, ID(42), .requests = 2},
    {"C1_no_mac_and_no_vlan", SETS_BOTH, .mac = NULL, .requests = 2},
    {"C1_no_mac_and_no_allow_retry", SETS_BOTH, .mac = NULL, .retry = NO_POINTER, .requests = 2},
    {"C2_a_refused_mac_ends_it", SETS_BOTH, REFUSAL(EPERM, 3, "cannot set the MAC")},
    {"C2_also_with_a_vlan", SETS_BOTH_42, REFUSAL(EINVAL, 4, "cannot set the MAC")},
    {"C2_also_in_reset", SETS_BOTH, GETS(STAYS_IN_RESET(EAGAIN)),
     FAILS(EAGAIN, 30, "cannot set the MAC of VF 3 of fake0 to 52:54:00:12:34:56 (possible causes: the VF stayed ")},
    {"C2_also_in_reset_with_einval_and_a_gap", SETS_BOTH, LIST(GAP), GETS(STAYS_IN_RESET(EINVAL)),
     FAILS(EINVAL, 30, "; its MAC is not known")},
    {"C2_with_the_pf_down", SETS_BOTH, LIST(DOWN), REFUSAL(EAGAIN, 3, "cannot set the MAC of VF 3 of fake0 to "
     "52:54:00:12:34:56 (the PF is down; bring it up with ip link set dev fake0 up): ")},
    {"C2_a_refused_zero_mac_may_be_retried", SETS_BOTH, .mac = &zero, SILENT_REFUSAL(EINVAL, 3)},
    {"C2_a_refused_zero_mac_with_vlan_0_may_be_retried", SETS_BOTH, .mac = &zero, ID(0), SILENT_REFUSAL(EINVAL, 3)},
    {"M4_a_refused_mac_that_is_there_is_a_success", SETS_BOTH, .mac = &listed_mac, ID(42), GETS(REFUSED(EINVAL)),
     .requests = 4},
    {"M4_also_a_zero_one", SETS_BOTH, .mac = &zero, ID(0), LIST(.mac = zeros), GETS(REFUSED(EINVAL)), .requests = 4},
    {"M4_not_by_another_errno", SETS_BOTH, .mac = &listed_mac, REFUSAL(EACCES, 3, "cannot set the MAC")},
    {"M4_not_in_reset", SETS_BOTH, .mac = &listed_mac, GETS(STAYS_IN_RESET(EBUSY)),
     FAILS(EBUSY, 30, "cannot set the MAC")},
    {"M4_not_one_that_is_there_only_after_it", SETS_BOTH, GETS(LISTED(), REFUSED(EPERM), LISTED(.mac = mac.addr)),
     PUT_BACK, FAILS(EPERM, 4, "cannot set the MAC")},
    {"C3_a_refused_vlan_after_the_mac_is_no_reason_to_retry", SETS_BOTH_42, PUT_BACK, VLAN_REFUSAL(EPERM, 4, "cannot "
     "set the VLAN of VF 3 of fake0 to 42 (the device accepts the MAC; possible causes: a SmartNIC DPU, or another "
     "policy of the device such as trunk, rate limit or privilege; set the VLAN on the device or its DPU instead; the "
     "VF still has no VLAN; the former MAC 52:54:00:aa:aa:aa is set again): Operation ")},
    {"C3_einval_is_final", SETS_BOTH, .mac = &zero, ID(42), PUT_BACK, VLAN_REFUSAL(EINVAL, 5, "cannot set the VLAN")},
    {"C3_no_retry_without_a_mac", SETS_BOTH, .mac = NULL, ID(42), REFUSAL(EPERM, 2, "CAP_NET_ADMIN")},
    {"C3_no_retry_after_an_explicit_clear", SETS_BOTH, .mac = &zero, ID(0), LIST(.vlan = 7),
     VLAN_REFUSAL(EINVAL, 4, "cannot clear the VLAN")},
    {"C3_explicit_clear_of_nothing_after_the_mac", SETS_BOTH, ID(0), GETS(ACKED, REFUSED(EPERM)), .requests = 3},
    {"C3_explicit_clear_of_a_vlan_after_the_mac", SETS_BOTH, ID(0), LIST(.vlan = 7),
     VLAN_REFUSAL(EPERM, 3, "the VF still has VLAN 7")},
    {"C3_a_vlan_that_is_refused_late", SETS_BOTH_42, GETS(ACKED, REFUSED(EPERM, .late = 150)), PUT_BACK,
     FAILS(EPERM, 4, "the device accepts the MAC")},
    {"C3_an_explicit_clear_without_a_list", SETS_BOTH, ID(0), NO_LIST, VLAN_REFUSAL(EPERM, 3, "its VLAN is not known")},
    {"C3_the_longest_name_and_the_kernels_words_are_whole", SETS_BOTH, .ifname = NAME, ID(42), GETS(ACKED,
     REFUSED(EPERM, .answer.ext_ack = WORDS)), PUT_BACK, FAILS(EPERM, 4, "of " NAME " to 42 (the device accepts the "
     "MAC; possible causes: a SmartNIC DPU, or another policy of the device such as trunk, rate limit or privilege; "
     "set the VLAN on the device or its DPU instead; the kernel says \"" WORDS "\"; the VF still has")},
    {"C4_a_mac_and_no_allow_retry", SETS_BOTH_42, .retry = NO_POINTER, FAILS(EINVAL, 0, "allowRetry is NULL")},

    {"C5_the_former_mac_is_put_back_and_the_message_says_so", SETS_BOTH_42, PUT_BACK, VLAN_REFUSAL(EINVAL, 5, "cannot "
     "set the VLAN of VF 3 of fake0 to 42 (the device accepts the MAC; possible causes: a value that the PF's driver "
     "does not accept; the kernel's log may say more; the former MAC 52:54:00:aa:aa:aa is set again): ")},
    {"C5_in_switchdev_mode", SETS_BOTH_42, PUT_BACK, VLAN_REFUSAL(EOPNOTSUPP, 4, "(the device accepts the MAC; "
     "possible causes: a driver without VLANs, or switchdev mode; set the VLAN on the VF's representor or on the DPU "
     "instead; the former MAC 52:54:00:aa:aa:aa is set again): Operation ")},
    {"C5_another_protocol_is_another_vlan", SETS_BOTH_42, LIST(.vlan = 43, .protocol = ETH_P_8021AD), PUT_BACK,
     VLAN_REFUSAL(EPERM, 4, "the VF still has 802.1ad VLAN 43")},
    {"C5_without_a_vlan_on_a_vf_that_stays_in_reset", SETS_BOTH, GETS(ACKED, IN_RESET(EAGAIN, 14)), PUT_BACK,
     FAILS(EAGAIN, 31, "cannot clear the VLAN of VF 3 of fake0 (possible causes: the VF stayed in reset")},
    {"C5_without_a_vlan_and_with_the_pf_down", SETS_BOTH, GETS(BEGINS(), REFUSED(EAGAIN), LISTED(DOWN)), PUT_BACK,
     FAILS(EAGAIN, 5, "fake0 up; the former MAC 52:54:00:aa:aa:aa is set again)")},
    {"C5_without_a_vlan_where_one_stays", SETS_BOTH, LIST(.vlan = 42), PUT_BACK,
     VLAN_REFUSAL(EPERM, 4, "cannot clear the VLAN of VF 3 of fake0 (the device accepts the MAC; possible causes: a "
     "SmartNIC DPU, or another policy of the device such as trunk, rate limit or privilege; the kernel's log may say "
     "more; the VF still has VLAN 42; the former MAC 52:54:00:aa:aa:aa is set again): Operation not permitted")},
    {"C5_also_with_another_errno", SETS_BOTH, LIST(.vlan = 42), PUT_BACK, VLAN_REFUSAL(EINVAL, 5, "is set again")},
    {"C5_from_a_list_with_a_gap", SETS_BOTH_42, LIST(.gap = 2, .gap_from = 4), PUT_BACK,
     VLAN_REFUSAL(EINVAL, 5, "is set again")},
    {"C5_not_where_none_was_set", SETS_BOTH, .mac = NULL, ID(42), REFUSAL(EINVAL, 3, "cannot set the VLAN")},
    {"C5_not_where_the_vlan_is_there_already", SETS_BOTH_42, LIST(.vlan = 42),
     VLAN_REFUSAL(EINVAL, 4, "cannot set the VLAN")},
    {"C5_not_after_an_explicit_clear", SETS_BOTH, ID(0), LIST(.vlan = 42),
     VLAN_REFUSAL(EOPNOTSUPP, 3, "the VF still has VLAN 42")},
    {"C5_not_where_it_is_the_same", SETS_BOTH, .mac = &listed_mac, ID(42),
     VLAN_REFUSAL(EINVAL, 4, "cannot set the VLAN")},
    {"C5_not_where_nothing_is_known", SETS_BOTH_42, NO_LIST,
     VLAN_REFUSAL(ERANGE, 4, "; the MAC is now 52:54:00:12:34:56")},
    {"C8_a_refused_mac_and_then_no_list", SETS_BOTH, GETS(REFUSED(EPERM), {.fails[SOCKET] = EMFILE}),
     FAILS(EPERM, 2, "; its MAC is not known")},
    {"C5_a_mac_that_cannot_be_put_back", SETS_BOTH_42, GETS(ACKED, REFUSED(EINVAL), REFUSED(EPERM)), PUT_BACK,
     FAILS(EINVAL, 5, "; setting the former MAC 52:54:00:aa:aa:aa again failed, errno 1")},
    {"C5_no_socket_to_put_it_back", SETS_BOTH_42, GETS(ACKED, REFUSED(EPERM), {.fails[SOCKET] = EMFILE}),
     FAILS(EPERM, 3, "again failed, errno 24")},
    {"C5_it_is_not_known_whether_it_was_put_back", SETS_BOTH_42, GETS(ACKED, REFUSED(EPERM), {.lost = true}), PUT_BACK,
     FAILS(EPERM, 4, "; it is not known whether the former MAC 52:54:00:aa:aa:aa is set again")},
    {"C5_it_is_not_known_if_the_device_does_not_answer", SETS_BOTH_42, GETS(ACKED, REFUSED(EPERM), REFUSED(ETIMEDOUT)),
     PUT_BACK, FAILS(EPERM, 4, "; it is not known whether the former MAC 52:54:00:aa:aa:aa is set again")},
    {"C5_a_former_zero_mac_is_put_back", SETS_BOTH_42, LIST(.mac = zeros),
     VLAN_REFUSAL(EPERM, 4, "; the former MAC 00:00:00:00:00:00 is set again")},
    {"C5_a_former_zero_mac_that_is_refused_becomes_the_fallback_mac", SETS_BOTH_42, LIST(.mac = zeros),
     GETS(ACKED, REFUSED(EPERM), REFUSED(EADDRNOTAVAIL)), .last_mac = {2},
     FAILS(EPERM, 5, "; the driver refuses the former all-zero MAC, so the MAC is now 02:00:00:00:00:00")},
    {"C5_the_fallback_mac_is_refused_too", SETS_BOTH_42, LIST(.mac = zeros),
     GETS(ACKED, REFUSED(EPERM), REFUSED(EADDRNOTAVAIL), REFUSED(EACCES)),
     FAILS(EPERM, 5, "; setting the former MAC 00:00:00:00:00:00 again failed, errno 13")},
    {"C5_not_for_a_former_zero_mac_in_reset", SETS_BOTH_42, LIST(.mac = zeros), GETS(ACKED, REFUSED(EPERM),
     STAYS_IN_RESET(EBUSY)), FAILS(EPERM, 31, "; setting the former MAC 00:00:00:00:00:00 again failed, errno 16")},
    {"C5_a_vlan_that_could_not_be_sent", SETS_BOTH, GETS(ACKED, {.fails[SOCKET] = EMFILE}, ACKED), PUT_BACK,
     FAILS(EMFILE, 3, "; the former MAC 52:54:00:aa:aa:aa is set again")},
    {"C5_a_vlan_whose_socket_is_not_connected", SETS_BOTH, GETS(ACKED, {.fails[CONNECT] = EADDRINUSE}, ACKED), PUT_BACK,
     FAILS(EADDRINUSE, 3, "is set again")},
    {"C6_a_vlan_that_was_sent_in_part", SETS_BOTH, GETS(ACKED, {.short_send = true}),
     FAILS(EIO, 3, "the request could not be sent")},
    {"C5_put_back_after_a_reset", SETS_BOTH_42, GETS(ACKED, REFUSED(EPERM), IN_RESET(EBUSY, 3)), PUT_BACK,
     FAILS(EPERM, 10, "is set again")},
    {"C5_a_vf_that_stays_in_reset_for_all_of_it", SETS_BOTH, GETS(IN_RESET(EBUSY, 11), ACKED, STAYS_IN_RESET(EAGAIN)),
     PUT_BACK, TAKES(3900, 4100), FAILS(EAGAIN, 62, "again failed, errno 11")},
    {"C5_a_slow_refusal_is_certain", SETS_BOTH_42, GETS(ACKED, REFUSED(EPERM, .takes = 1000)), PUT_BACK,
     FAILS(EPERM, 4, "is set again")},

    {"C6_without_an_answer_the_mac_stays", SETS_BOTH_42, GETS(ACKED, {.lost = true}), FAILS(ETIMEDOUT, 3, "(the kernel "
     "did not answer in time; it is not known whether it was done: look at the VF with ip link")},
    {"C6_also_without_a_vlan", SETS_BOTH, GETS(ACKED, {.lost = true}),
     FAILS(ETIMEDOUT, 3, "the kernel did not answer in time; it is not known")},
    {"C6_after_a_malformed_answer_too", SETS_BOTH_42, GETS(ACKED, ANSWER(.cut_to = 16)),
     FAILS(EBADMSG, 3, "the kernel's answer is malformed")},
    {"C6_after_a_forged_one_too", SETS_BOTH_42, GETS(ACKED, ANSWER(.sender = 4711)),
     FAILS(EBADMSG, 3, "only unsolicited messages came")},
    {"C6_and_where_there_was_no_buffer_for_it", SETS_BOTH_42, GETS(ACKED, {.fails[RECV] = ENOBUFS}),
     FAILS(ENOBUFS, 3, "could not be received")},
    {"C6_after_a_reset_too", SETS_BOTH_42, GETS(ACKED, REFUSED(EAGAIN), {.lost = true}),
     FAILS(ETIMEDOUT, 5, "the kernel did not answer in time")},
#define NO_REPLY(name, number) \
    {"S11_" name "_of_the_kernels_is_not_known", SETS_BOTH_42, VLAN_REFUSAL(number, 3, \
     "(possible causes: the device or its firmware did not answer, or failed; it is not known")}
    NO_REPLY("etimedout", ETIMEDOUT),
    NO_REPLY("eio", EIO),
    NO_REPLY("enxio", ENXIO),
    NO_REPLY("etime", ETIME),
    NO_REPLY("ebade", EBADE),
    NO_REPLY("eintr", EINTR),
    NO_REPLY("ecanceled", ECANCELED),
    {"S11_also_without_a_vlan", SETS_BOTH, VLAN_REFUSAL(ETIMEDOUT, 3, "firmware did not answer")},
    {"S11_a_slow_ebusy_is_not_known_either", SETS_BOTH_42, GETS(ACKED, REFUSED(EBUSY, .takes = 1000)),
     FAILS(EBUSY, 3, "firmware did not answer")},
    {"S11_the_mac_of_a_silent_device_is_not_read", SETS_BOTH,
     REFUSAL(ETIMEDOUT, 2, "to 52:54:00:12:34:56 (possible causes: the device or its firmware did not answer")},

    {"C7_a_vlan_out_of_range", SETS_BOTH, ID(4096),
     FAILS(ERANGE, 0, "cannot set the VLAN of VF 3 of fake0 to 4096 (a VLAN is 0 to 4095;")},
    {"C7_a_negative_vlan", SETS_BOTH, ID(-1), FAILS(ERANGE, 0, "a VLAN is 0 to 4095")},
    {"C7_without_a_mac", SETS_BOTH, .mac = NULL, ID(4096), .retry = NO_POINTER,
     FAILS(ERANGE, 0, "a VLAN is 0 to 4095")},
    {"C7_vlan_4095_is_in_range", SETS_BOTH, ID(4095), .requests = 3},

    {"C8_a_refused_mac_that_is_there_is_taken_away", SETS_BOTH, GETS(LISTED(), REFUSED(EPERM), LISTED(.mac = mac.addr)),
     PUT_BACK, FAILS(EPERM, 4, "cannot set the MAC of VF 3 of fake0 to 52:54:00:12:34:56 (possible causes: no "
     "CAP_NET_ADMIN, or a policy of the device or its DPU; the kernel's log may say more; the former MAC "
     "52:54:00:aa:aa:aa is set again)")},
    {"C8_another_mac_that_is_there_is_taken_away", SETS_BOTH, GETS(LISTED(), REFUSED(EPERM), LISTED(.mac = third_mac)),
     PUT_BACK, FAILS(EPERM, 4, "the former MAC 52:54:00:aa:aa:aa is set again")},
    {"C8_a_former_zero_mac_too", SETS_BOTH, GETS(LISTED(.mac = zeros), REFUSED(EPERM), LISTED(.mac = mac.addr),
     REFUSED(EINVAL)), .last_mac = {2}, FAILS(EPERM, 6, "so the MAC is now 02:00:00:00:00:00)")},
    {"C8_where_it_cannot_be_taken_away", SETS_BOTH, GETS(LISTED(), REFUSED(EPERM), LISTED(.mac = mac.addr),
     REFUSED(EPERM)), PUT_BACK, FAILS(EPERM, 4, "; setting the former MAC 52:54:00:aa:aa:aa again failed, errno 1")},
    {"C8_a_former_mac_that_is_not_known", SETS_BOTH, GETS(LISTED(GAP), REFUSED(EPERM), LISTED(.mac = mac.addr)),
     FAILS(EPERM, 3, "; the MAC is now 52:54:00:12:34:56")},
    {"C8_also_after_a_refused_vlan", SETS_BOTH_42, GETS(LISTED(GAP), ACKED, REFUSED(EPERM), LISTED(.mac = mac.addr)),
     FAILS(EPERM, 4, "; the MAC is now 52:54:00:12:34:56")},
    {"C8_not_after_a_silent_zero_mac", SETS_BOTH, .mac = &zero, SILENT_REFUSAL(EADDRNOTAVAIL, 2)},
    {"C8_not_after_a_lost_answer", SETS_BOTH, GETS({.lost = true}), FAILS(ETIMEDOUT, 2, "cannot set the MAC")},

    {"X_wrong_vf", SETS_BOTH, .vf = -1, REFUSAL(EINVAL, 4, "VF -1 of fake0")},
    {"X_no_name", SETS_BOTH, .ifname = NULL, ALL_LISTS(REFUSED(EINVAL)),
     REFUSAL(EINVAL, 4, "an interface without a name")},
    {"X_four_seconds_for_all_of_it", SETS_BOTH_42, ALL_LISTS({.lost = true}), GETS(REFUSED(EPERM, .late = 90)),
     TAKES(3900, 4100), FAILS(EPERM, 3, "cannot set the MAC")},
    {0},
};
