//! Which domains may the organization send from, and prefill forms on? (Marketing settings,
//! Authenticated domains)

mod advice;
mod envelope;
mod key;
mod name;
mod registration;
mod status;

pub use advice::DomainAdvice;
pub use key::{DnsRecord, DnsRecordType, DomainKey, KeyColumns};
pub use name::DomainName;
pub use registration::{CheckOutcome, DomainPart, DomainRequest, RegistrationError};
pub use status::DomainStatus;

use chrono::NaiveDate;

use super::error::SettingError;
use super::field::{Defaults, LinkTarget, Text};
use super::profile::Profile;
use super::record::record;
use crate::address::Domain;

record! {
    /// A domain that the organization registers, to send mail from it, to prefill forms on it, or
    /// both (table `msdyncrm_setupdomain`).
    ///
    /// [`new`](Self::new) makes the record of a domain that nobody has looked for in DNS yet; its
    /// statuses then move by [`begin_confirmation`](Self::begin_confirmation),
    /// [`answered`](Self::answered), [`cancel`](Self::cancel) and [`request`](Self::request). The
    /// builder, and the serde form, take any state that can be: a part that was not asked for has the
    /// status Not requested and one that was asked for has another, so whoever turns
    /// `authenticate_email` off there says `email_status` too.
    ///
    /// * Ownership is asked for with any of the three uses; with prefilled forms alone it may be left
    ///   out, as later versions of the product do ([`Profile::prefill_needs_ownership`]).
    /// * Nothing has to be asked for: the table has no such rule. Such a record registers the name,
    ///   allows nothing, and has [`advice`](Self::advice).
    /// * A chosen `envelope_from_domain` obeys its rules even where it is not asked for.
    /// * Key records of parts that are not asked for are kept, and have no effect.
    /// * Not here are `msdynmkt_emaildnsrecord1status` and `msdynmkt_emaildnsrecord2status`, later
    ///   columns with a status of each DKIM record, of which `email_status` is the sum, and
    ///   `msdynmkt_stepwizardprogress`, the state of a wizard. An import keeps them as columns that it
    ///   does not know.
    ///
    /// What may become of a record that is kept
    /// ([`check_new`](crate::settings::SettingsRecord::check_new),
    /// [`check_change`](crate::settings::SettingsRecord::check_change)):
    ///
    /// * No record is made with a part that is confirmed. The domain of the
    ///   [instance](Self::instance) alone is, when an organization is provisioned.
    /// * A part is confirmed only after it was in confirmation, as [`answered`](Self::answered) does.
    ///   Whoever writes such a change vouches for the answer of DNS.
    /// * Another name begins anew: no part is confirmed, in confirmation or failed. The same holds of
    ///   the envelope-from part and its chosen domain.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use correspond::settings::{
    ///     AuthenticatedDomain, CheckOutcome, DomainPart, DomainRequest, DomainStatus,
    /// };
    ///
    /// let domain = AuthenticatedDomain::new("contoso.com", DomainRequest::EMAIL)?;
    /// assert_eq!(domain.email_status(), DomainStatus::WaitingToConfirm);
    ///
    /// let today = NaiveDate::from_ymd_opt(2020, 4, 1).unwrap();
    /// let domain = domain
    ///     .begin_confirmation()?
    ///     .answered(DomainPart::Ownership, CheckOutcome::Confirmed(today))?
    ///     .answered(DomainPart::Email, CheckOutcome::KeysNotFound)?;
    /// assert!(!domain.can_send());
    ///
    /// // The provider was slow. What is confirmed stays so, the rest is looked for again.
    /// let domain = domain
    ///     .begin_confirmation()?
    ///     .answered(DomainPart::Email, CheckOutcome::Confirmed(today))?;
    /// assert!(domain.can_send() && domain.covers(&"Contoso.com".parse()?));
    /// assert!(!domain.covers(&"www.contoso.com".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    AuthenticatedDomain, AuthenticatedDomainBuilder, AuthenticatedDomain, "Authenticated domains",
        "msdyncrm_setupdomain";
    required {
        /// The domain: for mail exactly what stands behind the `@`, for forms each subdomain by
        /// itself.
        name: ref DomainName, "Domain name", "msdyncrm_name";
    }
    optional {
        /// Is the domain to be authenticated for email, with DKIM keys?
        authenticate_email: copy bool = Defaults::same(true), "Authenticate email",
            "msdyncrm_generateemailkeys";
        /// Are forms embedded on the domain to be prefilled for known contacts, and its pages
        /// personalized?
        prefilled_forms: copy bool = Defaults::same(false), "Enable prefilled forms",
            "msdyncrm_generateformkeys";
        /// Do bounces go to an envelope-from domain below this one? If not, they go to the one of
        /// the system.
        envelope_from: copy bool = Defaults::same(false), "Enable custom envelope-from domain",
            "msdyncrm_generatedomainalignmentkeys";
        /// Is the envelope-from domain required? Kept for other systems; it steers nothing here, as
        /// no document says what it steers.
        envelope_from_required: copy bool = Defaults::same(false),
            "Envelope-from domain required", "msdyncrm_domainalignmentrequired";
        /// The envelope-from domain, where another than `bouncing.<domain>` was chosen: a subdomain
        /// by one label, which starts with `bouncing` and has letters and digits alone.
        envelope_from_domain: ref Option<DomainName> = Defaults::effective(None),
            "Envelope-from domain name", "msdyncrm_alignedname";
        /// The `TXT` record that proves the ownership, once its key was generated.
        ownership_key: ref Option<DnsRecord> = Defaults::effective(None),
            "Ownership authentication key", "msdyncrm_txtkey";
        /// The first of the two DKIM records, once the keys were generated.
        email_key_1: ref Option<DnsRecord> = Defaults::effective(None),
            "Email authentication key 1", "msdyncrm_emailkey1";
        /// The second.
        email_key_2: ref Option<DnsRecord> = Defaults::effective(None),
            "Email authentication key 2", "msdyncrm_emailkey2";
        /// The `CNAME` record of the envelope-from domain, once it was generated.
        envelope_from_key: ref Option<DnsRecord> = Defaults::effective(None),
            "Envelope-from key", "msdyncrm_domalignrecvalue";
        /// How far the proof of ownership has come.
        ownership_status: copy DomainStatus = Defaults::effective(DomainStatus::WaitingToConfirm),
            "Ownership status", "msdyncrm_ownershipvalidationstatus";
        /// How far the email keys have come.
        email_status: copy DomainStatus = Defaults::effective(DomainStatus::WaitingToConfirm),
            "Email status", "msdyncrm_emailkeysvalidationstatus";
        /// How far the envelope-from domain has come.
        envelope_from_status: copy DomainStatus = Defaults::effective(DomainStatus::NotRequested),
            "Envelope-from status", "msdyncrm_domainalignmentvalidationstatus";
        /// The day on which a part was last confirmed. It stays when that is lost.
        confirmed_on: copy Option<NaiveDate> = Defaults::effective(None), "Confirmed on",
            "msdyncrm_validationdate";
        /// What the product tells to do with the keys.
        instructions: ref Option<Text<1, 5000>> = Defaults::effective(None), "Instructions",
            "msdyncrm_instructions";
        /// What the product tells to do with its IP addresses.
        ip_instructions: ref Option<Text<1, 5000>> = Defaults::effective(None),
            "IP instructions", "msdyncrm_ipinstructions";
        /// The IP addresses that a receiver may have to allow.
        ip_addresses: ref Option<Text<1, 5000>> = Defaults::effective(None), "IP addresses",
            "msdyncrm_ipslist";
    }
    check(this) {
        match &this.envelope_from_domain {
            Some(chosen) => envelope::check(&this.name, chosen)?,
            None if this.envelope_from => {
                envelope::generated(&this.name)
                    .map_err(|error| SettingError::new("envelope_from_domain", error))?;
            }
            None => {}
        }
        check_status("email_status", this.email_status, this.authenticate_email)?;
        check_status("envelope_from_status", this.envelope_from_status, this.envelope_from)?;
        let request = this.requested();
        // With forms alone both are good: later versions leave the ownership out.
        if request.email || request.envelope_from || !request.prefilled_forms {
            let asked = request.email || request.envelope_from;
            check_status("ownership_status", this.ownership_status, asked)?;
        }
        for (field, key, record) in this.keys() {
            if let Some(found) = record.map(DnsRecord::record_type)
                && !key.record_types().contains(&found)
            {
                let expected = key.record_types().iter().map(ToString::to_string);
                let expected = expected.collect::<Vec<_>>().join(" or ");
                return Err(SettingError::excluded(field, format!("a {expected}"), found));
            }
        }
        Ok(())
    }
    change(this, before) {
        let renamed = this.name != before.name;
        let realigned = this.envelope_from_domain != before.envelope_from_domain;
        for (field, part) in statuses() {
            let (was, is) = (before.status(part), this.status(part));
            let lost = renamed || realigned && part == DomainPart::EnvelopeFrom;
            if lost && !is.is_reset() {
                let expected = "a status of before DNS was asked, as that was for another name";
                return Err(SettingError::excluded(field, expected, format!("\"{is}\"")));
            }
            let confirmed = DomainStatus::Confirmed;
            if is == confirmed && was != confirmed && was != DomainStatus::Confirming {
                let expected = format!(
                    "\"{confirmed}\" only of a part that was \"{}\"",
                    DomainStatus::Confirming
                );
                let found = format!("\"{confirmed}\" of one that was \"{was}\"");
                return Err(SettingError::excluded(field, expected, found));
            }
        }
        Ok(())
    }
    new(this) {
        for (field, part) in statuses() {
            let is = this.status(part);
            if is == DomainStatus::Confirmed {
                let expected = "the status of a part that is still to be confirmed";
                return Err(SettingError::excluded(field, expected, format!("\"{is}\"")));
            }
        }
        Ok(())
    }
}

