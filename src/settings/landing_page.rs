//! What do new marketing pages and forms start with? (Marketing settings, Landing pages)

use chrono::{DateTime, Utc};

use super::error::SettingError;
use super::field::{AttributeName, Defaults, Link, Name, Text, Url, Whole, choice, targets};
use super::matching_strategy::{DefaultStrategies, MatchingStrategy, MatchingTarget, SlotError};
use super::record::record;
use super::stored::Stored;

choice! {
    /// Which records a form submission may create or update (columns
    /// `msdyncrm_entityupdatebehavioronsubmit` of `msdyncrm_marketingpageconfiguration` and of
    /// `msdyncrm_marketingform`).
    UpdateMode {
        /// A contact and a lead: each is matched or created.
        ContactsAndLeads = 0, "contacts-and-leads", "Contacts and leads";
        /// A contact is matched or created; leads stay untouched.
        OnlyContacts = 1, "only-contacts", "Only contacts";
        /// A lead is matched or created; contacts stay untouched.
        OnlyLeads = 2, "only-leads", "Only leads";
        /// Neither: the submission is stored, and that is all. Only where the configuration allows
        /// such forms, and only for landing page forms.
        NoUpdate = 3, "no-update", "No update";
    }
}

impl UpdateMode {
    /// May a submission create or update a record of this target?
    #[must_use]
    pub const fn updates(self, target: MatchingTarget) -> bool {
        match (self, target) {
            (Self::ContactsAndLeads, _)
            | (Self::OnlyContacts, MatchingTarget::Contact)
            | (Self::OnlyLeads, MatchingTarget::Lead) => true,
            (Self::OnlyContacts | Self::OnlyLeads | Self::NoUpdate, _) => false,
        }
    }
}

choice! {
    /// Where marketing pages are hosted (column
    /// `msdyncrm_marketingpageconfiguration.msdyncrm_portalintegrationtype`).
    PortalBehavior {
        /// By the marketing service itself.
        ForceLocalHosting = 1, "force-local-hosting", "Force local hosting";
        /// On a portal.
        ForcePortalHosting = 2, "force-portal-hosting", "Force portal hosting";
    }
}

choice! {
    /// How far the installation of the portal is (column
    /// `msdyncrm_marketingpageconfiguration.msdyncrm_portalinstallationstatus`).
    PortalInstallationStatus {
        /// It did not start.
        NotStarted = 1, "not-started", "Not started";
        /// It started.
        Started = 2, "started", "Started";
        /// It failed. Only later versions of the product say so.
        Failed = 3, "failed", "Failed";
    }
}

/// The columns that marketing itself adds to contacts and leads for where they came from; their
/// labels are "Source email", "Source customer journey", "Source form" and "Source landing page".
const EMAIL: AttributeName = AttributeName::known("msdyncrm_emailid");
const JOURNEY: AttributeName = AttributeName::known("msdyncrm_customerjourneyid");
const FORM: AttributeName = AttributeName::known("msdyncrm_marketingformid");
const PAGE: AttributeName = AttributeName::known("msdyncrm_marketingpageid");

