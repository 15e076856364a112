// SPDX-License-Identifier: LGPL-2.1-or-later
//! One request about a VF, and a VF in reset.

use crate::report;
use crate::rtnl::{self, Backoff, Deadline, Failure, VfAttribute};
use core::ffi::CStr;

/// A request of the exported function `function`.
pub(crate) struct Request<'a> {
    pub(crate) function: &'static CStr,
    pub(crate) ifname: Option<&'a CStr>,
    pub(crate) attribute: VfAttribute,
    pub(crate) payload: &'a [u8],
}

impl Request<'_> {
    /// Sends it, and sends it again while the kernel says that the VF is in reset (contract S9): i40e with
    /// EAGAIN, ice and ionic with EBUSY. That passes, and a guest that has just released the VF is the usual cause.
    pub(crate) fn send(&self) -> Result<(), Failure> {
        let mut deadline = Deadline::default();
        let Err(failure) = self.send_once(&mut deadline) else {
            return Ok(());
        };
        if failure.is_in_reset() { self.send_again(&mut deadline, failure) } else { Err(failure) }
    }

    // Apart, so that the loop costs a request that is sent once nothing.
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

    /// Sends it, with a debug line for the answer.
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
