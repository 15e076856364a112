// SPDX-License-Identifier: LGPL-2.1-or-later
//! The system calls of an exchange. This is the only file of this module with `unsafe`. An error is a positive errno.
//!
//! netlink-sys connects the socket, sets its options and closes it. It cannot do the other calls that are needed: it
//! opens a SOCK_DGRAM socket, which libvirt's AppArmor profiles deny; it has no wait with a deadline; and its
//! recvfrom(2) does not return both the sender and the whole length of a message. This file does these calls.

#![allow(unsafe_code)]

use core::mem::MaybeUninit;
use libc::{c_int, c_void, msghdr, sockaddr_nl, socklen_t};
use netlink_sys::SocketAddr;
use std::io::{self, IoSlice};
use std::os::fd::{AsRawFd, FromRawFd};

/// A NETLINK_ROUTE socket. It is closed on exec, and when this value is dropped.
pub(super) struct Socket(netlink_sys::Socket);

/// The size of the buffer on the stack for an answer. An error repeats the request, so a request that is longer than
/// half of this asks the kernel not to repeat it.
pub(super) const ANSWER: usize = 1024;

/// Memory for a message that is received. It is not cleared first: that would take more instructions than building a
/// request.
pub(super) struct Buffer {
    memory: [MaybeUninit<u8>; ANSWER],
    /// How many bytes, from the start, were received.
    filled: usize,
}

impl Buffer {
    pub(super) fn new() -> Self {
        Buffer { memory: [const { MaybeUninit::uninit() }; ANSWER], filled: 0 }
    }

    /// The bytes of the message that was received last, at most ANSWER.
    pub(super) fn bytes(&self) -> &[u8] {
        // SAFETY: only `receive` sets `filled`, to the number of bytes that the kernel has written, at most ANSWER.
        unsafe { core::slice::from_raw_parts(self.memory.as_ptr().cast(), self.filled) }
    }
}

/// A message that was received.
pub(super) struct Received {
    /// The length of the message, which may be more than the buffer's size.
    pub(super) len: usize,
    /// Whether the kernel sent it: only the kernel has port 0 (netlink(7)).
    pub(super) from_kernel: bool,
}

impl Socket {
    /// Opens a socket of type SOCK_RAW. For netlink it is the same as SOCK_DGRAM (netlink(7)), but the AppArmor
    /// profiles that libvirt installs for its daemons allow only `network netlink raw`.
    pub(super) fn open() -> Result<Self, c_int> {
        let kind = libc::SOCK_RAW | libc::SOCK_CLOEXEC;
        // SAFETY: its arguments are numbers.
        let fd = unsafe { libc::socket(libc::AF_NETLINK, kind, libc::NETLINK_ROUTE) };
        if fd < 0 {
            return Err(last_errno());
        }
        // SAFETY: the descriptor is open, and no other value owns it.
        Ok(Socket(unsafe { netlink_sys::Socket::from_raw_fd(fd) }))
    }

    /// Sets NETLINK_EXT_ACK (Linux 4.12); an older kernel answers without a text, which is allowed. `capped` sets
    /// NETLINK_CAP_ACK (Linux 4.3), too: an error then does not repeat the request.
    pub(super) fn ask_for_extended_ack(&mut self, capped: bool) {
        let _ = self.0.set_ext_ack(true);
        if capped {
            let _ = self.0.set_cap_ack(true);
        }
    }

    /// Connects the socket to the kernel. The kernel then refuses the messages that other processes send to it.
    pub(super) fn connect_to_kernel(&self) -> Result<(), c_int> {
        self.0.connect(&SocketAddr::new(0, 0)).map_err(errno_of)
    }

