// SPDX-License-Identifier: LGPL-2.1-or-later
//! The messages: for the operator who reads them at night.
//!
//! What could not be done, why, what the kernel said, and what it did not say but we know. The errno's
//! own text comes last; libvirt's reporter adds it by itself.

use crate::error::Error;
use crate::rtnl::Failure;
use crate::text::{Printable, Text};
use core::ffi::CStr;
use core::fmt::{self, Display, Write};
use libc::c_int;

/// A whole message. libvirt cuts its own at 1,024 bytes; the longest of ours, with the longest interface
/// name and extended ACK, has fewer than this.
pub(super) type Message = Text<768>;

/// What could not be done.
#[derive(Clone, Copy)]
pub(crate) enum Action {
    /// A request as the caller made it.
    Request {
        kind: c_int,
    },
    SetMac {
        vf: c_int,
        mac: Option<[u8; 6]>,
    },
    SetVlan {
        vf: c_int,
        id: c_int,
    },
    ClearVlan {
        vf: c_int,
    },
    GetConfig {
        vf: c_int,
    },
}

/// What a bare errno does not say.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error, Debug)]
pub(crate) enum Advice {
    #[error(
        "the VF stayed in reset, or its driver busy, while the request was sent again for up to 2 seconds"
    )]
    InReset,
    #[error(
        "this process may set nothing on it: it lacks CAP_NET_ADMIN in the network namespace, or the PF's driver grants nothing"
    )]
    MacRefused,
    #[error(
        "the PF's driver accepted the MAC of this VF and refuses its VLAN, so the embedded switch is not this host's (a SmartNIC DPU): the VLAN is to be set on the device's side"
    )]
    VlanRefusedMacAccepted,
    #[error(
        "either this process lacks CAP_NET_ADMIN, or the embedded switch is not this host's (a SmartNIC DPU) and the VLAN is to be set on the device's side"
    )]
    VlanRefused,
    #[error(
        "the PF's driver sets no VLANs: in switchdev mode a VLAN belongs on the VF's representor, or on the device's side (a SmartNIC DPU)"
    )]
    VlanNotSupported,
    #[error("its former MAC {} is set again", Mac(*.0))]
    MacPutBack([u8; 6]),
    #[error("its former MAC {} could not be set again: {} (errno {})", Mac(*.0), .1, .1.errno())]
    MacNotPutBack([u8; 6], Error),
    #[error("its VLAN is {0} and stays so")]
    VlanIs(u32),
    #[error("its VLAN is {0} with priority {1} and stays so")]
    PriorityIs(u32, u32),
    #[error("what its VLAN is could not be read")]
    VlanUnknown,
}

/// All that is known about a failure.
pub(crate) struct Report<'a> {
    /// The exported function that reports it.
    pub(crate) function: &'static CStr,
    pub(crate) action: Action,
    pub(crate) ifname: Option<&'a CStr>,
    pub(crate) failure: &'a Failure,
    pub(crate) advice: [Option<Advice>; 3],
}

impl Report<'_> {
    /// The message without the errno's text.
    pub(super) fn text(&self) -> Message {
        let mut text = Message::new();
        // Writing a Text cannot fail.
        let _ = write!(text, "{self}");
        text
    }

    /// `text` with the errno's text behind it.
    pub(super) fn with_errno(&self, text: &Message) -> Message {
        let mut whole = *text;
        whole.push(b": ");
        super::libvirt::push_errno_text(self.failure.error.errno(), &mut whole);
        whole
    }
}

