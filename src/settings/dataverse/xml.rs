//! The two XML texts in the organization's row: a root with elements that hold text.

use quick_xml::Reader;
use quick_xml::escape::{partial_escape, resolve_predefined_entity};
use quick_xml::events::{BytesRef, Event};

/// The most octets of such a text that are read.
pub(super) const MAX_LEN: usize = 1 << 20;

/// The most elements.
pub(super) const MAX_ELEMENTS: usize = 1_024;

/// The elements below the root, in their order, with their text.
///
/// # Errors
///
/// What is wrong with it, in words: it is no XML, too long, has too many elements or elements inside
/// elements, or declares or uses entities of its own.
pub(super) fn elements(text: &str, root: &str) -> Result<Vec<(String, String)>, String> {
    if text.len() > MAX_LEN {
        return Err(format!("expected XML of at most {MAX_LEN} octets, found {}", text.len()));
    }
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut found: Vec<(String, String)> = Vec::new();
    // 0 outside of the root, 1 in it, 2 in an element; behind the root it is 0 again.
    let (mut depth, mut roots) = (0_u8, 0_u8);
    let mut add = |name: &str| {
        if found.len() >= MAX_ELEMENTS {
            return Err(format!("expected at most {MAX_ELEMENTS} elements, found more"));
        }
        found.push((name.to_owned(), String::new()));
        Ok(())
    };
    let mut texts: Vec<(usize, String)> = Vec::new();
    let mut count = 0_usize;
    loop {
        let event = reader.read_event().map_err(|error| format!("expected XML, found {error}"))?;
        let empty = matches!(event, Event::Empty(_));
        let said = match event {
            Event::Start(tag) | Event::Empty(tag) => {
                match depth {
                    0 if roots == 0 && tag.name().0.eq_ignore_ascii_case(root) => roots = 1,
                    0 => return Err(format!("expected one <{root}>, found <{}>", shown(&tag))),
                    1 => {
                        add(tag.name().0)?;
                        count += 1;
                    }
                    _ => return Err(format!("expected text, found <{}>", shown(&tag))),
                }
                depth += u8::from(!empty);
                continue;
            }
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                continue;
            }
            Event::Text(text) => text.xml10_content().into_owned(),
            Event::CData(text) => text.xml10_content().into_owned(),
            Event::GeneralRef(name) => reference(&name)?,
            Event::DocType(_) => return Err("expected no DOCTYPE, found one".to_owned()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => continue,
            Event::Eof => break,
        };
        match depth {
            2 => texts.push((count, said)),
            _ if said.trim().is_empty() => {}
            _ => return Err(format!("expected elements, found the text {:?}", shown(&said))),
        }
    }
    if roots == 0 || depth > 0 {
        return Err(format!("expected a whole <{root}>, found the end"));
    }
    for (count, said) in texts {
        if let Some((_, text)) = count.checked_sub(1).and_then(|at| found.get_mut(at)) {
            text.push_str(&said);
        }
    }
    Ok(found)
}

fn reference(name: &BytesRef<'_>) -> Result<String, String> {
    if let Ok(Some(c)) = name.resolve_char_ref() {
        return Ok(c.into());
    }
    let known = resolve_predefined_entity(name).map(str::to_owned);
    known.ok_or_else(|| format!("expected an entity of XML, found &{};", shown(name)))
}

fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

/// The text of a root with these elements.
pub(super) fn written(root: &str, elements: &[(String, String)]) -> String {
    let mut text = format!("<{root}>");
    for (name, value) in elements {
        let value = partial_escape(value.as_str());
        text.push_str(&format!("<{name}>{value}</{name}>"));
    }
    text.push_str(&format!("</{root}>"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
        of.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn elements_and_their_text() {
        let text = "<?xml version=\"1.0\"?><!-- x -->\n<OrgSettings> <A>1 &lt;&#x41;</A><B/>\
                    <C><![CDATA[<&]]></C></OrgSettings>";
        let read = pairs(&[("A", "1 <A"), ("B", ""), ("C", "<&")]);
        assert_eq!(elements(text, "orgsettings"), Ok(read.clone()));
        assert_eq!(elements(&written("R", &read), "R"), Ok(read));
        assert_eq!(elements("<R/>", "R"), Ok(Vec::new()));
    }

    /// An XML bomb declares entities of entities: neither a declaration nor an entity is read.
    #[test]
    fn what_is_no_plain_xml_is_refused() {
        let refused = |text: &str| elements(text, "R").unwrap_err();
        let bomb = "<!DOCTYPE R [<!ENTITY a \"aa\"><!ENTITY b \"&a;&a;\">]><R><X>&b;</X></R>";
        assert_eq!(refused(bomb), "expected no DOCTYPE, found one");
        assert_eq!(refused("<R><X>&b;</X></R>"), "expected an entity of XML, found &b;");
        assert_eq!(refused("<R><X><Y/></X></R>"), "expected text, found <Y>");
        assert_eq!(refused("<S/>"), "expected one <R>, found <S>");
        assert_eq!(refused("<R/><R/>"), "expected one <R>, found <R>");
        assert_eq!(refused("<R>a</R>"), "expected elements, found the text \"a\"");
        assert_eq!(refused("<R><X>"), "expected a whole <R>, found the end");
        assert_eq!(refused(""), "expected a whole <R>, found the end");
        assert!(refused("<R></X>").starts_with("expected XML, found "));
        let many = format!("<R>{}</R>", "<X/>".repeat(MAX_ELEMENTS + 1));
        assert_eq!(refused(&many), "expected at most 1024 elements, found more");
        let long = " ".repeat(MAX_LEN + 1);
        assert_eq!(refused(&long), "expected XML of at most 1048576 octets, found 1048577");
    }
}
