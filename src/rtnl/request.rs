// SPDX-License-Identifier: LGPL-2.1-or-later
//! The bytes of the two requests, in host byte order (netlink(7)).
//!
//! A request is a head of bounded size, made here, and the caller's payload, which is not copied: the
//! system call gathers them.

use super::attribute::{self, HEADER, aligned};
use crate::error::Error;
use core::ffi::CStr;
use libc::c_int;

// linux/if_link.h. The libc crate has these too, as c_ushort here and c_int there.
const IFLA_IFNAME: u16 = 3;
const IFLA_VFINFO_LIST: u16 = 22;
const IFLA_EXT_MASK: u16 = 29;
const IFLA_ALT_IFNAME: u16 = 53;
const IFLA_VF_INFO: u16 = 1;
/// struct ifla_vf_mac: the VF (32 bits), then 32 bytes of address.
pub(crate) const IFLA_VF_MAC: c_int = 1;
/// struct ifla_vf_vlan: VF, VLAN and QoS, 32 bits each.
pub(crate) const IFLA_VF_VLAN: c_int = 2;

/// linux/rtnetlink.h: put the VFs into the answer, and leave their statistics out (with them the list
/// wraps from 222 VFs on, without from 335).
const EXT_MASK: u32 = 1 | 1 << 3;

/// IFNAMSIZ and ALTIFNAMSIZ, linux/if.h, both with the NUL.
const IFNAMSIZ: usize = 16;
const ALTIFNAMSIZ: usize = 128;

/// struct nlmsghdr and struct ifinfomsg.
const FIXED: usize = 16 + 16;
/// The fixed part, an alternative name, and three attribute headers.
const HEAD: usize = FIXED + HEADER + ALTIFNAMSIZ + 3 * HEADER;

/// What the 16-bit length of IFLA_VFINFO_LIST leaves for the padded payload.
const PAYLOAD_MAX: usize = (u16::MAX as usize) - 3 * HEADER;

/// A request's parts, in the order in which they are sent.
pub(super) type Parts<'a> = [&'a [u8]; 3];

/// RTM_SETLINK with one attribute about a VF (contract S1).
pub(super) struct SetVfInfo<'a> {
    head: Head,
    payload: &'a [u8],
    padding: &'static [u8],
}

impl<'a> SetVfInfo<'a> {
    pub(super) fn new(
        ifname: Option<&CStr>,
        kind: c_int,
        payload: &'a [u8],
        sequence: u32,
    ) -> Result<Self, Error> {
        let kind = match u16::try_from(kind) {
            Ok(kind @ 1..=attribute::TYPE_MASK) => kind,
            _ => return Err(Error::AttributeType(kind)),
        };
        let too_large = Error::PayloadSize(payload.len());
        let padded = aligned(payload.len()).filter(|padded| *padded <= PAYLOAD_MAX).ok_or(too_large)?;

        let mut head = Head::new();
        head.link_name(ifname)?;
        // The headers' lengths, from the inside out; the innermost one is not padded.
        let inner = payload.len().saturating_add(HEADER);
        let info = padded.saturating_add(2 * HEADER);
        let list = padded.saturating_add(3 * HEADER);
        head.attribute_header(list, IFLA_VFINFO_LIST | attribute::NESTED);
        head.attribute_header(info, IFLA_VF_INFO | attribute::NESTED);
        head.attribute_header(inner, kind);
        head.finish(libc::RTM_SETLINK, libc::NLM_F_REQUEST | libc::NLM_F_ACK, sequence, padded);

        let padding: &[u8] = &[0; attribute::ALIGNMENT];
        let padding = padding.get(..padded.saturating_sub(payload.len())).unwrap_or(&[]);
        Ok(SetVfInfo { head, payload, padding })
    }

    pub(super) fn parts(&self) -> Parts<'_> {
        [self.head.as_bytes(), self.payload, self.padding]
    }
}

