//! What does the administrator's list of a page show?
//!
//! Every page lists its records: those in a state, those that meet conditions, those in which a text
//! occurs, in an order, a part of them at a time, each with the mark whether it counts and why.
//!
//! ```
//! use chrono::DateTime;
//! use correspond::id::RecordId;
//! use correspond::record::Version;
//! use correspond::settings::view::{Order, ViewQuery, view};
//! use correspond::settings::{LeadScoringConfiguration, Stored};
//!
//! let stored = |id: u128, name: &'static str| {
//!     let value = LeadScoringConfiguration::builder().name(name).build().unwrap();
//!     Stored::new(RecordId::new(id), Version::new(id), DateTime::UNIX_EPOCH, value)
//! };
//! let records = [stored(1, "Autumn"), stored(2, "Spring"), stored(3, "Spring sale")];
//! let query = ViewQuery::default().search("SPRING")?.sort("name", Order::Descending)?;
//! let shown = view(&records, &query);
//! let names: Vec<_> = shown.rows.iter().map(|row| row.stored.value.name().as_str()).collect();
//! assert_eq!(names, ["Spring sale", "Spring"]);
//! assert_eq!(
//!     shown.rows[0].standing.to_string(),
//!     "in force: created last among the active ones"
//! );
//! # Ok::<(), correspond::settings::view::ViewError>(())
//! ```

use std::cmp::{Ordering, Reverse};
use std::fmt;
use std::marker::PhantomData;

use chrono::{DateTime, NaiveDate, Utc};

use super::field::{Choice, Field, FieldType};
use super::in_force::{Standing, Standings};
use super::record::{SettingsRecord, unknown_name};
use super::stored::Stored;
use crate::id::RecordId;
use crate::party::Value;
use crate::text::fold;

/// Which state?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a record is active or it is not")]
pub enum State {
    /// Active or not.
    #[default]
    All,
    /// Active ones alone.
    Active,
    /// Inactive ones alone.
    Inactive,
}

/// What a setting must be like. Texts are compared folded ([`text`](crate::text)).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Condition {
    /// This value.
    Is(Value),
    /// Another value than this, or none.
    IsNot(Value),
    /// Text in which this one occurs.
    Contains(String),
    /// Blank.
    Blank,
    /// Not blank.
    Given,
}

/// Up or down?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum Order {
    /// From the least; blank comes first.
    #[default]
    Ascending,
    /// From the greatest; blank comes last.
    Descending,
}

/// What a list is to show of the records of a page. Without any wish: all of them, by id, the first
/// hundred.
///
/// Fields go by their [`name`](Field::name), beside `created` and `modified`.
#[derive(Clone, Debug)]
pub struct ViewQuery<T> {
    state: State,
    conditions: Vec<(Column, Condition)>,
    search: String,
    sort: Vec<(Column, Order)>,
    offset: usize,
    limit: usize,
    page: PhantomData<fn() -> T>,
}

impl<T> Default for ViewQuery<T> {
    fn default() -> Self {
        Self {
            state: State::All,
            conditions: Vec::new(),
            search: String::new(),
            sort: Vec::new(),
            offset: 0,
            limit: 100,
            page: PhantomData,
        }
    }
}

impl<T: SettingsRecord> ViewQuery<T> {
    /// At most this many conditions, and as many fields to sort by.
    pub const MAX_TERMS: usize = 16;

    /// At most this many octets in a text that is looked for.
    pub const MAX_TEXT: usize = 1_000;

    /// At most this many rows.
    pub const MAX_ROWS: usize = 1_000;

    /// Only records in this state.
    #[must_use]
    pub const fn state(mut self, state: State) -> Self {
        self.state = state;
        self
    }

