/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs one test for each row of contract_*.c, with a fake kernel that answers as the row says. If VIRNETDEVVF_MESSAGES
 * names a file, the program writes each message there: the row's name, a tab, the message.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>
#include <linux/rtnetlink.h>

#include "pattern.h"
#include "rows.h"

/* The library gets memory only from malloc(). The fake kernel in this program uses calloc(), so it still works. */
static bool no_memory;
extern void *__libc_malloc(size_t size);
void *malloc(size_t size)
{
    return no_memory ? NULL : __libc_malloc(size);
}

/* libvirt's error reporter: it gets the message without the errno's text, and adds that text itself. libvirt's log: how
 * many debug lines there were, and the last one that is not about the list of VFs. */
static struct {
    int count, error;
    char text[1024], function[64];
} reported, logged;
int virInitialize(void)
{
    return 0;
}
void virReportSystemErrorFull(int domain, int error, const char *file, const char *function, size_t line,
                              const char *format, ...)
{
    va_list arguments;

    (void)line;
    /* VIR_FROM_NONE, libvirt/virterror.h. */
    assert_int_equal(domain, 0);
    assert_string_equal(file, "virnetdevvf");
    snprintf(reported.function, sizeof(reported.function), "%s", function);
    reported.count++;
    reported.error = error;
    va_start(arguments, format);
    vsnprintf(reported.text, sizeof(reported.text), format, arguments);
    va_end(arguments);
}
void virLogMessage(void *source, unsigned priority, const char *file, int line, const char *function,
                   const void *metadata, const char *format, ...)
{
    va_list arguments;
    char text[sizeof(logged.text)];

    (void)line;
    /* VIR_LOG_DEBUG. A struct _virLogSource starts with its name. */
    assert_int_equal(priority, 1);
    assert_string_equal(*(const char **)source, "util.virnetdevvf");
    assert_string_equal(file, "virnetdevvf");
    assert_null(metadata);
    logged.count++;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (!fake.only_reads && strstr(text, " attribute=22 "))
        return;
    snprintf(logged.function, sizeof(logged.function), "%s", function);
    memcpy(logged.text, text, sizeof(text));
}

/* musl does not have this function. */
#pragma weak strerrordesc_np
const char *strerrordesc_np(int errnum);

/* The failure was reported once, and virNetDevVfLastError() returns the same text. */
static void is_reported(const struct row *row)
{
    const char *path = getenv("VIRNETDEVVF_MESSAGES"), *message = virNetDevVfLastError(), *text;
    char whole[2048], nameless[32];

    assert_int_equal(reported.count, 1);
    assert_int_equal(reported.error, -row->result);
    /* For a configuration, this is the function that failed: of the MAC or of the VLAN. */
    assert_string_equal(reported.function, row->function == REQUEST ? "virNetDevSendVfSetLinkRequest"
                                           : row->function == GET   ? "virNetDevGetVfConfig"
                                           : strstr(message, "cannot set the MAC") ? "virNetDevSetVfMac"
                                                                                   : "virNetDevSetVfVlan");
    text = strerrordesc_np ? strerrordesc_np(reported.error) : strerror(reported.error);
    snprintf(nameless, sizeof(nameless), "errno %d", reported.error);
    snprintf(whole, sizeof(whole), "%s: %s", reported.text, text ? text : nameless);
    assert_string_equal(whole, message);
    if (path) {
        FILE *file = fopen(path, "a");

        assert_non_null(file);
        fprintf(file, "%s\t%s\n", row->name, message);
        assert_int_equal(fclose(file), 0);
    }
}

/* The library logs each call of socket(2), and each bare request that it refuses before that. */
static void is_logged(const struct row *row)
{
    bool request = row->function == REQUEST, get = row->function == GET;
    bool read = (fake.asked || row->result == -ERANGE) && row->payload && row->length >= 4;
    const char *ifname = row->ifname ? row->ifname : "(none)";
    int vf = row->vf;
    char expected[4400];

    assert_int_equal(logged.count, request && fake.asked == 0 ? 1 : fake.asked);
    if (fake.asked == 0 && !request)
        return;
    /* The library does not read a payload that it refuses for its type or length. */
    if (request)
        vf = read ? *(const int *)row->payload : -1;
    /* The log has only 128 bytes of a name that is too long for any interface. */
    snprintf(expected, sizeof(expected), "ifname=%.128s vf=%d attribute=", ifname, vf);
    assert_memory_equal(logged.text, expected, strlen(expected));
    if (request || get) {
        sprintf(expected + strlen(expected), "%d result=%d", get ? IFLA_VFINFO_LIST : row->type, row->result);
        assert_string_equal(logged.text, expected);
        assert_string_equal(logged.function, get ? "virNetDevGetVfConfig" : "virNetDevSendVfSetLinkRequest");
    }
}

