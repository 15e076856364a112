/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef VIRNETDEVVF_H
#define VIRNETDEVVF_H

/* Made by cbindgen from the doc comments in src/capi: edit those (CONTRIBUTING.md). */


#include <stdbool.h>
#include <stddef.h>

/*
 * Set and read the MAC and the VLAN of an SR-IOV virtual function (VF) through its physical function (PF).
 *
 * These rules hold for all functions:
 *
 *  - An int result is 0 or a negative errno.
 *  - -EPERM is always the kernel's own answer. If a system call of the library fails with EPERM (a seccomp filter, a
 *    security module), the result is -EACCES.
 *  - "Reported" means: virNetDevVfLastError() returns a text about the failure, the reported text. libvirt's error
 *    reporter gets it, too, if the dynamic linker found libvirt when it loaded this library. A libvirt that is loaded
 *    later gets nothing.
 *  - A call that sets something needs CAP_NET_ADMIN in the user namespace that owns the network namespace.
 *  - No socket is kept between calls: each request goes to the network namespace in which the calling thread is at that
 *    moment. Any thread may call any function at any time.
 *  - A thread that is cancelled inside a call (pthread_cancel(3)) leaves a descriptor and memory: disable cancellation
 *    around calls. Do not leave a call by longjmp(3), and call nothing here from a signal handler.
 *  - libvirt.so has functions of the same names. Link this library before libvirt, or load it by dlopen(3) with
 *    RTLD_DEEPBIND: otherwise libvirt's own functions answer.
 *  - Each thread has 1 KB of memory in the library. If the library was loaded with dlopen(3), glibc allocates it at the
 *    first call of the thread, and ends the process if there is no memory.
 */

#if !defined(VIR_MAC_BUFLEN) && defined(__has_include)
# if __has_include("virmacaddr.h")
#  include "virmacaddr.h"
# endif
#endif
#ifndef VIR_MAC_BUFLEN
# define VIR_MAC_BUFLEN (6)
/* A MAC address in the order in which it is sent (IEEE 802). */
typedef struct _virMacAddr virMacAddr;
struct _virMacAddr { /* Defined twice? Include libvirt's virmacaddr.h before virnetdevvf.h. */
    unsigned char addr[VIR_MAC_BUFLEN];
};
#endif


#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Send one request about an SR-IOV VF to the kernel.
 *
 * The request is one RTM_SETLINK message for the interface `ifname`. It holds IFLA_VFINFO_LIST, which holds
 * IFLA_VF_INFO, which holds one attribute of type `vfInfoType` with the value `payload` (linux/if_link.h). The number
 * of the VF is a part of the payload.
 *
 * While the VF is in reset, the kernel answers EAGAIN or EBUSY; or it answers EINVAL and does not list the VF. The
 * request is then sent again after 20, 40, 80, 160 and 200 ms, then each 200 ms, until 2 seconds have passed since the
 * first such answer. It is not sent again if it took 1 second or more, because the driver has waited then, or if the
 * PF is down and the kernel does not list the VF. A call of any function here waits for at most 4 seconds, not
 * counting the time that the kernel and the driver need.
 *
 * @ifname: name of the PF's network interface, at most 15 bytes (IFNAMSIZ, linux/if.h), or one of its alternative
 *   names, at most 127 bytes (ALTIFNAMSIZ). If it is NULL the request has no name, and the kernel answers EINVAL.
 * @vfInfoType: type of the attribute, 1 to 16383 (NLA_TYPE_MASK, linux/netlink.h): IFLA_VF_MAC, IFLA_VF_VLAN or
 *   another attribute of linux/if_link.h.
 * @payload: value of the attribute, such as a struct ifla_vf_mac. It may be NULL only if `payloadLen` is 0.
 * @payloadLen: length of the value in bytes, 0 to 65520, because the attributes around it have 16-bit lengths.
 *
 * Returns 0 if the kernel acknowledged the request, or a negative errno.
 *
 * Errors that the kernel answers. They are not reported, because the caller decides what they mean:
 *   -EPERM: the caller does not have CAP_NET_ADMIN, or the PF's driver refuses the request.
 *   -EINVAL: the PF has no such VF, or its driver refuses the value, or `ifname` is NULL, or the PF is down, or the VF
 *     was still in reset after 2 seconds.
 *   -ENODEV: there is no such interface.
 *   -EOPNOTSUPP: the interface is not an SR-IOV PF, or its driver does not know this request.
 *   -ERANGE: the payload has the wrong length for its type.
 *   -EAGAIN, -EBUSY: the VF was still in reset after 2 seconds, or the PF is down.
 *   -ENETDOWN: the PF is down.
 *   -ETIMEDOUT, -EIO, -ENXIO, -ETIME, -EBADE, -EINTR, -ECANCELED: the device's firmware did not answer. It is not
 *     known whether the device did what the request says. The same is true for -EAGAIN or -EBUSY after 1 second or
 *     more.
 *   Others: the PF's driver can answer any errno, such as 524 (ENOTSUPP of the kernel).
 *
 * Errors after which nothing was sent. They are reported:
 *   -EINVAL: `payload` is NULL and `payloadLen` is not 0, or `vfInfoType` is out of range.
 *   -EMSGSIZE: `payloadLen` is greater than 65520.
 *   -ERANGE: `ifname` is longer than 127 bytes.
 *   -EMFILE, -ENFILE: the process, or the system, has too many open files.
 *   -EACCES: a seccomp filter or a security module forbids the socket: a system call failed with EACCES or EPERM.
 *   -EAFNOSUPPORT: this process may not use netlink (RestrictAddressFamilies= of systemd, for example).
 *   -ENOBUFS, -ENOMEM: there is no memory for the socket or the request.
 *   Others: an errno of socket(2), connect(2) or sendmsg(2), but never -EPERM.
 *
 * Errors after which it is not known whether the kernel did what the request says. They are reported:
 *   -ETIMEDOUT: the kernel did not answer within 2 seconds of waiting.
 *   -EBADMSG: the answer is malformed, or only messages came that are not the answer.
 *   -ENOBUFS, -ENOMEM: there is no memory for the answer.
 *   -EIO: the kernel took only a part of the request.
 *   Others: an errno of poll(2) or recvfrom(2), but -EACCES in place of -EPERM.
 *
 * Example, which lets VF 0 send from any MAC:
 *
 *     struct ifla_vf_spoofchk check = {0, 0};
 *     int result = virNetDevSendVfSetLinkRequest("enp1s0f0", IFLA_VF_SPOOFCHK, &check, sizeof(check));
 *
 *     if (result < 0)
 *         puts(strerror(-result));
 */
