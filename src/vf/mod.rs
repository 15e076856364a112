// SPDX-License-Identifier: LGPL-2.1-or-later
//! What to ask the kernel for (MAC, VLAN), and what a refusal means.
//!
//! Many devices set the MAC of a VF, and refuse a VLAN, or even to clear one that was never set: a SmartNIC DPU, a NIC
//! in switchdev mode, a driver without VLANs. So the MAC and the VLAN are two requests. What an errno means differs
//! between drivers. What the kernel lists for a VF before the request is clear, so that decides what a refusal means.

mod config;
mod mac;
mod nested;
mod retry;
mod send;
mod vlan;

use crate::error::Failure;
use crate::report;
use crate::rtnl::{self, IFLA_VFINFO_LIST};
use crate::types::{PfState, Target};
use core::ffi::CStr;

pub(crate) use config::{get_config, set_config};
pub(crate) use mac::set_mac;
pub(crate) use send::Request;
pub(crate) use vlan::set_vlan;

/// Reads a PF and one of its VFs from the kernel, and writes a debug line under the name of the function that asks.
#[inline(never)]
fn read_pf(function: &'static CStr, target: Target<'_>) -> Result<PfState, Failure> {
    let answer = rtnl::get_link(target);
    let error = answer.as_ref().map_or_else(|failure| Some(failure.error), |pf| pf.vf.err());
    let result = error.map_or(0, |error| error.errno().saturating_neg());
    report::debug(function, target, IFLA_VFINFO_LIST.into(), result);
    answer
}
