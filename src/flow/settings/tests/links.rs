//! What refers to what.

use super::*;
use crate::settings::{
    AppointmentsMethod, EmailServerProfile, EmailServerType, EmailSettings,
    LandingPageConfiguration, Link, Mailbox, MailboxOwner, MarketingDataConfiguration,
    MatchingStrategy, MatchingTarget, PersonalOptions, QueueSettings, RequestedTables,
    SettingErrorKind, SlotFault, TableName,
};

type Config = LandingPageConfiguration;

const CONTACTS: RecordId = id(1);
const LEADS: RecordId = id(2);

/// With both strategies that the product comes with.
fn with_strategies() -> Table {
    let (store, editor) = (provisioned(), administrator());
    for (id, target) in [(CONTACTS, MatchingTarget::Contact), (LEADS, MatchingTarget::Lead)] {
        let value = MatchingStrategy::out_of_box(target).build().unwrap();
        let _ = done(run(create(&store, &editor, id, value)));
    }
    store
}

fn config(contacts: RecordId, leads: RecordId) -> Config {
    let config = Config::builder().name("x").contact_matching_strategy(contacts);
    config.lead_matching_strategy(leads).build().unwrap()
}

fn version_of(store: &Table, id: RecordId) -> Version {
    run(get::<MatchingStrategy, _>(store, TENANT, id)).unwrap().unwrap().version
}

fn delete_strategy(store: &Table, id: RecordId) -> Changed<MatchingStrategy> {
    run(delete(store, &administrator(), id, version_of(store, id))).unwrap()
}

#[test]
fn a_matching_strategy_in_use_is_not_deleted_and_its_users_are_named() {
    let (store, editor) = (with_strategies(), administrator());
    let _ = done(run(create(&store, &editor, id(10), config(CONTACTS, LEADS))));
    let _ = done(run(create(&store, &editor, id(11), config(CONTACTS, LEADS))));
    let by = vec![RecordKind::LandingPage.of(id(10)), RecordKind::LandingPage.of(id(11))];
    assert_eq!(delete_strategy(&store, LEADS), Changed::Refused(Refused::InUse { by }));

    for number in [10, 11] {
        let seen = run(get::<Config, _>(&store, TENANT, id(number))).unwrap().unwrap();
        let _ = done(run(delete::<Config, _>(&store, &editor, id(number), seen.version)));
    }
    assert!(delete_strategy(&store, LEADS).done().is_some());
    // Of very many users the first hundred are named.
    for number in 100..210 {
        let value = config(CONTACTS, id(77));
        store.put(kept(&store, &Stored::new(id(number), VERSIONS.next(), NOW, value)));
    }
    let Changed::Refused(Refused::InUse { by }) = delete_strategy(&store, CONTACTS) else {
        panic!("expected users");
    };
    assert_eq!(by.len(), Refused::SHOWN);
}

#[test]
fn what_is_referred_to_must_be_there_and_fit() {
    let (store, editor) = (with_strategies(), administrator());
    let missing = run(create(&store, &editor, id(10), config(CONTACTS, id(3))));
    let strategy = RecordKind::MatchingStrategy.of(id(3));
    assert_eq!(refused(missing), Refused::NoTarget(strategy));
    let swapped = refused(run(create(&store, &editor, id(10), config(LEADS, CONTACTS))));
    let Refused::WrongTarget(error) = &swapped else { panic!("{swapped:?}") };
    assert_eq!(error.fault(), SlotFault::WrongTarget);
    assert!(swapped.to_string().starts_with("lead matching strategy: expected a strategy"));
    assert_eq!(run(list::<Config, _>(&store, TENANT)).unwrap(), []);

    // What is referred to keeps its target, and may change otherwise.
    let made = done(run(create(&store, &editor, id(10), config(CONTACTS, LEADS))));
    let leads = run(get::<MatchingStrategy, _>(&store, TENANT, LEADS)).unwrap().unwrap();
    let other = leads.value.to_builder().target(MatchingTarget::Contact).build().unwrap();
    let changed = refused(run(change(&store, &editor, LEADS, leads.version, other.clone())));
    assert_eq!(changed, Refused::InUse { by: vec![RecordKind::LandingPage.of(id(10))] });
    let renamed = leads.value.to_builder().name("other").build().unwrap();
    let renamed = done(run(change(&store, &editor, LEADS, leads.version, renamed)));
    let _ = done(run(delete::<Config, _>(&store, &editor, id(10), made.version)));
    let _ = done(run(change(&store, &editor, LEADS, renamed.version, other)));
}

