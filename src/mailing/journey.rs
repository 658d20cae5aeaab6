//! What a new journey begins with, and what its live sends use.

use crate::journey::TimeZoneCode;
use crate::settings::{ContentSettings, DefaultMarketingSettings, Link, Stored, in_force};

/// What a new journey begins with. It is copied into the journey: changing the defaults later changes
/// no journey that is there. What of it can be changed, and until when, is a matter of the journey's
/// own state ([`State::lock`](crate::journey::State::lock)): time zone and content settings while it
/// is a draft, and not afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewJourney {
    /// The default content settings; `None` while there are none (column
    /// `msdyncrm_customerjourney.msdyncrm_contentsettingsid`).
    pub content_settings: Option<Link<ContentSettings>>,
    /// The time zone that it starts and stops by (column
    /// `msdyncrm_customerjourney.msdyncrm_customerjourneytimezone`).
    pub time_zone: TimeZoneCode,
}

impl NewJourney {
    /// Of the set in force, and the content settings of the organization, of which the default record
    /// is applied. It is *not* the record that the set names: that one serves previews and test sends.
    #[must_use]
    pub fn of(
        defaults: Option<&DefaultMarketingSettings>,
        content_settings: &[Stored<ContentSettings>],
    ) -> Self {
        let content = in_force::default(content_settings);
        Self {
            content_settings: content.map(|stored| Link::new(stored.id)),
            time_zone: defaults
                .map_or(DefaultMarketingSettings::TIME_ZONE, |set| set.default_time_zone())
                .into(),
        }
    }
}

/// The content settings of a live send: those of the journey. Neither an email nor the default
/// marketing settings have a say, and so none is asked.
///
/// # Errors
///
/// The journey names none.
pub fn live_content_settings(
    journey: Option<Link<ContentSettings>>,
) -> Result<Link<ContentSettings>, JourneyWithoutContent> {
    journey.ok_or(JourneyWithoutContent)
}

/// A journey without content settings sends nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("live send: expected the journey to name content settings, found none")]
#[non_exhaustive]
pub struct JourneyWithoutContent;
