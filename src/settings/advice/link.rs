//! Links to records that are not there, on whatever page.

use std::collections::{BTreeMap, BTreeSet};

use super::{Advice, AdviceKind, Found};
use crate::party::Value;
use crate::settings::field::FieldType;
use crate::settings::{Document, LinkTarget, MatchingStrategy};

/// Looks at every link whose table is a page of the document with records. Matching strategies have
/// advice of their own.
pub(super) fn pages(document: &Document, found: &mut Found) {
    let pages = document.pages();
    let mut there: BTreeMap<&str, BTreeSet<_>> = BTreeMap::new();
    for page in &pages {
        let ids = page.records.iter().filter_map(|record| record.id);
        if let Some(table) = page.table.filter(|table| *table != MatchingStrategy::TABLE) {
            there.entry(table).or_default().extend(ids);
        }
    }
    for page in &pages {
        for field in page.fields {
            let FieldType::Lookup { table } = field.ty else { continue };
            let Some(ids) = there.get(table).filter(|ids| !ids.is_empty()) else { continue };
            for record in page.records.iter().filter(|record| record.active) {
                if let Some(Value::Lookup(id)) = record.value(field.name)
                    && !ids.contains(&id)
                {
                    found.0.push(Advice {
                        kind: AdviceKind::DanglingLink { table, id },
                        page: page.kind,
                        record: record.id,
                        field: field.name,
                    });
                }
            }
        }
    }
}
