//! Default marketing settings and what hangs on them: content settings, analytics, social accounts,
//! mailings.

use std::slice::from_ref;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use correspond::id::RecordId;
use correspond::journey::{Column, Lock, State, TimeZoneCode};
use correspond::mailing::{
    EmailOverrides, InboxPreview, JourneyWithoutContent, NewJourney, PreviewChoice, PreviewMissing,
    PreviewMonth, PreviewedEmail, SendOnceTo, live_content_settings,
};
use correspond::party::Value;
use correspond::record::Version;
use correspond::settings::{
    AnalyticsConfiguration, ConnectStatus, ContentSettings, ContentStatus, CustomTexts,
    DefaultKind, DefaultMarketingSettings, DefaultMarketingSettingsBuilder, DefaultRule, Document,
    FacebookPages, FieldType, NotExporting, NotPosting, PageChoice, Profile, SasPermissions,
    SasUrl, SasUrlErrorKind, SettingErrorKind, SettingsRecord, SignIn, SocialAccount,
    SocialAccountBuilder, SocialChannel, SocialTokenType, Stored, Text, ThankYouSource,
    ThankYouTarget, in_force,
};
use proptest::prelude::*;

#[allow(
    clippy::duplicate_mod,
    reason = "replayed over seeds by `properties`, drawn at random here"
)]
#[path = "../../fuzz/src/properties/sas_url.rs"]
mod property;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn id(number: u128) -> RecordId {
    RecordId::new(number)
}

fn stored<T: SettingsRecord>(number: u128, value: T) -> Stored<T> {
    Stored::new(id(number), Version::new(number), DateTime::UNIX_EPOCH, value)
}

fn set() -> DefaultMarketingSettingsBuilder {
    DefaultMarketingSettings::builder().name("Ours").default(true)
}

fn column<T: SettingsRecord>(field: &str) -> Option<&'static str> {
    T::FIELDS.iter().find(|known| known.name == field).unwrap().column
}

// --- Default marketing settings -----------------------------------------------------------------

/// A134, A135; facts 7.4; design 4: at most one default.
#[test]
fn of_any_number_of_default_sets_the_one_marked_counts() {
    let mut sets: Vec<_> =
        (0..1_000).map(|number| stored(number, set().default(false).build().unwrap())).collect();
    assert_eq!(in_force::default(&sets), None);
    sets[700].value = set().enable_litmus(true).build().unwrap();
    assert_eq!(in_force::default(&sets).map(|set| set.id), Some(id(700)));
    assert_eq!(DefaultMarketingSettings::DEFAULTS, DefaultRule::AtMostOne);
    // What the others say has no effect.
    sets[3].value = set().default(false).bypass_email_deduplication(true).build().unwrap();
    let in_force = in_force::default(&sets).map(|set| &set.value);
    assert_eq!(SendOnceTo::of(in_force), SendOnceTo::Address);
}

/// A136, A137, A138, A146, A149, A150, A152; facts 5.6; design 4: none means no sending domain,
/// Litmus no, bypass no, double opt-in no.
#[test]
fn default_set_has_the_columns_and_defaults_of_the_product() {
    type Set = DefaultMarketingSettings;
    let new = Set::builder().name("x").owner(id(7)).build().unwrap();
    assert_eq!(new.owner().map(|owner| owner.id()), Some(id(7)));
    assert!(!new.default() && !new.enable_litmus() && !new.enable_double_opt_in());
    assert!(!new.bypass_email_deduplication());
    assert_eq!(new.default_time_zone().get(), 92, "UTC");
    assert_eq!(new.thank_you_source(), ThankYouSource::MarketingPages);

    let no = Some(Value::YesNo(false));
    for switch in ["default", "enable_litmus", "enable_double_opt_in", "bypass_email_deduplication"]
    {
        assert_eq!(Set::default_value(switch, DefaultKind::Metadata), no, "{switch}");
        let documents = DefaultKind::Effective(Profile::Documents);
        assert_eq!(Set::default_value(switch, documents), no, "{switch}");
    }
    assert_eq!(Set::default_value("default_time_zone", DefaultKind::Metadata), None);
    let source = Set::default_value("thank_you_source", DefaultKind::Metadata);
    assert_eq!(source, Some(Value::Choice(100_000_000)));
    assert_eq!(ThankYouSource::from_code(100_000_001), Some(ThankYouSource::Urls));
    for source in ThankYouSource::ALL {
        assert_eq!(ThankYouSource::from_form_code(source.form_code()), Some(*source));
    }
    assert_eq!(ThankYouSource::from_form_code(0), None);

    let columns: Vec<_> =
        Set::FIELDS.iter().map(|field| field.column.unwrap().replace("msdyncrm_", "")).collect();
    assert_eq!(
        columns,
        [
            "name",
            "ownerid",
            "default",
            "defaultcntntsettings",
            "defaultsetupdomain",
            "defaulttestcontact",
            "enablelitmusintegration",
            "defaultemailfromemail",
            "defaultemailfromname",
            "defaulttimezone",
            "enabledoubleoptin",
            "subscriptionoptinmessage",
            "consentconfirmationmessage",
            "doubleoptincontentsettings",
            "thankyoupagesource",
            "defaultmarketingthankyoupagedoi",
            "defaultmarketingthankyoupage",
            "defaultmarketingthankyouurldoi",
            "defaultmarketingthankyouurl",
            "bypassemaildeduplication",
        ]
    );
    for (field, table) in [
        ("owner", "systemuser"),
        ("default_content_settings", "msdyncrm_contentsettings"),
        ("default_sending_domain", "msdyncrm_setupdomain"),
        ("default_contact", "contact"),
        ("consent_message", "msdyncrm_marketingemail"),
        ("consent_thank_you_page", "msdyncrm_marketingpage"),
    ] {
        let found = Set::FIELDS.iter().find(|known| known.name == field).unwrap().ty;
        assert_eq!(found, FieldType::Lookup { table }, "{field}");
    }
}

/// A136; facts 5.6: 100 characters.
#[test]
fn default_set_name_is_required_and_bounded() {
    let error = set().name("x".repeat(101)).build().unwrap_err();
    assert_eq!(error.to_string(), "name: expected text of 1 to 100 characters, found more");
    let error = DefaultMarketingSettings::builder().build().unwrap_err();
    assert_eq!(error.to_string(), "name: expected a value, found none");
}

