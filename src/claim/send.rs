//! Who may send this message to this recipient?

use std::fmt;

use chrono::{DateTime, Utc};

use super::{ClaimKeyError, checked};
use crate::id::RecordId;
use crate::index::to_microsecond;
use crate::record::MAX_PAGE;

/// Within what a recipient is written to once: a message, and where a journey sends it the journey
/// and its tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SendScope {
    message: RecordId,
    journey: RecordId,
    tile: RecordId,
}

impl SendScope {
    /// The octets of [`to_bytes`](Self::to_bytes).
    pub const LEN: usize = 48;

    /// A message that is sent by itself.
    #[must_use]
    pub const fn new(message: RecordId) -> Self {
        Self { message, journey: RecordId::new(0), tile: RecordId::new(0) }
    }

    /// The message as a tile of a journey sends it.
    #[must_use]
    pub const fn in_journey(mut self, journey: RecordId, tile: RecordId) -> Self {
        self.journey = journey;
        self.tile = tile;
        self
    }

    /// Message, journey and tile, big-endian: a key that sorts as the scope does.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        let ids = [self.message, self.journey, self.tile];
        for (place, id) in bytes.chunks_exact_mut(16).zip(ids) {
            place.copy_from_slice(&id.get().to_be_bytes());
        }
        bytes
    }
}

/// Whom a message is sent to: the whole canonical address, or the contact where addresses do not
/// count. 1 to 512 octets, compared for equality; the order is that of the octets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecipientKey(Box<[u8]>);

impl RecipientKey {
    /// The most octets of a key.
    pub const MAX_LEN: usize = 512;

    const ADDRESS: u8 = b'a';
    const CONTACT: u8 = b'c';

    /// The recipient with this address, in its [comparison form](crate::address).
    ///
    /// # Errors
    ///
    /// No octets, or more than 511.
    pub fn address(key: &[u8]) -> Result<Self, ClaimKeyError> {
        checked("recipient address", Self::MAX_LEN - 1, key)?;
        Ok(Self([&[Self::ADDRESS], key].concat().into()))
    }

    /// The contact with this id, whatever its address.
    #[must_use]
    pub fn contact(id: RecordId) -> Self {
        Self([&[Self::CONTACT][..], &id.get().to_be_bytes()].concat().into())
    }

    /// The key as a store kept it.
    ///
    /// # Errors
    ///
    /// No octets, or more than [`MAX_LEN`](Self::MAX_LEN).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ClaimKeyError> {
        checked("recipient key", Self::MAX_LEN, bytes)?;
        Ok(Self(bytes.into()))
    }

    /// The octets that a store keeps.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The address, in its [comparison form](crate::address), where this is the key of one.
    ///
    /// ```
    /// use correspond::claim::RecipientKey;
    /// use correspond::id::RecordId;
    ///
    /// let ann = RecipientKey::address(b"ann@home.example")?;
    /// assert_eq!((ann.as_address(), ann.as_contact()), (Some(&b"ann@home.example"[..]), None));
    /// let seven = RecipientKey::contact(RecordId::new(7));
    /// assert_eq!((seven.as_address(), seven.as_contact()), (None, Some(RecordId::new(7))));
    /// # Ok::<(), correspond::claim::ClaimKeyError>(())
    /// ```
    #[must_use]
    pub fn as_address(&self) -> Option<&[u8]> {
        self.0.strip_prefix(&[Self::ADDRESS]).filter(|address| !address.is_empty())
    }

    /// The contact, where this is the key of one.
    #[must_use]
    pub fn as_contact(&self) -> Option<RecordId> {
        let id = self.0.strip_prefix(&[Self::CONTACT])?;
        Some(RecordId::new(u128::from_be_bytes(id.try_into().ok()?)))
    }
}

/// One send: what, and to whom.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a pair")]
pub struct ClaimId {
    /// What is sent.
    pub scope: SendScope,
    /// To whom.
    pub recipient: RecipientKey,
}

/// Who claims: one run of one worker. A worker that starts again is another claimant, so what it
/// claimed before is *in doubt*, not its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Claimant(u128);

impl Claimant {
    /// The run with this number, which no other run has.
    #[must_use]
    pub const fn new(number: u128) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u128 {
        self.0
    }
}

impl fmt::Debug for Claimant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Claimant({:x})", self.0)
    }
}

