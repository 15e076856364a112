// SPDX-License-Identifier: LGPL-2.1-or-later
//! What an error means for the operator, and what to do about it.
//!
//! An errno of the kernel has many meanings in the drivers of Linux, so these texts name possible causes. Only where a
//! VLAN was asked for do they say where it can be set instead.

use super::message::Action;
use crate::error::Error;

const NOT_KNOWN: &str = "it is not known whether it was done: look at the VF with ip link show";

/// Why, in the order in which a message has it: the error itself or its possible causes, then what to do.
pub(super) struct Cause {
    /// In place of the error's own text.
    pub(super) causes: Option<&'static str>,
    pub(super) remedy: &'static str,
}

impl Cause {
    const fn possible(causes: &'static str, remedy: &'static str) -> Self {
        Cause { causes: Some(causes), remedy }
    }
}

/// The cause of a failed action. `mac_accepted`: the kernel accepted the same VF's MAC just before, so the process has
/// CAP_NET_ADMIN, and the interface is an SR-IOV PF.
pub(super) fn cause(action: Action, error: Error, mac_accepted: bool) -> Cause {
    const LOG: &str = "the kernel's log may say more";
    const ON_DEVICE: &str = "set the VLAN on the device or its DPU instead";
    const ON_REPRESENTOR: &str = "set the VLAN on the VF's representor or on the DPU instead";
    let (is_mac, is_vlan) =
        (matches!(action, Action::SetMac { .. }), matches!(action, Action::SetVlan { .. }));
    match error {
        Error::Refused(libc::EPERM) if is_mac => {
            Cause::possible("possible causes: no CAP_NET_ADMIN, or a policy of the device or its DPU", LOG)
        }
        Error::Refused(libc::EPERM) => Cause::possible(
            if mac_accepted {
                "the device accepts the MAC; possible causes: a SmartNIC DPU, or another policy of the device such as \
                 trunk, rate limit or privilege"
            } else {
                "possible causes: no CAP_NET_ADMIN, a SmartNIC DPU, or another policy of the device such as trunk, \
                 rate limit or privilege"
            },
            if is_vlan { ON_DEVICE } else { LOG },
        ),
        Error::Refused(libc::EOPNOTSUPP) if is_mac => Cause::possible(
            "possible causes: not an SR-IOV PF, an InfiniBand port, or a driver that sets no MAC",
            LOG,
        ),
        Error::Refused(libc::EOPNOTSUPP) => Cause::possible(
            if mac_accepted {
                "the device accepts the MAC; possible causes: a driver without VLANs, or switchdev mode"
            } else {
                "possible causes: not an SR-IOV PF, an InfiniBand port, a driver without VLANs, or switchdev mode"
            },
            if is_vlan { ON_REPRESENTOR } else { LOG },
        ),
        Error::Refused(libc::EINVAL) => Cause::possible(
            "possible causes: no such VF, or a value that the PF's driver does not accept",
            LOG,
        ),
        // A reading changes nothing.
        _ if matches!(action, Action::GetConfig) && remedy(error) == NOT_KNOWN => {
            Cause { causes: None, remedy: "try again" }
        }
        _ => Cause { causes: None, remedy: remedy(error) },
    }
}

/// What to do, whatever the action is.
fn remedy(error: Error) -> &'static str {
    match error {
        Error::Refused(_) => "the kernel's log may say more",
        Error::NoVfList | Error::NoSuchVf(_) => "check the interface and the VF",
        Error::InReset(_) | Error::VfNotListed => "try again in a few seconds",
        // The message has the command, with the interface's name.
        Error::PfDown(_) => "bring it up",
        Error::VfCutOff => "use a VF with a lower number",
        Error::Socket(_) | Error::Connect(_) | Error::Send(_) | Error::Memory(_) => {
            "check this process's limits, the free memory and the audit log"
        }
        Error::NoReply(_)
        | Error::Wait(_)
        | Error::Receive(_)
        | Error::NoAnswer
        | Error::Unsolicited
        | Error::BadAnswer(_) => NOT_KNOWN,
        Error::Null(_)
        | Error::AttributeType(_)
        | Error::PayloadSize(_)
        | Error::NameSize(_)
        | Error::VlanRange => "correct the program or the configuration that asks for it",
    }
}
