//! What may a page know of the visitor who has it open?

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::site::{Site, SiteRefusal};
use super::state::PageState;
use crate::party::{Attributes, Party, Value};
use crate::record::RecordKind;
use crate::settings::{AttributeName, ValueError};

/// Does a contact want to find forms prefilled and pages personalized (column
/// `contact.msdyncrm_rememberme`, also shown as "Prefill marketing form")? He says so by the check box
/// "Remember me" of the form that he submitted last.
///
/// ```
/// use correspond::page::RememberMe;
/// use correspond::party::Attributes;
///
/// let mut ann = Attributes::default();
/// assert_eq!(RememberMe::of(&ann), RememberMe::Disallow, "never asked");
/// ann.set(RememberMe::COLUMN, RememberMe::ticked(true).value())?;
/// assert_eq!(RememberMe::of(&ann), RememberMe::Allow);
/// # Ok::<(), correspond::party::AttributeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the two options of the column")]
pub enum RememberMe {
    /// He does.
    Allow,
    /// He does not, or nobody asked him: the default of the column.
    #[default]
    Disallow,
}

impl RememberMe {
    /// The column of the contact that keeps it: yes is Allow, no is Do not allow.
    pub const COLUMN: &'static str = "msdyncrm_rememberme";

    /// What a contact's row says. Whatever is no yes is a no.
    #[must_use]
    pub fn of(contact: &Attributes) -> Self {
        Self::ticked(contact.get(Self::COLUMN) == Some(&Value::YesNo(true)))
    }

    /// What the check box of a submitted form says.
    #[must_use]
    pub const fn ticked(ticked: bool) -> Self {
        if ticked { Self::Allow } else { Self::Disallow }
    }

    /// The value for its [`COLUMN`](Self::COLUMN).
    #[must_use]
    pub const fn value(self) -> Value {
        Value::YesNo(matches!(self, Self::Allow))
    }
}

/// A "personalized page": the columns of contacts that pages which carry its code may show. No other
/// column ever leaves, whatever the code on a page asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct PersonalizedPage(Parts);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    state: PageState,
    columns: BTreeSet<AttributeName>,
}

impl PersonalizedPage {
    /// At most this many columns; a bound of our own.
    pub const MAX_COLUMNS: usize = 250;

    /// One in this state with these columns.
    ///
    /// # Errors
    ///
    /// There are more than [`MAX_COLUMNS`](Self::MAX_COLUMNS).
    pub fn new(
        state: PageState,
        columns: impl IntoIterator<Item = AttributeName>,
    ) -> Result<Self, ValueError> {
        // One more than may be, so that too many are told as such.
        let columns = columns.into_iter().take(Self::MAX_COLUMNS + 1).collect();
        Self::try_from(Parts { state, columns })
    }

    /// How far it is on its way to its visitors.
    #[must_use]
    pub const fn state(&self) -> PageState {
        self.0.state
    }

    /// The columns that it gives away, by name.
    pub fn columns(&self) -> impl Iterator<Item = &AttributeName> {
        self.0.columns.iter()
    }
}

impl TryFrom<Parts> for PersonalizedPage {
    type Error = ValueError;

    fn try_from(parts: Parts) -> Result<Self, ValueError> {
        let most = Self::MAX_COLUMNS;
        if parts.columns.len() > most {
            return Err(ValueError::length(format!("at most {most} columns"), "more"));
        }
        Ok(Self(parts))
    }
}

impl From<PersonalizedPage> for Parts {
    fn from(page: PersonalizedPage) -> Self {
        page.0
    }
}

/// What a page may know of its visitor, and why not all or nothing of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Personalization {
    values: BTreeMap<AttributeName, Value>,
    refusals: Vec<PersonalizationRefusal>,
    columns: BTreeMap<AttributeName, ColumnRefusal>,
}

impl Personalization {
    /// May the page know anything?
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.refusals.is_empty()
    }

    /// The values by column; none where there is a refusal.
    #[must_use]
    pub const fn values(&self) -> &BTreeMap<AttributeName, Value> {
        &self.values
    }

    /// Why it may know nothing, all reasons: page, record, contact.
    #[must_use]
    pub fn refusals(&self) -> &[PersonalizationRefusal] {
        &self.refusals
    }

    /// Why there is no value for these columns, where there are values at all.
    #[must_use]
    pub const fn left_out(&self) -> &BTreeMap<AttributeName, ColumnRefusal> {
        &self.columns
    }
}

