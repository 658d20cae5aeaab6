//! When does the journey run?

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Column, Event, Lock, State, TimeZoneCode, TimeZoneError, WallTime};

/// Start and end of a journey as its author reads them off the wall, and in which time zone.
///
/// The start is before the end on the wall. A journey need have neither: without a start it runs from
/// when it is live, without an end until it is stopped.
///
/// ```
/// # #[cfg(feature = "chrono-tz")] {
/// use chrono::NaiveDate;
/// use correspond::journey::{Schedule, State, TimeZoneCode};
///
/// let day = |day| NaiveDate::from_ymd_opt(2026, 7, day).unwrap().and_hms_opt(9, 0, 0).unwrap();
/// let berlin = TimeZoneCode::new(110)?;
/// let schedule = Schedule::new(berlin, Some(day(1)), Some(day(31)))?;
/// let window = schedule.window()?;
/// assert_eq!(window.start().unwrap().to_rfc3339(), "2026-07-01T07:00:00+00:00");
///
/// // In a draft the zone can be changed: 9:00 stays 9:00, elsewhere. Later it cannot.
/// let elsewhere = Schedule::new(TimeZoneCode::UTC, schedule.start(), schedule.end())?;
/// let now = window.start().unwrap();
/// assert_eq!(schedule.changed(elsewhere, State::Draft, now)?, elsewhere);
/// assert!(schedule.changed(elsewhere, State::Stopped, now).is_err());
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub struct Schedule {
    zone: TimeZoneCode,
    start: Option<NaiveDateTime>,
    end: Option<NaiveDateTime>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    time_zone: TimeZoneCode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start: Option<NaiveDateTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<NaiveDateTime>,
}

impl Schedule {
    /// How long after its end a stopped journey expires: thirty times 24 hours.
    pub const EXPIRES_AFTER: TimeDelta = TimeDelta::days(30);

    /// From `start` to before `end`, wall times in `zone`
    /// (`msdyncrm_customerjourney.msdyncrm_startdatetime`, `.msdyncrm_enddatetime`,
    /// `.msdyncrm_customerjourneytimezone`).
    ///
    /// # Errors
    ///
    /// The end is not after the start on the wall. Whether it is in UTC depends on the rules of the
    /// zone, which change with the database: [`window`](Self::window) tells.
    pub fn new(
        zone: TimeZoneCode,
        start: Option<NaiveDateTime>,
        end: Option<NaiveDateTime>,
    ) -> Result<Self, ScheduleError> {
        if let (Some(start), Some(end)) = (start, end)
            && end <= start
        {
            return Err(ScheduleError::EndNotAfterStart { start, end });
        }
        Ok(Self { zone, start, end })
    }

    /// The time zone.
    #[must_use]
    pub const fn zone(self) -> TimeZoneCode {
        self.zone
    }

    /// The wall time of the start.
    #[must_use]
    pub const fn start(self) -> Option<NaiveDateTime> {
        self.start
    }

    /// The wall time of the end.
    #[must_use]
    pub const fn end(self) -> Option<NaiveDateTime> {
        self.end
    }

    /// Start and end as points in time.
    ///
    /// # Errors
    ///
    /// [`ScheduleError::TimeZone`] where there is a start or an end and the zone cannot be computed
    /// with; [`ScheduleError::EndNotAfterStartInUtc`] where the start is in a gap and comes to lie
    /// behind the end (in Berlin on 29 March 2026, 2:50 means 3:50, which is after 3:10).
    pub fn window(self) -> Result<Window, ScheduleError> {
        let window = Window { start: self.resolve(self.start)?, end: self.resolve(self.end)? };
        match (window.start(), window.end()) {
            (Some(start), Some(end)) if end <= start => {
                Err(ScheduleError::EndNotAfterStartInUtc { start, end })
            }
            _ => Ok(window),
        }
    }

