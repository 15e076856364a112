// SPDX-License-Identifier: LGPL-2.1-or-later
//! The VLAN of a VF, and what EPERM means for it.

use super::{Refusal, ask, get_vf_info};
use crate::error::Error;
use crate::report::{self, Action, Advice, Report};
use crate::rtnl::{self, IFLA_VF_VLAN, Vf, Vlan};
use core::ffi::CStr;
use libc::c_int;

const FUNCTION: &CStr = c"virNetDevSetVfVlan";

/// The largest VLAN number that is sent: 12 bits (IEEE 802.1Q). 4095 is reserved there, but drivers take
/// it, and so does libvirt.
const VLAN_MAX: c_int = 4095;

/// struct ifla_vf_vlan, linux/if_link.h: the VF, the VLAN, and the priority, which stays 0.
fn payload(vf: c_int, id: c_int) -> [u8; 12] {
    let ([a, b, c, d], [e, f, g, h]) = (vf.to_ne_bytes(), id.to_ne_bytes());
    [a, b, c, d, e, f, g, h, 0, 0, 0, 0]
}

/// Sets the VLAN of a VF, or clears it: implicitly where no VLAN was asked for, explicitly where the VLAN
/// asked for is 0 (contract V1 to V5).
pub(crate) fn set_vlan(ifname: Option<&CStr>, vf: c_int, asked: Option<c_int>) -> Result<(), c_int> {
    // Before the request: the kernel may take its time over that, and over what is read back. The clock is
    // looked at only where there was a MAC.
    let mac_accepted =
        report::take_accepted_mac(ifname, vf).is_some_and(|accepted| accepted.just_before(rtnl::now_ms()));
    let id = asked.unwrap_or(0);
    let refusal = if (0..=VLAN_MAX).contains(&id) {
        match ask(ifname, IFLA_VF_VLAN, &payload(vf, id)) {
            Ok(()) => return Ok(()),
            Err(refusal) => refusal,
        }
    } else {
        Refusal::from(Error::VlanRange)
    };
    let mut advice = [None; 2];
    if refusal.is_kernels(libc::EPERM) {
        let state = match asked {
            // What cannot be set cannot need clearing.
            None => return Ok(()),
            Some(0) => match still_set(ifname, vf) {
                None => return Ok(()),
                still => still,
            },
            Some(_) => None,
        };
        // Which of them it is, the errno does not tell: the MAC before it does.
        let cause = if mac_accepted { Advice::VlanRefusedMacAccepted } else { Advice::VlanRefused };
        advice = [state, Some(cause)];
    }
    report::failure(&Report {
        function: FUNCTION,
        action: if id == 0 { Action::ClearVlan { vf } } else { Action::SetVlan { vf, id } },
        ifname,
        errno: refusal.errno(),
        error: refusal.error(),
        ext_ack: refusal.ext_ack(),
        advice,
    });
    Err(refusal.code)
}

/// Asks the kernel what is left to clear: `None` is nothing at all, the state asked for holds already.
///
/// A VF without a VLAN but with a priority is tagged all the same, so that is not nothing.
fn still_set(ifname: Option<&CStr>, vf: c_int) -> Option<Advice> {
    let Ok(Vf { vlan, .. }) = get_vf_info(FUNCTION, ifname, vf) else {
        return Some(Advice::VlanUnknown);
    };
    match vlan {
        Vlan { id: 0, qos: 0 } => None,
        Vlan { id: 0, qos } => Some(Advice::PriorityIs(qos)),
        Vlan { id, .. } => Some(Advice::VlanIs(id)),
    }
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
