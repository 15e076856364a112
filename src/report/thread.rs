// SPDX-License-Identifier: LGPL-2.1-or-later
//! What a thread remembers between two of its calls. It serves messages alone: no answer of the library
//! depends on it, but that a failure of its own is never taken for the kernel's.

use super::message::Message;
use crate::error::Error;
use crate::rtnl::{ExtAck, Failure};
use core::cell::Cell;
use core::ffi::{CStr, c_char};
use libc::c_int;

/// How long ago "just before" may be.
const JUST_BEFORE_MS: i64 = 1000;

/// A VF whose MAC the kernel has accepted, and when (CLOCK_MONOTONIC, ms).
#[derive(Clone, Copy)]
pub(crate) struct AcceptedMac {
    /// Of the interface's name. Two names with the same one would cost a false hint in a message.
    fingerprint: u64,
    vf: c_int,
    then: i64,
}

impl AcceptedMac {
    /// Whether that was just before `now`: later the thread may be in another network namespace, or without
    /// its capabilities.
    pub(crate) fn just_before(&self, now: i64) -> bool {
        now.saturating_sub(self.then) <= JUST_BEFORE_MS
    }
}

/// FNV-1a with 64 bits, never 0, which stands for no VF at all.
fn fingerprint(name: &CStr) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    name.to_bytes().iter().fold(OFFSET, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME)) | 1
}

const NO_MAC: AcceptedMac = AcceptedMac { fingerprint: 0, vf: 0, then: 0 };

// All of a new thread's memory is zeros, so that it takes no room in the file (.tbss).
struct Thread {
    /// The last message that was reported.
    message: Cell<Message>,
    /// Why the last request failed: the number that comes back through the door cannot tell.
    failure: Cell<Failure>,
    /// There is such a failure.
    failed: Cell<bool>,
    /// A function further up will report the failure of a request, and knows more about it.
    composing: Cell<bool>,
    /// The VF whose MAC the kernel has accepted last.
    accepted: Cell<AcceptedMac>,
}

// Constant and without a destructor: the memory is there as soon as the thread is, at no cost, and stays
// for as long as it runs.
thread_local! {
    static THREAD: Thread = const {
        Thread {
            message: Cell::new(Message::new()),
            failure: Cell::new(Failure { error: Error::Refused(0), ext_ack: ExtAck::new() }),
            failed: Cell::new(false),
            composing: Cell::new(false),
            accepted: Cell::new(NO_MAC),
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
        thread.failed.set(true);
        thread.composing.get()
    })
}

/// While this lives, requests on this thread do not report their own failures.
pub(crate) struct Composing(());

impl Composing {
    pub(crate) fn begin() -> Self {
        with((), |thread| {
            thread.failed.set(false);
            thread.composing.set(true);
        });
        Composing(())
    }

    /// The request succeeded.
    pub(crate) fn end(self) {
        with((), |thread| thread.composing.set(false));
    }

    /// Why the request failed, or `None` if it was somebody else's function that failed: one that took
    /// the place of ours.
    pub(crate) fn end_failed(self) -> Option<Failure> {
        with(None, |thread| {
            thread.composing.set(false);
            thread.failed.get().then(|| thread.failure.get())
        })
    }
}

/// Remembers that the kernel accepted this VF's MAC; an unnamed interface has no VF.
pub(crate) fn accepted_mac(ifname: Option<&CStr>, vf: c_int, now: i64) {
    let accepted =
        ifname.map_or(NO_MAC, |name| AcceptedMac { fingerprint: fingerprint(name), vf, then: now });
    with((), |thread| thread.accepted.set(accepted));
}

/// A MAC was not accepted.
pub(crate) fn forget_accepted_mac() {
    with((), |thread| thread.accepted.set(NO_MAC));
}

/// The thread's last MAC request, if it was about this VF and was accepted. It is forgotten with that: it
/// counts for one VLAN.
pub(crate) fn take_accepted_mac(ifname: Option<&CStr>, vf: c_int) -> Option<AcceptedMac> {
    let accepted = with(NO_MAC, |thread| thread.accepted.replace(NO_MAC));
    let is_this = accepted.vf == vf
        && accepted.fingerprint != NO_MAC.fingerprint
        && ifname.is_some_and(|name| fingerprint(name) == accepted.fingerprint);
    is_this.then_some(accepted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accepted_mac_counts_once_and_for_its_own_vf() {
        accepted_mac(Some(c"eth0"), 3, 5000);
        assert!(take_accepted_mac(Some(c"eth0"), 3).is_some());
        assert!(take_accepted_mac(Some(c"eth0"), 3).is_none());
        for (name, vf) in [(Some(c"eth1"), 3), (Some(c"eth0"), 2), (None, 3)] {
            accepted_mac(Some(c"eth0"), 3, 5000);
            assert!(take_accepted_mac(name, vf).is_none());
        }
        accepted_mac(None, 0, 5000);
        assert!(take_accepted_mac(None, 0).is_none());
        accepted_mac(Some(c"eth0"), 3, 5000);
        forget_accepted_mac();
        assert!(take_accepted_mac(Some(c"eth0"), 3).is_none());
    }

    #[test]
    fn just_before_is_a_second() {
        accepted_mac(Some(c"eth0"), 3, 5000);
        let accepted = take_accepted_mac(Some(c"eth0"), 3).unwrap();
        assert!(accepted.just_before(5000) && accepted.just_before(6000));
        assert!(!accepted.just_before(6001));
    }
}
