// SPDX-License-Identifier: LGPL-2.1-or-later
//! What an error means for the operator, and what to do about it.
//!
//! An errno of the kernel has many meanings in the drivers of Linux, so these texts name possible causes. They say
//! where else a VLAN can be set only if the caller asked for a VLAN.

use super::message::Action;
use crate::error::Error;

/// The possible causes of a refusal, in place of the error's own text. `mac_accepted`: the kernel accepted a MAC for
/// the same VF just before, so the process has CAP_NET_ADMIN, and the interface is a PF.
pub(super) fn causes(action: Action, error: Error, mac_accepted: bool) -> Option<&'static str> {
    use Action::{GetConfig, Request, SetMac};
    let Error::Refused(errno) = error else {
        return None;
    };
    Some(match (errno, action, mac_accepted) {
        (_, GetConfig | Request(_), _) => return None,
        (libc::EPERM, SetMac(_), _) => "no CAP_NET_ADMIN, or a policy of the device or its DPU",
        (libc::EPERM, _, false) => {
            "no CAP_NET_ADMIN, a SmartNIC DPU, or another policy of the device such as trunk, rate limit or privilege"
        }
        (libc::EPERM, _, true) => {
            "a SmartNIC DPU, or another policy of the device such as trunk, rate limit or privilege"
        }
        (libc::EOPNOTSUPP, SetMac(_), _) => {
            "not an SR-IOV PF, an InfiniBand port, or a driver that sets no MAC"
        }
        (libc::EOPNOTSUPP, _, false) => {
            "not an SR-IOV PF, an InfiniBand port, a driver without VLANs, or switchdev mode"
        }
        (libc::EOPNOTSUPP, _, true) => "a driver without VLANs, or switchdev mode",
        (libc::EINVAL, _, false) => "no such VF, or a value that the PF's driver does not accept",
        (libc::EINVAL, _, true) => "a value that the PF's driver does not accept",
        _ => return None,
    })
}

/// What to do about an error.
pub(super) fn remedy(action: Action, error: Error) -> &'static str {
    let is_vlan = matches!(action, Action::SetVlan(_));
    match error {
        Error::Refused(libc::EPERM) if is_vlan => "set the VLAN on the device or its DPU instead",
        Error::Refused(libc::EOPNOTSUPP) if is_vlan => {
            "set the VLAN on the VF's representor or on the DPU instead"
        }
        Error::Refused(_) => "the kernel's log may say more",
        Error::NoVfList | Error::NoSuchVf(_) => "check the interface and the VF",
        Error::InReset(_) | Error::VfNotListed => "try again in a few seconds",
        // The message has the command, with the interface's name.
        Error::PfDown(_) => "bring it up",
        Error::VfCutOff => "use a VF with a lower number",
        Error::Socket(_) | Error::Connect(_) | Error::Send(_) | Error::Memory(_) => {
            "check this process's limits, the free memory and the audit log"
        }
        Error::NoReply(_) | Error::Wait(_) | Error::Receive(_) | Error::NoAnswer => not_known(action),
        Error::Unsolicited | Error::BadAnswer(_) => not_known(action),
        Error::Null(_) | Error::AttributeType(_) => CORRECT,
        Error::PayloadSize(_) | Error::NameSize(_) | Error::VlanRange => CORRECT,
    }
}

const CORRECT: &str = "correct the program or the configuration that asks for it";

/// To read changes nothing.
fn not_known(action: Action) -> &'static str {
    match action {
        Action::GetConfig => "try again",
        _ => "it is not known whether it was done: look at the VF with ip link show",
    }
}
