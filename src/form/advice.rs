//! Does a strategy fit the people of a directory?

mod sample;

use std::fmt;

use super::keying::Keying;
use super::marketing_form::MarketingForm;
use crate::id::RecordId;
use crate::party::Party;
use crate::settings::AttributeName;
use sample::Sample;

/// What a practitioner would say of a strategy who has seen some rows of the directory: is it too
/// wide, so that different people share a key and overwrite each other; or too narrow, so that one
/// person becomes several records? It forbids nothing.
///
/// The rows that count are the active ones of the strategy's target, each once; of two states of one
/// row the one modified last. Their order makes no difference, as long as there are no more than
/// [`MAX_ROWS`](Self::MAX_ROWS). Fewer than [`MIN_ROWS`](Self::MIN_ROWS) say nothing.
///
/// ```
/// use chrono::DateTime;
/// use correspond::form::{Keying, StrategyAdvice};
/// use correspond::id::RecordId;
/// use correspond::party::{Attributes, Party, Value};
/// use correspond::record::RecordKind;
/// use correspond::settings::{AttributeName, MatchingTarget};
///
/// // An office where everybody has the address of the reception.
/// let mut rows = Vec::new();
/// for number in 1..=40_u8 {
///     let letter = char::from(b'A' + number % 26);
///     let mut row = Attributes::default();
///     row.set("emailaddress1", Value::Text("office@contoso.example".into()))?;
///     row.set("firstname", Value::Text(format!("{letter}nn{number}")))?;
///     row.set("lastname", Value::Text(format!("{letter}ee{number}")))?;
///     let id = RecordKind::Contact.of(RecordId::new(number.into()));
///     rows.push(Party::new(id, DateTime::UNIX_EPOCH, row));
/// }
/// let by_address = Keying::new(MatchingTarget::Contact, [AttributeName::new("emailaddress1")?]);
/// let advice = StrategyAdvice::of(&by_address, &rows);
/// assert_eq!(
///     advice.findings()[0].to_string(),
///     "too wide: 40 of 40 rows (100 %) share their key with somebody of another name, at most 40 one \
///      key; add lastname"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StrategyAdvice {
    rows: usize,
    findings: Vec<StrategyFinding>,
}

impl StrategyAdvice {
    /// At most this many rows are looked at.
    pub const MAX_ROWS: usize = 10_000;

    /// Fewer rows than this say nothing.
    pub const MIN_ROWS: usize = 20;

    /// In per cent of the rows: from here on it matters that different people share keys.
    pub const SHARED_PERCENT: usize = 1;

    /// So many different people under one key matter, however few of all rows they are.
    pub const CROWD: usize = 10;

    /// In per cent of the rows: from here on it matters that rows share keys which nothing else tells
    /// apart.
    pub const SEVERAL_PERCENT: usize = 5;

    /// In per cent of the rows: from here on it matters that rows of one person have different keys.
    pub const APART_PERCENT: usize = 1;

    /// In per cent of the rows: from here on it matters that an attribute is blank, where blank equals
    /// nothing.
    pub const BLANK_PERCENT: usize = 20;

    /// In per cent of the rows: from here on it matters that an attribute is blank, where blank equals
    /// blank.
    pub const ALIKE_PERCENT: usize = 50;

    /// In per cent of the rows: an attribute that so many rows have, each another value, may be an id.
    pub const UNIQUE_PERCENT: usize = 90;

    /// Among fewer rows than this even names are different.
    pub const UNIQUE_ROWS: usize = 100;

    /// What these rows say of a strategy that makes such keys; the first
    /// [`MAX_ROWS`](Self::MAX_ROWS) are looked at.
    #[must_use]
    pub fn of<'a>(keying: &Keying, rows: impl IntoIterator<Item = &'a Party>) -> Self {
        let sample = Sample::new(keying, rows.into_iter().take(Self::MAX_ROWS));
        let rows = sample.len();
        let mut findings = Vec::new();
        if rows >= Self::MIN_ROWS {
            sample.shared(&mut findings);
            sample.attributes(&mut findings);
        }
        Self { rows, findings }.sorted()
    }

    /// The same with what this form lacks: a submission without a value for an attribute fails.
    #[must_use]
    pub fn with_form(mut self, keying: &Keying, form: &MarketingForm) -> Self {
        let names = keying.parts().filter(|part| !part.scope).map(|part| &part.name);
        let lacking = form.lacks(keying.target(), names).map(|attribute| StrategyFinding {
            kind: StrategyFindingKind::FormLacks,
            attribute: attribute.clone(),
            rows: self.rows,
            concerned: self.rows,
            largest: 0,
            examples: Vec::new(),
        });
        self.findings.extend(lacking);
        self.sorted()
    }

    fn sorted(mut self) -> Self {
        self.findings.sort_by(|a, b| (a.kind, &a.attribute).cmp(&(b.kind, &b.attribute)));
        self.findings.dedup();
        self
    }

    /// How many rows count.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// What there is to say, by kind and attribute.
    #[must_use]
    pub fn findings(&self) -> &[StrategyFinding] {
        &self.findings
    }

    /// Is anything of this sort among it?
    #[must_use]
    pub fn has(&self, fit: StrategyFit) -> bool {
        self.findings.iter().any(|finding| finding.kind.fit() == fit)
    }
}

/// How a strategy does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum StrategyFit {
    /// Different people have one key.
    TooWide,
    /// One person has several keys, or none.
    TooNarrow,
}

