// SPDX-License-Identifier: LGPL-2.1-or-later
//! MAC and VLAN of a VF together.

use super::{Mac, get_vf_info, put_mac_back};
use crate::capi::door;
use crate::report::{self, Action, Report};
use crate::rtnl::Vf;
use core::ffi::CStr;
use libc::c_int;

/// Sets the MAC, if there is one, then the VLAN (contract C1 to C5).
///
/// They are two requests: one request with both is refused as a whole by a DPU, after it has set the MAC.
pub(crate) fn set_config(
    ifname: Option<&CStr>,
    vf: c_int,
    mac: Option<&Mac>,
    vlan: Option<c_int>,
    mut allow_retry: Option<&mut bool>,
) -> Result<(), c_int> {
    let before = match (mac, vlan, &allow_retry) {
        (Some(mac), Some(id), Some(_)) => to_put_back(ifname, vf, mac, id),
        _ => None,
    };
    if let Some(mac) = mac {
        door::set_vf_mac(ifname, vf, mac, allow_retry.as_deref_mut())?;
    }
    door::set_vf_vlan(ifname, vf, vlan).inspect_err(|_| {
        // The caller takes a failure with a retry allowed for a refused zero MAC, and writes another MAC
        // over the one that was just set. No other MAC makes a refused VLAN succeed.
        if let Some(allow_retry) = allow_retry {
            *allow_retry = false;
        }
        if let Some(before) = &before {
            put_mac_back(ifname, vf, before);
        }
    })
}

/// The MAC to put back if the VLAN fails: a guest that cannot have its VLAN does not start, and would leave
/// its MAC behind on the VF. `None`: nothing is to be put back, or what it was is not known.
///
/// A VLAN other than 0, and other than the VF has, is what a guest that starts asks for. The clear, and the
/// VLAN that is there already, come when a guest has stopped: then the MAC is what the VF had before the guest,
/// and is right whatever becomes of the VLAN. A VF that had another VLAN before the guest than during it cannot be
/// told from the first: should that VLAN be refused as it is restored, the guest's MAC stays.
fn to_put_back(ifname: Option<&CStr>, vf: c_int, mac: &Mac, id: c_int) -> Option<Mac> {
    if id == 0 {
        return None;
    }
    let now = get_vf_info(c"virNetDevSetVfConfig", ifname, vf).ok()?;
    (now.mac != *mac && now.vlan.id != id as u32).then_some(now.mac)
}

/// What the PF's driver says of a VF (contract G1 to G4).
pub(crate) fn get_config(ifname: Option<&CStr>, vf: c_int) -> Result<Vf, c_int> {
    const FUNCTION: &CStr = c"virNetDevGetVfConfig";
    get_vf_info(FUNCTION, ifname, vf).map_err(|failure| {
        report::failure(&Report {
            function: FUNCTION,
            action: Action::GetConfig { vf },
            ifname,
            errno: failure.error.errno(),
            error: Some(failure.error),
            ext_ack: failure.ext_ack.as_bytes(),
            advice: [None; 2],
        });
        failure.error.errno().saturating_neg()
    })
}
