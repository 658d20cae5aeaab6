//! The names of all tenants.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use crate::claim::{ClaimId, RegisterName, Registration, SendClaim};
use crate::id::RecordId;
use crate::index::IndexKey;
use crate::record::{RecordRef, UniqueKey, Version};
use crate::store::{Batch, Change, Commit, Present, StoreError, judge};

/// Registrations by name, under a lock of their own: they are of no tenant.
#[derive(Debug, Default)]
pub(super) struct Names {
    names: RwLock<Registrations>,
}

#[derive(Debug, Default)]
struct Registrations(HashMap<RegisterName, Registration>);

impl Names {
    pub(super) fn get_all(&self, names: &[RegisterName]) -> Vec<Option<Registration>> {
        let registered = self.names.read().unwrap_or_else(PoisonError::into_inner);
        names.iter().map(|name| registered.0.get(name).copied()).collect()
    }

    /// Does a batch that is one change of the register.
    pub(super) fn commit(&self, batch: &Batch, change: &Change) -> Result<Commit, StoreError> {
        // Allocated before anybody has to wait for it.
        let new = match change {
            Change::Register { name, until, .. } => {
                Some((name.clone(), Registration::new(batch.tenant(), *until)))
            }
            _ => None,
        };
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        let judged = judge(batch, &*names)?;
        if judged.is_applied() {
            match (new, change) {
                (Some((name, registration)), _) => names.0.insert(name, registration),
                (None, Change::Unregister { name }) => names.0.remove(name),
                (None, _) => None,
            };
        }
        Ok(judged)
    }
}

/// What is present in the register is names alone.
impl Present for Registrations {
    fn has_mail(&self, _: RecordId) -> Result<bool, StoreError> {
        Ok(false)
    }

    fn mail_with(&self, _: &IndexKey) -> Result<Option<RecordId>, StoreError> {
        Ok(None)
    }

    fn version(&self, _: RecordRef) -> Result<Option<Version>, StoreError> {
        Ok(None)
    }

    fn holder(&self, _: &UniqueKey) -> Result<Option<RecordRef>, StoreError> {
        Ok(None)
    }

    fn claim(&self, _: &ClaimId) -> Result<Option<SendClaim>, StoreError> {
        Ok(None)
    }

    fn registration(&self, name: &RegisterName) -> Result<Option<Registration>, StoreError> {
        Ok(self.0.get(name).copied())
    }
}
