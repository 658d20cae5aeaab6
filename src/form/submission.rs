//! What a visitor submitted.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::compare::is_blank;
use super::context::{Context, Origin, SourceEmail};
use super::marketing_form::MarketingForm;
use crate::consent::Level;
use crate::id::RecordId;
use crate::index::to_microsecond;
use crate::party::Value;
use crate::settings::{Link, Profile, targets};

/// A submission of a form: what was entered, where, and what is known of who did it. It was read at the
/// door: there is a bound to how many values it has and how long they are.
///
/// ```
/// use chrono::DateTime;
/// use correspond::form::{FormField, Submission};
/// use correspond::id::RecordId;
/// # use correspond::form::{FormType, MarketingForm};
/// # use correspond::record::Version;
/// # use correspond::settings::{LandingPageConfiguration, MatchingStrategy, MatchingTarget, Stored};
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
///
/// let form = MarketingForm::new(FormType::LandingPage, &config, &strategies)?
///     .with_fields([FormField::new("emailaddress1")?, FormField::new("lastname")?])?;
/// let sent = [("emailaddress1", "ann@home.example"), ("lastname", " "), ("utm_source", "x")];
/// let submission = Submission::read(&form, RecordId::new(50), DateTime::UNIX_EPOCH, sent)?;
/// assert_eq!(submission.value("lastname"), Some(None), "submitted, and blank");
/// assert_eq!(submission.value("firstname"), None, "not submitted");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct Submission(Parts);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Parts {
    form: RecordId,
    submitted: DateTime<Utc>,
    values: BTreeMap<String, Option<Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page: Option<Link<targets::MarketingPage>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<SourceEmail>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    journey: Option<RecordId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    visitor: Option<Visitor>,
    #[serde(default)]
    choices: ConsentChoices,
}

/// The contact that a visitor is known to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Visitor {
    contact: RecordId,
    by: KnownBy,
}

/// By what a visitor is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum KnownBy {
    /// A link of his own, which the host signed: [`Submission::by_link`].
    Link,
    /// A cookie: [`Submission::by_cookie`].
    Cookie,
}

/// What a visitor chose of consent and lists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct ConsentChoices {
    /// The level that he chose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// The level that the page gives to whoever has less, where he chose none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_default: Option<Level>,
    /// The lists that he ticked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ticked: Vec<RecordId>,
    /// The lists that the form offers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub offered: Vec<RecordId>,
}

impl ConsentChoices {
    /// Is nothing chosen, and nothing offered?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.level.is_none()
            && self.page_default.is_none()
            && self.ticked.is_empty()
            && self.offered.is_empty()
    }
}

impl Submission {
    /// The most values, whether the form has a field for them or not.
    pub const MAX_VALUES: usize = 300;

    /// The most characters of a name.
    pub const MAX_NAME: usize = 100;

    /// The most octets of all names and texts together.
    pub const MAX_OCTETS: usize = 1 << 17;

    /// The most lists that are ticked, and as many that are offered.
    pub const MAX_LISTS: usize = 64;

    /// Reads what a browser sent or a file has: each value as its field says. What its field cannot
    /// read stays as text, and the submission will fail for it: somebody can correct it then. What
    /// the form has no field for is kept and not used. Of two values of one name the last one counts.
    ///
    /// # Errors
    ///
    /// It is larger than may be.
    pub fn read<N: AsRef<str>, T: AsRef<str>>(
        form: &MarketingForm,
        form_id: RecordId,
        submitted: DateTime<Utc>,
        sent: impl IntoIterator<Item = (N, T)>,
    ) -> Result<Self, SubmissionError> {
        let read = |(name, text): (N, T)| {
            let (name, text) = (name.as_ref(), text.as_ref());
            let raw = || Some(Value::Text(text.to_owned()));
            // A text too long is told as such by the count of octets; reading it costs no more.
            let value = form
                .field(name)
                .map_or_else(raw, |field| field.read(text).unwrap_or_else(|_| raw()));
            (name.to_owned(), value)
        };
        Self::new(form_id, submitted, sent.into_iter().map(read))
    }

    /// A submission of this form with these values; `None` is a blank one, and so is text in which
    /// nothing is to be seen.
    ///
    /// # Errors
    ///
    /// It is larger than may be.
    pub fn new(
        form: RecordId,
        submitted: DateTime<Utc>,
        values: impl IntoIterator<Item = (String, Option<Value>)>,
    ) -> Result<Self, SubmissionError> {
        let mut kept = BTreeMap::new();
        let mut octets = 0;
        for (name, value) in values {
            let found = name.chars().count();
            if !(1..=Self::MAX_NAME).contains(&found) {
                return Err(SubmissionError::Name { found });
            }
            let value = value.filter(|value| !is_blank(value));
            octets += name.len() + text_len(value.as_ref());
            if octets > Self::MAX_OCTETS {
                return Err(SubmissionError::Octets);
            }
            kept.insert(name, value);
            if kept.len() > Self::MAX_VALUES {
                return Err(SubmissionError::Values);
            }
        }
        Ok(Self(Parts {
            form,
            submitted: to_microsecond(submitted),
            values: kept,
            page: None,
            email: None,
            journey: None,
            visitor: None,
            choices: ConsentChoices::default(),
        }))
    }

