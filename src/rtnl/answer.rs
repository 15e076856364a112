// SPDX-License-Identifier: LGPL-2.1-or-later
//! Parses the kernel's answer: struct nlmsghdr, and struct nlmsgerr with its extended ACK (linux/netlink.h).
//! Every length is compared with the number of received bytes before it is used.

use super::attribute::{aligned, attributes, u16_of, u32_of};
use super::vf_list;
use crate::error::{Error, ExtAck, Failure};
use crate::types::PfState;
use libc::c_int;

/// struct nlmsghdr.
const HEADER: usize = 16;
/// struct nlmsgerr: the error, and the header of the request that it answers.
const ERROR: usize = 4;
const ECHOED_HEADER: usize = 16;
/// linux/rtnetlink.h: struct ifinfomsg, which RTM_NEWLINK starts with, and the offset of its ifi_flags.
const IFINFOMSG: usize = 16;
const IFI_FLAGS: usize = 8;
/// The largest errno (linux/err.h).
const MAX_ERRNO: i32 = 4095;

const WRONG_TYPE: Error = Error::BadAnswer("it is of the wrong type");
const CUT_SHORT: Error = Error::BadAnswer("its error is cut short");

const NLM_F_CAPPED: u16 = 0x100;
const NLM_F_ACK_TLVS: u16 = 0x200;
const NLMSGERR_ATTR_MSG: u16 = 1;

/// The first message of a datagram.
pub(super) struct Message<'a> {
    kind: u16,
    flags: u16,
    payload: &'a [u8],
}

impl<'a> Message<'a> {
    pub(super) fn read(datagram: &'a [u8]) -> Result<Self, Error> {
        let split = || {
            let len = usize::try_from(u32_of(datagram)?).ok()?;
            let (kind, flags) = (u16_of(datagram.get(4..)?)?, u16_of(datagram.get(6..)?)?);
            Some(Message { kind, flags, payload: datagram.get(HEADER..len)? })
        };
        split().ok_or(Error::BadAnswer("it is shorter than it says"))
    }

    /// Whether this datagram does not belong to the request with this sequence number. A datagram that is too short for
    /// a sequence number is not unsolicited but malformed: `read` returns that error.
    pub(super) fn is_unsolicited(datagram: &[u8], sequence: u32) -> bool {
        datagram.get(8..).and_then(u32_of).is_some_and(|other| other != sequence)
    }

    /// The result of a request that was sent with NLM_F_ACK (contract S2, S3, S8).
    pub(super) fn acknowledged(&self) -> Result<(), Failure> {
        match c_int::from(self.kind) {
            // NLMSG_DONE without a payload is an ACK; with one, the payload is the result's number.
            libc::NLMSG_DONE if self.payload.is_empty() => Ok(()),
            libc::NLMSG_DONE => verdict(self.payload),
            libc::NLMSG_ERROR => self.error(),
            _ => Err(WRONG_TYPE.into()),
        }
    }

    /// The interface that the request asked for, and one of its VFs.
    pub(super) fn pf_state(&self, vf: c_int) -> Result<PfState, Failure> {
        if self.kind == libc::RTM_NEWLINK {
            let attributes = self.payload.get(IFINFOMSG..).ok_or(Error::BadAnswer("it has no attributes"))?;
            let flags = self.payload.get(IFI_FLAGS..).and_then(u32_of).unwrap_or(0);
            return Ok(vf_list::pf_state(flags & libc::IFF_UP as u32 != 0, attributes, vf)?);
        }
        if c_int::from(self.kind) == libc::NLMSG_ERROR {
            self.error()?;
        }
        Err(WRONG_TYPE.into())
    }

    fn error(&self) -> Result<(), Failure> {
        if self.payload.len() < ERROR + ECHOED_HEADER {
            return Err(CUT_SHORT.into());
        }
        verdict(self.payload)
            .map_err(|failure| Failure { ext_ack: self.ext_ack().unwrap_or(ExtAck::new()), ..failure })
    }

    /// The kernel's text, if the answer has one.
    fn ext_ack(&self) -> Option<ExtAck> {
        if self.flags & NLM_F_ACK_TLVS == 0 {
            return None;
        }
        // Before the attributes comes the request: all of it, or only its header if the answer is capped.
        let echoed = if self.flags & NLM_F_CAPPED != 0 {
            ECHOED_HEADER
        } else {
            aligned(usize::try_from(u32_of(self.payload.get(ERROR..)?)?).ok()?)?
        };
        let trailing = self.payload.get(echoed.checked_add(ERROR)?..)?;
        let (_, text) = attributes(trailing).flatten().find(|(kind, _)| *kind == NLMSGERR_ATTR_MSG)?;
        let text = text.split(|byte| *byte == 0).next()?;
        Some(ExtAck::shortened(text))
    }
}

