//! What must be in the store once all is delivered, by the truth of the workload.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::{self, Debug};

use correspond::form::{LeadHistoryEntry, Outcome, StoredSubmission, SubmissionState};
use correspond::id::RecordId;
use correspond::party::{Party, Value};
use correspond::record::{MAX_PAGE, RecordKind, RecordPageQuery, Versioned};
use correspond::settings::MatchingTarget;
use correspond::store::{Records, StoreError};

use super::{
    Answer, Form, Person, Planned, QUESTIONS, SUBMISSIONS, TENANT, What, Workload, page_id, plain,
    plain_address, question, said,
};

/// What was seen where all was right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    pub submissions: usize,
    pub deliveries: usize,
    pub contacts: usize,
    pub leads: usize,
    pub entries: usize,
    /// Of all deliveries, those that lost so many rounds together.
    pub lost_rounds: usize,
    /// How many were kept to wait, since they lost all rounds.
    pub waits: usize,
    /// To how many the answer was lost.
    pub unanswered: usize,
}

impl Figures {
    /// Both together.
    pub const fn and(self, other: Self) -> Self {
        Self {
            submissions: self.submissions + other.submissions,
            deliveries: self.deliveries + other.deliveries,
            contacts: self.contacts + other.contacts,
            leads: self.leads + other.leads,
            entries: self.entries + other.entries,
            lost_rounds: self.lost_rounds + other.lost_rounds,
            waits: self.waits + other.waits,
            unanswered: self.unanswered + other.unanswered,
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { submissions, deliveries, contacts, leads, entries, .. } = self;
        let Self { lost_rounds, waits, unanswered, .. } = self;
        write!(
            f,
            "{submissions} submissions in {deliveries} deliveries: {contacts} contacts and {leads} \
             leads, as many as there are keys; {entries} entries of histories; one outcome each; \
             {lost_rounds} rounds lost, {waits} times all of them, {unanswered} answers lost"
        )
    }
}

/// What is wrong: how often, and the first time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wrong(BTreeMap<&'static str, (usize, String)>);

impl Wrong {
    fn note(&mut self, what: &'static str, example: impl Debug) {
        self.0.entry(what).or_insert_with(|| (0, format!("{example:?}"))).0 += 1;
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (what, (times, example))) in self.0.iter().enumerate() {
            let comma = if number > 0 { "; " } else { "" };
            write!(f, "{comma}{what}: {times}, as {example}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Wrong {}

/// Whom or what there must be one record for: a contact by address and names, a lead by address and
/// page.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Key {
    Contact(String, String, String),
    Lead(String, RecordId),
}

impl Key {
    fn of_person(person: &Person) -> Self {
        let Person { address, first, last } = person;
        Self::Contact(address.clone(), (*first).to_owned(), (*last).to_owned())
    }

    /// The key of a row, from what is written there.
    fn of_row(row: &Party) -> Self {
        let text = |name: &str| match row.attributes().get(name) {
            Some(Value::Text(text)) => text.as_str(),
            _ => "",
        };
        let address = plain_address(text("emailaddress1"));
        match row.reference().kind() {
            RecordKind::Lead => {
                let page = match row.attributes().get("msdyncrm_marketingpageid") {
                    Some(Value::Lookup(page)) => *page,
                    _ => RecordId::new(0),
                };
                Self::Lead(address, page)
            }
            _ => Self::Contact(address, plain(text("firstname")), plain(text("lastname"))),
        }
    }

    fn address(&self) -> &str {
        match self {
            Self::Contact(address, ..) | Self::Lead(address, _) => address,
        }
    }
}

impl Workload {
    /// The record of this target that a submission makes or updates.
    fn key(&self, number: usize, target: MatchingTarget) -> Option<Key> {
        let Planned { person, form, page, .. } = self.planned[number];
        let person = &self.people[person];
        form.has(target).then(|| match target {
            MatchingTarget::Lead => Key::Lead(person.address.clone(), page_id(page)),
            _ => Key::of_person(person),
        })
    }
}

/// Compares what the store has with what it must have, and what workers were told with that.
///
/// # Errors
///
/// The store fails; or something is wrong.
pub async fn judge<S: Records>(
    store: &S,
    workload: &Workload,
    answers: &[Answer],
) -> Result<Result<Figures, Wrong>, StoreError> {
    let mut judge = Judge { workload, wrong: Wrong::default(), rows: HashMap::new() };
    let contacts = all(store, RecordKind::Contact).await?;
    let leads = all(store, RecordKind::Lead).await?;
    let rows = contacts.iter().chain(&leads).filter_map(|row| Party::from_versioned(row).ok());
    judge.rows = rows.map(|row| (row.reference().id(), row)).collect();
    if judge.rows.len() != contacts.len() + leads.len() {
        judge.wrong.note("rows that cannot be read", contacts.len() + leads.len());
    }
    judge.keys();
    let receipts = all(store, RecordKind::Submission).await?;
    let outcomes = judge.receipts(&receipts);
    let entries = all(store, RecordKind::LeadHistory).await?;
    judge.history(&entries, &outcomes);
    judge.answers(answers, &outcomes);
    if !judge.wrong.0.is_empty() {
        return Ok(Err(judge.wrong));
    }
    let told = |what: &What| answers.iter().filter(|answer| answer.what == *what).count();
    Ok(Ok(Figures {
        submissions: receipts.len(),
        deliveries: workload.deliveries.len(),
        contacts: contacts.len(),
        leads: leads.len(),
        entries: entries.len(),
        lost_rounds: answers.iter().map(|answer| answer.lost_rounds).sum(),
        waits: told(&What::Waits),
        unanswered: told(&What::Nothing),
    }))
}

async fn all<S: Records>(store: &S, kind: RecordKind) -> Result<Vec<Versioned>, StoreError> {
    let mut query = RecordPageQuery::new(kind).limit(MAX_PAGE);
    let mut all = Vec::new();
    loop {
        let page = store.list(TENANT, &query).await?;
        all.extend(page.items);
        match page.next {
            Some(next) => query = query.after(next),
            None => return Ok(all),
        }
    }
}

struct Judge<'a> {
    workload: &'a Workload,
    wrong: Wrong,
    rows: HashMap<RecordId, Party>,
}

impl Judge<'_> {
    /// One row for each key, with what was answered, and each lead with its contact.
    fn keys(&mut self) {
        let Self { workload, wrong, rows } = self;
        // By the key of each record that must be there, the submissions that touch it.
        let mut expected: HashMap<Key, Vec<usize>> = HashMap::new();
        for number in 0..workload.planned.len() {
            for key in MatchingTarget::ALL.iter().filter_map(|to| workload.key(number, *to)) {
                expected.entry(key).or_default().push(number);
            }
        }
        let mut seen: HashSet<Key> = HashSet::new();
        for row in rows.values() {
            let key = Key::of_row(row);
            let Some(touching) = expected.get(&key) else {
                wrong.note("rows of nobody", key);
                continue;
            };
            let planned = || touching.iter().map(|number| (*number, workload.planned[*number]));
            for asked in 0..QUESTIONS {
                let answered = planned().filter(|(_, planned)| planned.question == Some(asked));
                let mut answered = answered.map(|(number, _)| number.to_string()).peekable();
                let kept = row.attributes().get(&question(asked));
                let is_right = match kept {
                    Some(Value::Text(kept)) => answered.any(|answer| answer == *kept),
                    _ => answered.peek().is_none(),
                };
                if !is_right {
                    wrong.note("answers that were lost", (&key, asked));
                }
            }
            let parent = row.parent_contact();
            let owned = planned().any(|(_, planned)| planned.form == Form::Both)
                && matches!(key, Key::Lead(..));
            let is_right = match parent.map(|parent| rows.get(&parent).map(Key::of_row)) {
                None => !owned,
                Some(Some(contact @ Key::Contact(..))) => {
                    owned && contact.address() == key.address()
                }
                Some(_) => false,
            };
            if !is_right {
                wrong.note("leads without their contact, or with another", (&key, parent));
            }
            if !seen.insert(key.clone()) {
                wrong.note("rows that are there again", key);
            }
        }
        let mut missing: Vec<_> = expected.into_keys().filter(|key| !seen.contains(key)).collect();
        missing.sort_unstable();
        for key in missing {
            wrong.note("rows that are missing", key);
        }
    }

