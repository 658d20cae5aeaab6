//! A new organization, and all of its settings at once.

use super::*;
use crate::settings::{
    AuthenticatedDomain, CheckOutcome, ContentSettings, DefaultMarketingSettings, Deployment,
    DomainPart, DomainRequest, DomainStatus, EmailServerProfile, EmailServerType, EmailSettings,
    LandingPageConfiguration, Link, MarketingDataConfiguration, MatchingStrategy,
    OrganizationProperties, Profile, TableName,
};

const IDS: NewIds = NewIds {
    domain: id(10),
    marketing_defaults: id(11),
    contact_strategy: id(12),
    lead_strategy: id(13),
    landing_page: id(14),
};

fn new_organization() -> NewOrganization {
    with_ids(IDS)
}

fn with_ids(ids: NewIds) -> NewOrganization {
    let host = "contoso.crm.dynamics.com".parse().unwrap();
    let website = Link::new(id(20));
    NewOrganization::new(Profile::Documents, &host, NOW.date_naive(), website, ids).unwrap()
}

fn made() -> Table {
    let store = Table::new();
    let made = run(provision(&store, &administrator(), &new_organization())).unwrap();
    assert_eq!(made, Provisioned::Now);
    store
}

fn all_of<T: SettingsRecord>(store: &Table) -> Vec<Stored<T>> {
    run(list(store, TENANT)).unwrap()
}

/// A025, A036, A037; facts 6.4: a new organization can send from its own domain at once.
#[test]
fn a_new_organization_sends_from_its_instance_domain() {
    let store = made();
    let [domain] = all_of::<AuthenticatedDomain>(&store).try_into().unwrap();
    assert_eq!(domain.value.name().as_str(), "contoso-dyn365mktg.com", "A025");
    assert_eq!(domain.value.status(DomainPart::Ownership), DomainStatus::Confirmed);
    assert_eq!(domain.value.status(DomainPart::Email), DomainStatus::Confirmed, "A036");
    assert!(domain.value.can_send());
    let set = run(default_of::<DefaultMarketingSettings, _>(&store, TENANT)).unwrap().unwrap();
    assert_eq!(set.value.default_sending_domain().map(Link::id), Some(domain.id), "A037");
    assert!(!set.value.enable_litmus() && !set.value.enable_double_opt_in());
    let snapshot = run(load(&store, TENANT)).unwrap();
    assert_eq!(snapshot.default_sending_domain(), Some(&domain));

    let inactive = set_active::<AuthenticatedDomain, _>;
    let _ = done(run(inactive(&store, &administrator(), domain.id, domain.version, false)));
    assert_eq!(run(load(&store, TENANT)).unwrap().default_sending_domain(), None);
}

/// A068, A108; facts 5.9, 7.2, 7.8, section 13.
#[test]
fn a_new_organization_has_one_landing_page_configuration_and_its_tables() {
    let store = made();
    let [page] = all_of::<LandingPageConfiguration>(&store).try_into().unwrap();
    assert!(page.is_default());
    assert_eq!(page.value.website().map(Link::id), Some(id(20)));
    let strategies = all_of::<MatchingStrategy>(&store);
    let found = page.value.strategies(&strategies).unwrap();
    let names = |strategy: &MatchingStrategy| {
        let names = strategy.attributes().as_slice().iter();
        names.map(|name| name.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&found.contact.value), ["emailaddress1"]);
    assert_eq!(names(&found.lead.value), ["emailaddress1", "msdyncrm_marketingpageid"]);

    let [data] = all_of::<MarketingDataConfiguration>(&store).try_into().unwrap();
    for table in ["contact", "account", "msevtmgt_event"] {
        assert!(data.value.published().contains(&TableName::new(table).unwrap()), "{table}");
    }
    let [email] = all_of::<EmailSettings>(&store).try_into().unwrap();
    assert_eq!((email.id, &email.value), (organization(TENANT), &EmailSettings::default()));
    let [properties] = all_of::<OrganizationProperties>(&store).try_into().unwrap();
    assert_eq!(properties.value, OrganizationProperties::default());
    assert_eq!(all_of::<LeadScoringConfiguration>(&store), []);
    assert_eq!(all_of::<EmailServerProfile>(&store), []);
}

