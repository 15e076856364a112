/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The contract's rows S2 to S8: one request and its answer. S1 is in bytes.c. */
#include "rows.h"

#define IFNAME "fake0"
#define NAME_15 "abcdefghijklmno"
#define NAME_16 "abcdefghijklmnop"
#define NAME_64 NAME_16 NAME_16 NAME_16 NAME_16
#define NAME_127 NAME_64 NAME_16 NAME_16 NAME_16 NAME_15
#define NAME_1024 \
    NAME_64 NAME_64 NAME_64 NAME_64 NAME_64 NAME_64 NAME_64 NAME_64 \
    NAME_64 NAME_64 NAME_64 NAME_64 NAME_64 NAME_64 NAME_64 NAME_64
#define NAME_4096 NAME_1024 NAME_1024 NAME_1024 NAME_1024

static const struct ifla_vf_vlan vlan = {.vf = 3, .vlan = 42};
static const unsigned char large[65524];

/* A request for VLAN 42 of VF 3, and what else a row says. */
#define SENDS .function = REQUEST, .ifname = IFNAME, .type = IFLA_VF_VLAN, .payload = &vlan, .length = sizeof(vlan)
/* It was sent, and its failure is told. */
#define TOLD .requests = 1, .says = "cannot set attribute 2 of a VF of fake0: "

