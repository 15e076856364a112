// SPDX-License-Identifier: LGPL-2.1-or-later
//! The exports: raw pointers become Rust types, results become errno.
//!
//! The doc comments here are the C header's: cbindgen copies them. No panic can start below (ctests/check
//! looks for one in the finished library), so there is none to stop at this border.

#![allow(unsafe_code)]

pub(crate) mod interpose;

use crate::error::{Argument, Error};
use crate::report::{self, Action, Report};
use crate::rtnl::{Failure, VfAttribute};
use crate::vf::{self, Mac};
use core::ffi::{CStr, c_char, c_void};
use libc::c_int;

/// libvirt's `struct _virMacAddr`: six bytes, in the order in which they are sent.
#[allow(non_camel_case_types)]
#[repr(C)]
pub struct virMacAddr {
    addr: Mac,
}

/// Sends one request about a VF to the kernel and returns the kernel's answer.
///
/// One RTM_SETLINK for the interface `ifname` with IFLA_VFINFO_LIST > IFLA_VF_INFO > one attribute
/// `vfInfoType` that holds `payload`. Which VF is meant is in the payload.
///
/// A VF in reset (EAGAIN or EBUSY, by its PF's driver) is asked again: after 20 ms, then after twice as long each time,
/// up to 200 ms, until 2 seconds after the first such answer. A call of any function here waits for at most 4 seconds,
/// beside the time that the kernel itself takes.
///
/// @ifname: the PF's name, at most 15 bytes, or one of its alternative names, at most 127. NULL leaves
///   the name out, which the kernel refuses with -EINVAL.
/// @vfInfoType: IFLA_VF_MAC, IFLA_VF_VLAN or another of linux/if_link.h, 1 to 16383.
/// @payload: the attribute's payload, such as a struct ifla_vf_mac. NULL only if `payloadLen` is 0.
/// @payloadLen: its length in bytes, at most 65520, which is what fits into a message.
///
/// Returns 0 when the kernel acknowledged the request, or:
///
///   the kernel's own answer, a negative errno, about which nothing is reported: the caller decides.
///     -EPERM: no CAP_NET_ADMIN, or the PF's driver refuses. -EINVAL: no such VF, or a value that the
///     driver does not take. -ENODEV: no such interface. -EOPNOTSUPP: not an SR-IOV PF, or a request that
///     its driver does not know. -ERANGE: a payload of the wrong size. -EAGAIN, -EBUSY: the VF stayed in
///     reset. Others are the driver's.
///   or, reported, and nothing was sent:
///     -EINVAL: `payload` is NULL with a length, or `vfInfoType` is out of range. -EMSGSIZE: the payload is
///     too large. -ERANGE: the name is longer than any can be. -EMFILE, -ENFILE, -ENOBUFS, -ENOMEM,
///     -EAFNOSUPPORT and the like: no socket, as socket(2), connect(2) and sendmsg(2) say; their EPERM is
///     -EACCES here.
///   or, reported, and whether the kernel did it is not known:
///     -ETIMEDOUT: no answer within 2 seconds of waiting. -EBADMSG: no answer but malformed or unsolicited messages.
///     -ENOBUFS, -ENOMEM and the like: the answer could not be received, as poll(2) and recvfrom(2) say.
///     -EIO: the kernel took a part of the request.
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
    const FUNCTION: &CStr = c"virNetDevSendVfSetLinkRequest";
    // SAFETY: the caller's promise.
    let (ifname, payload) = unsafe { (string(ifname), bytes(payload, payloadLen, vfInfoType)) };
    let result = match payload {
        Ok((attribute, payload)) => vf::Request { function: FUNCTION, ifname, attribute, payload }.send(),
        // What is refused for its length or type is not read: it may be no payload at all.
        Err(error) => {
            report::debug(FUNCTION, ifname, vfInfoType, None, error.errno().saturating_neg());
            Err(error.into())
        }
    };
    let Err(failure) = result else {
        return 0;
    };
    if !report::record_failure(&failure, None) && !failure.error.is_refusal() {
        report_failure(FUNCTION, Action::Request { kind: vfInfoType }, ifname, &failure);
    }
    failure.code()
}

