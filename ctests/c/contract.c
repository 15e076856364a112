/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs the tables of contract_*.c against a kernel that answers as a row says, one test a row. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "rows.h"

/* The library's only way to memory; the fake kernel, which is a part of this program too, asks for its own by calloc(). */
static bool no_memory;
extern void *__libc_malloc(size_t size);
void *malloc(size_t size)
{
    return no_memory ? NULL : __libc_malloc(size);
}

/* Puts a message there that a silent call must leave alone. */
static void leave_a_message(void)
{
    const int out_of_range = 9999;

    assert_int_equal(virNetDevSetVfVlan("marker", 1, &out_of_range), -ERANGE);
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
    default:
        return virNetDevSendVfSetLinkRequest(row->ifname, row->type, row->payload, row->length);
    }
}

static void holds(void **state)
{
    const struct row *row = *state;
    bool retry = row->retry == ALLOWED;
    char before[1024];
    int result;

    leave_a_message();
    snprintf(before, sizeof(before), "%s", virNetDevVfLastError());
    fake_begin(row->exchange);
    no_memory = row->no_memory;
    result = call(row, row->retry == NO_POINTER ? NULL : &retry);
    no_memory = false;
    fake_end();

    if (row->says)
        assert_non_null(strstr(virNetDevVfLastError(), row->says) ? "" : NULL);
    else
        assert_string_equal(virNetDevVfLastError(), before);
    assert_int_equal(result, row->result);
    /* -EPERM is the kernel's alone to say. */
    if (result == -EPERM) {
        bool said = false;

        for (int i = 0; i < EXCHANGES; i++)
            said |= fake.exchange[i].answer.error == -EPERM;
        assert_true(said);
    }
    if (row->retry != NO_POINTER && row->function != REQUEST)
        assert_int_equal(retry, row->retry_after == ALLOWED);
    assert_int_equal(fake.requests, row->requests);
    if (row->put_back) {
        const struct ifla_vf_mac listed = {.vf = (unsigned)row->vf, .mac = LISTED_MAC};
        const struct sent *last = &fake.sent[fake.requests - 1];

        assert_non_null(memmem(last->bytes, last->length, &listed, sizeof(listed)));
    }
    /* Each socket is the kernel's alone, is not inherited, and is closed. */
    assert_int_equal(fake.opened, fake.closed);
    if (fake.opened) {
        assert_true(fake.flags & SOCK_CLOEXEC);
        assert_int_equal(fake.connected, fake.opened);
        assert_int_equal(fake.ext_ack_asked, fake.opened);
    }
}

int main(void)
{
    size_t count = send_row_count + set_row_count;
    struct CMUnitTest *tests = calloc(count, sizeof(*tests));

    for (size_t i = 0; i < count; i++) {
        const struct row *row = i < send_row_count ? &send_rows[i] : &set_rows[i - send_row_count];

        tests[i] = (struct CMUnitTest){row->name, holds, NULL, NULL, (void *)(uintptr_t)row};
    }
    return _cmocka_run_group_tests("contract", tests, count, NULL, NULL);
}
