// SPDX-License-Identifier: LGPL-2.1-or-later
//! The exports: raw pointers become Rust types, results become errno.
//!
//! cbindgen copies the doc comments here to the C header. No code of the library can panic (ctests/check looks for
//! panic code in the finished library), so the exports do not have to stop panics.

#![allow(unsafe_code)]

pub(crate) mod interpose;

use crate::error::Error;
use crate::report;
use crate::rtnl::{Attribute, checked_type};
use crate::types::{Mac, Outcome, Target};
use crate::vf;
use core::ffi::{CStr, c_char, c_void};
use libc::c_int;

/// libvirt's `struct _virMacAddr`: six bytes, in the order in which they are sent.
#[allow(non_camel_case_types)]
#[repr(C)]
pub struct virMacAddr {
    addr: Mac,
}

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

/// Set the MAC of an SR-IOV VF.
///
/// The PF's driver gives this MAC to the VF. `ip link show` lists it for the VF.
///
/// @ifname: name of the PF, as for virNetDevSendVfSetLinkRequest().
/// @vf: number of the VF. The first one is 0.
/// @macaddr: the MAC, 6 bytes in the order in which they are sent (IEEE 802): a unicast address, or all zero to remove
///   the MAC. It must not be NULL.
/// @allowRetry: must not be NULL. Before the call: true if the caller tries another MAC when the driver refuses an
///   all-zero one (with EINVAL, EADDRNOTAVAIL, EPERM or another errno). After a failure: true only if the driver has
///   refused an all-zero MAC, and the cause is not a reset, a PF that is down, or firmware that did not answer. A
///   success does not change it. Any byte but 0 is true.
///
/// Returns 0, or a negative errno. A failure is reported, except if `*allowRetry` is true after it.
///
/// Errors:
///   -EINVAL: `macaddr` or `allowRetry` is NULL, and nothing was sent. Or the kernel answers this: the PF has no such
///     VF, or its driver refuses this MAC, or the VF was still in reset after 2 seconds.
///   -EADDRNOTAVAIL: the PF's driver refuses this MAC.
///   -EPERM: the caller does not have CAP_NET_ADMIN, or the PF's driver refuses to set a MAC.
///   -ENODEV: there is no such interface.
///   -EOPNOTSUPP: the interface is not an SR-IOV PF, or its driver cannot set a MAC.
///   -EAGAIN, -EBUSY, -ENETDOWN: the VF was still in reset after 2 seconds, or the PF is down.
///   Others: as for virNetDevSendVfSetLinkRequest().
///
/// Example:
///
///     virMacAddr mac = {{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}};
///     bool retry = false;
///
///     if (virNetDevSetVfMac("enp1s0f0", 0, &mac, &retry) < 0)
///         puts(virNetDevVfLastError());
///
/// # Safety
///
/// `ifname` must be NULL or a string, `macaddr` and `allowRetry` NULL or valid.
#[unsafe(no_mangle)]
#[allow(non_snake_case)]
pub unsafe extern "C" fn virNetDevSetVfMac(
    ifname: *const c_char,
    vf: c_int,
    macaddr: *const virMacAddr,
    allowRetry: *mut bool,
) -> c_int {
    // SAFETY: the caller's promise.
    let (ifname, mac) = unsafe { (string(ifname), macaddr.as_ref().map(|mac| &mac.addr)) };
    // SAFETY: the same.
    unsafe { with_bool(allowRetry, |allow_retry| vf::set_mac(Target { ifname, vf }, mac, allow_retry)) }
}

