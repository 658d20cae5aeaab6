//! What would somebody say of these settings who has run such a system for ten years?

use std::collections::BTreeMap;
use std::fmt;

use super::{AttachmentSize, EmailSettings};
use crate::correlation::{Finding, Method};
use crate::id::TenantId;
use crate::settings::delivery::{OutgoingMethod, ProcessEmailUsing};
use crate::settings::{CorrelationSettings, OrganizationProperties};
use crate::text::fold;
use crate::token::Prefix;

/// Something in the settings that is allowed, and that an administrator should know.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Advice {
    /// Headers correlate best where server-side synchronization processes the mail; with the Email
    /// Router, tokens or smart matching do better.
    HeadersWithRouter,
    /// Without tracking tokens fewer answers find their conversation.
    TokensOff,
    /// Mail goes out by Outlook to an SMTP server and to somebody who is not on Exchange: nothing
    /// but tokens can correlate the answer, and they are off.
    CorrelationMayNotWork,
    /// Folders, tokens, headers and smart matching are all off: no incoming mail is ever known as an
    /// answer.
    NothingCorrelates,
    /// Smart matching takes mails for answers that share little.
    SmartMatchingWide {
        /// How many addresses must be the same.
        min_addresses: i64,
        /// By how many words subjects may differ.
        delta: i64,
    },
    /// Something that cannot be used turns its method off.
    Unusable(Finding),
    /// The prefix ends in a digit, so that it is not clear where the numbers of a token begin.
    PrefixEndsInDigit(Prefix),
    /// The deployment base alone has more digits than user numbers: no token can be made.
    BaseTooWide {
        /// The base.
        base: i64,
        /// The digits of user numbers.
        digits: i64,
    },
    /// Folder-level tracking is on and rests: the Email Router processes the mail, or the release
    /// does not have it.
    FolderTrackingRests,
    /// Attachments above 32 MB are not advised.
    LargeAttachments(AttachmentSize),
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HeadersWithRouter => f.write_str(
                "correlation by headers works best with server-side synchronization: with the Email \
                 Router, use tracking tokens or smart matching",
            ),
            Self::TokensOff => {
                f.write_str("without tracking tokens, fewer answers find their conversation")
            }
            Self::CorrelationMayNotWork => f.write_str(
                "mail sent by Dynamics 365 for Outlook over SMTP to somebody who is not on Exchange \
                 is correlated by tracking tokens alone, which are off: correlation events may not \
                 work",
            ),
            Self::NothingCorrelates => f.write_str(
                "folders, tokens, headers and smart matching are off: no incoming mail is known as \
                 an answer",
            ),
            Self::SmartMatchingWide { min_addresses, delta } => write!(
                f,
                "smart matching with {min_addresses} shared addresses and a difference of {delta} \
                 words links unrelated mail",
            ),
            Self::Unusable(finding) => finding.fmt(f),
            Self::PrefixEndsInDigit(prefix) => write!(
                f,
                "the prefix {:?} ends in a digit: where the numbers of a token begin is not clear",
                prefix.as_str()
            ),
            Self::BaseTooWide { base, digits } => write!(
                f,
                "the deployment base {base} has more than the {digits} digits of user numbers: no \
                 token can be made"
            ),
            Self::FolderTrackingRests => f.write_str(
                "folder-level tracking is on and without effect: it needs server-side \
                 synchronization and a release that has it",
            ),
            Self::LargeAttachments(size) => write!(
                f,
                "attachments of up to {size} are allowed: more than {} is not advised",
                AttachmentSize::CAP_BEFORE_2016_UPDATE
            ),
        }
    }
}

