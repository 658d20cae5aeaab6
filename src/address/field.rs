//! The fields that nearly all have: an address, or a name and an address in angle brackets.
//!
//! What [`Items`](super::list::Items) reads of them, without its many questions: `None` means *look
//! closer*, not *no*.

use super::email::{EmailAddressRef, MAX_INPUT};
use super::grammar::plain;

/// What stands before the address, and the address: bare or in angle brackets, behind a name that is
/// quoted as a whole or holds nothing that would have to be.
pub(super) fn common(text: &str) -> Option<(&str, EmailAddressRef<'_>)> {
    if text.len() > MAX_INPUT {
        return None;
    }
    let inside = without_blanks(text);
    let Some(named) = inside.strip_suffix('>') else {
        // An ordinary local part and domain hold nothing that could be more than an address.
        let second = inside.len() < text.len();
        return EmailAddressRef::parse_inside(inside, second).map(|address| ("", address));
    };
    let (phrase, address) = named.rsplit_once('<')?;
    let seen = plain(address)?;
    is_ordinary(phrase.trim_ascii()).then(|| (phrase, EmailAddressRef::plain(address, seen)))
}

/// Without the commonest of what [`trim`](crate::text::trim) takes away: ASCII white space and
/// no-break spaces.
pub(super) fn without_blanks(mut text: &str) -> &str {
    // The no-break space is C2 A0. Each round leaves a shorter text, or is the last.
    let opens = |b: &u8| b.is_ascii_whitespace() || *b == 0xc2;
    let closes = |b: &u8| b.is_ascii_whitespace() || *b == 0xa0;
    while text.as_bytes().first().is_some_and(opens) || text.as_bytes().last().is_some_and(closes) {
        let inside = text.trim_ascii().trim_matches('\u{a0}');
        if inside.len() == text.len() {
            break;
        }
        text = inside;
    }
    text
}

/// Does this phrase hold nothing that ends it, or is it quoted as a whole?
fn is_ordinary(phrase: &str) -> bool {
    if let Some(rest) = phrase.strip_prefix('"') {
        let inside = rest.strip_suffix('"').map(str::as_bytes);
        return inside.is_some_and(|inside| all(inside, |b| b != b'"' && b != b'\\'));
    }
    all(phrase.as_bytes(), |b| {
        b.is_ascii_alphanumeric()
            | (b >= 0x80)
            | (b == b' ')
            | (b == b'-')
            | (b == b'.')
            | (b == b'_')
            | (b == b'\'')
    })
}

/// Do all do? To the end: names are short, and an early answer is a branch an octet.
#[inline]
fn all(octets: &[u8], test: impl Fn(u8) -> bool) -> bool {
    octets.iter().fold(true, |all, b| all & test(*b))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::list::Items;
    use super::super::mailbox::{MAX_MAILBOX, Mailbox};
    use super::*;

    /// One mailbox without the short ways.
    fn by_items(text: &str) -> Option<Mailbox<'_>> {
        let mut items = Items::of(text);
        let mailbox = items.next()?.ok()?;
        (text.len() <= MAX_MAILBOX && items.next_item().is_none()).then_some(mailbox)
    }

    fn check(text: &str) {
        let parsed = Mailbox::parse(text);
        assert_eq!(parsed.clone().ok(), by_items(text), "{text:?}");
        assert_eq!(Mailbox::address_in(text), parsed.map(|mailbox| mailbox.address()), "{text:?}");
        if let Ok(address) = Mailbox::address_in(text) {
            let long = by_items(text).unwrap().address();
            assert_eq!((address.local(), address.key()), (long.local(), long.key()), "{text:?}");
        }
    }

    #[test]
    fn the_common_forms_go_the_short_way() {
        for (text, phrase) in [
            ("<ann@home.example>", ""),
            ("Ann Doe <ann@home.example>", "Ann Doe "),
            ("\"Doe, <Ann>\" <a@b>", "\"Doe, <Ann>\" "),
            (" José O'Neil\t<Ann@b.example>\u{a0} ", ""),
        ] {
            let found = common(text).map(|(phrase, _)| phrase);
            assert!(found.is_some_and(|found| found == phrase || phrase.is_empty()), "{text}");
            check(text);
        }
        for text in [
            "a, b <a@b>",
            "a: b <a@b>",
            "(a) <a@b>",
            "a\"b <a@b>",
            "\"a\\\"\" <a@b>",
            "\" <a@b>",
            "\"a\" \"b\" <a@b>",
            "<x@y> <a@b>",
            "[a] <a@b>",
            "<a@b>c",
            "<a@b",
            "a@b>",
            "a;<a@b>",
        ] {
            assert!(common(text).is_none(), "{text}");
            check(text);
        }
        // Longer than a bare address may be, with what stands around it.
        check(&format!("{}a@b.example", "\u{a0}".repeat(600)));
        check(&format!("{}<a@b.example>", " ".repeat(9000)));
        check(&format!("{}<a@b.example>", "n".repeat(2000)));
    }

    proptest! {
        #[test]
        fn what_is_in_the_field_is_what_is_read(
            around in "[ \t\u{a0}\u{c}]{0,2}",
            name in "[a-zA-ZÄ .,'\"<>()\\\\:;@\\[-]{0,8}|\"[a-z, <>(]{0,9}\"|[a-z .]{0,8}",
            address in "[a-cX.+\"]{1,4}@[a-cX.üß-]{1,6}|<[a-c]{1,9}@[a-cX.-]{1,9}>|<a@b,>?",
            behind in "[ \u{a0}\u{200b})>,x]{0,1}",
        ) {
            check(&format!("{around}{name}{address}{behind}"));
            check(&format!("{name}{around}{address}{behind}"));
            check(&format!("{name} <{address}>{around}"));
        }

        #[test]
        fn any_field_is_read_alike(text in any::<String>()) {
            check(&text);
        }
    }
}
