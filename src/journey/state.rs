//! Where is the journey between draft and expiry, and what may still be changed?

use std::fmt;

use serde::{Deserialize, Serialize};

/// How far a journey has come: `msdyncrm_customerjourney.statuscode`, in the product's words *status
/// reason*. Kept by the system, never set by hand.
///
/// The transitions are those of the product's page on going live ("Go live with publishable entities
/// and track their status", customer journeys):
///
/// | from | what happens | to |
/// |---|---|---|
/// | Draft, Stopped, Error | go live | Going live |
/// | Going live | went live | Live |
/// | Going live | failed | Error |
/// | Live | edit | Live, editable |
/// | Live, editable | save | Live |
/// | Live | stop | Stopping |
/// | Stopping | stopped | Stopped |
/// | Live | its end has passed | Stopped |
/// | Stopped | its end is thirty days ago | Expired |
///
/// ```
/// use correspond::journey::{Column, Event, Lock, State};
///
/// assert_eq!(State::Draft.lock(Column::TimeZone), Lock::Editable);
/// let live = State::Draft.after(Event::GoLive)?.after(Event::WentLive)?;
/// assert_eq!(live, State::Live);
/// assert_eq!(live.after(Event::Edit)?.lock(Column::TimeZone), Lock::Locked);
/// assert!(live.after(Event::GoLive).is_err());
/// # Ok::<(), correspond::journey::StateError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(i32)]
#[non_exhaustive]
pub enum State {
    /// It has never been live.
    #[default]
    Draft = 192_350_000,
    /// It is live: between its start and its end it processes contacts.
    Live = 192_350_001,
    /// It was live and processes no more contacts.
    Stopped = 192_350_002,
    /// It is live, and a local copy is being edited.
    LiveEditable = 192_350_003,
    /// Its end is thirty days ago or more, and it cannot be started again.
    Expired = 192_350_004,
    /// Going live has failed and can be tried again.
    Error = 192_350_005,
    /// It is on the way to being live.
    GoingLive = 192_350_006,
    /// It is on the way to being stopped.
    Stopping = 192_350_007,
}

impl State {
    /// Every state, by code.
    pub const ALL: [Self; 8] = [
        Self::Draft,
        Self::Live,
        Self::Stopped,
        Self::LiveEditable,
        Self::Expired,
        Self::Error,
        Self::GoingLive,
        Self::Stopping,
    ];

    /// The `statuscode`.
    #[must_use]
    pub const fn code(self) -> i32 {
        self as i32
    }

    /// The state with this `statuscode`.
    #[must_use]
    pub fn from_code(code: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether the record is active (`statecode` 0): all but [`Expired`](Self::Expired).
    #[must_use]
    pub const fn is_active(self) -> bool {
        !matches!(self, Self::Expired)
    }

    /// Whether contacts are processed once the start has passed.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Live | Self::LiveEditable)
    }

    /// The state after `event`.
    ///
    /// # Errors
    ///
    /// The event cannot happen in this state.
    pub const fn after(self, event: Event) -> Result<Self, StateError> {
        match (self, event) {
            (Self::Draft | Self::Stopped | Self::Error, Event::GoLive) => Ok(Self::GoingLive),
            (Self::GoingLive, Event::WentLive) | (Self::LiveEditable, Event::Save) => {
                Ok(Self::Live)
            }
            (Self::GoingLive, Event::Failed) => Ok(Self::Error),
            (Self::Live, Event::Edit) => Ok(Self::LiveEditable),
            (Self::Live, Event::Stop) => Ok(Self::Stopping),
            (Self::Stopping, Event::Stopped) | (Self::Live, Event::Ended) => Ok(Self::Stopped),
            (Self::Stopped, Event::Expire) => Ok(Self::Expired),
            _ => Err(StateError { state: self, event }),
        }
    }

