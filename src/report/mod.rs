// SPDX-License-Identifier: LGPL-2.1-or-later
//! Where an error message goes, and what a thread remembers for the message.
//!
//! Every message becomes the thread's last message. If libvirt is in the process, its error reporter gets the
//! message too. The library prints no message.

mod libvirt;
mod message;
mod thread;

pub(crate) use libvirt::debug;
pub(crate) use message::{Action, Advice, Report};
pub(crate) use thread::{ErrorScope, last_message, record_failure};

/// Reports that a call failed.
pub(crate) fn failure(report: &Report<'_>) {
    let errno = report.failure.error.errno();
    let errno_text = libvirt::errno_text(errno);
    let mut text = report.text(errno_text.as_bytes().len());
    libvirt::system_error(report.function, errno, &text);
    text.push(errno_text.as_bytes());
    thread::set_last_message(&text);
}
