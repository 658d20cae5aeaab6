//! All settings at once.

use super::organization;
use super::read::{default_of, fetch, list, read};
use crate::flow::{FlowError, ROUNDS};
use crate::id::TenantId;
use crate::settings::{
    EmailSettings, LandingPageConfiguration, MarketingDataConfiguration, OrganizationProperties,
    SettingsRecord, SettingsSnapshot,
};
use crate::store::{Records, Store};

/// Everything that a decision needs of the organization's settings.
///
/// The records [in force](SettingsSnapshot::in_force) were all so together, at one moment within the
/// call: they are looked at once more when all was read, and read again where one has changed. Each
/// list is as it was at some moment within the call.
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
        let (records, versions): (Vec<_>, Vec<_>) = snapshot.in_force().into_iter().unzip();
        let found = fetch(store, tenant, &records).await?;
        let still = |(kept, version): (Option<_>, _)| kept == Some(version);
        let found = found.into_iter().map(|kept| kept.map(|kept| kept.version));
        if found.zip(versions).all(still) {
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
    snapshot.marketing_defaults = default_of(store, tenant).await?;
    snapshot.content_settings = list(store, tenant).await?;
    snapshot.authenticated_domains = list(store, tenant).await?;
    snapshot.analytics = list(store, tenant).await?;
    snapshot.social_accounts = list(store, tenant).await?;
    snapshot.data_protection = default_of(store, tenant).await?;
    snapshot.email_server_profiles = list(store, tenant).await?;
    Ok(snapshot)
}
