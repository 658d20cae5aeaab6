//! Which column holds which setting?

use std::collections::HashMap;

use serde_json::Value;

use super::tables::Table;
use crate::settings::field::{DefaultKind, Field, FieldType};
use crate::settings::{Choice, DomainKey, OrganizationProperties, Profile, SettingsRecord};

/// The mark of a setting that Dataverse has no column for: an annotation of our own, which it
/// passes over. Behind it stands the setting's name, and its serde form as the value.
pub(super) const OWN: &str = "@correspond.";

/// The root of `organization.defaultemailsettings`.
pub(super) const METHODS_ROOT: &str = "EmailSettings";

/// The root of `organization.orgdborgsettings`.
pub(super) const BAG_ROOT: &str = "OrgSettings";

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Part {
    /// The setting, as its type says.
    Field(usize),
    /// The opposite of the setting.
    Inverted(usize),
    /// The history of prefixes, with a separator between them.
    Prefixes(usize),
    /// A list with `;` between its entries.
    Extensions(usize),
    /// The counter's maximum, which is 0 while there are no tokens.
    Counter,
    /// XML: the three default methods.
    Methods,
    /// XML: the property bag.
    Bag,
    /// A part of the DNS record of a setting.
    Key(usize, &'static str),
    /// The user or the queue whose mailbox it is.
    Owner(usize),
    /// How a sign-in stands, in the product's own words.
    SignIn(usize),
    /// The primary key.
    Id,
    /// When it was made.
    Created,
    /// When it was changed.
    Modified,
    /// Is it active? 0 is.
    State,
    /// Is it inactive?
    Disabled,
}

/// The columns of one table as far as one page is made of them.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) table: Table,
    pub(super) fields: &'static [Field],
    columns: HashMap<&'static str, Part>,
    /// By field: its column here.
    places: Vec<Option<(&'static str, Part)>>,
    /// Effective defaults that differ from those of the documents.
    pub(super) defaults: Vec<(usize, Value)>,
    /// By field: its effective default, where it has one.
    effective: fn(usize, Profile) -> Option<Value>,
}

fn effective<T: SettingsRecord>(at: usize, profile: Profile) -> Option<Value> {
    let field = T::FIELDS.get(at)?;
    let value = T::default_value(field.name, DefaultKind::Effective(profile))?;
    serde_form(field.ty, &value)
}

impl Layout {
    pub(super) fn of<T: SettingsRecord>(table: Table, profile: Profile) -> Self {
        let places: Vec<_> =
            T::FIELDS.iter().enumerate().map(|(at, field)| place(table, at, field)).collect();
        let mut columns = HashMap::new();
        for (column, part) in places.iter().flatten() {
            match part {
                Part::Key(at, _) => {
                    columns.extend(key_columns(*at, column));
                }
                part => {
                    columns.insert(*column, *part);
                }
            }
        }
        columns.insert(table.key(), Part::Id);
        if table != Table::Organization {
            columns.insert("createdon", Part::Created);
            columns.insert("modifiedon", Part::Modified);
        }
        match table {
            Table::Organization | Table::UserSettings => {}
            Table::SystemUser => {
                columns.insert("isdisabled", Part::Disabled);
            }
            _ => {
                columns.insert("statecode", Part::State);
            }
        }
        let defaults = T::FIELDS.iter().enumerate().filter_map(|(at, field)| {
            let of = |profile| T::default_value(field.name, DefaultKind::Effective(profile));
            let present = of(profile);
            if present == of(Profile::Documents) {
                return None;
            }
            serde_form(field.ty, &present?).map(|value| (at, value))
        });
        let defaults = defaults.collect();
        Self { table, fields: T::FIELDS, columns, places, defaults, effective: effective::<T> }
    }

    /// What the column of this name, in lower case, holds.
    pub(super) fn part(&self, column: &str) -> Option<Part> {
        self.columns.get(column).copied()
    }

    /// The setting that an annotation of our own is about.
    pub(super) fn own(&self, key: &str) -> Option<usize> {
        let name = key.strip_prefix(OWN)?;
        self.field(name)
    }

    /// The setting of this name.
    pub(super) fn field(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// The effective default of a setting.
    pub(super) fn effective(&self, at: usize, profile: Profile) -> Option<Value> {
        (self.effective)(at, profile)
    }

    /// Where the setting stands in this table.
    pub(super) fn place(&self, at: usize) -> Option<(&'static str, Part)> {
        self.places.get(at).copied().flatten()
    }

    /// Is it kept under an annotation of our own, in this table?
    pub(super) fn is_own(&self, field: &Field) -> bool {
        // The switch of tokens is in the column of the counter, the other properties are in the bag,
        // one's own columns are columns.
        field.column.is_none()
            && !matches!(field.name, "use_tracking_tokens" | "unknown" | "custom_texts")
            && self.table != Table::SystemUser
    }
}

fn place(table: Table, at: usize, field: &Field) -> Option<(&'static str, Part)> {
    let column = field.column?;
    if let Some(rest) = column.strip_prefix("systemuser.") {
        return (table == Table::SystemUser).then_some((rest, Part::Field(at)));
    }
    if table == Table::SystemUser || column.contains('.') {
        return None;
    }
    if column.starts_with(OrganizationProperties::COLUMN) {
        return Some(("orgdborgsettings", Part::Bag));
    }
    if let Some((whole, _)) = column.split_once(':') {
        return Some((whole, Part::Methods));
    }
    let part = match (table, field.name) {
        (Table::Organization, "two_activities") => Part::Inverted(at),
        (Table::Organization, "token_prefixes") => Part::Prefixes(at),
        (Table::Organization, "blocked_extensions") => Part::Extensions(at),
        (Table::Organization, "max_tracking_number") => Part::Counter,
        (Table::Mailbox, "owner") => Part::Owner(at),
        (Table::SocialAccount, "connect_status") => Part::SignIn(at),
        (Table::SetupDomain, _) if field.ty == FieldType::Structure => Part::Key(at, "value"),
        _ => Part::Field(at),
    };
    Some((column, part))
}

/// The three columns of a DNS record, by that of its value, with the names of its parts.
pub(super) fn key_columns(at: usize, value: &str) -> impl Iterator<Item = (&'static str, Part)> {
    let found = DomainKey::ALL.map(DomainKey::columns).into_iter().find(|key| key.value == value);
    found.into_iter().flat_map(move |key| {
        [
            (key.record_type, Part::Key(at, "type")),
            (key.host, Part::Key(at, "host")),
            (key.value, Part::Key(at, "value")),
        ]
    })
}

/// The serde form of a default.
fn serde_form(ty: FieldType, value: &crate::party::Value) -> Option<Value> {
    use crate::party::Value as Plain;
    match (ty, value) {
        (_, Plain::YesNo(yes)) => Some((*yes).into()),
        (_, Plain::Whole(number)) => Some((*number).into()),
        (FieldType::Choice(choices), Plain::Choice(code)) => {
            let found = choices.iter().find(|choice: &&Choice| choice.code == Some(*code));
            found.map(|choice| choice.name.into())
        }
        (FieldType::Structure, Plain::Text(json)) => serde_json::from_str(json).ok(),
        (_, Plain::Text(text)) => Some(text.as_str().into()),
        _ => None,
    }
}
