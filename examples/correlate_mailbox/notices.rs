//! What was wrong with the input, on standard error: file, place, what was expected and found.

use std::cell::Cell;

use correspond::message::Message;

use crate::support::input::{Position, Problem};

/// Names each problem of the input, and the first defects of its mails.
#[derive(Default)]
pub(crate) struct Notices {
    problems: Cell<usize>,
    unopened: Cell<usize>,
    defects: Cell<usize>,
    every_defect: bool,
}

impl Notices {
    /// So many defects are named unless all are wanted.
    const NAMED: usize = 20;

    pub(crate) fn new(every_defect: bool) -> Self {
        Self { every_defect, ..Self::default() }
    }

    /// Something that is no mail, or less of one than there should be.
    pub(crate) fn problem(&self, problem: &Problem) {
        self.problems.set(self.problems.get() + 1);
        eprintln!("{problem}");
    }

    /// An input that could not be opened at all.
    pub(crate) fn unopened(&self, problem: &Problem) {
        self.unopened.set(self.unopened.get() + 1);
        self.problem(problem);
    }

    /// What could not be read of a mail, which was filed all the same.
    pub(crate) fn defects(&self, at: &Position, message: &Message<'_>) {
        for defect in message.defects() {
            let named = self.defects.get();
            self.defects.set(named + 1);
            if self.every_defect || named < Self::NAMED {
                eprintln!("{at}: {defect}");
            }
        }
        self.defects.set(self.defects.get() + message.further_defects());
    }

    /// Says how much was not named.
    pub(crate) fn finish(&self) {
        let more = self.defects.get().saturating_sub(Self::NAMED);
        if more > 0 && !self.every_defect {
            eprintln!("... and {more} defects more; --defects names them all");
        }
    }

    /// Was everything there that the user named?
    pub(crate) fn all_opened(&self) -> bool {
        self.unopened.get() == 0
    }

    /// As the summary says it.
    pub(crate) fn counts(&self) -> String {
        let mut counts = Vec::new();
        for (count, one, several) in [
            (self.problems.get(), "problem with the input", "problems with the input"),
            (self.defects.get(), "defect in a mail", "defects in mails"),
        ] {
            match count {
                0 => {}
                1 => counts.push(format!("1 {one}")),
                _ => counts.push(format!("{count} {several}")),
            }
        }
        if counts.is_empty() { "nothing wrong with them".to_owned() } else { counts.join(", ") }
    }
}
