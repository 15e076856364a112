// SPDX-License-Identifier: LGPL-2.1-or-later
//! One request about a VF, sent again while the VF is in reset.

use crate::report;
use crate::rtnl::{self, Backoff, Deadline, Failure, VfAttribute};
use core::ffi::CStr;

/// A request that the exported function `function` makes.
pub(crate) struct Request<'a> {
    pub(crate) function: &'static CStr,
    pub(crate) ifname: Option<&'a CStr>,
    pub(crate) attribute: VfAttribute,
    pub(crate) payload: &'a [u8],
}

impl Request<'_> {
    /// Sends the request, and sends it again while the kernel says that the VF is in reset (contract S9): i40e with
    /// EAGAIN, ice and ionic with EBUSY. A reset ends by itself; its usual cause is a guest that just released the VF.
    pub(crate) fn send(&self) -> Result<(), Failure> {
        let mut deadline = Deadline::default();
        let Err(failure) = self.send_once(&mut deadline) else {
            return Ok(());
        };
        if failure.is_in_reset() { self.send_again(&mut deadline, failure) } else { Err(failure) }
    }

    // A function of its own, so that the loop does not slow down a request that is sent only once.
    #[cold]
    #[inline(never)]
    fn send_again(&self, deadline: &mut Deadline, mut failure: Failure) -> Result<(), Failure> {
        let mut backoff = Backoff::new();
        while failure.is_in_reset() && backoff.wait(deadline) {
            match self.send_once(deadline) {
                Ok(()) => return Ok(()),
                Err(again) => failure = again,
            }
        }
        Err(failure)
    }

    /// Sends the request once, and writes a debug line with the answer.
    #[inline(always)]
    fn send_once(&self, deadline: &mut Deadline) -> Result<(), Failure> {
        let debug = |code| {
            let vf = self.payload.first_chunk().map(|vf| i32::from_ne_bytes(*vf));
            report::debug(self.function, self.ifname, self.attribute.kind().into(), vf, code);
        };
        let Err(failure) = rtnl::set_vf_info(self.ifname, self.attribute, self.payload, deadline) else {
            debug(0);
            return Ok(());
        };
        debug(failure.code());
        Err(failure)
    }
}
