//! The life of a registration: asked for, looked for in DNS, confirmed or not, cancelled.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::key::DomainKey;
use super::name::DomainName;
use super::status::DomainStatus;
use super::{AuthenticatedDomain, AuthenticatedDomainBuilder};
use crate::address::Domain;
use crate::settings::error::SettingError;
use crate::settings::field::IntoField;
use crate::settings::profile::Profile;

/// What a domain is registered for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "the three check boxes of the page")]
pub struct DomainRequest {
    /// To send mail from it: "Authenticate email".
    pub email: bool,
    /// To prefill forms on it, and personalize its pages: "Enable prefilled forms".
    pub prefilled_forms: bool,
    /// To have bounces come back below it: "Enable custom envelope-from domain".
    pub envelope_from: bool,
}

impl DomainRequest {
    /// Mail alone, which is the default of the page.
    pub const EMAIL: Self = Self { email: true, prefilled_forms: false, envelope_from: false };

    /// Prefilled forms alone.
    pub const FORMS: Self = Self { email: false, prefilled_forms: true, envelope_from: false };

    /// All three.
    pub const ALL: Self = Self { email: true, prefilled_forms: true, envelope_from: true };

    /// Is this part asked for? The ownership is by each use, but for prefilled forms alone under
    /// profiles that need none there.
    #[must_use]
    pub const fn asks_for(self, part: DomainPart, profile: Profile) -> bool {
        match part {
            DomainPart::Ownership => {
                self.email
                    || self.envelope_from
                    || self.prefilled_forms && profile.prefill_needs_ownership()
            }
            DomainPart::Email => self.email,
            DomainPart::EnvelopeFrom => self.envelope_from,
        }
    }
}

/// A part of a registration that has a status of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DomainPart {
    /// That the organization owns the domain.
    Ownership,
    /// The DKIM keys.
    Email,
    /// The envelope-from domain.
    EnvelopeFrom,
}

impl DomainPart {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Ownership, Self::Email, Self::EnvelopeFrom];
}

impl fmt::Display for DomainPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ownership => "ownership",
            Self::Email => "email",
            Self::EnvelopeFrom => "envelope-from",
        })
    }
}

impl DomainKey {
    /// Which part it confirms.
    #[must_use]
    pub const fn part(self) -> DomainPart {
        match self {
            Self::Ownership => DomainPart::Ownership,
            Self::Dkim1 | Self::Dkim2 => DomainPart::Email,
            Self::EnvelopeFrom => DomainPart::EnvelopeFrom,
        }
    }
}

/// What looking for the keys of a part in DNS came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CheckOutcome {
    /// They were found, on this day.
    Confirmed(NaiveDate),
    /// DNS answered, and they were not there.
    KeysNotFound,
    /// What to look for was not found on our side.
    RecordNotFound,
    /// DNS could not be asked, or did not answer.
    QueryFailed,
    /// Any other failure.
    InternalError,
}

impl CheckOutcome {
    /// The status that it leads to.
    #[must_use]
    pub const fn status(self) -> DomainStatus {
        match self {
            Self::Confirmed(_) => DomainStatus::Confirmed,
            Self::KeysNotFound => DomainStatus::KeysNotFound,
            Self::RecordNotFound => DomainStatus::RecordNotFound,
            Self::QueryFailed => DomainStatus::QueryFailed,
            Self::InternalError => DomainStatus::InternalError,
        }
    }
}

/// A registration cannot take this step from where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistrationError {
    /// There is no part whose keys could be looked for.
    #[error(
        "expected a part to confirm, found ownership: {ownership}, email: {email}, \
         envelope-from: {envelope_from}"
    )]
    NothingToConfirm {
        /// The status of the ownership.
        ownership: DomainStatus,
        /// The status of the email keys.
        email: DomainStatus,
        /// The status of the envelope-from domain.
        envelope_from: DomainStatus,
    },
    /// An answer came for a part whose keys nobody is looking for: it was cancelled meanwhile, or
    /// answered before.
    #[error("expected {part} to be in confirmation, found {status}")]
    NotInConfirmation {
        /// The part.
        part: DomainPart,
        /// Its status.
        status: DomainStatus,
    },
}

impl AuthenticatedDomain {
    /// A new registration under [`Profile::Documents`]: what is asked for waits to be confirmed, the
    /// rest is not requested.
    ///
    /// # Errors
    ///
    /// The name is no bare domain name, or too long for the envelope-from domain below it.
    pub fn new(
        name: impl IntoField<DomainName>,
        request: DomainRequest,
    ) -> Result<Self, SettingError> {
        Self::new_of(Profile::Documents, name, request)
    }

