// SPDX-License-Identifier: LGPL-2.1-or-later
//! Finds the MAC and the VLAN of a VF in the kernel's list of an interface's VFs (contract L1 to L5).
//!
//! The length of the list has 16 bits. Before Linux 7.2 the kernel does not check it for overflow: from 335 VFs on
//! (222 with statistics) it is modulo 65,536, but all entries are in the message. So the list's length is not used to
//! find the end. This code goes from entry to entry by the length of each entry, as long as the next attribute is an
//! IFLA_VF_INFO. That type is 1. Among an interface's attributes type 1 is IFLA_ADDRESS, and Linux always puts
//! IFLA_ADDRESS before the list, so the attribute after the list has another type. The list's length only has to agree
//! with the entries modulo 65,536.
//!
//! A list may leave out VFs: those that the driver does not report (a VF in reset), and those beyond the kernel's
//! limit. So the number of entries need not be IFLA_NUM_VF, but each VF's number must be below it.

use super::attribute::{
    HEADER, IFLA_NUM_VF, IFLA_VF_INFO, IFLA_VF_MAC, IFLA_VF_VLAN, IFLA_VF_VLAN_INFO, IFLA_VF_VLAN_LIST,
    IFLA_VFINFO_LIST, attributes, kind_of, split, u32_of,
};
use crate::error::Error;
use crate::types::{PfState, Vf, Vlan};
use libc::c_int;

/// struct ifla_vf_mac, linux/if_link.h.
const SIZEOF_VF_MAC: usize = 36;
/// The last VF that Linux 7.2 and newer list (rtnl_vfinfo_cap()), with and without their statistics.
const LAST_OF_CAPPED: [u32; 2] = [127, 255];

/// Finds the VF number `vf` in the attributes of an interface. An error: they are malformed, and none of them is used
/// (contract L5).
pub(super) fn pf_state(up: bool, attributes: &[u8], vf: c_int) -> Result<PfState, Error> {
    const INVALID: Error = Error::BadAnswer("its list of VFs is not valid");
    let (num_vf, list) = num_vf_and_list(attributes, vf as u32).ok_or(INVALID)?;
    let Some(list) = list else {
        return Ok(PfState { up, vf: Err(Error::NoVfList) });
    };
    let num_vf = num_vf.filter(|num_vf| list.last.is_none_or(|last| last < *num_vf)).ok_or(INVALID)?;
    let missing = match list.last {
        _ if u32::try_from(vf).ok().is_none_or(|vf| vf >= num_vf) => Error::NoSuchVf(num_vf),
        None if !up => Error::PfDown(libc::ENODATA),
        Some(last) if vf as u32 > last && LAST_OF_CAPPED.contains(&last) => Error::VfCutOff,
        _ => Error::VfNotListed,
    };
    Ok(PfState { up, vf: list.found.ok_or(missing) })
}

/// IFLA_NUM_VF and IFLA_VFINFO_LIST, each `None` if it is not there. Returns `None` if one of them is there twice, or
/// if the bytes are not valid attributes.
fn num_vf_and_list(mut rest: &[u8], vf: u32) -> Option<(Option<u32>, Option<List>)> {
    let (mut num_vf, mut list) = (None, None);
    while !rest.is_empty() {
        if kind_of(rest)? == IFLA_VFINFO_LIST {
            let (read, trailing) = List::read(rest, vf)?;
            once(&mut list, read)?;
            rest = trailing;
        } else {
            let ((kind, payload), trailing) = split(rest)?;
            if kind == IFLA_NUM_VF {
                once(&mut num_vf, u32_of(payload)?)?;
            }
            rest = trailing;
        }
    }
    Some((num_vf, list))
}

/// Stores a value that may occur only once. `None`: `place` has a value already.
fn once<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

/// The content of a valid list.
struct List {
    /// The number of the last VF; `None` if the list has no VF.
    last: Option<u32>,
    /// The VF that the caller asked for.
    found: Option<Vf>,
}

