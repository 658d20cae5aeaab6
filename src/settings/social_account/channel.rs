//! The networks, and how an account stands with its own.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::party::Value;
use crate::settings::field::{Choice, FieldType, FieldValue, choice};

choice! {
    /// A social network (column `msdyncrm_socialpostingconfiguration.msdyncrm_socialchannel`). The
    /// product's documents have the first three.
    SocialChannel {
        /// Twitter.
        Twitter = 270_100_000, "twitter", "Twitter";
        /// Facebook.
        Facebook = 270_100_001, "facebook", "Facebook";
        /// LinkedIn.
        LinkedIn = 270_100_002, "linkedin", "LinkedIn";
        /// Instagram: came later.
        Instagram = 270_100_003, "instagram", "Instagram";
    }
}

impl SocialChannel {
    /// Where the network's privacy policy is, to be shown before somebody agrees to it.
    #[must_use]
    pub const fn privacy_policy(self) -> &'static str {
        match self {
            Self::Twitter => "https://twitter.com/privacy",
            Self::Facebook => "https://www.facebook.com/privacy/policy",
            Self::LinkedIn => "https://www.linkedin.com/legal/privacy-policy",
            Self::Instagram => "https://privacycenter.instagram.com/policy",
        }
    }

    /// Where the network's terms of service are.
    #[must_use]
    pub const fn terms_of_service(self) -> &'static str {
        match self {
            Self::Twitter => "https://twitter.com/tos",
            Self::Facebook => "https://www.facebook.com/legal/terms",
            Self::LinkedIn => "https://www.linkedin.com/legal/user-agreement",
            Self::Instagram => "https://help.instagram.com/581066165581870",
        }
    }
}

choice! {
    /// As what an account posts (column
    /// `msdyncrm_socialpostingconfiguration.msdyncrm_tokentype`).
    SocialTokenType {
        /// As a user.
        User = 270_100_000, "user", "User";
        /// As a page of Facebook.
        Page = 270_100_001, "page", "Page";
    }
}

/// An enum that is kept as text: by its name.
macro_rules! named {
    ($(#[$doc:meta])* $set:ident { $($(#[$option_doc:meta])* $option:ident, $name:literal, $label:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum $set {
            $($(#[$option_doc])* #[serde(rename = $name)] $option,)+
        }

        impl $set {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$option,)+];

            const CHOICES: &'static [Choice] = &[$(Choice::new(None, $name, $label),)+];

            /// Its name in our serde form.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$option => $name,)+
                }
            }
        }

        impl fmt::Display for $set {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Self::$option => $label,)+
                })
            }
        }

        impl FieldValue for $set {
            const TYPE: FieldType = FieldType::Choice(Self::CHOICES);

            fn to_value(&self) -> Option<Value> {
                Some(Value::Text(self.name().to_owned()))
            }
        }

        #[cfg(feature = "schemars")]
        impl crate::settings::json_schema::Described for $set {}
    };
}

named! {
    /// How the sign-in of an account stands. The column is text, with no published set of values:
    /// these are ours.
    ConnectStatus {
        /// Nobody has signed in yet.
        NeverSignedIn, "never-signed-in", "Never signed in";
        /// Somebody signed in.
        SignedIn, "signed-in", "Signed in";
        /// The sign-in has ended, or its token is not here, as after an import.
        SignInExpired, "sign-in-expired", "Sign-in expired";
        /// The password was changed on the network, which ended the sign-in.
        PasswordChanged, "password-changed", "Password changed";
    }
}

named! {
    /// Which of several pages of a Facebook account is bound.
    PageChoice {
        /// None yet: all were granted, and one is to be chosen.
        Pending, "pending", "To be chosen";
        /// The one that somebody chose.
        Chosen, "chosen", "Chosen";
        /// One that Facebook took, as not all were granted.
        Arbitrary, "arbitrary", "Taken by Facebook";
    }
}
