//! Which point in time does the clock on the wall mean?

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeDelta, Utc};

use super::{TimeZone, TimeZoneError};

/// What a wall time means in a time zone: one point in time, none, or two.
///
/// [`instant`](Self::instant) is the point in time to act at in each case. It is chosen as
/// `ZonedDateTime.of` of `java.time`, the `compatible` of ECMAScript's Temporal and RFC 5545
/// (section 3.3.5) choose it: in a gap the wall time is moved forward by the length of the gap, of two
/// the earlier one is taken. So nothing is left out in spring, nothing is done twice in autumn, and
/// nothing happens before the wall shows the time that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a wall time is shown once, never, or twice")]
pub enum WallTime {
    /// The wall shows the time once.
    Exact(DateTime<Utc>),
    /// The wall never shows the time: clocks are put forward across it.
    Gap {
        /// The wall time moved forward by `length`.
        shifted: DateTime<Utc>,
        /// When the clocks are put forward: the first point in time after the gap.
        transition: DateTime<Utc>,
        /// By how much: an hour mostly, half an hour on Lord Howe Island, a day on Samoa in 2011.
        length: TimeDelta,
    },
    /// The wall shows the time twice: clocks are put back across it.
    Overlap {
        /// The first time.
        earlier: DateTime<Utc>,
        /// The second time.
        later: DateTime<Utc>,
    },
}

impl WallTime {
    /// The point in time to act at: see the [policy](Self).
    #[must_use]
    pub const fn instant(self) -> DateTime<Utc> {
        match self {
            Self::Exact(instant)
            | Self::Gap { shifted: instant, .. }
            | Self::Overlap { earlier: instant, .. } => instant,
        }
    }
}

/// Between UTC and the clock on the wall.
///
/// `UTC` (code 92) and the other zones with one offset for all time are computed in every build. The
/// rest have rules, from the IANA time zone database that the feature `chrono-tz` builds in; without
/// the feature both functions answer [`TimeZoneError::FeatureOff`] for them.
///
/// The rules in the database end in the year 2099 or before: later than that a zone stays at the last
/// offset that it had.
///
/// ```
/// # #[cfg(feature = "chrono-tz")] {
/// use chrono::{NaiveDate, TimeDelta};
/// use correspond::journey::{TimeZoneCode, WallTime};
///
/// let berlin = TimeZoneCode::new(110)?.zone()?;
/// let wall = NaiveDate::from_ymd_opt(2026, 3, 29).unwrap().and_hms_opt(2, 30, 0).unwrap();
/// let WallTime::Gap { shifted, length, .. } = berlin.to_utc(wall)? else { panic!("a gap") };
/// assert_eq!(length, TimeDelta::hours(1));
/// assert_eq!(shifted.to_rfc3339(), "2026-03-29T01:30:00+00:00");
/// assert_eq!(berlin.to_wall_time(shifted)?.to_string(), "2026-03-29 03:30:00");
/// # }
/// # Ok::<(), correspond::journey::TimeZoneError>(())
/// ```
impl TimeZone {
    /// The point in time that `wall` means in this zone.
    ///
    /// # Errors
    ///
    /// The zone has rules and the feature `chrono-tz` is off; or the UTC time is beyond an end of the
    /// calendar.
    pub fn to_utc(self, wall: NaiveDateTime) -> Result<WallTime, TimeZoneError> {
        let to_utc = |offset: FixedOffset| {
            wall.checked_sub_offset(offset)
                .map(|utc| utc.and_utc())
                .ok_or(TimeZoneError::WallTimeOutOfRange { zone: self, wall })
        };
        Ok(match self.offsets_at_wall_time(wall)? {
            Offsets::One(offset) => WallTime::Exact(to_utc(offset)?),
            Offsets::Two(one, other) => {
                let (one, other) = (to_utc(one)?, to_utc(other)?);
                WallTime::Overlap { earlier: one.min(other), later: one.max(other) }
            }
            Offsets::None { before, transition, length } => {
                WallTime::Gap { shifted: to_utc(before)?, transition, length }
            }
        })
    }

