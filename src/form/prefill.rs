//! Which values does a form show a visitor before he has typed any?

use std::collections::BTreeMap;
use std::fmt;

use super::compare::is_blank;
use super::field::FormField;
use super::marketing_form::{FormType, MarketingForm};
use crate::page::{RememberMe, Site, SiteRefusal};
use crate::party::{Party, Value};
use crate::record::RecordKind;
use crate::settings::{AttributeName, MatchingTarget};

/// The values that a form shows a visitor before he has typed any, and why other fields have none:
/// every field of the form is in one of both.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prefilled {
    values: BTreeMap<AttributeName, Value>,
    refusals: BTreeMap<AttributeName, Vec<PrefillRefusal>>,
}

impl Prefilled {
    /// The values, by the name of the field.
    #[must_use]
    pub const fn values(&self) -> &BTreeMap<AttributeName, Value> {
        &self.values
    }

    /// Why these fields have none, by the name of the field; all reasons of each, in the order of
    /// [`PrefillRefusal`].
    #[must_use]
    pub const fn refusals(&self) -> &BTreeMap<AttributeName, Vec<PrefillRefusal>> {
        &self.refusals
    }
}

/// What a form shows a visitor before he has typed anything: the contact that a cookie stands for, or
/// the link that led to a subscription center.
///
/// * On a landing page, or for an event, field, form and contact must agree: the field allows it, the
///   form does and has the element "Remember me", and the contact ticked that last time.
/// * A subscription center always shows all its fields: who opens it came by a link of his own.
/// * A form to forward shows nothing.
/// * In every case the page is served over HTTPS, and its domain is authenticated for forms
///   ([`Site`]).
///
/// Whether the contact's row is active, and whether his interactions may be recorded, is not asked: no
/// document makes it a condition.
///
/// ```
/// use chrono::DateTime;
/// use correspond::form::{FormField, FormType, MarketingForm, prefilled};
/// use correspond::id::RecordId;
/// use correspond::page::{PageUrl, RememberMe, Site};
/// use correspond::party::{Attributes, Party, Value};
/// use correspond::record::{RecordKind, Version};
/// use correspond::settings::{LandingPageConfiguration, MatchingStrategy, MatchingTarget, Stored};
///
/// # let mut strategies = Vec::new();
/// # for (number, target) in [(1, MatchingTarget::Contact), (2, MatchingTarget::Lead)] {
/// #     let strategy = MatchingStrategy::out_of_box(target).build()?;
/// #     let id = RecordId::new(number);
/// #     strategies.push(Stored::new(id, Version::new(number), DateTime::UNIX_EPOCH, strategy));
/// # }
/// # let config = LandingPageConfiguration::builder()
/// #     .name("Spring")
/// #     .contact_matching_strategy(RecordId::new(1))
/// #     .lead_matching_strategy(RecordId::new(2))
/// #     .build()?;
/// let form = MarketingForm::new(FormType::LandingPage, &config, &strategies)?
///     .with_fields([FormField::new("firstname")?.prefilled(), FormField::new("lastname")?])?
///     .with_prefill(true, true);
/// let mut row = Attributes::default();
/// row.set("firstname", Value::Text("Ann".into()))?;
/// row.set("lastname", Value::Text("Lee".into()))?;
/// row.set(RememberMe::COLUMN, RememberMe::Allow.value())?;
/// let ann = Party::new(RecordKind::Contact.of(RecordId::new(7)), DateTime::UNIX_EPOCH, row);
///
/// let site = Site::portal(PageUrl::parse("https://events.contoso.com/spring")?);
/// let shown = prefilled(&form, Some(&ann), &site);
/// let value = |name: &str| shown.values().iter().find(|(field, _)| field.as_str() == name);
/// assert!(value("firstname").is_some() && value("lastname").is_none());
/// let why: Vec<_> = shown.refusals().values().flatten().map(ToString::to_string).collect();
/// assert_eq!(why, ["lastname: expected a field that allows prefill, found one that does not"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn prefilled(form: &MarketingForm, contact: Option<&Party>, site: &Site) -> Prefilled {
    let mut shown = Prefilled::default();
    for field in form.fields() {
        let name = field.name().clone();
        match prefilled_field(form, field, contact, site) {
            Ok(value) => drop(shown.values.insert(name, value.clone())),
            Err(refusals) => drop(shown.refusals.insert(name, refusals)),
        }
    }
    shown
}

