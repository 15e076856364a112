// SPDX-License-Identifier: LGPL-2.1-or-later
//! The messages: for the operator who reads them at night.
//!
//! One sentence says what failed and why, with what the kernel said and what the VF has now; the next says what to do.
//! The errno's own text comes last; libvirt's reporter adds it by itself. docs/operator.md has all of them.

use crate::error::TRY_LATER;
use crate::rtnl::Failure;
use crate::text::{Printable, Text};
use core::ffi::CStr;
use core::fmt::{self, Display, Write};
use libc::c_int;

/// No message is longer, in bytes, with the errno's text. If one would be, the kernel's own words are cut, then the
/// interface's name; what is cut ends with `...`.
const LONGEST: usize = 300;

/// A message and its NUL.
pub(super) type Message = Text<{ LONGEST + 1 }>;

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
    #[error(", because the VF stayed in reset or its driver stayed busy")]
    InReset,
    #[error(", because CAP_NET_ADMIN is missing or the PF's driver forbids it")]
    MacRefused,
    #[error(" but set the MAC, so a SmartNIC DPU owns the VLAN")]
    VlanRefusedMacAccepted,
    #[error(", because CAP_NET_ADMIN is missing or a SmartNIC DPU owns the VLAN")]
    VlanRefused,
    #[error(", because the PF's driver sets no VLAN, as in switchdev mode")]
    VlanNotSupported,
    #[error("; its former MAC {} is set again", Mac(*.0))]
    MacPutBack([u8; 6]),
    #[error("; its former MAC {} could not be set again (errno {})", Mac(*.0), .1)]
    MacNotPutBack([u8; 6], c_int),
    #[error("; its VLAN stays {0}")]
    VlanIs(u32),
    #[error("; its VLAN stays {0} with priority {1}")]
    PriorityIs(u32, u32),
    #[error("; its VLAN could not be read")]
    VlanUnknown,
}

impl Advice {
    /// What to do, if this is what the errno means.
    fn remedy(self) -> Option<&'static str> {
        Some(match self {
            Advice::InReset => TRY_LATER,
            Advice::MacRefused => "Give this process CAP_NET_ADMIN, or look in the kernel's log",
            Advice::VlanRefusedMacAccepted => "Set the VLAN on the DPU instead",
            Advice::VlanRefused => "Give this process CAP_NET_ADMIN, or set the VLAN on the DPU",
            Advice::VlanNotSupported => "Set the VLAN on the VF's representor or on the DPU",
            _ => return None,
        })
    }
}

/// All that is known about a failure.
pub(crate) struct Report<'a> {
    /// The exported function that reports it.
    pub(crate) function: &'static CStr,
    pub(crate) action: Action,
    pub(crate) ifname: Option<&'a CStr>,
    pub(crate) failure: &'a Failure,
    /// What the errno means, then what the VF has now.
    pub(crate) advice: [Option<Advice>; 3],
}

