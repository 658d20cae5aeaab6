//! The claims of one tenant.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use super::numbers::NumberTable;
use super::order::Order;
use crate::claim::{ClaimId, ClaimPageQuery, ClaimState, RecipientKey, SendClaim, SendScope};
use crate::record::Page;

/// Claims by scope.
#[derive(Debug, Default)]
pub(super) struct Claims {
    scopes: HashMap<SendScope, Scope>,
    len: usize,
}

/// The claims of one scope: rows by number, and numbers by recipient.
#[derive(Debug, Default)]
struct Scope {
    rows: Vec<Option<Row>>,
    free: Vec<u32>,
    recipients: NumberTable,
    /// Recipients are what strangers write: their hashes are keyed.
    hasher: RandomState,
    /// By recipient. The two states apart, so that those in doubt are found among millions sent.
    open: Order,
    sent: Order,
}

#[derive(Debug)]
struct Row {
    recipient: RecipientKey,
    claim: SendClaim,
}

impl Claims {
    /// They are numbered within their scope by less than 32 bits.
    const MAX_CLAIMS: usize = 1 << 31;

    pub(super) fn get(&self, scope: &SendScope, recipient: &RecipientKey) -> Option<SendClaim> {
        self.scopes.get(scope)?.get(recipient)
    }

    pub(super) fn get_all(
        &self,
        scope: &SendScope,
        recipients: &[RecipientKey],
    ) -> Vec<Option<SendClaim>> {
        let scope = self.scopes.get(scope);
        recipients.iter().map(|recipient| scope?.get(recipient)).collect()
    }

    pub(super) fn page(
        &self,
        query: &ClaimPageQuery,
    ) -> Page<(RecipientKey, SendClaim), RecipientKey> {
        let scope = self.scopes.get(query.scope());
        let items = scope.map_or_else(Vec::new, |scope| scope.page(query));
        Page::new(items, query.page_limit(), |(recipient, _)| recipient.clone())
    }

    #[cfg(test)]
    pub(super) fn scopes(&self) -> impl Iterator<Item = &SendScope> {
        self.scopes.keys()
    }

    /// Can so many more claims be numbered?
    pub(super) const fn has_room(&self, claims: usize) -> bool {
        self.len.saturating_add(claims) <= Self::MAX_CLAIMS
    }

    /// Adds a claim of a send that nobody has claimed, where there [is room](Self::has_room).
    pub(super) fn add(&mut self, id: ClaimId, claim: SendClaim) {
        self.scopes.entry(id.scope).or_default().add(id.recipient, claim);
        self.len += 1;
    }

    /// Changes the claim that there is.
    pub(super) fn change(&mut self, id: &ClaimId, claim: SendClaim) {
        if let Some(scope) = self.scopes.get_mut(&id.scope) {
            scope.change(&id.recipient, claim);
        }
    }

    /// Gives a send back. What was kept of it is left to the caller to drop.
    pub(super) fn remove(&mut self, id: &ClaimId) -> Option<RecipientKey> {
        let scope = self.scopes.get_mut(&id.scope)?;
        let gone = scope.remove(&id.recipient)?;
        self.len -= 1;
        if scope.open.is_empty() && scope.sent.is_empty() {
            self.scopes.remove(&id.scope);
        }
        Some(gone)
    }
}

impl Scope {
    fn row(&self, number: u32) -> Option<&Row> {
        self.rows.get(number as usize)?.as_ref()
    }

    fn get(&self, recipient: &RecipientKey) -> Option<SendClaim> {
        self.row(self.number(recipient)?).map(|row| row.claim)
    }

    fn number(&self, recipient: &RecipientKey) -> Option<u32> {
        let is = |number| self.row(number).is_some_and(|row| row.recipient == *recipient);
        self.recipients.find(self.hasher.hash_one(recipient), is)
    }

