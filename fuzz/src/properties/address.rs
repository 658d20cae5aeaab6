//! Addresses: total, their forms agree with each other, printing reads back.
#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "it is to panic"
)]

use correspond::address::{
    AddressErrorKind, AddressRules, CompareBy, Domain, EmailAddress, EmailAddressRef, Mailbox,
};

/// What addresses are made of, so that random bytes get past the first character.
const ALPHABET: [&str; 64] = [
    "a",
    "B",
    "z",
    "Z",
    "0",
    "9",
    "ann",
    "Bob",
    ".",
    ".",
    "@",
    "@",
    "@",
    "-",
    "--",
    "_",
    "+",
    "\"",
    "\"",
    "\\",
    " ",
    "\t",
    "\r\n",
    "<",
    "<",
    ">",
    ">",
    "(",
    ")",
    ",",
    ";",
    ":",
    "[",
    "]",
    "[192.0.2.1]",
    "[IPv6:2001:db8::1]",
    "IPv6:",
    "xn--",
    "xn--bcher-kva",
    "example",
    ".com",
    "postmaster",
    "ü",
    "Ü",
    "ß",
    "ẞ",
    "u\u{308}",
    "\u{308}",
    "İ",
    "ς",
    "Σ",
    "端",
    "א",
    "ا",
    "。",
    "ａ",
    "\u{ad}",
    "\u{200b}",
    "\u{a0}",
    "\u{37e}",
    "\u{1d160}",
    "\u{fffd}",
    "\u{212a}",
    "'",
];

/// The properties over the bytes as text, and over the same bytes as choices from the alphabet.
pub fn address(data: &[u8]) {
    check(&String::from_utf8_lossy(data));
    let drawn: String = data.iter().map(|b| ALPHABET[usize::from(*b) % ALPHABET.len()]).collect();
    check(&drawn);
    // An address more often than not.
    check(&format!("{}@example.com", drawn.replace('@', "")));
    check(&format!("ann@{}", drawn.replace('@', "")));
}

fn check(text: &str) {
    if let Ok(address) = EmailAddressRef::parse(text) {
        forms_agree(address);
        assert!(text.contains(address.as_str()));
    }
    for rules in [AddressRules::PUBLIC, AddressRules::RFC.trailing_dot(true)] {
        if let Ok(address) = EmailAddressRef::parse_with(text, &rules) {
            forms_agree(address);
        }
    }
    if let Ok(domain) = Domain::parse(text) {
        assert_eq!(Domain::parse(domain.as_str()).as_ref(), Ok(&domain));
        assert!(domain.as_str().len() <= 253);
    }
    mailboxes(text);
}

fn forms_agree(address: EmailAddressRef<'_>) {
    let (mut strict, canonical) = (String::new(), address.key());
    address.key_with(CompareBy::Strict, &mut strict);
    let sent = address.normalized();

    // Printing reads back, and nothing changes any more.
    assert_eq!(EmailAddress::parse(sent.as_str()).as_ref(), Ok(&sent));
    assert!(sent.as_str().len() <= 254);
    assert_eq!(sent.as_ref().key(), canonical);
    assert_eq!(sent.as_ref().to_domain(), address.to_domain());
    match EmailAddressRef::parse(&canonical) {
        Ok(again) => assert_eq!(again.key(), canonical),
        // Lower case can be longer.
        Err(e) => assert!(
            matches!(e.kind(), AddressErrorKind::LocalTooLong | AddressErrorKind::AddressTooLong)
                && !canonical.is_ascii(),
            "{canonical:?}: {e}"
        ),
    }

    // What is equal strictly is equal: the canonical key is a function of the strict one.
    let mut again = String::new();
    let reread = EmailAddressRef::parse(&strict).expect("a strict key is an address");
    reread.key_with(CompareBy::Strict, &mut again);
    assert_eq!(again, strict);
    assert_eq!(reread.key(), canonical);

    // Equal keys have equal domains.
    let (_, host) = canonical.rsplit_once('@').expect("a key has two sides");
    if let Some(domain) = address.to_domain() {
        assert_eq!(domain.as_str(), host);
        assert_eq!(Domain::parse(&domain.to_unicode()), Ok(domain));
    }

    // Appending does not look at what is there.
    let mut key = String::from("Ä@");
    address.key_into(&mut key);
    assert_eq!(key.strip_prefix("Ä@"), Some(&*canonical));
}

fn mailboxes(text: &str) {
    let one = Mailbox::parse(text);
    let list = Mailbox::parse_list(text);
    if let Ok(mailbox) = &one {
        assert_eq!((list.mailboxes(), list.unread()), (&[mailbox.clone()][..], 0));
        assert_eq!(Mailbox::parse_first(text).as_ref(), Ok(mailbox));
    }
    for mailbox in list.mailboxes() {
        forms_agree(mailbox.address());
        let printed = mailbox.to_string();
        let read = Mailbox::parse(&printed).unwrap_or_else(|e| panic!("{printed:?}: {e}"));
        assert_eq!(read.address(), mailbox.address());
        assert_eq!(read.to_string(), printed);
    }
}