    /// The schedule `to`, if a journey that is in `state` may be changed so at `now`.
    ///
    /// Everything can be changed in a draft. Later the [time zone](Column::TimeZone) is locked for
    /// good, the end can be changed while the journey is stopped or being edited, and so can the start
    /// unless it has passed. A change of the zone keeps the wall times.
    ///
    /// # Errors
    ///
    /// A value that differs is locked; or whether the start has passed cannot be told, for the zone
    /// cannot be computed with.
    pub fn changed(
        self,
        to: Self,
        state: State,
        now: DateTime<Utc>,
    ) -> Result<Self, ScheduleError> {
        let differs = [
            (Column::TimeZone, self.zone != to.zone),
            (Column::Start, self.start != to.start),
            (Column::End, self.end != to.end),
        ];
        for (column, _) in differs.into_iter().filter(|(_, differs)| *differs) {
            let locked = match state.lock(column) {
                Lock::Editable => false,
                // Without a start it has run since it went live, and only then is this the answer.
                Lock::EditableUntilStarted => {
                    let start = self.resolve(self.start)?.map(WallTime::instant);
                    start.is_none_or(|start| start <= now)
                }
                Lock::Locked => true,
            };
            if locked {
                return Err(ScheduleError::Locked { column, state });
            }
        }
        Ok(to)
    }

    /// What time alone does to a journey that is in `state`: a live one has ended once its end has
    /// passed, a stopped one expires thirty days later. One that is being edited waits to be saved.
    ///
    /// ```
    /// # use correspond::journey::{Event, Schedule, State, TimeZoneCode};
    /// let end = chrono::DateTime::UNIX_EPOCH;
    /// let schedule = Schedule::new(TimeZoneCode::UTC, None, Some(end.naive_utc()))?;
    /// assert_eq!(schedule.due(State::Live, end)?, Some(Event::Ended));
    /// assert_eq!(schedule.due(State::Stopped, end)?, None);
    /// let later = end + Schedule::EXPIRES_AFTER;
    /// assert_eq!(schedule.due(State::Stopped, later)?, Some(Event::Expire));
    /// # Ok::<(), correspond::journey::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// There is an end, the state depends on it, and the zone cannot be computed with.
    pub fn due(self, state: State, now: DateTime<Utc>) -> Result<Option<Event>, ScheduleError> {
        let (after, event) = match state {
            State::Live => (TimeDelta::zero(), Event::Ended),
            State::Stopped => (Self::EXPIRES_AFTER, Event::Expire),
            _ => return Ok(None),
        };
        // An end that is thirty days from the end of the calendar is never passed by so much.
        let end = self.resolve(self.end)?.map(WallTime::instant);
        let at = end.and_then(|end| end.checked_add_signed(after));
        Ok(at.filter(|at| *at <= now).map(|_| event))
    }

    fn resolve(self, wall: Option<NaiveDateTime>) -> Result<Option<WallTime>, TimeZoneError> {
        wall.map(|wall| self.zone.zone()?.to_utc(wall)).transpose()
    }
}

impl TryFrom<Fields> for Schedule {
    type Error = ScheduleError;

    fn try_from(fields: Fields) -> Result<Self, ScheduleError> {
        Self::new(fields.time_zone, fields.start, fields.end)
    }
}

impl From<Schedule> for Fields {
    fn from(schedule: Schedule) -> Self {
        Self { time_zone: schedule.zone, start: schedule.start, end: schedule.end }
    }
}

/// When a journey runs, as points in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    start: Option<WallTime>,
    end: Option<WallTime>,
}

impl Window {
    /// The first point in time.
    #[must_use]
    pub fn start(&self) -> Option<DateTime<Utc>> {
        self.start.map(WallTime::instant)
    }

    /// The first point in time after it.
    #[must_use]
    pub fn end(&self) -> Option<DateTime<Utc>> {
        self.end.map(WallTime::instant)
    }

    /// What the wall time of the start means: whether clocks are changed across it.
    #[must_use]
    pub const fn start_wall_time(&self) -> Option<WallTime> {
        self.start
    }

    /// What the wall time of the end means: whether clocks are changed across it.
    #[must_use]
    pub const fn end_wall_time(&self) -> Option<WallTime> {
        self.end
    }

    /// Whether a live journey processes contacts at `now`.
    #[must_use]
    pub fn contains(&self, now: DateTime<Utc>) -> bool {
        self.start().is_none_or(|start| start <= now) && self.end().is_none_or(|end| now < end)
    }
}

