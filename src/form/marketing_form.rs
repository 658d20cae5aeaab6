//! A marketing form.

use serde::{Deserialize, Serialize};

use super::choices::FormChoices;
use super::context::ContextColumns;
use super::error::FormError;
use super::field::FormField;
use super::live;
use crate::id::RecordId;
use crate::record::{RecordKind, RecordRef};
use crate::settings::field::choice;
use crate::settings::{
    LandingPageConfiguration, Link, MatchingRule, MatchingStrategy, MatchingTarget, Stored,
    UpdateMode, targets,
};

choice! {
    /// What a form is for (column `msdyncrm_marketingform.msdyncrm_validforpagetype`).
    FormType {
        /// A landing page.
        LandingPage = 0, "landing-page", "Landing page";
        /// A subscription center.
        SubscriptionCenter = 1, "subscription-center", "Subscription center";
        /// Forwarding to a friend.
        ForwardToFriend = 2, "forward-to-friend", "Forward to a friend";
        /// The registration for an event.
        EventRegistration = 3, "event-registration", "Event registration";
    }
}

/// What a form says for itself about matching (table `msdyncrm_marketingform`). A new form has the
/// defaults of the configuration in force; a later change of these reaches no form that exists.
///
/// ```
/// use chrono::DateTime;
/// use correspond::form::{FormChoices, FormType, MarketingForm};
/// use correspond::id::RecordId;
/// use correspond::record::Version;
/// use correspond::settings::{
///     LandingPageConfiguration, MatchingStrategy, MatchingTarget, Stored, UpdateMode,
/// };
///
/// let mut strategies = Vec::new();
/// for (number, target) in [(1, MatchingTarget::Contact), (2, MatchingTarget::Lead)] {
///     let strategy = MatchingStrategy::out_of_box(target).build()?;
///     let id = RecordId::new(number);
///     strategies.push(Stored::new(id, Version::new(number), DateTime::UNIX_EPOCH, strategy));
/// }
/// let config = LandingPageConfiguration::builder()
///     .name("Spring")
///     .contact_matching_strategy(RecordId::new(1))
///     .lead_matching_strategy(RecordId::new(2))
///     .build()?;
///
/// let form = MarketingForm::new(FormType::LandingPage, &config, &strategies)?;
/// assert_eq!(form.update(), UpdateMode::ContactsAndLeads);
///
/// let choices = FormChoices::default().update(UpdateMode::OnlyLeads);
/// assert_eq!(form.with(&choices, &config, &strategies)?.update(), UpdateMode::OnlyLeads);
///
/// let swapped = FormChoices::default().lead_strategy(RecordId::new(1));
/// assert!(form.with(&swapped, &config, &strategies).is_err(), "a strategy for contacts");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct MarketingForm(Parts);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    form_type: FormType,
    update: UpdateMode,
    contact_strategy: Link<MatchingStrategy>,
    lead_strategy: Link<MatchingStrategy>,
    keep_successful_submissions: bool,
    always_generate_leads: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fields: Vec<FormField>,
    #[serde(default)]
    context: ContextColumns,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<RecordId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    business_unit: Option<RecordId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    form_page: Option<Link<targets::MarketingPage>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contact_rule: Option<Link<MatchingRule>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lead_rule: Option<Link<MatchingRule>>,
    #[serde(default = "keep")]
    blanks: BlankUpdates,
    #[serde(default)]
    allow_prefill: bool,
    #[serde(default)]
    remember_me: bool,
}

choice! {
    /// What a blank value of a submission does to a record that has one. No document of the product
    /// says; the codes are our own.
    BlankUpdates {
        /// The record keeps its value.
        Keep = 0, "keep", "Keep the value";
        /// The record loses its value.
        Clear = 1, "clear", "Clear the value";
    }
}

const fn keep() -> BlankUpdates {
    BlankUpdates::Keep
}

impl MarketingForm {
    /// The most fields of a form.
    pub const MAX_FIELDS: usize = 250;

