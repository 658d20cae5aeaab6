//! Every token in a subject.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::iter::FusedIterator;
use std::ops::Range;

use super::boundary::joins;
use super::error::TokenScannerError;
use super::format::{Designator, TokenFormat, TokenParts};
use super::index::{Leftward, PrefixEnd, PrefixIndex};
use super::plain::{Plain, next_ascii_run};
use super::reading::{Unicode, may_hold_run};
use super::tracking_token::TrackingToken;
use crate::text::fold;

/// Finds the tokens of any number of live and historic formats in one pass over a subject.
///
/// A token is found where a reader would see it. The subject is read through
/// [`text::fold`](crate::text::fold), so these are all `CRM:0001001`:
///
/// | spelling | because |
/// |---|---|
/// | `crm:0001001` | case does not count |
/// | `ＣＲＭ：０００１００１` | nor does width |
/// | `CRM: 0001001` | white space may stand after a prefix that ends in neither letter nor digit |
/// | `[CRM:0001001]`, `关于CRM:0001001的问题` | it stands by itself |
/// | with zero-width or bidi marks inside | nobody sees them |
///
/// White space inside a prefix is one blank, however long the run and whether or not it was folded
/// over lines. These are not `CRM:0001001`:
///
/// | text | because |
/// |---|---|
/// | `XCRM:0001001` | a letter or digit stands before a prefix that begins with one |
/// | `CRM:00010012`, `CRM:0001001abc` | a letter or digit follows |
/// | `CRM:2001001` | the designator is 0 or 1 |
/// | `CRM:000 1001`, `CRM :0001001` | white space where none is printed |
///
/// *Letter* means here a letter of a script with upper and lower case; the others write words
/// without blanks between them or glue particles to them.
///
/// The scan is linear in the subject. It allocates only to fold single characters beyond ASCII that
/// stand beside enough digits.
#[derive(Debug, Clone)]
pub struct TokenScanner {
    formats: Vec<TokenFormat>,
    index: PrefixIndex,
    /// By prefix: its groups with the digits of their tokens.
    by_prefix: Vec<Vec<(u8, u32)>>,
    groups: Vec<Group>,
    /// Bit n: some token has n digits.
    digits: u32,
    /// The fewest digits of a token.
    shortest: usize,
    digit_ends_prefix: bool,
}

/// Formats that print the same texts: equal prefix to a reader, equal number of digits.
#[derive(Debug, Clone)]
struct Group {
    key: String,
    digits: u8,
    /// Places in `formats`, in the order given; not empty.
    formats: Vec<usize>,
}

impl TokenScanner {
    /// The most formats one scanner takes: 4,096.
    pub const MAX_FORMATS: usize = 4096;

    /// A scanner for these formats; with none it finds nothing.
    ///
    /// # Errors
    ///
    /// More than [`MAX_FORMATS`](Self::MAX_FORMATS) formats.
    pub fn new(formats: impl IntoIterator<Item = TokenFormat>) -> Result<Self, TokenScannerError> {
        let formats: Vec<_> = formats.into_iter().take(Self::MAX_FORMATS + 1).collect();
        if formats.len() > Self::MAX_FORMATS {
            return Err(TokenScannerError { most: Self::MAX_FORMATS });
        }
        let mut grouped: BTreeMap<String, BTreeMap<u8, Vec<usize>>> = BTreeMap::new();
        for (i, format) in formats.iter().enumerate() {
            let prefix = grouped.entry(fold(format.prefix().as_str())).or_default();
            prefix.entry(format.digits()).or_default().push(i);
        }
        let prefixes: Vec<String> = grouped.keys().cloned().collect();
        let mut groups = Vec::new();
        let mut by_prefix = Vec::with_capacity(prefixes.len());
        for (key, by_digits) in grouped {
            let mut of_prefix = Vec::with_capacity(by_digits.len());
            for ((digits, formats), i) in by_digits.into_iter().zip(groups.len() as u32..) {
                of_prefix.push((digits, i));
                groups.push(Group { key: key.clone(), digits, formats });
            }
            by_prefix.push(of_prefix);
        }
        Ok(Self {
            index: PrefixIndex::new(&prefixes),
            by_prefix,
            digits: groups.iter().fold(0, |all, group| all | 1 << group.digits),
            shortest: groups.iter().map(|group| usize::from(group.digits)).min().unwrap_or(0),
            digit_ends_prefix: prefixes.iter().any(|p| p.ends_with(|c: char| c.is_ascii_digit())),
            groups,
            formats,
        })
    }

    /// The formats, in the order given.
    #[must_use]
    pub fn formats(&self) -> &[TokenFormat] {
        &self.formats
    }

