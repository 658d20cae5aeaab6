//! What does a submission do to contacts and leads?

use chrono::{DateTime, Utc};

use super::context::{Context, Written, captured};
use super::keying::{Keying, Keyings, kind_of};
use super::marketing_form::{FormType, MarketingForm};
use super::matcher::Matcher;
use super::outcome::{ChosenBecause, Failure, NewBecause, Outcome, TargetOutcome, Untouched};
use super::submission::{KnownBy, Submission};
use super::values::{TargetValues, read_fields};
use crate::id::RecordId;
use crate::index::Keyer;
use crate::party::{Attributes, Party, Value};
use crate::record::{LookupKey, RecordKind};
use crate::settings::{Link, MatchingTarget, Profile, UpdateMode};

/// A submission, made ready to be decided: its values are read, and the keys that its records are
/// looked up by are known.
///
/// A decision has two steps, since what is looked up lies in a store: [`probes`](Self::probes) says
/// what to look up, [`decide`](Self::decide) says what becomes of it.
#[derive(Debug)]
pub struct Question<'a> {
    form: &'a MarketingForm,
    submission: &'a Submission,
    context: Context,
    contact: Plan<'a>,
    lead: Plan<'a>,
}

/// What is to be done about one target.
#[derive(Debug)]
enum Plan<'a> {
    Leave(Untouched),
    /// The contact whose subscription center it is; where he is not there, as of `Modify`.
    Own(&'a Matcher, TargetValues),
    /// Whom its values match; none is made.
    Modify(&'a Matcher, TargetValues),
    Match(&'a Matcher, TargetValues),
    New(TargetValues),
}

impl Plan<'_> {
    const fn values(&self) -> Option<&TargetValues> {
        match self {
            Self::Leave(_) => None,
            Self::Own(_, values)
            | Self::Modify(_, values)
            | Self::Match(_, values)
            | Self::New(values) => Some(values),
        }
    }

    const fn matcher(&self) -> Option<&Matcher> {
        match self {
            Self::Own(matcher, _) | Self::Modify(matcher, _) | Self::Match(matcher, _) => {
                Some(matcher)
            }
            Self::Leave(_) | Self::New(_) => None,
        }
    }
}

/// The rows that were found for a submission.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct FoundRows {
    /// Contacts under the keys of the [probes](Question::probes), in any order.
    pub contacts: Vec<Party>,
    /// Leads under theirs.
    pub leads: Vec<Party>,
    /// The contact that the visitor is known to be. One who is inactive is nobody: what he submits
    /// is matched by its values.
    pub visitor: Option<Party>,
    /// Are there more under some key than were looked at?
    pub cut: bool,
}

impl FoundRows {
    fn known(&self) -> Option<&Party> {
        let visitor = self.visitor.as_ref()?;
        let is_contact = visitor.reference().kind() == RecordKind::Contact;
        Some(visitor).filter(|visitor| is_contact && visitor.is_active())
    }
}

/// The ids that new records get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "one for each target")]
pub struct NewIds {
    /// Of a contact.
    pub contact: RecordId,
    /// Of a lead.
    pub lead: RecordId,
}

/// What is to be written for a submission.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Decision {
    /// The answer.
    pub outcome: Outcome,
    /// The contact as it is to be, and as it was found; `None` where none was matched or made.
    pub contact: Option<Change>,
    /// The lead likewise.
    pub lead: Option<Change>,
}

/// A row as it is to be.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Change {
    /// The row.
    pub row: Party,
    /// The row that was found; `None` where it is new.
    pub found: Option<Party>,
}

impl Change {
    /// Is there anything to write?
    #[must_use]
    pub fn is_change(&self) -> bool {
        self.found.as_ref() != Some(&self.row)
    }
}

