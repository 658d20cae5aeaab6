use super::*;
use crate::address::CompareBy;
use crate::correlation::{Correlator, Method, MethodOrder};
use crate::id::{RecordId, TenantId};
use crate::party::Value;
use crate::settings::{
    AdviceKind, CorrelationSettings, DefaultKind, Facts, OrganizationProperties, SettingsRecord,
    Several, Strangers, TrackedFolder, shared_prefixes,
};
use crate::token::{CounterRestart, Prefix, TokenPlan, UserNumberOverflow};

fn message(builder: EmailSettingsBuilder) -> String {
    builder.build().unwrap_err().to_string()
}

/// Facts 1.1 and 9: metadata, documents, later product, as (field, [three defaults]).
fn expected_defaults() -> Vec<(&'static str, [Option<Value>; 3])> {
    let yes_no = |all: [Option<bool>; 3]| all.map(|it| it.map(Value::YesNo));
    let whole = |number| [None, Some(Value::Whole(number)), Some(Value::Whole(number))];
    let choice = |code| [None, Some(Value::Choice(code)), Some(Value::Choice(code))];
    let text = |text: &str| {
        let text = Some(Value::Text(text.to_owned()));
        [None, text.clone(), text]
    };
    let same = |value| yes_no([Some(value); 3]);
    let (on, off) = (Some(true), Some(false));
    vec![
        (
            "process_email_using",
            [Some(Value::Choice(0)), Some(Value::Choice(0)), Some(Value::Choice(0))],
        ),
        ("default_server_profile", [None, None, None]),
        ("incoming_method", choice(2)),
        ("outgoing_method", choice(2)),
        ("appointments_method", choice(1)),
        ("approved_users_only", yes_no([off, on, on])),
        ("approved_queues_only", yes_no([off, on, on])),
        ("folder_tracking", yes_no([off, on, on])),
        ("max_tracked_folders", whole(25)),
        ("use_correlation", same(true)),
        ("use_tracking_tokens", yes_no([None, on, on])),
        ("token_prefixes", text("CRM:")),
        ("token_base", whole(0)),
        ("token_user_digits", whole(3)),
        ("max_tracking_number", whole(999)),
        ("next_tracking_number", [None, None, None]),
        ("former_token_formats", text("[]")),
        ("smart_matching", yes_no([off, on, off])),
        ("smart_filter", text(r"^[\s]*([\w]+\s?:[\s]*)+")),
        ("smart_max_count", whole(20)),
        ("smart_delta", whole(0)),
        ("smart_min_addresses", whole(2)),
        ("two_activities", same(true)),
        ("secure_frames", same(false)),
        ("unresolved_recipients_allowed", same(false)),
        ("unresolved_on_multiple_match", same(false)),
        ("apply_to_all", yes_no([off, on, on])),
        ("max_attachment_size", std::array::from_fn(|_| Some(Value::Whole(5_242_880)))),
        ("alert_errors", same(true)),
        ("alert_warnings", yes_no([on, off, on])),
        ("alert_information", same(true)),
        ("notify_mailbox_owner", yes_no([on, off, off])),
        ("monitoring_allowed", same(true)),
        ("content_filtering", same(false)),
        ("address_validation", same(false)),
        ("blocked_extensions", [None, None, None]),
        ("forced_mailbox_unlocking", same(false)),
        ("inactive_mailbox_backoff", same(false)),
    ]
}

/// B004, B008, B023, B024, B028, B032, B052, B058, B063, B066, B067, B068, B069, C023, C024, C032,
/// C036, C040, C052, C053; facts 1.1, 9.
#[test]
fn email_settings_have_the_defaults_of_metadata_documents_and_later_product() {
    for (field, expected) in expected_defaults() {
        let kinds = [
            DefaultKind::Metadata,
            DefaultKind::Effective(Profile::Documents),
            DefaultKind::Effective(Profile::Current),
        ];
        let found = kinds.map(|kind| EmailSettings::default_value(field, kind));
        assert_eq!(found, expected, "{field}");
    }
    let current = EmailSettings::builder_of(Profile::Current).build().unwrap();
    assert_eq!(current.profile(), Profile::Current);
    assert_eq!(current.correlation_policy(), &CorrelationPolicy::of(Profile::Current));
    assert_eq!(EmailSettings::builder().build().unwrap(), EmailSettings::default());
}

