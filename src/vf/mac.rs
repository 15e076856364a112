// SPDX-License-Identifier: LGPL-2.1-or-later
//! The MAC of a VF.

use super::nested;
use super::send::request;
use crate::error::{Error, Failure};
use crate::report::{self, Action, Report};
use crate::rtnl::IFLA_VF_MAC;
use crate::types::{Mac, Outcome, Target};
use core::ffi::CStr;
use libc::c_int;

const FUNCTION: &CStr = c"virNetDevSetVfMac";

/// No MAC: libvirt asks for it if a VF had none.
pub(super) const ZERO: Mac = [0; 6];

/// struct ifla_vf_mac, linux/if_link.h: the VF, and a field of 32 bytes for the address.
fn payload(vf: c_int, mac: &Mac) -> [u8; 36] {
    let ([a, b, c, d], [e, f, g, h, i, j]) = (vf.to_ne_bytes(), *mac);
    let mut payload = [0; 36];
    if let Some(start) = payload.first_chunk_mut() {
        *start = [a, b, c, d, e, f, g, h, i, j];
    }
    payload
}

/// Sets the MAC of a VF (contract M1 to M4). If the kernel refuses a zero MAC for good, and `allow_retry` says that the
/// caller has another MAC to try, the failure is not reported.
pub(crate) fn set_mac(target: Target<'_>, mac: Option<&Mac>, allow_retry: &mut Option<bool>) -> Outcome {
    let passed = nested::enter(target);
    let result = match (mac, *allow_retry) {
        (None, _) => Err(Error::Null("macaddr").into()),
        (_, None) => Err(Error::Null("allowRetry").into()),
        (Some(mac), Some(_)) => request_mac(target, mac),
    };
    let Err(failure) = result else {
        return Ok(());
    };
    let refused = failure.error.refused_for_good();
    // The VF had this MAC already (contract M4): qlcnic refuses that with EINVAL. Other errnos do not count, nor does
    // what is read after the request: nfp, octeon_ep, liquidio and bnxt list a MAC that they refused with another
    // errno.
    let had = passed.flatten().and_then(|pf| pf.ok()?.vf.ok());
    if refused == Some(libc::EINVAL) && had.is_some_and(|vf| Some(&vf.mac) == mac) {
        return Ok(());
    }
    nested::record(target, &failure);
    let may_retry = *allow_retry == Some(true) && refused.is_some() && mac == Some(&ZERO);
    if !may_retry {
        *allow_retry = Some(false);
        report::failure(&mac_report(target, mac, &failure), passed.is_some());
    }
    Err(failure.code())
}

/// The report that a MAC was not set.
pub(super) fn mac_report<'a>(target: Target<'a>, mac: Option<&Mac>, failure: &'a Failure) -> Report<'a> {
    Report::new(FUNCTION, Action::SetMac(mac.copied()), target, failure)
}

/// Sends the request, and does not report a failure.
pub(super) fn request_mac(target: Target<'_>, mac: &Mac) -> Result<(), Failure> {
    request(target, IFLA_VF_MAC, &payload(target.vf, mac))
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
