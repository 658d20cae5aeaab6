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
    /// What the key is made of when no tag was passed over.
    pub(super) rest: &'a str,
    /// A tag stood before a prefix: the key is put together from pieces.
    pub(super) pieces: bool,
    seen: u8,
    subject: &'a str,
    /// Where the first prefixes stand in the subject, and how long they are.
    prefixes: [(u32, u16); KEPT_PREFIXES],
    count: usize,
}

const REPLY: u8 = 1;
const FORWARD: u8 = 2;
const GATEWAY: u8 = 4;
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
        self.seen & REPLY != 0
    }

    /// Did a forward prefix stand in front, a `[Fwd: ...]` around or a `(fwd)` behind the text?
    #[must_use]
    pub fn is_forward(&self) -> bool {
        self.seen & FORWARD != 0
    }

    /// Was a gateway's mark such as `[EXT]` taken away?
    #[must_use]
    pub fn had_gateway_tag(&self) -> bool {
        self.seen & GATEWAY != 0
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

    fn note(&mut self, kind: PrefixKind) {
        self.seen |= match kind {
            PrefixKind::Reply => REPLY,
            PrefixKind::Forward => FORWARD,
            PrefixKind::Gateway => GATEWAY,
            PrefixKind::Unknown => 0,
        };
    }

    fn push(&mut self, start: usize, end: usize) {
        if let Some(slot) = self.prefixes.get_mut(self.count) {
            // A subject of 4 GiB loses the names of its late prefixes, nothing else.
            let start_32 = u32::try_from(start).unwrap_or(u32::MAX);
            *slot = (start_32, u16::try_from(end - start).unwrap_or(0));
        }
        self.count += 1;
    }
}

/// Tags and uncertain prefixes that count once a certain prefix follows.
#[derive(Clone, Copy, Default)]
struct Pending {
    /// First tag to last tag, when there is one.
    tags: Option<(usize, usize)>,
    /// An uncertain prefix stands among them.
    words: bool,
}

/// Takes `subject` apart; `piece` is told every run of tags that stood before a prefix.
#[inline]
pub(super) fn take_apart<'a>(
    rules: &Rules,
    subject: &'a str,
    mut piece: impl FnMut(&'a str),
) -> BaseSubject<'a> {
    let mut base = BaseSubject {
        text: "",
        rest: "",
        pieces: false,
        seen: 0,
        subject,
        prefixes: [(0, 0); KEPT_PREFIXES],
        count: 0,
    };
    let (mut text, forwarded) = trailer::strip(rules, subject);
    if forwarded {
        base.note(PrefixKind::Forward);
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
        let mut word_end = None;
        let certain = if let Some(prefix) = scan.prefix(at) {
            at = scan.skip(prefix.next);
            if prefix.certain {
                base.note(prefix.kind);
                word_end = Some(prefix.word_end);
            } else {
                pending.words = true;
            }
            prefix.certain
        } else if !scan.opens_tag(at) {
            break;
        } else {
            match scan.tag(at) {
                None => break,
                Some(Tag::Gateway(end)) => {
                    base.note(PrefixKind::Gateway);
                    at = scan.skip(end);
                    true
                }
                Some(Tag::List(end)) => {
                    base.seen |= LIST_TAG;
                    at = scan.skip(end);
                    true
                }
                Some(Tag::Forward(end)) => {
                    base.note(PrefixKind::Forward);
                    at = scan.skip(end);
                    true
                }
                Some(Tag::Wrapper(inner)) => {
                    // Text that keeps a tag in front cannot lose the wrapper's last bracket.
                    let tags = pending.tags.and_then(|(first, last)| text.get(first..last));
                    if kept || tags.is_some_and(carries_meaning) {
                        break;
                    }
                    base.note(PrefixKind::Forward);
                    let tail = text.get(inner..text.len() - 1).unwrap_or_default();
                    let (tail, forwarded) = trailer::strip(rules, tail);
                    if forwarded {
                        base.note(PrefixKind::Forward);
                    }
                    text = text.get(..inner + tail.len()).unwrap_or_default();
                    scan.text = text;
                    at = scan.skip(inner);
                    true
                }
                Some(Tag::Other(end)) => {
                    at = scan.skip(end);
                    let tag = text.get(before..end).unwrap_or_default();
                    let strip = match rules.tags {
                        TagRule::Keep => false,
                        TagRule::StripWords => !carries_meaning(tag),
                        TagRule::StripAll => true,
                    };
                    // A subject that is a tag and nothing else keeps it (RFC 5256).
                    let strip = strip && at < text.len();
                    if strip {
                        base.seen |= LIST_TAG;
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
            note_words(&mut base, scan, rest, before);
        }
        if let Some(end) = word_end {
            base.push(before, end);
        }
        if let Some((first, last)) = pending.tags {
            let tags = text.get(first..last).unwrap_or_default();
            kept |= carries_meaning(tags);
            if !kept {
                base.seen |= LIST_TAG;
            }
            base.pieces = true;
            piece(tags);
        }
        pending = Pending::default();
        rest = at;
        if !kept {
            start = at;
        }
    }
    base.text = text.get(start..).unwrap_or_default();
    base.rest = text.get(rest..).unwrap_or_default();
    base
}

/// Notes the uncertain prefixes between two offsets, now that a certain one follows.
#[cold]
fn note_words(base: &mut BaseSubject<'_>, scan: Scan<'_, '_>, from: usize, to: usize) {
    let mut at = from;
    while at < to {
        if let Some(prefix) = scan.prefix(at) {
            base.note(prefix.kind);
            base.push(at, prefix.word_end);
            at = scan.skip(prefix.next);
        } else if let Some(Tag::Other(end)) = scan.tag(at) {
            at = scan.skip(end);
        } else {
            return;
        }
    }
}

/// Does a tag hold a number, and so name one thing: `[PATCH v2 1/3]`, `[Ticket#123]`?
fn carries_meaning(tag: &str) -> bool {
    tag.bytes().any(|b| b.is_ascii_digit())
}
