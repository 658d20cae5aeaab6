//! The rows of an import that are one batch.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::bulk::{ask, choices, failed, load, look_up, visitors};
use super::draft::Draft;
use super::import::{ImportJob, ImportRow};
use super::keyed::{DirectoryKeys, follow};
use super::round::{claimed, is_claimed};
use super::submit::FormSetup;
use super::{Submissions, corrupt, full};
use crate::flow::{FlowError, ROUNDS};
use crate::form::{Decision, ImportProgress, LeadHistoryEntry, Outcome, StoredSubmission};
use crate::id::RecordId;
use crate::record::{RecordRef, UniqueKey, Versioned};
use crate::store::{Batch, BatchError, Change, Directory, Expect, Records, Store};

/// Consent is asked of one person at a time, by mail where that has to be confirmed.
const ALONE: &str =
    "choices: expected none in a row of an import, found some: try it again by itself";

/// How far an import has come.
pub(super) fn checkpoint(kept: Option<&Versioned>) -> Result<ImportProgress, FlowError> {
    kept.map_or(Ok(ImportProgress::default()), |kept| {
        ImportProgress::from_versioned(kept).map_err(corrupt)
    })
}

/// What became of a chunk.
pub(super) enum Ended {
    Done(ImportProgress, Vec<Outcome>),
    Overtaken(ImportProgress),
    /// Every round was lost, or it does not fit into a batch.
    Lost,
}

/// What became of one round of it.
enum Attempt {
    Done(ImportProgress, Vec<Outcome>),
    Overtaken(ImportProgress),
    /// These claims of its new rows others may have.
    Lost(Vec<UniqueKey>),
    TooLarge,
}

/// Rows that are one batch.
pub(super) struct Chunk<'a, S> {
    pub(super) flow: &'a Submissions,
    pub(super) store: &'a S,
    pub(super) setup: &'a FormSetup<'a>,
    pub(super) job: &'a ImportJob,
    pub(super) rows: &'a [ImportRow],
    pub(super) now: DateTime<Utc>,
}