    /// Only records of which this field meets this condition; every condition has to be met.
    ///
    /// # Errors
    ///
    /// There is no such field, it cannot have such a value, or there are too many conditions.
    pub fn filter(mut self, field: &str, condition: Condition) -> Result<Self, ViewError> {
        let column = Column::named::<T>(field)?;
        if self.conditions.len() >= Self::MAX_TERMS {
            return Err(ViewError::new(ViewErrorKind::TooMany, TOO_MANY));
        }
        let fits = match &condition {
            Condition::Is(value) | Condition::IsNot(value) => column.takes(value),
            Condition::Contains(text) => {
                bounded(text)?;
                column.is_text()
            }
            Condition::Blank | Condition::Given => true,
        };
        if !fits {
            let wrong = format!("{field}: expected a value of its type, found {condition:?}");
            return Err(ViewError::new(ViewErrorKind::Type, wrong));
        }
        self.conditions.push((column, condition));
        Ok(self)
    }

    /// Only records with this text in one of their texts, folded; empty: all.
    ///
    /// # Errors
    ///
    /// It is longer than [`MAX_TEXT`](Self::MAX_TEXT) octets.
    pub fn search(mut self, text: &str) -> Result<Self, ViewError> {
        bounded(text)?;
        self.search = fold(text);
        Ok(self)
    }

    /// Sorted by this field, behind those of earlier calls; records that are equal in all of them
    /// come by ascending id. Texts and URLs are sorted folded, options by their labels, references
    /// by id.
    ///
    /// # Errors
    ///
    /// There is no such field, or there are too many.
    pub fn sort(mut self, field: &str, order: Order) -> Result<Self, ViewError> {
        let column = Column::named::<T>(field)?;
        if self.sort.len() >= Self::MAX_TERMS {
            return Err(ViewError::new(ViewErrorKind::TooMany, TOO_MANY));
        }
        self.sort.push((column, order));
        Ok(self)
    }

    /// From this place of the list on.
    #[must_use]
    pub const fn offset(mut self, offset: usize) -> Self {
        self.offset = offset;
        self
    }

    /// Up to so many rows: 1 to [`MAX_ROWS`](Self::MAX_ROWS); what lies outside is moved to the next
    /// end.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit.clamp(1, Self::MAX_ROWS);
        self
    }
}

const TOO_MANY: &str =
    "expected at most 16 conditions, and as many fields to sort by, found one more";

fn bounded(text: &str) -> Result<(), ViewError> {
    const MAX: usize = 1_000;
    if text.len() <= MAX {
        return Ok(());
    }
    let long = format!("expected a text of at most {MAX} octets, found {}", text.len());
    Err(ViewError::new(ViewErrorKind::TooLong, long))
}

/// What a list shows.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct View<'a, T> {
    /// The rows of this part of the list.
    pub rows: Vec<Row<'a, T>>,
    /// How many records there are in the whole list.
    pub found: usize,
    /// Where the next part begins; `None` where this one is the last.
    pub next: Option<usize>,
}

/// A record in a list.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a row")]
pub struct Row<'a, T> {
    /// The record.
    pub stored: &'a Stored<T>,
    /// Does it count, and why (not)? Among all records, whatever the list shows of them.
    pub standing: Standing,
}

/// The part of the list of all records of a page that was asked for. Takes time in proportion to the
/// records handed in, of which `flow::settings::list` brings a bounded number, and to sort those that are
/// in the list.
#[must_use]
pub fn view<'a, T: SettingsRecord>(records: &'a [Stored<T>], query: &ViewQuery<T>) -> View<'a, T> {
    let standings = Standings::of(records);
    let mut found: Vec<(Vec<Key>, &Stored<T>)> = records
        .iter()
        .filter(|stored| match query.state {
            State::All => true,
            State::Active => stored.active,
            State::Inactive => !stored.active,
        })
        .filter(|stored| query.conditions.iter().all(|(column, is)| column.meets(*stored, is)))
        .filter(|stored| query.search.is_empty() || contains(&stored.value, &query.search))
        .map(|stored| (query.sort.iter().map(|(column, _)| column.key(stored)).collect(), stored))
        .collect();
    found.sort_by(|(keys, stored), (other_keys, other)| {
        let by = query.sort.iter().zip(keys.iter().zip(other_keys));
        by.map(|((_, order), (key, other))| match order {
            Order::Ascending => key.cmp(other),
            Order::Descending => Reverse(key).cmp(&Reverse(other)),
        })
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
        .then(stored.id.cmp(&other.id))
    });
    let rows: Vec<_> = found
        .iter()
        .skip(query.offset)
        .take(query.limit)
        .map(|(_, stored)| Row { stored, standing: standings.standing(stored) })
        .collect();
    let end = query.offset.saturating_add(rows.len());
    View { next: (end < found.len()).then_some(end), found: found.len(), rows }
}

