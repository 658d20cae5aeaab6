//! How the fields of a [`MessageLine`] are written and read.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::super::Message;
use super::super::references::FirstAndLast;
use super::{Extra, MessageLine};

/// A string or null; borrowed from the input where it has no escapes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text<'a>(pub(super) Option<Cow<'a, str>>);

/// A list of strings, or null, and how many of it were left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct List<'a> {
    pub(super) items: Vec<Cow<'a, str>>,
    pub(super) dropped: usize,
}

impl<'a> List<'a> {
    pub(super) fn of(items: impl Iterator<Item = &'a str>) -> Self {
        Self { items: items.map(Cow::Borrowed).collect(), dropped: 0 }
    }
}

/// Where a field's value goes.
enum Slot<'s, 'a> {
    Text(&'s mut Text<'a>),
    Ids(&'s mut List<'a>),
    Addresses(&'s mut List<'a>),
    Size(&'s mut Option<u64>),
}

impl<'a> MessageLine<'a> {
    fn slot(&mut self, field: &str) -> Option<Slot<'_, 'a>> {
        let x = &mut self.extra;
        Some(match field {
            "message_id" => Slot::Text(&mut self.message_id),
            "in_reply_to" => Slot::Text(&mut self.in_reply_to),
            "references" => Slot::Ids(&mut self.references),
            "date" => Slot::Text(&mut self.date),
            "from" => Slot::Text(&mut self.from),
            "to" => Slot::Addresses(&mut self.to),
            "cc" => Slot::Addresses(&mut self.cc),
            "subject" => Slot::Text(&mut self.subject),
            "subject_raw" => Slot::Text(&mut self.subject_raw),
            "from_name" => Slot::Text(&mut x.from_name),
            "sender" => Slot::Text(&mut x.sender),
            "reply_to" => Slot::Addresses(&mut x.reply_to),
            "bcc" => Slot::Addresses(&mut x.bcc),
            "thread_index" => Slot::Text(&mut x.thread_index),
            "auto_submitted" => Slot::Text(&mut x.auto_submitted),
            "precedence" => Slot::Text(&mut x.precedence),
            "return_path" => Slot::Text(&mut x.return_path),
            "list_id" => Slot::Text(&mut x.list_id),
            "content_type" => Slot::Text(&mut x.content_type),
            "x_auto_response_suppress" => Slot::Text(&mut x.x_auto_response_suppress),
            "mailer" => Slot::Text(&mut x.mailer),
            "in_reply_to_all" => Slot::Ids(&mut x.in_reply_to_all),
            "in_reply_to_raw" => Slot::Text(&mut x.in_reply_to_raw),
            "reported" => Slot::Text(&mut x.reported),
            "signals" => Slot::Ids(&mut x.signals),
            "folder" => Slot::Text(&mut x.folder),
            "size" => Slot::Size(&mut x.size),
            _ => return None,
        })
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for MessageLine<'a> {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        let mut line = MessageLine::default();
        source.deserialize_map(Object { line: &mut line, under_x: false })?;
        Ok(line)
    }
}

/// The fields of the object itself or of its `x`, read into the line.
struct Object<'s, 'de> {
    line: &'s mut MessageLine<'de>,
    under_x: bool,
}

impl<'de> DeserializeSeed<'de> for Object<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
        source.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Object<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.under_x { "an object or null" } else { "an object, one mail" })
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
        source.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Text(name)) = map.next_key()? {
            let name = name.unwrap_or_default();
            let read = match self.line.slot(&name) {
                Some(Slot::Text(text)) => map.next_value().map(|value| *text = value),
                Some(Slot::Ids(list)) => {
                    map.next_value_seed(Strings { ids: true }).map(|value| *list = value)
                }
                Some(Slot::Addresses(list)) => {
                    map.next_value_seed(Strings { ids: false }).map(|value| *list = value)
                }
                Some(Slot::Size(size)) => map.next_value().map(|value| *size = value),
                None if name == "x" && !self.under_x => {
                    map.next_value_seed(Object { line: &mut *self.line, under_x: true })?;
                    Ok(())
                }
                None => map.next_value::<IgnoredAny>().map(drop),
            };
            if let Err(e) = read {
                let x = if self.under_x { "x." } else { "" };
                return Err(A::Error::custom(format_args!("{x}{name}: {e}")));
            }
        }
        Ok(())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        struct Visit;

        impl<'de> Visitor<'de> for Visit {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or null")
            }

            fn visit_none<E>(self) -> Result<Text<'de>, E> {
                Ok(Text(None))
            }

            fn visit_unit<E>(self) -> Result<Text<'de>, E> {
                Ok(Text(None))
            }

            fn visit_some<D: Deserializer<'de>>(self, source: D) -> Result<Text<'de>, D::Error> {
                source.deserialize_str(self)
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Some(Cow::Borrowed(text))))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Some(Cow::Owned(text.to_owned()))))
            }

            fn visit_string<E>(self, text: String) -> Result<Text<'de>, E> {
                Ok(Text(Some(Cow::Owned(text))))
            }
        }

        source.deserialize_option(Visit)
    }
}

