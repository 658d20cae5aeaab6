//! An organization's settings as one text: a file to keep, to compare, to hand on.

use std::fmt;
use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Error as _, IntoDeserializer, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::pages::{PageView, RecordView};
use super::record::{SettingsRecord, unknown_name, without_text};
use super::schema::{SCHEMA, STEPS, check, upgrade};
use super::stored::Stored;
use super::{
    AnalyticsConfiguration, AuthenticatedDomain, ContentSettings, DataProtection,
    DefaultMarketingSettings, EmailServerProfile, EmailSettings, LandingPageConfiguration,
    LeadScoringConfiguration, Mailbox, MarketingDataConfiguration, MatchingRule, MatchingStrategy,
    OrganizationProperties, PersonalOptions, QueueSettings, SocialAccount,
};
use crate::id::RecordId;
use crate::index::to_microsecond;
use crate::record::{RecordKind, Version};

/// A record of a document: what it says, and what is known of it beside that.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(bound(serialize = "T: SettingsRecord"))]
#[expect(clippy::exhaustive_structs, reason = "a row")]
pub struct Entry<T> {
    /// Which one.
    pub id: RecordId,
    /// Is it active? It is where nothing is said.
    pub active: bool,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// When it was last changed; when it was made, where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified: Option<DateTime<Utc>>,
    /// What it says: its fields stand beside the others.
    #[serde(flatten)]
    pub value: T,
}

/// What an entry says beside the fields of its record.
#[derive(Default)]
struct Beside {
    id: Option<RecordId>,
    active: Option<bool>,
    created: Option<DateTime<Utc>>,
    modified: Option<Option<DateTime<Utc>>>,
}