#[test]
fn strategies_that_are_exchanged_must_fit_their_new_places() {
    let (store, editor) = (with_strategies(), administrator());
    let made = done(run(create(&store, &editor, id(10), config(CONTACTS, LEADS))));
    let versions = [version_of(&store, CONTACTS), version_of(&store, LEADS)];
    for wrong in [config(LEADS, CONTACTS), config(LEADS, LEADS), config(CONTACTS, CONTACTS)] {
        let reason = refused(run(change(&store, &editor, id(10), made.version, wrong)));
        let Refused::WrongTarget(error) = &reason else { panic!("{reason:?}") };
        assert_eq!(error.fault(), SlotFault::WrongTarget);
    }
    // What was referred to before gets no other version.
    let other = MatchingStrategy::out_of_box(MatchingTarget::Lead).build().unwrap();
    let other = done(run(create(&store, &editor, id(3), other)));
    let changed = run(change(&store, &editor, id(10), made.version, config(CONTACTS, id(3))));
    let _ = done(changed);
    assert_eq!([version_of(&store, CONTACTS), version_of(&store, LEADS)], versions);
    assert_ne!(version_of(&store, id(3)), other.version);
}

/// Another writer left a reference to nothing: it can stay, and goes to no other setting.
#[test]
fn a_reference_to_nothing_stays_where_it_is() {
    let (store, editor) = (with_strategies(), administrator());
    let stored = Stored::new(id(10), VERSIONS.next(), NOW, config(CONTACTS, id(77)));
    store.put(kept(&store, &stored));
    let moved = run(change(&store, &editor, id(10), stored.version, config(id(77), LEADS)));
    assert_eq!(refused(moved), Refused::NoTarget(RecordKind::MatchingStrategy.of(id(77))));
    let mended = run(change(&store, &editor, id(10), stored.version, config(CONTACTS, LEADS)));
    let _ = done(mended);
}

#[test]
fn of_one_who_refers_to_a_record_and_one_who_deletes_it_one_is_told() {
    // The strategy is deleted between the question and the commit of who refers to it.
    let editor = administrator();
    for call in 1..3 {
        let store = with_strategies();
        store.before(call, |store| assert!(delete_strategy(store, LEADS).done().is_some()));
        let made = run(create(&store, &editor, id(10), config(CONTACTS, LEADS)));
        let strategy = RecordKind::MatchingStrategy.of(LEADS);
        assert_eq!(refused(made), Refused::NoTarget(strategy), "call {call}");
    }
    // It is referred to between the question and the commit of who deletes it.
    for call in 0..3 {
        let store = with_strategies();
        let seen = version_of(&store, LEADS);
        store.before(call, |store| {
            let _ = done(run(create(store, &administrator(), id(10), config(CONTACTS, LEADS))));
        });
        match run(delete::<MatchingStrategy, _>(&store, &editor, LEADS, seen)).unwrap() {
            Changed::Refused(Refused::InUse { by }) => assert_eq!(by.len(), 1),
            // To refer to it gave it another version, and left the rest.
            Changed::Stale(found) => assert_eq!(found.modified, found.created),
            other => panic!("call {call}: {other:?}"),
        }
        let kept = run(get::<MatchingStrategy, _>(&store, TENANT, LEADS)).unwrap();
        assert!(kept.is_some(), "call {call}");
    }
}

/// A107; facts 7.8: what is published stays so.
#[test]
fn what_is_published_cannot_be_taken_back_or_deleted() {
    let (store, editor) = (provisioned(), administrator());
    let own = organization(TENANT);
    let json = r#"{"published":[{"table":"account"},{"table":"contact"},{"table":"msevtmgt_event"},{"table":"new_pet"}]}"#;
    let value: MarketingDataConfiguration = serde_json::from_str(json).unwrap();
    let elsewhere = run(create(&store, &editor, id(1), value.clone()));
    assert_eq!(refused(elsewhere), Refused::OneOfItsKind);
    let made = done(run(create(&store, &editor, own, value.clone())));

    let fewer = MarketingDataConfiguration::builder().build().unwrap();
    let changed = refused(run(change(&store, &editor, own, made.version, fewer)));
    let Refused::NotAllowed(error) = &changed else { panic!("{changed:?}") };
    assert_eq!(error.kind(), SettingErrorKind::Excluded);
    assert_eq!(
        changed.to_string(),
        "published: expected new_pet, which is published for good, found a list without it"
    );
    let more = value
        .to_builder()
        .requested(RequestedTables::try_from(vec![TableName::new("lead").unwrap()]).unwrap());
    let more = done(run(change(&store, &editor, own, made.version, more.build().unwrap())));
    let off =
        set_active::<MarketingDataConfiguration, _>(&store, &editor, own, more.version, false);
    assert_eq!(refused(run(off)), Refused::OneOfItsKind);
    let gone = delete::<MarketingDataConfiguration, _>(&store, &editor, own, more.version);
    assert_eq!(refused(run(gone)), Refused::OneOfItsKind);
}

