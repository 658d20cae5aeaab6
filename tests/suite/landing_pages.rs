//! What the landing page configuration, matching strategies and the marketing data configuration
//! switch: pages, forms, captured context, synchronized tables.

use chrono::{DateTime, TimeDelta, Utc};
use correspond::address::EmailAddress;
use correspond::form::{
    Context, ContextColumns, FormChoices, FormError, FormType, MarketingForm, Origin, SourceEmail,
    Written, captured,
};
use correspond::id::RecordId;
use correspond::page::{Hosting, MarketingPage, Opened, PageState};
use correspond::party::Value;
use correspond::record::Version;
use correspond::settings::{
    AcknowledgementState, CatalogueTable, DataUse, LandingPageConfiguration,
    LandingPageConfigurationBuilder, Link, ListedTable, MarketingDataConfiguration,
    MatchingStrategy, MatchingTarget, Profile, Publication, SettingsRecord, SlotFault, Stored,
    TableCatalogue, TableErrorKind, TableName, TableState, UpdateMode, in_force,
};
use proptest::prelude::*;

const START: DateTime<Utc> = DateTime::UNIX_EPOCH;
const CONTACTS: RecordId = RecordId::new(1);
const LEADS: RecordId = RecordId::new(2);
const OTHER_CONTACTS: RecordId = RecordId::new(3);

fn stored<T: SettingsRecord>(id: u128, value: T) -> Stored<T> {
    Stored::new(RecordId::new(id), Version::new(id), START, value)
}

/// A strategy for contacts, one for leads, and a second one for contacts.
fn strategies() -> Vec<Stored<MatchingStrategy>> {
    let families = MatchingStrategy::builder().name("Families").attributes([
        "emailaddress1",
        "firstname",
        "lastname",
    ]);
    vec![
        stored(1, MatchingStrategy::out_of_box(MatchingTarget::Contact).build().unwrap()),
        stored(2, MatchingStrategy::out_of_box(MatchingTarget::Lead).build().unwrap()),
        stored(3, families.build().unwrap()),
    ]
}

fn set(name: &str) -> LandingPageConfigurationBuilder {
    LandingPageConfiguration::builder()
        .name(name)
        .contact_matching_strategy(CONTACTS)
        .lead_matching_strategy(LEADS)
}

fn with_banner(text: &str) -> LandingPageConfiguration {
    set("with banner")
        .insert_privacy_banner(true)
        .privacy_banner_text(text)
        .privacy_policy_link_text("All of it")
        .privacy_policy_link_url("https://shop.example/privacy")
        .build()
        .unwrap()
}

fn in_state(mut page: MarketingPage, state: PageState) -> MarketingPage {
    let path: &[PageState] = match state {
        PageState::Draft => &[],
        PageState::GoingLive => &[PageState::GoingLive],
        PageState::Live => &[PageState::GoingLive, PageState::Live],
        PageState::LiveEditable => {
            &[PageState::GoingLive, PageState::Live, PageState::LiveEditable]
        }
        PageState::Stopping => &[PageState::GoingLive, PageState::Live, PageState::Stopping],
        PageState::Stopped => {
            &[PageState::GoingLive, PageState::Live, PageState::Stopping, PageState::Stopped]
        }
        PageState::Error => &[PageState::GoingLive, PageState::Error],
        PageState::Expired => &[PageState::Expired],
        other => panic!("no way to {other:?}"),
    };
    for next in path {
        page = page.become_state(*next).unwrap();
    }
    page
}

/// A065, A066; facts 7.2: of any number of sets the default one is in force.
#[test]
fn of_any_number_of_landing_page_sets_the_default_one_is_in_force() {
    let mut sets: Vec<_> =
        (0..500).map(|n| stored(n, set(&n.to_string()).build().unwrap())).collect();
    assert_eq!(in_force::default(&sets), None);
    sets[123].value = sets[123].value.clone().with_default(true);
    assert_eq!(in_force::default(&sets).unwrap().id, RecordId::new(123));
}

/// A071; facts 7.2: the banner is on every page that is made while it is on.
#[test]
fn a_new_page_gets_the_banner() {
    let config = with_banner("We care.");
    let page = MarketingPage::new(&config);
    assert_eq!(page.state(), PageState::Draft);
    assert_eq!(page.banner().unwrap().parts().count(), 2);
    let off = config.to_builder().insert_privacy_banner(false).build().unwrap();
    assert_eq!(MarketingPage::new(&off).banner(), None);
}

