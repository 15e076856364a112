// SPDX-License-Identifier: LGPL-2.1-or-later
//! What to ask for: the MAC, the VLAN, and what a refusal means.
//!
//! A SmartNIC DPU keeps the embedded switch to itself: its PF accepts a VF's MAC and answers EPERM to any
//! VLAN, even to clearing one that was never set. So MAC and VLAN are requests of their own, and a VLAN
//! that nobody asked for, cleared in passing, may be refused: what cannot be set cannot need clearing.

mod config;
mod mac;
mod request;
mod vlan;

use crate::capi::interpose;
use crate::error::Error;
use crate::report::{self, Advice, ErrorScope};
use crate::rtnl::{self, Failure, IFLA_VFINFO_LIST, Vf};
use core::ffi::CStr;
use libc::c_int;

pub(crate) use config::{get_config, set_config};
pub(crate) use mac::set_mac;
pub(crate) use request::Request;
pub(crate) use vlan::set_vlan;

pub(crate) use crate::rtnl::Mac;

/// Sends a request through the exported function, and leaves it to the caller to report its failure.
fn request(ifname: Option<&CStr>, kind: u16, payload: &[u8]) -> Result<(), Failure> {
    let scope = ErrorScope::begin();
    let code = interpose::send_vf_set_link_request(ifname, kind.into(), payload);
    let recorded = scope.finish();
    if code >= 0 {
        return Ok(());
    }
    Err(cause(recorded, code).0)
}

/// Why an exported function returned `code`: what ours recorded, if that is what was returned. Else the program has a
/// function of its own in its place, whose result is judged as the kernel's answer.
fn cause(recorded: Option<(Failure, Option<Advice>)>, code: c_int) -> (Failure, Option<Advice>) {
    recorded
        .filter(|(failure, _)| failure.code() == code)
        .unwrap_or_else(|| (Error::of_another(code.saturating_neg()).into(), None))
}

/// What the kernel says of a VF, with a debug line in the name of the function that wants to know.
fn get_vf_info(function: &'static CStr, ifname: Option<&CStr>, vf: c_int) -> Result<Vf, Failure> {
    let answer = rtnl::get_vf_info(ifname, vf);
    let result = answer.as_ref().map_or_else(Failure::code, |_| 0);
    report::debug(function, ifname, IFLA_VFINFO_LIST.into(), Some(vf), result);
    answer
}

/// What EAGAIN and EBUSY mean, for a MAC and for a VLAN.
fn in_reset(failure: &Failure) -> Option<Advice> {
    failure.is_in_reset().then_some(Advice::InReset)
}
