//! How far does a format reach? Counters from sequence numbers, and when tokens come again.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::error::RenderError;
use super::format::{Designator, TokenFormat};
use super::tracking_token::TrackingToken;
use crate::settings::TokenTracking;

/// Where does a counter go on that has reached its maximum?
///
/// ```
/// use correspond::token::{CounterRestart, TokenFormat, TokenPlan};
///
/// let format = TokenFormat::default();
/// let zero = TokenPlan::new(&format);
/// assert_eq!([998, 999, 1000, 1001].map(|n| zero.counter(n)), [998, 999, 0, 1]);
/// let one = zero.restart(CounterRestart::One);
/// assert_eq!([998, 999, 1000, 1001].map(|n| one.counter(n)), [998, 999, 1, 2]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "what is documented and what was observed")]
pub enum CounterRestart {
    /// At 0, as the product's documents say: ... 998, 999, 000, 001.
    #[default]
    Zero,
    /// At 1, as the product's databases were seen to do: ... 998, 999, 001, 002.
    One,
}

/// What becomes of a user number that needs more digits than the format has?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "a yes or no with better names")]
pub enum UserNumberOverflow {
    /// No token is made, and the error says which setting to change.
    #[default]
    Refuse,
    /// Its last digits are printed, as the product's settings dialog does: users whose numbers agree
    /// in them share their tokens, and an answer may reach the wrong one's conversation.
    Wrap,
}

/// How the tokens of one deployment are numbered: from the n-th mail of a sender to its token, and
/// how soon tokens come again.
///
/// A sender's mails are numbered 1, 2, 3 ... without end; that number is the sequence's. The counter
/// that is printed starts anew behind its maximum, so every token comes again after
/// [`capacity`](Self::capacity) mails of its sender.
///
/// ```
/// use std::num::NonZeroU32;
/// use correspond::token::{Designator, TokenFormat, TokenPlan};
///
/// let format: TokenFormat = "CRM:/500/3/3".parse()?;
/// let plan = TokenPlan::new(&format);
/// assert_eq!(plan.token(Designator::Online, 1, 1)?.as_str(), "CRM:0501001");
/// assert_eq!(plan.token(Designator::Online, 1, 1000)?.as_str(), "CRM:0501000");
/// assert_eq!(plan.capacity().get(), 1000);
/// // An automated sender repeats itself every other day: time for more digits.
/// assert_eq!(plan.days_to_repeat(NonZeroU32::new(500).unwrap()), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenPlan<'a> {
    format: &'a TokenFormat,
    max: NonZeroU32,
    restart: CounterRestart,
    overflow: UserNumberOverflow,
}

impl<'a> TokenPlan<'a> {
    /// How many numbers are leased together where the counter has room: see
    /// [`lease`](Self::lease).
    ///
    /// A lease of 64 leaves 1.6 % of the cost of writing a number durably to each token; doubling it
    /// would save another 0.8 % of that cost and lose twice as many numbers with a process that ends.
    pub const PREFERRED_LEASE: NonZeroU32 = NonZeroU32::MIN.saturating_add(63);

    /// The plan of a format: all counters that its digits can print, restart at 0, and no token for a
    /// user number that is too wide.
    #[must_use]
    pub fn new(format: &'a TokenFormat) -> Self {
        Self {
            format,
            max: highest(format),
            restart: CounterRestart::Zero,
            overflow: UserNumberOverflow::Refuse,
        }
    }

    /// The plan of the live format, the first of the list; `None` where tokens are off or there is no
    /// format.
    #[must_use]
    pub fn of(settings: &'a TokenTracking) -> Option<Self> {
        let format = settings.formats.first().filter(|_| settings.enabled)?;
        let plan = Self::new(format).restart(settings.restart).overflow(settings.overflow);
        Some(settings.max_counter.map_or(plan, |max| plan.max_counter(max)))
    }

    /// The same with this highest counter (`organization.maximumtrackingnumber`, which the product's
    /// screen fills with nines and its interface with any number). The digits stay the format's; of a
    /// number that they cannot print, as many nines as they can are left.
    #[must_use]
    pub fn max_counter(mut self, max: NonZeroU32) -> Self {
        self.max = max.min(highest(self.format));
        self
    }

    /// The same with another restart.
    #[must_use]
    pub const fn restart(mut self, restart: CounterRestart) -> Self {
        self.restart = restart;
        self
    }

    /// The same with another answer to user numbers that are too wide.
    #[must_use]
    pub const fn overflow(mut self, overflow: UserNumberOverflow) -> Self {
        self.overflow = overflow;
        self
    }

    /// How many mails of one sender have unlike tokens: 1,000 with three digits and a restart at 0,
    /// 999 with one at 1.
    #[must_use]
    pub const fn capacity(&self) -> NonZeroU32 {
        match self.restart {
            CounterRestart::Zero => self.max.saturating_add(1),
            CounterRestart::One => self.max,
        }
    }

