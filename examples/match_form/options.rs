//! The command line.

use std::path::PathBuf;
use std::str::FromStr;

use correspond::settings::{MatchingTarget, UpdateMode};

pub(crate) const USAGE: &str = "\
Which contact and which lead does each form submission belong to, and why?

    match_form [OPTIONS]

    --submissions FILE   .csv with a header, or .jsonl with an object a line; the bundled ones unless
                         told. Columns `id` (hexadecimal or a GUID), `page`, `visitor` (the id of a
                         contact), every other one is a field of the form; `guests:whole` has another
                         type than text (whole, decimal, yes-no, choice, date, time, lookup)
    --contacts FILE      the same with columns `id`, `modified` (2026-11-22T09:30:00Z), `state` (active,
                         inactive), every other one is one of the contact; the bundled ones unless
                         told. Contacts that are there stay as they are
    --import             work the file off in chunks, a commit each, from where an earlier run stopped;
                         print the rows that failed or matched several records, and the tally
    --store STORE        memory (the default), redb:FILE, which is made where it is missing, or
                         postgres:URL (feature `postgres`)
    --update MODE        contacts-and-leads (the default), only-contacts, only-leads
    --contacts-by LIST   the attributes of the strategy for contacts: emailaddress1 unless told
    --leads-by LIST      those for leads: emailaddress1,msdyncrm_marketingpageid unless told
    --new-leads          every submission makes a new lead
    --summary            print the summary alone

Both files are read and checked before anything is written. A submission that was worked off in an
earlier run, by its id, changes nothing. One without an id gets one made of the name of the file, the
place of the row and its values: so the same file may be run again, with rows corrected or added.
--import knows a file by its name and all that is in it, and asks for no ids of runs without it.
Records that a run made are numbered: `new 1`.
Exit code: 0, also where submissions failed; 2 where an argument, a file or the store cannot be used.
";

/// Where everything is kept.
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
    pub(crate) submissions: Option<PathBuf>,
    pub(crate) contacts: Option<PathBuf>,
    pub(crate) store: StoreAt,
    pub(crate) update: UpdateMode,
    /// The attributes of a strategy, where they are not those of the product.
    pub(crate) by: Vec<(MatchingTarget, Vec<String>)>,
    pub(crate) new_leads: bool,
    pub(crate) import: bool,
    pub(crate) summary: bool,
}

impl Options {
    /// `None`: help was asked for.
    pub(crate) fn read(args: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut options = Self {
            submissions: None,
            contacts: None,
            store: StoreAt::Memory,
            update: UpdateMode::ContactsAndLeads,
            by: Vec::new(),
            new_leads: false,
            import: false,
            summary: false,
        };
        let mut args = args;
        while let Some(arg) = args.next() {
            let mut value = || match args.next() {
                Some(value) if value.starts_with("--") => {
                    Err(format!("{arg}: expected a value, found the option {value}"))
                }
                value => value.ok_or_else(|| format!("{arg}: expected a value")),
            };
            match arg.as_str() {
                "-h" | "--help" => return Ok(None),
                "--submissions" => options.submissions = Some(value()?.into()),
                "--contacts" => options.contacts = Some(value()?.into()),
                "--store" => options.store = value()?.parse()?,
                "--update" => options.update = mode(&value()?)?,
                "--contacts-by" => options.by.push((MatchingTarget::Contact, list(&value()?))),
                "--leads-by" => options.by.push((MatchingTarget::Lead, list(&value()?))),
                "--new-leads" => options.new_leads = true,
                "--import" => options.import = true,
                "--summary" => options.summary = true,
                _ => return Err(format!("expected an option, found {arg:?}")),
            }
        }
        Ok(Some(options))
    }
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(|name| name.trim().to_owned()).collect()
}

fn mode(text: &str) -> Result<UpdateMode, String> {
    let modes = UpdateMode::ALL.iter().filter(|mode| **mode != UpdateMode::NoUpdate);
    let named = modes.clone().find(|mode| mode.name() == text);
    named.copied().ok_or_else(|| {
        let names: Vec<_> = modes.map(|mode| mode.name()).collect();
        format!("--update: expected {}, found {text:?}", names.join(", "))
    })
}
