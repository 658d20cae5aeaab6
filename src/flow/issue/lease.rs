//! Numbers that a process holds to hand out.

use std::collections::{HashMap, VecDeque};
use std::num::NonZeroU32;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::flow::FlowError;
use crate::id::{RecordId, TenantId};
use crate::store::Block;
use crate::token::TokenPlan;

/// A lease that was taken longer ago is given up: by then others may be a whole cycle ahead.
pub(super) const LIFETIME: TimeDelta = TimeDelta::hours(1);

/// Whatever the format, no process holds more numbers of one sender.
const MOST_HELD: u32 = 4096;

/// Which sender's numbers.
pub(super) type SenderKey = (TenantId, RecordId);

/// The numbers of many senders, bounded: of the senders that were longest out of use the numbers are
/// forgotten, which leaves gaps.
#[derive(Debug)]
pub(super) struct Leases {
    senders: Mutex<Senders>,
}

/// Two generations: who is used again moves to the young ones; when these are half of all, the old
/// ones are forgotten and the young ones grow old.
#[derive(Debug)]
struct Senders {
    half: usize,
    young: HashMap<SenderKey, Held>,
    old: HashMap<SenderKey, Held>,
}

/// What is known of a sender.
#[derive(Debug)]
struct Held {
    user: u32,
    leases: VecDeque<Lease>,
    /// How many numbers were last wished for, and when.
    pace: Option<(u32, DateTime<Utc>)>,
    /// Numbers asked for and not yet answered.
    in_flight: u32,
    /// The highest number that the store handed out to this process.
    highest: u64,
}

#[derive(Debug)]
struct Lease {
    numbers: Range<u64>,
    taken: DateTime<Utc>,
}

/// What there is for a sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The user's number, and the number of the mail.
    Number(u32, u64),
    /// The user's number; numbers for mails have to be fetched.
    User(u32),
    /// Nothing.
    Unknown,
}

impl Leases {
    pub(super) fn new(senders: usize) -> Self {
        let half = (senders / 2).max(1);
        Self { senders: Mutex::new(Senders { half, young: HashMap::new(), old: HashMap::new() }) }
    }

    /// The next number of the sender, where there is one.
    pub(super) fn take(&self, key: SenderKey, plan: &TokenPlan<'_>, now: DateTime<Utc>) -> Found {
        let mut senders = self.lock();
        let Some(held) = senders.get(key) else { return Found::Unknown };
        while let Some(lease) = held.leases.front_mut() {
            let left = lease.numbers.end - lease.numbers.start;
            // The counter may have been narrowed since.
            let fits = left <= u64::from(plan.most_held().get());
            let number = lease.numbers.next().filter(|_| fits && is_recent(lease.taken, now));
            match number {
                Some(number) => return Found::Number(held.user, number),
                None => held.leases.pop_front(),
            };
        }
        Found::User(held.user)
    }

    /// Makes ready to fetch numbers of the sender, whose user number is `user`.
    ///
    /// Wishes for one number first and doubles with every fetch within the lifetime of a lease, up to
    /// `preferred`: who sends one mail a day, or from a process that ends after each, loses nothing.
    /// All that is held and asked for stays within [`TokenPlan::most_held`]; a caller beyond fetches
    /// the one number that it needs.
    pub(super) fn ask(
        &self,
        key: SenderKey,
        user: u32,
        (plan, preferred): (&TokenPlan<'_>, NonZeroU32),
        now: DateTime<Utc>,
    ) -> Fetch<'_> {
        let mut senders = self.lock();
        let held = senders.get_or_insert(key, user);
        let wish = match held.pace {
            None => 1,
            Some((last, at)) if is_recent(at, now) => last.saturating_mul(2),
            Some((last, _)) => last / 2,
        };
        let wish = wish.clamp(1, plan.lease(preferred).get());
        held.pace = Some((wish, now));
        let unused: u64 = held.leases.iter().map(|l| l.numbers.end - l.numbers.start).sum();
        let unused = u32::try_from(unused).unwrap_or(u32::MAX).saturating_add(held.in_flight);
        let room = plan.most_held().get().min(MOST_HELD).saturating_sub(unused);
        let len = NonZeroU32::new(wish.min(room)).unwrap_or(NonZeroU32::MIN);
        held.in_flight = held.in_flight.saturating_add(len.get());
        Fetch { leases: self, key, len, above: held.highest, now }
    }

    // No code that can panic runs under the lock.
    fn lock(&self) -> MutexGuard<'_, Senders> {
        self.senders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A clock that was set back makes nothing old.
fn is_recent(then: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now.signed_duration_since(then) <= LIFETIME
}

impl Senders {
    fn get(&mut self, key: SenderKey) -> Option<&mut Held> {
        if !self.young.contains_key(&key)
            && let Some(held) = self.old.remove(&key)
        {
            self.insert(key, held);
        }
        self.young.get_mut(&key)
    }

