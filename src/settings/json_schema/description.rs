//! Documentation of the code, as a settings page shows it.

/// Markdown without what only a reader of the code has a use for: examples, and links to other parts
/// of the documentation, of which the text stays.
pub(super) fn plain(doc: &str) -> String {
    let mut text = String::with_capacity(doc.len());
    let mut in_example = false;
    for line in doc.lines() {
        let line = line.strip_prefix(' ').unwrap_or(line);
        if line.trim_start().starts_with("```") {
            in_example = !in_example;
            continue;
        }
        let second_blank = line.is_empty() && text.ends_with("\n\n");
        if !in_example && !second_blank {
            text.push_str(line);
            text.push('\n');
        }
    }
    without_links(text.trim())
}

fn without_links(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['[', '`']) {
        let (before, from) = rest.split_at(at);
        plain.push_str(before);
        let (taken, behind) = if from.starts_with('`') { code(from) } else { link(from) };
        plain.push_str(taken);
        rest = behind;
    }
    plain.push_str(rest);
    plain
}

/// A code span, and what stands behind it.
fn code(from: &str) -> (&str, &str) {
    let end = from.match_indices('`').nth(1).map_or(1, |(at, _)| at + 1);
    from.split_at(end)
}

/// The text of a link into the documentation, and what stands behind the link. A link to the web
/// stays whole, and so does what is no link.
fn link(from: &str) -> (&str, &str) {
    let Some((label, behind)) = from.strip_prefix('[').and_then(|inner| inner.split_once(']'))
    else {
        return from.split_at(1);
    };
    let inline = behind.strip_prefix('(').and_then(|inner| inner.split_once(')'));
    if let Some((target, behind)) = inline {
        return if target.starts_with("http") {
            from.split_at(from.len() - behind.len())
        } else {
            (label, behind)
        };
    }
    if label.starts_with('`') {
        let named = behind.strip_prefix('[').and_then(|inner| inner.split_once(']'));
        return (label, named.map_or(behind, |(_, behind)| behind));
    }
    from.split_at(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_into_the_documentation_are_plain_text() {
        let cases = [
            (" One of [`MAX`](Self::MAX),\n at most.\n", "One of `MAX`,\nat most."),
            ("See [`Rules`] or [`it`][super::It].", "See `Rules` or `it`."),
            ("See [the rules](crate::rules).", "See the rules."),
            ("See [RFC](https://rfc.example/x).", "See [RFC](https://rfc.example/x)."),
            ("A `[tag](x)` or [tag] or [", "A `[tag](x)` or [tag] or ["),
            ("One ` alone [`x`]", "One ` alone [`x`]"),
            (" A page.\n\n ```\n let x = [1];\n ```\n\n More.\n", "A page.\n\nMore."),
        ];
        for (doc, expected) in cases {
            assert_eq!(plain(doc), expected);
        }
    }
}