    /// One receipt for each submission, with an outcome for the right rows; each row was made once.
    fn receipts(&mut self, kept: &[Versioned]) -> HashMap<usize, Outcome> {
        let Self { workload, wrong, rows } = self;
        let mut outcomes = HashMap::new();
        let mut made: HashSet<RecordId> = HashSet::new();
        for kept in kept {
            let id = kept.record.reference().id();
            let number = id.get().checked_sub(SUBMISSIONS).and_then(|n| usize::try_from(n).ok());
            let stored = StoredSubmission::from_versioned(kept).ok();
            let (Some(number), Some(stored)) =
                (number.filter(|number| *number < workload.planned.len()), stored)
            else {
                wrong.note("receipts of nothing", id);
                continue;
            };
            let (SubmissionState::Succeeded, Some(outcome)) = (stored.state(), stored.outcome())
            else {
                wrong.note("submissions without an outcome", (number, stored.state()));
                continue;
            };
            for target in MatchingTarget::ALL {
                let record = outcome.of(*target).record();
                let row = record.and_then(|record| rows.get(&record)).map(Key::of_row);
                if row != workload.key(number, *target) || row.is_some() != record.is_some() {
                    wrong.note("outcomes of another row", (number, outcome));
                }
                let new = record.filter(|_| is_new(outcome, *target));
                if let Some(new) = new.filter(|new| !made.insert(*new)) {
                    wrong.note("rows that were made twice", new);
                }
            }
            outcomes.insert(number, outcome.clone());
        }
        for number in (0..workload.planned.len()).filter(|number| !outcomes.contains_key(number)) {
            wrong.note("submissions that were lost", number);
        }
        let mut unmade: Vec<_> = rows.keys().filter(|id| !made.contains(*id)).collect();
        unmade.sort_unstable();
        for id in unmade {
            wrong.note("rows that no submission made", id);
        }
        outcomes
    }

