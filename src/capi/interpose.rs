// SPDX-License-Identifier: LGPL-2.1-or-later
//! Interposable calls: how one exported function calls another.
//!
//! A program may define one of the four functions itself, as libvirt's test suite does, or preload it. The other
//! functions must then call the program's function. A C compiler does that with a call through the PLT. The Rust
//! compiler knows the function's body: it can inline the body, merge the declaration with it, or propagate its
//! constant result. Neither `#[inline(never)]` nor a declaration in an `extern "C"` block prevents that. So each call
//! reads the function's address from a static with a volatile read. In the library that address is a relocation
//! against the dynamic symbol, and the dynamic linker resolves it to the first definition in its search order.
//!
//! Only in this file does a lower module call a higher one.

use super::mac::virNetDevSetVfMac;
use super::send::virNetDevSendVfSetLinkRequest;
use super::virMacAddr;
use super::vlan::virNetDevSetVfVlan;
use crate::types::{Mac, Outcome, Target};
use core::ffi::{CStr, c_char, c_void};
use core::ptr::{null, null_mut, read_volatile};
use libc::c_int;

static SEND: unsafe extern "C" fn(*const c_char, c_int, *const c_void, usize) -> c_int =
    virNetDevSendVfSetLinkRequest;
static SET_MAC: unsafe extern "C" fn(*const c_char, c_int, *const virMacAddr, *mut bool) -> c_int =
    virNetDevSetVfMac;
static SET_VLAN: unsafe extern "C" fn(*const c_char, c_int, *const c_int) -> c_int = virNetDevSetVfVlan;

fn name(ifname: Option<&CStr>) -> *const c_char {
    ifname.map_or(null(), CStr::as_ptr)
}

/// Calls the first definition of virNetDevSendVfSetLinkRequest() in the process. The error is its negative result.
pub(crate) fn send_vf_set_link_request(ifname: Option<&CStr>, kind: c_int, payload: &[u8]) -> Outcome {
    // SAFETY: the static holds a function of this type; the name is NULL or a string, the payload a slice.
    checked(unsafe {
        read_volatile(&raw const SEND)(name(ifname), kind, payload.as_ptr().cast(), payload.len())
    })
}

/// Calls the first definition of virNetDevSetVfMac() in the process. The error is its negative result.
pub(crate) fn set_vf_mac(target: Target<'_>, mac: &Mac, allow_retry: &mut Option<bool>) -> Outcome {
    // The function may be a C function, which can write any byte to it. A Rust bool must be 0 or 1.
    let mut byte = allow_retry.map(u8::from);
    let pointer: *mut bool = byte.as_mut().map_or(null_mut(), |byte| (&raw mut *byte).cast());
    let mac: *const virMacAddr = (&raw const *mac).cast();
    // SAFETY: the static holds a function of this type; a virMacAddr is its six bytes, the name and
    // `pointer` are NULL or valid.
    let code = unsafe { read_volatile(&raw const SET_MAC)(name(target.ifname), target.vf, mac, pointer) };
    *allow_retry = byte.map(|byte| byte != 0);
    checked(code)
}

/// Calls the first definition of virNetDevSetVfVlan() in the process. The error is its negative result.
pub(crate) fn set_vf_vlan(Target { ifname, vf }: Target<'_>, vlan: Option<c_int>) -> Outcome {
    let vlan = vlan.as_ref().map_or(null(), |vlan| &raw const *vlan);
    // SAFETY: the static holds a function of this type; the name and the VLAN are NULL or valid.
    checked(unsafe { read_volatile(&raw const SET_VLAN)(name(ifname), vf, vlan) })
}

fn checked(code: c_int) -> Outcome {
    if code < 0 { Err(code) } else { Ok(()) }
}
