//! What becomes of a recipient.

use std::fmt;

/// A segment has fewer rows than this. More of them are split into several segments, by
/// [`Partition::of`](super::Partition::of).
pub const MAX_ROWS: u32 = u32::MAX - 1023;

/// What becomes of one row of a segment.
///
/// `Display` gives the reason in a few words, as a report has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// It gets the message.
    Send,
    /// Another row with the same key gets it.
    Duplicate {
        /// Which one, counted from 0.
        of: u32,
    },
    /// It must not get it, or cannot.
    Blocked(Block),
    /// The journey has stopped for this contact.
    Stopped(Stop),
    /// Its key belongs to another part of the segment, whose run decides
    /// ([`Deduplication::only`](super::Deduplication::only)).
    Elsewhere,
}

/// Why a recipient is blocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Block {
    /// The contact allows no email (column `contact.donotemail`).
    DoNotEmail,
    /// The contact allows no commercial email (column `contact.donotbulkemail`).
    DoNotBulkEmail,
    /// Mail to the address came back for good.
    Bounced,
    /// The contact or its address is on a list of those who get nothing, as a suppression segment is.
    Excluded,
    /// The address got this message in an earlier run.
    AlreadySent,
    /// There is no address. Two contacts without one are no duplicates of each other.
    NoAddress,
    /// What stands in the address field is none, or is more than one:
    /// [`Recipient::read_address`](super::Recipient::read_address) says what is wrong with it. Or it is
    /// one that the [rules](super::Deduplication::address_rules) refuse.
    InvalidAddress,
    /// A reason of the host.
    Host(u8),
}

/// Why the journey has stopped for a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Stop {
    /// Its consent is below the minimum.
    ConsentLevel,
    /// A reason of the host.
    Host(u8),
}

/// Why a recipient gets nothing, whoever else is in the segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the two numbers that are taken off a segment")]
pub enum Suppressed {
    /// It counts as blocked.
    Blocked(Block),
    /// It counts as stopped.
    Stopped(Stop),
}

impl Outcome {
    /// Does it get the message?
    #[must_use]
    pub const fn is_send(self) -> bool {
        matches!(self, Self::Send)
    }

    /// Does the contact go on to the next step of its journey? Whoever is blocked or loses to a
    /// duplicate does, as the product documents, unless an exit trigger of the journey says otherwise
    /// (`exit_on_block`). Whoever is stopped stays where he is. `None` where another part of the segment
    /// decides ([`Elsewhere`](Self::Elsewhere)), and here nobody knows.
    #[must_use]
    pub const fn continues(self, exit_on_block: bool) -> Option<bool> {
        match self {
            Self::Send => Some(true),
            Self::Duplicate { .. } | Self::Blocked(_) => Some(!exit_on_block),
            Self::Stopped(_) => Some(false),
            Self::Elsewhere => None,
        }
    }

    pub(super) fn from_code(code: u32) -> Self {
        match code {
            code::SEND | code::FOLLOWED => Self::Send,
            code::ELSEWHERE => Self::Elsewhere,
            of if of < MAX_ROWS => Self::Duplicate { of },
            code => match code::REASONS.iter().find(|(number, _)| *number == code) {
                Some((_, Suppressed::Blocked(block))) => Self::Blocked(*block),
                Some((_, Suppressed::Stopped(stop))) => Self::Stopped(*stop),
                None => {
                    let [.., number] = code.to_be_bytes();
                    if code < code::STOPPED_BY_HOST {
                        Self::Blocked(Block::Host(number))
                    } else {
                        Self::Stopped(Stop::Host(number))
                    }
                }
            },
        }
    }
}

impl Suppressed {
    pub(super) fn code(self) -> u32 {
        match self {
            Self::Blocked(Block::Host(number)) => code::BLOCKED_BY_HOST + u32::from(number),
            Self::Stopped(Stop::Host(number)) => code::STOPPED_BY_HOST + u32::from(number),
            reason => {
                let found = code::REASONS.iter().find(|(_, listed)| *listed == reason);
                // Every other reason is in the table, as a test asserts.
                found.map_or(code::INVALID_ADDRESS, |(number, _)| *number)
            }
        }
    }
}

/// A row's outcome in 32 bits: the row that it lost to, or one of the numbers that no row has.
pub(super) mod code {
    use super::{Block, MAX_ROWS, Stop, Suppressed};

