// SPDX-License-Identifier: LGPL-2.1-or-later
//! libvirt's error reporter and log, if libvirt is in the process.
//!
//! The library uses three functions of libvirt. They are weak symbols: the dynamic linker sets their addresses when
//! it loads this library, or leaves them NULL. The library does not look up functions later, because dlsym(3) takes the
//! dynamic linker's lock: in a child of fork(2) it would hang if another thread of the parent held that lock. So a
//! libvirt that is loaded after this library gets no report.
//!
//! The signatures are the same from libvirt 8.1 to 12.8 (src/util/virerror.h, virlog.h).

#![allow(unsafe_code)]

use super::message::Message;
use crate::text::{Printable, Text};
use crate::types::Target;
use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char, c_uint, c_void};
use core::fmt::Write;
use core::ptr::null;
use libc::c_int;

/// `void virReportSystemErrorFull(int domcode, int theerrno, const char *filename, const char *funcname,
/// size_t linenr, const char *fmt, ...)`
type ReportSystemError =
    unsafe extern "C" fn(c_int, c_int, *const c_char, *const c_char, usize, *const c_char, ...);
/// `void virLogMessage(virLogSource *source, virLogPriority priority, const char *filename, int linenr,
/// const char *funcname, struct _virLogMetadata *metadata, const char *fmt, ...)`
type LogMessage = unsafe extern "C" fn(
    *mut LogSource,
    c_uint,
    *const c_char,
    c_int,
    *const c_char,
    *const c_void,
    *const c_char,
    ...
);

/// VIR_FROM_NONE: the domain that libvirt's virnetdev.c reports under.
const VIR_FROM_NONE: c_int = 0;
/// VIR_LOG_DEBUG and VIR_LOG_ERROR.
const VIR_LOG_DEBUG: c_uint = 1;
const VIR_LOG_ERROR: c_uint = 4;

const FILE: &CStr = c"virnetdevvf";

// Stable Rust has no weak symbols; the assembler has. The order is the one of `WeakSymbols`. `.dc.a` is an address.
core::arch::global_asm!(
    ".weak virReportSystemErrorFull",
    ".weak virInitialize",
    ".weak virLogMessage",
    ".weak strerrordesc_np",
    ".pushsection .data.rel.ro.virnetdevvf_libvirt, \"aw\"",
    ".balign 8",
    ".globl virnetdevvf_libvirt",
    ".hidden virnetdevvf_libvirt",
    "virnetdevvf_libvirt:",
    ".dc.a virReportSystemErrorFull",
    ".dc.a virInitialize",
    ".dc.a virLogMessage",
    ".dc.a strerrordesc_np",
    ".popsection",
);

#[repr(C)]
struct WeakSymbols {
    report: Option<ReportSystemError>,
    /// `int virInitialize(void)`
    initialize: Option<unsafe extern "C" fn() -> c_int>,
    log: Option<LogMessage>,
    /// `const char *strerrordesc_np(int errnum)`, glibc 2.32
    describe: Option<unsafe extern "C" fn(c_int) -> *const c_char>,
}

unsafe extern "C" {
    #[link_name = "virnetdevvf_libvirt"]
    static WEAK_SYMBOLS: WeakSymbols;
}

fn weak_symbols() -> &'static WeakSymbols {
    // SAFETY: the table above has this layout. The dynamic linker wrote the addresses of functions with these
    // signatures into it, or NULL, and made it read-only before any code of this library ran.
    unsafe { &WEAK_SYMBOLS }
}

/// Reports a failure to libvirt as a VIR_ERR_SYSTEM_ERROR, if libvirt is in the process.
pub(super) fn system_error(function: &CStr, errno: c_int, text: &Message) {
    let (Some(report), Some(initialize)) = (weak_symbols().report, weak_symbols().initialize) else {
        return;
    };
    // virInitialize() creates the thread-local key that libvirt's error reporter uses. Any thread may call it, any
    // number of times. A process that uses libvirt has called it already.
    // SAFETY: it takes no argument.
    if unsafe { initialize() } < 0 {
        return;
    }
    // SAFETY: every string ends with a NUL and outlives the call; the last one is the argument of `%s`.
    unsafe {
        report(
            VIR_FROM_NONE,
            errno,
            FILE.as_ptr(),
            function.as_ptr(),
            line!() as usize,
            c"%s".as_ptr(),
            text.as_array().as_ptr().cast::<c_char>(),
        );
    }
}

/// struct _virLogSource: libvirt writes to it when the filters of its log have changed.
#[repr(C)]
struct LogSource {
    name: *const c_char,
    priority: c_uint,
    serial: c_uint,
}

struct SharedLogSource(UnsafeCell<LogSource>);

// SAFETY: only libvirt reads and writes the content, by its own rules for sources that threads share.
unsafe impl Sync for SharedLogSource {}

static SOURCE: SharedLogSource = SharedLogSource(UnsafeCell::new(LogSource {
    name: c"util.virnetdevvf".as_ptr(),
    priority: VIR_LOG_ERROR,
    serial: 0,
}));

/// Writes one line to libvirt's log, if libvirt is in the process: a request and its result. libvirt formats the line
/// only if the log's category is on.
pub(crate) fn debug(function: &CStr, Target { ifname, vf }: Target<'_>, kind: c_int, result: c_int) {
    let Some(log) = weak_symbols().log else {
        return;
    };
    // A newline in the name would forge a line of the log. A name that is longer than the kernel allows is cut.
    let mut name = Text::<129>::new();
    // Writing a Text cannot fail.
    let _ = write!(name, "{}", Printable(ifname.unwrap_or(c"(none)").to_bytes()));
    // SAFETY: only libvirt uses the source, every string ends with a NUL, and the arguments match the format: a
    // string and three ints.
    unsafe {
        log(
            SOURCE.0.get(),
            VIR_LOG_DEBUG,
            FILE.as_ptr(),
            line!() as c_int,
            function.as_ptr(),
            null::<c_void>(),
            c"ifname=%s vf=%d attribute=%d result=%d".as_ptr(),
            name.as_array().as_ptr().cast::<c_char>(),
            vf,
            kind,
            result,
        );
    }
}

/// Appends a colon and the C library's English text for an errno, or the number if there is no text.
///
/// glibc's strerror_r(3) looks for a translation and takes the locale's lock for that: in a child of fork(2) it would
/// hang if another thread of the parent held that lock. strerrordesc_np(3) takes no lock. glibc before 2.32 and musl do
/// not have it; musl's strerror_r takes no lock.
pub(super) fn push_errno(message: &mut Message, errno: c_int) {
    message.push(b": ");
    let mut buffer = [0u8; 64];
    let text = match weak_symbols().describe {
        // SAFETY: its only argument is a number.
        Some(describe) => unsafe { describe(errno) },
        // SAFETY: the buffer is a local of the given length; the XSI strerror_r ends its text with a NUL.
        None => match unsafe { libc::strerror_r(errno, buffer.as_mut_ptr().cast(), buffer.len()) } {
            0 => buffer.as_ptr().cast(),
            _ => null(),
        },
    };
    if text.is_null() {
        // Writing a Text cannot fail.
        let _ = write!(message, "errno {errno}");
    } else {
        // SAFETY: not NULL, so it is a string: either a constant of the C library, or the text in the buffer.
        message.push(unsafe { CStr::from_ptr(text) }.to_bytes());
    }
}
