// SPDX-License-Identifier: LGPL-2.1-or-later
//! virNetDevSetVfVlan().

use super::code;
use super::pointers::string;
use crate::types::Target;
use crate::vf;
use core::ffi::c_char;
use libc::c_int;

/// Set or clear the VLAN of an SR-IOV VF.
///
/// The adapter then adds the VLAN's tag to each frame that the VF sends, and removes it from each frame that the VF
/// receives. The priority in the tag is 0.
///
/// Many devices set the MAC of a VF and refuse its VLAN, and some refuse even to clear one that was never set: a
/// SmartNIC DPU (EPERM), a NIC in switchdev mode or a driver without VLANs (EOPNOTSUPP). The errno does not say which.
/// So what the kernel lists for the VF decides what a refusal means:
///
///  - A clear is refused: the call succeeds if the VF has no VLAN (0, or 4095, which some drivers list for no VLAN;
///    with priority 0 and protocol 802.1Q). If the VF has a VLAN, the call fails, and the reported text names that
///    VLAN. If it is not known what the VF has, the call succeeds only for an implicit clear and EPERM.
///  - A VLAN from 1 to 4095 is refused with EPERM: the call succeeds if the VF has exactly this VLAN already, with
///    priority 0 and protocol 802.1Q.
///
/// virNetDevSetVfConfig() reads the list before its first request. This function, called by itself, reads it after the
/// refusal. That proves less where a driver lists a VLAN that it has refused (nfp, octeontx2, bnx2x, mlx5).
///
/// @ifname: name of the PF, as for virNetDevSendVfSetLinkRequest().
/// @vf: number of the VF. The first one is 0.
/// @vlanid: the VLAN, 0 to 4095 (12 bits, IEEE 802.1Q). 0 is an explicit clear: the caller wants no VLAN. NULL is an
///   implicit clear: the caller names no VLAN, and a VLAN that is left from an earlier use is cleared.
///
/// Returns 0, or a negative errno. Each failure is reported.
///
/// Errors:
///   -ERANGE: `*vlanid` is not 0 to 4095. Nothing was sent.
///   -EPERM: the caller does not have CAP_NET_ADMIN, or the PF's driver refuses the VLAN; and the VF does not have this
///     VLAN already, or the kernel does not say what the VF has. For an implicit clear: the VF keeps a VLAN.
///   -EINVAL: the PF has no such VF, or its driver refuses the value, or `ifname` is NULL, or the VF was still in reset
///     after 2 seconds.
///   -ENODEV: there is no such interface.
///   -EOPNOTSUPP: the interface is not an SR-IOV PF, or its driver cannot set this VLAN: it has no VLANs, or its
///     embedded switch is in switchdev mode, for example.
///   -EAGAIN, -EBUSY, -ENETDOWN: the VF was still in reset after 2 seconds, or the PF is down.
///   Others: as for virNetDevSendVfSetLinkRequest().
///
/// Example:
///
///     int vlan = 42;
///
///     if (virNetDevSetVfVlan("enp1s0f0", 0, &vlan) < 0)
///         puts(virNetDevVfLastError());
///
/// # Safety
///
/// `ifname` must be NULL or a string, `vlanid` NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn virNetDevSetVfVlan(ifname: *const c_char, vf: c_int, vlanid: *const c_int) -> c_int {
    // SAFETY: the caller's promise.
    let (ifname, vlan) = unsafe { (string(ifname), vlanid.as_ref().copied()) };
    code(vf::set_vlan(Target { ifname, vf }, vlan))
}
