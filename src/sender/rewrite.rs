//! Which From address does a message get?

use std::fmt;

use super::domains::{DomainStanding, SendingDomains};
use super::error::HeaderError;
use super::field::{FromField, Written};
use crate::address::EmailAddressRef;
use crate::mailing::EmailInEffect;
use crate::settings::{AuthenticatedDomain, DomainName, Link};

/// What happened to a message, so that its From address is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Occasion {
    /// It was created.
    Created,
    /// Another user was chosen in its From field (`msdyncrm_marketingemail.msdyncrm_fromuser`), also
    /// after the address was edited by hand.
    FromUserChanged,
    /// Somebody edited the address by hand, which stands. Its domain is looked at again before the
    /// message goes live.
    EditedByHand,
}

/// What becomes of the account name, which is what stands before the `@`, when another domain takes the
/// place behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AccountName {
    /// It is kept, to the letter, as the product does. `info@a.org` and `info@b.org` both become
    /// `info@mail.contoso.example`.
    #[default]
    Kept,
    /// The old domain is appended, so that different addresses stay different, as HubSpot does:
    /// `info=a.org@mail.contoso.example`. It is kept where that would have more than 64 octets (RFC
    /// 5321 section 4.5.3.1.1), and where the old domain is an address literal.
    WithDomain,
}

/// A user, of whose address a message is sent (columns `systemuser.fullname`,
/// `systemuser.internalemailaddress`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the two columns")]
pub struct FromUser<'a> {
    /// The name; may be blank.
    pub name: &'a str,
    /// The address.
    pub address: &'a str,
}

/// What became of a From address, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "it was, or was not")]
pub enum RewriteOutcome {
    /// The default sending domain took the place of its own, which stands so.
    Rewritten(DomainStanding),
    /// It is as it was.
    Kept(KeptBecause),
}

/// Why a From address was not rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeptBecause {
    /// Its domain is authenticated.
    Authenticated,
    /// Somebody edited it by hand.
    EditedByHand,
    /// It is an expression; each address that it comes to is looked at
    /// ([`SendingDomains::resolved`]).
    Dynamic,
    /// It is no expression, and the same for each recipient: it was looked at when the message got it.
    Fixed,
    /// Its domain is not authenticated, and there is no default sending domain.
    NoDefault,
    /// Its domain is not authenticated, and the record of the default sending domain is gone.
    DefaultDeleted,
    /// Its domain is not authenticated, and no mail may come from the default sending domain either,
    /// which stands so.
    DefaultNotUsable(DomainStanding),
}

impl KeptBecause {
    /// What helps where it should have been rewritten: a clause that begins with a verb.
    pub(super) const fn remedy(self) -> &'static str {
        match self {
            Self::Authenticated | Self::Fixed => "do nothing",
            Self::EditedByHand => "choose the user in the From field again to have it rewritten",
            Self::Dynamic => "see that what it comes to is at an authenticated domain",
            Self::NoDefault => "choose a default sending domain",
            Self::DefaultDeleted => "choose another sending domain",
            Self::DefaultNotUsable(_) => {
                "authenticate that sending domain for email, or choose another"
            }
        }
    }
}

impl fmt::Display for RewriteOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rewritten(standing) => {
                write!(f, "rewritten: mail from its domain is not authenticated, as {standing}")
            }
            Self::Kept(why) => write!(f, "kept: {why}"),
        }
    }
}

impl fmt::Display for KeptBecause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authenticated => f.write_str("its domain is authenticated already"),
            Self::EditedByHand => f.write_str("it was edited by hand"),
            Self::Dynamic => f.write_str("it is resolved for each recipient"),
            Self::Fixed => f.write_str("it is the same for each recipient"),
            Self::NoDefault => f.write_str("there is no default sending domain"),
            Self::DefaultDeleted => {
                f.write_str("the record of the sending domain that would take its place is gone")
            }
            Self::DefaultNotUsable(standing) => {
                write!(
                    f,
                    "no mail may come from the sending domain that would take its place, as {standing}"
                )
            }
        }
    }
}

/// The From field that a message gets, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "the message still has the field that it had"]
pub struct Rewriting<'a> {
    from: FromField<'a>,
    outcome: RewriteOutcome,
    replaced: Option<Box<str>>,
    by_default: bool,
}

