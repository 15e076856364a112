// SPDX-License-Identifier: LGPL-2.1-or-later
//! libvirt's SR-IOV VF helpers, as a shared library with a plain C ABI.
//!
//! A MAC: `virNetDevSetVfConfig` -> `virNetDevSetVfMac` -> `virNetDevSendVfSetLinkRequest` -> [`rtnl`]. Each arrow is a
//! call; those between exports go by the C symbol ([`capi::interpose`]), so that a program can replace each export. The
//! last one asks again while the VF is in reset (`vf::retry`). A failure goes back the same way: the callee records it
//! (`vf::nested`), and only the outermost export reports it. Each export goes through the modules in this order:
//!
//! - [`capi`]: the exports. Raw pointers become Rust types, results become errno.
//! - [`vf`]: what to ask the kernel for (MAC, VLAN), when to ask again, and what a refusal means.
//! - [`rtnl`]: the request's bytes, one exchange with the kernel, the answer's bytes.
//! - [`report`]: what an error message says, and where it goes: to libvirt's error reporter if libvirt is in the
//!   process, and to `virNetDevVfLastError`; nothing is printed.
//! - [`error`]: every error, and its errno. [`types`]: a VF, its MAC and its VLAN. [`text`]: short texts.
//!   [`thread`]: what a thread remembers of a call.
//!
//! A module calls only those below it in this list, except [`capi::interpose`]. What docs/contract.md calls evidence, what a VF had before
//! a request, is [`types::PfState`]; `vf::config` passes it on by `vf::nested`.

// The lints of Cargo.toml that keep panics out are for what an export reaches.
#![cfg_attr(test, allow(clippy::restriction))]

mod capi;
mod error;
mod report;
mod rtnl;
mod text;
mod thread;
mod types;
mod vf;
