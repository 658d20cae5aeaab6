//! One child, from its start to its kill.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Child;
use std::sync::mpsc::{self, Receiver};
use std::thread;

use super::child::{Orders, Relaunch};
use super::error::{CrashError, CrashErrorKind};
use super::line::Line;

/// A running child. It is killed when this is dropped, whatever the reason.
pub(super) struct Life {
    child: Child,
    lines: Receiver<Line>,
}

impl Life {
    pub(super) fn start(
        relaunch: &Relaunch,
        orders: &Orders,
        path: &Path,
    ) -> Result<Self, CrashError> {
        let start = || relaunch.command(orders, path)?.spawn();
        let child = start().map_err(|error| {
            CrashError::new(CrashErrorKind::Child, "starting the child").because(error)
        })?;
        let (sender, lines) = mpsc::channel();
        let mut life = Self { child, lines };
        let Some(output) = life.child.stdout.take() else {
            let text = "expected the child's output to be a pipe, found none";
            return Err(CrashError::new(CrashErrorKind::Child, text));
        };
        // Ends with the child, or with the life of whoever listens.
        thread::spawn(move || {
            for text in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                let line = Line::read(&String::from_utf8_lossy(&text));
                if line.is_some_and(|line| sender.send(line).is_err()) {
                    break;
                }
            }
        });
        Ok(life)
    }

    /// What the child says.
    pub(super) const fn lines(&self) -> &Receiver<Line> {
        &self.lines
    }

    /// Kills the child; what it had said before and nobody had heard yet.
    pub(super) fn kill(mut self) -> Result<Vec<Line>, CrashError> {
        let killed = self.child.kill().and_then(|()| self.child.wait());
        killed.map_err(|error| {
            CrashError::new(CrashErrorKind::Child, "killing the child").because(error)
        })?;
        Ok(self.lines.iter().collect())
    }

    /// The child has ended, and nobody killed it.
    pub(super) fn ended_by_itself(mut self) -> CrashError {
        let status = self.child.wait().map_or_else(|error| error.to_string(), |s| s.to_string());
        let text = format!(
            "expected the child to file until it is killed, found that it ended ({status}); is the \
             test's name its full name, and does nothing run before the case?"
        );
        CrashError::new(CrashErrorKind::Child, text)
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        // Of one that has ended and was waited for, neither does anything.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
