//! Which time zone does this code stand for?

use std::fmt;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};

use super::zones::{FORMER, IANA_TODAY, OFFERED, STANDARD_NAMES};
use crate::settings::Whole;

/// The time zone of a record as Dataverse keeps it: a number of `timezonedefinition.timezonecode`,
/// not an offset. -1500 to 1500, the range of `msdyncrm_customerjourney
/// .msdyncrm_customerjourneytimezone` and of `msdyncrm_defaultmarketingsetting
/// .msdyncrm_defaulttimezone`; serialised as the number.
///
/// A code that is in the range and stands for no zone known here is kept as it is: the record can be
/// read, listed and written back. Only what has to compute with it is refused, by
/// [`TimeZoneError::UnknownCode`].
///
/// ```
/// use correspond::journey::TimeZoneCode;
///
/// let code = TimeZoneCode::new(110)?;
/// assert_eq!(code.zone()?.windows_name(), "W. Europe Standard Time");
/// assert_eq!(code.zone()?.iana_name(), "Europe/Berlin");
///
/// let unknown = TimeZoneCode::new(999)?;
/// assert!(unknown.zone().is_err());
/// assert!(TimeZoneCode::new(1501).is_err());
/// # Ok::<(), correspond::journey::TimeZoneError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i16")]
pub struct TimeZoneCode(i16);

impl TimeZoneCode {
    /// The least code.
    pub const MIN: Self = Self(-1500);
    /// The greatest code.
    pub const MAX: Self = Self(1500);
    /// Coordinated Universal Time.
    pub const UTC: Self = Self(92);

    /// The code with this number.
    ///
    /// # Errors
    ///
    /// [`TimeZoneError::CodeOutOfRange`] below -1500 or above 1500.
    pub fn new(number: i64) -> Result<Self, TimeZoneError> {
        i16::try_from(number)
            .ok()
            .map(Self)
            .filter(|code| (Self::MIN..=Self::MAX).contains(code))
            .ok_or(TimeZoneError::CodeOutOfRange { found: number })
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> i16 {
        self.0
    }

    /// The zone that the code stands for.
    ///
    /// # Errors
    ///
    /// [`TimeZoneError::UnknownCode`] where [`TimeZone::all`] has none with this code.
    pub fn zone(self) -> Result<TimeZone, TimeZoneError> {
        find(OFFERED, self)
            .or_else(|| find(FORMER, self))
            .ok_or(TimeZoneError::UnknownCode { code: self })
    }
}

impl From<Whole<-1500, 1500>> for TimeZoneCode {
    /// The code as a setting keeps it
    /// ([`default_time_zone`](crate::settings::DefaultMarketingSettings::default_time_zone)): the
    /// range is the same.
    fn from(number: Whole<-1500, 1500>) -> Self {
        i16::try_from(number.get()).map_or(Self::UTC, Self)
    }
}

fn find(table: &[TimeZone], code: TimeZoneCode) -> Option<TimeZone> {
    let at = table.binary_search_by_key(&code, |zone| zone.code).ok()?;
    table.get(at).copied()
}

impl TryFrom<i64> for TimeZoneCode {
    type Error = TimeZoneError;

    fn try_from(number: i64) -> Result<Self, TimeZoneError> {
        Self::new(number)
    }
}

impl From<TimeZoneCode> for i16 {
    fn from(code: TimeZoneCode) -> Self {
        code.0
    }
}

impl fmt::Display for TimeZoneCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A time zone by its three names: Dataverse code, Windows identifier, IANA name.
///
/// The IANA name is the one that Unicode CLDR gives for the Windows zone where no country is named
/// (`windowsZones.xml`, territory 001). It may be an older name (`Asia/Calcutta`), which IANA keeps as
/// a link to the one of today.
///
/// ```
/// use correspond::journey::TimeZone;
///
/// let india = TimeZone::by_iana_name("Asia/Kolkata").expect("the name of today is found as well");
/// assert_eq!(india.code().get(), 190);
/// assert_eq!(TimeZone::by_windows_name("india standard time"), Some(india));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeZone {
    code: TimeZoneCode,
    windows: &'static str,
    iana: &'static str,
}

impl TimeZone {
    pub(super) const fn row(code: i16, windows: &'static str, iana: &'static str) -> Self {
        Self { code: TimeZoneCode(code), windows, iana }
    }

    /// Every zone that is known: those that are offered, by code, then three that Windows has replaced
    /// and that records may still name.
    pub fn all() -> impl Iterator<Item = Self> {
        OFFERED.iter().chain(FORMER).copied()
    }

