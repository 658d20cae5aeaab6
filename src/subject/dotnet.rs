//! Constructs of .NET regular expressions that the `regex` crate lacks or reads otherwise.

/// The first construct without an equal here: its name and its byte offset.
///
/// Escapes, character classes and groups are read; everything else is left to `regex`.
pub(super) fn construct(expression: &str) -> Option<(&'static str, usize)> {
    let mut in_class = false;
    let mut class_start = 0;
    let mut at = 0;
    while let Some(rest) = expression.get(at..).filter(|rest| !rest.is_empty()) {
        let mut chars = rest.chars();
        let first = chars.next()?;
        let second = chars.next();
        match (first, second) {
            ('\\', Some(escaped)) => {
                if let Some(name) = escape(rest, escaped, in_class) {
                    return Some((name, at));
                }
                at += escaped.len_utf8();
            }
            ('[', _) if in_class => {
                // `[a-z-[aeiou]]` is a subtraction in .NET; a lone `[` is a literal there and
                // opens a nested class here.
                let before = expression.get(class_start..at).unwrap_or_default();
                let subtraction = before.ends_with('-') && before.len() > 1;
                let name = if subtraction { "class subtraction" } else { "bracket in a class" };
                return (!rest.starts_with("[:")).then_some((name, at));
            }
            ('&' | '~' | '-', Some(twice)) if in_class && first == twice => {
                return Some(("doubled operator in a class", at));
            }
            ('[', _) => {
                in_class = true;
                class_start = at;
                let inner =
                    rest.strip_prefix("[^").or_else(|| rest.strip_prefix('[')).unwrap_or_default();
                let skipped = rest.len() - inner.len();
                // A `]` in first place is a literal.
                at += skipped + usize::from(inner.starts_with(']'));
                continue;
            }
            (']', _) if in_class => in_class = false,
            ('(', Some('?')) if !in_class => {
                if let Some(name) = group(rest) {
                    return Some((name, at));
                }
            }
            _ => {}
        }
        at += first.len_utf8();
    }
    None
}

fn escape(rest: &str, escaped: char, in_class: bool) -> Option<&'static str> {
    match escaped {
        '1'..='9' if !in_class => Some("back-reference"),
        'k' if !in_class => Some("named back-reference"),
        'G' if !in_class => Some("contiguous-match anchor"),
        'Z' if !in_class => Some("end-before-newline anchor"),
        'c' => Some("control-character escape"),
        'e' => Some("escape-character escape"),
        '0' => Some("octal escape"),
        'p' | 'P' => {
            let name = rest.get(2..)?;
            let block = name.starts_with("{Is");
            block.then_some("Unicode block")
        }
        _ => None,
    }
}

fn group(rest: &str) -> Option<&'static str> {
    const GROUPS: &[(&str, &str)] = &[
        ("(?=", "lookahead"),
        ("(?!", "negative lookahead"),
        ("(?<=", "lookbehind"),
        ("(?<!", "negative lookbehind"),
        ("(?>", "atomic group"),
        ("(?(", "conditional"),
        ("(?#", "comment group"),
        ("(?'", "quoted group name"),
    ];
    let listed = GROUPS.iter().find(|(start, _)| rest.starts_with(start));
    if let Some((_, name)) = listed {
        return Some(name);
    }
    let name = rest.strip_prefix("(?<").and_then(|name| name.split_once('>'));
    if name.is_some_and(|(name, _)| name.contains('-')) {
        return Some("balancing group");
    }
    let flags = rest.strip_prefix("(?")?;
    let flags = flags.split([')', ':']).next().unwrap_or_default();
    let options = flags.chars().all(|c| c.is_ascii_alphabetic() || c == '-');
    (options && flags.contains('n')).then_some("explicit-capture option")
}
