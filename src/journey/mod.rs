//! When does a journey run, and what of it may still be changed?
//!
//! A journey starts and ends by the clock on the wall of its [`TimeZone`], which its record names by a
//! [`TimeZoneCode`]. [`Schedule`] holds both and makes points in time of them, with a defined answer
//! for a [`WallTime`] that clocks skip or show twice; [`State`] says where the journey is between
//! draft and expiry and what is locked there.

mod schedule;
mod state;
mod time_zone;
mod wall_time;
mod zones;

pub use schedule::{Schedule, ScheduleError, Window};
pub use state::{Column, Event, Lock, State, StateError};
pub use time_zone::{TimeZone, TimeZoneCode, TimeZoneError};
pub use wall_time::WallTime;
