//! Sends the message that `prepare_campaign` prepares, to each of its recipients once.
//!
//! `cargo run --release -p correspond-send-campaign -- --help`

#[path = "../../../../prepare_campaign/contacts.rs"]
mod contacts;
#[path = "../../../../support/csv_lines.rs"]
mod csv_lines;
mod dispatch;
#[path = "../../../../prepare_campaign/json.rs"]
mod json;
mod mails;
#[path = "../../../../prepare_campaign/message.rs"]
mod message;
#[path = "../../../../prepare_campaign/options.rs"]
mod options;
#[path = "../../../../prepare_campaign/organization.rs"]
mod organization;
#[path = "../../../../settings_tour/paper.rs"]
#[allow(dead_code, reason = "each example uses the part that it needs")]
mod paper;
#[path = "../../../../prepare_campaign/preparation.rs"]
mod preparation;
#[path = "../../../../prepare_campaign/reasons.rs"]
mod reasons;
#[path = "../../../../prepare_campaign/report.rs"]
mod report;
#[path = "../../../../prepare_campaign/suppressed.rs"]
mod suppressed;
#[path = "../../../../prepare_campaign/table.rs"]
mod table;

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;

use correspond::address::EmailAddress;
use correspond_send_campaign::SmtpServer;

use options::{Format, Options};
use preparation::{Input, Preparation};

const USAGE: &str = "\
Sends a message to those of a segment who get it, to each once.

    send_campaign [OPTIONS] [--send smtp://HOST[:PORT]]

    --send URL           send through this server, a relay on this machine or network. Without it nothing
                         is sent, and what would be is told
    --store STORE        where it is kept who got the message: memory (the default: for this run alone),
                         redb:FILE, which is made where it is missing, or postgres:URL (feature
                         `postgres`). A later run goes on where this one stopped
    --workers N          how many connections send side by side (default: 8)
    --bounces ADDRESS    where the server tells bounces to (the envelope sender); without it to the From
                         address, which can probably not receive any where it was rewritten
    --take-over MINUTES  also send to those of whom nobody knows whether they got it, as a run that
                         claimed them at least so long ago broke off: they may get it twice. No other run
                         may be at work that began before: what it has claimed is open too, and is taken
                         from it
";

const END: &str = "
A message with an error in the go-live report is not sent. Both parts are sent, as multipart/alternative;
{{contact.COLUMN}} and the content settings are filled in, in every part of it. Where the subscription
center of the content settings is an https URL, it is the List-Unsubscribe header field too (RFC 2369); to
leave by one click (RFC 8058) takes a page that answers to it, and is not promised.
Exit code: 0; 1 where it cannot go live, or somebody who should have it does not, or has it
twice, or nobody knows; 2 where an argument, a file, the store or the server cannot be used.
";

/// The longest age of a claim that can be asked for: ten years.
const MINUTES: i64 = 10 * 366 * 24 * 60;

/// Where it is kept who got the message.
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

/// How it is sent.
#[derive(Debug)]
pub(crate) struct Way {
    server: Option<SmtpServer>,
    store: StoreAt,
    workers: usize,
    take_over: Option<i64>,
    bounces: Option<String>,
}

fn main() -> ExitCode {
    let mut options = Options::default();
    let mut way =
        Way { server: None, store: StoreAt::Memory, workers: 8, take_over: None, bounces: None };
    let read = options.read(std::env::args().skip(1), |name, value| {
        match name {
            "--send" => {
                let server = value()?.parse().map_err(|error| format!("{name}: {error}"));
                way.server = Some(server?);
            }
            "--store" => way.store = value()?.parse()?,
            "--workers" => {
                let text = value()?;
                let workers = text.parse().ok().filter(|workers| (1..=256).contains(workers));
                let wrong = || format!("{name}: expected a number from 1 to 256, found {text:?}");
                way.workers = workers.ok_or_else(wrong)?;
            }
            "--bounces" => {
                let text = value()?;
                let address = text.parse::<EmailAddress>();
                way.bounces = Some(text.clone());
                address.map_err(|error| format!("{name}: {error}, found {text:?}"))?;
            }
            "--take-over" => {
                let text = value()?;
                let minutes = text.parse().ok().filter(|minutes| (0..=MINUTES).contains(minutes));
                let wrong =
                    || format!("{name}: expected minutes from 0 to {MINUTES}, found {text:?}");
                way.take_over = Some(minutes.ok_or_else(wrong)?);
            }
            _ => return Ok(false),
        }
        Ok(true)
    });
    match read {
        Ok(true) => {}
        Ok(false) => {
            print!("{USAGE}\n{}{END}", options::OPTIONS);
            return ExitCode::SUCCESS;
        }
        Err(problem) => {
            eprintln!("send_campaign: {problem}\n\n{USAGE}\n{}{END}", options::OPTIONS);
            return ExitCode::from(2);
        }
    }
    match run(&options, &way) {
        Ok(code) => code,
        // Whoever reads our output has seen enough.
        Err(error) if is_broken_pipe(error.as_ref()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("send_campaign: {}", chain(error.as_ref()));
            ExitCode::from(2)
        }
    }
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

/// An error with what is behind it, each once.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let said = error.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        source = error.source();
    }
    text
}

fn run(options: &Options, way: &Way) -> Result<ExitCode, Box<dyn Error>> {
    let input = Input::read(options)?;
    let preparation = Preparation::new(&input, options)?;
    for useless in &input.suppressed.useless {
        eprintln!("{useless}");
    }
    let live = preparation.report.can_go_live();
    let mails = match &way.server {
        Some(_) if live => mails::of(&preparation, way.bounces.as_deref())?,
        _ => Vec::new(),
    };
    options.format.print(&preparation, options)?;
    let Some(server) = &way.server else {
        let refused = options.check && !live;
        return Ok(if refused { ExitCode::from(1) } else { ExitCode::SUCCESS });
    };
    if !live {
        eprintln!("send_campaign: nothing was sent: an error keeps the message from going live");
        return Ok(ExitCode::from(1));
    }
    let sent = dispatch::send(mails, mails::scope(&input.message), server, way)?;
    match options.format {
        Format::Text => sent.print(options.limit)?,
        Format::Jsonl => sent.print_json()?,
    }
    Ok(if sent.is_complete() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