#[test]
fn numbers_of_the_email_settings_stay_in_their_ranges() {
    let whole = |field, min: i64, max: i64, found: i64| {
        format!("{field}: expected a whole number from {min} to {max}, found {found}")
    };
    let b = EmailSettings::builder;
    assert_eq!(message(b().max_tracked_folders(0)), whole("max_tracked_folders", 1, 25, 0));
    assert_eq!(message(b().token_user_digits(0)), whole("token_user_digits", 1, 10, 0));
    assert_eq!(message(b().token_user_digits(11)), whole("token_user_digits", 1, 10, 11));
    let most = i64::from(i32::MAX);
    assert_eq!(message(b().smart_delta(-1)), whole("smart_delta", 0, most, -1));
    assert_eq!(message(b().smart_max_count(most + 1)), whole("smart_max_count", 0, most, most + 1));
    assert!(b().max_tracked_folders(1).build().is_ok());
    assert!(b().max_tracked_folders(25).build().is_ok());
}

/// C031.
#[test]
fn the_deployment_base_ranges_from_0_to_2147483647() {
    for base in [0, 1, i64::from(i32::MAX)] {
        let settings = EmailSettings::builder().token_base(base).token_user_digits(9);
        let formats = settings.build().unwrap().token_formats();
        assert_eq!(i64::from(formats[0].base()), base);
    }
    for base in [-1, i64::from(i32::MAX) + 1] {
        assert_eq!(
            message(EmailSettings::builder().token_base(base)),
            format!("token_base: expected a whole number from 0 to 2147483647, found {base}")
        );
    }
}

/// Design, section 4: 0 shared addresses would match any mail of the same subject.
#[test]
fn no_shared_address_at_all_is_refused() {
    assert_eq!(
        message(EmailSettings::builder().smart_min_addresses(0)),
        "smart_min_addresses: expected a whole number from 1 to 2147483647, found 0"
    );
    assert!(EmailSettings::builder().smart_min_addresses(1).build().is_ok());
}

/// C035; facts 2.1, 9 (item 3): 1 to 9; 10 in the later product.
#[test]
fn ten_user_digits_are_for_the_later_product_alone() {
    let nine = EmailSettings::builder().token_user_digits(9).build().unwrap();
    assert_eq!(nine.token_formats()[0].user_digits(), 9);
    assert_eq!(
        message(EmailSettings::builder().token_user_digits(10)),
        "token_user_digits: expected at most 9 digits under this profile, found 10"
    );
    let current = EmailSettings::builder_of(Profile::Current).token_user_digits(10);
    let formats = current.build().unwrap().token_formats();
    assert_eq!(formats[0].to_string(), "CRM:/0/10/3");
}

/// The Email Router moves mail alone.
#[test]
fn the_email_router_excludes_appointments_by_server_side_synchronization() {
    let router = EmailSettings::builder().process_email_using(ProcessEmailUsing::EmailRouter);
    assert_eq!(
        message(router.clone()),
        "appointments_method: expected Dynamics 365 for Outlook or none, as the Email Router \
         processes the mail, found Server-Side Synchronization"
    );
    for method in [AppointmentsMethod::Outlook, AppointmentsMethod::None] {
        assert!(router.clone().appointments_method(method).build().is_ok());
    }
}