/// A072; facts 7.2: an unpublished page without banner gets one when it is opened, once.
#[test]
fn an_unpublished_page_gets_the_banner_when_it_is_opened() {
    let config = with_banner("We care.");
    for state in [PageState::Draft, PageState::Stopped, PageState::Error] {
        let page = in_state(MarketingPage::new(&set("no banner").build().unwrap()), state);
        let (page, opened) = page.opened(&config);
        assert_eq!(opened, Opened::BannerAdded, "{state:?}");
        assert_eq!(page.banner(), MarketingPage::new(&config).banner());
        let again = page.clone().opened(&config);
        assert_eq!(again, (page.clone(), Opened::Unchanged));
        // Other words in the configuration are for other pages.
        assert_eq!(page.clone().opened(&with_banner("Other words.")), (page, Opened::Unchanged));
    }
    let off = set("no banner").build().unwrap();
    assert_eq!(MarketingPage::new(&off).opened(&off).1, Opened::Unchanged);
}

/// A073; facts 7.2: a published page is read-only; so is an expired one.
#[test]
fn a_published_page_never_gets_the_banner() {
    let config = with_banner("We care.");
    for state in [
        PageState::GoingLive,
        PageState::Live,
        PageState::LiveEditable,
        PageState::Stopping,
        PageState::Expired,
    ] {
        let page = in_state(MarketingPage::new(&set("no banner").build().unwrap()), state);
        assert_eq!(page.clone().opened(&config), (page, Opened::ReadOnly), "{state:?}");
    }
}

/// Facts 7.13: what follows what.
#[test]
fn a_page_goes_live_and_back() {
    let page = MarketingPage::new(&set("x").build().unwrap());
    assert_eq!(
        page.clone().become_state(PageState::Live).unwrap_err().to_string(),
        "page: expected a state that follows \"draft\", found \"live\""
    );
    let stopped = in_state(page, PageState::Stopped);
    assert!(stopped.become_state(PageState::GoingLive).is_ok());
    let steps = PageState::ALL.iter().flat_map(|from| {
        PageState::ALL.iter().filter(move |to| from.may_become(**to)).map(move |to| (from, to))
    });
    assert_eq!(steps.count(), 12);
    assert!(PageState::ALL.iter().all(|next| !PageState::Expired.may_become(*next)));
}

/// A100, A102, A105, A106; facts 7.2: portal defaults are those of the set in force.
#[test]
fn a_new_page_is_hosted_where_the_set_in_force_says() {
    let here = set("here")
        .website(RecordId::new(10))
        .page_language(RecordId::new(11))
        .container_page(RecordId::new(12))
        .default(true)
        .build()
        .unwrap();
    let elsewhere = set("elsewhere").website(RecordId::new(20)).build().unwrap();
    let sets = [stored(1, elsewhere), stored(2, here)];
    let page = MarketingPage::new(&in_force::default(&sets).unwrap().value);
    assert_eq!(page.hosting().website, Some(Link::new(RecordId::new(10))));
    assert_eq!(page.hosting().page_language, Some(Link::new(RecordId::new(11))));
    assert_eq!(page.hosting().container_page, Some(Link::new(RecordId::new(12))));
}

/// A103, A104; facts 7.2: after a change of website old pages stay and new ones go to the new portal.
#[test]
fn a_change_of_website_moves_no_page_that_exists() {
    let before = set("x").website(RecordId::new(10)).build().unwrap();
    let after = before.to_builder().website(RecordId::new(20)).build().unwrap();
    for state in PageState::ALL {
        let page = in_state(MarketingPage::new(&before), *state);
        let (page, _) = page.opened(&after);
        assert_eq!(page.hosting(), &Hosting::of(&before), "{state:?}");
    }
    let new = MarketingPage::new(&after);
    assert_eq!(new.hosting().website, Some(Link::new(RecordId::new(20))));
}

