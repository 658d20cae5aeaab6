//! What does a page of settings look like to a program that draws a form of it, or checks a file?
//!
//! JSON Schema, draft 2020-12, of the serde forms.

mod correlation;
mod description;
mod structures;

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Map, Value, json};

use self::description::plain;
use super::document::{Document, Entry};
use super::field::{AttributeName, Link, LinkTarget, TableName, Text, Url, Whole};
use super::field::{Choice, DefaultKind, Defaults, Field, FieldType, FieldValue};
use super::profile::Profile;
use super::record::SettingsRecord;

/// The dialect of the schemas.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The JSON Schema of a page of settings, of draft 2020-12, as indented JSON. It refers to nothing
/// outside of itself.
///
/// It has what a generator of forms asks for: of the page its title and description, of each setting
/// its place (`x-order`), its `title` as on the administrator's screen, a `description` as Markdown,
/// its range, and its `default`: the effective one of the product's documents. Options are a `oneOf`
/// of a `const`, its label as `title`, and its code in Dataverse as `x-code`. Beside these,
/// `x-dataverse-table` and `x-dataverse-column` say where the product keeps a page and a setting,
/// `x-dataverse-target` which table a reference goes to, and `x-default-current` and
/// `x-default-metadata` what the later product and the metadata of the column have as the default
/// where that is something else. `null` stands for a blank that may be one.
///
/// The `format` of URLs, hosts and addresses is a hint, as formats are by default in this draft: the
/// `pattern` beside it is what counts. That of days and times is all there is, and should count.
///
/// Three things are left to [`SettingsRecord`] to refuse: settings that rule each other out, texts
/// with characters beyond U+FFFF that are too long by them alone (a schema counts them once, the
/// product twice: `x-length-unit`), and names of hosts and addresses that only look like some.
///
/// ```
/// use correspond::settings::{LeadScoringConfiguration, json_schema};
///
/// let schema = json_schema::<LeadScoringConfiguration>();
/// assert!(schema.contains(r#""title": "Automatic lead scores cleanup""#));
/// ```
#[must_use]
pub fn json_schema<T: SettingsRecord>() -> String {
    let mut schema = T::schema();
    schema.insert("$schema".to_owned(), DIALECT.into());
    written(&Value::Object(schema))
}

/// The JSON Schema of a [`Document`], of draft 2020-12, as indented JSON: that of every page, as
/// [`json_schema`] describes it, under `$defs`.
///
/// ```
/// let schema = correspond::settings::document_schema();
/// assert!(schema.contains(r##""$ref": "#/$defs/EmailSettings""##));
/// ```
#[must_use]
pub fn document_schema() -> String {
    let settings = schemars::generate::SchemaSettings::draft2020_12();
    written(settings.into_generator().into_root_schema_for::<Document>().as_value())
}

fn written(schema: &Value) -> String {
    format!("{schema:#}")
}

/// The value of a setting whose serde form has a schema.
pub(crate) trait Described: FieldValue {
    /// What its type alone says.
    fn schema() -> Map<String, Value> {
        of_type(Self::TYPE)
    }
}

/// A JSON object that is built on the spot.
macro_rules! object {
    ($($json:tt)*) => {
        match serde_json::json!({ $($json)* }) {
            serde_json::Value::Object(object) => object,
            _ => serde_json::Map::new(),
        }
    };
}
use object;

/// White space that a text may hold, in the class of a regular expression.
const SPACE: &str = r"\t\n\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";

/// Control characters that no text may hold, in the class of a regular expression.
const CONTROL: &str = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f";

/// Text of `min` to `max` characters, as [`Text`] has it.
fn text(min: usize, max: usize) -> Map<String, Value> {
    let pattern = match min {
        0 => format!("^[^{CONTROL}]*$"),
        _ => format!("^[^{CONTROL}]*[^{CONTROL}{SPACE}][^{CONTROL}]*$"),
    };
    object! {
        "type": "string",
        // The fewest that so many code units can be.
        "minLength": min.div_ceil(2),
        "maxLength": max,
        "pattern": pattern,
        "x-length-unit": "UTF-16 code unit",
    }
}