/// B064, B065: the cap is the one of the release.
#[test]
fn attachments_stay_below_the_cap_of_the_release() {
    let with = |release, kilobytes| {
        let size = AttachmentSize::from_kilobytes(kilobytes).unwrap();
        EmailSettings::builder().release(release).max_attachment_size(size)
    };
    assert!(with(Release::Crm2016, 32_768).build().is_ok());
    assert_eq!(
        message(with(Release::Crm2016, 32_769)),
        "max_attachment_size: expected at most 32768 KB in Dynamics CRM 2016, found 32769 KB"
    );
    assert!(with(Release::Crm2016ServicePack1, 131_072).build().is_ok());
    let json = r#"{ "max_attachment_size": 134217729 }"#;
    let error = serde_json::from_str::<EmailSettings>(json).unwrap_err().to_string();
    assert_eq!(
        error.split(" at line").next(),
        Some(
            "max_attachment_size: expected a size of at most 134217728 bytes, found 134217729 bytes"
        )
    );
}

#[test]
fn former_formats_are_bounded_and_kept_once() {
    let formats = |count: u32| -> Vec<TokenFormat> {
        (1..=count).map(|base| TokenFormat::builder().base(base).build().unwrap()).collect()
    };
    assert!(EmailSettings::builder().former_token_formats(formats(100)).build().is_ok());
    assert_eq!(
        message(EmailSettings::builder().former_token_formats(formats(101))),
        "former_token_formats: expected at most 100 formats, found 101"
    );
    let full = EmailSettings::builder().former_token_formats(formats(100)).build().unwrap();
    let kept = full.to_builder().keep_token_format().build().unwrap();
    assert_eq!(kept.former_token_formats().len(), 100);
    assert_eq!(kept.former_token_formats()[0], TokenFormat::default());
    assert_eq!(kept.to_builder().keep_token_format().build().unwrap(), kept);
}

/// B028, B029: without server-side synchronization folder-level tracking rests; it is kept.
#[test]
fn folder_tracking_rests_without_server_side_synchronization() {
    let settings = EmailSettings::default();
    assert!(settings.tracks_folders());
    let router = settings
        .to_builder()
        .process_email_using(ProcessEmailUsing::EmailRouter)
        .appointments_method(AppointmentsMethod::None)
        .build()
        .unwrap();
    assert!(router.folder_tracking() && !router.tracks_folders());
    assert_eq!(router.resting(), ["folder_tracking", "apply_to_all"]);
    let correlation = router.correlation(&OrganizationProperties::default(), &[]);
    assert!(!correlation.folders.enabled);
    let off = settings.to_builder().folder_tracking(false).build().unwrap();
    assert!(!off.tracks_folders());
}

/// B031: nor is there any before the release that brought it.
#[test]
fn folder_tracking_rests_in_releases_without_it() {
    let of = |release| EmailSettings::builder().release(release).build().unwrap();
    assert!(!of(Release::Crm2015).tracks_folders());
    assert!(of(Release::CrmOnline2015Update1).tracks_folders());
    let advice = of(Release::Crm2013).advice(&OrganizationProperties::default(), &Facts::default());
    assert_eq!(*advice[0].kind(), AdviceKind::FolderTrackingRests);
}

/// B051, B057, B059: "apply to all" has an effect only with "unresolved on multiple match".
#[test]
fn apply_to_all_rests_until_addresses_stay_unresolved() {
    let of = |unresolved: bool, all: bool| {
        let builder = EmailSettings::builder().unresolved_on_multiple_match(unresolved);
        let settings = builder.apply_to_all(all).build().unwrap();
        assert_eq!(settings.apply_to_all(), all, "kept as stored");
        settings.applies_to_all()
    };
    assert_eq!([of(false, false), of(false, true), of(true, false)], [false; 3]);
    assert!(of(true, true));
}