/// The value that one field of the form shows the visitor before he has typed anything, as
/// [`prefilled`] says.
///
/// # Errors
///
/// All reasons why it shows none, in the order of [`PrefillRefusal`].
pub fn prefilled_field<'a>(
    form: &MarketingForm,
    field: &FormField,
    contact: Option<&'a Party>,
    site: &Site,
) -> Result<&'a Value, Vec<PrefillRefusal>> {
    let mut refusals: Vec<_> = site.prefill_refusals().cloned().map(PrefillRefusal::Site).collect();
    let name = || field.name().clone();
    let asks = asks_form_field_and_contact(form.form_type());
    if form.form_type() == FormType::ForwardToFriend {
        refusals.push(PrefillRefusal::FormType(form.form_type()));
    } else if !form.allows_prefill() {
        refusals.push(PrefillRefusal::Form);
    }
    if asks && !form.has_remember_me() {
        refusals.push(PrefillRefusal::NoRememberMe);
    }
    if asks && !field.allows_prefill() {
        refusals.push(PrefillRefusal::Field(name()));
    }
    let column = field.column(MatchingTarget::Contact);
    if column.is_none() {
        refusals.push(PrefillRefusal::NoColumn(name()));
    }
    let contact = match contact.map(|party| (party, party.reference().kind())) {
        None => Err(PrefillRefusal::Unknown),
        Some((party, RecordKind::Contact)) => Ok(party.attributes()),
        Some((_, kind)) => Err(PrefillRefusal::NotContact(kind)),
    };
    let contact = contact.map_err(|refusal| refusals.push(refusal)).ok();
    if asks && contact.is_some_and(|row| RememberMe::of(row) == RememberMe::Disallow) {
        refusals.push(PrefillRefusal::NotRemembered);
    }
    let mut shown = None;
    if let (Some(row), Some(column)) = (contact, column) {
        match row.get(column.as_str()).filter(|value| !is_blank(value)) {
            None => refusals.push(PrefillRefusal::Blank(column.clone())),
            Some(value) if field.check(value).is_err() => {
                refusals.push(PrefillRefusal::Value(column.clone()));
            }
            value => shown = value,
        }
    }
    shown.filter(|_| refusals.is_empty()).ok_or(refusals)
}

/// Must the three agree, or is it settled by the type of the form?
const fn asks_form_field_and_contact(form_type: FormType) -> bool {
    matches!(form_type, FormType::LandingPage | FormType::EventRegistration)
}

/// Why a field shows a visitor no value: page, form, field, contact.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PrefillRefusal {
    /// The place of the page.
    Site(SiteRefusal),
    /// A form of this type never shows anything of what is known.
    FormType(FormType),
    /// The form does not allow it.
    Form,
    /// The form has no element "Remember me", without which nobody can say no.
    NoRememberMe,
    /// This field does not allow it.
    Field(AttributeName),
    /// This field has no column of contacts.
    NoColumn(AttributeName),
    /// Nobody knows who the visitor is.
    Unknown,
    /// The visitor is known as a record of another kind than a contact.
    NotContact(RecordKind),
    /// The contact does not want it.
    NotRemembered,
    /// The contact has no value in this column.
    Blank(AttributeName),
    /// The contact has a value in this column that the field would not take back.
    Value(AttributeName),
}

impl fmt::Display for PrefillRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Site(refusal) => refusal.fmt(f),
            Self::FormType(form_type) => {
                write!(f, "form: expected a type that is prefilled, found \"{form_type}\"")
            }
            Self::Form => {
                f.write_str("form: expected one that allows prefill, found one that does not")
            }
            Self::NoRememberMe => {
                f.write_str("form: expected an element \"Remember me\", found none")
            }
            Self::Field(name) => {
                write!(f, "{name}: expected a field that allows prefill, found one that does not")
            }
            Self::NoColumn(name) => {
                write!(f, "{name}: expected a field with a column of contacts, found none")
            }
            Self::Unknown => f.write_str("contact: expected a known visitor, found a stranger"),
            Self::NotContact(kind) => write!(f, "contact: expected a contact, found a {kind:?}"),
            Self::NotRemembered => {
                f.write_str("contact: expected \"Remember me\" to be Allow, found Do not allow")
            }
            Self::Blank(column) => {
                write!(f, "{column}: expected a value of the contact, found none")
            }
            // The value is the visitor's own, and whoever reads this is somebody else.
            Self::Value(column) => {
                write!(f, "{column}: expected a value that the field takes, found another")
            }
        }
    }
}

impl std::error::Error for PrefillRefusal {}
