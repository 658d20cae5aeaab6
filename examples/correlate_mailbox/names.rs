//! What is remembered of each filed mail, to name it later.

use correspond::id::RecordId;

/// The Message-IDs of the filed mails, in the order of filing: a record's id is its number here.
#[derive(Default)]
pub(crate) struct Names {
    text: String,
    ends: Vec<usize>,
}

impl Names {
    pub(crate) fn push(&mut self, name: Option<&str>) {
        self.text.push_str(name.unwrap_or_default());
        self.ends.push(self.text.len());
    }

    pub(crate) fn next_id(&self) -> RecordId {
        RecordId::new(self.ends.len() as u128)
    }

    /// The Message-ID of a mail; `None` where it had none.
    pub(crate) fn get(&self, id: RecordId) -> Option<&str> {
        let at = usize::try_from(id.get()).ok()?;
        let end = *self.ends.get(at)?;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text.get(start..end).filter(|name| !name.is_empty())
    }

    pub(crate) fn or_number(&self, id: RecordId) -> String {
        self.get(id).map_or_else(|| format!("mail {}", id.get() + 1), |name| format!("<{name}>"))
    }
}
