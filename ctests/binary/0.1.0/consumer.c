/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A program as it was built against 0.1.0, for ctests/binary/abi.sh: with the header beside it, which is
 * include/virnetdevvf.h of commit 64922c1860e7b047cbf97f1890863303f743503e, the last before 0.2.0's first change.
 * It never changes. What 0.1.0 documents of a call that sends nothing, or asks for a VF of lo, must be so for ever.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "virnetdevvf.h"

_Static_assert(sizeof(virMacAddr) == 6, "virMacAddr");

static int failed;

static void expect(const char *what, int result, int expected)
{
    if (result == expected)
        return;
    printf("%s: %d, not %d: %s\n", what, result, expected, virNetDevVfLastError());
    failed = 1;
}

int main(void)
{
    const virMacAddr mac = {{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}};
    const unsigned char payload[36] = {0};
    const int too_large = 4096;
    bool retry = true;

    if (!virNetDevVfLastError() || strcmp(virNetDevVfLastError(), "") != 0)
        return 2;
    /* Nothing is sent for these. */
    expect("a payload that is missing", virNetDevSendVfSetLinkRequest("lo", 1, NULL, 1), -EINVAL);
    expect("a type out of range", virNetDevSendVfSetLinkRequest("lo", 0, payload, sizeof(payload)), -EINVAL);
    expect("a payload that is too large", virNetDevSendVfSetLinkRequest("lo", 1, payload, 65521), -EMSGSIZE);
    expect("no MAC", virNetDevSetVfMac("lo", 0, NULL, &retry), -EINVAL);
    expect("no allowRetry", virNetDevSetVfMac("lo", 0, &mac, NULL), -EINVAL);
    expect("a MAC without allowRetry", virNetDevSetVfConfig("lo", 0, &mac, NULL, NULL), -EINVAL);
    expect("a VLAN out of range", virNetDevSetVfVlan("lo", 0, &too_large), -ERANGE);
    if (!strstr(virNetDevVfLastError(), "4096")) {
        printf("the message does not have the VLAN: %s\n", virNetDevVfLastError());
        failed = 1;
    }
    /* The kernel's own answers: lo has no VFs, and there is no such interface. */
    expect("a request", virNetDevSendVfSetLinkRequest("lo", 1, payload, sizeof(payload)), -EOPNOTSUPP);
    expect("a MAC", virNetDevSetVfMac("lo", 0, &mac, &retry), -EOPNOTSUPP);
    expect("allowRetry", retry, false);
    expect("a configuration", virNetDevSetVfConfig("lo", 0, &mac, NULL, &retry), -EOPNOTSUPP);
    expect("an implicit clear", virNetDevSetVfVlan("lo", 0, NULL), -EOPNOTSUPP);
    expect("no interface", virNetDevSetVfVlan("none", 0, NULL), -ENODEV);
    return failed;
}
