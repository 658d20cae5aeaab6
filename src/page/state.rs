//! How far a page is on its way to its visitors.

use serde::{Deserialize, Serialize};

/// The state of a marketing page (the product's publishable states).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PageState {
    /// Never published.
    #[default]
    Draft,
    /// Being published.
    GoingLive,
    /// Published, and read-only.
    Live,
    /// Published, while somebody edits it.
    LiveEditable,
    /// Being taken back.
    Stopping,
    /// Taken back; can be edited and published again.
    Stopped,
    /// Publishing failed.
    Error,
    /// Deactivated.
    Expired,
}

impl PageState {
    /// Every state.
    pub const ALL: &'static [Self] = &[
        Self::Draft,
        Self::GoingLive,
        Self::Live,
        Self::LiveEditable,
        Self::Stopping,
        Self::Stopped,
        Self::Error,
        Self::Expired,
    ];

    /// Is the page with its visitors, or on the way to or from them? A page that is edited while it
    /// is live counts as published.
    #[must_use]
    pub const fn is_published(self) -> bool {
        matches!(self, Self::GoingLive | Self::Live | Self::LiveEditable | Self::Stopping)
    }

    /// May `next` follow? Draft, going live, live; back and forth between live and live, editable;
    /// live, stopping, stopped, and live again. Going live may fail, and be tried again. What is not
    /// published can expire, and nothing follows.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Draft | Self::Stopped | Self::Error, Self::GoingLive | Self::Expired)
                | (Self::GoingLive, Self::Live | Self::Error)
                | (Self::Live, Self::LiveEditable | Self::Stopping)
                | (Self::LiveEditable, Self::Live)
                | (Self::Stopping, Self::Stopped)
        )
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::GoingLive => "going live",
            Self::Live => "live",
            Self::LiveEditable => "live, editable",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Error => "error",
            Self::Expired => "expired",
        }
    }
}

/// A page cannot go from one state to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("page: expected a state that follows {:?}, found {:?}", .from.name(), .to.name())]
pub struct PageStateError {
    pub(super) from: PageState,
    pub(super) to: PageState,
}

impl PageStateError {
    /// The state in which the page is.
    #[must_use]
    pub const fn from(&self) -> PageState {
        self.from
    }

    /// The state that was asked for.
    #[must_use]
    pub const fn to(&self) -> PageState {
        self.to
    }
}
