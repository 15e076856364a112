// SPDX-License-Identifier: LGPL-2.1-or-later
//! virNetDevSetVfConfig() and virNetDevGetVfConfig().

use super::pointers::{string, with_bool};
use super::virMacAddr;
use crate::types::Target;
use crate::vf;
use core::ffi::c_char;
use libc::c_int;

/// Set the MAC, then the VLAN of an SR-IOV VF.
///
/// This calls virNetDevSetVfMac(), then virNetDevSetVfVlan(). If the MAC fails, the VLAN is not tried. Before that,
/// this reads once what the VF has, which decides what a refusal means: a MAC that is refused with EINVAL is a success
/// if the VF has it already; for a VLAN see virNetDevSetVfVlan().
///
/// If the VLAN is refused after the MAC was set, the VF gets its former MAC again, so that a guest that does not start
/// changes nothing. If the driver refuses an all-zero former MAC, the VF gets the fallback MAC, 02:00:00:00:00:00. If
/// the MAC is refused, but the VF has it (some drivers store it first), the former MAC is set again, too. The reported
/// text says which of these happened, and whether it worked. The new MAC stays on the VF in these cases:
///
///  - The VLAN is 0, or the VF has this VLAN already. libvirt asks for this when a guest stops.
///  - The former MAC is not known. The reported text then names the MAC that the VF has, if that is known.
///  - It is not known whether the VLAN was set, because no valid answer came, or the device's firmware did not answer.
///
/// @ifname: name of the PF, as for virNetDevSendVfSetLinkRequest().
/// @vf: number of the VF. The first one is 0.
/// @macaddr: the MAC, as for virNetDevSetVfMac(). If it is NULL the MAC is not changed.
/// @vlanid: the VLAN, as for virNetDevSetVfVlan(). NULL is an implicit clear.
/// @allowRetry: as for virNetDevSetVfMac(). It is false if the VLAN failed, because another MAC does not help then. It
///   may be NULL only if `macaddr` is NULL.
///
/// Returns 0, or the negative errno of the function that failed, which reports the failure.
///
/// Errors:
///   -ERANGE: `*vlanid` is not 0 to 4095. Nothing was sent, so the MAC is not changed.
///   -EINVAL: `allowRetry` is NULL and `macaddr` is not, and nothing was sent. Or the kernel answers this: the PF has
///     no such VF, or its driver refuses the MAC or the VLAN, or `ifname` is NULL, or the VF was still in reset after 2
///     seconds.
///   -EPERM: the caller does not have CAP_NET_ADMIN, or the PF's driver refuses the MAC or the VLAN. Without a VLAN:
///     the VF keeps one.
///   -ENODEV: there is no such interface.
///   -EOPNOTSUPP: the interface is not an SR-IOV PF, or its driver cannot set the MAC or the VLAN.
///   -EAGAIN, -EBUSY, -ENETDOWN: the VF was still in reset after 2 seconds, or the PF is down.
///   Others: as for virNetDevSendVfSetLinkRequest().
///
/// Example:
///
///     virMacAddr mac = {{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}};
///     bool retry = false;
///
///     if (virNetDevSetVfConfig("enp1s0f0", 0, &mac, NULL, &retry) < 0)
///         puts(virNetDevVfLastError());
///
/// # Safety
///
/// `ifname` must be NULL or a string, the other pointers NULL or valid.
#[unsafe(no_mangle)]
#[allow(non_snake_case)]
pub unsafe extern "C" fn virNetDevSetVfConfig(
    ifname: *const c_char,
    vf: c_int,
    macaddr: *const virMacAddr,
    vlanid: *const c_int,
    allowRetry: *mut bool,
) -> c_int {
    // SAFETY: the caller's promise.
    let (ifname, mac, vlan) =
        unsafe { (string(ifname), macaddr.as_ref().map(|mac| &mac.addr), vlanid.as_ref().copied()) };
    // SAFETY: the same.
    unsafe {
        with_bool(allowRetry, |allow_retry| vf::set_config(Target { ifname, vf }, mac, vlan, allow_retry))
    }
}

/// Read the MAC and the VLAN of an SR-IOV VF.
///
/// The kernel lists the VFs of a PF as the PF's driver reports them (RTM_GETLINK, without statistics). Before Linux 7.2
/// the list has any number of VFs, since then at most 256. This function can read a list with gaps, and a list that is
/// too long for its own 16-bit length. While the VF is in reset (i40e, ice) it is not in the list, and the list is read
/// again for at most 2 seconds. The caller needs no privilege.
///
/// @ifname: name of the PF, as for virNetDevSendVfSetLinkRequest().
/// @vf: number of the VF. The first one is 0.
/// @mac: where to write the MAC of the VF. It may be NULL.
/// @vlanid: where to write the VLAN of the VF, 0 to 4095; 0 is no VLAN. It may be NULL.
///
/// Returns 0, or a negative errno. A failure is reported, and changes neither `*mac` nor `*vlanid`.
///
/// Errors:
///   -ENOENT: the PF has no VF with this number.
///   -ENODATA: the PF has this VF, but the kernel does not list it: the VF was still in reset after 2 seconds, the PF
///     is down, or the list has no room for it.
///   -EOPNOTSUPP: there is no list: the interface is not an SR-IOV PF, or its driver reports no VF.
///   -EBADMSG: the list or the message around it is malformed, or only messages came that are not the answer.
///   -ENOMEM: there is no memory for the list.
///   -ENODEV: there is no such interface.
///   -EINVAL: `ifname` is NULL.
///   -ETIMEDOUT: the kernel did not answer within 2 seconds of waiting.
///   Others: as for virNetDevSendVfSetLinkRequest().
///
/// Example:
///
///     virMacAddr mac;
///     int vlan;
///
///     if (virNetDevGetVfConfig("enp1s0f0", 0, &mac, &vlan) == 0)
///         printf("MAC ends with %02x, VLAN %d\n", mac.addr[5], vlan);
///
/// # Safety
///
/// `ifname` must be NULL or a string, `mac` and `vlanid` NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn virNetDevGetVfConfig(
    ifname: *const c_char,
    vf: c_int,
    mac: *mut virMacAddr,
    vlanid: *mut c_int,
) -> c_int {
    // SAFETY: the caller's promise.
    let ifname = unsafe { string(ifname) };
    let info = match vf::get_config(Target { ifname, vf }) {
        Ok(info) => info,
        Err(code) => return code,
    };
    if !mac.is_null() {
        // SAFETY: not NULL, and the rest is the caller's promise.
        unsafe { mac.write(virMacAddr { addr: info.mac }) };
    }
    if !vlanid.is_null() {
        // SAFETY: the same.
        unsafe { vlanid.write(info.vlan.id.into()) };
    }
    0
}
