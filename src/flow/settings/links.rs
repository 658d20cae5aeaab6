//! Which settings refer to which?

use std::any::Any;

use super::read::read;
use super::{MAX_REFERRING, Refused};
use crate::flow::{FlowError, forms};
use crate::id::TenantId;
use crate::party::Value;
use crate::record::{MAX_PAGE, RecordKind, RecordPageQuery, RecordRef, Versioned};
use crate::settings::{
    AnalyticsConfiguration, AuthenticatedDomain, ContentSettings, DataProtection,
    DefaultMarketingSettings, EmailServerProfile, EmailSettings, Field, FieldType,
    LandingPageConfiguration, LeadScoringConfiguration, Mailbox, MailboxOwner,
    MarketingDataConfiguration, MatchingRule, MatchingStrategy, MatchingTarget,
    OrganizationProperties, PersonalOptions, QueueSettings, SettingsRecord, SocialAccount,
};
use crate::store::{Records, Store};

/// What a record refers to, by the name of the setting.
type Reference = (&'static str, RecordRef);

/// Which settings of the record refer to which records of settings.
pub(super) fn references<T: SettingsRecord>(value: &T) -> Vec<Reference> {
    let reference = |field: &'static Field| {
        let FieldType::Lookup { table } = field.ty else { return None };
        let kind = kind_of(table)?;
        match value.value(field.name) {
            Some(Value::Lookup(id)) => Some((field.name, kind.of(id))),
            _ => None,
        }
    };
    T::FIELDS.iter().filter_map(reference).chain(within(value)).collect()
}

/// The records among these references, each once.
pub(super) fn targets(references: impl IntoIterator<Item = Reference>) -> Vec<RecordRef> {
    let mut targets: Vec<_> = references.into_iter().map(|(_, target)| target).collect();
    targets.sort_unstable();
    targets.dedup();
    targets
}

/// Does this for each page.
macro_rules! for_each_page {
    ($page:ident => $what:expr) => {{
        for_each_page!($page => $what; AnalyticsConfiguration, AuthenticatedDomain,
            ContentSettings, DataProtection, DefaultMarketingSettings, EmailServerProfile,
            EmailSettings, LandingPageConfiguration, LeadScoringConfiguration, Mailbox,
            MarketingDataConfiguration, MatchingRule, MatchingStrategy, OrganizationProperties,
            PersonalOptions, QueueSettings, SocialAccount);
    }};
    ($page:ident => $what:expr; $($each:ident),+) => {
        $({
            type $page = $each;
            $what;
        })+
    };
}

/// Which kind of settings a table holds; `None` where it holds none.
fn kind_of(table: &str) -> Option<RecordKind> {
    for_each_page!(Page => if Page::TABLE == Some(table) {
        return Some(Page::KIND);
    });
    None
}

/// The references that are part of a structure.
fn within<T: SettingsRecord>(value: &T) -> Option<Reference> {
    let mailbox = (value as &dyn Any).downcast_ref::<Mailbox>()?;
    match mailbox.owner()? {
        // A user is no record of settings, and may have options or none.
        MailboxOwner::User(_) => None,
        MailboxOwner::Queue(queue) => Some(("owner", RecordKind::Queue.of(queue.id()))),
    }
}

/// Can records of this page refer to records of this kind?
fn can_refer<T: SettingsRecord>(kind: RecordKind) -> bool {
    let refers = |field: &Field| match field.ty {
        FieldType::Lookup { table } => kind_of(table) == Some(kind),
        _ => false,
    };
    T::FIELDS.iter().any(refers) || T::KIND == RecordKind::Mailbox && kind == RecordKind::Queue
}

/// Why the record cannot refer to this target, which is there.
pub(super) fn unfit<T: SettingsRecord>(
    value: &T,
    target: &Versioned,
) -> Result<Option<Refused>, FlowError> {
    let reference = target.record.reference();
    let value = value as &dyn Any;
    if reference.kind() == RecordKind::MatchingStrategy
        && let Some(config) = value.downcast_ref::<LandingPageConfiguration>()
    {
        let strategy = [read::<MatchingStrategy>(target)?];
        let wrong = MatchingTarget::ALL.iter().find_map(|slot| {
            let link = Some(config.strategy(*slot)).filter(|link| link.id() == reference.id())?;
            MatchingStrategy::in_slot(*slot, link, &strategy).err()
        });
        return Ok(wrong.map(Refused::WrongTarget));
    }
    if reference.kind() == RecordKind::EmailServerProfile {
        let profile = read::<EmailServerProfile>(target)?.value;
        let admitted = if let Some(mailbox) = value.downcast_ref::<Mailbox>() {
            profile.admits(mailbox)
        } else if let Some(email) = value.downcast_ref::<EmailSettings>() {
            profile.admits_defaults(&email.default_methods())
        } else {
            Ok(())
        };
        return Ok(admitted.err().map(Refused::NotAdmitted));
    }
    Ok(None)
}

