//! Who got the message before.

use std::collections::HashSet;

use super::key_table::KeyTable;
use super::outcome::{Block, Suppressed};
use super::recipient::Recipient;
use super::suppression::Suppress;
use crate::claim::RecipientKey;
use crate::id::RecordId;

/// Recipients who got the message in an earlier run, by the keys under which the send ledger has them:
/// addresses, or contacts where email deduplication is bypassed. They come out as
/// [`Block::AlreadySent`].
///
/// Some 20 octets an address beside its own. The ledger itself keeps what nobody was told of here: what
/// another worker sends meanwhile is answered when a row is claimed ([`Counts::recount`]).
///
/// ```
/// use correspond::claim::RecipientKey;
/// use correspond::id::RecordId;
/// use correspond::recipients::{Deduplication, Lines, SentBefore};
///
/// let keys = [RecipientKey::address(b"ann@example.com")?, RecipientKey::contact(RecordId::new(1))];
/// let sent: SentBefore = keys.into_iter().collect();
/// let segment = Lines::new("Ann <ANN@example.com>\nbob@example.com\ncid@example.com\n");
/// let selection = Deduplication::new().suppressing(&sent).run(&segment)?;
/// assert_eq!(selection.sent().collect::<Vec<_>>(), [2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`Counts::recount`]: super::Counts::recount
#[derive(Debug)]
pub struct SentBefore {
    addresses: KeyTable,
    contacts: HashSet<RecordId>,
}

impl SentBefore {
    /// Nobody.
    #[must_use]
    pub fn new() -> Self {
        Self { addresses: KeyTable::new(), contacts: HashSet::new() }
    }

    /// Adds a recipient, and tells whether it is new. A key that is neither an address nor a contact,
    /// as a damaged store could have it, is nobody's and never new.
    pub fn add(&mut self, key: &RecipientKey) -> bool {
        match (key.as_address(), key.as_contact()) {
            (Some(address), _) => self.addresses.insert(address, 0).is_none(),
            (None, Some(contact)) => self.contacts.insert(contact),
            (None, None) => false,
        }
    }

    /// Did this recipient get it?
    #[must_use]
    pub fn contains(&self, key: &RecipientKey) -> bool {
        key.as_address().is_some_and(|address| self.addresses.get(address).is_some())
            || key.as_contact().is_some_and(|contact| self.contacts.contains(&contact))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.addresses.len() + self.contacts.len() as u64
    }

    /// Is there nobody?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Default for SentBefore {
    fn default() -> Self {
        Self::new()
    }
}

impl Suppress for SentBefore {
    fn contact(&self, recipient: &Recipient<'_>) -> Option<Suppressed> {
        let sent = self.contacts.contains(&recipient.contact());
        sent.then_some(Suppressed::Blocked(Block::AlreadySent))
    }

    fn address(&self, key: &str) -> Option<Suppressed> {
        let sent = self.addresses.get(key.as_bytes()).is_some();
        sent.then_some(Suppressed::Blocked(Block::AlreadySent))
    }
}

impl Extend<RecipientKey> for SentBefore {
    fn extend<I: IntoIterator<Item = RecipientKey>>(&mut self, keys: I) {
        for key in keys {
            self.add(&key);
        }
    }
}

impl<'a> Extend<&'a RecipientKey> for SentBefore {
    fn extend<I: IntoIterator<Item = &'a RecipientKey>>(&mut self, keys: I) {
        for key in keys {
            self.add(key);
        }
    }
}

impl FromIterator<RecipientKey> for SentBefore {
    fn from_iter<I: IntoIterator<Item = RecipientKey>>(keys: I) -> Self {
        let mut sent = Self::new();
        sent.extend(keys);
        sent
    }
}

impl<'a> FromIterator<&'a RecipientKey> for SentBefore {
    fn from_iter<I: IntoIterator<Item = &'a RecipientKey>>(keys: I) -> Self {
        let mut sent = Self::new();
        sent.extend(keys);
        sent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_every_kind_are_known_again() {
        let address = RecipientKey::address(b"ann@home.example").unwrap();
        let contact = RecipientKey::contact(RecordId::new(7));
        let neither = RecipientKey::from_bytes(b"x").unwrap();
        let mut sent = SentBefore::new();
        assert!(sent.is_empty());
        assert!(sent.add(&address) && sent.add(&contact) && !sent.add(&neither));
        assert!(!sent.add(&address) && !sent.add(&contact));
        assert_eq!(sent.len(), 2);
        assert!(sent.contains(&address) && sent.contains(&contact) && !sent.contains(&neither));
        assert!(!sent.contains(&RecipientKey::contact(RecordId::new(8))));
        let before = Some(Suppressed::Blocked(Block::AlreadySent));
        assert_eq!(sent.address("ann@home.example"), before);
        assert_eq!(sent.address("bob@home.example"), None);
        let contact = |id| sent.contact(&Recipient::new(RecordId::new(id), "ann@home.example"));
        assert_eq!((contact(7), contact(8)), (before, None));
    }
}