    /// What the clock on the wall shows at `utc`.
    ///
    /// # Errors
    ///
    /// The zone has rules and the feature `chrono-tz` is off; or the wall time is beyond an end of the
    /// calendar.
    pub fn to_wall_time(self, utc: DateTime<Utc>) -> Result<NaiveDateTime, TimeZoneError> {
        let offset = self.offset_at(utc)?;
        utc.naive_utc()
            .checked_add_offset(offset)
            .ok_or(TimeZoneError::UtcOutOfRange { zone: self, utc })
    }

    fn offset_at(self, utc: DateTime<Utc>) -> Result<FixedOffset, TimeZoneError> {
        match self.fixed_offset() {
            Some(offset) => Ok(offset),
            None => rules::offset_at(self, utc),
        }
    }

    fn offsets_at_wall_time(self, wall: NaiveDateTime) -> Result<Offsets, TimeZoneError> {
        match self.fixed_offset() {
            Some(offset) => Ok(Offsets::One(offset)),
            None => rules::offsets_at_wall_time(self, wall),
        }
    }

    fn fixed_offset(self) -> Option<FixedOffset> {
        FixedOffset::east_opt(self.fixed_seconds()?)
    }
}

/// The offsets under which a wall time exists.
#[cfg_attr(not(feature = "chrono-tz"), expect(dead_code, reason = "only rules make the others"))]
enum Offsets {
    One(FixedOffset),
    Two(FixedOffset, FixedOffset),
    None { before: FixedOffset, transition: DateTime<Utc>, length: TimeDelta },
}

#[cfg(not(feature = "chrono-tz"))]
use no_rules as rules;

#[cfg(feature = "chrono-tz")]
mod rules {
    use chrono::offset::LocalResult;
    use chrono::{DateTime, FixedOffset, NaiveDateTime, Offset, TimeZone as _, Utc};
    use chrono_tz::{GapInfo, Tz};

    use super::{Offsets, TimeZone, TimeZoneError};

    fn of(zone: TimeZone) -> Result<Tz, TimeZoneError> {
        zone.iana_name().parse().map_err(|_| TimeZoneError::NoRules { zone })
    }

    pub(super) fn offset_at(
        zone: TimeZone,
        utc: DateTime<Utc>,
    ) -> Result<FixedOffset, TimeZoneError> {
        Ok(of(zone)?.offset_from_utc_datetime(&utc.naive_utc()).fix())
    }

    pub(super) fn offsets_at_wall_time(
        zone: TimeZone,
        wall: NaiveDateTime,
    ) -> Result<Offsets, TimeZoneError> {
        let rules = of(zone)?;
        match rules.offset_from_local_datetime(&wall) {
            LocalResult::Single(offset) => Ok(Offsets::One(offset.fix())),
            LocalResult::Ambiguous(one, other) => Ok(Offsets::Two(one.fix(), other.fix())),
            LocalResult::None => {
                gap(&rules, wall).ok_or(TimeZoneError::WallTimeOutOfRange { zone, wall })
            }
        }
    }

    fn gap(rules: &Tz, wall: NaiveDateTime) -> Option<Offsets> {
        let gap = GapInfo::new(&wall, rules)?;
        let (begin, before) = gap.begin?;
        let end = gap.end?;
        Some(Offsets::None {
            before: before.fix(),
            transition: end.to_utc(),
            length: end.naive_local().signed_duration_since(begin),
        })
    }
}

#[cfg(any(test, not(feature = "chrono-tz")))]
mod no_rules {
    use chrono::{DateTime, FixedOffset, NaiveDateTime, Utc};

    use super::{Offsets, TimeZone, TimeZoneError};

    const fn off(zone: TimeZone) -> TimeZoneError {
        TimeZoneError::FeatureOff { zone, feature: "chrono-tz" }
    }

    pub(super) const fn offset_at(
        zone: TimeZone,
        _: DateTime<Utc>,
    ) -> Result<FixedOffset, TimeZoneError> {
        Err(off(zone))
    }