/// A148; facts 5.6: a Dataverse code, -1500 to 1500.
#[test]
fn default_time_zone_is_a_code_in_range() {
    assert_eq!(set().default_time_zone(-1_500).build().unwrap().default_time_zone().get(), -1_500);
    let error = set().default_time_zone(1_501).build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "default_time_zone: expected a whole number from -1500 to 1500, found 1501"
    );
}

/// Facts 9, item 33: the later product deduplicates on demand. A150.
#[test]
fn later_product_bypasses_deduplication_by_default() {
    let later = DefaultMarketingSettings::builder_of(Profile::Current).name("x").build().unwrap();
    assert!(later.bypass_email_deduplication());
    assert_eq!(SendOnceTo::of(None), SendOnceTo::Address, "no set: no bypass, in either profile");
}

fn with_double_opt_in(source: ThankYouSource) -> DefaultMarketingSettingsBuilder {
    let parts = set()
        .enable_double_opt_in(true)
        .subscription_message(id(1))
        .consent_message(id(2))
        .double_opt_in_content_settings(id(3))
        .thank_you_source(source);
    match source {
        ThankYouSource::Urls => parts
            .subscription_thank_you_url("https://shop.example/welcome")
            .consent_thank_you_url("https://shop.example/thanks"),
        _ => parts.subscription_thank_you_page(id(4)).consent_thank_you_page(id(5)),
    }
}

/// A149; facts 7.6, 10: enabling takes messages, content settings and a thank-you target of each
/// kind, by source.
#[test]
fn double_opt_in_is_refused_without_each_of_its_parts() {
    let pages = || with_double_opt_in(ThankYouSource::MarketingPages);
    let urls = || with_double_opt_in(ThankYouSource::Urls);
    assert!(pages().build().unwrap().enable_double_opt_in());
    assert!(urls().build().unwrap().enable_double_opt_in());

    let message = "expected a message, as double opt-in is on, found none";
    let content = "expected content settings, as double opt-in is on, found none";
    let page = "expected a marketing page, as double opt-in is on, found none";
    let url = "expected a URL, as double opt-in is on, found none";
    for (lacking, field, why) in [
        (pages().subscription_message(None), "subscription_message", message),
        (pages().consent_message(None), "consent_message", message),
        (pages().double_opt_in_content_settings(None), "double_opt_in_content_settings", content),
        (pages().subscription_thank_you_page(None), "subscription_thank_you_page", page),
        (pages().consent_thank_you_page(None), "consent_thank_you_page", page),
        (urls().subscription_thank_you_url(None), "subscription_thank_you_url", url),
        (urls().consent_thank_you_url(None), "consent_thank_you_url", url),
    ] {
        let error = lacking.clone().build().unwrap_err();
        assert_eq!(error.to_string(), format!("{field}: {why}"));
        assert_eq!((error.field(), error.kind()), (field, SettingErrorKind::Required));
        // Off, a part may be missing: it can be set up step by step.
        assert!(lacking.enable_double_opt_in(false).build().is_ok(), "{field}");
    }
    // The same at the other door.
    let json = r#"{"name":"x","enable_double_opt_in":true}"#;
    let error = serde_json::from_str::<DefaultMarketingSettings>(json).unwrap_err();
    assert!(error.to_string().starts_with(&format!("subscription_message: {message}")));
}

/// A149; facts 5.6: the suffix `doi` marks the subscription pair; targets of the other source are inert.
#[test]
fn thank_you_targets_follow_the_source_and_the_trap_of_their_columns() {
    let both = with_double_opt_in(ThankYouSource::MarketingPages)
        .subscription_thank_you_url("https://shop.example/welcome")
        .consent_thank_you_url("https://shop.example/thanks")
        .build()
        .unwrap();
    let page = |target: Option<ThankYouTarget<'_>>| match target {
        Some(ThankYouTarget::Page(page)) => page.id(),
        other => panic!("{other:?}"),
    };
    assert_eq!(page(both.subscription_thank_you()), id(4));
    assert_eq!(page(both.consent_thank_you()), id(5));
    let urls = both.to_builder().thank_you_source(ThankYouSource::Urls).build().unwrap();
    let url = |target: Option<ThankYouTarget<'_>>| match target {
        Some(ThankYouTarget::Url(url)) => url.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(url(urls.subscription_thank_you()), "https://shop.example/welcome");
    assert_eq!(url(urls.consent_thank_you()), "https://shop.example/thanks");
    assert_eq!(urls.consent_thank_you_page().map(|page| page.id()), Some(id(5)), "kept");

    let of = column::<DefaultMarketingSettings>;
    let table = [
        ("subscription_thank_you_page", "msdyncrm_defaultmarketingthankyoupagedoi"),
        ("consent_thank_you_page", "msdyncrm_defaultmarketingthankyoupage"),
        ("subscription_thank_you_url", "msdyncrm_defaultmarketingthankyouurldoi"),
        ("consent_thank_you_url", "msdyncrm_defaultmarketingthankyouurl"),
    ];
    for (field, expected) in table {
        assert_eq!(of(field), Some(expected));
    }
}

// --- Mailings -----------------------------------------------------------------------------------

/// A139, A140, A143, A144; facts 7.4: per message, but for Litmus and bypass.
#[test]
fn an_email_overrides_every_default_that_is_its_own() {
    let text = |text: &str| Text::new(text).unwrap();
    let set = set()
        .default_content_settings(id(1))
        .default_contact(id(2))
        .default_sending_domain(id(3))
        .default_from_email("news@shop.example")
        .default_from_name("Shop")
        .enable_litmus(true)
        .bypass_email_deduplication(true)
        .build()
        .unwrap();
    let by_default = EmailOverrides::default();
    let email = by_default.in_effect(Some(&set));
    assert_eq!(email.content_settings, set.default_content_settings());
    assert_eq!(email.contact, set.default_contact());
    assert_eq!(email.sending_domain, set.default_sending_domain());
    assert_eq!(email.from_email, set.default_from_email().as_ref());
    assert_eq!(email.from_name, set.default_from_name().as_ref());

    let own = EmailOverrides::default()
        .with_content_settings(id(11))
        .with_contact(id(12))
        .with_sending_domain(id(13))
        .with_from_email(text("ann@shop.example"))
        .with_from_name(text("Ann"));
    for defaults in [Some(&set), None] {
        let email = own.in_effect(defaults);
        assert_eq!(email.content_settings.map(|link| link.id()), Some(id(11)));
        assert_eq!(email.contact.map(|link| link.id()), Some(id(12)));
        assert_eq!(email.sending_domain.map(|link| link.id()), Some(id(13)));
        assert_eq!(email.from_email, Some(&text("ann@shop.example")));
        assert_eq!(email.from_name, Some(&text("Ann")));
        // These two are for all, whatever an email has of its own.
        assert_eq!(email.inbox_preview, defaults.is_some());
        let once_to = defaults.map_or(SendOnceTo::Address, |_| SendOnceTo::Contact);
        assert_eq!(email.once_to, once_to);
    }
    let nothing = by_default.in_effect(None);
    assert_eq!((nothing.content_settings, nothing.contact), (None, None));
    assert_eq!((nothing.sending_domain, nothing.from_email), (None, None));
}

