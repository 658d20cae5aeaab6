//! May a message go live with this From address?

use std::fmt;

use super::domains::{DomainStanding, SendingDomains};
use super::field::FromField;
use crate::claim::Registration;
use crate::id::TenantId;
use crate::settings::{Profile, Severity};

/// What is known of other organizations and the domain of a From address. The register of domains
/// knows; this module asks nobody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Foreign {
    /// Nobody asked. What is not authenticated may be somebody else's.
    #[default]
    NotAsked,
    /// None has it confirmed: registering alone excludes nobody.
    NotConfirmed,
    /// One of them has it confirmed.
    ConfirmedElsewhere,
}

impl Foreign {
    /// What the register of domains says to an organization: a name that is held for good is confirmed.
    /// One that is held until some time is not confirmed yet.
    ///
    /// ```
    /// use chrono::DateTime;
    /// use correspond::claim::Registration;
    /// use correspond::id::TenantId;
    /// use correspond::sender::Foreign;
    ///
    /// let (own, other) = (TenantId::new(1), TenantId::new(2));
    /// let of = |found: Option<Registration>| Foreign::of(found.as_ref(), own);
    /// assert_eq!(of(None), Foreign::NotConfirmed);
    /// assert_eq!(of(Some(Registration::new(own, None))), Foreign::NotConfirmed);
    /// assert_eq!(of(Some(Registration::new(other, None))), Foreign::ConfirmedElsewhere);
    /// let soon = Some(DateTime::UNIX_EPOCH);
    /// assert_eq!(of(Some(Registration::new(other, soon))), Foreign::NotConfirmed);
    /// ```
    #[must_use]
    pub fn of(registered: Option<&Registration>, own: TenantId) -> Self {
        let elsewhere = |of: &&Registration| of.tenant() != own && of.until().is_none();
        match registered.filter(elsewhere) {
            Some(_) => Self::ConfirmedElsewhere,
            None => Self::NotConfirmed,
        }
    }
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
    /// An expression decides what stands before the domain, which is not authenticated and stands so; the
    /// default sending domain takes its place for each recipient.
    RewrittenForEach(DomainStanding),
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
            Self::RewrittenForEach(_) => {
                "authenticate the domain for email, or set a reply-to address"
            }
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
            Self::RewrittenForEach(standing) => write!(
                f,
                "the domain is not authenticated for mail, as {standing}: it will be rewritten for \
                 each recipient"
            ),
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
    /// | not authenticated, behind an expression, and the default sending domain can take its place | ok: it is rewritten for each recipient |
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
            (Some(standing), _) if from.is_dynamic() && self.replacement().is_some() => {
                (FromFinding::RewrittenForEach(standing), None)
            }
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
