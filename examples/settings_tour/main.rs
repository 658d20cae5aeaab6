//! What did the administrator decide, what does it lead to, and what should be looked at?
//!
//! `cargo run --example settings_tour -- --help`

mod in_force;
mod options;
mod paper;
mod schema;
mod show;
mod source;

use std::error::Error;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use correspond::settings::{Advice, AdviceSeverity, Document, Facts, PageView};

use options::{Form, Options, Task};
use paper::Paper;
use show::Names;
use source::Source;

fn main() -> ExitCode {
    let options = match Options::read(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{}", options::USAGE);
            return ExitCode::SUCCESS;
        }
        Err(problem) => {
            eprintln!("settings_tour: {problem}\n\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads our output has seen enough.
        Err(error) if is_broken_pipe(error.as_ref()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("settings_tour: {error}");
            ExitCode::from(2)
        }
    }
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let mut to = Paper::new(BufWriter::new(io::stdout().lock()));
    if let Task::Schema(page) = &options.task {
        to.verbatim(&schema::of(page.as_deref())?)?;
        return Ok(to.finish()?);
    }
    let source = Source::read(options.file.as_deref(), options.profile)?;
    let document = &source.document;
    match options.task {
        Task::Export(Form::Json) => to.verbatim(&document.to_json()?)?,
        Task::Export(Form::Toml) => to.verbatim(&toml(document)?)?,
        Task::Export(Form::Dataverse) => to.verbatim(&source.to_dataverse()?)?,
        Task::Tour | Task::Advice | Task::Schema(_) => tour(options, &source, &mut to)?,
    }
    Ok(to.finish()?)
}

fn tour<W: Write>(
    options: &Options,
    source: &Source,
    to: &mut Paper<W>,
) -> Result<(), Box<dyn Error>> {
    let document = &source.document;
    let facts = facts(options)?;
    let pages = document.pages();
    let names = Names::of(&pages);
    let asked = |page: &&PageView<'_>| options.page.as_deref().is_none_or(|name| name == page.name);
    if options.task == Task::Tour {
        to.text(0, 2, &source.summary(&pages))?;
        to.text(0, 0, "\u{2022} chosen: is another than where nobody chooses")?;
        for page in pages.iter().filter(asked) {
            if !page.records.is_empty() {
                show::page(page, &names, options.all, to)?;
            }
        }
        if options.page.is_none() {
            let empty: Vec<_> = pages
                .iter()
                .filter(|page| page.records.is_empty())
                .map(|page| page.title)
                .collect();
            if !empty.is_empty() {
                to.blank()?;
                to.text(2, 0, &format!("Pages without a record: {}", empty.join(", ")))?;
            }
            in_force::write(document, &pages, to)?;
            let report = source.report(options.all);
            if !report.is_empty() {
                to.title("Import", &format!("{} lines", report.len()))?;
                for line in &report {
                    to.text(2, 2, line)?;
                }
            }
        }
    }
    let kinds: Vec<_> = pages.iter().filter(asked).map(|page| page.kind).collect();
    let advice = document.advice(&facts).into_iter();
    let advice: Vec<_> = advice.filter(|advice| kinds.contains(&advice.record_kind())).collect();
    Ok(advise(&advice, &pages, to)?)
}

fn advise<W: Write>(
    advice: &[Advice],
    pages: &[PageView<'_>],
    to: &mut Paper<W>,
) -> io::Result<()> {
    let count = |severity: AdviceSeverity| {
        let found = advice.iter().filter(|advice| advice.severity() == severity).count();
        format!("{found} {severity}{}", if found == 1 { "" } else { "s" })
    };
    let counts = [AdviceSeverity::Error, AdviceSeverity::Warning, AdviceSeverity::Hint]
        .map(count)
        .join(", ");
    to.title("Advice", &counts)?;
    if advice.is_empty() {
        to.text(2, 0, "None.")?;
    }
    for one in advice {
        let mut place = one.page().to_owned();
        let page = pages.iter().find(|page| page.kind == one.record_kind());
        let record = page.and_then(|page| {
            let record = page.records.iter().find(|record| record.id == one.record())?;
            record.id.map(|_| show::name(page, record))
        });
        for part in record.iter().map(String::as_str).chain(one.label()) {
            place = format!("{place} \u{203a} {part}");
        }
        to.heading(&format!("{:7}", one.severity()), &place)?;
        to.text(11, 0, &sentence(&one.reason()))?;
        to.text(11, 2, &format!("\u{2192} {}", sentence(&one.remedy())))?;
        to.blank()?;
    }
    Ok(())
}

/// With a capital and a full stop.
fn sentence(clause: &str) -> String {
    let mut rest = clause.chars();
    let first = rest.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(rest).chain(['.']).collect()
}

fn facts(options: &Options) -> Result<Facts, Box<dyn Error>> {
    let mut facts = Facts::default();
    facts.now = Some(options.at.unwrap_or_else(now));
    facts.highest_user = options.users;
    facts.mails_per_day = options.mails_a_day;
    facts.open_conversations = options.open;
    facts.conversation_days = options.conversation.unwrap_or(facts.conversation_days);
    facts.internal_addresses = options.colleagues;
    facts.next_prefix.clone_from(&options.next_prefix);
    for path in &options.beside {
        let source = Source::read(Some(path), options.profile)?;
        let settings = source.document.email_settings.unwrap_or_default();
        facts.others.push((source.name, settings));
    }
    Ok(facts)
}

#[expect(clippy::disallowed_methods, reason = "a program asks the clock, and hands the time on")]
fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

#[cfg(feature = "toml")]
fn toml(document: &Document) -> Result<String, Box<dyn Error>> {
    Ok(document.to_toml()?)
}

#[cfg(not(feature = "toml"))]
fn toml(_: &Document) -> Result<String, Box<dyn Error>> {
    Err("--export toml: expected a build with the feature `toml` (cargo run --features toml ...), \
         found one without it"
        .into())
}
