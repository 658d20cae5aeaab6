//! All settings at once.

use super::organization;
use super::read::{default_of, fetch, list, read};
use crate::flow::{FlowError, ROUNDS};
use crate::id::TenantId;
use crate::record::{RecordRef, UniqueKey, Versioned};
use crate::settings::{
    AnalyticsConfiguration, ContentSettings, DataProtection, DefaultMarketingSettings,
    EmailServerProfile, EmailSettings, LandingPageConfiguration, MarketingDataConfiguration,
    OrganizationProperties, SettingsRecord, SettingsSnapshot, Stored, in_force,
};
use crate::store::{Records, Store};

/// Everything that a decision needs of the organization's settings.
///
/// What is [in force](SettingsSnapshot::in_force) was so together, at one moment within the call, and
/// what is not there was not: all of it is looked at once more when everything was read, and
/// everything is read again where one record changed, lost its place, came or went. (That a lead
/// scoring configuration came and went again in between is not noticed; nor is a change that was taken
/// back at the very time at which it was made, by the clock of whoever made it.) Each list is as it was
/// at some moment within the call.
///
/// # Errors
///
/// The organization is not provisioned, there are [more](super::MAX_RECORDS) records of a kind,
/// other writers changed what is in force in each of [`ROUNDS`] rounds, or the store failed.
pub async fn load<S: Store + Records>(
    store: &S,
    tenant: TenantId,
) -> Result<SettingsSnapshot, FlowError> {
    for _ in 0..ROUNDS {
        let snapshot = read_once(store, tenant).await?;
        if is_still_so(store, tenant, &snapshot).await? {
            return Ok(snapshot);
        }
    }
    Err(FlowError::contended())
}

async fn read_once<S: Store + Records>(
    store: &S,
    tenant: TenantId,
) -> Result<SettingsSnapshot, FlowError> {
    let landing_page = default_of::<LandingPageConfiguration, S>(store, tenant).await?;
    let own = organization(tenant);
    let asked =
        [MarketingDataConfiguration::KIND, EmailSettings::KIND, OrganizationProperties::KIND];
    let singles = fetch(store, tenant, &asked.map(|kind| kind.of(own))).await?;
    let (Some(landing_page), [Some(marketing_data), Some(email), Some(properties)]) =
        (landing_page, singles.as_slice())
    else {
        return Err(FlowError::not_provisioned());
    };
    let mut snapshot =
        SettingsSnapshot::new(landing_page, read(marketing_data)?, read(email)?, read(properties)?);
    snapshot.lead_scoring_configurations = list(store, tenant).await?;
    snapshot.matching_strategies = list(store, tenant).await?;
    snapshot.matching_rules = list(store, tenant).await?;
    snapshot.marketing_defaults = default_of(store, tenant).await?;
    snapshot.content_settings = list(store, tenant).await?;
    snapshot.authenticated_domains = list(store, tenant).await?;
    snapshot.analytics = list(store, tenant).await?;
    snapshot.social_accounts = list(store, tenant).await?;
    snapshot.data_protection = default_of(store, tenant).await?;
    snapshot.email_server_profiles = list(store, tenant).await?;
    Ok(snapshot)
}

/// Is in force what the snapshot has in force, and nothing else?
///
/// The moment is that of the one question for all default records: what it names was read before and
/// is read again after it, and so is the rest.
async fn is_still_so<S: Store + Records>(
    store: &S,
    tenant: TenantId,
    snapshot: &SettingsSnapshot,
) -> Result<bool, FlowError> {
    let content = in_force::default(&snapshot.content_settings);
    let analytics = in_force::default(&snapshot.analytics);
    let profile = in_force::default(&snapshot.email_server_profiles);
    let defaults = [
        key_of::<LandingPageConfiguration, S>(store, Some(&snapshot.landing_page)),
        key_of::<DefaultMarketingSettings, S>(store, snapshot.marketing_defaults.as_ref()),
        key_of::<ContentSettings, S>(store, content),
        key_of::<AnalyticsConfiguration, S>(store, analytics),
        key_of::<DataProtection, S>(store, snapshot.data_protection.as_ref()),
        key_of::<EmailServerProfile, S>(store, profile),
    ];
    let (keys, expected): (Vec<_>, Vec<_>) = defaults.into_iter().unzip();
    if store.holders(tenant, &keys).await? != expected {
        return Ok(false);
    }
    let own = organization(tenant);
    let mut records: Vec<_> = expected.into_iter().flatten().collect();
    let singles =
        [MarketingDataConfiguration::KIND, EmailSettings::KIND, OrganizationProperties::KIND];
    records.extend(singles.map(|kind| kind.of(own)));
    let mut found = fetch(store, tenant, &records).await?.into_iter();
    let records_are_the_same = same(Some(&snapshot.landing_page), &mut found)?
        && same(snapshot.marketing_defaults.as_ref(), &mut found)?
        && same(content, &mut found)?
        && same(analytics, &mut found)?
        && same(snapshot.data_protection.as_ref(), &mut found)?
        && same(profile, &mut found)?
        && same(Some(&snapshot.marketing_data), &mut found)?
        && same(Some(&snapshot.email), &mut found)?
        && same(Some(&snapshot.properties), &mut found)?;
    if !records_are_the_same {
        return Ok(false);
    }
    let scoring = list(store, tenant).await?;
    Ok(match (snapshot.lead_scoring(), in_force::lead_scoring(&scoring)) {
        (Some(before), Some(now)) => now.says_what(before),
        (None, None) => true,
        _ => false,
    })
}

/// The key of the default record of a kind, and who had it.
fn key_of<T: SettingsRecord, S: Store>(
    store: &S,
    held: Option<&Stored<T>>,
) -> (UniqueKey, Option<RecordRef>) {
    (Stored::<T>::default_key(store.keyer()), held.map(|stored| T::KIND.of(stored.id)))
}

/// Is the next one that was found what was there before? Nothing was looked for where nothing was.
fn same<T: SettingsRecord>(
    before: Option<&Stored<T>>,
    found: &mut impl Iterator<Item = Option<Versioned>>,
) -> Result<bool, FlowError> {
    let Some(before) = before else { return Ok(true) };
    let Some(Some(now)) = found.next() else { return Ok(false) };
    Ok(read::<T>(&now)?.says_what(before))
}