/// A141, A142, A145: the user's choice, else the email's, else that of the set.
#[test]
fn previews_take_the_choice_of_the_user_then_the_defaults() {
    let set = set().default_content_settings(id(1)).default_contact(id(2)).build().unwrap();
    let values = |choice: PreviewChoice, email: &EmailOverrides| {
        let values = choice.values(email, Some(&set)).unwrap();
        (values.content_settings.id().get(), values.contact.id().get())
    };
    let plain = EmailOverrides::default();
    let own = EmailOverrides::default().with_content_settings(id(11)).with_contact(id(12));
    let chosen = PreviewChoice::default().with_content_settings(id(21)).with_contact(id(22));
    assert_eq!(values(PreviewChoice::default(), &plain), (1, 2));
    assert_eq!(values(PreviewChoice::default(), &own), (11, 12));
    assert_eq!(values(chosen, &own), (21, 22));
    assert_eq!(values(PreviewChoice::default().with_contact(id(22)), &plain), (1, 22));
    // A choice is of one preview: the next one is by default again.
    assert_eq!(values(PreviewChoice::default(), &plain), (1, 2));
}

/// A141, A145: a set may be made before content settings and a contact exist; a preview then says
/// what it lacks.
#[test]
fn previews_without_a_source_of_values_are_refused() {
    let set = set().default_contact(id(2)).build().unwrap();
    let plain = EmailOverrides::default();
    let why = PreviewChoice::default().values(&plain, Some(&set)).unwrap_err();
    assert_eq!(why, PreviewMissing::ContentSettings);
    assert_eq!(
        why.to_string(),
        "preview: expected content settings, chosen or by default, found none; the default \
         marketing settings name those of all users"
    );
    let why = PreviewChoice::default().with_content_settings(id(1)).values(&plain, None);
    assert_eq!(
        why.unwrap_err().to_string(),
        "preview: expected a contact, chosen or by default, found none; the default marketing \
         settings name that of all users"
    );
}

fn content(status: ContentStatus, default: bool) -> ContentSettings {
    ContentSettings::builder()
        .name("Shop")
        .address_main("1 Main Street")
        .subscription_center("{{msdyncrm_marketingpage(1).msdyncrm_full_page_url}}")
        .status(status)
        .default(default)
        .build()
        .unwrap()
}

/// A141, A148; facts 5.7, 7.4: a new journey gets the default *record* and the time zone of the set;
/// live sends take what the journey has.
#[test]
fn new_journeys_begin_with_the_defaults_and_live_sends_ask_the_journey() {
    let set = set().default_content_settings(id(1)).default_time_zone(110).build().unwrap();
    let records = [
        stored(5, content(ContentStatus::Live, false)),
        stored(6, content(ContentStatus::Live, true)),
    ];
    let journey = NewJourney::of(Some(&set), &records);
    assert_eq!(journey.content_settings.map(|link| link.id()), Some(id(6)), "not 1: previews");
    assert_eq!(journey.time_zone.get(), 110);
    assert_eq!(live_content_settings(journey.content_settings).map(|link| link.id()), Ok(id(6)));
    assert_eq!(ContentSettings::usable(Some(&records[1])), Ok(&records[1].value));

    // From then on the journey's own state says what can be changed.
    assert_eq!(TimeZoneCode::new(110), Ok(journey.time_zone));
    assert_eq!(State::Draft.lock(Column::TimeZone), Lock::Editable);
    for state in State::ALL.into_iter().filter(|state| *state != State::Draft) {
        assert_eq!(state.lock(Column::TimeZone), Lock::Locked, "{state}");
        assert_eq!(state.lock(Column::ContentSettings), Lock::Locked, "{state}");
    }
    assert_eq!(DefaultMarketingSettings::TIME_ZONE.get(), i64::from(TimeZoneCode::UTC.get()));

    let bare = NewJourney::of(None, &records[..1]);
    assert_eq!((bare.content_settings, bare.time_zone.get()), (None, 92));
    let why = live_content_settings(bare.content_settings).unwrap_err();
    assert!(matches!(why, JourneyWithoutContent { .. }));
    assert_eq!(
        why.to_string(),
        "live send: expected the journey to name content settings, found none"
    );
}

/// A146, A147; facts 7.4: 100 a month for the organization, then personal accounts; an unlocked one
/// stays valid until design or dynamic text change.
#[test]
fn inbox_previews_are_counted_by_month() {
    let on = set().enable_litmus(true).build().unwrap();
    let off = set().build().unwrap();
    let now = at("2026-03-31T23:59:59Z");
    let email = PreviewedEmail { design: Version::new(1), dynamic_text: Version::new(2) };
    let fresh = PreviewMonth::new(now, 0);
    for defaults in [Some(&off), None] {
        let hidden = InboxPreview::of(defaults, email, Some(email), &fresh, now);
        assert_eq!(hidden, InboxPreview::Hidden);
    }
    let first = InboxPreview::of(Some(&on), email, None, &fresh, now);
    assert_eq!(first, InboxPreview::Included { left: 100 });

    let mut month = fresh;
    for _ in 0..PreviewMonth::INCLUDED {
        assert_ne!(month.left(now), 0);
        month = month.and_one(now);
    }
    let of = |email, unlocked, now| InboxPreview::of(Some(&on), email, unlocked, &month, now);
    assert_eq!(of(email, None, now), InboxPreview::PersonalAccount);
    assert_eq!(of(email, Some(email), now), InboxPreview::Unlocked);
    let designed = PreviewedEmail { design: Version::new(3), ..email };
    let worded = PreviewedEmail { dynamic_text: Version::new(3), ..email };
    assert_eq!(of(designed, Some(email), now), InboxPreview::PersonalAccount);
    assert_eq!(of(worded, Some(email), now), InboxPreview::PersonalAccount);
    // A new month.
    let next = now + TimeDelta::seconds(1);
    assert_eq!(of(email, None, next), InboxPreview::Included { left: 100 });
    assert_eq!(month.and_one(next).left(next), 99);
}