    /// Every token of every format, from left to right by where they end; of those that end
    /// together (prefixes `CRM:` and `My CRM:`) the longest first.
    ///
    /// Formats that share a prefix and the number of digits but split them differently are readings
    /// of one found token: [`FoundToken::readings`].
    ///
    /// ```
    /// use correspond::token::{TokenFormat, TokenScanner};
    ///
    /// let scanner = TokenScanner::new([TokenFormat::default(), "ACME-/0/4/6".parse()?])?;
    /// let found: Vec<_> = scanner
    ///     .find_iter("Re: XCRM:0001001 [crm:\t0002007] acme-00012000345 CRM:00010012")
    ///     .map(|token| token.token().to_string())
    ///     .collect();
    /// assert_eq!(found, ["CRM:0002007", "ACME-00012000345"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn find_iter<'a>(&'a self, subject: &'a str) -> Tokens<'a> {
        let source = if self.shortest == 0 {
            Source::Nothing
        } else if subject.is_ascii() {
            Source::Ascii { at: 0 }
        } else if !may_hold_run(subject, self.shortest) {
            Source::Nothing
        } else {
            Source::Unicode(Unicode::new(subject))
        };
        Tokens { scanner: self, subject, source, hits: Hits::default() }
    }

    /// The tokens whose digits end with a run of plain digits; `false` when plain reading does not
    /// tell.
    #[inline]
    fn plain_tokens_at(&self, subject: &str, end: usize, run: usize, hits: &mut Hits) -> bool {
        let mut text = Plain::new(subject);
        let Some(before) = text.at(end) else { return false };
        self.tokens_at(&mut text, before, run, |_, start, digits| {
            hits.push(start.len(), end, digits);
        });
        !text.is_lost()
    }

    /// The tokens whose digits end where a run of digits ends.
    fn tokens_at<T: Leftward>(
        &self,
        text: &mut T,
        end: T::Place,
        run: usize,
        mut hit: impl FnMut(&T, T::Place, Digits),
    ) {
        if run <= 20 && self.digits & (1 << run) != 0 {
            self.tokens_of(text, end, run, false, &mut hit);
        }
        if self.digit_ends_prefix {
            for digits in (self.shortest..=20).take_while(|digits| *digits < run) {
                if self.digits & (1 << digits) != 0 {
                    self.tokens_of(text, end, digits, true, &mut hit);
                }
            }
        }
    }

    /// The tokens of exactly so many digits; `inside` a run, the prefix ends in a digit itself.
    #[inline]
    fn tokens_of<T: Leftward>(
        &self,
        text: &mut T,
        end: T::Place,
        digits: usize,
        inside: bool,
        hit: &mut impl FnMut(&T, T::Place, Digits),
    ) {
        let Some((at, rest)) = text.digits(end, digits - 1) else { return };
        let (designator, at) = match text.before(at) {
            Some(('0', at)) => (Designator::Online, at),
            Some(('1', at)) => (Designator::Offline, at),
            _ => return,
        };
        let (blank, at) = match text.before(at) {
            Some((' ', left)) if !inside => (true, left),
            _ => (false, at),
        };
        self.index.walk(text, at, |text, prefix: PrefixEnd, start| {
            let blocked = (blank && prefix.last_joins)
                || (prefix.first_joins && text.before(start).is_some_and(|(c, _)| joins(c)));
            let groups = self.by_prefix.get(prefix.prefix as usize).map_or(&[][..], Vec::as_slice);
            if !blocked && let Some((_, group)) = groups.iter().find(|g| usize::from(g.0) == digits)
            {
                hit(text, start, Digits { group: *group, designator, rest });
            }
        });
    }
}

/// The tokens of a subject: see [`TokenScanner::find_iter`].
#[derive(Debug)]
#[must_use = "an iterator finds nothing unless it is asked"]
pub struct Tokens<'a> {
    scanner: &'a TokenScanner,
    subject: &'a str,
    source: Source<'a>,
    hits: Hits,
}

#[derive(Debug)]
enum Source<'a> {
    Ascii { at: usize },
    Unicode(Unicode<'a>),
    Nothing,
}

/// A token between two bytes of the subject.
#[derive(Debug, Clone, Copy)]
struct Hit {
    start: usize,
    end: usize,
    digits: Digits,
}

/// What the digits of a token say, and which formats print it.
#[derive(Debug, Clone, Copy)]
struct Digits {
    group: u32,
    designator: Designator,
    /// User number and counter, written as one number of at most 19 digits.
    rest: u64,
}

/// The tokens that end together, found and not yet told; seldom more than one.
#[derive(Debug, Default)]
struct Hits {
    /// The only one, or the next.
    next: Option<Hit>,
    /// The last comes first.
    more: Vec<Hit>,
}

impl Hits {
    #[inline]
    fn push(&mut self, start: usize, end: usize, digits: Digits) {
        let hit = Hit { start, end, digits };
        match self.next {
            None => self.next = Some(hit),
            Some(_) => self.more.push(hit),
        }
    }

    fn clear(&mut self) {
        self.next = None;
        self.more.clear();
    }

