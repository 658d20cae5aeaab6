//! How mail is correlated: prefixes and formats of tokens, and what the policy decides.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{CONTROL, Described, SPACE, object, options, or_blank, serde_form, titled};
use crate::address::CompareBy;
use crate::correlation::{Method, MethodOrder};
use crate::settings::{CorrelationPolicy, EmailSettings, PrefixHistory, Several, Strangers};
use crate::subject::{MAX_WORD_CHARS, MAX_WORDS, Rules, TagRule};
use crate::token::{CounterRestart, TokenFormat, UserNumberOverflow};

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
            "maxItems": EmailSettings::MAX_FORMER_FORMATS,
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