impl List {
    /// Reads the list at the start of `bytes`, and returns it with the bytes after it.
    fn read(bytes: &[u8], vf: u32) -> Option<(Self, &[u8])> {
        let mut list = List { last: None, found: None };
        let mut rest = bytes.get(HEADER..)?;
        while kind_of(rest) == Some(IFLA_VF_INFO) {
            let ((_, entry), next) = split(rest)?;
            let (number, info) = vf_info(entry)?;
            if list.last.is_some_and(|last| last >= number) {
                return None;
            }
            list.last = Some(number);
            if number == vf {
                list.found = Some(info);
            }
            rest = next;
        }
        // The list's length has only the lower 16 bits.
        let len = bytes.len().checked_sub(rest.len())? as u16;
        (bytes.first_chunk() == Some(&len.to_ne_bytes())).then_some((list, rest))
    }
}

/// The VF's number in an entry, and its MAC and VLAN.
fn vf_info(entry: &[u8]) -> Option<(u32, Vf)> {
    let (mut mac, mut vlan, mut vlans) = (None, None, None);
    for attribute in attributes(entry) {
        let (kind, payload) = attribute?;
        match kind {
            IFLA_VF_MAC => once(&mut mac, payload)?,
            IFLA_VF_VLAN => once(&mut vlan, payload)?,
            IFLA_VF_VLAN_LIST => once(&mut vlans, payload)?,
            _ => {}
        }
    }
    let (mac, vlan) = (mac?.get(..SIZEOF_VF_MAC)?, vlan?);
    let (number, id, qos) = (u32_of(vlan)?, u32_of(vlan.get(4..)?)?, u32_of(vlan.get(8..)?)?);
    if u32_of(mac)? != number || id > Vlan::MAX.into() || qos > Vlan::MAX_QOS.into() {
        return None;
    }
    let protocol = vlans.map_or(Some(Vlan::P_8021Q), |vlans| protocol_of(vlans, number))?;
    let vlan = Vlan { id: id as u16, qos: qos as u8, protocol };
    Some((number, Vf { mac: *mac.get(4..)?.first_chunk()?, vlan }))
}

/// The protocol of the VLAN in an IFLA_VF_VLAN_LIST. Linux puts exactly one VLAN into it.
fn protocol_of(vlans: &[u8], number: u32) -> Option<u16> {
    let (kind, info) = attributes(vlans).next()??;
    let protocol = u16::from_be_bytes(*info.get(12..)?.first_chunk()?);
    (kind == IFLA_VF_VLAN_INFO && u32_of(info)? == number).then_some(protocol)
}

// The contract's rows L1 to L5 test lists, too. Here are the lists that those rows cannot make.
#[cfg(test)]
mod tests {
    use super::super::attribute::tests::attribute;
    use super::*;

    const NESTED: u16 = 0x8000;

    fn mac(vf: u32) -> Vec<u8> {
        attribute(1, &[&vf.to_ne_bytes()[..], &[0x52, 0x54, 0, 0, 0, vf as u8], &[0; 26]].concat())
    }

    fn vlan(vf: u32, id: u32, qos: u32) -> Vec<u8> {
        attribute(2, &[vf, id, qos].map(u32::to_ne_bytes).concat())
    }

    fn entry_of(attributes: &[Vec<u8>]) -> Vec<u8> {
        attribute(IFLA_VF_INFO | NESTED, &attributes.concat())
    }

    fn entry(vf: u32, id: u32, qos: u32) -> Vec<u8> {
        entry_of(&[mac(vf), vlan(vf, id, qos), attribute(4, &[0; 8])])
    }

    /// An interface's attributes. The length of a long list wraps, as in the kernel.
    fn interface(num_vf: u32, list: &[u8]) -> Vec<u8> {
        let length = ((list.len() + 4) as u16).to_ne_bytes();
        let header = [&length[..], &(22u16 | NESTED).to_ne_bytes()].concat();
        let number = attribute(21, &num_vf.to_ne_bytes());
        [&attribute(3, b"eth0\0"), &number, &header, list, &attribute(33, &[0])].concat()
    }

