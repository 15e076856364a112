// SPDX-License-Identifier: LGPL-2.1-or-later
//! The deadline of a call. Times are milliseconds of CLOCK_MONOTONIC_COARSE.

use super::sys::{now_ms, sleep};
use core::cell::Cell;
use libc::c_int;

/// How long one exported call may wait, in all its exchanges and pauses together (contract S9).
const CALL_MS: i64 = 4000;

// Constant and without a destructor, like all thread-local memory of the library (report/thread.rs).
thread_local! {
    /// The deadline of the exported call that the thread is in. The first wait of the call sets it.
    static DEADLINE: Cell<Option<i64>> = const { Cell::new(None) };
}

/// Begins a call: it has a deadline of its own. A call that another export of this library makes does not begin one.
pub(crate) fn begin_call() {
    let _ = DEADLINE.try_with(|deadline| deadline.set(None));
}

/// The deadline of the call, if its first wait begins at `now` or began before.
pub(crate) fn call_deadline(now: i64) -> i64 {
    let new = now.saturating_add(CALL_MS);
    let set = |deadline: &Cell<Option<i64>>| {
        let time = deadline.get().unwrap_or(new);
        deadline.set(Some(time));
        time
    };
    DEADLINE.try_with(set).unwrap_or(new)
}

/// Sleeps until `time`. A signal makes the sleep neither shorter nor longer. Returns `false` if sleeping failed.
pub(crate) fn sleep_until(time: i64) -> bool {
    while let Ok(now) = now_ms() {
        let Ok(left @ 1..) = c_int::try_from(time.saturating_sub(now)) else {
            return true;
        };
        if !matches!(sleep(left), Ok(()) | Err(libc::EINTR)) {
            return false;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_waits_of_one_call_have_one_deadline() {
        begin_call();
        assert_eq!((call_deadline(1000), call_deadline(2000), call_deadline(6000)), (5000, 5000, 5000));
        begin_call();
        assert_eq!(call_deadline(9000), 13000);
    }
}
