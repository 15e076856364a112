// SPDX-License-Identifier: LGPL-2.1-or-later
//! The bytes of the two requests, in host byte order (netlink(7)).
//!
//! The caller's name and payload are not copied: they are iovecs of the system call. The other parts of a request are
//! made of units of four bytes, netlink's alignment.

use super::attribute::{self, ALIGNMENT, Attribute, HEADER};
use super::attribute::{IFLA_ALT_IFNAME, IFLA_EXT_MASK, IFLA_IFNAME, IFLA_VF_INFO, IFLA_VFINFO_LIST};
use crate::error::{self, Error};
use core::ffi::CStr;
use libc::c_int;
use std::io::IoSlice;

/// RTEXT_FILTER_VF and RTEXT_FILTER_SKIP_STATS, linux/rtnetlink.h: the answer has the VFs without their statistics.
/// With statistics the list's length wraps from 222 VFs on, without them from 335.
const EXT_MASK: u32 = 1 | 1 << 3;

/// IFNAMSIZ and ALTIFNAMSIZ, linux/if.h, both with the NUL.
const IFNAMSIZ: usize = 16;
const ALTIFNAMSIZ: usize = 128;

/// struct nlmsghdr and struct ifinfomsg.
const FIXED: usize = 16 + 16;

/// The largest payload that the 16-bit length of IFLA_VFINFO_LIST allows, with its padding.
const PAYLOAD_MAX: usize = (u16::MAX as usize - 3 * HEADER) / ALIGNMENT * ALIGNMENT;

const ZERO: [u8; 4] = [0; 4];

/// Two numbers side by side.
fn pair(first: u16, second: u16) -> [u8; 4] {
    let ([a, b], [c, d]) = (first.to_ne_bytes(), second.to_ne_bytes());
    [a, b, c, d]
}

/// The header of an attribute (struct nlattr). `len` fits: it was compared with PAYLOAD_MAX.
fn attribute_header(len: usize, kind: u16) -> [u8; 4] {
    pair(u16::try_from(len).unwrap_or(u16::MAX), kind)
}

/// How many bytes of padding follow `len` bytes (NLA_ALIGN), 0 to 3.
fn padding(len: usize) -> usize {
    len.wrapping_neg() % ALIGNMENT
}

/// The parts of a request, for sendmsg(2). An IoSlice is a struct iovec.
pub(super) struct Iovecs<'a> {
    pub(super) slices: [IoSlice<'a>; 5],
    /// The length of all slices together, in bytes.
    pub(super) len: usize,
}

/// The type of an attribute about a VF. It and the payload's length are checked before the payload is read.
pub(crate) fn checked_type(kind: c_int, len: usize) -> Result<u16, Error> {
    let Ok(kind @ 1..=attribute::TYPE_MASK) = u16::try_from(kind) else {
        return Err(Error::AttributeType(kind));
    };
    if len > PAYLOAD_MAX { Err(Error::PayloadSize(error::bytes(len))) } else { Ok(kind) }
}

/// RTM_SETLINK with one attribute about a VF (contract S1): three nested headers, and the attribute's payload.
pub(super) fn set_link<'a>(
    ifname: Option<&'a CStr>,
    (kind, payload): Attribute<'a>,
    sequence: u32,
) -> Result<Request<'a, 4>, Error> {
    // The headers' lengths; the innermost attribute is not padded.
    let inner = payload.len().saturating_add(HEADER);
    let info = inner.saturating_add(padding(payload.len())).saturating_add(HEADER);
    let list = info.saturating_add(HEADER);
    let trailing = [
        ZERO,
        attribute_header(list, IFLA_VFINFO_LIST | attribute::NESTED),
        attribute_header(info, IFLA_VF_INFO | attribute::NESTED),
        attribute_header(inner, kind),
    ];
    let flags = libc::NLM_F_REQUEST | libc::NLM_F_ACK;
    Request::new(libc::RTM_SETLINK, flags, sequence, ifname, trailing, payload)
}

/// RTM_GETLINK for one interface with its VFs. It has one attribute, the mask.
pub(super) fn get_link(ifname: Option<&CStr>, sequence: u32) -> Result<Request<'_, 3>, Error> {
    const LEN: usize = HEADER + size_of::<u32>();
    let trailing = [ZERO, attribute_header(LEN, IFLA_EXT_MASK), EXT_MASK.to_ne_bytes()];
    Request::new(libc::RTM_GETLINK, libc::NLM_F_REQUEST, sequence, ifname, trailing, &[])
}

/// The parts of both requests: struct nlmsghdr, struct ifinfomsg, the interface's name, and trailing attributes.
pub(super) struct Request<'a, const TRAILING: usize> {
    /// The two structs, and in the last four bytes the header of the name's attribute.
    start: [[u8; 4]; 9],
    /// The name with its NUL. Empty: the caller's name is NULL. The attribute is then left out, and the kernel refuses
    /// the request with EINVAL (contract S5).
    name: &'a [u8],
    /// The first four bytes are zeros. Only as many of them are sent as the name needs for its padding.
    trailing: [[u8; 4]; TRAILING],
    payload: &'a [u8],
    len: usize,
}

