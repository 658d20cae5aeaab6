//! How a message looks in other people's mail programs.

use chrono::{DateTime, Datelike, Utc};

use crate::record::Version;
use crate::settings::DefaultMarketingSettings;

/// Is the inbox preview on? It is for all users and all messages, or for none.
pub(super) fn litmus_enabled(defaults: Option<&DefaultMarketingSettings>) -> bool {
    defaults.is_some_and(DefaultMarketingSettings::enable_litmus)
}

/// A message as it was when its inbox preview was unlocked: the preview stays valid until its design,
/// or a property that makes dynamic text, changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "the two that the product names")]
pub struct PreviewedEmail {
    /// Which state of its design.
    pub design: Version,
    /// Which state of the properties that make dynamic text.
    pub dynamic_text: Version,
}

/// How many inbox previews the organization has unlocked in one month of the calendar (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreviewMonth {
    year: i32,
    month: u32,
    unlocked: u32,
}

impl PreviewMonth {
    /// An organization has this many a month; afterwards a user needs a personal Litmus account.
    pub const INCLUDED: u32 = 100;

    /// The month of this time, in which this many were unlocked so far.
    #[must_use]
    pub fn new(at: DateTime<Utc>, unlocked: u32) -> Self {
        Self { year: at.year(), month: at.month(), unlocked }
    }

    /// How many are left at this time; all of them where it lies in another month.
    #[must_use]
    pub fn left(&self, now: DateTime<Utc>) -> u32 {
        Self::INCLUDED.saturating_sub(self.at(now).unlocked)
    }

    /// After another one was unlocked.
    #[must_use]
    pub fn and_one(&self, now: DateTime<Utc>) -> Self {
        let this = self.at(now);
        Self { unlocked: this.unlocked.saturating_add(1), ..this }
    }

    fn at(&self, now: DateTime<Utc>) -> Self {
        let same = (self.year, self.month) == (now.year(), now.month());
        if same { *self } else { Self::new(now, 0) }
    }
}

/// What a user who wants to see an inbox preview gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InboxPreview {
    /// Nothing: the feature is off, and hidden.
    Hidden,
    /// The preview that was unlocked before, which is still valid and costs nothing.
    Unlocked,
    /// One of those that the organization has this month.
    Included {
        /// How many there are, before this one.
        left: u32,
    },
    /// One from a personal Litmus account: those of the organization are used up.
    PersonalAccount,
}

impl InboxPreview {
    /// What a user gets who wants to see `email` at this time. `unlocked` is the state of the email in
    /// which it was unlocked last.
    #[must_use]
    pub fn of(
        defaults: Option<&DefaultMarketingSettings>,
        email: PreviewedEmail,
        unlocked: Option<PreviewedEmail>,
        month: &PreviewMonth,
        now: DateTime<Utc>,
    ) -> Self {
        if !litmus_enabled(defaults) {
            return Self::Hidden;
        }
        if unlocked == Some(email) {
            return Self::Unlocked;
        }
        match month.left(now) {
            0 => Self::PersonalAccount,
            left => Self::Included { left },
        }
    }
}
