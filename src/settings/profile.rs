//! Whose rules hold where the product's documents and its later versions differ?

use serde::{Deserialize, Serialize};

/// Which state of the product an organization lives by, where its documents and its later versions
/// differ. Defaults follow it, and so do the rules that no setting steers.
///
/// ```
/// use chrono::TimeDelta;
/// use correspond::settings::Profile;
///
/// assert_eq!(Profile::Documents.opt_in_life(), TimeDelta::days(30));
/// assert_eq!(Profile::Current.opt_in_life(), TimeDelta::days(28));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Profile {
    /// The product's documents: outbound marketing, System Settings, Email tab.
    #[default]
    Documents,
    /// The later product: its admin center, real-time journeys.
    Current,
}

/// What a From domain that nobody registered leads to before a message goes live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "goes live or does not")]
pub enum Severity {
    /// It goes live in spite of it.
    Warning,
    /// It does not go live.
    Error,
}

impl Profile {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Documents, Self::Current];

    /// How many digits a user number in a tracking token may have at most: 9, later 10.
    #[must_use]
    pub const fn user_digits(self) -> u8 {
        match self {
            Self::Documents => 9,
            Self::Current => 10,
        }
    }

    /// A From domain that nobody registered: a warning, later an error.
    #[must_use]
    pub const fn unregistered_from_domain(self) -> Severity {
        match self {
            Self::Documents => Severity::Warning,
            Self::Current => Severity::Error,
        }
    }

    /// Does prefilling a form need the confirmed ownership of the domain? Later an entry in the list
    /// of allowed domains is enough.
    #[must_use]
    pub const fn prefill_needs_ownership(self) -> bool {
        matches!(self, Self::Documents)
    }

    /// Do forms on external pages carry the id of the form page set up with them? Later they carry
    /// no page id at all.
    #[must_use]
    pub const fn external_forms_have_page_id(self) -> bool {
        matches!(self, Self::Documents)
    }

    /// How long the link of a double opt-in mail is answered: 30 days, later 28.
    #[must_use]
    pub const fn opt_in_life(self) -> chrono::TimeDelta {
        match self {
            Self::Documents => chrono::TimeDelta::days(30),
            Self::Current => chrono::TimeDelta::days(28),
        }
    }

    /// How long it takes at most until the data of a newly published table is usable: half an hour,
    /// later a day.
    #[must_use]
    pub const fn publish_wait(self) -> chrono::TimeDelta {
        match self {
            Self::Documents => chrono::TimeDelta::minutes(30),
            Self::Current => chrono::TimeDelta::hours(24),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Facts, section 9: items 3, 21, 22, 23, 29, 32.
    #[test]
    fn a_profile_settles_what_no_setting_does() {
        let of = |profile: Profile| {
            (
                profile.user_digits(),
                profile.unregistered_from_domain(),
                profile.prefill_needs_ownership(),
                profile.external_forms_have_page_id(),
                profile.opt_in_life().num_days(),
                profile.publish_wait().num_minutes(),
            )
        };
        assert_eq!(of(Profile::Documents), (9, Severity::Warning, true, true, 30, 30));
        assert_eq!(of(Profile::Current), (10, Severity::Error, false, false, 28, 1_440));
    }
}
