// SPDX-License-Identifier: LGPL-2.1-or-later
//! Short texts of bounded length, on the stack or in thread-local memory. Writing one allocates no memory
//! and cannot fail: bytes that do not fit are left out.

use core::fmt;

/// At most `N - 1` bytes of text; a NUL always follows.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Text<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Text<N> {
    /// The empty text.
    pub(crate) const fn new() -> Self {
        Text { bytes: [0; N], len: 0 }
    }

    /// The first bytes of `from`; `...` is at the end if there are more.
    pub(crate) fn shortened(from: &[u8]) -> Self {
        let (mut text, room) = (Text::new(), N.saturating_sub(1));
        match from.get(..room.saturating_sub(3)).filter(|_| from.len() > room) {
            Some(start) => {
                text.push(start);
                text.push(b"...");
            }
            None => text.push(from),
        }
        text
    }

    /// Appends as many bytes of `more` as fit.
    // Not inlined: the code would be larger.
    #[inline(never)]
    pub(crate) fn push(&mut self, more: &[u8]) {
        // Not copy_from_slice: the compiler cannot prove that the lengths are equal, and would keep its panic.
        let free = N.saturating_sub(1).saturating_sub(self.len);
        for (to, from) in self.bytes.iter_mut().skip(self.len).take(free).zip(more) {
            *to = *from;
        }
        self.len = self.len.saturating_add(more.len().min(free));
    }

    /// The text, without its NUL.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }

    /// The text's memory, with its NUL.
    pub(crate) fn as_array(&self) -> &[u8; N] {
        &self.bytes
    }
}

impl<const N: usize> fmt::Write for Text<N> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes());
        Ok(())
    }
}

/// Bytes from outside the library, such as an interface's name. Each byte that is not printable ASCII is shown
/// as `?`, so that none of them can control a terminal or forge a line of a log.
pub(crate) struct Printable<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        for byte in self.0 {
            f.write_char(if matches!(byte, 0x20..=0x7e) { char::from(*byte) } else { '?' })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::fmt::Write;

    #[test]
    fn what_does_not_fit_is_left_out_and_a_nul_stays() {
        let mut text = Text::<8>::new();
        write!(text, "VF {} of eth0", 12).unwrap();
        assert_eq!(text.as_bytes(), b"VF 12 o");
        assert_eq!(text.as_array(), b"VF 12 o\0");
        let shortened = |from| Text::<8>::shortened(from).as_bytes().to_vec();
        assert_eq!(shortened(b"1234567"), b"1234567");
        assert_eq!(shortened(b"12345678"), b"1234...");
        assert_eq!(shortened(b""), b"");
        assert_eq!(Text::<0>::shortened(b"x").as_bytes(), b"");
    }

    #[test]
    fn bytes_that_are_not_printable_are_shown_as_question_marks() {
        assert_eq!(Printable(b"eth0\x1b[2J\n\xff~").to_string(), "eth0?[2J??~");
    }
}
