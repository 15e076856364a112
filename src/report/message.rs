// SPDX-License-Identifier: LGPL-2.1-or-later
//! The messages: for the operator who reads them at night.
//!
//! A message says what failed, and in parentheses why, what to do, what the kernel says, and what the VF has now. The
//! text for the errno comes last, and not after the advice: "set it elsewhere: Operation not permitted" reads as a ban.
//! libvirt's reporter adds that text by itself. docs/operator.md has all messages.

use super::cause::{causes, remedy};
use crate::error::{Error, Failure};
use crate::text::{Printable, Text};
use crate::types::{Mac, Target, Vlan};
use core::ffi::CStr;
use core::fmt::{self, Display, Write};
use libc::c_int;

/// A message and its NUL. The longest one fits: a test makes it.
pub(super) type Message = Text<768>;

/// The longest interface name that the kernel allows, in bytes (ALTIFNAMSIZ, linux/if.h, without the NUL).
const NAME_MAX: usize = 127;

/// What failed.
#[derive(Clone, Copy)]
pub(crate) enum Action {
    /// A request as the caller made it.
    Request(c_int),
    SetMac(Option<Mac>),
    SetVlan(c_int),
    ClearVlan,
    GetConfig,
}

/// The VLAN of a VF after a VLAN was refused.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum VlanNow {
    /// The VLAN that was asked for. The VF had it before.
    AsAsked,
    /// The VLAN that the VF had before the request.
    Keeps(Vlan),
    /// It could not be read.
    Unknown,
}

/// The MAC of a VF after a failure.
#[derive(Clone, Copy, thiserror::Error, Debug)]
pub(crate) enum MacNow {
    #[error("the former MAC {} is set again", Hex(*.0))]
    Restored(Mac),
    #[error("the driver refuses the former all-zero MAC, so the MAC is now 02:00:00:00:00:00")]
    Fallback,
    #[error("setting the former MAC {} again failed, errno {}", Hex(*.0), .1)]
    NotRestored(Mac, c_int),
    #[error("it is not known whether the former MAC {} is set again", Hex(*.0))]
    Uncertain(Mac),
    #[error("the MAC is now {}", Hex(*.0))]
    Is(Mac),
    #[error("its MAC is not known")]
    Unknown,
}

/// All that is known about a failure.
pub(crate) struct Report<'a> {
    /// The exported function that reports it.
    pub(crate) function: &'a CStr,
    pub(crate) action: Action,
    pub(crate) target: Target<'a>,
    pub(crate) failure: &'a Failure,
    /// What the VF has now. `None`: nothing to say about it.
    pub(crate) vlan: Option<VlanNow>,
    pub(crate) mac: Option<MacNow>,
    /// Whether the kernel accepted a MAC for the same VF just before.
    pub(crate) mac_accepted: bool,
}

impl<'a> Report<'a> {
    /// A failure about which nothing else is known.
    pub(crate) fn new(function: &'a CStr, action: Action, target: Target<'a>, failure: &'a Failure) -> Self {
        Report { function, action, target, failure, vlan: None, mac: None, mac_accepted: false }
    }

    /// The message without the errno's text.
    #[inline(never)]
    pub(super) fn text(&self) -> Message {
        let mut text = Message::new();
        // Writing a Text cannot fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, text: &mut Message) -> fmt::Result {
        let (link, vf) = (Name(self.target.ifname), self.target.vf);
        let Failure { error, ext_ack: words } = self.failure;
        match self.action {
            // Not every request names a VF.
            Action::Request(kind) => write!(text, "cannot set attribute {kind} of a VF of {link}"),
            Action::SetMac(None) => write!(text, "cannot set the MAC of VF {vf} of {link}"),
            Action::SetMac(Some(mac)) => {
                write!(text, "cannot set the MAC of VF {vf} of {link} to {}", Hex(mac))
            }
            Action::SetVlan(id) => write!(text, "cannot set the VLAN of VF {vf} of {link} to {id}"),
            Action::ClearVlan => write!(text, "cannot clear the VLAN of VF {vf} of {link}"),
            Action::GetConfig => write!(text, "cannot read the MAC and VLAN of VF {vf} of {link}"),
        }?;
        match causes(self.action, *error, self.mac_accepted) {
            Some(causes) if self.mac_accepted => {
                write!(text, " (the device accepts the MAC; possible causes: {causes}")
            }
            Some(causes) => write!(text, " (possible causes: {causes}"),
            None => write!(text, " ({error}"),
        }?;
        match error {
            Error::PfDown(_) => write!(text, "; bring it up with ip link set dev {link} up"),
            _ => write!(text, "; {}", remedy(self.action, *error)),
        }?;
        if !words.as_bytes().is_empty() {
            write!(text, "; the kernel says \"{}\"", Printable(words.as_bytes()))?;
        }
        match self.vlan {
            Some(VlanNow::Keeps(vlan)) => write!(text, "; the VF still has {}", Tag(vlan))?,
            Some(VlanNow::Unknown) => write!(text, "; its VLAN is not known")?,
            Some(VlanNow::AsAsked) | None => {}
        }
        if let Some(mac) = self.mac {
            write!(text, "; {mac}")?;
        }
        text.write_char(')')
    }
}

/// The interface. A name that is longer than the kernel allows ends with `...`.
struct Name<'a>(Option<&'a CStr>);

impl Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.map(CStr::to_bytes) {
            None => f.write_str("an interface without a name"),
            Some(b"") => f.write_str("\"\""),
            Some(name) => match name.get(..NAME_MAX).filter(|_| name.len() > NAME_MAX) {
                Some(start) => write!(f, "{}...", Printable(start)),
                None => Printable(name).fmt(f),
            },
        }
    }
}

