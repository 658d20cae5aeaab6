//! How a store with a fault answers.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};

use super::Fault;
use super::distort::Distort;
use super::method::Read;
use super::store::Faulty;
use super::tables::{Tables, View};
use crate::claim::{
    ClaimId, ClaimPageQuery, RecipientKey, RegisterName, Registration, SendClaim, SendScope,
};
use crate::id::{RecordId, TenantId};
use crate::index::{Answer, IndexKey, Lookup, MessageQuery, MessageRow};
use crate::record::{
    Area, Page, RecordAnswer, RecordLookup, RecordPageQuery, RecordQuery, RecordRef, UniqueKey,
    Versioned,
};
use crate::store::{Directory, Ledger, MessageIndex, Records, Register, StoreError};

impl Faulty {
    /// Does this read have its fault at this place of [`Read::faults`]?
    fn slips(&self, read: Read, place: usize) -> bool {
        self.fault().is_some() && read.faults().get(place).copied().flatten() == self.fault()
    }

    /// Reads from the state that the fault shows.
    fn look<T>(&self, read: Read, answer: impl FnOnce(&Tables) -> T) -> T {
        let mut state = self.lock();
        let calls = state.calls.entry(read).or_default();
        *calls += 1;
        let turned_back = calls.is_multiple_of(2) && self.slips(read, 2);
        let late = state.late.remove(&read) && self.slips(read, 0);
        let elsewhere = self.is(Fault::LateElsewhere) && state.writer != self.handle();
        let older = turned_back || late || elsewhere;
        let found = answer(if older { &state.older } else { &state.tables });
        drop(state);
        self.shared().reads.step();
        found
    }

    /// Answers each of the questions.
    fn each<Q: PartialEq, A: Default>(
        &self,
        read: Read,
        questions: &[Q],
        answer: impl Fn(&Tables, &Q) -> A,
    ) -> Vec<A> {
        let torn = if self.slips(read, 1) { questions.len() / 2 } else { 0 };
        let (first, rest) = questions.split_at(torn);
        let all = |questions: &[Q]| {
            self.look(read, |tables| {
                questions.iter().map(|q| answer(tables, q)).collect::<Vec<_>>()
            })
        };
        let mut found = if first.is_empty() { Vec::new() } else { all(first) };
        if !first.is_empty() {
            self.shared().commits.wait(1);
        }
        found.extend(all(rest));
        if self.slips(read, 5) {
            for (place, question) in questions.iter().enumerate() {
                let before = questions.get(..place).unwrap_or_default();
                if before.contains(question) {
                    found.get_mut(place).into_iter().for_each(|answer| *answer = A::default());
                }
            }
        }
        found
    }

    /// The answers in the order, and of the number, that the fault gives them.
    fn batched<Q: Ord, A>(&self, read: Read, asked: &[Q], found: Vec<Option<A>>) -> Vec<Option<A>> {
        if self.slips(read, 4) {
            return found.into_iter().filter(Option::is_some).collect();
        }
        if self.slips(read, 3) {
            let mut both: Vec<_> = asked.iter().zip(found).collect();
            both.sort_by(|a, b| a.0.cmp(b.0));
            return both.into_iter().map(|(_, found)| found).collect();
        }
        found
    }

    fn mails(&self, view: View<'_>, lookup: &Lookup) -> (Vec<Found>, usize) {
        let carried = !lookup.key().kind().is_looked_up() && !self.is(Fault::FindsCarried);
        let has_key = |row: &&MessageRow| row.keys().contains(lookup.key()) && !carried;
        let inside = |row: &&MessageRow| {
            let (created, since, until) = (row.created(), lookup.since(), lookup.until());
            let since = since.filter(|_| !self.is(Fault::IgnoresSince));
            let until = until.filter(|_| !self.is(Fault::IgnoresUntil));
            let begun = since
                .is_none_or(|at| created > at || (created == at && !self.is(Fault::ExcludesSince)));
            let ended = until
                .is_none_or(|at| created < at || (created == at && !self.is(Fault::ExcludesUntil)));
            begun && ended
        };
        let all = view.mails().filter(has_key).count();
        let mut rows: Vec<_> = view.mails().filter(has_key).filter(inside).collect();
        rows.sort_by(|a, b| self.mail_order(view.tables, a, b));
        let inside = rows.len();
        rows.truncate(usize::from(lookup.row_limit()) + usize::from(self.is(Fault::FindsOneMore)));
        let count = match self.fault() {
            Some(Fault::CountsAnswered) => rows.len(),
            Some(Fault::CountsOutside) => all,
            _ => inside,
        };
        let carry = |row: &MessageRow| {
            let mut keys: Vec<_> = row.keys().to_vec();
            match self.fault() {
                Some(Fault::CarriesAll) => return keys,
                Some(Fault::CarriesNone) => keys.clear(),
                Some(Fault::CarriesFirst) => keys.dedup_by_key(|key| key.kind()),
                _ => {}
            }
            keys.retain(|key| lookup.carry().contains(key.kind()));
            keys
        };
        let found = |row: &&MessageRow| (row.id(), row.created(), row.conversation(), carry(row));
        (rows.iter().map(found).collect(), count)
    }

