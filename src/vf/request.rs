// SPDX-License-Identifier: LGPL-2.1-or-later
//! One request about a VF, and a VF in reset.

use crate::report;
use crate::rtnl::{self, Backoff, Deadline, Failure, VfAttribute};
use core::ffi::CStr;

/// Sends a request, and sends it again while the kernel says that the VF is in reset (contract S9): i40e with
/// EAGAIN, ice and ionic with EBUSY. That passes, and a guest that has just released the VF is the usual cause.
/// There is a debug line for each answer.
pub(crate) fn send(
    function: &'static CStr,
    ifname: Option<&CStr>,
    attribute: VfAttribute,
    payload: &[u8],
) -> Result<(), Failure> {
    let vf = payload.first_chunk().map(|vf| i32::from_ne_bytes(*vf));
    let (mut deadline, mut backoff) = (Deadline::default(), Backoff::new());
    loop {
        let result = rtnl::set_vf_info(ifname, attribute, payload, &mut deadline);
        let code = result.as_ref().map_or_else(Failure::code, |()| 0);
        report::debug(function, ifname, attribute.kind().into(), vf, code);
        let in_reset = matches!(&result, Err(failure) if failure.is_in_reset());
        if !in_reset || !backoff.wait(&mut deadline) {
            return result;
        }
    }
}
