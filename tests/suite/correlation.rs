//! From mail to verdict, through the flow and the memory store.
#![cfg(test)]

use chrono::{DateTime, TimeDelta, Utc};
use correspond::adapter::memory::MemoryStore;
use correspond::correlation::{
    Correlator, Direction, Evidence, Finding, Method, MethodOrder, Outcome, Relation, Target,
    Verdict,
};
use correspond::flow::{Arrival, file};
use correspond::id::{RecordId, TenantId};
use correspond::message::{Message, MessageBuilder, MessageId, Participant, Role};
use correspond::settings::{CorrelationSettings, Several, Strangers, TrackedFolder};
use correspond::store::{MessageIndex, Store, poll_once};

/// A store, settings, and mails filed one after the other: number 1, 2, 3 ...
struct World {
    store: MemoryStore,
    correlator: Correlator,
    filed: u128,
    now: DateTime<Utc>,
}

impl World {
    fn new(change: impl FnOnce(&mut CorrelationSettings)) -> Self {
        let mut settings = CorrelationSettings::default();
        change(&mut settings);
        Self {
            store: MemoryStore::default(),
            correlator: Correlator::new(settings),
            filed: 0,
            now: DateTime::UNIX_EPOCH + TimeDelta::days(20_000),
        }
    }

    fn plain() -> Self {
        Self::new(|_| {})
    }

    fn only(methods: &str) -> Self {
        Self::new(|settings| settings.order = methods.parse().unwrap())
    }

    #[track_caller]
    fn file(&mut self, mail: Mail) -> Verdict {
        self.now += TimeDelta::hours(1);
        self.file_at(mail, self.now)
    }

    #[track_caller]
    fn file_at(&mut self, mail: Mail, created: DateTime<Utc>) -> Verdict {
        self.filed += 1;
        let id = RecordId::new(self.filed);
        let arrival = Arrival::new(TenantId::new(1), id, created);
        let message = mail.0.build();
        let filed = file(&self.store, &self.correlator, arrival, &message);
        poll_once(filed).expect("memory is immediate").expect("memory does not fail").verdict
    }
}