#[test]
fn provisioning_again_changes_nothing_and_says_so() {
    let (store, editor) = (made(), administrator());
    let own = organization(TENANT);
    let email = run(get::<EmailSettings, _>(&store, TENANT, own)).unwrap().unwrap();
    let other = email.value.to_builder().use_tracking_tokens(false).build().unwrap();
    let changed = done(run(change(&store, &editor, own, email.version, other)));
    let before = run(load(&store, TENANT)).unwrap();
    let again = run(provision(&store, &editor, &new_organization())).unwrap();
    assert_eq!(again, Provisioned::Before);
    // By other ids too: an organization is made once.
    let ids = NewIds { domain: id(30), landing_page: id(34), ..IDS };
    let host = "fabrikam.crm.dynamics.com".parse().unwrap();
    let website = Link::new(id(21));
    let other = NewOrganization::new(Profile::Current, &host, NOW.date_naive(), website, ids);
    assert_eq!(run(provision(&store, &editor, &other.unwrap())).unwrap(), Provisioned::Before);
    let after = run(load(&store, TENANT)).unwrap();
    assert_eq!(after, before);
    assert_eq!(after.email, changed);
}

#[test]
fn of_two_who_provision_at_once_one_makes_the_organization() {
    // The calls: load, commit.
    for call in 0..2 {
        let store = Table::new();
        store.before(call, |store| {
            let made = run(provision(store, &administrator(), &new_organization())).unwrap();
            assert_eq!(made, Provisioned::Now);
        });
        let ids = NewIds { landing_page: id(34), marketing_defaults: id(31), ..IDS };
        let slower = with_ids(ids);
        let late = run(provision(&store, &administrator(), &slower)).unwrap();
        assert_eq!(late, Provisioned::Before, "call {call}");
        assert_eq!(all_of::<LandingPageConfiguration>(&store).len(), 1);
        assert_eq!(all_of::<DefaultMarketingSettings>(&store).len(), 1);
    }
}

#[test]
fn provisioning_takes_both_permissions() {
    let store = Table::new();
    for missing in [Permission::MarketingSettings, Permission::EmailSettings] {
        let actor = Actor::new(id(99), Permissions::ALL.without(missing));
        let editor = Editor { actor, ..administrator() };
        let denied = run(provision(&store, &editor, &new_organization())).unwrap();
        assert_eq!(denied, Provisioned::Denied(missing));
    }
    assert_eq!(store.calls(), 0);
}

/// What another writer left there is not written over.
#[test]
fn provisioning_makes_nothing_where_a_record_is_in_the_way() {
    let value = page(|page| page.default(true));
    for (other, own) in [(14, true), (77, false)] {
        let store = Table::new();
        store.put(kept(&store, &Stored::new(id(other), Version::new(9), NOW, value.clone())));
        let found = run(provision(&store, &administrator(), &new_organization())).unwrap();
        let other = RecordKind::LandingPage.of(id(other));
        assert_eq!(found, Provisioned::Occupied(other), "own id: {own}");
        let error = run(load(&store, TENANT)).unwrap_err();
        assert_eq!(error.kind(), FlowErrorKind::NotProvisioned);
    }
}

