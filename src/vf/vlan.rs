// SPDX-License-Identifier: LGPL-2.1-or-later
//! The VLAN of a VF, and what a refusal means for it.

use super::nested;
use super::read_pf;
use super::send::request;
use crate::error::{Error, Failure};
use crate::report::{self, Action, Report, VlanNow};
use crate::rtnl::IFLA_VF_VLAN;
use crate::thread::Before;
use crate::types::{Outcome, Target, Vlan};
use core::ffi::CStr;
use libc::c_int;

const FUNCTION: &CStr = c"virNetDevSetVfVlan";

/// struct ifla_vf_vlan, linux/if_link.h: the VF, the VLAN, and the priority, which stays 0.
fn payload(vf: c_int, id: c_int) -> [u8; 12] {
    let ([a, b, c, d], [e, f, g, h]) = (vf.to_ne_bytes(), id.to_ne_bytes());
    [a, b, c, d, e, f, g, h, 0, 0, 0, 0]
}

/// Sets or clears the VLAN of a VF (contract V1 to V6). No VLAN is an implicit clear, VLAN 0 an explicit one.
pub(crate) fn set_vlan(target: Target<'_>, vlan: Option<c_int>) -> Outcome {
    let passed = nested::enter(target);
    let send = |id| request(target, IFLA_VF_VLAN, &payload(target.vf, id));
    let Err(failure) = checked_id(vlan).map_err(Failure::from).and_then(send) else {
        return Ok(());
    };
    let report = vlan_report(target, vlan, &failure, passed.flatten());
    if report.vlan == Some(VlanNow::AsAsked) {
        return Ok(());
    }
    nested::record(target, &failure);
    report::failure(&report, passed.is_some());
    Err(failure.code())
}

/// The VLAN of the VF after this error, if it can be known: as read before the request, else as read now (contract V2,
/// V5).
///
/// A VLAN in the kernel's list counts only for EPERM, by which a device refuses to let the host set VLANs: mlx5 in
/// switchdev mode still lists a VLAN of legacy mode, and nfp, octeontx2 and bnx2x list what they have refused. If the
/// VF's state is not known, EPERM to an implicit clear is a success, as in libvirt.
#[inline(never)]
fn vlan_kept(target: Target<'_>, vlan: Option<c_int>, error: Error, before: Before) -> Option<VlanNow> {
    let (errno, id) = (error.refused_for_good()?, vlan.unwrap_or(0));
    if id != 0 && errno != libc::EPERM {
        return None;
    }
    // If the VF was in reset before, it is ready now, because its driver has refused a clear: it is read again.
    let before = before.filter(|pf| !(id == 0 && pf.is_ok_and(|pf| pf.leaves_out_vf())));
    let read = || read_pf(FUNCTION, target).map_err(|failure| failure.error);
    let had = before.unwrap_or_else(read).and_then(|pf| pf.vf).map(|vf| vf.vlan);
    Some(match had {
        Ok(had) if had.is(id) || id == 0 && had.is_none() => VlanNow::AsAsked,
        Ok(had) => VlanNow::Keeps(had),
        Err(_) if vlan.is_none() && errno == libc::EPERM => VlanNow::AsAsked,
        Err(_) => VlanNow::Unknown,
    })
}

/// The VLAN ID to send: 0 for no VLAN, an error if it is out of range.
pub(super) fn checked_id(vlan: Option<c_int>) -> Result<c_int, Error> {
    Some(vlan.unwrap_or(0)).filter(|id| (0..=Vlan::MAX.into()).contains(id)).ok_or(Error::VlanRange)
}

/// The report that a VLAN was not set, and which VLAN the VF has.
pub(super) fn vlan_report<'a>(
    target: Target<'a>,
    vlan: Option<c_int>,
    failure: &'a Failure,
    before: Before,
) -> Report<'a> {
    let kept = vlan_kept(target, vlan, failure.error, before);
    let action = vlan.filter(|id| *id != 0).map_or(Action::ClearVlan, Action::SetVlan);
    Report { vlan: kept, ..Report::new(FUNCTION, action, target, failure) }
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
