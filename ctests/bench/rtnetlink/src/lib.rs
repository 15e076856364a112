// SPDX-License-Identifier: LGPL-2.1-or-later
//! prepare() and perform() of ctests/bench/bench.h: a connection for each request, on a runtime that is there already.

use rtnetlink::packet_route::link::{LinkAttribute, LinkVfInfo, VfInfo, VfInfoMac, VfInfoVlan};
use rtnetlink::{Error, LinkUnspec};
use std::ffi::{CStr, c_char, c_int};
use std::sync::OnceLock;
use tokio::runtime::{Builder, Runtime};

static INTERFACE: OnceLock<String> = OnceLock::new();

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread().enable_io().build().unwrap();
}

/// # Safety
///
/// `interface` is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn prepare(interface: *const c_char, _: c_int, _: *const *const c_char) {
    // SAFETY: the caller's promise.
    let interface = unsafe { CStr::from_ptr(interface) };
    INTERFACE.get_or_init(|| interface.to_str().unwrap().to_owned());
}

async fn change(info: VfInfo) -> Result<(), Error> {
    let (connection, handle, _) = rtnetlink::new_connection().unwrap();
    let connection = tokio::spawn(connection);
    let message = LinkUnspec::new_with_name(INTERFACE.get().unwrap())
        .append_extra_attribute(LinkAttribute::VfInfoList(vec![LinkVfInfo(vec![info])]))
        .build();
    let result = handle.link().set(message).execute().await;
    drop(handle);
    connection.await.unwrap();
    result
}

async fn all(infos: &[VfInfo]) -> c_int {
    for info in infos {
        match change(info.clone()).await {
            Ok(()) => {}
            Err(Error::NetlinkError(error)) => return error.raw_code(),
            Err(_) => return -libc::EIO,
        }
    }
    0
}

/// The operations by their numbers in bench.h.
#[unsafe(no_mangle)]
pub extern "C" fn perform(operation: c_int) -> c_int {
    let mac = VfInfo::Mac(VfInfoMac::new(0, &[0x52, 0x54, 0x00, 0x12, 0x34, 0x56]));
    let vlan = |id| VfInfo::Vlan(VfInfoVlan::new(0, id, 0));
    let infos = match operation {
        0 | 1 => vec![mac],
        2 => vec![vlan(42)],
        3 => vec![mac, vlan(42)],
        4 => vec![mac, vlan(0)],
        5 => vec![vlan(0)],
        _ => return 0,
    };
    RUNTIME.with(|runtime| runtime.block_on(all(&infos)))
}
