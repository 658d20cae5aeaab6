//! May a message go live with this From address?

use std::fmt;

use super::domains::{DomainStanding, SendingDomains};
use super::field::FromField;
use crate::settings::{Profile, Severity};

/// What is known of other organizations and the domain of a From address. The register of domains
/// knows; this module asks nobody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Foreign {
    /// None has it confirmed: registering alone excludes nobody.
    #[default]
    NotConfirmed,
    /// One of them has it confirmed.
    ConfirmedElsewhere,
}

/// What the domain of a From address comes to before a message goes live. Going live, and the error
/// check before it, ask the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct FromCheck {
    finding: FromFinding,
    severity: Option<Severity>,
}

/// What was found of the domain of a From address.
///
/// `Display` gives the reason: a clause without a full stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FromFinding {
    /// Mail may come from it.
    Authenticated,
    /// An expression decides it for each recipient.
    Dynamic,
    /// The organization has not confirmed it for mail: it stands so.
    NotAuthenticated(DomainStanding),
    /// Another organization has confirmed it.
    ConfirmedElsewhere,
}

impl FromCheck {
    /// What was found.
    #[must_use]
    pub const fn finding(self) -> FromFinding {
        self.finding
    }

    /// How bad it is; `None` where there is nothing to say against the domain.
    #[must_use]
    pub const fn severity(self) -> Option<Severity> {
        self.severity
    }

    /// May the message go live? A warning can be ignored, an error cannot.
    #[must_use]
    pub const fn can_go_live(self) -> bool {
        !matches!(self.severity, Some(Severity::Error))
    }
}

impl FromFinding {
    /// What helps: a clause that begins with a verb, without a full stop.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Authenticated => "do nothing",
            Self::Dynamic => "see that what it comes to is at an authenticated domain",
            Self::NotAuthenticated(DomainStanding::NotShared) => {
                "share the domain with the business unit, or take an address at one that it has"
            }
            Self::NotAuthenticated(_) => {
                "authenticate the domain for email, or take an address at one that is"
            }
            Self::ConfirmedElsewhere => "take an address at a domain of this organization",
        }
    }
}

impl fmt::Display for FromFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authenticated => f.write_str("the domain is authenticated"),
            Self::Dynamic => f.write_str("the domain is known only for each recipient"),
            Self::NotAuthenticated(standing) => write!(
                f,
                "the domain is not authenticated for mail, as {standing}: the message will be \
                 delivered badly"
            ),
            Self::ConfirmedElsewhere => {
                f.write_str("the domain is confirmed for another organization")
            }
        }
    }
}

impl SendingDomains {
    /// May a message go live with this From address?
    ///
    /// | domain | answer |
    /// |---|---|
    /// | own record, active, ownership and email confirmed | ok, whatever others have: a name is confirmed once, and the register sees to that |
    /// | confirmed for another organization | error |
    /// | own record in any other status, for forms alone, of another business unit | warning |
    /// | no active record anywhere | warning; error under [`Profile::Current`] |
    /// | decided by an expression for each recipient | ok |
    ///
    /// ```
    /// use correspond::sender::{Foreign, FromField, SendingDomains};
    /// use correspond::settings::{Profile, Severity};
    ///
    /// let domains = SendingDomains::of(&[], None);
    /// let from = FromField::new("Ann", "ann@contoso.com")?;
    /// let check = |foreign, profile| domains.check(&from, foreign, profile);
    ///
    /// let unknown = check(Foreign::NotConfirmed, Profile::Documents);
    /// assert_eq!(unknown.severity(), Some(Severity::Warning));
    /// assert!(unknown.can_go_live());
    /// assert!(!check(Foreign::NotConfirmed, Profile::Current).can_go_live());
    /// assert!(!check(Foreign::ConfirmedElsewhere, Profile::Documents).can_go_live());
    /// # Ok::<(), correspond::sender::HeaderError>(())
    /// ```
    pub fn check(&self, from: &FromField<'_>, foreign: Foreign, profile: Profile) -> FromCheck {
        use DomainStanding as Domain;
        let (finding, severity) = match (self.standing(from), foreign) {
            (None, _) => (FromFinding::Dynamic, None),
            (Some(Domain::Authenticated), _) => (FromFinding::Authenticated, None),
            (Some(_), Foreign::ConfirmedElsewhere) => {
                (FromFinding::ConfirmedElsewhere, Some(Severity::Error))
            }
            (Some(standing @ (Domain::Unregistered | Domain::Inactive)), _) => {
                (FromFinding::NotAuthenticated(standing), Some(profile.unregistered_from_domain()))
            }
            (Some(standing), _) => {
                (FromFinding::NotAuthenticated(standing), Some(Severity::Warning))
            }
        };
        FromCheck { finding, severity }
    }
}