    /// A new form with the defaults of the configuration in force.
    ///
    /// # Errors
    ///
    /// A default strategy is missing or of the wrong target; or the default is to update nothing, and
    /// the form is not for a landing page: choose another for it ([`with_choices`](Self::with_choices)).
    pub fn new(
        form_type: FormType,
        config: &LandingPageConfiguration,
        strategies: &[Stored<MatchingStrategy>],
    ) -> Result<Self, FormError> {
        Self::with_choices(form_type, &FormChoices::default(), config, strategies)
    }

    /// A new form with these choices, and otherwise with the defaults of the configuration in force.
    ///
    /// # Errors
    ///
    /// A strategy is missing or of the wrong target; or nothing is to be updated, which the
    /// configuration does not allow, or the form is not for a landing page.
    pub fn with_choices(
        form_type: FormType,
        choices: &FormChoices,
        config: &LandingPageConfiguration,
        strategies: &[Stored<MatchingStrategy>],
    ) -> Result<Self, FormError> {
        let update = choices.update.unwrap_or_else(|| config.update_contacts_leads());
        let contact =
            choices.contact_strategy.unwrap_or_else(|| config.contact_matching_strategy());
        let lead = choices.lead_strategy.unwrap_or_else(|| config.lead_matching_strategy());
        allowed(form_type, update, config)?;
        for (slot, link) in [(MatchingTarget::Contact, contact), (MatchingTarget::Lead, lead)] {
            MatchingStrategy::in_slot(slot, link, strategies)?;
        }
        let keep = choices.keep_successful_submissions;
        Ok(Self(Parts {
            form_type,
            update,
            contact_strategy: contact,
            lead_strategy: lead,
            keep_successful_submissions: keep
                .unwrap_or_else(|| config.keep_successful_submissions()),
            always_generate_leads: choices.always_generate_leads.unwrap_or(false),
            fields: Vec::new(),
            context: ContextColumns::of(config),
            owner: None,
            business_unit: None,
            form_page: None,
            contact_rule: None,
            lead_rule: None,
            blanks: BlankUpdates::Keep,
            allow_prefill: false,
            remember_me: false,
        }))
    }

    /// The form with these choices, and otherwise as it is: of the configuration in force nothing is
    /// taken over. It is asked only whether a form may begin to update nothing; one that does so
    /// already goes on.
    ///
    /// # Errors
    ///
    /// A chosen strategy is missing or of the wrong target; or nothing is to be updated, which the
    /// configuration does not allow, or the form is not for a landing page.
    pub fn with(
        &self,
        choices: &FormChoices,
        config: &LandingPageConfiguration,
        strategies: &[Stored<MatchingStrategy>],
    ) -> Result<Self, FormError> {
        let mut parts = self.0.clone();
        if let Some(update) = choices.update
            && update != parts.update
        {
            allowed(parts.form_type, update, config)?;
            parts.update = update;
        }
        for (slot, chosen, strategy) in [
            (MatchingTarget::Contact, choices.contact_strategy, &mut parts.contact_strategy),
            (MatchingTarget::Lead, choices.lead_strategy, &mut parts.lead_strategy),
        ] {
            if let Some(link) = chosen {
                MatchingStrategy::in_slot(slot, link, strategies)?;
                *strategy = link;
            }
        }
        if let Some(keep) = choices.keep_successful_submissions {
            parts.keep_successful_submissions = keep;
        }
        if let Some(always) = choices.always_generate_leads {
            parts.always_generate_leads = always;
        }
        Ok(Self(parts))
    }

    /// The same with these fields instead of those that it had: of a submission nothing else counts.
    ///
    /// # Errors
    ///
    /// More than [`MAX_FIELDS`](Self::MAX_FIELDS); or two are called the same, or go to one column; or
    /// one goes to a column that keeps [where a record came from](Self::context_columns).
    pub fn with_fields(
        mut self,
        fields: impl IntoIterator<Item = FormField>,
    ) -> Result<Self, FormError> {
        // One more than may be, so that too many are told as such.
        self.0.fields = fields.into_iter().take(Self::MAX_FIELDS + 1).collect();
        distinct(&self.0.fields)?;
        apart(&self.0.fields, &self.0.context)?;
        Ok(self)
    }

