// SPDX-License-Identifier: LGPL-2.1-or-later
//! The deadline of a call, and the pauses between requests that are sent again. Times are milliseconds of
//! CLOCK_MONOTONIC. The clock is read only when a call has to wait.

use super::sys::{monotonic_ms, sleep};
use core::cell::Cell;
use libc::c_int;

/// How long one exported call may wait, in all its exchanges and pauses together (contract S9).
const CALL_MS: i64 = 4000;
/// For how long a request to a VF in reset is sent again, from the first answer that says that the VF is in reset.
const RESET_MS: i64 = 2000;
/// The first and the longest pause between these requests.
const FIRST_PAUSE_MS: i64 = 20;
const LONGEST_PAUSE_MS: i64 = 200;

/// The exported call that a thread is in, if that call may send several requests.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Call {
    None,
    /// The call has not read the clock yet.
    Started,
    /// The call's deadline.
    Until(i64),
}

// Constant and without a destructor, like all thread-local memory of the library (report/thread.rs).
thread_local! {
    static CALL: Cell<Call> = const { Cell::new(Call::None) };
}

/// While a value of this type exists, all requests of the thread have one deadline.
pub(crate) struct CallScope {
    /// Whether this scope is not inside another one.
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

/// The deadline of the exported call that a request belongs to. The first reading of the clock sets it.
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

    /// Waits until the next request is due. Returns `false` if no further request is to be sent: the time is over, or
    /// waiting failed.
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

/// Sleeps until `time`. A signal makes the sleep neither shorter nor longer.
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
