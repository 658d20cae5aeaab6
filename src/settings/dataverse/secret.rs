//! What may never be kept: shared access signatures.

use std::borrow::Cow;

use super::convert::quoted;
use super::read::{Cell, Item, Rows, Shape, tables, text};
use super::report::{Place, Report, ReportKind};
use super::tables::Table;

/// The column into which a SAS URL is pasted.
const INPUT: &str = "msdyncrm_exporttoblobstoragesastoken";

const BY_HAND: &str = "a shared access signature is never kept: paste it again";

/// The text with no signature in it: the input field is emptied, a URL loses what stands behind its
/// question mark. Each is reported, and no value of any.
///
/// # Errors
///
/// The text is no JSON object.
pub(super) fn without<'a>(
    text: &'a str,
    of: impl Fn(&str) -> Option<Table>,
    report: &mut Report,
) -> Result<Cow<'a, str>, serde_json::Error> {
    if !suspicious(text) {
        return Ok(text.into());
    }
    let mut cuts: Vec<(usize, usize, String)> = Vec::new();
    let mut cut = |cell: &Cell<'_>, table: &Rows<'_>, report: &mut Report| {
        let Some(instead) = replaced(cell) else { return };
        let name = of(&table.name).map_or(&*table.name, |table| table.logical_name());
        // A name can be a signature too: it is shown where it is a column's.
        let column = (!has_signature(&cell.key)).then_some(&*cell.key);
        let place = Place { table: if has_signature(name) { "" } else { name }, record: None };
        if !cell.is_annotation() {
            report.push(place.entry(ReportKind::RedoByHand, column, None, BY_HAND));
        }
        // Both are slices of the one text.
        let start = (cell.json.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        cuts.push((start, start + cell.json.len(), instead));
    };
    for table in &tables(text)? {
        match &table.shape {
            Shape::Answer(around) => around.iter().for_each(|cell| cut(cell, table, report)),
            Shape::None(json) => cut(&Cell { key: "".into(), json }, table, report),
            Shape::List | Shape::One => {}
        }
        for item in &table.items {
            match item {
                Item::Row(row) => row.cells.iter().for_each(|cell| cut(cell, table, report)),
                Item::Other(json) => cut(&Cell { key: "".into(), json }, table, report),
            }
        }
    }
    if cuts.is_empty() {
        return Ok(text.into());
    }
    cuts.sort_unstable_by_key(|(start, ..)| *start);
    let (mut clean, mut from) = (String::with_capacity(text.len()), 0);
    for (start, end, instead) in cuts {
        clean.push_str(text.get(from..start).unwrap_or_default());
        clean.push_str(&instead);
        from = end;
    }
    clean.push_str(text.get(from..).unwrap_or_default());
    Ok(clean.into())
}

/// Could there be one at all? A name can be written with escapes.
fn suspicious(text: &str) -> bool {
    let bytes = text.as_bytes();
    let escaped = memchr::memmem::find(bytes, b"\\u").is_some();
    escaped
        || has_signature(text)
        || memchr::memchr_iter(b'_', bytes).any(|at| {
            let from = at.saturating_sub("msdyncrm".len());
            let name = bytes.get(from..from + INPUT.len());
            name.is_some_and(|name| name.eq_ignore_ascii_case(INPUT.as_bytes()))
        })
}

fn has_signature(text: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), b"sig=").is_some()
}

/// What stands in the place of this cell, if it has a secret.
fn replaced(cell: &Cell<'_>) -> Option<String> {
    let json = cell.json;
    if json == "null" {
        return None;
    }
    let begins = cell.key.get(..INPUT.len()).is_some_and(|key| key.eq_ignore_ascii_case(INPUT));
    if begins {
        return Some("null".to_owned());
    }
    if json.starts_with(['{', '[']) {
        // Something expanded, or nothing of ours. What is not read cell by cell is not searched
        // cell by cell either.
        let plain = unescaped(json);
        let bytes = plain.as_bytes();
        let named = bytes.windows(INPUT.len()).any(|at| at.eq_ignore_ascii_case(INPUT.as_bytes()));
        return (named || has_signature(&plain)).then(|| "null".to_owned());
    }
    let said = text(json)?;
    if !has_signature(&said) {
        return None;
    }
    let (before, _) = said.split_once('?').unwrap_or(("", ""));
    Some(if has_signature(before) { "null".to_owned() } else { quoted(before) })
}

/// With the escapes of ASCII characters read.
fn unescaped(json: &str) -> Cow<'_, str> {
    if !json.contains("\\u00") {
        return json.into();
    }
    let mut pieces = json.split("\\u00");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let code = piece.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code.zip(piece.get(2..)) {
            Some((code, rest)) => {
                plain.push(char::from(code));
                plain.push_str(rest);
            }
            None => plain.push_str(piece),
        }
    }
    plain.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_cut_out_wherever_they_stand() {
        let url = "https://contoso.blob.core.windows.net/marketing";
        let text = format!(
            r#"{{"x":[{{"MSDYNCRM_exporttoblobstoragesastoken":"SECRET",
            "msdyncrm_exporttoblobstoragesastoken@y":"SECRET","u":"{url}?a=1&sig=SECRET",
            "e":"{url}?sig\u003dSECRET","k\u0065y":{{"sig\u003d":"SECRET"}},"n":null,"o":"sig=SECRET",
            "l":[{{"msdyncrm_exporttoblobstorages\u0061stoken":"SECRET"}}]}},"sig=SECRET"],
            "y":"?sig=SECRET","z":{{"value":[],"w":"sig=SECRET"}},"kept":"?"}}"#
        );
        let mut report = Report::default();
        let clean = without(&text, |_| None, &mut report).unwrap();
        assert!(!clean.contains("SECRET"), "{clean}");
        let value: serde_json::Value = serde_json::from_str(&clean).unwrap();
        assert_eq!(value["x"][0]["u"], url);
        assert_eq!(value["x"][0]["e"], url);
        assert_eq!(value["kept"], "?");
        assert_eq!(report.of(ReportKind::RedoByHand).count(), 9, "{report}");
        assert!(!report.to_string().contains("SECRET"));
    }
}
