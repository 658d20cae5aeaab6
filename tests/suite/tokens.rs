//! Tokens for mails that go out: who gets which, once each, whatever happens in between.

use std::collections::HashSet;
use std::num::NonZeroU32;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use chrono::{DateTime, TimeDelta, Utc};
use correspond::adapter::memory::MemoryStore;
use correspond::flow::{FlowError, FlowErrorKind, Sender, TokenIssuer, TokenRequest};
use correspond::id::{RecordId, TenantId};
use correspond::index::Keyer;
use correspond::record::{
    Areas, Page, Record, RecordKind, RecordPageQuery, RecordRef, UniqueKey, Version, Versioned,
    Versions,
};
use correspond::settings::TokenTracking;
use correspond::store::{
    Batch, Block, Change, Commit, Expect, Records, SequenceKey, Sequences, Store, StoreError,
    poll_once,
};
use correspond::token::{
    CounterRestart, Designator, TokenFormat, TokenPlan, TrackingToken, UserNumber,
    UserNumberOverflow,
};

type Issued = Result<Option<TrackingToken>, FlowError>;

const TENANT: TenantId = TenantId::new(1);
const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn keeper() -> MemoryStore {
    MemoryStore::new([7; 16])
}

fn user(id: u128) -> Sender {
    Sender::user(RecordId::new(id))
}

fn settings(format: &str) -> TokenTracking {
    let mut settings = TokenTracking::default();
    settings.formats = vec![format.parse().unwrap()];
    settings
}

fn mail<'a>(sender: Sender) -> TokenRequest<'a> {
    TokenRequest::new(TENANT, sender, NOW)
}

fn issue<S: Store + Records + Sequences>(
    issuer: &TokenIssuer,
    store: &S,
    settings: &TokenTracking,
    request: TokenRequest<'_>,
) -> Issued {
    poll_once(issuer.issue(store, settings, request)).expect("ready at once")
}

fn text<S: Store + Records + Sequences>(
    issuer: &TokenIssuer,
    store: &S,
    settings: &TokenTracking,
    sender: Sender,
) -> String {
    issue(issuer, store, settings, mail(sender)).unwrap().unwrap().into()
}

fn put(store: &impl Store, record: Record) {
    let change = Change::Put { record, version: Version::new(1), expect: Expect::Absent };
    let commit = poll_once(store.commit(&Batch::of(TENANT, change))).unwrap().unwrap();
    assert!(commit.is_applied(), "{commit:?}");
}

fn bring_along(store: &impl Store, user: u128, number: u32) {
    let number = UserNumber::new(RecordId::new(user), NonZeroU32::new(number).unwrap());
    put(store, number.to_record(store.keyer(), NOW).unwrap());
}

/// A store every call of which must not happen.
struct Untouched(Keyer);

impl Store for Untouched {
    fn keyer(&self) -> &Keyer {
        &self.0
    }

    fn areas(&self) -> Areas {
        Areas::NONE
    }

    async fn commit(&self, _: &Batch) -> Result<Commit, StoreError> {
        Err(StoreError::unsupported("committing"))
    }
}

correspond::unsupported!(Untouched: Records, Sequences);

/// Another store, but for the numbers: `allocate` is the test's.
struct Numbers<F>(MemoryStore, F);

impl<F: Send + Sync> Store for Numbers<F> {
    fn keyer(&self) -> &Keyer {
        self.0.keyer()
    }

    fn areas(&self) -> Areas {
        self.0.areas()
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        self.0.commit(batch).await
    }
}

impl<F: Send + Sync> Records for Numbers<F> {
    async fn load(
        &self,
        tenant: TenantId,
        records: &[RecordRef],
    ) -> Result<Vec<Option<Versioned>>, StoreError> {
        self.0.load(tenant, records).await
    }

    async fn holders(
        &self,
        tenant: TenantId,
        keys: &[UniqueKey],
    ) -> Result<Vec<Option<RecordRef>>, StoreError> {
        self.0.holders(tenant, keys).await
    }

    async fn list(
        &self,
        tenant: TenantId,
        query: &RecordPageQuery,
    ) -> Result<Page<Versioned, RecordId>, StoreError> {
        self.0.list(tenant, query).await
    }
}

