//! From the default methods of the organization to a mailbox, and from there to mail that is
//! processed or not.

use correspond::address::EmailAddress;
use correspond::id::RecordId;
use correspond::mailbox::{
    Approvals, FolderRules, Holder, NewMailbox, NoFolders, Processing, Unprocessed, folders,
    incoming, outgoing, provide,
};
use correspond::settings::{
    AddressApproval, AppointmentsMethod, DefaultMethods, Deployment, EmailServerProfile,
    EmailServerType, IncomingMethod, Mailbox, MailboxAddress, MailboxOwner, MailboxStatus,
    OutgoingMethod, PersonalOptions, ProcessEmailUsing, QueueSettings, TrackedFolder,
};

const SYNCHRONIZED: ProcessEmailUsing = ProcessEmailUsing::ServerSideSynchronization;
const BOTH: Approvals = Approvals { users: true, queues: true };
const NEITHER: Approvals = Approvals { users: false, queues: false };

fn user() -> MailboxOwner {
    MailboxOwner::User(RecordId::new(0xa).into())
}

fn queue() -> MailboxOwner {
    MailboxOwner::Queue(RecordId::new(0xb).into())
}

fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

fn new(owner: MailboxOwner) -> NewMailbox<'static> {
    let address = MailboxAddress::new(address("new@shop.example")).unwrap();
    NewMailbox { owner, name: "New", address: Some(address) }
}

fn defaults() -> DefaultMethods {
    DefaultMethods {
        incoming: IncomingMethod::Outlook,
        outgoing: OutgoingMethod::ServerSideOrRouter,
        appointments: AppointmentsMethod::Outlook,
        profile: Some(RecordId::new(0xe).into()),
    }
}

/// Every combination of default methods.
fn every_default() -> impl Iterator<Item = DefaultMethods> {
    IncomingMethod::ALL.iter().flat_map(|&incoming| {
        OutgoingMethod::ALL.iter().flat_map(move |&outgoing| {
            AppointmentsMethod::ALL.iter().map(move |&appointments| DefaultMethods {
                incoming,
                outgoing,
                appointments,
                ..defaults()
            })
        })
    })
}

/// System Settings, Email tab; B005, B007, B009, B010 to B013, B014 to B017, B019 to B021: every
/// method and the profile are copied.
#[test]
fn a_new_user_gets_a_mailbox_with_the_default_methods_and_profile() {
    for methods in every_default() {
        let made = provide(&new(user()), [], methods, Some(EmailServerType::ExchangeOnline));
        let made = made.unwrap().unwrap();
        assert_eq!(
            DefaultMethods {
                incoming: made.incoming(),
                outgoing: made.outgoing(),
                appointments: made.appointments(),
                profile: made.profile(),
            },
            methods
        );
        assert_eq!(made.owner(), Some(user()));
        assert_eq!(
            made.address().as_ref().map(MailboxAddress::get),
            Some(&address("new@shop.example"))
        );
        let marks = [
            made.enabled_for_incoming(),
            made.enabled_for_outgoing(),
            made.enabled_for_appointments(),
            made.forward(),
        ];
        assert_eq!(marks, [false; 4]);
        assert_eq!(made.incoming_status(), MailboxStatus::NotRun);
    }
}

/// System Settings, Email tab; facts 4.2; B006: the default methods, but never Outlook.
#[test]
fn a_new_queue_gets_a_mailbox_with_the_default_methods_but_no_outlook() {
    for methods in every_default() {
        let made = provide(&new(queue()), [], methods, None).unwrap().unwrap();
        let expected = |outlook: bool, code: i32, none: i32| if outlook { none } else { code };
        let (fetched, sent) = (methods.incoming, methods.outgoing);
        assert_eq!(
            made.incoming().code(),
            expected(fetched == IncomingMethod::Outlook, fetched.code(), 0)
        );
        assert_eq!(
            made.outgoing().code(),
            expected(sent == OutgoingMethod::Outlook, sent.code(), 0)
        );
        let act = methods.appointments;
        assert_eq!(
            made.appointments().code(),
            expected(act == AppointmentsMethod::Outlook, act.code(), 2)
        );
        assert_eq!(made.profile(), methods.profile);
    }
}

