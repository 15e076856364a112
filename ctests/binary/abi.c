/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The exports as a C caller sees them: the header's prototypes and types with C's own debug information, for abidiff.
 * Rust's describes its own types (i32, Option) under names that change with the compiler. That the header says what the
 * library has is ctests/source/header.sh's to show.
 */
#include <stddef.h>
#include <virnetdevvf.h>

int virNetDevSendVfSetLinkRequest(const char *ifname, int vfInfoType, const void *payload, const size_t payloadLen)
{
    return ifname && vfInfoType && payload && payloadLen;
}

int virNetDevSetVfMac(const char *ifname, int vf, const virMacAddr *macaddr, bool *allowRetry)
{
    return ifname && vf && macaddr && allowRetry;
}

int virNetDevSetVfVlan(const char *ifname, int vf, const int *vlanid)
{
    return ifname && vf && vlanid;
}

int virNetDevSetVfConfig(const char *ifname, int vf, const virMacAddr *macaddr, const int *vlanid, bool *allowRetry)
{
    return ifname && vf && macaddr && vlanid && allowRetry;
}

int virNetDevGetVfConfig(const char *ifname, int vf, virMacAddr *mac, int *vlanid)
{
    return ifname && vf && mac && vlanid;
}

const char *virNetDevVfLastError(void)
{
    return "";
}
