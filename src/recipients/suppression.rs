//! Who gets nothing, whoever else is in the segment.

use std::collections::HashSet;
use std::fmt;

use super::address_list::AddressList;
use super::outcome::{Block, Stop, Suppressed};
use super::recipient::Recipient;
use crate::consent::Barrier;
use crate::consent::Designation;
use crate::consent::Level;
use crate::consent::Protection;
use crate::id::RecordId;

/// Who gets nothing: asked of every row, and cheap therefore. [`Suppression`] is the product's;
/// a host with reasons of its own asks that one and adds to it.
///
/// Several are one, too: of a pair the first that says something says it, a reference or a box says what is
/// behind it, `None` says nothing. [`SuppressIf`] makes one of a closure.
///
/// ```
/// use correspond::consent::Designation;
/// use correspond::id::RecordId;
/// use correspond::recipients::{
///     Block, Deduplication, Lines, Recipient, Stop, SuppressIf, Suppressed, Suppression,
/// };
///
/// let product = Suppression::new(Designation::Commercial);
/// let paused = RecordId::new(1);
/// let own = SuppressIf::new(|recipient: &Recipient<'_>| {
///     (recipient.contact() == paused).then_some(Suppressed::Stopped(Stop::Host(0)))
/// });
/// let segment = Lines::new("ann@example.com\nbob@example.com\n");
/// let selection = Deduplication::new().suppressing((&product, own)).run(&segment)?;
/// assert_eq!(selection.counts().stopped(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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

impl<S: Suppress + ?Sized> Suppress for &S {
    fn contact(&self, recipient: &Recipient<'_>) -> Option<Suppressed> {
        (**self).contact(recipient)
    }

    fn address(&self, key: &str) -> Option<Suppressed> {
        (**self).address(key)
    }
}

impl<S: Suppress + Send + ?Sized> Suppress for Box<S> {
    fn contact(&self, recipient: &Recipient<'_>) -> Option<Suppressed> {
        (**self).contact(recipient)
    }

    fn address(&self, key: &str) -> Option<Suppressed> {
        (**self).address(key)
    }
}

/// `None` suppresses nobody.
impl<S: Suppress> Suppress for Option<S> {
    fn contact(&self, recipient: &Recipient<'_>) -> Option<Suppressed> {
        self.as_ref()?.contact(recipient)
    }

    fn address(&self, key: &str) -> Option<Suppressed> {
        self.as_ref()?.address(key)
    }
}

/// Whom either suppresses. The first that says something says it.
impl<A: Suppress, B: Suppress> Suppress for (A, B) {
    fn contact(&self, recipient: &Recipient<'_>) -> Option<Suppressed> {
        self.0.contact(recipient).or_else(|| self.1.contact(recipient))
    }

    fn address(&self, key: &str) -> Option<Suppressed> {
        self.0.address(key).or_else(|| self.1.address(key))
    }
}

/// Who gets nothing, as a closure says of each contact.
#[derive(Clone, Copy)]
pub struct SuppressIf<F>(F);

impl<F: Fn(&Recipient<'_>) -> Option<Suppressed> + Sync> SuppressIf<F> {
    /// Whom this closure suppresses.
    #[must_use]
    pub const fn new(contact: F) -> Self {
        Self(contact)
    }
}

impl<F: Fn(&Recipient<'_>) -> Option<Suppressed> + Sync> Suppress for SuppressIf<F> {
    fn contact(&self, recipient: &Recipient<'_>) -> Option<Suppressed> {
        (self.0)(recipient)
    }
}

impl<F> fmt::Debug for SuppressIf<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SuppressIf").finish_non_exhaustive()
    }
}

