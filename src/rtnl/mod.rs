// SPDX-License-Identifier: LGPL-2.1-or-later
//! rtnetlink: a request's bytes, one exchange with the kernel, an answer's bytes.
//!
//! Each exchange opens and closes its own socket. So it acts on the network namespace that its thread is in at that
//! moment (libvirt's LXC driver changes it between two calls).

mod answer;
mod attribute;
mod deadline;
mod exchange;
mod request;
mod sys;
mod vf_list;

use crate::error::Failure;
use crate::types::{PfState, Target};
use core::ffi::CStr;

pub(crate) use attribute::{Attribute, IFLA_VF_MAC, IFLA_VF_VLAN, IFLA_VFINFO_LIST};
pub(crate) use deadline::{call_deadline, sleep_until};
pub(crate) use request::checked_type;
pub(crate) use sys::now_ms;

/// Sends one RTM_SETLINK about a VF of the interface `ifname`, with `attribute` in
/// IFLA_VFINFO_LIST > IFLA_VF_INFO, and waits for the kernel's result.
pub(crate) fn set_link(ifname: Option<&CStr>, attribute: Attribute<'_>) -> Result<(), Failure> {
    let sequence = exchange::next_sequence();
    let request = request::set_link(ifname, attribute, sequence)?;
    exchange::acknowledged(&request.iovecs(), sequence)
}

/// Reads a PF, and one VF from the kernel's list of its VFs (contract G1 to G4).
pub(crate) fn get_link(target: Target<'_>) -> Result<PfState, Failure> {
    let sequence = exchange::next_sequence();
    let request = request::get_link(target.ifname, sequence)?;
    exchange::pf_state(&request.iovecs(), sequence, target.vf)
}
