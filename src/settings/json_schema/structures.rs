//! Values with parts: their serde forms.

use serde_json::{Map, Value, json};

use super::{CONTROL, Described, SPACE, id, object, options, serde_form, text, titled, url};
use crate::settings::{
    AttachmentSize, AttributeName, BlockedExtensions, Comparison, Comparisons, CreateRecords,
    CustomTexts, Degree, DnsRecord, DnsRecordType, DomainName, FilterExpression, FolderTracking,
    Link, MailboxAddress, MailboxOwner, MatchingAttributes, OrganizationProperties, Profile,
    PublishedTables, Release, RequestedTables, RuleConditions, SasPermission, SasPermissions,
    SasUrl, SettingsRecord, StorageUrl, TableName, TrackedFolders, UnknownProperties, targets,
};

impl Described for Release {}
impl Described for Profile {}
impl Described for CreateRecords {}
impl Described for AttachmentSize {}
impl Described for FilterExpression {}

impl Described for DomainName {
    fn schema() -> Map<String, Value> {
        let mut schema = text(1, Self::MAX);
        schema.insert("format".to_owned(), "idn-hostname".into());
        schema
    }
}

impl Described for MailboxAddress {
    fn schema() -> Map<String, Value> {
        let mut schema = text(1, Self::MAX);
        schema.insert("format".to_owned(), "idn-email".into());
        schema
    }
}

impl Described for StorageUrl {
    fn schema() -> Map<String, Value> {
        let mut schema = url(SasUrl::MAX_LEN);
        let part = format!(r"[^/\\?#{CONTROL}{SPACE}]+");
        let pattern = format!("^[Hh][Tt][Tt][Pp][Ss]://{part}/{part}/?$");
        schema.insert("pattern".to_owned(), pattern.into());
        schema
    }
}

impl Described for SasPermissions {
    fn schema() -> Map<String, Value> {
        let letters: String = SasPermission::ALL.into_iter().map(SasPermission::letter).collect();
        object! { "type": "string", "pattern": format!("^[{letters}]*$") }
    }
}

impl Described for DnsRecord {
    fn schema() -> Map<String, Value> {
        let label = "[A-Za-z0-9_-]{1,63}";
        // With the dot that may stand at the end.
        let longest = Self::MAX_HOST + 1;
        object! {
            "type": "object",
            "properties": {
                "type": options(&[
                    (DnsRecordType::Txt, "TXT"),
                    (DnsRecordType::Cname, "CNAME"),
                ]),
                "host": {
                    "title": "Host",
                    "description": "`@` for the domain itself, or a name in it.",
                    "type": "string",
                    "maxLength": longest,
                    "pattern": format!(r"^(?:@|(?:{label}\.)*{label}\.?)$"),
                },
                "value": {
                    "title": "Value",
                    "description": "What is published there.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": Self::MAX_VALUE,
                    "pattern": "^[ -~]*$",
                },
            },
            "required": ["type", "host", "value"],
            "additionalProperties": false,
            "if": { "properties": { "type": { "const": serde_form(&DnsRecordType::Cname) } } },
            "then": {
                "properties": {
                    "value": {
                        "maxLength": longest,
                        "pattern": format!(r"^(?:{label}\.)+{label}\.?$"),
                    },
                },
            },
        }
    }
}

impl Described for RequestedTables {
    fn schema() -> Map<String, Value> {
        object! {
            "type": "array",
            "items": TableName::schema(),
            "maxItems": Self::MAX,
            "uniqueItems": true,
        }
    }
}

impl Described for PublishedTables {
    fn schema() -> Map<String, Value> {
        let always = Self::default();
        let always = always.iter().map(|(table, _)| {
            json!({
                "contains": {
                    "properties": { "table": { "const": table.as_str() } },
                    "required": ["table"],
                },
            })
        });
        object! {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "table": titled(TableName::schema(), "Table", "The logical name of the table."),
                    "usable_at": titled(
                        object! { "type": ["string", "null"], "format": "date-time" },
                        "Usable at",
                        "From when on its data is usable; since ever, where nothing is said.",
                    ),
                },
                "required": ["table"],
                "additionalProperties": false,
            },
            "maxItems": Self::MAX,
            "allOf": always.collect::<Vec<_>>(),
        }
    }
}

impl Described for MatchingAttributes {
    fn schema() -> Map<String, Value> {
        object! {
            "type": "array",
            "items": AttributeName::schema(),
            "minItems": 1,
            "maxItems": Self::MAX,
            "uniqueItems": true,
        }
    }
}