int virNetDevSendVfSetLinkRequest(const char *ifname,
                                  int vfInfoType,
                                  const void *payload,
                                  size_t payloadLen);

/**
 * Set the MAC of an SR-IOV VF.
 *
 * The PF's driver gives this MAC to the VF. `ip link show` lists it for the VF.
 *
 * @ifname: name of the PF, as for virNetDevSendVfSetLinkRequest().
 * @vf: number of the VF. The first one is 0.
 * @macaddr: the MAC, 6 bytes in the order in which they are sent (IEEE 802): a unicast address, or all zero to remove
 *   the MAC. It must not be NULL.
 * @allowRetry: must not be NULL. Before the call: true if the caller tries another MAC when the driver refuses an
 *   all-zero one (with EINVAL, EADDRNOTAVAIL, EPERM or another errno). After a failure: true only if the driver has
 *   refused an all-zero MAC, and the cause is not a reset, a PF that is down, or firmware that did not answer. A
 *   success does not change it. Any byte but 0 is true.
 *
 * Returns 0, or a negative errno. A failure is reported, except if `*allowRetry` is true after it.
 *
 * Errors:
 *   -EINVAL: `macaddr` or `allowRetry` is NULL, and nothing was sent. Or the kernel answers this: the PF has no such
 *     VF, or its driver refuses this MAC, or the VF was still in reset after 2 seconds.
 *   -EADDRNOTAVAIL: the PF's driver refuses this MAC.
 *   -EPERM: the caller does not have CAP_NET_ADMIN, or the PF's driver refuses to set a MAC.
 *   -ENODEV: there is no such interface.
 *   -EOPNOTSUPP: the interface is not an SR-IOV PF, or its driver cannot set a MAC.
 *   -EAGAIN, -EBUSY, -ENETDOWN: the VF was still in reset after 2 seconds, or the PF is down.
 *   Others: as for virNetDevSendVfSetLinkRequest().
 *
 * Example:
 *
 *     virMacAddr mac = {{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}};
 *     bool retry = false;
 *
 *     if (virNetDevSetVfMac("enp1s0f0", 0, &mac, &retry) < 0)
 *         puts(virNetDevVfLastError());
 */
int virNetDevSetVfMac(const char *ifname,
                      int vf,
                      const virMacAddr *macaddr,
                      bool *allowRetry);