    /// The same on this marketing page; without one it came from an external page.
    #[must_use]
    pub fn on_page(mut self, page: impl Into<Link<targets::MarketingPage>>) -> Self {
        self.0.page = Some(page.into());
        self
    }

    /// The same of a visitor who followed a link in this mail.
    #[must_use]
    pub fn from_email(mut self, email: SourceEmail) -> Self {
        self.0.email = Some(email);
        self
    }

    /// The same of a visitor whom this journey sent there.
    #[must_use]
    pub const fn from_journey(mut self, journey: RecordId) -> Self {
        self.0.journey = Some(journey);
        self
    }

    /// The same of a visitor who followed a link of his own in a mail to this contact.
    ///
    /// # Security
    ///
    /// A [subscription center](super::FormType::SubscriptionCenter) writes to this contact whatever
    /// is submitted, with no value compared, and lifts what he objected to. So take the id only from
    /// a link that the host itself signed for this contact, and whose signature was checked when the
    /// form was submitted: never from a field, from a parameter that anybody can write, or from a
    /// cookie ([`by_cookie`](Self::by_cookie)). Links are passed on and land in logs: let them end.
    #[must_use]
    pub const fn by_link(mut self, contact: RecordId) -> Self {
        self.0.visitor = Some(Visitor { contact, by: KnownBy::Link });
        self
    }

    /// The same of a visitor whose cookie says that he is this contact.
    ///
    /// # Security
    ///
    /// A browser is shared, and what it sends can be copied. So a cookie prefers its contact among
    /// those that the values match, and no more: a [subscription
    /// center](super::FormType::SubscriptionCenter) whose form asks for what is compared changes
    /// whom the values match. Only where it asks for none of that the cookie is enough, and objections
    /// are not lifted then: keep a field for what is compared where that is too much.
    #[must_use]
    pub const fn by_cookie(mut self, contact: RecordId) -> Self {
        self.0.visitor = Some(Visitor { contact, by: KnownBy::Cookie });
        self
    }

    /// The same with these choices of consent and lists.
    ///
    /// # Errors
    ///
    /// More than [`MAX_LISTS`](Self::MAX_LISTS) lists are ticked or offered.
    pub fn with_choices(mut self, choices: ConsentChoices) -> Result<Self, SubmissionError> {
        if choices.ticked.len().max(choices.offered.len()) > Self::MAX_LISTS {
            return Err(SubmissionError::Lists);
        }
        self.0.choices = choices;
        Ok(self)
    }

    /// The same with this value instead: somebody corrects a submission that failed.
    ///
    /// # Errors
    ///
    /// It is larger than may be.
    pub fn corrected(
        mut self,
        name: impl Into<String>,
        value: Option<Value>,
    ) -> Result<Self, SubmissionError> {
        self.0.values.insert(name.into(), value);
        Self::try_from(self.0)
    }

    /// The form.
    #[must_use]
    pub const fn form(&self) -> RecordId {
        self.0.form
    }

    /// When it was submitted, to the microsecond.
    #[must_use]
    pub const fn submitted(&self) -> DateTime<Utc> {
        self.0.submitted
    }

    /// The value of this name: `None` where it was not submitted, `Some(None)` where it is blank.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<Option<&Value>> {
        self.0.values.get(name).map(Option::as_ref)
    }

    /// Names and values, by name; `None` is a blank one.
    pub fn values(&self) -> impl Iterator<Item = (&str, Option<&Value>)> {
        self.0.values.iter().map(|(name, value)| (name.as_str(), value.as_ref()))
    }

    /// The contact that the visitor is known to be. Where that row is inactive or gone, he is nobody.
    #[must_use]
    pub fn visitor(&self) -> Option<RecordId> {
        self.0.visitor.map(|visitor| visitor.contact)
    }

    /// By what he is known.
    #[must_use]
    pub fn known_by(&self) -> Option<KnownBy> {
        self.0.visitor.map(|visitor| visitor.by)
    }

    /// What was chosen of consent and lists.
    #[must_use]
    pub const fn choices(&self) -> &ConsentChoices {
        &self.0.choices
    }

    /// Where it stood.
    #[must_use]
    pub fn origin(&self, form: &MarketingForm) -> Origin {
        let external = Origin::External { form_page: form.form_page() };
        self.0.page.map_or(external, Origin::Page)
    }

    /// Where it came from, for the columns that keep that.
    #[must_use]
    pub fn context(&self, form: &MarketingForm, profile: Profile) -> Context {
        Context {
            email: self.0.email.clone(),
            journey: self.0.journey,
            form: Some(Link::from(self.0.form)),
            page: self.origin(form).page(profile),
            contact: None,
        }
    }
}

