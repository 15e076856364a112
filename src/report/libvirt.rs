// SPDX-License-Identifier: LGPL-2.1-or-later
//! libvirt's error reporter and its log, when libvirt is in the process.
//!
//! Three of libvirt's functions are wanted, none is needed. They are weak references: the dynamic linker
//! fills them in as it loads this library, or leaves them NULL, so that a request costs no look-up. A
//! libvirt that comes in later is looked for when a failure is to be told, each time anew: it may not be
//! there yet, and it may be gone again.
//!
//! The signatures have not changed from libvirt 8.1 to 11.3 (src/util/virerror.h, virlog.h).

#![allow(unsafe_code)]

use super::message::Message;
use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char, c_uint, c_void};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicI32, Ordering};
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

/// VIR_FROM_NONE, what libvirt's own virnetdev.c reports under.
const VIR_FROM_NONE: c_int = 0;
/// VIR_LOG_DEBUG and VIR_LOG_ERROR.
const VIR_LOG_DEBUG: c_uint = 1;
const VIR_LOG_ERROR: c_uint = 4;

const FILE: &CStr = c"virnetdevvf";

/// libvirt's SONAME, in every release.
const LIBVIRT: &CStr = c"libvirt.so.0";

// Stable Rust has no weak references; the assembler has. The table's order is `Attached`'s.
#[cfg(target_pointer_width = "64")]
core::arch::global_asm!(
    ".weak virReportSystemErrorFull",
    ".weak virInitialize",
    ".weak virLogMessage",
    ".pushsection .data.rel.ro.virnetdevvf_libvirt, \"aw\"",
    ".balign 8",
    ".globl virnetdevvf_libvirt",
    ".hidden virnetdevvf_libvirt",
    "virnetdevvf_libvirt:",
    ".quad virReportSystemErrorFull",
    ".quad virInitialize",
    ".quad virLogMessage",
    ".popsection",
);
#[cfg(target_pointer_width = "32")]
core::arch::global_asm!(
    ".weak virReportSystemErrorFull",
    ".weak virInitialize",
    ".weak virLogMessage",
    ".pushsection .data.rel.ro.virnetdevvf_libvirt, \"aw\"",
    ".balign 4",
    ".globl virnetdevvf_libvirt",
    ".hidden virnetdevvf_libvirt",
    "virnetdevvf_libvirt:",
    ".long virReportSystemErrorFull",
    ".long virInitialize",
    ".long virLogMessage",
    ".popsection",
);

#[repr(C)]
struct Attached {
    report: Option<ReportSystemError>,
    initialize: Option<Initialize>,
    log: Option<LogMessage>,
}

unsafe extern "C" {
    #[link_name = "virnetdevvf_libvirt"]
    static ATTACHED: Attached;
}

fn attached() -> &'static Attached {
    // SAFETY: the table above has this layout; the dynamic linker filled it with the addresses of
    // functions with these signatures, or NULL, and made it read-only before any of our code ran.
    unsafe { &ATTACHED }
}

/// Tells libvirt of a failure, as a VIR_ERR_SYSTEM_ERROR, if it is in the process.
pub(super) fn system_error(function: &CStr, errno: c_int, text: &Message) {
    if let (Some(report), Some(initialize)) = (attached().report, attached().initialize) {
        // SAFETY: both were filled in together, from the same libvirt.
        unsafe { tell(report, initialize, function, errno, text) };
        return;
    }
    let late = Late::find();
    if let Some((report, initialize)) = late.functions() {
        // SAFETY: `late` keeps the libvirt that both are from.
        unsafe { tell(report, initialize, function, errno, text) };
    }
}