impl Beside {
    const NAMES: [&'static str; 4] = ["id", "active", "created", "modified"];

    /// Reads the value, where it is one of these.
    fn take<'de, A: MapAccess<'de>>(&mut self, map: &mut A, key: &str) -> Result<bool, A::Error> {
        match key {
            "id" => once(map, key, &mut self.id)?,
            "active" => once(map, key, &mut self.active)?,
            "created" => once(map, key, &mut self.created)?,
            "modified" => once(map, key, &mut self.modified)?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// The fields of the record of an entry, which takes what stands beside them.
struct Fields<'a, T, A> {
    map: A,
    beside: &'a mut Beside,
    page: PhantomData<T>,
}

impl<'de, T: SettingsRecord, A: MapAccess<'de>> MapAccess<'de> for Fields<'_, T, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        while let Some(key) = self.map.next_key::<String>()? {
            if self.beside.take(&mut self.map, &key)? {
                continue;
            }
            let names = T::FIELDS.iter().map(|field| field.name);
            if !names.clone().any(|name| name == key) {
                let known = names.chain(Beside::NAMES);
                return Err(A::Error::custom(unknown_name(&key, known)));
            }
            return seed.deserialize(key.into_deserializer()).map(Some);
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

impl<'de, T: SettingsRecord> Deserialize<'de> for Entry<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct OneEntry<T>(PhantomData<T>);

        impl<'de, T: SettingsRecord> Visitor<'de> for OneEntry<T> {
            type Value = Entry<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a record of: {}", T::PAGE)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Entry<T>, A::Error> {
                let mut beside = Beside::default();
                let fields = Fields { map, beside: &mut beside, page: PhantomData::<T> };
                let value = T::deserialize(MapAccessDeserializer::new(fields))?;
                let none = |name: &str| {
                    A::Error::custom(format_args!("{name}: expected a value, found none"))
                };
                Ok(Entry {
                    id: beside.id.ok_or_else(|| none("id"))?,
                    active: beside.active.unwrap_or(true),
                    created: beside.created.ok_or_else(|| none("created"))?,
                    modified: beside.modified.flatten(),
                    value,
                })
            }
        }

        from.deserialize_map(OneEntry(PhantomData))
    }
}

impl<T: SettingsRecord> From<&Stored<T>> for Entry<T> {
    fn from(stored: &Stored<T>) -> Self {
        Self {
            id: stored.id,
            active: stored.active,
            created: stored.created,
            modified: Some(stored.modified).filter(|modified| *modified != stored.created),
            value: stored.value.clone(),
        }
    }
}

impl<T: SettingsRecord> From<&Entry<T>> for Stored<T> {
    /// The record in its first state, as a store would keep it that knows nothing of it yet.
    fn from(entry: &Entry<T>) -> Self {
        Self {
            active: entry.active,
            modified: to_microsecond(entry.modified.unwrap_or(entry.created)),
            ..Self::new(entry.id, Version::new(1), entry.created, entry.value.clone())
        }
    }
}

/// The pages of a document; a page of which there is one an organization is `one`, the others are
/// `many`.
macro_rules! document {
    (@ty one $ty:ty) => { Option<$ty> };
    (@ty many $ty:ty) => { Vec<Entry<$ty>> };
    (@view one $page:expr) => { $page.iter().map(RecordView::one) };
    (@view many $page:expr) => { RecordView::many(&$page) };
    (@blank one $page:expr) => { $page.is_none() };
    (@blank many $page:expr) => { $page.is_empty() };
    (@upgrade one $ty:ty, $from:expr, $page:expr) => {
        upgrade_fields(<$ty>::KIND, $from, Some($page))
    };
    (@upgrade many $ty:ty, $from:expr, $page:expr) => {
        upgrade_fields(<$ty>::KIND, $from, $page.as_array_mut().into_iter().flatten())
    };
    (@schema one $ty:ty) => { crate::settings::json_schema::one::<$ty> };
    (@schema many $ty:ty) => { crate::settings::json_schema::many::<$ty> };
    ($($(#[doc = $doc:literal])* $page:ident: $number:ident $ty:ty,)+) => {
        /// All settings of an organization, in our serde form: JSON, TOML, or whatever else serde
        /// reads.
        ///
        /// It begins with its version, [`SCHEMA`]. A page of which there is one an organization is
        /// an object, the others are lists; what is left out has the effective default of the
        /// product's documents. Names that are not known are refused, with the name that was
        /// probably meant. A text in the place of something else is never quoted, as it may be a
        /// secret that somebody put into the wrong place.
        ///
        /// What is read is an import: a social account that was signed in has to be reauthorised
        /// ([`SocialAccount::imported`]), as its token does not travel.
        ///
        /// ```
        /// use correspond::settings::Document;
        ///
        /// let document = Document::from_json(
        ///     r#"{
        ///         "schema": 1,
        ///         "lead_scoring": [{
        ///             "id": "1",
        ///             "created": "2026-11-22T09:00:00Z",
        ///             "name": "Spring",
        ///             "automatic_cleanup": false
        ///         }]
        ///     }"#,
        /// )?;
        /// assert!(!document.lead_scoring[0].value.automatic_cleanup());
        ///
        /// let error = Document::from_json(r#"{ "schema": 1, "lead_score": [] }"#).unwrap_err();
        /// assert_eq!(
        ///     error.to_string(),
        ///     "expected a known name, found \"lead_score\"; did you mean `lead_scoring`? at line 1 \
        ///      column 27"
        /// );
        /// # Ok::<(), correspond::settings::DocumentError>(())
        /// ```
        #[derive(Clone, Debug, Default, PartialEq)]
        #[non_exhaustive]
        pub struct Document {
            $($(#[doc = $doc])* pub $page: document!(@ty $number $ty),)+
        }

        impl Document {
            /// The names of its pages, in the order in which they are written.
            pub const PAGES: &'static [&'static str] = &[$(stringify!($page)),+];

            /// Its pages, in the same order, those without a record too: for whoever shows them.
            #[must_use]
            pub fn pages(&self) -> Vec<PageView<'_>> {
                vec![$(
                    PageView::new::<$ty>(
                        stringify!($page),
                        document!(@view $number self.$page),
                    ),
                )+]
            }
        }

        impl Serialize for Document {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                let mut map = to.serialize_map(None)?;
                map.serialize_entry("schema", &SCHEMA)?;
                $(if !document!(@blank $number self.$page) {
                    map.serialize_entry(stringify!($page), &self.$page)?;
                })+
                map.end()
            }
        }

        #[cfg(feature = "schemars")]
        impl schemars::JsonSchema for Document {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                "Document".into()
            }

            fn schema_id() -> std::borrow::Cow<'static, str> {
                concat!(module_path!(), "::Document").into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let mut properties = serde_json::Map::new();
                let schema = serde_json::json!({
                    "title": "Version",
                    "description": "The version of the form of the document.",
                    "const": SCHEMA,
                });
                properties.insert("schema".to_owned(), schema);
                $(
                    let page = document!(@schema $number $ty);
                    let page = page(generator, concat!($($doc),*));
                    properties.insert(stringify!($page).to_owned(), page);
                )+
                schemars::json_schema!({
                    "title": "Settings",
                    "description": "All settings of an organization.",
                    "type": "object",
                    "properties": properties,
                    "required": ["schema"],
                    "additionalProperties": false,
                })
            }
        }

        impl<'de> Visitor<'de> for Pages {
            type Value = Document;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the settings of an organization")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Document, A::Error> {
                let mut schema = None;
                $(let mut $page: Option<document!(@ty $number $ty)> = None;)+
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "schema" => once(&mut map, &key, &mut schema)?,
                        $(stringify!($page) => once(&mut map, &key, &mut $page)?,)+
                        other => {
                            let known = Document::PAGES.iter().copied().chain(["schema"]);
                            return Err(A::Error::custom(unknown_name(other, known)));
                        }
                    }
                }
                let Some(schema) = schema else {
                    return Err(A::Error::custom(format_args!(
                        "schema: expected a version from 1 to {SCHEMA}, found none"
                    )));
                };
                if schema != SCHEMA {
                    check(schema, SCHEMA).map_err(A::Error::custom)?;
                    return Err(A::Error::custom(format_args!(
                        "schema: expected {SCHEMA}, found {schema}, which `Document::from_json` \
                         reads"
                    )));
                }
                let mut read = Document { $($page: $page.unwrap_or_default(),)+ };
                for account in &mut read.social_accounts {
                    account.value = account.value.imported();
                }
                Ok(read)
            }
        }

        /// The same text in the present version.
        fn upgraded(mut document: Value, from: u32) -> Result<Value, DocumentError> {
            $(if let Some(page) = document.get_mut(stringify!($page)) {
                document!(@upgrade $number $ty, from, page)?;
            })+
            if let Some(schema) = document.get_mut("schema") {
                *schema = SCHEMA.into();
            }
            Ok(document)
        }
    };
}

