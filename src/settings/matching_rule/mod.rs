//! Which records of the later product's journeys is somebody who fills a form in? (Matching rules)

mod condition;
mod degree;

pub use condition::{RuleCondition, RuleConditions};
pub use degree::Degree;

use super::field::{AttributeName, Defaults, LinkTarget, Name, Text};
use super::record::record;
use super::{Comparisons, MatchingAttributes, MatchingTarget};

record! {
    /// Which values a submission and a record must have in common to be the same contact or lead, in
    /// the product that came after outbound marketing. A record matches where the main condition and
    /// every additional one hold. Of several records the one modified last is taken; where none
    /// matches, one is made.
    ///
    /// A blank value satisfies nothing: neither in a submission nor in a record. Every attribute of a
    /// rule must be on the forms that use it ([`attributes`](MatchingRule::attributes)).
    ///
    /// The product keeps rules in the table `msdynmkt_matchingstrategy` and their conditions in its
    /// column `msdynmkt_rulesmodel`, whose form is not documented: the form here is our own, and
    /// nothing of it is read from an export of the product.
    ///
    /// ```
    /// use correspond::settings::{Degree, MatchingRule, MatchingTarget};
    ///
    /// let families = MatchingRule::builder()
    ///     .name("Address or mobile, and a similar name")
    ///     .main_condition(["emailaddress1", "mobilephone"])
    ///     .additional_conditions([(Degree::High, ["firstname", "nickname"].as_slice())])
    ///     .build()?;
    /// assert_eq!(families.target(), MatchingTarget::Contact);
    /// assert!(!families.match_inactive());
    ///
    /// let alike = |equal: &'static [&str], similar: &'static [&str]| {
    ///     families.matches(|attribute, degree| match degree {
    ///         Degree::Exact => equal.contains(&attribute.as_str()),
    ///         _ => similar.contains(&attribute.as_str()),
    ///     })
    /// };
    /// assert!(alike(&["mobilephone"], &["nickname"]));
    /// assert!(!alike(&["mobilephone"], &[]), "every condition must hold");
    /// assert!(!alike(&[], &["nickname"]), "the main one too");
    /// # Ok::<(), correspond::settings::SettingError>(())
    /// ```
    MatchingRule, MatchingRuleBuilder, MatchingRule, "Matching rules", none;
    required {
        /// What it is chosen by.
        name: ref Name, "Name";
        /// The attributes of which one must be the same in a record, all its characters.
        main_condition: ref MatchingAttributes, "Main condition";
    }
    optional {
        /// What it is for; at most 2,000 characters.
        description: ref Option<Text<1, 2000>> = Defaults::effective(None), "Description";
        /// Does it look for contacts or for leads?
        target: copy MatchingTarget = Defaults::effective(MatchingTarget::Contact), "Target";
        /// What must be alike beside the main condition, each to a degree of its own.
        additional_conditions: ref RuleConditions = Defaults::effective(RuleConditions::default()),
            "Additional conditions";
        /// Are inactive records found too, on a par with active ones? A record that is found is
        /// updated, and stays inactive. The product recommends no.
        match_inactive: copy bool = Defaults::effective(false), "Match inactive records";
        /// How attributes are compared, where not as usual.
        comparisons: ref Comparisons = Defaults::effective(Comparisons::default()),
            "Comparison of attributes";
    }
}

impl LinkTarget for MatchingRule {
    const TABLE: &'static str = "msdynmkt_matchingstrategy";
}

impl MatchingRule {
    /// The attributes of all its conditions, each once: what a form that uses the rule must have.
    pub fn attributes(&self) -> impl Iterator<Item = &AttributeName> {
        // At most 9 times 32 of them.
        let all = self.conditions().flat_map(|(attributes, _)| attributes.as_slice());
        let mut seen = Vec::new();
        all.filter(move |name| {
            let new = !seen.contains(name);
            if new {
                seen.push(*name);
            }
            new
        })
    }

    /// Does a record match? `alike` says whether one attribute is the same in submission and record,
    /// to a degree ([`Degree::holds`]), and never where either is blank. It is asked for no more
    /// attributes than it takes.
    pub fn matches(&self, mut alike: impl FnMut(&AttributeName, Degree) -> bool) -> bool {
        self.conditions().all(|(attributes, degree)| {
            attributes.as_slice().iter().any(|attribute| alike(attribute, degree))
        })
    }