/// An address for the Reply-To field of a message whose From address was rewritten (column
/// `msdyncrm_marketingemail.msdyncrm_replytoemail`). It is a proposal: whoever chose another keeps it.
///
/// `Display` tells why, for the author of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplyTo<'a> {
    original: &'a str,
    rewritten: &'a str,
}

impl<'a> ReplyTo<'a> {
    /// The address that the message had before.
    #[must_use]
    pub const fn address(&self) -> &'a str {
        self.original
    }
}

impl fmt::Display for ReplyTo<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { original, rewritten } = self;
        write!(
            f,
            "{rewritten} can probably not receive replies; set {original} as the reply-to address"
        )
    }
}

impl<'a> Rewriting<'a> {
    /// The field that the message gets.
    #[must_use]
    pub const fn from(&self) -> &FromField<'a> {
        &self.from
    }

    /// The field, owned.
    #[must_use]
    pub fn into_from(self) -> FromField<'a> {
        self.from
    }

    pub(super) fn by_default(self, by_default: bool) -> Self {
        Self { by_default, ..self }
    }

    /// The same, which borrows nothing.
    pub fn into_owned(self) -> Rewriting<'static> {
        Rewriting { from: self.from.into_owned(), ..self }
    }

    /// What became of the address, and why.
    #[must_use]
    pub const fn outcome(&self) -> RewriteOutcome {
        self.outcome
    }

    /// Was it rewritten?
    #[must_use]
    pub const fn is_rewritten(&self) -> bool {
        matches!(self.outcome, RewriteOutcome::Rewritten(_))
    }

    /// Did an expression come out blank, so that the default address is in its place?
    #[must_use]
    pub const fn is_default_address(&self) -> bool {
        self.by_default
    }

    /// Where replies should go, as the rewritten address can probably not receive any; `None` where it
    /// was not rewritten.
    #[must_use]
    pub fn reply_to(&self) -> Option<ReplyTo<'_>> {
        let original = self.replaced.as_deref()?;
        Some(ReplyTo { original, rewritten: self.from.as_str() })
    }
}