fn text_len(value: Option<&Value>) -> usize {
    match value {
        Some(Value::Text(text) | Value::Decimal(text)) => text.len(),
        _ => 0,
    }
}

impl TryFrom<Parts> for Submission {
    type Error = SubmissionError;

    fn try_from(parts: Parts) -> Result<Self, SubmissionError> {
        let Parts { form, submitted, values, page, email, journey, visitor, choices } = parts;
        let read = Self::new(form, submitted, values)?.with_choices(choices)?;
        Ok(Self(Parts { page, email, journey, visitor, ..read.0 }))
    }
}

impl From<Submission> for Parts {
    fn from(submission: Submission) -> Self {
        submission.0
    }
}

/// A submission is larger than may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SubmissionError {
    /// A name is empty or longer than [`Submission::MAX_NAME`].
    Name {
        /// How many characters it has.
        found: usize,
    },
    /// There are more than [`Submission::MAX_VALUES`] values.
    Values,
    /// Names and texts have more than [`Submission::MAX_OCTETS`] octets.
    Octets,
    /// More than [`Submission::MAX_LISTS`] lists are ticked or offered.
    Lists,
}

impl fmt::Display for SubmissionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name { found } => {
                let most = Submission::MAX_NAME;
                write!(f, "submission: expected names of 1 to {most} characters, found {found}")
            }
            Self::Values => {
                let most = Submission::MAX_VALUES;
                write!(f, "submission: expected at most {most} values, found more")
            }
            Self::Octets => {
                let most = Submission::MAX_OCTETS;
                write!(
                    f,
                    "submission: expected at most {most} octets of names and texts, found more"
                )
            }
            Self::Lists => {
                let most = Submission::MAX_LISTS;
                write!(f, "submission: expected at most {most} lists, found more")
            }
        }
    }
}

impl std::error::Error for SubmissionError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(
        values: impl IntoIterator<Item = (String, Option<Value>)>,
    ) -> Result<Submission, SubmissionError> {
        Submission::new(RecordId::new(1), DateTime::UNIX_EPOCH, values)
    }

    #[test]
    fn submissions_are_bounded() {
        let many = |n: usize| (0..n).map(|n| (format!("a{n}"), None));
        assert!(of(many(300)).is_ok());
        assert_eq!(of(many(301)), Err(SubmissionError::Values));
        let long = |n: usize| [("a".to_owned(), Some(Value::Text("x".repeat(n))))];
        assert!(of(long(Submission::MAX_OCTETS - 1)).is_ok());
        let error = of(long(Submission::MAX_OCTETS)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "submission: expected at most 131072 octets of names and texts, found more"
        );
        let name = |n| of([("a".repeat(n), None)]);
        assert_eq!(name(101), Err(SubmissionError::Name { found: 101 }));
        assert!(name(0).is_err() && name(100).is_ok());
        let offered = (0..65).map(RecordId::new).collect();
        let choices = ConsentChoices { offered, ..ConsentChoices::default() };
        assert_eq!(name(1).unwrap().with_choices(choices), Err(SubmissionError::Lists));
        let endless = (0..).map(|n: u64| (format!("a{n}"), None));
        assert_eq!(of(endless), Err(SubmissionError::Values), "it does not wait for the end");
    }

    #[test]
    fn a_submission_comes_back_from_its_serde_form() {
        let text = Value::Text("a\0\u{1}b".repeat(1_000));
        let submission = of([("a".to_owned(), Some(text)), ("b".to_owned(), None)]).unwrap();
        let submission = submission.on_page(RecordId::new(7)).by_link(RecordId::new(8));
        let json = serde_json::to_string(&submission).unwrap();
        assert_eq!(serde_json::from_str::<Submission>(&json).unwrap(), submission);
        let other = submission.clone().by_cookie(RecordId::new(8));
        assert_eq!(other.visitor(), submission.visitor());
        let json = serde_json::to_string(&other).unwrap();
        let read = serde_json::from_str::<Submission>(&json).unwrap();
        assert_eq!((&read, read.known_by()), (&other, Some(KnownBy::Cookie)), "how is kept");
        let corrected = submission.corrected("b", Some(Value::Whole(1))).unwrap();
        assert_eq!(corrected.value("b"), Some(Some(&Value::Whole(1))));
        let worst =
            of([("a".to_owned(), Some(Value::Text("\u{1}".repeat(Submission::MAX_OCTETS - 1))))]);
        let json = serde_json::to_string(&worst.unwrap()).unwrap();
        assert!(json.len() + 4_096 < crate::record::Record::MAX_BODY, "it fits into a record");
    }
}
