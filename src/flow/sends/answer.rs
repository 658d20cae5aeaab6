//! What became of each recipient.

use chrono::{DateTime, Utc};

use crate::claim::{ClaimState, Claimant, SendClaim};

/// May this run send to a recipient?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "only who is `Claimed` may be sent to"]
#[non_exhaustive]
pub enum ClaimAnswer {
    /// Yes: nobody else may, from this call on.
    Claimed,
    /// No: the message went out.
    AlreadySent {
        /// Who sent it; this run, where it did so before.
        by: Claimant,
        /// When that was settled.
        at: DateTime<Utc>,
    },
    /// No: another claimant has it and has not said whether the message went out. Either he is still at
    /// work, or he is gone and nobody knows; the ledger cannot tell which. See
    /// [`SendRun::take_over`](super::SendRun::take_over).
    InDoubt {
        /// Whose claim it is.
        by: Claimant,
        /// Since when.
        since: DateTime<Utc>,
    },
    /// No: this run claimed it in an earlier call, and has neither settled nor released it. After a call
    /// that failed, it may be that one that claimed it.
    Own {
        /// Since when.
        since: DateTime<Utc>,
    },
    /// No: the same call names the recipient earlier, and answers there.
    Repeated {
        /// At which place, counted from 0.
        first: usize,
    },
}

impl ClaimAnswer {
    /// May it be sent?
    #[must_use]
    pub const fn is_claimed(self) -> bool {
        matches!(self, Self::Claimed)
    }

    /// What a claim means to the claimant who asks.
    pub(super) fn of(claim: &SendClaim, asking: Claimant) -> Self {
        let (by, at) = (claim.by(), claim.at());
        match claim.state() {
            ClaimState::Sent => Self::AlreadySent { by, at },
            ClaimState::Open if by == asking => Self::Own { since: at },
            ClaimState::Open => Self::InDoubt { by, since: at },
        }
    }
}

/// What became of a claim that was to be settled or released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a lost claim is news: the message may go out twice"]
#[non_exhaustive]
pub enum Closed {
    /// It is settled, or released.
    Done,
    /// It was before: by an earlier call, or an earlier place of the same call.
    Already,
    /// The claim is not this run's to close; an earlier place of the same call says so too.
    ///
    /// To be settled, so the message went out: somebody [took it over](super::SendRun::take_over) and
    /// may send, or has sent, the message a second time; where nothing was found, it was released, and
    /// whoever asks next may send it.
    ///
    /// To be released: somebody took it over, or it is settled. Nothing has to be done.
    Lost {
        /// The claim there is.
        found: Option<SendClaim>,
    },
}

/// An answer for each recipient, in the order in which they were named.
///
/// The compiler says where it is let fall:
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// use correspond::flow::sends::{Answers, Closed};
///
/// fn after(settled: Result<Answers<Closed>, String>) -> Result<(), String> {
///     settled?;
///     Ok(())
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "only who is `Claimed` may be sent to, and a claim that is `Lost` may go out twice"]
pub struct Answers<A>(Vec<A>);

impl<A> Answers<A> {
    pub(super) const fn new(answers: Vec<A>) -> Self {
        Self(answers)
    }

    /// As many as there were recipients.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Was nobody named?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One after the other.
    pub fn iter(&self) -> std::slice::Iter<'_, A> {
        self.0.iter()
    }

    /// All of them.
    #[must_use]
    pub const fn as_slice(&self) -> &[A] {
        self.0.as_slice()
    }
}

impl Answers<ClaimAnswer> {
    /// How many got which.
    #[must_use]
    pub fn counts(&self) -> SendCounts {
        self.iter().collect()
    }
}

impl Answers<Closed> {
    /// The places, counted from 0, whose claim was not this run's any more, and the claim that was found
    /// there.
    pub fn lost(&self) -> impl Iterator<Item = (usize, Option<SendClaim>)> + '_ {
        self.iter().enumerate().filter_map(|(place, closed)| match closed {
            Closed::Lost { found } => Some((place, *found)),
            _ => None,
        })
    }
}

impl<A> IntoIterator for Answers<A> {
    type Item = A;
    type IntoIter = std::vec::IntoIter<A>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, A> IntoIterator for &'a Answers<A> {
    type Item = &'a A;
    type IntoIter = std::slice::Iter<'a, A>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<A: PartialEq, const N: usize> PartialEq<[A; N]> for Answers<A> {
    fn eq(&self, other: &[A; N]) -> bool {
        self.0 == other
    }
}

/// How many recipients got which answer. The sums of several runs add up.
///
/// ```
/// use correspond::flow::sends::{ClaimAnswer, SendCounts};
///
/// let answers = [ClaimAnswer::Claimed, ClaimAnswer::Repeated { first: 0 }];
/// let counts: SendCounts = answers.iter().collect();
/// assert_eq!((counts.claimed, counts.repeated, counts.total()), (1, 1, 2));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SendCounts {
    /// [`Claimed`](ClaimAnswer::Claimed).
    pub claimed: u64,
    /// [`AlreadySent`](ClaimAnswer::AlreadySent).
    pub already_sent: u64,
    /// [`InDoubt`](ClaimAnswer::InDoubt).
    pub in_doubt: u64,
    /// [`Repeated`](ClaimAnswer::Repeated).
    pub repeated: u64,
    /// The run's [`Own`](ClaimAnswer::Own) of an earlier call or part. Where that was another segment, it
    /// is in doubt as those of others are.
    pub own: u64,
}

impl SendCounts {
    /// Counts one more.
    pub const fn add(&mut self, answer: &ClaimAnswer) {
        let count = match answer {
            ClaimAnswer::Claimed => &mut self.claimed,
            ClaimAnswer::AlreadySent { .. } => &mut self.already_sent,
            ClaimAnswer::InDoubt { .. } => &mut self.in_doubt,
            ClaimAnswer::Repeated { .. } => &mut self.repeated,
            ClaimAnswer::Own { .. } => &mut self.own,
        };
        *count = count.saturating_add(1);
    }

    /// The recipients that were asked for.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.claimed
            .saturating_add(self.already_sent)
            .saturating_add(self.in_doubt)
            .saturating_add(self.repeated)
            .saturating_add(self.own)
    }
}

impl std::ops::AddAssign for SendCounts {
    fn add_assign(&mut self, other: Self) {
        self.claimed = self.claimed.saturating_add(other.claimed);
        self.already_sent = self.already_sent.saturating_add(other.already_sent);
        self.in_doubt = self.in_doubt.saturating_add(other.in_doubt);
        self.repeated = self.repeated.saturating_add(other.repeated);
        self.own = self.own.saturating_add(other.own);
    }
}

impl<'a> Extend<&'a ClaimAnswer> for SendCounts {
    fn extend<I: IntoIterator<Item = &'a ClaimAnswer>>(&mut self, answers: I) {
        answers.into_iter().for_each(|answer| self.add(answer));
    }
}

impl<'a> FromIterator<&'a ClaimAnswer> for SendCounts {
    fn from_iter<I: IntoIterator<Item = &'a ClaimAnswer>>(answers: I) -> Self {
        let mut counts = Self::default();
        counts.extend(answers);
        counts
    }
}
