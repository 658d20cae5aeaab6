//! A click on a confirmation link, and what became of it.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::consent::{LevelChange, Protection, ThankYou};
use crate::flow::FlowError;
use crate::id::{RecordId, TenantId};
use crate::record::{Record, RecordKind, RecordRef, Versioned};

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

/// Whose a submission is that was held back: a contact's, of kind
/// [`Contact`](crate::record::RecordKind::Contact).
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there or not")]
pub enum HeldContact {
    /// This record's, which is updated: as the host found it, and with the keys that it is to have
    /// once the submission's values are set. Look-up keys of what the submission overwrites, an
    /// address say, are those of the new value. Of a record that has changed since, `whose` is asked
    /// again; of what else stands in it only what is kept counts.
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
