//! Are those that look equal equal?

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use super::deduplication::RunError;
use super::leaders::{Held, Leaders, Place};
use super::outcome::{MAX_ROWS, code};
use super::recipient::Keep;
use super::scan::{Halt, Run};
use super::segment::Segment;
use super::suppression::Suppress;
use crate::mailing::SendOnceTo;

/// A row that is not equal to its leader, though it looked so.
struct Stranger {
    row: u32,
    key: Box<[u8]>,
    rank: i64,
}

/// A row that outranks its leader.
struct Better {
    leader: u32,
    rank: i64,
    row: u32,
}

#[derive(Default)]
struct Found {
    strangers: Vec<Stranger>,
    better: Vec<Better>,
}

/// Rows to compare with their leaders, all of which are near each other.
#[derive(Default)]
struct Members {
    rows: Vec<Member>,
    texts: String,
    /// Of each its rank, where ranks count.
    ranks: Vec<i64>,
}

struct Member {
    row: u32,
    leader: u32,
    /// Where its text ends.
    end: u32,
    /// Is its text its key, or the address as it is written?
    is_key: bool,
}

/// Octets of an address as written that is kept for comparison; a longer one is read at once.
const MAX_WRITTEN: usize = 64;
/// Rows whose leaders are asked for before the first is compared.
const AT_ONCE: usize = 64;

impl<S: Segment + ?Sized, P: Suppress> Run<'_, S, P> {
    /// Reads those that look equal again and compares their keys; then picks the one to keep of each.
    /// Of so many leaders the keys are held at a time; for more, the rows behind are read again.
    pub(super) fn verify(
        &self,
        outcomes: &[AtomicU32],
        leaders: &Leaders,
        keep: Keep,
        most_held: u64,
    ) -> Result<(), RunError<S::Error>> {
        let mut found = Found::default();
        let mut start = 0;
        // Ends: a window is 64 rows at least.
        while start < self.rows {
            let window = start..leaders.after(start, most_held, self.rows);
            let mut held = Vec::new();
            // Nobody comes before its leader.
            let mut row = start;
            while row < self.rows {
                let inside = row < window.end;
                let most = if inside { window.end } else { self.rows };
                let block = row..row.saturating_add(self.sizes.compare).min(most);
                row = block.end;
                let mut members = Vec::new();
                for (more, these) in self
                    .in_ranges(block, |rows| self.collect(outcomes, leaders, rows, &window, keep))?
                {
                    members.push(these);
                    if inside {
                        held.push(more);
                    }
                }
                for these in self.compare(&members, leaders, &held) {
                    found.strangers.extend(these.strangers);
                    found.better.extend(these.better);
                }
                // One for each leader, however many outrank it.
                found.better.sort_unstable_by_key(|b| (b.leader, Reverse(b.rank), b.row));
                found.better.dedup_by_key(|b| b.leader);
            }
            start = window.end;
        }
        part_strangers(outcomes, found.strangers, keep);
        prefer(outcomes, &found.better);
        Ok(())
    }

    /// The keys of the leaders among these rows, where they are in the window, and the rows whose
    /// leaders are.
    fn collect(
        &self,
        outcomes: &[AtomicU32],
        leaders: &Leaders,
        rows: Range<u32>,
        window: &Range<u32>,
        keep: Keep,
    ) -> Result<(Held, Vec<Members>), Halt<S::Error>> {
        let inside = rows.end <= window.end;
        let mut held = Held::new(if inside { rows.clone() } else { 0..0 }, leaders);
        let regions = (rows.end.saturating_sub(window.start) >> self.sizes.near) as usize + 1;
        let mut members: Vec<_> = (0..regions).map(|_| Members::default()).collect();
        let mut room = String::new();
        let contact = self.plan.once_to == SendOnceTo::Contact;
        self.read(rows, |row, recipient| {
            if inside && row % 64 == 0 {
                held.next_word();
            }
            let rank = (keep == Keep::HighestRank).then(|| recipient.rank());
            let leader =
                outcomes.get(row as usize).map_or(code::SEND, |o| o.load(Ordering::Relaxed));
            if leader < MAX_ROWS && window.contains(&leader) {
                // Mostly the address is written as the key of its leader is. The key of a key is that
                // key, so that such an address need not be read.
                let written = recipient.address();
                let is_key = contact || written.len() > MAX_WRITTEN;
                let text = if is_key { self.plan.key(&recipient, &mut room) } else { written };
                let region = (leader - window.start) >> self.sizes.near;
                if let Some(members) = members.get_mut(region as usize) {
                    members.push(row, leader, text, is_key);
                    members.ranks.extend(rank);
                }
            } else if inside && leader == code::FOLLOWED {
                held.push(self.plan.key(&recipient, &mut room).as_bytes(), rank);
            }
        })?;
        Ok((held, members))
    }

    /// Compares the members that each thread has read.
    fn compare(&self, members: &[Vec<Members>], leaders: &Leaders, held: &[Held]) -> Vec<Found> {
        let work = |regions: &Vec<Members>| {
            let mut found = Found::default();
            let mut room = String::new();
            for members in regions {
                self.compare_near(members, leaders, held, &mut room, &mut found);
            }
            found
        };
        self.each(members, work)
    }

    fn compare_near(
        &self,
        members: &Members,
        leaders: &Leaders,
        held: &[Held],
        room: &mut String,
        found: &mut Found,
    ) {
        let mut start = 0;
        let mut ranks = members.ranks.iter();
        for some in members.rows.chunks(AT_ONCE) {
            let mut places = [None; AT_ONCE];
            fetch(some, leaders, held, &mut places);
            for (member, place) in some.iter().zip(&places) {
                let end = member.end as usize;
                let text = members.texts.get(start..end).unwrap_or_default();
                start = end;
                let rank = ranks.next().copied();
                let leader =
                    place.and_then(|(held, place)| Some((held.key(place)?, held.rank(place))));
                let equal = |key: &str| leader.filter(|(other, _)| *other == key.as_bytes());
                let (key, of_leader) = match equal(text) {
                    None if !member.is_key => {
                        let key = self.plan.key_of(text, room);
                        (key, equal(key))
                    }
                    found => (text, found),
                };
                let Member { row, leader, .. } = *member;
                match of_leader {
                    Some((_, rank_of_leader)) if rank > rank_of_leader => {
                        found.better.push(Better { leader, rank: rank.unwrap_or(0), row });
                    }
                    Some(_) => {}
                    None => {
                        let key = key.as_bytes().into();
                        found.strangers.push(Stranger { row, key, rank: rank.unwrap_or(0) });
                    }
                }
            }
        }
    }
}