/// Sets the MAC of a VF, as the PF's driver gives it to the VF (its "admin MAC").
///
/// @ifname: the PF's name, as for virNetDevSendVfSetLinkRequest().
/// @vf: the VF's number, from 0.
/// @macaddr: the MAC: six bytes, a unicast address or all zero. Not NULL.
/// @allowRetry: in: whether the caller tries another MAC if the driver calls an all-zero one invalid. Out:
///   false after every other failure, so true only if that is what happened. Not NULL.
///
/// Returns 0, or what virNetDevSendVfSetLinkRequest() returns, or -EINVAL with nothing sent if `macaddr` or
/// `allowRetry` is NULL. All are reported but one: -EINVAL from the kernel for an all-zero MAC while
/// `*allowRetry` is true.
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
    let (ifname, mac, mut allow_retry) = unsafe { (string(ifname), macaddr.as_ref(), truth(allowRetry)) };
    let result = match (mac, &mut allow_retry) {
        (Some(mac), Some(allow_retry)) => vf::set_mac(ifname, vf, &mac.addr, allow_retry),
        (mac, allow_retry) => {
            // With -EINVAL, true would say that the driver refused a zero MAC.
            *allow_retry = allow_retry.and(Some(false));
            let error = Error::Null(if mac.is_none() { Argument::Mac } else { Argument::AllowRetry });
            let (action, failure) = (Action::SetMac { vf, mac: mac.map(|mac| mac.addr) }, error.into());
            report_failure(c"virNetDevSetVfMac", action, ifname, &failure);
            Err(failure.code())
        }
    };
    // SAFETY: the caller's promise.
    unsafe { forbid(allowRetry, allow_retry) };
    code(result)
}

/// Sets or clears the VLAN of a VF, which the PF's driver then adds to what the VF sends and takes from
/// what it receives. The priority is set to 0.
///
/// @ifname: the PF's name, as for virNetDevSendVfSetLinkRequest().
/// @vf: the VF's number, from 0.
/// @vlanid: the VLAN, 0 to 4095 (IEEE 802.1Q); 0 is an explicit clear. NULL is an implicit clear: no VLAN
///   was asked for, and one left from before is to go.
///
/// A SmartNIC DPU whose embedded switch this host may not touch answers every VLAN with EPERM, 0 included.
/// An implicit clear takes that for a success: what cannot be set cannot need clearing. With a VLAN, 0 included, the
/// kernel is asked what the VF has: it is a success if that is this VLAN with priority 0 already.
///
/// Returns 0, or what virNetDevSendVfSetLinkRequest() returns, or -ERANGE with nothing sent if `*vlanid` is
/// out of range. All are reported.
///
/// # Safety
///
/// `ifname` must be NULL or a string, `vlanid` NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn virNetDevSetVfVlan(ifname: *const c_char, vf: c_int, vlanid: *const c_int) -> c_int {
    // SAFETY: the caller's promise.
    let (ifname, vlan) = unsafe { (string(ifname), vlanid.as_ref().copied()) };
    code(vf::set_vlan(ifname, vf, vlan))
}

/// Sets the MAC of a VF, then its VLAN: virNetDevSetVfMac(), then virNetDevSetVfVlan(). If the MAC fails the
/// VLAN is not tried. If the VLAN is out of range nothing is sent.
///
/// A guest that does not start leaves nothing behind. With a MAC, and with no VLAN or one other than 0, the kernel is
/// first asked what the VF has. The former MAC is set again if the VLAN step then fails, unless the VF has that VLAN
/// already. The message says so, or that this failed too. The MAC stays as it was set if the former one is not known,
/// or if it is not known whether the VLAN was set: no answer, or a malformed one.
///
/// @ifname: the PF's name, as for virNetDevSendVfSetLinkRequest().
/// @vf: the VF's number, from 0.
/// @macaddr: the MAC, as for virNetDevSetVfMac(). NULL leaves it alone.
/// @vlanid: the VLAN, as for virNetDevSetVfVlan(). NULL is an implicit clear.
/// @allowRetry: as for virNetDevSetVfMac(), and false after a failure to set the VLAN, which no other MAC
///   helps. NULL only if `macaddr` is NULL: with a MAC it is -EINVAL.
///
/// Returns 0, or what the function that failed returned, reported as that one does.
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
    let (ifname, mac, vlan, mut allow_retry) =
        unsafe { (string(ifname), macaddr.as_ref(), vlanid.as_ref().copied(), truth(allowRetry)) };
    let result = vf::set_config(ifname, vf, mac.map(|mac| &mac.addr), vlan, allow_retry.as_mut());
    // SAFETY: the caller's promise.
    unsafe { forbid(allowRetry, allow_retry) };
    code(result)
}

