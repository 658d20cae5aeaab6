//! The ids in a header that refers to other mails.

use super::encoded_word;
use super::message_id::MessageId;

/// The message ids in the value of `References` or `In-Reply-To`, in the order of the text.
///
/// The grammar is `1*([CFWS] "<" id ">" [CFWS])` (RFC 5322 section 3.6.4). Real mail has more, and
/// all of this is read:
///
/// | form | ids |
/// |---|---|
/// | `<a@x> <b@x>`, `<a@x><b@x>`, `<a@x>, <b@x>` | both |
/// | `<a@x> (B's message of "Tue, ...")`, `<a@x>; from b@x on Tue` | `a@x` |
/// | `Your message of "Tue, ..." <a@x>` (RFC 822: phrases between ids) | `a@x` |
/// | `Message from B C <b@x> of "Tue, ..." <a@x>` | `a@x` |
/// | `<Message-ID: <a@x>` | `a@x` |
/// | `<B C <b@x>` | none: a name, then an address |
/// | `a@x`, `a@x, b@x` | all, when every word has an `@` |
/// | `Message from b@x of "Tue, ..."`, `B's message` | none |
/// | `<a.1@\r\n x>` | `a.1@x` |
/// | `=?utf-8?q?=3Ca=40x=3E?=` | `a@x` |
/// | `<a@x` at the end, `<a@x <b@x>` | all |
///
/// **An address is told from an id by what leads up to it.** Brackets that follow the word `from`
/// hold an address, unless an address (`from b@x of ... <a@x>`) or the date (`of "Tue, ..."`) came
/// in between; so do brackets inside brackets that began with a name. Comments and quoted strings
/// are skipped. Where there is any bracket, words outside brackets are never ids.
///
/// Linear in the text; at most [`Ids::MAX`] ids are kept, the first and the last ones, since
/// those name the conversation and the parent.
///
/// ```
/// use correspond::message::ids;
///
/// let found = ids("Message from B <b@x.example> of \"Tue, 3 Sep\" <a@x.example>");
/// assert_eq!(found.first().map(|id| id.as_str()), Some("a@x.example"));
/// assert_eq!((found.len(), found.dropped()), (1, 0));
/// ```
#[must_use]
pub fn ids(text: &str) -> Ids<'_> {
    let mut kept = FirstAndLast::default();
    scan(text, &mut |id| kept.push(id));
    let (ids, dropped) = kept.finish();
    Ids { ids, dropped }
}

/// What [`ids`] found: a list that says what it left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ids<'a> {
    ids: Vec<MessageId<'a>>,
    dropped: usize,
}

impl<'a> Ids<'a> {
    /// The most ids that are kept: the first, and the last 63.
    pub const MAX: usize = 64;

    /// How many ids between the first and the last 63 were left out.
    #[must_use]
    pub const fn dropped(&self) -> usize {
        self.dropped
    }

    /// The ids without the count.
    #[must_use]
    pub fn into_vec(self) -> Vec<MessageId<'a>> {
        self.ids
    }
}

impl<'a> std::ops::Deref for Ids<'a> {
    type Target = [MessageId<'a>];

    fn deref(&self) -> &Self::Target {
        &self.ids
    }
}

impl<'a> IntoIterator for Ids<'a> {
    type Item = MessageId<'a>;
    type IntoIter = std::vec::IntoIter<MessageId<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.ids.into_iter()
    }
}

/// Of any number of items the first and the last 63.
#[derive(Clone, Debug)]
pub(super) struct FirstAndLast<T> {
    items: Vec<T>,
    seen: usize,
}

impl<T> Default for FirstAndLast<T> {
    fn default() -> Self {
        Self { items: Vec::new(), seen: 0 }
    }
}

impl<T> FirstAndLast<T> {
    const LAST: usize = Ids::MAX - 1;