/// A list of strings: of ids the first and the last are kept, of addresses the first.
struct Strings {
    ids: bool,
}

impl<'de> DeserializeSeed<'de> for Strings {
    type Value = List<'de>;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<List<'de>, D::Error> {
        source.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Strings {
    type Value = List<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of strings or null")
    }

    fn visit_none<E>(self) -> Result<List<'de>, E> {
        Ok(List::default())
    }

    fn visit_unit<E>(self) -> Result<List<'de>, E> {
        Ok(List::default())
    }

    fn visit_some<D: Deserializer<'de>>(self, source: D) -> Result<List<'de>, D::Error> {
        source.deserialize_seq(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<List<'de>, A::Error> {
        let mut ids = FirstAndLast::default();
        let mut list = List::default();
        while let Some(Text(text)) = seq.next_element()? {
            let Some(text) = text else { continue };
            if self.ids {
                ids.push(text);
            } else if list.items.len() < Message::MAX_PARTICIPANTS {
                list.items.push(text);
            } else {
                list.dropped += 1;
            }
        }
        if self.ids {
            (list.items, list.dropped) = ids.finish();
        }
        Ok(list)
    }
}

impl Serialize for MessageLine<'_> {
    fn serialize<S: Serializer>(&self, target: S) -> Result<S::Ok, S::Error> {
        let mut map = target.serialize_map(None)?;
        map.serialize_entry("message_id", &self.message_id.0)?;
        map.serialize_entry("in_reply_to", &self.in_reply_to.0)?;
        map.serialize_entry("references", &self.references.items)?;
        map.serialize_entry("date", &self.date.0)?;
        map.serialize_entry("from", &self.from.0)?;
        map.serialize_entry("to", &self.to.items)?;
        map.serialize_entry("cc", &self.cc.items)?;
        map.serialize_entry("subject", &self.subject.0)?;
        if self.subject_raw.0.is_some() {
            map.serialize_entry("subject_raw", &self.subject_raw.0)?;
        }
        if self.extra != Extra::default() {
            map.serialize_entry("x", &self.extra)?;
        }
        map.end()
    }
}

impl Serialize for Extra<'_> {
    fn serialize<S: Serializer>(&self, target: S) -> Result<S::Ok, S::Error> {
        let mut map = target.serialize_map(None)?;
        for (name, text) in [
            ("from_name", &self.from_name),
            ("sender", &self.sender),
            ("thread_index", &self.thread_index),
            ("auto_submitted", &self.auto_submitted),
            ("precedence", &self.precedence),
            ("return_path", &self.return_path),
            ("list_id", &self.list_id),
            ("content_type", &self.content_type),
            ("x_auto_response_suppress", &self.x_auto_response_suppress),
            ("mailer", &self.mailer),
            ("in_reply_to_raw", &self.in_reply_to_raw),
            ("reported", &self.reported),
            ("folder", &self.folder),
        ] {
            if text.0.is_some() {
                map.serialize_entry(name, &text.0)?;
            }
        }
        for (name, list) in [
            ("reply_to", &self.reply_to),
            ("bcc", &self.bcc),
            ("in_reply_to_all", &self.in_reply_to_all),
            ("signals", &self.signals),
        ] {
            if !list.items.is_empty() {
                map.serialize_entry(name, &list.items)?;
            }
        }
        if self.size.is_some() {
            map.serialize_entry("size", &self.size)?;
        }
        map.end()
    }
}