    fn page(&self, query: &ClaimPageQuery) -> Vec<(RecipientKey, SendClaim)> {
        let mut open = self.in_state(ClaimState::Open, query).peekable();
        let mut sent = self.in_state(ClaimState::Sent, query).peekable();
        let next = || match (open.peek(), sent.peek()) {
            (Some(one), Some(other)) if one.recipient > other.recipient => sent.next(),
            (None, _) => sent.next(),
            (Some(_), _) => open.next(),
        };
        let rows = std::iter::from_fn(next).take(usize::from(query.page_limit()));
        rows.map(|row| (row.recipient.clone(), row.claim)).collect()
    }

    /// The claims of the page and of those behind it in this state, by recipient.
    fn in_state(&self, state: ClaimState, query: &ClaimPageQuery) -> impl Iterator<Item = &Row> {
        let order = match state {
            ClaimState::Open => &self.open,
            ClaimState::Sent => &self.sent,
        };
        let asked = query.state().is_none_or(|asked| asked == state);
        let numbers = asked.then(|| {
            order.behind(|number| {
                query.start().is_some_and(|start| compare(&self.rows, number, start).is_le())
            })
        });
        numbers.into_iter().flatten().filter_map(|number| self.row(number))
    }

    fn change(&mut self, recipient: &RecipientKey, claim: SendClaim) {
        let Some(number) = self.number(recipient) else { return };
        if let Some(Some(row)) = self.rows.get_mut(number as usize) {
            let from = row.claim.state();
            row.claim = claim;
            self.reorder(number, Some(from), Some(claim.state()));
        }
    }

    fn add(&mut self, recipient: RecipientKey, claim: SendClaim) {
        let free = self.free.pop();
        let new = || u32::try_from(self.rows.len()).ok();
        let Some(number) = free.map_or_else(new, Some) else { return };
        let (rows, hasher) = (&self.rows, &self.hasher);
        self.recipients.reserve(number, || {
            let rows = rows.iter().zip(0..);
            rows.filter_map(|(row, number)| {
                Some((hasher.hash_one(&row.as_ref()?.recipient), number))
            })
        });
        self.recipients.insert(hasher.hash_one(&recipient), number);
        let row = Some(Row { recipient, claim });
        match self.rows.get_mut(number as usize) {
            Some(free) => *free = row,
            None => self.rows.push(row),
        }
        self.reorder(number, None, Some(claim.state()));
    }

    fn remove(&mut self, recipient: &RecipientKey) -> Option<RecipientKey> {
        let number = self.number(recipient)?;
        let state = self.row(number)?.claim.state();
        self.reorder(number, Some(state), None);
        let (rows, hasher) = (&self.rows, &self.hasher);
        let hash = |number: u32| {
            let row = rows.get(number as usize).and_then(Option::as_ref);
            row.map_or(0, |row| hasher.hash_one(&row.recipient))
        };
        self.recipients.remove(hasher.hash_one(recipient), number, hash);
        self.free.push(number);
        self.rows.get_mut(number as usize)?.take().map(|row| row.recipient)
    }

    /// Moves a number from the order of one state to that of another.
    fn reorder(&mut self, number: u32, from: Option<ClaimState>, to: Option<ClaimState>) {
        if from == to {
            return;
        }
        let Self { rows, open, sent, .. } = self;
        let Some(Some(row)) = rows.get(number as usize) else { return };
        let before = |other| compare(rows, other, &row.recipient).is_lt();
        match from {
            Some(ClaimState::Open) => open.remove(number, before),
            Some(ClaimState::Sent) => sent.remove(number, before),
            None => true,
        };
        match to {
            Some(ClaimState::Open) => open.insert(number, before),
            Some(ClaimState::Sent) => sent.insert(number, before),
            None => {}
        }
    }
}

/// How the recipient of a number compares to `recipient`.
fn compare(rows: &[Option<Row>], number: u32, recipient: &RecipientKey) -> Ordering {
    let row = rows.get(number as usize).and_then(Option::as_ref);
    row.map(|row| &row.recipient).cmp(&Some(recipient))
}
