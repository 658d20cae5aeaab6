//! What a submission says of a contact or of a lead.

use super::context::Context;
use super::field::{FieldError, yes_no};
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
    /// Columns that are blank.
    pub(super) blank: Vec<AttributeName>,
    /// Those to compare: the same, where the submission came from, and the business unit of the form.
    pub(super) compared: Attributes,
}

impl TargetValues {
    /// The values of the fields; of what is no field nothing is taken.
    pub(super) fn of(
        form: &MarketingForm,
        submission: &Submission,
        target: MatchingTarget,
        context: &Context,
    ) -> Result<Self, Failure> {
        let mut values = Self::default();
        for field in form.fields() {
            let submitted = submission.value(field.name().as_str());
            if let Some(Some(value)) = submitted {
                field.check(value)?;
            } else if field.is_required() {
                return Err(Failure::Required(field.name().clone()));
            }
            let (Some(column), Some(value)) = (field.column(target), submitted) else { continue };
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
        if target == MatchingTarget::Contact {
            // What says how a person may be written to must be readable as that.
            Person::from_attributes(&values.written)
                .map_err(|error| Failure::Value(error.to_string()))?;
        }
        values.compared = values.written.clone();
        for (name, value) in form.context_columns().values(target, context).iter() {
            values.compared.set(name, value.clone())?;
        }
        if let Some(unit) = form.business_unit() {
            values.compared.set(Party::BUSINESS_UNIT, Value::Lookup(unit))?;
        }
        Ok(values)
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
    /// row's own stay or go, as the form has it, and what was not submitted stays.
    pub(super) fn update(
        &self,
        row: &Party,
        blanks: BlankUpdates,
    ) -> Result<Party, AttributeError> {
        let mut row = row.clone().with(&self.written)?;
        if blanks == BlankUpdates::Clear {
            for name in &self.blank {
                row = row.without(name.as_str());
            }
        }
        Ok(row)
    }
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
