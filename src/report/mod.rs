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
    let text = report.text();
    libvirt::system_error(report.function, report.failure.error.errno(), &text);
    thread::set_last_message(&report.with_errno(&text));
}