/// Facts 2.3, 2.5: former prefixes and formats are still looked for, each once.
#[test]
fn token_formats_are_the_live_one_and_the_former_ones() {
    let settings = EmailSettings::builder()
        .token_prefixes(PrefixHistory::from_column("NEW:;CRM:", ';').unwrap())
        .former_token_formats(vec!["CRM:/0/3/3".parse().unwrap(), "OLD/1/2/2".parse().unwrap()])
        .build()
        .unwrap();
    let formats: Vec<_> = settings.token_formats().iter().map(ToString::to_string).collect();
    assert_eq!(formats, ["NEW:/0/3/3", "CRM:/0/3/3", "OLD/1/2/2"]);
}

/// C013: the switches are the organization's; the default ones are those that correlation begins
/// with.
#[test]
fn default_email_settings_are_the_default_settings_of_correlation() {
    let correlation = EmailSettings::default().correlation(&OrganizationProperties::default(), &[]);
    assert_eq!(correlation, CorrelationSettings::default());
}

/// B033, B037, B042, C013; design, section 4: each switch turns its own method off.
#[test]
fn each_switch_of_the_page_turns_its_own_method_off() {
    use Method::{Folder, Headers, Smart, ThreadIndex, Token};
    let none = OrganizationProperties::default();
    let active = |builder: EmailSettingsBuilder, properties: &OrganizationProperties| {
        let settings = builder.build().unwrap();
        Correlator::new(settings.correlation(properties, &[])).active().to_vec()
    };
    let b = EmailSettings::builder;
    assert_eq!(active(b(), &none), Method::ALL);
    assert_eq!(active(b().folder_tracking(false), &none), [Token, Headers, ThreadIndex, Smart]);
    assert_eq!(active(b().use_correlation(false), &none), [Folder, Token, Smart]);
    let tokens_off = b().use_tracking_tokens(false);
    assert_eq!(active(tokens_off.clone(), &none), [Folder, Headers, ThreadIndex, Smart]);
    let correlation = tokens_off.build().unwrap().correlation(&none, &[]);
    assert_eq!(TokenPlan::of(&correlation.tokens), None, "none are issued");
    assert_eq!(active(b().smart_matching(false), &none), [Folder, Token, Headers, ThreadIndex]);

    let hard = OrganizationProperties::builder()
        .disable_smart_matching(true)
        .ignore_conversation_index_and_in_reply_to_for_correlation(true)
        .build()
        .unwrap();
    assert_eq!(active(b(), &hard), [Folder, Token]);
    assert_eq!(
        active(EmailSettings::builder_of(Profile::Current), &none),
        [Folder, Headers, Token, ThreadIndex]
    );
}

/// C053, and every other value that correlation takes.
#[test]
fn correlation_takes_its_values_from_the_page() {
    let policy = CorrelationPolicy {
        order: MethodOrder::new([Method::Smart]).unwrap(),
        strangers: Strangers::Refuse,
        several_tokens: Several::Newest,
        several_smart: Several::Refuse,
        restart: CounterRestart::One,
        overflow: UserNumberOverflow::Wrap,
        compare_addresses: CompareBy::Strict,
        window_days: 7,
        ..CorrelationPolicy::default()
    };
    let settings = EmailSettings::builder()
        .max_tracked_folders(2)
        .token_prefixes(Prefix::new("ACME-").unwrap())
        .token_base(500)
        .token_user_digits(4)
        .max_tracking_number(5_000)
        .smart_filter(r"^Fwd:\s")
        .smart_max_count(12)
        .smart_delta(1)
        .smart_min_addresses(3)
        .correlation_policy(policy)
        .build()
        .unwrap();
    let folder = |name: &str| TrackedFolder { folder: name.into(), regarding: RecordId::new(1) };
    let folders = ["a", "b", "c"].map(folder);
    let made = settings.correlation(&OrganizationProperties::default(), &folders);
    assert_eq!(made.folders.folders, folders[..2]);
    assert_eq!(made.tokens.formats, ["ACME-/500/4/4".parse().unwrap()]);
    assert_eq!(made.tokens.max_counter.map(Into::into), Some(5_000_u32));
    assert_eq!(made.tokens.strangers, Strangers::Refuse);
    assert_eq!(made.tokens.several, Several::Newest);
    assert_eq!(made.tokens.restart, CounterRestart::One);
    assert_eq!(made.tokens.overflow, UserNumberOverflow::Wrap);
    assert_eq!(made.smart.filter.as_deref(), Some(r"^Fwd:\s"));
    assert_eq!((made.smart.max_count, made.smart.delta), (12, 1));
    assert_eq!((made.smart.min_addresses.get(), made.smart.window_days), (3, 7));
    assert_eq!(made.smart.several, Several::Refuse);
    assert_eq!(made.order.methods(), [Method::Smart]);
    assert_eq!(made.compare_addresses, CompareBy::Strict);
}