/// Set or clear the VLAN of an SR-IOV VF.
///
/// The adapter then adds the VLAN's tag to each frame that the VF sends, and removes it from each frame that the VF
/// receives. The priority in the tag is 0.
///
/// Many devices set the MAC of a VF and refuse its VLAN, and some refuse even to clear one that was never set: a
/// SmartNIC DPU (EPERM), a NIC in switchdev mode or a driver without VLANs (EOPNOTSUPP). The errno does not say which.
/// So what the kernel lists for the VF decides what a refusal means:
///
///  - A clear is refused: the call succeeds if the VF has no VLAN (0, or 4095, which some drivers list for no VLAN;
///    with priority 0 and protocol 802.1Q). If the VF has a VLAN, the call fails, and the reported text names that
///    VLAN. If it is not known what the VF has, the call succeeds only for an implicit clear and EPERM.
///  - A VLAN from 1 to 4095 is refused with EPERM: the call succeeds if the VF has exactly this VLAN already, with
///    priority 0 and protocol 802.1Q.
///
/// virNetDevSetVfConfig() reads the list before its first request. This function, called by itself, reads it after the
/// refusal. That proves less where a driver lists a VLAN that it has refused (nfp, octeontx2, bnx2x, mlx5).
///
/// @ifname: name of the PF, as for virNetDevSendVfSetLinkRequest().
/// @vf: number of the VF. The first one is 0.
/// @vlanid: the VLAN, 0 to 4095 (12 bits, IEEE 802.1Q). 0 is an explicit clear: the caller wants no VLAN. NULL is an
///   implicit clear: the caller names no VLAN, and a VLAN that is left from an earlier use is cleared.
///
/// Returns 0, or a negative errno. Each failure is reported.
///
/// Errors:
///   -ERANGE: `*vlanid` is not 0 to 4095. Nothing was sent.
///   -EPERM: the caller does not have CAP_NET_ADMIN, or the PF's driver refuses the VLAN; and the VF does not have this
///     VLAN already, or the kernel does not say what the VF has. For an implicit clear: the VF keeps a VLAN.
///   -EINVAL: the PF has no such VF, or its driver refuses the value, or `ifname` is NULL, or the VF was still in reset
///     after 2 seconds.
///   -ENODEV: there is no such interface.
///   -EOPNOTSUPP: the interface is not an SR-IOV PF, or its driver cannot set this VLAN: it has no VLANs, or its
///     embedded switch is in switchdev mode, for example.
///   -EAGAIN, -EBUSY, -ENETDOWN: the VF was still in reset after 2 seconds, or the PF is down.
///   Others: as for virNetDevSendVfSetLinkRequest().
///
/// Example:
///
///     int vlan = 42;
///
///     if (virNetDevSetVfVlan("enp1s0f0", 0, &vlan) < 0)
///         puts(virNetDevVfLastError());
///
/// # Safety
///
/// `ifname` must be NULL or a string, `vlanid` NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn virNetDevSetVfVlan(ifname: *const c_char, vf: c_int, vlanid: *const c_int) -> c_int {
    // SAFETY: the caller's promise.
    let (ifname, vlan) = unsafe { (string(ifname), vlanid.as_ref().copied()) };
    code(vf::set_vlan(Target { ifname, vf }, vlan))
}

