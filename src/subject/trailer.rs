//! The end of a subject: white space, `(fwd)` in every language, `(was: ...)`.

use super::lookup;
use super::rules::Rules;
use super::words::{CAPITAL, CAPITALS, PrefixKind};
use crate::text;

/// Strips white space, invisible characters and trailers; says whether a forward trailer was there.
#[inline]
pub(super) fn strip<'a>(rules: &Rules, text: &'a str) -> (&'a str, bool) {
    match text.as_bytes().last() {
        Some(b')' | 0..=b' ' | 0x7f..) => strip_any(rules, text),
        _ => (text, false),
    }
}

fn strip_any<'a>(rules: &Rules, mut text: &'a str) -> (&'a str, bool) {
    let mut forwarded = false;
    loop {
        // The common one, without tables.
        while let Some((before, b"(fwd)" | b"(Fwd)" | b"(FWD)")) =
            text.as_bytes().split_last_chunk::<5>()
        {
            text = text.get(..before.len()).unwrap_or_default();
            forwarded = true;
        }
        text = text.trim_end_matches(|c| text::is_space(c) || text::is_ignorable(c));
        let Some(inner) = text.strip_suffix(')') else { return (text, forwarded) };
        if let Some(before) = forward(rules, inner) {
            text = before;
            forwarded = true;
        } else if let Some(before) = if rules.was { was(inner) } else { None } {
            text = before;
        } else {
            return (text, forwarded);
        }
    }
}

/// The text before `(word`, when the word says "forwarded".
fn forward<'a>(rules: &Rules, inner: &'a str) -> Option<&'a str> {
    let bytes = inner.as_bytes();
    let window = bytes.get(bytes.len().saturating_sub(lookup::LONGEST + 1)..)?;
    let len = window.iter().rev().position(|b| matches!(b, b'(' | b')'))?;
    let open = bytes.len() - len - 1;
    let (before, word) = (inner.get(..open)?, inner.get(open + 1..)?);
    if bytes.get(open) != Some(&b'(') || word.is_empty() {
        return None;
    }
    let word = text::trim(word);
    // Two capital letters in parentheses are an abbreviation: `(FW)`, `(WG)`.
    if word.len() <= 2 && word.bytes().all(|b| b.is_ascii_uppercase()) {
        return None;
    }
    let kind = match lookup::long(word) {
        Some(word) if word.guard & (CAPITAL | CAPITALS) != 0 => return None,
        Some(word) => word.kind,
        None if rules.extra.is_none() && word.is_ascii() => return None,
        None => {
            let folded = text::fold(word);
            match lookup::long(&folded) {
                Some(word) => word.kind,
                None => *rules.extra.as_ref()?.words.get(folded.as_str())?,
            }
        }
    };
    (kind == PrefixKind::Forward).then_some(before)
}

/// The text before `(was: ...` or `(was ...`, parentheses inside balanced.
fn was(inner: &str) -> Option<&str> {
    let bytes = inner.as_bytes();
    let mut depth = 1;
    let open = bytes.iter().rposition(|b| {
        depth += match b {
            b')' => 1,
            b'(' => -1,
            _ => 0,
        };
        depth == 0
    })?;
    let start = bytes.get(open + 1..open + 5)?;
    let was = matches!(start, [b'w' | b'W', b'a' | b'A', b's' | b'S', b':' | b' ']);
    was.then(|| inner.get(..open)).flatten()
}
