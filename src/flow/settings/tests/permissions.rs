//! Who may change what of the options of users, queues and mailboxes.

use super::*;
use crate::settings::{
    AddressApproval, FilterOption, Mailbox, OutgoingMethod, PersonalOptions, QueueSettings,
};

const USER: RecordId = id(5);

fn editor(permissions: Permissions) -> Editor<'static> {
    Editor { actor: Actor::new(USER, permissions), ..administrator() }
}

fn options(store: &Table) -> Stored<PersonalOptions> {
    run(get(store, TENANT, USER)).unwrap().unwrap()
}

fn denied<T: std::fmt::Debug>(changed: Result<Changed<T>, FlowError>) -> Permission {
    match changed.unwrap() {
        Changed::Denied(permission) => permission,
        other => panic!("expected a denial, found {other:?}"),
    }
}

/// C011; facts 4.2: what the administrator sets on the user's form is not the user's.
#[test]
fn a_user_changes_his_own_options_and_nothing_that_the_administrator_set() {
    let (store, own) = (provisioned(), editor(Permissions::NONE));
    let _ = done(run(create(&store, &administrator(), id(9), mailbox("b@x.example"))));
    let new = || PersonalOptions::builder();
    let approving = [
        new().approval(AddressApproval::Approved),
        new().approved_by_o365_admin(true),
        new().mailbox(id(9)),
        new().outgoing(OutgoingMethod::Outlook),
    ];
    for builder in approving.clone() {
        let made = run(create(&store, &own, USER, builder.build().unwrap()));
        assert_eq!(denied(made), Permission::UserSettings);
    }
    let made = new().filter(FilterOption::All).build().unwrap();
    let made = done(run(create(&store, &own, USER, made)));
    for builder in approving {
        let changed = run(change(&store, &own, USER, made.version, builder.build().unwrap()));
        assert_eq!(denied(changed), Permission::UserSettings);
    }
    let off = run(set_active::<PersonalOptions, _>(&store, &own, USER, made.version, false));
    assert_eq!(denied(off), Permission::UserSettings);
    let gone = run(delete::<PersonalOptions, _>(&store, &own, USER, made.version));
    assert_eq!(denied(gone), Permission::UserSettings);
    assert_eq!(options(&store), made);

    // What the administrator set stays where the user changes the rest.
    let approved = made.value.to_builder().approval(AddressApproval::Approved).mailbox(id(9));
    let approved = approved.build().unwrap();
    let approved = done(run(change(&store, &administrator(), USER, made.version, approved)));
    let mine = approved.value.to_builder().filter(FilterOption::InResponse).build().unwrap();
    let mine = done(run(change(&store, &own, USER, approved.version, mine)));
    assert_eq!(mine.value.approval(), AddressApproval::Approved);
    let reset = run(change(&store, &own, USER, mine.version, new().build().unwrap()));
    assert_eq!(denied(reset), Permission::UserSettings);
    // What the administrator deactivated stays inactive.
    let admin = administrator();
    let off = run(set_active::<PersonalOptions, _>(&store, &admin, USER, mine.version, false));
    let off = done(off);
    let on = run(set_active::<PersonalOptions, _>(&store, &own, USER, off.version, true));
    assert_eq!(denied(on), Permission::UserSettings);
    // Others' are not his at all.
    let other = run(create(&store, &own, id(6), new().build().unwrap()));
    assert_eq!(denied(other), Permission::UserSettings);
}

fn mailbox(address: &'static str) -> Mailbox {
    Mailbox::builder().name("x").address(address).build().unwrap()
}

/// B025, B026: approving is a permission of its own.
#[test]
fn an_address_is_approved_only_by_who_may_approve() {
    let with = Permissions::NONE.with(Permission::UserSettings);
    let (helper, approver) = (editor(with), editor(with.with(Permission::ApproveAddresses)));
    let approvals = [AddressApproval::Approved, AddressApproval::Rejected];
    for approval in approvals {
        let store = provisioned();
        let decided = |builder: crate::settings::QueueSettingsBuilder| builder.approval(approval);
        let queue = QueueSettings::builder().name("x").approval(AddressApproval::Pending);
        let wrong = decided(queue.clone()).build().unwrap();
        let made = run(create(&store, &helper, id(10), wrong.clone()));
        assert_eq!(denied(made), Permission::ApproveAddresses);
        // To ask for an approval is no approval.
        let made = done(run(create(&store, &helper, id(10), queue.clone().build().unwrap())));
        let changed = run(change(&store, &helper, id(10), made.version, wrong.clone()));
        assert_eq!(denied(changed), Permission::ApproveAddresses);
        let changed = done(run(change(&store, &approver, id(10), made.version, wrong)));
        // Nor is what leaves it, or takes it back.
        let renamed = changed.value.to_builder().name("y").build().unwrap();
        let renamed = done(run(change(&store, &helper, id(10), changed.version, renamed)));
        let back =
            done(run(change(&store, &helper, id(10), renamed.version, queue.build().unwrap())));
        let o365 = back.value.to_builder().approved_by_o365_admin(true).build().unwrap();
        let changed = run(change(&store, &helper, id(10), back.version, o365));
        assert_eq!(denied(changed), Permission::ApproveAddresses);

        // One's own address too.
        let own = PersonalOptions::builder().approval(approval).build().unwrap();
        let made = run(create(&store, &helper, USER, own.clone()));
        assert_eq!(denied(made), Permission::ApproveAddresses);
        let _ = done(run(create(&store, &approver, USER, own)));
    }
}

/// B026: an approval is that of an address.
#[test]
fn a_mailbox_takes_no_approval_to_another_address() {
    let store = provisioned();
    let with = Permissions::NONE.with(Permission::UserSettings);
    let (helper, approver) = (editor(with), editor(with.with(Permission::ApproveAddresses)));
    let approved = |address| {
        let approved = mailbox(address).to_builder().approved_by_o365_admin(true);
        approved.build().unwrap()
    };
    let made = run(create(&store, &helper, id(10), approved("ann@x.example")));
    assert_eq!(denied(made), Permission::ApproveAddresses);
    let made = done(run(create(&store, &approver, id(10), approved("ann@x.example"))));
    let moved = run(change(&store, &helper, id(10), made.version, approved("bob@x.example")));
    assert_eq!(denied(moved), Permission::ApproveAddresses);
    let same = done(run(change(&store, &helper, id(10), made.version, approved("Ann@X.example"))));
    let moved = run(change(&store, &helper, id(10), same.version, mailbox("bob@x.example")));
    assert!(!done(moved).value.approved_by_o365_admin());
}
