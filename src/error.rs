// SPDX-License-Identifier: LGPL-2.1-or-later
//! Every way to fail, as one enum. Each variant knows its errno, and says why a call failed and what to do. The errno's
//! own text is not in it: whoever prints the message adds it.

use libc::c_int;

/// What to do about a VF in reset.
pub(crate) const TRY_LATER: &str = "Try again in a few seconds";

/// Why a request had no success. The numbers inside are positive errno values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// The kernel's own answer, and the only one that the caller may weigh (contract S3).
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
    #[error("only unsolicited messages came in place of the kernel's answer")]
    Unsolicited,
    /// The kernel's answer does not hold what it says it holds.
    #[error("the kernel's answer is malformed: {0}")]
    BadAnswer(Malformed),

    /// The interface has no list of VFs.
    #[error("it is no SR-IOV PF, or its driver does not say what its VFs have")]
    NoVfList,
    /// IFLA_NUM_VF is not above the VF's number.
    #[error("there is no such VF, the PF has {0}")]
    NoSuchVf(u32),
    /// IFLA_NUM_VF is above the VF's number, but the list does not have it.
    #[error("the kernel leaves it out of its list, because it is in reset or the list is too long")]
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
    /// EPERM is reserved for the kernel's own answer: an implicit VLAN clear takes that for a success,
    /// so a request that never reached the kernel must not look like it (contract S4).
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

    /// Whether this is the kernel's own answer, which the caller weighs; anything else is reported
    /// where it happens.
    pub(crate) fn is_refusal(self) -> bool {
        matches!(self, Error::Refused(_))
    }

    /// What an errno means that a function of the program's own returned in place of ours: the kernel's answer, but for
    /// those by which ours says that it is not known whether the kernel did it.
    pub(crate) fn of_another(errno: c_int) -> Self {
        match errno {
            libc::ETIMEDOUT => Error::NoAnswer,
            libc::EBADMSG => Error::Unsolicited,
            libc::ENOBUFS | libc::ENOMEM => Error::Receive(errno),
            _ => Error::Refused(errno),
        }
    }

    /// Whether it is certain that the kernel did nothing: it refused the request, or never got it. EIO stands for a
    /// request of which it got a part.
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