/// A VLAN, with its protocol and its priority if they are not the usual ones.
struct Tag(Vlan);

impl Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Vlan { id, qos, protocol } = self.0;
        if self.0.is_none() {
            return f.write_str("no VLAN");
        }
        match protocol {
            _ if protocol == Vlan::P_8021Q => {}
            0x88a8 => f.write_str("802.1ad ")?,
            _ => write!(f, "protocol 0x{protocol:04x} ")?,
        }
        write!(f, "VLAN {id}")?;
        if qos == 0 { Ok(()) } else { write!(f, " with priority {qos}") }
    }
}

struct Hex(Mac);

impl Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::super::libvirt::push_errno;
    use super::*;
    use crate::error::ExtAck;

    /// The message and the errno's text.
    fn shown(ifname: Option<&CStr>, action: Action, failure: Failure, more: fn(&mut Report)) -> String {
        let mut report = Report::new(c"virNetDevSetVfVlan", action, Target { ifname, vf: 3 }, &failure);
        more(&mut report);
        let mut text = report.text();
        push_errno(&mut text, failure.error.errno());
        String::from_utf8(text.as_bytes().to_vec()).unwrap()
    }

    fn refused(errno: c_int, ext_ack: &[u8]) -> Failure {
        Failure { error: Error::Refused(errno), ext_ack: ExtAck::shortened(ext_ack) }
    }

    const ETH0: Option<&CStr> = Some(c"eth0");
    const VLAN: Vlan = Vlan { id: 100, qos: 0, protocol: 0x8100 };

    #[test]
    fn a_message_says_what_failed_why_what_is_there_and_what_to_do() {
        assert_eq!(
            shown(ETH0, Action::SetVlan(42), refused(libc::EPERM, b"no\x1b[31m"), |report| {
                report.mac_accepted = true;
                report.vlan = Some(VlanNow::Keeps(VLAN));
                report.mac = Some(MacNow::Restored([0x52, 0x54, 0, 0, 0, 0xff]));
            }),
            "cannot set the VLAN of VF 3 of eth0 to 42 (the device accepts the MAC; possible causes: a SmartNIC DPU, \
             or another policy of the device such as trunk, rate limit or privilege; set the VLAN on the device or \
             its DPU instead; the kernel says \"no?[31m\"; the VF still has VLAN 100; the former MAC \
             52:54:00:00:00:ff is set again): Operation not permitted"
        );
        let socket = Failure::from(Error::Socket(libc::EMFILE));
        assert_eq!(
            shown(Some(c""), Action::SetMac(Some([0x52, 0x54, 0, 0xa, 0xb, 0xff])), socket, |_| ()),
            "cannot set the MAC of VF 3 of \"\" to 52:54:00:0a:0b:ff (no netlink socket could be opened; check this \
             process's limits, the free memory and the audit log): Too many open files"
        );
        assert_eq!(
            shown(None, Action::ClearVlan, Error::PfDown(libc::EAGAIN).into(), |_| ()),
            "cannot clear the VLAN of VF 3 of an interface without a name (the PF is down; bring it up with ip link \
             set dev an interface without a name up): Resource temporarily unavailable"
        );
    }

    #[test]
    fn advice_to_set_a_vlan_elsewhere_is_only_for_a_vlan() {
        for errno in 1..=133 {
            for action in [Action::ClearVlan, Action::SetMac(None), Action::GetConfig] {
                assert!(!remedy(action, Error::Refused(errno)).contains("set the VLAN"), "{errno}");
            }
        }
    }

    #[test]
    fn a_vlan_is_shown_with_its_protocol_and_priority() {
        let shown = |id, qos, protocol| Tag(Vlan { id, qos, protocol }).to_string();
        assert_eq!(shown(42, 0, 0x8100), "VLAN 42");
        assert_eq!(shown(0, 3, 0x8100), "VLAN 0 with priority 3");
        assert_eq!(shown(42, 0, 0x88a8), "802.1ad VLAN 42");
        assert_eq!(shown(42, 7, 0x9100), "protocol 0x9100 VLAN 42 with priority 7");
        assert_eq!((shown(0, 0, 0x8100), shown(4095, 0, 0x8100)), ("no VLAN".into(), "no VLAN".into()));
    }

    #[test]
    fn the_longest_messages_are_whole() {
        let name = std::ffi::CString::new(vec![b'n'; 4000]).unwrap();
        let errors =
            [Error::PfDown(1), Error::BadAnswer("it changed while it was read"), Error::Memory(u32::MAX)];
        let refusals = (1..=4095).map(Error::Refused);
        for error in refusals.chain(errors) {
            for action in [Action::SetVlan(4095), Action::ClearVlan, Action::SetMac(Some([1; 6]))] {
                let failure = Failure { error, ext_ack: ExtAck::shortened(&[b'w'; 300]) };
                let longest = |report: &mut Report| {
                    report.target.vf = c_int::MIN;
                    report.vlan = Some(VlanNow::Keeps(Vlan { id: 4094, qos: 7, protocol: 0x9100 }));
                    report.mac = Some(MacNow::NotRestored([255; 6], 4095));
                };
                let message = shown(Some(&name), action, failure, longest);
                let name_is_cut = message.contains(&format!(" of {}...", "n".repeat(127)));
                let words_are_cut = message.contains(&format!("\"{}...\"", "w".repeat(124)));
                assert!(name_is_cut && words_are_cut, "{message}");
                let end = message.rsplit_once("): ").expect("the end is there").1;
                assert!(message.len() < 767 && !end.is_empty(), "{} {message}", message.len());
            }
        }
    }
}