/// System Settings, Email tab: the defaults are for mailboxes that are created; B005, B006.
#[test]
fn changed_defaults_change_no_mailbox_that_is_there() {
    let first = provide(&new(user()), [], defaults(), None).unwrap().unwrap();
    let later = DefaultMethods { incoming: IncomingMethod::ForwardMailbox, ..defaults() };
    assert_eq!(provide(&new(user()), [&first], later, None), Ok(None));
    assert_eq!(first.incoming(), IncomingMethod::Outlook);
    let made = provide(&new(queue()), [&first], later, None).unwrap();
    assert_eq!(made.map(|made| made.incoming()), Some(IncomingMethod::ForwardMailbox));

    let nameless = NewMailbox { name: "", ..new(user()) };
    let error = provide(&nameless, [], defaults(), None).unwrap_err();
    assert_eq!(error.to_string(), "name: expected text of 1 to 200 characters, found 0");
}

/// System Settings, Email tab; B022: whatever the defaults, the profile admits what is made.
#[test]
fn what_is_made_fits_the_server() {
    for &server in EmailServerType::ALL {
        let profile = EmailServerProfile::builder().name("Server").server(server).build().unwrap();
        for methods in every_default() {
            for owner in [user(), queue()] {
                let made = provide(&new(owner), [], methods, Some(server)).unwrap().unwrap();
                assert_eq!(profile.admits(&made), Ok(()));
                let synchronized = made.appointments() == AppointmentsMethod::ServerSide;
                let wanted = methods.appointments == AppointmentsMethod::ServerSide;
                assert_eq!(synchronized, wanted && server.is_exchange());
            }
        }
    }
}

/// B007, B008: the profile that is made by itself is the one that new mailboxes name.
#[test]
fn the_automatic_profile_serves_new_mailboxes() {
    let made =
        EmailServerProfile::automatic(Deployment::Online, EmailServerType::ExchangeOnline).unwrap();
    let methods = DefaultMethods { appointments: AppointmentsMethod::ServerSide, ..defaults() };
    let mailbox = provide(&new(user()), [], methods, Some(made.server())).unwrap().unwrap();
    assert_eq!(made.admits(&mailbox), Ok(()));
    assert_eq!(mailbox.profile(), Some(RecordId::new(0xe).into()));
}

fn enabled(owner: MailboxOwner) -> Mailbox {
    Mailbox::builder()
        .name("x")
        .owner(owner)
        .enabled_for_incoming(true)
        .enabled_for_outgoing(true)
        .build()
        .unwrap()
}

/// System Settings, Email tab; facts 4.2; B023 to B027: each box limits its own kind to
/// approved addresses, and a cleared one limits nothing.
#[test]
fn mail_of_unapproved_users_and_queues_is_not_processed_where_approval_is_required() {
    for &approval in AddressApproval::ALL {
        let ann = PersonalOptions::builder().approval(approval).build().unwrap();
        let support = QueueSettings::builder().name("Support").approval(approval).build().unwrap();
        for (users, queues) in [(false, false), (true, false), (false, true), (true, true)] {
            let approvals = Approvals { users, queues };
            for (required, mailbox, holder) in [
                (users, enabled(user()), Holder::User(&ann)),
                (queues, enabled(queue()), Holder::Queue(&support)),
            ] {
                let expected = if required && approval != AddressApproval::Approved {
                    Processing::Not(Unprocessed::NotApproved(approval))
                } else {
                    Processing::Processed
                };
                assert_eq!(incoming(&mailbox, holder, approvals, SYNCHRONIZED), expected);
                assert_eq!(outgoing(&mailbox, holder, approvals, SYNCHRONIZED), expected);
            }
        }
    }
}

