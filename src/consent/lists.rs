//! Which lists is a contact on?

use std::collections::BTreeSet;

use super::error::{ConsentError, Problem};
use crate::id::RecordId;
use crate::party::{Attributes, Value};

/// The subscription lists that a contact is on. Per contact, not per address: two contacts with one
/// address join and leave each for itself.
///
/// Kept in the contact's own record, as the text attribute [`ATTRIBUTE`](Self::ATTRIBUTE): the ids in
/// ascending order with a space between. So a change of level and of lists is one write of one
/// record, two such changes at once cannot lose each other, and a contact that is deleted is on no
/// list.
///
/// ```
/// use correspond::consent::Memberships;
/// use correspond::id::RecordId;
/// use correspond::party::Attributes;
///
/// let mut ann = Attributes::default();
/// let mut lists = Memberships::from_attributes(&ann)?;
/// assert!(lists.join(RecordId::new(7))?);
/// assert!(!lists.join(RecordId::new(7))?, "she is on it already");
/// lists.write_to(&mut ann)?;
/// assert_eq!(Memberships::from_attributes(&ann)?, lists);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memberships(BTreeSet<RecordId>);

impl Memberships {
    /// A contact is on at most this many lists.
    pub const MAX: usize = 1_000;

    /// The attribute that holds them. The product has a table of its own for them (`listmember`).
    pub const ATTRIBUTE: &str = "listmember";

    /// Reads the memberships of a contact.
    ///
    /// # Errors
    ///
    /// The attribute is no text of ids, or holds more than [`MAX`](Self::MAX).
    pub fn from_attributes(attributes: &Attributes) -> Result<Self, ConsentError> {
        let wrong = |found: String| ConsentError::from(Problem::Lists { found });
        let text = match attributes.get(Self::ATTRIBUTE) {
            None => return Ok(Self::default()),
            Some(Value::Text(text)) => text,
            Some(other) => return Err(wrong(format!("{other:?}"))),
        };
        let mut lists = BTreeSet::new();
        for word in text.split_ascii_whitespace().take(Self::MAX + 1) {
            let id = word.parse().map_err(|_| wrong(format!("{word:.40?}")))?;
            lists.insert(id);
        }
        Self::checked(lists)
    }

    fn checked(lists: BTreeSet<RecordId>) -> Result<Self, ConsentError> {
        let found = lists.len();
        if found > Self::MAX {
            Err(Problem::TooManyLists { found }.into())
        } else {
            Ok(Self(lists))
        }
    }

    /// Puts the contact on a list; `false` when it was there.
    ///
    /// # Errors
    ///
    /// It is on [`MAX`](Self::MAX) others.
    pub fn join(&mut self, list: RecordId) -> Result<bool, ConsentError> {
        if self.0.len() >= Self::MAX && !self.0.contains(&list) {
            return Err(Problem::TooManyLists { found: Self::MAX + 1 }.into());
        }
        Ok(self.0.insert(list))
    }

    /// Takes the contact off a list; `false` when it was not there.
    pub fn leave(&mut self, list: RecordId) -> bool {
        self.0.remove(&list)
    }

    /// Is the contact on this list?
    #[must_use]
    pub fn contains(&self, list: RecordId) -> bool {
        self.0.contains(&list)
    }

    /// The lists, by ascending id.
    pub fn iter(&self) -> impl Iterator<Item = RecordId> {
        self.0.iter().copied()
    }

    /// Writes them to the attributes of a contact. Of a contact on no list the attribute is empty.
    ///
    /// # Errors
    ///
    /// The contact has as many attributes as there can be.
    pub fn write_to(
        &self,
        attributes: &mut Attributes,
    ) -> Result<(), crate::party::AttributeError> {
        if self.0.is_empty() && attributes.get(Self::ATTRIBUTE).is_none() {
            return Ok(());
        }
        let words: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        attributes.set(Self::ATTRIBUTE, Value::Text(words.join(" "))).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memberships_are_bounded_and_read_closely() {
        let mut lists = Memberships::default();
        for n in 0..Memberships::MAX {
            assert_eq!(lists.join(RecordId::new(n as u128)), Ok(true));
        }
        assert_eq!(lists.join(RecordId::new(3)), Ok(false));
        let full = "memberships: expected at most 1000 lists, found 1001";
        assert_eq!(lists.join(RecordId::new(5_000)).unwrap_err().to_string(), full);
        let mut row = Attributes::default();
        lists.write_to(&mut row).unwrap();
        assert_eq!(Memberships::from_attributes(&row), Ok(lists.clone()));
        let Some(Value::Text(text)) = row.get(Memberships::ATTRIBUTE).cloned() else { panic!() };
        row.set(Memberships::ATTRIBUTE, Value::Text(text + " ffff")).unwrap();
        assert_eq!(Memberships::from_attributes(&row).unwrap_err().to_string(), full);

        row.set(Memberships::ATTRIBUTE, Value::Text("7 x".into())).unwrap();
        assert_eq!(
            Memberships::from_attributes(&row).unwrap_err().to_string(),
            "listmember: expected ids of lists with a space between, found \"x\""
        );
        row.set(Memberships::ATTRIBUTE, Value::Whole(7)).unwrap();
        assert!(Memberships::from_attributes(&row).is_err());
        assert!(lists.leave(RecordId::new(3)) && !lists.leave(RecordId::new(3)));
    }
}
