//! Values with parts: their serde forms.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{CONTROL, Described, SPACE, id, object, or_blank, serde_form, text, url};
use crate::address::CompareBy;
use crate::correlation::{Method, MethodOrder};
use crate::settings::{
    AttachmentSize, AttributeName, BlockedExtensions, CorrelationPolicy, CreateRecords,
    CustomTexts, DnsRecord, DnsRecordType, DomainName, FilterExpression, FolderTracking, Link,
    MailboxAddress, MailboxOwner, MatchingAttributes, OrganizationProperties, PrefixHistory,
    Profile, PublishedTables, Release, RequestedTables, SasPermission, SasPermissions, SasUrl,
    SettingsRecord, Several, StorageUrl, Strangers, TableName, TrackedFolders, UnknownProperties,
    targets,
};
use crate::subject::{MAX_WORD_CHARS, MAX_WORDS, Rules, TagRule};
use crate::token::{CounterRestart, TokenFormat, UserNumberOverflow};

/// Values that serde writes as text, with what each is called.
fn options<T: Serialize>(options: &[(T, &str)]) -> Value {
    let options = options
        .iter()
        .map(|(option, title)| json!({ "const": serde_form(option), "title": title }));
    json!({ "type": "string", "oneOf": options.collect::<Vec<_>>() })
}

/// The properties of an object, each with the default that it has in `default`.
fn with_defaults(properties: Map<String, Value>, default: &impl Serialize) -> Map<String, Value> {
    let default = serde_form(default);
    let properties = properties.into_iter().map(|(name, mut schema)| {
        if let (Some(value), Some(schema)) = (default.get(&name), schema.as_object_mut()) {
            schema.insert("default".to_owned(), value.clone());
        }
        (name, schema)
    });
    object! {
        "type": "object",
        "properties": properties.collect::<Map<_, _>>(),
        "additionalProperties": false,
    }
}

fn titled(mut schema: Map<String, Value>, title: &str, description: &str) -> Value {
    schema.insert("title".to_owned(), title.into());
    schema.insert("description".to_owned(), description.into());
    Value::Object(schema)
}

/// A prefix of tokens that holds none of the characters of `without`.
fn prefix(without: &str) -> Map<String, Value> {
    let none = format!(r"\t\n\r{CONTROL}{without}");
    object! {
        "type": "string",
        "minLength": 1,
        "maxLength": 20,
        "pattern": format!("^[^{SPACE}{none}](?:[^{none}]*[^{SPACE}{none}])?$"),
        "x-length-unit": "UTF-16 code unit",
    }
}

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

impl Described for PrefixHistory {
    fn schema() -> Map<String, Value> {
        let list = |prefix: Map<String, Value>| {
            object! {
                "type": "array",
                "items": prefix,
                "minItems": 1,
                // A prefix and its separator are two characters at least.
                "maxItems": Self::MAX_CHARACTERS / 2,
            }
        };
        let separator = object! {
            "type": "string",
            "minLength": 1,
            "maxLength": 1,
            "pattern": "^[^0-9A-Za-z]$",
            "default": Self::SEPARATOR,
        };
        object! {
            "oneOf": [
                titled(list(prefix(";")), "Prefixes", "Newest first."),
                {
                    "title": "Prefixes with another separator",
                    "type": "object",
                    "properties": {
                        "prefixes": titled(list(prefix("")), "Prefixes", "Newest first."),
                        "separator": titled(
                            separator,
                            "Separator",
                            "What stands between them in the column.",
                        ),
                    },
                    "required": ["prefixes"],
                    "additionalProperties": false,
                },
            ],
        }
    }
}

fn token_format() -> Map<String, Value> {
    let whole = |minimum: u32, maximum: u32| {
        object! { "type": "integer", "minimum": minimum, "maximum": maximum }
    };
    let properties = object! {
        "prefix": titled(prefix(""), "Prefix", "The text before the digits."),
        "base": titled(
            whole(0, i32::MAX.unsigned_abs()),
            "Deployment base tracking number",
            "What is added to a user's own number.",
        ),
        "user_digits": titled(
            whole(1, 10),
            "Number of digits for user numbers",
            "Digits of the user number.",
        ),
        "counter_digits": titled(
            whole(1, 9),
            "Number of digits for incremental message counter",
            "Digits of the counter.",
        ),
    };
    with_defaults(properties, &TokenFormat::default())
}

impl Described for Vec<TokenFormat> {
    fn schema() -> Map<String, Value> {
        object! {
            "type": "array",
            "items": token_format(),
            "maxItems": crate::settings::EmailSettings::MAX_FORMER_FORMATS,
        }
    }
}

