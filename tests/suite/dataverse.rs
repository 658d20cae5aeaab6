//! Exports of an organization: in, out, and back.

use correspond::settings::dataverse::{
    self, ExportOptions, Extra, Import, ImportErrorKind, ImportOptions, Report, ReportKind,
};
use correspond::settings::{
    ConnectStatus, Document, EmailSettings, FilterOption, Profile, SettingsRecord,
};
use serde_json::{Value, json};

const DOCUMENTS: &str = include_str!("../data/dataverse/documents.json");
const CURRENT: &str = include_str!("../data/dataverse/current.json");

fn bundled() -> [(&'static str, ImportOptions); 2] {
    [(DOCUMENTS, Profile::Documents), (CURRENT, Profile::Current)]
        .map(|(text, profile)| (text, ImportOptions::default().profile(profile)))
}

fn taken(text: &str) -> Import {
    dataverse::import(text, &ImportOptions::default()).unwrap()
}

fn tables(tables: &Value) -> Import {
    taken(&tables.to_string())
}

fn export(import: &Import) -> Value {
    let text = dataverse::export(&import.document, &import.extra, ExportOptions::default());
    serde_json::from_str(&text).unwrap()
}

/// The lines of a kind: column, value.
fn said(report: &Report, kind: ReportKind) -> Vec<(String, String)> {
    let entries = report.of(kind).map(|entry| {
        (entry.column.clone().unwrap_or_default(), entry.value.clone().unwrap_or_default())
    });
    entries.collect()
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_bundled_export_comes_back_as_it_was_but_for_its_secret() {
    for (text, options) in bundled() {
        let import = dataverse::import(text, &options).unwrap();
        for kind in [ReportKind::Refused, ReportKind::Corrected] {
            assert_eq!(import.report.of(kind).count(), 0, "{}", import.report);
        }
        let mut expected = value(text);
        let row = &mut expected["msdyncrm_cdsaconnectorconfigurations"]["value"][0];
        row["msdyncrm_exporttoblobstoragesastoken"] = Value::Null;
        assert_eq!(export(&import), expected);
        let secrets: Vec<_> = import
            .report
            .of(ReportKind::RedoByHand)
            .filter(|entry| entry.reason.contains("signature"))
            .collect();
        assert_eq!(secrets.len(), 1);
        assert_eq!(secrets[0].column.as_deref(), Some("msdyncrm_exporttoblobstoragesastoken"));
        assert_eq!(secrets[0].value, None);
        let all = format!("{import:?} {}", import.report);
        assert!(!all.contains("RXhhbXBsZVNpZ25hdHVyZQ"), "the secret is nowhere");
    }
}
