//! One of a segment.

use chrono::{DateTime, Utc};

use crate::consent::Person;
use crate::id::RecordId;

/// A contact of a segment, with what the decisions about it look at.
///
/// ```
/// use correspond::consent::{Level, Person};
/// use correspond::id::RecordId;
/// use correspond::recipients::Recipient;
///
/// let ann = Recipient::new(RecordId::new(7), "Ann <ann@example.com>")
///     .with_person(Person::new(Level::Marketing).without_bulk_email())
///     .with_rank(3);
/// assert_eq!(ann.address(), "Ann <ann@example.com>");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipient<'a> {
    contact: RecordId,
    address: &'a str,
    person: Person,
    rank: i64,
}

impl<'a> Recipient<'a> {
    /// The contact with this in its address field (column `contact.emailaddress1`): an address, or one
    /// with a name (`Ann <ann@example.com>`). Nothing is known of its consent, and its rank is 0.
    #[must_use]
    pub const fn new(contact: RecordId, address: &'a str) -> Self {
        let person = Person::new(crate::consent::Level::None);
        Self { contact, address, person, rank: 0 }
    }

    /// The same with this consent and these objections.
    #[must_use]
    pub const fn with_person(mut self, person: Person) -> Self {
        self.person = person;
        self
    }

    /// The same with this rank, of which [`Keep::HighestRank`] keeps the highest: an explicit priority.
    #[must_use]
    pub const fn with_rank(mut self, rank: i64) -> Self {
        self.rank = rank;
        self
    }

    /// The same, ranked by when it was active last: to the microsecond.
    #[must_use]
    pub const fn active_at(self, last: DateTime<Utc>) -> Self {
        self.with_rank(last.timestamp_micros())
    }

    /// Which contact.
    #[must_use]
    pub const fn contact(&self) -> RecordId {
        self.contact
    }

    /// What stands in its address field.
    #[must_use]
    pub const fn address(&self) -> &'a str {
        self.address
    }

    /// Its consent and its objections.
    #[must_use]
    pub const fn person(&self) -> &Person {
        &self.person
    }

    /// Its rank.
    #[must_use]
    pub const fn rank(&self) -> i64 {
        self.rank
    }
}

/// Which one of several recipients with one key gets the message. The product leaves it open; here it is
/// never chance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Keep {
    /// The first in the order of the segment.
    #[default]
    First,
    /// The one of the highest [rank](Recipient::with_rank); among equals the first. It is the most
    /// recently active one where that is the [rank](Recipient::active_at).
    HighestRank,
}