#[test]
fn the_records_of_a_new_organization_have_ids_of_their_own() {
    let new = |ids| {
        let host = "contoso.crm.dynamics.com".parse().unwrap();
        let on = NOW.date_naive();
        NewOrganization::new(Profile::Documents, &host, on, Link::new(id(20)), ids)
    };
    let error = new(NewIds { lead_strategy: IDS.contact_strategy, ..IDS }).unwrap_err();
    assert_eq!(
        error.to_string(),
        "lead_strategy: expected another id than contact_strategy has, found \
         0000000000000000000000000000000c"
    );
    // Of different kinds too.
    let error = new(NewIds { landing_page: IDS.domain, ..IDS }).unwrap_err();
    assert_eq!(error.field(), "landing_page");
    let profile = |server| EmailServerProfile::builder().name("x").server(server).build().unwrap();
    let [exchange, pop3] =
        [EmailServerType::ExchangeOnline, EmailServerType::Pop3Smtp].map(profile);
    let with = |id, profile| new_organization().with_server_profile(id, profile);
    let error = with(IDS.domain, exchange.clone()).unwrap_err();
    assert_eq!(error.field(), "server_profile");
    assert!(with(id(40), exchange).is_ok());
    let error = with(id(40), pop3).unwrap_err();
    assert!(error.to_string().starts_with("appointments: expected another method"), "{error}");
}

/// B007, B008: the profile for Exchange Online is made automatically, and is the default one.
#[test]
fn an_organization_is_provisioned_with_its_server_profile() {
    let store = Table::new();
    let automatic =
        EmailServerProfile::automatic(Deployment::Online, EmailServerType::ExchangeOnline);
    let new = new_organization().with_server_profile(id(40), automatic.unwrap()).unwrap();
    let made = run(provision(&store, &administrator(), &new)).unwrap();
    assert_eq!(made, Provisioned::Now);
    let profile = run(get::<EmailServerProfile, _>(&store, TENANT, id(40))).unwrap().unwrap();
    let snapshot = run(load(&store, TENANT)).unwrap();
    assert_eq!(snapshot.email.value.default_server_profile().map(Link::id), Some(id(40)));
    let kind = RecordKind::EmailServerProfile;
    assert!(snapshot.in_force().contains(&(kind.of(id(40)), profile.version)));
    // It is in use.
    let editor = administrator();
    let deleted = run(delete::<EmailServerProfile, _>(&store, &editor, id(40), profile.version));
    let by = vec![RecordKind::EmailSettings.of(organization(TENANT))];
    assert_eq!(refused(deleted), Refused::InUse { by });
}

#[test]
fn the_organizations_own_row_is_neither_deleted_nor_made_twice() {
    let (store, editor) = (made(), administrator());
    let own = organization(TENANT);
    let email = run(get::<EmailSettings, _>(&store, TENANT, own)).unwrap().unwrap();
    let gone = run(delete::<EmailSettings, _>(&store, &editor, own, email.version));
    assert_eq!(refused(gone), Refused::OneOfItsKind);
    let second = run(create(&store, &editor, id(50), email.value.clone()));
    assert_eq!(refused(second), Refused::OneOfItsKind);
    let again = run(create(&store, &editor, own, email.value.clone())).unwrap();
    assert_eq!(again, Changed::Stale(email));
}

/// A134, A135; facts 7.4.
#[test]
fn of_any_number_of_default_settings_sets_the_default_one_counts() {
    let (store, editor) = (made(), administrator());
    for number in 50..60 {
        let value = DefaultMarketingSettings::builder().name("x").enable_litmus(true);
        let _ = done(run(create(&store, &editor, id(number), value.build().unwrap())));
    }
    assert_eq!(all_of::<DefaultMarketingSettings>(&store).len(), 11, "A134");
    let snapshot = run(load(&store, TENANT)).unwrap();
    assert_eq!(snapshot.marketing_defaults.unwrap().id, IDS.marketing_defaults, "A135");
    let _ = done(run(make_default::<DefaultMarketingSettings, _>(&store, &editor, id(55))));
    let set = run(load(&store, TENANT)).unwrap().marketing_defaults.unwrap();
    assert!(set.id == id(55) && set.value.enable_litmus());
    // To have none is allowed.
    let none = set.value.with_default(false);
    let _ = done(run(change(&store, &editor, set.id, set.version, none)));
    let snapshot = run(load(&store, TENANT)).unwrap();
    assert_eq!((&snapshot.marketing_defaults, snapshot.default_sending_domain()), (&None, None));
}

