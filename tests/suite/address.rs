//! Addresses from outside: the cases of other systems, every error's text, the promises.
#![allow(clippy::unwrap_used, clippy::panic, clippy::string_slice, reason = "tests")]

use std::collections::HashSet;

use correspond::address::{
    AddressError, AddressErrorKind, AddressRules, CompareBy, Domain, EmailAddress, EmailAddressRef,
    MAX_INPUT, MAX_MAILBOX, MAX_MAILBOXES, Mailbox,
};
use proptest::prelude::*;

#[allow(
    clippy::duplicate_mod,
    reason = "replayed over seeds by `properties`, drawn at random here"
)]
#[path = "../../fuzz/src/properties/address.rs"]
mod property;

proptest! {
    #[test]
    fn properties_hold(data in proptest::collection::vec(any::<u8>(), 0..48)) {
        property::address(&data);
    }

    #[test]
    fn properties_hold_for_text(text in any::<String>()) {
        property::address(text.as_bytes());
    }
}

/// Resolves `\t`, `\u{hex}` and `\e` (nothing); any other backslash stands for itself.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("\\u{") {
            let (hex, after) = after.split_once('}').unwrap();
            out.push(char::from_u32(u32::from_str_radix(hex, 16).unwrap()).unwrap());
            rest = after;
        } else if let Some(after) = rest.strip_prefix("\\t") {
            out.push('\t');
            rest = after;
        } else if let Some(after) = rest.strip_prefix("\\e") {
            rest = after;
        } else {
            out.push('\\');
            rest = &rest[1..];
        }
    }
    out + rest
}

fn key(text: &str) -> String {
    EmailAddressRef::parse(text).unwrap_or_else(|e| panic!("{text:?}: {e}")).key()
}

fn strict(text: &str) -> String {
    let mut key = String::new();
    EmailAddressRef::parse(text).unwrap().key_with(CompareBy::Strict, &mut key);
    key
}

fn spoken(mailbox: Result<Mailbox<'_>, AddressError>) -> String {
    match mailbox {
        Ok(mailbox) => format!("{}|{}", mailbox.name().unwrap_or(""), mailbox.address().key()),
        Err(error) => format!("error: {error}"),
    }
}

fn kind<T: std::fmt::Debug>(result: Result<T, AddressError>) -> String {
    format!("{:?}", result.unwrap_err().kind())
}

#[test]
fn cases() {
    let mut cases = 0;
    for line in include_str!("../data/address_cases.tsv").lines() {
        if line.starts_with('#') {
            continue;
        }
        let fields: Vec<_> = line.split('\t').collect();
        let [case, question, input, answer, _source] = fields[..] else {
            panic!("five fields: {line}")
        };
        let (input, answer) = (unescape(input), unescape(answer));
        let found = match question {
            "send" => EmailAddress::parse(&input).unwrap().to_string(),
            "key" => key(&input),
            "strict" => strict(&input),
            "error" => kind(EmailAddressRef::parse(&input)),
            "public" => kind(EmailAddressRef::parse_with(&input, &AddressRules::PUBLIC)),
            "same" | "differ" => {
                let (a, b) = input.split_once('|').unwrap();
                assert_eq!(key(a) == key(b), question == "same", "{case}: {line}");
                String::new()
            }
            "mailbox" => spoken(Mailbox::parse(&input)),
            "mailbox-error" => kind(Mailbox::parse(&input)),
            "first" => spoken(Mailbox::parse_first(&input)),
            "list" => {
                let list = Mailbox::parse_list(&input);
                let keys: Vec<_> = list.mailboxes().iter().map(|m| m.address().key()).collect();
                format!("{}|{}", keys.join(" "), list.unread())
            }
            other => panic!("{case}: no question {other}"),
        };
        assert_eq!(found, answer, "{case}: {line}");
        cases += 1;
    }
    assert!(cases > 70, "{cases}");
}

