//! Where did a submission come from, and where is that kept?

use serde::{Deserialize, Serialize};

use crate::address::EmailAddress;
use crate::id::RecordId;
use crate::party::{Attributes, Value};
use crate::settings::{
    AttributeName, LandingPageConfiguration, Link, MatchingTarget, Profile, targets,
};

/// The mail that led to a submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SourceEmail {
    /// The marketing email, for a column that refers to one, such as the default column
    /// `msdyncrm_emailid` ("Source email").
    Email(Link<targets::MarketingEmail>),
    /// The address, for a column of text.
    Address(EmailAddress),
}

/// Where a submission came from, as far as that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Context {
    /// The mail in which the visitor followed a link, or his address.
    pub email: Option<SourceEmail>,
    /// The customer journey that sent it.
    pub journey: Option<RecordId>,
    /// The form that was submitted.
    pub form: Option<Link<targets::MarketingForm>>,
    /// The page that the form counts for: [`Origin::page`].
    pub page: Option<Link<targets::MarketingPage>>,
    /// The contact that the same submission matched or created; for leads.
    pub contact: Option<Link<targets::Contact>>,
}

/// What a submission did to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "one or the other")]
pub enum Written {
    /// No record matched: it made this one.
    Created,
    /// It updated a record that was there.
    Updated,
}

/// The columns that the context of a submission is kept in. A form has those of the configuration in
/// force when it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContextColumns {
    contact: Columns,
    lead: Columns,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lead_contact: Option<AttributeName>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Columns {
    email: AttributeName,
    journey: AttributeName,
    form: AttributeName,
    page: AttributeName,
}

impl Default for ContextColumns {
    /// The columns that the product itself adds to contacts and leads.
    fn default() -> Self {
        let columns = Columns {
            email: AttributeName::known("msdyncrm_emailid"),
            journey: AttributeName::known("msdyncrm_customerjourneyid"),
            form: AttributeName::known("msdyncrm_marketingformid"),
            page: AttributeName::known("msdyncrm_marketingpageid"),
        };
        Self { contact: columns.clone(), lead: columns, lead_contact: None }
    }
}

impl ContextColumns {
    /// Those of this configuration.
    #[must_use]
    pub fn of(config: &LandingPageConfiguration) -> Self {
        let contact = Columns {
            email: config.contact_email_attribute().clone(),
            journey: config.contact_journey_attribute().clone(),
            form: config.contact_form_attribute().clone(),
            page: config.contact_page_attribute().clone(),
        };
        let lead = Columns {
            email: config.lead_email_attribute().clone(),
            journey: config.lead_journey_attribute().clone(),
            form: config.lead_form_attribute().clone(),
            page: config.lead_page_attribute().clone(),
        };
        Self { contact, lead, lead_contact: config.lead_contact_attribute().clone() }
    }

    /// The column of the page of this target.
    #[must_use]
    pub const fn page(&self, target: MatchingTarget) -> &AttributeName {
        &self.of_target(target).page
    }

    /// Is this column of the target one of them?
    pub(crate) fn has(&self, target: MatchingTarget, name: &AttributeName) -> bool {
        let Columns { email, journey, form, page } = self.of_target(target);
        let contact = self.lead_contact.as_ref().filter(|_| target == MatchingTarget::Lead);
        [email, journey, form, page].into_iter().chain(contact).any(|column| column == name)
    }

    const fn of_target(&self, target: MatchingTarget) -> &Columns {
        match target {
            MatchingTarget::Contact => &self.contact,
            MatchingTarget::Lead => &self.lead,
        }
    }

    /// The columns of this target with what a submission has for them. What is not known is left out.
    pub(crate) fn values(&self, target: MatchingTarget, context: &Context) -> Attributes {
        let columns = self.of_target(target);
        let email = context.email.as_ref().map(|email| match email {
            SourceEmail::Email(link) => Value::Lookup(link.id()),
            SourceEmail::Address(address) => Value::Text(address.to_string()),
        });
        let contact = match target {
            MatchingTarget::Contact => None,
            MatchingTarget::Lead => self.lead_contact.as_ref(),
        };
        let values = [
            (Some(&columns.email), email),
            (Some(&columns.journey), context.journey.map(Value::Lookup)),
            (Some(&columns.form), context.form.map(|form| Value::Lookup(form.id()))),
            (Some(&columns.page), context.page.map(|page| Value::Lookup(page.id()))),
            (contact, context.contact.map(|contact| Value::Lookup(contact.id()))),
        ];
        let mut kept = Attributes::default();
        for (column, value) in values {
            if let (Some(column), Some(value)) = (column, value) {
                // Five names, each a logical one: never too many, never too long.
                let _ = kept.set(column.as_str(), value);
            }
        }
        kept
    }
}

/// The columns of the contact or lead that the context of a submission is kept in, with their
/// values, of a record that the submission created. A record that was there keeps where it came from.
/// What is not known is not written.
///
/// ```
/// use correspond::form::{Context, ContextColumns, Written, captured};
/// use correspond::id::RecordId;
/// use correspond::settings::{LandingPageConfiguration, MatchingTarget};
///
/// let config = LandingPageConfiguration::builder()
///     .name("Spring")
///     .contact_matching_strategy(RecordId::new(1))
///     .lead_matching_strategy(RecordId::new(2))
///     .contact_journey_attribute("new_journey")
///     .build()?;
/// let mut context = Context::default();
/// context.journey = Some(RecordId::new(7));
/// let columns = ContextColumns::of(&config);
/// let kept = captured(&columns, MatchingTarget::Contact, Written::Created, &context);
/// assert!(kept.get("new_journey").is_some());
/// assert!(captured(&columns, MatchingTarget::Contact, Written::Updated, &context).is_empty());
/// # Ok::<(), correspond::settings::SettingError>(())
/// ```
#[must_use]
pub fn captured(
    columns: &ContextColumns,
    target: MatchingTarget,
    written: Written,
    context: &Context,
) -> Attributes {
    match written {
        Written::Created => columns.values(target, context),
        Written::Updated => Attributes::default(),
    }
}

/// Where the form stood that was submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "on a page of ours, or elsewhere")]
pub enum Origin {
    /// On this marketing page.
    Page(Link<targets::MarketingPage>),
    /// Embedded in a page of an external site.
    External {
        /// The form page that was set up with the form.
        form_page: Option<Link<targets::MarketingPage>>,
    },
}

impl Origin {
    /// The page that the submission counts for, in matching and as context: the page of the form; of
    /// an embedded one the form page that was set up with it. Later versions of the product give
    /// embedded forms no page at all
    /// ([`external_forms_have_page_id`](Profile::external_forms_have_page_id)).
    #[must_use]
    pub const fn page(self, profile: Profile) -> Option<Link<targets::MarketingPage>> {
        match self {
            Self::Page(page) => Some(page),
            Self::External { form_page } if profile.external_forms_have_page_id() => form_page,
            Self::External { .. } => None,
        }
    }
}
