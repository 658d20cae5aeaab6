//! What lines look like: rules, columns, and text that is broken at blanks.

use std::io::{self, IsTerminal, Write};

/// How wide a line may be.
pub(crate) const WIDTH: usize = 100;

/// Where the tour is written to.
pub(crate) struct Paper<W> {
    to: W,
    bold: bool,
}

impl<W: Write> Paper<W> {
    /// Bold titles on a terminal, unless its user wants none.
    pub(crate) fn new(to: W) -> Self {
        let bold = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self { to, bold }
    }

    fn bold<'t>(&self, text: &'t str) -> [&'t str; 3] {
        if self.bold { ["\x1b[1m", text, "\x1b[0m"] } else { ["", text, ""] }
    }

    /// The title of a page, with what stands at the other end of its line.
    pub(crate) fn title(&mut self, title: &str, right: &str) -> io::Result<()> {
        let used = title.chars().count() + right.chars().count() + 5;
        let rule = "\u{2501}".repeat(WIDTH.saturating_sub(used).max(2));
        let [on, title, off] = self.bold(title);
        let right = if right.is_empty() { "\u{2501}".to_owned() } else { format!(" {right}") };
        writeln!(self.to, "\n\u{2501}\u{2501} {on}{title}{off} {rule}{right}\n")
    }

    /// The name of a record, with what is known of it.
    pub(crate) fn heading(&mut self, name: &str, about: &str) -> io::Result<()> {
        let [on, name, off] = self.bold(name);
        writeln!(self.to, "  {on}{name}{off}  {about}")
    }

    /// A mark, a label, and a value in its column.
    pub(crate) fn row(
        &mut self,
        mark: &str,
        label: &str,
        column: usize,
        value: &str,
    ) -> io::Result<()> {
        let indent = column + 6;
        let mut lines = wrapped(value, WIDTH.saturating_sub(indent)).into_iter();
        let first = lines.next().unwrap_or_default();
        let mut labels = wrapped(label, column).into_iter();
        let label = labels.next().unwrap_or_default();
        let line = format!("  {mark} {label:column$}  {first}");
        writeln!(self.to, "{}", line.trim_end())?;
        // A label that is too long goes on beside the value that does.
        loop {
            let (label, value) = (labels.next(), lines.next());
            if label.is_none() && value.is_none() {
                return Ok(());
            }
            let (label, value) = (label.unwrap_or_default(), value.unwrap_or_default());
            let line = format!("      {label:width$}  {value}", width = column.saturating_sub(2));
            writeln!(self.to, "{}", line.trim_end())?;
        }
    }

    /// Text behind an indent; its further lines are deeper by so much.
    pub(crate) fn text(&mut self, indent: usize, deeper: usize, text: &str) -> io::Result<()> {
        let lines = wrapped(text, WIDTH.saturating_sub(indent + deeper));
        for (number, line) in lines.iter().enumerate() {
            let indent = indent + if number > 0 { deeper } else { 0 };
            writeln!(self.to, "{:indent$}{line}", "")?;
        }
        Ok(())
    }

    pub(crate) fn blank(&mut self) -> io::Result<()> {
        writeln!(self.to)
    }

    /// As it is.
    pub(crate) fn verbatim(&mut self, text: &str) -> io::Result<()> {
        self.to.write_all(text.as_bytes())?;
        if text.ends_with('\n') { Ok(()) } else { writeln!(self.to) }
    }

    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Lines of at most so many characters, broken at blanks where there are any. Control characters
/// other than line ends would do what they like to a terminal: they are shown by their codes.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let width = width.max(20);
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        let mut length = 0;
        for word in paragraph.split(' ') {
            let shown: String = word.chars().flat_map(visible).collect();
            for piece in pieces(&shown, width) {
                let found = piece.chars().count();
                if length > 0 && length + 1 + found > width {
                    lines.push(std::mem::take(&mut line));
                    length = 0;
                }
                if length > 0 {
                    line.push(' ');
                    length += 1;
                }
                line.push_str(&piece);
                length += found;
            }
        }
        lines.push(line);
    }
    lines
}

fn visible(c: char) -> Vec<char> {
    if c.is_control() { c.escape_default().collect() } else { vec![c] }
}

fn pieces(word: &str, width: usize) -> Vec<String> {
    let chars: Vec<char> = word.chars().collect();
    chars.chunks(width).map(|piece| piece.iter().collect()).collect()
}
