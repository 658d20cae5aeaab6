//! Forms, kept beside the strategies that they use.

use chrono::{DateTime, Utc};

use super::waiting::count_open;
use super::{corrupt, full};
use crate::flow::settings::{MAX_REFERRING, Refused};
use crate::flow::{FlowError, ROUNDS};
use crate::form::{FormError, MarketingForm};
use crate::id::{RecordId, TenantId};
use crate::record::{
    MAX_PAGE, Record, RecordKind, RecordPageQuery, RecordRef, Version, Versioned, Versions,
};
use crate::settings::{MatchingRule, MatchingStrategy, MatchingTarget, Stored};
use crate::store::{Batch, Change, Directory, Expect, Records, Store};

/// A form in one of its states.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a row")]
pub struct StoredForm {
    /// Which one.
    pub id: RecordId,
    /// Which state of it.
    pub version: Version,
    /// When it was last changed, to the microsecond.
    pub modified: DateTime<Utc>,
    /// The form.
    pub form: MarketingForm,
}

impl StoredForm {
    fn found(kept: &Versioned) -> Result<Self, FlowError> {
        let form = serde_json::from_str(kept.record.body()).map_err(corrupt)?;
        let (id, modified) = (kept.record.reference().id(), kept.record.modified());
        Ok(Self { id, version: kept.version, modified, form })
    }
}

/// What became of a change of a form.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "only `Done` changed anything"]
#[non_exhaustive]
pub enum FormChanged {
    /// It was made: the form as it is now, or as it was when it was deleted.
    Done(StoredForm),
    /// The form would use a strategy or rule that is not there, or one that looks for the other target.
    Refused(FormError),
    /// Somebody else changed it first, or made one with its id: this is what is there now.
    Stale(StoredForm),
    /// Submissions of it wait, failed, or are held back: work them off or
    /// [discard](super::Submissions::discard) them first.
    Waits {
        /// How many, or at least how many.
        submissions: u64,
    },
    /// There is no such form, or no more.
    Missing,
}

/// Who changes forms, of which organization, and when.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct FormEditor<'a> {
    /// Whose forms.
    pub tenant: TenantId,
    /// The present, by the host's clock.
    pub now: DateTime<Utc>,
    /// Where the versions of what is written come from.
    pub versions: &'a Versions,
}

impl<'a> FormEditor<'a> {
    /// Somebody who changes the forms of `tenant` at `now`.
    #[must_use]
    pub const fn new(tenant: TenantId, now: DateTime<Utc>, versions: &'a Versions) -> Self {
        Self { tenant, now, versions }
    }
}

/// The form with this id; `None` where there is none.
///
/// # Errors
///
/// The store failed, or the form cannot be read.
pub async fn load_form<S: Store + Records>(
    store: &S,
    tenant: TenantId,
    id: RecordId,
) -> Result<Option<StoredForm>, FlowError> {
    let found = store.load(tenant, &[RecordKind::MarketingForm.of(id)]).await?.pop().flatten();
    found.as_ref().map(StoredForm::found).transpose()
}

/// Makes the form with this id, or gives the one of the version that was `seen` another state. From
/// then on its strategies cannot be deleted, nor look for something else: a strategy that the form
/// uses anew gets another version in the same batch, so that whoever deletes it at that moment is
/// told.
///
/// # Errors
///
/// The store failed, the form is too long to be kept, or other writers won [`ROUNDS`] rounds in a
/// row.
pub async fn save_form<S: Store + Records>(
    store: &S,
    editor: &FormEditor<'_>,
    id: RecordId,
    seen: Option<Version>,
    form: &MarketingForm,
) -> Result<FormChanged, FlowError> {
    let FormEditor { tenant, now, versions } = *editor;
    let reference = RecordKind::MarketingForm.of(id);
    for _ in 0..ROUNDS {
        let kept = store.load(tenant, &[reference]).await?.pop().flatten();
        let before = kept.as_ref().map(StoredForm::found).transpose()?;
        match &before {
            Some(before) if seen != Some(before.version) => {
                return Ok(FormChanged::Stale(before.clone()));
            }
            None if seen.is_some() => return Ok(FormChanged::Missing),
            _ => {}
        }
        let mut batch = Batch::new(tenant);
        if let Err(error) = link(store, editor, before.as_ref(), form, &mut batch).await? {
            return Ok(FormChanged::Refused(error));
        }
        let body = serde_json::to_string(form).map_err(full)?;
        let record = Record::new(reference, now, body).map_err(full)?;
        let modified = record.modified();
        let version = versions.next();
        let expect = seen.map_or(Expect::Absent, Expect::At);
        batch.push(Change::Put { record, version, expect })?;
        if store.commit(&batch).await?.is_applied() {
            let form = form.clone();
            return Ok(FormChanged::Done(StoredForm { id, version, modified, form }));
        }
    }
    Err(FlowError::contended())
}

