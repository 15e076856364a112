/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Takes the place of one of the library's functions: in a program, or preloaded. Which one, -D says. */
#include <virnetdevvf.h>

/* No errno: it can come from nowhere else. */
enum { FROM_HERE = -7777 };

#if defined(INTERPOSE_SEND)
int virNetDevSendVfSetLinkRequest(const char *ifname, int vfInfoType, const void *payload, size_t payloadLen)
{
    (void)ifname, (void)vfInfoType, (void)payload, (void)payloadLen;
    return FROM_HERE;
}
#elif defined(INTERPOSE_MAC)
int virNetDevSetVfMac(const char *ifname, int vf, const virMacAddr *macaddr, bool *allowRetry)
{
    (void)ifname, (void)vf, (void)macaddr, (void)allowRetry;
    return FROM_HERE;
}
#elif defined(INTERPOSE_VLAN)
int virNetDevSetVfVlan(const char *ifname, int vf, const int *vlanid)
{
    (void)ifname, (void)vf, (void)vlanid;
    return FROM_HERE;
}
#endif
