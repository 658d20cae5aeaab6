//! Claims of which nobody may know whether the message went out.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::answer::{Answers, ClaimAnswer};
use super::rounds::{Ended, apply};
use super::run::{SendRun, repeated};
use crate::claim::{ClaimPageQuery, ClaimState, Claimant, RecipientKey, SendScope};
use crate::flow::FlowError;
use crate::id::TenantId;
use crate::record::Page;
use crate::store::{Change, Ledger, Store};

/// A claim that is neither settled nor released.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "who, by whom, since when; a host may make it")]
pub struct InDoubt {
    /// To whom the message may have gone out.
    pub recipient: RecipientKey,
    /// Whose claim it is.
    pub by: Claimant,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// Which claims are in doubt?
///
/// The ledger does not know which claimants still work: their claims are open too. The host knows, by
/// the claimant or by the age: what is older than any run takes is in doubt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InDoubtQuery {
    page: ClaimPageQuery,
    by: Option<Claimant>,
    not_by: Option<Claimant>,
    since: Option<DateTime<Utc>>,
}

impl InDoubtQuery {
    /// The first page of all open claims, whosever they are: 100 of them.
    #[must_use]
    pub const fn new(scope: SendScope) -> Self {
        let page = ClaimPageQuery::new(scope).in_state(ClaimState::Open);
        Self { page, by: None, not_by: None, since: None }
    }

    /// Only this claimant's.
    #[must_use]
    pub const fn by(mut self, claimant: Claimant) -> Self {
        self.by = Some(claimant);
        self
    }

    /// Only those of others.
    #[must_use]
    pub const fn not_by(mut self, claimant: Claimant) -> Self {
        self.not_by = Some(claimant);
        self
    }

    /// Only those that were open at this moment, and so are at least that old.
    #[must_use]
    pub const fn open_since(mut self, moment: DateTime<Utc>) -> Self {
        self.since = Some(moment);
        self
    }

    /// Looks at up to `limit` open claims: 1 to [`MAX_PAGE`](crate::record::MAX_PAGE); what lies outside
    /// is moved to the next end. A page has as many of them as are asked for.
    #[must_use]
    pub fn limit(mut self, limit: u16) -> Self {
        self.page = self.page.limit(limit);
        self
    }

    /// The page behind this recipient: [`Page::next`] of the page before.
    #[must_use]
    pub fn after(mut self, recipient: RecipientKey) -> Self {
        self.page = self.page.after(recipient);
        self
    }

    fn asks_for(&self, claim: &InDoubt) -> bool {
        self.by.is_none_or(|by| claim.by == by)
            && self.not_by.is_none_or(|by| claim.by != by)
            && self.since.is_none_or(|moment| claim.since <= moment)
    }
}

/// A page of the claims that are in doubt, by ascending recipient key.
///
/// A page may be empty and have a next one: the claims that were looked at were not asked for.
///
/// # Errors
///
/// The store failed.
pub async fn in_doubt<L: Ledger>(
    ledger: &L,
    tenant: TenantId,
    query: &InDoubtQuery,
) -> Result<Page<InDoubt, RecipientKey>, FlowError> {
    let page = ledger.claim_page(tenant, &query.page).await?;
    let claims = page.items.into_iter().map(|(recipient, claim)| InDoubt {
        recipient,
        by: claim.by(),
        since: claim.at(),
    });
    Ok(Page { items: claims.filter(|claim| query.asks_for(claim)).collect(), next: page.next })
}

impl SendRun {
    /// Claims what others left in doubt, and answers for each in order. Who is answered
    /// [`Claimed`](ClaimAnswer::Claimed) is to be sent to, **and may get the message twice**: only ever
    /// by somebody's decision, for recipients that were named or a page that was looked at.
    ///
    /// A claim goes over only from the claimant whose it was seen to be. Where it was settled, released
    /// or taken over by somebody else meanwhile, the answer is that of [`claim`](Self::claim): who was
    /// released is claimed, and gets the message once.
    ///
    /// [`InDoubt::since`] is not compared: a claimant who is still at work, and has released this
    /// recipient and claimed it again since, loses the new claim as he would have lost the old one. That
    /// its claimant works no more is for the host to know.
    ///
    /// # Errors
    ///
    /// The store failed. Some may have been taken over; the same call again answers
    /// [`Own`](ClaimAnswer::Own) for those.
    pub async fn take_over<S: Store + Ledger>(
        &self,
        store: &S,
        claims: &[InDoubt],
        now: DateTime<Utc>,
    ) -> Result<Answers<ClaimAnswer>, FlowError> {
        let mut firsts = HashMap::new();
        let mut answers = Vec::with_capacity(claims.len());
        for part in claims.chunks(Self::BATCH) {
            let mut known: Vec<_> = part
                .iter()
                .map(|claim| {
                    let own = ClaimAnswer::Own { since: claim.since };
                    (claim.by == self.by).then_some(own)
                })
                .collect();
            let places = answers.len()..;
            repeated(&mut firsts, places.zip(part.iter().map(|c| &c.recipient)), &mut known);
            answers.extend(self.take_over_part(store, part, known, now).await?);
        }
        Ok(Answers::new(answers))
    }

    async fn take_over_part<S: Store>(
        &self,
        store: &S,
        claims: &[InDoubt],
        mut known: Vec<Option<ClaimAnswer>>,
        now: DateTime<Utc>,
    ) -> Result<Vec<ClaimAnswer>, FlowError> {
        let open = claims.iter().zip(&mut known).filter(|(_, answer)| answer.is_none());
        let (changes, places): (Vec<_>, Vec<_>) = open
            .map(|(claim, answer)| {
                let (id, from) = (self.send(&claim.recipient), claim.by);
                (Change::TakeOver { id, from, by: self.by, at: now }, answer)
            })
            .unzip();
        let ended = apply(store, self.tenant, &changes).await?;
        for (answer, end) in places.into_iter().zip(ended) {
            *answer = match end {
                Ended::Applied => Some(ClaimAnswer::Claimed),
                Ended::Found(Some(claim)) => Some(ClaimAnswer::of(&claim, self.by)),
                // Released: nobody has it.
                Ended::Found(None) => None,
            };
        }
        let recipients: Vec<_> = claims.iter().map(|claim| claim.recipient.clone()).collect();
        self.take(store, &recipients, known, now).await
    }
}
