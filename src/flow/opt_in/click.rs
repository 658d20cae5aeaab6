//! A click on a confirmation link, and what became of it.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::consent::{Held, LevelChange, Origin, Protection, ThankYou};
use crate::flow::FlowError;
use crate::id::{RecordId, TenantId};
use crate::record::{Record, RecordKind, RecordRef, Versioned};
use crate::store::Change;

/// A click on a confirmation link. `Debug` does not show the link.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Click<'a> {
    /// Whose link: it stands in the address that was clicked, or follows from its host.
    pub tenant: TenantId,
    /// What the link carries, as it came. Any text can be handed in.
    pub link: &'a str,
    /// The present, by the host's clock.
    pub now: DateTime<Utc>,
    /// The switches of data protection: is the change logged?
    pub protection: Protection,
}

impl<'a> Click<'a> {
    /// A click on a link of `tenant` at `now`; nothing is logged.
    #[must_use]
    pub const fn new(tenant: TenantId, link: &'a str, now: DateTime<Utc>) -> Self {
        Self { tenant, link, now, protection: Protection::new() }
    }

    /// The same under these switches.
    #[must_use]
    pub const fn protected(mut self, protection: Protection) -> Self {
        self.protection = protection;
        self
    }
}

impl fmt::Debug for Click<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tenant, now, protection, .. } = self;
        let mut click = f.debug_struct("Click");
        click.field("tenant", tenant).field("now", now).field("protection", protection);
        click.finish_non_exhaustive()
    }
}

/// What became of a [`Click`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum Clicked {
    /// It was the first: what was asked for is so now.
    Confirmed(Confirmed),
    /// It was confirmed before; nothing was done.
    Repeated {
        /// When.
        at: DateTime<Utc>,
        /// Where the click leads all the same.
        thank_you: ThankYou,
    },
    /// It came too late; nothing was done.
    Expired {
        /// The last moment in which it would have confirmed.
        at: DateTime<Utc>,
    },
    /// The person has asked for the opposite since; nothing was done.
    Withdrawn {
        /// When.
        at: DateTime<Utc>,
    },
    /// No request has this link: it is made up, cut short, or of a request that was purged.
    Unknown,
    /// The contact was deleted since; or a submission that is held back was not given one. Nothing
    /// was done, and the request goes on waiting.
    ContactMissing,
}

/// What a click confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Confirmed {
    /// The request.
    pub request: RecordId,
    /// Whose consent.
    pub contact: RecordRef,
    /// The level that changed; `None` where another was asked for, or it was as high already.
    pub level: Option<LevelChange>,
    /// The lists joined.
    pub joined: Vec<RecordId>,
    /// The lists left: by a submission that was held back.
    pub left: Vec<RecordId>,
    /// Where the click leads.
    pub thank_you: ThankYou,
    /// How often it was decided anew because somebody else was faster: 0 mostly.
    pub lost_rounds: usize,
}

/// A request with a submission that is held back, as whoever finds its contact is told of it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct HeldRequest<'a> {
    /// The request: the id of the seed that it was [held](super::DoubleOptIn::hold) with. Whoever
    /// keeps more about the submission than its values finds it by this id.
    pub id: RecordId,
    /// What it holds.
    pub held: &'a Held,
    /// Where the submission came from, the form among it.
    pub origin: &'a Origin,
}

/// What a click releases a submission to: its contact, and what else is written with it. A
/// [`HeldContact`] alone becomes one by [`into`](Into::into).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Release {
    /// Whose the submission is.
    pub contact: HeldContact,
    /// What else the host writes about it: a lead, a receipt. In the batch of the click, so that all of
    /// it is there afterwards or nothing is. No change of the contact, of requests or of the log.
    pub beside: Vec<Change>,
}

impl Release {
    /// To this contact, and with these changes.
    #[must_use]
    pub const fn new(contact: HeldContact, beside: Vec<Change>) -> Self {
        Self { contact, beside }
    }
}

impl From<HeldContact> for Release {
    fn from(contact: HeldContact) -> Self {
        Self::new(contact, Vec::new())
    }
}

/// Whose a submission is that was held back: a contact's, of kind
/// [`Contact`](crate::record::RecordKind::Contact). The submission's values are set in either case,
/// over what the record's attributes say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there or not")]
pub enum HeldContact {
    /// This record's, which is updated: in the version in which the host found it, with the keys and
    /// the attributes that it is to have. Look-up keys of what the submission overwrites, an address
    /// say, are those of the new value; attributes that the submission empties are left out. Level and
    /// memberships stay what is kept, and so do state and time. Of a record that has changed since,
    /// `whose` is asked again.
    Found(Versioned),
    /// Nobody's: this record is created. Its keys are kept, a match key among them lets one of racing
    /// clicks create; its body is the JSON of the attributes that it begins with, `{}` will do.
    New(Record),
}

impl HeldContact {
    /// Which one. Leads have no consent, and other records not even attributes.
    pub(super) fn contact(&self) -> Result<RecordRef, FlowError> {
        let found = match self {
            Self::Found(seen) => seen.record.reference(),
            Self::New(record) => record.reference(),
        };
        match found.kind() {
            RecordKind::Contact => Ok(found),
            _ => Err(FlowError::not_a_contact(found)),
        }
    }
}
