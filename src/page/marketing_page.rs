//! A marketing page.

use serde::{Deserialize, Serialize};

use super::banner::Banner;
use super::state::{PageState, PageStateError};
use crate::settings::{LandingPageConfiguration, Link, targets};

/// What a marketing page (table `msdyncrm_marketingpage`) took over from the configuration that was
/// in force when it was made.
///
/// ```
/// use correspond::id::RecordId;
/// use correspond::page::{MarketingPage, Opened, PageState};
/// use correspond::settings::LandingPageConfiguration;
///
/// let config = LandingPageConfiguration::builder()
///     .name("Spring")
///     .contact_matching_strategy(RecordId::new(1))
///     .lead_matching_strategy(RecordId::new(2))
///     .build()?;
/// let page = MarketingPage::new(&config);
/// assert!(page.banner().is_none());
///
/// let with_banner = config
///     .to_builder()
///     .insert_privacy_banner(true)
///     .privacy_banner_text("We keep what you tell us.")
///     .build()?;
/// let (page, opened) = page.opened(&with_banner);
/// assert_eq!(opened, Opened::BannerAdded);
/// assert_eq!(page.opened(&with_banner).1, Opened::Unchanged);
/// # Ok::<(), correspond::settings::SettingError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarketingPage {
    state: PageState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    banner: Option<Banner>,
    #[serde(default)]
    hosting: Hosting,
}

/// Where a page is hosted, as the configuration had it when the page was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Hosting {
    /// The portal on which it is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<Link<targets::Website>>,
    /// The default language of the portal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_language: Option<Link<targets::WebsiteLanguage>>,
    /// The page of the portal under which it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container_page: Option<Link<targets::WebPage>>,
}

impl Hosting {
    /// Where pages made under this configuration are hosted.
    #[must_use]
    pub const fn of(config: &LandingPageConfiguration) -> Self {
        Self {
            website: config.website(),
            page_language: config.page_language(),
            container_page: config.container_page(),
        }
    }
}

/// What opening a page for editing did to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Opened {
    /// It had no privacy banner, and got it.
    BannerAdded,
    /// Nothing: it had one, or the configuration gives none.
    Unchanged,
    /// Nothing: it is published or expired, and keeps what it has.
    ReadOnly,
}

impl MarketingPage {
    /// A new draft, with the banner and the portal of the configuration in force.
    #[must_use]
    pub fn new(config: &LandingPageConfiguration) -> Self {
        let (state, banner) = (PageState::Draft, Banner::of(config));
        Self { state, banner, hosting: Hosting::of(config) }
    }

    /// Its state.
    #[must_use]
    pub const fn state(&self) -> PageState {
        self.state
    }

    /// Its privacy banner, as it was when the page got it.
    #[must_use]
    pub const fn banner(&self) -> Option<&Banner> {
        self.banner.as_ref()
    }

    /// Where it is hosted. That never changes: after a change of the configuration, this page stays
    /// on its portal, and new ones go to the new one.
    #[must_use]
    pub const fn hosting(&self) -> &Hosting {
        &self.hosting
    }

    /// The page as somebody opens it for editing under the configuration in force: unpublished, and
    /// without a privacy banner, it gets one. A banner that it has stays as it is, and so does its
    /// portal.
    #[must_use]
    pub fn opened(self, config: &LandingPageConfiguration) -> (Self, Opened) {
        if self.state.is_published() || self.state == PageState::Expired {
            return (self, Opened::ReadOnly);
        }
        match (&self.banner, Banner::of(config)) {
            (None, Some(banner)) => (Self { banner: Some(banner), ..self }, Opened::BannerAdded),
            _ => (self, Opened::Unchanged),
        }
    }

    /// The page in its next state.
    ///
    /// # Errors
    ///
    /// That state does not follow the one in which it is.
    pub fn become_state(self, next: PageState) -> Result<Self, PageStateError> {
        if self.state.may_become(next) {
            Ok(Self { state: next, ..self })
        } else {
            Err(PageStateError { from: self.state, to: next })
        }
    }
}