/// Reads the MAC and the VLAN of a VF, as the PF's driver has them: what virNetDevSetVfConfig() sets.
///
/// The kernel is asked for the PF's list of VFs without their statistics, so a list is read whole where the kernel
/// has cut one with statistics short: with any number of VFs before Linux 7.2, with 256 since. A list whose 16-bit
/// length has wrapped, and one that leaves VFs out, is read too.
///
/// @ifname: the PF's name, as for virNetDevSendVfSetLinkRequest().
/// @vf: the VF's number, from 0.
/// @mac: out: the VF's MAC. NULL: it is not wanted.
/// @vlanid: out: the VF's VLAN; 0 is none. NULL: it is not wanted.
///
/// Returns 0, or, with `*mac` and `*vlanid` as they were and reported:
///
///   a negative errno that says what the list has.
///     -ENOENT: the PF has no VF of that number. -ENODATA: the PF has, but the kernel leaves it out of the list: its
///     driver does not tell (i40e and ice while the VF is in reset), or the list is longer than the kernel sends.
///     -EOPNOTSUPP: there is no list: the interface is no SR-IOV PF, or its driver does not tell of any VF.
///     -EBADMSG: the list, or the message that it is in, is malformed. -ENOMEM: there is no memory for the list.
///   or the kernel's own answer.
///     -ENODEV: no such interface. -EINVAL: `ifname` is NULL. Others are the kernel's.
///   or what virNetDevSendVfSetLinkRequest() returns where the kernel could not be asked, or did not answer.
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
    let info = match vf::get_config(unsafe { string(ifname) }, vf) {
        Ok(info) => info,
        Err(code) => return code,
    };
    if !mac.is_null() {
        // SAFETY: not NULL, and the rest is the caller's promise.
        unsafe { mac.write(virMacAddr { addr: info.mac }) };
    }
    if !vlanid.is_null() {
        // SAFETY: the same.
        unsafe { vlanid.write(info.vlan.id as c_int) };
    }
    0
}

/// The message of the calling thread's last failure that was reported, without a newline.
///
/// Returns a string, never NULL, empty if nothing was reported yet. It is the library's, and valid until
/// the thread's next call of a function of this library, or its end. A success leaves it as it is, so look at
/// it only after a failure.
#[unsafe(no_mangle)]
pub extern "C" fn virNetDevVfLastError() -> *const c_char {
    report::last_message()
}

fn code(result: Result<(), c_int>) -> c_int {
    result.err().unwrap_or(0)
}

fn report_failure(function: &'static CStr, action: Action, ifname: Option<&CStr>, failure: &Failure) {
    report::failure(&Report { function, action, ifname, failure, advice: [None; 3] });
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

/// What a `bool` of C's says, which may be any byte: all but 0 are true.
///
/// # Safety
///
/// `byte` must be NULL or valid.
unsafe fn truth(byte: *const bool) -> Option<bool> {
    // SAFETY: not NULL, and the rest is the caller's promise.
    (!byte.is_null()).then(|| unsafe { byte.cast::<u8>().read() } != 0)
}

/// Makes it false if it is `Some(false)` now. It is never made true.
///
/// # Safety
///
/// `byte` must be valid if `now` is not `None`.
unsafe fn forbid(byte: *mut bool, now: Option<bool>) {
    if now == Some(false) {
        // SAFETY: the caller's promise.
        unsafe { byte.write(false) };
    }
}

/// The payload as bytes, once its type and length are known to fit into a message: no slice may be longer than an
/// object can be, and what is refused is not touched.
///
/// # Safety
///
/// `start` must be NULL or, if `len` fits into a message, valid for reads of `len` bytes for as long as the result
/// lives.
unsafe fn bytes<'a>(start: *const c_void, len: usize, kind: c_int) -> Result<(VfAttribute, &'a [u8]), Error> {
    if start.is_null() && len != 0 {
        return Err(Error::Null(Argument::Payload));
    }
    let attribute = VfAttribute::new(kind, len)?;
    if len == 0 {
        return Ok((attribute, &[]));
    }
    // SAFETY: not NULL, not too long, and the rest is the caller's promise.
    Ok((attribute, unsafe { core::slice::from_raw_parts(start.cast(), len) }))
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
