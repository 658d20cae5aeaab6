//! The command line: what whoever prepares a campaign and whoever sends it have in common.

use std::io;
use std::path::PathBuf;

use correspond::mailing::SendOnceTo;
use correspond::recipients::Keep;
use correspond::settings::Profile;

use crate::preparation::Preparation;
use crate::{json, report};

pub(crate) const OPTIONS: &str = "\
    --contacts FILE      the segment: CSV, the columns by their Dataverse names. Needed are contactid
                         and emailaddress1; looked at are fullname, donotemail, donotbulkemail,
                         msgdpr_gdprconsent, msgdpr_gdprischild, statecode, modifiedon; a message can
                         show any column ({{contact.firstname}})
    --settings FILE      the organization's settings, JSON or TOML (settings_tour --export json makes
                         them of a Dataverse export)
    --message FILE       the message, TOML or JSON
    --suppressed FILE    who gets nothing: CSV with emailaddress1 or contactid, and reason (bounced,
                         which it is unless told, excluded, sent)
    --profile NAME       whose rules hold where versions of the product differ: documents (the
                         default) or current
    --bypass, --no-bypass
                         \"Bypass email deduplication\", whatever the settings say: once to each
                         contact, also where several share an address; or once to each address
    --keep WHICH         of several contacts with one address: the first in the file (the default), or
                         the active one: changed last, by modifiedon
    --limit N            show at most so many rows of a list (default: 40)
    --format FORMAT      text (the default), or jsonl: an object a line, all rows
    --check              exit with 1 where an error keeps the message from going live

Each file is a bundled one unless told. All are read and checked before anything else.
";

/// How the answer is printed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Format {
    Text,
    Jsonl,
}

#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) contacts: Option<PathBuf>,
    pub(crate) settings: Option<PathBuf>,
    pub(crate) message: Option<PathBuf>,
    pub(crate) suppressed: Option<PathBuf>,
    pub(crate) profile: Profile,
    /// To whom it goes once, where that is not for the settings to say.
    pub(crate) once_to: Option<SendOnceTo>,
    pub(crate) keep: Keep,
    pub(crate) limit: usize,
    pub(crate) format: Format,
    pub(crate) check: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            contacts: None,
            settings: None,
            message: None,
            suppressed: None,
            profile: Profile::Documents,
            once_to: None,
            keep: Keep::First,
            limit: 40,
            format: Format::Text,
            check: false,
        }
    }
}

/// The value behind an option.
pub(crate) type Value<'a> = &'a mut dyn FnMut() -> Result<String, String>;

impl Options {
    /// Reads the arguments; those that are none of these options are for `more`, which says whether it
    /// knows them. `false`: help was asked for.
    pub(crate) fn read(
        &mut self,
        args: impl Iterator<Item = String>,
        mut more: impl FnMut(&str, Value<'_>) -> Result<bool, String>,
    ) -> Result<bool, String> {
        let mut args = args;
        while let Some(arg) = args.next() {
            let (name, inline) = match arg.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
                _ => (arg.as_str(), None),
            };
            let mut used = inline.is_none();
            let mut value = || {
                used = true;
                match inline.clone().or_else(|| args.next()) {
                    Some(value) if inline.is_none() && value.starts_with("--") => {
                        Err(format!("{name}: expected a value, found the option {value}"))
                    }
                    value => value.ok_or_else(|| format!("{name}: expected a value")),
                }
            };
            if matches!(name, "-h" | "--help") {
                return Ok(false);
            }
            if !self.take(name, &mut value)? && !more(name, &mut value)? {
                return Err(format!("expected an option, found {arg:?}"));
            }
            if !used {
                return Err(format!("{name}: expected no value, found {arg:?}"));
            }
        }
        Ok(true)
    }

    fn take(&mut self, name: &str, value: Value<'_>) -> Result<bool, String> {
        match name {
            "--contacts" => self.contacts = Some(value()?.into()),
            "--settings" => self.settings = Some(value()?.into()),
            "--message" => self.message = Some(value()?.into()),
            "--suppressed" => self.suppressed = Some(value()?.into()),
            "--profile" => {
                let profiles = [("documents", Profile::Documents), ("current", Profile::Current)];
                self.profile = one_of(name, &value()?, &profiles)?;
            }
            "--bypass" => self.once_to = Some(SendOnceTo::Contact),
            "--no-bypass" => self.once_to = Some(SendOnceTo::Address),
            "--keep" => {
                let rules = [("first", Keep::First), ("active", Keep::HighestRank)];
                self.keep = one_of(name, &value()?, &rules)?;
            }
            "--limit" => {
                let text = value()?;
                let wrong = |_| format!("{name}: expected a whole number, found {text:?}");
                self.limit = text.parse().map_err(wrong)?;
            }
            "--format" => {
                let formats = [("text", Format::Text), ("jsonl", Format::Jsonl)];
                self.format = one_of(name, &value()?, &formats)?;
            }
            "--check" => self.check = true,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl Format {
    pub(crate) fn print(self, of: &Preparation<'_>, options: &Options) -> io::Result<()> {
        match self {
            Self::Text => report::print(of, options.limit),
            Self::Jsonl => json::print(of),
        }
    }
}

fn one_of<T: Copy>(name: &str, text: &str, known: &[(&str, T)]) -> Result<T, String> {
    let found = known.iter().find(|(word, _)| *word == text).map(|(_, one)| *one);
    found.ok_or_else(|| {
        let words: Vec<_> = known.iter().map(|(word, _)| *word).collect();
        format!("{name}: expected {}, found {text:?}", words.join(" or "))
    })
}