fn url(max: usize) -> Map<String, Value> {
    let none = format!("{CONTROL}{SPACE}");
    // Scheme; user; the first character of the host; the rest of host and port; all behind them.
    let pattern = format!(
        r"^[Hh][Tt][Tt][Pp][Ss]?://(?:[^/\\?#{none}]*@)?[^/\\?#:@{none}][^/\\?#@{none}]*(?:[/\\?#][^{none}]*)?$"
    );
    object! { "type": "string", "format": "uri", "maxLength": max, "pattern": pattern }
}

fn choice<'a>(options: impl IntoIterator<Item = &'a Choice>) -> Map<String, Value> {
    let options = options.into_iter().map(|option| {
        let mut schema = object! { "const": option.name, "title": option.label };
        if let Some(code) = option.code {
            schema.insert("x-code".to_owned(), code.into());
        }
        Value::Object(schema)
    });
    object! { "type": "string", "oneOf": options.collect::<Vec<_>>() }
}

/// An id in the forms that are read.
fn id() -> Map<String, Value> {
    object! { "type": "string", "maxLength": 36, "pattern": "^-*(?:[0-9A-Fa-f]-*){1,32}$" }
}

/// Values that serde writes as text, with what each is called.
fn options<T: Serialize>(options: &[(T, &str)]) -> Value {
    let options = options
        .iter()
        .map(|(option, title)| json!({ "const": serde_form(option), "title": title }));
    json!({ "type": "string", "oneOf": options.collect::<Vec<_>>() })
}

/// A part of a value, with what a form shows it as.
fn titled(mut schema: Map<String, Value>, title: &str, description: &str) -> Value {
    schema.insert("title".to_owned(), title.into());
    schema.insert("description".to_owned(), description.into());
    Value::Object(schema)
}

/// What a type says by itself.
fn of_type(ty: FieldType) -> Map<String, Value> {
    match ty {
        FieldType::YesNo => object! { "type": "boolean" },
        FieldType::Text { min, max } => text(min, max),
        FieldType::Url { max } => url(max),
        FieldType::LogicalName { max } => object! {
            "type": "string",
            "minLength": 1,
            "maxLength": max,
            "pattern": "^[a-z][a-z0-9_]*$",
        },
        FieldType::Whole { min, max } => {
            object! { "type": "integer", "minimum": min, "maximum": max }
        }
        FieldType::Choice(options) => choice(options),
        FieldType::Lookup { table } => {
            let mut schema = id();
            schema.insert("x-dataverse-target".to_owned(), table.into());
            schema
        }
        FieldType::Date => object! { "type": "string", "format": "date" },
        FieldType::Time => object! { "type": "string", "format": "date-time" },
        // Each has a schema of its own.
        FieldType::Structure => Map::new(),
    }
}

impl Described for bool {}
impl Described for NaiveDate {}
impl Described for DateTime<Utc> {}
impl Described for AttributeName {}
impl Described for TableName {}
impl<const MIN: usize, const MAX: usize> Described for Text<MIN, MAX> {}
impl<const MAX: usize> Described for Url<MAX> {}
impl<const MIN: i64, const MAX: i64> Described for Whole<MIN, MAX> {}
impl<T: LinkTarget> Described for Link<T> {}

impl<T: Described> Described for Option<T> {
    fn schema() -> Map<String, Value> {
        or_blank(T::schema())
    }
}

/// The same, or nothing.
fn or_blank(mut schema: Map<String, Value>) -> Map<String, Value> {
    if let Some(ty) = schema.get_mut("type") {
        *ty = json!([ty.take(), "null"]);
    }
    if let Some(Value::Array(options)) = schema.get_mut("oneOf") {
        options.push(json!({ "type": "null", "title": "Blank" }));
    }
    schema
}

/// Collects the settings of a page.
pub(crate) struct Page {
    fields: &'static [Field],
    schema: Map<String, Value>,
    properties: Map<String, Value>,
    required: Vec<Value>,
}

