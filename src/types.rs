// SPDX-License-Identifier: LGPL-2.1-or-later
//! What a call is about: a VF of an interface, its MAC and its VLAN.

use crate::error::Error;
use core::ffi::CStr;
use libc::c_int;

/// A MAC address.
pub(crate) type Mac = [u8; 6];

/// The result of an exported function. An error is the negative errno.
pub(crate) type Outcome = Result<(), c_int>;

/// A VF as the caller names it. `ifname` is `None` if the caller's pointer is NULL.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) ifname: Option<&'a CStr>,
    pub(crate) vf: c_int,
}

/// What the kernel says about a PF and one of its VFs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PfState {
    /// Whether the PF is administratively up: IFF_UP, linux/if.h.
    pub(crate) up: bool,
    /// The VF, or why the kernel does not say what it has.
    pub(crate) vf: Result<Vf, Error>,
}

impl PfState {
    /// Whether the kernel does not list this VF, although the PF has it: the VF is in reset, or the PF is down.
    pub(crate) fn leaves_out_vf(&self) -> bool {
        matches!(self.vf, Err(Error::VfNotListed | Error::PfDown(_)))
    }
}

/// The MAC and the VLAN that the PF's driver has for a VF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Vf {
    pub(crate) mac: Mac,
    pub(crate) vlan: Vlan,
}

/// The VLAN of a VF: struct ifla_vf_vlan, and the protocol of struct ifla_vf_vlan_info (linux/if_link.h).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Vlan {
    /// The VLAN ID, 0 to 4095.
    pub(crate) id: u16,
    /// The priority of the tag, 0 to 7. Frames of a VF with a priority are tagged, also if the VLAN is 0.
    pub(crate) qos: u8,
    /// The protocol of the tag: 802.1Q, or another one such as 802.1ad.
    pub(crate) protocol: u16,
}

impl Vlan {
    /// The largest ID: 12 bits (IEEE 802.1Q). The standard reserves 4095, but drivers and libvirt accept it.
    pub(crate) const MAX: u16 = 4095;
    /// The largest priority: 3 bits.
    pub(crate) const MAX_QOS: u8 = 7;
    /// ETH_P_8021Q, linux/if_ether.h.
    pub(crate) const P_8021Q: u16 = 0x8100;

    /// Whether this is the 802.1Q VLAN `id` with priority 0.
    pub(crate) fn is(self, id: c_int) -> bool {
        c_int::from(self.id) == id && self.qos == 0 && self.protocol == Vlan::P_8021Q
    }

    /// Whether the VF has no VLAN: mlx4 and qlcnic list 4095 for that.
    pub(crate) fn is_none(self) -> bool {
        self.is(0) || self.is(Vlan::MAX.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vlan_is_another_one_with_a_priority_or_a_protocol() {
        let tag = |id, qos, protocol| Vlan { id, qos, protocol };
        assert!(tag(0, 0, 0x8100).is_none() && tag(4095, 0, 0x8100).is_none() && tag(42, 0, 0x8100).is(42));
        for some in [tag(42, 0, 0x8100), tag(0, 3, 0x8100), tag(0, 0, 0x88a8), tag(4095, 1, 0x8100)] {
            assert!(!some.is_none(), "{some:?}");
        }
        assert!(!tag(42, 1, 0x8100).is(42) && !tag(42, 0, 0x88a8).is(42) && !tag(43, 0, 0x8100).is(42));
    }
}
