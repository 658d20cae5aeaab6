//! From a recipient to its key.

use super::outcome::code;
use super::partition::Partition;
use super::recipient::Recipient;
use super::suppression::Suppress;
use crate::address::{AddressError, AddressErrorKind, AddressRules, EmailAddressRef, Mailbox};
use crate::claim::RecipientKey;
use crate::mailing::SendOnceTo;

/// What is asked of each recipient before it is looked for among the others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan<P> {
    pub(super) once_to: SendOnceTo,
    pub(super) suppress: P,
    pub(super) rules: AddressRules,
    pub(super) only: Option<Partition>,
}

impl Plan<()> {
    pub(super) const fn new() -> Self {
        let rules = AddressRules::RFC;
        Self { once_to: SendOnceTo::Address, suppress: (), rules, only: None }
    }
}

impl<P: Suppress> Plan<P> {
    pub(super) fn suppressing<Q>(self, suppress: Q) -> Plan<Q> {
        let Self { once_to, rules, only, .. } = self;
        Plan { once_to, suppress, rules, only }
    }

    /// The key of a recipient, which mostly is its address as written, else is made in `room`; or, by its
    /// code, why it takes no part.
    #[inline]
    pub(super) fn judge<'k>(
        &self,
        recipient: &Recipient<'k>,
        room: &'k mut String,
    ) -> Result<&'k str, u32> {
        if let Some(suppressed) = self.suppress.contact(recipient) {
            return Err(self.here(recipient, suppressed.code()));
        }
        let (key, suppressed) = if self.once_to == SendOnceTo::Contact {
            let address = self.read_address(recipient.address(), room);
            let address = address.map_err(|code| self.here(recipient, code))?;
            let suppressed = self.suppress.address(address);
            (contact_key(recipient, room), suppressed)
        } else {
            let key = self.read_address(recipient.address(), room);
            let key = key.map_err(|code| self.here(recipient, code))?;
            (key, self.suppress.address(key))
        };
        if self.only.is_some() && !self.is_in_part(recipient, key) {
            return Err(code::ELSEWHERE);
        }
        suppressed.map_or(Ok(key), |suppressed| Err(suppressed.code()))
    }

    /// The key of a recipient that took part before; nothing where it can no more.
    #[inline]
    pub(super) fn key<'k>(&self, recipient: &Recipient<'k>, room: &'k mut String) -> &'k str {
        match self.once_to {
            SendOnceTo::Contact => contact_key(recipient, room),
            SendOnceTo::Address => self.key_of(recipient.address(), room),
        }
    }

    /// The same for what is written in its address field, where the address is the key.
    #[inline]
    pub(super) fn key_of<'k>(&self, written: &'k str, room: &'k mut String) -> &'k str {
        self.read_address(written, room).unwrap_or_default()
    }

    #[inline]
    fn read_address<'k>(&self, written: &'k str, room: &'k mut String) -> Result<&'k str, u32> {
        let read = if self.rules == AddressRules::RFC {
            Mailbox::key_in(written, room)
        } else {
            self.read_strictly(written, room)
        };
        let key = read.map_err(|error| match error.kind() {
            AddressErrorKind::Empty => code::NO_ADDRESS,
            _ => code::INVALID_ADDRESS,
        })?;
        // Lower-casing can lengthen it.
        if key.len() < RecipientKey::MAX_LEN { Ok(key) } else { Err(code::INVALID_ADDRESS) }
    }

    #[cold]
    fn read_strictly<'k>(
        &self,
        written: &'k str,
        room: &'k mut String,
    ) -> Result<&'k str, AddressError> {
        let address = Mailbox::address_in(written)?;
        Ok(EmailAddressRef::parse_with(address.as_str(), &self.rules)?.key_in(room))
    }

    fn is_in_part(&self, recipient: &Recipient<'_>, key: &str) -> bool {
        let key = self.once_to.key(key, recipient.contact());
        self.only.is_none_or(|part| key.is_ok_and(|key| part.contains(&key)))
    }

    /// The code, or that another part has this recipient, which has no key: the contact takes its place.
    #[cold]
    fn here(&self, recipient: &Recipient<'_>, code: u32) -> u32 {
        let contact = RecipientKey::contact(recipient.contact());
        let elsewhere = self.only.is_some_and(|part| !part.contains(&contact));
        if elsewhere { code::ELSEWHERE } else { code }
    }
}

/// The key of a contact, whatever its address.
fn contact_key<'k>(recipient: &Recipient<'_>, room: &'k mut String) -> &'k str {
    room.clear();
    let digits = recipient.contact().get().to_be_bytes();
    let nibbles = digits.iter().flat_map(|octet| [octet >> 4, octet & 15]);
    room.extend(nibbles.map(|nibble| char::from(b'a' + nibble)));
    room
}
