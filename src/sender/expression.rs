//! The dynamic expressions in a text: `{{contact.emailaddress1}}`.

use std::collections::BTreeSet;

use crate::settings::TableName;

/// What opens an expression.
pub(super) const OPEN: &str = "{{";
/// What ends one.
pub(super) const CLOSE: &str = "}}";

/// The octet of the first `{{` that has no `}}` behind it.
pub(super) fn unclosed(text: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = text.get(from..)?.find(OPEN).map(|at| from + at) {
        match text.get(at..)?.find(CLOSE) {
            Some(end) => from = at + end + CLOSE.len(),
            None => return Some(at),
        }
    }
    None
}

/// What stands inside the braces, blanks and further braces around it left out; linear in the text.
pub(super) fn inside(text: &str) -> impl Iterator<Item = &str> {
    let opened = text.split(OPEN).skip(1);
    let closed = opened.filter_map(|rest| rest.split_once(CLOSE));
    closed.map(|(inside, _)| inside.trim_matches(|c: char| c == '{' || c == '}').trim())
}

/// Tables whose values every message can show: those of the product itself, which nobody publishes
/// (`{{msdyncrm_contentsettings.msdyncrm_addressmain}}`,
/// `{{msdyncrm_marketingpage(<id>).msdyncrm_full_page_url}}`).
const OWN: [&str; 2] = ["msdyncrm_", "msdynmkt_"];

/// The tables whose values the expressions of a text show: what stands before the first `.` or `(`,
/// where that can be the logical name of a table. `this`, the names of loops (`as |item|`), blocks and
/// functions are none.
pub(super) fn tables(text: &str, found: &mut BTreeSet<TableName>) {
    let mut of_loops = BTreeSet::from(["this"]);
    for expression in inside(text) {
        if let Some((_, names)) = expression.split_once('|') {
            of_loops.extend(names.trim_end_matches('|').split_whitespace());
        }
        let end = expression.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let Some((name, rest)) = end.and_then(|end| expression.split_at_checked(end)) else {
            continue;
        };
        let table = name.starts_with(|c: char| c.is_ascii_lowercase())
            && !name.contains(|c: char| c.is_ascii_uppercase())
            && rest.starts_with(['.', '('])
            && !of_loops.contains(name)
            && !OWN.iter().any(|own| name.starts_with(own));
        if table {
            found.extend(TableName::new(name).ok());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        let mut found = BTreeSet::new();
        tables(text, &mut found);
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn tables_are_what_expressions_begin_with() {
        let cases: [(&str, &[&str]); 6] = [
            (
                "{{contact.firstname}} {{ new_pet.name }} {{{new_pet.colour}}}",
                &["contact", "new_pet"],
            ),
            ("{{msevtmgt_event(7f).msevtmgt_name}}", &["msevtmgt_event"]),
            ("{{msdyncrm_contentsettings.msdyncrm_addressmain}}{{Message.ViewAsWebpageURL}}", &[]),
            ("{{#each contact.pets as |item other|}}{{item.name}}{{other.x}}{{/each}}", &[]),
            ("{{this.name}} {{ConfirmationUrl}} {{else}} {{firstname}} {{Pet.name}} {{1x.y}}", &[]),
            ("new_pet.name }} {{new_pet.name", &[]),
        ];
        for (text, tables) in cases {
            assert_eq!(of(text), tables, "{text}");
        }
    }

    #[test]
    fn an_expression_that_does_not_end_is_found() {
        for (text, at) in [
            ("{{a}}", None),
            ("a}} {{b}}", None),
            ("{{a}} {{b", Some(6)),
            ("{{{", Some(0)),
            ("{{}}", None),
            ("é{{", Some(2)),
        ] {
            assert_eq!(unclosed(text), at, "{text}");
        }
    }
}