struct Mail(MessageBuilder<'static>);

impl Mail {
    fn new(subject: &'static str) -> Self {
        Self(Message::builder().subject(subject))
    }

    fn header(self, name: &str, value: &'static str) -> Self {
        Self(self.0.header(name, value))
    }

    fn id(self, id: &'static str) -> Self {
        self.header("Message-ID", id)
    }

    fn to(self, address: &'static str) -> Self {
        self.someone(Role::To, address)
    }

    fn from(self, address: &'static str) -> Self {
        self.someone(Role::From, address)
    }

    fn someone(self, role: Role, address: &'static str) -> Self {
        Self(self.0.participant(Participant::new(role, address).unwrap()))
    }
}

#[track_caller]
fn assert_matched(verdict: &Verdict, by: Method, mail: u128) {
    let expected = Some(RecordId::new(mail));
    assert!(
        matches!(verdict.outcome(), Outcome::Matched { by: method, .. } if method == by)
            && verdict.mail() == expected,
        "{verdict} to {:?}",
        verdict.mail()
    );
}

#[track_caller]
fn assert_none(verdict: &Verdict) {
    assert_eq!(verdict.outcome(), Outcome::None, "{verdict}");
    assert_eq!((verdict.mail(), verdict.confidence()), (None, 0));
}

#[test]
fn headers_name_the_parent() {
    let mut world = World::plain();
    assert_none(&world.file(Mail::new("Offer").id("<1@a.example>").from("ann@a.example")));
    let reply = Mail::new("Re: Offer").id("<2@b.example>").header("In-Reply-To", "<1@a.example>");
    let verdict = world.file(reply.from("bob@b.example").to("Ann@A.example"));
    assert_matched(&verdict, Method::Headers, 1);
    assert_eq!(
        verdict.to_string(),
        "matched by headers (reply, 98 %): In-Reply-To names the mail; the subject is the same"
    );
    let deep = Mail::new("Re: Offer").id("<3@a.example>");
    let verdict = world.file(deep.header("References", "<1@a.example> <2@b.example> <lost@x>"));
    assert_matched(&verdict, Method::Headers, 2);
    assert!(verdict.evidence().contains(&Evidence::References { from_end: 2 }), "{verdict}");
    assert_eq!(verdict.conversation(), Some(RecordId::new(1)));
}

#[test]
fn a_report_is_matched_to_the_mail_that_it_is_about() {
    let report = |id, named| {
        let reported = MessageId::parse(named).unwrap();
        let mail = Mail::new("Undelivered Mail Returned to Sender").id(id);
        let mail = mail
            .header("Content-Type", "multipart/report; report-type=delivery-status; boundary=b");
        Mail(mail.from("mailer-daemon@b.example").0.reported(reported))
    };
    let mut world = World::plain();
    let _ = world.file(Mail::new("Offer").id("<1@a.example>").from("ann@a.example"));
    let _ = world.file(Mail::new("Other").id("<2@a.example>").from("ann@a.example"));
    let verdict = world.file(report("<3@b.example>", "<1@a.example>"));
    assert_matched(&verdict, Method::Headers, 1);
    assert_eq!((verdict.relation(), verdict.confidence()), (Relation::Bounce, 95));
    assert_eq!(verdict.evidence()[0], Evidence::Reported);
    assert!(verdict.to_string().contains(": the report is about the mail; "), "{verdict}");

    // In-Reply-To speaks first, References after it.
    let answering = report("<4@b.example>", "<1@a.example>").header("In-Reply-To", "<2@a.example>");
    assert_matched(&world.file(answering), Method::Headers, 2);
    let naming = report("<5@b.example>", "<1@a.example>").header("References", "<2@a.example>");
    assert_matched(&world.file(naming), Method::Headers, 1);

    // A report on a mail that comes late, and one that names but itself.
    assert_none(&world.file(report("<6@b.example>", "<late@a.example>")));
    assert_matched(&world.file(Mail::new("Late").id("<late@a.example>")), Method::Headers, 6);
    assert_none(&world.file(report("<7@b.example>", "<7@b.example>")));
}

#[test]
fn the_root_of_a_thread_is_found_behind_any_number_of_ids() {
    let mut world = World::plain();
    let _ = world.file(Mail::new("Offer").id("<root@a>"));
    let mut mail = Mail::new("Re: Offer").id("<1@b>");
    mail = mail.header("References", "<root@a>");
    for number in 0..200 {
        let id = |word| MessageId::parse(&format!("{word}{number}@x")).unwrap().into_owned();
        mail = Mail(mail.0.in_reply_to(id("irt")).reference(id("ref")).reported(id("rep")));
    }
    assert_matched(&world.file(mail), Method::Headers, 1);
}

#[test]
fn siblings_meet_through_a_parent_that_was_never_seen() {
    let mut world = World::plain();
    assert_none(&world.file(Mail::new("a").id("<1@a>").header("References", "<lost@x>")));
    let verdict = world.file(Mail::new("b").id("<2@a>").header("In-Reply-To", "<lost@x>"));
    assert_matched(&verdict, Method::Headers, 1);
    assert!(verdict.evidence().contains(&Evidence::SharedReference));
}

#[test]
fn a_parent_may_come_late_and_join_what_was_apart() {
    let mut world = World::plain();
    assert_none(&world.file(Mail::new("Re: x").id("<2@a>").header("In-Reply-To", "<1@a>")));
    assert_none(&world.file(Mail::new("Re: y").id("<3@a>").header("In-Reply-To", "<0@a>")));
    let parent = Mail::new("x").id("<1@a>").header("References", "<0@a>");
    let verdict = world.file(parent);
    assert_matched(&verdict, Method::Headers, 1);
    assert_eq!(verdict.relation(), Relation::LateParent);
    assert!(verdict.evidence().contains(&Evidence::Joins { conversations: 1 }), "{verdict}");
    let joined: Vec<_> = verdict.joined().map(|candidate| candidate.id).collect();
    assert_eq!(joined, [RecordId::new(2)]);
}

#[test]
fn a_mail_that_names_itself_matches_nothing() {
    let mut world = World::plain();
    let cyclic = || Mail::new("x").header("References", "<1@a> <2@a> <1@a>");
    assert_none(&world.file(cyclic().id("<1@a>")));
    assert_matched(&world.file(cyclic().id("<2@a>")), Method::Headers, 1);
}

#[test]
fn the_same_mail_again_is_a_duplicate_and_changes_nothing() {
    let mut world = World::plain();
    let mail = || Mail::new("x").id("<1@a>");
    assert_none(&world.file(mail()));
    let again = world.file(mail());
    assert_eq!(again.outcome(), Outcome::Duplicate { of: RecordId::new(1) });
    assert_eq!(again.to_string(), "filed already under the same Message-ID");
    assert_eq!(world.store.len(TenantId::new(1)), 1);
}

fn with_token(subject: &'static str) -> Mail {
    Mail::new(subject).from("help@shop.example").to("ann@home.example")
}

#[test]
fn a_token_is_found_in_any_spelling() {
    let mut world = World::only("token");
    assert_none(&world.file(with_token("Offer CRM:0001001")));
    for spelling in
        ["RE: Offer crm:0001001", "AW: Offer ＣＲＭ：０００１００１", "[CRM: 0001001] hi"]
    {
        let verdict = world.file(Mail::new(spelling).from("ann@home.example"));
        assert!(verdict.conversation() == Some(RecordId::new(1)), "{spelling}: {verdict}");
        assert!(verdict.evidence().contains(&Evidence::SenderKnown), "{spelling}: {verdict}");
    }
    for other in ["XCRM:0001001", "CRM:00010012", "CRM:0001002", "ACME:0001001"] {
        assert_none(&world.file(Mail::new(other).from("ann@home.example")));
    }
}

#[test]
fn a_token_that_came_on_the_way_changes_no_subject() {
    for (first, then) in [
        ("Offer", "Re: Offer CRM:0001001"),
        ("Re: Offer CRM:0001001", "Offer"),
        ("Offer", "CRM:0001001 Re: Offer"),
        ("Offer", "[CRM:0001001] Re: Offer"),
        ("Offer of May", "Offer (CRM:0001001) of CRM:0001002 May"),
    ] {
        let mut world = World::only("headers");
        let _ = world.file(Mail::new(first).id("<1@a>"));
        let verdict = world.file(Mail::new(then).header("In-Reply-To", "<1@a>"));
        assert!(verdict.evidence().contains(&Evidence::SameSubject), "{then}: {verdict}");
        assert_eq!(verdict.relation(), Relation::Reply, "{then}: {verdict}");
    }
}

#[test]
fn the_newest_mail_with_the_token_wins() {
    let mut world = World::only("token");
    let _ = world.file(with_token("Offer CRM:0001001"));
    let _ = world.file(with_token("Re: Offer CRM:0001001"));
    let verdict = world.file(Mail::new("Re: CRM:0001001").from("ann@home.example"));
    assert_matched(&verdict, Method::Token, 2);
    assert!(verdict.evidence().contains(&Evidence::Token { mails: 2 }));
}

#[test]
fn nobody_steals_a_conversation_by_guessing_a_number() {
    let stranger = || Mail::new("CRM:0001001").from("mallory@evil.example");
    let mut world = World::only("token");
    let _ = world.file(with_token("Offer CRM:0001001"));
    let verdict = world.file(stranger());
    assert_matched(&verdict, Method::Token, 1);
    assert_eq!(verdict.confidence(), 40);
    assert!(verdict.to_string().contains("but the sender is unknown to this conversation"));

    let mut world = World::new(|settings| {
        settings.tokens.strangers = Strangers::Refuse;
        settings.smart.enabled = false;
    });
    let _ = world.file(with_token("Offer CRM:0001001"));
    let verdict = world.file(stranger());
    assert_none(&verdict);
    assert!(verdict.evidence().contains(&Evidence::StrangerRefused));
    assert_matched(
        &world.file(Mail::new("CRM:0001001").from("ann@home.example")),
        Method::Token,
        1,
    );
}

/// What a stranger does must not change what the next reply of the customer is told.
#[test]
fn no_stranger_becomes_the_bearer_of_a_token() {
    let attacks: [fn() -> Mail; 3] = [
        || Mail::new("CRM:0001001").from("mallory@evil.example").to("help@shop.example"),
        // Known to a conversation of his own, whose headers he adds.
        || {
            let mail = Mail::new("CRM:0001001 CRM:0009999").from("mallory@evil.example");
            mail.to("help@shop.example").header("In-Reply-To", "<own@evil.example>")
        },
        || {
            let mail = Mail::new("CRM:0001001").from("mallory@evil.example");
            mail.header("In-Reply-To", "<own@evil.example>")
        },
    ];
    for (attack, strangers, order) in attacks
        .iter()
        .flat_map(|attack| [Strangers::Match, Strangers::Refuse].map(|policy| (attack, policy)))
        .flat_map(|(attack, policy)| {
            [MethodOrder::default(), MethodOrder::later_product()].map(|o| (attack, policy, o))
        })
    {
        let mut world = World::new(|settings| {
            settings.tokens.strangers = strangers;
            settings.order = order.clone();
            settings.smart.enabled = false;
        });
        let _ = world.file(with_token("Offer CRM:0001001"));
        let own = Mail::new("CRM:0009999").id("<own@evil.example>").from("mallory@evil.example");
        let _ = world.file(own);
        for _ in 0..20 {
            let _ = world.file(attack());
        }
        let reply = world.file(Mail::new("Re: Offer CRM:0001001").from("ann@home.example"));
        assert_eq!(
            reply.conversation(),
            Some(RecordId::new(1)),
            "{strangers:?} {order:?}: {reply}"
        );
        assert!(reply.evidence().contains(&Evidence::SenderKnown), "{reply}");
        let again = world.file(attack());
        assert!(
            !again.evidence().contains(&Evidence::SenderKnown)
                || again.conversation() != reply.conversation()
        );
    }
}

#[test]
fn incoming_mail_brings_no_token_that_the_host_has_yet_to_use() {
    let mut world = World::only("token");
    let claim = Mail::new("CRM:0001002").from("mallory@evil.example").to("help@shop.example");
    let arrival = Arrival::new(TenantId::new(1), RecordId::new(99), world.now).incoming();
    let claim = claim.0.build();
    let filed = file(&world.store, &world.correlator, arrival, &claim);
    let _ = poll_once(filed).unwrap().unwrap();
    assert_none(&world.file(with_token("First offer CRM:0001002")));
}

#[test]
fn only_the_author_has_standing() {
    let mut world = World::only("token");
    let _ = world.file(with_token("Offer CRM:0001001"));
    let mail = Mail::new("CRM:0001001").from("mallory@evil.example");
    let verdict = world.file(mail.someone(Role::ReplyTo, "help@shop.example"));
    assert!(verdict.evidence().contains(&Evidence::SenderUnknown), "{verdict}");
}

#[test]
fn an_id_that_another_mail_took_first_is_doubted() {
    let mut world = World::plain();
    let _ = world.file(Mail::new("Cheap watches").id("<1@shop.example>"));
    let verdict = world.file(Mail::new("Your order").id("<1@shop.example>"));
    assert_eq!(verdict.outcome(), Outcome::Duplicate { of: RecordId::new(1) });
    assert_eq!(verdict.evidence(), [Evidence::SubjectChanged]);
}

#[test]
fn the_outermost_prefix_tells_reply_from_forward() {
    for (subject, relation) in [
        ("Re: Fwd: Offer", Relation::Reply),
        ("Fwd: Re: Offer", Relation::Forward),
        ("Re: Offer (fwd)", Relation::Reply),
        ("Offer (fwd)", Relation::Forward),
    ] {
        let mut world = World::plain();
        let _ = world.file(Mail::new("Offer").id("<1@a>"));
        let verdict = world.file(Mail::new(subject).header("In-Reply-To", "<1@a>"));
        assert_eq!(verdict.relation(), relation, "{subject}: {verdict}");
    }
}

#[test]
fn tokens_of_two_conversations_are_ambiguous_unless_headers_tell() {
    let mut world = World::plain();
    let _ = world.file(with_token("Offer CRM:0001001").id("<1@a>"));
    let _ = world.file(with_token("Other matter CRM:0001002"));
    let both = || Mail::new("CRM:0001001 CRM:0001002").from("ann@home.example");
    let verdict = world.file(both());
    assert_eq!(verdict.outcome(), Outcome::Ambiguous { by: Method::Token }, "{verdict}");
    let named: Vec<_> = verdict.candidates().iter().map(|c| c.id.get()).collect();
    assert_eq!(named, [2, 1], "newest first");
    let verdict = world.file(both().header("In-Reply-To", "<1@a>"));
    assert_matched(&verdict, Method::Headers, 1);

    let mut world = World::new(|settings| settings.tokens.several = Several::Newest);
    let _ = world.file(with_token("Offer CRM:0001001"));
    let _ = world.file(with_token("Other matter CRM:0001002"));
    assert_matched(&world.file(both()), Method::Token, 2);
}

const ROOT: &str = "AdkQzpFSvDSqQzpFSvDSqQzpFSvDSg==";

#[test]
fn a_thread_index_root_is_shared() {
    let mut world = World::only("thread-index");
    assert_none(&world.file(Mail::new("x").header("Thread-Index", ROOT)));
    let verdict = world.file(Mail::new("RE: x").header("Thread-Index", ROOT));
    assert_matched(&verdict, Method::ThreadIndex, 1);
    assert_eq!(verdict.confidence(), 85);
}

fn between(subject: &'static str, from: &'static str, to: &'static str) -> Mail {
    Mail::new(subject).from(from).to(to)
}

#[test]
fn smart_matching_needs_the_words_and_two_addresses() {
    let mut world = World::only("smart");
    assert_none(&world.file(between("Spring offer", "ann@a.example", "bob@b.example")));
    let verdict = world.file(between("RE: spring OFFER", "BOB@b.example", "ann@A.example"));
    assert_matched(&verdict, Method::Smart, 1);
    assert_eq!((verdict.relation(), verdict.confidence()), (Relation::Reply, 90));
    assert_eq!(
        verdict.to_string(),
        "matched by smart (reply, 90 %): the subject has the same words; \
         2 addresses in common of 2 needed; the sender took part in it"
    );
    let verdict = world.file(between("Re: spring offer", "eve@e.example", "ann@a.example"));
    assert_none(&verdict);
    assert!(verdict.evidence().contains(&Evidence::TooFewAddresses { best: 1, needed: 2 }));
    let report = world.file(between("Spring offer", "ann@a.example", "bob@b.example"));
    assert_eq!((report.relation(), report.confidence()), (Relation::Unmarked, 55));
}

#[test]
fn smart_matching_looks_back_ninety_days_and_never_ahead() {
    for (days, found) in [(89, true), (90, true), (91, false), (-1, false)] {
        let mut world = World::only("smart");
        let then = world.now;
        let mail = || between("Offer", "ann@a.example", "bob@b.example");
        let _ = world.file_at(mail(), then);
        let verdict = world.file_at(mail(), then + TimeDelta::days(days));
        assert_eq!(verdict.mail().is_some(), found, "{days} days: {verdict}");
    }
}

#[test]
fn empty_keys_never_match_each_other() {
    for subject in ["", "Re:", "  AW:  Re: ", "\u{200b}"] {
        let mut world = World::plain();
        let mail =
            || between(subject, "ann@a.example", "bob@b.example").header("In-Reply-To", "<>");
        assert_none(&world.file(mail()));
        assert_none(&world.file(mail()));
    }
}

#[test]
fn subjects_may_differ_by_a_word_where_that_is_set() {
    let mut world = World::new(|settings| {
        settings.smart.delta = 1;
        settings.order = MethodOrder::new([Method::Smart]).unwrap();
    });
    let mail = |subject| between(subject, "ann@a.example", "bob@b.example");
    assert_none(&world.file(mail("summer price list")));
    let similar = world.file(mail("Re: summer price"));
    assert_matched(&similar, Method::Smart, 1);
    assert!(similar.evidence().contains(&Evidence::SimilarKeywords), "{similar}");
    let json = serde_json::to_value(&similar).unwrap();
    assert_eq!(json["outcome"]["matched"]["by"], "smart", "{json}");
    assert_matched(&world.file(mail("summer price overview")), Method::Smart, 2);
    assert_none(&world.file(mail("invoice")));
    assert_none(&world.file(mail("summer wine tasting")));
    let delta = World::only("smart").correlator.settings().smart.delta;
    assert_eq!(delta, 0, "off unless set");
}

#[test]
fn several_conversations_that_fit_can_be_refused() {
    let mut world = World::new(|settings| settings.smart.several = Several::Refuse);
    let mail = |id| between("Weekly report", "ann@a.example", "bob@b.example").id(id);
    let first = world.now;
    let _ = world.file_at(mail("<1@a>"), first);
    let _ = world.file_at(mail("<2@a>"), first - TimeDelta::days(1));
    let verdict = world.file_at(mail("<3@a>"), first + TimeDelta::days(1));
    assert_eq!(verdict.outcome(), Outcome::Ambiguous { by: Method::Smart }, "{verdict}");
    assert_eq!((verdict.mail(), verdict.candidates().len()), (None, 2));

    let mut world = World::plain();
    let _ = world.file_at(mail("<1@a>"), first);
    let _ = world.file_at(mail("<2@a>"), first - TimeDelta::days(1));
    let verdict = world.file_at(mail("<3@a>"), first + TimeDelta::days(1));
    assert_matched(&verdict, Method::Smart, 1);
    assert!(verdict.evidence().contains(&Evidence::OthersFit { conversations: 1 }), "{verdict}");
}

#[test]
fn what_is_no_reply_is_called_by_its_name() {
    let start = |world: &mut World| {
        let _ = world.file(between("Offer", "ann@a.example", "bob@b.example").id("<1@a>"));
    };
    let cases: [(Mail, Relation); 5] = [
        (Mail::new("FW: Offer"), Relation::Forward),
        (Mail::new("Christmas party"), Relation::NewTopic),
        (
            Mail::new("Automatic reply: Offer").header("Auto-Submitted", "auto-replied"),
            Relation::AutoReply,
        ),
        (
            Mail::new("Undelivered Mail")
                .header("Content-Type", "multipart/report; report-type=delivery-status"),
            Relation::Bounce,
        ),
        (Mail::new("Offer"), Relation::Reply),
    ];
    for (mail, relation) in cases {
        let mut world = World::plain();
        start(&mut world);
        let verdict = world.file(mail.id("<2@b>").header("In-Reply-To", "<1@a>"));
        assert_matched(&verdict, Method::Headers, 1);
        assert_eq!(verdict.relation(), relation, "{verdict}");
    }
}

#[test]
fn a_generated_mail_answers_where_more_than_likeness_ties_it() {
    let between = || between("Offer", "ann@a.example", "bob@b.example");
    for (header, value, relation) in [
        ("Auto-Submitted", "auto-generated", Relation::AutoReply),
        ("Auto-Submitted", "auto-notified", Relation::AutoReply),
        ("Return-Path", "<>", Relation::AutoReply),
        ("Precedence", "bulk", Relation::NewTopic),
        ("List-Unsubscribe", "<mailto:a@x>", Relation::NewTopic),
    ] {
        let mut world = World::plain();
        let _ = world.file(between().id("<1@a>"));
        let away = Mail::new("Away").header("In-Reply-To", "<1@a>").header(header, value);
        let verdict = world.file(away);
        assert_eq!(verdict.relation(), relation, "{header}: {value}: {verdict}");
        let alike = world.file(between().header(header, value));
        assert_eq!(alike.relation(), Relation::Unmarked, "{header}: {value}: {alike}");
    }
}

#[test]
fn methods_speak_for_and_against() {
    let mut world = World::plain();
    let _ = world.file(with_token("Offer CRM:0001001").id("<1@a>"));
    let _ = world.file(with_token("Other CRM:0001002").id("<2@a>"));
    let agreed = Mail::new("Re: Offer CRM:0001001").from("ann@home.example");
    let verdict = world.file(agreed.to("help@shop.example").header("In-Reply-To", "<1@a>"));
    assert_matched(&verdict, Method::Token, 1);
    for method in [Method::Headers, Method::Smart] {
        assert!(verdict.evidence().contains(&Evidence::Agrees(method)), "{verdict}");
    }
    let torn = Mail::new("Re: Offer CRM:0001001").from("ann@home.example");
    let verdict = world.file(torn.header("In-Reply-To", "<2@a>"));
    assert!(verdict.evidence().contains(&Evidence::Disagrees(Method::Headers)), "{verdict}");
}

#[test]
fn the_order_of_methods_decides() {
    for (order, mail) in [("token,headers", 1), ("headers,token", 2)] {
        let mut world = World::only(order);
        let _ = world.file(with_token("Offer CRM:0001001").id("<1@a>"));
        let _ = world.file(with_token("Other").id("<2@a>"));
        let torn = Mail::new("CRM:0001001").from("ann@home.example");
        let verdict = world.file(torn.header("In-Reply-To", "<2@a>"));
        assert_eq!(verdict.mail(), Some(RecordId::new(mail)), "{order}: {verdict}");
    }
}

#[test]
fn each_switch_turns_its_own_method_off() {
    type Switch = fn(&mut CorrelationSettings);
    let off: [(Switch, &[Method]); 4] = [
        (|settings| settings.folders.enabled = false, &[Method::Folder]),
        (|settings| settings.tokens.enabled = false, &[Method::Token]),
        (|settings| settings.use_correlation = false, &[Method::Headers, Method::ThreadIndex]),
        (|settings| settings.smart.enabled = false, &[Method::Smart]),
    ];
    for (switch, methods) in off {
        let world = World::new(switch);
        let left: Vec<_> = Method::ALL.into_iter().filter(|m| !methods.contains(m)).collect();
        assert_eq!(world.correlator.active(), left);
    }
}

#[test]
fn a_tracked_folder_decides_first() {
    let record = RecordId::new(77);
    let mut world = World::new(|settings| {
        settings
            .folders
            .folders
            .push(TrackedFolder { folder: "Inbox/Fair".into(), regarding: record });
    });
    let _ = world.file(Mail::new("Offer").id("<1@a>"));
    let mail = Mail(Mail::new("Re: Offer").header("In-Reply-To", "<1@a>").0.folder("Inbox/Fair"));
    let verdict = world.file(mail);
    let to = Target::Record(record);
    assert_eq!(verdict.outcome(), Outcome::Matched { by: Method::Folder, to });
    assert_eq!(verdict.candidates()[0].id, RecordId::new(1), "what else was found is named");
}

#[test]
fn a_filter_that_cannot_be_used_leaves_smart_matching_off() {
    let world = World::new(|settings| settings.smart.filter = Some(r"(?<=Re:)\s".into()));
    assert!(matches!(world.correlator.findings(), [Finding::Filter(_)]));
    assert!(world.correlator.findings()[0].to_string().starts_with("smart matching is off: "));
    assert!(!world.correlator.active().contains(&Method::Smart));
}

#[test]
fn settings_say_what_is_wrong_with_them() {
    let read = |json| serde_json::from_str::<CorrelationSettings>(json);
    assert_eq!(read("{}").unwrap(), CorrelationSettings::default());
    let wrong = |json| read(json).unwrap_err().to_string();
    for (json, expected) in [
        (r#"{"smart": {"min_addresses": 0}}"#, "nonzero"),
        (r#"{"smart": {"delta": "one"}}"#, "expected u32"),
        (r#"{"smrat": {}}"#, "unknown field `smrat`"),
        (r#"{"order": ["token", "token"]}"#, "expected each method once, found token twice"),
        (r#"{"tokens": {"formats": [{"prefix": ""}]}}"#, "prefix"),
    ] {
        let message = wrong(json);
        assert!(message.contains(expected) && message.contains("line 1"), "{message}");
    }
    let settings = CorrelationSettings::default();
    let json = serde_json::to_string(&settings).unwrap();
    assert_eq!(read(&json).unwrap(), settings, "{json}");
}

#[test]
fn two_racing_deliveries_of_one_mail_file_it_once() {
    // Both look, then both commit: what the second finds out makes it decide again.
    let world = World::plain();
    let message = Message::builder().header("Message-ID", "<1@a>").build();
    let clues = world.correlator.clues(&message, world.store.keyer());
    let question = world.correlator.question(&clues, world.now);
    let look = || {
        let answer = poll_once(world.store.find(TenantId::new(1), question.query()));
        world.correlator.decide(&clues, &question, &answer.unwrap().unwrap())
    };
    let (first, second) = (look(), look());
    assert_eq!((first.outcome(), second.outcome()), (Outcome::None, Outcome::None));
    let commit = |id: u128, verdict: &Verdict| {
        use correspond::store::{Batch, Change};
        let row = clues.row(RecordId::new(id), world.now, Direction::Unknown, verdict);
        poll_once(world.store.commit(&Batch::of(TenantId::new(1), Change::File(row))))
            .unwrap()
            .unwrap()
    };
    use correspond::store::{Commit, Reason, Refusal};
    assert_eq!(commit(1, &first), Commit::Applied);
    let reason = Reason::Filed { holder: RecordId::new(1) };
    assert_eq!(commit(2, &second), Commit::Refused(vec![Refusal { change: 0, reason }]));
    assert_eq!(look().outcome(), Outcome::Duplicate { of: RecordId::new(1) });
}

#[test]
fn a_store_behind_a_pointer_is_the_store() {
    use correspond::store::Blocking;
    let shared = std::sync::Arc::new(MemoryStore::default());
    let (one, other) = (Blocking::new(std::sync::Arc::clone(&shared)), Blocking::new(&*shared));
    let correlator = Correlator::default();
    let message = Message::builder().header("Message-ID", "<1@a>").build();
    let arrive = |id| Arrival::new(TenantId::new(1), RecordId::new(id), DateTime::UNIX_EPOCH);
    let first = one.run(async |store| file(store, &correlator, arrive(1), &message).await);
    assert_none(&first.unwrap().unwrap().verdict);
    let again = other.run(async |store| file(store, &correlator, arrive(2), &message).await);
    let duplicate = Outcome::Duplicate { of: RecordId::new(1) };
    assert_eq!(again.unwrap().unwrap().verdict.outcome(), duplicate);
}