impl EmailSettings {
    /// What an administrator should know of these settings, and what the product's documents and its
    /// users advise against. In the order of the page; none for the defaults.
    ///
    /// ```
    /// use correspond::settings::{Advice, EmailSettings, OrganizationProperties};
    ///
    /// let settings = EmailSettings::builder().use_tracking_tokens(false).build()?;
    /// let advice = settings.advice(&OrganizationProperties::default());
    /// assert!(advice.contains(&Advice::TokensOff));
    /// # Ok::<(), correspond::settings::SettingError>(())
    /// ```
    #[must_use]
    pub fn advice(&self, properties: &OrganizationProperties) -> Vec<Advice> {
        let correlation = self.correlation(properties, &[]);
        let CorrelationSettings { folders, use_correlation, tokens, smart, .. } = &correlation;
        let (base, digits) = (self.token_base.get(), self.token_user_digits.get());
        let prefix = self.token_prefixes.current();
        let (min_addresses, delta) = (self.smart_min_addresses.get(), self.smart_delta.get());
        let filter = self.smart_filter.compile();
        let router = self.process_email_using == ProcessEmailUsing::EmailRouter;
        let ends_in_digit = prefix.as_str().ends_with(|c: char| c.is_ascii_digit());
        let too_wide = base >= 10_i64.saturating_pow(u32::try_from(digits).unwrap_or(1));
        let large = self.max_attachment_size > AttachmentSize::CAP_BEFORE_2016_UPDATE;
        let nothing = !folders.enabled && !use_correlation && !tokens.enabled && !smart.enabled;

        [
            (self.folder_tracking && !folders.enabled).then_some(Advice::FolderTrackingRests),
            (*use_correlation && router).then_some(Advice::HeadersWithRouter),
            (!tokens.enabled).then_some(Advice::TokensOff),
            (tokens.enabled && ends_in_digit).then(|| Advice::PrefixEndsInDigit(prefix.clone())),
            (tokens.enabled && too_wide).then_some(Advice::BaseTooWide { base, digits }),
            (smart.enabled && (min_addresses < 2 || delta > 0))
                .then_some(Advice::SmartMatchingWide { min_addresses, delta }),
            filter.err().filter(|_| smart.enabled).map(Finding::Filter).map(Advice::Unusable),
            nothing.then_some(Advice::NothingCorrelates),
            large.then_some(Advice::LargeAttachments(self.max_attachment_size)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The switches that are on and rest, by the names of their fields: they are kept, and have an
    /// effect when the settings that they depend on allow it.
    ///
    /// ```
    /// use correspond::settings::EmailSettings;
    ///
    /// let settings = EmailSettings::default();
    /// assert_eq!(settings.resting(), ["apply_to_all"]);
    /// let settings = settings.to_builder().unresolved_on_multiple_match(true).build()?;
    /// assert!(settings.resting().is_empty());
    /// # Ok::<(), correspond::settings::SettingError>(())
    /// ```
    #[must_use]
    pub fn resting(&self) -> Vec<&'static str> {
        [
            (self.folder_tracking && !self.tracks_folders()).then_some("folder_tracking"),
            (self.apply_to_all && !self.applies_to_all()).then_some("apply_to_all"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Is mail that takes this way correlated? The warning where it may not be.
    #[must_use]
    pub fn advice_for(&self, route: SendingRoute) -> Option<Advice> {
        (route.only_tokens_correlate() && !self.use_tracking_tokens)
            .then_some(Advice::CorrelationMayNotWork)
    }
}

/// The way a mail takes out of the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "what the documents tell ways apart by")]
pub struct SendingRoute {
    /// Who sends it.
    pub by: OutgoingMethod,
    /// Is it handed to an SMTP server, and not to Exchange?
    pub smtp: bool,
    /// Is its recipient on Exchange?
    pub to_exchange: bool,
}

impl SendingRoute {
    /// Are tokens the only method that can correlate the answer? So it is where Dynamics 365 for
    /// Outlook is connected to an SMTP server and the recipient is not on Exchange.
    #[must_use]
    pub const fn only_tokens_correlate(self) -> bool {
        matches!(self.by, OutgoingMethod::Outlook) && self.smtp && !self.to_exchange
    }

    /// The methods that can correlate the answer to mail that takes this way.
    #[must_use]
    pub const fn methods(self) -> &'static [Method] {
        if self.only_tokens_correlate() { &[Method::Token] } else { &Method::ALL }
    }
}

/// A prefix of tokens that several organizations use.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SharedPrefix {
    /// The prefix, as the first of them spells it.
    pub prefix: Prefix,
    /// The organizations, in the order in which they were given.
    pub organizations: Vec<TenantId>,
    /// Has each of them a deployment base of its own? Their tokens then differ as long as the base
    /// of one, with the numbers of its users added, stays below the base of the next.
    pub bases_differ: bool,
}

/// Which organizations share a prefix of tokens? Each should have its own: mail between two that
/// share one is filed under the conversations of the other. Prefixes that differ in letter case
/// alone are one, as a token is read in any.
///
/// Organizations with tokens off count: they may be switched on.
///
/// ```
/// use correspond::id::TenantId;
/// use correspond::settings::{EmailSettings, shared_prefixes};
///
/// let settings = EmailSettings::default();
/// let shared = shared_prefixes([(TenantId::new(1), &settings), (TenantId::new(2), &settings)]);
/// assert_eq!(shared[0].prefix.as_str(), "CRM:");
/// assert_eq!(shared[0].organizations, [TenantId::new(1), TenantId::new(2)]);
/// ```
#[must_use]
pub fn shared_prefixes<'a>(
    organizations: impl IntoIterator<Item = (TenantId, &'a EmailSettings)>,
) -> Vec<SharedPrefix> {
    let mut by_prefix: BTreeMap<String, Vec<(TenantId, &EmailSettings)>> = BTreeMap::new();
    for (tenant, settings) in organizations {
        let key = fold(settings.token_prefixes.current().as_str());
        by_prefix.entry(key).or_default().push((tenant, settings));
    }
    let shared = by_prefix.into_values().filter_map(|organizations| {
        let [(_, first), _, ..] = organizations.as_slice() else { return None };
        let mut bases: Vec<_> = organizations.iter().map(|(_, other)| other.token_base).collect();
        bases.sort_unstable();
        bases.dedup();
        Some(SharedPrefix {
            prefix: first.token_prefixes.current().clone(),
            bases_differ: bases.len() == organizations.len(),
            organizations: organizations.iter().map(|(tenant, _)| *tenant).collect(),
        })
    });
    shared.collect()
}
