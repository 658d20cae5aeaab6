//! Which domains may mail come from?

use std::cmp::Ordering;
use std::fmt;

use super::alignment::DkimAlignment;
use super::field::FromField;
use super::rewrite::AccountName;
use crate::address::{Domain, EmailAddressRef};
use crate::id::RecordId;
use crate::settings::{
    AuthenticatedDomain, DefaultMarketingSettings, DomainName, DomainPart, DomainStatus, Link,
    SettingsSnapshot, Stored,
};

/// The authenticated domains of an organization, made ready to be asked; and where addresses of other
/// domains go. Built once from the settings, then shared.
///
/// A domain is itself alone: `contoso.com` covers neither `www.contoso.com` nor any subdomain. Case, and
/// U-label or A-label, make no difference.
///
/// ```
/// use chrono::DateTime;
/// use correspond::id::RecordId;
/// use correspond::record::Version;
/// use correspond::sender::{DomainStanding, FromField, SendingDomains};
/// use correspond::settings::{AuthenticatedDomain, DomainStatus, Stored};
///
/// let domain = AuthenticatedDomain::builder()
///     .name("contoso.com")
///     .ownership_status(DomainStatus::Confirmed)
///     .email_status(DomainStatus::Confirmed)
///     .build()?;
/// let stored = Stored::new(RecordId::new(1), Version::new(1), DateTime::UNIX_EPOCH, domain);
/// let domains = SendingDomains::of(&[stored], None);
///
/// let standing = |text| FromField::new("", text).map(|from| domains.standing(&from));
/// assert_eq!(standing("Lamar@CONTOSO.com")?, Some(DomainStanding::Authenticated));
/// assert_eq!(standing("lamar@news.contoso.com")?, Some(DomainStanding::Unregistered));
/// assert_eq!(standing("{{contact.owner.emailaddress}}")?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SendingDomains {
    /// By length of the name, then name; of one name the best first.
    entries: Vec<Entry>,
    /// The places of the records, by id.
    by_id: Vec<(RecordId, usize)>,
    pub(super) default: Option<Link<AuthenticatedDomain>>,
    pub(super) default_name: Box<str>,
    pub(super) default_address: Box<str>,
    pub(super) account_name: AccountName,
}

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) id: RecordId,
    pub(super) name: DomainName,
    pub(super) standing: DomainStanding,
}

/// How does a domain stand with the organization? The best comes first.
///
/// `Display` gives a clause about the domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DomainStanding {
    /// Its record is active, ownership and email are both confirmed: mail may come from it.
    Authenticated,
    /// It is that of another business unit, which does not share it. For the message it is not
    /// authenticated.
    NotShared,
    /// It is registered for mail, or for nothing, and this part of it is not confirmed.
    NotConfirmed {
        /// The part.
        part: DomainPart,
        /// Its status.
        status: DomainStatus,
    },
    /// It is registered for prefilled forms alone.
    FormsOnly,
    /// Its record is inactive.
    Inactive,
    /// There is no record of it.
    Unregistered,
}

impl DomainStanding {
    /// May mail come from the domain?
    #[must_use]
    pub const fn is_authenticated(self) -> bool {
        matches!(self, Self::Authenticated)
    }

    fn of(stored: &Stored<AuthenticatedDomain>) -> Self {
        let request = stored.value.requested();
        match stored.value.sending_blocker() {
            _ if !stored.active => Self::Inactive,
            None => Self::Authenticated,
            Some(_) if request.prefilled_forms && !request.email => Self::FormsOnly,
            Some((part, status)) => Self::NotConfirmed { part, status },
        }
    }
}

impl fmt::Display for DomainStanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authenticated => f.write_str("its ownership and its email are confirmed"),
            Self::NotShared => {
                f.write_str("it is that of another business unit, which does not share it")
            }
            Self::NotConfirmed { part, status } => {
                write!(f, "its {part} has the status \"{status}\"")
            }
            Self::FormsOnly => f.write_str("it is registered for prefilled forms alone"),
            Self::Inactive => f.write_str("its record is inactive"),
            Self::Unregistered => f.write_str("it is not registered"),
        }
    }
}

impl SendingDomains {
    /// From all that an organization decided.
    #[must_use]
    pub fn new(settings: &SettingsSnapshot) -> Self {
        let defaults = settings.marketing_defaults.as_ref().map(|stored| &stored.value);
        Self::of(&settings.authenticated_domains, defaults)
    }

    /// From the records of the page, and the default marketing settings in force.
    #[must_use]
    pub fn of(
        domains: &[Stored<AuthenticatedDomain>],
        defaults: Option<&DefaultMarketingSettings>,
    ) -> Self {
        let entries = domains.iter().map(|stored| Entry {
            id: stored.id,
            name: stored.value.name().clone(),
            standing: DomainStanding::of(stored),
        });
        let from_name = defaults.and_then(|set| set.default_from_name().as_ref());
        let from_address = defaults.and_then(|set| set.default_from_email().as_ref());
        let (entries, by_id) = sorted(entries.collect());
        Self {
            entries,
            by_id,
            default: defaults.and_then(DefaultMarketingSettings::default_sending_domain),
            default_name: from_name.map_or("", |name| name.as_str()).into(),
            default_address: from_address.map_or("", |address| address.as_str()).into(),
            account_name: AccountName::default(),
        }
    }

