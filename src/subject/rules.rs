//! What is stripped from a subject, and what an administrator may change about it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::base::BaseSubject;
use super::error::{RulesError, RulesErrorKind};
use super::words::PrefixKind;
use crate::text;

/// The most entries in one list of [`Settings`].
pub const MAX_WORDS: usize = 1_000;
/// The longest entry in a list of [`Settings`], in characters.
pub const MAX_WORD_CHARS: usize = 64;

/// What mail gateways write, without brackets, as found on public mailing lists 2019 to 2026;
/// `{Spam?}` and `{Disarmed}` are MailScanner's defaults.
const GATEWAYS: &[&str] = &[
    "#extern_",
    "disarmed",
    "dmarc error",
    "ext",
    "extern",
    "external",
    "external e-mail",
    "external email",
    "external mail",
    "external sender",
    "externalemail",
    "externalmail",
    "non-dod source",
    "phishing risk",
    "possible spam",
    "potential spoof",
    "spam",
    "spam?",
    "spf error",
    "suspected spam",
    "unverified sender",
    "url verdict: neutral",
];

/// The rules by which a subject is taken apart, parsed from [`Settings`] once and used for any
/// number of subjects.
///
/// [`Rules::default`] strips the prefixes of all listed languages and the listed gateway marks, and
/// keeps every other tag.
///
/// ```
/// use correspond::subject::{Rules, Settings};
///
/// let mut settings = Settings::default();
/// settings.reply_words.push("Betr".into());
/// let rules = Rules::new(settings)?;
/// assert_eq!(rules.base("BETR: agenda").text(), "agenda");
/// # Ok::<(), correspond::subject::RulesError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Settings", into = "Settings")]
pub struct Rules {
    pub(super) extra: Option<Box<Extra>>,
    /// None: the listed ones.
    gateways: Option<Box<Gateways>>,
    lists: Option<BTreeSet<String>>,
    pub(super) tags: TagRule,
    pub(super) was: bool,
    pub(super) short_unknown: bool,
    /// As given; none for the default.
    settings: Option<Box<Settings>>,
}

/// Words beyond the listed ones, folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Extra {
    pub(super) words: BTreeMap<String, PrefixKind>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Gateways {
    /// Folded.
    names: BTreeSet<String>,
    literals: Vec<String>,
}

/// What happens to a `[tag]` that is no gateway's and no configured list's.
///
/// On public lists, keeping tags in the key made 140 wrong links where stripping them all made
/// 1,173: versions of a patch and numbered tickets fall together without theirs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TagRule {
    /// The tag stays in the key. A tag without a digit leaves the *base text* where a prefix
    /// follows it: `[list] Re: x` has the text `x` and the key of `[list] x`.
    #[default]
    Keep,
    /// A leading tag without a digit is stripped: `[list] x` is `x`; `[PATCH 1/3] x` stays.
    StripWords,
    /// Every leading tag is stripped, as RFC 5256 has it. A tracking token in brackets goes too.
    StripAll,
}

/// The settings behind [`Rules`]; every list holds at most [`MAX_WORDS`] entries of at most
/// [`MAX_WORD_CHARS`] characters, compared without regard to case and Unicode form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Settings {
    /// Reply prefixes beyond the listed ones, without colon: letters and single blanks.
    pub reply_words: Vec<String>,
    /// Forward prefixes beyond the listed ones, without colon: letters and single blanks.
    pub forward_words: Vec<String>,
    /// The gateway marks, without their brackets: found in `[ ]`, `( )`, `{ }` and between stars.
    /// An entry that starts with `#` is matched as it stands. Replaces the default list; empty:
    /// none.
    pub gateway_tags: Vec<String>,
    /// Names of lists whose `[name]` is stripped wherever it stands in the head of the subject.
    pub list_tags: Vec<String>,
    /// What happens to other tags.
    pub tags: TagRule,
    /// Strip `(was: old subject)` from the end. Off by default: the old subject is evidence.
    pub strip_was: bool,
    /// Strip one to three unknown letters, colon and blank, as MAPI does (MS-OXCMAIL 2.2.3.2.6.1).
    /// Off by default: it took a real word from 2.9 % of distinct subjects of public lists.
    pub strip_short_unknown: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            reply_words: Vec::new(),
            forward_words: Vec::new(),
            gateway_tags: GATEWAYS.iter().map(|tag| (*tag).to_owned()).collect(),
            list_tags: Vec::new(),
            tags: TagRule::default(),
            strip_was: false,
            strip_short_unknown: false,
        }
    }
}