    fn get_or_insert(&mut self, key: SenderKey, user: u32) -> &mut Held {
        if self.get(key).is_none() {
            self.insert(key, Held::new(user));
        }
        self.young.entry(key).or_insert_with(|| Held::new(user))
    }

    fn insert(&mut self, key: SenderKey, held: Held) {
        if self.young.len() >= self.half {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, held);
    }
}

impl Held {
    fn new(user: u32) -> Self {
        Self { user, leases: VecDeque::new(), pace: None, in_flight: 0, highest: 0 }
    }
}

/// Numbers under way from the store. Dropped without an answer, it only makes room again.
#[derive(Debug)]
#[must_use]
pub(super) struct Fetch<'a> {
    leases: &'a Leases,
    key: SenderKey,
    len: NonZeroU32,
    /// What was handed out before the store was asked; it must answer with more.
    above: u64,
    now: DateTime<Utc>,
}

impl Fetch<'_> {
    /// How many to ask the store for.
    pub(super) const fn len(&self) -> NonZeroU32 {
        self.len
    }

    /// Takes the first number for the caller and keeps the others.
    pub(super) fn keep(self, block: Block) -> Result<u64, FlowError> {
        let (first, len) = (block.first(), block.len());
        let wrong = || FlowError::broken_sequence(self.above, self.len, block);
        let end = first.checked_add(u64::from(len.get())).ok_or_else(wrong)?;
        if first <= self.above || len != self.len {
            return Err(wrong());
        }
        let mut senders = self.leases.lock();
        if let Some(held) = senders.get(self.key) {
            // Two fetches at a time may end in either order, but not with the same numbers.
            let meets = |l: &Lease| l.numbers.start < end && first < l.numbers.end;
            if held.leases.iter().any(meets) {
                return Err(wrong());
            }
            held.highest = held.highest.max(end - 1);
            if first + 1 < end {
                held.leases.push_back(Lease { numbers: first + 1..end, taken: self.now });
            }
        }
        Ok(first)
    }
}