const struct row send_rows[] = {
    {"S2_an_ack_is_a_success", SENDS, .requests = 1},
    {"S2_done_is_a_success", SENDS, .exchange = {{.answer = {.kind = DONE}}}, .requests = 1},
    {"S3_the_kernels_errno_comes_back_silently", SENDS, .exchange = {REFUSED(EPERM)}, .result = -EPERM, .requests = 1},
    {"S3_any_errno_of_the_kernels", SENDS, .exchange = {REFUSED(4095)}, .result = -4095, .requests = 1},
    {"S3_a_refusal_with_words_is_silent_too", SENDS,
     .exchange = {{.answer = {.kind = ERROR, .error = -ERANGE, .ext_ack = "words"}}}, .result = -ERANGE, .requests = 1},

    {"S4_no_socket", SENDS, .exchange = {{.fails[SOCKET] = EMFILE}}, .result = -EMFILE, .says = "no netlink socket"},
    {"S4_a_socket_refused_is_not_the_kernels_eperm", SENDS, .exchange = {{.fails[SOCKET] = EPERM}}, .result = -EACCES,
     .says = "no netlink socket"},
    {"S4_not_connected", SENDS, .exchange = {{.fails[CONNECT] = EADDRINUSE}}, .result = -EADDRINUSE,
     .says = "could not be connected"},
    {"S4_a_connection_refused_is_not_the_kernels_eperm", SENDS, .exchange = {{.fails[CONNECT] = EPERM}},
     .result = -EACCES, .says = "could not be connected"},
    {"S4_the_send_fails", SENDS, .exchange = {{.fails[SEND] = ENOBUFS}}, .result = -ENOBUFS, .says = "could not be sent"},
    {"S4_a_send_refused_is_not_the_kernels_eperm", SENDS, .exchange = {{.fails[SEND] = EPERM}}, .result = -EACCES,
     .says = "could not be sent"},
    {"S4_a_short_send", SENDS, .exchange = {{.short_send = true}}, .result = -EIO, .requests = 1,
     .says = "could not be sent"},
    {"S4_no_answer", SENDS, .exchange = {{.lost = true}}, .result = -ETIMEDOUT, TOLD "the kernel did not answer in time"},
    {"S4_the_wait_fails", SENDS, .exchange = {{.lost = true, .fails[POLL] = ENOMEM}}, .result = -ENOMEM, TOLD "waiting"},
    {"S4_a_wait_refused_is_not_the_kernels_eperm", SENDS, .exchange = {{.lost = true, .fails[POLL] = EPERM}},
     .result = -EACCES, TOLD "waiting"},
    {"S4_the_answer_cannot_be_received", SENDS, .exchange = {{.fails[RECV] = ENOBUFS}}, .result = -ENOBUFS,
     TOLD "the kernel's answer could not be received"},
    {"S4_a_receive_refused_is_not_the_kernels_eperm", SENDS, .exchange = {{.fails[RECV] = EPERM}}, .result = -EACCES,
     TOLD "the kernel's answer could not be received"},
    {"S4_an_answer_from_another_process", SENDS, .exchange = {{.answer = {.sender = 4711}}}, .result = -EBADMSG,
     TOLD "in place of the kernel's answer"},
    {"S4_a_forged_ack_before_the_kernels_refusal", SENDS,
     .exchange = {{.has_first = true, .first = {.sender = 4711}, .answer = {.kind = ERROR, .error = -EINVAL}}},
     .result = -EINVAL, .requests = 1},
    {"S4_an_answer_to_another_request", SENDS, .exchange = {{.answer = {.sequence_off = 1}}}, .result = -EBADMSG,
     TOLD "in place of the kernel's answer"},
    {"S4_an_old_ack_before_the_kernels_refusal", SENDS,
     .exchange = {{.has_first = true, .first = {.sequence_off = -1U}, .answer = {.kind = ERROR, .error = -EINVAL}}},
     .result = -EINVAL, .requests = 1},
    {"S4_an_answer_of_another_type", SENDS, .exchange = {{.answer = {.kind = OTHER_TYPE}}}, .result = -EBADMSG,
     TOLD "the kernel's answer is malformed"},
    {"S4_an_answer_larger_than_what_came", SENDS, .exchange = {{.answer = {.says_length = 4096}}}, .result = -EBADMSG,
     TOLD "the kernel's answer is malformed"},
    {"S4_an_answer_longer_than_the_room_for_it", SENDS, .exchange = {{.answer = {.cut_to = 4096, .says_length = 4096}}},
     .result = -EBADMSG, TOLD "the kernel's answer is malformed"},
    {"S4_an_ack_that_was_cut", SENDS, .exchange = {{.answer = {.cut_to = 4096}}}, .result = -EBADMSG,
     TOLD "the kernel's answer is malformed: it is longer than any there is"},
    {"S4_a_signal_ends_nothing", SENDS,
     .exchange = {{.late = 3, .interrupted = {[SEND] = 3, [POLL] = 3, [RECV] = 3}}}, .requests = 1},
    {"S4_signals_without_end_end_at_the_deadline", SENDS, .exchange = {{.interrupted[SEND] = 1 << 30}},
     .result = -ETIMEDOUT, .says = "did not answer in time"},
    {"S4_a_receive_interrupted_without_end", SENDS, .exchange = {{.interrupted[RECV] = 1 << 30}}, .result = -ETIMEDOUT,
     TOLD "the kernel did not answer in time"},
    {"S4_a_late_answer_is_waited_for", SENDS, .exchange = {{.late = 5}}, .requests = 1},
    {"S4_a_kernel_without_extended_ack_is_enough", SENDS, .exchange = {{.fails[SETSOCKOPT] = ENOPROTOOPT}},
     .requests = 1},

    {"S5_no_name_is_left_to_the_kernel", SENDS, .ifname = NULL, .exchange = {REFUSED(EINVAL)}, .result = -EINVAL,
     .requests = 1},
    {"S6_a_name_of_127_bytes_is_sent", SENDS, .ifname = NAME_127, .requests = 1},
    {"S6_a_name_of_128_bytes_cannot_exist", SENDS, .ifname = NAME_64 NAME_64, .result = -ERANGE,
     .says = "an interface name of 128 bytes cannot exist"},
    {"S6_a_name_of_4096_bytes_cannot_exist", SENDS, .ifname = NAME_4096, .result = -ERANGE,
     .says = "cannot exist, the longest has 127"},

    {"S7_no_payload_with_a_length", SENDS, .payload = NULL, .length = 12, .result = -EINVAL, .says = "payload is NULL"},
    {"S7_no_payload_and_no_length_is_sent", SENDS, .payload = NULL, .length = 0, .exchange = {REFUSED(ERANGE)},
     .result = -ERANGE, .requests = 1},
    {"S7_the_largest_payload_is_sent", SENDS, .payload = large, .length = 65520, .requests = 1},
    {"S7_a_payload_that_overflows_its_length", SENDS, .payload = large, .length = 65521, .result = -EMSGSIZE,
     .says = "a payload of 65521 bytes does not fit"},
#if SIZE_MAX > UINT32_MAX
    {"S7_a_length_whose_low_half_would_fit", SENDS, .length = (size_t)UINT32_MAX + 1 + 12, .result = -EMSGSIZE,
     .says = "does not fit"},
#endif
    {"S7_size_max", SENDS, .length = SIZE_MAX, .result = -EMSGSIZE, .says = "does not fit"},
    {"S7_no_payload_and_size_max", SENDS, .payload = NULL, .length = SIZE_MAX, .result = -EINVAL,
     .says = "payload is NULL"},
    {"S7_type_minus_1", SENDS, .type = -1, .result = -EINVAL, .says = "an attribute of type -1 cannot exist"},
    {"S7_type_0", SENDS, .type = 0, .result = -EINVAL, .says = "cannot exist"},
    {"S7_the_largest_type_is_sent", SENDS, .type = 0x3fff, .exchange = {REFUSED(EINVAL)}, .result = -EINVAL, .requests = 1},
    {"S7_a_type_with_a_flag_bit", SENDS, .type = 0x4000, .result = -EINVAL, .says = "cannot exist"},
    {"S7_a_type_whose_low_half_would_fit", SENDS, .type = 0x10002, .result = -EINVAL, .says = "cannot exist"},
    {"S7_a_refused_large_request_is_not_repeated", SENDS, .payload = large, .length = 4096, .exchange = {REFUSED(ERANGE)},
     .result = -ERANGE, .requests = 1},

    {"S8_a_positive_error", SENDS, .exchange = {{.answer = {.kind = ERROR, .error = EPERM}}}, .result = -EBADMSG,
     TOLD "the kernel's answer is malformed: its error is no errno"},
    {"S8_an_error_beyond_all_errnos", SENDS, .exchange = {{.answer = {.kind = ERROR, .error = INT32_MIN}}},
     .result = -EBADMSG, TOLD "the kernel's answer is malformed"},
    {"S8_an_error_shorter_than_it_says", SENDS, .exchange = {{.answer = {.cut_to = 16}}}, .result = -EBADMSG,
     TOLD "the kernel's answer is malformed: it is shorter than it says"},
    {"S8_an_error_without_its_number", SENDS, .exchange = {{.answer = {.cut_to = 16, .says_length = 16}}},
     .result = -EBADMSG, TOLD "the kernel's answer is malformed: its error is cut short"},
    {"S8_an_error_without_the_request_it_answers", SENDS, .exchange = {{.answer = {.cut_to = 20, .says_length = 20}}},
     .result = -EBADMSG, TOLD "the kernel's answer is malformed: its error is cut short"},
    {"S8_half_a_header", SENDS, .exchange = {{.answer = {.cut_to = 8, .says_length = 8}}}, .result = -EBADMSG,
     TOLD "the kernel's answer is malformed"},
    {"S8_a_length_of_nothing", SENDS, .exchange = {{.answer = {.says_length = 1}}}, .result = -EBADMSG,
     TOLD "the kernel's answer is malformed"},
};
const size_t send_row_count = sizeof(send_rows) / sizeof(send_rows[0]);
