// SPDX-License-Identifier: LGPL-2.1-or-later
//! The MAC of a VF.

use super::{Mac, in_reset, request};
use crate::report::{self, Action, Advice, Report};
use crate::rtnl::{Failure, IFLA_VF_MAC};
use core::ffi::CStr;
use libc::c_int;

/// struct ifla_vf_mac, linux/if_link.h: the VF, and a field of 32 bytes for the address.
fn payload(vf: c_int, mac: &Mac) -> [u8; 36] {
    let ([a, b, c, d], [e, f, g, h, i, j]) = (vf.to_ne_bytes(), *mac);
    let mut payload = [0; 36];
    if let Some(start) = payload.first_chunk_mut() {
        *start = [a, b, c, d, e, f, g, h, i, j];
    }
    payload
}

/// Sets the MAC of a VF (contract M2, M3). If the kernel calls a zero MAC invalid, and `allow_retry` says that the
/// caller has another MAC to try, the failure is not reported.
pub(crate) fn set_mac(
    ifname: Option<&CStr>,
    vf: c_int,
    mac: &Mac,
    allow_retry: &mut bool,
) -> Result<(), c_int> {
    let Err(failure) = request_mac(ifname, vf, mac) else {
        return Ok(());
    };
    if !(failure.is_refusal(libc::EINVAL) && *allow_retry && *mac == [0; 6]) {
        *allow_retry = false;
        let refused = failure.is_refusal(libc::EPERM).then_some(Advice::MacRefused);
        report::failure(&Report {
            function: c"virNetDevSetVfMac",
            action: Action::SetMac { vf, mac: Some(*mac) },
            ifname,
            failure: &failure,
            advice: [refused.or(in_reset(&failure)), None, None],
        });
    }
    Err(failure.code())
}

/// Sends the request, and does not report a failure.
pub(super) fn request_mac(ifname: Option<&CStr>, vf: c_int, mac: &Mac) -> Result<(), Failure> {
    request(ifname, IFLA_VF_MAC, &payload(vf, mac))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_payload_is_struct_ifla_vf_mac() {
        let bytes = payload(0x0102_0304, &[0x52, 0x54, 0, 1, 2, 3]);
        assert_eq!(bytes[..4], 0x0102_0304u32.to_ne_bytes());
        assert_eq!(bytes[4..10], [0x52, 0x54, 0, 1, 2, 3]);
        assert_eq!(bytes[10..], [0; 26]);
        assert_eq!(payload(-1, &[0; 6])[..4], [0xff; 4]);
    }
}
