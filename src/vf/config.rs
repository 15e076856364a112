// SPDX-License-Identifier: LGPL-2.1-or-later
//! MAC and VLAN of a VF together.

use super::mac::request_mac;
use super::vlan::{in_range, report_vlan};
use super::{Mac, cause, get_vf_info};
use crate::capi::interpose;
use crate::report::{self, Action, Advice, ErrorScope, Report};
use crate::rtnl::{CallScope, Vf};
use core::ffi::CStr;
use libc::c_int;

/// Sets the MAC, if there is one, then the VLAN (contract C1 to C7).
///
/// They are two requests: one request with both is refused as a whole by a DPU, after it has set the MAC.
pub(crate) fn set_config(
    ifname: Option<&CStr>,
    vf: c_int,
    mac: Option<&Mac>,
    vlan: Option<c_int>,
    mut allow_retry: Option<&mut bool>,
) -> Result<(), c_int> {
    let _call = CallScope::begin();
    if let Err(error) = in_range(vlan) {
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
        // The caller takes a failure with a retry allowed for a refused zero MAC, and writes another MAC
        // over the one that was just set. No other MAC makes a refused VLAN succeed.
        if let Some(allow_retry) = allow_retry {
            *allow_retry = false;
        }
        let (failure, state) = cause(recorded, *code);
        // Where the VLAN's outcome is not known, half a roll-back would be worse than none.
        let put_back = before.filter(|_| failure.error.nothing_was_done()).map(|before| {
            match request_mac(ifname, vf, &before) {
                Ok(()) => Advice::MacPutBack(before),
                Err(failure) => Advice::MacNotPutBack(before, failure.error.errno()),
            }
        });
        // A function of the program's own has reported its failure itself, or not: that is its decision.
        if recorded.is_some() || put_back.is_some() {
            report_vlan(ifname, vf, vlan, &failure, mac.is_some(), [state, put_back]);
        }
    })
}

/// The MAC to put back if the VLAN is refused: a guest that cannot have its VLAN does not start, and would leave
/// its MAC behind on the VF. `None`: nothing is to be put back, or what it was is not known.
///
/// No VLAN at all, and a VLAN other than 0 and other than the VF has, is what a guest that starts asks for. The
/// explicit clear, and the VLAN that is there already, come when a guest has stopped (libvirt then always names a
/// VLAN): then the MAC is what the VF had before the guest, and is right whatever becomes of the VLAN. A VF that had
/// another VLAN before the guest than during it cannot be told from the first: should that VLAN be refused as it is
/// restored, the guest's MAC stays.
fn to_put_back(ifname: Option<&CStr>, vf: c_int, mac: &Mac, vlan: Option<c_int>) -> Option<Mac> {
    if vlan == Some(0) {
        return None;
    }
    let now = get_vf_info(c"virNetDevSetVfConfig", ifname, vf).ok()?;
    let is_there = vlan.is_some_and(|id| now.vlan.id == id as u32);
    (now.mac != *mac && !is_there).then_some(now.mac)
}

/// What the PF's driver says of a VF (contract G1 to G4).
pub(crate) fn get_config(ifname: Option<&CStr>, vf: c_int) -> Result<Vf, c_int> {
    const FUNCTION: &CStr = c"virNetDevGetVfConfig";
    get_vf_info(FUNCTION, ifname, vf).map_err(|failure| {
        let action = Action::GetConfig { vf };
        report::failure(&Report { function: FUNCTION, action, ifname, failure: &failure, advice: [None; 3] });
        failure.code()
    })
}
