//! What scores are called: cold, warm, hot.

use serde::{Deserialize, Serialize};

use crate::settings::Name;

/// A range of scores with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "a row")]
pub struct GradeRange {
    /// What a score in the range is called (column `msdyncrm_leadscore_v2.msdyncrm_grade`).
    pub name: Name,
    /// Its least score; `None` for no least, in the first range alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    /// Its greatest score; `None` for no greatest, in the last range alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
}

/// The grades of a model, lowest first: ranges of whole scores without a gap between them and
/// without overlap. At most [`MAX`](Self::MAX), or none.
///
/// ```
/// use correspond::scoring::{GradeRange, Grades};
/// use correspond::settings::Name;
///
/// let grades = Grades::new(vec![
///     GradeRange { name: Name::new("Cold")?, min: None, max: Some(39) },
///     GradeRange { name: Name::new("Hot")?, min: Some(40), max: None },
/// ])?;
/// assert_eq!(grades.of(40).map(Name::as_str), Some("Hot"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<GradeRange>", into = "Vec<GradeRange>")]
pub struct Grades(Vec<GradeRange>);

impl Grades {
    /// At most this many grades.
    pub const MAX: usize = 100;

    /// No grades.
    #[must_use]
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// These grades, lowest first.
    ///
    /// # Errors
    ///
    /// A range ends before it starts, leaves a gap to the one before, overlaps with it, or there are
    /// more than [`MAX`](Self::MAX).
    pub fn new(ranges: Vec<GradeRange>) -> Result<Self, GradesError> {
        use GradesErrorKind::{Gap, Inverted, Overlap, TooMany};

        let fail = |kind, at: usize| Err(GradesError { kind, at });
        if ranges.len() > Self::MAX {
            return fail(TooMany, Self::MAX);
        }
        let mut before: Option<&GradeRange> = None;
        for (at, range) in ranges.iter().enumerate() {
            if range.min.zip(range.max).is_some_and(|(min, max)| max < min) {
                return fail(Inverted, at);
            }
            if let Some(before) = before {
                // An end that is open reaches over whatever follows.
                let (Some(last), Some(first)) = (before.max, range.min) else {
                    return fail(Overlap, at);
                };
                if first <= last {
                    return fail(Overlap, at);
                }
                if last.checked_add(1) != Some(first) {
                    return fail(Gap, at);
                }
            }
            before = Some(range);
        }
        Ok(Self(ranges))
    }

    /// The ranges, lowest first.
    #[must_use]
    pub fn ranges(&self) -> &[GradeRange] {
        &self.0
    }

    /// What this score is called; `None` where it lies below the first range or above the last.
    #[must_use]
    pub fn of(&self, points: i64) -> Option<&Name> {
        let within = |range: &&GradeRange| {
            range.min.is_none_or(|min| min <= points) && range.max.is_none_or(|max| points <= max)
        };
        self.0.iter().find(within).map(|range| &range.name)
    }
}

impl TryFrom<Vec<GradeRange>> for Grades {
    type Error = GradesError;

    fn try_from(ranges: Vec<GradeRange>) -> Result<Self, GradesError> {
        Self::new(ranges)
    }
}

impl From<Grades> for Vec<GradeRange> {
    fn from(grades: Grades) -> Self {
        grades.0
    }
}

/// Ranges that are no grades: what is wrong, and with which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {}, found {} at grade {at}", kind.expected(), kind.found())]
pub struct GradesError {
    kind: GradesErrorKind,
    at: usize,
}

impl GradesError {
    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> GradesErrorKind {
        self.kind
    }

    /// With which range, counted from 0.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }
}

/// What is wrong with ranges that are no grades.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GradesErrorKind {
    /// Scores between a range and the one before lie in neither.
    Gap,
    /// A score lies in a range and in the one before.
    Overlap,
    /// A range ends before it starts.
    Inverted,
    /// There are more than [`Grades::MAX`].
    TooMany,
}

impl GradesErrorKind {
    const fn expected(self) -> &'static str {
        match self {
            Self::Gap | Self::Overlap => "a range that starts right after the one before",
            Self::Inverted => "a range that ends where it starts or later",
            Self::TooMany => "at most 100 grades",
        }
    }

    const fn found(self) -> &'static str {
        match self {
            Self::Gap => "a gap",
            Self::Overlap => "an overlap",
            Self::Inverted => "an earlier end",
            Self::TooMany => "another",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grades(ranges: &[(Option<i64>, Option<i64>)]) -> Result<Grades, GradesError> {
        let range = |(at, &(min, max)): (usize, &(Option<i64>, Option<i64>))| GradeRange {
            name: Name::new(format!("G{at}")).unwrap(),
            min,
            max,
        };
        Grades::new(ranges.iter().enumerate().map(range).collect())
    }

    /// Facts 7.1: ranges must be continuous and must not overlap.
    #[test]
    fn grades_are_continuous_and_do_not_overlap() {
        let good = grades(&[(Some(0), Some(39)), (Some(40), Some(99)), (Some(100), None)]).unwrap();
        let called = |points| good.of(points).map(Name::as_str);
        assert_eq!([-1, 0, 39].map(called), [None, Some("G0"), Some("G0")]);
        assert_eq!([40, 99, 100].map(called), [Some("G1"), Some("G1"), Some("G2")]);
        assert_eq!(called(i64::MAX), Some("G2"));
        assert_eq!(good.ranges().len(), 3);
        assert_eq!(grades(&[]).unwrap(), Grades::none());
        assert!(grades(&[(None, None)]).is_ok());

        let wrong = |ranges: &[_]| {
            let error = grades(ranges).unwrap_err();
            (error.kind(), error.at(), error.to_string())
        };
        let after = "expected a range that starts right after the one before, found";
        assert_eq!(
            wrong(&[(Some(0), Some(39)), (Some(41), None)]),
            (GradesErrorKind::Gap, 1, format!("{after} a gap at grade 1"))
        );
        let overlap = (GradesErrorKind::Overlap, 1, format!("{after} an overlap at grade 1"));
        assert_eq!(wrong(&[(Some(0), Some(40)), (Some(40), None)]), overlap);
        assert_eq!(wrong(&[(Some(0), None), (Some(40), None)]), overlap);
        assert_eq!(wrong(&[(None, Some(1)), (None, Some(3))]), overlap);
        assert_eq!(wrong(&[(None, Some(i64::MAX)), (Some(i64::MAX), None)]), overlap);
        assert_eq!(
            wrong(&[(Some(2), Some(1))]),
            (
                GradesErrorKind::Inverted,
                0,
                "expected a range that ends where it starts or later, found an earlier end at \
                 grade 0"
                    .to_owned()
            )
        );
        let many: Vec<_> = (0..=100).map(|n| (Some(n), Some(n))).collect();
        assert!(grades(&many[..Grades::MAX]).is_ok());
        assert_eq!(
            wrong(&many),
            (
                GradesErrorKind::TooMany,
                100,
                "expected at most 100 grades, found another at grade 100".to_owned()
            )
        );
    }

    #[test]
    fn grades_are_read_as_they_were_written() {
        let json = r#"[{"name":"Cold","max":9},{"name":"Hot","min":10,"max":20}]"#;
        let grades: Grades = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&grades).unwrap(), json);
        let gap = r#"[{"name":"Cold","max":8},{"name":"Hot","min":10}]"#;
        assert!(serde_json::from_str::<Grades>(gap).is_err());
    }
}