document! {
    /// Lead scoring.
    lead_scoring: many LeadScoringConfiguration,
    /// Authenticated domains.
    authenticated_domains: many AuthenticatedDomain,
    /// Landing pages.
    landing_pages: many LandingPageConfiguration,
    /// Marketing data configuration.
    marketing_data: one MarketingDataConfiguration,
    /// Matching strategy.
    matching_strategies: many MatchingStrategy,
    /// Matching rules.
    matching_rules: many MatchingRule,
    /// Marketing analytics configuration.
    analytics: many AnalyticsConfiguration,
    /// Default marketing settings.
    default_marketing_settings: many DefaultMarketingSettings,
    /// Content settings.
    content_settings: many ContentSettings,
    /// Social configuration.
    social_accounts: many SocialAccount,
    /// Data protection tools.
    data_protection: many DataProtection,
    /// Email server profiles.
    email_server_profiles: many EmailServerProfile,
    /// Personal options of users, under their ids.
    personal_options: many PersonalOptions,
    /// Queues, under their ids.
    queues: many QueueSettings,
    /// Mailboxes.
    mailboxes: many Mailbox,
    /// The email settings of the organization.
    email_settings: one EmailSettings,
    /// The organization's property bag.
    organization_properties: one OrganizationProperties,
}

struct Pages;