    pub(super) const fn offsets_at_wall_time(
        zone: TimeZone,
        _: NaiveDateTime,
    ) -> Result<Offsets, TimeZoneError> {
        Err(off(zone))
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    fn zone(iana: &str) -> TimeZone {
        TimeZone::by_iana_name(iana).unwrap()
    }

    fn wall(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    fn utc(text: &str) -> DateTime<Utc> {
        wall(text).and_utc()
    }

    /// Zone, wall time, the same in UTC.
    #[test]
    fn a_wall_time_that_is_shown_once_is_exact() {
        for (iana, local, instant) in [
            ("Europe/Berlin", "2026-01-15T12:00:00", "2026-01-15T11:00:00"),
            ("Europe/Berlin", "2026-07-15T12:00:00", "2026-07-15T10:00:00"),
            ("Europe/Berlin", "2026-03-29T01:59:59", "2026-03-29T00:59:59"),
            ("Europe/Berlin", "2026-03-29T03:00:00", "2026-03-29T01:00:00"),
            ("Europe/Berlin", "2026-10-25T01:59:59", "2026-10-24T23:59:59"),
            ("Europe/Berlin", "2026-10-25T03:00:00", "2026-10-25T02:00:00"),
            ("America/New_York", "2026-07-04T09:00:00", "2026-07-04T13:00:00"),
            ("Asia/Kolkata", "2026-07-04T05:30:00", "2026-07-04T00:00:00"),
            ("Pacific/Apia", "2011-12-29T23:59:59", "2011-12-30T09:59:59"),
            ("Pacific/Apia", "2011-12-31T00:00:00", "2011-12-30T10:00:00"),
            ("UTC", "2026-07-04T09:00:00", "2026-07-04T09:00:00"),
            ("Etc/GMT+11", "2026-07-04T09:00:00", "2026-07-04T20:00:00"),
            ("Etc/GMT-12", "2026-07-04T09:00:00", "2026-07-03T21:00:00"),
        ] {
            let zone = zone(iana);
            assert_eq!(zone.to_utc(wall(local)), Ok(WallTime::Exact(utc(instant))), "{iana}");
            assert_eq!(zone.to_wall_time(utc(instant)), Ok(wall(local)), "{iana}");
        }
    }

    /// Zone, wall time, shifted, transition, minutes.
    #[test]
    fn a_wall_time_in_a_gap_is_moved_forward_by_its_length() {
        for (iana, local, moved, change, minutes) in [
            ("Europe/Berlin", "2026-03-29T02:00:00", "01:00:00", "2026-03-29T01:00:00", 60),
            ("Europe/Berlin", "2026-03-29T02:30:00", "01:30:00", "2026-03-29T01:00:00", 60),
            ("Europe/Berlin", "2026-03-29T02:59:59", "01:59:59", "2026-03-29T01:00:00", 60),
            ("America/New_York", "2026-03-08T02:30:00", "07:30:00", "2026-03-08T07:00:00", 60),
            ("Australia/Lord_Howe", "2026-10-04T02:15:00", "15:45:00", "2026-10-03T15:30:00", 30),
            // Samoa went from 29 to 31 December 2011.
            ("Pacific/Apia", "2011-12-30T12:00:00", "22:00:00", "2011-12-30T10:00:00", 1440),
        ] {
            let (zone, transition) = (zone(iana), utc(change));
            let shifted = transition.date_naive().and_time(moved.parse().unwrap()).and_utc();
            let length = TimeDelta::minutes(minutes);
            let answer = zone.to_utc(wall(local)).unwrap();
            assert_eq!(answer, WallTime::Gap { shifted, transition, length }, "{iana} {local}");
            assert_eq!(answer.instant(), shifted);
            assert_eq!(zone.to_wall_time(shifted), Ok(wall(local) + length));
        }
    }

    /// Zone, wall time, first and second time.
    #[test]
    fn of_a_wall_time_that_is_shown_twice_the_earlier_is_taken() {
        for (iana, local, first, second) in [
            ("Europe/Berlin", "2026-10-25T02:00:00", "2026-10-25T00:00:00", "2026-10-25T01:00:00"),
            ("Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T00:30:00", "2026-10-25T01:30:00"),
            (
                "America/New_York",
                "2026-11-01T01:30:00",
                "2026-11-01T05:30:00",
                "2026-11-01T06:30:00",
            ),
            (
                "Australia/Lord_Howe",
                "2026-04-05T01:45:00",
                "2026-04-04T14:45:00",
                "2026-04-04T15:15:00",
            ),
        ] {
            let zone = zone(iana);
            let (earlier, later) = (utc(first), utc(second));
            let answer = zone.to_utc(wall(local)).unwrap();
            assert_eq!(answer, WallTime::Overlap { earlier, later }, "{iana}");
            assert_eq!(answer.instant(), earlier);
            for instant in [earlier, later] {
                assert_eq!(zone.to_wall_time(instant), Ok(wall(local)));
            }
        }
    }

    #[test]
    fn every_zone_has_rules_in_the_database() {
        for zone in TimeZone::all() {
            assert!(zone.iana_name().parse::<chrono_tz::Tz>().is_ok(), "{}", zone.iana_name());
            assert!(zone.to_wall_time(DateTime::UNIX_EPOCH).is_ok());
        }
    }

    /// What is computed without the database is what the database says.
    #[test]
    fn a_fixed_offset_is_the_one_of_the_database() {
        let fixed: Vec<_> = TimeZone::all().filter(|zone| zone.fixed_offset().is_some()).collect();
        assert_eq!(fixed.len(), 8, "UTC, -12, -11, -9, -8, -2 twice, +12");
        for zone in fixed {
            for year in [1900, 2026, 2100] {
                let at = NaiveDate::from_ymd_opt(year, 7, 1).unwrap().and_time(Default::default());
                let ruled = rules::offset_at(zone, at.and_utc()).unwrap();
                assert_eq!(zone.fixed_offset(), Some(ruled), "{}", zone.iana_name());
            }
        }
    }

    /// The build without the feature `chrono-tz` has `no_rules` for rules.
    #[test]
    fn without_rules_the_feature_is_named() {
        let berlin = zone("Europe/Berlin");
        let off = TimeZoneError::FeatureOff { zone: berlin, feature: "chrono-tz" };
        assert_eq!(no_rules::offset_at(berlin, DateTime::UNIX_EPOCH), Err(off));
        let midnight = wall("2026-07-04T00:00:00");
        assert_eq!(no_rules::offsets_at_wall_time(berlin, midnight).err(), Some(off));
        assert_eq!(
            off.to_string(),
            "time zone Europe/Berlin (code 110): its rules need the feature `chrono-tz`, which is off"
        );
    }

    #[test]
    fn the_ends_of_the_calendar_are_refused_and_nothing_panics() {
        let (first, last) = (NaiveDateTime::MIN, NaiveDateTime::MAX);
        let mut refused = 0;
        for zone in TimeZone::all() {
            for at in [first, last] {
                match zone.to_utc(at) {
                    Ok(answer) => assert!(matches!(answer, WallTime::Exact(_))),
                    Err(TimeZoneError::WallTimeOutOfRange { wall, .. }) => {
                        assert_eq!(wall, at);
                        refused += 1;
                    }
                    Err(other) => panic!("{other}"),
                }
                match zone.to_wall_time(at.and_utc()) {
                    Ok(_) => {}
                    Err(TimeZoneError::UtcOutOfRange { utc, .. }) => {
                        assert_eq!(utc, at.and_utc());
                        refused += 1;
                    }
                    Err(other) => panic!("{other}"),
                }
            }
        }
        assert!(refused > TimeZone::all().count(), "one end or the other, both ways: {refused}");
        assert_eq!(
            zone("Asia/Tokyo").to_utc(first).unwrap_err().to_string(),
            "wall time -262143-01-01 00:00:00 in Asia/Tokyo: its UTC time is outside of the calendar \
             (years -262143 to 262142)"
        );
        assert_eq!(
            zone("Asia/Tokyo").to_wall_time(last.and_utc()).unwrap_err().to_string(),
            "UTC time +262142-12-31 23:59:59.999999999 UTC in Asia/Tokyo: its wall time is outside of \
             the calendar (years -262143 to 262142)"
        );
    }

    /// The rules of the database have an end; later the last offset holds.
    #[test]
    fn rules_end_with_the_century() {
        let berlin = zone("Europe/Berlin");
        let hour = |text| berlin.to_wall_time(utc(text)).unwrap() - wall(text);
        assert_eq!(hour("2099-07-01T00:00:00"), TimeDelta::hours(2));
        assert_eq!(hour("2100-07-01T00:00:00"), TimeDelta::hours(1));
    }
}
