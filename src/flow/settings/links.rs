//! Which settings refer to which?

use crate::flow::FlowError;
use crate::id::TenantId;
use crate::party::Value;
use crate::record::{RecordKind, RecordRef};
use crate::settings::{FieldType, SettingsRecord};
use crate::store::{Records, Store};

/// The records of settings that this one refers to, each once.
pub(super) fn targets<T: SettingsRecord>(value: &T) -> Vec<RecordRef> {
    let mut targets: Vec<_> = T::FIELDS
        .iter()
        .filter_map(|field| {
            let FieldType::Lookup { table } = field.ty else { return None };
            let kind = kind_of(table)?;
            match value.value(field.name) {
                Some(Value::Lookup(id)) => Some(kind.of(id)),
                _ => None,
            }
        })
        .collect();
    targets.sort_unstable();
    targets.dedup();
    targets
}

/// Which kind of settings a table holds, among those that settings refer to.
fn kind_of(_table: &str) -> Option<RecordKind> {
    None
}

/// The records of settings that refer to this one, the first [`SHOWN`](super::Refused::SHOWN).
pub(super) async fn users<S: Store + Records>(
    _store: &S,
    _tenant: TenantId,
    _record: RecordRef,
) -> Result<Vec<RecordRef>, FlowError> {
    Ok(Vec::new())
}
