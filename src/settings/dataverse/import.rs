//! Rows in, a document out.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::DateTime;

use super::children;
use super::convert;
use super::draft::Draft;
use super::fill::{Filling, Meta, Owners};
use super::layout::{Layout, OWN};
use super::options::ImportOptions;
use super::own;
use super::read::{Item, Row, Rows, Shape};
use super::report::{Place, Report, ReportKind};
use super::rules;
use super::tables::{Table, is_bookkeeping};
use crate::id::RecordId;
use crate::record::RecordKind;
use crate::settings::{
    Document, EmailSettings, Entry, MatchingStrategy, OrganizationProperties, PersonalOptions,
    SettingsRecord,
};

/// The most rows of a table that are read; those behind them are kept beside the document.
pub(super) const MAX_ROWS: usize = 100_000;

/// A setting that was given another value than the export has, so that the export of it writes it.
pub(super) type Corrected = HashSet<(RecordKind, RecordId, &'static str)>;

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) document: Document,
    pub(super) report: Report,
    pub(super) corrected: Corrected,
}

/// A row, with its id.
pub(super) type Known<'t, 'a> = (Option<RecordId>, &'t Row<'a>);

/// A reading in progress.
pub(super) struct Reading<'t, 'a> {
    pub(super) options: &'t ImportOptions,
    rows: HashMap<Table, Vec<Known<'t, 'a>>>,
    owners: People,
    pub(super) outcome: Outcome,
}

/// Users and queues by id.
struct People(HashMap<RecordId, Table>);

impl Owners for People {
    fn table(&self, id: RecordId) -> Option<Table> {
        self.0.get(&id).copied()
    }
}