    /// The counter that is printed for the sender's mail with this number, 1, 2, 3 ...
    #[must_use]
    pub fn counter(&self, number: u64) -> u32 {
        let max = u64::from(self.max.get());
        let counter = match self.restart {
            CounterRestart::Zero => number % (max + 1),
            CounterRestart::One => number.saturating_sub(1) % max + 1,
        };
        // A remainder by a u32 is one.
        u32::try_from(counter).unwrap_or(u32::MAX)
    }

    /// The token of the sender's mail with this number; `user` is the user's own number, without the
    /// base.
    ///
    /// ```
    /// use correspond::token::{Designator, TokenFormat, TokenPlan, UserNumberOverflow};
    ///
    /// let format = TokenFormat::default();
    /// let plan = TokenPlan::new(&format);
    /// assert_eq!(
    ///     plan.token(Designator::Online, 1001, 1).unwrap_err().to_string(),
    ///     "user number: expected at most 3 digits, found 1001 (base 0 + user 1001): \
    ///      raise the digits of the user number to 4, or lower the base"
    /// );
    /// let wrapping = plan.overflow(UserNumberOverflow::Wrap);
    /// assert_eq!(wrapping.token(Designator::Online, 1001, 1)?.as_str(), "CRM:0001001");
    /// # Ok::<(), correspond::token::RenderError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Base + `user` has more digits than the format, and the plan refuses that.
    pub fn token(
        &self,
        designator: Designator,
        user: u32,
        number: u64,
    ) -> Result<TrackingToken, RenderError> {
        let counter = self.counter(number);
        match self.overflow {
            UserNumberOverflow::Refuse => self.format.render(designator, user, counter),
            UserNumberOverflow::Wrap => self.format.render_wrapping(designator, user, counter),
        }
    }

    /// How many numbers of one sender a process may hold unused: one in 256 of the
    /// [`capacity`](Self::capacity), and one at least. What is held is used late or never, and brings
    /// the repeat of a token nearer by as much.
    #[must_use]
    pub fn most_held(&self) -> NonZeroU32 {
        NonZeroU32::new(self.capacity().get() / 256).unwrap_or(NonZeroU32::MIN)
    }

    /// How many numbers are leased together at most, where `preferred` are wished for: 3 with three
    /// digits of counter, 1 with fewer.
    ///
    /// ```
    /// use correspond::token::{TokenFormat, TokenPlan};
    ///
    /// for (digits, lease) in [(1, 1), (2, 1), (3, 3), (4, 39), (5, 64), (9, 64)] {
    ///     let format = TokenFormat::builder().counter_digits(digits).build()?;
    ///     assert_eq!(TokenPlan::new(&format).lease(TokenPlan::PREFERRED_LEASE).get(), lease);
    /// }
    /// # Ok::<(), correspond::token::TokenFormatError>(())
    /// ```
    #[must_use]
    pub fn lease(&self, preferred: NonZeroU32) -> NonZeroU32 {
        preferred.min(self.most_held())
    }

    /// How many mails of a sender lie at least between two with the same token, where so many
    /// `processes` share the sender's mail evenly and lease so many numbers together.
    ///
    /// One process uses its numbers in their order: a token comes again after
    /// [`capacity`](Self::capacity) mails. Several overtake each other by a lease each, on the first
    /// use and on the second: twice (`processes` - 1) x `lease` mails fewer. Where processes have
    /// unlike shares of the mail, a slow one is overtaken by more; it therefore gives up a lease that
    /// has grown old.
    ///
    /// ```
    /// use std::num::NonZeroU32;
    /// use correspond::token::{TokenFormat, TokenPlan};
    ///
    /// let format = TokenFormat::builder().counter_digits(5).build()?;
    /// let plan = TokenPlan::new(&format);
    /// let processes = |n| NonZeroU32::new(n).unwrap();
    /// let lease = plan.lease(TokenPlan::PREFERRED_LEASE);
    /// assert_eq!(plan.repeat_distance(processes(1), lease), 100_000);
    /// assert_eq!(plan.repeat_distance(processes(4), lease), 99_616);
    /// # Ok::<(), correspond::token::TokenFormatError>(())
    /// ```
    #[must_use]
    pub const fn repeat_distance(&self, processes: NonZeroU32, lease: NonZeroU32) -> u32 {
        let overtaken = (processes.get() - 1).saturating_mul(lease.get()).saturating_mul(2);
        self.capacity().get().saturating_sub(overtaken)
    }

    /// After how many whole days a sender of so many mails a day uses a token again. Conversations
    /// that stay open for longer get the answers of others.
    #[must_use]
    pub const fn days_to_repeat(&self, mails_per_day: NonZeroU32) -> u32 {
        self.capacity().get() / mails_per_day.get()
    }

