use super::*;
use crate::party::Value;
use crate::settings::{DefaultKind, Profile, SettingsRecord};

/// Facts 3.9 and 3.10: (name in the bag, default by the documents, default of the later product).
fn expected() -> Vec<(&'static str, Value, Value)> {
    let same = |name, value: bool| (name, Value::YesNo(value), Value::YesNo(value));
    let newer = |name| (name, Value::YesNo(false), Value::YesNo(true));
    let whole = |name, number| (name, Value::Whole(number), Value::Whole(number));
    vec![
        same("AutoCreateContactOnPromote", true),
        same("DisableSmartMatching", false),
        same("DisableSmartMatchingEmailHashCreation", false),
        same("IgnoreConversationIndexAndInReplyToForCorrelation", false),
        same("DoNotCorrelateForwardedEmailsAsReplies", false),
        whole("MaximumSubjectLengthOnMailServer", 255),
        same("UseFilteringMethodOfSyncingMailboxOnlyForCorrelation", false),
        whole("SSSForceFilteringMethodForUserMailboxes", -1),
        newer("DoNotAutoTrackEmail"),
        same("HideTrackAllOption", false),
        same("HideEmailAutoTrackOptions", false),
        same("AutoTrackSentFolderItems", false),
        newer("TrackCategorizedItems"),
        same("RestrictIRMEmailItems", false),
        same("ResolveForInactiveEntities", false),
        same("OverrideV5SenderConflictResolution", false),
        same("UnresolveSenderInCaseOfMultipleMatch", false),
        newer("CreateQueueItemForSynchronizingMailbox"),
        same("CreateQueueItemsForAcceptingQueueRecipients", true),
        same("SSSCreateAdditionalQueueItemsForAlreadyTrackedEmail", false),
        whole("ClientDisableTrackingForReplyForwardEmails", 0),
        whole("OverrideTrackInCrmBehaviour", 0),
        same("RequirePrivilegeToSelfApproveEmailAddress", false),
        same("EnableMailboxDelegationForOutgoingEmail", true),
        same("SSSSaveOutgoingEmailToExchangeSentFolder", true),
        whole("ExchangeSyncIdMappingPersistenceTimeInDays", 3),
        same("EnableSssItemLevelMonitoring", false),
        whole("SendEmailSynchronously", 0),
        newer("DoNotIgnoreInternalEmailToQueues"),
        same("IgnoreInternalEmailDetectionEnhancement", true),
        same("IgnoreInternalEmailFromQueues", false),
    ]
}

/// Facts 3.9, 3.10: names, types and defaults of the bag; it has no metadata of its own.
#[test]
fn properties_have_their_names_and_defaults() {
    let mut found = Vec::new();
    for field in OrganizationProperties::FIELDS.iter().filter(|field| field.column.is_some()) {
        let of = |kind| OrganizationProperties::default_value(field.name, kind);
        assert_eq!(of(DefaultKind::Metadata), None);
        let name = field.column.and_then(|column| column.strip_prefix("orgdborgsettings:"));
        let [documents, current] =
            Profile::ALL.map(|profile| of(DefaultKind::Effective(profile)).unwrap());
        found.push((name.unwrap(), documents, current));
    }
    assert_eq!(found, expected());
    assert_eq!(OrganizationProperties::builder().build(), Ok(OrganizationProperties::default()));
}

/// Facts 2.6, 3.10: 255 to 400 characters; -1 to 4.
#[test]
fn numbers_of_the_bag_stay_in_their_ranges() {
    let b = OrganizationProperties::builder;
    let message = |builder: OrganizationPropertiesBuilder| builder.build().unwrap_err().to_string();
    assert_eq!(
        message(b().maximum_subject_length_on_mail_server(254)),
        "maximum_subject_length_on_mail_server: expected a whole number from 255 to 400, found 254"
    );
    assert!(b().maximum_subject_length_on_mail_server(401).build().is_err());
    assert_eq!(
        message(b().sss_force_filtering_method_for_user_mailboxes(5)),
        "sss_force_filtering_method_for_user_mailboxes: expected a whole number from -1 to 4, \
         found 5"
    );
    assert!(b().sss_force_filtering_method_for_user_mailboxes(-2).build().is_err());
    assert!(b().send_email_synchronously(2).build().is_err());

    let limit = |length: i32| {
        let properties = b().maximum_subject_length_on_mail_server(length).build().unwrap();
        properties.subject_limit().get()
    };
    assert_eq!([255, 300, 400].map(limit), [255, 300, 400]);
    let forced = |code: i32| {
        let properties = b().sss_force_filtering_method_for_user_mailboxes(code).build().unwrap();
        properties.forced_filter()
    };
    assert_eq!(
        [-1, 0, 4].map(forced),
        [None, Some(FilterOption::All), Some(FilterOption::NoMessages)]
    );
}

