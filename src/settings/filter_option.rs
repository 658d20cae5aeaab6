//! Which received mail does a user or a queue want to have tracked?

use super::field::choice;

choice! {
    /// Which received mail is tracked without anybody asking for it (columns
    /// `usersettings.incomingemailfilteringmethod` and `queue.incomingemailfilteringmethod`). Mail
    /// that is tracked by hand, by its folder or by its category passes it by.
    ///
    /// ```
    /// use correspond::settings::FilterOption;
    ///
    /// let own = FilterOption::All;
    /// assert_eq!(own.effective(None), FilterOption::All);
    /// assert_eq!(own.effective(FilterOption::from_code(1)), FilterOption::InResponse);
    /// ```
    FilterOption {
        /// Every message.
        All = 0, "all", "All email messages";
        /// Replies to mail that is tracked.
        InResponse = 1, "in-response", "Email messages in response to Dynamics 365 email";
        /// Mail whose sender is a lead, a contact or an account.
        LeadsContactsAccounts = 2, "leads-contacts-accounts",
            "Email messages from Dynamics 365 Leads, Contacts and Accounts";
        /// Mail whose sender is any record with an address, those of customized tables included.
        EmailEnabled = 3, "email-enabled",
            "Email messages from Dynamics 365 records that are email enabled";
        /// None. A later option, offered while `DoNotAutoTrackEmail` is in force.
        NoMessages = 4, "no-messages", "No email messages";
    }
}

/// Which filter options the organization offers to its users: three switches of
/// `organization.orgdborgsettings`. The default is that of the settings tool, with none of them on:
/// the four options of the product's documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the switches of one list")]
pub struct FilterOptionsOffered {
    /// `DoNotAutoTrackEmail`: option 4 is offered.
    pub no_messages: bool,
    /// `HideTrackAllOption`: option 0 is not.
    pub hide_all: bool,
    /// `HideEmailAutoTrackOptions`: options 0, 2 and 3 are not.
    pub hide_automatic: bool,
}

impl FilterOption {
    /// The option that counts for a user whose own one is this: the one that the organization forces
    /// on everybody, where it does. (`SSSForceFilteringMethodForUserMailboxes`, -1 to 4: -1, or
    /// any other number without an option, forces none, so its value goes through
    /// [`from_code`](Self::from_code).) A queue's own option always counts.
    ///
    /// An option that is not [offered](Self::is_offered) any more stays in force for those who chose
    /// it before: to hide a choice is not to take it back.
    #[must_use]
    pub fn effective(self, forced: Option<Self>) -> Self {
        forced.unwrap_or(self)
    }

    /// Can it be chosen?
    #[must_use]
    pub const fn is_offered(self, offered: FilterOptionsOffered) -> bool {
        match self {
            Self::All => !offered.hide_all && !offered.hide_automatic,
            Self::LeadsContactsAccounts | Self::EmailEnabled => !offered.hide_automatic,
            Self::InResponse => true,
            Self::NoMessages => offered.no_messages,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Facts 3.2; C002, C003, C004, C006, C007: codes and labels; what an option tracks is decided
    /// by tracking.
    #[test]
    fn filter_options_have_the_codes_of_the_product() {
        use FilterOption as Option;
        let all = [0, 1, 2, 3, 4].map(Option::from_code).map(std::option::Option::unwrap);
        assert_eq!(all, Option::ALL);
        assert_eq!([-1, 5].map(Option::from_code), [None, None]);
        assert_eq!(Option::InResponse.label(), "Email messages in response to Dynamics 365 email");
        assert_eq!(serde_json::to_string(&Option::NoMessages).unwrap(), "\"no-messages\"");
    }

    /// Facts 3.10, `SSSForceFilteringMethodForUserMailboxes`.
    #[test]
    fn a_forced_filter_option_rules_over_everybodys_own() {
        for &own in FilterOption::ALL {
            assert_eq!(own.effective(FilterOption::from_code(-1)), own);
            for &forced in FilterOption::ALL {
                assert_eq!(own.effective(FilterOption::from_code(forced.code())), forced);
            }
        }
    }

    /// Facts 3.2, 3.10; C002: the four options of the documents, the fifth, and the hidden ones.
    #[test]
    fn the_organization_hides_filter_options_and_adds_one() {
        let offered = |offered: FilterOptionsOffered| {
            let all = FilterOption::ALL.iter().filter(|option| option.is_offered(offered));
            all.map(|option| option.code()).collect::<Vec<_>>()
        };
        let documents = FilterOptionsOffered::default();
        assert_eq!(offered(documents), [0, 1, 2, 3]);
        assert_eq!(
            offered(FilterOptionsOffered { no_messages: true, ..documents }),
            [0, 1, 2, 3, 4]
        );
        assert_eq!(offered(FilterOptionsOffered { hide_all: true, ..documents }), [1, 2, 3]);
        assert_eq!(offered(FilterOptionsOffered { hide_automatic: true, ..documents }), [1]);
    }
}
