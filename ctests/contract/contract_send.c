/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rows S2 to S11 of the contract: one request and its answer. S1 is in bytes.c. */
#include "rows.h"

#define NAME_15 "abcdefghijklmno"
#define NAME_16 "abcdefghijklmnop"
#define NAME_64 NAME_16 NAME_16 NAME_16 NAME_16
#define NAME_127 NAME_64 NAME_16 NAME_16 NAME_16 NAME_15
#define NAME_1024 \
    NAME_64 NAME_64 NAME_64 NAME_64 NAME_64 NAME_64 NAME_64 NAME_64 \
    NAME_64 NAME_64 NAME_64 NAME_64 NAME_64 NAME_64 NAME_64 NAME_64
#define NAME_4096 NAME_1024 NAME_1024 NAME_1024 NAME_1024

static const struct ifla_vf_vlan vlan = {.vf = 3, .vlan = 42}, beyond = {.vf = 299, .vlan = 42};
static const unsigned char large[65524];

/* A request that sets VLAN 42 on VF 3. A row may replace each of these fields. */
#define SENDS .function = REQUEST, .ifname = "fake0", .type = IFLA_VF_VLAN, .payload = &vlan, .length = sizeof(vlan)
/* How messages start; and the message about a malformed answer. */
#define SENDING "cannot set attribute 2 of a VF of fake0 ("
#define MALFORMED(how) FAILS(EBADMSG, 1, SENDING "the kernel's answer is malformed" how)

