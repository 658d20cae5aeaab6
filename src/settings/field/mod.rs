//! What does one setting look like to whoever draws a form of it, and which values can it take?

mod choice;
mod link;
mod logical_name;
mod text;
mod url;
mod value;
mod whole;

pub use choice::Choice;
pub(crate) use choice::choice;
pub use link::{Link, LinkTarget, targets};
pub use logical_name::{AttributeName, TableName};
pub use text::{Name, Text};
pub use url::Url;
pub use value::IntoField;
pub(crate) use value::{FieldValue, as_json, structure};
pub use whole::Whole;

/// A setting: a column of a table, or a field of our own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// Its name in our serde form, and the name of the function that reads it.
    pub name: &'static str,
    /// What the administrator's screen calls it.
    pub label: &'static str,
    /// What it decides, as Markdown.
    pub description: &'static str,
    /// The logical name of its column in Dataverse; `None` for what the product keeps elsewhere.
    pub column: Option<&'static str>,
    /// Which values it takes.
    pub ty: FieldType,
    /// Must it be given, because no default would do?
    pub required: bool,
}

impl Field {
    pub(crate) const fn new<T: FieldValue>(
        name: &'static str,
        label: &'static str,
        description: &'static str,
        column: Option<&'static str>,
        required: bool,
    ) -> Self {
        Self { name, label, description, column, ty: T::TYPE, required }
    }
}

/// The values that a setting can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldType {
    /// Yes or no.
    YesNo,
    /// Text of `min` to `max` characters, as Dataverse counts them: UTF-16 code units.
    Text {
        /// At least this many; from 1 on, they are not all white space.
        min: usize,
        /// At most this many.
        max: usize,
    },
    /// An absolute `http` or `https` URL of at most `max` characters.
    Url {
        /// At most this many characters.
        max: usize,
    },
    /// The logical name of a table or a column, of at most `max` characters.
    LogicalName {
        /// At most this many characters.
        max: usize,
    },
    /// A whole number from `min` to `max`.
    Whole {
        /// The least.
        min: i64,
        /// The greatest.
        max: i64,
    },
    /// One of these options.
    Choice(&'static [Choice]),
    /// A record of this table.
    Lookup {
        /// The logical name of the table.
        table: &'static str,
    },
    /// A day.
    Date,
    /// A point in time.
    Time,
    /// A value with parts of its own: a list, a token format. Its serde form is documented with its
    /// type.
    Structure,
}

/// Which default of a setting? The product has two kinds, and they differ: what the metadata of the
/// column says, and what provisioning writes and the settings pages describe. The second kind
/// differs by [`Profile`](super::Profile).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DefaultKind {
    /// The `DefaultValue` of the column's metadata.
    Metadata,
    /// What is in effect where nobody chose.
    Effective(super::Profile),
}

/// The defaults of one setting.
#[derive(Clone, Debug)]
pub(crate) struct Defaults<T> {
    metadata: Option<T>,
    documents: T,
    current: T,
}

impl<T: Clone> Defaults<T> {
    /// The same by every source that has one; the metadata too.
    pub(crate) fn same(value: T) -> Self {
        Self { metadata: Some(value.clone()), ..Self::effective(value) }
    }

    /// In effect under every profile; the metadata names none.
    pub(crate) fn effective(value: T) -> Self {
        Self { metadata: None, documents: value.clone(), current: value }
    }

    /// What the metadata has instead.
    pub(crate) fn metadata(self, value: T) -> Self {
        Self { metadata: Some(value), ..self }
    }

    /// What the later product has instead.
    pub(crate) fn current(self, value: T) -> Self {
        Self { current: value, ..self }
    }

    pub(crate) fn of(self, kind: DefaultKind) -> Option<T> {
        match kind {
            DefaultKind::Metadata => self.metadata,
            DefaultKind::Effective(profile) => Some(self.in_effect(profile)),
        }
    }

    pub(crate) fn in_effect(self, profile: super::Profile) -> T {
        match profile {
            super::Profile::Documents => self.documents,
            super::Profile::Current => self.current,
        }
    }
}
