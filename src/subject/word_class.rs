//! The class `\w` of regular expressions, as UTS 18 annex C has it.

use unicode_normalization::char::is_combining_mark;

/// Is this character matched by `\w`: alphabetic, mark, decimal digit, connector, joiner?
pub(super) fn is_word(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || c == '_';
    }
    c.is_alphabetic() || is_combining_mark(c) || is_digit(c) || is_connector(c)
}

/// General category `Pc`, and the two join controls.
fn is_connector(c: char) -> bool {
    matches!(c, '\u{203f}'..='\u{2040}' | '\u{2054}' | '\u{fe33}'..='\u{fe34}'
        | '\u{fe4d}'..='\u{fe4f}' | '\u{ff3f}' | '\u{200c}'..='\u{200d}')
}

/// General category `Nd`: runs of ten from each zero; the mathematical digits are five such runs.
fn is_digit(c: char) -> bool {
    let code = u32::from(c);
    let run = ZEROS.partition_point(|zero| *zero <= code);
    run.checked_sub(1).and_then(|run| ZEROS.get(run)).is_some_and(|zero| code - zero < 10)
}

/// The zero of every script (UnicodeData.txt, `Nd` with digit value 0).
#[rustfmt::skip]
const ZEROS: &[u32] = &[
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6,
    0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50,
    0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
    0x104a0, 0x10d30, 0x10d40, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0,
    0x11650, 0x116c0, 0x116d0, 0x116da, 0x11730, 0x118e0, 0x11950, 0x11bf0, 0x11c50, 0x11d50,
    0x11da0, 0x11de0, 0x11f50, 0x16130, 0x16a60, 0x16ac0, 0x16b50, 0x16d70, 0x1ccf0, 0x1d7ce,
    0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e5f1, 0x1e950, 0x1fbf0,
];
