//! Comparing what stands where an address should.

use super::email::EmailAddressRef;
use super::key::CompareBy;
use crate::text::fold_into;

/// Appends a comparison key of whatever stands in the address field of a mail.
///
/// For an address its [key](EmailAddressRef::key_with). Mail also has things there that are none
/// (`undisclosed recipients`, `root`): for them the folded text, so that the same thing in two mails
/// mostly is the same thing. What is no address never has the key of one: invisible characters in
/// it do not make it somebody's.
///
/// ```
/// use correspond::address::{CompareBy, found_key_into};
///
/// let key = |text| {
///     let mut key = String::new();
///     found_key_into(text, CompareBy::Canonical, &mut key);
///     key
/// };
/// assert_eq!(key("Ann@BÜCHER.example"), "ann@xn--bcher-kva.example");
/// assert_eq!(key("Undisclosed  Recipients"), key("undisclosed recipients"));
/// assert_ne!(key("an\u{200b}n@home.example"), key("ann@home.example"));
/// ```
pub fn found_key_into(text: &str, by: CompareBy, key: &mut String) {
    if is_its_own_key(text.as_bytes()) {
        key.push_str(text);
    } else if let Ok(address) = EmailAddressRef::parse(text) {
        address.key_with(by, key);
    } else {
        key.push(NO_ADDRESS);
        fold_into(text, key);
    }
}

/// No address begins with it.
const NO_ADDRESS: char = '\u{1}';

/// Lower-case letters, digits and `@.+-_` alone: such a text is its own key, whether it is an
/// address or not. Most are, and need no parsing.
fn is_its_own_key(text: &[u8]) -> bool {
    let Some(tail) = text.last_chunk::<16>() else { return text.iter().all(|b| is_settled(*b)) };
    // Whole arrays, which become vector instructions; the last overlaps the one before it.
    let whole = |chunk: &[u8; 16]| chunk.iter().fold(true, |all, b| all & is_settled(*b));
    text.as_chunks::<16>().0.iter().chain([tail]).all(whole)
}

#[inline]
fn is_settled(b: u8) -> bool {
    b.is_ascii_lowercase()
        | b.is_ascii_digit()
        | (b == b'@')
        | (b == b'.')
        | (b == b'+')
        | (b == b'-')
        | (b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same without the short way.
    fn by_parsing(text: &str) -> String {
        let mut key = String::new();
        match EmailAddressRef::parse(text) {
            Ok(address) => address.key_into(&mut key),
            Err(_) if is_its_own_key(text.as_bytes()) => key.push_str(text),
            Err(_) => {
                key.push(NO_ADDRESS);
                fold_into(text, &mut key);
            }
        }
        key
    }

    proptest! {
        #[test]
        fn the_short_way_leads_to_the_same_key(text in "[a-z0-9@.+_xn-]{0,40}") {
            prop_assert!(is_its_own_key(text.as_bytes()));
            prop_assert_eq!(by_parsing(&text), text);
        }

        #[test]
        fn any_text_has_the_key_of_its_parse(text in "[a-zA-Zß0-9@. <>\"é+-]{0,24}") {
            let mut key = String::new();
            found_key_into(&text, CompareBy::Canonical, &mut key);
            prop_assert_eq!(key, by_parsing(&text));
        }
    }
}