/// A150, A152, A153: one message for each address; with bypass, for each contact.
#[test]
fn bypass_makes_every_contact_a_recipient_of_its_own() {
    let bypass = set().bypass_email_deduplication(true).build().unwrap();
    let shared = "family@home.example";
    for (defaults, same) in
        [(None, true), (Some(&set().build().unwrap()), true), (Some(&bypass), false)]
    {
        let once_to = SendOnceTo::of(defaults);
        let keys = [7, 8].map(|contact| once_to.key(shared, id(contact)).unwrap());
        assert_eq!(keys[0] == keys[1], same, "{once_to:?}");
        assert_eq!(keys[0], once_to.key(shared, id(7)).unwrap());
    }
    let other = SendOnceTo::Address.key("ann@home.example", id(7)).unwrap();
    assert_ne!(other, SendOnceTo::Address.key(shared, id(7)).unwrap());
}

// --- Analytics ----------------------------------------------------------------------------------

const CONTAINER: &str = "https://contoso.blob.core.windows.net/marketing";
const SECRET: &str = "c2lnbmF0dXJl";

fn pasted(container: &str, permissions: &str, expires: &str) -> SasUrl {
    let url = format!("{container}?sv=2022-11-02&sr=c&sp={permissions}&se={expires}&sig={SECRET}");
    SasUrl::parse(&url).unwrap()
}

fn export() -> AnalyticsConfiguration {
    AnalyticsConfiguration::builder().name("Power BI").build().unwrap()
}

/// A064; facts 5.3.
#[test]
fn analytics_has_the_columns_and_defaults_of_the_product() {
    let export = export();
    assert!(export.default() && export.storage_url().is_none());
    let default = AnalyticsConfiguration::default_value("default", DefaultKind::Metadata);
    assert_eq!(default, Some(Value::YesNo(true)));
    assert_eq!(AnalyticsConfiguration::DEFAULTS, DefaultRule::AtMostOne);
    let of = column::<AnalyticsConfiguration>;
    assert_eq!(of("storage_url"), Some("msdyncrm_exporttoblobstorageurl"));
    assert_eq!(of("signature_expires"), Some("msdyncrm_sastokenexpirationdatetime"));
    assert_eq!(of("signature_permissions"), None);
    assert_eq!(of("export_from"), Some("msdyncrm_exportfromdate"));
    assert_eq!(of("last_export"), Some("msdyncrm_lastexport"));
    assert_eq!(of("service_status"), Some("msdyncrm_servicestatus"));
    let input = "msdyncrm_exporttoblobstoragesastoken";
    assert!(AnalyticsConfiguration::FIELDS.iter().all(|field| field.column != Some(input)));
}

/// A064; facts 7.9: the URL is split; permissions and the day of expiry stay.
#[test]
fn a_pasted_sas_url_is_split() {
    let pasted = pasted(CONTAINER, "racwdl", "2026-12-31T23%3A30%3A00-02%3A00");
    assert_eq!(pasted.signature().expires(), Some(at("2027-01-01T01:30:00Z")));
    assert!(pasted.signature().reveal().ends_with(SECRET), "for the service that exports");
    let export = export().with_sas_url(&pasted).unwrap();
    assert_eq!(export.storage_url().as_ref().map(ToString::to_string).as_deref(), Some(CONTAINER));
    assert_eq!(export.signature_expires(), Some(day("2027-01-01")));
    assert_eq!(export.signature_permissions(), Some(SasPermissions::ALL));
    let stopped = export.stopped();
    assert_eq!((stopped.storage_url(), stopped.signature_expires()), (&None, None));
    let (storage_url, signature) = pasted.into_parts();
    assert_eq!(signature.to_string(), "a signature, not shown");
    let by_hand = stopped.to_builder().storage_url(storage_url.to_string()).build().unwrap();
    assert_eq!(by_hand.storage_url(), &Some(storage_url));
}

/// Facts 7.9: expiries in the forms that Azure takes; a stored access policy has them elsewhere.
#[test]
fn expiries_of_signatures_are_read() {
    let expires = |text: &str| pasted(CONTAINER, "r", text).signature().expires();
    assert_eq!(expires("2026-12-31"), Some(at("2026-12-31T00:00:00Z")));
    assert_eq!(expires("2026-12-31T08:30Z"), Some(at("2026-12-31T08:30:00Z")));
    assert_eq!(expires("2026-12-31T08:30:15.1234567Z"), Some(at("2026-12-31T08:30:15.1234567Z")));
    let policy = SasUrl::parse(&format!("{CONTAINER}?si=export&sr=c&sig={SECRET}")).unwrap();
    assert_eq!((policy.signature().expires(), policy.signature().permissions()), (None, None));
    let export = export().with_sas_url(&policy).unwrap();
    let running = stored(1, export);
    assert!(AnalyticsConfiguration::may_export(&running, &[], at("2026-01-01T00:00:00Z")).is_ok());
}

/// Each kind of refusal, none of which quotes the input.
#[test]
fn sas_urls_are_refused_with_a_reason_and_without_a_quotation() {
    use SasUrlErrorKind as Kind;
    let host = "https://contoso.blob.core.windows.net";
    let name = "the name of a container (3 to 63 of a-z, 0-9 and single hyphens) as the path";
    let cases = [
        (
            format!("{CONTAINER}?{}", "x".repeat(4_000)),
            Kind::Length,
            "at most 4000 characters, found more",
        ),
        (
            format!("{CONTAINER}?a b"),
            Kind::Form,
            "ASCII characters without white space, found others",
        ),
        (CONTAINER.replace("https", "http"), Kind::Form, "an https URL, found something else"),
        (format!("{CONTAINER}#x"), Kind::Form, "no fragment and no backslash, found one of them"),
        (
            "https://u:p@a.example/abc".into(),
            Kind::Host,
            "a host without user, port and brackets, found one with them",
        ),
        ("https://a_b/abc".into(), Kind::Host, "the name of a host, found something else"),
        (format!("{host}?sig=x"), Kind::Container, &*format!("{name}, found none")),
        (
            format!("{CONTAINER}/a.csv?sig=x"),
            Kind::Container,
            &*format!("{name}, found more than one name"),
        ),
        (
            format!("{host}/Marketing?sig=x"),
            Kind::Container,
            &*format!("{name}, found something else"),
        ),
        (
            format!("{CONTAINER}?sr=b&sig=x"),
            Kind::Container,
            "a signature of a container (sr=c), found one of something else",
        ),
        (CONTAINER.into(), Kind::Signature, "a signature (sig) behind a question mark, found none"),
        (
            format!("{CONTAINER}?sig=&sp=r"),
            Kind::Signature,
            "a signature (sig) behind a question mark, found none",
        ),
        (
            format!("{CONTAINER}?sig=x&sig=y"),
            Kind::Field,
            "each field once, found one of them twice",
        ),
        (
            format!("{CONTAINER}?sig=x&se=2026-12-31"),
            Kind::Permissions,
            "permissions (sp), or a stored access policy (si), found neither",
        ),
        (
            format!("{CONTAINER}?sig=x&sp=r"),
            Kind::Expiry,
            "an expiry (se), or a stored access policy (si), found neither",
        ),
        (
            format!("{CONTAINER}?sig=x&sp=r&se=soon"),
            Kind::Expiry,
            "an expiry like 2026-12-31T08:00:00Z, found another",
        ),
        (
            format!("{CONTAINER}?sig=x&sp=%zz&se=soon"),
            Kind::Encoding,
            "percent signs before the two digits of an ASCII character, found one before something else",
        ),
    ];
    for (url, kind, why) in cases {
        let error = SasUrl::parse(&url).unwrap_err();
        assert_eq!((error.kind(), error.to_string()), (kind, format!("SAS URL: expected {why}")));
    }
    // Where the URL of the container alone belongs.
    let error = AnalyticsConfiguration::builder()
        .name("x")
        .storage_url(format!("{CONTAINER}?sig={SECRET}"))
        .build()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "storage_url: expected the URL of a container alone, found more behind a question mark"
    );
}

