//! A field of a form.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::compare::is_blank;
use crate::consent::{Level, Memberships, Person};
use crate::id::RecordId;
use crate::party::{Party, Value};
use crate::settings::{AttributeName, MatchingTarget};

/// What the values of a field are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FieldKind {
    /// Text of any kind.
    #[default]
    Text,
    /// A whole number.
    Whole,
    /// A decimal number.
    Decimal,
    /// Yes or no.
    YesNo,
    /// An option of an option set.
    Choice,
    /// A day.
    Date,
    /// A point in time.
    Time,
    /// A record.
    Lookup,
}

impl FieldKind {
    const fn of(value: &Value) -> Self {
        match value {
            Value::Text(_) => Self::Text,
            Value::Whole(_) => Self::Whole,
            Value::Decimal(_) => Self::Decimal,
            Value::YesNo(_) => Self::YesNo,
            Value::Choice(_) => Self::Choice,
            Value::Date(_) => Self::Date,
            Value::Time(_) => Self::Time,
            Value::Lookup(_) => Self::Lookup,
        }
    }

    const fn expected(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Whole => "a whole number",
            Self::Decimal => "a decimal number",
            Self::YesNo => "yes or no",
            Self::Choice => "the code of an option",
            Self::Date => "a day as 2026-11-22",
            Self::Time => "a time as 2026-11-22T09:30:00Z",
            Self::Lookup => "the id of a record",
        }
    }
}

/// A field of a form: what it is called, and which columns its values go to.
///
/// Some columns protect whose row it is: `donotemail`, `donotbulkemail`, `msdgpr_donottrack` and
/// `msdgpr_gdprischild`. Who knows somebody's address can submit in his name, so that a submission
/// only tightens them: yes is written, while no and blank leave the row as it is. Only he lifts an
/// objection who reaches his [subscription center](super::FormType::SubscriptionCenter) by
/// [his own link](super::Submission::by_link).
///
/// ```
/// use correspond::form::{FieldKind, FormField};
/// use correspond::party::Value;
///
/// let guests = FormField::new("new_guests")?.of_kind(FieldKind::Whole);
/// assert_eq!(guests.read("2")?, Some(Value::Whole(2)));
/// assert_eq!(guests.read(" ")?, None, "blank");
/// let error = guests.read("two").unwrap_err();
/// assert_eq!(error.to_string(), "new_guests: expected a whole number, found \"two\"");
/// # Ok::<(), correspond::form::FieldError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct FormField(Parts);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    name: AttributeName,
    #[serde(default)]
    kind: FieldKind,
    contact: Option<AttributeName>,
    lead: Option<AttributeName>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    prefill: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    options: Option<BTreeSet<i32>>,
}

/// Columns that no visitor writes, whatever a form is made to say: who owns a row, what state it is
/// in, what it may be written to.
const RESERVED: &[&str] = &[
    Party::CREATED,
    "createdby",
    "modifiedon",
    "modifiedby",
    Party::OWNER,
    Party::BUSINESS_UNIT,
    "owningteam",
    "owninguser",
    Party::PARENT_CONTACT,
    Party::LEAD_STATE,
    "statuscode",
    "contactid",
    "leadid",
    Level::COLUMN,
    Memberships::ATTRIBUTE,
    "msdgpr_gdprparentid",
];

/// Columns by which somebody objects, or is a child: what [`Person`] reads besides the level.
const OBJECTIONS: &[&str] =
    &[Person::CHILD, Person::DO_NOT_TRACK, Person::DO_NOT_EMAIL, Person::DO_NOT_BULK_EMAIL];

/// Does a value in this column only ever protect whose row it is?
pub(super) fn is_objection(column: &str) -> bool {
    OBJECTIONS.contains(&column)
}

impl FormField {
    /// The most options that a field offers.
    pub const MAX_OPTIONS: usize = 1_000;

    /// The most characters of a value that is quoted in an error.
    const QUOTED: usize = 60;

    /// A field of text whose values go to the column of its name, of contacts and of leads.
    ///
    /// # Errors
    ///
    /// The name is no logical name, or that of a column that visitors do not write.
    pub fn new(name: &str) -> Result<Self, FieldError> {
        let column = column(name)?;
        Ok(Self(Parts {
            name: column.clone(),
            kind: FieldKind::Text,
            contact: Some(column.clone()),
            lead: Some(column),
            required: false,
            prefill: false,
            options: None,
        }))
    }

    /// The same with values of this kind.
    #[must_use]
    pub const fn of_kind(mut self, kind: FieldKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// The same with another column of this target.
    ///
    /// # Errors
    ///
    /// The name is no logical name, or that of a column that visitors do not write.
    pub fn mapped(mut self, target: MatchingTarget, name: &str) -> Result<Self, FieldError> {
        *self.slot(target) = Some(column(name)?);
        Ok(self)
    }

    /// The same with no column of this target.
    #[must_use]
    pub fn unmapped(mut self, target: MatchingTarget) -> Self {
        *self.slot(target) = None;
        self
    }

    /// The same; a submission without a value is refused.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.0.required = true;
        self
    }

