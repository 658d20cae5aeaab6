//! Every row of the product's documents that is a setting, a default, a limit or a rule: where it is
//! here, and which test shows it.
//!
//! `tests/data/settings/seed_rows.tsv` lists the rows; `row_map.tsv` beside it says where each is
//! kept; the table in the rustdoc of `settings` (`src/settings/rows.md`) is made of both and of the
//! metadata of the records. After a change, run the suite with `UPDATE_ROWS=1`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use correspond::party::Value;
use correspond::settings::{DefaultKind, Field, Profile};

use super::settings::registry;

/// What delivers a row that is no business of the settings alone.
const CAPABILITIES: [&str; 4] = ["forms", "outgoing mail", "domains", "tracking"];

struct Row {
    id: String,
    text: String,
    columns: String,
}

/// Where a row is kept: `Type::field`s, the functions that apply it, the tests that show it, and the
/// capability that delivers the rest.
struct Place {
    fields: Vec<String>,
    functions: Vec<String>,
    tests: Vec<String>,
    capability: Option<String>,
}

fn data(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/settings").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn rows() -> Vec<Row> {
    let cells = data("seed_rows.tsv");
    let cells = cells.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    cells
        .map(|cells| Row { id: cells[0].into(), text: cells[5].into(), columns: cells[6].into() })
        .collect()
}

fn places() -> BTreeMap<String, Place> {
    let list = |cell: &str| -> Vec<String> {
        cell.split(' ').filter(|name| *name != "-").map(str::to_owned).collect()
    };
    let map = data("row_map.tsv");
    let mut found = BTreeMap::new();
    for line in map.lines().skip(1) {
        let cells: Vec<_> = line.split('\t').collect();
        let [id, fields, functions, tests, capability] = cells[..] else {
            panic!("expected five cells, found {line:?}");
        };
        let place = Place {
            fields: list(fields),
            functions: list(functions),
            tests: list(tests),
            capability: Some(capability.to_owned()).filter(|name| name != "-"),
        };
        assert!(found.insert(id.to_owned(), place).is_none(), "{id} twice");
    }
    found
}

fn sources(dir: &str, found: &mut String) {
    let mut dirs = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(dir)];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                dirs.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                found.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None => "blank".into(),
        Some(Value::Text(text)) => format!("`{}`", text.replace('|', "\\|")),
        Some(Value::Whole(number)) => number.to_string(),
        Some(Value::YesNo(yes)) => if *yes { "yes" } else { "no" }.into(),
        Some(Value::Choice(code)) => format!("code {code}"),
        Some(other) => format!("{other:?}"),
    }
}

/// The ids of rows that a text names: `A001`, `A003 to A005`, `A078-A085`.
fn named_rows(text: &str) -> BTreeSet<String> {
    let mut rows = BTreeSet::new();
    let mut last: Option<(char, u32)> = None;
    let mut range = false;
    for word in text.split(|c: char| c.is_whitespace() || ",;:.()/".contains(c)) {
        for part in word.split_inclusive('-') {
            let id = part.trim_end_matches('-');
            let (letter, digits) = (id.chars().next().unwrap_or(' '), id.get(1..).unwrap_or(""));
            let number = digits.parse().ok().filter(|_| digits.len() == 3);
            match number.filter(|_| "ABC".contains(letter)) {
                Some(number) => {
                    let first = last.filter(|(of, _)| range && *of == letter);
                    let first = first.map_or(number, |(_, first)| first);
                    rows.extend((first..=number).map(|number| format!("{letter}{number:03}")));
                    (last, range) = (Some((letter, number)), part.ends_with('-'));
                }
                None => range = id == "to",
            }
        }
    }
    rows
}

/// The rows that each test names in the comment above it, by the test's name.
fn tests_of(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut tests: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let (mut comment, mut test) = (String::new(), false);
    for line in source.lines().map(str::trim) {
        if let Some(said) = line.strip_prefix("///") {
            comment.push_str(said);
        } else if line == "#[test]" {
            test = true;
        } else if !line.starts_with("#[") {
            if let Some((name, _)) = line.strip_prefix("fn ").and_then(|rest| rest.split_once('('))
                && test
            {
                tests.entry(name.to_owned()).or_default().extend(named_rows(&comment));
            }
            comment.clear();
            test = false;
        }
    }
    tests
}

struct Found {
    field: &'static Field,
    defaults: [Option<Value>; 2],
}