    /// Whether `column` can be changed in this state.
    #[must_use]
    pub const fn lock(self, column: Column) -> Lock {
        match self {
            Self::Draft => Lock::Editable,
            Self::LiveEditable | Self::Stopped => match column {
                Column::Name
                | Column::End
                | Column::RecurrenceCount
                | Column::Template
                | Column::TileSettings => Lock::Editable,
                Column::Start => Lock::EditableUntilStarted,
                Column::IsRecurring
                | Column::ContentSettings
                | Column::SuppressionSegment
                | Column::TimeZone
                | Column::Pipeline => Lock::Locked,
            },
            Self::Live | Self::Expired | Self::Error | Self::GoingLive | Self::Stopping => {
                Lock::Locked
            }
        }
    }
}

impl fmt::Display for State {
    /// The product's own label.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Draft => "Draft",
            Self::Live => "Live",
            Self::Stopped => "Stopped",
            Self::LiveEditable => "Live, editable",
            Self::Expired => "Expired",
            Self::Error => "Error",
            Self::GoingLive => "Going live",
            Self::Stopping => "Stopping",
        })
    }
}

/// What moves a journey from one [`State`] to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Event {
    /// A user makes it go live.
    GoLive,
    /// The check has passed, and the journey is live.
    WentLive,
    /// Going live has failed.
    Failed,
    /// A user edits it without stopping it.
    Edit,
    /// A user saves what was edited, and it takes effect.
    Save,
    /// A user stops it.
    Stop,
    /// It has come to a stop.
    Stopped,
    /// Its end has passed.
    Ended,
    /// Its end is thirty days ago.
    Expire,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GoLive => "go live",
            Self::WentLive => "went live",
            Self::Failed => "failed",
            Self::Edit => "edit",
            Self::Save => "save",
            Self::Stop => "stop",
            Self::Stopped => "stopped",
            Self::Ended => "ended",
            Self::Expire => "expire",
        })
    }
}

/// What of a journey can be locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Column {
    /// Its name.
    Name,
    /// Start date and time (`msdyncrm_startdatetime`).
    Start,
    /// End date and time (`msdyncrm_enddatetime`).
    End,
    /// Whether it recurs.
    IsRecurring,
    /// How often it recurs.
    RecurrenceCount,
    /// Its content settings (`msdyncrm_contentsettingsid`).
    ContentSettings,
    /// Its suppression segment (`msdyncrm_suppressionsegmentid`).
    SuppressionSegment,
    /// Its time zone (`msdyncrm_customerjourneytimezone`).
    TimeZone,
    /// The template it was made from.
    Template,
    /// Which tiles there are, and where.
    Pipeline,
    /// What is set at each tile.
    TileSettings,
}

impl Column {
    /// Every column.
    pub const ALL: [Self; 11] = [
        Self::Name,
        Self::Start,
        Self::End,
        Self::IsRecurring,
        Self::RecurrenceCount,
        Self::ContentSettings,
        Self::SuppressionSegment,
        Self::TimeZone,
        Self::Template,
        Self::Pipeline,
        Self::TileSettings,
    ];
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "name",
            Self::Start => "start",
            Self::End => "end",
            Self::IsRecurring => "is recurring",
            Self::RecurrenceCount => "recurrence count",
            Self::ContentSettings => "content settings",
            Self::SuppressionSegment => "suppression segment",
            Self::TimeZone => "time zone",
            Self::Template => "template",
            Self::Pipeline => "pipeline",
            Self::TileSettings => "tile settings",
        })
    }
}

/// Whether a column can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the three answers of the product's table")]
pub enum Lock {
    /// Yes.
    Editable,
    /// Yes, unless the start has passed.
    EditableUntilStarted,
    /// No.
    Locked,
}

/// An event that cannot happen in the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("journey: expected a state in which `{event}` can happen, found {state}")]
pub struct StateError {
    state: State,
    event: Event,
}

