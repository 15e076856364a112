// SPDX-License-Identifier: LGPL-2.1-or-later
//! What a thread remembers between two of its calls. It serves messages alone: no answer of the library
//! depends on it, but that a failure of its own is never taken for the kernel's.

use super::message::Message;
use crate::error::Error;
use crate::rtnl::{ExtAck, Failure};
use crate::text::Text;
use core::cell::Cell;
use core::ffi::{CStr, c_char};
use libc::c_int;

/// An interface name, alternative ones included (ALTIFNAMSIZ, linux/if.h).
type Name = Text<128>;

/// How long ago "just before" may be.
const JUST_BEFORE_MS: i64 = 1000;

/// No failure: errno 0. All of a new thread's memory is zeros, so that it takes no room in the file (.tbss).
const NO_FAILURE: Failure = Failure { error: Error::Refused(0), ext_ack: ExtAck::new() };

struct Thread {
    /// The last message that was reported.
    message: Cell<Message>,
    /// Why the last request failed: the number that comes back through the door cannot tell.
    failure: Cell<Failure>,
    /// A function further up will report the failure of a request, and knows more about it.
    composing: Cell<bool>,
    /// The VF whose MAC the kernel has just accepted, and when (CLOCK_MONOTONIC, ms).
    /// An empty name: none.
    accepted: Cell<(Name, c_int, i64)>,
}

// Constant and without a destructor: the memory is there as soon as the thread is, at no cost, and stays
// for as long as it runs.
thread_local! {
    static THREAD: Thread = const {
        Thread {
            message: Cell::new(Message::new()),
            failure: Cell::new(NO_FAILURE),
            composing: Cell::new(false),
            accepted: Cell::new((Name::new(), 0, 0)),
        }
    };
}

/// What `act` makes of the thread's memory. Without a destructor it cannot be gone before its thread, so
/// `otherwise` is for the type alone; it is not `LocalKey::with`, which would have a panic in its place.
fn with<T>(otherwise: T, act: impl FnOnce(&Thread) -> T) -> T {
    THREAD.try_with(act).unwrap_or(otherwise)
}

pub(super) fn set_last_message(message: &Message) {
    with((), |thread| thread.message.set(*message));
}

/// The thread's last message, NUL-terminated, empty if there was none. It stays where it is, and is
/// overwritten by the thread's next failure that is reported.
pub(crate) fn last_message() -> *const c_char {
    // A Text starts with its bytes, and is `repr(C)` for that.
    with(c"".as_ptr(), |thread| thread.message.as_ptr().cast::<c_char>().cast_const())
}

/// Remembers why a request failed, for whoever composes the message. Returns whether somebody does.
pub(crate) fn note(failure: &Failure) -> bool {
    with(false, |thread| {
        thread.failure.set(*failure);
        thread.composing.get()
    })
}

/// While this lives, requests on this thread do not report their own failures.
pub(crate) struct Composing(());

impl Composing {
    pub(crate) fn begin() -> Self {
        with((), |thread| {
            thread.failure.set(NO_FAILURE);
            thread.composing.set(true);
        });
        Composing(())
    }

    /// Why the request failed, or `None` if it was somebody else's function that failed: one that took
    /// the place of ours.
    pub(crate) fn end(self) -> Option<Failure> {
        with(None, |thread| {
            thread.composing.set(false);
            Some(thread.failure.get()).filter(|failure| failure.error != NO_FAILURE.error)
        })
    }
}

/// Remembers that the kernel accepted this VF's MAC; an unnamed interface has no VF.
pub(crate) fn accepted_mac(ifname: Option<&CStr>, vf: c_int, now: i64) {
    let accepted = (ifname.map_or(Name::new(), |name| Name::of(name.to_bytes())), vf, now);
    with((), |thread| thread.accepted.set(accepted));
}

/// Whether the thread's last MAC request was about this VF and was accepted. It is forgotten with that:
/// "just before" lasts for one VLAN, and for a second: later the thread may be in another network namespace,
/// or without its capabilities.
pub(crate) fn take_accepted_mac(ifname: Option<&CStr>, vf: c_int, now: i64) -> bool {
    with(false, |thread| {
        let (name, owner, then) = thread.accepted.replace((Name::new(), 0, 0));
        !name.as_bytes().is_empty()
            && ifname.is_some_and(|ifname| ifname.to_bytes() == name.as_bytes())
            && owner == vf
            && now.saturating_sub(then) <= JUST_BEFORE_MS
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accepted_mac_counts_once_and_for_its_own_vf() {
        accepted_mac(Some(c"eth0"), 3, 5000);
        assert!(take_accepted_mac(Some(c"eth0"), 3, 5000));
        assert!(!take_accepted_mac(Some(c"eth0"), 3, 5000));
        for (name, vf) in [(Some(c"eth1"), 3), (Some(c"eth0"), 2), (None, 3)] {
            accepted_mac(Some(c"eth0"), 3, 5000);
            assert!(!take_accepted_mac(name, vf, 5000));
        }
        accepted_mac(Some(c"eth0"), 3, 5000);
        assert!(!take_accepted_mac(Some(c"eth0"), 3, 6001), "that was not just before");
        accepted_mac(None, 3, 5000);
        assert!(!take_accepted_mac(None, 3, 5000));
    }
}
