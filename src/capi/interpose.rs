// SPDX-License-Identifier: LGPL-2.1-or-later
//! Interposable calls: how one exported function calls another.
//!
//! A program may define one of the four functions itself, as libvirt's test suite does, or have it
//! preloaded; the others must then call that one. In C that is what a call through the PLT does. In Rust
//! the compiler sees the body behind the name, and inlines it, or merges a declaration with it, or copies
//! its constant result: no way of calling the item, `#[inline(never)]` or an `extern "C"` declaration
//! included, is safe from that. What is: the function's address in a static, read with a volatile read at
//! each call. In the library that address is a relocation against the dynamic symbol, which the dynamic
//! linker resolves to whichever definition comes first.
//!
//! It is also the one place where a lower module calls a higher one.

use super::{virMacAddr, virNetDevSendVfSetLinkRequest, virNetDevSetVfMac, virNetDevSetVfVlan};
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

/// virNetDevSendVfSetLinkRequest(), whoever defines it. Its result as it is.
pub(crate) fn send_vf_set_link_request(ifname: Option<&CStr>, kind: c_int, payload: &[u8]) -> c_int {
    // SAFETY: the static holds a function of this type; the name is NULL or a string, the payload a slice.
    unsafe { read_volatile(&raw const SEND)(name(ifname), kind, payload.as_ptr().cast(), payload.len()) }
}

/// virNetDevSetVfMac(), whoever defines it. An error is its negative result.
pub(crate) fn set_vf_mac(
    ifname: Option<&CStr>,
    vf: c_int,
    mac: &[u8; 6],
    allow_retry: Option<&mut bool>,
) -> Result<(), c_int> {
    // It may be a function of C's that writes any byte to it.
    let mut byte = allow_retry.as_deref().copied().map(u8::from);
    let pointer: *mut u8 = byte.as_mut().map_or(null_mut(), |byte| &raw mut *byte);
    let mac: *const virMacAddr = (&raw const *mac).cast();
    // SAFETY: the static holds a function of this type; a virMacAddr is its six bytes, the name and
    // `pointer` are NULL or valid.
    let code = unsafe { read_volatile(&raw const SET_MAC)(name(ifname), vf, mac, pointer.cast()) };
    if let (Some(allow_retry), Some(byte)) = (allow_retry, byte) {
        *allow_retry = byte != 0;
    }
    checked(code)
}

/// virNetDevSetVfVlan(), whoever defines it. An error is its negative result.
pub(crate) fn set_vf_vlan(ifname: Option<&CStr>, vf: c_int, vlan: Option<c_int>) -> Result<(), c_int> {
    let vlan = vlan.as_ref().map_or(null(), |vlan| &raw const *vlan);
    // SAFETY: the static holds a function of this type; the name and the VLAN are NULL or valid.
    checked(unsafe { read_volatile(&raw const SET_VLAN)(name(ifname), vf, vlan) })
}

fn checked(code: c_int) -> Result<(), c_int> {
    if code < 0 { Err(code) } else { Ok(()) }
}
