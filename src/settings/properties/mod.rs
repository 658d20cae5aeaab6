//! Which further switches of the organization are set that no page of the product shows?

mod unknown;

pub use unknown::{UnknownProperties, UnknownProperty};

use super::field::{Defaults, Whole};
use super::filter_option::{FilterOption, FilterOptionsOffered};
use super::record::record;
use crate::token::SubjectLimit;

/// A switch that the product writes as 0 or 1.
type ZeroOne = Whole<0, 1>;

const ZERO: ZeroOne = ZeroOne::saturating(0);

record! {
    /// The organization's property bag (column `organization.orgdborgsettings`): switches that no
    /// page of the product shows, set by a tool or a script.
    ///
    /// In the column each stands under the name behind `orgdborgsettings:` in
    /// [`Field::column`](crate::settings::Field::column); a name that is missing there has its
    /// default. The three that are whole numbers are written as 0 and 1, the other switches as
    /// `true` and `false`. Names that are not known are [kept](Self::unknown).
    ///
    /// Some defaults changed with a release of the product; the profile of the documents has the
    /// older one, the other profile the newer one:
    ///
    /// | name | since | default |
    /// |---|---|---|
    /// | `DoNotIgnoreInternalEmailToQueues` | 8.2.2.1309 | true, before: false |
    /// | `TrackCategorizedItems` | 9.1.0.15324 | true, before: false |
    /// | `CreateQueueItemForSynchronizingMailbox` | 9.2.21114.136 | true, before: false |
    /// | `DoNotAutoTrackEmail` | not known | true on the help page, false in the settings tool |
    ///
    /// ```
    /// use correspond::settings::OrganizationProperties;
    ///
    /// let properties = OrganizationProperties::builder()
    ///     .maximum_subject_length_on_mail_server(400)
    ///     .build()?;
    /// assert_eq!(properties.subject_limit().get(), 400);
    /// assert!(!OrganizationProperties::default().disable_smart_matching());
    /// # Ok::<(), correspond::settings::SettingError>(())
    /// ```
    OrganizationProperties, OrganizationPropertiesBuilder, OrganizationProperties,
        "Organization properties", "organization";
    required {}
    optional {
        /// Is a contact made of an unknown sender when a mail is tracked? Off, no user can switch it
        /// on.
        auto_create_contact_on_promote: copy bool = Defaults::effective(true),
            "Automatically create contacts", "orgdborgsettings:AutoCreateContactOnPromote";
        /// Is smart matching off, whatever the Email tab says?
        disable_smart_matching: copy bool = Defaults::effective(false), "Disable smart matching",
            "orgdborgsettings:DisableSmartMatching";
        /// Is nothing kept by which smart matching could find a mail later?
        disable_smart_matching_email_hash_creation: copy bool = Defaults::effective(false),
            "Disable hashes for smart matching",
            "orgdborgsettings:DisableSmartMatchingEmailHashCreation";
        /// Are headers not used for correlation, whatever the Email tab says?
        ignore_conversation_index_and_in_reply_to_for_correlation: copy bool =
            Defaults::effective(false), "Ignore conversation index and In-Reply-To",
            "orgdborgsettings:IgnoreConversationIndexAndInReplyToForCorrelation";
        /// Does In-Reply-To count for answers alone, and not for forwarded mail?
        do_not_correlate_forwarded_emails_as_replies: copy bool = Defaults::effective(false),
            "Do not correlate forwarded mail as replies",
            "orgdborgsettings:DoNotCorrelateForwardedEmailsAsReplies";
        /// How long a subject with its token may be, 255 to 400 characters: see
        /// [`subject_limit`](OrganizationProperties::subject_limit).
        maximum_subject_length_on_mail_server: copy Whole<255, 400> =
            Defaults::effective(Whole::saturating(255)), "Maximum subject length on mail server",
            "orgdborgsettings:MaximumSubjectLengthOnMailServer";
        /// Does the filter option of the mailbox being synchronized alone decide whether a mail is
        /// tracked? Off, those of the other recipients are asked too.
        use_filtering_method_of_syncing_mailbox_only_for_correlation: copy bool =
            Defaults::effective(false), "Use filter option of synchronizing mailbox only",
            "orgdborgsettings:UseFilteringMethodOfSyncingMailboxOnlyForCorrelation";
        /// The code of the filter option that all users have, whatever they chose; -1 leaves it to
        /// them: see [`forced_filter`](OrganizationProperties::forced_filter).
        sss_force_filtering_method_for_user_mailboxes: copy Whole<-1, 4> =
            Defaults::effective(Whole::saturating(-1)), "Force filter option",
            "orgdborgsettings:SSSForceFilteringMethodForUserMailboxes";
        /// Is no mail tracked unless a user asks for it? Offers the filter option "No email
        /// messages".
        do_not_auto_track_email: copy bool = Defaults::effective(false).current(true),
            "Do not track automatically", "orgdborgsettings:DoNotAutoTrackEmail";
        /// Is the filter option "All email messages" not offered?
        hide_track_all_option: copy bool = Defaults::effective(false),
            "Hide filter option for all mail", "orgdborgsettings:HideTrackAllOption";
        /// Are the filter options not offered that track mail that is no answer?
        hide_email_auto_track_options: copy bool = Defaults::effective(false),
            "Hide filter options that track automatically",
            "orgdborgsettings:HideEmailAutoTrackOptions";
        /// Are mails of the folder Sent Items tracked?
        auto_track_sent_folder_items: copy bool = Defaults::effective(false), "Track sent items",
            "orgdborgsettings:AutoTrackSentFolderItems";
        /// Are mails tracked that have the category for it?
        track_categorized_items: copy bool = Defaults::effective(false).current(true),
            "Track categorized items", "orgdborgsettings:TrackCategorizedItems";
        /// Are mails with managed rights left out?
        restrict_irm_email_items: copy bool = Defaults::effective(false),
            "Leave out rights-managed mail", "orgdborgsettings:RestrictIRMEmailItems";
        /// Do addresses stand for inactive records too?
        resolve_for_inactive_entities: copy bool = Defaults::effective(false),
            "Resolve to inactive records", "orgdborgsettings:ResolveForInactiveEntities";
        /// Is a mail not tracked automatically whose sender several records could be? An older rule:
        /// off, the first that was created wins.
        override_v5_sender_conflict_resolution: copy bool = Defaults::effective(false),
            "Do not track mail of ambiguous senders",
            "orgdborgsettings:OverrideV5SenderConflictResolution";
        /// Does a sender stay unresolved that several records could be?
        unresolve_sender_in_case_of_multiple_match: copy bool = Defaults::effective(false),
            "Leave ambiguous senders unresolved",
            "orgdborgsettings:UnresolveSenderInCaseOfMultipleMatch";
        /// Does a queue get an item whose mailbox delivered the mail, though it is no recipient?
        create_queue_item_for_synchronizing_mailbox: copy bool =
            Defaults::effective(false).current(true), "Queue item for the synchronizing mailbox",
            "orgdborgsettings:CreateQueueItemForSynchronizingMailbox";
        /// Does every queue get an item that accepts the mail?
        create_queue_items_for_accepting_queue_recipients: copy bool = Defaults::effective(true),
            "Queue items for accepting queues",
            "orgdborgsettings:CreateQueueItemsForAcceptingQueueRecipients";
        /// Does a queue get an item too where another mailbox delivered the mail first?
        sss_create_additional_queue_items_for_already_tracked_email: copy bool =
            Defaults::effective(false), "Queue items for mail tracked already",
            "orgdborgsettings:SSSCreateAdditionalQueueItemsForAlreadyTrackedEmail";
        /// Does Outlook not track answers and forwards by itself? 0 or 1.
        client_disable_tracking_for_reply_forward_emails: copy ZeroOne = Defaults::effective(ZERO),
            "Outlook: do not track replies and forwards",
            "orgdborgsettings:ClientDisableTrackingForReplyForwardEmails";
        /// Does "Track" in Outlook ask for the record that the mail is about? 0 or 1.
        override_track_in_crm_behaviour: copy ZeroOne = Defaults::effective(ZERO),
            "Outlook: ask for the regarding record",
            "orgdborgsettings:OverrideTrackInCrmBehaviour";
        /// Does approving one's own address need the privilege to approve addresses?
        require_privilege_to_self_approve_email_address: copy bool = Defaults::effective(false),
            "Require privilege to approve one's own address",
            "orgdborgsettings:RequirePrivilegeToSelfApproveEmailAddress";
        /// Does mail go out through the mailbox of whoever submitted it?
        enable_mailbox_delegation_for_outgoing_email: copy bool = Defaults::effective(true),
            "Send through the submitter's mailbox",
            "orgdborgsettings:EnableMailboxDelegationForOutgoingEmail";
        /// Is a copy of sent mail kept in the folder Sent of Exchange?
        sss_save_outgoing_email_to_exchange_sent_folder: copy bool = Defaults::effective(true),
            "Keep sent mail in Exchange",
            "orgdborgsettings:SSSSaveOutgoingEmailToExchangeSentFolder";
        /// For how many days it is remembered which item of Exchange a record was made of.
        exchange_sync_id_mapping_persistence_time_in_days: copy Whole<0, 2_147_483_647> =
            Defaults::effective(Whole::saturating(3)), "Days to keep Exchange item ids",
            "orgdborgsettings:ExchangeSyncIdMappingPersistenceTimeInDays";
        /// Is there a dashboard of items that could not be synchronized?
        enable_sss_item_level_monitoring: copy bool = Defaults::effective(false),
            "Monitor failed items", "orgdborgsettings:EnableSssItemLevelMonitoring";
        /// Is mail sent before the call that sends it returns? 0 or 1.
        send_email_synchronously: copy ZeroOne = Defaults::effective(ZERO), "Send synchronously",
            "orgdborgsettings:SendEmailSynchronously";
        /// Mail between two users as one activity: is mail of a user or a workflow to a queue still
        /// delivered?
        do_not_ignore_internal_email_to_queues: copy bool =
            Defaults::effective(false).current(true), "Internal mail to queues",
            "orgdborgsettings:DoNotIgnoreInternalEmailToQueues";
        /// Mail between two users as one activity: is the received copy dropped only where the sent
        /// one is stored? Off, everything that a user sent is dropped.
        ignore_internal_email_detection_enhancement: copy bool = Defaults::effective(true),
            "Internal mail: look for the sent copy",
            "orgdborgsettings:IgnoreInternalEmailDetectionEnhancement";
        /// Mail between two users as one activity: is mail of a queue dropped too where the sent
        /// copy is stored?
        ignore_internal_email_from_queues: copy bool = Defaults::effective(false),
            "Internal mail from queues", "orgdborgsettings:IgnoreInternalEmailFromQueues";
        /// Properties of other names, as they are.
        unknown: ref UnknownProperties = Defaults::effective(UnknownProperties::default()),
            "Other properties";
    }
}

