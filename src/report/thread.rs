// SPDX-License-Identifier: LGPL-2.1-or-later
//! What a thread remembers: its last message, and, while one exported function calls another, why the called function
//! failed. The caller needs the reason for its own message, and must know whether the kernel refused the request or
//! the library failed.

use super::message::{Advice, Message};
use crate::rtnl::Failure;
use core::cell::Cell;
use core::ffi::c_char;

/// Who reports a failure. `Idle` is all zeros, as a new thread's memory is, so the value takes no space in the
/// library's file (.tbss).
#[derive(Clone, Copy)]
#[repr(u8)]
enum State {
    /// The function that fails reports the failure.
    Idle,
    /// The caller of the function that fails reports the failure, because the caller knows more.
    Armed,
    /// As `Armed`, and the called function recorded this failure.
    Failed(Failure, Option<Advice>),
}

struct Thread {
    /// The last message that was reported.
    message: Cell<Message>,
    state: Cell<State>,
}

// Constant and without a destructor: the memory exists from the thread's start to its end, and needs no set-up.
thread_local! {
    static THREAD: Thread =
        const { Thread { message: Cell::new(Message::new()), state: Cell::new(State::Idle) } };
}

/// Calls `act` with the thread's memory. That memory has no destructor, so it exists as long as its thread, and
/// `otherwise` is never returned. `LocalKey::with` would need no such value, but contains a panic.
fn with<T>(otherwise: T, act: impl FnOnce(&Thread) -> T) -> T {
    THREAD.try_with(act).unwrap_or(otherwise)
}

pub(super) fn set_last_message(message: &Message) {
    with((), |thread| thread.message.set(*message));
}

/// The thread's last message, NUL-terminated; empty if there is none. Its address does not change, and the next
/// failure that the thread reports overwrites it.
pub(crate) fn last_message() -> *const c_char {
    // A Text is `repr(C)`, so that it starts with its bytes.
    with(c"".as_ptr(), |thread| thread.message.as_ptr().cast::<c_char>().cast_const())
}

/// Records a failure for the exported function that called the failing one. Returns whether there is such a caller. The
/// last failure counts: a function of the program may call ours several times, and returns the last result.
pub(crate) fn record_failure(failure: &Failure, advice: Option<Advice>) -> bool {
    with(false, |thread| {
        let armed = !matches!(thread.state.get(), State::Idle);
        if armed {
            thread.state.set(State::Failed(*failure, advice));
        }
        armed
    })
}

/// The time of a call of an exported function whose failure its caller reports.
pub(crate) struct ErrorScope {
    /// Whether this scope is inside another one.
    nested: bool,
}

impl ErrorScope {
    pub(crate) fn begin() -> Self {
        with(ErrorScope { nested: false }, |thread| {
            let nested = !matches!(thread.state.get(), State::Idle);
            thread.state.set(State::Armed);
            ErrorScope { nested }
        })
    }

    /// Why the call failed. `None`: it did not fail, or a function of the program failed that is in place of ours.
    pub(crate) fn finish(self) -> Option<(Failure, Option<Advice>)> {
        with(None, |thread| {
            let recorded = match thread.state.get() {
                State::Failed(failure, advice) => Some((failure, advice)),
                _ => None,
            };
            thread.state.set(if self.nested { State::Armed } else { State::Idle });
            recorded
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn a_failure_goes_to_the_innermost_scope() {
        let failure = |errno| Failure::from(Error::Refused(errno));
        assert!(!record_failure(&failure(1), None));
        let outer = ErrorScope::begin();
        let inner = ErrorScope::begin();
        assert!(record_failure(&failure(2), None));
        assert_eq!(inner.finish().map(|(failure, _)| failure.error), Some(Error::Refused(2)));
        assert!(record_failure(&failure(3), Some(Advice::VlanUnknown)));
        let (failed, advice) = outer.finish().unwrap();
        assert_eq!((failed.error, advice), (Error::Refused(3), Some(Advice::VlanUnknown)));
        assert!(!record_failure(&failure(4), None));
        // A function between the two calls ours twice: the second failure counts, and the outer scope stays.
        let outer = ErrorScope::begin();
        assert!(record_failure(&failure(5), None));
        let inner = ErrorScope::begin();
        assert!(record_failure(&failure(6), None));
        assert!(inner.finish().is_some());
        assert!(record_failure(&failure(7), None));
        assert!(record_failure(&failure(8), None));
        assert_eq!(outer.finish().map(|(failure, _)| failure.error), Some(Error::Refused(8)));
        assert!(ErrorScope::begin().finish().is_none());
    }
}