record! {
    /// What new marketing pages and forms start with: the privacy banner, how submissions are matched
    /// to contacts and leads, where the context of a submission is kept, and the portal (table
    /// `msdyncrm_marketingpageconfiguration`).
    ///
    /// Any number of sets may exist; exactly one is the default one, and that is in force. Its values
    /// are copied into a page or form when that is made, and a later change reaches none that exists.
    /// [`MarketingPage`](crate::page::MarketingPage) and [`MarketingForm`](crate::form::MarketingForm)
    /// do that.
    ///
    /// Texts of the banner are kept with the banner off, and have no effect until it is on.
    ///
    /// ```
    /// use correspond::id::RecordId;
    /// use correspond::settings::{LandingPageConfiguration, UpdateMode};
    ///
    /// let [contacts, leads] = [1, 2].map(RecordId::new);
    /// let set = LandingPageConfiguration::builder()
    ///     .name("Spring")
    ///     .contact_matching_strategy(contacts)
    ///     .lead_matching_strategy(leads)
    ///     .update_contacts_leads(UpdateMode::OnlyContacts);
    /// assert!(!set.clone().build()?.insert_privacy_banner());
    ///
    /// let error = set.update_contacts_leads(UpdateMode::NoUpdate).build().unwrap_err();
    /// assert_eq!(error.field(), "update_contacts_leads");
    /// # Ok::<(), correspond::settings::SettingError>(())
    /// ```
    LandingPageConfiguration, LandingPageConfigurationBuilder, LandingPage, "Landing pages",
        "msdyncrm_marketingpageconfiguration", default default: ExactlyOne;
    required {
        /// What the list shows it as.
        name: ref Name, "Name", "msdyncrm_name";
        /// The strategy by which new forms look for contacts. That its target is right is seen only
        /// with the strategies at hand: [`strategies`](LandingPageConfiguration::strategies).
        contact_matching_strategy: copy Link<MatchingStrategy>,
            "Default contact matching strategy", "msdyncrm_contactmatchingstrategy";
        /// The strategy by which new forms look for leads. That its target is right is seen only with
        /// the strategies at hand: [`strategies`](LandingPageConfiguration::strategies).
        lead_matching_strategy: copy Link<MatchingStrategy>, "Default lead matching strategy",
            "msdyncrm_leadmatchingstrategy";
    }
    optional {
        /// Is it the set in force?
        default: copy bool = Defaults::same(false), "Default", "msdyncrm_default";
        /// Do new pages, and unpublished ones that are opened, get the privacy banner?
        insert_privacy_banner: copy bool = Defaults::same(false), "Insert privacy banner",
            "msdyncrm_insertprivacybanner";
        /// The summary of the privacy policy in the banner; at most 2,000 characters.
        privacy_banner_text: ref Option<Text<1, 2000>> = Defaults::effective(None),
            "Privacy banner text", "msdyncrm_privacybannertext";
        /// The full URL of the detailed privacy policy; at most 2,000 characters.
        privacy_policy_link_url: ref Option<Url<2000>> = Defaults::effective(None),
            "Privacy policy link URL", "msdyncrm_privacypolicylinkurl";
        /// The text of the link under the text of the banner; at most 200 characters.
        privacy_policy_link_text: ref Option<Text<1, 200>> = Defaults::effective(None),
            "Privacy policy link text", "msdyncrm_privacypolicylinktext";
        /// Which records the submissions of a new form may create or update. The column has no
        /// default of its own; where it is blank, contacts and leads.
        update_contacts_leads: copy UpdateMode = Defaults::effective(UpdateMode::ContactsAndLeads),
            "Update contacts/leads", "msdyncrm_entityupdatebehavioronsubmit";
        /// May a form leave contacts and leads alone ([`UpdateMode::NoUpdate`])?
        allow_submission_only_forms: copy bool = Defaults::same(false),
            "Allow form submissions without updating the contact or lead",
            "msdyncrm_allowsubmissiononlyforms";
        /// Are the submissions of a new form kept that went well? Off, only pending and failed ones
        /// are.
        keep_successful_submissions: copy bool = Defaults::same(false),
            "Store all form submissions", "msdyncrm_keepsuccessfulsubmissions";
        /// The column of a new contact that gets the mail which the visitor came from.
        contact_email_attribute: ref AttributeName = Defaults::effective(EMAIL),
            "Contact email attribute", "msdyncrm_contactemailattribute";
        /// The column of a new contact that gets the journey which the visitor came from.
        contact_journey_attribute: ref AttributeName = Defaults::effective(JOURNEY),
            "Contact source customer journey attribute", "msdyncrm_contactcampaignattribute";
        /// The column of a new contact that gets the marketing form.
        contact_form_attribute: ref AttributeName = Defaults::effective(FORM),
            "Contact form attribute", "msdyncrm_contactmarketingformattribute";
        /// The column of a new contact that gets the marketing page.
        contact_page_attribute: ref AttributeName = Defaults::effective(PAGE),
            "Contact landing page attribute", "msdyncrm_contactmarketingpageattribute";
        /// The column of a new lead that gets the mail which the visitor came from.
        lead_email_attribute: ref AttributeName = Defaults::effective(EMAIL),
            "Lead email attribute", "msdyncrm_leademailattribute";
        /// The column of a new lead that gets the journey which the visitor came from.
        lead_journey_attribute: ref AttributeName = Defaults::effective(JOURNEY),
            "Lead campaign attribute", "msdyncrm_leadcampaignattribute";
        /// The column of a new lead that gets the marketing form.
        lead_form_attribute: ref AttributeName = Defaults::effective(FORM), "Lead form attribute",
            "msdyncrm_leadmarketingformattribute";
        /// The column of a new lead that gets the marketing page.
        lead_page_attribute: ref AttributeName = Defaults::effective(PAGE),
            "Lead landing page attribute", "msdyncrm_leadmarketingpageattribute";
        /// The column of a new lead that gets the contact of the same submission; blank: none does.
        lead_contact_attribute: ref Option<AttributeName> = Defaults::effective(None),
            "Lead contact attribute", "msdyncrm_leadcontactattribute";
        /// The portal on which new pages are published. A new organization has the website of its
        /// events here.
        website: copy Option<Link<targets::Website>> = Defaults::effective(None), "Website",
            "adx_websiteid";
        /// The default language of the portal.
        page_language: copy Option<Link<targets::WebsiteLanguage>> = Defaults::effective(None),
            "Page language", "adx_websitelanguageid";
        /// The page of the portal under which marketing pages stand.
        container_page: copy Option<Link<targets::WebPage>> = Defaults::effective(None),
            "Container page", "adx_parentwebpageid";
        /// Where pages are hosted; blank: the product chooses.
        portal_behavior: copy Option<PortalBehavior> = Defaults::effective(None), "Portal behavior",
            "msdyncrm_portalintegrationtype";
        /// How far the installation of the portal is.
        portal_installation_status: copy Option<PortalInstallationStatus> =
            Defaults::effective(None), "Portal installation status",
            "msdyncrm_portalinstallationstatus";
        /// What the product's own screen keeps to filter websites by. Of no effect here; kept for it.
        website_filter: ref Option<Text<1, 400>> = Defaults::effective(None), "Website filter",
            "msdyncrm_websitefilter_placeholder";
        /// The type of the organization, as the product remembers it. Of no effect here; kept for it.
        organization_type: copy Option<Whole<-2_147_483_648, 2_147_483_647>> =
            Defaults::effective(None), "Organization type", "msdyncrm_organizationtype";
        /// When the product last asked for that type.
        organization_type_refreshed: copy Option<DateTime<Utc>> = Defaults::effective(None),
            "Organization type refreshed", "msdyncrm_organizationtype_lastrefresh";
    }
    check(this) {
        if this.update_contacts_leads == UpdateMode::NoUpdate && !this.allow_submission_only_forms {
            return Err(SettingError::excluded(
                "update_contacts_leads",
                "an update of contacts or leads without allow_submission_only_forms",
                "no-update",
            ));
        }
        // One column cannot hold two things, and which of them it lost nobody would be told.
        for target in MatchingTarget::ALL {
            let columns = this.context_columns(*target);
            for (index, (field, column)) in columns.iter().enumerate() {
                if let Some((other, _)) = columns.iter().take(index).find(|(_, c)| c == column) {
                    return Err(SettingError::excluded(
                        field,
                        format!("another column than that of {other}"),
                        format!("{column:?}"),
                    ));
                }
            }
        }
        Ok(())
    }
}