/// Does a target of this kind get another version when such a record refers to it anew?
///
/// An email server profile does not where it is a mailbox that does: every user and every queue has
/// one, and all may be on one profile. Whoever makes many of them at a time would lose against
/// himself, and the administrator who edits the profile against them all.
pub(super) fn marks_target<T: SettingsRecord>(target: RecordKind) -> bool {
    !(T::KIND == RecordKind::Mailbox && target == RecordKind::EmailServerProfile)
}

/// Must what the record refers to be looked at though it referred to it before?
pub(super) fn looks_again<T: SettingsRecord>(before: &T, after: &T) -> bool {
    fn both<'a, T: 'static>(before: &'a dyn Any, after: &'a dyn Any) -> Option<(&'a T, &'a T)> {
        Some((before.downcast_ref()?, after.downcast_ref()?))
    }
    if let Some((before, after)) = both::<Mailbox>(before, after) {
        return before.appointments() != after.appointments();
    }
    both::<EmailSettings>(before, after)
        .is_some_and(|(before, after)| before.default_methods() != after.default_methods())
}

/// Would this change make the record unfit for some that refer to it?
pub(super) fn matters_to_users<T: SettingsRecord>(before: &T, after: &T) -> bool {
    let synchronizes = |value: &T| {
        let profile = (value as &dyn Any).downcast_ref::<EmailServerProfile>();
        profile.is_some_and(|profile| profile.server().synchronizes_appointments())
    };
    matches!(T::KIND, RecordKind::MatchingStrategy | RecordKind::MatchingRule)
        && before.value("target") != after.value("target")
        || synchronizes(before) && !synchronizes(after)
}

/// The records of settings that refer to this one, the first [`SHOWN`](Refused::SHOWN).
pub(super) async fn users<S: Store + Records>(
    store: &S,
    tenant: TenantId,
    record: RecordRef,
) -> Result<Vec<RecordRef>, FlowError> {
    let mut users = Vec::new();
    for_each_page!(Page => if can_refer::<Page>(record.kind()) {
        add::<Page, S>(store, tenant, record, &mut users).await?;
    });
    if matches!(record.kind(), RecordKind::MatchingStrategy | RecordKind::MatchingRule) {
        forms::users(store, tenant, record, &mut users).await?;
    }
    users.sort_unstable();
    users.truncate(Refused::SHOWN);
    Ok(users)
}

/// Adds the records of this kind that refer to the one.
async fn add<T: SettingsRecord, S: Records>(
    store: &S,
    tenant: TenantId,
    record: RecordRef,
    users: &mut Vec<RecordRef>,
) -> Result<(), FlowError> {
    let most = users.len() + Refused::SHOWN;
    let mut query = RecordPageQuery::new(T::KIND).limit(MAX_PAGE);
    for _ in 0..MAX_REFERRING / usize::from(MAX_PAGE) {
        let found = store.list(tenant, &query).await?;
        for kept in &found.items {
            let refers = match read::<T>(kept) {
                Ok(user) => references(&user.value).iter().any(|(_, target)| *target == record),
                // Whatever it says of it. Ids are written in full.
                Err(_) => kept.record.body().contains(&record.id().to_string()),
            };
            if refers {
                users.push(kept.record.reference());
            }
        }
        users.truncate(most);
        match found.next {
            Some(next) if users.len() < most => query = query.after(next),
            _ => return Ok(()),
        }
    }
    Err(FlowError::too_many(T::KIND, MAX_REFERRING))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Permission;

    #[test]
    fn every_page_is_looked_through_and_every_lookup_of_a_page_is_a_link() {
        let mut kinds = Vec::new();
        for_each_page!(Page => kinds.push(Page::KIND));
        let pages = RecordKind::ALL.iter().filter(|kind| Permission::to_change(**kind).is_some());
        let mut pages: Vec<_> = pages.copied().collect();
        kinds.sort_unstable();
        pages.sort_unstable();
        assert_eq!(kinds, pages);

        let mut tables = Vec::new();
        for_each_page!(Page => tables.extend(Page::TABLE.map(|table| (table, Page::KIND))));
        let mut links = Vec::new();
        for_each_page!(Page => for field in Page::FIELDS {
            let FieldType::Lookup { table } = field.ty else { continue };
            let kind = tables.iter().find(|(of, _)| *of == table).map(|(_, kind)| *kind);
            assert_eq!(kind_of(table), kind, "{table}");
            if let Some(kind) = kind {
                assert!(can_refer::<Page>(kind), "{} {}", Page::PAGE, field.name);
                links.push((Page::KIND, kind));
            }
        });
        for link in [
            (RecordKind::PersonalOptions, RecordKind::Mailbox),
            (RecordKind::Queue, RecordKind::Mailbox),
            (RecordKind::Mailbox, RecordKind::EmailServerProfile),
            (RecordKind::LandingPage, RecordKind::MatchingStrategy),
        ] {
            assert!(links.contains(&link), "{link:?}");
        }
        assert!(can_refer::<Mailbox>(RecordKind::Queue));
    }
}