#[test]
fn every_error_says_what_was_expected_and_found_and_where() {
    let long = format!("{}@example.com", "a".repeat(65));
    let label = format!("a@{}.com", "b".repeat(64));
    let domain = format!("a@{}com", "b.".repeat(126));
    let whole = format!("{}@{}com", "a".repeat(64), "b.".repeat(95));
    let endless = "a".repeat(MAX_INPUT + 1);
    for (text, message) in [
        ("", "expected an email address, found nothing at byte 0"),
        (&*endless, "expected a text short enough for one address, found 1025 octets at byte 0"),
        ("test", "expected '@' after the local part, found the end at byte 4"),
        (" @b.com", "expected a local part before the '@', found '@' at byte 1"),
        (
            "a b@c.com",
            "expected a letter, a digit, '@' or one of .!#$%&'*+-/=?^_`{|}~ in the local part, found ' ' at byte 1",
        ),
        (
            ".a@b.com",
            "expected single dots between other characters in the local part, found '.' at byte 0",
        ),
        (
            "a.@b.com",
            "expected single dots between other characters in the local part, found '.' at byte 1",
        ),
        (&*long, "expected at most 64 octets in the local part, found 65 octets at byte 0"),
        (
            "\"a",
            "expected printable characters and a closing quote in the local part, found the end at byte 2",
        ),
        (
            "\"a\tb\"@c.com",
            "expected printable characters and a closing quote in the local part, found '\\t' at byte 2",
        ),
        (
            "\"a\\\u{7f}\"@c.com",
            "expected printable characters and a closing quote in the local part, found '\\u{7f}' at byte 3",
        ),
        ("\"a\"b@c.com", "expected '@' after the local part, found 'b' at byte 3"),
        ("\"a\"", "expected '@' after the local part, found the end at byte 3"),
        ("a@", "expected a domain, found the end at byte 2"),
        ("a@b_c", "expected letters, digits, '-' and '.' in the domain, found '_' at byte 3"),
        ("a@b@c", "expected letters, digits, '-' and '.' in the domain, found '@' at byte 3"),
        ("a@b..c", "expected a label before each dot of the domain, found '.' at byte 4"),
        ("a@.c", "expected a label before each dot of the domain, found '.' at byte 2"),
        ("a@b-.c", "expected a letter or digit at both ends of a label, found '-' at byte 3"),
        (&*label, "expected at most 63 octets in a label, found 64 octets at byte 2"),
        (&*domain, "expected at most 253 octets in the domain, found 255 octets at byte 2"),
        ("a@b.c.", "expected no dot behind the domain, found '.' at byte 5"),
        ("a@xn--a.c", "expected a domain that is valid under UTS-46, found another at byte 2"),
        (
            "a@[b]",
            "expected an IPv4 address or 'IPv6:' and an IPv6 address in the brackets, found something else at byte 2",
        ),
        (&*whole, "expected at most 254 octets in the address, found 258 octets at byte 0"),
    ] {
        assert_eq!(EmailAddressRef::parse(text).unwrap_err().to_string(), message, "{text:?}");
    }
    let none =
        AddressRules::PUBLIC.quoted_local(false).non_ascii_local(false).surrounding_space(false);
    for (text, message) in [
        ("a@b.c ", "expected nothing around the address, found ' ' at byte 5"),
        ("\"a\"@b.c", "expected a local part without quotes, found '\"' at byte 0"),
        ("aö@b.c", "expected a local part in ASCII, found 'ö' at byte 1"),
        ("a@b", "expected a domain under a top-level domain, found none at byte 2"),
        ("a@[192.0.2.1]", "expected a domain name, found '[' at byte 2"),
    ] {
        let error = EmailAddressRef::parse_with(text, &none).unwrap_err();
        assert_eq!(error.to_string(), message, "{text:?}");
    }
    for (text, message) in [
        ("x: ;", "expected an email address, found the end at byte 4"),
        ("Ann <a@b.c", "expected '>' after the address, found the end at byte 10"),
        ("Ann <a@b.c, d@e.f>", "expected '>' after the address, found ',' at byte 10"),
        ("<a@b.c> or so", "expected nothing but a comment after the address, found 'o' at byte 8"),
        ("a@b.c, Bob <d@e.f>", "expected one address alone, found another at byte 7"),
        (
            "Ann <a b@c>",
            "expected a letter, a digit, '@' or one of .!#$%&'*+-/=?^_`{|}~ in the local part, found ' ' at byte 6",
        ),
        (
            &*"a".repeat(MAX_MAILBOX + 1),
            "expected a text short enough for one address, found 8193 octets at byte 0",
        ),
    ] {
        assert_eq!(Mailbox::parse(text).unwrap_err().to_string(), message, "{text:?}");
    }
}