    /// The zone with this Windows identifier (`W. Europe Standard Time`), upper and lower case alike.
    /// The product's own standard name is found too where it is another (`Jerusalem Standard Time`).
    #[must_use]
    pub fn by_windows_name(name: &str) -> Option<Self> {
        Self::all()
            .find(|zone| zone.windows.eq_ignore_ascii_case(name))
            .or_else(|| named(STANDARD_NAMES, name))
    }

    /// The zone that stands for this IANA name, upper and lower case alike.
    ///
    /// Only the one name for each zone is found, and the name that IANA uses today where that is
    /// another (for UTC also `UTC` and `Etc/GMT`): `Europe/Berlin` for code 110, not `Europe/Vienna`, which has the same code. Where
    /// several codes share a name (12 and 13, 29 and 30, 75 and 76) the one that is offered today is
    /// answered: 12, 29, 76.
    #[must_use]
    pub fn by_iana_name(name: &str) -> Option<Self> {
        OFFERED
            .iter()
            .find(|zone| zone.iana.eq_ignore_ascii_case(name))
            .copied()
            .or_else(|| named(IANA_TODAY, name))
    }

    /// The Dataverse code.
    #[must_use]
    pub const fn code(self) -> TimeZoneCode {
        self.code
    }

    /// The identifier of the Windows zone.
    #[must_use]
    pub const fn windows_name(self) -> &'static str {
        self.windows
    }

    /// The IANA name.
    #[must_use]
    pub const fn iana_name(self) -> &'static str {
        self.iana
    }

    /// The seconds that the zone is ahead of UTC, where it has always been and needs no rules: the
    /// zones `Etc/…`, whose names count the other way round.
    pub(super) fn fixed_seconds(self) -> Option<i32> {
        let behind: i32 = match self.iana.strip_prefix("Etc/")? {
            "UTC" => 0,
            name => name.strip_prefix("GMT")?.parse().ok()?,
        };
        Some(-behind * 3600)
    }
}

fn named(names: &[(&str, i16)], name: &str) -> Option<TimeZone> {
    let (_, code) = names.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    find(OFFERED, TimeZoneCode(*code))
}