/// A094, A097; facts, section 10: a strategy used for the wrong target is told with its slot.
#[test]
fn a_strategy_of_the_wrong_target_is_told_with_its_slot() {
    let strategies = strategies();
    let found = set("x").build().unwrap();
    let found = found.strategies(&strategies).unwrap();
    assert_eq!((found.contact.id, found.lead.id), (CONTACTS, LEADS));

    let swapped = set("x").contact_matching_strategy(LEADS).build().unwrap();
    let error = swapped.strategies(&strategies).unwrap_err();
    assert_eq!(
        (error.slot(), error.fault(), error.strategy()),
        (MatchingTarget::Contact, SlotFault::WrongTarget, LEADS)
    );
    assert_eq!(
        error.to_string(),
        format!(
            "contact matching strategy: expected a strategy with target contact, found {LEADS} \
             with target lead"
        )
    );
    let missing = set("x").lead_matching_strategy(RecordId::new(9)).build().unwrap();
    let error = missing.strategies(&strategies).unwrap_err();
    assert_eq!((error.slot(), error.fault()), (MatchingTarget::Lead, SlotFault::Missing));
    assert_eq!(
        error.to_string(),
        format!(
            "lead matching strategy: expected a strategy with target lead, found none with id {}",
            RecordId::new(9)
        )
    );
}

/// A087, A121; facts 7.2: a new form has the matching defaults of the set in force.
#[test]
fn a_new_form_copies_the_matching_defaults() {
    let config = set("x")
        .update_contacts_leads(UpdateMode::OnlyContacts)
        .keep_successful_submissions(true)
        .contact_matching_strategy(OTHER_CONTACTS)
        .build()
        .unwrap();
    let form = MarketingForm::new(FormType::LandingPage, &config, &strategies()).unwrap();
    assert_eq!(form.update(), UpdateMode::OnlyContacts);
    assert!(form.keeps_successful_submissions());
    assert!(!form.always_generates_leads());
    assert_eq!(form.strategy(MatchingTarget::Contact).id(), OTHER_CONTACTS);
    assert_eq!(form.strategy(MatchingTarget::Lead).id(), LEADS);
    let json = serde_json::to_string(&form).unwrap();
    assert_eq!(serde_json::from_str::<MarketingForm>(&json).unwrap(), form);
}

/// A088, A121; facts 5.11: a form may have other values than the defaults, and only of its own kind.
#[test]
fn a_form_may_override_what_it_copied() {
    let (config, strategies) = (set("x").build().unwrap(), strategies());
    let form = MarketingForm::new(FormType::LandingPage, &config, &strategies).unwrap();
    let choices = FormChoices::default()
        .update(UpdateMode::OnlyLeads)
        .contact_strategy(OTHER_CONTACTS)
        .keep_successful_submissions(true)
        .always_generate_leads(true);
    let changed = form.with(&choices, &config, &strategies).unwrap();
    assert_eq!(changed.update(), UpdateMode::OnlyLeads);
    assert_eq!(changed.strategy(MatchingTarget::Contact).id(), OTHER_CONTACTS);
    assert_eq!(changed.strategy(MatchingTarget::Lead).id(), LEADS, "not chosen: as it was");
    assert!(changed.keeps_successful_submissions() && changed.always_generates_leads());
    let at_once =
        MarketingForm::with_choices(FormType::LandingPage, &choices, &config, &strategies);
    assert_eq!(at_once.as_ref(), Ok(&changed));

    let swapped = FormChoices::default().lead_strategy(CONTACTS);
    for refused in [
        form.with(&swapped, &config, &strategies),
        MarketingForm::with_choices(FormType::LandingPage, &swapped, &config, &strategies),
    ] {
        let Err(FormError::Strategy(error)) = refused else { panic!("{refused:?}") };
        assert_eq!((error.slot(), error.fault()), (MatchingTarget::Lead, SlotFault::WrongTarget));
    }
}

/// A089; facts 7.2: a change of the defaults reaches no form that exists.
#[test]
fn a_change_of_the_defaults_leaves_existing_forms_as_they_are() {
    let (before, strategies) = (set("x").build().unwrap(), strategies());
    let form = MarketingForm::new(FormType::LandingPage, &before, &strategies).unwrap();
    let after = before
        .to_builder()
        .update_contacts_leads(UpdateMode::OnlyContacts)
        .keep_successful_submissions(true)
        .contact_matching_strategy(OTHER_CONTACTS)
        .build()
        .unwrap();
    // Even when the form is changed otherwise afterwards.
    assert_eq!(form.with(&FormChoices::default(), &after, &strategies).as_ref(), Ok(&form));
    let new = MarketingForm::new(FormType::LandingPage, &after, &strategies).unwrap();
    assert_ne!(new, form);
}