impl<F: Fn(SequenceKey, NonZeroU32) -> Option<Block> + Send + Sync> Sequences for Numbers<F> {
    async fn allocate(
        &self,
        tenant: TenantId,
        sequence: SequenceKey,
        len: NonZeroU32,
    ) -> Result<Block, StoreError> {
        match self.1(sequence, len) {
            Some(block) => Ok(block),
            None => self.0.allocate(tenant, sequence, len).await,
        }
    }
}

/// A store that waits once before each call: the test says who goes on.
struct Stepping(MemoryStore);

struct Step(bool);

impl Future for Step {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Store for Stepping {
    fn keyer(&self) -> &Keyer {
        self.0.keyer()
    }

    fn areas(&self) -> Areas {
        self.0.areas()
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        Step(false).await;
        self.0.commit(batch).await
    }
}

impl Records for Stepping {
    async fn load(
        &self,
        tenant: TenantId,
        records: &[RecordRef],
    ) -> Result<Vec<Option<Versioned>>, StoreError> {
        Step(false).await;
        self.0.load(tenant, records).await
    }

    async fn holders(
        &self,
        tenant: TenantId,
        keys: &[UniqueKey],
    ) -> Result<Vec<Option<RecordRef>>, StoreError> {
        Step(false).await;
        self.0.holders(tenant, keys).await
    }

    async fn list(
        &self,
        tenant: TenantId,
        query: &RecordPageQuery,
    ) -> Result<Page<Versioned, RecordId>, StoreError> {
        Step(false).await;
        self.0.list(tenant, query).await
    }
}

impl Sequences for Stepping {
    async fn allocate(
        &self,
        tenant: TenantId,
        sequence: SequenceKey,
        len: NonZeroU32,
    ) -> Result<Block, StoreError> {
        Step(false).await;
        self.0.allocate(tenant, sequence, len).await
    }
}

#[test]
fn the_product_s_vectors() {
    use Designator::{Offline, Online};
    for (format, user, number, designator, documented, observed) in [
        ("CRM:/0/3/3", 1, 1, Online, "CRM:0001001", "CRM:0001001"),
        ("CRM:/500/3/3", 1, 1, Online, "CRM:0501001", "CRM:0501001"),
        ("CRM:/0/3/3", 1, 1, Offline, "CRM:1001001", "CRM:1001001"),
        ("ACME-/0/4/6", 12, 345, Online, "ACME-00012000345", "ACME-00012000345"),
        ("CRM:/0/3/3", 1, 1000, Online, "CRM:0001000", "CRM:0001001"),
    ] {
        let format: TokenFormat = format.parse().unwrap();
        let plan = TokenPlan::new(&format);
        assert_eq!(plan.token(designator, user, number).unwrap().as_str(), documented);
        let plan = plan.restart(CounterRestart::One);
        assert_eq!(plan.token(designator, user, number).unwrap().as_str(), observed);
    }
}

#[test]
fn counters_restart_at_their_end_both_ways() {
    for (restart, wanted) in [
        (CounterRestart::Zero, ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "1", "2"]),
        (CounterRestart::One, ["1", "2", "3", "4", "5", "6", "7", "8", "9", "1", "2", "3"]),
    ] {
        let (issuer, store) = (TokenIssuer::default(), keeper());
        let mut settings = settings("X/0/1/1");
        settings.restart = restart;
        for counter in wanted {
            assert_eq!(text(&issuer, &store, &settings, user(1)), format!("X01{counter}"));
        }
    }
}

#[test]
fn a_maximum_that_is_not_all_nines_ends_the_counter() {
    let (issuer, store) = (TokenIssuer::default(), keeper());
    let mut settings = settings("X/0/1/2");
    settings.max_counter = NonZeroU32::new(12);
    let tokens: Vec<_> = (0..14).map(|_| text(&issuer, &store, &settings, user(1))).collect();
    assert_eq!(tokens[11..], ["X0112", "X0100", "X0101"]);
}

