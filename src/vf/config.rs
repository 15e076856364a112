// SPDX-License-Identifier: LGPL-2.1-or-later
//! MAC and VLAN of a VF, one after the other.

use super::Mac;
use crate::capi::door;
use core::ffi::CStr;
use libc::c_int;

/// Sets the MAC, if there is one, then the VLAN (contract C1 to C4).
///
/// They are two requests: one request with both is refused as a whole by a DPU, after it has set the MAC.
pub(crate) fn set_config(
    ifname: Option<&CStr>,
    vf: c_int,
    mac: Option<&Mac>,
    vlan: Option<c_int>,
    mut allow_retry: Option<&mut bool>,
) -> Result<(), c_int> {
    if let Some(mac) = mac {
        door::set_vf_mac(ifname, vf, mac, allow_retry.as_deref_mut())?;
    }
    door::set_vf_vlan(ifname, vf, vlan).inspect_err(|_| {
        // The caller takes a failure with a retry allowed for a refused zero MAC, and writes another MAC
        // over the one that was just set. No other MAC makes a refused VLAN succeed.
        if let Some(allow_retry) = allow_retry {
            *allow_retry = false;
        }
    })
}