    fn mail_order(&self, tables: &Tables, a: &MessageRow, b: &MessageRow) -> Ordering {
        let newest = b.created().cmp(&a.created());
        let descending = b.id().cmp(&a.id());
        let filed = |row: &MessageRow| tables.filed.iter().position(|(_, id)| *id == row.id());
        match self.fault() {
            Some(Fault::FindsOldestFirst) => newest.reverse().then(descending),
            Some(Fault::FindsTiesAscending) => newest.then(descending.reverse()),
            Some(Fault::FindsTiesByText) => {
                newest.then(b.id().get().to_string().cmp(&a.id().get().to_string()))
            }
            Some(Fault::FindsAsFiled) => filed(b).cmp(&filed(a)),
            _ => newest.then(descending),
        }
    }

    fn parties(&self, view: View<'_>, lookup: &RecordLookup) -> (Vec<Versioned>, usize) {
        let carries = |found: &&Versioned| {
            let (record, reference) = (&found.record, found.record.reference());
            let old = (view.tenant, *lookup.key(), reference);
            let kept = view.tables.old_keys.contains(&old);
            let party = reference.kind().area() == Area::Directory;
            (record.keys().contains(lookup.key()) || kept)
                && (record.is_active() || !self.is(Fault::HidesInactive))
                && (party || !self.is(Fault::FindsPartiesAlone))
        };
        let mut found: Vec<_> = view.records(Fault::SharesLookUps).filter(carries).collect();
        found.sort_by(|a, b| {
            let (a, b) = (&a.record, &b.record);
            let recent = b.modified().cmp(&a.modified());
            let id = b.reference().id().cmp(&a.reference().id());
            let kind = b.reference().kind().cmp(&a.reference().kind());
            match self.fault() {
                Some(Fault::FindsLeastRecent) => recent.reverse().then(id).then(kind),
                Some(Fault::FindsRecordTiesAscending) => recent.then(id.reverse()).then(kind),
                Some(Fault::FindsKindsAscending) => recent.then(id).then(kind.reverse()),
                _ => recent.then(id).then(kind),
            }
        });
        let all = found.len();
        let more = usize::from(self.is(Fault::FindsOneRecordMore));
        found.truncate(usize::from(lookup.row_limit()) + more);
        let count = if self.is(Fault::CountsRecordsAnswered) { found.len() } else { all };
        (found.into_iter().cloned().collect(), count)
    }
}

type Found = (RecordId, DateTime<Utc>, RecordId, Vec<IndexKey>);

impl MessageIndex for Faulty {
    async fn find(&self, tenant: TenantId, query: &MessageQuery) -> Result<Answer, StoreError> {
        self.wait_if(Fault::WaitsFind).await;
        let found = self.each(Read::Find, query.lookups(), |tables, lookup| {
            self.mails(View::new(tables, self.fault(), tenant), lookup)
        });
        let mut answer = Answer::default();
        for (rows, count) in found {
            for (id, created, conversation, keys) in rows {
                answer.push(id, created, conversation, keys);
            }
            answer.end_lookup(count);
        }
        Ok(answer)
    }
}

impl Records for Faulty {
    async fn load(
        &self,
        tenant: TenantId,
        records: &[RecordRef],
    ) -> Result<Vec<Option<Versioned>>, StoreError> {
        self.wait_if(Fault::WaitsLoad).await;
        let found = self.each(Read::Load, records, |tables, record| {
            View::new(tables, self.fault(), tenant).record(*record).cloned()
        });
        Ok(self.batched(Read::Load, records, found))
    }

    async fn holders(
        &self,
        tenant: TenantId,
        keys: &[UniqueKey],
    ) -> Result<Vec<Option<RecordRef>>, StoreError> {
        self.wait_if(Fault::WaitsHolders).await;
        let found = self.each(Read::Holders, keys, |tables, key| {
            View::new(tables, self.fault(), tenant).holder_of(key)
        });
        Ok(self.batched(Read::Holders, keys, found))
    }

    async fn list(
        &self,
        tenant: TenantId,
        query: &RecordPageQuery,
    ) -> Result<Page<Versioned, RecordId>, StoreError> {
        self.wait_if(Fault::WaitsList).await;
        let id = |found: &Versioned| found.record.reference().id();
        let mut found = self.look(Read::List, |tables| {
            let view = View::new(tables, self.fault(), tenant);
            let of_kind = view.records(Fault::SharesLists).filter(|found| {
                found.record.reference().kind() == query.kind() || self.is(Fault::ListsAllKinds)
            });
            of_kind.cloned().collect::<Vec<_>>()
        });
        found.sort_by_key(id);
        if self.is(Fault::ListsByVersion) {
            found.sort_by_key(|found| found.version.get());
        }
        if self.is(Fault::PagesByNumber) {
            let cursor = query.start().map(|start| start.get().to_be_bytes().to_vec());
            let bytes = |found: &Versioned| id(found).get().to_be_bytes().to_vec();
            found = self.by_number(found, cursor, query.page_limit(), bytes);
        } else {
            let repeated = self.is(Fault::RepeatsLast);
            found.retain(|found| {
                query.start().is_none_or(|s| id(found) > s || (repeated && id(found) == s))
            });
        }
        found.truncate(usize::from(query.page_limit()) + usize::from(self.is(Fault::PagesLong)));
        let mut page = Page::new(found, query.page_limit(), id);
        match self.fault() {
            Some(Fault::EndsEarly) => page.next = None,
            Some(Fault::NeverEnds) => {
                page.next = page.items.last().map(id).or_else(|| query.start())
            }
            _ => {}
        }
        Ok(page)
    }
}