#[test]
fn rules_are_settable_one_by_one() {
    let read = |text, rules| EmailAddressRef::parse_with(text, &rules);
    let root = read("John@Example.com.", AddressRules::RFC.trailing_dot(true)).unwrap();
    assert_eq!(root.domain(), "Example.com.");
    assert_eq!(root.key(), "john@example.com");
    assert_eq!(root.normalized().as_str(), "John@example.com");
    assert!(read("a@[192.0.2.1]", AddressRules::PUBLIC.domain_literal(true)).is_ok());
    assert!(read("a@b", AddressRules::PUBLIC.dotless_domain(true)).is_ok());
    assert!(read("a@bücher", AddressRules::PUBLIC).is_err());
    assert!(read("a@bücher.example", AddressRules::PUBLIC).is_ok());
    assert_eq!(AddressRules::default(), AddressRules::RFC);
}

#[test]
fn the_owned_form_is_what_is_sent_and_its_traits_agree() {
    let forms = ["Bob@EXAMPLE.com", "Bob@example.com", "\"Bob\"@Example.com", "bob@example.com"];
    let set: HashSet<EmailAddress> = forms.iter().map(|text| text.parse().unwrap()).collect();
    assert_eq!(set.len(), 2, "the case of the local part is kept, nothing else");
    let people: HashSet<String> = set.iter().map(EmailAddress::key).collect();
    assert_eq!(people.len(), 1);

    let address: EmailAddress = "\"jo hn\"@BÜCHER.example".try_into().unwrap();
    assert_eq!(address.local(), "\"jo hn\"");
    assert_eq!(address.domain(), "xn--bcher-kva.example");
    assert_eq!(address.as_ref().to_domain().unwrap().to_unicode(), "bücher.example");
    let json = serde_json::to_string(&address).unwrap();
    assert_eq!(json, "\"\\\"jo hn\\\"@xn--bcher-kva.example\"");
    assert_eq!(serde_json::from_str::<EmailAddress>(&json).unwrap(), address);
    let error = serde_json::from_str::<EmailAddress>("\"test\"").unwrap_err();
    assert!(error.to_string().starts_with("expected '@' after the local part, found the end"));
    assert_eq!("a@[192.0.2.1]".parse::<EmailAddress>().unwrap().as_ref().to_domain(), None);
}

#[test]
fn domains_compare_by_labels() {
    for (text, name) in [
        ("BÜCHER.de.", "xn--bcher-kva.de"),
        (" Example.COM\u{a0}", "example.com"),
        ("localhost", "localhost"),
        ("xn--bcher-kva.DE", "xn--bcher-kva.de"),
        ("r3---sn-apo3qvuoxuxbt-j5pe.example", "r3---sn-apo3qvuoxuxbt-j5pe.example"),
    ] {
        let domain = Domain::parse(text).unwrap();
        assert_eq!(domain.as_str(), name);
        assert_eq!(Domain::parse(&domain.to_unicode()).unwrap(), domain);
        let json = serde_json::to_string(&domain).unwrap();
        assert_eq!(serde_json::from_str::<Domain>(&json).unwrap(), domain);
    }
    for text in
        ["", ".", "..", "a..b", "-a.com", "a-.com", "a_b", "[192.0.2.1]", "a b", "xn--a", "a@b"]
    {
        assert!(Domain::parse(text).is_err(), "{text:?}");
    }
    assert_eq!(
        Domain::parse(" a_b").unwrap_err().to_string(),
        "expected letters, digits, '-' and '.' in the domain, found '_' at byte 2"
    );
    let labels: Vec<_> = Domain::parse("a.b.c").unwrap().labels().map(str::to_owned).collect();
    assert_eq!(labels, ["a", "b", "c"]);
}