fn find(path: &str) -> Option<Found> {
    let (page, name) = path.split_once("::")?;
    let page = registry().into_iter().find(|entry| entry.name == page)?;
    let field = page.fields.iter().find(|field| field.name == name)?;
    let defaults =
        Profile::ALL.map(|profile| (page.default_value)(name, DefaultKind::Effective(profile)));
    Some(Found { field, defaults })
}

fn links(paths: &[String]) -> String {
    let link = |path: &String| match path.rsplit("::").collect::<Vec<_>>()[..] {
        [name, kind, ..] if kind.starts_with(char::is_uppercase) => {
            format!("[`{kind}::{name}`]({path})")
        }
        [name, ..] => format!("[`{name}`]({path})"),
        [] => String::new(),
    };
    paths.iter().map(link).collect::<Vec<_>>().join(", ")
}

fn table() -> String {
    let mut table = String::from(
        "| row | says | field | column | documents | current | applied by | shown by |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    let places = places();
    for row in rows() {
        let place = &places[&row.id];
        let found: Vec<_> = place.fields.iter().filter_map(|field| find(field)).collect();
        let each =
            |cell: &dyn Fn(&Found) -> String| found.iter().map(cell).collect::<Vec<_>>().join(", ");
        let default = |at: usize| {
            each(&|found| match found.field.required {
                true => "required".into(),
                false => shown(found.defaults[at].as_ref()),
            })
        };
        let mut applied = links(&place.functions);
        if let Some(capability) = &place.capability {
            let _ = write!(applied, "{}*{capability}*", if applied.is_empty() { "" } else { ", " });
        }
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {} | {} | {applied} | {} |",
            row.id,
            row.text.replace('|', "\\|"),
            links(&place.fields),
            each(&|found| found
                .field
                .column
                .map_or_else(|| "own".into(), |column| format!("`{column}`"))),
            default(0),
            default(1),
            place.tests.iter().map(|test| format!("`{test}`")).collect::<Vec<_>>().join(", "),
        );
    }
    table
}

#[test]
fn every_row_of_the_documents_has_its_place() {
    let rows = rows();
    assert_eq!(rows.len(), 291);
    let of = |document: char| rows.iter().filter(|row| row.id.starts_with(document)).count();
    assert_eq!((of('A'), of('B'), of('C')), (167, 71, 53));

    let places = places();
    let mut source = String::new();
    sources("src", &mut source);
    sources("tests/suite", &mut source);
    let tests = tests_of(&source);
    let mut wrong = Vec::new();
    for row in &rows {
        let Some(place) = places.get(&row.id) else {
            wrong.push(format!("{}: no place", row.id));
            continue;
        };
        if let Some(capability) = &place.capability {
            if !CAPABILITIES.contains(&capability.as_str()) {
                wrong.push(format!("{}: {capability} is no capability", row.id));
            }
        } else if place.tests.is_empty() || place.functions.is_empty() {
            wrong.push(format!("{}: neither a function and a test nor a capability", row.id));
        }
        for field in &place.fields {
            match find(field) {
                None => wrong.push(format!("{}: there is no {field}", row.id)),
                Some(found) => {
                    // Behind the table and before the part: `systemuser.x`, `defaultemailsettings:x`.
                    let column = found.field.column.unwrap_or_default();
                    let column = column.split(':').next().unwrap().rsplit('.').next().unwrap();
                    let mut columns = row.columns.split(';');
                    let known = columns.any(|known| known.ends_with(&format!(".{column}")))
                        // A row of mails speaks of what the setting leads to.
                        || row.columns.starts_with("email.");
                    if !column.is_empty() && row.columns.contains('.') && !known {
                        wrong.push(format!(
                            "{}: {field} is {column}, expected {}",
                            row.id, row.columns
                        ));
                    }
                }
            }
        }
        for test in &place.tests {
            match tests.get(test) {
                None => wrong.push(format!("{}: there is no test {test}", row.id)),
                Some(rows) if !rows.contains(&row.id) => {
                    wrong.push(format!("{}: {test} does not name it", row.id));
                }
                Some(_) => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(places.len(), rows.len());
}

#[test]
fn rows_are_found_in_comments() {
    let found = named_rows("A001, A003 to A005; facts 7.1 (B010-B012), C07, D001: A009.");
    let expected =
        ["A001", "A003", "A004", "A005", "A009", "B010", "B011", "B012"].map(str::to_owned);
    assert_eq!(found, BTreeSet::from(expected));
}

#[test]
fn the_table_of_rows_says_what_the_code_does() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/settings/rows.md");
    let table = table();
    if std::env::var_os("UPDATE_ROWS").is_some() {
        fs::write(&path, &table).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap() == table, "run the suite with UPDATE_ROWS=1");
}
