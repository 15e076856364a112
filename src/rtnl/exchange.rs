// SPDX-License-Identifier: LGPL-2.1-or-later
//! One request, one answer, one deadline.
//!
//! A message counts as the answer only if the kernel sent it (the socket is connected to the kernel, and the sender's
//! port is 0) and if it has this request's sequence number. Any other message is ignored, and the wait continues. So a
//! forged ACK is never taken for the kernel's ACK. In one case another process can make a request fail: it fills the
//! receive queue while connect(2) is in progress, so that the kernel's answer does not fit (ENOBUFS). The other process
//! needs CAP_NET_ADMIN for that.

use super::answer::Message;
use super::deadline::call_deadline;
use super::request::Iovecs;
use super::sys::{ANSWER, Buffer, Received, Socket, now_ms};
use crate::error::{self, Error, Failure};
use crate::types::PfState;
use core::sync::atomic::{AtomicU32, Ordering};
use libc::c_int;

/// How long one exchange may wait in total. The kernel answers before sendmsg(2) returns. If the answer is not there
/// then, it is lost or delayed, and a daemon must not wait for it without a limit.
const TIMEOUT_MS: i64 = 2000;

/// A sequence number that no other pending request of this process has.
pub(super) fn next_sequence() -> u32 {
    static LAST: AtomicU32 = AtomicU32::new(0);
    LAST.fetch_add(1, Ordering::Relaxed).wrapping_add(1)
}

/// Sends a request and waits for the kernel's result.
pub(super) fn acknowledged(iovecs: &Iovecs<'_>, sequence: u32) -> Result<(), Failure> {
    let mut exchange = Exchange::begin(iovecs, sequence)?;
    let mut answer = Buffer::new();
    if exchange.receive(&mut answer, 0)? > ANSWER {
        return Err(Error::BadAnswer("it is too long").into());
    }
    Message::read(answer.bytes())?.acknowledged()
}

/// Sends a request and reads the interface and one VF from the answer, which may have any length.
pub(super) fn pf_state(iovecs: &Iovecs<'_>, sequence: u32, vf: c_int) -> Result<PfState, Failure> {
    let mut exchange = Exchange::begin(iovecs, sequence)?;
    let mut start = Buffer::new();
    let len = exchange.receive(&mut start, libc::MSG_PEEK)?;
    if len <= ANSWER {
        return Message::read(start.bytes())?.pf_state(vf);
    }
    Message::read(&exchange.receive_long(len)?)?.pf_state(vf)
}

struct Exchange {
    socket: Socket,
    sequence: u32,
    /// Set by the first wait. Most exchanges do not wait.
    deadline: Option<i64>,
    /// Whether a message came that is not the answer.
    unsolicited: bool,
}

impl Exchange {
    /// Opens a socket to the kernel and sends the request.
    fn begin(iovecs: &Iovecs<'_>, sequence: u32) -> Result<Self, Error> {
        let mut socket = Socket::open().map_err(Error::Socket)?;
        socket.ask_for_extended_ack(iovecs.len > ANSWER / 2);
        socket.connect_to_kernel().map_err(Error::Connect)?;

        let mut exchange = Exchange { socket, sequence, deadline: None, unsolicited: false };
        let sent = exchange.uninterrupted(|socket| socket.send(&iovecs.slices)).map_err(Error::Send)?;
        if sent != iovecs.len {
            // Netlink takes a whole message or none of it.
            return Err(Error::Send(libc::EIO));
        }
        Ok(exchange)
    }

    /// Receives the kernel's answer to this request: writes its start to `buffer` and returns its length. With the flag
    /// MSG_PEEK it stays in the receive queue, to be read again into a buffer of its length.
    fn receive(&mut self, buffer: &mut Buffer, flags: c_int) -> Result<usize, Error> {
        loop {
            match self.socket.receive(buffer, flags) {
                Ok(Received { len, from_kernel })
                    if from_kernel && !Message::is_unsolicited(buffer.bytes(), self.sequence) =>
                {
                    return Ok(len);
                }
                Ok(_) => {
                    self.unsolicited = true;
                    if flags & libc::MSG_PEEK != 0 {
                        // Takes the message out of the queue. If that fails, the next receive fails too.
                        let _ = self.socket.receive(buffer, 0);
                    }
                    self.time_left()?;
                }
                Err(libc::EAGAIN | libc::EINTR) => self.wait()?,
                Err(errno) => return Err(Error::Receive(errno)),
            }
        }
    }

    /// Receives an answer of `len` bytes that was left in the queue.
    fn receive_long(&mut self, len: usize) -> Result<Vec<u8>, Error> {
        let mut answer = Vec::new();
        answer.try_reserve_exact(len).map_err(|_| Error::Memory(error::bytes(len)))?;
        let received =
            self.uninterrupted(|socket| socket.receive_into(&mut answer)).map_err(Error::Receive)?;
        if !received.from_kernel || received.len != len {
            return Err(Error::BadAnswer("it changed while it was read"));
        }
        Ok(answer)
    }

    /// Repeats a system call that a signal interrupts, until the deadline.
    fn uninterrupted<T>(&mut self, mut call: impl FnMut(&Socket) -> Result<T, c_int>) -> Result<T, c_int> {
        loop {
            match call(&self.socket) {
                Err(libc::EINTR) => self.time_left().map_err(|_| libc::ETIMEDOUT)?,
                result => return result,
            };
        }
    }

    /// Waits for a message. A signal ends this wait, but not the exchange: the deadline stays the same.
    fn wait(&mut self) -> Result<(), Error> {
        let left = self.time_left()?;
        match self.socket.wait(left) {
            Ok(()) | Err(libc::EINTR) => Ok(()),
            Err(errno) => Err(Error::Wait(errno)),
        }
    }

    /// The milliseconds until the deadline, at least 1.
    fn time_left(&mut self) -> Result<c_int, Error> {
        let now = now_ms().map_err(Error::Wait)?;
        let own = now.saturating_add(TIMEOUT_MS);
        let deadline = *self.deadline.get_or_insert_with(|| own.min(call_deadline(now)));
        match c_int::try_from(deadline.saturating_sub(now)) {
            Ok(left @ 1..) => Ok(left),
            _ if self.unsolicited => Err(Error::Unsolicited),
            _ => Err(Error::NoAnswer),
        }
    }
}
