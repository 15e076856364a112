// SPDX-License-Identifier: LGPL-2.1-or-later
//! Netlink attributes (struct nlattr, linux/netlink.h): 16 bits of length, header included, 16 bits of
//! type, and a payload padded to four bytes.

// linux/if_link.h. The libc crate has these too, but some as c_ushort and some as c_int.
pub(super) const IFLA_IFNAME: u16 = 3;
pub(super) const IFLA_NUM_VF: u16 = 21;
pub(crate) const IFLA_VFINFO_LIST: u16 = 22;
pub(super) const IFLA_EXT_MASK: u16 = 29;
pub(super) const IFLA_ALT_IFNAME: u16 = 53;
pub(super) const IFLA_VF_INFO: u16 = 1;
/// struct ifla_vf_mac: the VF (32 bits), then 32 bytes of address.
pub(crate) const IFLA_VF_MAC: u16 = 1;
/// struct ifla_vf_vlan: VF, VLAN and QoS, 32 bits each.
pub(crate) const IFLA_VF_VLAN: u16 = 2;
/// IFLA_VF_VLAN_INFO: struct ifla_vf_vlan_info, which is struct ifla_vf_vlan and the protocol, 16 bits in network
/// order.
pub(super) const IFLA_VF_VLAN_LIST: u16 = 12;
pub(super) const IFLA_VF_VLAN_INFO: u16 = 1;

/// NLA_ALIGNTO.
pub(super) const ALIGNMENT: usize = 4;
/// NLA_HDRLEN.
pub(super) const HEADER: usize = 4;
/// NLA_F_NESTED.
pub(super) const NESTED: u16 = 1 << 15;
/// NLA_TYPE_MASK: the bits of a type without the two flag bits.
pub(super) const TYPE_MASK: u16 = 0x3fff;

/// `len` rounded up to the alignment.
pub(super) fn aligned(len: usize) -> Option<usize> {
    len.checked_next_multiple_of(ALIGNMENT)
}

/// The 16-bit number at the start of `bytes`.
pub(super) fn u16_of(bytes: &[u8]) -> Option<u16> {
    bytes.first_chunk().map(|chunk| u16::from_ne_bytes(*chunk))
}

/// The 32-bit number at the start of `bytes`.
pub(super) fn u32_of(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().map(|chunk| u32::from_ne_bytes(*chunk))
}

/// One attribute: its type without the flag bits, and its payload.
pub(crate) type Attribute<'a> = (u16, &'a [u8]);

/// The type of the attribute at the start of `bytes`, without the flag bits.
pub(super) fn kind_of(bytes: &[u8]) -> Option<u16> {
    Some(u16_of(bytes.get(2..)?)? & TYPE_MASK)
}

/// The attribute at the start of `bytes`, and the bytes after it.
pub(super) fn split(bytes: &[u8]) -> Option<(Attribute<'_>, &[u8])> {
    let len = usize::from(u16_of(bytes)?);
    let payload = bytes.get(HEADER..len)?;
    // The padding of the last one may be missing.
    let rest = bytes.get(aligned(len)?..).unwrap_or(&[]);
    Some(((kind_of(bytes)?, payload), rest))
}

/// The attributes in `bytes`, one after another. The first malformed one is a `None`, and ends the iteration.
pub(super) fn attributes(mut bytes: &[u8]) -> impl Iterator<Item = Option<Attribute<'_>>> {
    core::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let first = split(bytes);
        bytes = first.map_or(&[], |(_, rest)| rest);
        Some(first.map(|(attribute, _)| attribute))
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An attribute's bytes, for the tests of this module.
    pub(in crate::rtnl) fn attribute(kind: u16, payload: &[u8]) -> Vec<u8> {
        let mut bytes = ((payload.len() + HEADER) as u16).to_ne_bytes().to_vec();
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(payload);
        bytes.resize(aligned(bytes.len()).unwrap(), 0);
        bytes
    }

    #[test]
    fn attributes_come_in_order_without_flags_and_padding() {
        let bytes = [attribute(3, b"eth0\0"), attribute(22 | NESTED, &[]), attribute(1, &[9; 4])].concat();
        let read: Option<Vec<_>> = attributes(&bytes).collect();
        assert_eq!(read.unwrap(), [(3, &b"eth0\0"[..]), (22, &[][..]), (1, &[9; 4][..])]);
    }

    #[test]
    fn attributes_that_are_cut_at_any_place_are_broken() {
        let whole = [attribute(3, b"abcd"), attribute(4, b"ef")].concat();
        // The last attribute is complete without its two bytes of padding.
        for cut in 0..whole.len() {
            let broken = attributes(&whole[..cut]).any(|attribute| attribute.is_none());
            assert_eq!(broken, ![0, 8, 14, 15].contains(&cut), "cut at {cut}");
        }
        for length in [0u16, 1, 3, 13, u16::MAX] {
            let bytes = [&length.to_ne_bytes()[..], &[0; 10]].concat();
            assert_eq!(attributes(&bytes).collect::<Vec<_>>(), [None], "length {length}");
        }
    }
}
