//! Everybody submits the same persons, whom nobody has yet.

use std::collections::HashMap;

use chrono::DateTime;
use correspond::adapter::postgres::PostgresStore;
use correspond::id::{RecordId, TenantId};
use correspond::record::{
    Record, RecordKind, RecordPageQuery, RecordRef, Space, UniqueKey, Version,
};
use correspond::store::{Batch, Change, Commit, Expect, Reason, Records, Store};

use crate::Result;
use crate::arguments::Arguments;
use crate::race::{Place, Race};

const TENANT: TenantId = TenantId::new(1);

pub struct Persons {
    persons: usize,
}

impl Race for Persons {
    const NAME: &'static str = "persons";

    fn read(arguments: &mut Arguments) -> Result<Self> {
        let persons = arguments.option("--persons").map_err(|error| error.to_string())?;
        Ok(Self { persons: persons.unwrap_or(1_000) })
    }

    fn options(&self) -> Vec<String> {
        vec!["--persons".into(), self.persons.to_string()]
    }

    /// All tasks go through the persons in one order, so that they meet at each. Half of them look
    /// first, as a use case does; the others write at once.
    async fn task(&self, store: &PostgresStore, place: Place) -> Result<Vec<String>> {
        let mut got = Vec::with_capacity(self.persons);
        for person in 0..self.persons {
            let key =
                UniqueKey::new(store.keyer(), Space::Match, format!("person {person}").as_bytes());
            if place.task.is_multiple_of(2)
                && let Some(Some(found)) = store.holders(TENANT, &[key]).await?.first()
            {
                got.push(format!("{person} found {}", found.id()));
                continue;
            }
            // An id of the task's own: another record of the same person would be no conflict but
            // for the key.
            let id = RecordId::new((place.number() as u128) << 64 | person as u128);
            got.push(match create(store, RecordKind::Contact.of(id), key).await? {
                None => format!("{person} created {id}"),
                Some(holder) => format!("{person} found {}", holder.id()),
            });
        }
        Ok(got)
    }

    async fn judge(&self, store: &PostgresStore, got: Vec<String>) -> Result<String> {
        let mut created = 0;
        let mut who: HashMap<String, String> = HashMap::new();
        for line in &got {
            let words: Vec<_> = line.split(' ').collect();
            let [person, how, id] = words[..] else { return Err(format!("found {line:?}").into()) };
            created += usize::from(how == "created");
            let known = who.entry(person.into()).or_insert_with(|| id.into());
            if known != id {
                return Err(format!("person {person} is {known} and {id}").into());
            }
        }
        let mut records = 0;
        let mut page = RecordPageQuery::new(RecordKind::Contact).limit(1_000);
        loop {
            let found = store.list(TENANT, &page).await?;
            records += found.items.len();
            match found.next {
                Some(next) => page = page.after(next),
                None => break,
            }
        }
        let said = format!(
            "{} submissions of {} persons: {created} created, {records} records",
            got.len(),
            self.persons
        );
        if (created, records, who.len()) != (self.persons, self.persons, self.persons) {
            return Err(said.into());
        }
        Ok(said)
    }
}

/// Creates the record; who has the key, if somebody has.
async fn create(
    store: &PostgresStore,
    record: RecordRef,
    key: UniqueKey,
) -> Result<Option<RecordRef>> {
    let written = Record::new(record, DateTime::UNIX_EPOCH, "{}")?.with_unique([key])?;
    let version = Version::new(record.id().get());
    let change = Change::Put { record: written, version, expect: Expect::Absent };
    match store.commit(&Batch::of(TENANT, change)).await? {
        Commit::Applied => Ok(None),
        refused => match refused.refusals() {
            [refusal] => match refusal.reason {
                Reason::Taken { holder, .. } => Ok(Some(holder)),
                ref other => Err(format!("expected a key that is taken, found {other:?}").into()),
            },
            other => Err(format!("expected one refusal, found {other:?}").into()),
        },
    }
}