/// What a page with the code of this record may know of its visitor: the contact that the browser's
/// cookie stands for, as far as there is one.
///
/// Whether the contact wants his interactions recorded (`msgdpr_donottrack`) is not asked: that is
/// about opens and clicks, and this shows him his own data.
///
/// ```
/// use chrono::DateTime;
/// use correspond::id::RecordId;
/// use correspond::page::{
///     PageState, PageUrl, PersonalizedPage, RememberMe, Site, personalization,
/// };
/// use correspond::party::{Attributes, Party, Value};
/// use correspond::record::RecordKind;
/// use correspond::settings::AttributeName;
///
/// let page = PersonalizedPage::new(PageState::Live, [AttributeName::new("firstname")?])?;
/// let site = Site::portal(PageUrl::parse("https://events.contoso.com/spring")?);
/// let mut row = Attributes::default();
/// row.set("firstname", Value::Text("Ann".into()))?;
/// row.set("birthdate", Value::Text("no business of the page".into()))?;
/// let ann = |row| Party::new(RecordKind::Contact.of(RecordId::new(7)), DateTime::UNIX_EPOCH, row);
///
/// let answer = personalization(&page, Some(&ann(row.clone())), &site);
/// assert_eq!(
///     answer.refusals()[0].to_string(),
///     "contact: expected \"Remember me\" to be Allow, found Do not allow"
/// );
///
/// row.set(RememberMe::COLUMN, RememberMe::Allow.value())?;
/// let answer = personalization(&page, Some(&ann(row)), &site);
/// assert_eq!(answer.values().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn personalization(
    page: &PersonalizedPage,
    contact: Option<&Party>,
    site: &Site,
) -> Personalization {
    let of_site = site.personalization_refusals().cloned().map(PersonalizationRefusal::Site);
    let mut refusals: Vec<_> = of_site.collect();
    if !matches!(page.state(), PageState::Live | PageState::LiveEditable) {
        refusals.push(PersonalizationRefusal::NotLive(page.state()));
    }
    let known = match contact.map(|party| (party, party.reference().kind())) {
        None => {
            refusals.push(PersonalizationRefusal::Unknown);
            None
        }
        Some((party, RecordKind::Contact)) => {
            if RememberMe::of(party.attributes()) == RememberMe::Disallow {
                refusals.push(PersonalizationRefusal::NotRemembered);
            }
            Some(party)
        }
        Some((_, kind)) => {
            refusals.push(PersonalizationRefusal::NotContact(kind));
            None
        }
    };
    let mut answer = Personalization { refusals, ..Personalization::default() };
    let Some(party) = known.filter(|_| answer.refusals.is_empty()) else {
        return answer;
    };
    for column in page.columns() {
        match shown(party.attributes().get(column.as_str())) {
            Ok(value) => drop(answer.values.insert(column.clone(), value.clone())),
            Err(refusal) => drop(answer.columns.insert(column.clone(), refusal)),
        }
    }
    answer
}

fn shown(value: Option<&Value>) -> Result<&Value, ColumnRefusal> {
    match value {
        None => Err(ColumnRefusal::Blank),
        Some(Value::Lookup(_)) => Err(ColumnRefusal::Lookup),
        Some(value) => Ok(value),
    }
}

/// Why a page may know nothing of its visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PersonalizationRefusal {
    /// The place of the page.
    Site(SiteRefusal),
    /// The record is not live, but in this state: its columns have no effect.
    NotLive(PageState),
    /// Nobody knows who the visitor is.
    Unknown,
    /// The visitor is known as a record of another kind than a contact.
    NotContact(RecordKind),
    /// The contact does not want it.
    NotRemembered,
}

impl fmt::Display for PersonalizationRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Site(refusal) => refusal.fmt(f),
            Self::NotLive(state) => {
                write!(f, "personalized page: expected it to be live, found it {state:?}")
            }
            Self::Unknown => f.write_str("contact: expected a known visitor, found a stranger"),
            Self::NotContact(kind) => write!(f, "contact: expected a contact, found a {kind:?}"),
            Self::NotRemembered => {
                f.write_str("contact: expected \"Remember me\" to be Allow, found Do not allow")
            }
        }
    }
}

impl std::error::Error for PersonalizationRefusal {}

/// Why a page has no value for a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColumnRefusal {
    /// The contact has none.
    Blank,
    /// It is another record: columns of this type are none of those that pages show.
    Lookup,
}

impl fmt::Display for ColumnRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Blank => "expected a value of the contact, found none",
            Self::Lookup => "expected text, a number, an option or a time, found another record",
        })
    }
}

impl std::error::Error for ColumnRefusal {}