#[test]
fn mailboxes_as_people_write_them() {
    for (text, expected) in [
        ("John (Sales) Doe <j@x.com>", "John (Sales) Doe|j@x.com"),
        ("Doe, John <j@x.com>", "Doe, John|j@x.com"),
        ("\"Doe\\\" J\" (x) <j@x.com>", "Doe\" J (x)|j@x.com"),
        ("\"John\r\n Doe\" <j@x.com>", "John Doe|j@x.com"),
        ("(dr) <j@x.com> (at work)", "(dr)|j@x.com"),
        ("=?utf-8?q?J=C3=B6rg=2C?= <j@x.com>", "=?utf-8?q?J=C3=B6rg=2C?=|j@x.com"),
        ("<@relay,@other:j@x.com>", "|j@x.com"),
        ("< j@x.com >", "|j@x.com"),
        ("\"jo, hn\"@x.com", "|\"jo, hn\"@x.com"),
        ("<\"jo>hn\"@x.com>", "|\"jo>hn\"@x.com"),
        ("j@[IPv6:2001:db8::1]", "|j@[ipv6:2001:db8::1]"),
        ("Sales: j@x.com;", "|j@x.com"),
        ("j@x.com,", "|j@x.com"),
        ("\"J \" unclosed <j@x.com>", "J  unclosed|j@x.com"),
        ("5\" pipe <j@x.com>", "5\" pipe|j@x.com"),
        (":( <j@x.com>", "(|j@x.com"),
        ("J\u{f6}rg <j@x.com>\u{a0}", "J\u{f6}rg|j@x.com"),
    ] {
        assert_eq!(spoken(Mailbox::parse(text)), expected, "{text:?}");
    }
    let list = "Ann <a@x.com>; b@x.com, , Doe, c@x.com, Roe, , d@x.com, f@, <g@x.com> <h@x.com>";
    let list = Mailbox::parse_list(list);
    let found: Vec<_> = list.mailboxes().iter().map(|m| m.address().as_str()).collect();
    assert_eq!(found, ["a@x.com", "b@x.com", "c@x.com", "d@x.com"]);
    assert_eq!((list.unread(), list.beyond()), (4, 0));
    assert_eq!(list.into_iter().count(), 4);
}

#[test]
fn a_mailbox_prints_as_a_header_holds_it() {
    for (text, printed) in [
        ("a@b.c", "a@b.c"),
        ("John Doe <a@b.c>", "John Doe <a@b.c>"),
        ("\"Doe, John\" <a@b.c>", "\"Doe, John\" <a@b.c>"),
        ("a@b.c (\"x\")", "\"\\\"x\\\"\" <a@b.c>"),
        ("a\u{b}\u{7f}Bcc <a@b.c>", "a  Bcc <a@b.c>"),
    ] {
        let mailbox = Mailbox::parse(text).unwrap();
        assert_eq!(mailbox.to_string(), printed);
        assert_eq!(Mailbox::parse(printed).unwrap().to_string(), printed);
    }
}

#[test]
fn ascii_keys_need_no_room_but_the_callers() {
    // A buffer that never grows nor moves was never replaced; and what is parsed is borrowed.
    let mut key = String::with_capacity(300);
    let (room, place) = (key.capacity(), key.as_ptr());
    for text in ["John.Doe@EXAMPLE.com", " \"a\\b c\"@X.com", "\"Jo\"@[192.0.2.1]"] {
        let address = EmailAddressRef::parse(text).unwrap();
        assert!(text.contains(address.as_str()) && address.is_ascii());
        for by in [CompareBy::Canonical, CompareBy::Strict] {
            key.clear();
            address.key_with(by, &mut key);
            assert_eq!((key.capacity(), key.as_ptr()), (room, place));
        }
    }
}

#[test]
fn hostile_lists_are_read_in_one_breath() {
    for unit in
        ["(", "\"", "<", "[", "(\"", "a,", "<a@b,", "\\", "\"\\", "(a)", ":", "<@,", "a@b,", "ü,\""]
    {
        let text = unit.repeat(400_000 / unit.len());
        let list = Mailbox::parse_list(&text);
        assert!(list.mailboxes().len() <= MAX_MAILBOXES);
    }
    let list = "a@b,".repeat(3000);
    let list = Mailbox::parse_list(&list);
    assert_eq!((list.mailboxes().len(), list.beyond(), list.unread()), (1024, 1976, 0));
}

#[test]
fn the_kind_is_for_programs() {
    let error = EmailAddressRef::parse("a@-b").unwrap_err();
    assert_eq!((error.kind(), error.position()), (AddressErrorKind::LabelHyphen, 2));
}
