//! The filing run: which batches are committed, one after the other.

use std::error::Error;
use std::num::NonZeroU32;

use chrono::{DateTime, TimeDelta, Utc};

use super::books::Books;
use super::random::Random;
use crate::claim::{
    ClaimId, ClaimState, Claimant, RecipientKey, RegisterName, RegisterSpace, SendScope,
};
use crate::id::{RecordId, TenantId};
use crate::index::{IndexKey, IndexKind, Keyer, MessageRow};
use crate::record::{
    LookupKey, LookupKind, Record, RecordKind, RecordRef, Space, UniqueKey, Version, Versioned,
};
use crate::store::{Batch, Change, Expect, SequenceKey};

/// Whose data the run files.
pub(super) const TENANT: TenantId = TenantId::new(0xc0de);

/// The sequences that the run draws from.
pub(super) const SEQUENCES: [SequenceKey; 2] =
    [SequenceKey::UserNumbers, SequenceKey::TokenCounter(RecordId::new(7))];

/// How many contacts there are, and whom mails are from and to.
const CONTACTS: u64 = 12;

/// As many mails as an import files in one batch.
const IMPORT: u64 = 12;

/// A run as far as it has come. Every batch is a function of the seed, the key maker and the batches
/// before it, so that parent and child know it without telling each other.
#[derive(Clone, Debug)]
pub(super) struct Filing {
    seed: u64,
    keyer: Keyer,
    number: u64,
    books: Books,
}

impl Filing {
    /// A run that has filed nothing yet.
    pub(super) fn new(seed: u64, keyer: Keyer) -> Self {
        let everywhere = keyer.key(IndexKind::Address, b"crm@shop.example");
        Self { seed, keyer, number: 0, books: Books::new(everywhere) }
    }

    /// The number of the batch that comes next.
    pub(super) const fn number(&self) -> u64 {
        self.number
    }

    /// What is in a store that applied every batch before the next.
    pub(super) const fn books(&self) -> &Books {
        &self.books
    }

    /// The batch that comes next has been applied.
    pub(super) fn advance(&mut self, batch: &Batch) {
        self.books.apply(batch);
        self.number += 1;
    }

    /// Goes on until `number` comes next.
    pub(super) fn advance_to(&mut self, number: u64) -> Result<(), Trouble> {
        while self.number < number {
            let batch = self.batch()?;
            self.advance(&batch);
        }
        Ok(())
    }

    /// The batch that comes next.
    pub(super) fn batch(&self) -> Result<Batch, Trouble> {
        let mut random = Random::of(self.seed, self.number);
        let mut batch = Batch::new(TENANT);
        let changes = match random.below(20) {
            _ if self.number == 0 => self.contacts()?,
            0 => vec![self.name(&mut random)?],
            1 | 2 => self.removal(&mut random),
            3 | 4 => self.update(&mut random)?,
            5 => self.exchange(&mut random)?,
            6 => self.mails(&mut random, IMPORT)?,
            _ => vec![],
        };
        // Also where there was nothing yet to remove.
        let changes = if changes.is_empty() { self.mails(&mut random, 1)? } else { changes };
        for change in changes {
            batch.push(change)?;
        }
        Ok(batch)
    }

    /// Which numbers are drawn after the batch that was applied last, if any.
    pub(super) fn draw(&self) -> Option<(usize, NonZeroU32)> {
        let mut random = Random::of(!self.seed, self.number);
        let len = u32::try_from(1 + random.below(20)).ok().and_then(NonZeroU32::new)?;
        let sequence = usize::from(random.below(2) == 0);
        (random.below(16) == 0).then_some((sequence, len))
    }

    fn at(&self, second: u64) -> DateTime<Utc> {
        let micros = Random::of(self.seed, second).below(1_000_000);
        let time = self.number.saturating_mul(60).saturating_add(second);
        let time = time.saturating_mul(1_000_000).saturating_add(micros);
        DateTime::UNIX_EPOCH + TimeDelta::microseconds(i64::try_from(time).unwrap_or(i64::MAX / 8))
    }

    fn contact(&self, number: u64) -> RecordRef {
        RecordKind::Contact.of(RecordId::new(Random::of(self.seed ^ 0xc0, number).wide()))
    }

