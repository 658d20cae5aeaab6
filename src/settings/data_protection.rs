//! Is consent respected, and are its changes logged? (Marketing settings, Data protection tools)

use super::field::{Defaults, Name};
use super::record::record;

record! {
    /// Whether minimum consent counts, and whether changes of consent are logged (table
    /// `msgdpr_gdprconfiguration`). Both are off by default. At most one record is the default one;
    /// without any, both are off.
    ///
    /// ```
    /// use correspond::settings::DataProtection;
    ///
    /// let settings = DataProtection::builder().name("GDPR").respect_consent(true).build()?;
    /// assert!(settings.respect_consent() && !settings.log_consent_changes());
    /// # Ok::<(), correspond::settings::SettingError>(())
    /// ```
    DataProtection, DataProtectionBuilder, DataProtection, "Data protection tools",
        "msgdpr_gdprconfiguration", default default: AtMostOne;
    required {
        /// What the list shows it as.
        name: ref Name, "Name", "msgdpr_name";
    }
    optional {
        /// Is it the record in force?
        default: copy bool = Defaults::same(true), "Is default", "msgdpr_isdefault";
        /// Respect consent: do journeys and scoring leave out whose consent is below their minimum?
        /// Off, the minimum has no effect.
        respect_consent: copy bool = Defaults::same(false), "Respect consent", "msgdpr_isenforced";
        /// Log consent changes: does every change of a contact's level leave a record?
        log_consent_changes: copy bool = Defaults::same(false), "Log consent changes",
            "msgdpr_isconsentchangeloggingenabled";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{DefaultRule, SettingsRecord};

    /// A167; facts 5.10, 7.7: both switches are off by default.
    #[test]
    fn data_protection_is_off_by_default() {
        let settings = DataProtection::builder().name("GDPR").build().unwrap();
        assert!(!settings.respect_consent() && !settings.log_consent_changes());
        assert!(settings.is_default() && !settings.with_default(false).is_default());
        assert_eq!(DataProtection::DEFAULTS, DefaultRule::AtMostOne);
    }
}
