//! What a series of kills came to.

use std::fmt;

/// What a series of kills came to, where nothing was lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CrashFigures {
    /// How often a child was killed.
    pub kills: u64,
    /// Of these, at a write step, where the child stood still: in a commit, or in what follows it.
    pub at_steps: u64,
    /// At a random moment.
    pub at_moments: u64,
    /// At a write step of opening what the last kill left.
    pub while_opening: u64,
    /// At a write step of making a new store.
    pub while_creating: u64,
    /// Of all kills, those inside a commit: begun, and not acknowledged.
    pub in_commits: u64,
    /// Inside the allocation of numbers.
    pub in_allocations: u64,
    /// At how many unlike write steps of a commit a child stood still when it was killed.
    pub steps_reached: u64,
    /// Up to which write step of a commit this was so at every one.
    pub steps_swept: u64,
    /// The write steps that half of the commits take at most.
    pub steps_usual: u64,
    /// The most write steps that a commit was seen to take.
    pub steps_most: u64,
    /// Batches that were acknowledged.
    pub acknowledged: u64,
    /// Batches under way at a kill of which nothing was there.
    pub absent: u64,
    /// Batches under way at a kill that were there whole.
    pub whole: u64,
    /// Of these two, how many the child that came next found out by committing them again.
    pub redelivered: u64,
    /// Blocks of numbers that were received.
    pub blocks: u64,
    /// How often the whole store was compared with the log.
    pub inspections: u64,
    /// The mails in the store at the end.
    pub mails: u64,
    /// The records.
    pub records: u64,
    /// The claims.
    pub claims: u64,
    /// The registered names.
    pub names: u64,
}

impl CrashFigures {
    /// The share of kills that were inside a commit, in tenths of a percent.
    #[must_use]
    pub fn in_commits_per_mille(&self) -> u64 {
        (self.in_commits * 1_000).checked_div(self.kills).unwrap_or(0)
    }
}

impl fmt::Display for CrashFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = self.in_commits_per_mille();
        writeln!(
            f,
            "{} kills: {} at a write step, {} at a random moment, {} while opening, {} while creating",
            self.kills, self.at_steps, self.at_moments, self.while_opening, self.while_creating
        )?;
        writeln!(
            f,
            "inside a commit: {} ({}.{} %); inside an allocation of numbers: {}",
            self.in_commits,
            share / 10,
            share % 10,
            self.in_allocations
        )?;
        writeln!(
            f,
            "write steps of a commit: {} as a rule, {} at most; killed at each of the first {}, at {} \
             in all",
            self.steps_usual, self.steps_most, self.steps_swept, self.steps_reached
        )?;
        writeln!(
            f,
            "batches acknowledged: {}, lost: 0; under way at a kill: {} there whole, {} not at all, \
             0 in part ({} found out by committing again)",
            self.acknowledged, self.whole, self.absent, self.redelivered
        )?;
        writeln!(f, "blocks of numbers: {}, numbers seen twice: 0", self.blocks)?;
        write!(
            f,
            "compared as a whole {} times; at the end {} mails, {} records, {} claims, {} names, as \
             logged",
            self.inspections, self.mails, self.records, self.claims, self.names
        )
    }
}
