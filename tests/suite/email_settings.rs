//! From the Email tab to what becomes of a mail: settings, correlator, flow, memory store.

use chrono::{DateTime, TimeDelta, Utc};
use correspond::adapter::memory::MemoryStore;
use correspond::correlation::{Correlator, Evidence, Method, Outcome, Target, Verdict};
use correspond::flow::{Arrival, Sender, TokenIssuer, TokenRequest, file};
use correspond::id::{RecordId, TenantId};
use correspond::message::{Message, MessageBuilder, Participant, Role};
use correspond::settings::{
    EmailSettings, EmailSettingsBuilder, Mailbox, OrganizationProperties, PersonalOptions,
    PrefixHistory, QueueSettings, SettingsRecord, TrackedFolder,
};
use correspond::store::poll_once;
use correspond::subject::SubjectFilter;
use correspond::token::{Designator, Prefix, SubjectLimit, TokenFormat, TokenPlan, TrackingToken};
use proptest::prelude::*;

const TENANT: TenantId = TenantId::new(1);

/// An organization with its settings and mails, numbered 1, 2, 3 ...
struct Organization {
    settings: EmailSettings,
    folders: Vec<TrackedFolder>,
    store: MemoryStore,
    filed: u128,
    now: DateTime<Utc>,
}

impl Organization {
    fn new(settings: EmailSettingsBuilder) -> Self {
        Self {
            settings: settings.build().unwrap(),
            folders: Vec::new(),
            store: MemoryStore::default(),
            filed: 0,
            now: DateTime::UNIX_EPOCH + TimeDelta::days(20_000),
        }
    }

    /// Saves other settings; the mails stay.
    fn save(&mut self, change: impl FnOnce(EmailSettingsBuilder) -> EmailSettingsBuilder) {
        self.settings = change(self.settings.to_builder()).build().unwrap();
    }

    #[track_caller]
    fn file(&mut self, mail: MessageBuilder<'_>) -> Verdict {
        self.filed += 1;
        self.now += TimeDelta::hours(1);
        let properties = OrganizationProperties::default();
        let correlator = Correlator::new(self.settings.correlation(&properties, &self.folders));
        let arrival = Arrival::new(TENANT, RecordId::new(self.filed), self.now);
        let message = mail.build();
        let filed = file(&self.store, &correlator, arrival, &message);
        poll_once(filed).expect("memory is immediate").expect("memory does not fail").verdict
    }

    fn token(&self, issuer: &TokenIssuer, user: u128) -> Option<String> {
        let tokens = self.settings.correlation(&OrganizationProperties::default(), &[]).tokens;
        let sender = Sender::user(RecordId::new(user));
        let request = TokenRequest::new(TENANT, sender, self.now);
        let issued = poll_once(issuer.issue(&self.store, &tokens, request)).unwrap().unwrap();
        issued.map(Into::into)
    }
}

fn mail<'a>(subject: &'a str, from: &'a str, to: &'a str) -> MessageBuilder<'a> {
    Message::builder()
        .subject(subject)
        .participant(Participant::new(Role::From, from).unwrap())
        .participant(Participant::new(Role::To, to).unwrap())
}

fn sent(subject: &str) -> MessageBuilder<'_> {
    mail(subject, "help@shop.example", "ann@home.example")
}

fn reply(subject: &str) -> MessageBuilder<'_> {
    mail(subject, "ann@home.example", "help@shop.example")
}

fn by(verdict: &Verdict) -> Option<(Method, RecordId)> {
    match verdict.outcome() {
        Outcome::Matched { by, .. } => Some((by, verdict.mail()?)),
        _ => None,
    }
}

const FIRST: RecordId = RecordId::new(1);

/// B033, C018, C019: by In-Reply-To and by the conversation index; off, by neither.
#[test]
fn headers_link_a_reply_while_use_correlation_is_on() {
    // 22 octets: a header and the GUID of the conversation.
    const INDEX: &str = "AQHQAAAAAAAAAAAAAAAAAAAAAAAAAA==";
    for (on, headers, index) in [
        (true, Some((Method::Headers, FIRST)), Some((Method::ThreadIndex, FIRST))),
        (false, None, None),
    ] {
        let mut house =
            Organization::new(EmailSettings::builder().use_correlation(on).smart_matching(false));
        let first = sent("Offer").header("Message-ID", "<1@shop.example>");
        let _ = house.file(first.header("Thread-Index", INDEX));
        let answer = reply("My own subject").header("In-Reply-To", "<1@shop.example>");
        assert_eq!(by(&house.file(answer)), headers);
        let answer = reply("Another subject").header("Thread-Index", INDEX);
        assert_eq!(by(&house.file(answer)), index);
    }
}

