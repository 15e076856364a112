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

use crate::error::{Error, Malformed};
use core::ffi::CStr;
use libc::c_int;

pub(crate) use answer::ExtAck;
pub(crate) use attribute::{IFLA_VF_MAC, IFLA_VF_VLAN, IFLA_VFINFO_LIST};
pub(crate) use deadline::{Backoff, CallScope, Deadline};
pub(crate) use request::VfAttribute;
pub(crate) use vf_list::{Mac, Vf, Vlan};

/// Why a request failed, with the extended ACK's text if the answer has one.
#[derive(Clone, Copy)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    pub(crate) ext_ack: ExtAck,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure { error, ext_ack: ExtAck::new() }
    }
}

impl From<Malformed> for Failure {
    fn from(malformed: Malformed) -> Self {
        Error::from(malformed).into()
    }
}

impl Failure {
    /// The result for the C caller: the negative errno.
    pub(crate) fn code(&self) -> c_int {
        self.error.errno().saturating_neg()
    }

    /// Whether the kernel answered with this errno.
    pub(crate) fn is_refusal(&self, errno: c_int) -> bool {
        self.error == Error::Refused(errno)
    }

    /// Whether the kernel's answer means that the VF is in reset, or that its driver is busy.
    pub(crate) fn is_in_reset(&self) -> bool {
        self.is_refusal(libc::EAGAIN) || self.is_refusal(libc::EBUSY)
    }
}

/// Sends one RTM_SETLINK about a VF of the interface `ifname`, with `attribute` and `payload` in
/// IFLA_VFINFO_LIST > IFLA_VF_INFO, and waits for the kernel's result.
pub(crate) fn set_vf_info(
    ifname: Option<&CStr>,
    attribute: VfAttribute,
    payload: &[u8],
    deadline: &mut Deadline,
) -> Result<(), Failure> {
    let sequence = exchange::next_sequence();
    let request = request::set_vf_info(ifname, attribute, payload, sequence)?;
    exchange::acknowledged(&request.iovecs(), sequence, deadline)
}

/// Reads one VF of the interface `ifname` from the kernel's list of VFs (contract G1 to G4).
pub(crate) fn get_vf_info(ifname: Option<&CStr>, vf: c_int) -> Result<Vf, Failure> {
    let sequence = exchange::next_sequence();
    let request = request::get_vf_list(ifname, sequence)?;
    exchange::link(&request.iovecs(), sequence, |attributes| vf_list::get_vf_info(attributes, vf))
}
