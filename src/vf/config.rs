// SPDX-License-Identifier: LGPL-2.1-or-later
//! The MAC and the VLAN of a VF together.

use super::mac::request_mac;
use super::vlan::{checked_id, report_vlan};
use super::{Mac, cause, get_vf_info};
use crate::capi::interpose;
use crate::report::{self, Action, Advice, ErrorScope, Report};
use crate::rtnl::{CallScope, Vf};
use core::ffi::CStr;
use libc::c_int;

/// Sets the MAC, if one is given, then the VLAN (contract C1 to C7).
///
/// These are two requests. A DPU sets the MAC of a request that has both, and then refuses the request as a whole.
pub(crate) fn set_config(
    ifname: Option<&CStr>,
    vf: c_int,
    mac: Option<&Mac>,
    vlan: Option<c_int>,
    mut allow_retry: Option<&mut bool>,
) -> Result<(), c_int> {
    let _call = CallScope::begin();
    if let Err(error) = checked_id(vlan) {
        if let Some(allow_retry) = allow_retry {
            *allow_retry = false;
        }
        let failure = error.into();
        report_vlan(ifname, vf, vlan, &failure, false, [None; 2]);
        return Err(failure.code());
    }
    let mut before = None;
    if let Some(mac) = mac {
        if allow_retry.is_some() {
            before = to_put_back(ifname, vf, mac, vlan);
        }
        interpose::set_vf_mac(ifname, vf, mac, allow_retry.as_deref_mut())?;
    }
    let scope = ErrorScope::begin();
    let result = interpose::set_vf_vlan(ifname, vf, vlan);
    let recorded = scope.finish();
    result.inspect_err(|code| {
        // The caller takes a failure for a refused zero MAC if a retry is allowed, and then writes another MAC
        // over the one that was just set. No other MAC makes a refused VLAN succeed.
        if let Some(allow_retry) = allow_retry {
            *allow_retry = false;
        }
        let (failure, state) = cause(recorded, *code);
        // If it is not known whether the VLAN was set, the MAC stays: to restore only one of the two would be worse.
        let put_back = before.filter(|_| failure.error.nothing_was_done()).map(|before| {
            match request_mac(ifname, vf, &before) {
                Ok(()) => Advice::MacPutBack(before),
                Err(failure) => Advice::MacNotPutBack(before, failure.error.errno()),
            }
        });
        // If the program has a function of its own in place of ours, that function decides whether it reports.
        if recorded.is_some() || put_back.is_some() {
            report_vlan(ifname, vf, vlan, &failure, mac.is_some(), [state, put_back]);
        }
    })
}

/// The MAC to put back if the VLAN is refused. A guest whose VLAN is refused does not start, and its MAC would stay
/// on the VF. `None`: no MAC is to be put back, or the former MAC is not known.
///
/// libvirt calls this at the start and at the end of a guest. At the start there is no VLAN, or one that is not 0 and
/// that the VF does not have: the MAC is the guest's, and is put back. At the end libvirt always names a VLAN, either
/// 0 or the one that the VF has: the MAC is the one from before the guest, and it stays, also if the VLAN is refused.
/// One case looks like a start but is an end: the VF had another VLAN before the guest than during it. If that VLAN is
/// refused when libvirt restores it, the guest's MAC is put back and stays on the VF.
fn to_put_back(ifname: Option<&CStr>, vf: c_int, mac: &Mac, vlan: Option<c_int>) -> Option<Mac> {
    if vlan == Some(0) {
        return None;
    }
    let now = get_vf_info(c"virNetDevSetVfConfig", ifname, vf).ok()?;
    let is_there = vlan.is_some_and(|id| now.vlan.id == id as u32);
    (now.mac != *mac && !is_there).then_some(now.mac)
}

/// Reads the MAC and the VLAN of a VF from the PF's driver (contract G1 to G4).
pub(crate) fn get_config(ifname: Option<&CStr>, vf: c_int) -> Result<Vf, c_int> {
    const FUNCTION: &CStr = c"virNetDevGetVfConfig";
    get_vf_info(FUNCTION, ifname, vf).map_err(|failure| {
        let action = Action::GetConfig { vf };
        report::failure(&Report { function: FUNCTION, action, ifname, failure: &failure, advice: [None; 3] });
        failure.code()
    })
}