    /// A new registration under a profile, which decides whether prefilled forms alone ask for the
    /// ownership.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn new_of(
        profile: Profile,
        name: impl IntoField<DomainName>,
        request: DomainRequest,
    ) -> Result<Self, SettingError> {
        let status = |part| match request.asks_for(part, profile) {
            true => DomainStatus::WaitingToConfirm,
            false => DomainStatus::NotRequested,
        };
        let [ownership, email, envelope_from] = DomainPart::ALL.map(status);
        with_request(Self::builder_of(profile).name(name), request)
            .ownership_status(ownership)
            .email_status(email)
            .envelope_from_status(envelope_from)
            .build()
    }

    /// The domain that a new organization has before it registers any, by the host under which the
    /// organization is reached: registered for mail, ownership and email confirmed on the day of
    /// provisioning. From `contoso.crm.dynamics.com` it makes `contoso-dyn365mktg.com`, under
    /// [`Profile::Current`] `contoso.s01.dyn365mktg.com`. Its DNS is the service's, so it has no keys
    /// to publish.
    ///
    /// # Errors
    ///
    /// The first label of the host is too long to be part of such a name (more than 52 octets), or
    /// internationalised.
    pub fn instance(profile: Profile, host: &Domain, on: NaiveDate) -> Result<Self, SettingError> {
        let label = host.labels().next().unwrap_or_default();
        let name = match profile {
            Profile::Documents => format!("{label}-dyn365mktg.com"),
            Profile::Current => format!("{label}.s01.dyn365mktg.com"),
        };
        let domain = Self::new_of(profile, name, DomainRequest::EMAIL)?;
        Ok(Self {
            ownership_status: DomainStatus::Confirmed,
            email_status: DomainStatus::Confirmed,
            confirmed_on: Some(on),
            ..domain
        })
    }

    /// The same domain, asked for other uses. A part that is now asked for, and was not or was
    /// cancelled, waits to be confirmed; one that is no longer asked for is not requested; the others
    /// stay. Prefilled forms alone keep an ownership that was asked for.
    ///
    /// # Errors
    ///
    /// The name is too long for an envelope-from domain below it.
    pub fn request(self, profile: Profile, request: DomainRequest) -> Result<Self, SettingError> {
        let status = |part| {
            let now = self.status(part);
            let kept = part == DomainPart::Ownership && request.prefilled_forms;
            match (request.asks_for(part, profile), now) {
                (true, DomainStatus::NotRequested | DomainStatus::Cancelled) => {
                    DomainStatus::WaitingToConfirm
                }
                (false, _) if !kept => DomainStatus::NotRequested,
                _ => now,
            }
        };
        let [ownership, email, envelope_from] = DomainPart::ALL.map(status);
        with_request(self.to_builder(), request)
            .ownership_status(ownership)
            .email_status(email)
            .envelope_from_status(envelope_from)
            .build()
    }

    /// "Confirm DNS registration": every part that is asked for and neither confirmed nor cancelled
    /// is now being looked for in DNS. Allowed at any time and any number of times; whether it is
    /// too early is [`advice`](Self::advice).
    ///
    /// What is confirmed stays so while the rest is looked for, and mail goes on.
    ///
    /// # Errors
    ///
    /// There is no such part.
    pub fn begin_confirmation(mut self) -> Result<Self, RegistrationError> {
        let to_check = DomainPart::ALL.map(|part| (part, self.status(part).can_be_checked()));
        if !to_check.iter().any(|(_, can)| *can) {
            return Err(RegistrationError::NothingToConfirm {
                ownership: self.ownership_status,
                email: self.email_status,
                envelope_from: self.envelope_from_status,
            });
        }
        for (part, can) in to_check {
            if can {
                *self.status_mut(part) = DomainStatus::Confirming;
            }
        }
        Ok(self)
    }

    /// Looking for the keys of a part came to this. A part in confirmation takes every outcome; one
    /// that is confirmed, which a regular check may ask for again, loses that when DNS says that its
    /// keys are gone, and not when DNS could not be asked.
    ///
    /// # Errors
    ///
    /// The part is neither: a late answer changes nothing.
    pub fn answered(
        mut self,
        part: DomainPart,
        outcome: CheckOutcome,
    ) -> Result<Self, RegistrationError> {
        match (self.status(part), outcome) {
            (DomainStatus::Confirming, outcome) => {
                *self.status_mut(part) = outcome.status();
                if let CheckOutcome::Confirmed(on) = outcome {
                    self.confirmed_on = Some(on);
                }
            }
            (DomainStatus::Confirmed, CheckOutcome::KeysNotFound) => {
                *self.status_mut(part) = DomainStatus::KeysNotFound;
            }
            (DomainStatus::Confirmed, _) => {}
            (status, _) => return Err(RegistrationError::NotInConfirmation { part, status }),
        }
        Ok(self)
    }

    /// Cancelled: no part that was asked for is good for anything, until it is asked for again by
    /// [`request`](Self::request).
    #[must_use]
    pub fn cancel(mut self) -> Self {
        for part in DomainPart::ALL {
            let status = self.status_mut(part);
            if *status != DomainStatus::NotRequested {
                *status = DomainStatus::Cancelled;
            }
        }
        self
    }

    const fn status_mut(&mut self, part: DomainPart) -> &mut DomainStatus {
        match part {
            DomainPart::Ownership => &mut self.ownership_status,
            DomainPart::Email => &mut self.email_status,
            DomainPart::EnvelopeFrom => &mut self.envelope_from_status,
        }
    }
}

fn with_request(
    builder: AuthenticatedDomainBuilder,
    request: DomainRequest,
) -> AuthenticatedDomainBuilder {
    builder
        .authenticate_email(request.email)
        .prefilled_forms(request.prefilled_forms)
        .envelope_from(request.envelope_from)
}
