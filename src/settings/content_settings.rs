//! Which address, which subscription center, which links stand in a message? (Content settings, to
//! which the default marketing settings refer)

mod custom_texts;

pub use custom_texts::CustomTexts;

use super::error::SettingError;
use super::field::{Defaults, LinkTarget, Name, Text, Url, choice};
use super::record::record;
use super::stored::Stored;

choice! {
    /// How far content settings have come on their way to being used (column
    /// `msdyncrm_contentsettings.statuscode`; marketing emails and journeys have the same set).
    ContentStatus {
        /// Never gone live.
        Draft = 192_350_000, "draft", "Draft";
        /// In use.
        Live = 192_350_001, "live", "Live";
        /// Taken out of use.
        Stopped = 192_350_002, "stopped", "Stopped";
        /// In use, and being edited: saving publishes it again.
        LiveEditable = 192_350_003, "live-editable", "Live, editable";
        /// Out of date.
        Expired = 192_350_004, "expired", "Expired";
        /// Going live failed.
        Error = 192_350_005, "error", "Error";
        /// On the way to being live.
        GoingLive = 192_350_006, "going-live", "Going live";
        /// On the way to being stopped.
        Stopping = 192_350_007, "stopping", "Stopping";
    }
}

impl ContentStatus {
    /// Can messages be made with it? Live, whether it is being edited or not: what is on the way
    /// there is not yet there, and what is being stopped no longer is.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Live | Self::LiveEditable)
    }

    /// Can the record be changed? A live one only after "Edit" has made it [`Self::LiveEditable`].
    #[must_use]
    pub const fn is_editable(self) -> bool {
        matches!(self, Self::Draft | Self::Stopped | Self::LiveEditable)
    }

    /// The status after a change was saved: what is live and being edited is published again. Values
    /// are read when a message is sent, so that the change reaches messages that are on their way.
    #[must_use]
    pub const fn after_save(self) -> Self {
        match self {
            Self::LiveEditable => Self::Live,
            other => other,
        }
    }
}

