// SPDX-License-Identifier: LGPL-2.1-or-later
//! virNetDevVfLastError().

use crate::report;
use core::ffi::c_char;

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