/// Facts 5.4, 7.2: "No update" needs the permission flag, and a landing page form.
#[test]
fn a_form_updates_nothing_only_where_that_is_allowed() {
    let strategies = strategies();
    let none = FormChoices::default().update(UpdateMode::NoUpdate);
    let make = |form_type, allowed| {
        let config = set("x").allow_submission_only_forms(allowed).build().unwrap();
        MarketingForm::with_choices(form_type, &none, &config, &strategies)
    };
    let form = make(FormType::LandingPage, true).unwrap();
    assert!(form.keeps_successful_submissions(), "nothing else is left of them");
    let error = make(FormType::LandingPage, false).unwrap_err();
    assert_eq!(
        error.to_string(),
        "update: expected an update of contacts or leads, as the configuration does not allow \
         forms without, found no-update"
    );
    let error = make(FormType::SubscriptionCenter, true).unwrap_err();
    assert_eq!(error, FormError::NotForLandingPage(FormType::SubscriptionCenter));
    assert_eq!(
        error.to_string(),
        "update: expected an update of contacts or leads, or a landing page form, found no-update \
         on a form of type Subscription center"
    );
    let json = serde_json::to_string(&form).unwrap();
    let elsewhere = json.replace("landing-page", "subscription-center");
    assert!(serde_json::from_str::<MarketingForm>(&elsewhere).is_err());

    // Once made it goes on when the flag is withdrawn.
    let withdrawn = set("x").build().unwrap();
    let keep = none.keep_successful_submissions(false);
    assert!(form.with(&keep, &withdrawn, &strategies).is_ok());
    let plain = MarketingForm::new(FormType::LandingPage, &withdrawn, &strategies).unwrap();
    assert_eq!(plain.with(&none, &withdrawn, &strategies), Err(FormError::NotAllowed));
    // A default that a subscription center cannot have is not made into another behind one's back.
    let default = set("x")
        .allow_submission_only_forms(true)
        .update_contacts_leads(UpdateMode::NoUpdate)
        .build()
        .unwrap();
    assert!(MarketingForm::new(FormType::SubscriptionCenter, &default, &strategies).is_err());
    let chosen = FormChoices::default().update(UpdateMode::OnlyContacts);
    let center = FormType::SubscriptionCenter;
    assert!(MarketingForm::with_choices(center, &chosen, &default, &strategies).is_ok());
}

/// Facts 5.11: `msdyncrm_validforpagetype`.
#[test]
fn form_types_have_the_codes_of_the_product() {
    for (code, form_type) in FormType::ALL.iter().enumerate() {
        let code = i32::try_from(code).unwrap();
        assert_eq!((form_type.code(), FormType::from_code(code)), (code, Some(*form_type)));
    }
    assert_eq!((FormType::EventRegistration.code(), FormType::from_code(4)), (3, None));
}

/// A120: one strategy, any number of forms and defaults.
#[test]
fn a_strategy_serves_any_number_of_forms_and_defaults() {
    let strategies = strategies();
    for n in 0..50 {
        let config = set(&n.to_string()).build().unwrap();
        assert!(config.strategies(&strategies).is_ok());
        let form = MarketingForm::new(FormType::LandingPage, &config, &strategies).unwrap();
        assert_eq!(form.strategy(MatchingTarget::Contact).id(), CONTACTS);
    }
}

fn context() -> Context {
    let mut context = Context::default();
    context.email = Some(SourceEmail::Email(Link::new(RecordId::new(71))));
    context.journey = Some(RecordId::new(72));
    context.form = Some(Link::new(RecordId::new(73)));
    context.page = Some(Link::new(RecordId::new(74)));
    context.contact = Some(Link::new(RecordId::new(75)));
    context
}

