//! What became of a change of settings.

use std::fmt;

use crate::record::RecordRef;
use crate::settings::{Permission, SettingError, SlotError, Stored, TableError};

/// What became of a change of settings.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "only `Done` and `Removed` changed anything"]
#[non_exhaustive]
pub enum Changed<T> {
    /// It was made, or was so already: the record as it is now, or as it was when it was deleted.
    Done(Stored<T>),
    /// It was deleted. This version cannot read what it said, so there is nothing to show.
    Removed,
    /// The actor lacks this permission, to change the record at all or to change it so
    /// ([`Actor::lacks_for`](crate::settings::Actor::lacks_for)).
    Denied(Permission),
    /// The rules of the page forbid it.
    Refused(Refused),
    /// Somebody else changed the record first, made one with its id, or referred to it anew: this is
    /// what is there now. After a commit whose answer was lost, it may be one's own change.
    Stale(Stored<T>),
    /// There is no such record, or no more: after a commit whose answer was lost, perhaps by one's own
    /// deletion.
    Missing,
}

impl<T> Changed<T> {
    /// The record, where the change was made.
    #[must_use]
    pub fn done(self) -> Option<Stored<T>> {
        match self {
            Self::Done(stored) => Some(stored),
            _ => None,
        }
    }
}

/// Why the rules of a page forbid a change.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// One record of the kind is the default at all times, and this is the one: make another the
    /// default first.
    OnlyDefault(Attempt),
    /// An inactive record cannot be the default: activate it first.
    Inactive,
    /// Records of this kind have no default mark.
    NoDefaultMark,
    /// Other settings refer to the record: it cannot go, nor change so that it would not fit them (a
    /// matching strategy its target, a server profile to a server without appointments).
    InUse {
        /// Which: by ascending kind and id, at most [`SHOWN`](Self::SHOWN).
        by: Vec<RecordRef>,
    },
    /// The record would refer to one that is not there.
    NoTarget(RecordRef),
    /// The record would refer to a matching strategy that looks for the other target.
    WrongTarget(SlotError),
    /// The record would refer to an email server profile that does not go with its methods.
    NotAdmitted(SettingError),
    /// A rule of the page on new records or on changes forbids it: something that it keeps for good
    /// would go, or what only comes in steps would be there at once
    /// ([`check_new`](crate::settings::SettingsRecord::check_new),
    /// [`check_change`](crate::settings::SettingsRecord::check_change)).
    NotAllowed(SettingError),
    /// A requested table cannot be published.
    NotPublishable(TableError),
    /// An organization has one record of this kind, under the id of the
    /// [organization](super::organization): there is no second one, and it is neither deactivated
    /// nor deleted. Columns of the organization's own row are never absent: to go back to the
    /// defaults is to write them.
    OneOfItsKind,
}

impl Refused {
    /// At most this many users of a record are named.
    pub const SHOWN: usize = 100;
}

/// What was to be done with the default record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there is no other way to lose it")]
pub enum Attempt {
    /// Its mark was to be taken from it.
    Unmark,
    /// It was to be deactivated.
    Deactivate,
    /// It was to be deleted.
    Delete,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnlyDefault(attempt) => {
                let what = match attempt {
                    Attempt::Unmark => "stay the default",
                    Attempt::Deactivate => "stay active",
                    Attempt::Delete => "stay",
                };
                write!(f, "the default record must {what} until another is made the default")
            }
            Self::Inactive => f.write_str("an inactive record cannot be the default"),
            Self::NoDefaultMark => f.write_str("records of this kind have no default mark"),
            Self::InUse { by } => {
                f.write_str("it is in use by ")?;
                for (place, user) in by.iter().enumerate() {
                    write!(f, "{}{user}", if place == 0 { "" } else { ", " })?;
                }
                Ok(())
            }
            Self::NoTarget(target) => write!(f, "it refers to {target}, which is not there"),
            Self::WrongTarget(error) => error.fmt(f),
            Self::NotAdmitted(error) | Self::NotAllowed(error) => error.fmt(f),
            Self::NotPublishable(error) => error.fmt(f),
            Self::OneOfItsKind => f.write_str(
                "an organization has one record of this kind, active, with the organization's id",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RecordId;
    use crate::record::RecordKind;

    #[test]
    fn a_refusal_says_why() {
        let only = |attempt| Refused::OnlyDefault(attempt).to_string();
        assert_eq!(
            only(Attempt::Unmark),
            "the default record must stay the default until another is made the default"
        );
        assert_eq!(
            only(Attempt::Deactivate),
            "the default record must stay active until another is made the default"
        );
        assert_eq!(
            only(Attempt::Delete),
            "the default record must stay until another is made the default"
        );
        assert_eq!(Refused::Inactive.to_string(), "an inactive record cannot be the default");
        let [one, two] = [1, 2].map(|id| RecordKind::LandingPage.of(RecordId::new(id)));
        assert_eq!(
            Refused::InUse { by: vec![one, two] }.to_string(),
            "it is in use by LandingPage 00000000000000000000000000000001, LandingPage \
             00000000000000000000000000000002"
        );
        assert_eq!(
            Refused::NoTarget(one).to_string(),
            "it refers to LandingPage 00000000000000000000000000000001, which is not there"
        );
        assert_eq!(Refused::NoDefaultMark.to_string(), "records of this kind have no default mark");
        assert_eq!(
            Refused::OneOfItsKind.to_string(),
            "an organization has one record of this kind, active, with the organization's id"
        );
    }
}
