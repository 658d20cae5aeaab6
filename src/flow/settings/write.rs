//! Records of settings, changed.

use super::links;
use super::outcome::{Attempt, Changed, Refused};
use super::read::{fetch, holder, read};
use super::{Editor, is_singleton, organization};
use crate::flow::{FlowError, ROUNDS};
use crate::id::RecordId;
use crate::index::to_microsecond;
use crate::record::Version;
use crate::settings::{DefaultRule, SettingsRecord, Stored};
use crate::store::{Batch, Change, Expect, Records, Store};

/// Makes a new, active record with this id. Where it is marked as the default, the former one loses
/// its mark in the same batch.
///
/// [`Stale`](Changed::Stale) with what is there, where the id is taken: also after a commit whose
/// answer was lost.
///
/// # Errors
///
/// The organization is not provisioned, the record is too long to be kept, other writers won
/// [`ROUNDS`] rounds in a row, or the store failed.
pub async fn create<T: SettingsRecord, S: Store + Records>(
    store: &S,
    editor: &Editor<'_>,
    id: RecordId,
    value: T,
) -> Result<Changed<T>, FlowError> {
    edit(store, editor, id, |found| match found {
        Some(found) => Step::Answer(Changed::Stale(found)),
        None => Step::Put(Stored::new(id, editor.versions.next(), editor.now, value.clone())),
    })
    .await
}

/// Gives the record of the version that the administrator saw another value. Where that is marked as
/// the default, the former default record loses its mark in the same batch. A value that the record
/// has already writes nothing.
///
/// After a commit whose answer was lost, [`Stale`](Changed::Stale) with this very value is that change,
/// or somebody else's to the same.
///
/// # Errors
///
/// As for [`create`]; or, of a change that would not suit all who refer to the record, there are
/// [more](super::MAX_REFERRING) than can be looked through for references to it.
pub async fn change<T: SettingsRecord, S: Store + Records>(
    store: &S,
    editor: &Editor<'_>,
    id: RecordId,
    seen: Version,
    value: T,
) -> Result<Changed<T>, FlowError> {
    edit(store, editor, id, |found| {
        seen_as(found, seen, |found| Step::Put(Stored { value: value.clone(), ..found }))
    })
    .await
}

/// Activates or deactivates the record of the version that the administrator saw. One that is marked
/// as the default and activated takes its mark from the present default record in the same batch; one
/// that is deactivated keeps its mark, which means nothing until it is active again.
///
/// After a commit whose answer was lost, [`Stale`](Changed::Stale) with a record in this state is that
/// change, or somebody else's to the same.
///
/// # Errors
///
/// As for [`create`].
pub async fn set_active<T: SettingsRecord, S: Store + Records>(
    store: &S,
    editor: &Editor<'_>,
    id: RecordId,
    seen: Version,
    active: bool,
) -> Result<Changed<T>, FlowError> {
    edit(store, editor, id, |found| {
        seen_as(found, seen, |found| Step::Put(Stored { active, ..found }))
    })
    .await
}

/// Deletes the record of the version that the administrator saw. [`Done`](Changed::Done) has it as
/// it was.
///
/// One that this version cannot read, because a later one or another writer left it there, is deleted
/// too ([`Removed`](Changed::Removed)): whether it is the default is told by its unique key, whether it
/// is referred to by those who refer to it. Where one of these cannot be read, it refers to every
/// record whose id it contains.
///
/// After a commit whose answer was lost, [`Missing`](Changed::Missing) is that deletion, or somebody
/// else's.
///
/// # Errors
///
/// As for [`create`]; or there are [more](super::MAX_REFERRING) records than can be looked through for
/// references to it.
pub async fn delete<T: SettingsRecord, S: Store + Records>(
    store: &S,
    editor: &Editor<'_>,
    id: RecordId,
    seen: Version,
) -> Result<Changed<T>, FlowError> {
    if let Some(missing) = editor.actor.lacks_for::<T>(id, None, None) {
        return Ok(Changed::Denied(missing));
    }
    let record = T::KIND.of(id);
    for _ in 0..ROUNDS {
        let found = fetch(store, editor.tenant, &[record]).await?;
        let Some(Some(kept)) = found.first() else { return Ok(Changed::Missing) };
        if kept.version != seen {
            return Ok(Changed::Stale(read(kept)?));
        }
        if is_singleton(T::KIND) {
            return Ok(Changed::Refused(Refused::OneOfItsKind));
        }
        let is_default = kept.record.unique().contains(&Stored::<T>::default_key(store.keyer()));
        if is_default && T::DEFAULTS == DefaultRule::ExactlyOne {
            return Ok(Changed::Refused(Refused::OnlyDefault(Attempt::Delete)));
        }
        let by = links::users(store, editor.tenant, record).await?;
        if !by.is_empty() {
            return Ok(Changed::Refused(Refused::InUse { by }));
        }
        let mut batch = Batch::new(editor.tenant);
        batch.push(Change::Delete { record, expect: seen })?;
        if store.commit(&batch).await?.is_applied() {
            return Ok(read(kept).map_or(Changed::Removed, Changed::Done));
        }
    }
    Err(FlowError::contended())
}