impl fmt::Display for StrategyFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::TooWide => "too wide",
            Self::TooNarrow => "too narrow",
        })
    }
}

/// What is wrong with a strategy. Each row counts for one of the first four at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum StrategyFindingKind {
    /// Rows that differ in both first and last name share a key, as in an office with one address: a
    /// submission of the one overwrites the other. The attribute is one to add.
    Strangers,
    /// Rows that differ in one of the names share a key: a family with one address, or one person in
    /// two spellings. The attribute is the name that differs.
    Relatives,
    /// Rows with different addresses share a key: people of the same name. The attribute is one to add.
    Namesakes,
    /// Several rows share a key, and neither names nor addresses tell them apart: of these a submission
    /// finds the one modified last. The attribute is the first that is compared.
    Several,
    /// The attribute is blank in most rows, and blank equals blank there: it tells none of them apart.
    /// So forms embedded in external pages, whose submissions have no page, all hit the same lead.
    BlankAlike,
    /// Rows of one person, with one address and one last name, have different keys, and the attribute
    /// differs: `Bob` and `Robert` are two records. Where rows belong to different records, as leads of
    /// different pages do, they are meant to differ.
    TellsApart,
    /// The attribute is blank in many rows, and blank equals nothing there: no submission ever matches
    /// these.
    Blank,
    /// The attribute looks like an id: every row has another value.
    Unique,
    /// The form has no field for the attribute: every submission fails.
    FormLacks,
}

impl StrategyFindingKind {
    /// Is the strategy too wide, or too narrow?
    #[must_use]
    pub const fn fit(self) -> StrategyFit {
        match self {
            Self::Strangers
            | Self::Relatives
            | Self::Namesakes
            | Self::Several
            | Self::BlankAlike => StrategyFit::TooWide,
            Self::TellsApart | Self::Blank | Self::Unique | Self::FormLacks => {
                StrategyFit::TooNarrow
            }
        }
    }
}

/// Something about a strategy that a sample of rows shows. It names rows by their ids and quotes no
/// value; [`Display`](fmt::Display) gives the figures and a remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrategyFinding {
    kind: StrategyFindingKind,
    attribute: AttributeName,
    rows: usize,
    concerned: usize,
    largest: usize,
    examples: Vec<RecordId>,
}

impl StrategyFinding {
    /// At most this many rows are named as an example.
    pub const MAX_EXAMPLES: usize = 5;

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> StrategyFindingKind {
        self.kind
    }

    /// The attribute that it is about; what it has to do with it, the [kind](Self::kind) says.
    #[must_use]
    pub const fn attribute(&self) -> &AttributeName {
        &self.attribute
    }

    /// How many rows count.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// How many of them are concerned.
    #[must_use]
    pub const fn concerned(&self) -> usize {
        self.concerned
    }

    /// How many of these at most belong together: under one key, or to one person.
    #[must_use]
    pub const fn largest(&self) -> usize {
        self.largest
    }

    /// The first rows of those that belong together in the largest number, by id.
    #[must_use]
    pub fn examples(&self) -> &[RecordId] {
        &self.examples
    }
}

impl fmt::Display for StrategyFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use StrategyFindingKind as Kind;

        let Self { kind, attribute, rows, concerned, largest, .. } = self;
        write!(f, "{}: ", kind.fit())?;
        if *kind == Kind::FormLacks {
            return write!(
                f,
                "the form has no value for {attribute}, so that every submission fails; add a field \
                 for it, or leave it out"
            );
        }
        write!(f, "{concerned} of {rows} rows (")?;
        match concerned.saturating_mul(100).checked_div(*rows) {
            Some(0) | None => f.write_str("under 1 %) ")?,
            Some(percent) => write!(f, "{percent} %) ")?,
        }
        match kind {
            Kind::Strangers => write!(
                f,
                "share their key with somebody of another name, at most {largest} one key; add \
                 {attribute}"
            ),
            Kind::Relatives => write!(
                f,
                "share their key with somebody of another {attribute}, at most {largest} one key; if \
                 they are different people add {attribute}, if not merge them"
            ),
            Kind::Namesakes => write!(
                f,
                "share their key with somebody of another address, at most {largest} one key; add \
                 {attribute}"
            ),
            Kind::Several => write!(
                f,
                "share their key with others that nothing tells apart, at most {largest} one key; \
                 merge them, as a submission finds the one modified last"
            ),
            Kind::BlankAlike => write!(
                f,
                "have a blank {attribute}, and blank equals blank; see that forms deliver it (embedded \
                 ones a form page), or let blank equal nothing"
            ),
            // Nobody is told apart by these but by how they are spelt.
            Kind::TellsApart if matches!(attribute.as_str(), "emailaddress1" | "lastname") => {
                write!(
                    f,
                    "are one person by address and last name, at most {largest} one, but differ in \
                     the spelling of {attribute}; compare {attribute} less strictly"
                )
            }
            Kind::TellsApart => write!(
                f,
                "are one person by address and last name, at most {largest} one, but differ in \
                 {attribute}; leave out {attribute}, unless people share an address"
            ),
            Kind::Blank => write!(
                f,
                "have a blank {attribute} and match nothing; leave out {attribute}, or let blank equal \
                 blank"
            ),
            _ => write!(
                f,
                "have a {attribute} of their own, as of an id; leave out {attribute}, unless visitors \
                 know it"
            ),
        }
    }
}