/// A078 to A086; facts 5.4: the context goes into the columns of the record that was created.
#[test]
fn context_is_captured_when_a_record_is_created() {
    let lookup = |n| Value::Lookup(RecordId::new(n));
    let config = set("x")
        .contact_email_attribute("c_email")
        .contact_journey_attribute("c_journey")
        .contact_form_attribute("c_form")
        .contact_page_attribute("c_page")
        .lead_email_attribute("l_email")
        .lead_journey_attribute("l_journey")
        .lead_form_attribute("l_form")
        .lead_page_attribute("l_page")
        .lead_contact_attribute("l_contact")
        .build()
        .unwrap();
    let kept = |target, written, context: &Context| {
        let kept = captured(&ContextColumns::of(&config), target, written, context);
        kept.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect::<Vec<_>>()
    };
    let context = context();
    assert_eq!(
        kept(MatchingTarget::Contact, Written::Created, &context),
        [
            ("c_email".to_owned(), lookup(71)),
            ("c_form".to_owned(), lookup(73)),
            ("c_journey".to_owned(), lookup(72)),
            ("c_page".to_owned(), lookup(74)),
        ]
    );
    assert_eq!(
        kept(MatchingTarget::Lead, Written::Created, &context),
        [
            ("l_contact".to_owned(), lookup(75)),
            ("l_email".to_owned(), lookup(71)),
            ("l_form".to_owned(), lookup(73)),
            ("l_journey".to_owned(), lookup(72)),
            ("l_page".to_owned(), lookup(74)),
        ]
    );
    for target in MatchingTarget::ALL {
        assert!(kept(*target, Written::Updated, &context).is_empty());
        assert!(kept(*target, Written::Created, &Context::default()).is_empty());
    }
    // An address, for a column of text.
    let mut context = Context::default();
    context.email = Some(SourceEmail::Address(EmailAddress::parse("ann@home.example").unwrap()));
    assert_eq!(
        kept(MatchingTarget::Contact, Written::Created, &context),
        [("c_email".to_owned(), Value::Text("ann@home.example".into()))]
    );
}

/// A133; facts 7.3, section 9 item 23: an embedded form counts for the form page set up with it, in
/// the later product for none.
#[test]
fn an_embedded_form_counts_for_its_form_page() {
    let page = Link::new(RecordId::new(5));
    let embedded = Origin::External { form_page: Some(page) };
    assert_eq!(embedded.page(Profile::Documents), Some(page));
    assert_eq!(embedded.page(Profile::Current), None);
    assert_eq!(Origin::External { form_page: None }.page(Profile::Documents), None);
    for profile in Profile::ALL {
        assert_eq!(Origin::Page(page).page(profile), Some(page));
    }
}

fn table(name: &str) -> TableName {
    TableName::new(name).unwrap()
}

fn catalogue(tables: &[(&str, bool)]) -> TableCatalogue {
    let tables = tables.iter().map(|(name, tracked)| CatalogueTable::new(table(name), *tracked));
    TableCatalogue::new(tables).unwrap()
}

fn states(rows: &[ListedTable]) -> Vec<(&str, TableState)> {
    rows.iter().map(|row| (row.name.as_str(), row.state)).collect()
}

const TABLES: &[(&str, bool)] =
    &[("account", true), ("contact", true), ("lead", true), ("new_pet", true), ("new_toy", false)];

fn blank() -> MarketingDataConfiguration {
    MarketingDataConfiguration::builder().build().unwrap()
}

/// A109, A113, A114, A117; facts 7.8: what is listed, and how it changes.
#[test]
fn the_listing_shows_what_can_be_selected_is_selected_and_is_published() {
    let catalogue = catalogue(TABLES);
    let config = blank().request(&table("new_pet"), &catalogue).unwrap();
    let before = config.listing(&catalogue, START);
    assert_eq!(
        states(&before),
        [
            ("account", TableState::Published),
            ("contact", TableState::Published),
            ("lead", TableState::Available),
            ("msevtmgt_event", TableState::Published),
            ("new_pet", TableState::Requested),
        ]
    );
    let flags = |state: TableState| (state.is_checked(), state.is_locked());
    assert_eq!(flags(TableState::Available), (false, false));
    assert_eq!(flags(TableState::Requested), (true, false));

    let published =
        config.publication(&catalogue).unwrap().confirm(START, Profile::Documents).unwrap();
    // The page that was open shows what it showed; a reload shows it ticked and greyed at once.
    assert_eq!(before[4].state, TableState::Requested);
    let at = |now| published.configuration.listing(&catalogue, now)[4].clone();
    assert_eq!(at(START).state, TableState::Publishing(published.usable_at));
    assert_eq!(flags(at(START).state), (true, true));
    assert_eq!(at(published.usable_at).state, TableState::Published);
    assert_eq!(flags(TableState::Published), (true, true));
}

