/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef VIRNETDEVVF_H
#define VIRNETDEVVF_H

/* Made by cbindgen from the doc comments in src/capi: edit those (CONTRIBUTING.md). */


#include <stdbool.h>
#include <stddef.h>

/*
 * The MAC and VLAN of an SR-IOV virtual function (VF), set through its physical function (PF).
 *
 * Every int result is 0 or a negative errno. Two rules hold for all of them:
 *
 *  - -EPERM is only ever the kernel's own answer. A system call of the library's own that fails with
 *    EPERM (a seccomp filter, a security module) is told as -EACCES.
 *  - No socket is kept between calls: each request goes to the network namespace that
 *    the calling thread is in at that moment. Any thread may call any function at any time.
 *
 * "Reported" means: told to libvirt's error reporter when libvirt is in the process, and to
 * virNetDevVfLastError() always. Setting anything needs CAP_NET_ADMIN in the user namespace that owns
 * the network namespace.
 */

#ifndef VIR_MAC_BUFLEN
# define VIR_MAC_BUFLEN 6
/* A MAC address in the order in which it is sent (IEEE 802). */
typedef struct _virMacAddr {
    unsigned char addr[VIR_MAC_BUFLEN];
} virMacAddr;
#endif


#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Sends one request about a VF to the kernel and returns the kernel's answer.
 *
 * One RTM_SETLINK for the interface `ifname` with IFLA_VFINFO_LIST > IFLA_VF_INFO > one attribute
 * `vfInfoType` that holds `payload`. Which VF is meant is in the payload.
 *
 * @ifname: the PF's name, at most 15 bytes, or one of its alternative names, at most 127. NULL leaves
 *   the name out, which the kernel refuses with -EINVAL.
 * @vfInfoType: IFLA_VF_MAC, IFLA_VF_VLAN or another of linux/if_link.h, 1 to 16383.
 * @payload: the attribute's payload, such as a struct ifla_vf_mac. NULL only if `payloadLen` is 0.
 * @payloadLen: its length in bytes, at most 65520, which is what fits into a message.
 *
 * Returns 0 when the kernel acknowledged the request, or:
 *
 *   the kernel's own answer, a negative errno, about which nothing is reported: the caller decides.
 *     -EPERM: no CAP_NET_ADMIN, or the PF's driver refuses. -EINVAL: no such VF, or a value that the
 *     driver does not take. -ENODEV: no such interface. -EOPNOTSUPP: not an SR-IOV PF, or a request that
 *     its driver does not know. -ERANGE: a payload of the wrong size. Others are the driver's.
 *   or, reported, and nothing was sent:
 *     -EINVAL: `payload` is NULL with a length, or `vfInfoType` is out of range. -EMSGSIZE: the payload is
 *     too large. -ERANGE: the name is longer than any can be. -EMFILE, -ENFILE, -ENOBUFS, -ENOMEM,
 *     -EAFNOSUPPORT and the like: no socket, as socket(2), connect(2) and sendmsg(2) say; their EPERM is
 *     -EACCES here. -EIO: the kernel took a part of the request.
 *   or, reported, and whether the kernel did it is not known:
 *     -ETIMEDOUT: no answer within 2 seconds of waiting. -EBADMSG: no answer but malformed or foreign messages.
 *     -ENOBUFS, -ENOMEM and the like: the answer could not be received, as poll(2) and recvfrom(2) say.
 *
 * # Safety
 *
 * `ifname` must be NULL or a string, `payload` NULL or `payloadLen` readable bytes.
 */
int virNetDevSendVfSetLinkRequest(const char *ifname,
                                  int vfInfoType,
                                  const void *payload,
                                  size_t payloadLen);

/**
 * Sets the MAC of a VF, as the PF's driver gives it to the VF (its "admin MAC").
 *
 * @ifname: the PF's name, as for virNetDevSendVfSetLinkRequest().
 * @vf: the VF's number, from 0.
 * @macaddr: the MAC: six bytes, a unicast address or all zero. Not NULL.
 * @allowRetry: in: whether the caller tries another MAC if the driver calls an all-zero one invalid. Out:
 *   false after every other failure, so true only if that is what happened. Not NULL.
 *
 * Returns 0, or what virNetDevSendVfSetLinkRequest() returns, or -EINVAL with nothing sent if `macaddr` or
 * `allowRetry` is NULL. All are reported but one: -EINVAL from the kernel for an all-zero MAC while
 * `*allowRetry` is true.
 *
 * # Safety
 *
 * `ifname` must be NULL or a string, `macaddr` and `allowRetry` NULL or valid.
 */
int virNetDevSetVfMac(const char *ifname,
                      int vf,
                      const virMacAddr *macaddr,
                      bool *allowRetry);

/**
 * Sets or clears the VLAN of a VF, which the PF's driver then adds to what the VF sends and takes from
 * what it receives. The priority is set to 0.
 *
 * @ifname: the PF's name, as for virNetDevSendVfSetLinkRequest().
 * @vf: the VF's number, from 0.
 * @vlanid: the VLAN, 0 to 4095 (IEEE 802.1Q); 0 is an explicit clear. NULL is an implicit clear: no VLAN
 *   was asked for, and one left from before is to go.
 *
 * A SmartNIC DPU whose embedded switch this host may not touch answers every VLAN with EPERM, 0 included.
 * An implicit clear takes that for a success: what cannot be set cannot need clearing. An explicit clear
 * asks the kernel for the VF's VLAN, and is a success if VLAN and priority are 0 already.
 *
 * Returns 0, or what virNetDevSendVfSetLinkRequest() returns, or -ERANGE with nothing sent if `*vlanid` is
 * out of range. All are reported.
 *
 * # Safety
 *
 * `ifname` must be NULL or a string, `vlanid` NULL or valid.
 */
int virNetDevSetVfVlan(const char *ifname,
                       int vf,
                       const int *vlanid);

/**
 * Sets the MAC of a VF, then its VLAN: virNetDevSetVfMac(), then virNetDevSetVfVlan(). If the MAC fails the
 * VLAN is not tried. If a VLAN other than 0, and other than the VF has, fails, the MAC that the VF had
 * before is put back, as far as the kernel tells what it was: it is asked before the MAC is set.
 *
 * @ifname: the PF's name, as for virNetDevSendVfSetLinkRequest().
 * @vf: the VF's number, from 0.
 * @macaddr: the MAC, as for virNetDevSetVfMac(). NULL leaves it alone.
 * @vlanid: the VLAN, as for virNetDevSetVfVlan(). NULL is an implicit clear.
 * @allowRetry: as for virNetDevSetVfMac(), and false after a failure to set the VLAN, which no other MAC
 *   would mend. NULL only if `macaddr` is NULL: with a MAC it is -EINVAL.
 *
 * Returns 0, or what the function that failed returned, reported as that one does.
 *
 * # Safety
 *
 * `ifname` must be NULL or a string, the other pointers NULL or valid.
 */
int virNetDevSetVfConfig(const char *ifname,
                         int vf,
                         const virMacAddr *macaddr,
                         const int *vlanid,
                         bool *allowRetry);

/**
 * The message of the calling thread's last failure that was reported, without a newline.
 *
 * Returns a string, never NULL, empty if nothing was reported yet. It is the library's, and valid until
 * the thread's next call of a function of this library, or its end. A success leaves it as it is, so look at
 * it only after a failure.
 */
const char *virNetDevVfLastError(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* VIRNETDEVVF_H */
