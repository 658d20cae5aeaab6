//! Who gets nothing, whoever else is in the segment.

use super::address_list::AddressList;
use super::outcome::{Block, Stop, Suppressed};
use super::recipient::Recipient;
use crate::consent::Barrier;
use crate::consent::Designation;
use crate::consent::Level;
use crate::consent::Protection;

/// Who gets nothing: asked of every row, and cheap therefore. [`Suppression`] is the product's;
/// a host with reasons of its own asks that one and adds to it.
///
/// A closure by contact is one, too: `|recipient: &Recipient<'_>| ...`.
pub trait Suppress: Sync {
    /// Does this contact get nothing? Asked before its address is looked at. Others with the same
    /// address are not touched by the answer.
    fn contact(&self, recipient: &Recipient<'_>) -> Option<Suppressed>;

    /// Does this address, in its [comparison form](crate::address), get nothing? It holds for everybody
    /// who has it.
    fn address(&self, key: &str) -> Option<Suppressed> {
        let _ = key;
        None
    }
}

/// Suppresses nobody.
impl Suppress for () {
    fn contact(&self, _: &Recipient<'_>) -> Option<Suppressed> {
        None
    }
}

impl<F> Suppress for F
where
    F: Fn(&Recipient<'_>) -> Option<Suppressed> + Sync,
{
    fn contact(&self, recipient: &Recipient<'_>) -> Option<Suppressed> {
        self(recipient)
    }
}

/// Who gets nothing as the product has it: contacts who object to such mail, or whose consent does not
/// reach, and addresses that bounced or are excluded.
///
/// ```
/// use correspond::consent::{Designation, Level, Person, Protection};
/// use correspond::id::RecordId;
/// use correspond::recipients::{Block, Recipient, Suppress, Suppressed, Suppression};
///
/// let suppression = Suppression::new(Designation::Commercial)
///     .with_minimum(Protection::new().respecting_consent(), Level::Marketing);
/// let objects = Person::new(Level::Marketing).without_bulk_email();
/// let ann = Recipient::new(RecordId::new(1), "ann@example.com").with_person(objects);
/// assert_eq!(suppression.contact(&ann), Some(Suppressed::Blocked(Block::DoNotBulkEmail)));
/// ```
#[derive(Clone, Debug)]
#[must_use = "it suppresses nobody before it is asked"]
pub struct Suppression<'a> {
    designation: Designation,
    protection: Protection,
    minimum: Level,
    lists: Vec<(&'a AddressList, Block)>,
}

impl<'a> Suppression<'a> {
    /// Those who object to mail of this designation
    /// ([`Person::receives`](crate::consent::Person::receives)).
    pub const fn new(designation: Designation) -> Self {
        Self { designation, protection: Protection::new(), minimum: Level::None, lists: Vec::new() }
    }

    /// And those whose consent is below this minimum, which counts while consent is respected
    /// ([`Protection::admits`]): they are stopped.
    pub const fn with_minimum(mut self, protection: Protection, minimum: Level) -> Self {
        self.protection = protection;
        self.minimum = minimum;
        self
    }

    /// And everybody with an address of this list, for this reason. Of several lists with an address
    /// the first names the reason.
    pub fn with_list(mut self, list: &'a AddressList, reason: Block) -> Self {
        self.lists.push((list, reason));
        self
    }
}

impl Suppress for Suppression<'_> {
    fn contact(&self, recipient: &Recipient<'_>) -> Option<Suppressed> {
        match recipient.person().receives(self.designation) {
            Err(Barrier::DoNotBulkEmail) => {
                return Some(Suppressed::Blocked(Block::DoNotBulkEmail));
            }
            Err(_) => return Some(Suppressed::Blocked(Block::DoNotEmail)),
            Ok(()) => {}
        }
        let admitted = self.protection.admits(self.minimum, recipient.person());
        admitted.is_err().then_some(Suppressed::Stopped(Stop::ConsentLevel))
    }

    fn address(&self, key: &str) -> Option<Suppressed> {
        let listed = self.lists.iter().find(|(list, _)| list.contains_key(key));
        listed.map(|(_, reason)| Suppressed::Blocked(*reason))
    }
}
