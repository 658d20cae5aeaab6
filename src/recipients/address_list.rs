//! Addresses that get nothing.

use super::key_table::KeyTable;
use crate::address::{AddressError, Mailbox};

/// Addresses that get nothing: those that bounced, those of a suppression segment. (Those that got the
/// message before, as the send ledger has them, are [`SentBefore`](super::SentBefore).) Compared as recipients are, by their [comparison form](crate::address), so that
/// everybody who has such an address is meant, however it is written.
///
/// ```
/// use correspond::recipients::AddressList;
///
/// let mut bounced = AddressList::new();
/// bounced.add("Bob <BOB@example.com>")?;
/// assert!(bounced.contains("bob@Example.com"));
/// # Ok::<(), correspond::address::AddressError>(())
/// ```
#[derive(Debug)]
pub struct AddressList {
    keys: KeyTable,
}

impl AddressList {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self { keys: KeyTable::new() }
    }

    /// Adds an address, with a name or without, and tells whether it is new.
    ///
    /// # Errors
    ///
    /// It is none.
    pub fn add(&mut self, address: &str) -> Result<bool, AddressError> {
        let key = Mailbox::address_in(address)?.key();
        Ok(self.keys.insert(key.as_bytes(), 0).is_none())
    }

    /// Is this address, with a name or without, on the list?
    #[must_use]
    pub fn contains(&self, address: &str) -> bool {
        Mailbox::address_in(address).is_ok_and(|address| self.contains_key(&address.key()))
    }

    /// Is the address with this [key](crate::address::EmailAddressRef::key_into) on the list?
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.keys.get(key.as_bytes()).is_some()
    }

    /// How many addresses there are.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.keys.len()
    }

    /// Are there none?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Default for AddressList {
    fn default() -> Self {
        Self::new()
    }
}
