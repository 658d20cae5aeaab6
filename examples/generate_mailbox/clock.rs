//! Points in time as mail writes them, from seconds since 1970. Nothing here reads a clock.

use std::fmt::Write as _;

const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// 2025-01-02 08:00:00 UTC, a Thursday: the first mail.
pub(crate) const START: i64 = 1_735_804_800;
/// The first weekly report: Friday of that week, 15:00 UTC.
pub(crate) const FIRST_REPORT: i64 = 1_735_916_400;
pub(crate) const DAY: i64 = 86_400;

/// A point in time taken apart.
struct Civil {
    year: i64,
    month: usize,
    day: i64,
    weekday: &'static str,
    seconds: i64,
}

impl Civil {
    /// Howard Hinnant's `civil_from_days`, <https://howardhinnant.github.io/date_algorithms.html>.
    fn of(time: i64) -> Self {
        let days = time.div_euclid(DAY);
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let of_era = z.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * of_year + 2) / 153;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month: month as usize,
            day: of_year - (153 * shifted + 2) / 5 + 1,
            weekday: WEEKDAYS.get(days.rem_euclid(7) as usize).copied().unwrap_or("Mon"),
            seconds: time.rem_euclid(DAY),
        }
    }

    fn month_name(&self) -> &'static str {
        MONTHS.get(self.month - 1).copied().unwrap_or("Jan")
    }

    fn clock(&self) -> String {
        let s = self.seconds;
        format!("{:02}:{:02}:{:02}", s / 3_600, s / 60 % 60, s % 60)
    }
}

/// A `Date` header: `Thu, 2 Jan 2025 09:00:00 +0100`.
pub(crate) fn header(time: i64, zone: i64) -> String {
    let at = Civil::of(time + zone * 60);
    let sign = if zone < 0 { '-' } else { '+' };
    let mut text =
        format!("{}, {} {} {} {} ", at.weekday, at.day, at.month_name(), at.year, at.clock());
    let _ = write!(text, "{sign}{:02}{:02}", zone.abs() / 60, zone.abs() % 60);
    text
}

/// The date of a postmark: `Thu Jan  2 08:00:00 2025`, in UTC.
pub(crate) fn postmark(time: i64) -> String {
    let at = Civil::of(time);
    format!("{} {} {:2} {} {}", at.weekday, at.month_name(), at.day, at.clock(), at.year)
}

/// A date for people: `2025-01-02 09:00`.
pub(crate) fn short(time: i64, zone: i64) -> String {
    let at = Civil::of(time + zone * 60);
    let s = at.seconds;
    format!("{}-{:02}-{:02} {:02}:{:02}", at.year, at.month, at.day, s / 3_600, s / 60 % 60)
}

/// Digits for message ids: `20250102080000`.
pub(crate) fn stamp(time: i64) -> String {
    let at = Civil::of(time);
    let s = at.seconds;
    format!(
        "{}{:02}{:02}{:02}{:02}{:02}",
        at.year,
        at.month,
        at.day,
        s / 3_600,
        s / 60 % 60,
        s % 60
    )
}

/// Windows file time: tenths of microseconds since 1601.
pub(crate) fn filetime(time: i64) -> u64 {
    (time + 11_644_473_600).unsigned_abs() * 10_000_000
}
