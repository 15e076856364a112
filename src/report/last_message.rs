// SPDX-License-Identifier: LGPL-2.1-or-later
//! A thread's last message.

use super::message::Message;
use core::cell::Cell;
use core::ffi::c_char;

// Constant and without a destructor: the memory exists from the thread's start to its end, and needs no set-up. All
// zeros, so that it takes no space in the library's file (.tbss).
thread_local! {
    static MESSAGE: Cell<Message> = const { Cell::new(Message::new()) };
}

// `LocalKey::try_with` fails only for a value whose destructor ran, and this one has none. `LocalKey::with` contains a
// panic.

pub(super) fn set_last_message(message: &Message) {
    let _ = MESSAGE.try_with(|last| last.set(*message));
}

/// The thread's last message, NUL-terminated; empty if there is none. Its address does not change, and the next
/// failure in the thread overwrites it.
pub(crate) fn last_message() -> *const c_char {
    // A Text is `repr(C)`, so that it starts with its bytes.
    MESSAGE.try_with(|last| last.as_ptr().cast::<c_char>().cast_const()).unwrap_or(c"".as_ptr())
}