/// The result of a request by its number: 0, or a negative errno.
fn verdict(payload: &[u8]) -> Result<(), Failure> {
    let number = u32_of(payload).ok_or(CUT_SHORT)? as i32;
    match number.checked_neg() {
        Some(0) => Ok(()),
        Some(errno @ 1..=MAX_ERRNO) => Err(Error::Refused(errno).into()),
        _ => Err(Error::BadAnswer("its error is not an errno").into()),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::attribute::tests::attribute;
    use super::*;

    pub(in crate::rtnl) fn message(kind: u16, flags: u16, payload: &[u8]) -> Vec<u8> {
        let mut bytes = ((payload.len() + HEADER) as u32).to_ne_bytes().to_vec();
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(flags.to_ne_bytes());
        bytes.extend(7u32.to_ne_bytes());
        bytes.extend(1234u32.to_ne_bytes());
        bytes.extend(payload);
        bytes
    }

    fn error(number: i32, flags: u16, echoed: &[u8], trailing: &[u8]) -> Vec<u8> {
        let mut payload = number.to_ne_bytes().to_vec();
        payload.extend(((echoed.len() + 16) as u32).to_ne_bytes());
        payload.extend([0; 12]);
        payload.extend(echoed);
        payload.extend(trailing);
        message(2, flags, &payload)
    }

    fn judge(datagram: &[u8]) -> Result<(), (Error, Vec<u8>)> {
        Message::read(datagram)
            .map_err(Failure::from)
            .and_then(|message| message.acknowledged())
            .map_err(|failure| (failure.error, failure.ext_ack.as_bytes().to_vec()))
    }

    #[test]
    fn an_ack_is_error_zero_or_done() {
        for ack in [error(0, 0, &[], &[]), message(3, 0, &[]), message(3, 0, &[0; 4])] {
            assert_eq!(judge(&ack), Ok(()));
        }
    }

    #[test]
    fn a_negative_error_is_the_kernels_errno() {
        for errno in [1, 22, 4095] {
            assert_eq!(judge(&error(-errno, 0, &[], &[])), Err((Error::Refused(errno), vec![])));
            assert_eq!(judge(&message(3, 0, &(-errno).to_ne_bytes())), Err((Error::Refused(errno), vec![])));
        }
    }

    #[test]
    fn a_number_that_is_not_an_errno_is_a_malformed_answer() {
        for number in [1, 22, i32::MAX, -4096, i32::MIN] {
            let error = judge(&error(number, 0, &[], &[]));
            assert!(matches!(error, Err((Error::BadAnswer(_), _))), "{number}");
        }
    }

    #[test]
    fn an_answer_cut_anywhere_is_a_malformed_answer() {
        for whole in [error(0, 0, &[], &[]), error(-1, 0, &[], &[]), message(3, 0, &[0; 4])] {
            for cut in 0..whole.len() {
                assert!(matches!(judge(&whole[..cut]), Err((Error::BadAnswer(_), _))), "cut at {cut}");
            }
        }
        // The lengths agree, but the message is too short for its type.
        for length in 0..20 {
            assert!(judge(&message(2, 0, &[0; 20][..length])).is_err(), "an error of {length} bytes");
        }
        assert!(judge(&message(3, 0, &[0; 3])).is_err());
    }

    #[test]
    fn an_answer_of_another_type_is_malformed() {
        for kind in [0, 1, 4, 16, 19, u16::MAX] {
            assert!(matches!(judge(&message(kind, 0, &[0; 64])), Err((Error::BadAnswer(_), _))), "{kind}");
        }
    }

    #[test]
    fn the_kernels_text_is_found_after_the_echoed_request() {
        let text = [attribute(2, &[0; 4]), attribute(1, b"Attribute failed policy validation\0")].concat();
        let expected = Err((Error::Refused(34), b"Attribute failed policy validation".to_vec()));
        assert_eq!(judge(&error(-34, NLM_F_ACK_TLVS, &[5; 21], &[&[0; 3][..], &text].concat())), expected);
        assert_eq!(judge(&error(-34, NLM_F_ACK_TLVS | NLM_F_CAPPED, &[], &text)), expected);
    }

    #[test]
    fn a_malformed_text_does_not_change_the_errno() {
        let refused = Err((Error::Refused(34), vec![]));
        let attribute = attribute(1, b"text");
        for text in [&[][..], &[1], &attribute[..7], &[0xff; 8]] {
            assert_eq!(judge(&error(-34, NLM_F_ACK_TLVS, &[], text)), refused);
        }
        // The echoed length is longer than the datagram.
        let mut too_long = error(-34, NLM_F_ACK_TLVS, &[], &attribute);
        too_long[20..24].copy_from_slice(&u32::MAX.to_ne_bytes());
        assert_eq!(judge(&too_long), refused);
        // Without NLM_F_ACK_TLVS no text is read.
        assert_eq!(judge(&error(-34, 0, &[], &attribute)), refused);
    }

    #[test]
    fn a_datagram_for_another_request_is_unsolicited() {
        let ack = error(0, 0, &[], &[]);
        assert!(!Message::is_unsolicited(&ack, 7));
        assert!(Message::is_unsolicited(&ack, 8));
        assert!(!Message::is_unsolicited(&ack[..11], 8), "too short for a sequence number");
    }
}
