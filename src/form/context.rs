//! Where did a submission come from, and where is that kept?

use crate::address::EmailAddress;
use crate::id::RecordId;
use crate::party::{Attributes, Value};
use crate::settings::{LandingPageConfiguration, Link, MatchingTarget, Profile, targets};

/// The mail that led to a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// The columns of the contact or lead that the context of a submission is kept in, with their
/// values: those that the configuration names, of a record that the submission created. A record that
/// was there keeps where it came from. What is not known is not written.
///
/// ```
/// use correspond::form::{Context, Written, captured};
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
/// let kept = captured(&config, MatchingTarget::Contact, Written::Created, &context);
/// assert!(kept.get("new_journey").is_some());
/// assert!(captured(&config, MatchingTarget::Contact, Written::Updated, &context).is_empty());
/// # Ok::<(), correspond::settings::SettingError>(())
/// ```
#[must_use]
pub fn captured(
    config: &LandingPageConfiguration,
    target: MatchingTarget,
    written: Written,
    context: &Context,
) -> Attributes {
    let mut kept = Attributes::default();
    if written == Written::Updated {
        return kept;
    }
    let email = context.email.as_ref().map(|email| match email {
        SourceEmail::Email(link) => Value::Lookup(link.id()),
        SourceEmail::Address(address) => Value::Text(address.to_string()),
    });
    let values = [
        email,
        context.journey.map(Value::Lookup),
        context.form.map(|form| Value::Lookup(form.id())),
        context.page.map(|page| Value::Lookup(page.id())),
        context.contact.map(|contact| Value::Lookup(contact.id())),
    ];
    for ((_, column), value) in config.context_columns(target).into_iter().zip(values) {
        if let Some(value) = value {
            // Five names, each a logical one: never too many, never too long.
            let _ = kept.set(column.as_str(), value);
        }
    }
    kept
}

/// Where the form stood that was submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
