//! The command line.

use std::path::PathBuf;
use std::str::FromStr;

use correspond::correlation::MethodOrder;

pub(crate) const USAGE: &str = "\
Which mails belong together, and why?

    correlate_mailbox [OPTIONS] [PATH ...]

PATH: an mbox file (.gz too), a directory of .eml files, or header lines (.jsonl, .jsonl.gz);
without one, the bundled mailbox. Mails are filed in date order, each after it was correlated.

    --methods LIST       which methods, in which order: folder,token,headers,thread-index,smart
    --store STORE        memory (the default), redb:FILE, which is made where it is missing, or
                         postgres:URL (feature `postgres`; tables in the schema `correspond`): what
                         earlier runs filed there is found and not filed again
    --rebuild            with redb or postgres: make the index anew from the mails that are given, after an
                         update that says that the store is outdated
    --settings FILE      the settings of an organization as JSON or TOML (`schema = 1`), or
                         correlation settings alone as JSON; what is left out has its default
    --format FORMAT      text (threads and summary, the default), jsonl (a line a mail, in input
                         order), or summary
    --all                text: also list the mails that stand alone
    --explain MESSAGE-ID tell all about one mail
    --defects            name every defect of a mail on standard error, not only the first 20

What is wrong with the input is named on standard error, with file and place, and the rest is read.
A run that is interrupted, by whatever means, is completed by the same run once more, with redb
or postgres.
Exit code: 0, also where mails were damaged; 2 where an argument, the settings, the store or an input
cannot be used (the other inputs are read all the same), or the mail to explain is not there.
";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Jsonl,
    Summary,
}

/// Where the mails are filed.
#[derive(Debug)]
pub(crate) enum StoreAt {
    Memory,
    Redb(PathBuf),
    #[cfg_attr(not(feature = "postgres"), allow(dead_code, reason = "named, and refused"))]
    Postgres(String),
}

impl FromStr for StoreAt {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "memory" => Ok(Self::Memory),
            Some(("redb", path)) if !path.is_empty() => Ok(Self::Redb(path.into())),
            // The scheme of the URL may stand for both.
            Some(("postgres", rest)) if rest.starts_with("//") => Ok(Self::Postgres(text.into())),
            Some(("postgres", url)) if !url.is_empty() => Ok(Self::Postgres(url.into())),
            _ => {
                Err(format!("--store: expected memory, redb:FILE or postgres:URL, found {text:?}"))
            }
        }
    }
}

#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) paths: Vec<PathBuf>,
    pub(crate) methods: Option<MethodOrder>,
    pub(crate) store: StoreAt,
    pub(crate) rebuild: bool,
    pub(crate) settings: Option<PathBuf>,
    pub(crate) format: Format,
    pub(crate) all: bool,
    pub(crate) explain: Option<String>,
    pub(crate) defects: bool,
}

impl Options {
    /// Reads the arguments; `Ok(None)` when help was asked for.
    pub(crate) fn read(args: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut options = Self {
            paths: Vec::new(),
            methods: None,
            store: StoreAt::Memory,
            rebuild: false,
            settings: None,
            format: Format::Text,
            all: false,
            explain: None,
            defects: false,
        };
        let mut args = args;
        while let Some(arg) = args.next() {
            let (name, inline) = match arg.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
                _ => (arg.as_str(), None),
            };
            let mut value = || {
                let value = inline.clone().or_else(|| args.next());
                value.ok_or_else(|| format!("expected a value behind {name}, found the end"))
            };
            match name {
                "--help" | "-h" => return Ok(None),
                "--all" => options.all = true,
                "--defects" => options.defects = true,
                "--methods" => {
                    let order = value()?.parse();
                    options.methods = Some(order.map_err(|error| format!("--methods: {error}"))?);
                }
                "--store" => options.store = value()?.parse()?,
                "--rebuild" => options.rebuild = true,
                "--settings" => options.settings = Some(value()?.into()),
                "--explain" => {
                    let id = value()?;
                    options.explain = Some(id.trim_matches(['<', '>']).to_owned());
                }
                "--format" => {
                    options.format = match value()?.as_str() {
                        "text" => Format::Text,
                        "jsonl" => Format::Jsonl,
                        "summary" => Format::Summary,
                        other => {
                            return Err(format!(
                                "--format: expected text, jsonl or summary, found {other:?}"
                            ));
                        }
                    }
                }
                _ if name.starts_with('-') && name.len() > 1 => {
                    return Err(format!("expected an option of this program, found {name}"));
                }
                _ => options.paths.push(arg.into()),
            }
        }
        if options.rebuild && matches!(options.store, StoreAt::Memory) {
            return Err(
                "--rebuild: expected --store redb:FILE or postgres:URL with it, found memory"
                    .to_owned(),
            );
        }
        if options.paths.is_empty() {
            let bundled = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/mailbox.mbox");
            options.paths.push(bundled.into());
        }
        Ok(Some(options))
    }
}
