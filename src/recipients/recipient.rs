//! One of a segment.

use chrono::{DateTime, Utc};

use crate::address::{AddressError, EmailAddressRef, Mailbox};
use crate::claim::{ClaimKeyError, RecipientKey};
use crate::consent::Person;
use crate::id::RecordId;
use crate::mailing::SendOnceTo;

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

    /// The address that stands in its address field, as a run reads it, with a name around it or
    /// without.
    ///
    /// # Errors
    ///
    /// There is none, or no single valid one: what a report says of a row that came out as
    /// [`Block::NoAddress`](super::Block::NoAddress) or
    /// [`Block::InvalidAddress`](super::Block::InvalidAddress).
    #[inline]
    pub fn read_address(&self) -> Result<EmailAddressRef<'a>, AddressError> {
        Mailbox::address_in(self.address)
    }

    /// Under what it is claimed in the send ledger: equal for two recipients exactly where a run takes
    /// them for duplicates.
    ///
    /// ```
    /// use correspond::claim::RecipientKey;
    /// use correspond::id::RecordId;
    /// use correspond::mailing::SendOnceTo;
    /// use correspond::recipients::Recipient;
    ///
    /// let ann = Recipient::new(RecordId::new(7), "Ann <ANN@Example.com>");
    /// assert_eq!(ann.key(SendOnceTo::Address)?, RecipientKey::address(b"ann@example.com")?);
    /// assert_eq!(ann.key(SendOnceTo::Contact)?, RecipientKey::contact(RecordId::new(7)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The address is none, or too long for a key; never where the message goes once to each contact.
    pub fn key(&self, once_to: SendOnceTo) -> Result<RecipientKey, NoKey> {
        match once_to {
            SendOnceTo::Contact => Ok(RecipientKey::contact(self.contact)),
            SendOnceTo::Address => {
                let address = self.read_address()?;
                Ok(once_to.key(&address.key(), self.contact)?)
            }
        }
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

/// Why a recipient has no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("recipient: {0}")]
pub struct NoKey(Why);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Why {
    #[error("{0}")]
    Address(AddressError),
    #[error("{0}")]
    Length(ClaimKeyError),
}

impl From<AddressError> for NoKey {
    fn from(error: AddressError) -> Self {
        Self(Why::Address(error))
    }
}

impl From<ClaimKeyError> for NoKey {
    fn from(error: ClaimKeyError) -> Self {
        Self(Why::Length(error))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipient_says_why_it_has_no_key() {
        let of = |address| Recipient::new(RecordId::new(7), address);
        let contact = RecipientKey::contact(RecordId::new(7));
        for address in ["", "ann", "ann@a.example, bob@a.example"] {
            let error = of(address).key(SendOnceTo::Address).unwrap_err();
            let expected = of(address).read_address().unwrap_err();
            assert_eq!(error.to_string(), format!("recipient: {expected}"));
            assert_eq!(of(address).key(SendOnceTo::Contact), Ok(contact.clone()));
        }
    }
}