impl OrganizationProperties {
    /// What a name in [`Field::column`](crate::settings::Field::column) begins with: what stands
    /// behind it is the name in the bag.
    pub const COLUMN: &'static str = "orgdborgsettings:";

    /// How long a subject with its token may be.
    #[must_use]
    pub fn subject_limit(&self) -> SubjectLimit {
        u16::try_from(self.maximum_subject_length_on_mail_server.get())
            .ok()
            .and_then(|characters| SubjectLimit::new(characters).ok())
            .unwrap_or_default()
    }

    /// The filter option that all users have; `None` where everybody's own counts.
    #[must_use]
    pub fn forced_filter(&self) -> Option<FilterOption> {
        let code = self.sss_force_filtering_method_for_user_mailboxes.get();
        i32::try_from(code).ok().and_then(FilterOption::from_code)
    }

    /// Which filter options can be chosen.
    #[must_use]
    pub const fn filter_options(&self) -> FilterOptionsOffered {
        FilterOptionsOffered {
            no_messages: self.do_not_auto_track_email,
            hide_all: self.hide_track_all_option,
            hide_automatic: self.hide_email_auto_track_options,
        }
    }
}

impl Default for OrganizationProperties {
    /// An empty bag, by the product's documents.
    fn default() -> Self {
        Self::builder().assemble()
    }
}

#[cfg(test)]
mod tests;
