//! Words and options of the command line.

use std::error::Error;
use std::str::FromStr;

/// The arguments that are left.
#[derive(Debug)]
pub struct Arguments(Vec<String>);

impl Arguments {
    /// These, in their order.
    pub fn new(arguments: impl Iterator<Item = String>) -> Self {
        Self(arguments.collect())
    }

    /// Takes the first argument, if it is a word.
    pub fn word(&mut self) -> Option<String> {
        let is_word = self.0.first().is_some_and(|first| !first.starts_with("--"));
        is_word.then(|| self.0.remove(0))
    }

    /// Takes an option and its value.
    pub fn option<T>(&mut self, name: &str) -> Result<Option<T>, Box<dyn Error>>
    where
        T: FromStr,
        T::Err: Error + 'static,
    {
        let Some(at) = self.0.iter().position(|argument| argument == name) else { return Ok(None) };
        let taken: Vec<_> = self.0.drain(at..(at + 2).min(self.0.len())).collect();
        let value = taken.get(1).ok_or_else(|| format!("{name}: expected a value, found none"))?;
        let parsed = value.parse().map_err(|error| format!("{name}: found {value:?}: {error}"))?;
        Ok(Some(parsed))
    }

    /// Fails where anything is left.
    pub fn end(self) -> Result<(), Box<dyn Error>> {
        match self.0.first() {
            None => Ok(()),
            Some(left) => Err(format!("expected no more arguments, found {left:?}").into()),
        }
    }
}
