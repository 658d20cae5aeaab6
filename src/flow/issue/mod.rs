//! A tracking token for a mail that goes out.

mod lease;
mod sender;
mod user;

use std::num::NonZeroU32;

use chrono::{DateTime, Utc};

pub use sender::Sender;

use super::FlowError;
use crate::id::TenantId;
use crate::record::Versions;
use crate::settings::TokenTracking;
use crate::store::{Records, SequenceKey, Sequences, Store};
use crate::token::{Designator, TokenPlan, TrackingToken};
use lease::{Found, Leases};

/// The mail that wants a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenRequest<'a> {
    /// Whose mail.
    pub tenant: TenantId,
    /// Whose counter it goes by.
    pub sender: Sender,
    /// The present, by the host's clock.
    pub now: DateTime<Utc>,
    /// The token that the host's caller brought along (`SendEmail`, parameter `TrackingToken`);
    /// `None` or empty: one is issued.
    pub own: Option<&'a str>,
}

impl<'a> TokenRequest<'a> {
    /// A mail of `tenant`, going by the counter of `sender`, sent at `now`.
    #[must_use]
    pub const fn new(tenant: TenantId, sender: Sender, now: DateTime<Utc>) -> Self {
        Self { tenant, sender, now, own: None }
    }

    /// The same with a token that the host's caller brought along.
    #[must_use]
    pub const fn with_own(mut self, text: Option<&'a str>) -> Self {
        self.own = text;
        self
    }
}

/// Hands out tracking tokens: no token twice for a tenant until its sender's counter has gone all the
/// way round, from however many threads and processes.
///
/// A process keeps one for each store and shares it among its threads. It remembers what never changes, the numbers
/// of users, and holds numbers of busy senders that it has leased from the store, so that most tokens
/// cost no call of the store.
///
/// * A lease starts at one number and doubles with use, up to
///   [64](TokenPlan::PREFERRED_LEASE) and a 256th of what the counter
///   [can count](TokenPlan::capacity); no more than that is held at all, nor for longer than an hour.
/// * Numbers that were leased and not used, because the process ended or the hour was over, are a gap:
///   they are never handed out again before the counter has gone round.
/// * Numbers of at most [`SENDERS`](Self::SENDERS) senders are held. Those longest out of use are
///   forgotten, which leaves gaps too.
///
/// How far apart two equal tokens are in the end: [`TokenPlan::repeat_distance`].
///
/// A user's own number is drawn when the first token of the user is issued, 1, 2, 3 ... in the tenant,
/// and never changes; see [`UserNumber`](crate::token::UserNumber) for a host that brings numbers
/// along.
///
/// ```
/// use chrono::DateTime;
/// use correspond::adapter::memory::MemoryStore;
/// use correspond::flow::{Sender, TokenIssuer, TokenRequest};
/// use correspond::id::{RecordId, TenantId};
/// use correspond::settings::TokenTracking;
/// use correspond::store::Blocking;
///
/// let store = Blocking::new(MemoryStore::default());
/// let issuer = TokenIssuer::default();
/// let mut settings = TokenTracking::default();
/// let tenant = TenantId::new(1);
/// let [ann, bob] = [0xa, 0xb].map(|user| Sender::user(RecordId::new(user)));
/// let mail = |sender| TokenRequest::new(tenant, sender, DateTime::UNIX_EPOCH);
///
/// let mut tokens = Vec::new();
/// for sender in [ann, ann, bob, Sender::NOBODY] {
///     let request = mail(sender);
///     tokens.extend(store.run(async |store| issuer.issue(store, &settings, request).await)??);
/// }
/// let texts: Vec<&str> = tokens.iter().map(AsRef::as_ref).collect();
/// assert_eq!(texts, ["CRM:0001001", "CRM:0001002", "CRM:0002001", "CRM:0000001"]);
///
/// let own = mail(ann).with_own(Some("[case 7]"));
/// let token = store.run(async |store| issuer.issue(store, &settings, own).await)??;
/// assert_eq!(token.unwrap().as_str(), "[case 7]");
///
/// settings.enabled = false;
/// let none = store.run(async |store| issuer.issue(store, &settings, mail(ann)).await)??;
/// assert_eq!(none, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct TokenIssuer {
    versions: Versions,
    lease: NonZeroU32,
    leases: Leases,
}

impl TokenIssuer {
    /// Of at most this many senders are numbers held, unless told otherwise; each takes some 200
    /// octets.
    pub const SENDERS: usize = 1 << 16;

    /// An issuer whose records get these versions.
    #[must_use]
    pub fn new(versions: Versions) -> Self {
        let (lease, leases) = (TokenPlan::PREFERRED_LEASE, Leases::new(Self::SENDERS));
        Self { versions, lease, leases }
    }

    /// The same with leases of so many numbers; with 1, every token costs a call of the store, and
    /// nothing is lost when the process ends.
    #[must_use]
    pub const fn with_lease(mut self, numbers: NonZeroU32) -> Self {
        self.lease = numbers;
        self
    }

    /// The same with room for so many senders, two at least.
    #[must_use]
    pub fn with_senders(mut self, senders: usize) -> Self {
        self.leases = Leases::new(senders);
        self
    }

    /// The token of a mail; `None` where tokens are off. The text that the host's caller brought
    /// along is taken as given, on or off. Neither asks the store.
    ///
    /// The live format is the first of `settings`. Equal tokens of different formats or tenants are
    /// no concern of this: prefix and base tell deployments apart.
    ///
    /// # Errors
    ///
    /// * The user's number is wider than the format, and the settings refuse that; no number was
    ///   fetched for it.
    /// * The text brought along is no token: white space only, longer than 50 characters, or with a
    ///   control character.
    /// * The sender is a queue.
    /// * The store failed or broke its contract; numbers may have been used up.
    /// * Other writers won [`ROUNDS`](super::ROUNDS) rounds in a row, or more than that many thousand
    ///   numbers in a row were brought along for other users; a later call goes on from there.
    pub async fn issue<S: Store + Records + Sequences>(
        &self,
        store: &S,
        settings: &TokenTracking,
        request: TokenRequest<'_>,
    ) -> Result<Option<TrackingToken>, FlowError> {
        let TokenRequest { tenant, sender, now, own } = request;
        if let Some(own) = own.filter(|text| !text.is_empty()) {
            return Ok(Some(TrackingToken::from_text(own)?));
        }
        let Some(plan) = TokenPlan::of(settings) else { return Ok(None) };
        let key = (tenant, sender.counter());
        let (user, number) = match self.leases.take(key, &plan, now) {
            Found::Number(user, number) => (user, number),
            found => {
                let user = match (found, sender.id()) {
                    (Found::User(user), _) => user,
                    (_, None) => 0,
                    (_, Some(id)) => user::number(store, &self.versions, (tenant, id), now).await?,
                };
                // Whether the user's number fits is known before a number is used up.
                plan.token(Designator::Online, user, 1)?;
                let fetch = self.leases.ask(key, user, (&plan, self.lease), now);
                let sequence = SequenceKey::TokenCounter(sender.counter());
                let block = store.allocate(tenant, sequence, fetch.len()).await?;
                (user, fetch.keep(block)?)
            }
        };
        Ok(Some(plan.token(Designator::Online, user, number)?))
    }
}

impl Default for TokenIssuer {
    /// An issuer whose versions are made under a secret of this process.
    fn default() -> Self {
        Self::new(Versions::default())
    }
}
