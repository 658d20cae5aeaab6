//! Rows as they stand in the text of an export.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A name and the JSON behind it.
#[derive(Clone, Debug)]
pub(super) struct Cell<'a> {
    /// The name as it was written.
    pub(super) key: Cow<'a, str>,
    /// Valid JSON, as it was written.
    pub(super) json: &'a str,
}

impl<'a> Cell<'a> {
    pub(super) fn is_annotation(&self) -> bool {
        self.key.contains('@')
    }

    /// The name of the column: in lower case, without what marks it as a lookup. `None` of an
    /// annotation.
    pub(super) fn column(&self) -> Option<Cow<'_, str>> {
        if self.is_annotation() {
            return None;
        }
        let bare = self.key.strip_prefix('_').and_then(|key| {
            let at = key.len().checked_sub("_value".len())?;
            let end = key.get(at..)?;
            end.eq_ignore_ascii_case("_value").then(|| key.get(..at)).flatten()
        });
        let bare = bare.unwrap_or(&self.key);
        if bare.bytes().any(|b| b.is_ascii_uppercase()) {
            return Some(bare.to_ascii_lowercase().into());
        }
        Some(bare.into())
    }

    /// The text, where it is one.
    pub(super) fn text(&self) -> Option<Cow<'a, str>> {
        text(self.json)
    }
}

/// What a JSON string says.
pub(super) fn text(json: &str) -> Option<Cow<'_, str>> {
    let inner = json.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        // A lone surrogate is the one thing that can be wrong with it.
        return serde_json::from_str(json).ok().map(Cow::Owned);
    }
    Some(inner.into())
}

/// An object: names and values in their order, those written twice among them.
#[derive(Clone, Debug, Default)]
pub(super) struct Row<'a> {
    pub(super) cells: Vec<Cell<'a>>,
}

impl<'a> Row<'a> {
    /// The cell of this column: of several the last, as readers of JSON have it.
    pub(super) fn cell(&self, column: &str) -> Option<&Cell<'a>> {
        self.cells.iter().rev().find(|cell| cell.column().is_some_and(|found| found == column))
    }

    /// The value of this annotation of a column, by the end of its name.
    pub(super) fn annotation(&self, of: &Cell<'_>, end: &str) -> Option<Cow<'a, str>> {
        let found = self.cells.iter().rev().find(|cell| {
            let (key, prefix) = (cell.key.as_ref(), of.key.as_ref());
            let annotated = key.get(..prefix.len());
            let term = key.get(prefix.len()..).and_then(|rest| rest.strip_prefix('@'));
            annotated.is_some_and(|name| name.eq_ignore_ascii_case(prefix))
                && term.is_some_and(|term| {
                    let at = term.len().saturating_sub(end.len());
                    term.get(at..).is_some_and(|last| last.eq_ignore_ascii_case(end))
                })
        });
        found.and_then(Cell::text)
    }
}

/// What stands in a list of rows.
#[derive(Clone, Debug)]
pub(super) enum Item<'a> {
    Row(Row<'a>),
    /// No object: kept as it is.
    Other(&'a str),
}

/// How the rows of a table stand.
#[derive(Clone, Debug)]
pub(super) enum Shape<'a> {
    /// `{"value": [...]}`, with what stands beside `value`.
    Answer(Vec<Cell<'a>>),
    /// `[...]`.
    List,
    /// The one row itself.
    One,
    /// No rows: text, a number.
    None(&'a str),
}

/// What stands behind the name of a table.
#[derive(Clone, Debug)]
pub(super) struct Rows<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) shape: Shape<'a>,
    pub(super) items: Vec<Item<'a>>,
}

/// The tables of an export.
///
/// # Errors
///
/// The text is no JSON object.
pub(super) fn tables(text: &str) -> Result<Vec<Rows<'_>>, serde_json::Error> {
    let Row { cells } = serde_json::from_str::<Row<'_>>(text)?;
    cells.into_iter().map(table).collect()
}

fn table(Cell { key, json }: Cell<'_>) -> Result<Rows<'_>, serde_json::Error> {
    let (shape, items) = match json.as_bytes().first() {
        Some(b'[') => (Shape::List, items(json)?),
        Some(b'{') => {
            let row: Row<'_> = serde_json::from_str(json)?;
            let lists = |cell: &Cell<'_>| cell.key == "value" && cell.json.starts_with('[');
            if row.cells.iter().any(lists) {
                let (values, around): (Vec<_>, Vec<_>) = row.cells.into_iter().partition(lists);
                let read: Result<Vec<_>, _> = values.iter().map(|cell| items(cell.json)).collect();
                (Shape::Answer(around), read?.into_iter().flatten().collect())
            } else {
                (Shape::One, vec![Item::Row(row)])
            }
        }
        _ => (Shape::None(json), Vec::new()),
    };
    Ok(Rows { name: key, shape, items })
}

fn items(json: &str) -> Result<Vec<Item<'_>>, serde_json::Error> {
    serde_json::from_str::<Items<'_>>(json).map(|items| items.0)
}

struct Items<'a>(Vec<Item<'a>>);

impl<'de> Deserialize<'de> for Items<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct List;

        impl<'de> Visitor<'de> for List {
            type Value = Items<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of rows")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element::<&RawValue>()? {
                    let json = item.get();
                    items.push(if json.starts_with('{') {
                        Item::Row(serde_json::from_str(json).map_err(serde::de::Error::custom)?)
                    } else {
                        Item::Other(json)
                    });
                }
                Ok(Items(items))
            }
        }

        from.deserialize_seq(List)
    }
}

impl<'de> Deserialize<'de> for Row<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Row<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut cells = Vec::new();
                while let Some(Key(key)) = map.next_key()? {
                    let value: &RawValue = map.next_value()?;
                    cells.push(Cell { key, json: value.get() });
                }
                Ok(Row { cells })
            }
        }

        from.deserialize_map(Object)
    }
}

/// A name, borrowed where it has no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Name;

        impl<'de> Visitor<'de> for Name {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Key(name.into()))
            }

            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Key(name.to_owned().into()))
            }
        }

        from.deserialize_str(Name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_columns() {
        let column = |key: &str| {
            let cell = Cell { key: key.to_owned().into(), json: "1" };
            cell.column().map(Cow::into_owned)
        };
        assert_eq!(column("TrackingPrefix").as_deref(), Some("trackingprefix"));
        assert_eq!(column("_OwnerId_Value").as_deref(), Some("ownerid"));
        assert_eq!(column("_value").as_deref(), Some("_value"));
        assert_eq!(column("x@OData.type"), None);
        assert_eq!(column("_\u{e9}_value").as_deref(), Some("\u{e9}"));
    }

    #[test]
    fn a_table_is_an_answer_a_list_or_a_row() {
        let text = r#"{"a":{"value":[{"x":1,"x":2},7],"n":3},"b":[{}],"c":{"x":"\u0041"},"d":5}"#;
        let read = tables(text).unwrap();
        assert!(matches!(&read[0].shape, Shape::Answer(around) if around.len() == 1));
        let Item::Row(row) = &read[0].items[0] else { panic!("a row") };
        assert_eq!(row.cell("x").unwrap().json, "2", "the last");
        assert!(matches!(read[0].items[1], Item::Other("7")));
        assert!(matches!(read[1].shape, Shape::List));
        let Item::Row(row) = &read[2].items[0] else { panic!("a row") };
        assert_eq!(row.cells[0].text().as_deref(), Some("A"));
        assert!(matches!(read[3].shape, Shape::None("5")));
        assert!(tables("[]").is_err());
    }
}
