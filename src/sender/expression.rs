//! The dynamic expressions in a text: `{{contact.emailaddress1}}`.

use std::collections::BTreeSet;

use crate::settings::TableName;

/// What opens an expression.
pub(super) const OPEN: &str = "{{";
/// What ends one.
pub(super) const CLOSE: &str = "}}";

/// A piece of a text that holds expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// It stands there as it is.
    Text(&'a str),
    /// What stands inside the braces, without the blanks around it.
    Expression(&'a str),
    /// It begins with braces that nothing closes, at this octet of the text.
    Unclosed(usize),
}

/// The pieces of a text, in their order; linear in the text. Two braces or more open an expression, as
/// many at most close it, and none opens inside another.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let here = text.len() - rest.len();
        let (piece, behind) = match rest.find(OPEN) {
            None => (Piece::Text(rest), ""),
            Some(0) => opened(rest, here),
            Some(at) => {
                let (before, behind) = rest.split_at_checked(at)?;
                (Piece::Text(before), behind)
            }
        };
        rest = behind;
        Some(piece)
    })
}

/// The piece at the beginning of a text that begins with braces, and what stands behind it.
fn opened(text: &str, here: usize) -> (Piece<'_>, &str) {
    let body = text.trim_start_matches('{');
    let braces = text.len() - body.len();
    let Some((inside, behind)) = body.split_once(CLOSE) else { return (Piece::Unclosed(here), "") };
    // The last that opens is the one that is closed. To look for the first would be to look through all
    // behind it again and again.
    if let Some((before, _)) = inside.rsplit_once(OPEN) {
        let again = braces + before.trim_end_matches('{').len();
        return (Piece::Unclosed(here), text.get(again..).unwrap_or_default());
    }
    let extra = behind.bytes().take(braces - OPEN.len()).take_while(|b| *b == b'}').count();
    (Piece::Expression(bare(inside)), behind.get(extra..).unwrap_or_default())
}

/// Without the blanks around it, and the tildes that take away those around the braces.
fn bare(inside: &str) -> &str {
    inside.trim_matches(|c: char| c.is_whitespace() || c == '~')
}

/// The octet of the first braces that nothing closes.
pub(super) fn unclosed(text: &str) -> Option<usize> {
    pieces(text).find_map(|piece| match piece {
        Piece::Unclosed(at) => Some(at),
        _ => None,
    })
}

/// What stands inside the braces of each expression.
pub(crate) fn inside(text: &str) -> impl Iterator<Item = &str> {
    pieces(text).filter_map(|piece| match piece {
        Piece::Expression(inside) => Some(inside),
        _ => None,
    })
}

/// Is this the value of something? Blocks, their ends and their other branches, comments and parts of
/// other texts are not.
pub(super) fn is_value(expression: &str) -> bool {
    let word = expression.split_whitespace().next();
    word.is_some_and(|word| {
        word != "else" && !word.starts_with(['#', '/', '^', '!', '>', '&', '*'])
    })
}

/// The words of an expression: those of its blocks and functions too, texts in quotes left out.
fn words(expression: &str) -> impl Iterator<Item = &str> {
    let mut rest = expression;
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || "(=".contains(c));
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
            let Some(quote) = quote else { break };
            let quoted = rest.get(1..).unwrap_or_default();
            rest = quoted.split_once(quote).map_or("", |(_, behind)| behind);
        }
        // A named argument (`format="dd. MM. yyyy"`) is a word, and its value another.
        let ends = |c: char| c.is_whitespace() || c == '=';
        let end = rest.find(ends).unwrap_or(rest.len());
        let (word, behind) = rest.split_at_checked(end)?;
        rest = behind;
        (!word.is_empty()).then_some(word)
    })
}

/// Tables whose values every message can show: those of the product itself, which nobody publishes
/// (`{{msdyncrm_contentsettings.msdyncrm_addressmain}}`,
/// `{{msdyncrm_marketingpage(<id>).msdyncrm_full_page_url}}`).
const OWN: [&str; 2] = ["msdyncrm_", "msdynmkt_"];