/// B030; facts 3.1, 3.11: what lies in a tracked folder belongs to the folder's record.
#[test]
fn a_message_in_a_tracked_folder_is_filed_under_its_record() {
    let regarding = RecordId::new(77);
    let mut house = Organization::new(EmailSettings::builder());
    house.folders = vec![TrackedFolder { folder: "Inbox/Fair".into(), regarding }];
    let moved = || mail("Hello", "eve@else.example", "help@shop.example").folder("Inbox/Fair");
    let to = Target::Record(regarding);
    let expected = Outcome::Matched { by: Method::Folder, to };
    assert_eq!(house.file(moved()).outcome(), expected);
    house.save(|settings| settings.folder_tracking(false));
    assert_ne!(house.file(moved()).outcome(), expected);
}

/// C014, C015; facts 3.3: the kinds of correlation, by their codes in `email.correlationmethod`.
#[test]
fn kinds_of_correlation_have_the_codes_of_the_product() {
    assert_eq!(Method::Token.code(), Some(4));
    assert_eq!(Method::Smart.code(), Some(6));
    assert_eq!(Method::Headers.code(), Some(3));
    assert_eq!(Method::ThreadIndex.code(), Some(5));
    assert_eq!(Method::Folder.code(), None);
}

/// C020, C021, C023, C024, C025; facts 2.1, 2.6: on by default; the token goes to the end of the
/// subject, and a received one finds its mail.
#[test]
fn a_token_leads_a_reply_back_to_its_mail() {
    let mut house = Organization::new(EmailSettings::builder());
    let token = house.token(&TokenIssuer::default(), 1).unwrap();
    assert_eq!(token, "CRM:0001001");
    let (prefix, digits) = token.split_at(4);
    assert_eq!((prefix, digits.len()), ("CRM:", 7));
    let parts = TokenFormat::default().parse(&token).unwrap();
    assert_eq!((parts.designator, parts.user, parts.counter), (Designator::Online, Some(1), 1));

    let token = TrackingToken::from_text(&token).unwrap();
    let subject = token.append_to("Your order", SubjectLimit::DEFAULT);
    assert_eq!(subject, "Your order CRM:0001001");
    let _ = house.file(sent(&subject));
    let answer = house.file(reply("AW: Your order CRM:0001001"));
    assert_eq!(by(&answer), Some((Method::Token, FIRST)), "{answer}");
}

/// C022: tokens and smart matching work side by side, and each where the other does not.
#[test]
fn tokens_work_in_addition_to_smart_matching() {
    let mut house = Organization::new(EmailSettings::builder());
    let _ = house.file(sent("Your order CRM:0001001"));
    let both = house.file(reply("Re: Your order CRM:0001001"));
    assert_eq!(by(&both).map(|(method, _)| method), Some(Method::Token), "{both}");
    assert!(both.evidence().contains(&Evidence::Agrees(Method::Smart)), "{both}");
    let _ = house.file(sent("Another thing"));
    let smart = house.file(reply("Re: another THING"));
    assert_eq!(by(&smart), Some((Method::Smart, RecordId::new(3))), "{smart}");
}

/// C044, B037: off, no token is made and none is looked for.
#[test]
fn without_tokens_none_is_made_and_none_is_looked_for() {
    let mut house = Organization::new(EmailSettings::builder().smart_matching(false));
    let _ = house.file(sent("Your order CRM:0001001"));
    house.save(|settings| settings.use_tracking_tokens(false));
    assert_eq!(house.token(&TokenIssuer::default(), 1), None);
    let answer = house.file(reply("Re: Your order CRM:0001001"));
    assert_eq!(by(&answer), None, "{answer}");
}

/// C026, C028; facts 2.3, 2.5: a new prefix, and replies to old mail are still recognised.
#[test]
fn replies_with_an_old_prefix_are_still_recognised() {
    let mut house = Organization::new(EmailSettings::builder().smart_matching(false));
    let _ = house.file(sent("Your order CRM:0001001"));
    let history = house.settings.token_prefixes().change(Prefix::DYNAMICS_365).unwrap();
    assert_eq!(history.warning(), None);
    house.save(|settings| settings.token_prefixes(history.into_history()));
    assert_eq!(house.token(&TokenIssuer::default(), 1).unwrap(), "Dynamics 365:0001001");
    let answer = house.file(reply("Re: Your order CRM:0001001"));
    assert_eq!(by(&answer), Some((Method::Token, FIRST)), "{answer}");
    let history = PrefixHistory::new([Prefix::DYNAMICS_365]).unwrap();
    house.save(|settings| settings.token_prefixes(history));
    let lost = house.file(reply("Re: Your order CRM:0001001"));
    assert_eq!(by(&lost), None, "what went from the history is recognised no longer: {lost}");
}

