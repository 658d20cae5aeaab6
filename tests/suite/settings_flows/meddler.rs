//! The third administrator, who has the mark and wants to be rid of it.

use std::sync::atomic::Ordering;

use correspond::flow::settings::{Changed, Refused, change, create, delete, get, set_active};
use correspond::flow::{FlowError, FlowErrorKind};
use correspond::id::RecordId;
use correspond::settings::SettingsRecord;
use correspond::store::{Records, Store, poll_once};

use super::{OWN, Seen, Set, TENANT, World, now, said};

impl<S: Store + Records> World<'_, S> {
    /// The third administrator: he makes records with the mark, one after the other, and tries to be
    /// rid of each by every way.
    pub(super) fn meddle(&self) -> Result<Seen, String> {
        let meddled = self.meddle_until_over();
        // Nobody goes on with an administrator who failed.
        if meddled.is_err() {
            self.line.over.store(true, Ordering::Relaxed);
        }
        meddled
    }

    fn meddle_until_over(&self) -> Result<Seen, String> {
        let own = now(get::<Set, _>(self.store, TENANT, OWN))?.ok_or("expected a configuration")?;
        let mut seen = Seen::default();
        let mut number = 10_000;
        while !self.line.over.load(Ordering::Relaxed) {
            number += 1;
            let id = RecordId::new(number);
            let marked = own.value.clone().with_default(true);
            let made = self
                .until_done(|| poll_once(create(self.store, &self.editor(), id, marked.clone())))?;
            let Changed::Done(_) = made else {
                return Err(format!("expected a new record, found {made:?}"));
            };
            let mut gone = false;
            while !gone {
                let turn = (seen.meddled + seen.refused) % 3;
                gone = self.try_to_lose(id, turn, &mut seen)?;
                // Once the others are done nobody takes the mark any more.
                if self.line.over.load(Ordering::Relaxed) {
                    return Ok(seen);
                }
            }
            seen.meddled += 1;
        }
        Ok(seen)
    }

    /// Unmarks or deactivates the record, then deletes it; is it gone?
    fn try_to_lose(&self, id: RecordId, turn: usize, seen: &mut Seen) -> Result<bool, String> {
        let editor = self.editor();
        let kept = now(get::<Set, _>(self.store, TENANT, id))?.ok_or("expected a record")?;
        let unmarked = kept.value.clone().with_default(false);
        let first = match turn {
            0 => self.until_done(|| {
                poll_once(change(self.store, &editor, id, kept.version, unmarked.clone()))
            })?,
            1 => self.until_done(|| {
                poll_once(set_active::<Set, _>(self.store, &editor, id, kept.version, false))
            })?,
            _ => Changed::Done(kept),
        };
        let changed = match first {
            Changed::Done(kept) => self.until_done(|| {
                poll_once(delete::<Set, _>(self.store, &editor, id, kept.version))
            })?,
            other => other,
        };
        match changed {
            Changed::Done(_) => Ok(true),
            Changed::Refused(Refused::OnlyDefault(_)) => {
                seen.refused += 1;
                Ok(false)
            }
            // Somebody took the mark in between.
            Changed::Stale(_) => Ok(false),
            other => Err(format!("expected it done or refused, found {other:?}")),
        }
    }

    /// Does it again where too many others were faster.
    fn until_done<T>(&self, flow: impl Fn() -> Option<Result<T, FlowError>>) -> Result<T, String> {
        for _ in 0..1_000 {
            match flow() {
                Some(Ok(done)) => return Ok(done),
                Some(Err(error)) if error.kind() == FlowErrorKind::Contended => {}
                Some(Err(error)) => return Err(said(error)),
                None => return Err("not ready at once".into()),
            }
        }
        Err("a thousand flows gave up".into())
    }
}