    pub(super) fn push(&mut self, item: T) {
        if self.seen < Ids::MAX {
            if self.seen == 1 {
                // More than one are mostly some ten.
                self.items.reserve(15);
            }
            self.items.push(item);
        } else if let Some(oldest) = self.items.get_mut(1 + (self.seen - 1) % Self::LAST) {
            *oldest = item;
        }
        self.seen += 1;
    }

    pub(super) const fn seen(&self) -> usize {
        self.seen
    }

    /// The items in the order they came, and how many were left out.
    pub(super) fn finish(mut self) -> (Vec<T>, usize) {
        let dropped = self.seen.saturating_sub(Ids::MAX);
        if dropped > 0
            && let Some((_, last)) = self.items.split_first_mut()
        {
            last.rotate_left((self.seen - 1) % Self::LAST);
        }
        (self.items, dropped)
    }
}

/// Takes the ids that stand at the start of the text as nearly all do: `<left@right>`, blanks
/// between them, nothing within that could mean anything else. The rest is left to
/// [`bracketed`], which would read these alike.
fn plain<'a>(text: &'a str, take: &mut impl FnMut(MessageId<'a>)) -> &'a str {
    let mut rest = text;
    loop {
        rest = rest.trim_ascii_start();
        let Some(inner) = rest.strip_prefix('<') else { return rest };
        let end = memchr::memchr(b'>', inner.as_bytes());
        let Some((id, behind)) = end.and_then(|end| inner.split_at_checked(end)) else {
            return rest;
        };
        let Some(id) = MessageId::plain(id) else { return rest };
        take(id);
        rest = behind.strip_prefix('>').unwrap_or(behind);
    }
}

/// Hands every id of the text to `take`, in order.
pub(super) fn scan<'a>(text: &'a str, take: &mut impl FnMut(MessageId<'a>)) {
    if memchr::memchr(b'<', text.as_bytes()).is_some() {
        let rest = plain(text, take);
        bracketed(rest, take);
    } else if let Some(decoded) = encoded_word::decode(text) {
        let mut take = |id: MessageId<'_>| take(id.into_owned());
        if decoded.contains('<') {
            bracketed(&decoded, &mut take);
        } else {
            bare(&decoded, &mut take);
        }
    } else {
        bare(text, take);
    }
}

fn bracketed<'a>(text: &'a str, take: &mut impl FnMut(MessageId<'a>)) {
    let mut words = Words::new(text);
    let mut phrase = Phrase::default();
    while let Some(token) = words.next() {
        match token {
            Token::Word(word) => phrase.word(word),
            Token::Quoted => phrase.quoted(),
            Token::Open => {
                let (inside, end) = words.inside();
                match end {
                    Some(b'>') => {
                        if !phrase.announced_address() {
                            offer(inside, take);
                        }
                    }
                    // `<a@x <b@x>`, `<Message-ID: <a@x>`, `<A B <b@x>`, `<<a@x>>`
                    Some(_) if inside.contains('@') => offer(inside, take),
                    Some(_) => {
                        let inside = inside.trim_ascii_end();
                        phrase.address_next |= !(inside.is_empty() || inside.ends_with(':'));
                    }
                    None => {
                        if let Some(word) = inside.split([' ', '\t', '\r', '\n', ',']).next()
                            && word.contains('@')
                            && !phrase.announced_address()
                        {
                            offer(word, take);
                        }
                    }
                }
            }
        }
    }
}

/// Ids without brackets: only where there is nothing else.
fn bare<'a>(text: &'a str, take: &mut impl FnMut(MessageId<'a>)) {
    let is_id = |token| match token {
        Token::Word(word) => word.find('@').is_some_and(|at| at > 0 && at + 1 < word.len()),
        Token::Quoted | Token::Open => false,
    };
    if !Words::new(text).all(is_id) {
        return;
    }
    for token in Words::new(text) {
        if let Token::Word(word) = token {
            offer(word, take);
        }
    }
}

fn offer<'a>(text: &'a str, take: &mut impl FnMut(MessageId<'a>)) {
    let mut text = text.trim_ascii();
    // `<Message-ID: a@x>`
    if let Some(blank) = memchr::memchr2(b' ', b'\t', text.as_bytes())
        && let Some((label, rest)) = text.split_at_checked(blank)
        && label.ends_with(':')
    {
        text = rest;
    }
    if text.starts_with("=?")
        && let Some(decoded) = encoded_word::decode(text)
    {
        if let Ok(id) = MessageId::parse(&decoded) {
            take(id.into_owned());
        }
    } else if let Ok(id) = MessageId::from_inner(text) {
        take(id);
    }
}

/// Do the words before a bracket say that an address follows?
#[derive(Default)]
struct Phrase {
    address_next: bool,
    after_of: bool,
}

impl Phrase {
    fn word(&mut self, word: &str) {
        if word.eq_ignore_ascii_case("from") {
            self.address_next = true;
            self.after_of = false;
        } else {
            let dated = self.after_of && is_date_word(word);
            self.address_next &= !(dated || word.contains('@'));
            self.after_of = word.eq_ignore_ascii_case("of");
        }
    }

    fn quoted(&mut self) {
        self.address_next &= !self.after_of;
        self.after_of = false;
    }

    fn announced_address(&mut self) -> bool {
        std::mem::take(self).address_next
    }
}

/// The first word of a date: a day of the week, or a number.
fn is_date_word(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
        || word.get(..3).is_some_and(|day| {
            ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
                .iter()
                .any(|known| known.eq_ignore_ascii_case(day))
        })
}

enum Token<'a> {
    Word(&'a str),
    Quoted,
    /// An opening bracket; what is inside comes with [`Words::inside`].
    Open,
}

/// Words, quoted strings and opening brackets; comments and separators are skipped.
struct Words<'a> {
    text: &'a str,
    at: usize,
    /// Whether a comment, a quoted string may still find its end. One search that fails settles it
    /// for the rest of the text, which keeps the whole linear.
    comments_close: bool,
    quotes_close: bool,
}