    /// Sends the iovecs as one message and returns how many bytes were sent.
    pub(super) fn send(&self, iovecs: &[IoSlice<'_>]) -> Result<usize, c_int> {
        // SAFETY: a msghdr has only pointers and integers, so all zeros is a valid, empty one. In some C libraries it
        // has private padding, so it cannot be written as a struct expression.
        let mut message: msghdr = unsafe { core::mem::zeroed() };
        // An IoSlice is a struct iovec (its documentation says so); the call only reads them.
        message.msg_iov = iovecs.as_ptr().cast_mut().cast();
        // A c_int in some C libraries, a size_t in others.
        message.msg_iovlen = iovecs.len() as _;
        // SAFETY: `message` is a complete msghdr; the iovecs are borrowed during this call.
        count(unsafe { libc::sendmsg(self.0.as_raw_fd(), &raw const message, libc::MSG_NOSIGNAL) })
    }

    /// Receives as much of a message as fits, without waiting. `flags`: 0 or MSG_PEEK.
    pub(super) fn receive(&self, buffer: &mut Buffer, flags: c_int) -> Result<Received, c_int> {
        buffer.filled = 0;
        // SAFETY: the buffer's memory is ANSWER bytes long, and borrowed mutably.
        let received = unsafe { self.receive_raw(buffer.memory.as_mut_ptr().cast(), ANSWER, flags)? };
        buffer.filled = received.len.min(ANSWER);
        Ok(received)
    }

    /// Receives as much of a message as fits into the capacity of `buffer`, in place of its content.
    pub(super) fn receive_into(&self, buffer: &mut Vec<u8>) -> Result<Received, c_int> {
        buffer.clear();
        let spare = buffer.spare_capacity_mut();
        let size = spare.len();
        // SAFETY: the spare capacity is memory of the vector, `size` bytes long.
        let received = unsafe { self.receive_raw(spare.as_mut_ptr().cast(), size, 0)? };
        // SAFETY: the kernel has written that many bytes, at most `size`.
        unsafe { buffer.set_len(received.len.min(size)) };
        Ok(received)
    }

    /// # Safety
    ///
    /// `start` must be valid for writes of `size` bytes.
    unsafe fn receive_raw(&self, start: *mut c_void, size: usize, flags: c_int) -> Result<Received, c_int> {
        // SAFETY: a sockaddr_nl has only integers, so all zeros is a valid one.
        let mut sender: sockaddr_nl = unsafe { core::mem::zeroed() };
        let mut sender_len = size_of::<sockaddr_nl>() as socklen_t;
        let flags = flags | libc::MSG_DONTWAIT | libc::MSG_TRUNC;
        let (fd, from) = (self.0.as_raw_fd(), (&raw mut sender).cast());
        // SAFETY: the sender's address and its length are locals; the caller promises that the buffer is valid.
        let len = count(unsafe { libc::recvfrom(fd, start, size, flags, from, &raw mut sender_len) })?;
        let from_kernel = sender_len == size_of::<sockaddr_nl>() as socklen_t
            && c_int::from(sender.nl_family) == libc::AF_NETLINK
            && sender.nl_pid == 0;
        Ok(Received { len, from_kernel })
    }

    /// Waits until there is something to receive, for at most `milliseconds`.
    pub(super) fn wait(&self, milliseconds: c_int) -> Result<(), c_int> {
        let mut interest = libc::pollfd { fd: self.0.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: the pointer is to one pollfd, a local.
        let ready = unsafe { libc::poll(&raw mut interest, 1, milliseconds) };
        if ready < 0 { Err(last_errno()) } else { Ok(()) }
    }
}

/// Sleeps for at most `milliseconds`; a signal ends it with EINTR.
pub(super) fn sleep(milliseconds: c_int) -> Result<(), c_int> {
    // SAFETY: the number of pollfds is 0, so the pointer is not used.
    let ready = unsafe { libc::poll(core::ptr::null_mut(), 0, milliseconds) };
    if ready < 0 { Err(last_errno()) } else { Ok(()) }
}

/// The time in milliseconds, as of the kernel's last tick: at most 10 ms ago, and cheap, because it is read before each
/// request. Setting the system's time does not change it.
pub(crate) fn now_ms() -> Result<i64, c_int> {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a timespec, a local.
    if unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC_COARSE, &raw mut now) } != 0 {
        return Err(last_errno());
    }
    // Both are 32 bits wide on some machines.
    #[allow(clippy::useless_conversion)]
    let (seconds, nanoseconds) = (i64::from(now.tv_sec), i64::from(now.tv_nsec));
    Ok(seconds.wrapping_mul(1000).wrapping_add(nanoseconds / 1_000_000))
}

fn count(result: isize) -> Result<usize, c_int> {
    usize::try_from(result).map_err(|_| last_errno())
}

fn last_errno() -> c_int {
    errno_of(io::Error::last_os_error())
}

/// The errno of an operating system's error. If it has none, EIO: a call that failed must not become a success. Never
/// EPERM: an implicit VLAN clear may count the kernel's EPERM as a success (contract S4).
fn errno_of(error: io::Error) -> c_int {
    match error.raw_os_error() {
        Some(libc::EPERM) => libc::EACCES,
        Some(errno @ 1..) => errno,
        _ => libc::EIO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_system_call_is_neither_a_success_nor_eperm() {
        let errnos =
            [libc::EPERM, libc::EMFILE, 0, -1].map(|errno| errno_of(io::Error::from_raw_os_error(errno)));
        assert_eq!(errnos, [libc::EACCES, libc::EMFILE, libc::EIO, libc::EIO]);
    }
}
