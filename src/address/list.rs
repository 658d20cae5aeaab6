//! The mailboxes of a header field, one after the other.

use super::email::EmailAddressRef;
use super::error::{AddressError, AddressErrorKind as Kind, Found};
use super::mailbox::Mailbox;
use crate::text;

/// Most mailboxes that are kept of one list; the rest are counted.
pub const MAX_MAILBOXES: usize = 1024;

/// The mailboxes that could be read from a list, and how many items could not.
///
/// Made by [`Mailbox::parse_list`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MailboxList<'a> {
    mailboxes: Vec<Mailbox<'a>>,
    unread: usize,
    beyond: usize,
}

impl<'a> MailboxList<'a> {
    pub(super) fn read(text: &'a str) -> Self {
        let mut list = Self::default();
        for item in Items::of(text) {
            match item {
                Err(_) => list.unread += 1,
                Ok(_) if list.mailboxes.len() == MAX_MAILBOXES => list.beyond += 1,
                Ok(mailbox) => list.mailboxes.push(mailbox),
            }
        }
        list
    }

    /// What was read, in the order of the text.
    #[must_use]
    pub fn mailboxes(&self) -> &[Mailbox<'a>] {
        &self.mailboxes
    }

    /// How many items hold no address that could be read.
    #[must_use]
    pub const fn unread(&self) -> usize {
        self.unread
    }

    /// How many mailboxes were read and left out because [`MAX_MAILBOXES`] came before them.
    #[must_use]
    pub const fn beyond(&self) -> usize {
        self.beyond
    }
}

impl<'a> IntoIterator for MailboxList<'a> {
    type Item = Mailbox<'a>;
    type IntoIter = std::vec::IntoIter<Mailbox<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.mailboxes.into_iter()
    }
}

/// The items of an address list (RFC 5322 section 3.4), group names and empty items left out.
///
/// Linear: every byte is looked at once; a quote or a comment that does not end costs one second
/// look at what follows it, and from there on quotes or comments are ordinary characters.
#[derive(Debug)]
pub(super) struct Items<'a> {
    text: &'a str,
    next: usize,
    quotes: bool,
    comments: bool,
    /// A bare item without `@`: the first half of `Doe, John <jd@example.com>`.
    held: Option<Item>,
    /// An item that was read behind a held one which was no half of it.
    ready: Option<Item>,
}

/// Where the parts of an item lie, in bytes of the list.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Item {
    start: usize,
    /// Behind the name: at the `<`.
    name_end: usize,
    /// Outside comments and angle brackets: first and last byte, before or without an angle.
    bare: Option<(usize, usize)>,
    /// Inside the angle brackets, route left out.
    angle: Option<(usize, usize)>,
    /// The `<` has no `>`.
    open: bool,
    /// Something else than a comment behind the angle brackets.
    after: Option<usize>,
    /// Inside the last comment.
    comment: Option<(usize, usize)>,
}

