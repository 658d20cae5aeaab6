//! Is interaction data exported, and where to? (Marketing settings, Marketing analytics
//! configuration)

mod permissions;
mod sas_url;
mod storage_url;

use chrono::{DateTime, NaiveDate, Utc};

pub use permissions::{SasPermission, SasPermissions};
pub use sas_url::{SasSignature, SasUrl, SasUrlError, SasUrlErrorKind};
pub use storage_url::StorageUrl;

use super::error::SettingError;
use super::field::{Defaults, Name, Text};
use super::record::record;
use super::stored::Stored;
use crate::id::RecordId;

record! {
    /// The export of interaction data to one container of Azure Blob Storage (table
    /// `msdyncrm_cdsaconnectorconfiguration`).
    ///
    /// It is set up with a [`SasUrl`], pasted into the input field
    /// `msdyncrm_exporttoblobstoragesastoken`. Of that the record keeps what may be known: the
    /// container, the day of expiry, the permissions. The signature goes to the service that exports,
    /// and there is no field that could hold it. One export runs at a time: that of the default
    /// record.
    ///
    /// ```
    /// use correspond::settings::{AnalyticsConfiguration, SasUrl};
    ///
    /// let pasted = SasUrl::parse(
    ///     "https://contoso.blob.core.windows.net/marketing?sr=c&sp=racwdl&se=2026-12-31&sig=Zm9v",
    /// )?;
    /// let export = AnalyticsConfiguration::builder().name("Power BI").build()?.with_sas_url(&pasted)?;
    /// let json = serde_json::to_string(&export)?;
    /// assert!(json.contains("https://contoso.blob.core.windows.net/marketing"));
    /// assert!(!json.contains("Zm9v"), "the signature is not in it");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    AnalyticsConfiguration, AnalyticsConfigurationBuilder, Analytics,
        "Marketing analytics configuration", "msdyncrm_cdsaconnectorconfiguration",
        default default: AtMostOne;
    required {
        /// What the list shows it as.
        name: ref Name, "Name", "msdyncrm_name";
    }
    optional {
        /// Is it the one whose export runs?
        default: copy bool = Defaults::same(true), "Is default", "msdyncrm_isdefault";
        /// The container that is exported to; blank: the export is stopped, or was never set up.
        storage_url: ref Option<StorageUrl> = Defaults::effective(None), "Blob storage URL",
            "msdyncrm_exporttoblobstorageurl";
        /// The container that a [stopped](AnalyticsConfiguration::stopped) export went to, and the
        /// only one that it can go to again. The product has no column for it: it forgets, and the
        /// service remembers.
        stopped_storage_url: ref Option<StorageUrl> = Defaults::effective(None),
            "Blob storage URL before the export was stopped";
        /// The day (UTC) on which the signature expires; blank while it is not known, as with a
        /// stored access policy.
        signature_expires: copy Option<NaiveDate> = Defaults::effective(None), "SAS token expiry",
            "msdyncrm_sastokenexpirationdatetime";
        /// What the signature permits; blank while it is not known. The product has no column for
        /// it: it tells the service.
        signature_permissions: copy Option<SasPermissions> = Defaults::effective(None),
            "SAS token permissions";
        /// The first day that is exported; blank: everything.
        export_from: copy Option<NaiveDate> = Defaults::effective(None), "Export from date",
            "msdyncrm_exportfromdate";
        /// When the last export was.
        last_export: copy Option<DateTime<Utc>> = Defaults::effective(None), "Last export",
            "msdyncrm_lastexport";
        /// What the service that exports has to say.
        service_status: ref Option<Text<1, 4000>> = Defaults::effective(None), "Service status",
            "msdyncrm_servicestatus";
    }
    check(this) {
        match (&this.storage_url, &this.stopped_storage_url) {
            (Some(now), Some(before)) if now != before => Err(SettingError::excluded(
                "storage_url",
                format!("{before}, which it went to before it was stopped"),
                now,
            )),
            _ => Ok(()),
        }
    }
    change(this, before) {
        let Some(kept) = before.container() else { return Ok(()) };
        match this.container() {
            Some(container) if container == kept => Ok(()),
            other => Err(SettingError::excluded(
                "storage_url",
                format!(
                    "{kept}, or that as stopped_storage_url where the export stops (to export \
                     elsewhere, delete the record and make a new one)"
                ),
                other.map_or_else(|| "none".to_owned(), ToString::to_string),
            )),
        }
    }
}

impl AnalyticsConfiguration {
    /// The container that the record is bound to, for good: the one that it exports to, or did before
    /// it was [stopped](Self::stopped).
    #[must_use]
    pub fn container(&self) -> Option<&StorageUrl> {
        self.storage_url.as_ref().or(self.stopped_storage_url.as_ref())
    }