/// Facts 2.5: other digits; tokens of before are still recognised where the format was kept.
#[test]
fn replies_with_old_digits_are_still_recognised() {
    let mut house = Organization::new(EmailSettings::builder().smart_matching(false));
    let _ = house.file(sent("Your order CRM:0001001"));
    house.save(|settings| settings.keep_token_format().counter_digits(6).token_user_digits(4));
    assert_eq!(house.token(&TokenIssuer::default(), 1).unwrap(), "CRM:00001000001");
    let answer = house.file(reply("Re: Your order CRM:0001001"));
    assert_eq!(by(&answer), Some((Method::Token, FIRST)), "{answer}");
}

/// C027: a prefix has 1 to 20 characters; 0 and 21 are refused where settings are read.
#[test]
fn prefixes_of_settings_have_1_to_20_characters() {
    let read = |prefix: &str| {
        let json = serde_json::json!({ "token_prefixes": [prefix] });
        serde_json::from_value::<EmailSettings>(json).map_err(|error| error.to_string())
    };
    for length in [1, 20] {
        let prefix = "x".repeat(length);
        let settings = read(&prefix).unwrap();
        assert_eq!(settings.token_prefixes().current().as_str(), prefix);
    }
    for length in [0, 21] {
        assert_eq!(
            read(&"x".repeat(length)).unwrap_err(),
            format!("token_prefixes: prefix: expected 1 to 20 characters, found {length}")
        );
    }
}

/// C030, C033, C037; facts 2.1: the base is added to the number of the user, which stands for one
/// user and stays.
#[test]
fn bases_tell_deployments_apart_and_numbers_their_users() {
    let issuer = TokenIssuer::default();
    let zero = Organization::new(EmailSettings::builder());
    let tokens = [7, 9, 7].map(|user| zero.token(&issuer, user).unwrap());
    assert_eq!(tokens, ["CRM:0001001", "CRM:0002001", "CRM:0001002"]);
    let other = Organization::new(EmailSettings::builder().token_base(500));
    assert_eq!(other.token(&TokenIssuer::default(), 7).unwrap(), "CRM:0501001");
}

/// C041: the counter counts the mails that go out, each an activity; what comes in as an answer
/// takes no number.
#[test]
fn the_counter_numbers_activities_and_not_messages() {
    let issuer = TokenIssuer::default();
    let mut house = Organization::new(EmailSettings::builder());
    assert_eq!(house.token(&issuer, 1).unwrap(), "CRM:0001001");
    let _ = house.file(sent("Your order CRM:0001001"));
    for _ in 0..3 {
        let answer = house.file(reply("Re: Your order CRM:0001001"));
        assert_eq!(answer.conversation(), Some(FIRST), "{answer}");
    }
    assert_eq!(house.token(&issuer, 1).unwrap(), "CRM:0001002");
}

/// C042; facts 2.4, 9 (item 4): 999, then 000 by the documents and 001 in the later product.
#[test]
fn counters_restart_as_the_profile_says() {
    use correspond::settings::Profile;
    let after_999 = |profile| {
        let settings = EmailSettings::builder_of(profile).build().unwrap();
        let tokens = settings.correlation(&OrganizationProperties::default(), &[]).tokens;
        let plan = TokenPlan::of(&tokens).unwrap();
        [999, 1_000].map(|number| plan.token(Designator::Online, 1, number).unwrap().to_string())
    };
    assert_eq!(after_999(Profile::Documents), ["CRM:0001999", "CRM:0001000"]);
    assert_eq!(after_999(Profile::Current), ["CRM:0001999", "CRM:0001001"]);
}