impl<'a> Question<'a> {
    /// Reads a submission for its form. The form's own mode and strategies count, never those of the
    /// configuration in force.
    ///
    /// `matcher` gives the [`Matcher`] of the form's strategy for a target, or `None` where there is none;
    /// `keyed` are the keys that all rows of the directory have.
    ///
    /// # Errors
    ///
    /// The submission fails before anything was looked up, at this target.
    pub fn new(
        form: &'a MarketingForm,
        submission: &'a Submission,
        profile: Profile,
        matcher: impl Fn(MatchingTarget) -> Option<&'a Matcher>,
        keyed: &Keyings,
    ) -> Result<Self, Refusal> {
        let context = submission.context(form, profile);
        let first = MatchingTarget::ALL.iter().find(|target| left(form, **target).is_none());
        let target = first.copied().unwrap_or(MatchingTarget::Contact);
        let read = read_fields(form, submission).map_err(|failure| Refusal { target, failure })?;
        let plan = |target: MatchingTarget| -> Result<Plan<'a>, Failure> {
            if let Some(why) = left(form, target) {
                return Ok(Plan::Leave(why));
            }
            let values = TargetValues::of(form, submission, &read, target, &context)?;
            if target == MatchingTarget::Lead && form.always_generates_leads() {
                return Ok(Plan::New(values));
            }
            let found = matcher(target).filter(|matcher| matcher.target() == target);
            let matcher = found.ok_or(Failure::Strategy(target))?;
            let center = form.form_type() == FormType::SubscriptionCenter;
            // Whose center it is, is known by the link: its form need not ask for it. A cookie is less
            // sure: where the form asks, the values decide.
            let asks = |name| form.fields().iter().any(|field| field.column(target) == Some(name));
            let own = center
                && match submission.known_by() {
                    Some(KnownBy::Link) => true,
                    Some(KnownBy::Cookie) => !matcher.attributes().any(asks),
                    None => false,
                };
            let absent = matcher.attributes().find(|name| !values.has(form, target, name));
            if let Some(attribute) = absent.filter(|_| !own) {
                return Err(Failure::Missing { target, attribute: attribute.clone() });
            }
            if !matcher.keyings().all(|keying: &Keying| keyed.contains(keying)) {
                return Err(Failure::NotKeyed(target));
            }
            Ok(match (center, own) {
                (_, true) => Plan::Own(matcher, values),
                (true, false) => Plan::Modify(matcher, values),
                (false, false) => Plan::Match(matcher, values),
            })
        };
        let plan = |target| plan(target).map_err(|failure| Refusal { target, failure });
        let (contact, lead) = (plan(MatchingTarget::Contact)?, plan(MatchingTarget::Lead)?);
        Ok(Self { form, submission, context, contact, lead })
    }

    /// The keys to look up for a target, in the directory.
    #[must_use]
    pub fn probes(&self, target: MatchingTarget, keyer: &Keyer) -> Vec<LookupKey> {
        let plan = self.plan(target);
        match (plan.matcher(), plan.values()) {
            (Some(matcher), Some(values)) => matcher.probes(keyer, &values.compared),
            _ => Vec::new(),
        }
    }

    /// The values that a record of this target which is there gets; `None` where none is to be touched.
    pub(crate) fn written(&self, target: MatchingTarget) -> Option<&Attributes> {
        self.plan(target).values().map(|values| &values.written)
    }

    /// The contact that the visitor is known to be, where the answer may rest on that.
    #[must_use]
    pub fn visitor(&self) -> Option<RecordId> {
        self.submission.visitor()
    }

    const fn plan(&self, target: MatchingTarget) -> &Plan<'a> {
        match target {
            MatchingTarget::Contact => &self.contact,
            MatchingTarget::Lead => &self.lead,
        }
    }

    /// What becomes of it, given what was found. Rows that do not match after all are passed over, and
    /// their order does not matter.
    ///
    /// The rules are those of dynamics-facts 7.2 and 7.3 of the product's documents:
    ///
    /// * A subscription center changes the contact who came by [his link](Submission::by_link), or by
    ///   [his cookie](Submission::by_cookie) where the form asks for nothing that is compared.
    /// * Of several matches the visitor's own contact is taken, else the lead that belongs to the
    ///   contact of the same submission, else the row modified last, of these the one made last, of
    ///   these the one with the highest id.
    /// * Submitted values are written, blank ones as the [form](MarketingForm::blanks) has it;
    ///   objections are only [tightened](super::FormField).
    /// * Only a new record gets the context of the submission, the form's owner, and a time of
    ///   creation.
    /// * A new lead belongs to the contact of the same submission; where contacts are left alone, to the
    ///   contact that the visitor is known to be. A lead that is there and belongs to nobody gets the
    ///   contact of the same submission; one that belongs to somebody stays his.
    ///
    /// # Errors
    ///
    /// A row has no room for the values.
    pub fn decide(
        &self,
        rows: &FoundRows,
        ids: NewIds,
        now: DateTime<Utc>,
    ) -> Result<Decision, Refusal> {
        let contact = self.target(MatchingTarget::Contact, rows, None, ids.contact, now);
        let (contact, change) = contact?;
        let of_submission = contact.record();
        let parent = match self.form.update() {
            UpdateMode::ContactsAndLeads => of_submission,
            _ => None,
        };
        let (lead, lead_change) = self.target(MatchingTarget::Lead, rows, parent, ids.lead, now)?;
        let outcome = Outcome { contact, lead, cut: rows.cut };
        Ok(Decision { outcome, contact: change, lead: lead_change })
    }

    fn target(
        &self,
        target: MatchingTarget,
        rows: &FoundRows,
        parent: Option<RecordId>,
        id: RecordId,
        now: DateTime<Utc>,
    ) -> Result<(TargetOutcome, Option<Change>), Refusal> {
        let fail = |failure: Failure| Refusal { target, failure };
        let plan = self.plan(target);
        let values = match plan {
            Plan::Leave(why) => return Ok((TargetOutcome::Untouched(*why), None)),
            Plan::Own(_, values)
            | Plan::Modify(_, values)
            | Plan::Match(_, values)
            | Plan::New(values) => values,
        };
        let found = match plan {
            Plan::New(_) | Plan::Leave(_) => Err(NewBecause::Always),
            Plan::Match(matcher, _) | Plan::Modify(matcher, _) => {
                choose(matcher, &values.compared, target, rows, parent)
            }
            Plan::Own(matcher, _) => match rows.known() {
                Some(row) => Ok(Chosen { row, why: ChosenBecause::Center, others: Vec::new() }),
                _ => choose(matcher, &values.compared, target, rows, parent),
            },
        };
        match (found, plan) {
            (Ok(Chosen { row, why, others }), _) => {
                let by_link = self.submission.known_by() == Some(KnownBy::Link);
                let lifts = by_link && why == ChosenBecause::Center;
                let mut new = values
                    .update(row, self.form.blanks(), lifts)
                    .map_err(|error| fail(error.into()))?;
                if let Some(parent) = parent.filter(|_| row.parent_contact().is_none()) {
                    new = with(new, Party::PARENT_CONTACT, Value::Lookup(parent)).map_err(fail)?;
                }
                let record = row.reference().id();
                let changed = new != *row;
                // Whatever the clock says: a row keeps its place among others.
                let new = if changed { new.modified_at(now.max(row.modified())) } else { new };
                let outcome = if changed {
                    TargetOutcome::Updated { record, why, others }
                } else {
                    TargetOutcome::Unchanged { record, why, others }
                };
                Ok((outcome, Some(Change { row: new, found: Some(row.clone()) })))
            }
            (Err(_), Plan::Own(..) | Plan::Modify(..)) => {
                Ok((TargetOutcome::Untouched(Untouched::Center), None))
            }
            (Err(why), _) => {
                let parent = parent.or_else(|| self.known_parent(target, rows));
                let row = self.new_row(target, values, parent, id, now).map_err(fail)?;
                let outcome = TargetOutcome::Created { record: id, why };
                Ok((outcome, Some(Change { row, found: None })))
            }
        }
    }

    /// The contact that a new lead belongs to where the submission leaves contacts alone: the visitor's,
    /// as long as it is there.
    fn known_parent(&self, target: MatchingTarget, rows: &FoundRows) -> Option<RecordId> {
        let alone = target == MatchingTarget::Lead && self.form.update() == UpdateMode::OnlyLeads;
        rows.known().filter(|_| alone).map(|visitor| visitor.reference().id())
    }

    fn new_row(
        &self,
        target: MatchingTarget,
        values: &TargetValues,
        parent: Option<RecordId>,
        id: RecordId,
        now: DateTime<Utc>,
    ) -> Result<Party, Failure> {
        let parent = parent.filter(|_| target == MatchingTarget::Lead);
        let context = Context { contact: parent.map(Link::from), ..self.context.clone() };
        let mut row = Party::new(kind_of(target).of(id), now, values.written.clone())
            .with(&captured(self.form.context_columns(), target, Written::Created, &context))?;
        let own = [
            (Party::CREATED, Some(Value::Time(now))),
            (Party::OWNER, self.form.owner().map(Value::Lookup)),
            (Party::BUSINESS_UNIT, self.form.business_unit().map(Value::Lookup)),
            (Party::PARENT_CONTACT, parent.map(Value::Lookup)),
        ];
        for (name, value) in own {
            if let Some(value) = value {
                row = with(row, name, value)?;
            }
        }
        Ok(row)
    }
}

