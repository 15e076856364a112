// SPDX-License-Identifier: LGPL-2.1-or-later
//! virNetDevSendVfSetLinkRequest().

use super::code;
use super::pointers::{bytes, string};
use crate::vf;
use core::ffi::{c_char, c_void};
use libc::c_int;

/// Send one request about an SR-IOV VF to the kernel.
///
/// The request is one RTM_SETLINK message for the interface `ifname`. It holds IFLA_VFINFO_LIST, which holds
/// IFLA_VF_INFO, which holds one attribute of type `vfInfoType` with the value `payload` (linux/if_link.h). The number
/// of the VF is a part of the payload.
///
/// While the VF is in reset, the kernel answers EAGAIN or EBUSY; or it answers EINVAL and does not list the VF. The
/// request is then sent again after 20, 40, 80, 160 and 200 ms, then each 200 ms, until 2 seconds have passed since the
/// first such answer. It is not sent again if it took 1 second or more, because the driver has waited then, or if the
/// PF is down and the kernel does not list the VF. A call of any function here waits for at most 4 seconds, not
/// counting the time that the kernel and the driver need.
///
/// @ifname: name of the PF's network interface, at most 15 bytes (IFNAMSIZ, linux/if.h), or one of its alternative
///   names, at most 127 bytes (ALTIFNAMSIZ). If it is NULL the request has no name, and the kernel answers EINVAL.
/// @vfInfoType: type of the attribute, 1 to 16383 (NLA_TYPE_MASK, linux/netlink.h): IFLA_VF_MAC, IFLA_VF_VLAN or
///   another attribute of linux/if_link.h.
/// @payload: value of the attribute, such as a struct ifla_vf_mac. It may be NULL only if `payloadLen` is 0.
/// @payloadLen: length of the value in bytes, 0 to 65520, because the attributes around it have 16-bit lengths.
///
/// Returns 0 if the kernel acknowledged the request, or a negative errno.
///
/// Errors that the kernel answers. They are not reported, because the caller decides what they mean:
///   -EPERM: the caller does not have CAP_NET_ADMIN, or the PF's driver refuses the request.
///   -EINVAL: the PF has no such VF, or its driver refuses the value, or `ifname` is NULL, or the PF is down, or the VF
///     was still in reset after 2 seconds.
///   -ENODEV: there is no such interface.
///   -EOPNOTSUPP: the interface is not an SR-IOV PF, or its driver does not know this request.
///   -ERANGE: the payload has the wrong length for its type.
///   -EAGAIN, -EBUSY: the VF was still in reset after 2 seconds, or the PF is down.
///   -ENETDOWN: the PF is down.
///   -ETIMEDOUT, -EIO, -ENXIO, -ETIME, -EBADE, -EINTR, -ECANCELED: the device's firmware did not answer. It is not
///     known whether the device did what the request says. The same is true for -EAGAIN or -EBUSY after 1 second or
///     more.
///   Others: the PF's driver can answer any errno, such as 524 (ENOTSUPP of the kernel).
///
/// Errors after which nothing was sent. They are reported:
///   -EINVAL: `payload` is NULL and `payloadLen` is not 0, or `vfInfoType` is out of range.
///   -EMSGSIZE: `payloadLen` is greater than 65520.
///   -ERANGE: `ifname` is longer than 127 bytes.
///   -EMFILE, -ENFILE: the process, or the system, has too many open files.
///   -EACCES: a seccomp filter or a security module forbids the socket: a system call failed with EACCES or EPERM.
///   -EAFNOSUPPORT: this process may not use netlink (RestrictAddressFamilies= of systemd, for example).
///   -ENOBUFS, -ENOMEM: there is no memory for the socket or the request.
///   Others: an errno of socket(2), connect(2) or sendmsg(2), but never -EPERM.
///
/// Errors after which it is not known whether the kernel did what the request says. They are reported:
///   -ETIMEDOUT: the kernel did not answer within 2 seconds of waiting.
///   -EBADMSG: the answer is malformed, or only messages came that are not the answer.
///   -ENOBUFS, -ENOMEM: there is no memory for the answer.
///   -EIO: the kernel took only a part of the request.
///   Others: an errno of poll(2) or recvfrom(2), but -EACCES in place of -EPERM.
///
/// Example, which lets VF 0 send from any MAC:
///
///     struct ifla_vf_spoofchk check = {0, 0};
///     int result = virNetDevSendVfSetLinkRequest("enp1s0f0", IFLA_VF_SPOOFCHK, &check, sizeof(check));
///
///     if (result < 0)
///         puts(strerror(-result));
///
/// # Safety
///
/// `ifname` must be NULL or a string, `payload` NULL or `payloadLen` readable bytes.
#[unsafe(no_mangle)]
#[allow(non_snake_case)]
pub unsafe extern "C" fn virNetDevSendVfSetLinkRequest(
    ifname: *const c_char,
    vfInfoType: c_int,
    payload: *const c_void,
    payloadLen: usize,
) -> c_int {
    // SAFETY: the caller's promise.
    let (ifname, content) = unsafe { (string(ifname), bytes(payload, payloadLen, vfInfoType)) };
    code(vf::Request { ifname, kind: vfInfoType, content }.send())
}