    /// One entry for each submission that touched a lead, in the history of that lead.
    fn history(&mut self, kept: &[Versioned], outcomes: &HashMap<usize, Outcome>) {
        let wrong = &mut self.wrong;
        let mut seen: HashSet<usize> = HashSet::new();
        for kept in kept {
            let Ok(entry) = LeadHistoryEntry::from_record(&kept.record) else {
                wrong.note("entries that cannot be read", kept);
                continue;
            };
            let number = entry.submission.get().wrapping_sub(SUBMISSIONS) as usize;
            let outcome = outcomes.get(&number);
            let lead = outcome.and_then(|outcome| outcome.lead.record());
            let new = outcome.is_some_and(|outcome| is_new(outcome, MatchingTarget::Lead));
            if lead != Some(entry.lead) || new != entry.created {
                wrong.note("entries of another lead", (number, entry.lead));
            }
            if !seen.insert(number) {
                wrong.note("entries that are there again", number);
            }
        }
        for (number, planned) in self.workload.planned.iter().enumerate() {
            if planned.form.has(MatchingTarget::Lead) && !seen.contains(&number) {
                wrong.note("entries that are missing", number);
            }
        }
    }

    /// Every delivery came to an end with the outcome that is kept, one of them as the first.
    fn answers(&mut self, answers: &[Answer], outcomes: &HashMap<usize, Outcome>) {
        #[derive(Clone, Default)]
        struct Told {
            first: usize,
            done: usize,
            nothing: usize,
        }
        let mut told = vec![Told::default(); self.workload.planned.len()];
        let wrong = &mut self.wrong;
        for answer in answers {
            let Some(told) = told.get_mut(answer.submission) else { continue };
            match &answer.what {
                What::Done { repeated, outcome } => {
                    told.done += 1;
                    told.first += usize::from(!repeated);
                    let kept = outcomes.get(&answer.submission).map(said);
                    if kept.as_ref() != Some(outcome) {
                        wrong.note("answers unlike what is kept", (answer, kept));
                    }
                }
                What::Waits => {}
                What::Nothing => told.nothing += 1,
            }
        }
        for (number, Told { first, done, nothing }) in told.into_iter().enumerate() {
            // The first may be among those whose answer was lost.
            if first > 1 || first == 0 && nothing == 0 {
                wrong.note("submissions that were not worked off once", (number, first));
            }
            if done != 2 {
                wrong.note("deliveries that came to no end", (number, done));
            }
        }
    }
}

fn is_new(outcome: &Outcome, target: MatchingTarget) -> bool {
    matches!(outcome.of(target), correspond::form::TargetOutcome::Created { .. })
}