/// Set the MAC, then the VLAN of an SR-IOV VF.
///
/// This calls virNetDevSetVfMac(), then virNetDevSetVfVlan(). If the MAC fails, the VLAN is not tried. Before that,
/// this reads once what the VF has, which decides what a refusal means: a MAC that is refused with EINVAL is a success
/// if the VF has it already; for a VLAN see virNetDevSetVfVlan().
///
/// If the VLAN is refused after the MAC was set, the VF gets its former MAC again, so that a guest that does not start
/// changes nothing. If the driver refuses an all-zero former MAC, the VF gets the fallback MAC, 02:00:00:00:00:00. If
/// the MAC is refused, but the VF has it (some drivers store it first), the former MAC is set again, too. The reported
/// text says which of these happened, and whether it worked. The new MAC stays on the VF in these cases:
///
///  - The VLAN is 0, or the VF has this VLAN already. libvirt asks for this when a guest stops.
///  - The former MAC is not known. The reported text then names the MAC that the VF has, if that is known.
///  - It is not known whether the VLAN was set, because no valid answer came, or the device's firmware did not answer.
///
/// @ifname: name of the PF, as for virNetDevSendVfSetLinkRequest().
/// @vf: number of the VF. The first one is 0.
/// @macaddr: the MAC, as for virNetDevSetVfMac(). If it is NULL the MAC is not changed.
/// @vlanid: the VLAN, as for virNetDevSetVfVlan(). NULL is an implicit clear.
/// @allowRetry: as for virNetDevSetVfMac(). It is false if the VLAN failed, because another MAC does not help then. It
///   may be NULL only if `macaddr` is NULL.
///
/// Returns 0, or the negative errno of the function that failed, which reports the failure.
///
/// Errors:
///   -ERANGE: `*vlanid` is not 0 to 4095. Nothing was sent, so the MAC is not changed.
///   -EINVAL: `allowRetry` is NULL and `macaddr` is not, and nothing was sent. Or the kernel answers this: the PF has
///     no such VF, or its driver refuses the MAC or the VLAN, or `ifname` is NULL, or the VF was still in reset after 2
///     seconds.
///   -EPERM: the caller does not have CAP_NET_ADMIN, or the PF's driver refuses the MAC or the VLAN. Without a VLAN:
///     the VF keeps one.
///   -ENODEV: there is no such interface.
///   -EOPNOTSUPP: the interface is not an SR-IOV PF, or its driver cannot set the MAC or the VLAN.
///   -EAGAIN, -EBUSY, -ENETDOWN: the VF was still in reset after 2 seconds, or the PF is down.
///   Others: as for virNetDevSendVfSetLinkRequest().
///
/// Example:
///
///     virMacAddr mac = {{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}};
///     bool retry = false;
///
///     if (virNetDevSetVfConfig("enp1s0f0", 0, &mac, NULL, &retry) < 0)
///         puts(virNetDevVfLastError());
///
/// # Safety
///
/// `ifname` must be NULL or a string, the other pointers NULL or valid.
#[unsafe(no_mangle)]
#[allow(non_snake_case)]
pub unsafe extern "C" fn virNetDevSetVfConfig(
    ifname: *const c_char,
    vf: c_int,
    macaddr: *const virMacAddr,
    vlanid: *const c_int,
    allowRetry: *mut bool,
) -> c_int {
    // SAFETY: the caller's promise.
    let (ifname, mac, vlan) =
        unsafe { (string(ifname), macaddr.as_ref().map(|mac| &mac.addr), vlanid.as_ref().copied()) };
    // SAFETY: the same.
    unsafe {
        with_bool(allowRetry, |allow_retry| vf::set_config(Target { ifname, vf }, mac, vlan, allow_retry))
    }
}

/// Read the MAC and the VLAN of an SR-IOV VF.
///
/// The kernel lists the VFs of a PF as the PF's driver reports them (RTM_GETLINK, without statistics). Before Linux 7.2
/// the list has any number of VFs, since then at most 256. This function can read a list with gaps, and a list that is
/// too long for its own 16-bit length. While the VF is in reset (i40e, ice) it is not in the list, and the list is read
/// again for at most 2 seconds. The caller needs no privilege.
///
/// @ifname: name of the PF, as for virNetDevSendVfSetLinkRequest().
/// @vf: number of the VF. The first one is 0.
/// @mac: where to write the MAC of the VF. It may be NULL.
/// @vlanid: where to write the VLAN of the VF, 0 to 4095; 0 is no VLAN. It may be NULL.
///
/// Returns 0, or a negative errno. A failure is reported, and changes neither `*mac` nor `*vlanid`.
///
/// Errors:
///   -ENOENT: the PF has no VF with this number.
///   -ENODATA: the PF has this VF, but the kernel does not list it: the VF was still in reset after 2 seconds, the PF
///     is down, or the list has no room for it.
///   -EOPNOTSUPP: there is no list: the interface is not an SR-IOV PF, or its driver reports no VF.
///   -EBADMSG: the list or the message around it is malformed, or only messages came that are not the answer.
///   -ENOMEM: there is no memory for the list.
///   -ENODEV: there is no such interface.
///   -EINVAL: `ifname` is NULL.
///   -ETIMEDOUT: the kernel did not answer within 2 seconds of waiting.
///   Others: as for virNetDevSendVfSetLinkRequest().
///
/// Example:
///
///     virMacAddr mac;
///     int vlan;
///
///     if (virNetDevGetVfConfig("enp1s0f0", 0, &mac, &vlan) == 0)
///         printf("MAC ends with %02x, VLAN %d\n", mac.addr[5], vlan);
///
/// # Safety
///
/// `ifname` must be NULL or a string, `mac` and `vlanid` NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn virNetDevGetVfConfig(
    ifname: *const c_char,
    vf: c_int,
    mac: *mut virMacAddr,
    vlanid: *mut c_int,
) -> c_int {
    // SAFETY: the caller's promise.
    let ifname = unsafe { string(ifname) };
    let info = match vf::get_config(Target { ifname, vf }) {
        Ok(info) => info,
        Err(code) => return code,
    };
    if !mac.is_null() {
        // SAFETY: not NULL, and the rest is the caller's promise.
        unsafe { mac.write(virMacAddr { addr: info.mac }) };
    }
    if !vlanid.is_null() {
        // SAFETY: the same.
        unsafe { vlanid.write(info.vlan.id.into()) };
    }
    0
}

