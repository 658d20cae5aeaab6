//! What is left of a subject when the marks of replying, forwarding and passing gateways are gone.

use super::rules::{Rules, TagRule};
use super::scan::{Scan, Tag};
use super::trailer;
use super::words::PrefixKind;

/// How many of the stripped prefixes are kept for [`BaseSubject::prefixes`].
const KEPT_PREFIXES: usize = 8;

/// A subject taken apart by [`Rules::base`]: the base text and what was taken away.
///
/// Borrows from the subject; nothing is copied.
///
/// ```
/// let base = correspond::subject::base("AW: [EXT] Re: Angebot 2024-17 (fwd)");
/// assert_eq!(base.text(), "Angebot 2024-17");
/// assert!(base.is_reply() && base.is_forward() && base.had_gateway_tag());
/// assert_eq!(base.prefixes().collect::<Vec<_>>(), ["AW", "Re"]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct BaseSubject<'a> {
    text: &'a str,
    /// The kinds of what went, each a bit.
    seen: u8,
    /// The kind of the first prefix word that went, or nothing.
    outermost: u8,
    subject: &'a str,
    /// Where the first prefixes stand in the subject, and how long they are.
    prefixes: [(u32, u16); KEPT_PREFIXES],
    count: usize,
}

const LIST_TAG: u8 = 8;

impl<'a> BaseSubject<'a> {
    /// The base text: a piece of the subject as it was written, without white space or invisible
    /// characters at its ends. Empty when the subject held prefixes alone.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Did a reply prefix stand in front?
    #[must_use]
    pub fn is_reply(&self) -> bool {
        self.seen & PrefixKind::Reply as u8 != 0
    }

    /// Did a forward prefix stand in front, a `[Fwd: ...]` around or a `(fwd)` behind the text?
    #[must_use]
    pub fn is_forward(&self) -> bool {
        self.seen & PrefixKind::Forward as u8 != 0
    }

    /// Is the mail itself a forward, whatever it forwards or answers? `Fwd: Re: x` is one, `Re: Fwd: x`
    /// is a reply; without a prefix word, `(fwd)` and `[Fwd: ...]` tell.
    ///
    /// ```
    /// use correspond::subject::base;
    ///
    /// assert!(base("Fwd: Re: x").forwards() && base("x (fwd)").forwards());
    /// assert!(!base("Re: Fwd: x").forwards() && base("Re: Fwd: x").is_forward());
    /// ```
    #[must_use]
    pub fn forwards(&self) -> bool {
        let told = if self.outermost == 0 { self.seen } else { self.outermost };
        told & PrefixKind::Forward as u8 != 0
    }

    /// Was a gateway's mark such as `[EXT]` taken away?
    #[must_use]
    pub fn had_gateway_tag(&self) -> bool {
        self.seen & PrefixKind::Gateway as u8 != 0
    }

    /// Was a tag taken away that is no gateway's: one that stood before a prefix, or a configured
    /// list tag?
    #[must_use]
    pub fn had_list_tag(&self) -> bool {
        self.seen & LIST_TAG != 0
    }

    /// The first eight prefix words that went, as written, without counter and colon.
    pub fn prefixes(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let subject = self.subject;
        self.prefixes.into_iter().take(self.count).map(move |(start, len)| {
            let start = start as usize;
            subject.get(start..start + usize::from(len)).unwrap_or_default()
        })
    }

    /// How many prefix words went, beyond eight too.
    #[must_use]
    pub fn prefix_count(&self) -> usize {
        self.count
    }

    const fn nothing_yet(subject: &'a str) -> Self {
        Self {
            text: "",
            seen: 0,
            outermost: 0,
            subject,
            prefixes: [(0, 0); KEPT_PREFIXES],
            count: 0,
        }
    }

    /// Takes `subject` apart by `rules`.
    #[inline]
    pub(super) fn new(rules: &Rules, subject: &'a str) -> Self {
        let mut base = Self::nothing_yet(subject);
        base.text = take_apart(rules, subject, &mut base).text;
        base
    }

