//! The dynamic expressions in a text: `{{contact.emailaddress1}}`.

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

#[cfg(test)]
mod tests {
    use super::*;

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