impl Report<'_> {
    /// The message without the errno's text, which has `errno_len` bytes.
    pub(super) fn text(&self, errno_len: usize) -> Message {
        let longest = LONGEST.saturating_sub(errno_len);
        let room = longest.saturating_sub(self.with_room(0, 0).as_bytes().len());
        let mut text = self.with_room(room, room.saturating_sub(self.name().len()));
        // Only with numbers that no kernel has: then the end is cut, and never the errno's text.
        text.truncate(longest);
        text
    }

    fn name(&self) -> &[u8] {
        self.ifname.unwrap_or(c"an interface without a name").to_bytes()
    }

    /// The message with so much room for the interface's name, and for the kernel's words.
    #[inline(never)]
    fn with_room(&self, name: usize, words: usize) -> Message {
        let mut text = Message::new();
        // Writing a Text cannot fail.
        let _ = self.write(&mut text, name, words);
        text
    }

    fn write(&self, text: &mut Message, name: usize, words: usize) -> fmt::Result {
        let Failure { error, ext_ack } = self.failure;
        let link = Cut(self.name(), name);
        match self.action {
            Action::Request { kind } => write!(text, "cannot set attribute {kind} of a VF of {link}")?,
            Action::SetMac { vf, mac: Some(mac) } => {
                write!(text, "cannot set the MAC of VF {vf} of {link} to {}", Mac(mac))?
            }
            Action::SetMac { vf, mac: None } => write!(text, "cannot set the MAC of VF {vf} of {link}")?,
            Action::SetVlan { vf, id } => write!(text, "cannot set the VLAN of VF {vf} of {link} to {id}")?,
            Action::GetConfig { vf } => write!(text, "cannot read the MAC and VLAN of VF {vf} of {link}")?,
            Action::ClearVlan { vf } => write!(text, "cannot clear the VLAN of VF {vf} of {link}")?,
        }
        write!(text, ": {error}")?;
        let ext_ack = ext_ack.as_bytes();
        if !ext_ack.is_empty() {
            write!(text, " and says \"{}\"", Cut(ext_ack, words))?;
        }
        for advice in self.advice.iter().flatten() {
            write!(text, "{advice}")?;
        }
        let [meaning, ..] = self.advice;
        text.push(b". ");
        text.push(meaning.and_then(Advice::remedy).unwrap_or(error.remedy()).as_bytes());
        Ok(())
    }
}

/// Bytes from outside the library. Up to three bytes more than the limit are shown; of a longer text the start and `...`.
struct Cut<'a>(&'a [u8], usize);

