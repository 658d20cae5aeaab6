//! What a submission says of a contact or of a lead.

use super::context::Context;
use super::field::{FieldError, FormField, is_objection, yes_no};
use super::marketing_form::{BlankUpdates, MarketingForm};
use super::outcome::Failure;
use super::submission::Submission;
use crate::consent::Person;
use crate::page::RememberMe;
use crate::party::{AttributeError, Attributes, Party, Value};
use crate::settings::{AttributeName, MatchingTarget};

/// The values of a submission by the columns of one target.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct TargetValues {
    /// Those to write.
    pub(super) written: Attributes,
    /// Those that lift an objection: only he writes them whose row it is.
    lifting: Attributes,
    /// Columns that are blank.
    pub(super) blank: Vec<AttributeName>,
    /// Those to compare: the same, where the submission came from, and the business unit of the form.
    pub(super) compared: Attributes,
}

impl TargetValues {
    /// The values of the fields, as they were [read](read_fields).
    pub(super) fn of(
        form: &MarketingForm,
        submission: &Submission,
        read: &[(&FormField, Option<Value>)],
        target: MatchingTarget,
        context: &Context,
    ) -> Result<Self, Failure> {
        let mut values = Self::default();
        for (field, value) in read {
            let Some(column) = field.column(target) else { continue };
            match value {
                Some(value) => {
                    values.written.set(column.as_str(), value.clone())?;
                }
                None => values.blank.push(column.clone()),
            }
        }
        if target == MatchingTarget::Contact && form.has_remember_me() {
            let ticked = matches!(submission.value(RememberMe::COLUMN), Some(Some(value)) if is_ticked(value));
            values.written.set(RememberMe::COLUMN, RememberMe::ticked(ticked).value())?;
            values.blank.retain(|name| name.as_str() != RememberMe::COLUMN);
        }
        // What says how a person may be written to must be readable as that.
        Person::from_attributes(&values.written)
            .map_err(|error| Failure::Value(error.to_string()))?;
        values.compared = values.written.clone();
        for (name, value) in form.context_columns().values(target, context).iter() {
            values.compared.set(name, value.clone())?;
        }
        if let Some(unit) = form.business_unit() {
            values.compared.set(Party::BUSINESS_UNIT, Value::Lookup(unit))?;
        }
        values.set_lifting_aside()?;
        Ok(values)
    }

    fn set_lifting_aside(&mut self) -> Result<(), AttributeError> {
        let all = std::mem::take(&mut self.written);
        for (name, value) in all.iter() {
            let lifts = is_objection(name) && *value != Value::YesNo(true);
            let into = if lifts { &mut self.lifting } else { &mut self.written };
            into.set(name, value.clone())?;
        }
        Ok(())
    }

    /// Was a value submitted for this column, blank or not, or is it known from where the submission
    /// came?
    pub(super) fn has(
        &self,
        form: &MarketingForm,
        target: MatchingTarget,
        name: &AttributeName,
    ) -> bool {
        self.compared.get(name.as_str()).is_some()
            || self.blank.contains(name)
            || form.context_columns().has(target, name)
    }

    /// A row that was there, with these values: those that are not blank are set, of blank ones the
    /// row's own stay or go, as the form has it, and what was not submitted stays. An objection stays
    /// too, unless it `lifts` them.
    pub(super) fn update(
        &self,
        row: &Party,
        blanks: BlankUpdates,
        lifts: bool,
    ) -> Result<Party, AttributeError> {
        let mut row = row.clone().with(&self.written)?;
        if lifts {
            row = row.with(&self.lifting)?;
        }
        if blanks == BlankUpdates::Clear {
            for name in self.blank.iter().filter(|name| lifts || !is_objection(name.as_str())) {
                row = row.without(name.as_str());
            }
        }
        Ok(row)
    }
}

/// The fields that were submitted, with their values, `None` where one is blank; of what is no field
/// nothing is taken. A form that touches no record asks for right values all the same: what is kept of
/// it is used by others.
pub(super) fn read_fields<'a>(
    form: &'a MarketingForm,
    submission: &Submission,
) -> Result<Vec<(&'a FormField, Option<Value>)>, Failure> {
    let mut read = Vec::with_capacity(form.fields().len());
    for field in form.fields() {
        let submitted = submission.value(field.name().as_str());
        let value = submitted.flatten().map(|value| field.taken(value)).transpose()?.flatten();
        if value.is_none() && field.is_required() {
            return Err(Failure::Required(field.name().clone()));
        }
        if submitted.is_some() {
            read.push((field, value));
        }
    }
    Ok(read)
}

/// Is the element ticked by which a visitor asks to be remembered? A browser sends nothing of one that
/// is not, and text of one that is.
fn is_ticked(value: &Value) -> bool {
    match value {
        Value::YesNo(yes) => *yes,
        Value::Text(text) => yes_no(text.trim()) == Some(true),
        _ => false,
    }
}

impl From<FieldError> for Failure {
    fn from(error: FieldError) -> Self {
        Self::Value(error.to_string())
    }
}

impl From<AttributeError> for Failure {
    fn from(error: AttributeError) -> Self {
        Self::Value(error.to_string())
    }
}