/// Facts 4.2; B025: after a change of address, approval is needed again.
#[test]
fn a_changed_address_waits_for_approval_before_its_mail_is_processed() {
    let mailbox = enabled(user());
    let approved = PersonalOptions::builder().approval(AddressApproval::Approved).build().unwrap();
    let decide = |options| incoming(&mailbox, Holder::User(options), BOTH, SYNCHRONIZED);
    assert!(decide(&approved).is_processed());
    let (before, after) = (address("ann@shop.example"), address("ann@new.example"));
    let approval = approved.approval().after_change(Some(&before), Some(&after));
    let moved = approved.to_builder().approval(approval).build().unwrap();
    assert!(!decide(&moved).is_processed());
    assert!(
        decide(&moved.to_builder().approval(AddressApproval::Approved).build().unwrap())
            .is_processed()
    );
}

/// Email message filtering and correlation; C001, C011, C012: any method will do, by whichever
/// service; none turns tracking off, on the user's form or on the mailbox, approved or not.
#[test]
fn incoming_method_none_turns_all_tracking_off() {
    for &method in IncomingMethod::ALL {
        for &using in ProcessEmailUsing::ALL {
            let ann = PersonalOptions::builder().incoming(method).build().unwrap();
            let mailbox = enabled(user()).to_builder().incoming(method).build().unwrap();
            let expected = if method == IncomingMethod::None {
                Processing::Not(Unprocessed::NoMethod)
            } else {
                Processing::Processed
            };
            assert_eq!(incoming(&mailbox, Holder::User(&ann), NEITHER, using), expected);
            assert_eq!(incoming(&enabled(user()), Holder::User(&ann), NEITHER, using), expected);
            let plain = PersonalOptions::builder().build().unwrap();
            assert_eq!(incoming(&mailbox, Holder::User(&plain), NEITHER, using), expected);
        }
    }
    let off = PersonalOptions::builder().incoming(IncomingMethod::None).build().unwrap();
    let decide = incoming(&enabled(user()), Holder::User(&off), BOTH, SYNCHRONIZED);
    assert_eq!(decide, Processing::Not(Unprocessed::NoMethod));
    assert!(outgoing(&enabled(user()), Holder::User(&off), NEITHER, SYNCHRONIZED).is_processed());
}

/// Facts 4.3: the marks of a tested mailbox, asked where server-side synchronization reads it.
#[test]
fn a_mailbox_is_enabled_before_it_is_synchronized() {
    let ann = PersonalOptions::builder().build().unwrap();
    let mailbox = provide(
        &new(user()),
        [],
        DefaultMethods { incoming: IncomingMethod::ServerSideOrRouter, ..defaults() },
        None,
    );
    let mailbox = mailbox.unwrap().unwrap();
    let not_enabled = Processing::Not(Unprocessed::NotEnabled);
    let of = |mailbox: &Mailbox, using| {
        let holder = Holder::User(&ann);
        (incoming(mailbox, holder, NEITHER, using), outgoing(mailbox, holder, NEITHER, using))
    };
    assert_eq!(of(&mailbox, SYNCHRONIZED), (not_enabled, not_enabled));
    let done = (Processing::Processed, Processing::Processed);
    assert_eq!(of(&mailbox, ProcessEmailUsing::EmailRouter), done);
    let receiving = mailbox.to_builder().enabled_for_incoming(true).build().unwrap();
    assert_eq!(of(&receiving, SYNCHRONIZED), (Processing::Processed, not_enabled));
    let outlook = mailbox
        .to_builder()
        .incoming(IncomingMethod::Outlook)
        .outgoing(OutgoingMethod::None)
        .build()
        .unwrap();
    let none = Processing::Not(Unprocessed::NoMethod);
    assert_eq!(of(&outlook, SYNCHRONIZED), (Processing::Processed, none));
    assert_eq!(
        [
            Unprocessed::NoMethod,
            Unprocessed::NotApproved(AddressApproval::Pending),
            Unprocessed::NotEnabled
        ]
        .map(|why| why.to_string()),
        [
            "expected a method of delivery, found none",
            "expected an approved address, found: Pending Approval",
            "expected a mailbox that was tested and enabled, found one that was not",
        ]
    );
}

