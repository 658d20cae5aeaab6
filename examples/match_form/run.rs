//! Every submission, from file to outcome.

use std::collections::BTreeMap;
use std::error::Error;

use chrono::{DateTime, Utc};
use correspond::flow::forms::{
    Delivery, FormSetup, Submissions, Worked, key_directory, write_rows,
};
use correspond::form::{
    FormChoices, FormType, MarketingForm, MatchPlan, MatchScope, Outcome, Submission, TargetOutcome,
};
use correspond::id::{RecordId, TenantId};
use correspond::record::{Version, Versions};
use correspond::settings::{
    AttributeName, LandingPageConfiguration, MatchingAttributes, MatchingStrategy, MatchingTarget,
    Stored,
};
use correspond::store::{Directory, Expect, Records, Store};

use crate::input;
use crate::options::Options;

const TENANT: TenantId = TenantId::new(1);
const FORM: RecordId = RecordId::new(0xf0);

#[expect(clippy::disallowed_methods, reason = "a program asks the clock, and hands the time on")]
pub(crate) async fn all<S: Store + Records + Directory>(
    store: &S,
    options: &Options,
) -> Result<(), Box<dyn Error>> {
    let now = DateTime::<Utc>::from(std::time::SystemTime::now());
    let (rows, fields) = input::submissions(options.submissions.as_deref())?;
    let strategies = strategies(options)?;
    let config = LandingPageConfiguration::builder()
        .name("Example")
        .contact_matching_strategy(strategies[0].id)
        .lead_matching_strategy(strategies[1].id)
        .build()?;
    let choices = FormChoices::default()
        .update(options.update)
        .always_generate_leads(options.new_leads)
        .keep_successful_submissions(true);
    let form = MarketingForm::with_choices(FormType::LandingPage, &choices, &config, &strategies)?
        .with_fields(fields)?;
    form.check_live(&strategies, &[])?;
    let plan = MatchPlan::new(&strategies, &MatchScope::default())?;

    let versions = Versions::default();
    key_directory(store, &versions, TENANT, &plan, now).await?;
    let contacts = input::contacts(options.contacts.as_deref())?;
    let contacts = contacts.into_iter().map(|contact| (contact, Expect::Absent));
    // Those of an earlier run are refused as being there, and stay as they are.
    let _ = write_rows(store, &versions, TENANT, &plan, contacts).await?;

    let submissions = Submissions::default();
    let setup = FormSetup::new(&form, &plan);
    let mut counts = BTreeMap::new();
    for mut row in rows {
        let id = row.take_id("id")?.unwrap_or_else(|| RecordId::new(u128::from(row.line)));
        let (page, visitor) = (row.take_id("page")?, row.take_id("visitor")?);
        let email = row.values.get("emailaddress1").cloned().unwrap_or_default();
        let mut submission = Submission::read(&form, FORM, now, row.values)?;
        if let Some(page) = page {
            submission = submission.on_page(page);
        }
        if let Some(visitor) = visitor {
            submission = submission.by_link(visitor);
        }
        let delivery = Delivery::new(TENANT, id, &submission, now);
        let worked = submissions.submit(store, &setup, &delivery).await?;
        if !options.summary {
            print(row.line, &email, &worked);
        }
        count(&mut counts, &worked);
    }
    println!("{} submissions", counts.remove("submissions").unwrap_or(0));
    for (what, number) in counts {
        println!("  {number:>6} {what}");
    }
    Ok(())
}

/// The strategies for contacts and for leads.
fn strategies(options: &Options) -> Result<[Stored<MatchingStrategy>; 2], Box<dyn Error>> {
    let of = |number: u128, target: MatchingTarget| -> Result<_, Box<dyn Error>> {
        let mut builder = MatchingStrategy::out_of_box(target);
        if let Some((_, names)) = options.by.iter().rev().find(|(of, _)| *of == target) {
            let names = names.iter().map(AttributeName::new);
            let names = names.collect::<Result<Vec<_>, _>>()?;
            builder = builder.attributes(MatchingAttributes::new(names)?);
        }
        let strategy = builder.build()?;
        let id = RecordId::new(number);
        Ok(Stored::new(id, Version::new(number), DateTime::UNIX_EPOCH, strategy))
    };
    Ok([of(1, MatchingTarget::Contact)?, of(2, MatchingTarget::Lead)?])
}

fn print(line: u64, email: &str, worked: &Worked) {
    let who = if email.trim().is_empty() { "(no address)" } else { email };
    println!("line {line}: {who}{}", if worked.repeated { " (delivered before)" } else { "" });
    let Some(Outcome { contact, lead, .. }) = &worked.outcome else {
        println!("    waits, as others were faster");
        return;
    };
    for (target, outcome) in [("contact", contact), ("lead", lead)] {
        let record = outcome.record().map(|id| format!(" {:x}", id.get())).unwrap_or_default();
        // Ids that the run drew say nothing to the reader.
        let record = if record.len() > 8 { String::new() } else { record };
        println!("    {target}{record} {outcome}");
    }
}

fn count(counts: &mut BTreeMap<String, u64>, worked: &Worked) {
    let mut add = |what: String| *counts.entry(what).or_default() += 1;
    add("submissions".to_owned());
    if worked.repeated {
        add("delivered before: nothing changed".to_owned());
        return;
    }
    let Some(outcome) = &worked.outcome else { return add("waiting".to_owned()) };
    if outcome.failure().is_some() {
        return add("failed, kept to be corrected".to_owned());
    }
    for (target, of) in [("contacts", &outcome.contact), ("leads", &outcome.lead)] {
        let what = match of {
            TargetOutcome::Created { .. } => "created",
            TargetOutcome::Updated { .. } => "updated",
            TargetOutcome::Unchanged { .. } => "unchanged",
            _ => continue,
        };
        add(format!("{target} {what}"));
        if !of.others().is_empty() {
            add(format!("{target} of several that matched"));
        }
    }
}
