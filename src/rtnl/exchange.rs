// SPDX-License-Identifier: LGPL-2.1-or-later
//! One request, one answer, one deadline.
//!
//! A message is the answer only if the kernel sent it (the socket is connected to it, and the sender's
//! port is 0) and it carries this request's sequence number. Anything else is ignored, and the wait
//! goes on: a forged ACK is never taken for the kernel's. One case can make a request fail: messages that fill the queue
//! while connect(2) is in progress leave no room for the kernel's answer (ENOBUFS). Only a process with CAP_NET_ADMIN
//! can send them.

use super::answer::Message;
use super::deadline::Deadline;
use super::request::Iovecs;
use super::sys::{Buffer, Received, Socket, monotonic_ms};
use super::{Error, Failure, Malformed};
use core::sync::atomic::{AtomicU32, Ordering};
use libc::c_int;

/// How long an exchange may wait, in all. The kernel answers before sendmsg(2) returns; an answer that
/// has to be waited for is lost, or held up somewhere that a daemon must not follow it to.
const TIMEOUT_MS: i64 = 2000;

/// Room on the stack for an answer. An error repeats the request, so longer requests than half of this
/// ask the kernel not to.
const ANSWER: usize = 1024;

/// A number that no other request of this process in flight has.
pub(super) fn next_sequence() -> u32 {
    static LAST: AtomicU32 = AtomicU32::new(0);
    LAST.fetch_add(1, Ordering::Relaxed).wrapping_add(1)
}

/// Sends a request and takes the kernel's verdict on it.
pub(super) fn acknowledged(
    iovecs: &Iovecs<'_>,
    sequence: u32,
    deadline: &mut Deadline,
) -> Result<(), Failure> {
    let mut exchange = Exchange::begin(iovecs, sequence, deadline)?;
    let mut answer = Buffer::<ANSWER>::new();
    if exchange.receive(&mut answer, Queue::Take)? > ANSWER {
        return Err(Malformed::TooLong.into());
    }
    Message::read(answer.bytes())?.acknowledged()
}

/// Sends a request and reads an interface's attributes, however many there are.
pub(super) fn link<T>(
    iovecs: &Iovecs<'_>,
    sequence: u32,
    read: impl FnOnce(&[u8]) -> Result<T, Error>,
) -> Result<T, Failure> {
    let mut deadline = Deadline::default();
    let mut exchange = Exchange::begin(iovecs, sequence, &mut deadline)?;
    let mut start = Buffer::<ANSWER>::new();
    let len = exchange.receive(&mut start, Queue::Leave)?;
    if len <= ANSWER {
        return Ok(read(Message::read(start.bytes())?.link()?)?);
    }
    let answer = exchange.receive_long(len)?;
    Ok(read(Message::read(&answer)?.link()?)?)
}

/// What becomes of a message that is received.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Queue {
    Take,
    /// It stays, to be taken once there is room for all of it.
    Leave,
}

struct Exchange<'a> {
    socket: Socket,
    sequence: u32,
    /// Of the whole call, which this exchange may be only a part of.
    call_deadline: &'a mut Deadline,
    /// Set by the first wait: most exchanges have none, and ask for no time.
    deadline: Option<i64>,
    /// Something that was no answer came.
    unsolicited: bool,
}

impl<'a> Exchange<'a> {
    /// Opens a socket to the kernel and sends the request.
    fn begin(iovecs: &Iovecs<'_>, sequence: u32, call_deadline: &'a mut Deadline) -> Result<Self, Error> {
        let mut socket = Socket::open().map_err(Error::Socket)?;
        socket.ask_for_extended_ack();
        if iovecs.len > ANSWER / 2 {
            socket.ask_for_capped_ack();
        }
        socket.connect_to_kernel().map_err(Error::Connect)?;

        let mut exchange = Exchange { socket, sequence, call_deadline, deadline: None, unsolicited: false };
        let sent = exchange.uninterrupted(|socket| socket.send(&iovecs.slices), Error::Send)?;
        if sent != iovecs.len {
            // Netlink sends all of a message or none.
            return Err(Error::Send(libc::EIO));
        }
        Ok(exchange)
    }

    /// The kernel's answer to this request: its start in `buffer`, its whole length returned.
    fn receive(&mut self, buffer: &mut Buffer<ANSWER>, queue: Queue) -> Result<usize, Error> {
        loop {
            let Received { len, from_kernel } = match self.socket.receive(buffer, queue == Queue::Leave) {
                Ok(received) => received,
                Err(libc::EAGAIN) => {
                    self.wait()?;
                    continue;
                }
                Err(libc::EINTR) => {
                    self.time_left()?;
                    continue;
                }
                Err(errno) => return Err(Error::Receive(errno)),
            };
            if from_kernel && !Message::is_unsolicited(buffer.bytes(), self.sequence) {
                return Ok(len);
            }
            self.unsolicited = true;
            if queue == Queue::Leave {
                // What it was does not matter, nor whether this failed: the next round shows it.
                let _ = self.socket.receive(&mut Buffer::<0>::new(), false);
            }
            self.time_left()?;
        }
    }

    /// An answer of `len` bytes that was left in the queue.
    fn receive_long(&mut self, len: usize) -> Result<Vec<u8>, Error> {
        let mut answer = Vec::new();
        answer.try_reserve_exact(len).map_err(|_| Error::Memory(len))?;
        let received = self.uninterrupted(|socket| socket.receive_into(&mut answer), Error::Receive)?;
        if !received.from_kernel || received.len != len {
            return Err(Malformed::Changed.into());
        }
        Ok(answer)
    }

    /// Repeats a call that a signal interrupts, until the deadline.
    fn uninterrupted<T>(
        &mut self,
        mut call: impl FnMut(&Socket) -> Result<T, c_int>,
        failed: fn(c_int) -> Error,
    ) -> Result<T, Error> {
        loop {
            match call(&self.socket) {
                Err(libc::EINTR) => self.time_left().map_err(|_| failed(libc::ETIMEDOUT))?,
                result => return result.map_err(failed),
            };
        }
    }

    /// Waits for a message. A signal in between ends this wait, not the exchange: the deadline stays.
    fn wait(&mut self) -> Result<(), Error> {
        let left = self.time_left()?;
        match self.socket.wait(left) {
            Ok(()) | Err(libc::EINTR) => Ok(()),
            Err(errno) => Err(Error::Wait(errno)),
        }
    }

    /// The milliseconds until the deadline, never 0.
    fn time_left(&mut self) -> Result<c_int, Error> {
        let now = monotonic_ms().map_err(Error::Wait)?;
        let call_deadline = self.call_deadline.at(now);
        let deadline = *self.deadline.get_or_insert(now.saturating_add(TIMEOUT_MS).min(call_deadline));
        match c_int::try_from(deadline.saturating_sub(now)) {
            Ok(left @ 1..) => Ok(left),
            _ if self.unsolicited => Err(Error::Unsolicited),
            _ => Err(Error::NoAnswer),
        }
    }
}