/// C034, C038, C043: digits as set; the more of the counter, the later a token comes again and the
/// smaller the odds that a wrong one fits.
#[test]
fn more_counter_digits_keep_active_threads_apart() {
    let mut before: Option<(u32, f64)> = None;
    for digits in 1..=9 {
        let settings = EmailSettings::builder().counter_digits(digits).token_user_digits(5);
        let tokens =
            settings.build().unwrap().correlation(&OrganizationProperties::default(), &[]).tokens;
        let plan = TokenPlan::of(&tokens).unwrap();
        let token = plan.token(Designator::Online, 1, 1).unwrap();
        assert_eq!(token.as_str().len(), 4 + 1 + 5 + usize::from(digits));
        let now = (plan.capacity().get(), plan.guess_odds(5));
        if let Some((capacity, odds)) = before {
            assert!(now.0 > capacity && now.1 < odds, "{digits}");
        }
        before = Some(now);
    }
}

/// C046, C047, C048; facts 3.6.
#[test]
fn re_hello_and_hello_are_one_subject() {
    let filter = SubjectFilter::default();
    let words = |subject: &str| {
        let mut buffer = String::new();
        filter.keywords(subject, 20, &mut buffer).join(" ")
    };
    assert_eq!(words("Re: hello"), "hello");
    for subject in ["Hello", "RE: hello", "re:HELLO", "Fw: Re: Hello"] {
        assert_eq!(words(subject), words("Re: hello"), "{subject}");
    }
    assert_ne!(words("Re: goodbye"), words("Re: hello"));
}

/// C045, C046, C047, C048, C049: the subject, and how many addresses of sender and recipients are
/// the same; as many as the page says.
#[test]
fn smart_matching_counts_equal_senders_and_recipients() {
    for (needed, found) in [(1, true), (2, true), (3, true), (4, false)] {
        let mut house = Organization::new(EmailSettings::builder().smart_min_addresses(needed));
        let with_cc = |mail: MessageBuilder<'static>| {
            mail.participant(Participant::new(Role::Cc, "Bob@WORK.example").unwrap())
        };
        let _ = house.file(with_cc(sent("hello")));
        let answer = house.file(with_cc(reply("Re: Hello")));
        assert_eq!(by(&answer).is_some(), found, "{needed}: {answer}");
    }
}

/// C053: another filter expression, fewer words, a difference of words.
#[test]
fn smart_matching_is_tuned_on_the_page() {
    let matched = |settings: EmailSettingsBuilder, first: &str, second: &str| {
        let mut house = Organization::new(settings);
        let _ = house.file(sent(first));
        by(&house.file(reply(second))).is_some()
    };
    let b = EmailSettings::builder;
    let (plan, out) = ("Spring plan", "Out of office: Spring plan");
    assert!(!matched(b(), plan, out));
    let filter = r"^[\s]*([\w]+\s?:[\s]*)+|^Out of office:";
    assert!(matched(b().smart_filter(filter), plan, out));
    assert!(!matched(b(), "Spring plan one", "Spring plan two"));
    assert!(matched(b().smart_max_count(2), "Spring plan one", "Re: Spring plan two"));
    assert!(matched(b().smart_delta(1), "Spring plan one", "Re: Spring plan two"));
}

proptest! {
    /// Facts 2.3: whatever is saved in turn, the column is kept, the newest is in use, and what goes
    /// is the oldest.
    #[test]
    fn histories_of_prefixes_keep_the_newest(
        prefixes in proptest::collection::vec("[a-zA-Zäé中]{1,19}:", 1..60)
    ) {
        let mut history = PrefixHistory::default();
        for text in &prefixes {
            let before: Vec<_> = history.iter().cloned().collect();
            let prefix = Prefix::new(text.clone()).unwrap();
            let change = history.change(prefix.clone()).unwrap();
            let after: Vec<_> = change.history().iter().cloned().collect();
            prop_assert_eq!(&after[0], &prefix);
            let mut all = before;
            all.retain(|it| *it != prefix);
            all.insert(0, prefix);
            let kept: Vec<_> = after.iter().chain(change.dropped()).cloned().collect();
            prop_assert_eq!(kept, all);
            prop_assert_eq!(change.warning().is_some(), !change.dropped().is_empty());
            history = change.into_history();
            let column = history.to_column();
            prop_assert!(column.encode_utf16().count() <= PrefixHistory::MAX_CHARACTERS);
            prop_assert_eq!(&PrefixHistory::from_column(&column, ';').unwrap(), &history);
        }
    }
}

