// SPDX-License-Identifier: LGPL-2.1-or-later
//! One request about a VF, and what the kernel's errno means for it (contract S9 to S11).

use super::retry::{Stopwatch, until_ready};
use super::{nested, read_pf};
use crate::capi::interpose;
use crate::error::{Error, Failure};
use crate::report::{self, Action, Report};
use crate::rtnl::{self, Attribute};
use crate::types::{Outcome, Target};
use core::ffi::CStr;
use libc::c_int;

const FUNCTION: &CStr = c"virNetDevSendVfSetLinkRequest";

/// A request as the caller of virNetDevSendVfSetLinkRequest() makes it.
pub(crate) struct Request<'a> {
    pub(crate) ifname: Option<&'a CStr>,
    pub(crate) kind: c_int,
    /// An error: a message cannot have this type or length. The payload is then not read.
    pub(crate) content: Result<Attribute<'a>, Error>,
}

impl Request<'_> {
    /// Sends the request, and sends it again while the VF is in reset. The kernel's answer is not reported.
    pub(crate) fn send(&self) -> Outcome {
        // The payload of every attribute begins with the VF (linux/if_link.h).
        let start = self.content.ok().and_then(|(_, payload)| payload.first_chunk());
        let target = Target { ifname: self.ifname, vf: start.map_or(-1, |vf| c_int::from_ne_bytes(*vf)) };
        let passed = nested::enter(target);
        let mut last = None;
        until_ready(&mut |watch| {
            let send = |attribute| rtnl::set_link(self.ifname, attribute);
            let result = self.content.map_err(Failure::from).and_then(send);
            // A failure is large, so a success must not copy one.
            let Err(mut failure) = result else {
                report::debug(FUNCTION, target, self.kind, 0);
                last = None;
                return false;
            };
            report::debug(FUNCTION, target, self.kind, failure.code());
            failure.error = judge(failure.error, target, watch);
            last = Some(failure);
            matches!(failure.error, Error::InReset(_))
        });
        let Some(failure) = last else {
            return Ok(());
        };
        nested::record(target, &failure);
        if !failure.error.is_kernels_answer() {
            let action = Action::Request(self.kind);
            report::failure(&Report::new(FUNCTION, action, target, &failure), passed.is_some());
        }
        Err(failure.code())
    }
}

/// What the kernel's errno means. For a VF in reset and for a PF that is down, drivers answer errnos that have other
/// meanings, too (ice EINVAL for a VF in reset, octeontx2 EAGAIN for a PF that is down). The kernel then lists no such
/// VF.
#[cold]
#[inline(never)]
fn judge(error: Error, target: Target<'_>, watch: &Stopwatch) -> Error {
    let Error::Refused(errno) = error else {
        return error;
    };
    let error = Error::of_kernel(errno);
    let is_in_reset = matches!(error, Error::InReset(_));
    // The driver has waited already, so the request is not sent again.
    if watch.is_slow() {
        return if is_in_reset { Error::NoReply(errno) } else { error };
    }
    if !(is_in_reset || errno == libc::EINVAL || errno == libc::ENETDOWN) {
        return error;
    }
    match read_pf(FUNCTION, target) {
        Ok(pf) if pf.leaves_out_vf() && !pf.up => Error::PfDown(errno),
        Ok(pf) if pf.leaves_out_vf() && errno == libc::EINVAL => Error::InReset(errno),
        _ => error,
    }
}

/// Sends a request through the exported function. The caller reports the failure.
pub(super) fn request(target: Target<'_>, kind: u16, payload: &[u8]) -> Result<(), Failure> {
    nested::call(target, None, || interpose::send_vf_set_link_request(target.ifname, kind.into(), payload))
        .map_err(|failed| failed.failure)
}