#[test]
fn off_and_own_tokens_ask_no_store() {
    let (issuer, store) = (TokenIssuer::default(), Untouched(Keyer::from_secret([0; 16])));
    let mut settings = TokenTracking::default();
    let own = |settings: &TokenTracking, text| {
        issue(&issuer, &store, settings, mail(user(1)).with_own(Some(text)))
    };
    for enabled in [true, false] {
        settings.enabled = enabled;
        assert_eq!(own(&settings, "[case 7]").unwrap().unwrap().as_str(), "[case 7]");
        let error = own(&settings, "x\r\nBcc: all").unwrap_err();
        assert_eq!(error.kind(), FlowErrorKind::OwnToken);
        assert_eq!(
            error.to_string(),
            "tracking token: expected no control character, found U+000D at byte 1"
        );
        assert_eq!(own(&settings, "  ").unwrap_err().kind(), FlowErrorKind::OwnToken);
    }
    assert_eq!(issue(&issuer, &store, &settings, mail(user(1))).unwrap(), None);
    assert_eq!(own(&settings, "").unwrap(), None, "empty is none brought along");
    settings.enabled = true;
    assert_eq!(own(&settings, "").unwrap_err().kind(), FlowErrorKind::Store, "it would be noticed");
    settings.formats.clear();
    assert_eq!(issue(&issuer, &store, &settings, mail(user(1))).unwrap(), None);
}

#[test]
fn a_user_number_too_wide_is_refused_with_the_remedy_and_no_number_lost() {
    let (issuer, store) = (TokenIssuer::default(), keeper());
    let refusing = settings("CRM:/999/3/3");
    for _ in 0..3 {
        let error = issue(&issuer, &store, &refusing, mail(user(1))).unwrap_err();
        assert_eq!(error.kind(), FlowErrorKind::Settings);
        assert_eq!(
            error.to_string(),
            "user number: expected at most 3 digits, found 1000 (base 999 + user 1): raise the \
             digits of the user number to 4, or lower the base"
        );
    }
    let mut wrapping = refusing;
    wrapping.overflow = UserNumberOverflow::Wrap;
    assert_eq!(text(&issuer, &store, &wrapping, user(1)), "CRM:0000001");
    assert_eq!(text(&issuer, &store, &settings("CRM:/999/4/3"), user(1)), "CRM:01000002");
}

#[test]
fn a_queue_goes_by_its_owner() {
    let (issuer, store) = (TokenIssuer::default(), keeper());
    let settings = TokenTracking::default();
    let queue = RecordKind::Queue.of(RecordId::new(0x9e));
    put(&store, Record::new(queue, NOW, "{}").unwrap());

    let owner = RecordId::new(1);
    assert_eq!(text(&issuer, &store, &settings, Sender::user(owner)), "CRM:0001001");
    assert_eq!(text(&issuer, &store, &settings, Sender::queue_of(owner)), "CRM:0001002");
    let error = issue(&issuer, &store, &settings, mail(Sender::user(queue.id()))).unwrap_err();
    assert_eq!(error.kind(), FlowErrorKind::NotAUser);
    assert_eq!(
        error.to_string(),
        "sender: expected a user (of a queue: its owner), found Queue \
         0000000000000000000000000000009e"
    );
    assert_eq!(text(&issuer, &store, &settings, user(2)), "CRM:0002001", "and no number is lost");
}

#[test]
fn nobody_s_mails_share_a_counter_and_number_0() {
    let (issuer, store) = (TokenIssuer::default(), keeper());
    let settings = settings("CRM:/500/3/3");
    assert_eq!(text(&issuer, &store, &settings, Sender::NOBODY), "CRM:0500001");
    assert_eq!(text(&issuer, &store, &settings, user(0)), "CRM:0500002");
    assert_eq!(text(&issuer, &store, &settings, user(5)), "CRM:0501001");
    let kept = [UserNumber::reference(RecordId::new(0))];
    assert_eq!(poll_once(store.load(TENANT, &kept)).unwrap().unwrap(), [None]);
}

