// SPDX-License-Identifier: LGPL-2.1-or-later
//! The system calls of an exchange, and the one file of this module with `unsafe`. An error is a positive
//! errno.
//!
//! netlink-sys connects the socket, sets its options and closes it. It opens a SOCK_DGRAM, which libvirt's AppArmor
//! profiles deny, and it has no wait with a deadline and no recvfrom(2) that returns the sender and the whole
//! length of a message, so those are here, on its descriptor.

#![allow(unsafe_code)]

use core::mem::MaybeUninit;
use libc::{c_int, c_void, msghdr, sockaddr_nl, socklen_t};
use netlink_sys::SocketAddr;
use std::io::{self, IoSlice};
use std::os::fd::{AsRawFd, FromRawFd};

/// A NETLINK_ROUTE socket, closed on exec and when dropped.
pub(super) struct Socket(netlink_sys::Socket);

/// Memory for a message, and what was received into it. It is not cleared beforehand: that would take more
/// instructions than building a request.
pub(super) struct Buffer<const N: usize> {
    memory: [MaybeUninit<u8>; N],
    /// How much of it, from its start, was received.
    filled: usize,
}

impl<const N: usize> Buffer<N> {
    pub(super) fn new() -> Self {
        Buffer { memory: [const { MaybeUninit::uninit() }; N], filled: 0 }
    }

    /// What was received last, as far as there was room for it.
    pub(super) fn bytes(&self) -> &[u8] {
        // SAFETY: only `receive` sets `filled`, to what the kernel has written and not more than N.
        unsafe { core::slice::from_raw_parts(self.memory.as_ptr().cast(), self.filled) }
    }
}

/// A message that was received.
pub(super) struct Received {
    /// Its length, which may be more than there was room for.
    pub(super) len: usize,
    /// The kernel sent it: nobody else has port 0 (netlink(7)).
    pub(super) from_kernel: bool,
}

impl Socket {
    /// SOCK_RAW: for netlink it is the same as SOCK_DGRAM (netlink(7)), but the AppArmor profiles that libvirt
    /// installs for its daemons allow `network netlink raw` only.
    pub(super) fn open() -> Result<Self, c_int> {
        let kind = libc::SOCK_RAW | libc::SOCK_CLOEXEC;
        // SAFETY: it takes numbers only.
        let fd = unsafe { libc::socket(libc::AF_NETLINK, kind, libc::NETLINK_ROUTE) };
        if fd < 0 {
            return Err(last_errno());
        }
        // SAFETY: the descriptor is open, and nobody else has it.
        Ok(Socket(unsafe { netlink_sys::Socket::from_raw_fd(fd) }))
    }

    /// NETLINK_EXT_ACK (Linux 4.12): a kernel without it answers without words, which is enough.
    pub(super) fn ask_for_extended_ack(&mut self) {
        let _ = self.0.set_ext_ack(true);
    }

    /// NETLINK_CAP_ACK (Linux 4.3): an error then does not repeat the request.
    pub(super) fn ask_for_capped_ack(&mut self) {
        let _ = self.0.set_cap_ack(true);
    }

    /// From here on the kernel refuses what other processes send to this socket.
    pub(super) fn connect_to_kernel(&self) -> Result<(), c_int> {
        self.0.connect(&SocketAddr::new(0, 0)).map_err(errno_of)
    }

