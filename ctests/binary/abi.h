/* SPDX-License-Identifier: LGPL-2.1-or-later */
typedef long unsigned int size_t;
typedef struct _virMacAddr virMacAddr;
struct _virMacAddr { unsigned char addr[(6)]; };
int virNetDevSendVfSetLinkRequest(const char *ifname, int vfInfoType, const void *payload, size_t payloadLen);
int virNetDevSetVfMac(const char *ifname, int vf, const virMacAddr *macaddr, _Bool *allowRetry);
int virNetDevSetVfVlan(const char *ifname, int vf, const int *vlanid);
int virNetDevSetVfConfig(const char *ifname, int vf, const virMacAddr *macaddr, const int *vlanid, _Bool *allowRetry);
int virNetDevGetVfConfig(const char *ifname, int vf, virMacAddr *mac, int *vlanid);
const char *virNetDevVfLastError(void);