impl Faulty {
    /// What is left behind as many items as were brought when the cursor was made.
    fn by_number<T>(
        &self,
        mut found: Vec<T>,
        cursor: Option<Vec<u8>>,
        limit: u16,
        bytes: impl Fn(&T) -> Vec<u8>,
    ) -> Vec<T> {
        let mut state = self.lock();
        let skipped = cursor.and_then(|cursor| state.skipped.get(&cursor).copied()).unwrap_or(0);
        found.drain(..skipped.min(found.len()));
        found.truncate(limit.into());
        if let Some(last) = found.last() {
            state.skipped.insert(bytes(last), skipped + found.len());
        }
        found
    }
}

impl Directory for Faulty {
    async fn find_records(
        &self,
        tenant: TenantId,
        query: &RecordQuery,
    ) -> Result<RecordAnswer, StoreError> {
        self.wait_if(Fault::WaitsFindRecords).await;
        let found = self.each(Read::FindRecords, query.lookups(), |tables, lookup| {
            self.parties(View::new(tables, self.fault(), tenant), lookup)
        });
        let mut answer = RecordAnswer::default();
        for (records, count) in found {
            records.into_iter().for_each(|record| answer.push(record));
            answer.end_lookup(count);
        }
        Ok(answer)
    }
}

impl Ledger for Faulty {
    async fn claims(
        &self,
        tenant: TenantId,
        scope: &SendScope,
        recipients: &[RecipientKey],
    ) -> Result<Vec<Option<SendClaim>>, StoreError> {
        self.wait_if(Fault::WaitsClaims).await;
        let found = self.each(Read::Claims, recipients, |tables, recipient| {
            let id = ClaimId { scope: *scope, recipient: recipient.clone() };
            View::new(tables, self.fault(), tenant).claim_of(&id)
        });
        Ok(self.batched(Read::Claims, recipients, found))
    }

    async fn claim_page(
        &self,
        tenant: TenantId,
        query: &ClaimPageQuery,
    ) -> Result<Page<(RecipientKey, SendClaim), RecipientKey>, StoreError> {
        self.wait_if(Fault::WaitsClaimPage).await;
        let mut found = self.look(Read::ClaimPage, |tables| {
            let view = View::new(tables, self.fault(), tenant);
            let scope = Distort(self.fault()).scope(query.scope());
            let claims = view.claims(&scope).map(|(id, claim)| (id.recipient.clone(), claim));
            claims.collect::<Vec<_>>()
        });
        found.sort_by(|a, b| a.0.cmp(&b.0));
        let in_state = |claim: &SendClaim| query.state().is_none_or(|state| claim.state() == state);
        let late = self.is(Fault::FiltersLate);
        found.retain(|(_, claim)| late || in_state(claim));
        if self.is(Fault::PagesClaimsByNumber) {
            let cursor = query.start().map(|start| start.as_bytes().to_vec());
            let bytes = |(key, _): &(RecipientKey, _)| key.as_bytes().to_vec();
            found = self.by_number(found, cursor, query.page_limit(), bytes);
        } else {
            let repeated = self.is(Fault::RepeatsLastClaim);
            found.retain(|(key, _)| {
                query.start().is_none_or(|start| key > start || (repeated && key == start))
            });
        }
        found.truncate(query.page_limit().into());
        if late {
            found.retain(|(_, claim)| in_state(claim));
        }
        let mut page = Page::new(found, query.page_limit(), |(key, _)| key.clone());
        if self.is(Fault::EndsClaimsEarly) {
            page.next = None;
        }
        Ok(page)
    }
}

impl Register for Faulty {
    async fn registrations(
        &self,
        names: &[RegisterName],
    ) -> Result<Vec<Option<Registration>>, StoreError> {
        self.wait_if(Fault::WaitsRegistrations).await;
        let found = self.each(Read::Registrations, names, |tables, name| {
            // Whose register it is where there is one a tenant: the first that has the name.
            let own = View::new(tables, self.fault(), TenantId::new(0)).name(name);
            let any = tables.names.iter().find(|((_, other), _)| other == name);
            let found = own.or_else(|| any.map(|(_, registration)| *registration));
            found.filter(|found| !(self.is(Fault::HidesExpired) && found.until().is_some()))
        });
        Ok(self.batched(Read::Registrations, names, found))
    }
}