impl Described for RuleConditions {
    fn schema() -> Map<String, Value> {
        let attributes =
            titled(MatchingAttributes::schema(), "Attributes", "Of these one is enough.");
        let degree = titled(Degree::schema(), "Degree", "How much of a value must be the same.");
        object! {
            "type": "array",
            "items": {
                "type": "object",
                "properties": { "attributes": attributes, "degree": degree },
                "required": ["attributes", "degree"],
                "additionalProperties": false,
            },
            "maxItems": Self::MAX,
        }
    }
}

/// The regions by which telephone numbers are read; `None` where they cannot be.
fn phone_regions() -> Option<Vec<String>> {
    #[cfg(feature = "phonenumber")]
    {
        let letters = || 'A'..='Z';
        let codes = letters().flat_map(|a| letters().map(move |b| format!("{a}{b}")));
        Some(codes.filter(|code| crate::text::Region::new(code).is_ok()).collect())
    }
    #[cfg(not(feature = "phonenumber"))]
    None
}

impl Described for Comparisons {
    fn schema() -> Map<String, Value> {
        let names: Vec<_> = Comparison::names().map(Value::from).collect();
        let mut comparisons = vec![json!({ "enum": names })];
        if let Some(regions) = phone_regions() {
            let pattern = format!("^phone-e164(:({}))?$", regions.join("|"));
            comparisons.push(json!({ "type": "string", "pattern": pattern }));
        }
        object! {
            "type": "object",
            "propertyNames": AttributeName::schema(),
            "additionalProperties": { "anyOf": comparisons },
            "maxProperties": MatchingAttributes::MAX,
        }
    }
}

impl Described for CustomTexts {
    fn schema() -> Map<String, Value> {
        object! {
            "type": "object",
            "propertyNames": {
                "maxLength": Self::MAX_NAME,
                "pattern": "^[a-z][a-z0-9]*_[a-z0-9_]+$",
            },
            "additionalProperties": text(0, Self::MAX_LEN),
            "maxProperties": Self::MAX,
        }
    }
}

impl Described for MailboxOwner {
    fn schema() -> Map<String, Value> {
        let owner = |name: &str, title: &str, link: Map<String, Value>| {
            json!({
                "title": title,
                "type": "object",
                "properties": { name: link },
                "required": [name],
                "additionalProperties": false,
            })
        };
        object! {
            "type": "object",
            "oneOf": [
                owner("user", "A user's", Link::<targets::User>::schema()),
                owner("queue", "A queue's", Link::<targets::Queue>::schema()),
            ],
        }
    }
}

impl Described for TrackedFolders {
    fn schema() -> Map<String, Value> {
        // All white space: that of a text, and what is no character of one.
        let space = format!(r"{SPACE}\u000b\u000c\u0085");
        let pattern = format!(r"^[Ii][Nn][Bb][Oo][Xx](?:[/\\][^/\\]*[^/\\{space}][^/\\]*)+$");
        object! {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "folder": {
                        "title": "Folder",
                        "description": "The path of the folder, from the Inbox on: `Inbox/Fair`.",
                        "type": "string",
                        "maxLength": Self::MAX_PATH,
                        "pattern": pattern,
                        "x-length-unit": "UTF-16 code unit",
                    },
                    "regarding": titled(
                        id(),
                        "Regarding",
                        "The record that the mail in the folder is filed under.",
                    ),
                },
                "required": ["folder", "regarding"],
                "additionalProperties": false,
            },
            "maxItems": FolderTracking::MAX_FOLDERS,
            "uniqueItems": true,
        }
    }
}

impl Described for UnknownProperties {
    fn schema() -> Map<String, Value> {
        let known = OrganizationProperties::FIELDS.iter().filter_map(|field| {
            field.column.and_then(|column| column.strip_prefix(OrganizationProperties::COLUMN))
        });
        object! {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "name": {
                        "title": "Name",
                        "description": "The name of the property: one that no setting here stands for.",
                        "type": "string",
                        "maxLength": Self::MAX_NAME,
                        "pattern": "^[A-Za-z_][A-Za-z0-9_.-]*$",
                        "not": { "enum": known.collect::<Vec<_>>() },
                    },
                    "value": {
                        "title": "Value",
                        "description": "What stands there.",
                        "type": "string",
                        "maxLength": Self::MAX_VALUE,
                        "x-length-unit": "octet",
                    },
                },
                "required": ["name", "value"],
                "additionalProperties": false,
            },
            "maxItems": Self::MAX,
        }
    }
}

impl Described for BlockedExtensions {
    fn schema() -> Map<String, Value> {
        let most = Self::MAX_CHARACTERS;
        object! {
            "type": "array",
            "items": {
                "type": "string",
                "pattern": format!(r"^\.?[^.;{CONTROL}{SPACE}]{{1,{most}}}$"),
            },
            "maxItems": Self::MAX,
        }
    }
}
