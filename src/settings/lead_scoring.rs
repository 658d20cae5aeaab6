//! What happens to a lead when it is scored? (Marketing settings, Lead scoring)

use super::field::{Defaults, Name};
use super::record::record;

record! {
    /// What happens to a lead when it gets its first score, when it is ready for sales, and to its
    /// scores when their model is stopped (table `msdyncrm_leadscoringconfiguration`).
    ///
    /// Any number of them may exist. The one that was created last rules among the active ones
    /// ([`in_force`](crate::settings::in_force)); without any, all three switches are yes.
    ///
    /// ```
    /// use correspond::settings::LeadScoringConfiguration;
    ///
    /// let config =
    ///     LeadScoringConfiguration::builder().name("Spring").automatic_sales_ready(false).build()?;
    /// assert!(!config.automatic_sales_ready() && config.automatic_cleanup());
    /// # Ok::<(), correspond::settings::SettingError>(())
    /// ```
    LeadScoringConfiguration, LeadScoringConfigurationBuilder, LeadScoring, "Lead scoring",
        "msdyncrm_leadscoringconfiguration";
    required {
        /// What the list shows it as.
        name: ref Name, "Name", "msdyncrm_name";
    }
    optional {
        /// Is a lead that reaches the sales-ready score of a model marked as sales ready, and moved
        /// to the stage of sales acceptance?
        automatic_sales_ready: copy bool = Defaults::same(true), "Automatic sales ready",
            "msdyncrm_automaticsalesready_enabled";
        /// Does the first score of any model move a lead to the stage of automated marketing
        /// qualification?
        automatic_qualification: copy bool = Defaults::same(true),
            "Automated marketing qualification", "msdyncrm_automaticqualification_enabled";
        /// Does stopping a model delete the scores that it calculated?
        automatic_cleanup: copy bool = Defaults::same(true), "Automatic lead scores cleanup",
            "msdyncrm_automaticleadscorescleanup_enabled";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::party::Value;
    use crate::settings::{DefaultKind, Profile, SettingError, SettingsRecord};

    /// A006, A007, A011, A014; facts 5.1.
    #[test]
    fn lead_scoring_fields_defaults_and_form() -> Result<(), SettingError> {
        let config = LeadScoringConfiguration::builder().name("All yes").build()?;
        let json = r#"{"name":"All yes","automatic_sales_ready":true,"automatic_qualification":true,"automatic_cleanup":true}"#;
        assert_eq!(serde_json::to_string(&config).unwrap(), json);
        assert_eq!(serde_json::from_str::<LeadScoringConfiguration>(json).unwrap(), config);
        for field in LeadScoringConfiguration::FIELDS.iter().filter(|field| !field.required) {
            for kind in [DefaultKind::Metadata, DefaultKind::Effective(Profile::Current)] {
                let default = LeadScoringConfiguration::default_value(field.name, kind);
                assert_eq!(default, Some(Value::YesNo(true)), "{}", field.name);
            }
        }
        Ok(())
    }

    #[test]
    fn a_misspelt_setting_is_told_with_the_name_that_was_meant() {
        let read = |json: &str| {
            let error = serde_json::from_str::<LeadScoringConfiguration>(json).unwrap_err();
            error.to_string().split(" at line").next().unwrap_or_default().to_owned()
        };
        assert_eq!(
            read(r#"{"name":"x","automatic_sale_ready":true}"#),
            "expected a known name, found \"automatic_sale_ready\"; did you mean \
             `automatic_sales_ready`?"
        );
        assert_eq!(
            read(r#"{"colour":1}"#),
            "expected a known name, found \"colour\"; known are name, automatic_sales_ready, \
             automatic_qualification, automatic_cleanup"
        );
        assert_eq!(read(r#"{"name":"x","name":"y"}"#), "name: expected one value, found another");
        assert_eq!(read(r#"{"name":""}"#), "name: expected text of 1 to 100 characters, found 0");
        assert_eq!(read("{}"), "name: expected a value, found none");
        assert_eq!(read("7"), "invalid type: integer `7`, expected the settings of: Lead scoring");
    }
}
