// SPDX-License-Identifier: LGPL-2.1-or-later
//! What a thread remembers about its current exported call. Its last message is in report/last_message.rs.

use crate::error::{Error, Failure};
use crate::types::PfState;
use core::cell::Cell;
use libc::c_int;

/// A VF: a hash of the interface's name, and the VF's number.
pub(crate) type Key = (u32, c_int);

/// The PF and the VF before the first request of a configuration. `None`: the caller did not read them; an error: they
/// could not be read.
pub(crate) type Before = Option<Result<PfState, Error>>;

pub(crate) struct Thread {
    /// When the call stops waiting (rtnl/deadline.rs).
    pub(crate) deadline: Cell<Option<i64>>,
    /// What one exported function passes to another, and why that failed (vf/nested.rs).
    pub(crate) passed: Cell<Option<(Key, Before)>>,
    pub(crate) recorded: Cell<Option<(Key, Failure)>>,
}

// Constant and without a destructor: the memory exists from the thread's start to its end, and needs no set-up.
thread_local! {
    static THREAD: Thread =
        const { Thread { deadline: Cell::new(None), passed: Cell::new(None), recorded: Cell::new(None) } };
}

/// Calls `act` with the thread's memory, which exists as long as its thread: `otherwise` is never returned.
/// `LocalKey::with` would need no such value, but contains a panic.
#[inline(always)]
pub(crate) fn with<T>(otherwise: T, act: impl FnOnce(&Thread) -> T) -> T {
    THREAD.try_with(act).unwrap_or(otherwise)
}
