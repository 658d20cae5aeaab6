//! The command line.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use correspond::settings::{Document, Profile};
use correspond::token::Prefix;

pub(crate) const USAGE: &str = "\
What did the administrator decide, what does it lead to, and what should be looked at?

    settings_tour [OPTIONS] [FILE]

FILE: an export of the Dataverse Web API (an object from table to rows), or an organization's settings in
our own form, JSON or TOML; - is standard input. Without one, the export of an invented organization.

    --page NAME          one page alone: lead_scoring, email_settings, ...
    --advice             the advice alone
    --all                list the settings that are blank too, and all that the import has to say
    --export FORMAT      write the settings back: json, toml or dataverse
    --profile NAME       which defaults stand where an export says nothing: documents or current
    --schema [PAGE]      the JSON schema of a page, or of the whole file (feature `schemars`)

What the settings do not hold, for advice:

    --at DAY             the day of the look, 2026-11-22 (default: today)
    --users N            the highest user number in tracking tokens
    --mails-a-day N      how many mails the busiest sender sends
    --open N             how many conversations of that sender are open
    --conversation N     for how many days answers come (default: 90)
    --colleagues N       how many internal addresses are regularly on a mail
    --next-prefix TEXT   the prefix that is to be used next
    --beside FILE        another deployment's settings, such as those of the test system

Exit code: 0, also where there is advice; 2 where an argument or a file cannot be used.
";

/// What is to be written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Task {
    Tour,
    Advice,
    Export(Form),
    Schema(Option<String>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    Json,
    Toml,
    Dataverse,
}

#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) file: Option<PathBuf>,
    pub(crate) task: Task,
    pub(crate) page: Option<String>,
    pub(crate) profile: Profile,
    pub(crate) all: bool,
    pub(crate) at: Option<DateTime<Utc>>,
    pub(crate) users: Option<u32>,
    pub(crate) mails_a_day: Option<NonZeroU32>,
    pub(crate) open: Option<u32>,
    pub(crate) conversation: Option<u32>,
    pub(crate) colleagues: Option<u32>,
    pub(crate) next_prefix: Option<Prefix>,
    pub(crate) beside: Vec<PathBuf>,
}

impl Options {
    /// Reads the arguments; `Ok(None)` when help was asked for.
    pub(crate) fn read(args: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut options = Self {
            file: None,
            task: Task::Tour,
            page: None,
            profile: Profile::Documents,
            all: false,
            at: None,
            users: None,
            mails_a_day: None,
            open: None,
            conversation: None,
            colleagues: None,
            next_prefix: None,
            beside: Vec::new(),
        };
        let mut args = args.peekable();
        while let Some(arg) = args.next() {
            let (name, inline) = match arg.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
                _ => (arg.as_str(), None),
            };
            if name == "--schema" {
                let page = inline.or_else(|| args.next_if(|next| !next.starts_with("--")));
                options.task = Task::Schema(page.map(known_page).transpose()?);
                continue;
            }
            let mut value = || {
                let value = inline.clone().or_else(|| args.next());
                value.ok_or_else(|| format!("expected a value behind {name}, found the end"))
            };
            match name {
                "--help" | "-h" => return Ok(None),
                "--advice" => options.task = Task::Advice,
                "--all" => options.all = true,
                "--page" => options.page = Some(known_page(value()?)?),
                "--export" => {
                    options.task = Task::Export(match value()?.as_str() {
                        "json" => Form::Json,
                        "toml" => Form::Toml,
                        "dataverse" => Form::Dataverse,
                        other => {
                            return Err(format!(
                                "--export: expected json, toml or dataverse, found {other:?}"
                            ));
                        }
                    });
                }
                "--profile" => {
                    options.profile = match value()?.as_str() {
                        "documents" => Profile::Documents,
                        "current" => Profile::Current,
                        other => {
                            return Err(format!(
                                "--profile: expected documents or current, found {other:?}"
                            ));
                        }
                    };
                }
                "--at" => {
                    let day: NaiveDate = parsed(name, "a day such as 2026-11-22", &value()?)?;
                    options.at = Some(day.and_time(NaiveTime::MIN).and_utc());
                }
                "--users" => options.users = Some(number(name, &value()?)?),
                "--mails-a-day" => {
                    options.mails_a_day = Some(parsed(name, "a number from 1 on", &value()?)?);
                }
                "--open" => options.open = Some(number(name, &value()?)?),
                "--conversation" => options.conversation = Some(number(name, &value()?)?),
                "--colleagues" => options.colleagues = Some(number(name, &value()?)?),
                "--next-prefix" => {
                    let prefix = Prefix::new(value()?).map_err(|error| format!("{name}: {error}"));
                    options.next_prefix = Some(prefix?);
                }
                "--beside" => options.beside.push(value()?.into()),
                _ if name.starts_with('-') && name.len() > 1 => {
                    return Err(format!("expected an option of this program, found {name}"));
                }
                _ if options.file.is_some() => {
                    return Err(format!("expected one file, found another: {arg}"));
                }
                _ => options.file = Some(arg.into()),
            }
        }
        Ok(Some(options))
    }
}

fn number(name: &str, text: &str) -> Result<u32, String> {
    parsed(name, "a whole number", text)
}

fn parsed<T: FromStr>(name: &str, expected: &str, text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{name}: expected {expected}, found {text:?}"))
}

fn known_page(name: String) -> Result<String, String> {
    if Document::PAGES.contains(&name.as_str()) {
        return Ok(name);
    }
    Err(format!("expected a page ({}), found {name:?}", Document::PAGES.join(", ")))
}