impl SendingDomains {
    /// The From field of a new message: the address and the name that the email has, or the set in
    /// force ([`EmailInEffect::from_email`], [`EmailInEffect::from_name`]), else those of the user who
    /// makes it; rewritten where the domain is not authenticated.
    ///
    /// ```
    /// use chrono::DateTime;
    /// use correspond::id::RecordId;
    /// use correspond::mailing::EmailOverrides;
    /// use correspond::record::Version;
    /// use correspond::sender::{FromUser, SendingDomains};
    /// use correspond::settings::{
    ///     AuthenticatedDomain, DefaultMarketingSettings, DomainStatus, Stored,
    /// };
    ///
    /// let domain = AuthenticatedDomain::builder()
    ///     .name("mail.contoso.example")
    ///     .ownership_status(DomainStatus::Confirmed)
    ///     .email_status(DomainStatus::Confirmed)
    ///     .build()?;
    /// let stored = Stored::new(RecordId::new(1), Version::new(1), DateTime::UNIX_EPOCH, domain);
    /// let set = DefaultMarketingSettings::builder()
    ///     .name("Ours")
    ///     .default_sending_domain(RecordId::new(1))
    ///     .build()?;
    /// let domains = SendingDomains::of(&[stored], Some(&set));
    ///
    /// let email = EmailOverrides::default();
    /// let user = FromUser { name: "My Name", address: "MyName@example.org" };
    /// let made = domains.created(&email.in_effect(Some(&set)), user)?;
    /// assert_eq!(made.from().to_string(), "My Name <MyName@mail.contoso.example>");
    /// assert_eq!(
    ///     made.outcome().to_string(),
    ///     "rewritten: mail from its domain is not authenticated, as it is not registered"
    /// );
    /// assert_eq!(made.reply_to().unwrap().address(), "MyName@example.org");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The name or the address is not fit for a header; the user has no address and nothing else names
    /// one.
    pub fn created<'a>(
        &self,
        email: &EmailInEffect<'a>,
        user: FromUser<'a>,
    ) -> Result<Rewriting<'a>, HeaderError> {
        let name = email.from_name.map_or(user.name, |name| name.as_str());
        let address = email.from_email.map_or(user.address, |address| address.as_str());
        let from = FromField::new(name, address)?;
        Ok(self.rewrite_to(from, Occasion::Created, email.sending_domain))
    }

    /// The From field of a message in whose From field somebody chose a user: that user's, rewritten
    /// where the domain is not authenticated. Whatever stood there before is gone.
    ///
    /// # Errors
    ///
    /// The name or the address of the user is not fit for a header, or there is no address.
    pub fn user_changed<'a>(
        &self,
        email: &EmailInEffect<'_>,
        user: FromUser<'a>,
    ) -> Result<Rewriting<'a>, HeaderError> {
        let from = FromField::new(user.name, user.address)?;
        Ok(self.rewrite_to(from, Occasion::FromUserChanged, email.sending_domain))
    }

    /// The From field that a message gets on this occasion. A domain that is not authenticated is
    /// replaced by the default sending domain, and nothing else changes. Where nothing changes, nothing
    /// is copied.
    pub fn rewrite<'a>(&self, from: FromField<'a>, occasion: Occasion) -> Rewriting<'a> {
        self.rewrite_to(from, occasion, self.default)
    }

    /// As [`rewrite`](Self::rewrite), with the sending domain that the message has in place of the
    /// default one ([`EmailInEffect::sending_domain`]); without one, the default one is.
    pub fn rewrite_to<'a>(
        &self,
        from: FromField<'a>,
        occasion: Occasion,
        sending_domain: Option<Link<AuthenticatedDomain>>,
    ) -> Rewriting<'a> {
        match occasion {
            // What it comes to is looked at, whoever wrote it.
            Occasion::EditedByHand if from.is_dynamic() => kept(from, KeptBecause::Dynamic),
            Occasion::EditedByHand => kept(from, KeptBecause::EditedByHand),
            Occasion::Created | Occasion::FromUserChanged => self.swap(from, sending_domain),
        }
    }

    pub(super) fn swap<'a>(
        &self,
        mut from: FromField<'a>,
        sending_domain: Option<Link<AuthenticatedDomain>>,
    ) -> Rewriting<'a> {
        let Some(address) = from.address() else { return kept(from, KeptBecause::Dynamic) };
        let standing = self.standing_of_address(address);
        if standing.is_authenticated() {
            return kept(from, KeptBecause::Authenticated);
        }
        let Some(link) = sending_domain.or(self.default) else {
            return kept(from, KeptBecause::NoDefault);
        };
        let Some(default) = self.sending(link) else {
            return kept(from, KeptBecause::DefaultDeleted);
        };
        if !default.standing.is_authenticated() {
            return kept(from, KeptBecause::DefaultNotUsable(default.standing));
        }
        let swapped = swapped(address, &default.name, self.account_name);
        let replaced = from.replace(Written::Owned(swapped)).text().into();
        let outcome = RewriteOutcome::Rewritten(standing);
        Rewriting { from, outcome, replaced: Some(replaced), by_default: false }
    }
}

pub(super) fn kept(from: FromField<'_>, why: KeptBecause) -> Rewriting<'_> {
    let outcome = RewriteOutcome::Kept(why);
    Rewriting { from, outcome, replaced: None, by_default: false }
}

/// Octets of a local part at most (RFC 5321 section 4.5.3.1.1).
const MAX_LOCAL: usize = 64;

/// The address at the other domain. It is an address again: a local part has 64 octets at most, the name
/// of an authenticated domain 100, and an address 254.
fn swapped(address: EmailAddressRef<'_>, domain: &DomainName, how: AccountName) -> Box<str> {
    let local = address.local();
    let with_domain = match how {
        AccountName::Kept => None,
        AccountName::WithDomain => address.to_domain().map(|old| match local.strip_suffix('"') {
            Some(open) => format!("{open}={old}\""),
            None => format!("{local}={old}"),
        }),
    };
    let local = with_domain.as_deref().filter(|local| local.len() <= MAX_LOCAL).unwrap_or(local);
    format!("{local}@{domain}").into()
}