/// Makes the record the default one. Whoever is the default now loses the mark in the same batch,
/// whatever else was changed meanwhile: the last of several who do this at a time prevails. After a
/// commit whose answer was lost it is simply called again.
///
/// # Errors
///
/// As for [`create`].
pub async fn make_default<T: SettingsRecord, S: Store + Records>(
    store: &S,
    editor: &Editor<'_>,
    id: RecordId,
) -> Result<Changed<T>, FlowError> {
    edit(store, editor, id, |found: Option<Stored<T>>| match found {
        None => Step::Answer(Changed::Missing),
        Some(_) if T::DEFAULTS == DefaultRule::None => refused(Refused::NoDefaultMark),
        Some(found) if !found.active => refused(Refused::Inactive),
        Some(found) => {
            let value = found.value.clone().with_default(true);
            Step::Put(Stored { value, ..found })
        }
    })
    .await
}

/// What is to become of a record.
pub(super) enum Step<T> {
    /// Nothing; this is the answer.
    Answer(Changed<T>),
    /// It shall be so.
    Put(Stored<T>),
    /// It shall be so, and may: the page itself made this change, which saving alone could not.
    Made(Stored<T>),
}

pub(super) const fn refused<T>(reason: Refused) -> Step<T> {
    Step::Answer(Changed::Refused(reason))
}

pub(super) fn seen_as<T>(
    found: Option<Stored<T>>,
    seen: Version,
    step: impl FnOnce(Stored<T>) -> Step<T>,
) -> Step<T> {
    match found {
        None => Step::Answer(Changed::Missing),
        Some(found) if found.version != seen => Step::Answer(Changed::Stale(found)),
        Some(found) => step(found),
    }
}

/// Decides on the record with this id, anew in each round, and writes what was decided with what
/// belongs to it.
pub(super) async fn edit<T: SettingsRecord, S: Store + Records>(
    store: &S,
    editor: &Editor<'_>,
    id: RecordId,
    decide: impl Fn(Option<Stored<T>>) -> Step<T> + Send,
) -> Result<Changed<T>, FlowError> {
    if let Some(missing) = editor.actor.lacks(T::KIND, id) {
        return Ok(Changed::Denied(missing));
    }
    for _ in 0..ROUNDS {
        let found = fetch(store, editor.tenant, &[T::KIND.of(id)]).await?;
        let before = found.first().and_then(Option::as_ref).map(read::<T>).transpose()?;
        let step = decide(before.clone());
        let saved = !matches!(step, Step::Made(_));
        let after = match step {
            Step::Answer(answer) => return Ok(answer),
            Step::Put(after) | Step::Made(after) => after,
        };
        if before.as_ref() == Some(&after) {
            return Ok(Changed::Done(after));
        }
        if let Some(missing) = editor.actor.lacks_for(id, before.as_ref(), Some(&after)) {
            return Ok(Changed::Denied(missing));
        }
        if let Some(reason) = forbidden(editor, id, before.as_ref(), &after, saved) {
            return Ok(Changed::Refused(reason));
        }
        let mut edit = Edit { store, editor, batch: Batch::new(editor.tenant) };
        let done = edit.put(before.as_ref(), after).await?;
        let answer = match done {
            Prepared::Batch(stored) => Changed::Done(stored),
            Prepared::Refused(reason) => return Ok(Changed::Refused(reason)),
            Prepared::Again => continue,
        };
        if store.commit(&edit.batch).await?.is_applied() {
            return Ok(answer);
        }
    }
    Err(FlowError::contended())
}