    /// Sends the iovecs as one message and returns how many bytes were sent.
    pub(super) fn send(&self, iovecs: &[IoSlice<'_>]) -> Result<usize, c_int> {
        let mut message = empty_message();
        // An IoSlice is a struct iovec (its documentation says so); the call only reads them.
        message.msg_iov = iovecs.as_ptr().cast_mut().cast();
        // A c_int in some C libraries, a size_t in others.
        message.msg_iovlen = iovecs.len() as _;
        // SAFETY: `message` is a whole msghdr; the iovecs are borrowed for this call.
        count(unsafe { libc::sendmsg(self.0.as_raw_fd(), &raw const message, libc::MSG_NOSIGNAL) })
    }

    /// Receives what fits of a message, without waiting, and leaves it in the queue if `peek`.
    pub(super) fn receive<const N: usize>(
        &self,
        buffer: &mut Buffer<N>,
        peek: bool,
    ) -> Result<Received, c_int> {
        buffer.filled = 0;
        let flags = if peek { libc::MSG_PEEK } else { 0 };
        // SAFETY: the buffer's memory is N bytes, and nobody else's meanwhile.
        let received = unsafe { self.receive_raw(buffer.memory.as_mut_ptr().cast(), N, flags)? };
        buffer.filled = received.len.min(N);
        Ok(received)
    }

    /// Receives what fits of a message into the room that `buffer` has left.
    pub(super) fn receive_into(&self, buffer: &mut Vec<u8>) -> Result<Received, c_int> {
        buffer.clear();
        let room = buffer.spare_capacity_mut();
        let size = room.len();
        // SAFETY: the spare capacity is memory of the vector's own, `size` bytes long.
        let received = unsafe { self.receive_raw(room.as_mut_ptr().cast(), size, 0)? };
        // SAFETY: the kernel has written what it received, and no more than there was room for.
        unsafe { buffer.set_len(received.len.min(size)) };
        Ok(received)
    }

    /// # Safety
    ///
    /// `start` must be valid for writes of `size` bytes.
    unsafe fn receive_raw(&self, start: *mut c_void, size: usize, flags: c_int) -> Result<Received, c_int> {
        // SAFETY: a sockaddr_nl is integers; all zero is a valid one, of no family.
        let mut sender: sockaddr_nl = unsafe { core::mem::zeroed() };
        let mut sender_len = size_of::<sockaddr_nl>() as socklen_t;
        let flags = flags | libc::MSG_DONTWAIT | libc::MSG_TRUNC;
        let (fd, from) = (self.0.as_raw_fd(), (&raw mut sender).cast());
        // SAFETY: the sender's address and its length are locals, the buffer is the caller's promise.
        let len = count(unsafe { libc::recvfrom(fd, start, size, flags, from, &raw mut sender_len) })?;
        let from_kernel = sender_len == size_of::<sockaddr_nl>() as socklen_t
            && c_int::from(sender.nl_family) == libc::AF_NETLINK
            && sender.nl_pid == 0;
        Ok(Received { len, from_kernel })
    }

    /// Waits until there is something to receive, for at most `milliseconds`.
    pub(super) fn wait(&self, milliseconds: c_int) -> Result<(), c_int> {
        let mut interest = libc::pollfd { fd: self.0.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: one pollfd, a local.
        let ready = unsafe { libc::poll(&raw mut interest, 1, milliseconds) };
        if ready < 0 { Err(last_errno()) } else { Ok(()) }
    }
}

/// Sleeps for at most `milliseconds`; a signal ends it with EINTR.
pub(super) fn sleep(milliseconds: c_int) -> Result<(), c_int> {
    // SAFETY: no pollfd.
    let ready = unsafe { libc::poll(core::ptr::null_mut(), 0, milliseconds) };
    if ready < 0 { Err(last_errno()) } else { Ok(()) }
}

/// Now, on the clock that nobody sets (CLOCK_MONOTONIC).
pub(super) fn monotonic_ms() -> Result<i64, c_int> {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a timespec, a local.
    if unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) } != 0 {
        return Err(last_errno());
    }
    // Both are 32 bits wide on some machines.
    #[allow(clippy::useless_conversion)]
    let (seconds, nanoseconds) = (i64::from(now.tv_sec), i64::from(now.tv_nsec));
    Ok(seconds.saturating_mul(1000).saturating_add(nanoseconds / 1_000_000))
}

fn empty_message() -> msghdr {
    // SAFETY: a msghdr is pointers and integers; all zero is an empty one. Some C libraries give it
    // private padding, so it cannot be written out.
    unsafe { core::mem::zeroed() }
}

fn count(result: isize) -> Result<usize, c_int> {
    usize::try_from(result).map_err(|_| last_errno())
}

fn last_errno() -> c_int {
    errno_of(io::Error::last_os_error())
}

/// An operating system's error always has a number that is not 0; a call that failed without one must
/// not become a success.
fn errno_of(error: io::Error) -> c_int {
    error.raw_os_error().filter(|errno| *errno > 0).unwrap_or(libc::EIO)
}
