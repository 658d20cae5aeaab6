//! Wall times and UTC, from outside: every zone, any time.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use correspond::journey::{
    Schedule, ScheduleError, TimeZone, TimeZoneCode, TimeZoneError, WallTime,
};
use proptest::prelude::*;

/// Every zone, those with rules and those without.
fn zones() -> impl Strategy<Value = TimeZone> {
    prop::sample::select(TimeZone::all().collect::<Vec<_>>())
}

/// To the second from 1800 to 2150, which holds every change of every clock; and anything at all.
fn instants() -> impl Strategy<Value = DateTime<Utc>> {
    let ends = (DateTime::<Utc>::MIN_UTC.timestamp(), DateTime::<Utc>::MAX_UTC.timestamp());
    prop_oneof![
        4 => -5_364_662_400_i64..5_680_281_600,
        1 => ends.0..=ends.1,
    ]
    .prop_map(|seconds| DateTime::from_timestamp(seconds, 0).unwrap())
}

/// Points in time close to a change of the clock of the zone, found by halving.
fn changes(zone: TimeZone, from: DateTime<Utc>, days: i64) -> Vec<DateTime<Utc>> {
    let ahead = |at: DateTime<Utc>| zone.to_wall_time(at).unwrap() - at.naive_utc();
    (0..days)
        .map(|day| (from + TimeDelta::days(day), from + TimeDelta::days(day + 1)))
        .filter(|(before, after)| ahead(*before) != ahead(*after))
        .map(|(mut before, mut after)| {
            while after - before > TimeDelta::seconds(1) {
                let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
                if ahead(middle) == ahead(before) {
                    before = middle;
                } else {
                    after = middle;
                }
            }
            after
        })
        .collect()
}

fn candidates(answer: WallTime) -> Vec<DateTime<Utc>> {
    match answer {
        WallTime::Exact(instant) => vec![instant],
        WallTime::Gap { .. } => vec![],
        WallTime::Overlap { earlier, later } => vec![earlier, later],
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, ..ProptestConfig::default() })]

    /// Of whatever the wall shows, the point in time is among the answers.
    #[test]
    fn utc_to_wall_and_back_is_among_the_candidates(zone in zones(), at in instants()) {
        match zone.to_wall_time(at) {
            Ok(wall) => {
                let answer = zone.to_utc(wall).unwrap();
                prop_assert!(candidates(answer).contains(&at), "{zone:?} {wall}: {answer:?}");
            }
            Err(error) => {
                let near = (DateTime::<Utc>::MAX_UTC - at).min(at - DateTime::<Utc>::MIN_UTC);
                prop_assert!(matches!(error, TimeZoneError::UtcOutOfRange { .. }), "{error}");
                prop_assert!(near < TimeDelta::days(1), "{at}");
            }
        }
    }

    /// Whatever somebody reads off a wall: what it means is shown there, or a gap later.
    #[test]
    fn a_wall_time_means_itself_or_lies_in_a_gap(zone in zones(), at in instants()) {
        let wall = at.naive_utc();
        let Ok(answer) = zone.to_utc(wall) else { return Ok(()) };
        for candidate in candidates(answer) {
            prop_assert_eq!(zone.to_wall_time(candidate), Ok(wall));
        }
        match answer {
            WallTime::Exact(_) => {}
            WallTime::Overlap { earlier, later } => prop_assert!(earlier < later),
            WallTime::Gap { shifted, transition, length } => {
                prop_assert!(length > TimeDelta::zero());
                prop_assert!(transition <= shifted && shifted < transition + length);
                prop_assert_eq!(zone.to_wall_time(shifted), Ok(wall + length));
            }
        }
    }

    /// A code is kept whatever it stands for, and only its use is refused.
    #[test]
    fn any_code_in_the_range_survives_its_wire_form(number in any::<i16>()) {
        let json = number.to_string();
        match serde_json::from_str::<TimeZoneCode>(&json) {
            Ok(code) => {
                prop_assert!((-1500..=1500).contains(&number));
                prop_assert_eq!(serde_json::to_string(&code).unwrap(), json);
                let known = TimeZone::all().find(|zone| zone.code() == code);
                prop_assert_eq!(code.zone().ok(), known);
            }
            Err(_) => prop_assert!(!(-1500..=1500).contains(&number)),
        }
    }

    #[test]
    fn a_schedule_survives_its_wire_form(
        number in -1500_i64..=1500,
        start in proptest::option::of(instants()),
        end in proptest::option::of(instants()),
    ) {
        let code = TimeZoneCode::new(number).unwrap();
        let wall = |at: Option<DateTime<Utc>>| at.map(|at| at.naive_utc());
        match Schedule::new(code, wall(start), wall(end)) {
            Ok(schedule) => {
                let json = serde_json::to_string(&schedule).unwrap();
                prop_assert_eq!(serde_json::from_str::<Schedule>(&json).unwrap(), schedule);
            }
            Err(_) => prop_assert!(end <= start),
        }
    }
}

