// SPDX-License-Identifier: LGPL-2.1-or-later
//! What to ask the kernel for (MAC, VLAN), and what a refusal means.
//!
//! Some SmartNIC DPUs do not let the host touch the embedded switch: the PF accepts a VF's MAC and answers EPERM
//! to any VLAN, even to clearing one that was never set. So the MAC and the VLAN are two requests. An implicit clear
//! (no VLAN was asked for) is allowed to fail with EPERM: if no VLAN can be set, there is none to clear.

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

/// Sends a request through the exported function. The caller reports the failure.
fn request(ifname: Option<&CStr>, kind: u16, payload: &[u8]) -> Result<(), Failure> {
    let scope = ErrorScope::begin();
    let code = interpose::send_vf_set_link_request(ifname, kind.into(), payload);
    let recorded = scope.finish();
    if code >= 0 {
        return Ok(());
    }
    Err(cause(recorded, code).0)
}

/// Why an exported function returned `code`: the failure that our function recorded, if it has the errno that was
/// returned. If not, the program has a function of its own in place of ours: its result counts as the kernel's answer.
fn cause(recorded: Option<(Failure, Option<Advice>)>, code: c_int) -> (Failure, Option<Advice>) {
    recorded
        .filter(|(failure, _)| failure.code() == code)
        .unwrap_or_else(|| (Error::from_errno(code.saturating_neg()).into(), None))
}

/// Reads a VF from the kernel, and writes a debug line under the name of the function that asks.
fn get_vf_info(function: &'static CStr, ifname: Option<&CStr>, vf: c_int) -> Result<Vf, Failure> {
    let answer = rtnl::get_vf_info(ifname, vf);
    let result = answer.as_ref().map_or_else(Failure::code, |_| 0);
    report::debug(function, ifname, IFLA_VFINFO_LIST.into(), Some(vf), result);
    answer
}

/// What EAGAIN and EBUSY mean, for both MAC and VLAN.
fn in_reset(failure: &Failure) -> Option<Advice> {
    failure.is_in_reset().then_some(Advice::InReset)
}