    fn vf_of(bytes: &[u8], vf: u32) -> Result<Vf, Error> {
        pf_state(true, bytes, vf as c_int)?.vf
    }

    fn vlan_of(bytes: &[u8], vf: u32) -> Result<u16, Error> {
        vf_of(bytes, vf).map(|vf| vf.vlan.id)
    }

    const INVALID: Result<u16, Error> = Err(Error::BadAnswer("its list of VFs is not valid"));

    #[test]
    fn l1_a_vf_has_its_own_mac_and_vlan() {
        let bytes = interface(3, &[entry(0, 0, 0), entry(1, 42, 3), entry(2, 4095, 0)].concat());
        let expected = Vf { mac: [0x52, 0x54, 0, 0, 0, 1], vlan: Vlan { id: 42, qos: 3, protocol: 0x8100 } };
        assert_eq!(vf_of(&bytes, 1), Ok(expected));
        assert_eq!((vlan_of(&bytes, 0), vlan_of(&bytes, 2)), (Ok(0), Ok(4095)));
        for vf in [3, 4, u32::MAX] {
            assert_eq!(vlan_of(&bytes, vf), Err(Error::NoSuchVf(3)));
        }
    }

    #[test]
    fn l2_a_list_whose_length_wrapped_is_read_whole() {
        // Wrapped once, several times, and to each length that ends right after an entry, 0 included.
        for vfs in [1000u32, 1023, 1024, 1025, 2000, 5000] {
            for padding in [0, 56] {
                let rest = attribute(4, &vec![0; padding]);
                let entries: Vec<u8> = (0..vfs)
                    .flat_map(|vf| entry_of(&[mac(vf), vlan(vf, vf % 4096, 0), rest.clone()]))
                    .collect();
                let bytes = interface(vfs, &entries);
                for vf in [0, 1, vfs / 2, vfs - 1] {
                    assert_eq!(vlan_of(&bytes, vf), Ok((vf % 4096) as u16), "VF {vf} of {vfs}");
                }
                assert_eq!(vlan_of(&bytes, vfs), Err(Error::NoSuchVf(vfs)));
                // The length is one entry longer than the entries.
                let cut = [&bytes[..20], &bytes[20..][..entries.len() - rest.len() - 60]].concat();
                assert_eq!(vlan_of(&cut, 0), INVALID);
            }
        }
        // 1,024 entries of 64 bytes, minus the list's header: the length is 0.
        let mut entries: Vec<u8> =
            (0..1023).flat_map(|vf| entry_of(&[mac(vf), vlan(vf, 7, 0), vec![0; 0]])).collect();
        let short = 65536 - 4 - entries.len() % 65536;
        entries.extend(entry_of(&[mac(1023), vlan(1023, 7, 0), attribute(4, &vec![0; short - 4 - 56 - 4])]));
        let bytes = interface(1024, &entries);
        assert_eq!(bytes[20..22], [0, 0]);
        assert_eq!(vlan_of(&bytes, 1023), Ok(7));
    }

    #[test]
    fn l3_l4_a_vf_that_the_list_leaves_out_is_not_known_and_the_others_are() {
        let bytes = interface(1000, &[entry(0, 1, 0), entry(2, 3, 0), entry(200, 4, 0)].concat());
        assert_eq!((vlan_of(&bytes, 0), vlan_of(&bytes, 2), vlan_of(&bytes, 200)), (Ok(1), Ok(3), Ok(4)));
        for vf in [1, 3, 199, 201, 999] {
            assert_eq!(vlan_of(&bytes, vf), Err(Error::VfNotListed));
        }
        assert_eq!(vlan_of(&interface(2, &[]), 1), Err(Error::VfNotListed));
        assert_eq!(vlan_of(&interface(0, &[]), 0), Err(Error::NoSuchVf(0)));
    }