#[test]
fn user_numbers_are_drawn_in_turn_kept_and_each_tenant_s_own() {
    let (first, store) = (TokenIssuer::default(), keeper());
    let settings = TokenTracking::default();
    for (id, number) in [(70, 1), (50, 2), (60, 3), (50, 2)] {
        assert!(
            text(&first, &store, &settings, user(id)).starts_with(&format!("CRM:0{number:03}"))
        );
    }
    let later = TokenIssuer::default();
    assert!(text(&later, &store, &settings, user(60)).starts_with("CRM:0003"));
    let elsewhere = TokenRequest::new(TenantId::new(2), user(60), NOW);
    let token = issue(&later, &store, &settings, elsewhere).unwrap().unwrap();
    assert_eq!(token.as_str(), "CRM:0001001");
}

#[test]
fn numbers_that_were_brought_along_are_nobody_else_s() {
    let store = keeper();
    let settings = settings("CRM:/0/4/3");
    bring_along(&store, 0xb0b, 1);
    for number in 2..=2500 {
        bring_along(&store, 0x1000 + u128::from(number), number);
    }
    bring_along(&store, 0xeee, 2502);
    let issuer = TokenIssuer::default();
    assert_eq!(text(&issuer, &store, &settings, user(0xb0b)), "CRM:00001001");
    assert_eq!(text(&issuer, &store, &settings, user(0xa)), "CRM:02501001", "the first free one");
    assert_eq!(text(&issuer, &store, &settings, user(0xc)), "CRM:02503001");
}

#[test]
fn a_number_that_cannot_be_read_is_an_error() {
    let (issuer, store) = (TokenIssuer::default(), keeper());
    put(&store, Record::new(UserNumber::reference(RecordId::new(1)), NOW, "one").unwrap());
    let error = issue(&issuer, &store, &TokenTracking::default(), mail(user(1))).unwrap_err();
    let store_error = error.store_error().unwrap();
    assert_eq!(store_error.to_string(), "reading a user number: the store cannot be read");
    assert_eq!(
        std::error::Error::source(store_error).unwrap().to_string(),
        "UserNumber 00000000000000000000000000000001: expected a user number from 1 to \
         4294967295, found \"one\""
    );
}

#[test]
fn what_an_ended_process_held_is_a_gap_and_no_repeat() {
    let store = keeper();
    let settings = settings("X/0/1/9");
    let issuer = TokenIssuer::default();
    let before: Vec<_> = (0..4).map(|_| text(&issuer, &store, &settings, user(1))).collect();
    assert_eq!(before[3], "X01000000004", "of a lease of four");
    drop(issuer);
    let issuer = TokenIssuer::default();
    assert_eq!(text(&issuer, &store, &settings, user(1)), "X01000000008", "5 to 7 are a gap");
}

#[test]
fn an_old_lease_is_a_gap_too() {
    let store = keeper();
    let (issuer, settings) = (TokenIssuer::default(), settings("X/0/1/9"));
    for _ in 0..4 {
        text(&issuer, &store, &settings, user(1));
    }
    let later = TokenRequest::new(TENANT, user(1), NOW + TimeDelta::hours(2));
    let token = issue(&issuer, &store, &settings, later).unwrap().unwrap();
    assert_eq!(token.as_str(), "X01000000008");
}

#[test]
fn without_leases_nothing_is_lost() {
    let store = keeper();
    let settings = settings("X/0/1/9");
    for n in 1..=40 {
        let issuer = TokenIssuer::default().with_lease(NonZeroU32::MIN);
        assert_eq!(text(&issuer, &store, &settings, user(1)), format!("X01{n:09}"));
    }
}

/// Two processes use one store, in turns of unlike length, and have every counter once.
#[test]
fn two_issuers_never_collide_before_the_counter_has_gone_round() {
    for digits in [2, 3, 4] {
        let store = keeper();
        let settings = settings(&format!("X/0/1/{digits}"));
        let issuers = [TokenIssuer::default(), TokenIssuer::default()];
        let mut seen = HashSet::new();
        let capacity = 10_u32.pow(digits);
        // What the other one holds is missing from the cycle.
        let sure = capacity - 2 * (capacity / 256).max(1);
        for n in 0..sure {
            let issuer = &issuers[usize::from(n % 7 < 3)];
            let token = text(issuer, &store, &settings, user(1));
            assert!(seen.insert(token.clone()), "{token} comes again after {n} of {capacity}");
        }
    }
}

