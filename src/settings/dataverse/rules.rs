//! What cannot stand together is put right by these rules.

use serde_json::Value;

use super::draft::Draft;
use super::import::Corrected;
use super::layout::Layout;
use super::report::{Place, Report, ReportKind};
use super::tables::Table;
use crate::settings::{DefaultRule, Entry, SettingsRecord};

/// Puts right what is given within one record; the names of the settings that changed.
///
/// * Under the Email Router nothing synchronizes appointments, contacts and tasks on the server:
///   "None" stands for it.
/// * The status of a part of a domain that was not asked for is "Not requested", and one that was
///   asked for waits to be confirmed, where the export says otherwise.
pub(super) fn correct(
    layout: &Layout,
    draft: &mut Draft<'_>,
    place: Place<'_>,
    report: &mut Report,
) -> Vec<&'static str> {
    let mut changed = Vec::new();
    let mut put = |draft: &mut Draft<'_>, name: &'static str, value: &str, reason: &str| {
        let Some(at) = layout.field(name) else { return };
        let source = draft.source(at).cloned();
        // What is not given is not changed: the export says nothing about it.
        if let Some(source) = source {
            let (column, json) = (Some(&*source.column), Some(&*source.json));
            report.push(place.entry(ReportKind::Corrected, column, json, reason));
            changed.push(name);
        }
        draft.set(at, value.into(), None);
    };
    let get =
        |draft: &Draft<'_>, name: &str| layout.field(name).and_then(|at| draft.get(at)).cloned();
    match layout.table {
        Table::Organization => {
            let router = get(draft, "process_email_using");
            let method = get(draft, "appointments_method");
            let server_side = method.is_none_or(|method| method == "server-side");
            if router.is_some_and(|router| router == "email-router") && server_side {
                let reason = "none, as the Email Router synchronizes no appointments";
                put(draft, "appointments_method", "none", reason);
            }
        }
        Table::SetupDomain => {
            let asked = |draft: &Draft<'_>, name, default| {
                get(draft, name).as_ref().and_then(Value::as_bool).unwrap_or(default)
            };
            let email = asked(draft, "authenticate_email", true);
            let envelope = asked(draft, "envelope_from", false);
            let forms = asked(draft, "prefilled_forms", false);
            let parts = [
                ("email_status", email, false),
                ("envelope_from_status", envelope, false),
                // With forms alone the product has it both ways.
                ("ownership_status", email || envelope, forms && !email && !envelope),
            ];
            for (name, asked, either) in parts {
                let status = get(draft, name);
                let off = status.as_ref().map(|status| status == "not-requested");
                match off {
                    _ if either => {}
                    Some(true) if asked => {
                        put(draft, name, "waiting-to-confirm", "asked for: waiting to confirm");
                    }
                    Some(false) if !asked => {
                        put(draft, name, "not-requested", "not asked for: not requested");
                    }
                    None if asked => put(draft, name, "waiting-to-confirm", ""),
                    None => put(draft, name, "not-requested", ""),
                    _ => {}
                }
            }
        }
        _ => {}
    }
    changed
}

/// Puts right what is given by several records together.
pub(super) struct Fixing<'o> {
    pub(super) report: &'o mut Report,
    pub(super) corrected: &'o mut Corrected,
}

impl Fixing<'_> {
    /// Of several active default records the one that was modified last stays the default (of several
    /// of one time the one with the greatest id); where there must be one and is none, the active
    /// record that was made last becomes it.
    pub(super) fn defaults<T: SettingsRecord>(&mut self, table: Table, entries: &mut [Entry<T>]) {
        let is = |entry: &&Entry<T>| entry.active && entry.value.is_default();
        let rank = |entry: &Entry<T>| (entry.modified.unwrap_or(entry.created), entry.id);
        let stays = entries.iter().filter(is).max_by_key(|entry| rank(entry)).map(|entry| entry.id);
        let wanted = stays.or_else(|| {
            let active = entries.iter().filter(|entry| entry.active);
            let newest = active.max_by_key(|entry| (entry.created, entry.id)).map(|entry| entry.id);
            newest.filter(|_| T::DEFAULTS == DefaultRule::ExactlyOne)
        });
        let Some(wanted) = wanted else { return };
        let column = T::FIELDS.iter().find(|field| field.name == "default");
        let column = column.and_then(|field| field.column);
        for entry in entries.iter_mut().filter(|entry| entry.active) {
            let default = entry.id == wanted;
            if entry.value.is_default() == default {
                continue;
            }
            entry.value = entry.value.clone().with_default(default);
            self.corrected.insert((T::KIND, entry.id, "default"));
            let reason = if default {
                "expected one default, found none: the active record made last becomes it"
                    .to_owned()
            } else {
                format!("expected one default, found several: {wanted}, modified last, stays it")
            };
            let place = Place { table: table.logical_name(), record: Some(entry.id) };
            self.report.push(place.entry(ReportKind::Corrected, column, None, reason));
        }
    }
}