/// What the rules of the page say of a change, whoever else changes something. A flow that has reason
/// to write what they forbid to others, as provisioning does with a confirmed domain, puts together a
/// batch of its own and does not ask.
fn forbidden<T: SettingsRecord>(
    editor: &Editor<'_>,
    id: RecordId,
    before: Option<&Stored<T>>,
    after: &Stored<T>,
    saved: bool,
) -> Option<Refused> {
    if is_singleton(T::KIND) && (id != organization(editor.tenant) || !after.active) {
        return Some(Refused::OneOfItsKind);
    }
    let checked = match before {
        _ if !saved => Ok(()),
        Some(before) => after.value.check_change(&before.value),
        None => after.value.check_new(),
    };
    if let Err(error) = checked {
        return Some(Refused::NotAllowed(error));
    }
    let was = before.is_some_and(Stored::is_default);
    if !was || after.is_default() || T::DEFAULTS != DefaultRule::ExactlyOne {
        return None;
    }
    let attempt = if after.active { Attempt::Unmark } else { Attempt::Deactivate };
    Some(Refused::OnlyDefault(attempt))
}

/// A batch in the making.
struct Edit<'a, S> {
    store: &'a S,
    editor: &'a Editor<'a>,
    batch: Batch,
}

/// What was put together.
enum Prepared<T> {
    /// The batch does it.
    Batch(Stored<T>),
    /// It is forbidden by what else is there.
    Refused(Refused),
    /// Something was changed meanwhile.
    Again,
}

impl<S: Store + Records> Edit<'_, S> {
    async fn put<T: SettingsRecord>(
        &mut self,
        before: Option<&Stored<T>>,
        mut after: Stored<T>,
    ) -> Result<Prepared<T>, FlowError> {
        let expect = before.map_or(Expect::Absent, |before| Expect::At(before.version));
        if let Some(before) = before {
            if links::matters_to_users(&before.value, &after.value) {
                let by = links::users(self.store, self.editor.tenant, T::KIND.of(after.id)).await?;
                if !by.is_empty() {
                    return Ok(Prepared::Refused(Refused::InUse { by }));
                }
            }
            self.touch(&mut after);
        }
        self.push(&after, expect)?;
        if after.is_default() && !before.is_some_and(Stored::is_default) {
            let Some(holder) = holder::<T, S>(self.store, self.editor.tenant).await? else {
                return self.link(before, after).await;
            };
            let found = fetch(self.store, self.editor.tenant, &[holder]).await?;
            let former = found.first().and_then(Option::as_ref).map(read::<T>).transpose()?;
            let Some(former) = former.filter(|former| former.is_default() && former.id != after.id)
            else {
                return Ok(Prepared::Again);
            };
            let expect = Expect::At(former.version);
            let value = former.value.clone().with_default(false);
            let mut demoted = Stored { value, ..former };
            self.touch(&mut demoted);
            self.push(&demoted, expect)?;
        }
        self.link(before, after).await
    }

    /// Sees to it that what is newly referred to is there, and still is when the batch is applied,
    /// and that all fits that is referred to.
    async fn link<T: SettingsRecord>(
        &mut self,
        before: Option<&Stored<T>>,
        after: Stored<T>,
    ) -> Result<Prepared<T>, FlowError> {
        let known = before.map(|before| links::references(&before.value)).unwrap_or_default();
        let references = links::references(&after.value);
        let again = before.is_some_and(|before| links::looks_again(&before.value, &after.value));
        if references == known && !again {
            return Ok(Prepared::Batch(after));
        }
        // A record that two settings exchange, or that a second one names, has to fit there too.
        let new = references.iter().copied().filter(|reference| !known.contains(reference));
        let new = links::targets(new);
        let known = links::targets(known);
        let targets = links::targets(references);
        let found = fetch(self.store, self.editor.tenant, &targets).await?;
        for (target, kept) in targets.into_iter().zip(found) {
            let Some(kept) = kept else {
                // Where it was referred to before, it is no worse than it was.
                if new.contains(&target) {
                    return Ok(Prepared::Refused(Refused::NoTarget(target)));
                }
                continue;
            };
            if let Some(reason) = links::unfit(&after.value, &kept)? {
                return Ok(Prepared::Refused(reason));
            }
            // Nobody deletes, or changes so that it would not fit, what is referred to already.
            if !known.contains(&target) && links::marks_target::<T>(target.kind()) {
                self.batch.push(Change::Put {
                    record: kept.record,
                    version: self.editor.versions.next(),
                    expect: Expect::At(kept.version),
                })?;
            }
        }
        Ok(Prepared::Batch(after))
    }

    fn touch<T>(&self, stored: &mut Stored<T>) {
        stored.version = self.editor.versions.next();
        stored.modified = to_microsecond(self.editor.now);
    }

    fn push<T: SettingsRecord>(
        &mut self,
        stored: &Stored<T>,
        expect: Expect,
    ) -> Result<(), FlowError> {
        let record = stored.to_record(self.store.keyer())?;
        Ok(self.batch.push(Change::Put { record, version: stored.version, expect })?)
    }
}