impl StateError {
    /// The state that the journey is in.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// What cannot happen in it.
    #[must_use]
    pub const fn event(&self) -> Event {
        self.event
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: [Event; 9] = [
        Event::GoLive,
        Event::WentLive,
        Event::Failed,
        Event::Edit,
        Event::Save,
        Event::Stop,
        Event::Stopped,
        Event::Ended,
        Event::Expire,
    ];

    /// facts 5.11, 5.7: `statuscode` 192350000 to 192350007
    #[test]
    fn a_state_is_its_statuscode() {
        for (number, (state, label)) in (192_350_000..).zip([
            (State::Draft, "Draft"),
            (State::Live, "Live"),
            (State::Stopped, "Stopped"),
            (State::LiveEditable, "Live, editable"),
            (State::Expired, "Expired"),
            (State::Error, "Error"),
            (State::GoingLive, "Going live"),
            (State::Stopping, "Stopping"),
        ]) {
            assert_eq!((state.code(), state.to_string().as_str()), (number, label));
            assert_eq!(State::from_code(number), Some(state));
            assert_eq!(state.is_active(), state != State::Expired);
            assert_eq!(state.is_live(), label.starts_with("Live"));
        }
        for other in [0, 1, 192_349_999, 192_350_008] {
            assert_eq!(State::from_code(other), None);
        }
        assert_eq!(State::default(), State::Draft);
    }

    /// facts 7.13, and the publishing page for what time and a second try do.
    #[test]
    fn a_journey_moves_as_documented_and_no_other_way() {
        let documented = [
            (State::Draft, Event::GoLive, State::GoingLive),
            (State::Stopped, Event::GoLive, State::GoingLive),
            (State::Error, Event::GoLive, State::GoingLive),
            (State::GoingLive, Event::WentLive, State::Live),
            (State::GoingLive, Event::Failed, State::Error),
            (State::Live, Event::Edit, State::LiveEditable),
            (State::LiveEditable, Event::Save, State::Live),
            (State::Live, Event::Stop, State::Stopping),
            (State::Stopping, Event::Stopped, State::Stopped),
            (State::Live, Event::Ended, State::Stopped),
            (State::Stopped, Event::Expire, State::Expired),
        ];
        for from in State::ALL {
            for event in EVENTS {
                let to = documented.iter().find(|row| (row.0, row.1) == (from, event));
                match from.after(event) {
                    Ok(state) => assert_eq!(Some(state), to.map(|row| row.2), "{from}: {event}"),
                    Err(error) => {
                        assert!(to.is_none(), "{from}: {event}");
                        assert_eq!((error.state(), error.event()), (from, event));
                    }
                }
            }
        }
        assert_eq!(
            State::Draft.after(Event::Stop).unwrap_err().to_string(),
            "journey: expected a state in which `stop` can happen, found Draft"
        );
    }

    /// facts 7.13: locked after the first going live; everything is locked while live.
    #[test]
    fn what_is_locked_in_which_state_is_the_table_of_the_product() {
        for column in Column::ALL {
            assert_eq!(State::Draft.lock(column), Lock::Editable, "{column}");
            for state in
                [State::Live, State::Expired, State::Error, State::GoingLive, State::Stopping]
            {
                assert_eq!(state.lock(column), Lock::Locked, "{state}: {column}");
            }
            let later = match column.to_string().as_str() {
                "name" | "end" | "recurrence count" | "template" | "tile settings" => {
                    Lock::Editable
                }
                "start" => Lock::EditableUntilStarted,
                "is recurring"
                | "content settings"
                | "suppression segment"
                | "time zone"
                | "pipeline" => Lock::Locked,
                other => panic!("{other}"),
            };
            assert_eq!(State::LiveEditable.lock(column), later, "{column}");
            assert_eq!(State::Stopped.lock(column), later, "{column}");
        }
    }

    #[test]
    fn the_wire_form_of_a_state_is_pinned() {
        let names = State::ALL.map(|state| serde_json::to_string(&state).unwrap());
        assert_eq!(
            names.join(" "),
            r#""draft" "live" "stopped" "live-editable" "expired" "error" "going-live" "stopping""#
        );
    }
}
