//! A bar on a terminal; nothing elsewhere.

use std::io::{IsTerminal, Write};

pub(crate) struct Progress {
    total: usize,
    shown: bool,
}

impl Progress {
    /// Mails between two redraws.
    const STEP: usize = 512;

    /// `between_lines`: something else is printed meanwhile, which the bar must not cut through.
    pub(crate) fn new(total: usize, between_lines: bool) -> Self {
        let disturbs = between_lines && std::io::stdout().is_terminal();
        let shown = std::io::stderr().is_terminal() && total > Self::STEP && !disturbs;
        Self { total, shown }
    }

    pub(crate) fn at(&self, done: usize) {
        if self.shown && (done.is_multiple_of(Self::STEP) || done == self.total) {
            let filled = (done * 40 / self.total.max(1)).min(40);
            let bar = "#".repeat(filled);
            let percent = done * 100 / self.total.max(1);
            // A terminal that cannot be written to is no reason to stop.
            let _ =
                write!(std::io::stderr(), "\r[{bar:<40}] {percent:>3} % of {} mails", self.total);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(std::io::stderr(), "\r{:70}\r", "");
        }
    }
}