/// B001, B007, B009, B014, B019, B023, B024, B028, B032, B037, B042, B043, B046, B048, B051, B057,
/// B062, B069, C026, C030, C034, C038; facts 1.1, 1.3. Those without a column are our own.
#[test]
fn email_settings_stand_in_the_columns_of_the_organization() {
    let own = None;
    let expected = [
        ("process_email_using", Some("emailconnectionchannel")),
        ("default_server_profile", Some("defaultemailserverprofileid")),
        ("incoming_method", Some("defaultemailsettings:incomingemaildeliverymethod")),
        ("outgoing_method", Some("defaultemailsettings:outgoingemaildeliverymethod")),
        ("appointments_method", Some("defaultemailsettings:actdeliverymethod")),
        ("approved_users_only", Some("requireapprovalforuseremail")),
        ("approved_queues_only", Some("requireapprovalforqueueemail")),
        ("folder_tracking", Some("isfolderbasedtrackingenabled")),
        ("max_tracked_folders", Some("maxfolderbasedtrackingmappings")),
        ("use_correlation", Some("emailcorrelationenabled")),
        ("use_tracking_tokens", own),
        ("token_prefixes", Some("trackingprefix")),
        ("token_base", Some("trackingtokenidbase")),
        ("token_user_digits", Some("trackingtokeniddigits")),
        ("max_tracking_number", Some("maximumtrackingnumber")),
        ("next_tracking_number", Some("nexttrackingnumber")),
        ("former_token_formats", own),
        ("smart_matching", Some("enablesmartmatching")),
        ("smart_filter", Some("hashfilterkeywords")),
        ("smart_max_count", Some("hashmaxcount")),
        ("smart_delta", Some("hashdeltasubjectcount")),
        ("smart_min_addresses", Some("hashminaddresscount")),
        ("two_activities", Some("ignoreinternalemail")),
        ("secure_frames", Some("rendersecureiframeforemail")),
        ("unresolved_recipients_allowed", Some("allowunresolvedpartiesonemailsend")),
        ("unresolved_on_multiple_match", Some("unresolveemailaddressifmultiplematch")),
        ("apply_to_all", Some("resolvesimilarunresolvedemailaddress")),
        ("max_attachment_size", Some("maxuploadfilesize")),
        ("alert_errors", Some("generatealertsforerrors")),
        ("alert_warnings", Some("generatealertsforwarnings")),
        ("alert_information", Some("generatealertsforinformation")),
        ("notify_mailbox_owner", Some("notifymailboxownerofemailserverlevelalerts")),
        ("monitoring_allowed", Some("isemailmonitoringallowed")),
        ("monitoring_preview_allowed", Some("ispreviewforemailmonitoringallowed")),
        ("content_filtering", Some("isemailserverprofilecontentfilteringenabled")),
        ("address_validation", Some("isemailaddressvalidationenabled")),
        ("blocked_extensions", Some("blockedattachments")),
        ("retrieval_batch_size", Some("incomingemailexchangeemailretrievalbatchsize")),
        ("forced_mailbox_unlocking", Some("ismailboxforcedunlockingenabled")),
        ("inactive_mailbox_backoff", Some("ismailboxinactivebackoffenabled")),
        ("marketing_email_allowed", Some("allowmarketingemailexecution")),
        ("automatic_unsubscribe", Some("allowautounsubscribe")),
        ("unsubscribe_acknowledgement", Some("allowautounsubscribeacknowledgement")),
        ("profile", own),
        ("release", own),
        ("correlation_policy", own),
    ];
    let found: Vec<_> =
        EmailSettings::FIELDS.iter().map(|field| (field.name, field.column)).collect();
    assert_eq!(found, expected);
    assert_eq!(EmailSettings::TABLE, Some("organization"));
}

/// C013: no user, no queue and no mailbox has a switch of correlation.
#[test]
fn correlation_is_switched_for_the_whole_organization_alone() {
    // What of them concerns tracking decides which mail is tracked, not how it is correlated.
    let others = [PersonalOptions::FIELDS, QueueSettings::FIELDS, Mailbox::FIELDS].concat();
    let of_organization = [
        "use_correlation",
        "use_tracking_tokens",
        "max_tracking_number",
        "smart_matching",
        "folder_tracking",
    ];
    for name in of_organization {
        let switch = EmailSettings::FIELDS.iter().find(|field| field.name == name).unwrap();
        for field in &others {
            assert_ne!(field.name, name);
            assert!(field.column.is_none() || field.column != switch.column, "{name}");
        }
    }
    for field in &others {
        for word in ["correl", "token", "smart", "matching"] {
            assert!(!field.name.contains(word), "{}", field.name);
            let column = field.column.unwrap_or_default();
            assert!(!column.contains(word), "{column}");
        }
    }
}