    pub(in super::super) const SEND: u32 = u32::MAX;
    pub(in super::super) const ELSEWHERE: u32 = u32::MAX - 1;
    /// Sent, and another row looks equal: while a run is under way.
    pub(in super::super) const FOLLOWED: u32 = u32::MAX - 10;
    pub(in super::super) const NO_ADDRESS: u32 = u32::MAX - 2;
    pub(in super::super) const INVALID_ADDRESS: u32 = u32::MAX - 3;
    /// The first of 256 each; the last octet of the code is the host's number.
    pub(in super::super) const BLOCKED_BY_HOST: u32 = MAX_ROWS + 256;
    pub(in super::super) const STOPPED_BY_HOST: u32 = BLOCKED_BY_HOST + 256;

    pub(super) const REASONS: [(u32, Suppressed); 8] = [
        (NO_ADDRESS, Suppressed::Blocked(Block::NoAddress)),
        (INVALID_ADDRESS, Suppressed::Blocked(Block::InvalidAddress)),
        (u32::MAX - 4, Suppressed::Blocked(Block::DoNotEmail)),
        (u32::MAX - 5, Suppressed::Blocked(Block::DoNotBulkEmail)),
        (u32::MAX - 6, Suppressed::Blocked(Block::Bounced)),
        (u32::MAX - 7, Suppressed::Blocked(Block::Excluded)),
        (u32::MAX - 8, Suppressed::Blocked(Block::AlreadySent)),
        (u32::MAX - 9, Suppressed::Stopped(Stop::ConsentLevel)),
    ];
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send => f.write_str("gets the message"),
            // The product's own words for it.
            Self::Duplicate { .. } => f.write_str("duplicate recipient address"),
            Self::Blocked(block) => write!(f, "blocked: {block}"),
            Self::Stopped(stop) => write!(f, "stopped: {stop}"),
            Self::Elsewhere => f.write_str("belongs to another part of the segment"),
        }
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DoNotEmail => "allows no email",
            Self::DoNotBulkEmail => "allows no commercial email",
            Self::Bounced => "mail to the address came back",
            Self::Excluded => "is excluded",
            Self::AlreadySent => "got the message before",
            Self::NoAddress => "has no address",
            Self::InvalidAddress => "has no valid address",
            Self::Host(number) => return write!(f, "reason {number} of the host"),
        })
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ConsentLevel => f.write_str("consent is below the minimum"),
            Self::Host(number) => write!(f, "reason {number} of the host"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_number_that_no_row_has() {
        let hosts = (0..=u8::MAX).flat_map(|n| {
            [Suppressed::Blocked(Block::Host(n)), Suppressed::Stopped(Stop::Host(n))]
        });
        let all: Vec<_> = code::REASONS.iter().map(|(_, reason)| *reason).chain(hosts).collect();
        let mut codes: Vec<_> = all.iter().map(|reason| reason.code()).collect();
        for (reason, code) in all.iter().zip(&codes) {
            assert!(*code > MAX_ROWS && *code < code::ELSEWHERE);
            let expected = match *reason {
                Suppressed::Blocked(block) => Outcome::Blocked(block),
                Suppressed::Stopped(stop) => Outcome::Stopped(stop),
            };
            assert_eq!(Outcome::from_code(*code), expected);
        }
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all.len());
        assert_eq!(Outcome::from_code(MAX_ROWS - 1), Outcome::Duplicate { of: MAX_ROWS - 1 });
        assert_eq!(Outcome::from_code(code::SEND), Outcome::Send);
        assert_eq!(Outcome::from_code(code::ELSEWHERE), Outcome::Elsewhere);
    }

    /// whoever is blocked walks on.
    #[test]
    fn the_journey_goes_on_for_whoever_is_blocked() {
        let blocked = [Outcome::Duplicate { of: 0 }, Outcome::Blocked(Block::Bounced)];
        for outcome in blocked {
            assert_eq!(outcome.continues(false), Some(true));
            assert_eq!(outcome.continues(true), Some(false));
        }
        assert_eq!(Outcome::Send.continues(true), Some(true));
        assert_eq!(Outcome::Stopped(Stop::ConsentLevel).continues(false), Some(false));
    }

    /// The part that has the contact may have stopped it.
    #[test]
    fn whether_a_contact_of_another_part_goes_on_is_not_known() {
        for exit_on_block in [false, true] {
            assert_eq!(Outcome::Elsewhere.continues(exit_on_block), None);
        }
    }
}