    /// The same for a message of a business unit with which these domains are not shared: they count as
    /// not authenticated, also as the default sending domain. Which they are knows the host, where
    /// business units have domains of their own; by default all are shared.
    #[must_use]
    pub fn withholding(mut self, domains: impl IntoIterator<Item = RecordId>) -> Self {
        let mut withheld: Vec<_> = domains.into_iter().collect();
        withheld.sort_unstable();
        for entry in &mut self.entries {
            // A record that is not active is none, whoever has it.
            let counts = entry.standing != DomainStanding::Inactive;
            if counts && withheld.binary_search(&entry.id).is_ok() {
                entry.standing = DomainStanding::NotShared;
            }
        }
        let (entries, by_id) = sorted(self.entries);
        Self { entries, by_id, ..self }
    }

    /// The same for a message with a sending domain of its own
    /// ([`EmailInEffect::sending_domain`](crate::mailing::EmailInEffect::sending_domain)): it takes the
    /// place of the default one in all that is asked. Without one, the default one stays.
    #[must_use]
    pub fn with_sending_domain(self, own: Option<Link<AuthenticatedDomain>>) -> Self {
        Self { default: own.or(self.default), ..self }
    }

    /// The same with another rule for the account name of an address that is rewritten.
    #[must_use]
    pub fn with_account_name(self, account_name: AccountName) -> Self {
        Self { account_name, ..self }
    }

    /// How the domain of a From address stands; `None` where an expression decides it for each
    /// recipient. (Of `{{contact.owner.firstname}}@contoso.com` it is known.) An address literal is
    /// nobody's domain.
    #[must_use]
    pub fn standing(&self, from: &FromField<'_>) -> Option<DomainStanding> {
        match from.address() {
            Some(address) => Some(self.standing_of_address(address)),
            None => from.fixed_domain().map(|domain| self.standing_of(&domain)),
        }
    }

    /// How a domain stands.
    #[must_use]
    pub fn standing_of(&self, domain: &Domain) -> DomainStanding {
        self.find(domain.as_str()).map_or(DomainStanding::Unregistered, |entry| entry.standing)
    }

    pub(super) fn standing_of_address(&self, address: EmailAddressRef<'_>) -> DomainStanding {
        let domain = address.domain();
        if domain.is_ascii() {
            return self.find(domain).map_or(DomainStanding::Unregistered, |entry| entry.standing);
        }
        let domain = address.to_domain();
        domain.map_or(DomainStanding::Unregistered, |domain| self.standing_of(&domain))
    }

    /// The domain that signs mail from this address with DKIM: the authenticated domain of the address,
    /// else the default sending domain where that can send; `None` where neither can, or an expression
    /// decides.
    #[must_use]
    pub fn signing_domain(&self, from: &FromField<'_>) -> Option<&DomainName> {
        let domain = from.fixed_domain();
        let own = domain.as_ref().and_then(|domain| self.find(domain.as_str()));
        match own.filter(|entry| entry.standing.is_authenticated()) {
            Some(own) => Some(&own.name),
            None if domain.is_none() && from.is_dynamic() => None,
            None => self.replacement().map(|entry| &entry.name),
        }
    }

    /// Does DMARC accept the signature of mail from this address? `None` where it is not known who
    /// signs, or the address has no domain. That the default sending domain signs what has no domain of
    /// its own is the way of the sending services; whether yours does, it says.
    #[must_use]
    pub fn alignment(&self, from: &FromField<'_>) -> Option<DkimAlignment> {
        let signing = self.signing_domain(from)?;
        Some(DkimAlignment::of(&from.fixed_domain()?, signing.domain()))
    }

    /// The best record of the domain to which a link leads; `None` where the record of the link is gone.
    pub(super) fn sending(&self, link: Link<AuthenticatedDomain>) -> Option<&Entry> {
        let at = self.by_id.binary_search_by_key(&link.id(), |(id, _)| *id).ok()?;
        let (_, place) = self.by_id.get(at)?;
        self.find(self.entries.get(*place)?.name.as_str())
    }

    /// The domain that takes the place of one that is not authenticated, where it can.
    pub(super) fn replacement(&self) -> Option<&Entry> {
        let entry = self.sending(self.default?)?;
        entry.standing.is_authenticated().then_some(entry)
    }

    /// The best record of a domain in ASCII, in any case.
    fn find(&self, name: &str) -> Option<&Entry> {
        let at = self.entries.partition_point(|entry| order(entry.name.as_str(), name).is_lt());
        self.entries.get(at).filter(|entry| order(entry.name.as_str(), name).is_eq())
    }
}

/// By length first, so that most pairs need no look at their letters. DNS compares the letters of ASCII
/// without their case (RFC 4343); `known` has none in upper case.
fn order(known: &str, asked: &str) -> Ordering {
    known.len().cmp(&asked.len()).then_with(|| {
        // Most are asked in lower case, and few letter by letter.
        if known == asked {
            return Ordering::Equal;
        }
        let asked = asked.bytes().map(|b| b.to_ascii_lowercase());
        known.bytes().cmp(asked)
    })
}

fn sorted(mut entries: Vec<Entry>) -> (Vec<Entry>, Vec<(RecordId, usize)>) {
    entries.sort_by(|a, b| {
        order(a.name.as_str(), b.name.as_str())
            .then_with(|| (a.standing, a.id).cmp(&(b.standing, b.id)))
    });
    let mut by_id: Vec<_> = entries.iter().map(|entry| entry.id).zip(0..).collect();
    by_id.sort_unstable();
    (entries, by_id)
}
