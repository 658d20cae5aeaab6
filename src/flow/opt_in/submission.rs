//! What is asked for, and what becomes of it.

use chrono::{DateTime, Utc};

use crate::consent::{
    Ask, ConsentError, Held, LevelChange, LinkLife, LinkSeed, LinkToken, Mailing, OptInPlan,
    Origin, Protection, Wanted,
};
use crate::id::{RecordId, TenantId};

/// What a contact asks for, and by which settings that is worked off.
///
/// Nothing is confirmed and nothing logged unless told: a host that only changes a level says no
/// more than [`new`](Self::new).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ConsentSubmission<'a> {
    /// Whose contact.
    pub tenant: TenantId,
    /// The contact.
    pub contact: RecordId,
    /// What it asks for.
    pub wanted: &'a Wanted,
    /// A new id for the entry of the log, should there be one: no other entry has it, and no request,
    /// since the entry of a confirmed one has its id.
    pub entry: RecordId,
    /// The present, by the host's clock.
    pub now: DateTime<Utc>,
    /// The switches of data protection: is the change logged?
    pub protection: Protection,
    /// Where it came from.
    pub origin: Origin,
    /// How long links live.
    pub life: LinkLife,
    pub(super) confirming: Option<(&'a OptInPlan, &'a [LinkSeed])>,
}

impl<'a> ConsentSubmission<'a> {
    /// A contact of `tenant` asks for this at `now`; `entry` is a new id.
    #[must_use]
    pub fn new(
        tenant: TenantId,
        contact: RecordId,
        wanted: &'a Wanted,
        entry: RecordId,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            tenant,
            contact,
            wanted,
            entry,
            now,
            protection: Protection::new(),
            origin: Origin::default(),
            life: LinkLife::default(),
            confirming: None,
        }
    }

    /// The same under these switches.
    #[must_use]
    pub const fn protected(mut self, protection: Protection) -> Self {
        self.protection = protection;
        self
    }

    /// The same from here.
    #[must_use]
    pub fn from_origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// The same with links that live so long.
    #[must_use]
    pub const fn with_life(mut self, life: LinkLife) -> Self {
        self.life = life;
        self
    }

    /// The same, confirmed as the organization's double opt-in has it; with `None`, which is one that
    /// is off, everything is applied at once. Of the seeds those that are needed are used: one for
    /// the level and one for each list are always enough.
    ///
    /// # Errors
    ///
    /// Fewer seeds than [`Wanted::max_confirmations`].
    pub fn confirmed_by(
        mut self,
        plan: Option<&'a OptInPlan>,
        seeds: &'a [LinkSeed],
    ) -> Result<Self, ConsentError> {
        if plan.is_some() {
            self.wanted.check_seeds(seeds.len())?;
        }
        self.confirming = plan.map(|plan| (plan, seeds));
        Ok(self)
    }
}

/// A submission that is held back until it is confirmed, through a form with double opt-in of its own.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HeldSubmission<'a> {
    /// Whose form.
    pub tenant: TenantId,
    /// What is held back.
    pub held: &'a Held,
    /// What is sent, and where a click leads.
    pub mailing: &'a Mailing,
    /// The new request's id and link.
    pub seed: &'a LinkSeed,
    /// The present, by the host's clock.
    pub now: DateTime<Utc>,
    /// Where it came from.
    pub origin: Origin,
    /// How long the link lives.
    pub life: LinkLife,
}

impl<'a> HeldSubmission<'a> {
    /// A submission to `tenant`, held back at `now`.
    #[must_use]
    pub fn new(
        tenant: TenantId,
        held: &'a Held,
        mailing: &'a Mailing,
        seed: &'a LinkSeed,
        now: DateTime<Utc>,
    ) -> Self {
        let (origin, life) = (Origin::default(), LinkLife::default());
        Self { tenant, held, mailing, seed, now, origin, life }
    }

    /// The same from here.
    #[must_use]
    pub fn from_origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// The same with a link that lives so long.
    #[must_use]
    pub const fn with_life(mut self, life: LinkLife) -> Self {
        self.life = life;
        self
    }
}

/// What became of a [`ConsentSubmission`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum Submitted {
    /// It was worked off.
    Done(SubmissionDone),
    /// There is no such contact; nothing was done.
    ContactMissing,
    /// An id that should be new, or the token beside it, belongs to another record; nothing was
    /// done. Draw anew.
    IdTaken {
        /// The id of the entry or of the seed.
        id: RecordId,
    },
}

/// What became of a [`HeldSubmission`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum HeldBack {
    /// It is held back, now or since it was delivered before; this mail asks for its confirmation.
    Waits(ConfirmationMail),
    /// It was delivered before, and was confirmed since or came to its end; there is no mail to send.
    Over,
    /// The id or the token of the seed belongs to another request; nothing was done. Draw anew.
    IdTaken {
        /// The id of the seed.
        id: RecordId,
    },
}

/// What was done at once, and what is asked for by mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SubmissionDone {
    /// The level that changed.
    pub level: Option<LevelChange>,
    /// The lists joined.
    pub joined: Vec<RecordId>,
    /// The lists left.
    pub left: Vec<RecordId>,
    /// The mails to send.
    pub mails: Vec<ConfirmationMail>,
    /// The requests that no longer wait, since the person asked for the opposite.
    pub withdrawn: Vec<RecordId>,
    /// How often it was decided anew because somebody else was faster: 0 mostly.
    pub lost_rounds: usize,
}

impl SubmissionDone {
    /// Does the contact's record change at once?
    pub(super) const fn changes_the_contact(&self) -> bool {
        self.level.is_some() || !self.joined.is_empty() || !self.left.is_empty()
    }
}

/// A mail that asks for a confirmation. Send it once the call has returned.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfirmationMail {
    /// The request that its link answers; of one that was asked for before, the earlier request.
    pub request: RecordId,
    /// What its link carries.
    pub token: LinkToken,
    /// What is sent, with which content settings.
    pub mailing: Mailing,
    /// What it asks for: one thing, or all that a form's submission wants.
    pub asks: Vec<Ask>,
}