/// Takes names out that are written twice in one row: the last counts, as readers of JSON have it.
pub(super) fn once(tables: &mut [Rows<'_>], options: &ImportOptions, report: &mut Report) {
    for Rows { name, items, .. } in tables {
        let table = options.table(name).map_or(&**name, |table| table.logical_name()).to_owned();
        for item in items {
            let Item::Row(row) = item else { continue };
            let repeated = repeated(row);
            if repeated.is_empty() {
                continue;
            }
            let (mut at, mut again) = (0, repeated.iter().peekable());
            row.cells.retain(|cell| {
                let stays = again.next_if(|next| **next == at).is_none();
                at += 1;
                if !stays {
                    let place = Place { table: &table, record: None };
                    let reason = "expected it once, found it again; the last counts";
                    let (column, json) = (Some(&*cell.key), Some(cell.json));
                    report.push(place.entry(ReportKind::Refused, column, json, reason));
                }
                stays
            });
        }
    }
}

/// The places of cells whose name stands there again, in their order.
fn repeated(row: &Row<'_>) -> Vec<usize> {
    let cells = &row.cells;
    // Few enough to be compared each with each, which needs no memory.
    if cells.len() <= 64 {
        let again = |(at, cell): &(usize, &super::read::Cell<'_>)| {
            cells.iter().skip(at + 1).any(|later| later.key.eq_ignore_ascii_case(&cell.key))
        };
        return cells.iter().enumerate().filter(again).map(|(at, _)| at).collect();
    }
    let mut last: HashMap<Vec<u8>, usize> = HashMap::new();
    let mut found: Vec<_> = cells
        .iter()
        .enumerate()
        .filter_map(|(at, cell)| last.insert(cell.key.as_bytes().to_ascii_lowercase(), at))
        .collect();
    found.sort_unstable();
    found
}

/// What these tables say.
pub(super) fn read(tables: &[Rows<'_>], options: &ImportOptions, report: Report) -> Outcome {
    let mut reading = Reading {
        options,
        rows: HashMap::new(),
        owners: People(HashMap::new()),
        outcome: Outcome { report, ..Outcome::default() },
    };
    reading.sort(tables);
    reading.pages();
    reading.outcome
}

impl<'t, 'a> Reading<'t, 'a> {
    /// Rows by table; what is none is told.
    fn sort(&mut self, tables: &'t [Rows<'a>]) {
        let report = &mut self.outcome.report;
        for Rows { name, shape, items } in tables {
            if own::PAGES.contains(&&**name) {
                continue;
            }
            let Some(table) = self.options.table(name) else {
                let reason = format!("a table that is not known, of {} rows", items.len());
                report.table(ReportKind::KeptInert, name, reason);
                continue;
            };
            let logical = table.logical_name();
            if let Shape::None(json) = shape {
                let place = Place { table: logical, record: None };
                let reason = "expected rows";
                report.push(place.entry(ReportKind::Refused, None, Some(json), reason));
            }
            let rows = self.rows.entry(table).or_default();
            for item in items {
                match item {
                    Item::Row(_) if rows.len() >= MAX_ROWS => {
                        let reason = format!("expected at most {MAX_ROWS} rows, found more");
                        report.table(ReportKind::Refused, logical, reason);
                        break;
                    }
                    Item::Row(row) => {
                        let id = row.cell(table.key()).and_then(|cell| cell.text());
                        rows.push((id.and_then(|id| convert::id(&id)), row));
                    }
                    Item::Other(json) => {
                        let place = Place { table: logical, record: None };
                        let reason = "expected a row, found no object";
                        report.push(place.entry(ReportKind::Refused, None, Some(json), reason));
                    }
                }
            }
        }
        for table in [Table::UserSettings, Table::SystemUser, Table::Queue] {
            for (id, _) in self.rows.get(&table).into_iter().flatten() {
                self.owners.0.extend(id.map(|id| (id, table)));
            }
        }
        for table in self.owners.0.values_mut() {
            if *table == Table::UserSettings {
                *table = Table::SystemUser;
            }
        }
    }

    fn pages(&mut self) {
        self.organization();
        self.users();
        let document = Document {
            lead_scoring: self.page(Table::LeadScoring),
            authenticated_domains: self.page(Table::SetupDomain),
            landing_pages: self.page(Table::LandingPage),
            matching_strategies: self.page(Table::MatchingStrategy),
            analytics: self.page(Table::Analytics),
            default_marketing_settings: self.page(Table::MarketingDefaults),
            content_settings: self.page(Table::ContentSettings),
            social_accounts: self.page(Table::SocialAccount),
            data_protection: self.page(Table::DataProtection),
            email_server_profiles: self.page(Table::EmailServerProfile),
            queues: self.page(Table::Queue),
            mailboxes: self.page(Table::Mailbox),
            ..std::mem::take(&mut self.outcome.document)
        };
        self.outcome.document = document;
        let Outcome { document, report, corrected } = &mut self.outcome;
        let mut fixing = rules::Fixing { report, corrected };
        fixing.defaults(Table::LandingPage, &mut document.landing_pages);
        fixing.defaults(Table::Analytics, &mut document.analytics);
        fixing.defaults(Table::MarketingDefaults, &mut document.default_marketing_settings);
        fixing.defaults(Table::ContentSettings, &mut document.content_settings);
        fixing.defaults(Table::DataProtection, &mut document.data_protection);
    }

    /// The rows of a table, of which each is a record of its own.
    pub(super) fn rows(&self, table: Table) -> Vec<Known<'t, 'a>> {
        self.rows.get(&table).cloned().unwrap_or_default()
    }

    fn fill(
        &mut self,
        layout: &Layout,
        known: Known<'t, 'a>,
        draft: &mut Draft<'a>,
        meta: &mut Meta,
    ) {
        let (record, row) = known;
        let place = Place { table: layout.table.logical_name(), record };
        let (options, owners) = (self.options, &self.owners);
        let report = &mut self.outcome.report;
        Filling { layout, options, owners, row, place, report }.fill(draft, meta);
    }

    fn page<T: SettingsRecord>(&mut self, table: Table) -> Vec<Entry<T>> {
        let rows = self.rows(table);
        if rows.is_empty() {
            return Vec::new();
        }
        let layout = Layout::of::<T>(table, self.options.profile);
        let mut children = match T::KIND {
            MatchingStrategy::KIND => children::attributes(self),
            _ => HashMap::new(),
        };
        let mut entries = Vec::new();
        let mut seen = HashSet::new();
        for known in &rows {
            let Some(id) = self.identified(table, *known, &mut seen) else { continue };
            let (mut draft, mut meta) = (Draft::new(&layout), Meta::default());
            if let Some(attributes) = children.remove(&id)
                && let Some(at) = layout.field("attributes")
            {
                draft.set(at, attributes, None);
            }
            self.fill(&layout, *known, &mut draft, &mut meta);
            self.correct::<T>(&layout, &mut draft, id);
            entries.extend(self.entry(&layout, draft, id, meta, true));
        }
        self.told(&[&layout], &rows, entries.len());
        entries
    }

    /// The id of a row, the first time that it appears.
    pub(super) fn identified(
        &mut self,
        table: Table,
        (id, row): Known<'_, '_>,
        seen: &mut HashSet<RecordId>,
    ) -> Option<RecordId> {
        let place = Place { table: table.logical_name(), record: id };
        let key = table.key();
        let reason = match id {
            Some(id) if seen.insert(id) => return Some(id),
            Some(_) => "expected each record once, found it again; the first counts",
            None => "expected the id of the record",
        };
        let json = row.cell(key).map(|cell| cell.json);
        self.outcome.report.push(place.entry(ReportKind::Refused, Some(key), json, reason));
        None
    }

    fn entry<T: SettingsRecord>(
        &mut self,
        layout: &Layout,
        mut draft: Draft<'a>,
        id: RecordId,
        meta: Meta,
        dated: bool,
    ) -> Option<Entry<T>> {
        let place = Place { table: layout.table.logical_name(), record: Some(id) };
        let value: T = draft.settle(place, &mut self.outcome.report)?;
        if meta.created.is_none() && dated {
            let reason = "expected when it was made, found none: 1970 stands in its place";
            let entry = place.entry(ReportKind::Corrected, Some("createdon"), None, reason);
            self.outcome.report.push(entry);
        }
        Some(Entry {
            id,
            active: meta.active.unwrap_or(true),
            created: meta.created.unwrap_or(DateTime::UNIX_EPOCH),
            modified: meta.modified,
            value,
        })
    }

    fn correct<T: SettingsRecord>(&mut self, layout: &Layout, draft: &mut Draft<'a>, id: RecordId) {
        let Outcome { report, corrected, .. } = &mut self.outcome;
        let place = Place { table: layout.table.logical_name(), record: Some(id) };
        for name in rules::correct(layout, draft, place, report) {
            corrected.insert((T::KIND, id, name));
        }
    }

    fn organization(&mut self) {
        let table = Table::Organization;
        let rows = self.rows(table);
        for (id, _) in rows.iter().skip(1) {
            let place = Place { table: table.logical_name(), record: *id };
            let reason = "expected one row, found another; the first counts";
            self.outcome.report.push(place.entry(ReportKind::Refused, None, None, reason));
        }
        let Some(known) = rows.first().copied() else { return };
        let place = Place { table: table.logical_name(), record: known.0 };

        let settings = Layout::of::<EmailSettings>(table, self.options.profile);
        let mut draft = Draft::new(&settings);
        if let Some(at) = settings.field("release") {
            draft.set(at, self.options.release.name().into(), None);
        }
        self.fill(&settings, known, &mut draft, &mut Meta::default());
        self.correct::<EmailSettings>(&settings, &mut draft, SINGLE);
        let made: Option<EmailSettings> = draft.settle(place, &mut self.outcome.report);
        if let Some(error) = made.as_ref().and_then(|made| made.smart_filter().compile().err()) {
            let cell = known.1.cell("hashfilterkeywords");
            let (column, json) = (Some("hashfilterkeywords"), cell.map(|cell| cell.json));
            let reason = format!("smart matching stays off until it is rewritten: {error}");
            let reason = super::draft::bounded(&reason);
            let report = &mut self.outcome.report;
            report.push(place.entry(ReportKind::RedoByHand, column, json, reason));
        }

        let bag = Layout::of::<OrganizationProperties>(table, self.options.profile);
        let own = known.1.cells.iter().any(|cell| bag.own(&cell.key).is_some());
        let properties = (own || known.1.cell("orgdborgsettings").is_some()).then(|| {
            let mut draft = Draft::new(&bag);
            self.fill(&bag, known, &mut draft, &mut Meta::default());
            draft.settle(place, &mut self.outcome.report)
        });
        self.told(&[&settings, &bag], &rows, usize::from(made.is_some()));
        self.outcome.document.email_settings = made;
        self.outcome.document.organization_properties = properties.flatten();
    }

    fn users(&mut self) {
        let mut drafts: Vec<(RecordId, Draft<'a>, Meta)> = Vec::new();
        let mut at: HashMap<RecordId, usize> = HashMap::new();
        let tables = [Table::UserSettings, Table::SystemUser];
        let layouts =
            tables.map(|table| Layout::of::<PersonalOptions>(table, self.options.profile));
        for layout in &layouts {
            let rows = self.rows(layout.table);
            let mut seen = HashSet::new();
            for known in &rows {
                let Some(id) = self.identified(layout.table, *known, &mut seen) else { continue };
                let at = *at.entry(id).or_insert_with(|| {
                    drafts.push((id, Draft::new(layout), Meta::default()));
                    drafts.len() - 1
                });
                let Some((_, draft, meta)) = drafts.get_mut(at) else { continue };
                let (mut filled, mut known_of) = (draft.clone(), *meta);
                self.fill(layout, *known, &mut filled, &mut known_of);
                (*draft, *meta) = (filled, known_of);
            }
            self.told(&[layout], &rows, seen.len());
        }
        let [layout, _] = &layouts;
        let entries = drafts.into_iter().filter_map(|(id, draft, meta)| {
            self.entry::<PersonalOptions>(layout, draft, id, meta, false)
        });
        self.outcome.document.personal_options = entries.collect();
    }

    /// How many rows were taken, and which columns were not.
    pub(super) fn told(&mut self, layouts: &[&Layout], rows: &[Known<'_, '_>], taken: usize) {
        let Some(table) = layouts.first().map(|layout| layout.table) else { return };
        if rows.is_empty() {
            return;
        }
        let name = table.logical_name();
        let report = &mut self.outcome.report;
        report.table(ReportKind::Taken, name, format!("{taken} of {} rows", rows.len()));
        let mut unknown: BTreeMap<String, (usize, &str)> = BTreeMap::new();
        for cell in rows.iter().flat_map(|(_, row)| &row.cells) {
            let known = |column: &str| {
                layouts.iter().any(|layout| layout.part(column).is_some()) || is_bookkeeping(column)
            };
            let Some(column) = cell.column() else {
                let own = layouts.iter().any(|layout| layout.own(&cell.key).is_some());
                if cell.key.starts_with(OWN) && !own {
                    unknown.entry(cell.key.to_string()).or_insert((0, cell.json)).0 += 1;
                }
                continue;
            };
            if cell.json == "null" || known(&column) {
                continue;
            }
            match unknown.get_mut(&*column) {
                Some((count, _)) => *count += 1,
                None => {
                    unknown.insert(column.into_owned(), (1, cell.json));
                }
            }
        }
        let place = Place { table: name, record: None };
        for (column, (count, json)) in unknown {
            let why = match column.as_str() {
                "autocreatecontactonpromote" => "a column whose codes are not documented",
                "msdyncrm_matchingstrategyfields" => "a column that the attributes stand for",
                _ => "a column that is not known",
            };
            let reason = format!("{why}, in {count} rows");
            report.push(place.entry(ReportKind::KeptInert, Some(&column), Some(json), reason));
        }
    }
}

/// The id under which pages are remembered of which there is one.
pub(super) const SINGLE: RecordId = RecordId::new(0);