/// The tables whose values the expressions of a text show: what stands before the first `.` or `(` of a
/// word, where that can be the logical name of a table. `this`, the names of loops (`as |item|`), blocks
/// and functions are none, nor is what stands in quotes or in a comment.
pub(super) fn tables(text: &str, found: &mut BTreeSet<TableName>) {
    let mut of_loops = BTreeSet::from(["this"]);
    for expression in inside(text).filter(|expression| !expression.starts_with(['!', '>', '/'])) {
        if let Some((_, names)) = expression.split_once('|') {
            of_loops.extend(names.trim_end_matches('|').split_whitespace());
        }
        for word in words(expression) {
            let end = word.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            let Some((name, rest)) = end.and_then(|end| word.split_at_checked(end)) else {
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
        let cases: [(&str, &[&str]); 13] = [
            (
                "{{contact.firstname}} {{ new_pet.name }} {{{new_pet.colour}}}",
                &["contact", "new_pet"],
            ),
            ("{{msevtmgt_event(7f).msevtmgt_name}}", &["msevtmgt_event"]),
            ("{{msdyncrm_contentsettings.msdyncrm_addressmain}}{{Message.ViewAsWebpageURL}}", &[]),
            (
                "{{#each contact.pets as |item other|}}{{item.name}}{{other.x}}{{/each}}",
                &["contact"],
            ),
            ("{{this.name}} {{ConfirmationUrl}} {{else}} {{firstname}} {{Pet.name}} {{1x.y}}", &[]),
            ("new_pet.name }} {{new_pet.name", &[]),
            (
                "{{#if (eq new_pet.kind 'a dog.that barks')}}{{else if new_toy.x}}{{/new_if.x}}",
                &["new_pet", "new_toy"],
            ),
            (
                "{{#each new_shop.pets as |item|}}{{item.name}}{{date item.born}}{{/each}}",
                &["new_shop"],
            ),
            ("{{date contact.birthdate format=\"dd. mm. yyyy\"}}", &["contact"]),
            (
                "{{link new_pet.url title=\"see www.contoso.com\" alt = 'to new_toy.x'}}",
                &["new_pet"],
            ),
            ("{{x title=new_pet.name (y z=new_toy.name)}}", &["new_pet", "new_toy"]),
            ("{{~new_pet.name~}}{{{~ new_toy.name ~}}}", &["new_pet", "new_toy"]),
            ("{{! new_pet.name }}{{date new_pet.born \"d.M.yyyy\"}}{{x \"new_toy.", &["new_pet"]),
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
            ("{{a {{b}}", Some(0)),
            ("{{a}} {{b {{c {{d}} {{{e}}}", Some(6)),
            ("{{{a}} }", None),
        ] {
            assert_eq!(unclosed(text), at, "{text}");
        }
    }

    #[test]
    fn a_text_is_taken_to_pieces() {
        use Piece::{Expression, Text, Unclosed};
        let cases: [(&str, &[Piece<'_>]); 8] = [
            ("", &[]),
            ("a", &[Text("a")]),
            ("{{~ a ~}}", &[Expression("a")]),
            ("a {{ b }} c", &[Text("a "), Expression("b"), Text(" c")]),
            ("{{{a}}}{{b}}}", &[Expression("a"), Expression("b"), Text("}")]),
            ("{{{{a}}}}", &[Expression("a")]),
            ("{{a {{b {{{c}}}d", &[Unclosed(0), Expression("c"), Text("d")]),
            ("{{}}{{", &[Expression(""), Unclosed(4)]),
        ];
        for (text, expected) in cases {
            assert_eq!(pieces(text).collect::<Vec<_>>(), expected, "{text}");
        }
    }

    /// A search that began again at each pair of braces would not come to an end here.
    #[test]
    fn the_work_is_linear_in_the_text() {
        let many = "{{a".repeat(100_000);
        assert_eq!(pieces(&many).count(), 1);
        assert_eq!(pieces(&format!("{many}}}}}")).count(), 2);
        assert_eq!(pieces(&"{{a}}".repeat(100_000)).count(), 100_000);
    }
}