    /// The batch that founds the run.
    fn contacts(&self) -> Result<Vec<Change>, Trouble> {
        (0..CONTACTS)
            .map(|number| {
                let name = format!("contact/{number}");
                let unique = UniqueKey::new(&self.keyer, Space::Match, name.as_bytes());
                let record = Record::new(self.contact(number), self.at(number), name)?
                    .with_unique([unique])?
                    .with_keys([self.address_of(number)])?;
                let version = Version::new(Random::of(self.seed ^ 0xc1, number).wide());
                Ok(Change::Put { record, version, expect: Expect::Absent })
            })
            .collect()
    }

    fn address_of(&self, contact: u64) -> LookupKey {
        LookupKey::new(&self.keyer, LookupKind::Address, address(contact).as_bytes())
    }

    /// `count` mails, each with its activity and the claim of an answer; and what became of an answer
    /// that was claimed before.
    fn mails(&self, random: &mut Random, count: u64) -> Result<Vec<Change>, Trouble> {
        let mut changes = Vec::new();
        for place in 0..count {
            let row = self.mail(random, place);
            let activity = RecordKind::Activity.of(row.id());
            let delivery = format!("delivery/{}/{place}", self.number);
            let words = "and so on, ".repeat(usize::try_from(random.below(40))?);
            let body = format!(r#"{{"subject":"Order {}","description":"{words}"}}"#, self.number);
            let conversation = row.conversation().to_string();
            let record = Record::new(activity, row.created(), body)?
                .with_unique([UniqueKey::new(&self.keyer, Space::Delivery, delivery.as_bytes())])?
                .with_keys([
                    self.address_of(random.below(CONTACTS)),
                    self.address_of(random.below(CONTACTS)),
                    LookupKey::new(&self.keyer, LookupKind::Related, conversation.as_bytes()),
                ])?;
            let version = Version::new(random.wide());
            changes.push(Change::File(row));
            changes.push(Change::Put { record, version, expect: Expect::Absent });
            changes.push(self.claim(place)?);
        }
        changes.extend(self.outcome(random));
        Ok(changes)
    }

    fn mail(&self, random: &mut Random, place: u64) -> MessageRow {
        let id = RecordId::new(random.wide());
        let key = |kind, text: &str| self.keyer.key(kind, text.as_bytes());
        let parent = random.pick(self.books.mails().values()).filter(|_| random.below(3) > 0);
        let conversation = parent.map_or(id, MessageRow::conversation);
        let own = format!("{id}@shop.example");
        let mut keys = vec![
            key(IndexKind::MessageId, &own),
            self.books.everywhere(),
            key(IndexKind::Address, &address(random.below(CONTACTS))),
            key(IndexKind::Address, &address(CONTACTS + random.below(200))),
            key(IndexKind::Subject, &format!("order {conversation}")),
            key(IndexKind::Keywords, &format!("order/{conversation}")),
            key(IndexKind::ThreadRoot, &conversation.to_string()),
            key(IndexKind::Token, &format!("CRM:{conversation}")),
            key(IndexKind::Reference, &format!("never/seen/{}/{place}", self.number)),
        ];
        keys.extend((0..4).map(|_| key(IndexKind::Word, &format!("word{}", random.below(300)))));
        let named = |row: &MessageRow| own_key(row).map(|key| key.as_kind(IndexKind::Reference));
        keys.extend(parent.and_then(named));
        keys.push(key(IndexKind::Reference, &format!("root/{conversation}")));
        MessageRow::new(id, self.at(place), conversation, keys)
    }

    fn claim(&self, place: u64) -> Result<Change, Trouble> {
        let recipient = format!("reader{}.{place}@home.example", self.number);
        let id = ClaimId {
            scope: SendScope::new(RecordId::new(1 + u128::from(self.number / 300))),
            recipient: RecipientKey::address(recipient.as_bytes())?,
        };
        let by = Claimant::new(1 + u128::from(self.number / 16));
        Ok(Change::Claim { id, by, at: self.at(place) })
    }

    /// The first claim that is open is settled; now and then it is given back or taken over.
    fn outcome(&self, random: &mut Random) -> Option<Change> {
        let mut claims = self.books.claims().iter();
        let (id, claim) = claims.find(|(_, claim)| claim.state() == ClaimState::Open)?;
        let (id, by, at) = (id.clone(), claim.by(), self.at(IMPORT));
        Some(match random.below(8) {
            0 => Change::Release { id, by },
            1 => Change::TakeOver { id, from: by, by: Claimant::new(random.wide()), at },
            _ => Change::Settle { id, by, at },
        })
    }

    fn name(&self, random: &mut Random) -> Result<Change, Trouble> {
        let domain = format!("shop{}.example", random.below(1_000));
        let name = RegisterName::new(RegisterSpace::Domain, &domain)?;
        let now = self.at(0);
        let until = (random.below(2) == 0).then(|| now + TimeDelta::days(1));
        Ok(Change::Register { name, until, now })
    }

    /// A mail is forgotten, its activity deleted.
    fn removal(&self, random: &mut Random) -> Vec<Change> {
        let Some(id) = random.pick(self.books.mails().keys()).copied() else { return vec![] };
        let record = RecordKind::Activity.of(id);
        let activity = self.books.records().get(&record);
        let delete = activity.map(|activity| Change::Delete { record, expect: activity.version });
        std::iter::once(Change::Forget(id)).chain(delete).collect()
    }

    fn update(&self, random: &mut Random) -> Result<Vec<Change>, Trouble> {
        let number = random.below(CONTACTS);
        let Some(contact) = self.books.records().get(&self.contact(number)) else {
            return Ok(vec![]);
        };
        let body = format!("contact/{number} as of {}", self.number);
        let keys = [self.address_of(number), self.address_of(CONTACTS + self.number)];
        let unique = contact.record.unique().to_vec();
        Ok(vec![self.put(random, contact, body, unique, &keys)?])
    }

    /// Two contacts exchange their unique keys.
    fn exchange(&self, random: &mut Random) -> Result<Vec<Change>, Trouble> {
        let first = random.below(CONTACTS);
        let second = (first + 1 + random.below(CONTACTS - 1)) % CONTACTS;
        let contact = |number| self.books.records().get(&self.contact(number));
        let (Some(one), Some(other)) = (contact(first), contact(second)) else {
            return Ok(vec![]);
        };
        let mut put = |contact: &Versioned, unique: &Versioned| {
            let (body, keys) = (contact.record.body().to_string(), contact.record.keys());
            self.put(random, contact, body, unique.record.unique().to_vec(), keys)
        };
        Ok(vec![put(one, other)?, put(other, one)?])
    }

    fn put(
        &self,
        random: &mut Random,
        before: &Versioned,
        body: String,
        unique: Vec<UniqueKey>,
        keys: &[LookupKey],
    ) -> Result<Change, Trouble> {
        let record = Record::new(before.record.reference(), self.at(0), body)?
            .with_unique(unique)?
            .with_keys(keys.iter().copied())?;
        let version = Version::new(random.wide());
        Ok(Change::Put { record, version, expect: Expect::At(before.version) })
    }
}

/// What may go wrong in making a batch: nothing, as long as nouns keep to their bounds.
pub(super) type Trouble = Box<dyn Error + Send + Sync>;

/// The row's key of kind [`IndexKind::MessageId`].
pub(super) fn own_key(row: &MessageRow) -> Option<IndexKey> {
    row.keys().iter().find(|key| key.kind() == IndexKind::MessageId).copied()
}

fn address(person: u64) -> String {
    format!("person{person}@home.example")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_run_is_the_same_for_the_same_seed_and_holds_every_change() {
        let keyer = || Keyer::from_secret([7; 16]);
        let mut run = Filing::new(1, keyer());
        let mut kinds = HashSet::new();
        let mut drawn = 0;
        for number in 0..300 {
            let batch = run.batch().unwrap();
            assert!(!batch.changes().is_empty(), "batch {number}");
            kinds.extend(batch.changes().iter().map(std::mem::discriminant));
            run.advance(&batch);
            drawn += usize::from(run.draw().is_some());
        }
        assert_eq!(kinds.len(), 9, "every change but Unregister");
        assert!((8..40).contains(&drawn), "{drawn}");
        let mut again = Filing::new(1, keyer());
        again.advance_to(300).unwrap();
        assert_eq!(again.batch().unwrap(), run.batch().unwrap());
        assert_ne!(
            Filing::new(2, keyer()).batch().unwrap(),
            Filing::new(1, keyer()).batch().unwrap()
        );
        let times: HashSet<_> = run.books().mails().values().map(MessageRow::created).collect();
        assert_eq!(times.len(), run.books().mails().len(), "no two mails of one time");
    }
}
