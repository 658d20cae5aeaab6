//! Times as every store can keep them.

use chrono::{DateTime, Utc};

/// The time to the microsecond, counted since 1970: what every adapter can keep and bring back. A
/// leap second becomes the second after it.
pub(crate) fn to_microsecond(time: DateTime<Utc>) -> DateTime<Utc> {
    // In range: a time that can be written can be read.
    DateTime::from_timestamp_micros(time.timestamp_micros()).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back() {
        for text in [
            "2016-12-31T23:59:60.123456789Z",
            "1969-12-31T23:59:59.999999999Z",
            "-262000-01-01T00:00:00.0000001Z",
            "+262000-01-01T00:00:00.9999999Z",
        ] {
            let time = to_microsecond(text.parse().unwrap());
            assert_eq!(
                DateTime::from_timestamp_micros(time.timestamp_micros()),
                Some(time),
                "{text}"
            );
        }
        let leap = to_microsecond("2016-12-31T23:59:60.5Z".parse().unwrap());
        assert_eq!(leap.to_string(), "2017-01-01 00:00:00.500 UTC");
    }
}