/// Why a form leaves the records of this target alone.
fn left(form: &MarketingForm, target: MatchingTarget) -> Option<Untouched> {
    match form.form_type() {
        FormType::ForwardToFriend => Some(Untouched::Forward),
        FormType::SubscriptionCenter if target == MatchingTarget::Lead => Some(Untouched::Center),
        _ if !form.update().updates(target) => Some(Untouched::Mode),
        _ => None,
    }
}

fn with(row: Party, name: &str, value: Value) -> Result<Party, Failure> {
    let mut one = Attributes::default();
    one.set(name, value)?;
    Ok(row.with(&one)?)
}

struct Chosen<'a> {
    row: &'a Party,
    why: ChosenBecause,
    others: Vec<RecordId>,
}

/// The row that a submission updates; why there is none.
fn choose<'a>(
    matcher: &Matcher,
    values: &Attributes,
    target: MatchingTarget,
    rows: &'a FoundRows,
    parent: Option<RecordId>,
) -> Result<Chosen<'a>, NewBecause> {
    let found = match target {
        MatchingTarget::Contact => &rows.contacts,
        MatchingTarget::Lead => &rows.leads,
    };
    let visitor = rows.known();
    let mut matching: Vec<&Party> = found.iter().chain(visitor).collect();
    matching.retain(|row| matcher.matches(values, row));
    // The visitor may have been found by his values too.
    matching.sort_by_key(|row| row.reference());
    matching.dedup_by_key(|row| row.reference());
    let order = |row: &&Party| {
        let own = visitor.is_some_and(|visitor| visitor.reference() == row.reference());
        let child = parent.is_some() && row.parent_contact() == parent;
        (own, child, row.modified(), row.created(), row.reference().id())
    };
    matching.sort_by_key(|row| std::cmp::Reverse(order(row)));
    let Some((row, others)) = matching.split_first() else {
        return Err(if is_blank_probe(matcher, values) {
            NewBecause::Blank
        } else {
            NewBecause::NoMatch
        });
    };
    let (own, child, ..) = order(row);
    let why = match others {
        _ if own => ChosenBecause::Visitor,
        [] => ChosenBecause::Only,
        _ if child => ChosenBecause::OfContact,
        _ => ChosenBecause::LastModified,
    };
    let others = others.iter().map(|other| other.reference().id());
    let others = others.take(TargetOutcome::MAX_OTHERS).collect();
    Ok(Chosen { row, why, others })
}

/// Do blank values rule out every match?
fn is_blank_probe(matcher: &Matcher, values: &Attributes) -> bool {
    // Which key it is does not matter, only whether there is one.
    matcher.probes(&Keyer::from_secret([0; 16]), values).is_empty()
}

/// A submission fails, at this target.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a pair")]
pub struct Refusal {
    /// At which one.
    pub target: MatchingTarget,
    /// Why.
    pub failure: Failure,
}

impl From<Refusal> for Outcome {
    fn from(refusal: Refusal) -> Self {
        let (failed, other) = (TargetOutcome::Failed(refusal.failure), TargetOutcome::NotReached);
        match refusal.target {
            MatchingTarget::Contact => Self { contact: failed, lead: other, cut: false },
            MatchingTarget::Lead => Self { contact: other, lead: failed, cut: false },
        }
    }
}