/// How far a claimed send has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum ClaimState {
    /// Claimed; whether the message went out is known to the claimant alone. Once the claimant is
    /// gone, it is in doubt.
    Open = 0,
    /// The message went out.
    Sent = 1,
}

impl ClaimState {
    /// The number that a store keeps; it never changes.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The state with this number.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Open),
            1 => Some(Self::Sent),
            _ => None,
        }
    }
}

/// Who has a send, and how far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendClaim {
    by: Claimant,
    at: DateTime<Utc>,
    state: ClaimState,
}

impl SendClaim {
    /// A claim by `by`, which came to its `state` at `at` (kept to the microsecond).
    #[must_use]
    pub fn new(by: Claimant, at: DateTime<Utc>, state: ClaimState) -> Self {
        Self { by, at: to_microsecond(at), state }
    }

    /// Whose it is.
    #[must_use]
    pub const fn by(&self) -> Claimant {
        self.by
    }

    /// When it came to its state.
    #[must_use]
    pub const fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// How far it has come.
    #[must_use]
    pub const fn state(&self) -> ClaimState {
        self.state
    }
}

/// A page of the claims of one scope, by ascending recipient key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimPageQuery {
    scope: SendScope,
    state: Option<ClaimState>,
    after: Option<RecipientKey>,
    limit: u16,
}

impl ClaimPageQuery {
    /// The first page, of up to 100 claims in any state.
    #[must_use]
    pub const fn new(scope: SendScope) -> Self {
        Self { scope, state: None, after: None, limit: 100 }
    }

    /// Only claims in this state.
    #[must_use]
    pub const fn in_state(mut self, state: ClaimState) -> Self {
        self.state = Some(state);
        self
    }

    /// Up to `limit` claims: 1 to [`MAX_PAGE`]; what lies outside is moved to the next end.
    #[must_use]
    pub fn limit(mut self, limit: u16) -> Self {
        self.limit = limit.clamp(1, MAX_PAGE);
        self
    }

    /// The page behind this recipient: [`Page::next`](crate::record::Page::next) of the page before.
    #[must_use]
    pub fn after(mut self, recipient: RecipientKey) -> Self {
        self.after = Some(recipient);
        self
    }

    /// Claims of what.
    #[must_use]
    pub const fn scope(&self) -> &SendScope {
        &self.scope
    }

    /// In which state; in any where `None`.
    #[must_use]
    pub const fn state(&self) -> Option<ClaimState> {
        self.state
    }

    /// Only claims of a greater recipient key.
    #[must_use]
    pub const fn start(&self) -> Option<&RecipientKey> {
        self.after.as_ref()
    }

    /// How many at most.
    #[must_use]
    pub const fn page_limit(&self) -> u16 {
        self.limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_say_what_is_wrong_with_them() {
        assert_eq!(
            RecipientKey::address(b"").unwrap_err().to_string(),
            "recipient address: expected 1 to 511 octets, found 0"
        );
        let key = RecipientKey::address(&[b'x'; 511]).unwrap();
        assert_eq!(RecipientKey::from_bytes(key.as_bytes()), Ok(key));
        assert!(RecipientKey::from_bytes(&[0; 513]).is_err());
    }

    #[test]
    fn a_key_that_is_neither_address_nor_contact_says_so() {
        for octets in [&b"a"[..], b"c", b"c-too-short", b"c-that-is-too-long-for-one", b"x@y"] {
            let key = RecipientKey::from_bytes(octets).unwrap();
            assert_eq!((key.as_address(), key.as_contact()), (None, None));
        }
    }

    #[test]
    fn scopes_sort_as_their_octets_do() {
        let scope = |m, j, t| {
            SendScope::new(RecordId::new(m)).in_journey(RecordId::new(j), RecordId::new(t))
        };
        let scopes = [scope(1, 300, 1), scope(1, 2, 1 << 100), scope(0, 9, 9), scope(2, 0, 0)];
        for a in scopes {
            for b in scopes {
                assert_eq!(a.cmp(&b), a.to_bytes().cmp(&b.to_bytes()));
            }
        }
    }

    #[test]
    fn states_have_codes() {
        for state in [ClaimState::Open, ClaimState::Sent] {
            assert_eq!(ClaimState::from_code(state.code()), Some(state));
        }
        assert_eq!(ClaimState::from_code(2), None);
    }
}
