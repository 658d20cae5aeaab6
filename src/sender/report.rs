//! All that there is to say of a message before it goes live.

use std::fmt;

use super::finding::{Finding, FindingKind, MessageField};
use crate::settings::AdviceSeverity;

/// What there is to say of a message before it goes live. Errors keep it from going live, and nothing
/// overrides them; warnings and hints can be ignored.
///
/// `Display` writes a line for each finding: severity, field, reason, remedy. Nothing is written where
/// nothing was found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct GoLiveReport {
    findings: Vec<Finding>,
}

impl GoLiveReport {
    /// At most this many findings are told; those left out are the least severe.
    pub const MAX_FINDINGS: usize = 1_000;

    /// What was found: errors, warnings, hints; within each in the order of the fields.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The findings of one severity.
    pub fn of_severity(&self, severity: AdviceSeverity) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.severity() == severity)
    }

    /// May the message go live? Where there is no error.
    #[must_use]
    pub fn can_go_live(&self) -> bool {
        self.of_severity(AdviceSeverity::Error).next().is_none()
    }
}

impl fmt::Display for GoLiveReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        Ok(())
    }
}

/// A report in the making.
#[derive(Debug, Default)]
pub(super) struct Found(Vec<Finding>);

impl Found {
    pub(super) fn add(&mut self, severity: AdviceSeverity, field: MessageField, kind: FindingKind) {
        self.0.push(Finding::new(severity, field, kind));
    }

    pub(super) fn error(&mut self, field: MessageField, kind: FindingKind) {
        self.add(AdviceSeverity::Error, field, kind);
    }

    pub(super) fn warning(&mut self, field: MessageField, kind: FindingKind) {
        self.add(AdviceSeverity::Warning, field, kind);
    }

    pub(super) fn hint(&mut self, field: MessageField, kind: FindingKind) {
        self.add(AdviceSeverity::Hint, field, kind);
    }

    pub(super) fn report(mut self) -> GoLiveReport {
        self.0.sort_by_key(|finding| (finding.severity(), finding.field()));
        self.0.truncate(GoLiveReport::MAX_FINDINGS);
        GoLiveReport { findings: self.0 }
    }
}
