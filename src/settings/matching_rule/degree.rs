//! How much of two values must be the same?

use crate::settings::field::choice;

choice! {
    /// How much of a value must be the same for a condition of a
    /// [`MatchingRule`](crate::settings::MatchingRule) to hold: from the strictest to the widest.
    ///
    /// The product's document says *all characters*, *almost all*, *at least half* and *at least a
    /// quarter*, and not how it counts. What follows is our own reading ([`holds`](Self::holds)).
    Degree {
        /// All characters.
        Exact = none, "exact", "Exact";
        /// Almost all characters.
        High = none, "high", "High";
        /// At least half of the characters.
        Medium = none, "medium", "Medium";
        /// At least a quarter of the characters.
        Low = none, "low", "Low";
    }
}

impl Degree {
    /// Texts with more characters than this are compared exactly, whatever the degree: the comparison
    /// costs the product of the lengths, and whoever fills a form in chooses one of them.
    pub const MAX_CHARS: usize = 256;

    /// From this many characters of the longer text on, [`High`](Self::High) lets one edit pass.
    ///
    /// A tenth of a text of 5 to 9 characters is less than one of them, and most names are such texts:
    /// without this, "almost all" would mean "all" to nearly every name. Four characters of five are
    /// almost all of them; three of four (*Mark*, *Mary*) are not.
    pub const ONE_EDIT_FROM: usize = 5;

    /// Do these two values agree to this degree? Both are as the comparison of their attribute has
    /// them, folded where it folds ([`TextForm`](crate::text::TextForm)). A blank value satisfies
    /// nothing.
    ///
    /// An edit inserts, deletes or replaces a character (a Unicode scalar value), or exchanges two
    /// neighbours (optimal string alignment). Of two values whose longer one has *n* characters, a
    /// degree lets so many edits pass:
    ///
    /// | degree | edits | so that this much is the same |
    /// |---|---|---|
    /// | `Exact` | none | all |
    /// | `High` | *n* / 10, and 1 from [`ONE_EDIT_FROM`](Self::ONE_EDIT_FROM) on | nine tenths; of shorter values all but one character |
    /// | `Medium` | *n* / 2 | half |
    /// | `Low` | 3 *n* / 4 | a quarter |
    ///
    /// Each division rounds down, so that no less than what is asked for is the same. What agrees to
    /// a degree agrees to every wider one; the order of the two values makes no difference.
    ///
    /// ```
    /// use correspond::settings::Degree;
    ///
    /// assert!(Degree::High.holds("meyer", "meier"));
    /// assert!(!Degree::High.holds("mark", "mary"), "three of four");
    /// assert!(Degree::Medium.holds("mark", "mary"));
    /// assert!(Degree::High.holds("smiht", "smith"), "neighbours exchanged");
    /// assert!(Degree::Low.holds("jon", "jonathan") && !Degree::Medium.holds("jon", "jonathan"));
    /// assert!(!Degree::Low.holds("", ""), "a blank satisfies nothing");
    /// ```
    #[must_use]
    pub fn holds(self, a: &str, b: &str) -> bool {
        if a.is_empty() || b.is_empty() {
            return false;
        }
        if a == b {
            return true;
        }
        if self == Self::Exact {
            return false;
        }
        let lengths = [a, b].map(|text| text.chars().take(Self::MAX_CHARS + 1).count());
        let [short, long] = [lengths[0].min(lengths[1]), lengths[0].max(lengths[1])];
        let most = self.edits(long);
        // As many edits as the lengths differ are needed anyway.
        long <= Self::MAX_CHARS && long - short <= most && strsim::osa_distance(a, b) <= most
    }

    /// The most edits of two texts the longer of which has so many characters.
    fn edits(self, chars: usize) -> usize {
        match self {
            Self::Exact => 0,
            Self::High => (chars / 10).max(usize::from(chars >= Self::ONE_EDIT_FROM)),
            Self::Medium => chars / 2,
            Self::Low => chars * 3 / 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Facts 7.3: all, almost all, at least half, at least a quarter of the characters.
    #[test]
    fn degrees_have_their_thresholds() {
        // Two texts of so many characters that differ in so many.
        let holds = |degree: Degree, chars: usize, edits: usize| {
            let same = "x".repeat(chars - edits);
            degree.holds(
                &format!("{same}{}", "a".repeat(edits)),
                &format!("{same}{}", "b".repeat(edits)),
            )
        };
        for (degree, most) in [
            (Degree::Exact, [0, 0, 0, 0, 0, 0, 0, 0]),
            (Degree::High, [0, 0, 1, 1, 1, 1, 2, 25]),
            (Degree::Medium, [0, 2, 2, 4, 5, 9, 10, 128]),
            (Degree::Low, [0, 3, 3, 6, 7, 14, 15, 192]),
        ] {
            for (chars, most) in [1, 4, 5, 9, 10, 19, 20, 256].into_iter().zip(most) {
                assert!(holds(degree, chars, most), "{degree}: {most} of {chars}");
                assert!(!holds(degree, chars, most + 1), "{degree}: {} of {chars}", most + 1);
            }
        }
    }

    #[test]
    fn long_texts_are_compared_exactly() {
        let [short, long] = [256, 257].map(|chars| "\u{e4}".repeat(chars));
        for degree in Degree::ALL {
            assert!(degree.holds(&long, &long));
            assert!(!degree.holds(&long, &short) && !degree.holds(&short, &long), "{degree}");
            let edited = format!("{}b", "\u{e4}".repeat(255));
            assert_eq!(degree.holds(&short, &edited), *degree != Degree::Exact);
        }
        let hostile = "ab".repeat(4 << 20);
        assert!(!Degree::Low.holds(&hostile, &hostile.replace('b', "c")));
    }

    proptest! {
        #[test]
        fn degrees_widen_and_do_not_mind_the_order(a in "[ab\u{e4}\u{1f600}]{0,12}|\\PC{0,300}", b in "[ab\u{e4}\u{1f600}]{0,12}") {
            for degree in Degree::ALL {
                prop_assert_eq!(degree.holds(&a, &a), !a.is_empty());
                prop_assert_eq!(degree.holds(&a, &b), degree.holds(&b, &a));
            }
            for pair in Degree::ALL.windows(2) {
                prop_assert!(pair[0] < pair[1]);
                prop_assert!(!pair[0].holds(&a, &b) || pair[1].holds(&a, &b), "{:?}", pair);
            }
        }
    }
}