record! {
    /// A set of values that commercial messages must have or share: postal address, subscription
    /// center, links (table `msdyncrm_contentsettings`).
    ///
    /// A journey names the one that its messages are sent with; the default record is applied to new
    /// journeys. Values are read when a message is sent, so that a change reaches messages that were
    /// written before. A record must have gone live before it is used ([`usable`](Self::usable)), and
    /// a live one is edited after "Edit" has made it
    /// [`LiveEditable`](ContentStatus::LiveEditable): a save that changes values of one that was live
    /// and stays live is refused. The marks of the default are no such values.
    ///
    /// At most one record is the default one. The product's documents speak of exactly one, but a new
    /// organization begins without any: the required address and subscription center are nothing that
    /// could be made up for it, and without a default new journeys name none.
    ///
    /// ```
    /// use correspond::settings::{ContentSettings, ContentStatus};
    ///
    /// let content = ContentSettings::builder()
    ///     .name("Shop")
    ///     .address_main("1 Main Street, Springfield")
    ///     .subscription_center("{{msdyncrm_marketingpage(1).msdyncrm_full_page_url}}")
    ///     .facebook_url("https://www.facebook.com/contoso")
    ///     .build()?;
    /// assert_eq!(content.status(), ContentStatus::Draft);
    /// # Ok::<(), correspond::settings::SettingError>(())
    /// ```
    ContentSettings, ContentSettingsBuilder, ContentSettings, "Content settings",
        "msdyncrm_contentsettings", default default: AtMostOne;
    required {
        /// What the list shows it as.
        name: ref Name, "Name", "msdyncrm_name";
        /// The postal address of the sender, which commercial messages must show; text or an
        /// expression in `{{ }}`.
        address_main: ref Text<1, 2000>, "Address main", "msdyncrm_addressmain";
        /// The URL of the subscription center, which commercial messages must link to; text or an
        /// expression in `{{ }}`.
        subscription_center: ref Text<1, 2100>, "Subscription center",
            "msdyncrm_subscriptioncenter";
    }
    optional {
        /// Is it the one that new journeys get?
        default: copy bool = Defaults::effective(false), "Default", "msdyncrm_default";
        /// Is it the one that new journeys of its business unit get? Inert without business-unit
        /// scoping, which the host has on or off.
        business_unit_default: copy bool = Defaults::effective(false), "Business unit default",
            "msdyncrm_isbusinessunitdefault";
        /// How far it has come.
        status: copy ContentStatus = Defaults::effective(ContentStatus::Draft), "Status reason",
            "statuscode";
        /// The second line of the address; text or an expression.
        address_line_2: ref Option<Text<1, 2000>> = Defaults::effective(None), "Address line 2",
            "msdyncrm_addressline2";
        /// The URL of the page on which a message is forwarded to a friend; text or an expression.
        forward_to_a_friend: ref Option<Text<1, 2000>> = Defaults::effective(None),
            "Forward to a friend", "msdyncrm_forwardtoafriend";
        /// The sender on Facebook.
        facebook_url: ref Option<Url<2000>> = Defaults::effective(None), "Facebook URL",
            "msdyncrm_facebookurl";
        /// The sender on LinkedIn.
        linkedin_url: ref Option<Url<2000>> = Defaults::effective(None), "LinkedIn URL",
            "msdyncrm_linkedinurl";
        /// The sender on Twitter.
        twitter_url: ref Option<Url<2000>> = Defaults::effective(None), "Twitter URL",
            "msdyncrm_twitterurl";
        /// The sender on Instagram.
        instagram_url: ref Option<Url<2000>> = Defaults::effective(None), "Instagram URL",
            "msdyncrm_instagramurl";
        /// The sender on Medium.
        medium_url: ref Option<Url<2000>> = Defaults::effective(None), "Medium URL",
            "msdyncrm_mediumurl";
        /// The sender on Skype.
        skype_url: ref Option<Url<2000>> = Defaults::effective(None), "Skype URL",
            "msdyncrm_skypeurl";
        /// The sender on Google Plus.
        google_plus_url: ref Option<Url<2000>> = Defaults::effective(None), "Google Plus URL",
            "msdyncrm_googleplusurl";
        /// The sender on YouTube.
        youtube_url: ref Option<Url<2000>> = Defaults::effective(None), "YouTube URL",
            "msdyncrm_youtubeurl";
        /// The columns that the organization added, which must be text, by their logical names.
        custom_texts: ref CustomTexts = Defaults::effective(CustomTexts::default()),
            "Custom columns";
    }
    change(this, before) {
        if (before.status, this.status) != (ContentStatus::Live, ContentStatus::Live) {
            return Ok(());
        }
        let marks = ["default", "business_unit_default"];
        let mut values = Self::FIELDS.iter().filter(|field| !marks.contains(&field.name));
        match values.find(|field| this.value(field.name) != before.value(field.name)) {
            Some(changed) => Err(SettingError::excluded(
                changed.name,
                "the value that is live, unless the record is edited (status live-editable)",
                "another",
            )),
            None => Ok(()),
        }
    }
}

impl LinkTarget for ContentSettings {
    const TABLE: &'static str = "msdyncrm_contentsettings";
}

impl ContentSettings {
    /// Can a message be made with the content settings that were looked up, or why not? `found` is
    /// what the look-up brought.
    ///
    /// # Errors
    ///
    /// There is no such record, it is inactive, or it is not live.
    pub fn usable(found: Option<&Stored<Self>>) -> Result<&Self, NotUsable> {
        let Some(stored) = found else { return Err(NotUsable::Missing) };
        if !stored.active {
            return Err(NotUsable::Inactive);
        }
        let status = stored.value.status;
        if status.is_live() { Ok(&stored.value) } else { Err(NotUsable::NotLive(status)) }
    }
}

