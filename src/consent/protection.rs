//! What the data protection settings make of consent.

use super::level::Level;
use super::mail::Designation;
use super::person::Person;
use crate::settings::DataProtection;

/// The two switches of data protection (table `msgdpr_gdprconfiguration`), both off by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Protection {
    respected: bool,
    logged: bool,
}

impl Protection {
    /// Both switches off.
    #[must_use]
    pub const fn new() -> Self {
        Self { respected: false, logged: false }
    }

    /// The same with "Respect consent" on (`msgdpr_isenforced`).
    #[must_use]
    pub const fn respecting_consent(mut self) -> Self {
        self.respected = true;
        self
    }

    /// The same with "Log consent changes" on (`msgdpr_isconsentchangeloggingenabled`).
    #[must_use]
    pub const fn logging_changes(mut self) -> Self {
        self.logged = true;
        self
    }

    /// Do minimum levels count?
    #[must_use]
    pub const fn respects_consent(self) -> bool {
        self.respected
    }

    /// Is every change of level logged?
    #[must_use]
    pub const fn logs_changes(self) -> bool {
        self.logged
    }

    /// May whatever asks for `minimum` (a journey, a scoring model, a feature) process this person?
    /// Always while "Respect consent" is off. Account-based scoring has no person to ask for.
    ///
    /// # Errors
    ///
    /// [`Barrier::Level`]: the level is below the minimum.
    pub fn admits(self, minimum: Level, person: &Person) -> Result<(), Barrier> {
        let found = person.level();
        if !self.respected || found.meets(minimum) {
            Ok(())
        } else {
            Err(Barrier::Level { minimum, found })
        }
    }

    /// How a journey goes on for this person, who is `inside` it or asks to come in. It is asked at
    /// every tile with the minimum that the journey has then: whoever falls below it is stopped where
    /// he is, and stays stopped there until his level rises again.
    ///
    /// The product's later pages lock the minimum of a live journey; its earlier ones let it change
    /// and drop those below. Both come out of asking with the minimum of the moment.
    pub fn journey(self, minimum: Level, person: &Person, inside: bool) -> Passage {
        match self.admits(minimum, person) {
            Ok(()) => Passage::Open,
            Err(barrier) if inside => Passage::Stopped(barrier),
            Err(barrier) => Passage::NotAdmitted(barrier),
        }
    }

    /// May decisions about this person be made automatically? Children are never profiled, whether
    /// consent is respected or not; of all others the minimum is [`Level::Profiling`].
    ///
    /// # Errors
    ///
    /// [`Barrier::Child`], or [`Barrier::Level`].
    pub fn profiles(self, person: &Person) -> Result<(), Barrier> {
        if person.is_child() { Err(Barrier::Child) } else { self.admits(Level::Profiling, person) }
    }
}

impl From<&DataProtection> for Protection {
    /// The switches of the record in force; where there is none, [`new`](Self::new).
    fn from(settings: &DataProtection) -> Self {
        Self { respected: settings.respect_consent(), logged: settings.log_consent_changes() }
    }
}

impl Person {
    /// May a mail of this designation be sent to the person? Memberships of lists do not count
    /// against an objection, and the objection deletes none.
    ///
    /// # Errors
    ///
    /// [`Barrier::DoNotEmail`], which blocks all mail; or [`Barrier::DoNotBulkEmail`], which blocks
    /// commercial mail alone.
    pub const fn receives(&self, designation: Designation) -> Result<(), Barrier> {
        match designation {
            _ if self.refuses_email() => Err(Barrier::DoNotEmail),
            Designation::Commercial if self.refuses_bulk_email() => Err(Barrier::DoNotBulkEmail),
            _ => Ok(()),
        }
    }

    /// May the person's opens and clicks be recorded? The click of a double opt-in link is an answer,
    /// not an observation, and is worked off in any case.
    ///
    /// # Errors
    ///
    /// [`Barrier::DoNotTrack`].
    pub const fn is_observed(&self) -> Result<(), Barrier> {
        if self.is_not_tracked() { Err(Barrier::DoNotTrack) } else { Ok(()) }
    }
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Barrier {
    /// The contact's level is below the minimum.
    #[error("consent: expected level {minimum} or above, found {found}")]
    Level {
        /// What was asked for.
        minimum: Level,
        /// What the contact has.
        found: Level,
    },
    /// Automated decisions about a child.
    #[error("profiling: expected an adult, found a child (msgdpr_gdprischild)")]
    Child,
    /// The contact allows no email.
    #[error("email: expected a contact that allows it, found an objection (donotemail)")]
    DoNotEmail,
    /// The contact allows no commercial email.
    #[error(
        "commercial email: expected a contact that allows it, found an objection (donotbulkemail)"
    )]
    DoNotBulkEmail,
    /// The contact wants no interaction recorded.
    #[error(
        "interaction: expected a contact that allows recording it, found an objection (msgdpr_donottrack)"
    )]
    DoNotTrack,
}