fn once<'de, A: MapAccess<'de>, T: Deserialize<'de>>(
    map: &mut A,
    key: &str,
    slot: &mut Option<T>,
) -> Result<(), A::Error> {
    if slot.is_some() {
        return Err(A::Error::custom(format_args!("{key}: expected it once, found it again")));
    }
    let value = map
        .next_value()
        .map_err(|error| A::Error::custom(format_args!("{key}: {}", without_text(&error))));
    *slot = Some(value?);
    Ok(())
}

fn upgrade_fields<'a>(
    kind: RecordKind,
    from: u32,
    records: impl IntoIterator<Item = &'a mut Value>,
) -> Result<(), DocumentError> {
    for fields in records.into_iter().filter_map(Value::as_object_mut) {
        upgrade(kind, from, fields, STEPS).map_err(|error| DocumentError::new(&error))?;
    }
    Ok(())
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Pages)
    }
}

/// The version of a document, whatever else it says.
#[derive(Deserialize)]
struct Head {
    schema: Option<u32>,
}

impl Head {
    /// The version, where it is one before the present one.
    fn older(&self) -> Option<u32> {
        self.schema.filter(|found| *found < SCHEMA && check(*found, SCHEMA).is_ok())
    }
}

impl Document {
    /// Reads JSON of this version or an older one.
    ///
    /// # Errors
    ///
    /// It is no JSON, its version is not known, a name in it is not known, or a value lies outside
    /// of what its setting takes: the message says what was expected, what was found, and where.
    pub fn from_json(text: &str) -> Result<Self, DocumentError> {
        let said = |error: serde_json::Error| DocumentError::new(&error);
        match serde_json::from_str::<Head>(text).map_err(said)?.older() {
            Some(older) => {
                let document = serde_json::from_str(text).map_err(said)?;
                serde_json::from_value(upgraded(document, older)?).map_err(said)
            }
            None => serde_json::from_str(text).map_err(said),
        }
    }

    /// Reads TOML of this version or an older one.
    ///
    /// # Errors
    ///
    /// As those of [`from_json`](Self::from_json).
    #[cfg(feature = "toml")]
    pub fn from_toml(text: &str) -> Result<Self, DocumentError> {
        // The message alone: the lines around it, which the error would show, may hold a secret that
        // somebody put into the wrong place.
        let said = |error: toml::de::Error| {
            let at = error.span().map_or(0, |span| span.start);
            let before = text.get(..at).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
            let message = error.message();
            DocumentError::new(&format_args!("{message} at line {line} column {column}"))
        };
        match toml::from_str::<Head>(text).map_err(said)?.older() {
            Some(older) => {
                let document = toml::from_str(text).map_err(said)?;
                let document = serde_json::from_value(upgraded(document, older)?);
                document.map_err(|error| DocumentError::new(&error))
            }
            None => toml::from_str(text).map_err(said),
        }
    }

    /// The document as TOML.
    ///
    /// # Errors
    ///
    /// None that a document could cause.
    #[cfg(feature = "toml")]
    pub fn to_toml(&self) -> Result<String, DocumentError> {
        toml::to_string_pretty(self).map_err(|error| DocumentError::new(&error))
    }

    /// The document as JSON, indented.
    ///
    /// # Errors
    ///
    /// None that a document could cause.
    pub fn to_json(&self) -> Result<String, DocumentError> {
        serde_json::to_string_pretty(self).map_err(|error| DocumentError::new(&error))
    }
}

/// A document could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DocumentError(Box<str>);

