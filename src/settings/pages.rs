//! A document page by page, whatever the page: for whoever shows settings, or walks over them.

use std::fmt;

use chrono::{DateTime, Utc};

use super::document::Entry;
use super::field::{DefaultKind, Field};
use super::in_force::{Standing, Standings};
use super::profile::Profile;
use super::record::{DefaultRule, SettingsRecord};
use super::stored::Stored;
use crate::id::RecordId;
use crate::party::Value;
use crate::record::RecordKind;

/// A page of a [`Document`](super::Document), with its records.
///
/// ```
/// use correspond::party::Value;
/// use correspond::settings::{Document, EmailSettings};
///
/// let mut document = Document::default();
/// document.email_settings = Some(EmailSettings::default());
/// let pages = document.pages();
/// let page = pages.iter().find(|page| page.title == "Email").unwrap();
/// let field = page.fields.iter().find(|field| field.label == "Prefix").unwrap();
/// assert_eq!(page.records[0].value(field.name), Some(Value::Text("CRM:".into())));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PageView<'a> {
    /// Its name in our serde form.
    pub name: &'static str,
    /// Which kind of record it holds.
    pub kind: RecordKind,
    /// What the administrator's screen calls it.
    pub title: &'static str,
    /// The logical name of its table in Dataverse; `None` where the product has no public one.
    pub table: Option<&'static str>,
    /// What it is for, as Markdown.
    pub description: &'static str,
    /// Its settings, in the order of the page.
    pub fields: &'static [Field],
    /// How many of its records are the default one.
    pub defaults: DefaultRule,
    /// Its records, in the order of the document.
    pub records: Vec<RecordView<'a>>,
}

impl<'a> PageView<'a> {
    pub(super) fn new<T: SettingsRecord>(
        name: &'static str,
        records: impl IntoIterator<Item = RecordView<'a>>,
    ) -> Self {
        Self {
            name,
            kind: T::KIND,
            title: T::PAGE,
            table: T::TABLE,
            description: T::DESCRIPTION,
            fields: T::FIELDS,
            defaults: T::DEFAULTS,
            records: records.into_iter().collect(),
        }
    }

    /// The page alone.
    pub(super) fn without_records<'b>(self) -> PageView<'b> {
        PageView { records: Vec::new(), ..self }
    }
}

/// A record of a page.
#[derive(Clone)]
#[non_exhaustive]
pub struct RecordView<'a> {
    /// Which one; `None` where an organization has one of it.
    pub id: Option<RecordId>,
    /// Is it active?
    pub active: bool,
    /// When it was made; `None` where nobody says.
    pub created: Option<DateTime<Utc>>,
    /// When it was last changed, where that was later.
    pub modified: Option<DateTime<Utc>>,
    /// Does it count, and why (not)?
    pub standing: Standing,
    settings: &'a dyn Settings,
}

impl<'a> RecordView<'a> {
    pub(super) const fn one<T: SettingsRecord>(value: &'a T) -> Self {
        Self {
            id: None,
            active: true,
            created: None,
            modified: None,
            standing: Standing::Active,
            settings: value,
        }
    }

    pub(super) fn many<T: SettingsRecord>(entries: &'a [Entry<T>]) -> Vec<Self> {
        let stored: Vec<_> = entries.iter().map(Stored::from).collect();
        let standings = Standings::of(&stored);
        let views = entries.iter().zip(&stored).map(|(entry, stored)| Self {
            id: Some(entry.id),
            active: entry.active,
            created: Some(entry.created),
            modified: entry.modified,
            standing: standings.standing(stored),
            settings: &entry.value,
        });
        views.collect()
    }

    /// The value of the setting of this name; `None` where it is blank or there is no such setting.
    #[must_use]
    pub fn value(&self, field: &str) -> Option<Value> {
        self.settings.value_of(field)
    }

    /// What the setting of this name is where nobody chose; `None` where that is blank, or where it
    /// has no default.
    #[must_use]
    pub fn default_value(&self, field: &str, profile: Profile) -> Option<Value> {
        self.settings.default_of(field, DefaultKind::Effective(profile))
    }

    /// Is it marked as the default of its page?
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.settings.marked()
    }
}

impl fmt::Debug for RecordView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordView").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What a view needs of a record, whichever it is.
trait Settings {
    fn value_of(&self, field: &str) -> Option<Value>;
    fn default_of(&self, field: &str, kind: DefaultKind) -> Option<Value>;
    fn marked(&self) -> bool;
}

impl<T: SettingsRecord> Settings for T {
    fn value_of(&self, field: &str) -> Option<Value> {
        self.value(field)
    }

    fn default_of(&self, field: &str, kind: DefaultKind) -> Option<Value> {
        Self::default_value(field, kind)
    }

    fn marked(&self) -> bool {
        self.is_default()
    }
}