    /// The same, while `tags` is told of tags; and the last part of the key.
    pub(super) fn beside(
        rules: &Rules,
        subject: &'a str,
        tags: &mut impl Witness<'a>,
    ) -> (Self, &'a str) {
        let mut both = Both { base: Self::nothing_yet(subject), tags };
        let left = take_apart(rules, subject, &mut both);
        both.base.text = left.text;
        (both.base, left.rest)
    }
}

/// Two that are told: of tags in the key the one, of everything else the other.
struct Both<'a, 't, T> {
    base: BaseSubject<'a>,
    tags: &'t mut T,
}

impl<'a, T: Witness<'a>> Witness<'a> for Both<'a, '_, T> {
    fn kind(&mut self, kind: PrefixKind) {
        self.base.kind(kind);
    }

    fn list_tag(&mut self) {
        self.base.list_tag();
    }

    fn prefix(&mut self, kind: PrefixKind, start: usize, end: usize) {
        self.base.prefix(kind, start, end);
    }

    fn uncertain(&mut self, scan: Scan<'a, '_>, start: usize, end: usize) {
        self.base.uncertain(scan, start, end);
    }

    fn tags_before(&mut self, tags: &'a str) {
        self.tags.tags_before(tags);
    }
}

/// Who is told what goes while a subject is taken apart.
pub(super) trait Witness<'a> {
    /// Something of this kind goes.
    fn kind(&mut self, _kind: PrefixKind) {}

    /// A tag goes that is no gateway's.
    fn list_tag(&mut self) {}

    /// A prefix word goes: its kind, start and end.
    fn prefix(&mut self, _kind: PrefixKind, _start: usize, _end: usize) {}

    /// Uncertain prefixes go, between two offsets.
    fn uncertain(&mut self, _scan: Scan<'a, '_>, _start: usize, _end: usize) {}

    /// A run of tags stood before a prefix.
    fn tags_before(&mut self, _tags: &'a str) {}
}

impl<'a> Witness<'a> for BaseSubject<'a> {
    #[inline]
    fn kind(&mut self, kind: PrefixKind) {
        self.seen |= kind as u8;
    }

    #[inline]
    fn list_tag(&mut self) {
        self.seen |= LIST_TAG;
    }

    #[inline]
    fn prefix(&mut self, kind: PrefixKind, start: usize, end: usize) {
        self.kind(kind);
        if self.outermost == 0 {
            self.outermost = kind as u8 & (PrefixKind::Reply as u8 | PrefixKind::Forward as u8);
        }
        if let Some(slot) = self.prefixes.get_mut(self.count) {
            // A subject of 4 GiB loses the names of its late prefixes, nothing else.
            let start_32 = u32::try_from(start).unwrap_or(u32::MAX);
            *slot = (start_32, u16::try_from(end - start).unwrap_or(0));
        }
        self.count += 1;
    }

    #[cold]
    fn uncertain(&mut self, scan: Scan<'a, '_>, start: usize, end: usize) {
        let mut at = start;
        while at < end {
            if let Some(prefix) = scan.prefix(at) {
                self.prefix(prefix.kind, at, prefix.word_end);
                at = scan.skip(prefix.next);
            } else if let Some(Tag::Other(end)) = scan.tag(at) {
                at = scan.skip(end);
            } else {
                return;
            }
        }
    }
}

/// What is left of a subject.
pub(super) struct Left<'a> {
    /// The base text.
    text: &'a str,
    /// The last part of the key: the text without tags that the key has already.
    pub(super) rest: &'a str,
}

/// Tags and uncertain prefixes that count once a certain prefix follows.
#[derive(Clone, Copy, Default)]
struct Pending {
    /// First tag to last tag, when there is one.
    tags: Option<(usize, usize)>,
    /// An uncertain prefix stands among them.
    words: bool,
}

