// SPDX-License-Identifier: LGPL-2.1-or-later
//! All errors, as one enum. Each variant has an errno, and a text that says why the call failed and what to do. The
//! text does not include the errno's own text: the code that prints the message adds it.

use crate::text::Size;
use libc::c_int;

/// The advice for a VF in reset.
pub(crate) const TRY_LATER: &str = "Try again in a few seconds";

/// Why a request failed. A number named `errno` in a match is a positive errno value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// The kernel refused the request. This is the only error that the caller judges (contract S3).
    #[error("the kernel refused it")]
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
    /// poll(2) or clock_gettime(2) failed.
    #[error("waiting for the kernel's answer failed")]
    Wait(c_int),
    /// recvfrom(2) failed. ENOBUFS: the kernel's answer did not fit into the receive queue.
    #[error("the kernel's answer could not be received")]
    Receive(c_int),
    /// There is not enough memory for the answer.
    #[error("there is no memory for the kernel's answer of {} bytes", Size(*.0))]
    Memory(usize),
    /// No message came before the deadline.
    #[error("the kernel did not answer in time")]
    NoAnswer,
    /// Before the deadline only messages came that are not the kernel's answer to this request.
    #[error("only unsolicited messages came in place of the kernel's answer")]
    Unsolicited,
    /// The kernel's answer is malformed.
    #[error("the kernel's answer is malformed: {0}")]
    BadAnswer(Malformed),

    /// The interface has no list of VFs.
    #[error("it is no SR-IOV PF, or its driver does not say what its VFs have")]
    NoVfList,
    /// The VF's number is not below IFLA_NUM_VF.
    #[error("there is no such VF, the PF has {0}")]
    NoSuchVf(u32),
    /// The VF's number is below IFLA_NUM_VF, but the list does not have the VF.
    #[error("the kernel leaves it out of its list, because it is in reset or the list is too long")]
    VfNotListed,

    /// A pointer is NULL that must not be NULL.
    #[error("{0} is NULL")]
    Null(Argument),
    /// An attribute type that netlink does not have: 0 is reserved, and a type has 14 bits (NLA_TYPE_MASK,
    /// linux/netlink.h).
    #[error("an attribute of type {0} cannot exist, it must be 1 to 16383")]
    AttributeType(c_int),
    /// A payload that overflows the 16-bit length of the attributes around it.
    #[error("a payload of {} bytes does not fit into a message", Size(*.0))]
    PayloadSize(usize),
    /// An interface name that is longer than the kernel allows (ALTIFNAMSIZ, linux/if.h, is 128 with the NUL).
    #[error("an interface name of {} bytes cannot exist, the longest has 127", Size(*.0))]
    NameSize(usize),
    /// A VLAN ID that is out of range (IEEE 802.1Q: 12 bits).
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
    #[error("it is of the wrong type")]
    WrongType,
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

    /// What the operator can do about it, if nothing more is known. The sentence ends without a full stop.
    pub(crate) fn remedy(self) -> &'static str {
        match self {
            Error::Refused(_) | Error::NoVfList | Error::NoSuchVf(_) => {
                "Check the interface, the VF and the kernel's log"
            }
            Error::Socket(_) | Error::Connect(_) | Error::Send(_) | Error::Memory(_) => {
                "Check this process's limits, the free memory and the audit log"
            }
            // It is not known whether the kernel did it.
            Error::Wait(_)
            | Error::Receive(_)
            | Error::NoAnswer
            | Error::Unsolicited
            | Error::BadAnswer(_) => "Look at the VF with ip link, then try again",
            Error::VfNotListed => TRY_LATER,
            Error::Null(_)
            | Error::AttributeType(_)
            | Error::PayloadSize(_)
            | Error::NameSize(_)
            | Error::VlanRange => "Correct the program or the configuration that asks for it",
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
