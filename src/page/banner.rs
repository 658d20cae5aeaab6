//! The privacy banner.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::settings::{LandingPageConfiguration, Text, Url};

/// The privacy banner of a page: a text, and under it a link to the policy. At least one of them.
///
/// ```
/// use correspond::id::RecordId;
/// use correspond::page::{Banner, BannerPart};
/// use correspond::settings::LandingPageConfiguration;
///
/// let config = LandingPageConfiguration::builder()
///     .name("Spring")
///     .contact_matching_strategy(RecordId::new(1))
///     .lead_matching_strategy(RecordId::new(2))
///     .insert_privacy_banner(true)
///     .privacy_banner_text("We keep what you tell us.")
///     .privacy_policy_link_text("Read all of it")
///     .privacy_policy_link_url("https://shop.example/privacy")
///     .build()?;
/// let banner = Banner::of(&config).unwrap();
/// let link = BannerPart::Link { text: "Read all of it", url: "https://shop.example/privacy" };
/// let parts: Vec<_> = banner.parts().collect();
/// assert_eq!(parts, [BannerPart::Text("We keep what you tell us."), link]);
/// # Ok::<(), correspond::settings::SettingError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct Banner(Parts);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<Text<1, 2000>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link: Option<BannerLink>,
}

/// The link of a banner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "what a link is")]
pub struct BannerLink {
    /// Where it leads.
    pub url: Url<2000>,
    /// What it reads; without it, the URL itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Text<1, 200>>,
}

/// A part of a banner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "text and link")]
pub enum BannerPart<'a> {
    /// Plain text.
    Text(&'a str),
    /// A link.
    Link {
        /// What it reads.
        text: &'a str,
        /// Where it leads.
        url: &'a str,
    },
}

impl Banner {
    /// The banner that this configuration gives to pages; `None` where it is switched off, or where
    /// there is neither text nor URL to show. A link text without URL is no link.
    #[must_use]
    pub fn of(config: &LandingPageConfiguration) -> Option<Self> {
        if !config.insert_privacy_banner() {
            return None;
        }
        let link = config
            .privacy_policy_link_url()
            .clone()
            .map(|url| BannerLink { url, text: config.privacy_policy_link_text().clone() });
        Self::new(config.privacy_banner_text().clone(), link)
    }

    fn new(text: Option<Text<1, 2000>>, link: Option<BannerLink>) -> Option<Self> {
        (text.is_some() || link.is_some()).then_some(Self(Parts { text, link }))
    }

    /// From top to bottom: the text, and under it the link.
    pub fn parts(&self) -> impl Iterator<Item = BannerPart<'_>> {
        let text = self.0.text.iter().map(|text| BannerPart::Text(text.as_str()));
        let link = self.0.link.iter().map(|link| {
            let url = link.url.as_str();
            BannerPart::Link { text: link.text.as_ref().map_or(url, Text::as_str), url }
        });
        text.chain(link)
    }
}

impl TryFrom<Parts> for Banner {
    type Error = &'static str;

    fn try_from(Parts { text, link }: Parts) -> Result<Self, Self::Error> {
        Self::new(text, link).ok_or("banner: expected a text or a link, found neither")
    }
}

impl From<Banner> for Parts {
    fn from(banner: Banner) -> Self {
        banner.0
    }
}

/// What an administrator should know of the banner of a configuration; nothing that forbids it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BannerFinding {
    /// The banner is on, but has no text.
    NoText,
    /// The banner is on, but has no link.
    NoUrl,
    /// There is a text for the link, but no URL.
    LinkTextWithoutUrl,
    /// Text or link are kept, but the banner is off.
    Inert,
}

impl BannerFinding {
    /// The findings on this configuration; at most three.
    pub fn of(config: &LandingPageConfiguration) -> impl Iterator<Item = Self> {
        let on = config.insert_privacy_banner();
        let text = config.privacy_banner_text().is_some();
        let url = config.privacy_policy_link_url().is_some();
        let link_text = config.privacy_policy_link_text().is_some();
        [
            (on && !text, Self::NoText),
            (on && !url, Self::NoUrl),
            (on && link_text && !url, Self::LinkTextWithoutUrl),
            (!on && (text || url || link_text), Self::Inert),
        ]
        .into_iter()
        .filter_map(|(holds, finding)| holds.then_some(finding))
    }
}

impl fmt::Display for BannerFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoText => "the privacy banner is on, but has no text",
            Self::NoUrl => "the privacy banner is on, but has no link to the privacy policy",
            Self::LinkTextWithoutUrl => "the link text of the privacy banner has no URL to lead to",
            Self::Inert => "the privacy banner is off: its text and link have no effect",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RecordId;
    use crate::settings::LandingPageConfigurationBuilder;

    fn config() -> LandingPageConfigurationBuilder {
        LandingPageConfiguration::builder()
            .name("x")
            .contact_matching_strategy(RecordId::new(1))
            .lead_matching_strategy(RecordId::new(2))
    }

    fn shown(config: LandingPageConfigurationBuilder) -> Option<Vec<String>> {
        let banner = Banner::of(&config.build().unwrap())?;
        let json = serde_json::to_string(&banner).unwrap();
        assert_eq!(serde_json::from_str::<Banner>(&json).unwrap(), banner);
        Some(banner.parts().map(|part| format!("{part:?}")).collect())
    }

    /// A077; facts, section 10: what of a banner is filled is what it shows.
    #[test]
    fn the_link_stands_under_the_text_and_leads_to_the_policy() {
        let on = || config().insert_privacy_banner(true);
        assert_eq!(shown(on()), None);
        assert_eq!(shown(on().privacy_policy_link_text("nowhere")), None);
        assert_eq!(shown(on().privacy_banner_text("We care.")).unwrap(), ["Text(\"We care.\")"]);
        let url = on().privacy_policy_link_url("https://a.example/");
        assert_eq!(
            shown(url.clone()).unwrap(),
            [r#"Link { text: "https://a.example/", url: "https://a.example/" }"#]
        );
        let all = url.privacy_policy_link_text("All of it").privacy_banner_text("We care.");
        assert_eq!(
            shown(all.clone()).unwrap(),
            [r#"Text("We care.")"#, r#"Link { text: "All of it", url: "https://a.example/" }"#]
        );
        assert_eq!(shown(all.insert_privacy_banner(false)), None);
        let error = serde_json::from_str::<Banner>("{}").unwrap_err();
        assert_eq!(error.to_string(), "banner: expected a text or a link, found neither");
    }

    /// Facts, section 10: privacy banner on without text or URL.
    #[test]
    fn a_banner_that_is_half_filled_or_inert_is_told() {
        let told = |config: LandingPageConfigurationBuilder| {
            let config = config.build().unwrap();
            BannerFinding::of(&config).map(|finding| finding.to_string()).collect::<Vec<_>>()
        };
        assert!(told(config()).is_empty());
        let half = config().insert_privacy_banner(true).privacy_policy_link_text("All of it");
        assert_eq!(
            told(half.clone()),
            [
                "the privacy banner is on, but has no text",
                "the privacy banner is on, but has no link to the privacy policy",
                "the link text of the privacy banner has no URL to lead to"
            ]
        );
        let full =
            half.privacy_banner_text("We care.").privacy_policy_link_url("https://a.example/");
        assert!(told(full.clone()).is_empty());
        assert_eq!(
            told(full.insert_privacy_banner(false)),
            ["the privacy banner is off: its text and link have no effect"]
        );
    }
}