#[test]
fn a_domain_or_content_settings_in_use_are_not_deleted() {
    let (store, editor) = (made(), administrator());
    let domain = run(get::<AuthenticatedDomain, _>(&store, TENANT, IDS.domain)).unwrap().unwrap();
    let by = vec![RecordKind::MarketingDefaults.of(IDS.marketing_defaults)];
    let deleted = run(delete::<AuthenticatedDomain, _>(&store, &editor, domain.id, domain.version));
    assert_eq!(refused(deleted), Refused::InUse { by: by.clone() });

    let content = ContentSettings::builder().name("x").address_main("a").subscription_center("b");
    let _ = done(run(create(&store, &editor, id(60), content.build().unwrap())));
    let set = run(default_of::<DefaultMarketingSettings, _>(&store, TENANT)).unwrap().unwrap();
    let with = set.value.to_builder().default_content_settings(id(60)).build().unwrap();
    let _ = done(run(change(&store, &editor, set.id, set.version, with)));
    let content = run(get::<ContentSettings, _>(&store, TENANT, id(60))).unwrap().unwrap();
    let deleted = run(delete::<ContentSettings, _>(&store, &editor, id(60), content.version));
    assert_eq!(refused(deleted), Refused::InUse { by });
}

#[test]
fn a_snapshot_shows_what_was_in_force_together() {
    let calls = {
        let store = made();
        let before = store.calls();
        run(load(&store, TENANT)).unwrap();
        store.calls() - before
    };
    for call in 0..calls {
        let store = made();
        let editor = administrator();
        let second = DefaultMarketingSettings::builder().name("second").build().unwrap();
        let _ = done(run(create(&store, &editor, id(50), second)));
        // Both defaults move in the middle of it, first this one, then that one.
        store.before(call, |store| {
            let editor = administrator();
            let value = run(get::<LandingPageConfiguration, _>(store, TENANT, IDS.landing_page));
            let value = value.unwrap().unwrap().value.with_default(true);
            let _ = done(run(create(store, &editor, id(51), value)));
            let set = run(make_default::<DefaultMarketingSettings, _>(store, &editor, id(50)));
            let _ = done(set);
        });
        let snapshot = run(load(&store, TENANT)).unwrap();
        let found = (snapshot.landing_page.id, snapshot.marketing_defaults.unwrap().id);
        let [before, after] = [(IDS.landing_page, IDS.marketing_defaults), (id(51), id(50))];
        assert!(found == before || found == after, "call {call}: {found:?}");
    }
    let store = made();
    let scoring = LeadScoringConfiguration::builder().name("x").automatic_cleanup(false);
    let _ = done(run(create(&store, &administrator(), id(70), scoring.build().unwrap())));
    let snapshot = run(load(&store, TENANT)).unwrap();
    assert!(snapshot.switches().sales_ready && !snapshot.switches().cleanup);
    assert!(snapshot.in_force().iter().any(|(of, _)| of.kind() == RecordKind::LeadScoring));
}

/// Facts 6.3: only the domain of the instance is confirmed from the start, and under its name.
#[test]
fn nobody_confirms_a_domain_or_gives_a_confirmed_one_another_name() {
    let (store, editor) = (made(), administrator());
    let own = run(get::<AuthenticatedDomain, _>(&store, TENANT, IDS.domain)).unwrap().unwrap();
    let stolen = own.value.to_builder().name("paypal.com").build().unwrap();
    assert!(stolen.can_send());
    let changed = run(change(&store, &editor, own.id, own.version, stolen.clone()));
    assert!(matches!(refused(changed), Refused::NotAllowed(_)));
    let created = refused(run(create(&store, &editor, id(70), stolen.clone())));
    let Refused::NotAllowed(error) = &created else { panic!("{created:?}") };
    assert_eq!(error.field(), "ownership_status");

    let new = AuthenticatedDomain::new("paypal.com", DomainRequest::EMAIL).unwrap();
    let new = done(run(create(&store, &editor, id(70), new)));
    let at_once = run(change(&store, &editor, id(70), new.version, stolen));
    assert!(matches!(refused(at_once), Refused::NotAllowed(_)));
    // After DNS answered.
    let asked = new.value.begin_confirmation().unwrap();
    let asked = done(run(change(&store, &editor, id(70), new.version, asked)));
    let found = CheckOutcome::Confirmed(NOW.date_naive());
    let answered = asked.value.answered(DomainPart::Ownership, found).unwrap();
    let answered = answered.answered(DomainPart::Email, found).unwrap();
    let answered = done(run(change(&store, &editor, id(70), asked.version, answered)));
    assert!(answered.value.can_send());
}

