//! What people write, read from `phrases.txt`.

use std::rc::Rc;

/// One language: its phrases and the names of people who speak it.
#[derive(Debug, Default)]
pub(crate) struct Language {
    pub(crate) code: &'static str,
    pub(crate) weight: u64,
    /// Offsets from UTC in minutes.
    pub(crate) zones: Vec<i64>,
    pub(crate) first: Vec<Name>,
    pub(crate) last: Vec<Name>,
    /// Subjects with `{n}`, a number of the conversation's own, and perhaps `{p}`, a product.
    pub(crate) subjects: Vec<&'static str>,
    pub(crate) sentences: Vec<&'static str>,
    pub(crate) hello: &'static str,
    pub(crate) bye: &'static str,
    /// The line over a quotation, with `{date}` and `{name}`.
    pub(crate) wrote: &'static str,
    /// From, sent, to, subject: the labels over a quotation of Outlook's.
    pub(crate) labels: Vec<&'static str>,
    /// Subject prefix of an automatic answer, and its text.
    pub(crate) away: (&'static str, &'static str),
}

/// A name as written and in Latin letters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Name {
    pub(crate) written: &'static str,
    pub(crate) latin: &'static str,
}

/// Reads every language.
///
/// # Errors
/// A line of the file has a form or a key that is not known.
pub(crate) fn languages() -> Result<Vec<Rc<Language>>, String> {
    let mut all: Vec<Language> = Vec::new();
    for line in include_str!("phrases.txt").lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(code) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            all.push(Language { code, ..Language::default() });
            continue;
        }
        let (Some(language), Some((key, value))) = (all.last_mut(), line.split_once(": ")) else {
            return Err(format!("phrases.txt: expected `key: value`, found `{line}`"));
        };
        language.set(key, value.trim())?;
    }
    Ok(all.into_iter().map(Rc::new).collect())
}

impl Language {
    fn set(&mut self, key: &str, value: &'static str) -> Result<(), String> {
        let number = |text: &str| text.parse().map_err(|_| format!("{key}: not a number: {text}"));
        match key {
            "zone" => self.zones = value.split(' ').map(number).collect::<Result<_, _>>()?,
            "weight" => self.weight = number(value)?.unsigned_abs(),
            "first" => self.first = value.split(", ").map(Name::of).collect(),
            "last" => self.last = value.split(", ").map(Name::of).collect(),
            "subject" => self.subjects.push(value),
            "say" => self.sentences.push(value),
            "hello" => self.hello = value,
            "bye" => self.bye = value,
            "wrote" => self.wrote = value,
            "labels" => self.labels = value.split('|').collect(),
            "away" => self.away = value.split_once('|').unwrap_or((value, "")),
            _ => return Err(format!("phrases.txt: expected a known key, found `{key}`")),
        }
        Ok(())
    }
}

impl Name {
    fn of(text: &'static str) -> Self {
        let (written, latin) = text.split_once('=').unwrap_or((text, text));
        Self { written, latin }
    }
}
