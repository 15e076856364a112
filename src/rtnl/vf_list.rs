// SPDX-License-Identifier: LGPL-2.1-or-later
//! A VF's MAC and VLAN out of the kernel's list of an interface's VFs.
//!
//! The list's length has 16 bits and the kernel does not notice when they overflow: from 335 VFs on (222
//! with statistics) the list is cut short and what it lost follows as attributes of other types. So a
//! list is believed only when it has as many entries as IFLA_NUM_VF says.

use super::attribute::{Attributes, u32_of};

// linux/if_link.h.
const IFLA_NUM_VF: u16 = 21;
const IFLA_VFINFO_LIST: u16 = 22;
const IFLA_VF_INFO: u16 = 1;
const IFLA_VF_MAC: u16 = 1;
const IFLA_VF_VLAN: u16 = 2;

/// A MAC address.
pub(crate) type Mac = [u8; 6];

/// A VF as its PF's driver has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Vf {
    /// `None` where the entry does not tell it.
    pub(crate) mac: Option<Mac>,
    pub(crate) vlan: Vlan,
}

/// Its VLAN, struct ifla_vf_vlan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Vlan {
    /// The VLAN's number; 0 is none (IEEE 802.1Q).
    pub(crate) id: u32,
    /// The priority that frames are tagged with; a VF with a priority is tagged even if its VLAN is 0.
    pub(crate) qos: u32,
}

/// What is listed of `vf`, or `None` where these attributes of an interface cannot be trusted to tell it.
pub(super) fn listed(attributes: Attributes<'_>, vf: u32) -> Option<Vf> {
    let (mut said, mut list) = (None, None);
    for attribute in attributes {
        let (kind, payload) = attribute.ok()?;
        let again = match kind {
            IFLA_NUM_VF => said.replace(u32_of(payload)?).is_some(),
            IFLA_VFINFO_LIST => list.replace(payload).is_some(),
            _ => false,
        };
        if again {
            return None;
        }
    }

    let (mut listed, mut found) = (0u32, None);
    for entry in Attributes::of(list?) {
        let (IFLA_VF_INFO, entry) = entry.ok()? else {
            return None;
        };
        listed = listed.checked_add(1)?;
        let (owner, entry) = vf_in(entry)?;
        if owner == vf && found.replace(entry).is_some() {
            return None;
        }
    }
    found.filter(|_| said == Some(listed))
}

/// Which VF one entry of the list is about, and what it tells. An entry without a VLAN is none.
fn vf_in(entry: &[u8]) -> Option<(u32, Vf)> {
    let (mut mac, mut vlan) = (None, None);
    for attribute in Attributes::of(entry) {
        let (kind, payload) = attribute.ok()?;
        let again = match kind {
            IFLA_VF_MAC => mac.replace(payload).is_some(),
            IFLA_VF_VLAN => vlan.replace(payload).is_some(),
            _ => false,
        };
        if again {
            return None;
        }
    }
    let vlan = vlan?;
    let (owner, id, qos) = (u32_of(vlan)?, u32_of(vlan.get(4..)?)?, u32_of(vlan.get(8..)?)?);
    // struct ifla_vf_mac: the VF again, and its address in the first bytes of 32.
    let mac =
        mac.filter(|mac| u32_of(mac) == Some(owner)).and_then(|mac| mac.get(4..)?.first_chunk().copied());
    Some((owner, Vf { mac, vlan: Vlan { id, qos } }))
}

#[cfg(test)]
mod tests {
    use super::super::attribute::tests::attribute;
    use super::*;

    fn entry(vf: u32, id: u32, qos: u32) -> Vec<u8> {
        let vlan = [vf, id, qos].map(u32::to_ne_bytes).concat();
        let mac = [&vf.to_ne_bytes()[..], &[0x52, 0x54, 0, 0, 0, vf as u8], &[0; 26]].concat();
        let parts = [attribute(1, &mac), attribute(2, &vlan), attribute(4, &[0; 8])];
        attribute(IFLA_VF_INFO | 0x8000, &parts.concat())
    }

    fn interface(said: u32, list: &[u8]) -> Vec<u8> {
        [attribute(3, b"eth0\0"), attribute(21, &said.to_ne_bytes()), attribute(22 | 0x8000, list)].concat()
    }