#[test]
fn forgotten_senders_leave_gaps() {
    let store = keeper();
    let settings = settings("X/0/2/9");
    let issuer = TokenIssuer::default().with_senders(4);
    let mut seen = HashSet::new();
    for round in 0..20 {
        for id in 1..=10 {
            let token = text(&issuer, &store, &settings, user(id));
            assert!(seen.insert(token), "round {round}, user {id}");
        }
    }
}

/// A sequence that starts again: of the same process it is refused, and of user numbers by their
/// key.
#[test]
fn a_sequence_that_repeats_itself_is_noticed() {
    let settings = TokenTracking::default();
    let counters = |key, len| match key {
        SequenceKey::TokenCounter(_) => Some(Block::new(1, len)),
        _ => None,
    };
    let (issuer, store) = (TokenIssuer::default(), Numbers(keeper(), counters));
    assert_eq!(text(&issuer, &store, &settings, user(1)), "CRM:0001001");
    let error = issue(&issuer, &store, &settings, mail(user(1))).unwrap_err();
    assert_eq!(error.kind(), FlowErrorKind::BrokenContract);

    let users = |key, len| match key {
        SequenceKey::UserNumbers => Some(Block::new(1, len)),
        _ => None,
    };
    let (issuer, store) = (TokenIssuer::default(), Numbers(keeper(), users));
    assert_eq!(text(&issuer, &store, &settings, user(1)), "CRM:0001001");
    let error = issue(&issuer, &store, &settings, mail(user(2))).unwrap_err();
    assert_eq!(error.kind(), FlowErrorKind::Contended, "and not user 1's number");

    for block in [Block::new(0, NonZeroU32::MIN), Block::new(1, NonZeroU32::MAX)] {
        let (issuer, store) = (TokenIssuer::default(), Numbers(keeper(), |_, _| Some(block)));
        let error = issue(&issuer, &store, &settings, mail(user(1))).unwrap_err();
        assert_eq!(error.kind(), FlowErrorKind::BrokenContract);
    }
}

/// Lets two tasks go on in the order that the bits of `schedule` say, then both to their end.
fn interleave(
    schedule: u32,
    one: impl Future<Output = Issued>,
    two: impl Future<Output = Issued>,
) -> [Issued; 2] {
    let (mut one, mut two) = (pin!(one), pin!(two));
    let mut context = Context::from_waker(Waker::noop());
    let mut done = [None, None];
    for step in 0..64 {
        let which = if step < 32 { (schedule >> step & 1) as usize } else { step % 2 };
        if done[which].is_none() {
            let task: Pin<&mut dyn Future<Output = Issued>> =
                if which == 0 { one.as_mut() } else { two.as_mut() };
            if let Poll::Ready(output) = task.poll(&mut context) {
                done[which] = Some(output);
            }
        }
    }
    done.map(|output| output.expect("neither waits for the other"))
}

/// Two tasks issue the first token of one user, in one process or in two, in every order of their
/// calls of the store: both between one's load and commit too.
#[test]
fn of_two_that_number_a_user_at_a_time_both_get_the_same_number() {
    let settings = TokenTracking::default();
    let mut raced = 0;
    for schedule in 0..1 << 12 {
        for processes in [1, 2] {
            let store = Stepping(keeper());
            let issuers = [TokenIssuer::default(), TokenIssuer::default()];
            let (one, two) = (&issuers[0], &issuers[processes - 1]);
            let issued = interleave(
                schedule,
                one.issue(&store, &settings, mail(user(1))),
                two.issue(&store, &settings, mail(user(1))),
            );
            let mut tokens = issued.map(|token| String::from(token.unwrap().unwrap()));
            tokens.sort_unstable();
            let number = &tokens[0][..8];
            assert!(["CRM:0001", "CRM:0002"].contains(&number), "{schedule:b}: {tokens:?}");
            raced += usize::from(number == "CRM:0002");
            let next = text(&TokenIssuer::default(), &store.0, &settings, user(1));
            for token in [&tokens[1], &next] {
                assert!(token.starts_with(number), "{schedule:b}: {tokens:?}, {next}");
            }
            assert!(tokens[0] != tokens[1] && !tokens.contains(&next), "{tokens:?}, {next}");
        }
    }
    assert!(raced > 0, "some who drew 1 lost against one who drew 2");
}