/// Why can no message be made with these content settings?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum NotUsable {
    /// There is no such record.
    #[error("content settings: expected a record, found none")]
    Missing,
    /// The record is inactive.
    #[error("content settings: expected an active record, found an inactive one")]
    Inactive,
    /// It has this status.
    #[error("content settings: expected a record that is live, found status {0}")]
    NotLive(ContentStatus),
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::id::RecordId;
    use crate::record::Version;
    use crate::settings::{DefaultRule, SettingsRecord};

    fn shop() -> ContentSettingsBuilder {
        ContentSettings::builder()
            .name("Shop")
            .address_main("1 Main Street")
            .subscription_center("x")
    }

    /// Facts 5.7: required columns, lengths, the default flag.
    #[test]
    fn content_settings_need_an_address_and_a_subscription_center() -> Result<(), SettingError> {
        assert_eq!(ContentSettings::DEFAULTS, DefaultRule::AtMostOne);
        let json = r#"{"name":"Shop","address_main":"1 Main Street","subscription_center":"x","default":false,"business_unit_default":false,"status":"draft"}"#;
        assert_eq!(serde_json::to_string(&shop().build()?).unwrap(), json);
        let error = ContentSettings::builder().name("x").address_main("y").build().unwrap_err();
        assert_eq!(error.to_string(), "subscription_center: expected a value, found none");
        let error = shop().subscription_center("x".repeat(2_101)).build().unwrap_err();
        assert_eq!(
            error.to_string(),
            "subscription_center: expected text of 1 to 2100 characters, found more"
        );
        let error = shop().skype_url("echo123").build().unwrap_err();
        assert_eq!(
            error.to_string(),
            "skype_url: expected an absolute http or https URL, found \"echo123\""
        );
        let whole = shop()
            .forward_to_a_friend("{{page}}")
            .address_line_2("Springfield")
            .youtube_url("https://youtube.example/contoso")
            .build()?;
        assert_eq!(whole.to_builder().build()?, whole);
        Ok(())
    }

    /// Facts 5.7: `statuscode` 192350000 to 192350007.
    #[test]
    fn content_status_has_the_codes_of_the_product() {
        let codes: Vec<_> = ContentStatus::ALL.iter().map(|status| status.code()).collect();
        assert_eq!(codes, (192_350_000..=192_350_007).collect::<Vec<_>>());
        let live: Vec<_> = ContentStatus::ALL.iter().filter(|status| status.is_live()).collect();
        assert_eq!(live, [&ContentStatus::Live, &ContentStatus::LiveEditable]);
        assert_eq!(ContentStatus::LiveEditable.label(), "Live, editable");
    }

    /// Facts 5.7: a live record is edited through "Edit", and published again when it is saved.
    #[test]
    fn live_content_settings_are_published_again_when_saved() {
        use ContentStatus as Status;
        assert!(!Status::Live.is_editable() && Status::LiveEditable.is_editable());
        assert!(Status::Draft.is_editable() && !Status::Stopping.is_editable());
        assert_eq!(Status::LiveEditable.after_save(), Status::Live);
        assert_eq!(Status::Draft.after_save(), Status::Draft);
    }

    /// Facts 5.7: editing a live record requires Edit.
    #[test]
    fn live_content_settings_are_edited_after_edit() {
        use ContentStatus as Status;
        let with = |status, name| shop().status(status).name(name).build().unwrap();
        let live = with(Status::Live, "Shop");
        assert_eq!(
            with(Status::Live, "Other").check_change(&live).unwrap_err().to_string(),
            "name: expected the value that is live, unless the record is edited (status \
             live-editable), found another"
        );
        let editable = with(Status::LiveEditable, "Shop");
        assert_eq!(editable.check_change(&live), Ok(()));
        assert_eq!(with(Status::Live, "Other").check_change(&editable), Ok(()));
        assert_eq!(live.clone().with_default(true).check_change(&live), Ok(()));
        let draft = with(Status::Draft, "Shop");
        assert_eq!(with(Status::Draft, "Other").check_change(&draft), Ok(()));
    }

    /// Facts 5.7: it must go live before it is used.
    #[test]
    fn content_settings_are_usable_once_live() {
        let stored = |status| {
            let value = shop().status(status).build().unwrap();
            Stored::new(RecordId::new(1), Version::new(1), DateTime::UNIX_EPOCH, value)
        };
        let mut live = stored(ContentStatus::Live);
        assert_eq!(ContentSettings::usable(Some(&live)), Ok(&live.value));
        live.active = false;
        let why = |found: Option<&_>| ContentSettings::usable(found).unwrap_err().to_string();
        assert_eq!(
            why(Some(&live)),
            "content settings: expected an active record, found an inactive one"
        );
        assert_eq!(
            why(Some(&stored(ContentStatus::GoingLive))),
            "content settings: expected a record that is live, found status Going live"
        );
        assert_eq!(why(None), "content settings: expected a record, found none");
    }
}
