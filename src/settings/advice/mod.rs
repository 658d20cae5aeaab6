//! What would somebody say of these settings who has run such a system for ten years?

mod declare;
mod email;
mod facts;
mod kind;
mod link;
mod marketing;
mod rule;
mod service;
mod shared_prefix;
mod token;

use std::collections::BTreeMap;
use std::fmt;

pub use facts::Facts;
pub use kind::AdviceKind;
pub use shared_prefix::{SharedPrefix, shared_prefixes};

use super::document::{Document, Entry};
use super::pages::PageView;
use super::record::SettingsRecord;
use crate::id::RecordId;
use crate::record::RecordKind;

/// How bad is it?
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the three that everybody knows")]
pub enum AdviceSeverity {
    /// Something does not work.
    Error,
    /// Something works in a way that will surprise.
    Warning,
    /// Worth knowing.
    Hint,
}

impl fmt::Display for AdviceSeverity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Hint => "hint",
        })
    }
}

/// Something that an administrator should know, and where. It forbids nothing.
///
/// ```
/// use correspond::settings::{AdviceSeverity, Document, EmailSettings, Facts};
///
/// let mut document = Document::default();
/// document.email_settings = Some(EmailSettings::builder().use_tracking_tokens(false).build()?);
/// let advice = document.advice(&Facts::default());
/// assert_eq!(advice[0].severity(), AdviceSeverity::Warning);
/// assert_eq!((advice[0].page(), advice[0].label()), ("Email", Some("Use tracking tokens")));
/// assert_eq!(
///     advice[0].to_string(),
///     "warning: Email, Use tracking tokens: without tracking tokens, fewer answers find their \
///      conversation; turn tracking tokens on, together with correlation by headers"
/// );
/// # Ok::<(), correspond::settings::SettingError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Advice {
    kind: AdviceKind,
    page: RecordKind,
    record: Option<RecordId>,
    field: &'static str,
}

impl Advice {
    /// At its own place; `None` for a kind that has none of its own.
    pub(super) fn new(kind: AdviceKind) -> Option<Self> {
        let (page, field) = kind.place()?;
        Some(Self { kind, page, record: None, field })
    }

    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> &AdviceKind {
        &self.kind
    }

    /// How bad it is.
    #[must_use]
    pub const fn severity(&self) -> AdviceSeverity {
        self.kind.severity()
    }

    /// Which kind of record it is about.
    #[must_use]
    pub const fn record_kind(&self) -> RecordKind {
        self.page
    }

    /// Which record; `None` where it is about the page, or an organization has one of it.
    #[must_use]
    pub const fn record(&self) -> Option<RecordId> {
        self.record
    }

    /// Which setting, by its name in our serde form.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }

    /// What the administrator's screen calls the page.
    #[must_use]
    pub fn page(&self) -> &'static str {
        self.view().map_or("", |page| page.title)
    }

    /// What the administrator's screen calls the setting.
    #[must_use]
    pub fn label(&self) -> Option<&'static str> {
        let field = self.view()?.fields.iter().find(|field| field.name == self.field)?;
        Some(field.label)
    }

    /// Why: a clause without a full stop.
    #[must_use]
    pub fn reason(&self) -> String {
        self.kind.to_string()
    }

    /// What helps: a clause that begins with a verb, without a full stop.
    #[must_use]
    pub fn remedy(&self) -> String {
        self.kind.remedy()
    }

    fn view(&self) -> Option<PageView<'static>> {
        Document::empty_pages().into_iter().find(|page| page.kind == self.page)
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.severity(), self.page())?;
        if let Some(label) = self.label() {
            write!(f, ", {label}")?;
        }
        if let Some(record) = self.record {
            write!(f, " ({record})")?;
        }
        write!(f, ": {}; {}", self.kind, self.remedy())
    }
}

/// Advice as it is found.
#[derive(Debug, Default)]
struct Found(Vec<Advice>);

impl Found {
    /// Advice about a page of which there is one, or about all its records.
    fn add(&mut self, kind: AdviceKind) {
        self.0.extend(Advice::new(kind));
    }

    /// Advice where something is so.
    fn add_if(&mut self, so: bool, kind: impl FnOnce() -> AdviceKind) {
        if so {
            self.add(kind());
        }
    }

    /// Advice about one record.
    fn about(&mut self, record: RecordId, kind: AdviceKind) {
        let advice = Advice::new(kind);
        self.0.extend(advice.map(|advice| Advice { record: Some(record), ..advice }));
    }

    /// Advice about one record, where something is so.
    fn about_if(&mut self, so: bool, record: RecordId, kind: impl FnOnce() -> AdviceKind) {
        if so {
            self.about(record, kind());
        }
    }
}

/// The records that are active.
fn active<T: SettingsRecord>(entries: &[Entry<T>]) -> impl Iterator<Item = &Entry<T>> {
    entries.iter().filter(|entry| entry.active)
}

impl Document {
    /// No more advice than this is given; what is left out is the least severe.
    pub const MAX_ADVICE: usize = 1_000;

    /// What an administrator should know of these settings: what does not work, what will surprise,
    /// and what the product's documents and its users advise against. Errors first, then in the
    /// order of the pages, of their records, and of their settings.
    ///
    /// Deactivated records are not looked at, and a page without records is taken for one that is
    /// not part of the document: links to it raise nothing. There is one exception: the matching
    /// strategies of a landing page must be there.
    #[must_use]
    pub fn advice(&self, facts: &Facts) -> Vec<Advice> {
        let mut found = Found::default();
        let properties = self.organization_properties.clone().unwrap_or_default();
        if let Some(email) = &self.email_settings {
            found.0.extend(email.advice(&properties, facts));
        }
        email::mailboxes(self, &properties, facts, &mut found);
        marketing::pages(self, &mut found);
        rule::pages(self, &mut found);
        service::pages(self, facts, &mut found);
        link::pages(self, &mut found);

        let pages = self.pages();
        // Where a record stands, so that nothing is looked for once for each advice.
        let mut order = BTreeMap::new();
        for (number, page) in pages.iter().enumerate() {
            let fields = page.fields.iter().map(|field| field.name).collect::<Vec<_>>();
            let ids = page.records.iter().enumerate();
            let ids = ids.map(|(at, record)| (record.id, at)).collect::<BTreeMap<_, _>>();
            order.insert(page.kind, (number, ids, fields));
        }
        found.0.sort_by_cached_key(|advice| {
            let place = order.get(&advice.page).map(|(number, ids, fields)| {
                let record = advice.record.and_then(|id| ids.get(&Some(id)));
                (number, record, fields.iter().position(|field| *field == advice.field))
            });
            (advice.severity(), place)
        });
        found.0.truncate(Self::MAX_ADVICE);
        found.0
    }

    /// The pages of no document.
    fn empty_pages() -> Vec<PageView<'static>> {
        Self::default().pages().into_iter().map(PageView::without_records).collect()
    }
}