/// Facts 4.3; B013: the mailbox that others forward to belongs to nobody whose address could be
/// approved.
#[test]
fn a_forward_mailbox_needs_no_approval_of_its_own() {
    let forward = Mailbox::builder().name("Forward").forward(true);
    let decide = |mailbox| incoming(&mailbox, Holder::Nobody, BOTH, SYNCHRONIZED);
    let enabled = forward.clone().enabled_for_incoming(true);
    assert_eq!(decide(enabled.clone().build().unwrap()), Processing::Processed);
    let not_enabled = Processing::Not(Unprocessed::NotEnabled);
    assert_eq!(decide(forward.build().unwrap()), not_enabled);
    let off = enabled.incoming(IncomingMethod::None).build().unwrap();
    assert_eq!(decide(off), Processing::Not(Unprocessed::NoMethod));
}

/// Facts 3.11, 1.1 and section 10: server-side synchronization with Exchange, users alone, 25 folders
/// or the organization's smaller number.
#[test]
fn folders_are_tracked_with_synchronized_exchange_mailboxes_of_users() {
    let folder =
        |n: u128| TrackedFolder { folder: format!("Inbox/{n}"), regarding: RecordId::new(n) };
    let ann = PersonalOptions::builder().folders((0..25).map(folder).collect::<Vec<_>>());
    let ann = ann.build().unwrap();
    let rules = FolderRules { enabled: true, most: 25, using: SYNCHRONIZED };
    let exchange = Some(EmailServerType::ExchangeOnline);
    let (mailbox, holder) = (enabled(user()), Holder::User(&ann));
    let tracked = folders(&mailbox, holder, exchange, rules).unwrap();
    assert!(tracked.enabled && tracked.folders == ann.folders().as_slice());
    let fewer = folders(&mailbox, holder, exchange, FolderRules { most: 3, ..rules }).unwrap();
    assert_eq!(fewer.folders, ann.folders().as_slice()[..3]);

    let why = |result: Result<_, NoFolders>| result.unwrap_err();
    let off = FolderRules { enabled: false, ..rules };
    assert_eq!(why(folders(&mailbox, holder, exchange, off)), NoFolders::Off);
    let router = FolderRules { using: ProcessEmailUsing::EmailRouter, ..rules };
    assert_eq!(why(folders(&mailbox, holder, exchange, router)), NoFolders::NotSynchronized);
    for method in [IncomingMethod::None, IncomingMethod::Outlook, IncomingMethod::ForwardMailbox] {
        let other = mailbox.to_builder().incoming(method).build().unwrap();
        assert_eq!(why(folders(&other, holder, exchange, rules)), NoFolders::NotSynchronized);
        let other = ann.to_builder().incoming(method).build().unwrap();
        let found = folders(&mailbox, Holder::User(&other), exchange, rules);
        assert_eq!(why(found), NoFolders::NotSynchronized);
    }
    let support = QueueSettings::builder().name("Support").build().unwrap();
    let found = folders(&enabled(queue()), Holder::Queue(&support), exchange, rules);
    assert_eq!(why(found), NoFolders::NoUser);
    let found = folders(&enabled(queue()), holder, exchange, rules);
    assert_eq!(why(found), NoFolders::NoUser);
    assert_eq!(why(folders(&mailbox, Holder::Nobody, exchange, rules)), NoFolders::NoUser);
    for &server in EmailServerType::ALL {
        let found = folders(&mailbox, holder, Some(server), rules);
        assert_eq!(found.is_ok(), server.is_exchange());
    }
    assert_eq!(
        [
            NoFolders::Off,
            NoFolders::NoUser,
            NoFolders::NotSynchronized,
            why(folders(&mailbox, holder, Some(EmailServerType::Pop3Smtp), rules)),
            why(folders(&mailbox, holder, None, rules)),
        ]
        .map(|why| why.to_string()),
        [
            "expected folder-level tracking to be on, found it off",
            "expected the mailbox of a user, found another",
            "expected server-side synchronization of incoming mail, found another method",
            "expected an Exchange server, found Other (POP3/SMTP)",
            "expected an Exchange server, found none",
        ]
    );
}