/// System Settings, Email tab: appointments are not synchronized with a POP3 server. Checked where
/// either side of the reference is made or changed.
#[test]
fn a_mailbox_and_its_server_profile_go_together() {
    let (store, editor) = (provisioned(), administrator());
    let profile = |server| EmailServerProfile::builder().name("x").server(server).build().unwrap();
    let [pop3, exchange] = [EmailServerType::Pop3Smtp, EmailServerType::ExchangeServer];
    let _ = done(run(create(&store, &editor, id(1), profile(pop3))));
    let other = done(run(create(&store, &editor, id(2), profile(exchange))));
    let mailbox = |on: u128, appointments| {
        let mailbox = Mailbox::builder().name("x").profile(id(on)).appointments(appointments);
        mailbox.build().unwrap()
    };
    let none = AppointmentsMethod::None;
    let wrong = mailbox(1, AppointmentsMethod::ServerSide);
    let reason = refused(run(create(&store, &editor, id(10), wrong.clone())));
    assert!(matches!(reason, Refused::NotAdmitted(_)));
    assert!(reason.to_string().starts_with("appointments: expected another method"), "{reason}");
    // It refers to the profile already, and asks more of it.
    let made = done(run(create(&store, &editor, id(10), mailbox(1, none))));
    let reason = refused(run(change(&store, &editor, id(10), made.version, wrong)));
    assert!(matches!(reason, Refused::NotAdmitted(_)));
    // The other server does.
    let right = mailbox(2, AppointmentsMethod::ServerSide);
    let _ = done(run(change(&store, &editor, id(10), made.version, right)));
    let other = run(get::<EmailServerProfile, _>(&store, TENANT, other.id)).unwrap().unwrap();
    let changed = run(change(&store, &editor, id(2), other.version, profile(pop3)));
    let by = vec![RecordKind::Mailbox.of(id(10))];
    assert_eq!(refused(changed), Refused::InUse { by });
    // Nobody uses the first any more.
    let first = run(get::<EmailServerProfile, _>(&store, TENANT, id(1))).unwrap().unwrap();
    let _ = done(run(delete::<EmailServerProfile, _>(&store, &editor, id(1), first.version)));

    let row = provisioned();
    let _ = done(run(create(&row, &editor, id(1), profile(pop3))));
    let own = run(get::<EmailSettings, _>(&row, TENANT, organization(TENANT))).unwrap().unwrap();
    let with = own.value.to_builder().default_server_profile(id(1));
    let reason = change(&row, &editor, own.id, own.version, with.clone().build().unwrap());
    assert!(matches!(refused(run(reason)), Refused::NotAdmitted(_)));
    let with = with.appointments_method(none).build().unwrap();
    let with = done(run(change(&row, &editor, own.id, own.version, with)));
    let more = with.value.to_builder().appointments_method(AppointmentsMethod::ServerSide);
    let reason = change(&row, &editor, own.id, with.version, more.build().unwrap());
    assert!(matches!(refused(run(reason)), Refused::NotAdmitted(_)));
}