    /// The longest first.
    #[inline]
    fn sort(&mut self) {
        if !self.more.is_empty() {
            self.more.extend(self.next.take());
            self.more.sort_unstable_by_key(|hit| (Reverse(hit.start), hit.digits.group));
        }
    }

    #[inline]
    fn pop(&mut self) -> Option<Hit> {
        self.next.take().or_else(|| self.more.pop())
    }
}

impl Tokens<'_> {
    /// Takes the tokens at the next run of digits; `false` when there is no further run.
    fn scan(&mut self) -> bool {
        let Self { scanner, subject, source, hits } = self;
        match source {
            Source::Nothing => return false,
            Source::Ascii { at } => {
                let bytes = subject.as_bytes();
                let Some((start, end)) = next_ascii_run(bytes, *at, scanner.shortest) else {
                    self.source = Source::Nothing;
                    return false;
                };
                // The byte at `end` is no digit.
                *at = end + 1;
                if !bytes.get(end).is_some_and(u8::is_ascii_alphanumeric) {
                    scanner.plain_tokens_at(subject, end, end - start, hits);
                }
            }
            Source::Unicode(text) => {
                let Some(run) = text.next_run(scanner.shortest) else {
                    self.source = Source::Nothing;
                    return false;
                };
                let told = run.joined
                    || text
                        .plain_end(run)
                        .is_some_and(|end| scanner.plain_tokens_at(subject, end, run.length, hits));
                if !told {
                    hits.clear();
                    scanner.tokens_at(text, run.end, run.length, |text, start, digits| {
                        let range = text.source(start, run.end);
                        hits.push(range.start, range.end, digits);
                    });
                }
            }
        }
        hits.sort();
        true
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = FoundToken<'a>;

    #[inline]
    fn next(&mut self) -> Option<FoundToken<'a>> {
        loop {
            if let Some(hit) = self.hits.pop() {
                let group = self.scanner.groups.get(hit.digits.group as usize)?;
                let text = self.subject.get(hit.start..hit.end)?;
                return Some(FoundToken { text, hit, group, formats: &self.scanner.formats });
            }
            if !self.scan() {
                return None;
            }
        }
    }
}

impl FusedIterator for Tokens<'_> {}

/// A token in a subject.
#[derive(Debug, Clone, Copy)]
pub struct FoundToken<'a> {
    text: &'a str,
    hit: Hit,
    group: &'a Group,
    formats: &'a [TokenFormat],
}

impl<'a> FoundToken<'a> {
    /// As it stands in the subject.
    #[must_use]
    pub const fn text(&self) -> &'a str {
        self.text
    }

    /// Where it stands in the subject, in bytes.
    #[must_use]
    pub const fn range(&self) -> Range<usize> {
        self.hit.start..self.hit.end
    }

    /// What its digits say, one reading a format that prints such a token, in the order the formats
    /// were given; at least one.
    ///
    /// ```
    /// use correspond::token::{TokenFormat, TokenScanner};
    ///
    /// let scanner = TokenScanner::new(["CRM:/0/3/3".parse()?, "CRM:/0/2/4".parse()?])?;
    /// let found = scanner.find_iter("x CRM:0012345").next().unwrap();
    /// let read: Vec<_> = found.readings().map(|r| (r.parts.user_number, r.parts.counter)).collect();
    /// assert_eq!(read, [(12, 345), (1, 2345)]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn readings(&self) -> impl Iterator<Item = TokenReading> + use<'a> {
        let Self { hit, formats, .. } = *self;
        self.group.formats.iter().filter_map(move |&format| {
            let parts = formats.get(format)?.parts(hit.digits.designator, hit.digits.rest);
            Some(TokenReading { format, parts })
        })
    }

    /// The token in the spelling of the (first) format that prints it.
    #[must_use]
    pub fn token(&self) -> TrackingToken {
        let mut text = String::with_capacity(40);
        self.canonical_into(&mut text);
        TrackingToken::from_parts(text)
    }

    /// Appends the text of [`token`](Self::token).
    pub fn canonical_into(&self, text: &mut String) {
        let format = self.group.formats.first().and_then(|format| self.formats.get(*format));
        text.push_str(format.map_or("", |format| format.prefix().as_str()));
        self.digits_into(text);
    }

    /// Appends the form to compare and index by, the same as
    /// [`TrackingToken::key_into`] of the stored token, however this one is spelt.
    pub fn key_into(&self, key: &mut String) {
        key.push_str(&self.group.key);
        self.digits_into(key);
    }

    fn digits_into(&self, text: &mut String) {
        let Digits { designator, rest, .. } = self.hit.digits;
        let (first, width) = (designator.digit(), usize::from(self.group.digits) - 1);
        // Writing to a string does not fail.
        let _ = write!(text, "{first}{rest:0width$}");
    }
}

/// One way to read the digits of a found token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenReading {
    /// The place of the format in [`TokenScanner::formats`].
    pub format: usize,
    /// What the digits say in it.
    pub parts: TokenParts,
}
