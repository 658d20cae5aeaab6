//! What is joined while others act.

use std::cell::Cell;

use super::*;

/// Lets `act` happen before each call of the flow to the store, one after another, each time in a
/// store of its own; `check` sees each store and what the flow answered.
fn in_each_gap<T>(
    prepare: impl Fn() -> Table,
    act: fn(&Table),
    flow: impl Fn(&Table) -> T,
    check: impl Fn(&Table, T),
) {
    let unhindered = prepare();
    let before = unhindered.calls();
    flow(&unhindered);
    let calls = unhindered.calls() - before;
    assert!(calls >= 4, "a look at the contact, two at what waits, and a write: {calls}");
    for call in 0..calls {
        let store = prepare();
        store.before(call, act);
        let answer = flow(&store);
        check(&store, answer);
    }
}

/// A lower level stands whatever moment the click comes in; each entry of the log begins where the one
/// before it ended.
#[test]
fn a_joined_lower_level_is_not_lost_to_a_click_at_any_moment() {
    let lost = Cell::new(0);
    in_each_gap(
        || {
            let store = with_ann(Level::Transactional, &[]);
            assert_eq!(
                Desk::default().wants(&store, &raise(Level::Marketing), 0, 0).mails.len(),
                1
            );
            store
        },
        |store| {
            let clicked = Desk::default().clicks(store, &seed(0), 1);
            assert!(matches!(clicked, Clicked::Confirmed(_)), "{clicked:?}");
        },
        |store| Desk::default().joins(store, &raise(Level::Consent), 10, 1),
        |store, done| {
            assert_eq!(done.level, LevelChange::between(Level::Marketing, Level::Consent));
            assert_eq!((level_of(store), done.withdrawn), (Level::Consent, vec![]));
            assert_eq!(
                log(store),
                [
                    "Consent changed from (2) Transactional to (4) Marketing",
                    "Consent changed from (4) Marketing to (1) Consent"
                ]
            );
            assert_eq!(row(store, ANN).get("lastname"), Some(&Value::Text("Lee".into())));
            lost.set(lost.get() + done.lost_rounds);
        },
    );
    assert!(lost.get() >= 2, "clicks between the looks and before the write");
}

/// Leaving a list whose click comes between the look at the contact and the one at what waits: by then
/// the contact is on the list and nothing waits. Only the version of a contact that is written though
/// it has not changed tells.
#[test]
fn a_joined_leave_is_not_lost_to_a_click_at_any_moment() {
    in_each_gap(
        || {
            let store = with_ann(Level::None, &[]);
            assert_eq!(Desk::default().wants(&store, &lists([1]), 0, 0).mails.len(), 1);
            store
        },
        |store| {
            let clicked = Desk::default().clicks(store, &seed(0), 1);
            assert!(matches!(clicked, Clicked::Confirmed(_)), "{clicked:?}");
        },
        |store| Desk::default().joins(store, &leave(1), 10, 1),
        |store, done| {
            assert_eq!((done.left, lists_of(store)), (vec![id(1)], vec![]));
            let again = Desk::default().clicks(store, &seed(0), 2);
            assert!(matches!(again, Clicked::Repeated { .. }), "{again:?}");
        },
    );
}

/// The test above sees what it is there to see.
#[test]
fn a_caller_that_writes_the_contact_only_where_it_changes_loses_a_leave() {
    let store = with_ann(Level::None, &[]);
    let careless = Desk { careless: true, ..Desk::default() };
    assert_eq!(careless.wants(&store, &lists([1]), 0, 0).mails.len(), 1);
    store.before(1, |store| {
        let clicked = Desk::default().clicks(store, &seed(0), 1);
        assert!(matches!(clicked, Clicked::Confirmed(_)), "{clicked:?}");
    });
    assert_eq!(careless.joins(&store, &leave(1), 10, 1), SubmissionDone::default());
    assert_eq!(lists_of(&store), [id(1)]);
}

/// Whoever joins by a click meanwhile is not asked again.
#[test]
fn joining_asks_nobody_who_has_just_confirmed() {
    in_each_gap(
        || {
            let store = with_ann(Level::None, &[]);
            assert_eq!(Desk::default().wants(&store, &lists([1]), 0, 0).mails.len(), 1);
            store
        },
        |store| {
            let clicked = Desk::default().clicks(store, &seed(0), 1);
            assert!(matches!(clicked, Clicked::Confirmed(_)), "{clicked:?}");
        },
        |store| Desk::default().joins(store, &lists([1]), 10, 1),
        |store, done| {
            assert_eq!((done.mails, lists_of(store)), (vec![], vec![id(1)]));
            assert_eq!(all(store, RecordKind::OptInRequest).len(), 1);
        },
    );
}

/// Two workers with one submission: whoever comes second answers as one who comes much later.
#[test]
fn what_is_joined_twice_at_once_is_worked_off_once() {
    let wanted = raise(Level::Consent).joining([1, 2].map(id)).unwrap();
    let first = Desk::default().joins(&with_ann(Level::Marketing, &[]), &wanted, 0, 0);
    in_each_gap(
        || with_ann(Level::Marketing, &[]),
        |store| {
            let wanted = raise(Level::Consent).joining([1, 2].map(id)).unwrap();
            assert_eq!(Desk::default().joins(store, &wanted, 0, 0).mails.len(), 2);
        },
        |store| Desk::default().joins(store, &wanted, 0, 0),
        |store, done| {
            assert_eq!((done.level, &done.mails), (None, &first.mails));
            assert_eq!((log(store).len(), all(store, RecordKind::OptInRequest).len()), (1, 2));
        },
    );
}