fn contains<T: SettingsRecord>(value: &T, folded: &str) -> bool {
    T::FIELDS.iter().any(|field| {
        matches!(field.ty, FieldType::Text { .. } | FieldType::Url { .. })
            && matches!(value.value(field.name), Some(Value::Text(text)) if fold(&text).contains(folded))
    })
}

/// What a list can be filtered and sorted by.
#[derive(Clone, Copy, Debug)]
enum Column {
    Field(&'static Field),
    Created,
    Modified,
}

impl Column {
    fn named<T: SettingsRecord>(name: &str) -> Result<Self, ViewError> {
        if let Some(field) = T::FIELDS.iter().find(|field| field.name == name) {
            return Ok(Self::Field(field));
        }
        match name {
            "created" => Ok(Self::Created),
            "modified" => Ok(Self::Modified),
            _ => {
                let known = T::FIELDS.iter().map(|field| field.name);
                let known = known.chain(["created", "modified"]);
                Err(ViewError::new(ViewErrorKind::UnknownField, unknown_name(name, known)))
            }
        }
    }

    const fn is_text(self) -> bool {
        matches!(
            self,
            Self::Field(Field {
                ty: FieldType::Text { .. } | FieldType::Url { .. } | FieldType::Structure,
                ..
            })
        )
    }

    fn takes(self, value: &Value) -> bool {
        let ty = match self {
            Self::Field(field) => field.ty,
            Self::Created | Self::Modified => FieldType::Time,
        };
        match value {
            Value::Text(_) => self.is_text(),
            Value::YesNo(_) => ty == FieldType::YesNo,
            Value::Whole(_) => matches!(ty, FieldType::Whole { .. }),
            Value::Choice(_) => matches!(ty, FieldType::Choice(_)),
            Value::Date(_) => ty == FieldType::Date,
            Value::Time(_) => ty == FieldType::Time,
            Value::Lookup(_) => matches!(ty, FieldType::Lookup { .. }),
            // No setting is one.
            Value::Decimal(_) => false,
        }
    }

    fn value<T: SettingsRecord>(self, stored: &Stored<T>) -> Option<Value> {
        match self {
            Self::Field(field) => stored.value.value(field.name),
            Self::Created => Some(Value::Time(stored.created)),
            Self::Modified => Some(Value::Time(stored.modified)),
        }
    }

    fn meets<T: SettingsRecord>(self, stored: &Stored<T>, condition: &Condition) -> bool {
        let value = self.value(stored);
        match condition {
            Condition::Is(wanted) => value.is_some_and(|value| same(&value, wanted)),
            Condition::IsNot(other) => value.is_none_or(|value| !same(&value, other)),
            Condition::Contains(text) => {
                matches!(value, Some(Value::Text(found)) if fold(&found).contains(&fold(text)))
            }
            Condition::Blank => value.is_none(),
            Condition::Given => value.is_some(),
        }
    }

    fn key<T: SettingsRecord>(self, stored: &Stored<T>) -> Key {
        match self.value(stored) {
            None => Key::Blank,
            Some(Value::YesNo(yes)) => Key::YesNo(yes),
            Some(Value::Whole(number)) => Key::Whole(number),
            Some(Value::Choice(code)) => Key::Text(self.label(code)),
            Some(Value::Text(text) | Value::Decimal(text)) => Key::Text(fold(&text)),
            Some(Value::Date(date)) => Key::Date(date),
            Some(Value::Time(time)) => Key::Time(time),
            Some(Value::Lookup(id)) => Key::Lookup(id),
        }
    }