/// RTM_GETLINK for one interface with its VFs.
pub(super) struct GetVfList {
    head: Head,
}

impl GetVfList {
    pub(super) fn new(ifname: Option<&CStr>, sequence: u32) -> Result<Self, Error> {
        let mut head = Head::new();
        head.link_name(ifname)?;
        const LEN: usize = HEADER + size_of::<u32>();
        head.attribute_header(LEN, IFLA_EXT_MASK);
        head.put(EXT_MASK.to_ne_bytes());
        head.finish(libc::RTM_GETLINK, libc::NLM_F_REQUEST, sequence, 0);
        Ok(GetVfList { head })
    }

    pub(super) fn parts(&self) -> Parts<'_> {
        [self.head.as_bytes(), &[], &[]]
    }
}

/// All of a request but its payload.
struct Head {
    bytes: [u8; HEAD],
    len: usize,
}

impl Head {
    /// Zeros: struct ifinfomsg with AF_UNSPEC, no index and no flags is 16 of them.
    fn new() -> Self {
        Head { bytes: [0; HEAD], len: FIXED }
    }

    /// Which interface: none at all for NULL, which the kernel refuses with EINVAL (contract S5).
    fn link_name(&mut self, ifname: Option<&CStr>) -> Result<(), Error> {
        let Some(name) = ifname.map(CStr::to_bytes_with_nul) else {
            return Ok(());
        };
        let kind = if name.len() <= IFNAMSIZ {
            IFLA_IFNAME
        } else if name.len() <= ALTIFNAMSIZ {
            IFLA_ALT_IFNAME
        } else {
            return Err(Error::NameSize(name.len().saturating_sub(1)));
        };
        self.attribute_header(name.len().saturating_add(HEADER), kind);
        for (to, from) in self.bytes.iter_mut().skip(self.len).zip(name) {
            *to = *from;
        }
        // The padding is zero already.
        self.len = aligned(self.len.saturating_add(name.len())).unwrap_or(HEAD);
        Ok(())
    }

    fn attribute_header(&mut self, len: usize, kind: u16) {
        // Lengths were checked against PAYLOAD_MAX: they fit.
        let len = u16::try_from(len).unwrap_or(u16::MAX);
        self.put(len.to_ne_bytes());
        self.put(kind.to_ne_bytes());
    }

    /// Appends; HEAD is the size of the largest request, so all fits.
    fn put<const N: usize>(&mut self, number: [u8; N]) {
        if let Some(room) = self.bytes.get_mut(self.len..).and_then(|rest| rest.first_chunk_mut()) {
            *room = number;
            self.len = self.len.saturating_add(N);
        }
    }

    /// struct nlmsghdr: the length of everything, `after` bytes that follow the head included.
    fn finish(&mut self, kind: u16, flags: c_int, sequence: u32, after: usize) {
        let len = u32::try_from(self.len.saturating_add(after)).unwrap_or(u32::MAX);
        let flags = u16::try_from(flags).unwrap_or(0);
        let end = core::mem::replace(&mut self.len, 0);
        self.put(len.to_ne_bytes());
        self.put(kind.to_ne_bytes());
        self.put(flags.to_ne_bytes());
        self.put(sequence.to_ne_bytes());
        self.len = end;
    }

    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(parts: &Parts) -> Vec<u8> {
        parts.concat()
    }

    fn u16_at(bytes: &[u8], at: usize) -> u16 {
        u16::from_ne_bytes(bytes[at..at + 2].try_into().unwrap())
    }

    fn u32_at(bytes: &[u8], at: usize) -> u32 {
        u32::from_ne_bytes(bytes[at..at + 4].try_into().unwrap())
    }

