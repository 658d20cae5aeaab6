//! Lists that come in pages.

use super::kind::RecordKind;
use crate::id::RecordId;

/// At most this many items a page.
pub const MAX_PAGE: u16 = 1_000;

/// A page of the records of one kind, by ascending id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordPageQuery {
    kind: RecordKind,
    after: Option<RecordId>,
    limit: u16,
}

impl RecordPageQuery {
    /// The first page, of up to 100 records.
    #[must_use]
    pub const fn new(kind: RecordKind) -> Self {
        Self { kind, after: None, limit: 100 }
    }

    /// Up to `limit` records: 1 to [`MAX_PAGE`]; what lies outside is moved to the next end.
    #[must_use]
    pub fn limit(mut self, limit: u16) -> Self {
        self.limit = limit.clamp(1, MAX_PAGE);
        self
    }

    /// The page behind this id: [`Page::next`] of the page before.
    #[must_use]
    pub const fn after(mut self, id: RecordId) -> Self {
        self.after = Some(id);
        self
    }

    /// Which kind.
    #[must_use]
    pub const fn kind(&self) -> RecordKind {
        self.kind
    }

    /// Only records with a greater id.
    #[must_use]
    pub const fn start(&self) -> Option<RecordId> {
        self.after
    }

    /// How many at most.
    #[must_use]
    pub const fn page_limit(&self) -> u16 {
        self.limit
    }
}

/// Part of a list, and where the next part begins.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a list and its end; stores make it")]
pub struct Page<T, K> {
    /// The items, by ascending key.
    pub items: Vec<T>,
    /// The key of the last item, where there may be more behind it; `None` at the end of the list.
    pub next: Option<K>,
}

impl<T, K> Page<T, K> {
    /// A page of `items`, of which up to `limit` were asked for: a full page may have a next one.
    #[must_use]
    pub fn new(items: Vec<T>, limit: u16, key: impl FnOnce(&T) -> K) -> Self {
        let full = items.len() >= usize::from(limit);
        let next = if full { items.last().map(key) } else { None };
        Self { items, next }
    }
}