/// A109, A113: custom tables too, but none without change tracking.
#[test]
fn any_table_with_change_tracking_may_be_requested() {
    let catalogue = catalogue(TABLES);
    let config = blank();
    let config = config.request(&table("lead"), &catalogue).unwrap();
    let config = config.request(&table("new_pet"), &catalogue).unwrap();
    assert!(config.requested().contains(&table("lead")));
    assert!(config.requested().contains(&table("new_pet")));
    let error = config.request(&table("new_toy"), &catalogue).unwrap_err();
    assert_eq!(error.kind(), TableErrorKind::ChangeTracking);
    let error = config.request(&table("new_zoo"), &catalogue).unwrap_err();
    assert_eq!(error.kind(), TableErrorKind::Unknown);
    assert_eq!(config.request(&table("contact"), &catalogue).as_ref(), Ok(&config));
}

/// A107; facts 7.8, section 10: what is published stays; what is merely requested can be given back.
#[test]
fn a_published_table_is_not_given_back() {
    let catalogue = catalogue(TABLES);
    let config = blank().request(&table("lead"), &catalogue).unwrap();
    assert_eq!(config.unrequest(&table("lead")), Ok(blank()));
    let published = config.publication(&catalogue).unwrap().confirm(START, Profile::Documents);
    let published = published.unwrap().configuration;
    for name in ["lead", "contact", "account", "msevtmgt_event"] {
        let error = published.unrequest(&table(name)).unwrap_err();
        assert_eq!((error.kind(), error.table()), (TableErrorKind::Published, Some(&table(name))));
        assert_eq!(
            error.to_string(),
            format!(
                "table {name}: expected a table that is merely requested, found it published for \
                 good"
            )
        );
    }
    assert_eq!(
        blank().check_change(&published).unwrap_err().to_string(),
        "published: expected lead, which is published for good, found a list without it"
    );
}

/// A114, A115, A116; facts 7.8, section 9 item 32.
#[test]
fn publishing_is_confirmed_acknowledged_and_awaited() {
    let catalogue = catalogue(TABLES);
    let config = blank().request(&table("lead"), &catalogue).unwrap();
    // Shown, but not confirmed.
    let publication = config.publication(&catalogue).unwrap();
    assert_eq!(publication.adds().collect::<Vec<_>>(), [&table("lead")]);
    drop(publication);
    assert!(!config.published().contains(&table("lead")));

    for (profile, wait) in
        [(Profile::Documents, TimeDelta::minutes(30)), (Profile::Current, TimeDelta::hours(24))]
    {
        let published = config.publication(&catalogue).unwrap().confirm(START, profile).unwrap();
        assert_eq!(published.added, [table("lead")]);
        assert_eq!(published.usable_at, START + wait);
        assert!(published.configuration.requested().is_empty());
        let usable = |now| published.configuration.published().is_usable(&table("lead"), now);
        assert!(!usable(START + wait - TimeDelta::seconds(1)) && usable(START + wait));

        // No acknowledgement: after a minute once more, which changes nothing.
        let sent = |acknowledged, seconds| {
            AcknowledgementState::of(START, acknowledged, START + TimeDelta::seconds(seconds))
        };
        let until = START + Publication::ACKNOWLEDGED_WITHIN;
        assert_eq!(sent(false, 59), AcknowledgementState::Wait(until));
        assert_eq!(sent(false, 60), AcknowledgementState::Repeat);
        assert_eq!(sent(true, 600), AcknowledgementState::Acknowledged);
        let again = published.configuration.publication(&catalogue).unwrap();
        let again = again.confirm(START + TimeDelta::minutes(1), profile).unwrap();
        assert_eq!((again.added, again.configuration), (vec![], published.configuration));
    }
}

/// A113: a table whose change tracking was switched off since it was requested is not published.
#[test]
fn what_lost_its_change_tracking_is_not_published() {
    let before = catalogue(TABLES);
    let config = blank().request(&table("lead"), &before).unwrap();
    let config = config.request(&table("new_pet"), &before).unwrap();
    let after = catalogue(&[("lead", true), ("new_pet", false)]);
    let error = config.publication(&after).unwrap_err();
    assert_eq!(error.kind(), TableErrorKind::ChangeTracking);
    assert!(states(&config.listing(&after, START)).contains(&("new_pet", TableState::Requested)));
    let config = config.unrequest(&table("new_pet")).unwrap();
    assert!(config.publication(&after).is_ok());
}