impl<'a, const TRAILING: usize> Request<'a, TRAILING> {
    fn new(
        kind: u16,
        flags: c_int,
        sequence: u32,
        ifname: Option<&'a CStr>,
        trailing: [[u8; 4]; TRAILING],
        payload: &'a [u8],
    ) -> Result<Self, Error> {
        let name = ifname.map_or(&[][..], CStr::to_bytes_with_nul);
        let name_kind = match name.len() {
            len if len <= IFNAMSIZ => IFLA_IFNAME,
            len if len <= ALTIFNAMSIZ => IFLA_ALT_IFNAME,
            len => return Err(Error::NameSize(error::bytes(len.saturating_sub(1)))),
        };
        let name_len = name.len().saturating_add(HEADER);
        let named = if name.is_empty() { 0 } else { name_len.saturating_add(padding(name.len())) };
        let trailing_len = ALIGNMENT.saturating_mul(TRAILING.saturating_sub(1));
        let len = (FIXED.saturating_add(named).saturating_add(trailing_len))
            .saturating_add(payload.len())
            .saturating_add(padding(payload.len()));
        let flags = u16::try_from(flags).unwrap_or(0);
        let [a, b] = [u32::try_from(len).unwrap_or(u32::MAX).to_ne_bytes(), pair(kind, flags)];
        // The zeros: the sender's port, which the kernel fills in, and a struct ifinfomsg with AF_UNSPEC, no index
        // and no flags.
        let start = [
            a,
            b,
            sequence.to_ne_bytes(),
            ZERO,
            ZERO,
            ZERO,
            ZERO,
            ZERO,
            attribute_header(name_len, name_kind),
        ];
        Ok(Request { start, name, trailing, payload, len })
    }

    pub(super) fn iovecs(&self) -> Iovecs<'_> {
        let (start, trailing) = (self.start.as_flattened(), self.trailing.as_flattened());
        let start_len = if self.name.is_empty() { FIXED } else { start.len() };
        let start = start.get(..start_len).unwrap_or(start);
        let trailing = trailing.get(ALIGNMENT.saturating_sub(padding(self.name.len()))..).unwrap_or(trailing);
        let padding = ZERO.get(..padding(self.payload.len())).unwrap_or(&[]);
        Iovecs {
            slices: [
                IoSlice::new(start),
                IoSlice::new(self.name),
                IoSlice::new(trailing),
                IoSlice::new(self.payload),
                IoSlice::new(padding),
            ],
            len: self.len,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set<'a>(
        ifname: Option<&'a CStr>,
        kind: c_int,
        payload: &'a [u8],
        sequence: u32,
    ) -> Result<Request<'a, 4>, Error> {
        set_link(ifname, (checked_type(kind, payload.len())?, payload), sequence)
    }

    fn bytes_of(iovecs: &Iovecs) -> Vec<u8> {
        let bytes: Vec<u8> = iovecs.slices.iter().flat_map(|slice| slice.iter().copied()).collect();
        assert_eq!(bytes.len(), iovecs.len);
        bytes
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
        let request = set(Some(c"eth0"), 2, &payload, 99).unwrap();
        let bytes = bytes_of(&request.iovecs());
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
        let request = set(None, 1, &[1, 2, 3, 4, 5], 0).unwrap();
        let bytes = bytes_of(&request.iovecs());
        assert_eq!(u32_at(&bytes, 0) as usize, bytes.len());
        assert_eq!((u16_at(&bytes, 32), u16_at(&bytes, 36), u16_at(&bytes, 40)), (20, 16, 9));
        assert_eq!(bytes[44..], [1, 2, 3, 4, 5, 0, 0, 0]);
    }

    #[test]
    fn the_length_of_a_name_decides_its_attribute() {
        for (length, kind) in [(1, 3), (15, 3), (16, 53), (127, 53)] {
            let name = std::ffi::CString::new(vec![b'n'; length]).unwrap();
            let request = set(Some(&name), 1, &[], 0).unwrap();
            let bytes = bytes_of(&request.iovecs());
            assert_eq!((u16_at(&bytes, 32) as usize, u16_at(&bytes, 34)), (length + 5, kind));
            assert_eq!(u32_at(&bytes, 0) as usize, bytes.len());
        }
        for length in [128, 4000] {
            let name = std::ffi::CString::new(vec![b'n'; length]).unwrap();
            assert_eq!(set(Some(&name), 1, &[], 0).err(), Some(Error::NameSize(length as u32)));
        }
    }

    #[test]
    fn a_type_or_payload_that_fits_no_attribute_is_refused() {
        for kind in [i32::MIN, -1, 0, 0x4000, 0x10002, i32::MAX] {
            assert_eq!(set(None, kind, &[], 0).err(), Some(Error::AttributeType(kind)));
        }
        let payload = vec![0; 70_000];
        let largest = &payload[..PAYLOAD_MAX / 4 * 4];
        let bytes = bytes_of(&set(None, 0x3fff, largest, 0).unwrap().iovecs());
        assert_eq!(u16_at(&bytes, 32) as usize, largest.len() + 12);
        for length in [largest.len() + 1, 70_000] {
            let error = set(None, 1, &payload[..length], 0).err();
            assert_eq!(error, Some(Error::PayloadSize(length as u32)));
        }
    }

    #[test]
    fn get_link_asks_for_vfs_without_statistics() {
        let bytes = bytes_of(&get_link(Some(c"eth0"), 5).unwrap().iovecs());
        assert_eq!((u16_at(&bytes, 4), u16_at(&bytes, 6)), (18, 1));
        assert_eq!((u16_at(&bytes, 44), u16_at(&bytes, 46), u32_at(&bytes, 48)), (8, IFLA_EXT_MASK, 9));
        assert_eq!(bytes.len(), 52);
    }
}