/// A064; facts 7.9: the signature can never be read back.
#[test]
fn the_signature_is_in_no_output() {
    let pasted = pasted(CONTAINER, "racwdl", "2026-12-31");
    let export = export().with_sas_url(&pasted).unwrap();
    let elsewhere = self::pasted("https://contoso.blob.core.windows.net/other", "r", "2026-12-31");
    let mut said = vec![
        format!("{pasted:?} {pasted:#?}"),
        format!("{} {:?}", pasted.signature(), pasted.signature()),
        format!("{export:?} {:?}", export.to_builder()),
        serde_json::to_string(&export).unwrap(),
        format!("{0} {0:?}", export.with_sas_url(&elsewhere).unwrap_err()),
    ];
    for field in AnalyticsConfiguration::FIELDS {
        said.push(format!("{:?}", export.value(field.name)));
    }
    // In every place where it could stand by mistake.
    let url = format!("{CONTAINER}?sp=r&se=2026-12-31&sig={SECRET}");
    for (field, value) in [
        ("storage_url", url.as_str()),
        ("storage_url", SECRET),
        ("signature_permissions", SECRET),
        ("signature_expires", &format!("{SECRET}-12-31")),
    ] {
        let json = format!(r#"{{"name":"x","{field}":"{value}"}}"#);
        let error = serde_json::from_str::<AnalyticsConfiguration>(&json).unwrap_err();
        said.push(format!("{error} {error:?}"));
    }
    // A reader of TOML would show the line; the document does not.
    let document = |field: &str, value: &str| {
        format!(
            "schema = 1\n[[analytics]]\nid = \"1\"\ncreated = \"2026-11-22T09:00:00Z\"\nname = \
             \"x\"\n{field} = \"{value}\"\n"
        )
    };
    let kept = Document::from_toml(&document("storage_url", CONTAINER)).unwrap();
    let one = kept.analytics[0].value.with_sas_url(&pasted).unwrap();
    said.push(toml::to_string(&one).unwrap());
    said.extend([kept.to_toml().unwrap(), kept.to_json().unwrap()]);
    for field in ["storage_url", "sas_url", "signature_permissions"] {
        let error = Document::from_toml(&document(field, &url)).unwrap_err();
        said.push(format!("{error} {error:?}"));
        assert!(error.to_string().contains(" at line "), "{error}");
    }
    let cut = document("storage_url", &url).trim_end().trim_end_matches('"').to_owned();
    said.push(Document::from_toml(&cut).unwrap_err().to_string());
    for wrong in [&url[8..], &format!("{url}#"), &format!("{url}&sig=2"), &format!("{url} x")] {
        let error = SasUrl::parse(wrong).unwrap_err();
        said.push(format!("{error} {error:?}"));
    }
    for line in said {
        assert!(!line.contains(SECRET), "{line}");
    }
}

/// A064; facts 7.9: a new signature for the same container restarts; another container needs a new record.
#[test]
fn another_container_is_another_record() {
    let now = at("2027-02-01T00:00:00Z");
    let expired = export().with_sas_url(&pasted(CONTAINER, "racwdl", "2026-12-31")).unwrap();
    let why =
        AnalyticsConfiguration::may_export(&stored(1, expired.clone()), &[], now).unwrap_err();
    assert_eq!(why, NotExporting::SignatureExpired(day("2026-12-31")));
    let same = pasted(&CONTAINER.replace("contoso", "CONTOSO"), "racwdl", "2027-12-31");
    let renewed = stored(1, expired.with_sas_url(&same).unwrap());
    assert!(AnalyticsConfiguration::may_export(&renewed, &[], now).is_ok(), "runs again");

    let other = pasted("https://contoso.blob.core.windows.net/other", "racwdl", "2027-12-31");
    let error = expired.with_sas_url(&other).unwrap_err();
    assert_eq!(
        error.to_string(),
        "storage_url: expected a signature for https://contoso.blob.core.windows.net/marketing, \
         found one for https://contoso.blob.core.windows.net/other; to export elsewhere, stop the \
         export, delete the record and make a new one"
    );
    assert_eq!((error.kept().container(), error.found().container()), ("marketing", "other"));
    assert!(expired.stopped().with_sas_url(&other).is_ok());
}

/// A064; facts 7.9, 10: running, or why not.
#[test]
fn an_export_runs_or_says_why_not() {
    let now = at("2026-12-31T23:00:00Z");
    let may = |this: &Stored<AnalyticsConfiguration>, others: &[Stored<AnalyticsConfiguration>]| {
        AnalyticsConfiguration::may_export(this, others, now)
            .map(|export| (export.to.container().to_owned(), export.from))
    };
    let whole = export().with_sas_url(&pasted(CONTAINER, "racwdl", "2026-12-31")).unwrap();
    let this = stored(1, whole.clone());
    // On its last day it counts as valid; empty from-date: everything.
    assert_eq!(may(&this, from_ref(&this)), Ok(("marketing".into(), None)));
    let since = whole.to_builder().export_from(day("2026-01-01")).build().unwrap();
    assert_eq!(may(&stored(1, since), &[]), Ok(("marketing".into(), Some(day("2026-01-01")))));

    let inactive = Stored { active: false, ..this.clone() };
    let demoted = stored(1, whole.clone().with_default(false));
    let early = export().with_sas_url(&pasted(CONTAINER, "racwdl", "2026-12-30")).unwrap();
    let weak = export().with_sas_url(&pasted(CONTAINER, "rl", "2026-12-31")).unwrap();
    let other = stored(2, export());
    for (found, why) in [
        (may(&inactive, &[]), "export: expected an active record, found an inactive one"),
        (
            may(&stored(1, whole.stopped()), &[]),
            "export: expected the URL of a container, found none",
        ),
        (
            may(&demoted, from_ref(&other)),
            "export: expected to be the one that is in force, found \
             00000000000000000000000000000002 in force",
        ),
        (may(&demoted, &[]), "export: expected to be the default record, found no default"),
        (
            may(&stored(1, early), &[]),
            "export: expected a signature that is valid, found one that expired on 2026-12-30",
        ),
        (
            may(&stored(1, weak), &[]),
            "export: expected a signature that permits read, add, create, write, delete, list, \
             found one without add, create, write, delete",
        ),
    ] {
        assert_eq!(found.unwrap_err().to_string(), why);
    }
    // Two defaults, which only another writer can have made: one runs, the one in force.
    assert_eq!(may(&this, from_ref(&other)), Err(NotExporting::AnotherInForce(id(2))));
    let older = Stored { modified: this.modified - TimeDelta::days(1), ..other };
    assert!(may(&this, from_ref(&older)).is_ok());
    assert_eq!(in_force::default(&[older, this.clone()]).map(|stored| stored.id), Some(this.id));
}

// --- Social accounts ----------------------------------------------------------------------------

fn account(channel: SocialChannel) -> SocialAccountBuilder {
    SocialAccount::builder().name("Contoso").channel(channel).consent(true)
}

fn sign_in() -> SignIn {
    SignIn::new(Text::new("1234").unwrap(), Text::new("Contoso").unwrap())
}

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// A154, A155, A156, A159; facts 5.8.
#[test]
fn social_channels_and_token_types_have_the_codes_of_the_product() {
    use SocialChannel::{Facebook, Instagram, LinkedIn, Twitter};
    let codes = [Twitter, Facebook, LinkedIn, Instagram].map(SocialChannel::code);
    assert_eq!(codes, [270_100_000, 270_100_001, 270_100_002, 270_100_003]);
    assert_eq!(SocialChannel::from_code(270_100_004), None);
    let types = [SocialTokenType::User, SocialTokenType::Page].map(SocialTokenType::code);
    assert_eq!(types, [270_100_000, 270_100_001]);
    let error = SocialAccount::builder().name("x").consent(true).build().unwrap_err();
    assert_eq!(error.to_string(), "channel: expected a value, found none");
}

/// A158, A161; facts 5.8, 7.10: named, and made after the agreement.
#[test]
fn a_social_account_is_made_after_the_agreement() {
    let made = account(SocialChannel::Twitter).build().unwrap();
    assert_eq!((made.consent(), made.connect_status()), (true, ConnectStatus::NeverSignedIn));
    let error = account(SocialChannel::Twitter).consent(false).build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "consent: expected yes, as an account is made after its policy and terms were agreed to, \
         found no"
    );
    assert_eq!(error.kind(), SettingErrorKind::Excluded);
    let unasked = serde_json::from_str::<SocialAccount>(r#"{"name":"x","channel":"twitter"}"#);
    let unasked = unasked.unwrap_err().to_string();
    assert!(unasked.starts_with("consent: expected a value, found none"), "{unasked}");
    assert!(account(SocialChannel::Twitter).name("x".repeat(101)).build().is_err());
    for switch in ["consent_needed", "user_account_disabled"] {
        let default = SocialAccount::default_value(switch, DefaultKind::Metadata);
        assert_eq!(default, Some(Value::YesNo(false)), "{switch}");
    }
    assert_eq!(SocialAccount::DEFAULTS, DefaultRule::None);
}

/// A160; facts 5.8: URLs of at most 100 characters.
#[test]
fn policy_and_terms_of_the_channel_are_shown() {
    for channel in SocialChannel::ALL {
        let shown = account(*channel).build().unwrap();
        let links = shown.links();
        assert_eq!(links, (channel.privacy_policy(), channel.terms_of_service()));
        let kept = account(*channel).privacy_policy(links.0).terms_of_service(links.1).build();
        assert_eq!(kept.unwrap().links(), links, "they fit into their columns");
    }
    let own =
        account(SocialChannel::Twitter).privacy_policy("https://x.example/p").build().unwrap();
    assert_eq!(own.links().0, "https://x.example/p");
}

/// A157; facts 7.10: configured and signed in.
#[test]
fn nothing_is_posted_before_somebody_signed_in() {
    let new = account(SocialChannel::LinkedIn).build().unwrap();
    assert_eq!(
        new.ready(NOW).unwrap_err().to_string(),
        "post: expected a sign-in, found none; authorise the account"
    );
    let signed_in = new.authorise(sign_in().by(Text::new("ann").unwrap())).unwrap();
    assert_eq!(SocialAccount::may_post(Some(&stored(1, signed_in.clone())), NOW), Ok(()));
    assert_eq!(signed_in.username().as_ref().map(Text::as_str), Some("ann"));
    assert_eq!(signed_in.token_type(), Some(SocialTokenType::User));
    assert_eq!(
        signed_in.authorise(sign_in()).unwrap_err().to_string(),
        "social account: expected one that nobody signed in to, found a sign-in; reauthorise it"
    );
}

/// A164, A165; facts 7.10: reauthorising repairs and keeps the record.
#[test]
fn reauthorising_repairs_a_sign_in_and_keeps_the_record() {
    let last = day("2026-03-01");
    let good = account(SocialChannel::Twitter).build().unwrap().authorise(sign_in().until(last));
    let good = good.unwrap();
    assert_eq!(good.ready(at("2026-03-01T23:59:59Z")), Ok(()));
    assert_eq!(good.expiry(), Some(day("2026-03-02")));
    let timed_out = good.ready(at("2026-03-02T00:00:00Z")).unwrap_err();
    assert_eq!(
        timed_out.to_string(),
        "post: expected a sign-in that is valid, found one that has ended; reauthorise the account"
    );
    let renewed = good.reauthorise(sign_in().until(day("2027-03-01"))).unwrap();
    assert_eq!(renewed.ready(at("2026-03-02T00:00:00Z")), Ok(()));

    let changed = good.password_changed();
    assert_eq!(
        changed.ready(NOW).unwrap_err().to_string(),
        "post: expected the password of the sign-in, found a new one; reauthorise the account"
    );
    for broken in [changed, good.sign_in_ended()] {
        assert_ne!(broken.ready(NOW), Ok(()));
        let repaired = broken.reauthorise(sign_in().until(last)).unwrap();
        assert_eq!(repaired, good, "the same record, signed in again");
    }
    // Tokens are never exported: after an import it is reauthorised.
    assert_eq!(good.sign_in_ended().ready(NOW), Err(NotPosting::SignInExpired));
    let new = account(SocialChannel::Twitter).build().unwrap();
    assert_eq!(new.sign_in_ended(), new, "there is nothing to end");
}

/// A162, A163; facts 7.10: all pages first, then one; without the grant an arbitrary one is bound
/// until the account is reauthorised.
#[test]
fn facebook_pages_are_granted_first_and_chosen_then() {
    let new = account(SocialChannel::Facebook).build().unwrap();
    let page = || (Text::new("77").unwrap(), Text::new("Contoso Electronics").unwrap());
    let choose = |account: &SocialAccount| account.choose_page(page().0, page().1);

    let granted = new.authorise(sign_in().with_pages(FacebookPages::SeveralAllGranted)).unwrap();
    assert_eq!(granted.page_choice(), Some(PageChoice::Pending));
    assert_eq!(
        granted.ready(NOW).unwrap_err().to_string(),
        "post: expected one of the Facebook pages, found none chosen"
    );
    let chosen = choose(&granted).unwrap();
    assert_eq!(chosen.ready(NOW), Ok(()));
    assert_eq!(chosen.network_id().as_ref(), Some(&page().0));
    assert_eq!(chosen.token_type(), Some(SocialTokenType::Page));
    assert!(choose(&chosen).is_ok(), "and another one later");

    let missed = new.authorise(sign_in().with_pages(FacebookPages::SeveralNotGranted)).unwrap();
    assert_eq!(missed.network_id().as_ref().map(Text::as_str), Some("1234"), "the arbitrary one");
    assert_eq!(missed.ready(NOW), Err(NotPosting::PageArbitrary));
    assert_eq!(
        NotPosting::PageArbitrary.to_string(),
        "post: expected a Facebook page that was chosen, found an arbitrary one; reauthorise the \
         account and choose All pages first"
    );
    assert_eq!(
        choose(&missed).unwrap_err().to_string(),
        "social account: expected all pages to be granted, found some; reauthorise it and choose \
         All pages first"
    );
    let again = missed.reauthorise(sign_in().with_pages(FacebookPages::SeveralAllGranted)).unwrap();
    assert_eq!(choose(&again).unwrap().ready(NOW), Ok(()));

    let single = new.authorise(sign_in().with_pages(FacebookPages::One)).unwrap();
    assert_eq!((single.ready(NOW), single.page_choice()), (Ok(()), None));
    assert_eq!(
        choose(&single).unwrap_err().to_string(),
        "social account: expected one of several Facebook pages, found Facebook without"
    );
    assert_eq!(
        choose(&granted.password_changed()).unwrap_err().to_string(),
        "social account: expected a sign-in, found: Password changed"
    );
}

/// A162: pages are Facebook's.
#[test]
fn pages_are_those_of_facebook() {
    let twitter = account(SocialChannel::Twitter);
    let refused = twitter.clone().build().unwrap();
    let refused = refused.authorise(sign_in().with_pages(FacebookPages::One)).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "social account: expected one of several Facebook pages, found Twitter without"
    );
    let error = twitter.page_choice(PageChoice::Chosen).build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "page_choice: expected no choice of pages but on Facebook, found Twitter"
    );
    assert!(account(SocialChannel::Facebook).page_choice(PageChoice::Chosen).build().is_ok());
}

