// SPDX-License-Identifier: LGPL-2.1-or-later
//! The VLAN of a VF, and what a refusal means for it.

use super::{get_vf_info, in_reset, request};
use crate::error::Error;
use crate::report::{self, Action, Advice, Report};
use crate::rtnl::{CallScope, Failure, IFLA_VF_VLAN, Vf, Vlan};
use core::ffi::CStr;
use libc::c_int;

const FUNCTION: &CStr = c"virNetDevSetVfVlan";

/// The largest VLAN ID that is sent: 12 bits (IEEE 802.1Q). The standard reserves 4095, but drivers and libvirt
/// accept it.
const VLAN_MAX: c_int = 4095;

/// struct ifla_vf_vlan, linux/if_link.h: the VF, the VLAN, and the priority, which stays 0.
fn payload(vf: c_int, id: c_int) -> [u8; 12] {
    let ([a, b, c, d], [e, f, g, h]) = (vf.to_ne_bytes(), id.to_ne_bytes());
    [a, b, c, d, e, f, g, h, 0, 0, 0, 0]
}

/// Sets or clears the VLAN of a VF (contract V1 to V6). No VLAN is an implicit clear, VLAN 0 an explicit one.
pub(crate) fn set_vlan(ifname: Option<&CStr>, vf: c_int, vlan: Option<c_int>) -> Result<(), c_int> {
    let _call = CallScope::begin();
    let Err((failure, state)) = request_vlan(ifname, vf, vlan) else {
        return Ok(());
    };
    if !report::record_failure(&failure, state) {
        report_vlan(ifname, vf, vlan, &failure, false, [state, None]);
    }
    Err(failure.code())
}

/// Sends the request and judges the answer. A failure comes with the VF's present VLAN if the kernel was asked for it.
fn request_vlan(
    ifname: Option<&CStr>,
    vf: c_int,
    vlan: Option<c_int>,
) -> Result<(), (Failure, Option<Advice>)> {
    let id = checked_id(vlan).map_err(|error| (error.into(), None))?;
    let Err(failure) = request(ifname, IFLA_VF_VLAN, &payload(vf, id)) else {
        return Ok(());
    };
    if !failure.is_refusal(libc::EPERM) {
        return Err((failure, None));
    }
    // An implicit clear: if the device lets the host set no VLAN, there is none to clear.
    if vlan.is_none() {
        return Ok(());
    }
    read_back(ifname, vf, id as u32).map_or(Ok(()), |state| Err((failure, Some(state))))
}

/// The VLAN ID to send: 0 for no VLAN, an error if it is out of range.
pub(super) fn checked_id(vlan: Option<c_int>) -> Result<c_int, Error> {
    Some(vlan.unwrap_or(0)).filter(|id| (0..=VLAN_MAX).contains(id)).ok_or(Error::VlanRange)
}

/// Asks the kernel which VLAN the VF has. `None`: the VF has the VLAN that was asked for already. `Some`: it has
/// another one, or that is not known.
///
/// The driver tags the frames of a VF that has a priority, also where the VLAN is 0. So VLAN 0 with a priority is
/// another state than VLAN 0 without one.
fn read_back(ifname: Option<&CStr>, vf: c_int, id: u32) -> Option<Advice> {
    let Ok(Vf { vlan, .. }) = get_vf_info(FUNCTION, ifname, vf) else {
        return Some(Advice::VlanUnknown);
    };
    match vlan {
        Vlan { id: now, qos: 0 } if now == id => None,
        Vlan { id, qos: 0 } => Some(Advice::VlanIs(id)),
        Vlan { id, qos } => Some(Advice::PriorityIs(id, qos)),
    }
}

/// Reports that a VLAN was not set, and what the errno means.
pub(super) fn report_vlan(
    ifname: Option<&CStr>,
    vf: c_int,
    vlan: Option<c_int>,
    failure: &Failure,
    mac_accepted: bool,
    [state, mac]: [Option<Advice>; 2],
) {
    let id = vlan.unwrap_or(0);
    let meaning = match failure.error {
        // EPERM has two causes. If the same caller's MAC was accepted, it is not a missing capability.
        Error::Refused(libc::EPERM) if mac_accepted => Some(Advice::VlanRefusedMacAccepted),
        Error::Refused(libc::EPERM) => Some(Advice::VlanRefused),
        Error::Refused(libc::EOPNOTSUPP) => Some(Advice::VlanNotSupported),
        _ => in_reset(failure),
    };
    report::failure(&Report {
        function: FUNCTION,
        action: if id == 0 { Action::ClearVlan { vf } } else { Action::SetVlan { vf, id } },
        ifname,
        failure,
        advice: [meaning, state, mac],
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_payload_is_struct_ifla_vf_vlan() {
        let bytes = payload(3, 4094);
        assert_eq!(bytes, [3u32, 4094, 0].map(u32::to_ne_bytes).concat()[..]);
        assert_eq!(payload(-1, 0)[..4], [0xff; 4]);
    }
}
