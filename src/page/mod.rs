//! What does a marketing page start with, and what may still change on it?
//!
//! A new page copies the privacy banner and the portal from the
//! [`LandingPageConfiguration`](crate::settings::LandingPageConfiguration) in force; an unpublished
//! one that is opened gets a banner where it has none; and that is all that a configuration ever does
//! to a page. Whether it may show its visitor what is known of him is asked here too: [`Site`],
//! [`personalization()`].

mod banner;
mod marketing_page;
mod personalization;
mod site;
mod state;

pub use banner::{Banner, BannerFinding, BannerLink, BannerPart};
pub use marketing_page::{Hosting, MarketingPage, Opened};
pub use personalization::{
    ColumnRefusal, Personalization, PersonalizationRefusal, PersonalizedPage, RememberMe,
    personalization,
};
pub use site::{PageUrl, Site, SiteRefusal};
pub use state::{PageState, PageStateError};