impl Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let link = Link(self.ifname);
        match self.action {
            Action::Request { kind } => write!(f, "cannot set attribute {kind} of a VF of {link}")?,
            Action::SetMac { vf, mac: Some(mac) } => {
                write!(f, "cannot set the MAC of VF {vf} of {link} to {}", Mac(mac))?
            }
            Action::SetMac { vf, mac: None } => write!(f, "cannot set the MAC of VF {vf} of {link}")?,
            Action::SetVlan { vf, id } => write!(f, "cannot set the VLAN of VF {vf} of {link} to {id}")?,
            Action::GetConfig { vf } => write!(f, "cannot read the MAC and VLAN of VF {vf} of {link}")?,
            Action::ClearVlan { vf } => write!(f, "cannot clear the VLAN of VF {vf} of {link}")?,
        }
        write!(f, ": {}", self.failure.error)?;
        let ext_ack = self.failure.ext_ack.as_bytes();
        if !ext_ack.is_empty() {
            write!(f, " and says \"{}\"", Printable(ext_ack))?;
        }
        for advice in self.advice.iter().flatten() {
            write!(f, "; {advice}")?;
        }
        Ok(())
    }
}

struct Link<'a>(Option<&'a CStr>);

impl Display for Link<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            // A name longer than any can be is a mistake: its start is enough to find it.
            Some(name) => Printable(name.to_bytes().get(..128).unwrap_or(name.to_bytes())).fmt(f),
            None => f.write_str("an interface without a name"),
        }
    }
}

struct Mac([u8; 6]);

impl Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtnl::ExtAck;

    fn shown(
        action: Action,
        ifname: &CStr,
        error: Error,
        ext_ack: &[u8],
        advice: [Option<Advice>; 3],
    ) -> String {
        let failure = Failure { error, ext_ack: ExtAck::of(ext_ack) };
        let report = Report {
            function: c"virNetDevSetVfVlan",
            action,
            ifname: Some(ifname),
            failure: &failure,
            advice,
        };
        String::from_utf8(report.with_errno(&report.text()).as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn a_message_names_what_was_asked_and_the_cause() {
        let mac = Action::SetMac { vf: 3, mac: Some([0x52, 0x54, 0, 0xa, 0xb, 0xff]) };
        assert_eq!(
            shown(mac, c"enp1s0", Error::Socket(libc::EMFILE), b"", [None; 3]),
            "cannot set the MAC of VF 3 of enp1s0 to 52:54:00:0a:0b:ff: no netlink socket could be opened: Too many open files"
        );
        assert_eq!(
            shown(Action::SetVlan { vf: -1, id: 4096 }, c"enp1s0", Error::VlanRange, b"", [None; 3]),
            "cannot set the VLAN of VF -1 of enp1s0 to 4096: it must be 0 to 4095: Numerical result out of range"
        );
    }

    #[test]
    fn a_message_has_the_kernels_words_and_ours() {
        let advice =
            [Advice::VlanIs(100), Advice::VlanRefusedMacAccepted, Advice::MacPutBack([2, 0, 0, 0, 0, 1])];
        let refused = Error::Refused(libc::EPERM);
        let message = shown(Action::ClearVlan { vf: 0 }, c"enp1s0", refused, b"no\x1b[31m", advice.map(Some));
        assert!(message.starts_with("cannot clear the VLAN of VF 0 of enp1s0: the kernel refused the request and says \"no?[31m\"; its VLAN is 100 and stays so; the PF's driver accepted"), "{message}");
        assert!(
            message.ends_with(
                "on the device's side; its former MAC 02:00:00:00:00:01 is set again: Operation not permitted"
            ),
            "{message}"
        );
    }

    #[test]
    fn the_longest_message_is_whole() {
        let name = std::ffi::CString::new(vec![b'n'; 4000]).unwrap();
        let advice = [
            Advice::PriorityIs(u32::MAX, u32::MAX),
            Advice::VlanRefusedMacAccepted,
            Advice::MacNotPutBack([255; 6], crate::error::Malformed::NoVerdict.into()),
        ];
        let action = Action::SetVlan { vf: c_int::MIN, id: c_int::MIN };
        // The kernel has words of its own for a refusal only.
        let refused = shown(action, &name, Error::Refused(libc::EPERM), &[b'e'; 127], advice.map(Some));
        assert!(refused.ends_with(": Operation not permitted"), "{} {refused}", refused.len());
    }
}