impl LandingPageConfiguration {
    /// The set that a new organization has: the default one, with both out-of-box strategies and the
    /// website of its events.
    pub fn out_of_box(
        contact_strategy: Link<MatchingStrategy>,
        lead_strategy: Link<MatchingStrategy>,
        event_website: Link<targets::Website>,
    ) -> LandingPageConfigurationBuilder {
        Self::builder()
            .name("Default landing page configuration")
            .default(true)
            .contact_matching_strategy(contact_strategy)
            .lead_matching_strategy(lead_strategy)
            .website(event_website)
    }

    /// The default strategy of this target.
    #[must_use]
    pub const fn strategy(&self, target: MatchingTarget) -> Link<MatchingStrategy> {
        match target {
            MatchingTarget::Contact => self.contact_matching_strategy,
            MatchingTarget::Lead => self.lead_matching_strategy,
        }
    }

    /// The default strategies, found among `strategies`.
    ///
    /// # Errors
    ///
    /// One is not among them, or looks for the other target; of two wrong ones the one for contacts
    /// is told.
    pub fn strategies<'a>(
        &self,
        strategies: &'a [Stored<MatchingStrategy>],
    ) -> Result<DefaultStrategies<'a>, SlotError> {
        let of = |slot| MatchingStrategy::in_slot(slot, self.strategy(slot), strategies);
        Ok(DefaultStrategies {
            contact: of(MatchingTarget::Contact)?,
            lead: of(MatchingTarget::Lead)?,
        })
    }

    /// The columns that get the context of a submission, with the names of their settings: mail,
    /// journey, form, page, and with leads the contact.
    pub(crate) fn context_columns(
        &self,
        target: MatchingTarget,
    ) -> Vec<(&'static str, &AttributeName)> {
        match target {
            MatchingTarget::Contact => vec![
                ("contact_email_attribute", &self.contact_email_attribute),
                ("contact_journey_attribute", &self.contact_journey_attribute),
                ("contact_form_attribute", &self.contact_form_attribute),
                ("contact_page_attribute", &self.contact_page_attribute),
            ],
            MatchingTarget::Lead => {
                let contact = self.lead_contact_attribute.as_ref();
                [
                    ("lead_email_attribute", &self.lead_email_attribute),
                    ("lead_journey_attribute", &self.lead_journey_attribute),
                    ("lead_form_attribute", &self.lead_form_attribute),
                    ("lead_page_attribute", &self.lead_page_attribute),
                ]
                .into_iter()
                .chain(contact.map(|name| ("lead_contact_attribute", name)))
                .collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RecordId;
    use crate::party::Value;
    use crate::settings::{DefaultKind, DefaultRule, Profile, SettingsRecord};

    fn some() -> LandingPageConfigurationBuilder {
        LandingPageConfiguration::builder()
            .name("Spring")
            .contact_matching_strategy(RecordId::new(1))
            .lead_matching_strategy(RecordId::new(2))
    }

    fn refused(builder: LandingPageConfigurationBuilder) -> String {
        builder.build().unwrap_err().to_string()
    }

    /// A066, A070, A090; facts 5.4: the defaults of the metadata, and those in effect.
    #[test]
    fn landing_page_defaults() {
        let blank = some().build().unwrap();
        for kind in [DefaultKind::Metadata, DefaultKind::Effective(Profile::Documents)] {
            for name in [
                "default",
                "insert_privacy_banner",
                "allow_submission_only_forms",
                "keep_successful_submissions",
            ] {
                let default = LandingPageConfiguration::default_value(name, kind);
                assert_eq!(default, Some(Value::YesNo(false)), "{name}");
                assert_eq!(blank.value(name), default, "{name}");
            }
        }
        let mode = |kind| LandingPageConfiguration::default_value("update_contacts_leads", kind);
        assert_eq!(mode(DefaultKind::Metadata), None);
        assert_eq!(mode(DefaultKind::Effective(Profile::Current)), Some(Value::Choice(0)));
        for name in ["website", "privacy_banner_text", "portal_behavior", "lead_contact_attribute"]
        {
            assert_eq!(blank.value(name), None, "{name}");
        }
        assert_eq!(LandingPageConfiguration::DEFAULTS, DefaultRule::ExactlyOne);
        assert!(!blank.is_default() && blank.with_default(true).is_default());
    }

    /// A091, A092, A093; facts 5.4, 7.2.
    #[test]
    fn landing_page_choices_have_the_codes_of_the_product() {
        use MatchingTarget::{Contact, Lead};
        use UpdateMode as Mode;
        let modes = [0, 1, 2, 3].map(|code| Mode::from_code(code).unwrap());
        assert_eq!(
            modes,
            [Mode::ContactsAndLeads, Mode::OnlyContacts, Mode::OnlyLeads, Mode::NoUpdate]
        );
        assert_eq!([-1, 4].map(Mode::from_code), [None, None]);
        assert_eq!(
            modes.map(|mode| (mode.updates(Contact), mode.updates(Lead))),
            [(true, true), (true, false), (false, true), (false, false)]
        );
        let behaviors = [0, 1, 2, 3].map(PortalBehavior::from_code);
        let local = Some(PortalBehavior::ForceLocalHosting);
        assert_eq!(behaviors, [None, local, Some(PortalBehavior::ForcePortalHosting), None]);
        let statuses = [1, 2, 3, 4].map(PortalInstallationStatus::from_code);
        assert_eq!(
            statuses,
            [
                Some(PortalInstallationStatus::NotStarted),
                Some(PortalInstallationStatus::Started),
                Some(PortalInstallationStatus::Failed),
                None
            ]
        );
    }

    /// Facts 5.4, 7.2, section 9 item 25: "No update" needs the flag that allows it.
    #[test]
    fn no_update_needs_the_permission_flag() {
        let none = some().update_contacts_leads(UpdateMode::NoUpdate);
        assert_eq!(
            refused(none.clone()),
            "update_contacts_leads: expected an update of contacts or leads without \
             allow_submission_only_forms, found no-update"
        );
        let allowed = none.allow_submission_only_forms(true).build().unwrap();
        assert_eq!(allowed.update_contacts_leads(), UpdateMode::NoUpdate);
        // The flag goes only after the mode.
        assert!(allowed.to_builder().allow_submission_only_forms(false).build().is_err());
    }

    /// A078 to A085; facts 5.4: four columns for contacts, four for leads and the lead's contact.
    #[test]
    fn context_columns_have_defaults_and_are_logical_names() {
        let blank = some().build().unwrap();
        let columns = |config: &LandingPageConfiguration, target| {
            let columns = config.context_columns(target).into_iter();
            columns.map(|(_, column)| column.to_string()).collect::<Vec<_>>()
        };
        let source = [
            "msdyncrm_emailid",
            "msdyncrm_customerjourneyid",
            "msdyncrm_marketingformid",
            "msdyncrm_marketingpageid",
        ];
        for name in source {
            assert!(AttributeName::new(name).is_ok());
        }
        assert_eq!(columns(&blank, MatchingTarget::Contact), source);
        assert_eq!(columns(&blank, MatchingTarget::Lead), source);
        let chosen = some()
            .contact_email_attribute("new_email")
            .contact_journey_attribute("new_journey")
            .contact_form_attribute("new_form")
            .contact_page_attribute("new_page")
            .lead_email_attribute("new_leademail")
            .lead_journey_attribute("new_leadjourney")
            .lead_form_attribute("new_leadform")
            .lead_page_attribute("new_leadpage")
            .lead_contact_attribute("new_contact")
            .build()
            .unwrap();
        assert_eq!(
            columns(&chosen, MatchingTarget::Contact),
            ["new_email", "new_journey", "new_form", "new_page"]
        );
        assert_eq!(
            columns(&chosen, MatchingTarget::Lead),
            ["new_leademail", "new_leadjourney", "new_leadform", "new_leadpage", "new_contact"]
        );
        assert_eq!(
            refused(some().lead_page_attribute("Page")),
            "lead_page_attribute: expected a logical name: a letter, then letters, digits and _, \
             all of them a to z, found 'P' at octet 0 of \"Page\""
        );
    }

    #[test]
    fn one_column_holds_one_thing() {
        let twice = some().contact_page_attribute("msdyncrm_emailid");
        assert_eq!(
            refused(twice),
            "contact_page_attribute: expected another column than that of \
             contact_email_attribute, found \"msdyncrm_emailid\""
        );
        let twice = some().lead_contact_attribute("msdyncrm_marketingpageid");
        assert_eq!(
            refused(twice),
            "lead_contact_attribute: expected another column than that of lead_page_attribute, \
             found \"msdyncrm_marketingpageid\""
        );
        // A contact and a lead are two records.
        assert!(some().lead_contact_attribute("parentcontactid").build().is_ok());
    }

    /// A074, A075, A076; facts 5.4; kept as stored with the banner off.
    #[test]
    fn banner_texts_have_limits_and_are_kept_with_the_banner_off() {
        let kept = some()
            .privacy_banner_text("x".repeat(2_000))
            .privacy_policy_link_text("x".repeat(200))
            .privacy_policy_link_url(format!("https://a.example/{}", "x".repeat(1_982)))
            .build()
            .unwrap();
        assert!(!kept.insert_privacy_banner() && kept.privacy_banner_text().is_some());
        assert!(kept.to_builder().insert_privacy_banner(true).build().is_ok());
        assert_eq!(
            refused(some().privacy_banner_text("x".repeat(2_001))),
            "privacy_banner_text: expected text of 1 to 2000 characters, found more"
        );
        assert_eq!(
            refused(some().privacy_policy_link_text("x".repeat(201))),
            "privacy_policy_link_text: expected text of 1 to 200 characters, found more"
        );
        let long = format!("https://a.example/{}", "x".repeat(1_983));
        assert_eq!(
            refused(some().privacy_policy_link_url(long)),
            "privacy_policy_link_url: expected a URL of at most 2000 characters, found more"
        );
        assert_eq!(
            refused(some().privacy_policy_link_url("/privacy")),
            "privacy_policy_link_url: expected an absolute http or https URL, found \"/privacy\""
        );
    }

    /// A094, A097, A101; facts 5.4: both strategies are required.
    #[test]
    fn a_configuration_refers_to_both_strategies() {
        let builder = LandingPageConfiguration::builder().name("x");
        assert_eq!(
            refused(builder.clone()),
            "contact_matching_strategy: expected a value, found none"
        );
        assert_eq!(
            refused(builder.contact_matching_strategy(RecordId::new(1))),
            "lead_matching_strategy: expected a value, found none"
        );
        let [contact, lead] = [1, 2].map(RecordId::new).map(Link::new);
        let website = Link::new(RecordId::new(3));
        let first = LandingPageConfiguration::out_of_box(contact, lead, website).build().unwrap();
        assert!(first.default());
        assert_eq!(first.website(), Some(website));
        assert_eq!(first.strategy(MatchingTarget::Lead), lead);
    }
}
