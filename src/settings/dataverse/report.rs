//! What became of an export?

use std::fmt;

use serde::Serialize;

use crate::id::RecordId;

/// What became of a part of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ReportKind {
    /// The records of a table, by their number.
    Taken,
    /// A value that the product keeps in another form than its screen shows: inverted, in other
    /// units, inside XML.
    Converted,
    /// A value was replaced by another, because both could not stand; the export writes the new one.
    Corrected,
    /// Kept, and without effect: a column or a table that this crate does not know, a setting whose
    /// switch is off.
    KeptInert,
    /// A value that is none of its setting, or a row that is no record: the effective default is in
    /// its place. It is kept beside the document and written again by the export.
    Refused,
    /// Somebody has to do it again by hand: sign in, paste a signature, rewrite an expression.
    RedoByHand,
}

impl ReportKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Taken,
        Self::Converted,
        Self::Corrected,
        Self::KeptInert,
        Self::Refused,
        Self::RedoByHand,
    ];

    const fn label(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Converted => "converted",
            Self::Corrected => "corrected",
            Self::KeptInert => "kept, without effect",
            Self::Refused => "refused",
            Self::RedoByHand => "to be done by hand",
        }
    }
}

impl fmt::Display for ReportKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// A line of a [`Report`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ReportEntry {
    /// What became of it.
    pub kind: ReportKind,
    /// The table, by its logical name where it is known, else as it was written.
    pub table: String,
    /// The record, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordId>,
    /// The column, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What stood there, as JSON, shortened to [`Report::MAX_VALUE`] characters. Never a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Why, or what came of it.
    pub reason: String,
}

impl fmt::Display for ReportEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.table)?;
        if let Some(record) = self.record {
            write!(f, " {record}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", {column}")?;
        }
        if let Some(value) = &self.value {
            write!(f, " = {value}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// What was taken from an export, and what was not: in the order of the export, a line each.
///
/// `Display` writes it for people, serde for machines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    entries: Vec<ReportEntry>,
    left_out: u64,
}

impl Report {
    /// The most lines; what comes after is [counted](Self::left_out).
    pub const MAX_ENTRIES: usize = 10_000;

    /// The most characters of a value that are shown.
    pub const MAX_VALUE: usize = 120;

    /// The lines.
    #[must_use]
    pub fn entries(&self) -> &[ReportEntry] {
        &self.entries
    }

    /// How many lines there are no room for.
    #[must_use]
    pub const fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The lines of one kind.
    pub fn of(&self, kind: ReportKind) -> impl Iterator<Item = &ReportEntry> {
        self.entries.iter().filter(move |entry| entry.kind == kind)
    }

    pub(super) fn push(&mut self, entry: ReportEntry) {
        if self.entries.len() < Self::MAX_ENTRIES {
            self.entries.push(entry);
        } else {
            self.left_out += 1;
        }
    }

    /// A line about a table.
    pub(super) fn table(&mut self, kind: ReportKind, table: &str, reason: impl Into<String>) {
        let place = Place { table, record: None };
        self.push(place.entry(kind, None, None, reason));
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for entry in &self.entries {
            writeln!(f, "{entry}")?;
        }
        if self.left_out > 0 {
            writeln!(f, "and {} more", self.left_out)?;
        }
        Ok(())
    }
}

/// Which record a line is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) table: &'a str,
    pub(super) record: Option<RecordId>,
}

impl Place<'_> {
    pub(super) fn entry(
        &self,
        kind: ReportKind,
        column: Option<&str>,
        json: Option<&str>,
        reason: impl Into<String>,
    ) -> ReportEntry {
        ReportEntry {
            kind,
            table: short(self.table),
            record: self.record,
            column: column.map(short),
            value: json.map(short),
            reason: reason.into(),
        }
    }
}

fn short(text: &str) -> String {
    let mut short: String = text.chars().take(Report::MAX_VALUE).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_bounded_and_reads_well() {
        let mut report = Report::default();
        let place = Place { table: "queue", record: Some(RecordId::new(7)) };
        let json = format!("\"{}\"", "x".repeat(1_000));
        for _ in 0..Report::MAX_ENTRIES + 2 {
            let entry = place.entry(ReportKind::Refused, Some("name"), Some(&json), "too long");
            report.push(entry);
        }
        assert_eq!((report.entries().len(), report.left_out()), (Report::MAX_ENTRIES, 2));
        let said = report.to_string();
        assert_eq!(
            said.lines().next().unwrap(),
            format!(
                "refused: queue 00000000000000000000000000000007, name = \"{}…: too long",
                "x".repeat(119)
            )
        );
        assert_eq!(said.lines().last().unwrap(), "and 2 more");
        let json = serde_json::to_value(&report.entries()[0]).unwrap();
        assert_eq!(json["kind"], "refused");
    }
}