/// A schedule that cannot be made, changed, or computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// The end is not after the start.
    #[error("journey end: expected a time after its start {start}, found {end}")]
    EndNotAfterStart {
        /// The start.
        start: NaiveDateTime,
        /// The end.
        end: NaiveDateTime,
    },
    /// The end is not after the start in UTC, for clocks are put forward across the start.
    #[error(
        "journey end: expected a time after its start, which clocks put forward move to {start}, \
         found {end}"
    )]
    EndNotAfterStartInUtc {
        /// The start.
        start: DateTime<Utc>,
        /// The end.
        end: DateTime<Utc>,
    },
    /// The column can no longer be changed.
    #[error("journey {column}: expected a state in which it can be changed, found {state}")]
    Locked {
        /// The column.
        column: Column,
        /// The state that the journey is in.
        state: State,
    },
    /// The time zone cannot be computed with.
    #[error(transparent)]
    TimeZone(#[from] TimeZoneError),
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    fn wall(month: u32, day: u32, hour: u32, minute: u32) -> NaiveDateTime {
        NaiveDate::from_ymd_opt(2026, month, day).unwrap().and_hms_opt(hour, minute, 0).unwrap()
    }

    fn code(number: i64) -> TimeZoneCode {
        TimeZoneCode::new(number).unwrap()
    }

    #[test]
    fn an_end_is_after_its_start_on_the_wall() {
        let (nine, ten) = (wall(7, 1, 9, 0), wall(7, 1, 10, 0));
        assert!(Schedule::new(code(110), Some(nine), Some(ten)).is_ok());
        for (start, end) in [(ten, nine), (nine, nine)] {
            let refused = Schedule::new(code(110), Some(start), Some(end)).unwrap_err();
            assert_eq!(refused, ScheduleError::EndNotAfterStart { start, end });
        }
        assert_eq!(
            Schedule::new(code(110), Some(ten), Some(nine)).unwrap_err().to_string(),
            "journey end: expected a time after its start 2026-07-01 10:00:00, \
             found 2026-07-01 09:00:00"
        );
        for open in [(None, None), (Some(ten), None), (None, Some(nine))] {
            assert!(Schedule::new(code(110), open.0, open.1).is_ok());
        }
    }

    #[test]
    fn an_end_is_after_its_start_in_utc_too() {
        let berlin = |start, end| Schedule::new(code(110), Some(start), Some(end)).unwrap();
        let turned = berlin(wall(3, 29, 2, 50), wall(3, 29, 3, 10)).window().unwrap_err();
        assert_eq!(
            turned.to_string(),
            "journey end: expected a time after its start, which clocks put forward move to \
             2026-03-29 01:50:00 UTC, found 2026-03-29 01:10:00 UTC"
        );
        let window = berlin(wall(3, 29, 2, 50), wall(3, 29, 3, 51)).window().unwrap();
        assert_eq!(window.end().unwrap() - window.start().unwrap(), TimeDelta::minutes(1));
        assert!(matches!(window.start_wall_time(), Some(WallTime::Gap { .. })));
        assert!(matches!(window.end_wall_time(), Some(WallTime::Exact(_))));
    }

    #[test]
    fn a_window_has_its_start_and_not_its_end() {
        let schedule =
            Schedule::new(code(110), Some(wall(7, 1, 9, 0)), Some(wall(7, 1, 10, 0))).unwrap();
        let window = schedule.window().unwrap();
        let (start, end) = (window.start().unwrap(), window.end().unwrap());
        let second = TimeDelta::seconds(1);
        assert!(window.contains(start) && window.contains(end - second));
        assert!(!window.contains(start - second) && !window.contains(end));
        let always = Schedule::new(code(999), None, None).unwrap().window().unwrap();
        assert!(always.contains(DateTime::<Utc>::MIN_UTC), "no time, no zone to know");
    }

    /// facts 7.4, 7.13: the zone is editable in a draft and locked afterwards; A148
    #[test]
    fn the_zone_of_a_journey_is_locked_after_the_draft() {
        let (start, end) = (Some(wall(7, 1, 9, 0)), Some(wall(7, 1, 10, 0)));
        let berlin = Schedule::new(code(110), start, end).unwrap();
        let tokyo = Schedule::new(code(235), start, end).unwrap();
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(berlin.changed(tokyo, State::Draft, now), Ok(tokyo));
        for state in State::ALL.into_iter().filter(|state| *state != State::Draft) {
            let locked = ScheduleError::Locked { column: Column::TimeZone, state };
            assert_eq!(berlin.changed(tokyo, state, now), Err(locked), "{state}");
            assert_eq!(berlin.changed(berlin, state, now), Ok(berlin), "nothing changes: {state}");
        }
        assert_eq!(
            berlin.changed(tokyo, State::LiveEditable, now).unwrap_err().to_string(),
            "journey time zone: expected a state in which it can be changed, found Live, editable"
        );
    }

    /// Publishing page, table of locked settings: the start can be changed until it has passed.
    #[test]
    fn a_start_is_locked_once_it_has_passed() {
        let from = |start| Schedule::new(code(110), start, None).unwrap();
        let (old, new) = (from(Some(wall(7, 1, 9, 0))), from(Some(wall(7, 2, 9, 0))));
        let start = old.window().unwrap().start().unwrap();
        let before = start - TimeDelta::seconds(1);
        let locked = |state| Err(ScheduleError::Locked { column: Column::Start, state });
        for state in [State::Stopped, State::LiveEditable] {
            assert_eq!(old.changed(new, state, before), Ok(new));
            assert_eq!(old.changed(new, state, start), locked(state));
            assert_eq!(from(None).changed(new, state, before), locked(state));
        }
        assert_eq!(old.changed(new, State::Live, before), locked(State::Live));
        let unknown = |day| Schedule::new(code(999), Some(wall(7, day, 9, 0)), None).unwrap();
        assert_eq!(
            unknown(1).changed(unknown(2), State::Stopped, before),
            Err(TimeZoneError::UnknownCode { code: code(999) }.into())
        );
    }

    #[test]
    fn an_end_can_be_moved_while_stopped_or_edited() {
        let until = |day| Schedule::new(code(110), None, Some(wall(7, day, 9, 0))).unwrap();
        let now = DateTime::UNIX_EPOCH;
        for state in [State::Draft, State::Stopped, State::LiveEditable] {
            assert_eq!(until(1).changed(until(2), state, now), Ok(until(2)));
        }
        for state in [State::Live, State::Expired, State::Error, State::GoingLive, State::Stopping]
        {
            let locked = ScheduleError::Locked { column: Column::End, state };
            assert_eq!(until(1).changed(until(2), state, now), Err(locked));
        }
    }

    /// facts 7.13: expired 30 days after the end; publishing page: stopped when the end passes.
    #[test]
    fn time_ends_a_live_journey_and_expires_a_stopped_one() {
        let schedule = Schedule::new(code(110), None, Some(wall(7, 1, 10, 0))).unwrap();
        let end = schedule.window().unwrap().end().unwrap();
        let second = TimeDelta::seconds(1);
        assert_eq!(schedule.due(State::Live, end - second), Ok(None));
        assert_eq!(schedule.due(State::Live, end), Ok(Some(Event::Ended)));
        let expiry = end + Schedule::EXPIRES_AFTER;
        assert_eq!(schedule.due(State::Stopped, expiry - second), Ok(None));
        assert_eq!(schedule.due(State::Stopped, expiry), Ok(Some(Event::Expire)));
        for state in State::ALL {
            if let Some(event) = schedule.due(state, expiry).unwrap() {
                assert!(state.after(event).is_ok(), "what is due can happen: {state}");
            }
        }
        let endless = Schedule::new(code(110), None, None).unwrap();
        assert_eq!(endless.due(State::Live, DateTime::<Utc>::MAX_UTC), Ok(None));
    }

    #[test]
    fn an_end_at_the_end_of_the_calendar_never_expires() {
        let last = DateTime::<Utc>::MAX_UTC;
        let schedule = Schedule::new(TimeZoneCode::UTC, None, Some(last.naive_utc())).unwrap();
        assert_eq!(schedule.due(State::Live, last), Ok(Some(Event::Ended)));
        assert_eq!(schedule.due(State::Stopped, last), Ok(None));
    }

    #[test]
    fn the_wire_form_of_a_schedule_is_pinned() {
        let schedule = Schedule::new(code(110), Some(wall(7, 1, 9, 0)), None).unwrap();
        let json = r#"{"time_zone":110,"start":"2026-07-01T09:00:00"}"#;
        assert_eq!(serde_json::to_string(&schedule).unwrap(), json);
        assert_eq!(serde_json::from_str::<Schedule>(json).unwrap(), schedule);
        for wrong in [
            r#"{"start":"2026-07-01T09:00:00"}"#,
            r#"{"time_zone":110,"stop":"2026-07-01T09:00:00"}"#,
            r#"{"time_zone":1501}"#,
            r#"{"time_zone":110,"start":"2026-07-01T09:00:00","end":"2026-07-01T08:00:00"}"#,
        ] {
            assert!(serde_json::from_str::<Schedule>(wrong).is_err(), "{wrong}");
        }
    }
}