impl Drop for Fetch<'_> {
    fn drop(&mut self) {
        // A sender that was forgotten meanwhile and came back may be charged too little; then it
        // holds somewhat more than it should, and no number twice.
        if let Some(held) = self.leases.lock().get(self.key) {
            held.in_flight = held.in_flight.saturating_sub(self.len.get());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::TokenFormat;

    const KEY: SenderKey = (TenantId::new(1), RecordId::new(7));

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn format(digits: u8) -> TokenFormat {
        TokenFormat::builder().counter_digits(digits).build().unwrap()
    }

    /// A sequence and the leases from it.
    struct Table {
        leases: Leases,
        next: u64,
        fetched: Vec<u32>,
    }

    impl Table {
        fn new() -> Self {
            Self { leases: Leases::new(8), next: 1, fetched: Vec::new() }
        }

        fn block(&mut self, len: NonZeroU32) -> Block {
            let block = Block::new(self.next, len);
            self.next += u64::from(len.get());
            self.fetched.push(len.get());
            block
        }

        fn number(&mut self, format: &TokenFormat, minutes: i64) -> u64 {
            let plan = TokenPlan::new(format);
            if let Found::Number(_, number) = self.leases.take(KEY, &plan, at(minutes)) {
                return number;
            }
            let leases = std::mem::replace(&mut self.leases, Leases::new(2));
            let wish = (&plan, TokenPlan::PREFERRED_LEASE);
            let fetch = leases.ask(KEY, 1, wish, at(minutes));
            let number = fetch.len();
            let number = fetch.keep(self.block(number)).unwrap();
            self.leases = leases;
            number
        }
    }

    #[test]
    fn leases_grow_with_use_and_end_at_a_256th() {
        let (mut table, nine) = (Table::new(), format(9));
        let numbers: Vec<_> = (0..300).map(|_| table.number(&nine, 0)).collect();
        assert_eq!(numbers, (1..=300).collect::<Vec<_>>(), "in order, without a gap");
        assert_eq!(table.fetched, [1, 2, 4, 8, 16, 32, 64, 64, 64, 64]);

        for (digits, lease) in [(1, 1), (2, 1), (3, 3), (4, 39)] {
            let (mut table, format) = (Table::new(), format(digits));
            for _ in 0..300 {
                table.number(&format, 0);
            }
            assert_eq!(table.fetched.iter().max(), Some(&lease), "{digits} digits");
        }
    }

    #[test]
    fn who_sends_seldom_loses_no_numbers() {
        let (mut table, five) = (Table::new(), format(5));
        let numbers: Vec<_> = (0..50).map(|day| table.number(&five, day * 24 * 60)).collect();
        assert_eq!(numbers, (1..=50).collect::<Vec<_>>());
    }

    #[test]
    fn an_old_lease_is_given_up() {
        let (mut table, five) = (Table::new(), format(5));
        for _ in 0..8 {
            table.number(&five, 0);
        }
        assert_eq!((table.number(&five, 60), table.next), (9, 16), "just an hour old");
        assert_eq!(table.number(&five, 61), 16, "10 to 15 are a gap");
        assert_eq!(table.fetched, [1, 2, 4, 8, 4], "and fewer are fetched");
        assert_eq!(table.number(&five, -600), 17, "a clock that was set back changes nothing");
    }

    #[test]
    fn a_narrower_counter_gives_long_leases_up() {
        let mut table = Table::new();
        for _ in 0..8 {
            table.number(&format(9), 0);
        }
        assert_eq!(table.number(&format(9), 0), 9);
        assert_eq!(table.number(&format(3), 0), 16, "six left of a lease that may be three");
    }

    #[test]
    fn all_that_is_held_and_asked_for_stays_within_a_256th() {
        let leases = Leases::new(8);
        let five = format(5);
        let plan = TokenPlan::new(&five);
        let ask = || leases.ask(KEY, 1, (&plan, TokenPlan::PREFERRED_LEASE), at(0));
        let fetches: Vec<_> = (0..20).map(|_| ask()).collect();
        let lens: Vec<_> = fetches.iter().map(|fetch| fetch.len().get()).collect();
        assert_eq!(lens[..12], [1, 2, 4, 8, 16, 32, 64, 64, 64, 64, 64, 7]);
        assert!(lens[12..].iter().all(|len| *len == 1), "{lens:?}");
        drop(fetches);
        assert_eq!(ask().len().get(), 64, "who gave up makes room again");
    }

    #[test]
    fn two_fetches_at_a_time_lose_nothing_in_either_order() {
        for swapped in [false, true] {
            let leases = Leases::new(8);
            let nine = format(9);
            let plan = TokenPlan::new(&nine);
            let ask = || leases.ask(KEY, 1, (&plan, TokenPlan::PREFERRED_LEASE), at(0));
            let (_, one, two) = (ask().len(), ask(), ask());
            let (first, second) =
                (Block::new(1, one.len()), Block::new(1 + u64::from(one.len().get()), two.len()));
            let mut numbers = if swapped {
                vec![two.keep(second).unwrap(), one.keep(first).unwrap()]
            } else {
                vec![one.keep(first).unwrap(), two.keep(second).unwrap()]
            };
            while let Found::Number(1, number) = leases.take(KEY, &plan, at(0)) {
                numbers.push(number);
            }
            numbers.sort_unstable();
            assert_eq!(numbers, (1..=6).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_sequence_that_repeats_itself_is_noticed() {
        let nine = format(9);
        let plan = TokenPlan::new(&nine);
        let leases = Leases::new(8);
        let ask = || leases.ask(KEY, 1, (&plan, TokenPlan::PREFERRED_LEASE), at(0));
        let len = |n| NonZeroU32::new(n).unwrap();
        for (block, why) in [
            (Block::new(0, len(1)), "starts at 1"),
            (Block::new(1, len(2)), "longer"),
            (Block::new(u64::MAX, len(1)), "beyond the end"),
        ] {
            let fresh = Leases::new(8);
            let fetch = fresh.ask(KEY, 1, (&plan, TokenPlan::PREFERRED_LEASE), at(0));
            assert!(fetch.keep(block).is_err(), "{why}");
        }
        assert_eq!(ask().keep(Block::new(1, len(1))).unwrap(), 1);
        assert_eq!(
            ask().keep(Block::new(1, len(2))).unwrap_err().to_string(),
            "the store breaks its contract (C-SEQ-1, C-SEQ-2): asked for 2 numbers above 1, it \
             handed out 2 from 1 on"
        );
        let (one, two) = (ask(), ask());
        let (first, second) = (Block::new(2, one.len()), Block::new(3, two.len()));
        assert_eq!(one.keep(first).unwrap(), 2);
        assert!(two.keep(second).is_err(), "both were asked for at a time, and overlap");
    }

    #[test]
    fn the_table_is_bounded() {
        let leases = Leases::new(8);
        let nine = format(9);
        let plan = TokenPlan::new(&nine);
        for user in 0..1000 {
            let key = (TenantId::new(1), RecordId::new(user));
            let fetch = leases.ask(key, 1, (&plan, TokenPlan::PREFERRED_LEASE), at(0));
            drop(fetch);
            let _ = leases.take(KEY, &plan, at(0));
            let senders = leases.lock();
            assert!(senders.young.len() + senders.old.len() <= 8);
        }
        assert_eq!(leases.take(KEY, &plan, at(0)), Found::User(1), "what is in use stays");
        let gone = (TenantId::new(1), RecordId::new(1));
        assert_eq!(leases.take(gone, &plan, at(0)), Found::Unknown);
    }
}
