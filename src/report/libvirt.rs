// SPDX-License-Identifier: LGPL-2.1-or-later
//! libvirt's error reporter and its log, when libvirt is in the process.
//!
//! Three of libvirt's functions are used if they are there. They are weak symbols: the dynamic linker
//! fills them in as it loads this library, or leaves them NULL. Nothing is looked up later: a look-up takes the
//! dynamic linker's lock, and a child of fork(2) hangs in it where another thread of its parent held it. So a libvirt
//! that comes into the process after this library gets no report.
//!
//! The signatures have not changed from libvirt 8.1 to 11.3 (src/util/virerror.h, virlog.h).

#![allow(unsafe_code)]

use super::message::Message;
use crate::text::Text;
use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char, c_uint, c_void};
use core::fmt::Write;
use core::ptr::null;
use libc::c_int;

/// `void virReportSystemErrorFull(int domcode, int theerrno, const char *filename, const char *funcname,
/// size_t linenr, const char *fmt, ...)`
type ReportSystemError =
    unsafe extern "C" fn(c_int, c_int, *const c_char, *const c_char, usize, *const c_char, ...);
/// `int virInitialize(void)`
type Initialize = unsafe extern "C" fn() -> c_int;
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

/// `const char *strerrordesc_np(int errnum)`, glibc 2.32
type ErrorDescription = unsafe extern "C" fn(c_int) -> *const c_char;

/// VIR_FROM_NONE, what libvirt's own virnetdev.c reports under.
const VIR_FROM_NONE: c_int = 0;
/// VIR_LOG_DEBUG and VIR_LOG_ERROR.
const VIR_LOG_DEBUG: c_uint = 1;
const VIR_LOG_ERROR: c_uint = 4;

const FILE: &CStr = c"virnetdevvf";

// Stable Rust has no weak symbols; the assembler has. The table's order is `WeakSymbols`'s, `.dc.a` is an address.
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
    initialize: Option<Initialize>,
    log: Option<LogMessage>,
    describe: Option<ErrorDescription>,
}

unsafe extern "C" {
    #[link_name = "virnetdevvf_libvirt"]
    static WEAK_SYMBOLS: WeakSymbols;
}

fn weak_symbols() -> &'static WeakSymbols {
    // SAFETY: the table above has this layout; the dynamic linker filled it with the addresses of
    // functions with these signatures, or NULL, and made it read-only before any of our code ran.
    unsafe { &WEAK_SYMBOLS }
}

/// Reports a failure to libvirt, as a VIR_ERR_SYSTEM_ERROR, if it is in the process.
pub(super) fn system_error(function: &CStr, errno: c_int, text: &Message) {
    let (Some(report), Some(initialize)) = (weak_symbols().report, weak_symbols().initialize) else {
        return;
    };
    // Without it libvirt's thread-local error is a key that was never made. It may be called any number
    // of times by any thread, and a process that wanted libvirt initialised has called it already.
    // SAFETY: it takes nothing.
    if unsafe { initialize() } < 0 {
        return;
    }
    // SAFETY: every string ends with a NUL, and outlives the call; `%s` takes the last one.
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

/// struct _virLogSource: libvirt writes to it when the log's filters have changed.
#[repr(C)]
struct LogSource {
    name: *const c_char,
    priority: c_uint,
    serial: c_uint,
}

struct SharedLogSource(UnsafeCell<LogSource>);

// SAFETY: only libvirt uses what is in it, by its own rules for sources that threads share.
unsafe impl Sync for SharedLogSource {}

static SOURCE: SharedLogSource = SharedLogSource(UnsafeCell::new(LogSource {
    name: c"util.virnetdevvf".as_ptr(),
    priority: VIR_LOG_ERROR,
    serial: 0,
}));

/// One line in libvirt's log, if there is one: a request and its result. libvirt makes the line only when
/// its category is switched on.
pub(crate) fn debug(function: &CStr, ifname: Option<&CStr>, kind: c_int, vf: Option<c_int>, result: c_int) {
    let Some(log) = weak_symbols().log else {
        return;
    };
    // A newline in it would forge a line. Of a name that is too long to exist the start is enough.
    let name = Text::<129>::printable(ifname.unwrap_or(c"(none)").to_bytes());
    let vf = vf.unwrap_or(-1);
    // SAFETY: the source is libvirt's to use, every string ends with a NUL, and the arguments are what
    // the format says: a string and three ints.
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

/// The C library's text for an errno, in English, or the number if it has none, after a colon.
///
/// glibc's strerror_r(3) looks for a translation under a lock of the locale's: a child of fork(2) hangs in it where
/// another thread of its parent held it. strerrordesc_np(3) takes none. It is not in musl, whose strerror_r takes no
/// lock, nor in glibc before 2.32.
pub(super) fn errno_text(errno: c_int) -> Message {
    let mut message = Message::of(b": ");
    let mut buffer = [0u8; 64];
    let text = match weak_symbols().describe {
        // SAFETY: it takes a number.
        Some(describe) => unsafe { describe(errno) },
        // SAFETY: the buffer is a local of the length given; strerror_r (XSI's) ends what it writes with a NUL.
        None => match unsafe { libc::strerror_r(errno, buffer.as_mut_ptr().cast(), buffer.len()) } {
            0 => buffer.as_ptr().cast(),
            _ => null(),
        },
    };
    if text.is_null() {
        // Writing a Text cannot fail.
        let _ = write!(&mut message, "errno {errno}");
    } else {
        // SAFETY: not NULL, so it is a string: the C library's, which is never freed, or the buffer's.
        message.push(unsafe { CStr::from_ptr(text) }.to_bytes());
    }
    message
}