    /// The same with this owner, who will own the records that its submissions create, and the
    /// business unit that the owner belongs to.
    #[must_use]
    pub const fn owned_by(mut self, owner: RecordId, business_unit: Option<RecordId>) -> Self {
        self.0.owner = Some(owner);
        self.0.business_unit = business_unit;
        self
    }

    /// The same with this rule of the later product in place of its strategy for a target; with `None`
    /// the strategy counts again.
    ///
    /// # Errors
    ///
    /// The rule is not among these, or looks for the other target.
    pub fn with_rule(
        mut self,
        target: MatchingTarget,
        rule: Option<RecordId>,
        rules: &[Stored<MatchingRule>],
    ) -> Result<Self, FormError> {
        let link = rule.map(Link::from);
        if let Some(link) = link {
            live::rule_in_slot(target, link, rules)?;
        }
        match target {
            MatchingTarget::Contact => self.0.contact_rule = link,
            MatchingTarget::Lead => self.0.lead_rule = link,
        }
        Ok(self)
    }

    /// The same with this form page, for which it counts where it is embedded in an external page.
    #[must_use]
    pub fn with_form_page(mut self, page: impl Into<Link<targets::MarketingPage>>) -> Self {
        self.0.form_page = Some(page.into());
        self
    }

    /// The same where blank values do this.
    #[must_use]
    pub const fn with_blanks(mut self, blanks: BlankUpdates) -> Self {
        self.0.blanks = blanks;
        self
    }

    /// The same with prefilling allowed or not (column `msdyncrm_allowprefill`), and with or without
    /// the element by which a visitor asks to be remembered.
    #[must_use]
    pub const fn with_prefill(mut self, allowed: bool, remember_me: bool) -> Self {
        self.0.allow_prefill = allowed;
        self.0.remember_me = remember_me;
        self
    }

    /// What it is for.
    #[must_use]
    pub const fn form_type(&self) -> FormType {
        self.0.form_type
    }

    /// Which records its submissions may create or update (column
    /// `msdyncrm_entityupdatebehavioronsubmit`).
    #[must_use]
    pub const fn update(&self) -> UpdateMode {
        self.0.update
    }

    /// The strategy by which records of this target are looked for (columns
    /// `msdyncrm_contactmatchingstrategy`, `msdyncrm_leadmatchingstrategy`).
    #[must_use]
    pub const fn strategy(&self, target: MatchingTarget) -> Link<MatchingStrategy> {
        match target {
            MatchingTarget::Contact => self.0.contact_strategy,
            MatchingTarget::Lead => self.0.lead_strategy,
        }
    }

    /// The rule by which records of this target are looked for in place of the strategy.
    #[must_use]
    pub const fn rule(&self, target: MatchingTarget) -> Option<Link<MatchingRule>> {
        match target {
            MatchingTarget::Contact => self.0.contact_rule,
            MatchingTarget::Lead => self.0.lead_rule,
        }
    }

    /// The record of settings by which records of this target are looked for: the rule, else the
    /// strategy.
    #[must_use]
    pub fn matcher(&self, target: MatchingTarget) -> RecordRef {
        match self.rule(target) {
            Some(rule) => RecordKind::MatchingRule.of(rule.id()),
            None => RecordKind::MatchingStrategy.of(self.strategy(target).id()),
        }
    }

    /// Are submissions kept that went well (column `msdyncrm_keepsuccessfulsubmissions`)? Pending and
    /// failed ones always are; and those of a form that updates nothing, since nothing else is left of
    /// them.
    #[must_use]
    pub const fn keeps_successful_submissions(&self) -> bool {
        self.0.keep_successful_submissions || matches!(self.0.update, UpdateMode::NoUpdate)
    }

