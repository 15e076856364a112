// SPDX-License-Identifier: LGPL-2.1-or-later
//! The deadline of a call. Times are milliseconds of CLOCK_MONOTONIC_COARSE.

use super::sys::{now_ms, sleep};
use crate::thread::with;
use libc::c_int;

/// How long one exported call may wait, in all its exchanges and pauses together (contract S9).
const CALL_MS: i64 = 4000;

/// The deadline of the call. The first wait of the call sets it, at its start or at `now` if this is the first wait.
pub(crate) fn call_deadline(now: i64) -> i64 {
    let new = now.saturating_add(CALL_MS);
    let time = with(new, |thread| thread.deadline.get().unwrap_or(new));
    with((), |thread| thread.deadline.set(Some(time)));
    time
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
        let begin = || with((), |thread| thread.deadline.set(None));
        begin();
        assert_eq!((call_deadline(1000), call_deadline(2000), call_deadline(6000)), (5000, 5000, 5000));
        begin();
        assert_eq!(call_deadline(9000), 13000);
    }
}