const struct row send_rows[] = {
    {"S2_an_ack_is_a_success", SENDS, .requests = 1},
    {"S2_done_is_a_success", SENDS, GETS(ANSWER(.kind = DONE)), .requests = 1},
    {"S3_the_kernels_errno_comes_back_silently", SENDS, SILENT_REFUSAL(EPERM, 1)},
    {"S3_any_errno_of_the_kernels", SENDS, SILENT_REFUSAL(4095, 1)},
    {"S3_a_refusal_with_words_is_silent_too", SENDS, GETS(REFUSED(ERANGE, .answer.ext_ack = "words")),
     SILENT(ERANGE, 1)},

    {"S4_no_socket", SENDS, GETS({.fails[SOCKET] = EMFILE}), FAILS(EMFILE, 0, "no netlink socket")},
    {"S4_a_socket_refused_is_not_the_kernels_eperm", SENDS, GETS({.fails[SOCKET] = EPERM}),
     FAILS(EACCES, 0, "no netlink socket")},
    {"S4_not_connected", SENDS, GETS({.fails[CONNECT] = EADDRINUSE}), FAILS(EADDRINUSE, 0, "could not be connected")},
    {"S4_a_connection_refused_is_not_the_kernels_eperm", SENDS, GETS({.fails[CONNECT] = EPERM}),
     FAILS(EACCES, 0, "could not be connected")},
    {"S4_the_send_fails", SENDS, GETS({.fails[SEND] = ENOBUFS}), FAILS(ENOBUFS, 0, "could not be sent")},
    {"S4_a_send_refused_is_not_the_kernels_eperm", SENDS, GETS({.fails[SEND] = EPERM}),
     FAILS(EACCES, 0, "could not be sent")},
    {"S4_a_short_send", SENDS, GETS({.short_send = true}), FAILS(EIO, 1, "could not be sent")},
    {"S4_no_answer", SENDS, GETS({.lost = true}), FAILS(ETIMEDOUT, 1, SENDING "the kernel did not answer in time")},
    {"S4_the_wait_fails", SENDS, GETS({.lost = true, .fails[POLL] = ENOMEM}), FAILS(ENOMEM, 1, SENDING "waiting")},
    {"S4_a_wait_refused_is_not_the_kernels_eperm", SENDS, GETS({.lost = true, .fails[POLL] = EPERM}),
     FAILS(EACCES, 1, SENDING "waiting")},
    {"S4_the_answer_cannot_be_received", SENDS, GETS({.fails[RECV] = ENOBUFS}),
     FAILS(ENOBUFS, 1, SENDING "the kernel's answer could not be received")},
    {"S4_a_receive_refused_is_not_the_kernels_eperm", SENDS, GETS({.fails[RECV] = EPERM}),
     FAILS(EACCES, 1, SENDING "the kernel's answer could not be received")},
    {"S4_an_answer_from_another_process", SENDS, GETS(ANSWER(.sender = 4711)),
     FAILS(EBADMSG, 1, SENDING "only unsolicited messages came in place of the kernel's answer")},
    {"S4_a_forged_ack_before_the_kernels_refusal", SENDS,
     GETS(REFUSED(EINVAL, .has_first = true, .first = {.sender = 4711})), SILENT(EINVAL, 2)},
    {"S4_an_answer_to_another_request", SENDS, GETS(ANSWER(.sequence_off = 1)),
     FAILS(EBADMSG, 1, SENDING "only unsolicited messages came in place of the kernel's answer")},
    {"S4_an_old_ack_before_the_kernels_refusal", SENDS,
     GETS(REFUSED(EINVAL, .has_first = true, .first = {.sequence_off = -1U})), SILENT(EINVAL, 2)},
    {"S4_an_answer_of_another_type", SENDS, GETS(ANSWER(.kind = OTHER_TYPE)), MALFORMED("")},
    {"S4_an_answer_larger_than_what_came", SENDS, GETS(ANSWER(.says_length = 4096)), MALFORMED("")},
    {"S4_an_answer_longer_than_the_room_for_it", SENDS, GETS(ANSWER(.cut_to = 4096, .says_length = 4096)),
     MALFORMED("")},
    {"S4_an_ack_that_was_cut", SENDS, GETS(ANSWER(.cut_to = 4096)), MALFORMED(": it is too long")},
    {"S4_a_signal_ends_nothing", SENDS, GETS({.late = 3, .interrupted = {[SEND] = 3, [POLL] = 3, [RECV] = 3}}),
     .requests = 1},
    {"S4_signals_without_end_end_at_the_deadline", SENDS, GETS({.interrupted[SEND] = FOR_EVER}),
     FAILS(ETIMEDOUT, 0, "the request could not be sent")},
    {"S4_a_receive_interrupted_without_end", SENDS, GETS({.interrupted[RECV] = FOR_EVER}),
     FAILS(ETIMEDOUT, 1, SENDING "the kernel did not answer in time")},
    {"S4_a_late_answer_is_waited_for", SENDS, GETS({.late = 5}), .requests = 1},
    {"S4_a_kernel_without_extended_ack_is_enough", SENDS, GETS({.fails[SETSOCKOPT] = ENOPROTOOPT}), .requests = 1},

    {"S5_no_name_is_left_to_the_kernel", SENDS, .ifname = NULL, SILENT_REFUSAL(EINVAL, 2)},
    {"S6_a_name_of_127_bytes_is_sent", SENDS, .ifname = NAME_127, .requests = 1},
    {"S6_a_name_of_128_bytes_cannot_exist", SENDS, .ifname = NAME_64 NAME_64,
     FAILS(ERANGE, 0, "an interface name of 128 bytes is too long")},
    {"S6_a_name_of_4096_bytes_cannot_exist", SENDS, .ifname = NAME_4096,
     FAILS(ERANGE, 0, "is too long, the longest has 127")},

    {"S7_no_payload_with_a_length", SENDS, .payload = NULL, .length = 12, FAILS(EINVAL, 0, "payload is NULL")},
    {"S7_no_payload_and_no_length_is_sent", SENDS, .payload = NULL, .length = 0, SILENT_REFUSAL(ERANGE, 1)},
    {"S7_the_largest_payload_is_sent", SENDS, .payload = large, .length = 65520, .requests = 1},
    {"S7_a_payload_that_overflows_its_length", SENDS, .payload = large, .length = 65521,
     FAILS(EMSGSIZE, 0, "a payload of 65521 bytes does not fit")},
#if SIZE_MAX > UINT32_MAX
    {"S7_a_length_whose_low_half_would_fit", SENDS, .length = (size_t)UINT32_MAX + 1 + 12,
     FAILS(EMSGSIZE, 0, "does not fit")},
#endif
    {"S7_size_max", SENDS, .length = SIZE_MAX, FAILS(EMSGSIZE, 0, "does not fit")},
    {"S7_no_payload_and_size_max", SENDS, .payload = NULL, .length = SIZE_MAX, FAILS(EINVAL, 0, "payload is NULL")},
    {"S7_type_minus_1", SENDS, .type = -1, FAILS(EINVAL, 0, "attribute type -1 is out of range (1 to 16383)")},
    {"S7_type_0", SENDS, .type = 0, FAILS(EINVAL, 0, "is out of range")},
    {"S7_the_largest_type_is_sent", SENDS, .type = 0x3fff, SILENT_REFUSAL(EINVAL, 2)},
    {"S7_a_type_with_a_flag_bit", SENDS, .type = 0x4000, FAILS(EINVAL, 0, "is out of range")},
    {"S7_a_type_whose_low_half_would_fit", SENDS, .type = 0x10002, FAILS(EINVAL, 0, "is out of range")},
    {"S7_a_refused_large_request_is_not_repeated", SENDS, .payload = large, .length = 4096, SILENT_REFUSAL(ERANGE, 1)},
    {"S7_nor_one_whose_refusal_would_just_not_fit_into_1024_bytes", SENDS, .payload = large, .length = 960,
     SILENT_REFUSAL(ERANGE, 1)},

    {"S8_a_positive_error", SENDS, GETS(ANSWER(.kind = ERROR, .error = EPERM)),
     MALFORMED(": its error is not an errno")},
    {"S8_an_error_beyond_all_errnos", SENDS, GETS(ANSWER(.kind = ERROR, .error = INT32_MIN)), MALFORMED("")},
    {"S8_an_error_shorter_than_it_says", SENDS, GETS(ANSWER(.cut_to = 16)), MALFORMED(": it is shorter than it says")},
    {"S8_an_error_without_its_number", SENDS, GETS(ANSWER(.cut_to = 16, .says_length = 16)),
     MALFORMED(": its error is cut short")},
    {"S8_an_error_without_the_request_it_answers", SENDS, GETS(ANSWER(.cut_to = 20, .says_length = 20)),
     MALFORMED(": its error is cut short")},
    {"S8_half_a_header", SENDS, GETS(ANSWER(.cut_to = 8, .says_length = 8)), MALFORMED("")},
    {"S8_a_length_of_nothing", SENDS, GETS(ANSWER(.says_length = 1)), MALFORMED("")},

    {"S9_in_reset_once", SENDS, GETS(REFUSED(EAGAIN)), TAKES(20, 35), .requests = 3},
    {"S9_busy_once", SENDS, GETS(REFUSED(EBUSY)), TAKES(20, 35), .requests = 3},
    {"S9_without_a_list_too", SENDS, NO_LIST, GETS(REFUSED(EAGAIN)), .requests = 3},
    {"S9_in_reset_then_refused", SENDS, GETS(REFUSED(EAGAIN), REFUSED(ERANGE)), SILENT(ERANGE, 3)},
    {"S9_in_reset_then_busy", SENDS, GETS(REFUSED(EAGAIN), REFUSED(EBUSY)), .requests = 5},
    {"S9_in_reset_for_a_second", SENDS, GETS(IN_RESET(EAGAIN, 9)), TAKES(1300, 1380), .requests = 19},
    {"S9_in_reset_until_the_last_request", SENDS, GETS(IN_RESET(EAGAIN, 13)), TAKES(2000, 2060), .requests = 27},
    {"S9_in_reset_for_ever", SENDS, GETS(STAYS_IN_RESET(EAGAIN)), TAKES(2000, 2060), SILENT(EAGAIN, 28)},
    {"S9_busy_for_ever", SENDS, GETS(STAYS_IN_RESET(EBUSY)), TAKES(2000, 2060), SILENT(EBUSY, 28)},
    {"S9_einval_and_a_gap_is_a_reset", SENDS, LIST(GAP), GETS(REFUSED(EINVAL)), TAKES(20, 35), .requests = 3},
    {"S9_einval_and_a_gap_for_ever", SENDS, LIST(GAP), GETS(STAYS_IN_RESET(EINVAL)), TAKES(2000, 2060),
     SILENT(EINVAL, 28)},
    {"S9_a_gap_that_closes_while_it_is_waited_for", SENDS, LIST(GAP), GETS(REFUSED(EINVAL), REFUSED(EINVAL), LISTED()),
     SILENT(EINVAL, 4)},
    {"S9_einval_for_a_listed_vf_is_no_reset", SENDS, SILENT_REFUSAL(EINVAL, 2)},
    {"S9_einval_for_no_such_vf_is_no_reset", SENDS, LIST(VFS(3)), SILENT_REFUSAL(EINVAL, 2)},
    {"S9_einval_beyond_the_kernels_cap_is_no_reset", SENDS, .payload = &beyond, LIST(.said = 300, .listed = 256),
     SILENT_REFUSAL(EINVAL, 2)},
    {"S9_einval_beyond_the_cap_with_statistics_is_no_reset", SENDS, .payload = &beyond,
     LIST(.said = 300, .listed = 128), SILENT_REFUSAL(EINVAL, 2)},
    {"S9_einval_without_a_list_is_no_reset", SENDS, LIST(.no_list = true), SILENT_REFUSAL(EINVAL, 2)},
    {"S9_einval_is_no_reset_if_the_list_cannot_be_read", SENDS, NO_LIST, SILENT_REFUSAL(EINVAL, 2)},
    {"S9_another_errno_and_a_gap_is_no_reset", SENDS, LIST(GAP), SILENT_REFUSAL(EPERM, 1)},
    {"S9_a_driver_that_waits_too", SENDS, GETS(REFUSED(EAGAIN, .again = FOR_EVER, .takes = 300)), TAKES(2000, 2700),
     SILENT(EAGAIN, 12)},
    {"S9_nothing_is_sent_after_a_slow_request", SENDS, GETS(REFUSED(EBUSY, .again = FOR_EVER, .takes = 1000)),
     TAKES(1000, 1010), SILENT(EBUSY, 1)},
    {"S9_nothing_is_sent_after_a_later_slow_request", SENDS, GETS(REFUSED(EAGAIN), REFUSED(EAGAIN, .takes = 1000)),
     SILENT(EAGAIN, 3)},
    {"S9_a_slow_einval_is_not_sent_again", SENDS, LIST(GAP), GETS(REFUSED(EINVAL, .takes = 1000)), SILENT(EINVAL, 1)},
    {"S9_nothing_is_sent_after_a_slow_answer", SENDS, GETS(REFUSED(EAGAIN, .late = 101)), SILENT(EAGAIN, 1)},
    {"S9_eagain_of_sendmsg_is_no_reset", SENDS, GETS({.fails[SEND] = EAGAIN}), FAILS(EAGAIN, 0, "could not be sent")},
    {"S9_ebusy_of_recvfrom_is_no_reset", SENDS, GETS({.fails[RECV] = EBUSY}),
     FAILS(EBUSY, 1, SENDING "the kernel's answer could not be received")},
    {"S9_not_a_lost_answer", SENDS, GETS(REFUSED(EAGAIN), {.lost = true}), TAKES(2000, 2060),
     FAILS(ETIMEDOUT, 3, "did not answer in time")},
    {"S9_signals_neither_shorten_nor_lengthen_a_pause", SENDS,
     GETS(REFUSED(EAGAIN, .again = FOR_EVER, .interrupted[PAUSE] = 5)), TAKES(2000, 2160), SILENT(EAGAIN, 28)},
    {"S9_signals_without_end", SENDS, GETS(REFUSED(EAGAIN, .again = FOR_EVER, .interrupted[PAUSE] = FOR_EVER)),
     TAKES(2000, 2060), SILENT(EAGAIN, 28)},
    {"S9_no_pause_is_possible", SENDS, GETS(REFUSED(EAGAIN, .fails[PAUSE] = ENOMEM)), SILENT(EAGAIN, 2)},
    {"S9_late_answers_a_long_reset_and_a_lost_answer_in_four_seconds", SENDS, GETS(REFUSED(EAGAIN, .late = 80),
     LISTED(), REFUSED(EAGAIN, .late = 80), LISTED(), IN_RESET(EAGAIN, 6), {.lost = true}), TAKES(3900, 4100),
     FAILS(ETIMEDOUT, 17, "did not answer in time")},

    {"S10_a_pf_that_is_down", SENDS, LIST(DOWN), TAKES(0, 15), SILENT_REFUSAL(EAGAIN, 2)},
    {"S10_also_busy", SENDS, LIST(DOWN), TAKES(0, 15), SILENT_REFUSAL(EBUSY, 2)},
    {"S10_also_einval", SENDS, LIST(DOWN), TAKES(0, 15), SILENT_REFUSAL(EINVAL, 2)},
    {"S10_also_enetdown", SENDS, LIST(DOWN), SILENT_REFUSAL(ENETDOWN, 2)},
    {"S10_also_where_other_vfs_are_listed", SENDS, LIST(GAP, .down = true), TAKES(0, 15), SILENT_REFUSAL(EAGAIN, 2)},
    {"S10_a_vf_that_is_listed_is_in_reset", SENDS, LIST(.down = true), GETS(REFUSED(EAGAIN)), .requests = 3},
    {"S10_einval_for_a_listed_vf_is_a_refusal", SENDS, LIST(.down = true), SILENT_REFUSAL(EINVAL, 2)},
    {"S10_a_pf_that_goes_down_while_it_is_waited_for", SENDS,
     GETS(REFUSED(EAGAIN), LISTED(), REFUSED(EAGAIN), LISTED(DOWN)), SILENT(EAGAIN, 4)},

    {"S11_the_device_does_not_answer", SENDS, LIST(GAP), SILENT_REFUSAL(ETIMEDOUT, 1)},
    {"S11_also_eintr", SENDS, SILENT_REFUSAL(EINTR, 1)},
    {0},
};
