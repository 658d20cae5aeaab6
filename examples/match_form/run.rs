//! From files to outcomes: everything is read and checked before anything is written.

use std::collections::HashMap;
use std::error::Error;

use chrono::{DateTime, Utc};
use correspond::flow::forms::{FormSetup, UnwrittenBecause, key_directory, write_rows};
use correspond::form::{FormChoices, FormType, MarketingForm, MatchPlan, MatchScope};
use correspond::id::{RecordId, TenantId};
use correspond::party::Party;
use correspond::record::{RecordRef, Version, Versions};
use correspond::settings::{
    AttributeName, LandingPageConfiguration, MatchingAttributes, MatchingStrategy, MatchingTarget,
    Stored,
};
use correspond::store::{Directory, Expect, MAX_READS, Records, Store};

use crate::deliver::deliver;
use crate::import::import;
use crate::input::Table;
use crate::options::Options;
use crate::report::Names;
use crate::rows::{self, Contact, Entry};

pub(crate) const TENANT: TenantId = TenantId::new(1);
const FORM: RecordId = RecordId::new(0xf0);

/// What the files say, checked.
pub(crate) struct Input {
    now: DateTime<Utc>,
    table: Table,
    form: MarketingForm,
    plan: MatchPlan,
    entries: Vec<Entry>,
    contact_table: Table,
    contacts: Vec<Contact>,
}

impl Input {
    pub(crate) fn read(options: &Options) -> Result<Self, Box<dyn Error>> {
        let now = now();
        let mut table = rows::submissions(options.submissions.as_deref())?;
        let strategies = strategies(options)?;
        let form = form(options, &table, &strategies)?;
        let plan = MatchPlan::new(&strategies, &MatchScope::default())?;
        let entries = rows::entries(&mut table, &form, FORM, now)?;
        let mut contact_table = rows::contacts(options.contacts.as_deref())?;
        let contacts = rows::parties(&mut contact_table)?;
        Ok(Self { now, table, form, plan, entries, contact_table, contacts })
    }

    /// Works everything off.
    pub(crate) async fn work<S: Store + Records + Directory>(
        self,
        store: &S,
        options: &Options,
    ) -> Result<(), Box<dyn Error>> {
        let Self { now, table, form, plan, entries, contact_table, contacts } = self;
        let versions = Versions::default();
        let keyed = key_directory(store, &versions, TENANT, &plan, now).await?;
        if keyed.unkeyed > 0 {
            let (number, some) = (keyed.unkeyed, &keyed.examples);
            eprintln!("the store has {number} records that nothing finds, such as {some:?}");
        }
        write(store, &versions, &plan, (&contact_table, &contacts)).await?;

        let id = |contact: &Contact| contact.party.reference().id();
        let names = Names::of_file(contacts.into_iter().map(|contact| (id(&contact), contact.id)));
        let setup = FormSetup::new(&form, &plan);
        if options.import {
            import(store, &setup, (&table, entries), names, now, options.summary).await
        } else {
            deliver(store, &setup, (&table, &entries), names, now, options.summary).await
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a program asks the clock, and hands the time on")]
fn now() -> DateTime<Utc> {
    std::time::SystemTime::now().into()
}

/// A form with a field for each column of the file.
fn form(
    options: &Options,
    table: &Table,
    strategies: &[Stored<MatchingStrategy>; 2],
) -> Result<MarketingForm, Box<dyn Error>> {
    let [contacts, leads] = strategies;
    let config = LandingPageConfiguration::builder()
        .name("Example")
        .contact_matching_strategy(contacts.id)
        .lead_matching_strategy(leads.id)
        .build()?;
    let choices = FormChoices::default()
        .update(options.update)
        .always_generate_leads(options.new_leads)
        .keep_successful_submissions(true);
    let form = MarketingForm::with_choices(FormType::LandingPage, &choices, &config, strategies)?;
    let form = form.with_fields(rows::fields(table)?).map_err(|error| table.wrong(error))?;
    form.check_live(strategies, &[]).map_err(|error| table.wrong(error))?;
    Ok(form)
}

/// Writes the contacts of the file that are not there yet, and says which were not written, and why.
async fn write<S: Store + Records>(
    store: &S,
    versions: &Versions,
    plan: &MatchPlan,
    (table, contacts): (&Table, &[Contact]),
) -> Result<(), Box<dyn Error>> {
    let new = contacts.iter().map(|contact| (contact.party.clone(), Expect::Absent));
    let new: Vec<_> = new.collect();
    let unwritten = write_rows(store, versions, TENANT, plan, new).await?.unwritten;

    let mut there: HashMap<RecordRef, Party> = HashMap::new();
    for rows in unwritten.chunks(MAX_READS) {
        let rows: Vec<RecordRef> = rows.iter().map(|unwritten| unwritten.row).collect();
        for kept in store.load(TENANT, &rows).await?.iter().flatten() {
            there.insert(kept.record.reference(), Party::from_versioned(kept)?);
        }
    }
    let mut lines: HashMap<RecordRef, u64> = HashMap::new();
    for contact in contacts {
        lines.entry(contact.party.reference()).or_insert(contact.line);
    }
    let mut unchanged = 0_u64;
    for unwritten in unwritten {
        let place = usize::try_from(unwritten.place).ok();
        let Some(contact) = place.and_then(|place| contacts.get(place)) else { continue };
        let first = lines.get(&unwritten.row).filter(|line| **line != contact.line);
        let why = match (unwritten.why, first) {
            (_, Some(first)) => format!("line {first} has the same id"),
            (UnwrittenBecause::Stale { .. }, None) => {
                if there.get(&unwritten.row) == Some(&contact.party) {
                    unchanged += 1;
                    continue;
                }
                "it is there with other values, and stays as it is".to_owned()
            }
            (UnwrittenBecause::Unfit(error), None) => error.to_string(),
            (why, None) => format!("{why:?}"),
        };
        let said = format_args!("contact {} was not written: {why}", contact.id);
        eprintln!("{}", table.wrong_at(contact.line, said));
    }
    if unchanged > 0 {
        let said =
            format_args!("contacts that are there already, with the same values: {unchanged}");
        eprintln!("{}", table.wrong(said));
    }
    Ok(())
}

/// The strategies for contacts and for leads.
fn strategies(options: &Options) -> Result<[Stored<MatchingStrategy>; 2], Box<dyn Error>> {
    let of = |number: u128, target: MatchingTarget| -> Result<_, Box<dyn Error>> {
        let mut builder = MatchingStrategy::out_of_box(target);
        if let Some((_, names)) = options.by.iter().rev().find(|(of, _)| *of == target) {
            let wrong = |error: &dyn Error| format!("--{}s-by: {error}", target.name());
            let names = names.iter().map(AttributeName::new).collect::<Result<Vec<_>, _>>();
            let names = names.map_err(|error| wrong(&error))?;
            let names = MatchingAttributes::new(names).map_err(|error| wrong(&error))?;
            builder = builder.attributes(names);
        }
        let strategy = builder.build()?;
        let id = RecordId::new(number);
        Ok(Stored::new(id, Version::new(number), DateTime::UNIX_EPOCH, strategy))
    };
    Ok([of(1, MatchingTarget::Contact)?, of(2, MatchingTarget::Lead)?])
}
