/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A library for vfset that does not use the kernel: it prints the arguments of each call. The PF `pf` has three VFs,
 * and VF 1 is not listed; `none` has no VFs; VF 1 of `lost` cannot be read.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <virnetdevvf.h>

const char *virNetDevVfLastError(void)
{
    return "the fake library's error";
}

int virNetDevSetVfConfig(const char *ifname, int vf, const virMacAddr *macaddr, const int *vlanid, bool *allowRetry)
{
    int i;

    printf("%s %d mac=", ifname, vf);
    for (i = 0; macaddr && i < 6; i++)
        printf("%02x", macaddr->addr[i]);
    printf(" vlan=");
    if (vlanid)
        printf("%d", *vlanid);
    printf(" retry=%d\n", *allowRetry);
    return strcmp(ifname, "lost") == 0 ? -EPERM : 0;
}

int virNetDevGetVfConfig(const char *ifname, int vf, virMacAddr *mac, int *vlanid)
{
    if (vf == 3 || strcmp(ifname, "none") == 0)
        return -ENOENT;
    if (vf == 1)
        return strcmp(ifname, "lost") == 0 ? -EIO : -ENODATA;
    *mac = (virMacAddr){{0x52, 0x54, 0, 0xab, 0, (unsigned char)vf}};
    *vlanid = vf == 0 ? 0 : 42;
    return 0;
}
