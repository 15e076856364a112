// SPDX-License-Identifier: LGPL-2.1-or-later
//! libvirt's SR-IOV VF helpers, as a shared library with a plain C ABI.
//!
//! A MAC: `virNetDevSetVfConfig` -> `virNetDevSetVfMac` -> `virNetDevSendVfSetLinkRequest` -> [`rtnl`]; a VLAN the same
//! by `virNetDevSetVfVlan`. Each arrow is a call; those between exports go by the C symbol ([`capi::interpose`]), so
//! that a program can replace each export. `virNetDevGetVfConfig` reads a VF. Each goes through these modules:
//!
//! - [`capi`]: the exports. Raw pointers become Rust types, results become 0 or a negative errno.
//! - [`vf`]: what to ask the kernel for. `config` reads the PF first, then sets the MAC and the VLAN; if a guest's start
//!   fails there, it restores the MAC. `mac` and `vlan` decide which refusal is a success (rows M4 and V2 of
//!   docs/contract.md); `send` sends one request, `judge()` there decides which error an errno is, and `retry` when to
//!   ask again; `nested` passes on what was read, and which failure a callee had, so that the outermost export reports
//!   it (not reported at all: rows S3 and M2).
//! - [`rtnl`]: `request` makes the bytes of a request, with the attribute's payload of `mac` or `vlan`; `sys` has the
//!   socket; `exchange` sends and waits for one answer, `deadline` limits the waits of a whole call; `answer` and
//!   `vf_list` parse.
//! - [`report`]: what an error message says, and where it goes: to libvirt's error reporter, a weak symbol, if libvirt is
//!   in the process, and to `virNetDevVfLastError`; nothing is printed.
//! - [`error`]: every error, its errno and its text. [`types`]: a VF, its MAC and its VLAN. [`text`]: short texts.
//!   [`thread`]: what a thread remembers of a call.
//!
//! A module calls functions only of those below it in this list, except [`capi::interpose`]. What docs/contract.md calls
//! evidence, what a VF had before a request, is [`types::PfState`].

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