impl<S: Store + Records + Directory> Chunk<'_, S> {
    pub(super) async fn work(
        &self,
        at: &ImportProgress,
        lost: &mut usize,
    ) -> Result<Ended, FlowError> {
        let mut claims: Vec<UniqueKey> = Vec::new();
        for _ in 0..ROUNDS {
            match self.attempt(at, &claims).await? {
                Attempt::Done(progress, outcomes) => return Ok(Ended::Done(progress, outcomes)),
                Attempt::Overtaken(progress) => return Ok(Ended::Overtaken(progress)),
                Attempt::Lost(taken) => {
                    claims.extend(taken);
                    claims.sort_unstable();
                    claims.dedup();
                }
                Attempt::TooLarge => return Ok(Ended::Lost),
            }
            *lost += 1;
        }
        Ok(Ended::Lost)
    }

    async fn attempt(
        &self,
        at: &ImportProgress,
        claims: &[UniqueKey],
    ) -> Result<Attempt, FlowError> {
        let Self { flow, store, setup, job, now, .. } = *self;
        let submissions = || self.rows.iter().map(|row| &row.submission);
        let wanted = [job.reference(), DirectoryKeys::reference(job.tenant())];
        let wanted = wanted.into_iter().chain(visitors(submissions()));
        let mut known = load(store, job.tenant(), wanted).await?.into_iter();
        let kept = known.next().flatten();
        let mut progress = checkpoint(kept.as_ref())?;
        if progress.rows() != at.rows() {
            return Ok(Attempt::Overtaken(progress));
        }
        let kept_keys = known.next().flatten();
        let keys = DirectoryKeys::found(kept_keys.as_ref())?;
        let mut draft = Draft::new(store, &keys, setup.plan);
        // Before anything is looked up: whoever has such a claim and matches is found then, and a row
        // that comes later still has its claim when the batch is committed.
        let holders = flow.holders(store, job.tenant(), claims).await?;
        for visitor in known.flatten() {
            draft.add(&visitor)?;
        }
        for holder in &holders {
            draft.add(holder)?;
        }
        let asked = ask(store.keyer(), setup, submissions(), &keys);
        look_up(store, job.tenant(), &asked, &mut draft).await?;
        draft.offer_holders(&holders);
        // Where the keys were changed meanwhile, rows may have lost those that were looked up.
        let reference = DirectoryKeys::reference(job.tenant());
        let now_kept = store.load(job.tenant(), &[reference]).await?.pop().flatten();
        let version = |kept: &Versioned| kept.version;
        if now_kept.as_ref().map(version) != kept_keys.as_ref().map(version) {
            return Ok(Attempt::Lost(Vec::new()));
        }

        let (mut decisions, mut ids) = (Vec::with_capacity(asked.len()), Vec::new());
        for (asked, row) in asked.iter().zip(self.rows) {
            let mut decision = asked.decide(&draft, flow.new_ids(), now);
            if asked.wants_consent() && decision.contact.is_some() {
                decision = failed(choices(ALONE.to_owned()));
            }
            let decision = draft.decide(&decision).map_or_else(failed, |()| decision);
            let id =
                row.id.unwrap_or_else(|| ImportProgress::submission_id(job.id(), progress.rows()));
            progress.count(id, &decision.outcome);
            ids.push(id);
            decisions.push(decision);
        }
        let progress = progress.at(now);
        let mut changes = draft.changes(&flow.versions)?;
        changes.extend(self.left_behind(&ids, &decisions).await?);
        let record = progress.to_record(job.id(), now).map_err(full)?;
        let expect = kept.map_or(Expect::Absent, |kept| Expect::At(kept.version));
        changes.push(Change::Put { record, version: flow.versions.next(), expect });

        let mut batch = Batch::new(job.tenant());
        for change in changes {
            match batch.push(change) {
                Ok(()) => {}
                Err(BatchError::Full) if self.rows.len() > 1 => return Ok(Attempt::TooLarge),
                // A claim moved from row to row while they were read.
                Err(BatchError::Twice { .. }) => return Ok(Attempt::Lost(Vec::new())),
                Err(error) => return Err(error.into()),
            }
        }
        let commit = store.commit(&batch).await?;
        if commit.is_applied() {
            follow(store, &flow.versions, setup.plan, &keys, &batch).await?;
            let outcomes = decisions.into_iter().map(|decision| decision.outcome).collect();
            return Ok(Attempt::Done(progress, outcomes));
        }
        Ok(Attempt::Lost(if is_claimed(&commit) { claimed(&batch) } else { Vec::new() }))
    }

    /// The histories of leads, and the submissions that are kept.
    async fn left_behind(
        &self,
        ids: &[RecordId],
        decisions: &[Decision],
    ) -> Result<Vec<Change>, FlowError> {
        let Self { flow, store, setup, job, now, .. } = *self;
        let (mut records, mut kept) = (Vec::new(), Vec::new());
        for ((row, id), decision) in self.rows.iter().zip(ids).zip(decisions) {
            let Decision { outcome, lead, .. } = decision;
            if let Some(lead) = lead {
                let page = row.submission.origin(setup.form).page(setup.profile);
                let page = page.map(|page| page.id());
                let (lead, created) = (lead.row.reference().id(), lead.found.is_none());
                let entry = LeadHistoryEntry::new(lead, *id, &row.submission, page, created);
                records.push(entry.to_record(flow.new_id(), store.keyer()).map_err(full)?);
            }
            let outcome = outcome.clone();
            let stored = StoredSubmission::worked(setup.form, &row.submission, outcome, now);
            if stored.submission().is_some() {
                kept.push(stored.to_record(*id, store.keyer()).map_err(full)?);
            }
        }
        let there = load(store, job.tenant(), kept.iter().map(|record| record.reference())).await?;
        let mut taken: HashSet<RecordRef> =
            there.iter().flatten().map(|kept| kept.record.reference()).collect();
        records.extend(kept.into_iter().filter(|record| taken.insert(record.reference())));
        let put = |record| {
            let (version, expect) = (flow.versions.next(), Expect::Absent);
            Change::Put { record, version, expect }
        };
        Ok(records.into_iter().map(put).collect())
    }
}
