//! May something be posted?

use chrono::{DateTime, NaiveDate, Utc};

use super::{ConnectStatus, PageChoice, SocialAccount};
use crate::settings::stored::Stored;

impl SocialAccount {
    /// May something be posted through the account that was looked up, or why not? `found` is what
    /// the look-up brought: nothing after the record was deleted, which so ends posting.
    ///
    /// # Errors
    ///
    /// The first reason against it.
    pub fn may_post(found: Option<&Stored<Self>>, now: DateTime<Utc>) -> Result<(), NotPosting> {
        let Some(stored) = found else { return Err(NotPosting::Deleted) };
        if !stored.active {
            return Err(NotPosting::Inactive);
        }
        stored.value.ready(now)
    }

    /// Could something be posted through it, were it stored and active?
    ///
    /// The product posts to the page that Facebook took where not all pages were granted. A post on
    /// the wrong page is public and cannot be taken back, so here it is refused until the account was
    /// reauthorised.
    ///
    /// # Errors
    ///
    /// The first reason against it.
    pub fn ready(&self, now: DateTime<Utc>) -> Result<(), NotPosting> {
        if self.consent_needed {
            return Err(NotPosting::PolicyNotAgreed);
        }
        if self.user_account_disabled {
            return Err(NotPosting::AccountDisabled);
        }
        match self.connect_status {
            ConnectStatus::NeverSignedIn => return Err(NotPosting::NotSignedIn),
            ConnectStatus::PasswordChanged => return Err(NotPosting::PasswordChanged),
            ConnectStatus::SignInExpired => return Err(NotPosting::SignInExpired),
            ConnectStatus::SignedIn => {}
        }
        if self.valid_until.is_some_and(|day| day < now.date_naive()) {
            return Err(NotPosting::SignInExpired);
        }
        match self.page_choice {
            Some(PageChoice::Pending) => Err(NotPosting::PageNotChosen),
            Some(PageChoice::Arbitrary) => Err(NotPosting::PageArbitrary),
            Some(PageChoice::Chosen) | None => Ok(()),
        }
    }

    /// The first day (UTC) on which the sign-in no longer holds (the product's calculated column
    /// `msdyncrm_expirydate`); `None` where no end is known.
    #[must_use]
    pub fn expiry(&self) -> Option<NaiveDate> {
        self.valid_until.and_then(|day| day.succ_opt())
    }
}

/// Why can nothing be posted?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum NotPosting {
    /// The record was deleted.
    #[error("post: expected an account, found none; it was deleted")]
    Deleted,
    /// The record is inactive.
    #[error("post: expected an active account, found an inactive one")]
    Inactive,
    /// Policy or terms must be agreed to again.
    #[error("post: expected an agreement to policy and terms, found none that is up to date")]
    PolicyNotAgreed,
    /// The network disabled the user.
    #[error("post: expected a user of the network, found a disabled one")]
    AccountDisabled,
    /// Nobody has signed in yet.
    #[error("post: expected a sign-in, found none; authorise the account")]
    NotSignedIn,
    /// The sign-in has ended.
    #[error(
        "post: expected a sign-in that is valid, found one that has ended; reauthorise the account"
    )]
    SignInExpired,
    /// The password was changed.
    #[error("post: expected the password of the sign-in, found a new one; reauthorise the account")]
    PasswordChanged,
    /// One of several Facebook pages is still to be chosen.
    #[error("post: expected one of the Facebook pages, found none chosen")]
    PageNotChosen,
    /// Facebook bound an arbitrary page.
    #[error(
        "post: expected a Facebook page that was chosen, found an arbitrary one; reauthorise the \
             account and choose All pages first"
    )]
    PageArbitrary,
}