/* Only a successful call writes the outputs. */
static int get(const struct row *row)
{
    const virMacAddr before = {{1, 2, 3, 4, 5, 6}};
    virMacAddr mac_read = before;
    int vlan = -7, result;

    if (row->no_outputs)
        return virNetDevGetVfConfig(row->ifname, row->vf, NULL, NULL);
    result = virNetDevGetVfConfig(row->ifname, row->vf, &mac_read, &vlan);
    assert_memory_equal(&mac_read, result == 0 ? &listed_mac : &before, sizeof(mac_read));
    assert_int_equal(vlan, result == 0 ? row->reads_vlan : -7);
    return result;
}

static int call(const struct row *row, bool *retry)
{
    switch (row->function) {
    case MAC:
        return virNetDevSetVfMac(row->ifname, row->vf, row->mac, retry);
    case VLAN:
        return virNetDevSetVfVlan(row->ifname, row->vf, row->vlan);
    case CONFIG:
        return virNetDevSetVfConfig(row->ifname, row->vf, row->mac, row->vlan, retry);
    case GET:
        return get(row);
    default:
        return virNetDevSendVfSetLinkRequest(row->ifname, row->type, row->payload, row->length);
    }
}

static void holds(void **state)
{
    const struct row *row = *state;
    bool retry = row->retry == ALLOWED, said = false;
    char before[1024];
    int result;

    /* A call that reports nothing must not change this message. */
    assert_int_equal(virNetDevSetVfVlan("marker", 1, &(const int){99999}), -ERANGE);
    snprintf(before, sizeof(before), "%s", virNetDevVfLastError());
    reported.count = logged.count = 0;
    fake_begin(row->exchange);
    fake.only_reads = row->function == GET;
    if (row->list)
        fake_lists(row->list);
    no_memory = row->no_memory;
    result = call(row, row->retry == NO_POINTER ? NULL : &retry);
    no_memory = false;
    fake_end();

    if (row->says && !strstr(virNetDevVfLastError(), row->says))
        fail_msg("\"%s\" is not in: %s", row->says, virNetDevVfLastError());
    assert_int_equal(result, row->result);
    if (row->says) {
        is_reported(row);
    } else {
        assert_string_equal(virNetDevVfLastError(), before);
        assert_int_equal(reported.count, 0);
    }
    is_logged(row);
    /* -EPERM is returned only if the kernel answered EPERM. */
    for (int i = 0; i < EXCHANGES; i++)
        said |= fake.exchange[i].answer.error == -EPERM;
    assert_true(said || result != -EPERM);
    /* A reported failure sets *allowRetry to false. Nothing else changes it. */
    if (row->function == MAC || row->function == CONFIG)
        assert_int_equal(retry, row->retry == ALLOWED && !row->says);
    assert_int_equal(fake.requests, row->requests);
    if (row->at_most)
        assert_in_range(fake.elapsed, row->at_least, row->at_most);
    if (row->put_back || row->last_mac[0]) {
        struct ifla_vf_mac expected = {.vf = (unsigned)row->vf, .mac = LISTED_MAC};
        const struct sent *last = &fake.sent[fake.requests - 1];

        /* A request for the list may be the last one. */
        while (((const struct nlmsghdr *)(const void *)last->bytes)->nlmsg_type != RTM_SETLINK)
            last--;
        if (row->last_mac[0])
            memcpy(expected.mac, row->last_mac, 6);
        assert_non_null(memmem(last->bytes, last->length, &expected, sizeof(expected)));
    }
    /* The library connects each socket to the kernel, and closes it; programs that the process starts do not get it. */
    assert_int_equal(fake.opened, fake.closed);
    if (fake.opened) {
        assert_true(fake.flags & SOCK_CLOEXEC);
        assert_int_equal(fake.connected, fake.opened);
        assert_int_equal(fake.ext_ack_asked, fake.opened);
    }
}

int main(void)
{
    const struct row *const tables[] = {send_rows, set_rows, config_rows, get_rows};
    struct CMUnitTest tests[500];
    size_t count = 0;

    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        for (const struct row *row = tables[i]; row->name; row++) {
            if (count == sizeof(tests) / sizeof(tests[0]))
                abort();
            tests[count++] = (struct CMUnitTest){row->name, holds, NULL, NULL, (void *)(uintptr_t)row};
        }
    filter_rows();
    return _cmocka_run_group_tests("contract", tests, count, NULL, NULL);
}
