// SPDX-License-Identifier: LGPL-2.1-or-later
//! The exports: raw pointers become Rust types, results become errno.
//!
//! cbindgen copies the doc comments of the exports to the C header. No code of the library can panic (ctests/check looks
//! for panic code in the finished library), so the exports do not have to stop panics.

#![allow(unsafe_code)]

// One file for each function, or two. The header has them in this order; the empty lines keep cargo fmt from sorting.
mod send;

mod mac;

mod vlan;

mod config;

mod last_error;

pub(crate) mod interpose;
mod pointers;

use crate::types::{Mac, Outcome};
use libc::c_int;

/// libvirt's `struct _virMacAddr`: six bytes, in the order in which they are sent.
#[allow(non_camel_case_types)]
#[repr(C)]
pub struct virMacAddr {
    addr: Mac,
}

fn code(result: Outcome) -> c_int {
    result.err().unwrap_or(0)
}

#[cfg(all(test, feature = "header"))]
mod tests {
    #[test]
    fn the_committed_header_is_the_one_that_the_doc_comments_make() {
        let made = include_str!(concat!(env!("OUT_DIR"), "/virnetdevvf.h"));
        let committed = include_str!("../../include/virnetdevvf.h");
        assert!(made == committed, "run ctests/source/header.sh --update");
    }
}