/// A161, A166; facts 7.10: deleted, inactive, disabled, or with terms that changed.
#[test]
fn posting_ends_with_the_record_and_with_the_agreement() {
    let good = account(SocialChannel::Twitter).build().unwrap().authorise(sign_in()).unwrap();
    let why = |found: Option<&Stored<SocialAccount>>| {
        SocialAccount::may_post(found, NOW).unwrap_err().to_string()
    };
    assert_eq!(why(None), "post: expected an account, found none; it was deleted");
    let mut kept = stored(1, good.clone());
    assert_eq!(SocialAccount::may_post(Some(&kept), NOW), Ok(()));
    kept.active = false;
    assert_eq!(why(Some(&kept)), "post: expected an active account, found an inactive one");
    let disabled = good.to_builder().user_account_disabled(true).build().unwrap();
    assert_eq!(
        why(Some(&stored(1, disabled))),
        "post: expected a user of the network, found a disabled one"
    );
    let changed = good.to_builder().consent_needed(true).build().unwrap();
    assert_eq!(
        why(Some(&stored(1, changed.clone()))),
        "post: expected an agreement to policy and terms, found none that is up to date"
    );
    assert_eq!(
        changed.reauthorise(sign_in()).unwrap_err().to_string(),
        "social account: expected an agreement to its policy and terms, found it out of date"
    );
    let agreed = changed.agreed(Some(Text::new("Terms of 2026").unwrap()));
    assert_eq!(SocialAccount::may_post(Some(&stored(1, agreed)), NOW), Ok(()));
}

