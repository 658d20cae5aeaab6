//! Signing in, again and again.

use chrono::NaiveDate;

use super::{ConnectStatus, PageChoice, SocialAccount, SocialChannel, SocialTokenType};
use crate::settings::field::Text;

/// What a sign-in brought, but for its token, which is the posting service's.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "an account signs in with it"]
pub struct SignIn {
    network_id: Text<1, 100>,
    network_name: Text<1, 100>,
    username: Option<Text<1, 100>>,
    valid_until: Option<NaiveDate>,
    pages: Option<FacebookPages>,
}

/// The pages of a Facebook account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the three ways through Facebook's own dialog")]
pub enum FacebookPages {
    /// It has one, and that is bound.
    One,
    /// It has several, and "All pages" was chosen: one of them is to be picked next.
    SeveralAllGranted,
    /// It has several, and "All pages" was not chosen: Facebook bound an arbitrary one, which the
    /// sign-in names.
    SeveralNotGranted,
}

impl SignIn {
    /// As this user or page of the network.
    pub const fn new(network_id: Text<1, 100>, network_name: Text<1, 100>) -> Self {
        Self { network_id, network_name, username: None, valid_until: None, pages: None }
    }

    /// By this user.
    pub fn by(self, username: Text<1, 100>) -> Self {
        Self { username: Some(username), ..self }
    }

    /// Until the end of this day (UTC).
    pub fn until(self, day: NaiveDate) -> Self {
        Self { valid_until: Some(day), ..self }
    }

    /// Facebook: to a page of the user.
    pub fn with_pages(self, pages: FacebookPages) -> Self {
        Self { pages: Some(pages), ..self }
    }
}

impl SocialAccount {
    /// The account after the first sign-in.
    ///
    /// # Errors
    ///
    /// Somebody signed in before (then [`reauthorise`](Self::reauthorise)), or what that says.
    pub fn authorise(&self, sign_in: SignIn) -> Result<Self, SignInRefused> {
        if self.connect_status != ConnectStatus::NeverSignedIn {
            return Err(SignInRefused::SignedInBefore);
        }
        self.reauthorise(sign_in)
    }

    /// The account after another sign-in, which repairs one that ended and a changed password, and
    /// replaces an arbitrary page of Facebook. It stays the same record: name, channel and agreement
    /// are as they were, and what refers to it still does. A user disabled by the network is not
    /// enabled by it.
    ///
    /// # Errors
    ///
    /// Policy or terms must be agreed to again, or pages come from another network than Facebook.
    pub fn reauthorise(&self, sign_in: SignIn) -> Result<Self, SignInRefused> {
        if self.consent_needed {
            return Err(SignInRefused::AgreementNeeded);
        }
        let (token_type, page_choice) = match sign_in.pages {
            Some(_) if self.channel != SocialChannel::Facebook => {
                return Err(SignInRefused::NoPages(self.channel));
            }
            None => (SocialTokenType::User, None),
            Some(FacebookPages::One) => (SocialTokenType::Page, None),
            Some(FacebookPages::SeveralAllGranted) => {
                (SocialTokenType::User, Some(PageChoice::Pending))
            }
            Some(FacebookPages::SeveralNotGranted) => {
                (SocialTokenType::Page, Some(PageChoice::Arbitrary))
            }
        };
        Ok(Self {
            connect_status: ConnectStatus::SignedIn,
            token_type: Some(token_type),
            page_choice,
            network_id: Some(sign_in.network_id),
            network_name: Some(sign_in.network_name),
            username: sign_in.username,
            valid_until: sign_in.valid_until,
            ..self.clone()
        })
    }

    /// The account with this page of Facebook, or with another one than was chosen before.
    ///
    /// # Errors
    ///
    /// Nobody is signed in, or there is nothing to choose from: not all pages were granted (then
    /// reauthorise, and choose "All pages" first), or there are not several.
    pub fn choose_page(
        &self,
        network_id: Text<1, 100>,
        network_name: Text<1, 100>,
    ) -> Result<Self, SignInRefused> {
        if self.connect_status != ConnectStatus::SignedIn {
            return Err(SignInRefused::NotSignedIn(self.connect_status));
        }
        match self.page_choice {
            Some(PageChoice::Pending | PageChoice::Chosen) => Ok(Self {
                token_type: Some(SocialTokenType::Page),
                page_choice: Some(PageChoice::Chosen),
                network_id: Some(network_id),
                network_name: Some(network_name),
                ..self.clone()
            }),
            Some(PageChoice::Arbitrary) => Err(SignInRefused::AllPagesNotGranted),
            None => Err(SignInRefused::NoPages(self.channel)),
        }
    }

    /// The account after somebody agreed to its policy and terms, and to which text.
    #[must_use]
    pub fn agreed(&self, text: Option<Text<1, 2000>>) -> Self {
        Self { consent: true, consent_needed: false, consent_text: text, ..self.clone() }
    }

    /// The account as an import makes it: one that was signed in has to be reauthorised, as tokens are
    /// never exported. Reading a [`Document`](crate::settings::Document) does this.
    #[must_use]
    pub fn imported(&self) -> Self {
        match self.connect_status {
            ConnectStatus::SignedIn => self.sign_in_ended(),
            _ => self.clone(),
        }
    }

    /// The account after the network refused a post because the sign-in has ended.
    #[must_use]
    pub fn sign_in_ended(&self) -> Self {
        self.after(ConnectStatus::SignInExpired)
    }

    /// The account after the network refused a post because the password has changed.
    #[must_use]
    pub fn password_changed(&self) -> Self {
        self.after(ConnectStatus::PasswordChanged)
    }

    fn after(&self, status: ConnectStatus) -> Self {
        // There is nothing to end where nobody has signed in.
        let never = self.connect_status == ConnectStatus::NeverSignedIn;
        let connect_status = if never { ConnectStatus::NeverSignedIn } else { status };
        Self { connect_status, ..self.clone() }
    }
}

/// A step of signing in was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum SignInRefused {
    /// The first sign-in is over.
    #[error(
        "social account: expected one that nobody signed in to, found a sign-in; reauthorise it"
    )]
    SignedInBefore,
    /// Policy or terms must be agreed to again.
    #[error("social account: expected an agreement to its policy and terms, found it out of date")]
    AgreementNeeded,
    /// A page is chosen while signed in.
    #[error("social account: expected a sign-in, found: {0}")]
    NotSignedIn(ConnectStatus),
    /// Facebook bound an arbitrary page.
    #[error(
        "social account: expected all pages to be granted, found some; reauthorise it and choose All \
         pages first"
    )]
    AllPagesNotGranted,
    /// There are no pages to choose from.
    #[error("social account: expected one of several Facebook pages, found {0} without")]
    NoPages(SocialChannel),
}