    /// The same; a known contact may see his value in it.
    #[must_use]
    pub const fn prefilled(mut self) -> Self {
        self.0.prefill = true;
        self
    }

    /// The same with these options, the first [`MAX_OPTIONS`](Self::MAX_OPTIONS): another code is
    /// refused. It is of kind [`Choice`](FieldKind::Choice).
    #[must_use]
    pub fn with_options(mut self, codes: impl IntoIterator<Item = i32>) -> Self {
        self.0.kind = FieldKind::Choice;
        self.0.options = Some(codes.into_iter().take(Self::MAX_OPTIONS).collect());
        self
    }

    fn slot(&mut self, target: MatchingTarget) -> &mut Option<AttributeName> {
        match target {
            MatchingTarget::Contact => &mut self.0.contact,
            MatchingTarget::Lead => &mut self.0.lead,
        }
    }

    /// What it is called in a submission.
    #[must_use]
    pub const fn name(&self) -> &AttributeName {
        &self.0.name
    }

    /// What its values are.
    #[must_use]
    pub const fn kind(&self) -> FieldKind {
        self.0.kind
    }

    /// The column of this target that its values go to.
    #[must_use]
    pub const fn column(&self, target: MatchingTarget) -> Option<&AttributeName> {
        match target {
            MatchingTarget::Contact => self.0.contact.as_ref(),
            MatchingTarget::Lead => self.0.lead.as_ref(),
        }
    }

    /// Must a submission have a value?
    #[must_use]
    pub const fn is_required(&self) -> bool {
        self.0.required
    }

    /// May a known contact see his value in it?
    #[must_use]
    pub const fn allows_prefill(&self) -> bool {
        self.0.prefill
    }

    /// Reads what a browser sent or a file has; `None` where it is blank.
    ///
    /// # Errors
    ///
    /// It is no value of the [kind](Self::kind), or none of the options.
    pub fn read(&self, text: &str) -> Result<Option<Value>, FieldError> {
        let blank = Value::Text(text.to_owned());
        if is_blank(&blank) {
            return Ok(None);
        }
        let trimmed = text.trim();
        let read = match self.0.kind {
            FieldKind::Text => Some(blank),
            FieldKind::Whole => trimmed.parse().ok().map(Value::Whole),
            FieldKind::Decimal => Some(Value::Decimal(trimmed.to_owned())),
            FieldKind::YesNo => yes_no(trimmed).map(Value::YesNo),
            FieldKind::Choice => trimmed.parse().ok().map(Value::Choice),
            FieldKind::Date => trimmed.parse::<NaiveDate>().ok().map(Value::Date),
            FieldKind::Time => trimmed.parse::<DateTime<Utc>>().ok().map(Value::Time),
            FieldKind::Lookup => trimmed.parse::<RecordId>().ok().map(Value::Lookup),
        };
        let value = read.ok_or_else(|| self.refused(self.0.kind.expected(), text))?;
        self.check(&value)?;
        Ok(Some(value))
    }

    /// Is this a value of the field?
    ///
    /// # Errors
    ///
    /// It is of another kind, or none of the options.
    pub fn check(&self, value: &Value) -> Result<(), FieldError> {
        let kind = self.0.kind;
        let shown = || match value {
            Value::Text(text) | Value::Decimal(text) => text.clone(),
            other => format!("{other:?}"),
        };
        if FieldKind::of(value) != kind {
            if let Value::Text(text) = value {
                // Text that was kept as it came, since it could not be read: why it could not.
                self.read(text)?;
            }
            return Err(self.refused(kind.expected(), &shown()));
        }
        match (value, &self.0.options) {
            (Value::Choice(code), Some(options)) if !options.contains(code) => {
                Err(self.refused("one of its options", &code.to_string()))
            }
            (Value::Decimal(text), _) if !is_decimal(text) => {
                Err(self.refused(kind.expected(), text))
            }
            _ => Ok(()),
        }
    }

    /// What a submission has in it, where it has anything; `None` where that is blank. Text that was
    /// kept since it could not be read is read anew: the field may have been corrected since.
    pub(super) fn taken(&self, value: &Value) -> Result<Option<Value>, FieldError> {
        match value {
            Value::Text(text) if self.0.kind != FieldKind::Text => self.read(text),
            value => self.check(value).map(|()| Some(value.clone())),
        }
    }

    fn refused(&self, expected: &'static str, found: &str) -> FieldError {
        let found = found.chars().take(Self::QUOTED).collect();
        FieldError::Value { field: self.0.name.clone(), expected, found }
    }
}

