// SPDX-License-Identifier: LGPL-2.1-or-later
//! C's pointers as Rust types.

use super::code;
use crate::error::Error;
use crate::rtnl::{Attribute, checked_type};
use crate::types::Outcome;
use core::ffi::{CStr, c_char, c_void};
use libc::c_int;

/// # Safety
///
/// `start` must be NULL or a string that lives for as long as the result.
pub(super) unsafe fn string<'a>(start: *const c_char) -> Option<&'a CStr> {
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
pub(super) unsafe fn with_bool(byte: *mut bool, call: impl FnOnce(&mut Option<bool>) -> Outcome) -> c_int {
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
pub(super) unsafe fn bytes<'a>(
    start: *const c_void,
    len: usize,
    kind: c_int,
) -> Result<Attribute<'a>, Error> {
    if start.is_null() && len != 0 {
        return Err(Error::Null("payload"));
    }
    let kind = checked_type(kind, len)?;
    // SAFETY: not NULL, not too long, and the rest is the caller's promise.
    let payload = if len == 0 { &[] } else { unsafe { core::slice::from_raw_parts(start.cast(), len) } };
    Ok((kind, payload))
}