const fn statuses() -> [(&'static str, DomainPart); 3] {
    [
        ("ownership_status", DomainPart::Ownership),
        ("email_status", DomainPart::Email),
        ("envelope_from_status", DomainPart::EnvelopeFrom),
    ]
}

fn check_status(
    field: &'static str,
    status: DomainStatus,
    requested: bool,
) -> Result<(), SettingError> {
    if requested == (status != DomainStatus::NotRequested) {
        return Ok(());
    }
    let expected = if requested {
        "the status of a part that was requested"
    } else {
        "\"Not requested\", as nothing asks for this part"
    };
    Err(SettingError::excluded(field, expected, format!("\"{status}\"")))
}

impl LinkTarget for AuthenticatedDomain {
    const TABLE: &'static str = "msdyncrm_setupdomain";
}

impl AuthenticatedDomain {
    /// What the domain is registered for.
    #[must_use]
    pub const fn requested(&self) -> DomainRequest {
        DomainRequest {
            email: self.authenticate_email,
            prefilled_forms: self.prefilled_forms,
            envelope_from: self.envelope_from,
        }
    }

    /// The status of a part. The parts are independent of one another.
    #[must_use]
    pub const fn status(&self, part: DomainPart) -> DomainStatus {
        match part {
            DomainPart::Ownership => self.ownership_status,
            DomainPart::Email => self.email_status,
            DomainPart::EnvelopeFrom => self.envelope_from_status,
        }
    }

    /// Is it this very domain? A registered domain covers no subdomain, `www` included, and no
    /// parent.
    #[must_use]
    pub fn covers(&self, domain: &Domain) -> bool {
        self.name.domain() == domain
    }

    /// May mail be sent from the domain: are its ownership and its email keys both confirmed?
    #[must_use]
    pub fn can_send(&self) -> bool {
        self.sending_blocker().is_none()
    }

    /// Why no mail may be sent from the domain: the part that is not confirmed, and its status. A
    /// default sending domain that has one rewrites no address, and deserves a warning.
    #[must_use]
    pub fn sending_blocker(&self) -> Option<(DomainPart, DomainStatus)> {
        [DomainPart::Ownership, DomainPart::Email]
            .map(|part| (part, self.status(part)))
            .into_iter()
            .find(|(_, status)| *status != DomainStatus::Confirmed)
    }

    /// May forms embedded on the domain be prefilled for known contacts? They must be asked for, and
    /// the ownership be confirmed; for later versions of the product asking is enough
    /// ([`Profile::prefill_needs_ownership`]). That the page is served over HTTPS is another
    /// question.
    #[must_use]
    pub fn can_prefill(&self, profile: Profile) -> bool {
        self.prefilled_forms
            && (!profile.prefill_needs_ownership()
                || self.ownership_status == DomainStatus::Confirmed)
    }

    /// May pages on the domain be personalized? It is asked for, and allowed, together with prefilled
    /// forms.
    #[must_use]
    pub fn can_personalize(&self, profile: Profile) -> bool {
        self.can_prefill(profile)
    }

    /// The envelope-from domain of mail from this domain: the one that was chosen, else
    /// `bouncing.<domain>`; `None`, which is the one of the system, where none was asked for.
    #[must_use]
    pub fn envelope_from_name(&self) -> Option<DomainName> {
        match &self.envelope_from_domain {
            _ if !self.envelope_from => None,
            Some(chosen) => Some(chosen.clone()),
            None => envelope::generated(&self.name).ok(),
        }
    }

    /// The DNS record of a key; `None` before it was generated.
    #[must_use]
    pub const fn key(&self, key: DomainKey) -> Option<&DnsRecord> {
        match key {
            DomainKey::Ownership => self.ownership_key.as_ref(),
            DomainKey::Dkim1 => self.email_key_1.as_ref(),
            DomainKey::Dkim2 => self.email_key_2.as_ref(),
            DomainKey::EnvelopeFrom => self.envelope_from_key.as_ref(),
        }
    }

    /// The keys that this record needs, by the parts that were asked for: those to generate, to
    /// publish and to look for; four at most.
    pub fn needed_keys(&self) -> impl Iterator<Item = DomainKey> {
        let asked = |part| self.status(part) != DomainStatus::NotRequested;
        let asked = DomainPart::ALL.map(|part| (part, asked(part)));
        DomainKey::ALL.into_iter().filter(move |key| asked.contains(&(key.part(), true)))
    }

    fn keys(&self) -> [(&'static str, DomainKey, Option<&DnsRecord>); 4] {
        let name = |key| match key {
            DomainKey::Ownership => "ownership_key",
            DomainKey::Dkim1 => "email_key_1",
            DomainKey::Dkim2 => "email_key_2",
            DomainKey::EnvelopeFrom => "envelope_from_key",
        };
        DomainKey::ALL.map(|key| (name(key), key, self.key(key)))
    }
}

#[cfg(test)]
mod tests;
