//! Through which accounts are posts published? (Marketing settings, Social configuration)

mod channel;
mod posting;
mod sign_in;

use chrono::NaiveDate;

pub use channel::{ConnectStatus, PageChoice, SocialChannel, SocialTokenType};
pub use posting::NotPosting;
pub use sign_in::{FacebookPages, SignIn, SignInRefused};

use super::error::SettingError;
use super::field::{Defaults, Name, Text, Url};
use super::record::record;

record! {
    /// An account of a social network through which posts are published (table
    /// `msdyncrm_socialpostingconfiguration`).
    ///
    /// It is made after somebody agreed to the network's privacy policy and terms of service (the
    /// links are shown once the channel is chosen), and posts after somebody signed in to it
    /// ([`authorise`](Self::authorise)). A sign-in that ended, or a changed password, is repaired by
    /// [`reauthorise`](Self::reauthorise), which keeps the record. Deleting the record ends posting.
    ///
    /// The token of the sign-in is the posting service's: there is no field for it. So an imported
    /// account always has to be reauthorised.
    ///
    /// ```
    /// use chrono::DateTime;
    /// use correspond::settings::{SignIn, SocialAccount, SocialChannel, Text};
    ///
    /// let new = SocialAccount::builder()
    ///     .name("Contoso Electronics LinkedIn")
    ///     .channel(SocialChannel::LinkedIn)
    ///     .consent(true)
    ///     .build()?;
    /// assert_eq!(new.links().0, "https://www.linkedin.com/legal/privacy-policy");
    /// let now = DateTime::UNIX_EPOCH;
    /// assert!(new.ready(now).is_err(), "nobody signed in");
    ///
    /// let account = new.authorise(SignIn::new(Text::new("1234")?, Text::new("Contoso")?))?;
    /// assert_eq!(account.ready(now), Ok(()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    SocialAccount, SocialAccountBuilder, SocialAccount, "Social configuration",
        "msdyncrm_socialpostingconfiguration";
    required {
        /// What the list shows it as.
        name: ref Name, "Name", "msdyncrm_name";
        /// The network.
        channel: copy SocialChannel, "Social channel", "msdyncrm_socialchannel";
        /// Did somebody agree to the privacy policy and the terms of service? No account is made
        /// without; the column's own default is no, so that somebody has to say yes.
        consent: copy bool, "Consent", "msdyncrm_consent";
    }
    optional {
        /// Does it post as a user or as a page? Blank before the first sign-in.
        token_type: copy Option<SocialTokenType> = Defaults::effective(None), "Token type",
            "msdyncrm_tokentype";
        /// How the sign-in stands. The product keeps a text of its own in this column.
        connect_status: copy ConnectStatus = Defaults::effective(ConnectStatus::NeverSignedIn),
            "Status", "msdyncrm_connectstatus";
        /// Facebook, several pages: which of them is bound, and how it came to be. The product has
        /// no column for it: it asks during the sign-in.
        page_choice: copy Option<PageChoice> = Defaults::effective(None), "Page";
        /// Must somebody agree again, as policy or terms have changed?
        consent_needed: copy bool = Defaults::same(false), "Consent needed",
            "msdyncrm_consentneeded";
        /// What was agreed to.
        consent_text: ref Option<Text<1, 2000>> = Defaults::effective(None), "Consent text",
            "msdyncrm_consenttext";
        /// The network's id of the user or page that posts.
        network_id: ref Option<Text<1, 100>> = Defaults::effective(None), "Network id",
            "msdyncrm_networkid";
        /// The network's name of the user or page that posts.
        network_name: ref Option<Text<1, 100>> = Defaults::effective(None), "Network name",
            "msdyncrm_networkname";
        /// The user who signed in.
        username: ref Option<Text<1, 100>> = Defaults::effective(None), "User name",
            "msdyncrm_username";
        /// The privacy policy that was shown; blank: that of the channel.
        privacy_policy: ref Option<Url<100>> = Defaults::effective(None), "Privacy policy",
            "msdyncrm_privacypolicy";
        /// The terms of service that were shown; blank: those of the channel.
        terms_of_service: ref Option<Url<100>> = Defaults::effective(None), "Terms of service",
            "msdyncrm_termsofservice";
        /// Has the network disabled the user?
        user_account_disabled: copy bool = Defaults::same(false), "User account disabled",
            "msdyncrm_useraccountdisabled";
        /// The last day (UTC) of the sign-in; blank: no end is known.
        valid_until: copy Option<NaiveDate> = Defaults::effective(None), "Valid until",
            "msdyncrm_validationdate";
    }
    check(this) {
        if !this.consent {
            let expected = "yes, as an account is made after its policy and terms were agreed to";
            return Err(SettingError::excluded("consent", expected, "no"));
        }
        if this.page_choice.is_some() && this.channel != SocialChannel::Facebook {
            let expected = "no choice of pages but on Facebook";
            return Err(SettingError::excluded("page_choice", expected, this.channel));
        }
        Ok(())
    }
}

impl SocialAccount {
    /// Links to the privacy policy and to the terms of service: those of the record, else those of
    /// its channel.
    #[must_use]
    pub fn links(&self) -> (&str, &str) {
        let policy = self.privacy_policy.as_ref().map(Url::as_str);
        let terms = self.terms_of_service.as_ref().map(Url::as_str);
        (
            policy.unwrap_or_else(|| self.channel.privacy_policy()),
            terms.unwrap_or_else(|| self.channel.terms_of_service()),
        )
    }
}
