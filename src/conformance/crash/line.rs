//! What the child tells the parent.

use std::fmt;
use std::io::{self, Write};
use std::process::exit;

/// A line of the child's standard output. Other lines, such as a test runner's, are passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// The store is open, after so many write steps.
    Ready(u64),
    /// The commit of this batch begins.
    Begin(u64),
    /// The batch was applied, in so many write steps.
    Applied(u64, u64),
    /// The batch was refused, because it had been applied before the last kill.
    Kept(u64),
    /// The batch was refused, because so many of so many changes had been applied before.
    Torn(u64, usize, usize),
    /// A block of numbers of this sequence is asked for.
    Draw(usize),
    /// The block: its sequence, its first number and its length.
    Drew(usize, u64, u64),
    /// At this write step of what it is at, the child waits to be killed.
    Step(u64),
    /// It cannot go on.
    Failed(String),
}

/// Stands before every line: a test runner writes to the same output, and may leave off in the
/// middle of a line.
const MARK: &str = "@crash ";

impl Line {
    /// Writes the line to the standard output of this process, the child; ends it where nobody reads
    /// any more.
    pub(super) fn report(&self) {
        let mut out = io::stdout().lock();
        let text = format!("{MARK}{self}\n");
        if out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_err() {
            exit(1);
        }
    }

    /// Waits to be killed. The parent writes nothing: the input ends when the parent does, and no
    /// child outlives it.
    pub(super) fn wait_for_the_end() -> ! {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        exit(1)
    }

    /// The line in a line of output, if there is one.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (_, text) = text.split_once(MARK)?;
        let (what, rest) = text.split_once(' ')?;
        let mut numbers = rest.split(' ').map_while(|number| number.parse().ok());
        let mut number = || numbers.next();
        let small = |number| usize::try_from(number).ok();
        Some(match what {
            "ready" => Self::Ready(number()?),
            "begin" => Self::Begin(number()?),
            "applied" => Self::Applied(number()?, number()?),
            "kept" => Self::Kept(number()?),
            "torn" => Self::Torn(number()?, small(number()?)?, small(number()?)?),
            "draw" => Self::Draw(small(number()?)?),
            "drew" => Self::Drew(small(number()?)?, number()?, number()?),
            "step" => Self::Step(number()?),
            "failed" => Self::Failed(rest.to_owned()),
            _ => return None,
        })
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready(steps) => write!(f, "ready {steps}"),
            Self::Begin(batch) => write!(f, "begin {batch}"),
            Self::Applied(batch, steps) => write!(f, "applied {batch} {steps}"),
            Self::Kept(batch) => write!(f, "kept {batch}"),
            Self::Torn(batch, there, of) => write!(f, "torn {batch} {there} {of}"),
            Self::Draw(sequence) => write!(f, "draw {sequence}"),
            Self::Drew(sequence, first, len) => write!(f, "drew {sequence} {first} {len}"),
            Self::Step(step) => write!(f, "step {step}"),
            Self::Failed(why) => write!(f, "failed {}", why.replace(['\n', '\r'], " ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_reports() {
        for line in [
            Line::Ready(0),
            Line::Begin(7),
            Line::Applied(7, 31),
            Line::Kept(8),
            Line::Torn(8, 1, 4),
            Line::Draw(1),
            Line::Drew(1, 100, 20),
            Line::Step(3),
            Line::Failed("no room: really".into()),
        ] {
            assert_eq!(Line::read(&format!("test x ... {MARK}{line}")), Some(line));
        }
        assert_eq!(Line::read("test x ... ok"), None);
        assert_eq!(Line::read("@crash begin x"), None);
    }
}