    #[test]
    fn l3_a_vf_beyond_the_cap_is_cut_off() {
        let of = |vfs: u32, vf| {
            let list = (0..vfs).filter(|vf| *vf != 7).flat_map(|vf| entry(vf, 0, 0)).collect::<Vec<_>>();
            vlan_of(&interface(300, &list), vf)
        };
        for (vfs, vf) in [(128, 128), (128, 299), (256, 256), (256, 299)] {
            assert_eq!(of(vfs, vf), Err(Error::VfCutOff), "{vf} of {vfs}");
        }
        for (vfs, vf) in [(128, 7), (256, 7), (127, 200), (129, 200), (257, 299)] {
            assert_eq!(of(vfs, vf), Err(Error::VfNotListed), "{vf} of {vfs}");
        }
    }

    #[test]
    fn g5_an_empty_list_of_a_pf_that_is_down_says_so() {
        let state = |up, list: &[u8]| pf_state(up, &interface(3, list), 1).unwrap();
        let (down, reset) = (state(false, &[]), state(true, &[]));
        assert_eq!((down.vf, down.up), (Err(Error::PfDown(libc::ENODATA)), false));
        assert_eq!((reset.vf, reset.up), (Err(Error::VfNotListed), true));
        assert_eq!(state(false, &entry(0, 0, 0)).vf, Err(Error::VfNotListed));
        assert!(down.leaves_out_vf() && reset.leaves_out_vf());
        assert!(!state(false, &entry(1, 0, 0)).leaves_out_vf());
    }

    #[test]
    fn l5_a_list_cut_anywhere_or_with_something_else_in_it_is_not_valid() {
        let list = [entry(0, 0, 0), entry(1, 0, 0)].concat();
        let whole = interface(2, &list);
        assert_eq!(vlan_of(&whole, 0), Ok(0));
        for cut in 24..20 + 4 + list.len() {
            assert_eq!(vlan_of(&whole[..cut], 0), INVALID, "cut at {cut}");
        }
        // The padding of the last attribute may be missing, an attribute may not.
        for cut in whole.len() - 7..whole.len() - 3 {
            assert_eq!(vlan_of(&whole[..cut], 0), INVALID, "cut at {cut}");
        }
        let other = [entry(0, 0, 0), attribute(9, &[0; 12])].concat();
        assert_eq!(vlan_of(&interface(2, &other), 0), INVALID, "an entry of another type");
        let broken = entry_of(&[mac(0), vlan(0, 0, 0), vec![0; 4]]);
        assert_eq!(vlan_of(&interface(1, &broken), 0), INVALID, "an entry with a broken attribute");
        // The length is more, or less, than that of the entries.
        for length in [0u16, 3, 4, 68, 136, 144, u16::MAX] {
            let mut bytes = whole.clone();
            bytes[20..22].copy_from_slice(&length.to_ne_bytes());
            assert_eq!(vlan_of(&bytes, 0), INVALID, "length {length}");
        }
    }

    #[test]
    fn g3_no_list_and_an_invalid_list_are_different_errors() {
        assert_eq!(vlan_of(&[], 0), Err(Error::NoVfList));
        assert_eq!(vlan_of(&attribute(3, b"lo\0"), 0), Err(Error::NoVfList));
        assert_eq!(vlan_of(&attribute(21, &4u32.to_ne_bytes()), 0), Err(Error::NoVfList));
        assert_eq!(vlan_of(&attribute(21, &[4, 0]), 0), INVALID, "a short number");
        assert_eq!(vlan_of(&attribute(22, &[]), 0), INVALID, "no number");
        assert_eq!(
            vlan_of(&[&attribute(22, &[])[..], &attribute(21, &1u32.to_ne_bytes())].concat(), 0),
            Err(Error::VfNotListed)
        );
    }
}