/// A time zone, or a time in it, that cannot be worked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeZoneError {
    /// The number is outside of the range of the column.
    #[error("time zone code: expected -1500 to 1500, found {found}")]
    CodeOutOfRange {
        /// The number.
        found: i64,
    },
    /// The code is in the range and no zone is known by it.
    #[error("time zone code: expected one that a time zone is known by, found {code}")]
    UnknownCode {
        /// The code.
        code: TimeZoneCode,
    },
    /// The zone has rules, and this build of the crate holds none.
    #[error(
        "time zone {} (code {}): its rules need the feature `{feature}`, which is off",
        zone.iana, zone.code
    )]
    FeatureOff {
        /// The zone.
        zone: TimeZone,
        /// The feature of this crate that has to be on.
        feature: &'static str,
    },
    /// The zone has rules, and the time zone database that was built in does not have them.
    #[error(
        "time zone {} (code {}): expected its rules in the time zone database, found none",
        zone.iana, zone.code
    )]
    NoRules {
        /// The zone.
        zone: TimeZone,
    },
    /// The wall time is so near to an end of the calendar that its UTC time is beyond.
    #[error(
        "wall time {wall} in {}: its UTC time is outside of the calendar (years -262143 to 262142)",
        zone.iana
    )]
    WallTimeOutOfRange {
        /// The zone.
        zone: TimeZone,
        /// The wall time.
        wall: NaiveDateTime,
    },
    /// The UTC time is so near to an end of the calendar that the wall time is beyond.
    #[error(
        "UTC time {utc} in {}: its wall time is outside of the calendar (years -262143 to 262142)",
        zone.iana
    )]
    UtcOutOfRange {
        /// The zone.
        zone: TimeZone,
        /// The UTC time.
        utc: DateTime<Utc>,
    },
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn code(number: i64) -> TimeZoneCode {
        TimeZoneCode::new(number).unwrap()
    }

    /// facts 5.6, 5.11: -1500 to 1500; A148
    #[test]
    fn a_time_zone_code_is_in_the_range_of_its_column() {
        for number in [-1500, -1, 0, 92, 1500] {
            assert_eq!(i64::from(code(number).get()), number);
        }
        for number in [-1501, 1501, i64::MIN, i64::MAX] {
            let refused = TimeZoneCode::new(number).unwrap_err();
            assert_eq!(refused, TimeZoneError::CodeOutOfRange { found: number });
        }
        assert_eq!(
            TimeZoneCode::new(1501).unwrap_err().to_string(),
            "time zone code: expected -1500 to 1500, found 1501"
        );
    }

    #[test]
    fn the_wire_form_of_a_code_is_its_number() {
        assert_eq!(serde_json::to_string(&code(110)).unwrap(), "110");
        assert_eq!(serde_json::from_str::<TimeZoneCode>("-1500").unwrap(), TimeZoneCode::MIN);
        let refused = serde_json::from_str::<TimeZoneCode>("1501").unwrap_err().to_string();
        assert!(refused.contains("expected -1500 to 1500, found 1501"), "{refused}");
        assert!(serde_json::from_str::<TimeZoneCode>("\"Europe/Berlin\"").is_err());
    }

    #[test]
    fn an_unknown_code_is_kept_and_has_no_zone() {
        for number in [-1500, -1, 14, 251, 306, 1500] {
            let unknown = TimeZoneError::UnknownCode { code: code(number) };
            assert_eq!(code(number).zone(), Err(unknown));
        }
        assert_eq!(
            code(251).zone().unwrap_err().to_string(),
            "time zone code: expected one that a time zone is known by, found 251"
        );
    }

    #[test]
    fn the_table_of_zones_is_sorted_and_has_no_code_or_name_twice() {
        assert_eq!((OFFERED.len(), FORMER.len()), (132, 3));
        for table in [OFFERED, FORMER] {
            assert!(table.is_sorted_by(|one, next| one.code < next.code));
        }
        let codes: BTreeSet<_> = TimeZone::all().map(TimeZone::code).collect();
        let windows: BTreeSet<_> = TimeZone::all().map(TimeZone::windows_name).collect();
        let iana: BTreeSet<_> = OFFERED.iter().map(|zone| zone.iana).collect();
        assert_eq!((codes.len(), windows.len(), iana.len()), (135, 135, 132));
        assert!(codes.iter().all(|code| (0..=305).contains(&code.get())));
    }

    #[test]
    fn every_zone_is_found_by_its_code_and_its_windows_name() {
        for zone in TimeZone::all() {
            assert_eq!(zone.code().zone(), Ok(zone));
            assert_eq!(TimeZone::by_windows_name(zone.windows_name()), Some(zone));
        }
    }

    #[test]
    fn every_zone_that_is_offered_is_found_by_its_iana_name() {
        for zone in OFFERED {
            assert_eq!(TimeZone::by_iana_name(zone.iana), Some(*zone));
        }
        let shared: Vec<_> = FORMER
            .iter()
            .map(|zone| (zone.code.0, TimeZone::by_iana_name(zone.iana).unwrap().code.0))
            .collect();
        assert_eq!(shared, [(13, 12), (30, 29), (75, 76)], "the one that is offered is answered");
    }

    #[test]
    fn well_known_codes_stand_for_their_zones() {
        for (number, windows, iana) in [
            (0, "Dateline Standard Time", "Etc/GMT+12"),
            (4, "Pacific Standard Time", "America/Los_Angeles"),
            (35, "Eastern Standard Time", "America/New_York"),
            (85, "GMT Standard Time", "Europe/London"),
            (92, "UTC", "Etc/UTC"),
            (110, "W. Europe Standard Time", "Europe/Berlin"),
            (190, "India Standard Time", "Asia/Calcutta"),
            (290, "New Zealand Standard Time", "Pacific/Auckland"),
        ] {
            let zone = code(number).zone().unwrap();
            assert_eq!((zone.windows_name(), zone.iana_name()), (windows, iana));
        }
        assert_eq!(TimeZoneCode::UTC.zone().unwrap().windows_name(), "UTC");
    }

    #[test]
    fn other_names_of_a_zone_lead_to_it() {
        for (names, find) in [
            (STANDARD_NAMES, TimeZone::by_windows_name as fn(&str) -> _),
            (IANA_TODAY, TimeZone::by_iana_name),
        ] {
            for (name, number) in names {
                assert_eq!(find(name).unwrap().code().get(), *number, "{name}");
            }
        }
        assert_eq!(TimeZone::by_iana_name("europe/BERLIN"), code(110).zone().ok());
        assert_eq!(TimeZone::by_iana_name("Europe/Vienna"), None);
        assert_eq!(TimeZone::by_windows_name("Europe/Berlin"), None);
        assert_eq!(TimeZone::by_iana_name(""), None);
    }

    #[test]
    fn a_zone_that_the_database_lacks_is_named() {
        let zone = TimeZone::row(1, "Nowhere Standard Time", "Etc/Nowhere");
        let lacking = zone.to_wall_time(DateTime::UNIX_EPOCH).unwrap_err();
        assert_eq!(lacking, TimeZoneError::NoRules { zone });
        assert_eq!(
            lacking.to_string(),
            "time zone Etc/Nowhere (code 1): expected its rules in the time zone database, found none"
        );
    }
}