/**
 * Set or clear the VLAN of an SR-IOV VF.
 *
 * The adapter then adds the VLAN's tag to each frame that the VF sends, and removes it from each frame that the VF
 * receives. The priority in the tag is 0.
 *
 * Many devices set the MAC of a VF and refuse its VLAN, and some refuse even to clear one that was never set: a
 * SmartNIC DPU (EPERM), a NIC in switchdev mode or a driver without VLANs (EOPNOTSUPP). The errno does not say which.
 * So what the kernel lists for the VF decides what a refusal means:
 *
 *  - A clear is refused: the call succeeds if the VF has no VLAN (0, or 4095, which some drivers list for no VLAN;
 *    with priority 0 and protocol 802.1Q). If the VF has a VLAN, the call fails, and the reported text names that
 *    VLAN. If it is not known what the VF has, the call succeeds only for an implicit clear and EPERM.
 *  - A VLAN from 1 to 4095 is refused with EPERM: the call succeeds if the VF has exactly this VLAN already, with
 *    priority 0 and protocol 802.1Q.
 *
 * virNetDevSetVfConfig() reads the list before its first request. This function, called by itself, reads it after the
 * refusal. That proves less where a driver lists a VLAN that it has refused (nfp, octeontx2, bnx2x, mlx5).
 *
 * @ifname: name of the PF, as for virNetDevSendVfSetLinkRequest().
 * @vf: number of the VF. The first one is 0.
 * @vlanid: the VLAN, 0 to 4095 (12 bits, IEEE 802.1Q). 0 is an explicit clear: the caller wants no VLAN. NULL is an
 *   implicit clear: the caller names no VLAN, and a VLAN that is left from an earlier use is cleared.
 *
 * Returns 0, or a negative errno. Each failure is reported.
 *
 * Errors:
 *   -ERANGE: `*vlanid` is not 0 to 4095. Nothing was sent.
 *   -EPERM: the caller does not have CAP_NET_ADMIN, or the PF's driver refuses the VLAN; and the VF does not have this
 *     VLAN already, or the kernel does not say what the VF has. For an implicit clear: the VF keeps a VLAN.
 *   -EINVAL: the PF has no such VF, or its driver refuses the value, or `ifname` is NULL, or the VF was still in reset
 *     after 2 seconds.
 *   -ENODEV: there is no such interface.
 *   -EOPNOTSUPP: the interface is not an SR-IOV PF, or its driver cannot set this VLAN: it has no VLANs, or its
 *     embedded switch is in switchdev mode, for example.
 *   -EAGAIN, -EBUSY, -ENETDOWN: the VF was still in reset after 2 seconds, or the PF is down.
 *   Others: as for virNetDevSendVfSetLinkRequest().
 *
 * Example:
 *
 *     int vlan = 42;
 *
 *     if (virNetDevSetVfVlan("enp1s0f0", 0, &vlan) < 0)
 *         puts(virNetDevVfLastError());
 */
int virNetDevSetVfVlan(const char *ifname,
                       int vf,
                       const int *vlanid);

/**
 * Set the MAC, then the VLAN of an SR-IOV VF.
 *
 * This calls virNetDevSetVfMac(), then virNetDevSetVfVlan(). If the MAC fails, the VLAN is not tried. Before that,
 * this reads once what the VF has, which decides what a refusal means: a MAC that is refused with EINVAL is a success
 * if the VF has it already; for a VLAN see virNetDevSetVfVlan().
 *
 * If the VLAN is refused after the MAC was set, the VF gets its former MAC again, so that a guest that does not start
 * changes nothing. If the driver refuses an all-zero former MAC, the VF gets the fallback MAC, 02:00:00:00:00:00. If
 * the MAC is refused, but the VF has it (some drivers store it first), the former MAC is set again, too. The reported
 * text says which of these happened, and whether it worked. The new MAC stays on the VF in these cases:
 *
 *  - The VLAN is 0, or the VF has this VLAN already. libvirt asks for this when a guest stops.
 *  - The former MAC is not known. The reported text then names the MAC that the VF has, if that is known.
 *  - It is not known whether the VLAN was set, because no valid answer came, or the device's firmware did not answer.
 *
 * @ifname: name of the PF, as for virNetDevSendVfSetLinkRequest().
 * @vf: number of the VF. The first one is 0.
 * @macaddr: the MAC, as for virNetDevSetVfMac(). If it is NULL the MAC is not changed.
 * @vlanid: the VLAN, as for virNetDevSetVfVlan(). NULL is an implicit clear.
 * @allowRetry: as for virNetDevSetVfMac(). It is false if the VLAN failed, because another MAC does not help then. It
 *   may be NULL only if `macaddr` is NULL.
 *
 * Returns 0, or the negative errno of the function that failed, which reports the failure.
 *
 * Errors:
 *   -ERANGE: `*vlanid` is not 0 to 4095. Nothing was sent, so the MAC is not changed.
 *   -EINVAL: `allowRetry` is NULL and `macaddr` is not, and nothing was sent. Or the kernel answers this: the PF has
 *     no such VF, or its driver refuses the MAC or the VLAN, or `ifname` is NULL, or the VF was still in reset after 2
 *     seconds.
 *   -EPERM: the caller does not have CAP_NET_ADMIN, or the PF's driver refuses the MAC or the VLAN. Without a VLAN:
 *     the VF keeps one.
 *   -ENODEV: there is no such interface.
 *   -EOPNOTSUPP: the interface is not an SR-IOV PF, or its driver cannot set the MAC or the VLAN.
 *   -EAGAIN, -EBUSY, -ENETDOWN: the VF was still in reset after 2 seconds, or the PF is down.
 *   Others: as for virNetDevSendVfSetLinkRequest().
 *
 * Example:
 *
 *     virMacAddr mac = {{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}};
 *     bool retry = false;
 *
 *     if (virNetDevSetVfConfig("enp1s0f0", 0, &mac, NULL, &retry) < 0)
 *         puts(virNetDevVfLastError());
 */
