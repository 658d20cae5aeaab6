//! What is in force, and why.

use std::io::{self, Write};

use correspond::correlation::{Correlator, Method};
use correspond::settings::in_force::Standing;
use correspond::settings::{Document, EmailSettings, PageView, SettingsRecord};
use correspond::token::{Designator, TokenPlan};

use crate::paper::Paper;
use crate::show;

const COLUMN: usize = 34;

pub(crate) fn write<W: Write>(
    document: &Document,
    pages: &[PageView<'_>],
    to: &mut Paper<W>,
) -> io::Result<()> {
    to.title("What is in force, and why", "")?;
    if let Some(email) = &document.email_settings {
        correlation(document, email, to)?;
    }
    for page in pages {
        for record in &page.records {
            let why = match record.standing {
                Standing::Newest => "created last among the active ones",
                Standing::Default => "marked as the default",
                _ => continue,
            };
            to.row(" ", page.title, COLUMN, &format!("{}: {why}", show::name(page, record)))?;
        }
        let counts = |standing: Standing| matches!(standing, Standing::NotDefault(None));
        if !page.records.is_empty() && page.records.iter().any(|record| counts(record.standing)) {
            to.row(" ", page.title, COLUMN, "none: no active record is marked as the default")?;
        }
    }
    Ok(())
}

fn correlation<W: Write>(
    document: &Document,
    email: &EmailSettings,
    to: &mut Paper<W>,
) -> io::Result<()> {
    let properties = document.organization_properties.clone().unwrap_or_default();
    let settings = email.correlation(&properties, &[]);
    if let Some(plan) = TokenPlan::of(&settings.tokens) {
        let token = plan.token(Designator::Online, 1, 1);
        let token = token.map_or_else(|error| error.to_string(), |token| token.to_string());
        to.row(" ", "First tracking token of user 1", COLUMN, &token)?;
        let again = format!("after {} mails of one sender", plan.capacity());
        to.row(" ", "A token comes again", COLUMN, &again)?;
        let read: Vec<_> = settings.tokens.formats.iter().map(ToString::to_string).collect();
        let read = format!("{} (prefix/base/user digits/counter digits)", read.join(", "));
        to.row(" ", "Tokens that are recognised", COLUMN, &read)?;
    }
    let correlator = Correlator::new(settings);
    let methods: Vec<_> = correlator.active().iter().map(|method| said(*method)).collect();
    let methods = if methods.is_empty() { "nothing".to_owned() } else { methods.join(", then ") };
    to.row(" ", "Answers are found by", COLUMN, &methods)?;
    for finding in correlator.findings() {
        to.row("!", "", COLUMN, &finding.to_string())?;
    }
    let resting = email.resting();
    for field in EmailSettings::FIELDS.iter().filter(|field| resting.contains(&field.name)) {
        to.row(" ", "On, and without effect", COLUMN, field.label)?;
    }
    Ok(())
}

fn said(method: Method) -> String {
    match method {
        Method::Folder => "tracked folders".to_owned(),
        Method::Token => "tracking tokens".to_owned(),
        Method::Headers => "In-Reply-To and References".to_owned(),
        Method::ThreadIndex => "Thread-Index".to_owned(),
        Method::Smart => "smart matching".to_owned(),
        other => other.to_string(),
    }
}
