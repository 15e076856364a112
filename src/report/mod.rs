// SPDX-License-Identifier: LGPL-2.1-or-later
//! Where an error message goes.
//!
//! Every message becomes the thread's last message. If libvirt is in the process, its error reporter gets the
//! message too. The library prints no message.

mod cause;
mod last_message;
mod libvirt;
mod message;

pub(crate) use last_message::last_message;
pub(crate) use libvirt::debug;
pub(crate) use message::{Action, MacNow, Report, VlanNow};

/// Reports that a call failed. `quiet`: another exported function called the one that failed, and will report more. It
/// may not get so far, so the thread's last message is set in any case.
#[cold]
#[inline(never)]
pub(crate) fn failure(report: &Report<'_>, quiet: bool) {
    let errno = report.failure.error.errno();
    let mut text = report.text();
    if !quiet {
        libvirt::system_error(report.function, errno, &text);
    }
    libvirt::push_errno(&mut text, errno);
    last_message::set_last_message(&text);
}