impl Members {
    #[inline]
    fn push(&mut self, row: u32, leader: u32, text: &str, is_key: bool) {
        self.texts.push_str(text);
        // A block has 2^20 rows of less than 512 octets each.
        self.rows.push(Member { row, leader, end: self.texts.len() as u32, is_key });
    }
}

/// Finds the keys of the leaders, which lie all over memory: all are asked for before the first is looked
/// at, so that they come at once rather than one after the other.
fn fetch<'h>(
    members: &[Member],
    leaders: &Leaders,
    held: &'h [Held],
    places: &mut [Option<(&'h Held, Place)>],
) {
    let mut touched = 0;
    for (member, found) in members.iter().zip(&mut *places) {
        let which = held.partition_point(|held| held.rows.end <= member.leader);
        *found = held.get(which).and_then(|held| Some((held, held.place(leaders, member.leader)?)));
    }
    for (held, place) in places.iter().flatten() {
        touched ^= held.touch(*place);
    }
    std::hint::black_box(touched);
}

/// Decides among rows that only looked equal to their leaders: they have no equals but one another, for
/// whoever has their key looked equal to the same leader. There is hardly ever one.
fn part_strangers(outcomes: &[AtomicU32], mut strangers: Vec<Stranger>, keep: Keep) {
    strangers.sort_unstable_by_key(|stranger| stranger.row);
    let mut kept: HashMap<&[u8], (i64, u32)> = HashMap::new();
    for Stranger { row, key, rank } in &strangers {
        let best = kept.entry(key).or_insert((*rank, *row));
        if keep == Keep::HighestRank && *rank > best.0 {
            *best = (*rank, *row);
        }
    }
    for Stranger { row, key, .. } in &strangers {
        let best = kept.get(&**key).map_or(*row, |(_, best)| *best);
        let code = if best == *row { code::SEND } else { best };
        if let Some(outcome) = outcomes.get(*row as usize) {
            outcome.store(code, Ordering::Relaxed);
        }
    }
}

/// Puts the best of each leader's followers into its place.
fn prefer(outcomes: &[AtomicU32], better: &[Better]) {
    if better.is_empty() {
        return;
    }
    let best = |leader: u32| {
        let found = better.binary_search_by_key(&leader, |b| b.leader).ok()?;
        better.get(found).map(|b| b.row)
    };
    for (row, outcome) in (0..).zip(outcomes) {
        let now = outcome.load(Ordering::Relaxed);
        let leader = match now {
            code::FOLLOWED => row,
            leader if leader < MAX_ROWS => leader,
            _ => continue,
        };
        if let Some(best) = best(leader) {
            outcome.store(if best == row { code::SEND } else { best }, Ordering::Relaxed);
        }
    }
}