/// A110, A111, A112; facts 7.8: what a segment, dynamic content and a scoring model lack.
#[test]
fn segments_dynamic_content_and_scoring_use_only_synchronized_tables() {
    let catalogue = catalogue(TABLES);
    let config = blank().request(&table("lead"), &catalogue).unwrap();
    let [contact, lead, pet] = ["contact", "lead", "new_pet"].map(table);
    for (needed_by, name) in [
        (DataUse::Segmentation, "segmentation"),
        (DataUse::DynamicContent, "dynamic content"),
        (DataUse::LeadScoring, "lead scoring"),
    ] {
        assert_eq!(config.missing(needed_by, [&contact], START), None);
        assert_eq!(config.missing(needed_by, [], START), None);
        let missing = config.missing(needed_by, [&pet, &lead, &contact, &lead], START).unwrap();
        assert_eq!(missing.needed_by, needed_by);
        assert_eq!(missing.unpublished, [lead.clone(), pet.clone()]);
        assert_eq!(
            missing.to_string(),
            format!(
                "{name}: expected synchronized tables, found lead, which is not; new_pet, which \
                 is not"
            )
        );
        let published = config.publication(&catalogue).unwrap();
        let published = published.confirm(START, Profile::Documents).unwrap();
        let missing =
            |now| published.configuration.missing(needed_by, [&lead, &contact, &pet], now);
        assert_eq!(
            missing(START).unwrap().to_string(),
            format!(
                "{name}: expected synchronized tables, found new_pet, which is not; lead, which \
                 will be by 1970-01-01T00:30:00+00:00"
            )
        );
        let later = missing(published.usable_at).unwrap();
        assert_eq!((later.unpublished, later.not_yet_usable), (vec![pet.clone()], vec![]));
    }
}

proptest! {
    /// A107, A108: whatever is done, nothing published goes, and each state may follow the one before.
    #[test]
    fn the_published_set_only_grows(steps in prop::collection::vec((0..3_u8, 0..8_usize), 0..40)) {
        let names: Vec<_> = (0..8).map(|n| format!("new_t{n}")).collect();
        let known: Vec<_> = names.iter().map(|name| (name.as_str(), true)).collect();
        let catalogue = catalogue(&known);
        let mut config = blank();
        let mut now = START;
        for (step, n) in steps {
            let name = table(&names[n]);
            now += TimeDelta::minutes(7);
            let next = match step {
                0 => config.request(&name, &catalogue).unwrap(),
                1 => match config.unrequest(&name) {
                    Ok(next) => next,
                    Err(error) => {
                        prop_assert_eq!(error.kind(), TableErrorKind::Published);
                        prop_assert!(config.published().contains(&name));
                        config.clone()
                    }
                },
                _ => {
                    let publication = config.publication(&catalogue).unwrap();
                    publication.confirm(now, Profile::Documents).unwrap().configuration
                }
            };
            for (published, usable_at) in config.published().iter() {
                let kept = next.published().iter().find(|(table, _)| *table == published);
                prop_assert_eq!(kept, Some((published, usable_at)));
            }
            // What publishing did is not done by saving.
            let same = next.published() == config.published();
            prop_assert_eq!(next.check_change(&config).is_ok(), same);
            let json = serde_json::to_string(&next).unwrap();
            prop_assert_eq!(&serde_json::from_str::<MarketingDataConfiguration>(&json).unwrap(), &next);
            config = next;
        }
    }

    /// A072, A103: whatever configurations a page is opened under, its portal stays, and so does its
    /// first banner.
    #[test]
    fn a_page_keeps_its_portal_and_its_first_banner(texts in prop::collection::vec("[a-z]{0,3}", 1..12)) {
        let config = |text: &str, website: usize| {
            let config = set("x").website(RecordId::new(website as u128));
            if text.is_empty() {
                config.build().unwrap()
            } else {
                config.insert_privacy_banner(true).privacy_banner_text(text).build().unwrap()
            }
        };
        let mut page = MarketingPage::new(&config(&texts[0], 0));
        for (website, text) in texts.iter().enumerate().skip(1) {
            page = page.opened(&config(text, website)).0;
        }
        prop_assert_eq!(page.hosting().website, Some(Link::new(RecordId::new(0))));
        let first = texts.iter().find(|text| !text.is_empty());
        let expected = first.map(|text| MarketingPage::new(&config(text, 0)));
        prop_assert_eq!(page.banner(), expected.as_ref().and_then(MarketingPage::banner));
        let json = serde_json::to_string(&page).unwrap();
        prop_assert_eq!(serde_json::from_str::<MarketingPage>(&json).unwrap(), page);
    }
}
