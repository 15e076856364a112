// SPDX-License-Identifier: LGPL-2.1-or-later
//! All errors, as one enum. Each variant has an errno, and a text that says what happened. The text does not include
//! the errno's own text: the code that prints the message adds it.

use libc::c_int;

/// Why a request failed. The numbers of type c_int are positive errno values, but for the attribute type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// The kernel's own answer, and the only one that the caller may weigh (contract S3).
    #[error("the kernel refused the request")]
    Refused(c_int),

    /// socket(2) failed.
    #[error("no netlink socket could be opened")]
    Socket(c_int),
    /// connect(2) failed.
    #[error("the netlink socket could not be connected to the kernel")]
    Connect(c_int),
    /// sendmsg(2) failed.
    #[error("the request could not be sent to the kernel")]
    Send(c_int),
    /// poll(2) failed, or there is no monotonic clock to wait by.
    #[error("waiting for the kernel's answer failed")]
    Wait(c_int),
    /// recvfrom(2) failed. ENOBUFS: the kernel had an answer and no room to queue it.
    #[error("the kernel's answer could not be received")]
    Receive(c_int),
    /// The answer needs more memory than there is.
    #[error("there is no memory for the kernel's answer of {0} bytes")]
    Memory(usize),
    /// Nothing came before the deadline.
    #[error("the kernel did not answer in time")]
    NoAnswer,
    /// Before the deadline came only messages that were not the kernel's answer to this request.
    #[error("in place of the kernel's answer only unsolicited messages came")]
    Unsolicited,
    /// The kernel's answer does not hold what it says it holds.
    #[error("the kernel's answer is malformed: {0}")]
    BadAnswer(Malformed),

    /// The interface has no list of VFs.
    #[error("it is no SR-IOV PF, or its driver does not say what its VFs have")]
    NoVfList,
    /// IFLA_NUM_VF is not above the VF's number.
    #[error("there is no such VF, it has {0}")]
    NoSuchVf(u32),
    /// IFLA_NUM_VF is above the VF's number, but the list does not have it.
    #[error(
        "the kernel leaves it out of its list: the VF is in reset, or the list is too long to be sent whole"
    )]
    VfNotListed,

    /// A pointer that must not be NULL is.
    #[error("{0} is NULL")]
    Null(Argument),
    /// An attribute type that fits no netlink attribute: 0 is reserved, 14 bits is all there is
    /// (NLA_TYPE_MASK, linux/netlink.h).
    #[error("an attribute of type {0} cannot exist, it must be 1 to 16383")]
    AttributeType(c_int),
    /// A payload that overflows the 16-bit length of the attributes around it.
    #[error("a payload of {0} bytes does not fit into a message")]
    PayloadSize(usize),
    /// An interface name longer than any can be (ALTIFNAMSIZ, linux/if.h, is 128 with its NUL).
    #[error("an interface name of {0} bytes cannot exist, the longest has 127")]
    NameSize(usize),
    /// A VLAN that is none (IEEE 802.1Q: 12 bits).
    #[error("it must be 0 to 4095")]
    VlanRange,
}

/// What is wrong with a message that came as the kernel's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("it is longer than any there is")]
    TooLong,
    #[error("it is shorter than it says")]
    CutShort,
    #[error("it is neither an error nor an acknowledgement")]
    NoVerdict,
    #[error("it is neither an error nor an interface")]
    NoInterface,
    #[error("it has no attributes")]
    NoAttributes,
    #[error("its error is cut short")]
    ErrorCutShort,
    #[error("its error is no errno")]
    NoErrno,
    #[error("it changed while it was read")]
    Changed,
    #[error("its list of VFs is not valid")]
    VfList,
}

/// A parameter that must not be NULL, by its name in C.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Argument {
    #[error("payload")]
    Payload,
    #[error("macaddr")]
    Mac,
    #[error("allowRetry")]
    AllowRetry,
}

impl From<Malformed> for Error {
    fn from(malformed: Malformed) -> Self {
        Error::BadAnswer(malformed)
    }
}

impl Error {
    /// The errno for the C caller, positive.
    ///
    /// Only an answer of the kernel is returned as EPERM. An implicit VLAN clear counts EPERM as a success, so a
    /// request that did not reach the kernel must have another errno (contract S4).
    pub(crate) fn errno(self) -> c_int {
        match self {
            Error::Refused(errno) => errno,
            Error::Socket(errno)
            | Error::Connect(errno)
            | Error::Send(errno)
            | Error::Wait(errno)
            | Error::Receive(errno) => {
                if errno == libc::EPERM {
                    libc::EACCES
                } else {
                    errno
                }
            }
            Error::Memory(_) => libc::ENOMEM,
            Error::NoAnswer => libc::ETIMEDOUT,
            Error::Unsolicited | Error::BadAnswer(_) => libc::EBADMSG,
            Error::NoVfList => libc::EOPNOTSUPP,
            Error::NoSuchVf(_) => libc::ENOENT,
            Error::VfNotListed => libc::ENODATA,
            Error::Null(_) | Error::AttributeType(_) => libc::EINVAL,
            Error::PayloadSize(_) => libc::EMSGSIZE,
            Error::NameSize(_) | Error::VlanRange => libc::ERANGE,
        }
    }

    /// Whether the kernel refused the request. The caller judges a refusal; any other error is reported where it
    /// happens.
    pub(crate) fn is_refusal(self) -> bool {
        matches!(self, Error::Refused(_))
    }

    /// The error for an errno that a function of the program returned, which is in place of one of ours. The errno
    /// counts as the kernel's answer, except for those that mean that the request's result is not known.
    pub(crate) fn from_errno(errno: c_int) -> Self {
        match errno {
            libc::ETIMEDOUT => Error::NoAnswer,
            libc::EBADMSG => Error::Unsolicited,
            libc::ENOBUFS | libc::ENOMEM => Error::Receive(errno),
            _ => Error::Refused(errno),
        }
    }

    /// Whether it is certain that the kernel did nothing: it refused the request, or did not receive it. EIO means that
    /// it received a part of the request.
    pub(crate) fn nothing_was_done(self) -> bool {
        match self {
            Error::Refused(_) | Error::Socket(_) | Error::Connect(_) => true,
            Error::Send(errno) => errno != libc::EIO,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eperm_is_only_ever_the_kernels_answer() {
        assert_eq!(Error::Refused(libc::EPERM).errno(), libc::EPERM);
        for local in [Error::Socket, Error::Connect, Error::Send, Error::Wait, Error::Receive] {
            assert_eq!(local(libc::EPERM).errno(), libc::EACCES);
            assert_eq!(local(libc::EMFILE).errno(), libc::EMFILE);
        }
    }
}