/// Takes `subject` apart before a witness.
#[inline]
pub(super) fn take_apart<'a>(
    rules: &Rules,
    subject: &'a str,
    witness: &mut impl Witness<'a>,
) -> Left<'a> {
    let (mut text, forwarded) = trailer::strip(rules, subject);
    if forwarded {
        witness.kind(PrefixKind::Forward);
    }
    let mut scan = Scan { rules, text };
    let mut at = scan.skip(0);
    // Where the base text starts, and where the last part of the key starts: they part ways behind
    // a tag that carries meaning, which the text keeps with everything that follows.
    let mut start = at;
    let mut rest = at;
    let mut kept = false;
    let mut pending = Pending::default();
    loop {
        let before = at;
        let mut word = None;
        let Some(starts_word) = scan.starts_word(at) else { break };
        let certain = if starts_word {
            let Some(prefix) = scan.prefix(at) else { break };
            at = scan.skip(prefix.next);
            if prefix.certain {
                word = Some((prefix.kind, prefix.word_end));
            } else {
                pending.words = true;
            }
            prefix.certain
        } else {
            match scan.tag(at) {
                None => break,
                Some(Tag::Gateway(end)) => {
                    witness.kind(PrefixKind::Gateway);
                    at = scan.skip(end);
                    true
                }
                Some(Tag::List(end)) => {
                    witness.list_tag();
                    at = scan.skip(end);
                    true
                }
                Some(Tag::Forward(end)) => {
                    witness.kind(PrefixKind::Forward);
                    at = scan.skip(end);
                    true
                }
                Some(Tag::Wrapper(inner)) => {
                    // Text that keeps a tag in front cannot lose the wrapper's last bracket.
                    let tags = pending.tags.and_then(|(first, last)| text.get(first..last));
                    if kept || tags.is_some_and(carries_meaning) {
                        break;
                    }
                    witness.kind(PrefixKind::Forward);
                    let tail = text.get(inner..text.len() - 1).unwrap_or_default();
                    let (tail, forwarded) = trailer::strip(rules, tail);
                    if forwarded {
                        witness.kind(PrefixKind::Forward);
                    }
                    text = text.get(..inner + tail.len()).unwrap_or_default();
                    scan.text = text;
                    at = scan.skip(inner);
                    true
                }
                Some(Tag::Other(end)) => {
                    at = scan.skip(end);
                    let strip = match rules.tags {
                        TagRule::Keep => false,
                        TagRule::StripWords => {
                            !carries_meaning(text.get(before..end).unwrap_or_default())
                        }
                        TagRule::StripAll => true,
                    };
                    // A subject that is a tag and nothing else keeps it (RFC 5256).
                    let strip = strip && at < text.len();
                    if strip {
                        witness.list_tag();
                    } else if !pending.words {
                        let first = pending.tags.map_or(before, |(first, _)| first);
                        pending.tags = Some((first, end));
                    }
                    strip && pending.tags.is_none() && !pending.words
                }
            }
        };
        if !certain {
            continue;
        }
        if pending.words {
            witness.uncertain(scan, rest, before);
        }
        if let Some((kind, end)) = word {
            witness.prefix(kind, before, end);
        }
        if let Some((first, last)) = pending.tags {
            let tags = text.get(first..last).unwrap_or_default();
            kept |= carries_meaning(tags);
            if !kept {
                witness.list_tag();
            }
            witness.tags_before(tags);
        }
        pending = Pending::default();
        rest = at;
        if !kept {
            start = at;
        }
    }
    Left { text: text.get(start..).unwrap_or_default(), rest: text.get(rest..).unwrap_or_default() }
}

/// Does a tag hold a number, and so name one thing: `[PATCH v2 1/3]`, `[Ticket#123]`?
fn carries_meaning(tag: &str) -> bool {
    tag.bytes().any(|b| b.is_ascii_digit())
}