/// Facts 3.10: `DoNotAutoTrackEmail`, `HideTrackAllOption`, `HideEmailAutoTrackOptions`.
#[test]
fn the_bag_says_which_filter_options_are_offered() {
    let b = OrganizationProperties::builder;
    let offered =
        |builder: OrganizationPropertiesBuilder| builder.build().unwrap().filter_options();
    let none = FilterOptionsOffered::default();
    assert_eq!(offered(b()), none);
    let more = FilterOptionsOffered { no_messages: true, ..none };
    assert_eq!(offered(b().do_not_auto_track_email(true)), more);
    let fewer = FilterOptionsOffered { hide_all: true, ..none };
    assert_eq!(offered(b().hide_track_all_option(true)), fewer);
    let fewest = FilterOptionsOffered { hide_automatic: true, ..none };
    assert_eq!(offered(b().hide_email_auto_track_options(true)), fewest);
}

/// Names that are not known are kept, in their order and within bounds.
#[test]
fn unknown_properties_are_kept() {
    let json = r#"{"unknown":[{"name":"B","value":"1"},{"name":"A.x-2_","value":""}]}"#;
    let properties: OrganizationProperties = serde_json::from_str(json).unwrap();
    let names = |all: &UnknownProperties| all.iter().map(|it| it.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(properties.unknown()), ["B", "A.x-2_"]);
    assert_eq!(properties.unknown().get("B"), Some("1"));
    assert_eq!((properties.unknown().len(), properties.unknown().is_empty()), (2, false));
    let written = serde_json::to_string(&properties).unwrap();
    assert_eq!(serde_json::from_str::<OrganizationProperties>(&written).unwrap(), properties);
}

#[test]
fn unknown_properties_that_are_none() {
    let message =
        |name: &str, value: &str| UnknownProperties::new([(name, value)]).unwrap_err().to_string();
    for wrong in ["", "1A", "a b", "é"] {
        assert_eq!(
            message(wrong, ""),
            format!("expected a property name of 1 to 128 letters and digits, found {wrong:?}")
        );
    }
    assert!(message(&"a".repeat(129), "").starts_with("expected a property name"));
    assert_eq!(
        message("A", &"x".repeat(4_097)),
        "expected a value of A of at most 4096 octets, found 4097"
    );
    assert_eq!(
        message("DisableSmartMatching", "true"),
        "expected the field `disable_smart_matching` for it, found \"DisableSmartMatching\""
    );
    assert_eq!(
        UnknownProperties::new([("A", "1"), ("A", "2")]).unwrap_err().to_string(),
        "expected each property once, found \"A\" twice"
    );
    // Facts 11: letter case makes no other name.
    assert_eq!(
        message("disablesmartmatching", "true"),
        "expected the field `disable_smart_matching` for it, found \"disablesmartmatching\""
    );
    assert!(UnknownProperties::new([("Aa", "1"), ("aA", "2")]).is_err());
    assert_eq!(UnknownProperties::new([("Aa", "1")]).unwrap().get("AA"), Some("1"));
    let many = (0..257).map(|number| (format!("A{number}"), "x"));
    assert_eq!(
        UnknownProperties::new(many).unwrap_err().to_string(),
        "expected at most 256 properties, found more"
    );
    let map = serde_json::from_str::<UnknownProperties>("{}").unwrap_err().to_string();
    assert!(map.starts_with("invalid type: map, expected a list of properties"), "{map}");
}