    /// Its conditions, the main one first.
    fn conditions(&self) -> impl Iterator<Item = (&MatchingAttributes, Degree)> {
        let additional = self.additional_conditions.as_slice().iter();
        let additional = additional.map(|condition| (condition.attributes(), condition.degree()));
        std::iter::once((&self.main_condition, Degree::Exact)).chain(additional)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{SettingErrorKind, SettingsRecord};

    fn rule() -> MatchingRuleBuilder {
        MatchingRule::builder().name("x").main_condition(["emailaddress1"])
    }

    /// Facts 7.3: a main condition, any number of additional ones (here: 8), no blanks among them.
    #[test]
    fn a_rule_needs_a_main_condition_and_takes_eight_others() {
        let refused = |builder: MatchingRuleBuilder| builder.build().unwrap_err().to_string();
        assert_eq!(
            refused(MatchingRule::builder().name("x")),
            "main_condition: expected a value, found none"
        );
        assert_eq!(
            refused(rule().main_condition([])),
            "main_condition: expected 1 to 32 different attributes, found none"
        );
        let names: &[&str] = &["lastname"];
        assert!(rule().additional_conditions([(Degree::Low, names); 8]).build().is_ok());
        assert_eq!(
            refused(rule().additional_conditions([(Degree::Low, names); 9])),
            "additional_conditions: expected up to 8 conditions, found more"
        );
        let error = rule().additional_conditions([(Degree::Low, [].as_slice())]).build();
        assert_eq!(error.unwrap_err().kind(), SettingErrorKind::Length);
        let json = |condition: &str| {
            let json = format!(
                r#"{{"name":"x","main_condition":["a"],"additional_conditions":[{condition}]}}"#
            );
            serde_json::from_str::<MatchingRule>(&json).map_err(|error| error.to_string())
        };
        assert!(json(r#"{"attributes":["b"],"degree":"medium"}"#).is_ok());
        for wrong in [
            r#"{"attributes":["b"]}"#,
            r#"{"attributes":["b"],"degree":"most"}"#,
            r#"{"attributes":[],"degree":"low"}"#,
            r#"{"attributes":["b"],"degree":"low","weight":1}"#,
        ] {
            let error = json(wrong).unwrap_err();
            assert!(error.starts_with("additional_conditions: "), "{error}");
        }
    }

    /// Facts 7.3; matching anchors, section 2: inactive records are matched only where the rule says
    /// so; the table is not documented as far as it matters.
    #[test]
    fn a_rule_has_the_defaults_of_the_later_product() {
        let plain = rule().build().unwrap();
        assert!(!plain.match_inactive());
        assert_eq!(plain.target(), MatchingTarget::Contact);
        assert_eq!(plain.additional_conditions().as_slice(), []);
        assert_eq!(<MatchingRule as SettingsRecord>::TABLE, None);
        assert!(MatchingRule::FIELDS.iter().all(|field| field.column.is_none()));
    }

    /// Facts 7.3: or within a condition, and between conditions, the main one exact.
    #[test]
    fn conditions_are_joined_by_and_their_attributes_by_or() {
        use Degree::{Exact, High, Low};
        let names: &[&str] = &["lastname", "emailaddress1"];
        let rule = rule()
            .main_condition(["emailaddress1", "mobilephone"])
            .additional_conditions([(High, names), (Low, &["address1_city"])])
            .build()
            .unwrap();
        let attributes: Vec<_> = rule.attributes().map(AttributeName::as_str).collect();
        assert_eq!(attributes, ["emailaddress1", "mobilephone", "lastname", "address1_city"]);

        let asked = |alike: &[(&str, Degree)]| {
            let mut asked = Vec::new();
            let matches = rule.matches(|attribute, degree| {
                asked.push((attribute.as_str().to_owned(), degree));
                alike.contains(&(attribute.as_str(), degree))
            });
            (matches, asked.len())
        };
        let all = [("mobilephone", Exact), ("emailaddress1", High), ("address1_city", Low)];
        assert_eq!(asked(&all), (true, 5));
        // Without one of them, what comes behind is not asked for.
        assert_eq!(asked(&all[1..]), (false, 2));
        assert_eq!(asked(&[all[0], all[2]]), (false, 4));
        assert_eq!(asked(&all[..2]), (false, 5));
        assert_eq!(asked(&[("emailaddress1", Exact)]), (false, 3));
    }

    #[test]
    fn a_condition_follows_from_a_stricter_one_with_fewer_attributes() {
        let names = |names: &[&str]| -> MatchingAttributes {
            crate::settings::IntoField::into_field(names).unwrap()
        };
        let condition = RuleCondition::new(names(&["a", "b"]), Degree::Medium);
        for (attributes, degree, follows) in [
            (&["a"][..], Degree::Exact, true),
            (&["b", "a"], Degree::Medium, true),
            (&["a"], Degree::Low, false),
            (&["a", "c"], Degree::Exact, false),
        ] {
            let found = condition.follows_from(&names(attributes), degree);
            assert_eq!(found, follows, "{attributes:?} {degree}");
        }
    }
}
