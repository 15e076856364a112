// SPDX-License-Identifier: LGPL-2.1-or-later
//! When a call has to end, and the pauses between requests that are sent again. Times are milliseconds of
//! CLOCK_MONOTONIC. Nobody looks at the clock before there is something to wait for.

use super::sys::{monotonic_ms, sleep};
use core::cell::Cell;
use libc::c_int;

/// How long one exported call may wait, in all its exchanges and pauses together (contract S9).
const CALL_MS: i64 = 4000;
/// For how long a request is sent again to a VF in reset, from the first answer that says so, and the pauses
/// between: the first one, and the longest.
const RESET_MS: i64 = 2000;
const FIRST_PAUSE_MS: i64 = 20;
const LONGEST_PAUSE_MS: i64 = 200;

/// The exported call that runs on a thread, if it is one of several requests.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Call {
    None,
    /// It has not looked at the clock yet.
    Started,
    Until(i64),
}

// Constant and without a destructor, as all of the library's thread-local memory (report/thread.rs).
thread_local! {
    static CALL: Cell<Call> = const { Cell::new(Call::None) };
}

/// While this lives, all requests of the thread have one deadline.
pub(crate) struct CallScope {
    /// There is none around it.
    outermost: bool,
}

impl CallScope {
    pub(crate) fn begin() -> Self {
        let begin = |call: &Cell<Call>| {
            let outermost = matches!(call.get(), Call::None);
            if outermost {
                call.set(Call::Started);
            }
            outermost
        };
        CallScope { outermost: CALL.try_with(begin).unwrap_or(false) }
    }
}

impl Drop for CallScope {
    fn drop(&mut self) {
        if self.outermost {
            let _ = CALL.try_with(|call| call.set(Call::None));
        }
    }
}

/// The deadline of the exported call that a request is a part of. The first look at the clock sets it.
#[derive(Default)]
pub(crate) struct Deadline(Option<i64>);

impl Deadline {
    pub(super) fn at(&mut self, now: i64) -> i64 {
        let new = now.saturating_add(CALL_MS);
        let of_thread = |call: &Cell<Call>| match call.get() {
            Call::None => new,
            Call::Until(deadline) => deadline,
            Call::Started => {
                call.set(Call::Until(new));
                new
            }
        };
        *self.0.get_or_insert_with(|| CALL.try_with(of_thread).unwrap_or(new))
    }
}

/// The pauses between requests to a VF in reset.
pub(crate) struct Backoff {
    /// When to give up; set by the first pause.
    end: Option<i64>,
    pause: i64,
}

impl Backoff {
    pub(crate) fn new() -> Self {
        Backoff { end: None, pause: FIRST_PAUSE_MS }
    }

    /// Waits for the time of the next request. `false`: it is time to give up, or waiting is not possible.
    pub(crate) fn wait(&mut self, deadline: &mut Deadline) -> bool {
        let Ok(now) = monotonic_ms() else {
            return false;
        };
        let end = *self.end.get_or_insert(now.saturating_add(RESET_MS).min(deadline.at(now)));
        // The last request is sent at the end.
        let next = now.saturating_add(self.pause).min(end);
        self.pause = self.pause.saturating_mul(2).min(LONGEST_PAUSE_MS);
        next > now && sleep_until(next)
    }
}

/// A signal makes it neither shorter nor longer.
fn sleep_until(time: i64) -> bool {
    loop {
        let Ok(now) = monotonic_ms() else {
            return false;
        };
        let Ok(left @ 1..) = c_int::try_from(time.saturating_sub(now)) else {
            return true;
        };
        if !matches!(sleep(left), Ok(()) | Err(libc::EINTR)) {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_of_one_call_have_one_deadline_and_others_their_own() {
        assert_eq!(Deadline::default().at(1000), 5000);
        assert_eq!(Deadline::default().at(2000), 6000);
        let mut of_first = Deadline::default();
        {
            let _outer = CallScope::begin();
            assert_eq!(of_first.at(1000), 5000);
            {
                let _inner = CallScope::begin();
                assert_eq!(Deadline::default().at(2000), 5000);
            }
            assert_eq!(Deadline::default().at(3000), 5000);
            assert_eq!(of_first.at(4000), 5000);
        }
        assert_eq!(Deadline::default().at(9000), 13000);
    }
}