/// Return the reported text: the text of the last failure that was reported in the calling thread.
///
/// A success does not clear the text, so read it only after a failure.
///
/// Returns a string without a newline, never NULL. It is empty if nothing was reported in this thread. The string
/// belongs to the library: do not free it. It is valid until the thread calls a function of this library again, or
/// ends.
///
/// Example:
///
///     int vlan = 4096;
///
///     if (virNetDevSetVfVlan("enp1s0f0", 0, &vlan) == -ERANGE)
///         puts(virNetDevVfLastError());
#[unsafe(no_mangle)]
pub extern "C" fn virNetDevVfLastError() -> *const c_char {
    report::last_message()
}

fn code(result: Outcome) -> c_int {
    result.err().unwrap_or(0)
}

/// # Safety
///
/// `start` must be NULL or a string that lives for as long as the result.
unsafe fn string<'a>(start: *const c_char) -> Option<&'a CStr> {
    if start.is_null() {
        return None;
    }
    // SAFETY: the caller's promise.
    Some(unsafe { CStr::from_ptr(start) })
}

/// Makes a call with a C `bool`. It may be any byte: every byte but 0 is true. Only false is written back.
///
/// # Safety
///
/// `byte` must be NULL or valid.
unsafe fn with_bool(byte: *mut bool, call: impl FnOnce(&mut Option<bool>) -> Outcome) -> c_int {
    // SAFETY: not NULL, and the rest is the caller's promise.
    let mut value = (!byte.is_null()).then(|| unsafe { byte.cast::<u8>().read() } != 0);
    let result = call(&mut value);
    if value == Some(false) && !byte.is_null() {
        // SAFETY: the same.
        unsafe { byte.write(false) };
    }
    code(result)
}

/// The payload as bytes. Its type and length are checked first: a slice must not be longer than an object can be, and a
/// payload that is refused is not read.
///
/// # Safety
///
/// `start` must be NULL or, if `len` fits into a message, valid for reads of `len` bytes for as long as the result
/// lives.
unsafe fn bytes<'a>(start: *const c_void, len: usize, kind: c_int) -> Result<Attribute<'a>, Error> {
    if start.is_null() && len != 0 {
        return Err(Error::Null("payload"));
    }
    let kind = checked_type(kind, len)?;
    // SAFETY: not NULL, not too long, and the rest is the caller's promise.
    let payload = if len == 0 { &[] } else { unsafe { core::slice::from_raw_parts(start.cast(), len) } };
    Ok((kind, payload))
}

#[cfg(all(test, feature = "header"))]
mod tests {
    #[test]
    fn the_committed_header_is_the_one_that_the_doc_comments_make() {
        let made = include_str!(concat!(env!("OUT_DIR"), "/virnetdevvf.h"));
        let committed = include_str!("../../include/virnetdevvf.h");
        assert!(made == committed, "run ctests/source/header.sh --update");
    }
}