    /// The odds that a stranger hits a conversation with one guess, knowing the sender's number and
    /// guessing the counter, where so many of the sender's conversations are open: 0 to 1.
    ///
    /// ```
    /// use correspond::token::{TokenFormat, TokenPlan};
    ///
    /// let format = TokenFormat::default();
    /// assert_eq!(TokenPlan::new(&format).guess_odds(250), 0.25);
    /// ```
    #[must_use]
    pub fn guess_odds(&self, open: u32) -> f64 {
        let capacity = self.capacity().get();
        f64::from(open.min(capacity)) / f64::from(capacity)
    }
}

/// Ten times a digit is at least 10, so there is always a highest counter above 0.
fn highest(format: &TokenFormat) -> NonZeroU32 {
    NonZeroU32::new(format.max_counter()).unwrap_or(NonZeroU32::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(number: u32) -> NonZeroU32 {
        NonZeroU32::new(number).unwrap()
    }

    #[test]
    fn a_maximum_between_nines_restarts_there_and_keeps_its_digits() {
        let format: TokenFormat = "CRM:/0/3/4".parse().unwrap();
        let plan = TokenPlan::new(&format).max_counter(some(5000));
        assert_eq!([5000, 5001, 5002].map(|n| plan.counter(n)), [5000, 0, 1]);
        assert_eq!(plan.token(Designator::Online, 1, 7).unwrap().as_str(), "CRM:00010007");
        assert_eq!(plan.capacity(), some(5001));
        let wider = plan.max_counter(some(10_000));
        assert_eq!(wider.capacity(), some(10_000), "9999, and 0");
        let one = plan.restart(CounterRestart::One);
        assert_eq!([1, 5000, 5001].map(|n| one.counter(n)), [1, 5000, 1]);
        assert_eq!(one.capacity(), some(5000));
    }

    #[test]
    fn every_cycle_has_every_counter_once() {
        let format: TokenFormat = "X/0/1/2".parse().unwrap();
        for restart in [CounterRestart::Zero, CounterRestart::One] {
            let plan = TokenPlan::new(&format).max_counter(some(37)).restart(restart);
            let capacity = u64::from(plan.capacity().get());
            for start in [1, 5, 1000, u64::MAX - capacity] {
                let mut seen: Vec<_> = (start..start + capacity).map(|n| plan.counter(n)).collect();
                seen.sort_unstable();
                seen.dedup();
                assert_eq!(seen.len() as u64, capacity, "{restart:?} from {start}");
                assert_eq!(plan.counter(start), plan.counter(start.saturating_add(capacity)));
            }
        }
    }

    /// Processes take turns, each starting later than the one before by `stagger` mails; the least
    /// distance of equal counters in the order of use.
    fn least_distance(plan: &TokenPlan<'_>, processes: usize, lease: u64, stagger: usize) -> usize {
        let mut next = 1;
        let mut held = vec![0..0; processes];
        let mut last_use = vec![None; plan.capacity().get() as usize];
        let mut least = usize::MAX;
        for turn in 0..5 * plan.capacity().get() as usize {
            let started = (1 + turn / (stagger + 1)).min(processes);
            let numbers = &mut held[turn % started];
            if numbers.start == numbers.end {
                *numbers = next..next + lease;
                next += lease;
            }
            let counter = plan.counter(numbers.next().unwrap()) as usize;
            if let Some(before) = last_use[counter].replace(turn) {
                least = least.min(turn - before);
            }
        }
        least
    }

    #[test]
    fn repeats_are_as_far_apart_as_promised() {
        let format: TokenFormat = "X/0/1/3".parse().unwrap();
        let plan = TokenPlan::new(&format);
        let mut shrunk = false;
        for processes in [1, 2, 3, 4, 8] {
            for lease in [1, 2, 3, 16] {
                let promised = plan.repeat_distance(some(processes), some(lease)) as usize;
                for stagger in [0, 1, 2, 3, 7, 30, 100] {
                    let found = least_distance(&plan, processes as usize, lease.into(), stagger);
                    assert!(found >= promised, "{processes} x {lease} by {stagger}: {found}");
                    shrunk |= found < 1000;
                    assert!(processes > 1 || found == 1000, "one process keeps the order");
                }
            }
        }
        assert!(shrunk, "leases of several processes do cost distance");
    }

    #[test]
    fn off_is_no_plan() {
        let mut settings = TokenTracking::default();
        assert!(TokenPlan::of(&settings).is_some());
        settings.max_counter = NonZeroU32::new(99);
        settings.restart = CounterRestart::One;
        settings.overflow = UserNumberOverflow::Wrap;
        let plan = TokenPlan::of(&settings).unwrap();
        assert_eq!(plan.capacity(), some(99));
        assert!(plan.token(Designator::Online, 1001, 1).is_ok());
        settings.enabled = false;
        assert_eq!(TokenPlan::of(&settings), None);
        settings.enabled = true;
        settings.formats.clear();
        assert_eq!(TokenPlan::of(&settings), None);
    }
}
