//! What is checked, and what came of it.

use std::fmt;

use super::harness::Harness;
use super::support;
use super::world::World;
use crate::record::{Area, Areas};
use crate::store::Store;

/// One case of the kit: a must, and what shows whether a store keeps it.
#[derive(Clone, Copy)]
pub struct Case<H: Harness> {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) must: &'static str,
    pub(super) areas: Areas,
    pub(super) run: fn(World<'_, H>) -> Checked<Outcome>,
}

impl<H: Harness> Case<H> {
    /// The id of the must, as in [`store`](crate::store): `C-UNQ-1`.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// The name of the case, which is the name of the test too.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What a store must do.
    #[must_use]
    pub const fn must(&self) -> &'static str {
        self.must
    }

    /// What the case is about. It is run with those of them that the store supports.
    #[must_use]
    pub const fn areas(&self) -> Areas {
        self.areas
    }

    /// Runs the case. Where the store supports none of its areas, it is the refusal of those areas
    /// that is checked (C-SUP-1).
    ///
    /// # Errors
    ///
    /// The store breaks the must.
    pub fn check(&self, harness: &H) -> Result<Outcome, Violation> {
        let world = World::new(harness, self.id);
        let supported = world.store().areas();
        let missing = Area::ALL
            .into_iter()
            .filter(|area| self.areas.contains(*area) && !supported.contains(*area));
        let missing = missing.fold(Areas::NONE, Areas::with);
        if missing == self.areas {
            support::refuses(&world, missing)?;
            let why = format!("the store supports none of: {}", names(missing));
            return Ok(Outcome::Skipped { why });
        }
        match (self.run)(world)? {
            Outcome::Held { .. } => Ok(Outcome::Held { without: missing }),
            skipped => Ok(skipped),
        }
    }
}

impl<H: Harness> fmt::Debug for Case<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case").field("id", &self.id).field("name", &self.name).finish()
    }
}

pub(super) fn names(areas: Areas) -> String {
    areas.iter().map(Area::as_str).collect::<Vec<_>>().join(", ")
}

/// What came of a case that found nothing wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The store keeps the must.
    Held {
        /// The areas that were left out, as the store does not support them.
        without: Areas,
    },
    /// The must does not concern the store.
    Skipped {
        /// Why.
        why: String,
    },
}

impl Outcome {
    pub(super) const HELD: Self = Self::Held { without: Areas::NONE };

    pub(super) fn skipped(why: &str) -> Self {
        Self::Skipped { why: why.to_owned() }
    }
}

/// A store breaks a must. The text begins with the id and says what a caller would have suffered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{must}: {suffered}{detail}")]
pub struct Violation {
    must: &'static str,
    suffered: String,
    detail: String,
}

impl Violation {
    pub(super) fn new(must: &'static str, suffered: impl Into<String>) -> Self {
        Self { must, suffered: suffered.into(), detail: String::new() }
    }

    pub(super) fn with_detail(mut self, detail: &str) -> Self {
        self.detail = format!("\n  {detail}");
        self
    }

    /// The id of the must.
    #[must_use]
    pub const fn must(&self) -> &'static str {
        self.must
    }
}

pub(super) type Checked<T = ()> = Result<T, Violation>;
