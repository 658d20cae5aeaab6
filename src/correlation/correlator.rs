//! The settings, made ready to decide by.

use std::fmt;

use crate::settings::{CorrelationSettings, SmartMatching};
use crate::subject::{FilterError, SubjectFilter};
use crate::token::{TokenScanner, TokenScannerError};

use super::method::Method;

/// Something in the settings that keeps a method from working as it was meant. The rest works.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Finding {
    /// The filter expression cannot be used: smart matching stays off rather than match by a guess.
    #[error("smart matching is off: {0}")]
    Filter(#[source] FilterError),
    /// The token formats cannot be looked for: tokens are not recognised.
    #[error("tracking tokens are not recognised: {0}")]
    Formats(#[source] TokenScannerError),
}

/// Reads mails, asks and decides, by one state of the settings.
///
/// Made once and used for every mail: it holds compiled expressions.
#[derive(Debug)]
pub struct Correlator {
    pub(super) settings: CorrelationSettings,
    pub(super) scanner: Option<TokenScanner>,
    pub(super) filter: Option<SubjectFilter>,
    active: Vec<Method>,
    findings: Vec<Finding>,
}

impl Correlator {
    /// A correlator by these settings. Whatever in them cannot be used turns its method off and is
    /// among the [`findings`](Self::findings).
    #[must_use]
    pub fn new(settings: CorrelationSettings) -> Self {
        let mut findings = Vec::new();
        let expression = settings.smart.filter.as_deref();
        let filter = expression.map_or_else(|| Ok(SubjectFilter::default()), SubjectFilter::new);
        let filter = filter.map_err(|error| findings.push(Finding::Filter(error))).ok();
        let scanner = TokenScanner::new(settings.tokens.formats.iter().cloned());
        let scanner = scanner.map_err(|error| findings.push(Finding::Formats(error))).ok();
        let works = |method: &Method| match method {
            Method::Folder => settings.folders.enabled,
            Method::Token => settings.tokens.enabled && scanner.is_some(),
            Method::Headers | Method::ThreadIndex => settings.use_correlation,
            Method::Smart => settings.smart.enabled && filter.is_some(),
        };
        let active = settings.order.methods().iter().copied().filter(works).collect();
        Self { active, scanner, filter, findings, settings }
    }

    /// The settings it was made from.
    #[must_use]
    pub const fn settings(&self) -> &CorrelationSettings {
        &self.settings
    }

    /// What in the settings could not be used.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The methods that are tried, in order: those of the settings whose switches are on.
    #[must_use]
    pub fn active(&self) -> &[Method] {
        &self.active
    }

    pub(super) fn tries(&self, method: Method) -> bool {
        self.active.contains(&method)
    }

    /// How many words and addresses of a mail are compared.
    pub(super) fn max_compared(&self) -> usize {
        self.settings.smart.max_count.min(SmartMatching::MAX_COMPARED) as usize
    }
}

impl Default for Correlator {
    fn default() -> Self {
        Self::new(CorrelationSettings::default())
    }
}

impl fmt::Display for Correlator {
    /// The methods in order, as `folder, token, headers`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, method) in self.active.iter().enumerate() {
            write!(f, "{}{method}", if at == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}