/// # Safety
///
/// Both must be the functions of one libvirt, which must stay loaded meanwhile.
unsafe fn tell(
    report: ReportSystemError,
    initialize: Initialize,
    function: &CStr,
    errno: c_int,
    text: &Message,
) {
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

/// A libvirt that was loaded after this library, and stays loaded while this lives.
struct Late {
    /// NULL where the search order of the whole process is to be asked.
    handle: *mut c_void,
}

impl Late {
    fn find() -> Self {
        // A libvirt that came by dlopen(RTLD_LOCAL), as Python's does, is in nobody's search order: it is
        // found by its name. Only if it is there: dlopen would look through directories for it.
        if is_forked() || !is_loaded() {
            return Late { handle: null_mut() };
        }
        // SAFETY: the name ends with a NUL; nothing is loaded, so no constructor runs.
        let handle = unsafe { libc::dlopen(LIBVIRT.as_ptr(), libc::RTLD_LAZY | libc::RTLD_NOLOAD) };
        Late { handle }
    }

    fn functions(&self) -> Option<(ReportSystemError, Initialize)> {
        let scope = if self.handle.is_null() { libc::RTLD_DEFAULT } else { self.handle };
        // SAFETY: the names end with a NUL, the scope is a handle or stands for the whole process.
        let (report, initialize) = unsafe {
            (
                libc::dlsym(scope, c"virReportSystemErrorFull".as_ptr()),
                libc::dlsym(scope, c"virInitialize".as_ptr()),
            )
        };
        if report.is_null() || initialize.is_null() {
            return None;
        }
        // SAFETY: symbols of these names are libvirt's, and have these signatures in every release.
        unsafe {
            Some((
                core::mem::transmute::<*mut c_void, ReportSystemError>(report),
                core::mem::transmute::<*mut c_void, Initialize>(initialize),
            ))
        }
    }
}

impl Drop for Late {
    fn drop(&mut self) {
        if !self.handle.is_null() {
            // SAFETY: dlopen gave it, and it is given back once.
            unsafe { libc::dlclose(self.handle) };
        }
    }
}

/// Whether this process is a child of one that has looked for libvirt. There neither look-up is safe: the
/// child hangs in glibc's dl_iterate_phdr(3), and crashes in its dlopen(3), if another thread was in there
/// at fork(2). dlsym(3) alone is.
fn is_forked() -> bool {
    static PROCESS: AtomicI32 = AtomicI32::new(0);
    // SAFETY: it takes nothing and cannot fail.
    let this = unsafe { libc::getpid() };
    let first = PROCESS.compare_exchange(0, this, Ordering::Relaxed, Ordering::Relaxed);
    first.is_err_and(|first| first != this)
}

/// Whether an object with libvirt's name is loaded, in whatever scope.
fn is_loaded() -> bool {
    unsafe extern "C" fn is_libvirt(info: *mut libc::dl_phdr_info, _: usize, _: *mut c_void) -> c_int {
        // SAFETY: the dynamic linker gives a valid description, with a name that is a string or NULL.
        let name = unsafe {
            let name = (*info).dlpi_name;
            if name.is_null() { c"" } else { CStr::from_ptr(name) }
        };
        let file = name.to_bytes().rsplit(|byte| *byte == b'/').next().unwrap_or(&[]);
        c_int::from(file.starts_with(LIBVIRT.to_bytes()))
    }
    // SAFETY: the callback reads what it is given and keeps nothing.
    unsafe { libc::dl_iterate_phdr(Some(is_libvirt), null_mut()) != 0 }
}

/// struct _virLogSource: libvirt writes to it when the log's filters have changed.
#[repr(C)]
struct LogSource {
    name: *const c_char,
    priority: c_uint,
    serial: c_uint,
}

struct SharedLogSource(UnsafeCell<LogSource>);

// SAFETY: libvirt alone uses what is in it, by its own rules for sources that threads share.
unsafe impl Sync for SharedLogSource {}

static SOURCE: SharedLogSource = SharedLogSource(UnsafeCell::new(LogSource {
    name: c"util.virnetdevvf".as_ptr(),
    priority: VIR_LOG_ERROR,
    serial: 0,
}));

/// One line in libvirt's log, if there is one: a request and its result. libvirt makes the line only when
/// its category is switched on.
pub(crate) fn debug(function: &CStr, ifname: Option<&CStr>, kind: c_int, vf: Option<c_int>, result: c_int) {
    let Some(log) = attached().log else {
        return;
    };
    let name = ifname.unwrap_or(c"(none)");
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
            null_mut::<c_void>().cast_const(),
            c"ifname=%s vf=%d attribute=%d result=%d".as_ptr(),
            name.as_ptr(),
            vf,
            kind,
            result,
        );
    }
}

/// The operating system's text for an errno.
pub(super) fn errno_text(errno: c_int, mut take: impl FnMut(&[u8])) {
    let mut text = [0u8; 128];
    // SAFETY: the buffer is a local of the length given; strerror_r (XSI's) ends what it writes with a NUL.
    let known = unsafe { libc::strerror_r(errno, text.as_mut_ptr().cast(), text.len()) } == 0;
    let end = text.iter().position(|byte| *byte == 0).filter(|_| known);
    take(end.and_then(|end| text.get(..end)).unwrap_or(b"an unknown error"));
}