fn column(name: &str) -> Result<AttributeName, FieldError> {
    let column = AttributeName::new(name).map_err(|error| FieldError::Name(error.to_string()))?;
    if RESERVED.contains(&name) {
        return Err(FieldError::Reserved(column));
    }
    Ok(column)
}

pub(super) fn yes_no(text: &str) -> Option<bool> {
    // What a tick box sends, and what files have.
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(&["true", "yes", "1", "on"]) {
        Some(true)
    } else if is(&["false", "no", "0", "off"]) {
        Some(false)
    } else {
        None
    }
}

/// At most 40 digits with a sign before and a point among them.
fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let points = digits.bytes().filter(|b| *b == b'.').count();
    plain && points <= 1 && digits.len() > points && digits.len() <= 41
}

impl TryFrom<Parts> for FormField {
    type Error = FieldError;

    fn try_from(parts: Parts) -> Result<Self, FieldError> {
        for name in [Some(&parts.name), parts.contact.as_ref(), parts.lead.as_ref()] {
            name.map_or(Ok(()), |name| column(name.as_str()).map(drop))?;
        }
        if parts.options.as_ref().is_some_and(|options| options.len() > Self::MAX_OPTIONS) {
            return Err(FieldError::Options);
        }
        Ok(Self(parts))
    }
}

impl From<FormField> for Parts {
    fn from(field: FormField) -> Self {
        field.0
    }
}

/// A field cannot be like that, or has no such value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldError {
    /// Its name is no logical name; this says why.
    Name(String),
    /// Visitors do not write this column.
    Reserved(AttributeName),
    /// It has more than [`FormField::MAX_OPTIONS`] options.
    Options,
    /// It has no such value.
    Value {
        /// The field.
        field: AttributeName,
        /// What its values are.
        expected: &'static str,
        /// The value, or its beginning.
        found: String,
    },
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(why) => write!(f, "form field: {why}"),
            Self::Reserved(name) => {
                write!(f, "form field: expected a column that visitors write, found {name}")
            }
            Self::Options => {
                write!(
                    f,
                    "form field: expected at most {} options, found more",
                    FormField::MAX_OPTIONS
                )
            }
            Self::Value { field, expected, found } => {
                write!(f, "{field}: expected {expected}, found {found:?}")
            }
        }
    }
}

impl std::error::Error for FieldError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visitors_do_not_write_what_is_not_theirs() {
        for name in RESERVED {
            assert!(AttributeName::new(*name).is_ok(), "{name}");
            assert!(matches!(FormField::new(name), Err(FieldError::Reserved(_))), "{name}");
        }
        let json = r#"{"name":"a","contact":"ownerid","lead":null}"#;
        let error = serde_json::from_str::<FormField>(json).unwrap_err().to_string();
        assert!(error.starts_with("form field: expected a column that visitors write"), "{error}");
    }

    #[test]
    fn values_are_read_by_kind() {
        let field = |kind| FormField::new("a").unwrap().of_kind(kind);
        let read = |kind, text| field(kind).read(text).ok().flatten();
        assert_eq!(read(FieldKind::Text, " x "), Some(Value::Text(" x ".into())));
        assert_eq!(read(FieldKind::Decimal, "-1.50"), Some(Value::Decimal("-1.50".into())));
        assert_eq!(read(FieldKind::YesNo, "On"), Some(Value::YesNo(true)));
        assert_eq!(read(FieldKind::Choice, "192350000"), Some(Value::Choice(192_350_000)));
        assert!(read(FieldKind::Date, "2026-11-22").is_some());
        assert!(read(FieldKind::Time, "2026-11-22T09:30:00Z").is_some());
        assert_eq!(read(FieldKind::Lookup, "1f"), Some(Value::Lookup(RecordId::new(0x1f))));
        for (kind, text) in [
            (FieldKind::Whole, "1.5"),
            (FieldKind::Decimal, "1.2.3"),
            (FieldKind::Decimal, "."),
            (FieldKind::YesNo, "maybe"),
            (FieldKind::Date, "22.11.2026"),
        ] {
            assert!(field(kind).read(text).is_err(), "{text}");
            assert_eq!(field(kind).read(" "), Ok(None));
        }
        let colour = FormField::new("a").unwrap().with_options([1, 2]);
        assert_eq!(colour.read("2"), Ok(Some(Value::Choice(2))));
        assert_eq!(
            colour.read("3").unwrap_err().to_string(),
            "a: expected one of its options, found \"3\""
        );
        assert!(colour.check(&Value::Text("2".into())).is_err());
        assert_eq!(colour.taken(&Value::Text("2".into())), Ok(Some(Value::Choice(2))));
        assert_eq!(colour.taken(&Value::Text(" ".into())), Ok(None));
        assert!(colour.taken(&Value::Text("3".into())).is_err());
        assert!(colour.taken(&Value::Whole(2)).is_err());
    }
}