    #[test]
    fn set_link_has_the_layout_of_s1() {
        let payload = [7u8; 12];
        let request = SetVfInfo::new(Some(c"eth0"), 2, &payload, 99).unwrap();
        let bytes = words(&request.parts());
        assert_eq!(bytes.len(), 16 + 16 + 12 + 12 + 12);
        assert_eq!(u32_at(&bytes, 0) as usize, bytes.len());
        assert_eq!(
            (u16_at(&bytes, 4), u16_at(&bytes, 6), u32_at(&bytes, 8), u32_at(&bytes, 12)),
            (19, 5, 99, 0)
        );
        assert_eq!(bytes[16..32], [0; 16], "AF_UNSPEC, no index");
        assert_eq!((u16_at(&bytes, 32), u16_at(&bytes, 34)), (9, IFLA_IFNAME));
        assert_eq!(bytes[36..44], *b"eth0\0\0\0\0");
        assert_eq!((u16_at(&bytes, 44), u16_at(&bytes, 46)), (24, 22 | 0x8000));
        assert_eq!((u16_at(&bytes, 48), u16_at(&bytes, 50)), (20, 1 | 0x8000));
        assert_eq!((u16_at(&bytes, 52), u16_at(&bytes, 54)), (16, 2));
        assert_eq!(bytes[56..], payload);
    }

    #[test]
    fn a_payload_is_padded_outside_its_own_length_only() {
        let request = SetVfInfo::new(None, 1, &[1, 2, 3, 4, 5], 0).unwrap();
        let bytes = words(&request.parts());
        assert_eq!(u32_at(&bytes, 0) as usize, bytes.len());
        assert_eq!((u16_at(&bytes, 32), u16_at(&bytes, 36), u16_at(&bytes, 40)), (20, 16, 9));
        assert_eq!(bytes[44..], [1, 2, 3, 4, 5, 0, 0, 0]);
    }

    #[test]
    fn a_name_goes_where_the_kernel_has_room_for_it() {
        for (length, kind) in [(1, 3), (15, 3), (16, 53), (127, 53)] {
            let name = std::ffi::CString::new(vec![b'n'; length]).unwrap();
            let request = SetVfInfo::new(Some(&name), 1, &[], 0).unwrap();
            let bytes = words(&request.parts());
            assert_eq!((u16_at(&bytes, 32) as usize, u16_at(&bytes, 34)), (length + 5, kind));
            assert_eq!(u32_at(&bytes, 0) as usize, bytes.len());
        }
        for length in [128, 4000] {
            let name = std::ffi::CString::new(vec![b'n'; length]).unwrap();
            assert_eq!(SetVfInfo::new(Some(&name), 1, &[], 0).err(), Some(Error::NameSize(length)));
        }
    }

    #[test]
    fn what_fits_no_attribute_is_refused() {
        for kind in [i32::MIN, -1, 0, 0x4000, 0x10002, i32::MAX] {
            assert_eq!(SetVfInfo::new(None, kind, &[], 0).err(), Some(Error::AttributeType(kind)));
        }
        let payload = vec![0; 70_000];
        let largest = &payload[..PAYLOAD_MAX / 4 * 4];
        let bytes = words(&SetVfInfo::new(None, 0x3fff, largest, 0).unwrap().parts());
        assert_eq!(u16_at(&bytes, 32) as usize, largest.len() + 12);
        for length in [largest.len() + 1, 70_000] {
            let error = SetVfInfo::new(None, 1, &payload[..length], 0).err();
            assert_eq!(error, Some(Error::PayloadSize(length)));
        }
    }

    #[test]
    fn get_link_asks_for_vfs_without_statistics() {
        let bytes = words(&GetVfList::new(Some(c"eth0"), 5).unwrap().parts());
        assert_eq!((u16_at(&bytes, 4), u16_at(&bytes, 6)), (18, 1));
        assert_eq!((u16_at(&bytes, 44), u16_at(&bytes, 46), u32_at(&bytes, 48)), (8, IFLA_EXT_MASK, 9));
        assert_eq!(bytes.len(), 52);
    }
}