    /// The same with what the pasted URL says: the export starts, or starts again where its signature
    /// had expired. Hand [`SasUrl::signature`] to the service that exports; it is not kept here.
    ///
    /// Expiry and missing permissions do not keep it from being saved; they are told by
    /// [`may_export`](Self::may_export).
    ///
    /// # Errors
    ///
    /// The URL is that of another container than the record has, or had before it was
    /// [`stopped`](Self::stopped). An export does not move: stop it, delete the record, make a new
    /// one. Saving another container by hand is refused too.
    pub fn with_sas_url(&self, pasted: &SasUrl) -> Result<Self, OtherContainer> {
        if let Some(kept) = self.container()
            && kept != pasted.storage_url()
        {
            let (kept, found) = (kept.clone(), pasted.storage_url().clone());
            return Err(OtherContainer { kept, found });
        }
        Ok(Self {
            storage_url: Some(pasted.storage_url().clone()),
            stopped_storage_url: None,
            signature_expires: pasted.signature().expires().map(|at| at.date_naive()),
            signature_permissions: pasted.signature().permissions(),
            ..self.clone()
        })
    }

    /// The same as it is when the URL is emptied and the record is saved: the export stops, and what
    /// was known of the signature is forgotten. Its container is not, so that it does not move.
    #[must_use]
    pub fn stopped(&self) -> Self {
        Self {
            storage_url: None,
            stopped_storage_url: self.container().cloned(),
            signature_expires: None,
            signature_permissions: None,
            ..self.clone()
        }
    }

    /// Does the export of this record run, or why not? `others` are the records of the tenant; this
    /// one may be among them.
    ///
    /// The record keeps the day of expiry, not the hour: on that day (UTC) the export counts as
    /// running, from the next on as expired. What is not known about the signature is no reason
    /// against it.
    ///
    /// # Errors
    ///
    /// The first reason against it.
    pub fn may_export<'a>(
        stored: &'a Stored<Self>,
        others: &[Stored<Self>],
        now: DateTime<Utc>,
    ) -> Result<Export<'a>, NotExporting> {
        let this = &stored.value;
        if !stored.active {
            return Err(NotExporting::Inactive);
        }
        let Some(to) = &this.storage_url else { return Err(NotExporting::NoUrl) };
        let rank = |stored: &Stored<Self>| (stored.modified, stored.id);
        let other = others.iter().filter(|other| other.id != stored.id && other.is_default());
        if let Some(other) = other.max_by_key(|other| rank(other))
            && !(stored.is_default() && rank(other) < rank(stored))
        {
            return Err(NotExporting::AnotherInForce(other.id));
        }
        if !stored.is_default() {
            return Err(NotExporting::NotDefault);
        }
        if let Some(day) = this.signature_expires
            && day < now.date_naive()
        {
            return Err(NotExporting::SignatureExpired(day));
        }
        let missing = this.signature_permissions.unwrap_or(SasPermissions::ALL).missing();
        if missing != SasPermissions::NONE {
            return Err(NotExporting::PermissionMissing(missing));
        }
        Ok(Export { to, from: this.export_from })
    }
}

/// An export that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Export<'a> {
    /// Where to.
    pub to: &'a StorageUrl,
    /// From which day on; `None`: everything.
    pub from: Option<NaiveDate>,
}

/// Why does an export not run?
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotExporting {
    /// The record is not active.
    #[error("export: expected an active record, found an inactive one")]
    Inactive,
    /// It has no container.
    #[error("export: expected the URL of a container, found none")]
    NoUrl,
    /// The default record is another one, and one export runs at a time.
    #[error("export: expected to be the one that is in force, found {0} in force")]
    AnotherInForce(RecordId),
    /// No record is the default one.
    #[error("export: expected to be the default record, found no default")]
    NotDefault,
    /// The signature expired on this day. A new one for the same container starts it again.
    #[error("export: expected a signature that is valid, found one that expired on {0}")]
    SignatureExpired(NaiveDate),
    /// The signature does not permit this, which the export needs.
    #[error("export: expected a signature that permits {all}, found one without {0}", all = SasPermissions::ALL)]
    PermissionMissing(SasPermissions),
}

/// A pasted URL was that of another container than the record has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "storage_url: expected a signature for {kept}, found one for {found}; to export elsewhere, stop \
     the export, delete the record and make a new one"
)]
pub struct OtherContainer {
    kept: StorageUrl,
    found: StorageUrl,
}

impl OtherContainer {
    /// The container of the record.
    #[must_use]
    pub const fn kept(&self) -> &StorageUrl {
        &self.kept
    }

    /// That of the pasted URL.
    #[must_use]
    pub const fn found(&self) -> &StorageUrl {
        &self.found
    }
}