impl Rules {
    /// Parses settings into rules.
    ///
    /// # Errors
    ///
    /// When a list has more than [`MAX_WORDS`] entries, or an entry is empty, longer than
    /// [`MAX_WORD_CHARS`] characters, or holds what its list does not allow: a prefix word holds
    /// letters and blanks alone, a tag no brackets.
    pub fn new(settings: Settings) -> Result<Self, RulesError> {
        if settings == Settings::default() {
            return Ok(Self::default());
        }
        let mut words = BTreeMap::new();
        for (field, list, kind) in [
            ("forward_words", &settings.forward_words, PrefixKind::Forward),
            ("reply_words", &settings.reply_words, PrefixKind::Reply),
        ] {
            for word in entries(field, list, letter)? {
                words.insert(word, kind);
            }
        }
        let mut names = BTreeSet::new();
        let mut literals = Vec::new();
        for tag in entries("gateway_tags", &settings.gateway_tags, tag_character)? {
            if tag.starts_with('#') {
                literals.push(tag);
            } else {
                names.insert(tag);
            }
        }
        let lists: BTreeSet<_> =
            entries("list_tags", &settings.list_tags, tag_character)?.into_iter().collect();
        let listed = settings.gateway_tags == Settings::default().gateway_tags;
        Ok(Self {
            extra: (!words.is_empty()).then(|| Box::new(Extra { words })),
            gateways: (!listed).then(|| Box::new(Gateways { names, literals })),
            lists: (!lists.is_empty()).then_some(lists),
            tags: settings.tags,
            was: settings.strip_was,
            short_unknown: settings.strip_short_unknown,
            settings: Some(Box::new(settings)),
        })
    }

    /// The rules of the crate, in a constant.
    const LISTED: Self = Self {
        extra: None,
        gateways: None,
        lists: None,
        tags: TagRule::Keep,
        was: false,
        short_unknown: false,
        settings: None,
    };

    pub(super) fn listed() -> &'static Self {
        static LISTED: Rules = Rules::LISTED;
        &LISTED
    }

    /// Takes a subject apart. Total, linear, without allocation but where a prefix-like word in an
    /// unlisted spelling has to be folded.
    ///
    /// `subject` is decoded text: see [`decode`](super::decode) for a raw header.
    #[must_use]
    pub fn base<'a>(&self, subject: &'a str) -> BaseSubject<'a> {
        BaseSubject::new(self, subject)
    }

    /// Does any setting make words prefixes that are not listed?
    #[inline]
    pub(super) fn widens(&self) -> bool {
        self.extra.is_some() || self.short_unknown
    }

    /// Is this, without brackets, a gateway's mark?
    #[inline]
    pub(super) fn is_gateway(&self, name: &str) -> bool {
        match &self.gateways {
            None => is_listed_gateway(name),
            Some(gateways) => gateways.names.contains(text::fold(name).as_str()),
        }
    }

    #[inline]
    pub(super) fn is_list(&self, name: &str) -> bool {
        self.lists.as_ref().is_some_and(|lists| lists.contains(text::fold(name).as_str()))
    }

    pub(super) fn gateway_literals(&self) -> impl Iterator<Item = &str> {
        let own = self.gateways.as_ref().map(|gateways| gateways.literals.as_slice());
        let listed = if own.is_none() { GATEWAYS } else { &[] };
        let listed = listed.iter().copied().take_while(|tag| tag.starts_with('#'));
        own.unwrap_or_default().iter().map(String::as_str).chain(listed)
    }
}

impl TryFrom<Settings> for Rules {
    type Error = RulesError;

    fn try_from(settings: Settings) -> Result<Self, RulesError> {
        Self::new(settings)
    }
}

impl From<Rules> for Settings {
    fn from(rules: Rules) -> Self {
        rules.settings.map_or_else(Self::default, |settings| *settings)
    }
}

/// By first letter, the lengths that listed gateway marks have: most tags are told apart by it.
static GATEWAY_LENGTHS: [u32; 32] = gateway_lengths();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn gateway_lengths() -> [u32; 32] {
    let mut lengths = [0; 32];
    let mut at = 0;
    while at < GATEWAYS.len() {
        let name = GATEWAYS[at].as_bytes();
        lengths[(name[0] & 31) as usize] |= 1 << name.len();
        at += 1;
    }
    lengths
}

#[inline]
fn is_listed_gateway(name: &str) -> bool {
    let Some(first) = name.as_bytes().first() else { return false };
    let lengths = GATEWAY_LENGTHS.get(usize::from(first & 31)).copied().unwrap_or(0);
    name.len() < 32
        && lengths >> name.len() & 1 == 1
        && GATEWAYS.iter().any(|gateway| gateway.eq_ignore_ascii_case(name))
}

/// The folded entries of one list, each within the bounds and made of allowed characters.
fn entries(
    field: &'static str,
    list: &[String],
    allowed: fn(char) -> bool,
) -> Result<Vec<String>, RulesError> {
    if list.len() > MAX_WORDS {
        return Err(RulesError::new(field, None, RulesErrorKind::TooMany { found: list.len() }));
    }
    let entry = |(at, entry): (usize, &String)| {
        let error = |kind| RulesError::new(field, Some(at), kind);
        let folded = text::fold(entry);
        let chars = entry.chars().count();
        if folded.is_empty() {
            return Err(error(RulesErrorKind::Empty));
        }
        if chars > MAX_WORD_CHARS {
            return Err(error(RulesErrorKind::TooLong { found: chars }));
        }
        match folded.chars().find(|c| !allowed(*c)) {
            Some(found) => Err(error(RulesErrorKind::Character { found })),
            None => Ok(folded),
        }
    };
    list.iter().enumerate().map(entry).collect()
}

fn letter(c: char) -> bool {
    c == ' ' || c.is_alphabetic() || unicode_normalization::char::is_combining_mark(c)
}

fn tag_character(c: char) -> bool {
    !matches!(c, '[' | ']' | '(' | ')' | '{' | '}' | '*') && !c.is_control()
}
