//! A record on its way from rows to a page.

use std::borrow::Cow;

use serde::de::value::MapDeserializer;
use serde_json::Value;

use super::layout::Layout;
use super::report::{Place, Report, ReportKind};
use crate::settings::SettingsRecord;

/// Where a value came from.
#[derive(Clone, Debug)]
pub(super) struct Source<'a> {
    pub(super) column: Cow<'a, str>,
    pub(super) json: Cow<'a, str>,
}

/// The settings of a record that were found, by their fields.
#[derive(Clone, Debug)]
pub(super) struct Draft<'a> {
    values: Vec<Option<(Value, Option<Source<'a>>)>>,
}

impl<'a> Draft<'a> {
    /// With the defaults of the profile where they differ from those of the documents.
    pub(super) fn new(layout: &Layout) -> Self {
        let mut values = vec![None; layout.fields.len()];
        for (at, value) in &layout.defaults {
            if let Some(slot) = values.get_mut(*at) {
                *slot = Some((value.clone(), None));
            }
        }
        Self { values }
    }

    pub(super) fn set(&mut self, at: usize, value: Value, source: Option<Source<'a>>) {
        if let Some(slot) = self.values.get_mut(at) {
            *slot = Some((value, source));
        }
    }

    pub(super) fn get(&self, at: usize) -> Option<&Value> {
        self.values.get(at)?.as_ref().map(|(value, _)| value)
    }

    pub(super) fn source(&self, at: usize) -> Option<&Source<'a>> {
        self.values.get(at)?.as_ref()?.1.as_ref()
    }

    fn take(&mut self, at: usize) -> Option<(Value, Option<Source<'a>>)> {
        self.values.get_mut(at)?.take()
    }

    fn read<T: SettingsRecord>(&self) -> Result<T, String> {
        let pairs = T::FIELDS
            .iter()
            .zip(&self.values)
            .filter_map(|(field, value)| value.as_ref().map(|(value, _)| (field.name, value)));
        let read = T::deserialize(MapDeserializer::<_, serde_json::Error>::new(pairs));
        read.map_err(|error| error.to_string())
    }

    /// The record. A setting that it refuses is taken out, with a line of the report, so that the
    /// effective default stands in its place; `None` where no record can be made of the rest.
    pub(super) fn settle<T: SettingsRecord>(
        &mut self,
        place: Place<'_>,
        report: &mut Report,
    ) -> Option<T> {
        // Each turn takes a setting out or ends.
        loop {
            let error = match self.read::<T>() {
                Ok(record) => return Some(record),
                Err(error) => error,
            };
            let (name, reason) = error.split_once(": ").unwrap_or(("", &error));
            let at = T::FIELDS.iter().position(|field| field.name == name);
            let given = at.filter(|at| self.get(*at).is_some());
            let Some(out) = given.or_else(|| self.opponent::<T>(&error)) else {
                let column = at.and_then(|at| T::FIELDS.get(at)).and_then(|field| field.column);
                let entry = place.entry(ReportKind::Refused, column, None, bounded(reason));
                report.push(entry);
                return None;
            };
            let taken = self.take(out);
            if let Some((_, Some(source))) = taken {
                let (column, json) = (Some(&*source.column), Some(&*source.json));
                report.push(place.entry(ReportKind::Refused, column, json, bounded(reason)));
            }
        }
    }

    /// The setting that stands against a default, which the record told of.
    fn opponent<T: SettingsRecord>(&self, error: &str) -> Option<usize> {
        let optional = |at: &usize| T::FIELDS.get(*at).is_some_and(|field| !field.required);
        let given = (0..self.values.len()).filter(optional).filter(|at| self.get(*at).is_some());
        let mut other = None;
        for at in given {
            let mut without = self.clone();
            without.take(at);
            match without.read::<T>() {
                Ok(_) => return Some(at),
                Err(now) if now != error && other.is_none() => other = Some(at),
                Err(_) => {}
            }
        }
        other
    }
}

/// Reasons may quote what was found.
pub(super) fn bounded(reason: &str) -> String {
    const MOST: usize = 300;
    let mut short: String = reason.chars().take(MOST).collect();
    if short.len() < reason.len() {
        short.push('…');
    }
    short
}