impl Page {
    pub(crate) fn of<T: SettingsRecord>() -> Self {
        let mut schema = object! {
            "title": T::PAGE,
            "description": plain(T::DESCRIPTION),
            "type": "object",
            "additionalProperties": false,
        };
        if let Some(table) = T::TABLE {
            schema.insert("x-dataverse-table".to_owned(), table.into());
        }
        Self { fields: T::FIELDS, schema, properties: Map::new(), required: Vec::new() }
    }

    pub(crate) fn required<T: Described>(&mut self, name: &'static str) {
        self.add(name, T::schema());
        self.required.push(name.into());
    }

    pub(crate) fn optional<T: Described>(&mut self, name: &'static str, defaults: &Defaults<T>) {
        let of = |kind| defaults.clone().of(kind).map(|value| serde_form(&value));
        let documents = of(DefaultKind::Effective(Profile::Documents)).unwrap_or_default();
        let mut schema = T::schema();
        for (key, kind) in [
            ("x-default-current", DefaultKind::Effective(Profile::Current)),
            ("x-default-metadata", DefaultKind::Metadata),
        ] {
            if let Some(other) = of(kind).filter(|other| *other != documents) {
                schema.insert(key.to_owned(), other);
            }
        }
        if !documents.is_null() {
            schema.insert("default".to_owned(), documents);
        }
        self.add(name, schema);
    }

    fn add(&mut self, name: &'static str, mut schema: Map<String, Value>) {
        if let Some((at, field)) =
            self.fields.iter().enumerate().find(|(_, field)| field.name == name)
        {
            schema.insert("x-order".to_owned(), at.into());
            schema.insert("title".to_owned(), field.label.into());
            schema.insert("description".to_owned(), plain(field.description).into());
            if let Some(column) = field.column {
                schema.insert("x-dataverse-column".to_owned(), column.into());
            }
        }
        self.properties.insert(name.to_owned(), Value::Object(schema));
    }

    pub(crate) fn finish(mut self) -> Map<String, Value> {
        self.schema.insert("properties".to_owned(), Value::Object(self.properties));
        self.schema.insert("required".to_owned(), Value::Array(self.required));
        self.schema
    }
}

/// What serde writes; `null` for what it cannot.
fn serde_form(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

impl<T: SettingsRecord + JsonSchema> JsonSchema for Entry<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}Entry", T::schema_name()).into()
    }

    fn schema_id() -> Cow<'static, str> {
        format!("{}::Entry<{}>", module_path!(), T::schema_id()).into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut schema = T::schema();
        let mut record = id();
        record.insert("title".to_owned(), "Id".into());
        record.insert("description".to_owned(), "Which record it is.".into());
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            let beside = object! {
                "id": record,
                "active": {
                    "type": "boolean",
                    "title": "Active",
                    "description": "Is the record active?",
                    "default": true,
                },
                "created": {
                    "type": "string",
                    "format": "date-time",
                    "title": "Created on",
                    "description": "When the record was made.",
                },
                "modified": {
                    "type": ["string", "null"],
                    "format": "date-time",
                    "title": "Modified on",
                    "description": "When the record was last changed; when it was made, where nothing is said.",
                },
            };
            properties.extend(beside);
        }
        if let Some(Value::Array(required)) = schema.get_mut("required") {
            required.extend(["id".into(), "created".into()]);
        }
        schema.into()
    }
}

/// A page of a document of which there is one.
pub(super) fn one<T: SettingsRecord + JsonSchema>(
    generator: &mut SchemaGenerator,
    description: &str,
) -> Value {
    let page = generator.subschema_for::<T>();
    json!({
        "title": T::PAGE,
        "description": description.trim(),
        "anyOf": [page, { "type": "null" }],
    })
}

/// A page of a document of which there are many.
pub(super) fn many<T: SettingsRecord + JsonSchema>(
    generator: &mut SchemaGenerator,
    description: &str,
) -> Value {
    let entry = generator.subschema_for::<Entry<T>>();
    json!({
        "title": T::PAGE,
        "description": description.trim(),
        "type": "array",
        "items": entry,
    })
}