int virNetDevSetVfConfig(const char *ifname,
                         int vf,
                         const virMacAddr *macaddr,
                         const int *vlanid,
                         bool *allowRetry);

/**
 * Read the MAC and the VLAN of an SR-IOV VF.
 *
 * The kernel lists the VFs of a PF as the PF's driver reports them (RTM_GETLINK, without statistics). Before Linux 7.2
 * the list has any number of VFs, since then at most 256. This function can read a list with gaps, and a list that is
 * too long for its own 16-bit length. While the VF is in reset (i40e, ice) it is not in the list, and the list is read
 * again for at most 2 seconds. The caller needs no privilege.
 *
 * @ifname: name of the PF, as for virNetDevSendVfSetLinkRequest().
 * @vf: number of the VF. The first one is 0.
 * @mac: where to write the MAC of the VF. It may be NULL.
 * @vlanid: where to write the VLAN of the VF, 0 to 4095; 0 is no VLAN. It may be NULL.
 *
 * Returns 0, or a negative errno. A failure is reported, and changes neither `*mac` nor `*vlanid`.
 *
 * Errors:
 *   -ENOENT: the PF has no VF with this number.
 *   -ENODATA: the PF has this VF, but the kernel does not list it: the VF was still in reset after 2 seconds, the PF
 *     is down, or the list has no room for it.
 *   -EOPNOTSUPP: there is no list: the interface is not an SR-IOV PF, or its driver reports no VF.
 *   -EBADMSG: the list or the message around it is malformed, or only messages came that are not the answer.
 *   -ENOMEM: there is no memory for the list.
 *   -ENODEV: there is no such interface.
 *   -EINVAL: `ifname` is NULL.
 *   -ETIMEDOUT: the kernel did not answer within 2 seconds of waiting.
 *   Others: as for virNetDevSendVfSetLinkRequest().
 *
 * Example:
 *
 *     virMacAddr mac;
 *     int vlan;
 *
 *     if (virNetDevGetVfConfig("enp1s0f0", 0, &mac, &vlan) == 0)
 *         printf("MAC ends with %02x, VLAN %d\n", mac.addr[5], vlan);
 */
int virNetDevGetVfConfig(const char *ifname,
                         int vf,
                         virMacAddr *mac,
                         int *vlanid);

/**
 * Return the reported text: the text of the last failure that was reported in the calling thread.
 *
 * A success does not clear the text, so read it only after a failure.
 *
 * Returns a string without a newline, never NULL. It is empty if nothing was reported in this thread. The string
 * belongs to the library: do not free it. It is valid until the thread calls a function of this library again, or
 * ends.
 *
 * Example:
 *
 *     int vlan = 4096;
 *
 *     if (virNetDevSetVfVlan("enp1s0f0", 0, &vlan) == -ERANGE)
 *         puts(virNetDevVfLastError());
 */
const char *virNetDevVfLastError(void);

#ifdef __cplusplus
}  /* extern "C" */
#endif  /* __cplusplus */

#endif  /* VIRNETDEVVF_H */
