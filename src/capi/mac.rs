// SPDX-License-Identifier: LGPL-2.1-or-later
//! virNetDevSetVfMac().

use super::pointers::{string, with_bool};
use super::virMacAddr;
use crate::types::Target;
use crate::vf;
use core::ffi::c_char;
use libc::c_int;

/// Set the MAC of an SR-IOV VF.
///
/// The PF's driver gives this MAC to the VF. `ip link show` lists it for the VF.
///
/// @ifname: name of the PF, as for virNetDevSendVfSetLinkRequest().
/// @vf: number of the VF. The first one is 0.
/// @macaddr: the MAC, 6 bytes in the order in which they are sent (IEEE 802): a unicast address, or all zero to remove
///   the MAC. It must not be NULL.
/// @allowRetry: must not be NULL. Before the call: true if the caller tries another MAC when the driver refuses an
///   all-zero one (with EINVAL, EADDRNOTAVAIL, EPERM or another errno). After a failure: true only if the driver has
///   refused an all-zero MAC, and the cause is not a reset, a PF that is down, or firmware that did not answer. A
///   success does not change it. Any byte but 0 is true.
///
/// Returns 0, or a negative errno. A failure is reported, except if `*allowRetry` is true after it.
///
/// Errors:
///   -EINVAL: `macaddr` or `allowRetry` is NULL, and nothing was sent. Or the kernel answers this: the PF has no such
///     VF, or its driver refuses this MAC, or the VF was still in reset after 2 seconds.
///   -EADDRNOTAVAIL: the PF's driver refuses this MAC.
///   -EPERM: the caller does not have CAP_NET_ADMIN, or the PF's driver refuses to set a MAC.
///   -ENODEV: there is no such interface.
///   -EOPNOTSUPP: the interface is not an SR-IOV PF, or its driver cannot set a MAC.
///   -EAGAIN, -EBUSY, -ENETDOWN: the VF was still in reset after 2 seconds, or the PF is down.
///   Others: as for virNetDevSendVfSetLinkRequest().
///
/// Example:
///
///     virMacAddr mac = {{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}};
///     bool retry = false;
///
///     if (virNetDevSetVfMac("enp1s0f0", 0, &mac, &retry) < 0)
///         puts(virNetDevVfLastError());
///
/// # Safety
///
/// `ifname` must be NULL or a string, `macaddr` and `allowRetry` NULL or valid.
#[unsafe(no_mangle)]
#[allow(non_snake_case)]
pub unsafe extern "C" fn virNetDevSetVfMac(
    ifname: *const c_char,
    vf: c_int,
    macaddr: *const virMacAddr,
    allowRetry: *mut bool,
) -> c_int {
    // SAFETY: the caller's promise.
    let (ifname, mac) = unsafe { (string(ifname), macaddr.as_ref().map(|mac| &mac.addr)) };
    // SAFETY: the same.
    unsafe { with_bool(allowRetry, |allow_retry| vf::set_mac(Target { ifname, vf }, mac, allow_retry)) }
}
