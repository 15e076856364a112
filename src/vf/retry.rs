// SPDX-License-Identifier: LGPL-2.1-or-later
//! When a request is sent again, and when not (contract S9, G5).
//!
//! A VF in reset is soon ready again; the usual cause is a guest that just released it. Some drivers (ionic, bnxt) wait
//! for seconds themselves, and every user of RTNL waits with them: a request that they then refuse is not sent again.

use crate::rtnl;

/// How long a request is sent again, from the first answer that says that the VF is in reset.
const RESET_MS: i64 = 2000;
/// The first and the longest pause between two requests.
const FIRST_PAUSE_MS: i64 = 20;
const LONGEST_PAUSE_MS: i64 = 200;
/// A request that takes as long as this, or longer, is slow.
const SLOW_MS: i64 = 1000;

/// Measures one attempt.
pub(super) struct Stopwatch(Option<i64>);

impl Stopwatch {
    /// Whether the attempt is slow so far. Without a clock it counts as slow: the attempts could go on for ever.
    pub(super) fn is_slow(&self) -> bool {
        let now = rtnl::now_ms().ok();
        self.0.zip(now).is_none_or(|(start, now)| now.saturating_sub(start) >= SLOW_MS)
    }
}

/// Calls `attempt` until it returns `false`, or until the time is over.
#[inline(always)]
pub(super) fn until_ready(attempt: &mut dyn FnMut(&Stopwatch) -> bool) {
    if attempt(&Stopwatch(rtnl::now_ms().ok())) {
        again(attempt);
    }
}

// A function of its own, so that the loop does not slow down a request that is sent only once.
#[cold]
#[inline(never)]
fn again(attempt: &mut dyn FnMut(&Stopwatch) -> bool) {
    let (mut end, mut pause) = (None, FIRST_PAUSE_MS);
    while let Ok(now) = rtnl::now_ms() {
        let end = *end.get_or_insert_with(|| now.saturating_add(RESET_MS).min(rtnl::call_deadline(now)));
        // The last request is sent at the end.
        if now >= end || !rtnl::sleep_until(now.saturating_add(pause).min(end)) {
            return;
        }
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE_MS);
        if !attempt(&Stopwatch(rtnl::now_ms().ok())) {
            return;
        }
    }
}