    fn label(self, code: i32) -> String {
        let Self::Field(Field { ty: FieldType::Choice(choices), .. }) = self else {
            return String::new();
        };
        let found = choices.iter().find(|Choice { code: of, .. }| *of == Some(code));
        found.map(|choice| fold(choice.label)).unwrap_or_default()
    }
}

fn same(value: &Value, other: &Value) -> bool {
    match (value, other) {
        (Value::Text(value), Value::Text(other)) => fold(value) == fold(other),
        _ => value == other,
    }
}

/// What a record is sorted by; of one column, all keys but [`Blank`](Self::Blank) are of one sort.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Blank,
    YesNo(bool),
    Whole(i64),
    Text(String),
    Date(NaiveDate),
    Time(DateTime<Utc>),
    Lookup(RecordId),
}

/// A list cannot be shown as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewError {
    kind: ViewErrorKind,
    text: Box<str>,
}

impl ViewError {
    fn new(kind: ViewErrorKind, text: impl Into<Box<str>>) -> Self {
        Self { kind, text: text.into() }
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> ViewErrorKind {
        self.kind
    }
}

impl fmt::Display for ViewError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "list: {}", self.text)
    }
}

impl std::error::Error for ViewError {}

/// What is wrong with a wish for a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ViewErrorKind {
    /// The page has no such field.
    UnknownField,
    /// The field cannot have such a value.
    Type,
    /// Too many conditions, or fields to sort by.
    TooMany,
    /// The text that is looked for is too long.
    TooLong,
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::record::Version;
    use crate::settings::sample::{Colour, SamplePage, SamplePageBuilder};

    type Query = ViewQuery<SamplePage>;

    fn stored(
        id: u128,
        make: impl FnOnce(SamplePageBuilder) -> SamplePageBuilder,
    ) -> Stored<SamplePage> {
        let created = DateTime::UNIX_EPOCH + TimeDelta::minutes(100 - id as i64);
        let value = make(SamplePage::builder().name("x")).build().unwrap();
        Stored::new(RecordId::new(id), Version::new(id), created, value)
    }

    fn records() -> Vec<Stored<SamplePage>> {
        let day = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
        vec![
            stored(5, |page| page.name("ÄPFEL").note("rot und rund")),
            stored(3, |page| page.name("Birnen").colour(Colour::Red).default(true)),
            Stored { active: false, ..stored(4, |page| page.name("äpfel").since(day)) },
            stored(1, |page| page.name("Zimt").note("ROT").colour(Colour::Blue)),
            stored(2, |page| page.name("Anis").colour(Colour::Red)),
        ]
    }

    fn ids(query: &Query) -> Vec<u128> {
        view(&records(), query).rows.iter().map(|row| row.stored.id.get()).collect()
    }

    #[test]
    fn a_list_shows_what_meets_every_condition() {
        let query = Query::default;
        assert_eq!(ids(&query()), [1, 2, 3, 4, 5]);
        assert_eq!(ids(&query().state(State::Active)), [1, 2, 3, 5]);
        assert_eq!(ids(&query().state(State::Inactive)), [4]);
        let named = Condition::Is(Value::Text("Äpfel".into()));
        assert_eq!(ids(&query().filter("name", named.clone()).unwrap()), [4, 5]);
        let both = query().filter("name", named).unwrap().state(State::Active);
        assert_eq!(ids(&both), [5]);
        let red = Condition::Is(Value::Choice(Colour::Red.code()));
        assert_eq!(ids(&query().filter("colour", red).unwrap()), [2, 3]);
        let not_red = Condition::IsNot(Value::Choice(Colour::Red.code()));
        assert_eq!(ids(&query().filter("colour", not_red).unwrap()), [1, 4, 5]);
        assert_eq!(ids(&query().filter("note", Condition::Given).unwrap()), [1, 5]);
        assert_eq!(ids(&query().filter("since", Condition::Blank).unwrap()), [1, 2, 3, 5]);
        let round = Condition::Contains("RUND".into());
        assert_eq!(ids(&query().filter("note", round).unwrap()), [5]);
        let created = Condition::Is(Value::Time(records()[0].created));
        assert_eq!(ids(&query().filter("created", created).unwrap()), [5]);
    }

    #[test]
    fn a_list_finds_text_in_any_text_field_however_it_is_written() {
        assert_eq!(ids(&Query::default().search(" Rot").unwrap()), [1, 5]);
        assert_eq!(ids(&Query::default().search("pfel").unwrap()), [4, 5]);
        assert_eq!(ids(&Query::default().search("").unwrap()), [1, 2, 3, 4, 5]);
        assert_eq!(ids(&Query::default().search("red").unwrap()), [] as [u128; 0]);
    }

    #[test]
    fn a_list_is_sorted_by_type_and_ties_by_id() {
        let by = |field: &str, order| ids(&Query::default().sort(field, order).unwrap());
        assert_eq!(by("name", Order::Ascending), [2, 3, 1, 4, 5]);
        assert_eq!(by("name", Order::Descending), [4, 5, 1, 3, 2]);
        // By label, not by code; blank first.
        assert_eq!(by("colour", Order::Ascending), [4, 5, 1, 2, 3]);
        assert_eq!(by("colour", Order::Descending), [2, 3, 1, 4, 5]);
        assert_eq!(by("default", Order::Descending), [3, 1, 2, 4, 5]);
        assert_eq!(by("created", Order::Ascending), [5, 4, 3, 2, 1]);
        assert_eq!(by("modified", Order::Descending), [1, 2, 3, 4, 5]);
        let two = Query::default().sort("colour", Order::Descending).unwrap();
        assert_eq!(ids(&two.sort("name", Order::Descending).unwrap()), [3, 2, 1, 4, 5]);
    }

    #[test]
    fn a_list_comes_in_parts_with_the_mark_of_what_is_in_force() {
        let records = records();
        let (mut offset, mut seen) = (Some(0), Vec::new());
        while let Some(at) = offset {
            let query = Query::default().limit(2).offset(at);
            let part = view(&records, &query);
            assert_eq!(part.found, 5);
            seen.extend(part.rows.iter().map(|row| (row.stored.id.get(), row.standing)));
            offset = part.next;
        }
        let not = Standing::NotDefault(Some(RecordId::new(3)));
        assert_eq!(
            seen,
            [(1, not), (2, not), (3, Standing::Default), (4, Standing::Inactive), (5, not)]
        );
        // The mark is that of the whole page, though the default is not in the list.
        let inactive = view(&records, &Query::default().search("Zimt").unwrap());
        assert_eq!(inactive.rows[0].standing, not);
        let behind = view(&records, &Query::default().offset(usize::MAX));
        assert_eq!((behind.rows.len(), behind.found, behind.next), (0, 5, None));
        assert_eq!(view(&records, &Query::default().limit(0)).rows.len(), 1);
    }

    #[test]
    fn a_list_refuses_what_the_page_does_not_have() {
        let query = Query::default;
        let error = query().sort("nmae", Order::Ascending).unwrap_err();
        assert_eq!(error.kind(), ViewErrorKind::UnknownField);
        assert_eq!(
            error.to_string(),
            "list: expected a known name, found \"nmae\"; did you mean `name`?"
        );
        let error = query().filter("name", Condition::Is(Value::YesNo(true))).unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (
                ViewErrorKind::Type,
                "list: name: expected a value of its type, found Is(YesNo(true))"
            )
        );
        let contains = Condition::Contains("x".into());
        assert_eq!(query().filter("default", contains).unwrap_err().kind(), ViewErrorKind::Type);
        let error = query().search(&"x".repeat(1_001)).unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (ViewErrorKind::TooLong, "list: expected a text of at most 1000 octets, found 1001")
        );
        let mut many = query();
        for _ in 0..Query::MAX_TERMS {
            many = many.filter("name", Condition::Given).unwrap();
        }
        let error = many.filter("name", Condition::Given).unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (
                ViewErrorKind::TooMany,
                "list: expected at most 16 conditions, and as many fields to sort by, found one more"
            )
        );
    }
}