impl<'a> Words<'a> {
    const fn new(text: &'a str) -> Self {
        Self { text, at: 0, comments_close: true, quotes_close: true }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// The text after an opening bracket up to the next bracket, and which that is. A closing one
    /// is passed, an opening one is next.
    fn inside(&mut self) -> (&'a str, Option<u8>) {
        let rest = self.rest();
        let len = memchr::memchr2(b'<', b'>', rest.as_bytes()).unwrap_or(rest.len());
        let end = rest.as_bytes().get(len).copied();
        self.at += len + usize::from(end == Some(b'>'));
        (rest.get(..len).unwrap_or(""), end)
    }

    /// Passes a comment, nested ones included. An unclosed one is a stray character.
    fn comment(&mut self) {
        let mut depth = 0_usize;
        let mut octets = self.rest().bytes().enumerate();
        while let Some((at, octet)) = octets.next() {
            match octet {
                b'\\' => drop(octets.next()),
                b'(' => depth += 1,
                b')' if depth == 1 => {
                    self.at += at + 1;
                    return;
                }
                b')' => depth -= 1,
                _ => {}
            }
        }
        self.comments_close = false;
        self.at += 1;
    }

    /// Passes a quoted string and says whether it was one. Quotes around an id are stray.
    fn quoted(&mut self) -> bool {
        let inner = self.rest().get(1..).unwrap_or("");
        if inner.trim_ascii_start().starts_with('<') {
            self.at += 1;
            return false;
        }
        let mut octets = inner.bytes().enumerate();
        while let Some((at, octet)) = octets.next() {
            match octet {
                b'\\' => drop(octets.next()),
                b'"' => {
                    self.at += at + 2;
                    return true;
                }
                _ => {}
            }
        }
        self.quotes_close = false;
        self.at += 1;
        false
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let between =
                |octet: &&u8| matches!(**octet, b' ' | b'\t' | b'\r' | b'\n' | b',' | b';');
            let octets = self.text.as_bytes().get(self.at..)?;
            self.at += octets.iter().take_while(between).count();
            let rest = self.rest();
            match *rest.as_bytes().first()? {
                b'<' => {
                    self.at += 1;
                    return Some(Token::Open);
                }
                b'(' if self.comments_close => self.comment(),
                b'"' if self.quotes_close => {
                    if self.quoted() {
                        return Some(Token::Quoted);
                    }
                }
                octet if is_separator(octet) => self.at += 1,
                _ => {
                    let len = rest.bytes().position(is_separator).unwrap_or(rest.len());
                    self.at += len;
                    return Some(Token::Word(rest.get(..len).unwrap_or("")));
                }
            }
        }
    }
}

