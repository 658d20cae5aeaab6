//! Which settings refer to which?

use std::any::Any;

use super::Refused;
use super::read::read;
use crate::flow::FlowError;
use crate::id::TenantId;
use crate::party::Value;
use crate::record::{MAX_PAGE, RecordKind, RecordPageQuery, RecordRef, Versioned};
use crate::settings::{
    AuthenticatedDomain, ContentSettings, DefaultMarketingSettings, EmailServerProfile,
    EmailSettings, FieldType, LandingPageConfiguration, Mailbox, MatchingStrategy, MatchingTarget,
    SettingsRecord,
};
use crate::store::{Records, Store};

/// At most this many pages of records are looked through for references.
const MAX_PAGES: usize = 1_000;

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
fn kind_of(table: &str) -> Option<RecordKind> {
    const fn of<T: SettingsRecord>() -> (Option<&'static str>, RecordKind) {
        (T::TABLE, T::KIND)
    }
    let kinds = [
        of::<MatchingStrategy>(),
        of::<ContentSettings>(),
        of::<AuthenticatedDomain>(),
        of::<EmailServerProfile>(),
    ];
    kinds.into_iter().find(|(of, _)| *of == Some(table)).map(|(_, kind)| kind)
}

/// Why the record cannot refer to this target, which is there.
pub(super) fn unfit<T: SettingsRecord>(
    value: &T,
    target: &Versioned,
) -> Result<Option<Refused>, FlowError> {
    let reference = target.record.reference();
    let Some(config) = (value as &dyn Any).downcast_ref::<LandingPageConfiguration>() else {
        return Ok(None);
    };
    if reference.kind() != RecordKind::MatchingStrategy {
        return Ok(None);
    }
    let strategy = [read::<MatchingStrategy>(target)?];
    for slot in MatchingTarget::ALL {
        let link = config.strategy(*slot);
        if link.id() == reference.id()
            && let Err(error) = MatchingStrategy::in_slot(*slot, link, &strategy)
        {
            return Ok(Some(Refused::WrongTarget(error)));
        }
    }
    Ok(None)
}

/// Would this change make the record unfit for those that refer to it?
pub(super) fn matters_to_users<T: SettingsRecord>(before: &T, after: &T) -> bool {
    T::KIND == RecordKind::MatchingStrategy && before.value("target") != after.value("target")
}

/// The records of settings that refer to this one, the first [`SHOWN`](Refused::SHOWN).
pub(super) async fn users<S: Store + Records>(
    store: &S,
    tenant: TenantId,
    record: RecordRef,
) -> Result<Vec<RecordRef>, FlowError> {
    let mut users = Vec::new();
    match record.kind() {
        RecordKind::MatchingStrategy => {
            add::<LandingPageConfiguration, S>(store, tenant, record, &mut users).await?;
        }
        RecordKind::ContentSettings | RecordKind::AuthenticatedDomain => {
            add::<DefaultMarketingSettings, S>(store, tenant, record, &mut users).await?;
        }
        RecordKind::EmailServerProfile => {
            add::<EmailSettings, S>(store, tenant, record, &mut users).await?;
            add::<Mailbox, S>(store, tenant, record, &mut users).await?;
        }
        _ => {}
    }
    Ok(users)
}

/// Adds the records of this kind that refer to the one.
async fn add<T: SettingsRecord, S: Records>(
    store: &S,
    tenant: TenantId,
    record: RecordRef,
    users: &mut Vec<RecordRef>,
) -> Result<(), FlowError> {
    let mut query = RecordPageQuery::new(T::KIND).limit(MAX_PAGE);
    for _ in 0..MAX_PAGES {
        let found = store.list(tenant, &query).await?;
        for kept in &found.items {
            if targets(&read::<T>(kept)?.value).contains(&record) {
                users.push(kept.record.reference());
            }
        }
        users.truncate(Refused::SHOWN);
        match found.next {
            Some(next) if users.len() < Refused::SHOWN => query = query.after(next),
            _ => return Ok(()),
        }
    }
    Err(FlowError::too_many(T::KIND))
}
