/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A program that needs only the installed header and library of this project. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <virnetdevvf.h>

int main(void)
{
    virMacAddr mac = {{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}};
    bool retry = true;
    int vlan = 4096;

    /* Nothing is sent for these. */
    if (virNetDevSetVfVlan("lo", 0, &vlan) != -ERANGE)
        return 1;
    if (strstr(virNetDevVfLastError(), "4096") == NULL)
        return 2;
    if (virNetDevSendVfSetLinkRequest("lo", 1, NULL, 1) != -EINVAL)
        return 3;
    /* lo has no VFs; a caller without CAP_NET_ADMIN gets EPERM. Each of the two is the kernel's answer. */
    int answer = virNetDevSetVfConfig("lo", 0, &mac, NULL, &retry);
    if ((answer != -EOPNOTSUPP && answer != -EPERM) || retry)
        return 4;
    answer = virNetDevSetVfMac("lo", 0, &mac, &retry);
    if (answer != -EOPNOTSUPP && answer != -EPERM)
        return 5;
    printf("%s\n", virNetDevVfLastError());
    /* Reading needs no privilege. A failed read does not change `vlan`. */
    vlan = 7;
    if (virNetDevGetVfConfig("lo", 0, &mac, &vlan) != -EOPNOTSUPP || vlan != 7)
        return 6;
    return 0;
}