    fn vlan(bytes: &[u8], vf: u32) -> Option<u32> {
        listed(Attributes::of(bytes), vf).map(|vf| vf.vlan.id)
    }

    #[test]
    fn a_vf_has_its_own_mac_and_vlan() {
        let bytes = interface(3, &[entry(0, 0, 0), entry(1, 42, 3), entry(2, 4095, 0)].concat());
        let expected = Vf { mac: Some([0x52, 0x54, 0, 0, 0, 1]), vlan: Vlan { id: 42, qos: 3 } };
        assert_eq!(listed(Attributes::of(&bytes), 1), Some(expected));
        assert_eq!(
            (vlan(&bytes, 0), vlan(&bytes, 2), vlan(&bytes, 3), vlan(&bytes, u32::MAX)),
            (Some(0), Some(4095), None, None)
        );
    }

    #[test]
    fn a_list_with_fewer_or_more_entries_than_said_is_not_believed() {
        let list = [entry(0, 0, 0), entry(1, 0, 0)].concat();
        for said in [0, 1, 3, 256 + 2, u32::MAX] {
            assert_eq!(vlan(&interface(said, &list), 0), None, "{said} said, 2 listed");
        }
        assert_eq!(vlan(&interface(2, &list), 0), Some(0));
        assert_eq!(vlan(&interface(0, &[]), 0), None);
    }

    #[test]
    fn a_list_that_wrapped_is_not_believed() {
        // As the kernel makes it: all entries follow, the length counts modulo 2^16.
        for vfs in [1000u32, 2000, 5000] {
            let entries: Vec<u8> = (0..vfs).flat_map(|vf| entry(vf, 0, 0)).collect();
            let mut bytes = [attribute(21, &vfs.to_ne_bytes()), attribute(22, &[])].concat();
            let length = (entries.len() + 4) as u16;
            bytes[8..10].copy_from_slice(&length.to_ne_bytes());
            bytes.extend(&entries);
            for vf in [0, 1, vfs - 1] {
                assert_eq!(vlan(&bytes, vf), None, "VF {vf} of {vfs}");
            }
        }
    }

    #[test]
    fn what_is_said_twice_is_not_believed() {
        let list = entry(0, 0, 0);
        let once = interface(1, &list);
        assert_eq!(vlan(&once, 0), Some(0));
        assert_eq!(vlan(&[&once[..], &attribute(21, &1u32.to_ne_bytes())].concat(), 0), None);
        assert_eq!(vlan(&[&once[..], &attribute(22, &list)].concat(), 0), None);
        assert_eq!(vlan(&interface(2, &[entry(0, 0, 0), entry(0, 7, 0)].concat()), 0), None);
    }

    #[test]
    fn a_list_cut_or_spoilt_anywhere_is_not_believed() {
        let list = [entry(0, 0, 0), entry(1, 0, 0)].concat();
        for cut in 0..list.len() {
            assert_eq!(vlan(&interface(2, &list[..cut]), 0), None, "cut at {cut}");
        }
        let other = [entry(0, 0, 0), attribute(9, &[0; 12])].concat();
        assert_eq!(vlan(&interface(2, &other), 0), None, "an entry of another type");
        let no_mac = attribute(1, &attribute(2, &[0; 12]));
        assert_eq!(listed(Attributes::of(&interface(1, &no_mac)), 0).map(|vf| vf.mac), Some(None));
        let anothers = [attribute(1, &[1; 36]), attribute(2, &[0; 12])].concat();
        let bytes = interface(1, &attribute(1, &anothers));
        assert_eq!(listed(Attributes::of(&bytes), 0).map(|vf| vf.mac), Some(None), "another VF's MAC");
        let short = [entry(0, 0, 0), attribute(1, &attribute(2, &[0; 8]))].concat();
        assert_eq!(vlan(&interface(2, &short), 0), None, "an entry with a short VLAN");
        assert_eq!(vlan(&attribute(21, &1u32.to_ne_bytes()), 0), None, "no list");
        assert_eq!(vlan(&attribute(22, &list), 0), None, "no number");
    }
}