const fn is_separator(octet: u8) -> bool {
    matches!(octet, 0..=b' ' | 0x7f | b',' | b';' | b'(' | b')' | b'"' | b'<' | b'>')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        ids(text).iter().map(|id| id.as_str().to_owned()).collect()
    }

    proptest::proptest! {
        #[test]
        fn the_short_way_reads_what_the_long_one_does(
            text in "([ \r\n]?<[a-c@:.x]{1,6}>|[ <>a-c@.,;:()\"frommsg]{0,9}){0,8}",
        ) {
            let mut long = Vec::new();
            bracketed(&text, &mut |id| long.push(id));
            let mut short = Vec::new();
            let rest = plain(&text, &mut |id| short.push(id));
            bracketed(rest, &mut |id| short.push(id));
            proptest::prop_assert_eq!(short, long);
        }
    }

    #[test]
    fn the_first_and_the_last_are_kept_in_order() {
        for count in [0, 1, 63, 64, 65, 66, 126, 127, 128, 1000] {
            let text: String = (0..count).map(|n| format!("<{n}@x>\r\n ")).collect();
            let found = ids(&text);
            let mut expected: Vec<_> = (0..count).collect();
            if count > 64 {
                expected.drain(1..count - 63);
            }
            let expected: Vec<_> = expected.iter().map(|n| format!("{n}@x")).collect();
            assert_eq!(found.iter().map(MessageId::as_str).collect::<Vec<_>>(), expected);
            assert_eq!(found.dropped(), count.saturating_sub(64));
        }
    }

    #[test]
    fn an_address_after_from_is_no_id() {
        let id = ["i@x"];
        for text in [
            "Message from A B <a@b> of \"Tue, 3 Sep 2002\" <i@x>",
            "Message from \"A of B\" <a@b> of \"Tue, 3 Sep 2002\" <i@x>",
            "Message from a@b of \"Tue, 3 Sep 2002\" <i@x>",
            "Message from A of Tue, 3 Sep 2002 <i@x>",
            "message FROM A of B <a@b> of 3 Sep <i@x>",
            "<i@x> from A <a@b>",
            "<i@x>; from A <a@b> on Tue",
            "A <i@x>",
        ] {
            assert_eq!(read(text), id, "{text}");
        }
        for text in ["Message from A <a@b> of \"Tue\"", "<A B <a@b>", "from <a@b", "from a@b"] {
            assert!(read(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn comments_and_quoted_strings_hide_brackets_only_while_they_close() {
        assert_eq!(read("(see <a@b>) <i@x> (x (y <c@d>) <e@f>)"), ["i@x"]);
        assert_eq!(read("\"A <a@b>\" <i@x>"), ["i@x"]);
        assert_eq!(read("(A's message <i@x>"), ["i@x"]);
        assert_eq!(read("\"<i@x>\""), ["i@x"]);
        assert_eq!(read("A's \"message <i@x>"), ["i@x"]);
        assert_eq!(read("(\\) <a@b>) \"\\\" <a@b>\" <i@x>"), ["i@x"]);
    }

    #[test]
    fn hostile_text_takes_linear_time() {
        for unit in ["<", "(", "\"", "(\"", "<(", "a@b ", "=?", "\\", "<a@b", ")", "\" <", "((a)"] {
            let text = unit.repeat(1_000_000 / unit.len());
            assert!(ids(&text).len() <= Ids::MAX, "{unit}");
        }
    }
}
