//! How does an administrator read and change settings, beside others who do the same?
//!
//! Every flow works on any page ([`SettingsRecord`](crate::settings::SettingsRecord)) over any store.
//! Whoever changes something hands in an [`Editor`]: his permission is asked first, and what became
//! of it is a [`Changed`]. A change names the version that the administrator saw, so that nothing is
//! overwritten that he has not seen ([`Changed::Stale`]).
//!
//! # The default record
//!
//! Where a kind has a default record ([`DefaultRule`](crate::settings::DefaultRule)), whatever brings
//! another one into that place takes the mark from the former in the same batch, as the product does:
//! [`make_default`], a record that is created with the mark, one that is changed to have it, an
//! inactive one with the mark that is activated. A unique key of the store moves along, so that at no
//! time two have it. Where there must be one, whoever would leave none is refused
//! ([`Refused::OnlyDefault`]).
//!
//! # Links
//!
//! What other settings refer to is not deleted ([`Refused::InUse`]), and a new reference needs
//! something there to refer to ([`Refused::NoTarget`]): every setting that names a record of settings
//! is such a reference, the queue that owns a mailbox among them. (A queue and its mailbox, which name
//! each other, are made queue, mailbox, queue with mailbox, and go the other way round.) A batch that
//! makes a new reference gives its target another version, nothing else: of one who refers to it and
//! one who deletes it at a time, one is told.
//!
//! A new mailbox alone leaves its server profile the version that it has, because everybody's mailbox
//! refers to the same few profiles. So of one who makes a mailbox and one who deletes the profile, or
//! takes the appointments from it, at the very same time, both may succeed: whoever reads a mailbox
//! must be ready for a profile that is not there.
//!
//! # The organization
//!
//! An organization begins with [`provision`](provision()); before that every flow answers
//! [`NotProvisioned`](super::FlowErrorKind::NotProvisioned). Pages of which it has one record keep it
//! under the [id of the organization](organization).

mod links;
mod load;
mod outcome;
mod provision;
mod publish;
mod read;
mod write;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

pub use load::load;
pub use outcome::{Attempt, Changed, Refused};
pub use provision::{NewIds, NewOrganization, Provisioned, provision};
pub use publish::publish;
pub use read::{default_of, get, list, page};
pub use write::{change, create, delete, make_default, set_active};

use crate::id::{RecordId, TenantId};
use crate::record::{RecordKind, RecordRef, Versions};
use crate::settings::Actor;

/// At most this many records of a kind are listed. More can be kept, and be read by [`page`]; what
/// has to look at all of them answers [`TooMany`](super::FlowErrorKind::TooMany).
pub const MAX_RECORDS: usize = 10_000;

/// At most this many records of a kind are looked through for references to another one. Where there
/// are more, what depends on it answers [`TooMany`](super::FlowErrorKind::TooMany).
pub const MAX_REFERRING: usize = 1_000_000;

/// Who changes settings, of which organization, and when.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Editor<'a> {
    /// Whose settings.
    pub tenant: TenantId,
    /// Who changes them, and what he may.
    pub actor: Actor,
    /// The present, by the host's clock.
    pub now: DateTime<Utc>,
    /// Where the versions of what is written come from.
    pub versions: &'a Versions,
}

impl<'a> Editor<'a> {
    /// This actor, changing the settings of `tenant` at `now`.
    #[must_use]
    pub const fn new(
        tenant: TenantId,
        actor: Actor,
        now: DateTime<Utc>,
        versions: &'a Versions,
    ) -> Self {
        Self { tenant, actor, now, versions }
    }
}

/// The id of the records of which an organization has one: its email settings, its property bag and
/// its marketing data configuration. It is that of the organization (column
/// `organization.organizationid`).
#[must_use]
pub const fn organization(tenant: TenantId) -> RecordId {
    RecordId::new(tenant.get())
}

/// The record that is there once the organization is provisioned: its row of email settings.
const fn mark_of_provisioning(tenant: TenantId) -> RecordRef {
    RecordKind::EmailSettings.of(organization(tenant))
}

/// Does an organization have one record of this kind?
const fn is_singleton(kind: RecordKind) -> bool {
    matches!(
        kind,
        RecordKind::MarketingData | RecordKind::EmailSettings | RecordKind::OrganizationProperties
    )
}