/// C016, C017.
#[test]
fn outlook_over_smtp_is_correlated_by_tokens_alone() {
    let route = SendingRoute { by: OutgoingMethod::Outlook, smtp: true, to_exchange: false };
    assert_eq!(route.methods(), [Method::Token]);
    let others = [
        SendingRoute { by: OutgoingMethod::ServerSideOrRouter, ..route },
        SendingRoute { smtp: false, ..route },
        SendingRoute { to_exchange: true, ..route },
    ];
    let off = EmailSettings::builder().use_tracking_tokens(false).build().unwrap();
    assert_eq!(
        off.advice_for(route).unwrap().to_string(),
        "mail sent by Dynamics 365 for Outlook over SMTP to somebody who is not on Exchange is \
         correlated by tracking tokens alone, which are off: correlation events may not work"
    );
    assert_eq!(EmailSettings::default().advice_for(route), None);
    for other in others {
        assert_eq!(other.methods(), Method::ALL);
        assert_eq!(off.advice_for(other), None);
    }
}

/// C029, C033.
#[test]
fn equal_prefixes_of_organizations_are_reported() {
    let with = |prefix: &str, base: u32| {
        let prefix = Prefix::new(prefix).unwrap();
        EmailSettings::builder().token_prefixes(prefix).token_base(base).build().unwrap()
    };
    let [a, b, c, d] = [with("CRM:", 0), with("crm:", 500), with("ACME-", 0), with("CRM:", 0)];
    let tenant = TenantId::new;
    assert!(shared_prefixes([(tenant(1), &a), (tenant(3), &c)]).is_empty());
    let shared = shared_prefixes([(tenant(1), &a), (tenant(2), &b), (tenant(3), &c)]);
    let [shared] = shared.as_slice() else { panic!("{shared:?}") };
    assert_eq!(shared.prefix, Prefix::CRM);
    assert_eq!(shared.organizations, [tenant(1), tenant(2)]);
    assert!(shared.bases_differ);
    let shared = shared_prefixes([(tenant(1), &a), (tenant(2), &b), (tenant(4), &d)]);
    assert!(!shared[0].bases_differ);
}

#[test]
fn email_settings_are_read_as_they_were_written() {
    let settings = EmailSettings::builder_of(Profile::Current)
        .default_server_profile(RecordId::new(7))
        .token_prefixes(PrefixHistory::separated([Prefix::CRM, Prefix::DYNAMICS_365], '|').unwrap())
        .former_token_formats(vec!["OLD/1/2/2".parse().unwrap()])
        .blocked_extensions("exe;js")
        .next_tracking_number(-5)
        .automatic_unsubscribe(false)
        .release(Release::Crm2016)
        .build()
        .unwrap();
    let json = serde_json::to_string(&settings).unwrap();
    assert_eq!(serde_json::from_str::<EmailSettings>(&json).unwrap(), settings, "{json}");
    assert_eq!(serde_json::from_str::<EmailSettings>("{}").unwrap(), EmailSettings::default());
}
