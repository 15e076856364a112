// SPDX-License-Identifier: LGPL-2.1-or-later
//! What one exported function passes to another that it calls, and what it gets back. The C signatures have no
//! parameter for it, and the called function may be the program's own. So both are in thread-local memory.
//!
//! For example: virNetDevSetVfConfig reads what the VF had, stores that by `call`, and calls virNetDevSetVfMac. This takes
//! it when it starts (`enter`), and leaves the report to its caller. If it fails, it stores why (`record`), and
//! virNetDevSetVfConfig reports that. So nothing has to be undone at the end of a call. Each value names its VF: a function
//! of the program between the two may call this library for another VF.

use crate::error::{Error, Failure};
use crate::thread::{Before, Key, with};
use crate::types::{Outcome, Target};

/// A target without its lifetime. The hash is FNV-1a.
// Not inlined: the code would be larger.
#[inline(never)]
fn key(target: Target<'_>) -> Key {
    let hash = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    (target.ifname.unwrap_or(c"").to_bytes().iter().fold(0x811c_9dc5, hash), target.vf)
}

/// Begins an exported function. `Some`: another one called it and reports its failure, because it knows more. `None`:
/// the program called it, and the call has a deadline of its own.
pub(super) fn enter(target: Target<'_>) -> Option<Before> {
    with(None, |thread| {
        let passed = thread.passed.get().filter(|(of, _)| *of == key(target));
        match passed {
            Some(_) => thread.passed.set(None),
            None => thread.deadline.set(None),
        }
        passed.map(|(_, before)| before)
    })
}

/// Records why an exported function fails, for the one that called it. The last failure counts: a function of the
/// program between the two may call ours several times, and returns the last result.
#[cold]
#[inline(never)]
pub(super) fn record(target: Target<'_>, failure: &Failure) {
    with((), |thread| thread.recorded.set(Some((key(target), *failure))));
}

/// Why a call of an exported function failed.
pub(super) struct Failed {
    pub(super) failure: Failure,
    /// Whether our function failed. If not, the program replaces our function by its own: the result counts as the
    /// kernel's answer, and the program's function decides whether it reports.
    pub(super) is_ours: bool,
}

/// Calls an exported function, which another definition in the process may replace.
pub(super) fn call(target: Target<'_>, before: Before, call: impl FnOnce() -> Outcome) -> Result<(), Failed> {
    // What an outer caller passed is kept for later: the program's function may call ours for another VF first.
    let outer = with(None, |thread| {
        thread.recorded.set(None);
        thread.passed.replace(Some((key(target), before)))
    });
    let result = call();
    with((), |thread| thread.passed.set(outer));
    let Err(code) = result else {
        return Ok(());
    };
    let recorded = with(None, |thread| thread.recorded.take());
    let ours = recorded.filter(|(of, failure)| *of == key(target) && failure.code() == code);
    let other = || Error::of_other_function(code.saturating_neg()).into();
    Err(Failed { failure: ours.map_or_else(other, |(_, failure)| failure), is_ours: ours.is_some() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use libc::c_int;

    const ETH0: Target<'_> = Target { ifname: Some(c"eth0"), vf: 3 };
    const OTHERS: [Target<'_>; 3] =
        [Target { vf: 4, ..ETH0 }, Target { ifname: Some(c"eth1"), ..ETH0 }, Target { ifname: None, ..ETH0 }];

    fn fails_as(errno: c_int) -> Outcome {
        record(ETH0, &Error::Socket(errno).into());
        Err(-errno)
    }

    #[test]
    fn the_called_function_takes_what_is_passed_once() {
        assert!(enter(ETH0).is_none());
        let before = Some(Err(Error::NoVfList));
        let called = call(ETH0, before, || {
            assert!(OTHERS.iter().all(|other| enter(*other).is_none()));
            assert_eq!(enter(ETH0), Some(before));
            assert!(enter(ETH0).is_none());
            Ok(())
        });
        assert!(called.is_ok());
        // A function of the program that takes nothing leaves nothing behind.
        assert!(call(ETH0, None, || Ok(())).is_ok());
        assert!(enter(ETH0).is_none());
    }

    #[test]
    fn a_failure_is_ours_if_it_is_the_last_one_of_that_vf_with_that_errno() {
        let of = |function: fn() -> Outcome| {
            let wrong = call(ETH0, None, function).unwrap_err();
            (wrong.failure.error, wrong.is_ours)
        };
        assert_eq!(of(|| fails_as(5)), (Error::Socket(5), true));
        assert_eq!(
            of(|| Err(-libc::EPERM)),
            (Error::Refused(libc::EPERM), false),
            "not that of the call before"
        );
        assert_eq!(of(|| fails_as(5).or_else(|_| fails_as(6))), (Error::Socket(6), true));
        assert_eq!(of(|| fails_as(5).or(Err(-6))), (Error::NoReply(6), false), "ENXIO");
        let other_vf = || {
            record(OTHERS[0], &Error::Socket(13).into());
            Err(-13)
        };
        assert_eq!(of(other_vf), (Error::Refused(13), false));
    }
}
