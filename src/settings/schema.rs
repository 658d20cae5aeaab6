//! Which version of our serde form is this, and how does an older one become the present one?

use serde_json::{Map, Value};

use crate::record::RecordKind;

/// The version of the serde form that this crate writes, of documents and of stored records alike.
///
/// It changes when a field is added, renamed, moved or read differently, so that a process of an older
/// release says that it found a later version, and not that a name is unknown. Every older version is
/// read: its records are brought up step by step, one step a version. Of several processes that share
/// a store, those that read settings are updated before those that write them.
pub const SCHEMA: u32 = 1;

/// Brings the fields of one record from a version to the next one.
pub(super) type Step = fn(RecordKind, &mut Map<String, Value>);

/// The steps from version 1 on: the first leads from 1 to 2. There is one version so far.
pub(super) const STEPS: &[Step] = &[];

/// The fields of a record, brought up from version `from`.
///
/// # Errors
///
/// There is no such version, or it is later than the present one.
pub(super) fn upgrade(
    kind: RecordKind,
    from: u32,
    fields: &mut Map<String, Value>,
    steps: &[Step],
) -> Result<(), SchemaError> {
    let present = u32::try_from(steps.len()).unwrap_or(u32::MAX).saturating_add(1);
    let first = check(from, present)?;
    for step in steps.iter().skip(first) {
        step(kind, fields);
    }
    Ok(())
}

/// How many steps lie behind version `from`.
pub(super) fn check(from: u32, present: u32) -> Result<usize, SchemaError> {
    let behind = from.checked_sub(1).filter(|_| from <= present);
    let behind = behind.and_then(|behind| usize::try_from(behind).ok());
    behind.ok_or(SchemaError { found: from, present })
}

/// Settings of a version that this crate does not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("schema: expected a version from 1 to {present}, found {found}")]
pub(super) struct SchemaError {
    found: u32,
    present: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_fields_are_brought_up_step_by_step() {
        let rename: Step = |kind, fields| {
            if kind == RecordKind::LeadScoring
                && let Some(value) = fields.remove("cleanup")
            {
                fields.insert("automatic_cleanup".to_owned(), value);
            }
        };
        let invert: Step = |_, fields| {
            if let Some(Value::Bool(value)) = fields.get_mut("automatic_cleanup") {
                *value = !*value;
            }
        };
        let steps = [rename, invert];
        let upgraded = |from| {
            let mut fields = Map::new();
            let name = if from == 1 { "cleanup" } else { "automatic_cleanup" };
            fields.insert(name.to_owned(), Value::Bool(true));
            upgrade(RecordKind::LeadScoring, from, &mut fields, &steps)?;
            Ok(fields.get("automatic_cleanup").cloned())
        };
        assert_eq!(upgraded(1), Ok(Some(Value::Bool(false))));
        assert_eq!(upgraded(2), Ok(Some(Value::Bool(false))));
        assert_eq!(upgraded(3), Ok(Some(Value::Bool(true))));
        for wrong in [0, 4] {
            let error: SchemaError = upgraded(wrong).unwrap_err();
            let said = format!("schema: expected a version from 1 to 3, found {wrong}");
            assert_eq!(error.to_string(), said);
        }
        assert_eq!(usize::try_from(SCHEMA), Ok(STEPS.len() + 1));
    }
}