/// How a journey goes on for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
#[expect(clippy::exhaustive_enums, reason = "in, out, or held where he is")]
pub enum Passage {
    /// Nothing stands in the way.
    Open,
    /// He does not come in.
    NotAdmitted(Barrier),
    /// He is stopped at the tile where he is.
    Stopped(Barrier),
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A167; facts 5.10, 7.7: both switches are off by default, and off a minimum is inert.
    #[test]
    fn respect_consent_switches_minimums() {
        let (off, on) = (Protection::new(), Protection::new().respecting_consent());
        assert_eq!(off, Protection::default());
        assert!(!off.respects_consent() && !off.logs_changes());
        assert!(on.respects_consent() && Protection::new().logging_changes().logs_changes());
        for level in Level::ALL {
            for minimum in Level::ALL {
                let person = Person::new(level);
                assert_eq!(off.admits(minimum, &person), Ok(()));
                let wanted = Barrier::Level { minimum, found: level };
                let expected = if level >= minimum { Ok(()) } else { Err(wanted) };
                assert_eq!(on.admits(minimum, &person), expected);
            }
        }
    }

    /// A167; facts 5.10: the switches are those of the data protection settings.
    #[test]
    fn data_protection_settings_switch_consent() {
        for (respected, logged) in [(false, false), (true, false), (false, true), (true, true)] {
            let settings = DataProtection::builder().name("GDPR").respect_consent(respected);
            let settings = settings.log_consent_changes(logged).build().unwrap();
            let switches = Protection::from(&settings);
            assert_eq!((switches.respects_consent(), switches.logs_changes()), (respected, logged));
        }
    }

    /// facts 7.7: below the minimum during a journey, stopped where he is.
    #[test]
    fn a_journey_stops_whoever_falls_below_its_minimum() {
        let on = Protection::new().respecting_consent();
        let (high, low) = (Person::new(Level::Marketing), Person::new(Level::Consent));
        let barrier = Barrier::Level { minimum: Level::Marketing, found: Level::Consent };
        for inside in [false, true] {
            assert_eq!(on.journey(Level::Marketing, &high, inside), Passage::Open);
            let off = Protection::new().journey(Level::Marketing, &low, inside);
            assert_eq!(off, Passage::Open);
        }
        assert_eq!(on.journey(Level::Marketing, &low, true), Passage::Stopped(barrier));
        assert_eq!(on.journey(Level::Marketing, &low, false), Passage::NotAdmitted(barrier));
    }

    /// facts 7.7: automated decisions never for children, though consent be not respected.
    #[test]
    fn children_are_never_profiled() {
        let child = Person::new(Level::Profiling).child();
        let (off, on) = (Protection::new(), Protection::new().respecting_consent());
        assert_eq!(off.profiles(&child), Err(Barrier::Child));
        assert_eq!(on.profiles(&child), Err(Barrier::Child));
        assert!(on.admits(Level::Profiling, &child).is_err());
        assert_eq!(on.profiles(&Person::new(Level::Profiling)), Ok(()));
        assert!(on.profiles(&Person::new(Level::Marketing)).is_err());
        assert_eq!(off.profiles(&Person::new(Level::None)), Ok(()));
        assert_eq!(
            Barrier::Child.to_string(),
            "profiling: expected an adult, found a child (msgdpr_gdprischild)"
        );
    }

    /// facts 7.7: legal designation.
    #[test]
    fn objections_block_by_designation() {
        use Designation::{Commercial, Transactional};
        let person = Person::new(Level::None);
        assert_eq!((person.receives(Commercial), person.receives(Transactional)), (Ok(()), Ok(())));
        let bulk = person.without_bulk_email();
        assert_eq!(bulk.receives(Commercial), Err(Barrier::DoNotBulkEmail));
        assert_eq!(bulk.receives(Transactional), Ok(()));
        for none in [person.without_email(), bulk.without_email()] {
            assert_eq!(none.receives(Commercial), Err(Barrier::DoNotEmail));
            assert_eq!(none.receives(Transactional), Err(Barrier::DoNotEmail));
        }
        assert_eq!(
            Barrier::DoNotEmail.to_string(),
            "email: expected a contact that allows it, found an objection (donotemail)"
        );
        assert_eq!(
            Barrier::DoNotBulkEmail.to_string(),
            "commercial email: expected a contact that allows it, found an objection \
             (donotbulkemail)"
        );
    }

    /// facts 7.7: `msgdpr_donottrack`: opens and clicks are not recorded.
    #[test]
    fn do_not_track_records_nothing() {
        let person = Person::new(Level::Profiling);
        assert_eq!(person.is_observed(), Ok(()));
        let barrier = person.not_tracked().is_observed().unwrap_err();
        assert_eq!(
            barrier.to_string(),
            "interaction: expected a contact that allows recording it, found an objection \
             (msgdpr_donottrack)"
        );
    }
}
