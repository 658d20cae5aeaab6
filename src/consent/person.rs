//! What a contact's record says of consent.

use super::error::{ConsentError, Problem};
use super::level::Level;
use crate::party::{Attributes, Value};

/// What a contact's record says of consent: the columns that decisions look at.
///
/// ```
/// use correspond::consent::{Level, Person};
/// use correspond::party::{Attributes, Value};
///
/// let mut ann = Attributes::default();
/// ann.set("msgdpr_gdprconsent", Value::Choice(587_030_005))?;
/// ann.set("msgdpr_gdprischild", Value::YesNo(true))?;
/// let ann = Person::from_attributes(&ann)?;
/// assert_eq!(ann.level(), Level::Marketing, "a child is never profiled");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Person {
    level: Level,
    child: bool,
    do_not_track: bool,
    do_not_email: bool,
    do_not_bulk_email: bool,
}

impl Person {
    /// Is a child (`contact.msgdpr_gdprischild`).
    pub const CHILD: &str = "msgdpr_gdprischild";
    /// Wants no interaction recorded (`contact.msgdpr_donottrack`).
    pub const DO_NOT_TRACK: &str = "msgdpr_donottrack";
    /// Allows no email (`contact.donotemail`).
    pub const DO_NOT_EMAIL: &str = "donotemail";
    /// Allows no commercial email (`contact.donotbulkemail`).
    pub const DO_NOT_BULK_EMAIL: &str = "donotbulkemail";

    /// An adult with this level who has objected to nothing.
    #[must_use]
    pub const fn new(level: Level) -> Self {
        Self {
            level,
            child: false,
            do_not_track: false,
            do_not_email: false,
            do_not_bulk_email: false,
        }
    }

    /// Reads the columns; one that is not there is no, and no level.
    ///
    /// # Errors
    ///
    /// A column holds a value of another type, or the level is no option of its choice.
    pub fn from_attributes(attributes: &Attributes) -> Result<Self, ConsentError> {
        let flag = |column: &'static str| match attributes.get(column) {
            None => Ok(false),
            Some(Value::YesNo(yes)) => Ok(*yes),
            Some(other) => {
                Err(ConsentError::from(Problem::Flag { column, found: format!("{other:?}") }))
            }
        };
        Ok(Self {
            level: Level::from_value(attributes.get(Level::COLUMN))?,
            child: flag(Self::CHILD)?,
            do_not_track: flag(Self::DO_NOT_TRACK)?,
            do_not_email: flag(Self::DO_NOT_EMAIL)?,
            do_not_bulk_email: flag(Self::DO_NOT_BULK_EMAIL)?,
        })
    }

    /// The same, a child.
    #[must_use]
    pub const fn child(mut self) -> Self {
        self.child = true;
        self
    }

    /// The same, who wants no interaction recorded.
    #[must_use]
    pub const fn not_tracked(mut self) -> Self {
        self.do_not_track = true;
        self
    }

    /// The same, who allows no email.
    #[must_use]
    pub const fn without_email(mut self) -> Self {
        self.do_not_email = true;
        self
    }

    /// The same, who allows no commercial email.
    #[must_use]
    pub const fn without_bulk_email(mut self) -> Self {
        self.do_not_bulk_email = true;
        self
    }

    /// How far consent goes, as it counts: a child's goes no further than
    /// [`Marketing`](Level::Marketing), whatever its record says.
    #[must_use]
    pub fn level(&self) -> Level {
        self.allowed(self.level)
    }

    /// How far it goes once `level` was given: of a child that of [`Level::for_child`]. A child that
    /// asks for profiling gets marketing, which is contained in it; nothing is refused.
    #[must_use]
    pub fn allowed(&self, level: Level) -> Level {
        if self.child { level.for_child() } else { level }
    }

    /// Is it a child?
    #[must_use]
    pub const fn is_child(&self) -> bool {
        self.child
    }

    /// Does the person want no interaction recorded?
    #[must_use]
    pub const fn is_not_tracked(&self) -> bool {
        self.do_not_track
    }

    /// Does the person allow no email at all?
    #[must_use]
    pub const fn refuses_email(&self) -> bool {
        self.do_not_email
    }

    /// Does the person allow no commercial email?
    #[must_use]
    pub const fn refuses_bulk_email(&self) -> bool {
        self.do_not_bulk_email
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// facts 5.10, 7.7: the columns of a contact.
    #[test]
    fn consent_columns_are_read_from_a_contact() {
        let mut row = Attributes::default();
        assert_eq!(Person::from_attributes(&row), Ok(Person::default()));
        row.set(Level::COLUMN, Value::Choice(587_030_003)).unwrap();
        for column in [Person::CHILD, Person::DO_NOT_TRACK, Person::DO_NOT_EMAIL] {
            row.set(column, Value::YesNo(true)).unwrap();
        }
        row.set(Person::DO_NOT_BULK_EMAIL, Value::YesNo(true)).unwrap();
        let all = Person::new(Level::Subscriptions).child().not_tracked();
        assert_eq!(Person::from_attributes(&row), Ok(all.without_email().without_bulk_email()));
        row.set(Person::DO_NOT_EMAIL, Value::Whole(1)).unwrap();
        assert_eq!(
            Person::from_attributes(&row).unwrap_err().to_string(),
            "donotemail: expected yes or no, found Whole(1)"
        );
    }

    /// facts 7.7: profiling is never for children.
    #[test]
    fn a_child_s_level_is_capped_whatever_the_record_says() {
        let child = Person::new(Level::Profiling).child();
        assert_eq!(child.level(), Level::Marketing);
        assert_eq!(child.allowed(Level::Profiling), Level::Marketing);
        assert_eq!(Person::new(Level::Profiling).level(), Level::Profiling);
    }
}