/// Facts 5.8: no token is ever part of the record.
#[test]
fn no_token_of_a_social_account_is_kept() {
    let known: Vec<_> = SocialAccount::FIELDS.iter().map(|field| field.name).collect();
    assert_eq!(
        known.iter().filter(|name| name.contains("token")).collect::<Vec<_>>(),
        [&"token_type"]
    );
    for name in ["token", "access_token", "refresh_token", "password"] {
        let json =
            format!(r#"{{"name":"x","channel":"twitter","consent":true,"{name}":"SECRET"}}"#);
        let error = serde_json::from_str::<SocialAccount>(&json).unwrap_err().to_string();
        assert!(error.starts_with("expected a known name") && !error.contains("SECRET"), "{error}");
    }
}

// --- Every record, any values -------------------------------------------------------------------

fn texts() -> impl Strategy<Value = String> {
    "[a-zäß😀0-9{}. \n]{0,20}x"
}

fn links() -> impl Strategy<Value = Option<RecordId>> {
    proptest::option::of(any::<u128>().prop_map(RecordId::new))
}

fn urls() -> impl Strategy<Value = Option<String>> {
    proptest::option::of("https://[a-z]{1,9}\\.example/[a-z?=&]{0,9}")
}

fn days() -> impl Strategy<Value = Option<NaiveDate>> {
    proptest::option::of(
        (0..40_000i32).prop_map(|n| NaiveDate::from_num_days_from_ce_opt(700_000 + n).unwrap()),
    )
}

/// Sets the fields of the list that have a value.
macro_rules! given {
    ($builder:ident; $($field:ident = $value:expr),+ $(,)?) => {{
        $(if let Some(value) = $value { $builder = $builder.$field(value); })+
        $builder
    }};
}

fn round_trip<T: SettingsRecord>(record: &T) -> Result<(), TestCaseError> {
    let json = serde_json::to_string(record).unwrap();
    let again: T = serde_json::from_str(&json).unwrap();
    prop_assert_eq!(&again, record);
    for field in T::FIELDS {
        prop_assert_eq!(again.value(field.name), record.value(field.name));
    }
    Ok(())
}

proptest! {
    #[test]
    fn default_marketing_settings_read_back(
        (name, flags) in (texts(), any::<[bool; 4]>()),
        zone in -1_500..=1_500i64,
        links in proptest::collection::vec(links(), 8),
        urls in proptest::collection::vec(urls(), 2),
        from in proptest::collection::vec(proptest::option::of(texts()), 2),
    ) {
        let source = if flags[3] { ThankYouSource::Urls } else { ThankYouSource::MarketingPages };
        let mut builder = DefaultMarketingSettings::builder()
            .name(name)
            .default(flags[0])
            .enable_litmus(flags[1])
            .bypass_email_deduplication(flags[2])
            .thank_you_source(source)
            .default_time_zone(zone);
        let record = given!(
            builder;
            owner = links[0],
            default_content_settings = links[1],
            default_sending_domain = links[2],
            default_contact = links[3],
            subscription_message = links[4],
            consent_message = links[5],
            double_opt_in_content_settings = links[6],
            subscription_thank_you_page = links[7],
            subscription_thank_you_url = urls[0].clone(),
            consent_thank_you_url = urls[1].clone(),
            default_from_email = from[0].clone(),
            default_from_name = from[1].clone(),
        ).build().unwrap();
        round_trip(&record)?;
        // On exactly where everything is there.
        let target = [record.subscription_thank_you(), record.consent_thank_you()];
        let whole = links[4..7].iter().all(Option::is_some) && target.iter().all(Option::is_some);
        let on = record.to_builder().enable_double_opt_in(true).build();
        prop_assert_eq!(on.is_ok(), whole);
        if let Ok(on) = on {
            round_trip(&on)?;
        }
    }

    #[test]
    fn content_settings_read_back(
        required in proptest::collection::vec(texts(), 3),
        flags in any::<[bool; 2]>(),
        status in proptest::sample::select(ContentStatus::ALL),
        lines in proptest::collection::vec(proptest::option::of(texts()), 2),
        urls in proptest::collection::vec(urls(), 8),
        custom in proptest::collection::btree_map("cr1_[a-z0-9_]{1,9}", texts(), 0..4),
    ) {
        let custom = custom.into_iter().try_fold(CustomTexts::default(), |all, (name, text)| all.with(name, text));
        let mut builder = ContentSettings::builder()
            .name(required[0].as_str())
            .address_main(required[1].as_str())
            .subscription_center(required[2].as_str())
            .default(flags[0])
            .business_unit_default(flags[1])
            .status(status)
            .custom_texts(custom.unwrap());
        let record = given!(
            builder;
            address_line_2 = lines[0].clone(),
            forward_to_a_friend = lines[1].clone(),
            facebook_url = urls[0].clone(),
            linkedin_url = urls[1].clone(),
            twitter_url = urls[2].clone(),
            instagram_url = urls[3].clone(),
            medium_url = urls[4].clone(),
            skype_url = urls[5].clone(),
            google_plus_url = urls[6].clone(),
            youtube_url = urls[7].clone(),
        ).build().unwrap();
        round_trip(&record)?;
    }

    #[test]
    fn analytics_configurations_read_back(
        (name, default) in (texts(), any::<bool>()),
        container in proptest::option::of("https://[a-z]{1,9}\\.blob\\.example/[a-z0-9]{3,9}"),
        permissions in proptest::option::of("[racwdl]{0,6}"),
        days in proptest::collection::vec(days(), 2),
        last in proptest::option::of(0..4_000_000_000_000_000i64),
        status in proptest::option::of(texts()),
    ) {
        let mut builder = AnalyticsConfiguration::builder().name(name).default(default);
        let record = given!(
            builder;
            storage_url = container,
            signature_permissions = permissions.map(|letters| SasPermissions::from_letters(&letters)),
            signature_expires = days[0],
            export_from = days[1],
            last_export = last.and_then(DateTime::from_timestamp_micros),
            service_status = status,
        ).build().unwrap();
        round_trip(&record)?;
    }

    #[test]
    fn social_accounts_read_back(
        name in texts(),
        channel in proptest::sample::select(SocialChannel::ALL),
        token_type in proptest::option::of(proptest::sample::select(SocialTokenType::ALL)),
        status in proptest::sample::select(ConnectStatus::ALL),
        choice in proptest::option::of(proptest::sample::select(PageChoice::ALL)),
        flags in any::<[bool; 2]>(),
        texts in proptest::collection::vec(proptest::option::of(texts()), 4),
        urls in proptest::collection::vec(urls(), 2),
        valid_until in days(),
    ) {
        let choice = choice.filter(|_| channel == SocialChannel::Facebook);
        let mut builder = SocialAccount::builder()
            .name(name)
            .channel(channel)
            .consent(true)
            .connect_status(status)
            .consent_needed(flags[0])
            .user_account_disabled(flags[1]);
        let record = given!(
            builder;
            token_type = token_type,
            page_choice = choice,
            consent_text = texts[0].clone(),
            network_id = texts[1].clone(),
            network_name = texts[2].clone(),
            username = texts[3].clone(),
            privacy_policy = urls[0].clone(),
            terms_of_service = urls[1].clone(),
            valid_until = valid_until,
        ).build().unwrap();
        round_trip(&record)?;
        // After an agreement and a sign-in nothing stands in the way but a disabled user.
        let again = record.agreed(None).reauthorise(sign_in()).unwrap();
        prop_assert_eq!(again.ready(NOW).is_ok(), !flags[1]);
    }

    #[test]
    fn sas_url_properties_hold(data in proptest::collection::vec(any::<u8>(), 0..48)) {
        property::sas_url(&data);
    }
}
