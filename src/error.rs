// SPDX-License-Identifier: LGPL-2.1-or-later
//! All errors, as one enum. Each variant has an errno and a text. The text does not include the text for the errno:
//! libvirt's reporter, or the code that makes the thread's last message, adds that.

use crate::text::Text;
use libc::c_int;

/// The text that rtnetlink adds to an error (NLMSGERR_ATTR_MSG). Formatted texts are shorter than 80 bytes
/// (NETLINK_MAX_FMTMSG_LEN), fixed ones are not much longer. A longer text ends with `...`.
pub(crate) type ExtAck = Text<128>;

/// The number of bytes in an error. Not a usize: core's `Display` of a 64-bit number contains a bounds check that some
/// compilers keep (rustc 1.97; rust-lang/rust#152061), and with it all of the panic runtime.
pub(crate) fn bytes(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// The errnos by which a driver says that the device or its firmware did not answer (contract S11).
const NO_REPLY: [c_int; 7] =
    [libc::ETIMEDOUT, libc::EIO, libc::ENXIO, libc::ETIME, libc::EBADE, libc::EINTR, libc::ECANCELED];

/// Why a request failed. A number named `errno` in a match is a positive errno value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// The kernel refused the request (contract S3). What the errno means depends on the request and on the driver, so
    /// the message names possible causes.
    #[error("the kernel or the PF's driver refused it")]
    Refused(c_int),
    /// The VF was still in reset, or its driver busy, after the last request (contract S9).
    #[error("possible causes: the VF stayed in reset, or its driver stayed busy or refuses it")]
    InReset(c_int),
    /// The PF is down, and the kernel does not list the VF (contract S10, G5).
    #[error("the PF is down")]
    PfDown(c_int),
    /// The kernel answered, but the device or its firmware did not (contract S11).
    #[error("possible causes: the device or its firmware did not answer, or failed")]
    NoReply(c_int),

    /// socket(2) failed.
    #[error("no netlink socket could be opened")]
    Socket(c_int),
    /// connect(2) failed.
    #[error("the netlink socket could not be connected to the kernel")]
    Connect(c_int),
    /// sendmsg(2) failed.
    #[error("the request could not be sent to the kernel")]
    Send(c_int),
    /// poll(2) or clock_gettime(2) failed.
    #[error("waiting for the kernel's answer failed")]
    Wait(c_int),
    /// recvfrom(2) failed. ENOBUFS: the kernel's answer did not fit into the receive queue.
    #[error("the kernel's answer could not be received")]
    Receive(c_int),
    /// There is not enough memory for the answer.
    #[error("there is no memory for the kernel's answer of {0} bytes")]
    Memory(u32),
    /// No message came before the deadline.
    #[error("the kernel did not answer in time")]
    NoAnswer,
    /// Before the deadline only messages came that are not the kernel's answer to this request.
    #[error("only unsolicited messages came in place of the kernel's answer")]
    Unsolicited,
    /// The kernel's answer is malformed: what is wrong with it.
    #[error("the kernel's answer is malformed: {0}")]
    BadAnswer(&'static str),

    /// The interface has no list of VFs.
    #[error("it is not an SR-IOV PF, or its driver does not list its VFs")]
    NoVfList,
    /// The VF's number is not below IFLA_NUM_VF.
    #[error("there is no such VF, the PF has {0}")]
    NoSuchVf(u32),
    /// The VF's number is below IFLA_NUM_VF, but the list does not have the VF.
    #[error("the kernel does not list it, because it is in reset, or because the driver cannot read it")]
    VfNotListed,
    /// The same, and the list has as many VFs as the kernel puts into a list at most.
    #[error("the kernel does not list it, because the list has no room for more VFs")]
    VfCutOff,

    /// A pointer is NULL that must not be NULL: the parameter's name in C.
    #[error("{0} is NULL")]
    Null(&'static str),
    /// An attribute type that netlink does not have: 0 is reserved, and a type has 14 bits (NLA_TYPE_MASK,
    /// linux/netlink.h).
    #[error("attribute type {0} is out of range (1 to 16383)")]
    AttributeType(c_int),
    /// A payload that overflows the 16-bit length of the attributes around it.
    #[error("a payload of {0} bytes does not fit into a message")]
    PayloadSize(u32),
    /// An interface name that is longer than the kernel allows (ALTIFNAMSIZ, linux/if.h, is 128 with the NUL).
    #[error("an interface name of {0} bytes is too long, the longest has 127")]
    NameSize(u32),
    /// A VLAN ID that is out of range (IEEE 802.1Q: 12 bits).
    #[error("a VLAN is 0 to 4095")]
    VlanRange,
}

impl Error {
    /// The errno for the C caller, positive.
    ///
    /// Only an answer of the kernel is EPERM: the system calls of `rtnl::sys` fail with another errno (contract S4).
    pub(crate) fn errno(self) -> c_int {
        match self {
            Error::Refused(errno)
            | Error::InReset(errno)
            | Error::PfDown(errno)
            | Error::NoReply(errno)
            | Error::Socket(errno)
            | Error::Connect(errno)
            | Error::Send(errno)
            | Error::Wait(errno)
            | Error::Receive(errno) => errno,
            Error::Memory(_) => libc::ENOMEM,
            Error::NoAnswer => libc::ETIMEDOUT,
            Error::Unsolicited | Error::BadAnswer(_) => libc::EBADMSG,
            Error::NoVfList => libc::EOPNOTSUPP,
            Error::NoSuchVf(_) => libc::ENOENT,
            Error::VfNotListed | Error::VfCutOff => libc::ENODATA,
            Error::Null(_) | Error::AttributeType(_) => libc::EINVAL,
            Error::PayloadSize(_) => libc::EMSGSIZE,
            Error::NameSize(_) | Error::VlanRange => libc::ERANGE,
        }
    }

    /// What the kernel's errno means before the list of VFs is read: EAGAIN and EBUSY mean a VF in reset (contract S9),
    /// and those of NO_REPLY that the device's firmware did not answer (contract S11).
    pub(crate) fn of_kernel(errno: c_int) -> Self {
        match errno {
            libc::EAGAIN | libc::EBUSY => Error::InReset(errno),
            _ if NO_REPLY.contains(&errno) => Error::NoReply(errno),
            _ => Error::Refused(errno),
        }
    }

    /// The error for a function by which the program replaces one of ours, and which returned this errno. The errno
    /// counts as the kernel's answer, except if it means that the result of the request is not known.
    pub(crate) fn of_other_function(errno: c_int) -> Self {
        match errno {
            libc::ETIMEDOUT => Error::NoAnswer,
            libc::EBADMSG => Error::Unsolicited,
            libc::ENOBUFS | libc::ENOMEM => Error::Receive(errno),
            _ => Error::of_kernel(errno),
        }
    }

    /// Whether this is the kernel's answer. virNetDevSendVfSetLinkRequest() does not report such an error, because its
    /// caller decides what it means (contract S3).
    pub(crate) fn is_kernels_answer(self) -> bool {
        matches!(self, Error::Refused(_) | Error::InReset(_) | Error::PfDown(_) | Error::NoReply(_))
    }

    /// The errno, if the kernel refused the request for good: neither a reset nor a PF that is down explains it.
    pub(crate) fn refused_for_good(self) -> Option<c_int> {
        if let Error::Refused(errno) = self { Some(errno) } else { None }
    }

    /// Whether it is certain that the kernel did nothing: it refused the request, or did not receive it. EIO means that
    /// it received a part of the request.
    pub(crate) fn nothing_was_done(self) -> bool {
        match self {
            Error::NoReply(_) => false,
            Error::Socket(_) | Error::Connect(_) => true,
            Error::Send(errno) => errno != libc::EIO,
            _ => self.is_kernels_answer(),
        }
    }
}

/// An error, with the extended ACK's text if the kernel's answer has one.
#[derive(Clone, Copy)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    pub(crate) ext_ack: ExtAck,
}

impl<T: Into<Error>> From<T> for Failure {
    fn from(error: T) -> Self {
        Failure { error: error.into(), ext_ack: ExtAck::new() }
    }
}

impl Failure {
    /// The result for the C caller: the negative errno.
    pub(crate) fn code(&self) -> c_int {
        self.error.errno().saturating_neg()
    }
}