    /// Does every submission make a new lead, without looking for one (column
    /// `msdyncrm_alwaysgenerateleads`)?
    #[must_use]
    pub const fn always_generates_leads(&self) -> bool {
        self.0.always_generate_leads
    }

    /// Its fields, in the order of the form.
    #[must_use]
    pub fn fields(&self) -> &[FormField] {
        &self.0.fields
    }

    /// The field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&FormField> {
        self.0.fields.iter().find(|field| field.name().as_str() == name)
    }

    /// The columns that keep where a new record came from.
    #[must_use]
    pub const fn context_columns(&self) -> &ContextColumns {
        &self.0.context
    }

    /// Who owns the records that its submissions create: the owner of the form.
    #[must_use]
    pub const fn owner(&self) -> Option<RecordId> {
        self.0.owner
    }

    /// The business unit of the owner.
    #[must_use]
    pub const fn business_unit(&self) -> Option<RecordId> {
        self.0.business_unit
    }

    /// The form page that it counts for where it is embedded in an external page.
    #[must_use]
    pub const fn form_page(&self) -> Option<Link<targets::MarketingPage>> {
        self.0.form_page
    }

    /// What a blank value does to a record that has one.
    #[must_use]
    pub const fn blanks(&self) -> BlankUpdates {
        self.0.blanks
    }

    /// May its fields be prefilled (column `msdyncrm_allowprefill`)? Those of a subscription center
    /// always are, those of a form to forward never.
    #[must_use]
    pub const fn allows_prefill(&self) -> bool {
        match self.0.form_type {
            FormType::SubscriptionCenter => true,
            FormType::ForwardToFriend => false,
            FormType::LandingPage | FormType::EventRegistration => self.0.allow_prefill,
        }
    }

    /// Can a visitor ask to be remembered?
    #[must_use]
    pub const fn has_remember_me(&self) -> bool {
        self.0.remember_me
    }
}

fn distinct(fields: &[FormField]) -> Result<(), FormError> {
    if fields.len() > MarketingForm::MAX_FIELDS {
        return Err(FormError::TooManyFields);
    }
    for (place, field) in fields.iter().enumerate() {
        let before = fields.iter().take(place);
        let same = |other: &FormField| {
            let one_column = |target: &MatchingTarget| {
                field.column(*target).is_some() && field.column(*target) == other.column(*target)
            };
            field.name() == other.name() || MatchingTarget::ALL.iter().any(one_column)
        };
        if before.into_iter().any(same) {
            return Err(FormError::SameField(field.name().clone()));
        }
    }
    Ok(())
}

/// No field goes to a column that says where a record came from.
fn apart(fields: &[FormField], context: &ContextColumns) -> Result<(), FormError> {
    let columns = MatchingTarget::ALL.iter().flat_map(|target| {
        let columns = fields.iter().filter_map(|field| field.column(*target));
        columns.filter(|name| context.has(*target, name))
    });
    columns.take(1).try_for_each(|name| Err(FormError::ContextColumn(name.clone())))
}

fn allowed(
    form_type: FormType,
    update: UpdateMode,
    config: &LandingPageConfiguration,
) -> Result<(), FormError> {
    if update != UpdateMode::NoUpdate {
        return Ok(());
    }
    for_landing_page(form_type, update)?;
    if config.allow_submission_only_forms() { Ok(()) } else { Err(FormError::NotAllowed) }
}

fn for_landing_page(form_type: FormType, update: UpdateMode) -> Result<(), FormError> {
    if update == UpdateMode::NoUpdate && form_type != FormType::LandingPage {
        return Err(FormError::NotForLandingPage(form_type));
    }
    Ok(())
}

impl TryFrom<Parts> for MarketingForm {
    type Error = FormError;

    fn try_from(parts: Parts) -> Result<Self, FormError> {
        for_landing_page(parts.form_type, parts.update)?;
        distinct(&parts.fields)?;
        apart(&parts.fields, &parts.context)?;
        Ok(Self(parts))
    }
}

impl From<MarketingForm> for Parts {
    fn from(form: MarketingForm) -> Self {
        form.0
    }
}