impl Display for Cut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cut(bytes, room) = *self;
        match bytes.get(..room).filter(|_| bytes.len() > room.saturating_add(3)) {
            Some(start) => write!(f, "{}...", Printable(start)),
            None => Printable(bytes).fmt(f),
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
    use crate::error::{Error, Malformed};
    use crate::rtnl::ExtAck;

    /// The message and the errno's text.
    fn shown(
        action: Action,
        ifname: &[u8],
        error: Error,
        ext_ack: &[u8],
        advice: [Option<Advice>; 3],
    ) -> String {
        let name = std::ffi::CString::new(ifname).unwrap();
        let failure = Failure { error, ext_ack: ExtAck::of(ext_ack) };
        let report = Report {
            function: c"virNetDevSetVfVlan",
            action,
            ifname: Some(&name),
            failure: &failure,
            advice,
        };
        let errno_text = super::super::libvirt::errno_text(error.errno());
        let mut text = report.text(errno_text.as_bytes().len());
        text.push(errno_text.as_bytes());
        String::from_utf8(text.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn a_message_says_what_failed_and_why_and_what_to_do() {
        let mac = Action::SetMac { vf: 3, mac: Some([0x52, 0x54, 0, 0xa, 0xb, 0xff]) };
        assert_eq!(
            shown(mac, b"enp1s0", Error::Socket(libc::EMFILE), b"", [None; 3]),
            "cannot set the MAC of VF 3 of enp1s0 to 52:54:00:0a:0b:ff: no netlink socket could be opened. Check this \
             process's limits, the free memory and the audit log: Too many open files"
        );
        assert_eq!(
            shown(Action::SetVlan { vf: -1, id: 4096 }, b"enp1s0", Error::VlanRange, b"", [None; 3]),
            "cannot set the VLAN of VF -1 of enp1s0 to 4096: it must be 0 to 4095. Correct the program or the \
             configuration that asks for it: Numerical result out of range"
        );
    }

    const DPU: [Option<Advice>; 3] = [
        Some(Advice::VlanRefusedMacAccepted),
        Some(Advice::VlanIs(100)),
        Some(Advice::MacPutBack([2, 0, 0, 0, 0, 1])),
    ];

    #[test]
    fn a_message_has_the_kernels_words_and_ours() {
        let refused = Error::Refused(libc::EPERM);
        assert_eq!(
            shown(Action::ClearVlan { vf: 0 }, b"enp1s0", refused, b"no\x1b[31m", DPU),
            "cannot clear the VLAN of VF 0 of enp1s0: the kernel refused it and says \"no?[31m\" but set the MAC, so \
             a SmartNIC DPU owns the VLAN; its VLAN stays 100; its former MAC 02:00:00:00:00:01 is set again. Set the \
             VLAN on the DPU instead: Operation not permitted"
        );
    }

    #[test]
    fn the_kernels_words_are_cut_then_the_name() {
        let refused = Error::Refused(libc::EPERM);
        let with =
            |name: &[u8], words: &[u8]| shown(Action::SetVlan { vf: 3, id: 42 }, name, refused, words, DPU);
        for name_len in 1..=127 {
            for words_len in 0..=127 {
                let (name, words) = (vec![b'n'; name_len], vec![b'w'; words_len]);
                let message = with(&name, &words);
                assert!(message.len() <= LONGEST, "{} {message}", message.len());
                assert!(
                    message
                        .ends_with(" is set again. Set the VLAN on the DPU instead: Operation not permitted")
                );
                let name_is_whole = message.contains(&format!(" {} ", "n".repeat(name_len)));
                let words_are_whole = message.contains(&format!("\"{}\"", "w".repeat(words_len)));
                assert!(name_is_whole || message.contains("n... to 42"), "{message}");
                assert!(words_are_whole || words_len == 0 || message.contains("...\""), "{message}");
                // Nothing is cut without need, and the name not before the words.
                assert!(name_is_whole || words_len == 0 || message.contains("says \"...\"") || words_len < 4);
                let cut = !name_is_whole || !(words_are_whole || words_len == 0);
                assert!(!cut || message.len() >= LONGEST - 3, "{} {message}", message.len());
            }
        }
    }

    #[test]
    fn the_longest_messages_keep_what_to_do_and_the_errno() {
        let whole = [Advice::PriorityIs(4095, 7), Advice::MacNotPutBack([255; 6], libc::EOPNOTSUPP)];
        let [priority, mac] = whole.map(Some);
        let cases = [
            (libc::EPERM, Advice::VlanRefusedMacAccepted, [priority, mac]),
            (libc::EPERM, Advice::VlanRefused, [priority, None]),
            (libc::EPERM, Advice::MacRefused, [None; 2]),
            (libc::EOPNOTSUPP, Advice::VlanNotSupported, [None, mac]),
            (libc::EAGAIN, Advice::InReset, [None, mac]),
        ];
        for (errno, meaning, [state, mac]) in cases {
            for (name, words) in [(&[b'n'; 127][..], &[b'w'; 127][..]), (&b"enp129s0f0np012"[..], &b""[..])] {
                let action = Action::SetVlan { vf: 9999, id: 4095 };
                let advice = [Some(meaning), state, mac];
                let message = shown(action, name, Error::Refused(errno), words, advice);
                assert!(message.len() <= LONGEST, "{} {message}", message.len());
                assert!(message.contains(&format!(". {}: ", meaning.remedy().unwrap())), "{message}");
                assert!(name.len() == 127 || message.contains("enp129s0f0np012 to 4095: "), "{message}");
            }
        }
        // Any errno, with the longest text that there is, and numbers that no kernel has.
        let action = Action::SetVlan { vf: c_int::MIN, id: c_int::MIN };
        for errno in 1..=4095 {
            let broken = [
                Advice::VlanRefusedMacAccepted,
                Advice::PriorityIs(u32::MAX, u32::MAX),
                Advice::MacNotPutBack([255; 6], 4095),
            ];
            for advice in [[None; 3], broken.map(Some)] {
                let refused = Error::Refused(errno);
                let message = shown(action, &[b'n'; 4000], refused, &[b'e'; 127], advice);
                let errno_text = super::super::libvirt::errno_text(errno);
                let end = std::str::from_utf8(errno_text.as_bytes()).unwrap();
                assert!(message.len() <= LONGEST && message.ends_with(end), "{} {message}", message.len());
            }
        }
        let (action, error) = (Action::SetVlan { vf: 9999, id: 4095 }, Error::BadAnswer(Malformed::Changed));
        let message = shown(action, &[b'n'; 127], error, b"", [None; 3]);
        assert!(
            message.contains(&"n".repeat(127)) && message.ends_with("then try again: Bad message"),
            "{message}"
        );
    }
}