/// Who gets nothing as the product has it: contacts who object to such mail, or whose consent does not
/// reach, contacts and addresses that are excluded, and addresses that bounced.
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
    contacts: Vec<(&'a HashSet<RecordId>, Block)>,
    lists: Vec<(&'a AddressList, Block)>,
}

impl<'a> Suppression<'a> {
    /// Those who object to mail of this designation
    /// ([`Person::receives`](crate::consent::Person::receives)).
    pub const fn new(designation: Designation) -> Self {
        Self {
            designation,
            protection: Protection::new(),
            minimum: Level::None,
            contacts: Vec::new(),
            lists: Vec::new(),
        }
    }

    /// And those whose consent is below this minimum, which counts while consent is respected
    /// ([`Protection::admits`]): they are stopped.
    pub const fn with_minimum(mut self, protection: Protection, minimum: Level) -> Self {
        self.protection = protection;
        self.minimum = minimum;
        self
    }

    /// And these contacts, such as those of a suppression segment, for this reason; others with their
    /// addresses are not touched. It is asked after objections and consent; of several sets with a
    /// contact the first names the reason.
    pub fn with_contacts(mut self, contacts: &'a HashSet<RecordId>, reason: Block) -> Self {
        self.contacts.push((contacts, reason));
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
        if admitted.is_err() {
            return Some(Suppressed::Stopped(Stop::ConsentLevel));
        }
        let contact = recipient.contact();
        let named = self.contacts.iter().find(|(contacts, _)| contacts.contains(&contact));
        named.map(|(_, reason)| Suppressed::Blocked(*reason))
    }

    fn address(&self, key: &str) -> Option<Suppressed> {
        let listed = self.lists.iter().find(|(list, _)| list.contains_key(key));
        listed.map(|(_, reason)| Suppressed::Blocked(*reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::Person;

    fn recipient(contact: u128) -> Recipient<'static> {
        Recipient::new(RecordId::new(contact), "ann@home.example")
    }

    /// Says a number of whoever has it, and of every address.
    struct Says(u8);

    impl Suppress for Says {
        fn contact(&self, recipient: &Recipient<'_>) -> Option<Suppressed> {
            (recipient.contact() == RecordId::new(self.0.into())).then_some(self.said())
        }

        fn address(&self, _: &str) -> Option<Suppressed> {
            Some(self.said())
        }
    }

    impl Says {
        fn said(&self) -> Suppressed {
            Suppressed::Blocked(Block::Host(self.0))
        }
    }

    #[test]
    fn several_are_one_and_the_first_says_first() {
        let said = |n| Some(Suppressed::Blocked(Block::Host(n)));
        let one_again = SuppressIf::new(|of: &Recipient<'_>| {
            (of.contact() == RecordId::new(1)).then_some(Suppressed::Stopped(Stop::Host(9)))
        });
        let boxed: Box<dyn Suppress + Send> = Box::new(Says(2));
        let nobody = None::<Says>;
        let all = ((&nobody, Some(&Says(1))), (one_again, boxed));
        assert_eq!([1, 2, 3].map(|n| all.contact(&recipient(n))), [said(1), said(2), None]);
        assert_eq!(all.address("ann@home.example"), said(1));
        let turned = (one_again, &all);
        assert_eq!(turned.contact(&recipient(1)), Some(Suppressed::Stopped(Stop::Host(9))));
        assert_eq!(turned.address("ann@home.example"), said(1));
        assert_eq!((nobody, ()).address("ann@home.example"), None);
    }

    #[test]
    fn contacts_are_named_after_objections_and_consent() {
        let set = |ids: [u128; 2]| HashSet::from(ids.map(RecordId::new));
        let (excluded, bounced) = (set([1, 2]), set([2, 3]));
        let suppression = Suppression::new(Designation::Commercial)
            .with_minimum(Protection::new().respecting_consent(), Level::Marketing)
            .with_contacts(&excluded, Block::Excluded)
            .with_contacts(&bounced, Block::Bounced);
        let asked = |n, person| suppression.contact(&recipient(n).with_person(person));
        let yes = Person::new(Level::Marketing);
        let blocked = |block| Some(Suppressed::Blocked(block));
        assert_eq!(
            [1, 2, 3, 4].map(|n| asked(n, yes)),
            [blocked(Block::Excluded), blocked(Block::Excluded), blocked(Block::Bounced), None]
        );
        assert_eq!(asked(1, yes.without_email()), blocked(Block::DoNotEmail));
        let stopped = Some(Suppressed::Stopped(Stop::ConsentLevel));
        assert_eq!(asked(1, Person::new(Level::Transactional)), stopped);
    }
}