/// Two tasks whose lease is used up fetch at a time, in every order: no token twice.
#[test]
fn of_two_that_fetch_at_a_time_neither_repeats_the_other() {
    let settings = settings("X/0/1/9");
    for schedule in 0..1 << 8 {
        let store = Stepping(keeper());
        bring_along(&store.0, 1, 1);
        let issuer = TokenIssuer::default();
        let mut seen = HashSet::new();
        for round in 0..12 {
            let issued = interleave(
                schedule,
                issuer.issue(&store, &settings, mail(user(1))),
                issuer.issue(&store, &settings, mail(user(1))),
            );
            for token in issued {
                assert!(seen.insert(token.unwrap().unwrap()), "{schedule:b}");
            }
            // One alone, so that the two find nothing left at a time sooner or later.
            if round % 3 == 0 {
                let token = issue(&issuer, &store.0, &settings, mail(user(1)));
                assert!(seen.insert(token.unwrap().unwrap()), "{schedule:b}");
            }
        }
        let sequence = SequenceKey::TokenCounter(RecordId::new(1));
        let head = poll_once(store.0.allocate(TENANT, sequence, NonZeroU32::MIN)).unwrap().unwrap();
        for _ in seen.len() as u64..head.first() - 1 {
            assert!(
                seen.insert(issue(&issuer, &store.0, &settings, mail(user(1))).unwrap().unwrap())
            );
        }
        let all = (1..head.first()).map(|n| format!("X01{n:09}").parse().unwrap());
        assert_eq!(seen, all.collect(), "{schedule:b}: what both fetched was kept");
    }
}

/// A task is dropped between any two of its calls of the store: who comes next has a token of its own.
#[test]
fn a_dropped_task_costs_a_gap_at_most() {
    let settings = TokenTracking::default();
    for steps in 0..5 {
        let store = Stepping(keeper());
        let issuer = TokenIssuer::default();
        {
            let mut task = pin!(issuer.issue(&store, &settings, mail(user(1))));
            for _ in 0..steps {
                let mut context = Context::from_waker(Waker::noop());
                assert!(task.as_mut().poll(&mut context).is_pending(), "{steps}");
            }
        }
        let mut seen = HashSet::new();
        for _ in 0..10 {
            assert!(seen.insert(text(&issuer, &store.0, &settings, user(1))), "{steps}");
        }
        let numbers: HashSet<_> = seen.iter().map(|token| &token[..8]).collect();
        assert_eq!(numbers.len(), 1, "{steps}: one number of the user");
    }
}

#[test]
fn versions_are_the_issuer_s() {
    let (store, secret) = (keeper(), [9; 16]);
    let issuer = TokenIssuer::new(Versions::from_secret(secret));
    text(&issuer, &store, &TokenTracking::default(), user(1));
    let kept = poll_once(store.load(TENANT, &[UserNumber::reference(RecordId::new(1))]));
    let kept = kept.unwrap().unwrap().pop().unwrap().unwrap();
    assert_eq!(kept.version, Versions::from_secret(secret).next());
    assert_eq!((kept.record.body(), kept.record.modified()), ("1", NOW));
}

#[test]
fn settings_without_the_new_fields_are_the_documents_() {
    let settings: TokenTracking = serde_json::from_str("{}").unwrap();
    assert_eq!(settings, TokenTracking::default());
    let text = r#"{ "max_counter": 5000, "restart": "one", "overflow": "wrap" }"#;
    let settings: TokenTracking = serde_json::from_str(text).unwrap();
    assert_eq!(settings.restart, CounterRestart::One);
    let error = serde_json::from_str::<TokenTracking>(r#"{ "max_counter": 0 }"#).unwrap_err();
    assert!(error.to_string().contains("nonzero"), "{error}");
}

#[test]
fn a_task_may_move_between_threads() {
    fn sends<T: Send>(task: T) -> T {
        task
    }
    let (issuer, store, settings) = (TokenIssuer::default(), keeper(), TokenTracking::default());
    let task = sends(issuer.issue(&store, &settings, mail(user(1))));
    assert!(poll_once(task).unwrap().is_ok());
}