/// Facts 4.2, 4.3: a user and a queue have their mailboxes.
#[test]
fn a_queue_its_mailbox_and_the_options_of_a_user_refer_to_one_another() {
    let (store, editor) = (provisioned(), administrator());
    let queue = QueueSettings::builder().name("x");
    let owner = MailboxOwner::Queue(Link::new(id(20)));
    let mailbox = Mailbox::builder().name("x").owner(owner).build().unwrap();
    let [the_mailbox, the_queue] = [RecordKind::Mailbox.of(id(10)), RecordKind::Queue.of(id(20))];

    let made = run(create(&store, &editor, id(10), mailbox.clone()));
    assert_eq!(refused(made), Refused::NoTarget(the_queue));
    let with = queue.clone().mailbox(id(10)).build().unwrap();
    let made = run(create(&store, &editor, id(20), with.clone()));
    assert_eq!(refused(made), Refused::NoTarget(the_mailbox));
    let options = PersonalOptions::builder().mailbox(id(10)).build().unwrap();
    let made = run(create(&store, &editor, id(5), options.clone()));
    assert_eq!(refused(made), Refused::NoTarget(the_mailbox));

    let alone = queue.build().unwrap();
    let _ = done(run(create(&store, &editor, id(20), alone.clone())));
    let _ = done(run(create(&store, &editor, id(10), mailbox)));
    let queue_now = || run(get::<QueueSettings, _>(&store, TENANT, id(20))).unwrap().unwrap();
    let changed = done(run(change(&store, &editor, id(20), queue_now().version, with)));
    let options = done(run(create(&store, &editor, id(5), options)));

    let mailbox_now = || run(get::<Mailbox, _>(&store, TENANT, id(10))).unwrap().unwrap();
    let delete_mailbox =
        || run(delete::<Mailbox, _>(&store, &editor, id(10), mailbox_now().version));
    let mut by = vec![the_queue, RecordKind::PersonalOptions.of(id(5))];
    by.sort_unstable();
    assert_eq!(refused(delete_mailbox()), Refused::InUse { by });
    let gone = run(delete::<QueueSettings, _>(&store, &editor, id(20), changed.version));
    assert_eq!(refused(gone), Refused::InUse { by: vec![the_mailbox] });

    let _ = done(run(delete::<PersonalOptions, _>(&store, &editor, id(5), options.version)));
    let _ = done(run(change(&store, &editor, id(20), changed.version, alone)));
    let _ = done(delete_mailbox());
    let seen = queue_now().version;
    let _ = done(run(delete::<QueueSettings, _>(&store, &editor, id(20), seen)));
}

#[test]
fn mailboxes_are_made_at_once_on_one_profile_whose_version_stays() {
    let (store, editor) = (provisioned(), administrator());
    let profile = EmailServerProfile::builder().name("x").server(EmailServerType::ExchangeOnline);
    let profile = done(run(create(&store, &editor, id(1), profile.build().unwrap())));
    let make = |store: &Table, number| {
        let mailbox = Mailbox::builder().name("x").profile(id(1)).build().unwrap();
        done(run(create(store, &administrator(), id(number), mailbox)))
    };
    // In each round another one is faster: load, load, commit.
    for round in 0..ROUNDS {
        store.before(2 + 6 * round, move |store| {
            let _ = make(store, 100 + round as u128);
        });
    }
    let start = store.calls();
    let _ = make(&store, 10);
    assert_eq!(store.calls() - start, 6, "one round, and that of who was faster");
    let seen = run(get::<EmailServerProfile, _>(&store, TENANT, id(1))).unwrap().unwrap();
    assert_eq!(seen.version, profile.version);
    // The organization's own settings mark it.
    let own = run(get::<EmailSettings, _>(&store, TENANT, organization(TENANT))).unwrap().unwrap();
    let with = own.value.to_builder().default_server_profile(id(1)).build().unwrap();
    let _ = done(run(change(&store, &editor, own.id, own.version, with)));
    let seen = run(get::<EmailServerProfile, _>(&store, TENANT, id(1))).unwrap().unwrap();
    assert_ne!(seen.version, profile.version);
}

#[test]
fn a_user_that_cannot_be_read_refers_to_whom_it_names() {
    let store = with_strategies();
    let later = config(CONTACTS, id(77));
    let body = serde_json::to_string(&later).unwrap().replace("name", "title");
    let record = Record::new(Config::KIND.of(id(10)), NOW, body).unwrap();
    store.put(Versioned { record, version: Version::new(9) });
    let by = vec![Config::KIND.of(id(10))];
    assert_eq!(delete_strategy(&store, CONTACTS), Changed::Refused(Refused::InUse { by }));
    assert!(delete_strategy(&store, LEADS).done().is_some());
    let gone = run(delete::<Config, _>(&store, &administrator(), id(10), Version::new(9)));
    assert_eq!(gone.unwrap(), Changed::Removed);
    assert!(delete_strategy(&store, CONTACTS).done().is_some());
}
