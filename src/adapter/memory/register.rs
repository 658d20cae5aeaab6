//! The names of all tenants.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use crate::claim::{RegisterName, Registration};
use crate::id::TenantId;
use crate::store::{Change, Commit, Reason, Refusal};

/// Registrations by name, under a lock of their own: they are of no tenant.
#[derive(Debug, Default)]
pub(super) struct Names {
    names: RwLock<HashMap<RegisterName, Registration>>,
}

impl Names {
    pub(super) fn get_all(&self, names: &[RegisterName]) -> Vec<Option<Registration>> {
        let registered = self.names.read().unwrap_or_else(PoisonError::into_inner);
        names.iter().map(|name| registered.get(name).copied()).collect()
    }

    /// Does a change of the register, which is alone in its batch; `None` where it is none.
    pub(super) fn commit(&self, tenant: TenantId, change: &Change) -> Option<Commit> {
        let (name, new, now) = match change {
            Change::Register { name, until, now } => {
                // Allocated before anybody has to wait for it.
                (name, Some((name.clone(), Registration::new(tenant, *until))), Some(*now))
            }
            Change::Unregister { name } => (name, None, None),
            _ => return None,
        };
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        let found = names.get(name).filter(|found| found.tenant() != tenant);
        if let Some(found) = found.filter(|found| now.is_none_or(|now| found.holds_at(now))) {
            let reason = Reason::Registered { tenant: found.tenant(), until: found.until() };
            return Some(Commit::Refused(vec![Refusal { change: 0, reason }]));
        }
        match new {
            Some((name, registration)) => names.insert(name, registration),
            None => names.remove(name),
        };
        Some(Commit::Applied)
    }
}
