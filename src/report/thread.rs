// SPDX-License-Identifier: LGPL-2.1-or-later
//! What a thread remembers: its last message, and, while one exported function calls another, why that one failed.
//! The caller needs the reason for its message, and to tell the kernel's answer from a failure of the library's own.

use super::message::{Advice, Message};
use crate::rtnl::Failure;
use core::cell::Cell;
use core::ffi::c_char;

/// Who reports a failure. `Idle` is zeros, as all of a new thread's memory is, so that it takes no room in the file
/// (.tbss).
#[derive(Clone, Copy)]
#[repr(u8)]
enum State {
    /// The function that fails.
    Idle,
    /// The function that called it, which knows more.
    Armed,
    /// The same, and this is the failure.
    Failed(Failure, Option<Advice>),
}

struct Thread {
    /// The last message that was reported.
    message: Cell<Message>,
    state: Cell<State>,
}

// Constant and without a destructor: the memory is there as soon as the thread is, at no cost, and stays
// for as long as it runs.
thread_local! {
    static THREAD: Thread =
        const { Thread { message: Cell::new(Message::new()), state: Cell::new(State::Idle) } };
}

/// What `act` makes of the thread's memory. Without a destructor it cannot be gone before its thread, so
/// `otherwise` is for the type only; it is not `LocalKey::with`, which would have a panic in its place.
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

/// Leaves a failure to the function that called the failing one. Returns whether there is such a function. The last
/// failure counts: a program's own function may call ours several times, and returns what came last.
pub(crate) fn record_failure(failure: &Failure, advice: Option<Advice>) -> bool {
    with(false, |thread| {
        let armed = !matches!(thread.state.get(), State::Idle);
        if armed {
            thread.state.set(State::Failed(*failure, advice));
        }
        armed
    })
}

/// Around the call of an exported function that is to leave its failure to its caller.
pub(crate) struct ErrorScope {
    /// There is another around it.
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

    /// Why the call failed. `None`: it did not, or it was another function that failed, which took the place of ours.
    pub(crate) fn finish(self) -> Option<(Failure, Option<Advice>)> {
        with(None, |thread| {
            let failed = match thread.state.get() {
                State::Failed(failure, advice) => Some((failure, advice)),
                _ => None,
            };
            thread.state.set(if self.nested { State::Armed } else { State::Idle });
            failed
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
        // A function in between that calls twice: the second failure counts, and the outer scope stays.
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
