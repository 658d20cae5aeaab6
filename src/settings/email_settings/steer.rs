//! What do the switches of the Email tab lead to?

use std::num::NonZeroU32;

use super::{EmailSettings, EmailSettingsBuilder, FilterExpression};
use crate::settings::delivery::ProcessEmailUsing;
use crate::settings::{
    CorrelationSettings, FolderTracking, OrganizationProperties, SmartMatching, TokenTracking,
    TrackedFolder,
};
use crate::token::{Prefix, TokenFormat};

impl EmailSettings {
    /// The most former formats of tokens.
    pub const MAX_FORMER_FORMATS: usize = 100;

    /// Are folders tracked? The switch rests where the Email Router processes the mail, since
    /// folder-level tracking is done by server-side synchronization, and where the release of the
    /// product does not have it.
    #[must_use]
    pub const fn tracks_folders(&self) -> bool {
        self.folder_tracking
            && matches!(self.process_email_using, ProcessEmailUsing::ServerSideSynchronization)
            && self.release.has_folder_tracking()
    }

    /// Does resolving an address by hand resolve it wherever it is unresolved? Only while addresses
    /// with several matches stay unresolved at all
    /// ([`unresolved_on_multiple_match`](Self::unresolved_on_multiple_match)).
    #[must_use]
    pub const fn applies_to_all(&self) -> bool {
        self.apply_to_all && self.unresolved_on_multiple_match
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

    /// The formats of tokens that are looked for: first the live one, in which tokens are issued,
    /// then the former prefixes with the digits and the base of today, then
    /// [`former_token_formats`](Self::former_token_formats). Each once.
    #[must_use]
    pub fn token_formats(&self) -> Vec<TokenFormat> {
        let with_prefix = |prefix| {
            let (base, user_digits) = (self.token_base.get(), self.token_user_digits.get());
            format(prefix, base, user_digits, self.counter_digits())
        };
        let mut formats: Vec<TokenFormat> = Vec::new();
        let live = self.token_prefixes.iter().map(with_prefix);
        for format in live.chain(self.former_token_formats.iter().cloned()) {
            if !formats.contains(&format) {
                formats.push(format);
            }
        }
        formats
    }

    /// The settings that steer [`Correlator`](crate::correlation::Correlator): each switch turns its
    /// own method off. Of the tracked `folders` as many count as
    /// [`max_tracked_folders`](Self::max_tracked_folders) allows.
    ///
    /// Two `properties` are hard switches: `DisableSmartMatching` and
    /// `IgnoreConversationIndexAndInReplyToForCorrelation`.
    ///
    /// ```
    /// use correspond::correlation::{Correlator, Method};
    /// use correspond::settings::{EmailSettings, OrganizationProperties};
    ///
    /// let properties = OrganizationProperties::builder().disable_smart_matching(true).build()?;
    /// let settings = EmailSettings::builder().use_correlation(false).build()?;
    /// let correlator = Correlator::new(settings.correlation(&properties, &[]));
    /// assert_eq!(correlator.active(), [Method::Folder, Method::Token]);
    /// # Ok::<(), correspond::settings::SettingError>(())
    /// ```
    #[must_use]
    pub fn correlation(
        &self,
        properties: &OrganizationProperties,
        folders: &[TrackedFolder],
    ) -> CorrelationSettings {
        let policy = &self.correlation_policy;
        let most = usize::try_from(self.max_tracked_folders.get()).unwrap_or(1);
        let folders = FolderTracking {
            enabled: self.tracks_folders(),
            folders: folders.iter().take(most).cloned().collect(),
        };
        let tokens = TokenTracking {
            enabled: self.use_tracking_tokens,
            formats: self.token_formats(),
            max_counter: NonZeroU32::new(number(self.max_tracking_number.get()))
                .filter(|_| !self.counts_to_nines()),
            restart: policy.restart,
            overflow: policy.overflow,
            strangers: policy.strangers,
            several: policy.several_tokens,
        };
        let smart = SmartMatching {
            enabled: self.smart_matching && !properties.disable_smart_matching(),
            filter: (self.smart_filter != FilterExpression::default())
                .then(|| self.smart_filter.as_str().to_owned()),
            max_count: number(self.smart_max_count.get()),
            delta: number(self.smart_delta.get()),
            min_addresses: NonZeroU32::new(number(self.smart_min_addresses.get()))
                .unwrap_or(NonZeroU32::MIN),
            window_days: policy.window_days,
            several: policy.several_smart,
        };
        CorrelationSettings {
            order: policy.order.clone(),
            folders,
            use_correlation: self.use_correlation
                && !properties.ignore_conversation_index_and_in_reply_to_for_correlation(),
            tokens,
            smart,
            subject: policy.subject.clone(),
            compare_addresses: policy.compare_addresses,
        }
    }
}

impl EmailSettingsBuilder {
    /// Keeps the live format of tokens among the former ones, newest first, before its base or
    /// digits are changed: tokens that are out there stay recognised. Of more than
    /// [`MAX_FORMER_FORMATS`](EmailSettings::MAX_FORMER_FORMATS) the oldest goes.
    ///
    /// ```
    /// use correspond::settings::EmailSettings;
    ///
    /// let settings = EmailSettings::default();
    /// let wider = settings.to_builder().keep_token_format().token_user_digits(4).build()?;
    /// let formats: Vec<_> = wider.token_formats().iter().map(ToString::to_string).collect();
    /// assert_eq!(formats, ["CRM:/0/4/3", "CRM:/0/3/3"]);
    /// # Ok::<(), correspond::settings::SettingError>(())
    /// ```
    pub fn keep_token_format(mut self) -> Self {
        let digits = u8::try_from(self.max_tracking_number.get().to_string().len()).unwrap_or(9);
        let (base, user_digits) = (self.token_base.get(), self.token_user_digits.get());
        let live = format(self.token_prefixes.current(), base, user_digits, digits);
        self.former_token_formats.retain(|former| *former != live);
        self.former_token_formats.insert(0, live);
        self.former_token_formats.truncate(EmailSettings::MAX_FORMER_FORMATS);
        self
    }
}

/// A format of numbers that are in range by their types.
fn format(prefix: &Prefix, base: i64, user_digits: i64, counter_digits: u8) -> TokenFormat {
    TokenFormat::builder()
        .prefix(prefix.as_str())
        .base(number(base))
        .ten_user_digits_allowed()
        .user_digits(u8::try_from(user_digits).unwrap_or(3))
        .counter_digits(counter_digits)
        .build()
        .unwrap_or_default()
}

/// A number that is not negative and has 31 bits, by its type.
fn number(number: i64) -> u32 {
    u32::try_from(number).unwrap_or_default()
}
