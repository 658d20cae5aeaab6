//! Which way does a mail take out of the house, and what can correlate its answer?

use super::EmailSettings;
use crate::correlation::Method;
use crate::settings::AdviceKind;
use crate::settings::delivery::OutgoingMethod;

impl EmailSettings {
    /// Is mail that takes this way correlated? The warning where it may not be.
    #[must_use]
    pub fn advice_for(&self, route: SendingRoute) -> Option<AdviceKind> {
        (route.only_tokens_correlate() && !self.use_tracking_tokens())
            .then_some(AdviceKind::CorrelationMayNotWork)
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