/// Deletes the form of the version that was seen, unless submissions of it are not worked off yet. Take
/// the form off its pages first: what is submitted while it is deleted is not noticed.
///
/// # Errors
///
/// The store failed, or the form cannot be read.
pub async fn delete_form<S: Store + Records + Directory>(
    store: &S,
    tenant: TenantId,
    id: RecordId,
    seen: Version,
) -> Result<FormChanged, FlowError> {
    let Some(found) = load_form(store, tenant, id).await? else { return Ok(FormChanged::Missing) };
    let submissions = count_open(store, tenant, id).await?;
    if found.version == seen && submissions > 0 {
        return Ok(FormChanged::Waits { submissions });
    }
    let record = RecordKind::MarketingForm.of(id);
    let delete = Batch::of(tenant, Change::Delete { record, expect: seen });
    if found.version == seen && store.commit(&delete).await?.is_applied() {
        return Ok(FormChanged::Done(found));
    }
    let found = load_form(store, tenant, id).await?;
    Ok(found.map_or(FormChanged::Missing, FormChanged::Stale))
}

/// Sees to it that the strategies are there, look for what their slots are for, and that those which
/// are new to the form still are there when the batch is applied.
async fn link<S: Store + Records>(
    store: &S,
    editor: &FormEditor<'_>,
    before: Option<&StoredForm>,
    form: &MarketingForm,
    batch: &mut Batch,
) -> Result<Result<(), FormError>, FlowError> {
    let known = before.map(|before| used(&before.form)).unwrap_or_default();
    let wanted = used(form);
    let found = store.load(editor.tenant, &wanted).await?;
    let (mut strategies, mut rules) = (Vec::new(), Vec::new());
    for kept in found.into_iter().flatten() {
        let reference = kept.record.reference();
        if reference.kind() == RecordKind::MatchingRule {
            rules.push(Stored::<MatchingRule>::from_versioned(&kept).map_err(corrupt)?);
        } else {
            strategies.push(Stored::<MatchingStrategy>::from_versioned(&kept).map_err(corrupt)?);
        }
        if !known.contains(&reference) {
            batch.push(Change::Put {
                record: kept.record,
                version: editor.versions.next(),
                expect: Expect::At(kept.version),
            })?;
        }
    }
    // Where it was used before, it is no worse than it was.
    let same = |slot: MatchingTarget,
                of: fn(&MarketingForm, MatchingTarget) -> Option<RecordId>| {
        before.is_some_and(|before| of(&before.form, slot) == of(form, slot))
    };
    for slot in MatchingTarget::ALL {
        let link = form.strategy(*slot);
        let fits = MatchingStrategy::in_slot(*slot, link, &strategies);
        if let Err(error) = fits
            && !same(*slot, |form, slot| Some(form.strategy(slot).id()))
        {
            return Ok(Err(error.into()));
        }
        let rule = form.rule(*slot).map(|rule| rule.id());
        if let Err(error) = form.clone().with_rule(*slot, rule, &rules)
            && !same(*slot, |form, slot| form.rule(slot).map(|rule| rule.id()))
        {
            return Ok(Err(error));
        }
    }
    Ok(Ok(()))
}

/// The strategies and rules of a form, each once.
fn used(form: &MarketingForm) -> Vec<RecordRef> {
    let strategy =
        |target: &MatchingTarget| RecordKind::MatchingStrategy.of(form.strategy(*target).id());
    let rule = |target: &MatchingTarget| {
        form.rule(*target).map(|rule| RecordKind::MatchingRule.of(rule.id()))
    };
    let strategies = MatchingTarget::ALL.iter().map(strategy);
    let mut used: Vec<_> = strategies.chain(MatchingTarget::ALL.iter().filter_map(rule)).collect();
    used.sort_unstable();
    used.dedup();
    used
}

/// Adds the forms that use this strategy or rule, the first [`SHOWN`](Refused::SHOWN). Whatever one says that
/// cannot be read, it uses what it names: ids are written in full.
pub(in crate::flow) async fn users<S: Records>(
    store: &S,
    tenant: TenantId,
    record: RecordRef,
    users: &mut Vec<RecordRef>,
) -> Result<(), FlowError> {
    let kind = RecordKind::MarketingForm;
    let most = users.len() + Refused::SHOWN;
    let mut query = RecordPageQuery::new(kind).limit(MAX_PAGE);
    for _ in 0..MAX_REFERRING / usize::from(MAX_PAGE) {
        let found = store.list(tenant, &query).await?;
        for kept in &found.items {
            let names = match StoredForm::found(kept) {
                Ok(stored) => used(&stored.form).contains(&record),
                Err(_) => kept.record.body().contains(&record.id().to_string()),
            };
            if names {
                users.push(kept.record.reference());
            }
        }
        users.truncate(most);
        match found.next {
            Some(next) if users.len() < most => query = query.after(next),
            _ => return Ok(()),
        }
    }
    Err(FlowError::too_many(kind, MAX_REFERRING))
}