/// How many calls it takes to read everything where nobody else is there.
fn calls_of_load() -> usize {
    let store = made();
    let before = store.calls();
    run(load(&store, TENANT)).unwrap();
    store.calls() - before
}

/// First one thing comes, then another: whoever has the second has the first.
#[test]
fn a_snapshot_shows_no_absence_that_had_ended() {
    for call in 0..calls_of_load() {
        let store = made();
        store.before(call, |store| {
            let editor = administrator();
            let protection = DataProtection::builder().name("x").default(true).build().unwrap();
            let _ = done(run(create(store, &editor, id(71), protection)));
            let profile = EmailServerProfile::builder().name("x");
            let profile = profile.server(EmailServerType::ExchangeOnline).build().unwrap();
            let _ = done(run(create(store, &editor, id(72), profile)));
        });
        let snapshot = run(load(&store, TENANT)).unwrap();
        let profiles = &snapshot.email_server_profiles;
        let found = (snapshot.data_protection.is_some(), !profiles.is_empty());
        assert!(found.0 == found.1, "call {call}: {found:?}");
    }
}

/// A002: a later lead scoring configuration takes the place of the former without touching it.
#[test]
fn a_snapshot_shows_no_lead_scoring_that_was_overtaken() {
    let scoring = |cleanup| {
        LeadScoringConfiguration::builder().name("x").automatic_cleanup(cleanup).build().unwrap()
    };
    for call in 0..calls_of_load() {
        let (store, editor) = (made(), administrator());
        let _ = done(run(create(&store, &editor, id(70), scoring(true))));
        let second = DefaultMarketingSettings::builder().name("second").build().unwrap();
        let _ = done(run(create(&store, &editor, id(50), second)));
        store.before(call, move |store| {
            let later = NOW + TimeDelta::minutes(2);
            let editor = Editor { now: later, ..administrator() };
            let _ = done(run(create(store, &editor, id(69), scoring(false))));
            let _ = done(run(make_default::<DefaultMarketingSettings, _>(store, &editor, id(50))));
        });
        let snapshot = run(load(&store, TENANT)).unwrap();
        let set = snapshot.marketing_defaults.as_ref().unwrap().id;
        let found = (snapshot.switches().cleanup, set);
        let [before, after] = [(true, IDS.marketing_defaults), (false, id(50))];
        assert!(found == before || found == after, "call {call}: {found:?}");
    }
}

/// To refer to a record gives it another version and changes nothing else.
#[test]
fn a_snapshot_is_read_while_others_refer_to_what_is_in_force() {
    let store = made();
    let profile = EmailServerProfile::builder().name("x").server(EmailServerType::ExchangeOnline);
    let profile = profile.build().unwrap();
    let mut seen = done(run(create(&store, &administrator(), id(40), profile)));
    for call in 0..200 {
        let Stored { version, .. } = &mut seen;
        *version = VERSIONS.next();
        let kept = kept(&store, &seen);
        store.before(call, move |store| store.put(kept));
    }
    let start = store.calls();
    let snapshot = run(load(&store, TENANT)).unwrap();
    assert_eq!(snapshot.email_server_profiles[0].value, seen.value);
    assert!(store.calls() - start < 40, "one round");
}