impl<'a> Items<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, next: 0, quotes: true, comments: true, held: None, ready: None }
    }

    /// Reads up to the next separator.
    fn scan(&mut self) -> Option<Item> {
        let bytes = self.text.as_bytes();
        if self.next >= bytes.len() {
            return None;
        }
        let mut item = Item { start: self.next, ..Item::default() };
        let mut i = self.next;
        while let Some(&b) = bytes.get(i) {
            let from = i;
            i += 1;
            match b {
                b',' | b';' => {
                    self.next = i;
                    return Some(item);
                }
                // The name of a group ends; what stood before is not an address.
                b':' if item.angle.is_none() => item = Item { start: i, ..Item::default() },
                b'(' if self.comments => match comment_end(bytes, i) {
                    Some(end) => {
                        item.comment = Some((i, end - 1));
                        i = end;
                    }
                    None => {
                        self.comments = false;
                        item.add(from, i);
                    }
                },
                b'"' if self.quotes => match quote_end(bytes, i) {
                    Some(end) => {
                        item.add(from, end);
                        i = end;
                    }
                    None => {
                        self.quotes = false;
                        item.add(from, i);
                    }
                },
                b'[' => {
                    i = literal_end(bytes, i).unwrap_or(i);
                    item.add(from, i);
                }
                b'<' if item.angle.is_none() => {
                    item.name_end = from;
                    i = self.angle(&mut item, i);
                }
                b' ' | b'\t' | b'\r' | b'\n' => {}
                // Behind the angle brackets space beyond ASCII is space, too.
                _ if item.angle.is_some() && self.is_space(from) => {}
                _ => item.add(from, i),
            }
        }
        self.next = i;
        Some(item)
    }

    /// Reads what follows a `<`; returns where to go on.
    fn angle(&mut self, item: &mut Item, open: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut start = open;
        let mut i = open;
        // obs-route (RFC 5322 section 4.4): `<@relay,@relay:a@b>`.
        let mut route = bytes.get(open) == Some(&b'@');
        while let Some(&b) = bytes.get(i) {
            match b {
                b'>' => {
                    item.angle = Some((start, i));
                    return i + 1;
                }
                b'"' if self.quotes => match quote_end(bytes, i + 1) {
                    Some(end) => {
                        i = end;
                        continue;
                    }
                    None => self.quotes = false,
                },
                b':' if route => {
                    route = false;
                    start = i + 1;
                }
                b',' | b';' if !route => break,
                _ => {}
            }
            i += 1;
        }
        item.angle = Some((start, i));
        item.open = true;
        i
    }

    fn str(&self, (start, end): (usize, usize)) -> &'a str {
        self.text.get(start..end).unwrap_or("")
    }

    /// Is the byte at `at` part of a character that is space or invisible? Of a longer one only the
    /// first byte is asked.
    fn is_space(&self, at: usize) -> bool {
        let c = self.text.get(at..).and_then(|rest| rest.chars().next());
        c.is_none_or(|c| text::is_space(c) || text::is_ignorable(c))
    }

    /// Is there nothing but space and comments?
    fn is_blank(&self, item: &Item) -> bool {
        item.angle.is_none() && item.bare.is_none_or(|bare| text::trim(self.str(bare)).is_empty())
    }

    /// Can it, just read, be the first half of a name that holds a comma?
    fn is_half(&self, item: &Item) -> bool {
        let separator = self.next.checked_sub(1).and_then(|i| self.text.as_bytes().get(i));
        separator == Some(&b',')
            && item.angle.is_none()
            && item.bare.is_some_and(|bare| !self.str(bare).contains('@'))
    }

    fn read(&self, item: &Item) -> Result<Mailbox<'a>, AddressError> {
        let address = self.address(item)?;
        if item.angle.is_some() {
            return Ok(Mailbox::of_phrase(self.str((item.start, item.name_end)), address));
        }
        // The old form `jd@example.com (John Doe)` names its owner in the comment.
        let name = item.comment.map_or("", |comment| self.str(comment));
        Ok(Mailbox::of_comment(name, address))
    }

    /// Reads an item without its name.
    pub(super) fn address(&self, item: &Item) -> Result<EmailAddressRef<'a>, AddressError> {
        let bare = item.bare.unwrap_or((item.start, item.start));
        let Some(angle) = item.angle else {
            return EmailAddressRef::parse(self.str(bare)).map_err(|e| e.shifted(bare.0));
        };
        if item.open {
            let found = Found::next(self.str((angle.1, self.text.len())).chars().next());
            return Err(AddressError::new(Kind::AngleOpen, angle.1, found));
        }
        let address = EmailAddressRef::parse(self.str(angle)).map_err(|e| e.shifted(angle.0))?;
        if let Some(after) = item.after {
            let found = Found::next(self.str((after, self.text.len())).chars().next());
            return Err(AddressError::new(Kind::AfterAddress, after, found));
        }
        Ok(address)
    }

    /// The next item with anything in it.
    pub(super) fn next_item(&mut self) -> Option<Item> {
        if let Some(item) = self.ready.take() {
            return Some(item);
        }
        loop {
            let Some(item) = self.scan() else { return self.held.take() };
            if self.is_blank(&item) {
                continue;
            }
            let half = self.is_half(&item);
            match self.held.take() {
                None if half => self.held = Some(item),
                None => return Some(item),
                Some(held) if item.angle.is_some() && item.bare.is_some() => {
                    return Some(Item { start: held.start, ..item });
                }
                Some(held) => {
                    *(if half { &mut self.held } else { &mut self.ready }) = Some(item);
                    return Some(held);
                }
            }
        }
    }

    /// Where an item starts, white space left out.
    pub(super) fn place(&self, item: &Item) -> usize {
        let rest = self.str((item.start, self.text.len()));
        item.start + (rest.len() - rest.trim_start().len())
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Result<Mailbox<'a>, AddressError>;

    fn next(&mut self) -> Option<Self::Item> {
        let item = self.next_item()?;
        Some(self.read(&item))
    }
}

impl Item {
    /// Takes up bytes that are neither space nor comment.
    fn add(&mut self, from: usize, to: usize) {
        if self.angle.is_some() {
            self.after.get_or_insert(from);
        } else {
            let start = self.bare.map_or(from, |(start, _)| start);
            self.bare = Some((start, to));
        }
    }
}

/// Behind the quote that closes the string in which `i` lies.
pub(super) fn quote_end(bytes: &[u8], mut i: usize) -> Option<usize> {
    loop {
        match bytes.get(i)? {
            b'"' => return Some(i + 1),
            b'\\' => i += 2,
            _ => i += 1,
        }
    }
}

/// Behind the parenthesis that closes the comment in which `i` lies; comments nest.
fn comment_end(bytes: &[u8], mut i: usize) -> Option<usize> {
    let mut depth = 1;
    loop {
        match bytes.get(i)? {
            b'\\' => i += 1,
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        i += 1;
        if depth == 0 {
            return Some(i);
        }
    }
}

/// Behind the bracket that closes an address literal; none is longer than an IPv6 address.
fn literal_end(bytes: &[u8], i: usize) -> Option<usize> {
    let rest = bytes.get(i..)?;
    rest.iter().take("IPv6:".len() + 46).position(|b| *b == b']').map(|end| i + end + 1)
}
