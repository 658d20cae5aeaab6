//! What the lead scoring configuration switches.

use crate::settings::LeadScoringConfiguration;

/// The three switches of the lead scoring configuration in force (table
/// `msdyncrm_leadscoringconfiguration`).
///
/// ```
/// use correspond::scoring::Switches;
///
/// let all = Switches::from(None);
/// assert!(all.sales_ready && all.qualification && all.cleanup);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "the three switches of the page")]
pub struct Switches {
    /// Automatic sales ready: is a lead that reaches the sales-ready score of a model marked, and
    /// moved to sales acceptance?
    pub sales_ready: bool,
    /// Automated marketing qualification: does the first score move a lead out of the inquiry stage?
    pub qualification: bool,
    /// Automatic lead scores cleanup: does stopping a model delete its scores?
    pub cleanup: bool,
}

impl Default for Switches {
    /// All yes: what counts where there is no configuration.
    fn default() -> Self {
        Self { sales_ready: true, qualification: true, cleanup: true }
    }
}

impl From<Option<&LeadScoringConfiguration>> for Switches {
    fn from(in_force: Option<&LeadScoringConfiguration>) -> Self {
        in_force.map_or_else(Self::default, |config| Self {
            sales_ready: config.automatic_sales_ready(),
            qualification: config.automatic_qualification(),
            cleanup: config.automatic_cleanup(),
        })
    }
}
