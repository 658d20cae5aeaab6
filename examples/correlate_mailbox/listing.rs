//! The threads as they are printed: a mail a line, replies under what they were matched to.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use correspond::id::RecordId;

use crate::entry::{Entry, How, Links, short};

/// Columns of the sender and of the branch that leads to it; deeper branches stay where they are.
const SENDER: usize = 44;
const DEEPEST: usize = 8;

/// Mails in the order of filing, and which of them make one thread: links joined together, in
/// whatever order they come.
pub(crate) struct Listing {
    rows: Vec<Row>,
    up: Vec<usize>,
    places: Places,
}

struct Row {
    entry: Entry,
    parent: Option<usize>,
    /// By an earlier run.
    earlier: bool,
}

/// Where the mail of a record stands.
enum Places {
    /// Its id is its place.
    Counted,
    ById(HashMap<RecordId, usize>),
}

impl Listing {
    /// Of mails whose ids are their numbers, in the order in which they come.
    pub(crate) const fn counted() -> Self {
        Self { rows: Vec::new(), up: Vec::new(), places: Places::Counted }
    }

    /// Of mails with any ids.
    pub(crate) fn by_id() -> Self {
        Self { places: Places::ById(HashMap::new()), ..Self::counted() }
    }

    fn place(&self, id: RecordId) -> Option<usize> {
        match &self.places {
            Places::Counted => {
                usize::try_from(id.get()).ok().filter(|place| *place < self.rows.len())
            }
            Places::ById(places) => places.get(&id).copied(),
        }
    }

    /// Does it show this mail?
    pub(crate) fn shows(&self, id: RecordId) -> bool {
        self.place(id).is_some()
    }

    /// Adds the mail that was filed next. Links to mails that are not shown are passed over.
    pub(crate) fn push(&mut self, id: RecordId, entry: Entry, links: &Links) {
        self.add(id, entry, links, false);
    }

    /// Adds a mail that an earlier run filed.
    pub(crate) fn push_earlier(&mut self, id: RecordId, entry: Entry, links: &Links) {
        self.add(id, entry, links, true);
    }

    fn add(&mut self, id: RecordId, entry: Entry, links: &Links, earlier: bool) {
        let at = self.rows.len();
        let matched = links.matched.and_then(|id| self.place(id));
        self.up.push(at);
        self.rows.push(Row { entry, parent: matched, earlier });
        if let Places::ById(places) = &mut self.places {
            places.insert(id, at);
        }
        // The parent came after its reply: it stands above it nevertheless.
        if links.above
            && let Some(child) = matched.and_then(|child| self.rows.get_mut(child))
            && child.parent.is_none()
        {
            child.parent = Some(at);
            self.rows[at].parent = None;
        }
        for other in links.iter() {
            if let Some(other) = self.place(other) {
                self.join(at, other);
            }
        }
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.up[at] != at {
            self.up[at] = self.up[self.up[at]];
            at = self.up[at];
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.up[a.max(b)] = a.min(b);
    }

    /// The mails of each thread, threads and mails by first filing.
    pub(crate) fn threads(&mut self) -> Vec<Vec<usize>> {
        let mut threads: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for at in 0..self.up.len() {
            threads.entry(self.root(at)).or_default().push(at);
        }
        threads.into_values().collect()
    }

    /// Prints every thread; with `all`, the mails that stand alone too.
    pub(crate) fn print(&mut self, to: &mut impl Write, all: bool) -> io::Result<()> {
        for thread in self.threads() {
            if thread.len() > 1 {
                self.print_thread(to, thread)?;
            } else if all {
                let entry = &self.rows[thread[0]].entry;
                writeln!(to, "{}", subject(entry))?;
                writeln!(to, "  {}  {}\n", minute(entry), short(&entry.from, SENDER))?;
            }
        }
        Ok(())
    }

    fn print_thread(&self, to: &mut impl Write, mut thread: Vec<usize>) -> io::Result<()> {
        // Those of an earlier run were added when they were needed.
        thread.sort_by_key(|at| self.rows[*at].entry.date);
        let tree = self.tree(&thread);
        let first = &self.rows[tree[0].0].entry;
        let roots = tree.iter().filter(|(_, depth)| *depth == 0).count();
        let apart = if roots == 1 { String::new() } else { format!(", {roots} threads joined") };
        let earlier = match thread.iter().filter(|at| self.rows[**at].earlier).count() {
            0 => String::new(),
            count => format!(", {count} filed by an earlier run"),
        };
        writeln!(to, "{} ({} mails{apart}{earlier})", subject(first), thread.len())?;
        let sender = |&(at, depth): &(usize, usize)| {
            let indent = 2 * depth.min(DEEPEST);
            format!("{:indent$}{}", "", short(&self.rows[at].entry.from, SENDER - indent))
        };
        let widest = tree.iter().map(|row| sender(row).chars().count()).max().unwrap_or(0);
        let methods = thread.iter().filter_map(|at| self.rows[*at].entry.how.as_ref());
        let method = methods.map(|how| how.method.name().len()).max().unwrap_or(0);
        for row in &tree {
            let entry = &self.rows[row.0].entry;
            let mut line = format!("  {}  {:widest$}", minute(entry), sender(row));
            if let Some(how) = &entry.how {
                let How { method: name, confidence, note } = how;
                line += &format!("  {:method$} {confidence:>3} %  {note}", name.name());
            }
            writeln!(to, "{}", line.trim_end())?;
        }
        writeln!(to)
    }

    /// The mails of a thread with their depths, each above those that were matched to it.
    fn tree(&self, thread: &[usize]) -> Vec<(usize, usize)> {
        let mut children: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut left = Vec::new();
        for &at in thread.iter().rev() {
            match self.rows[at].parent {
                Some(parent) => children.entry(parent).or_default().push(at),
                None => left.push((at, 0)),
            }
        }
        let mut tree = Vec::with_capacity(thread.len());
        while let Some((at, depth)) = left.pop() {
            tree.push((at, depth));
            left.extend(children.remove(&at).into_iter().flatten().map(|it| (it, depth + 1)));
        }
        tree
    }
}

fn minute(entry: &Entry) -> impl std::fmt::Display {
    entry.date.format("%Y-%m-%d %H:%M")
}

fn subject(entry: &Entry) -> &str {
    if entry.subject.is_empty() { "(no subject)" } else { &entry.subject }
}