impl DocumentError {
    fn new(error: &impl fmt::Display) -> Self {
        Self(without_text(error).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        Document::from_json(text).unwrap_err().to_string()
    }

    #[test]
    fn a_document_says_where_it_is_wrong() {
        assert_eq!(
            refused("{}"),
            "schema: expected a version from 1 to 1, found none at line 1 column 2"
        );
        assert_eq!(
            refused(r#"{"schema":2}"#),
            "schema: expected a version from 1 to 1, found 2 at line 1 column 12"
        );
        assert_eq!(
            refused(r#"{"schema":1,"lead_scoring":[],"lead_scoring":[]}"#),
            "lead_scoring: expected it once, found it again at line 1 column 44"
        );
        let entry = r#"{"schema":1,"lead_scoring":[{"id":"1","created":"2026-11-22T09:00:00Z","#;
        assert_eq!(
            refused(&format!(r#"{entry}"nome":"x"}}]}}"#)),
            "lead_scoring: expected a known name, found \"nome\"; did you mean `name`? at line 1 \
             column 77"
        );
        assert!(refused(&format!(r#"{entry}"name":""}}]}}"#)).starts_with(
            "lead_scoring: name: expected text of 1 to 100 characters, found 0 at line 1"
        ));
        assert!(refused("7").starts_with("invalid type: integer `7`, expected"));
    }

    #[test]
    fn a_document_knows_what_stands_beside_the_fields() {
        let entry = |rest: &str| {
            let error = refused(&format!(r#"{{"schema":1,"lead_scoring":[{{{rest}}}]}}"#));
            error.split(" at line").next().unwrap_or_default().to_owned()
        };
        let named = r#""id":"1","created":"2026-11-22T09:00:00Z","name":"x""#;
        for (wrong, meant) in [("activ", "active"), ("modifed", "modified"), ("nam", "name")] {
            assert_eq!(
                entry(&format!(r#"{named},"{wrong}":true"#)),
                format!(
                    "lead_scoring: expected a known name, found \"{wrong}\"; did you mean `{meant}`?"
                )
            );
        }
        assert_eq!(
            entry(r#""created":"2026-11-22T09:00:00Z","name":"x""#),
            "lead_scoring: id: expected a value, found none"
        );
        assert_eq!(
            entry(r#""id":"1","name":"x""#),
            "lead_scoring: created: expected a value, found none"
        );
        assert_eq!(
            entry(&format!(r#"{named},"id":"2""#)),
            "lead_scoring: id: expected it once, found it again"
        );
        assert_eq!(
            entry(&format!(r#"{named},"active":"secret, expected ""#)),
            "lead_scoring: active: invalid type: string, expected a boolean"
        );
        let error = refused(r#"{"schema":1,"lead_scoring":["secret"]}"#);
        assert!(error.starts_with("lead_scoring: invalid type: string, expected a record of"));
    }

    #[cfg(feature = "toml")]
    #[test]
    fn a_document_can_be_toml() {
        let text = "schema = 1\n\n[[lead_scoring]]\nid = \"1\"\ncreated = \
                    \"2026-11-22T09:00:00Z\"\nname = \"x\"\nautomatic_cleanup = false\n";
        let document = Document::from_toml(text).unwrap();
        assert_eq!(Document::from_toml(&document.to_toml().unwrap()), Ok(document));
        let error = Document::from_toml("schema = 1\nlead_score = []\n").unwrap_err().to_string();
        assert!(error.contains("did you mean `lead_scoring`?"), "{error}");
    }

    #[test]
    fn what_was_written_is_read() {
        let text = r#"{"schema":1,"data_protection":[{"id":"1f","active":false,"created":
            "2026-11-22T09:00:00Z","modified":"2026-11-22T10:00:00.5Z","name":"x"}]}"#;
        let null = text.replace("\"2026-11-22T10:00:00.5Z\"", "null");
        assert_eq!(Document::from_json(&null).unwrap().data_protection[0].modified, None);
        let document = Document::from_json(text).unwrap();
        assert!(!document.data_protection[0].active);
        assert_eq!(Document::from_json(&document.to_json().unwrap()).unwrap(), document);
        let json: Value = serde_json::from_str(&document.to_json().unwrap()).unwrap();
        assert_eq!(upgraded(json.clone(), SCHEMA), Ok(json));
    }
}
