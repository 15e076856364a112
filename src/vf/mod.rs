// SPDX-License-Identifier: LGPL-2.1-or-later
//! What to ask for: the MAC, the VLAN, and what a refusal means.
//!
//! A SmartNIC DPU keeps the embedded switch to itself: its PF accepts a VF's MAC and answers EPERM to any
//! VLAN, even to clearing one that was never set. So MAC and VLAN are requests of their own, and a VLAN
//! that nobody asked for, cleared in passing, may be refused: what cannot be set cannot need clearing.

mod config;
mod mac;
mod vlan;

use crate::capi::door;
use crate::error::Error;
use crate::report::{self, Composing};
use crate::rtnl::{self, Failure, IFLA_VFINFO_LIST, Vf};
use core::ffi::CStr;
use libc::c_int;

pub(crate) use config::{get_config, set_config};
use mac::put_mac_back;
pub(crate) use mac::set_mac;
pub(crate) use vlan::set_vlan;

pub(crate) use crate::rtnl::Mac;

/// A failed request: the number that the caller gets, and, where our own function sent it, why.
struct Refusal {
    /// Negative, as it came through the door.
    code: c_int,
    failure: Option<Failure>,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Refusal { code: error.errno().saturating_neg(), failure: Some(error.into()) }
    }
}

impl Refusal {
    /// Whether the kernel answered with this errno. Without a cause of ours to the contrary it did: then
    /// another function has taken the place of ours, and what it returns stands for the kernel.
    fn is_kernels(&self, errno: c_int) -> bool {
        self.errno() == errno && self.failure.is_none_or(|failure| failure.error.is_refusal())
    }

    fn errno(&self) -> c_int {
        self.code.saturating_neg()
    }

    fn error(&self) -> Option<Error> {
        self.failure.map(|failure| failure.error)
    }

    fn ext_ack(&self) -> &[u8] {
        self.failure.as_ref().map_or(&[], |failure| failure.ext_ack.as_bytes())
    }
}

/// Sends a request through the door, and leaves it to the caller to report its failure.
fn ask(ifname: Option<&CStr>, kind: u16, payload: &[u8]) -> Result<(), Refusal> {
    let composing = Composing::begin();
    let code = door::send_vf_set_link_request(ifname, kind.into(), payload);
    if code >= 0 {
        composing.end();
        return Ok(());
    }
    let failure = composing.end_failed();
    Err(Refusal { code, failure: failure.filter(|failure| failure.error.errno() == code.saturating_neg()) })
}

/// What the kernel says of a VF, with a debug line in the name of the function that wants to know.
fn get_vf_info(function: &'static CStr, ifname: Option<&CStr>, vf: c_int) -> Result<Vf, Failure> {
    let answer = rtnl::get_vf_info(ifname, vf);
    let result = answer.as_ref().map_or_else(|failure| failure.error.errno().saturating_neg(), |_| 0);
    report::debug(function, ifname, IFLA_VFINFO_LIST.into(), Some(vf as u32), result);
    answer
}