/// What is stripped from subjects.
fn subject_rules() -> Map<String, Value> {
    let words = |title: &str, description: &str, pattern: &str| {
        let word = object! {
            "type": "string",
            "minLength": 1,
            "maxLength": MAX_WORD_CHARS,
            "pattern": pattern,
        };
        titled(
            object! { "type": "array", "items": word, "maxItems": MAX_WORDS },
            title,
            description,
        )
    };
    let word = r"^[\p{Alphabetic}\p{M} ]+$";
    let tag = format!(r"^[^()\[\]{{}}*\t\n\r{CONTROL}]+$");
    let switch =
        |title: &str, description: &str| titled(object! { "type": "boolean" }, title, description);
    let tags = options(&[
        (TagRule::Keep, "Keep"),
        (TagRule::StripWords, "Strip those without digits"),
        (TagRule::StripAll, "Strip all"),
    ]);
    let properties = object! {
        "reply_words": words(
            "Reply prefixes",
            "Reply prefixes beyond the listed ones, without colon: letters and single blanks.",
            word,
        ),
        "forward_words": words(
            "Forward prefixes",
            "Forward prefixes beyond the listed ones, without colon: letters and single blanks.",
            word,
        ),
        "gateway_tags": words(
            "Gateway marks",
            "What mail gateways write, without brackets. Replaces the listed ones.",
            &tag,
        ),
        "list_tags": words(
            "List tags",
            "Names of mailing lists, without brackets.",
            &tag,
        ),
        "tags": described(tags, "Other tags", "What happens to a tag that is neither."),
        "strip_was": switch(
            "Strip old subjects",
            "Strip `(was: old subject)` from the end.",
        ),
        "strip_short_unknown": switch(
            "Strip short unknown prefixes",
            "Strip one to three unknown letters, colon and blank.",
        ),
    };
    with_defaults(properties, &Rules::default())
}

fn described(schema: Value, title: &str, description: &str) -> Value {
    match schema {
        Value::Object(schema) => titled(schema, title, description),
        other => other,
    }
}

fn method_order() -> Map<String, Value> {
    let method = |method: Method| {
        let title = match method {
            Method::Folder => "Tracked folders",
            Method::Token => "Tracking tokens",
            Method::Headers => "In-Reply-To and References",
            Method::ThreadIndex => "Thread-Index",
            Method::Smart => "Smart matching",
        };
        (method, title)
    };
    object! {
        "type": "array",
        "items": options(&Method::ALL.map(method)),
        "uniqueItems": true,
        "default": MethodOrder::default(),
    }
}

impl Described for CorrelationPolicy {
    fn schema() -> Map<String, Value> {
        let several = || {
            options(&[
                (Several::Newest, "The most recently created mail wins"),
                (Several::Refuse, "None wins"),
            ])
        };
        let strangers =
            options(&[(Strangers::Match, "Matched"), (Strangers::Refuse, "Not matched")]);
        let restart = options(&[(CounterRestart::Zero, "At 0"), (CounterRestart::One, "At 1")]);
        let overflow = options(&[
            (UserNumberOverflow::Refuse, "No token is made"),
            (UserNumberOverflow::Wrap, "The last digits are printed"),
        ]);
        let compare = options(&[
            (CompareBy::Canonical, "Without regard to case and composition"),
            (CompareBy::Strict, "Octet by octet"),
        ]);
        let properties = object! {
            "order": titled(
                method_order(),
                "Order of methods",
                "Which methods are tried, and in which order.",
            ),
            "strangers": described(
                strangers,
                "Tokens from strangers",
                "What becomes of a token from somebody who took no part in its conversation.",
            ),
            "several_tokens": described(
                several(),
                "Several tokens",
                "What becomes of a mail whose tokens lead to different conversations.",
            ),
            "several_smart": described(
                several(),
                "Several smart matches",
                "What becomes of a mail that smart matching finds several conversations for.",
            ),
            "restart": described(
                restart,
                "Restart of the counter",
                "Where the counter goes on behind its maximum.",
            ),
            "overflow": described(
                overflow,
                "User numbers with too many digits",
                "What becomes of a user number that needs more digits than there are.",
            ),
            "subject": titled(
                subject_rules(),
                "Subjects",
                "What is stripped from subjects before they are compared.",
            ),
            "compare_addresses": described(
                compare,
                "Comparison of addresses",
                "When two addresses reach the same person.",
            ),
            "window_days": titled(
                object! { "type": "integer", "minimum": 0, "maximum": u32::MAX },
                "Days that smart matching looks back",
                "How far back mails are compared, in days.",
            ),
        };
        let mut schema = with_defaults(properties, &Self::default());
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            // A part that is null is as good as one that is left out.
            for part in properties.values_mut() {
                if let Value::Object(part) = part {
                    *part = or_blank(std::mem::take(part));
                }
            }
        }
        schema
    }
}
