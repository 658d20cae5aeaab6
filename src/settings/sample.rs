//! A page for tests of what holds for every page: with a default record, always one.

use super::field::{Defaults, Name, Text, choice};
use super::record::record;

choice! {
    /// A colour; in the order of codes, not of names.
    Colour {
        /// The first by code.
        Red = 1, "red", "Red";
        /// The second by code, the first by label.
        Blue = 2, "blue", "Blue";
    }
}

record! {
    /// A page.
    SamplePage, SamplePageBuilder, LandingPage, "Sample", none, default default: ExactlyOne;
    required {
        /// What the list shows it as.
        name: ref Name, "Name";
    }
    optional {
        /// The mark.
        default: copy bool = Defaults::same(false), "Default";
        /// Some text.
        note: ref Option<Text<0, 1000>> = Defaults::same(None), "Note";
        /// An option.
        colour: copy Option<Colour> = Defaults::same(None), "Colour";
        /// A moment.
        since: copy Option<chrono::NaiveDate> = Defaults::same(None), "Since";
    }
}