/// Around each change of each clock in ten years, to the second: the gap is one, the overlap is one,
/// and both end where they should.
#[test]
fn every_change_of_every_clock_is_a_gap_or_an_overlap() {
    let from = "2005-01-01T00:00:00".parse::<NaiveDateTime>().unwrap().and_utc();
    let second = TimeDelta::seconds(1);
    let (mut gaps, mut overlaps) = (0, 0);
    for zone in TimeZone::all() {
        for change in changes(zone, from, 3653) {
            let before = zone.to_wall_time(change - second).unwrap() + second;
            let after = zone.to_wall_time(change).unwrap();
            let length = after - before;
            if length > TimeDelta::zero() {
                gaps += 1;
                for (wall, shifted) in
                    [(before, change), (after - second, change + length - second)]
                {
                    let gap = WallTime::Gap { shifted, transition: change, length };
                    assert_eq!(zone.to_utc(wall), Ok(gap), "{zone:?} {wall}");
                }
                assert_eq!(zone.to_utc(after), Ok(WallTime::Exact(change)));
            } else {
                overlaps += 1;
                for (wall, later) in [(after, change), (before - second, change - length - second)]
                {
                    let twice = WallTime::Overlap { earlier: later + length, later };
                    assert_eq!(zone.to_utc(wall), Ok(twice), "{zone:?} {wall}");
                }
                assert_eq!(zone.to_utc(before), Ok(WallTime::Exact(change - length)));
            }
            let shown_twice = (before - after).max(TimeDelta::zero());
            assert_eq!(
                zone.to_utc(before.min(after) - second),
                Ok(WallTime::Exact(change - shown_twice - second)),
                "the last second before is there once"
            );
        }
    }
    assert!(gaps > 500 && overlaps > 500, "{gaps} gaps, {overlaps} overlaps");
}

/// A name of today and the older one that CLDR keeps are one zone.
#[test]
fn names_of_today_have_the_rules_of_the_names_they_replace() {
    for today in [
        "America/Indiana/Indianapolis",
        "America/Argentina/Buenos_Aires",
        "America/Nuuk",
        "Europe/Kyiv",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Asia/Yangon",
        "UTC",
        "Etc/GMT",
    ] {
        let rules: chrono_tz::Tz = today.parse().unwrap();
        let zone = TimeZone::by_iana_name(today).unwrap();
        assert_ne!(zone.iana_name(), today);
        for month in 0..600 {
            let utc = DateTime::UNIX_EPOCH + TimeDelta::days(30) * month;
            let wall = utc.with_timezone(&rules).naive_local();
            assert_eq!(zone.to_wall_time(utc), Ok(wall), "{today} {utc}");
        }
    }
}

/// facts 5.6: the time zone in which journeys start and stop; A148
#[test]
fn a_journey_starts_and_stops_by_the_wall_of_its_zone() {
    let wall = |text: &str| Some(text.parse::<NaiveDateTime>().unwrap());
    let (start, end) = (wall("2026-03-28T09:00:00"), wall("2026-03-30T09:00:00"));
    for (number, hours, starts) in
        [(110, 47, "2026-03-28 08:00:00 UTC"), (92, 48, "2026-03-28 09:00:00 UTC")]
    {
        let code = TimeZoneCode::new(number).unwrap();
        let window = Schedule::new(code, start, end).unwrap().window().unwrap();
        assert_eq!(window.start().unwrap().to_string(), starts);
        let length = window.end().unwrap() - window.start().unwrap();
        assert_eq!(length, TimeDelta::hours(hours), "clocks are put forward on the 29th");
    }
    let unknown = TimeZoneCode::new(1500).unwrap();
    assert_eq!(
        Schedule::new(unknown, start, end).unwrap().window(),
        Err(ScheduleError::TimeZone(TimeZoneError::UnknownCode { code: unknown }))
    );
}
