// SPDX-License-Identifier: LGPL-2.1-or-later
//! Where an error message goes, and what one thread remembers in order to write a good one.
//!
//! A message goes to libvirt's reporter when libvirt is in the process, and to the thread's own last
//! message always. Nothing is ever printed.

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
