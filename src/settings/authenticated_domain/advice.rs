//! What would a practitioner tell whoever looks at this registration?

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use super::AuthenticatedDomain;
use super::registration::{DomainPart, DomainRequest};
use super::status::DomainStatus;

/// Advice about an authenticated domain. It forbids nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DomainAdvice {
    /// The name starts with `www.`: mail comes from `contoso.com`, and neither covers the other.
    LeadingWww,
    /// It is registered for nothing.
    NothingRequested,
    /// DNS providers need time: the keys should not be looked for before 30 minutes have passed.
    WaitBeforeFirstTry,
    /// The keys of this part were not found, and 24 hours have not passed: try again later.
    TryAgain(DomainPart),
    /// The keys of this part were not found, and 24 hours have passed: ask support, or the DNS
    /// provider.
    ContactSupportOrProvider(DomainPart),
    /// Looking for the keys of this part failed on our side: ask support.
    ContactSupport(DomainPart),
}

impl fmt::Display for DomainAdvice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeadingWww => f.write_str(
                "the name starts with www: mail from the domain without it is not covered",
            ),
            Self::NothingRequested => f.write_str("the domain is registered for nothing"),
            Self::WaitBeforeFirstTry => {
                f.write_str("wait at least 30 minutes before confirming the DNS registration")
            }
            Self::TryAgain(part) => {
                write!(f, "{part}: DNS registration may take up to 24 hours; try again later")
            }
            Self::ContactSupportOrProvider(part) => write!(
                f,
                "{part}: the keys are not found after 24 hours; contact support or the DNS provider"
            ),
            Self::ContactSupport(part) => {
                write!(f, "{part}: an internal error occurred while confirming; contact support")
            }
        }
    }
}

impl AuthenticatedDomain {
    /// How long to wait before the keys are looked for for the first time: 30 minutes.
    pub const FIRST_TRY_AFTER: TimeDelta = TimeDelta::minutes(30);

    /// How long a DNS registration may take: 24 hours.
    pub const DNS_TAKES: TimeDelta = TimeDelta::hours(24);

    /// Advice at the moment `now` about a domain whose DNS records are published since `published`;
    /// where that is not known, since the keys were generated, which is when the record was created.
    /// Five at most.
    ///
    /// ```
    /// use chrono::{DateTime, TimeDelta};
    /// use correspond::settings::{AuthenticatedDomain, DomainAdvice, DomainRequest};
    ///
    /// let domain = AuthenticatedDomain::new("www.contoso.com", DomainRequest::EMAIL)?;
    /// let made = DateTime::UNIX_EPOCH;
    /// let advice = domain.advice(made, made + TimeDelta::minutes(29));
    /// assert_eq!(advice, [DomainAdvice::LeadingWww, DomainAdvice::WaitBeforeFirstTry]);
    /// # Ok::<(), correspond::settings::SettingError>(())
    /// ```
    #[must_use]
    pub fn advice(&self, published: DateTime<Utc>, now: DateTime<Utc>) -> Vec<DomainAdvice> {
        let passed = now.signed_duration_since(published);
        let mut advice = Vec::new();
        if self.name().has_www() {
            advice.push(DomainAdvice::LeadingWww);
        }
        if self.requested() == DomainRequest::default() {
            advice.push(DomainAdvice::NothingRequested);
        }
        let waits = |part| self.status(part) == DomainStatus::WaitingToConfirm;
        if passed < Self::FIRST_TRY_AFTER && DomainPart::ALL.into_iter().any(waits) {
            advice.push(DomainAdvice::WaitBeforeFirstTry);
        }
        for part in DomainPart::ALL {
            match self.status(part) {
                DomainStatus::KeysNotFound if passed < Self::DNS_TAKES => {
                    advice.push(DomainAdvice::TryAgain(part));
                }
                DomainStatus::KeysNotFound => {
                    advice.push(DomainAdvice::ContactSupportOrProvider(part));
                }
                status if status.is_internal_error() => {
                    advice.push(DomainAdvice::ContactSupport(part));
                }
                _ => {}
            }
        }
        advice
    }
}
