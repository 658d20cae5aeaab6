//! Writes a mailbox that looks like the mail of a CRM, and the truth about it.
//!
//! ```text
//! cargo run --release --example generate_mailbox -- OUT_DIR [--seed N] [--mails N] [--body-kb N] [--lines]
//! ```
//!
//! `--lines` writes header lines, `mailbox.jsonl`, instead of mails. The same seed gives the same bytes on every machine. `examples/data` holds what the defaults
//! give, and a README that tells what is in it.

mod charset;
mod clock;
mod compose;
mod damage;
mod incident;
mod language;
mod mail;
mod people;
mod program;
mod random;
mod reply;
mod scenario;
mod simulation;
mod thread;
mod write;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use correspond::adapter::mail_parser;
use correspond::message::MessageLine;
use simulation::Mailbox;

const USAGE: &str = "generate_mailbox OUT_DIR [--seed N] [--mails N] [--body-kb N] [--lines]";

/// What to generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) seed: u64,
    /// 1 to 1,000,000.
    pub(crate) mails: u64,
    /// Mean size of a mail in kilobytes; 0 leaves bodies short. At most 1,024.
    pub(crate) body_kb: u64,
    /// Header lines instead of mails.
    pub(crate) lines: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 2_025, mails: 2_000, body_kb: 0, lines: false }
    }
}

/// Writes the mailbox and the truth; gives how often each kind, method and trait occurred.
///
/// # Errors
/// Writing failed.
pub(crate) fn generate(
    options: Options,
    mut mbox: impl Write,
    mut truth: impl Write,
) -> io::Result<BTreeMap<String, u64>> {
    let mailbox = Mailbox::new(options.seed, options.mails, options.body_kb * 1_024)
        .map_err(io::Error::other)?;
    let mut counts = BTreeMap::new();
    writeln!(truth, "message_id\tthread\tparent\tkind\tmethod\ttraits\tordinal")?;
    for (at, entry) in mailbox.enumerate() {
        if options.lines {
            let message = mail_parser::parse(without_postmark(&entry.bytes));
            serde_json::to_writer(&mut mbox, &MessageLine::from(&message))?;
            mbox.write_all(b"\n")?;
        } else {
            mbox.write_all(&entry.bytes)?;
        }
        let it = &entry.truth;
        let (kind, method, traits) = (it.kind, it.method, it.traits.join(","));
        let ordinal = at + 1;
        writeln!(
            truth,
            "{}\t{}\t{}\t{kind}\t{method}\t{traits}\t{ordinal}",
            it.id, it.thread, it.parent
        )?;
        *counts.entry(format!("kind {kind}")).or_default() += 1;
        *counts.entry(format!("method {method}")).or_default() += 1;
        for name in &it.traits {
            *counts.entry(format!("trait {name}")).or_default() += 1;
        }
    }
    mbox.flush()?;
    truth.flush()?;
    Ok(counts)
}

/// The mail behind its `From ` line.
fn without_postmark(mail: &[u8]) -> &[u8] {
    let end = mail.iter().position(|b| *b == b'\n').map_or(0, |at| at + 1);
    if mail.starts_with(b"From ") { mail.get(end..).unwrap_or_default() } else { mail }
}

fn arguments() -> Result<(PathBuf, Options), String> {
    let mut options = Options::default();
    let mut out = None;
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = |most: u64| {
            let text = words.next().unwrap_or_default();
            text.parse()
                .ok()
                .filter(|number| *number <= most)
                .ok_or_else(|| format!("{word}: expected a number up to {most}, found {text:?}"))
        };
        match word.as_str() {
            "--seed" => options.seed = number(u64::MAX)?,
            "--mails" => options.mails = number(1_000_000)?,
            "--body-kb" => options.body_kb = number(1_024)?,
            "--lines" => options.lines = true,
            _ if word.starts_with('-') || out.is_some() => {
                return Err(format!("expected {USAGE}, found {word:?}"));
            }
            _ => out = Some(PathBuf::from(word)),
        }
    }
    let out = out.ok_or_else(|| format!("expected {USAGE}, found no directory"))?;
    Ok((out, options))
}

fn run(out: &Path, options: Options) -> io::Result<()> {
    fs::create_dir_all(out)?;
    let name = if options.lines { "mailbox.jsonl" } else { "mailbox.mbox" };
    let mbox = BufWriter::new(File::create(out.join(name))?);
    let truth = BufWriter::new(File::create(out.join("mailbox.truth.tsv"))?);
    let counts = generate(options, mbox, truth)?;
    let mut text = io::stdout().lock();
    for (name, count) in counts {
        writeln!(text, "{count:8}  {name}")?;
    }
    Ok(())
}

fn main() -> ExitCode {
    let (out, options) = match arguments() {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    match run(&out, options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", out.display());
            ExitCode::FAILURE
        }
    }
}
