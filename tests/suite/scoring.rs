//! What happens to leads when they are scored, and to scores when their model is stopped.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta};
use correspond::consent::Level;
use correspond::id::RecordId;
use correspond::record::Version;
use correspond::scoring::{
    Effect, GradeRange, Grades, LeadState, ModelState, ModelTarget, NotScored, ScoreKey,
    ScoringModel, Stage, Switches, scored, stopped, went_live,
};
use correspond::settings::{DataProtection, LeadScoringConfiguration, Name, Stored, in_force};
use proptest::prelude::*;

const LEAD: RecordId = RecordId::new(1);
const MODEL: RecordId = RecordId::new(100);
const OTHER: RecordId = RecordId::new(200);

fn lead() -> LeadState {
    let mut lead = LeadState::new(LEAD);
    lead.contact = Some(RecordId::new(10));
    lead
}

fn model(id: RecordId) -> ScoringModel {
    let mut model = ScoringModel::new(id, ModelTarget::Contact);
    model.state = ModelState::Live;
    model.sales_ready_score = Some(100);
    model
}

fn switches(sales_ready: bool, qualification: bool) -> Switches {
    Switches { sales_ready, qualification, cleanup: true }
}

fn protection(respect: bool) -> DataProtection {
    DataProtection::builder().name("GDPR").respect_consent(respect).build().unwrap()
}

/// What follows from a score beside the score itself.
fn follows(switches: Switches, lead: &LeadState, points: i64) -> Vec<Effect> {
    let mut effects = scored(switches, None, lead, &model(MODEL), points).unwrap();
    let kept = Effect::KeepScore { lead: LEAD, model: MODEL, points, grade: None };
    assert_eq!(effects.remove(0), kept);
    effects
}

fn moves(from: Stage, to: Stage) -> Effect {
    Effect::Move { lead: LEAD, from, to }
}

const READY: Effect = Effect::MarkSalesReady { lead: LEAD };

fn configuration(created: i64, sales_ready: bool) -> Stored<LeadScoringConfiguration> {
    let value = LeadScoringConfiguration::builder()
        .name("Any")
        .automatic_sales_ready(sales_ready)
        .automatic_qualification(false)
        .build()
        .unwrap();
    let created = DateTime::UNIX_EPOCH + TimeDelta::days(created);
    let id = RecordId::new(created.timestamp().unsigned_abs().into());
    Stored::new(id, Version::new(1), created, value)
}

/// A001, A002, A003, A004, A005; facts 7.1: any number of configurations, the one created last among
/// the active ones counts, and without any all switches are yes.
#[test]
fn scoring_switches_come_from_the_configuration_in_force() {
    let of = |records: &[Stored<LeadScoringConfiguration>]| {
        Switches::from(in_force::lead_scoring(records).map(|stored| &stored.value))
    };
    let all_yes = Switches { sales_ready: true, qualification: true, cleanup: true };
    assert_eq!((of(&[]), Switches::default()), (all_yes, all_yes));

    let mut records: Vec<_> = (1..=50).map(|day| configuration(day, day == 30)).collect();
    records[3].modified = DateTime::UNIX_EPOCH + TimeDelta::days(99);
    assert!(!of(&records).sales_ready);
    for later in &mut records[30..] {
        later.active = false;
    }
    let mixed = Switches { sales_ready: true, qualification: false, cleanup: true };
    assert_eq!(of(&records), mixed);
    for stored in &mut records {
        stored.active = false;
    }
    assert_eq!(of(&records), all_yes);
}

/// A008, A009; facts 7.1: a sales-ready score marks the lead and moves it to sales acceptance, past
/// both teleprospecting stages.
#[test]
fn a_sales_ready_score_marks_and_moves_the_lead() {
    let mut lead = lead();
    lead.stage = Stage::AutomatedMarketingQualification;
    lead.scored = true;
    let to_sales = moves(lead.stage, Stage::SalesAcceptance);
    assert_eq!(follows(Switches::default(), &lead, 99), []);
    assert_eq!(follows(Switches::default(), &lead, 100), [READY, to_sales.clone()]);
    assert_eq!(follows(Switches::default(), &lead, 250), [READY, to_sales]);
}

/// A010: with the switch off such a score neither marks nor moves.
#[test]
fn a_sales_ready_score_does_nothing_when_switched_off() {
    let mut lead = lead();
    lead.scored = true;
    assert_eq!(follows(switches(false, true), &lead, 100), []);
}

/// A012; facts 7.1: the first score of any model moves a lead from inquiry to automated marketing
/// qualification; a later one does not, nor does any from another stage.
#[test]
fn the_first_score_qualifies_the_lead() {
    let qualified = [moves(Stage::Inquiry, Stage::AutomatedMarketingQualification)];
    for points in [-5, 0, 1, 99] {
        assert_eq!(follows(switches(true, true), &lead(), points), qualified);
    }
    let mut again = lead();
    again.scored = true;
    assert_eq!(follows(switches(true, true), &again, 1), []);
    for stage in &Stage::ALL[1..] {
        let mut further = lead();
        further.stage = *stage;
        assert_eq!(follows(switches(true, true), &further, 1), []);
    }
}

/// A013: with the switch off the first score leaves the stage alone.
#[test]
fn the_first_score_moves_nothing_when_switched_off() {
    assert_eq!(follows(switches(true, false), &lead(), 1), []);
    let sold = moves(Stage::Inquiry, Stage::SalesAcceptance);
    assert_eq!(follows(switches(true, false), &lead(), 100), [READY, sold]);
}

/// A008, A009, A012: a first score that is sales ready goes through both moves, in order.
#[test]
fn a_first_score_can_be_sales_ready() {
    let effects = [
        moves(Stage::Inquiry, Stage::AutomatedMarketingQualification),
        READY,
        moves(Stage::AutomatedMarketingQualification, Stage::SalesAcceptance),
    ];
    assert_eq!(follows(Switches::default(), &lead(), 100), effects);
    let mut after = lead();
    for effect in &effects {
        after.apply(effect);
    }
    assert_eq!((after.stage, after.sales_ready), (Stage::SalesAcceptance, true));
}

/// A008, A009: what is so already is not done again, what is missing is; a model without a
/// sales-ready score makes nobody ready.
#[test]
fn a_sales_ready_score_brings_about_what_is_missing() {
    let mut done = lead();
    done.scored = true;
    done.stage = Stage::SalesAcceptance;
    assert_eq!(follows(Switches::default(), &done, 100), [READY]);
    done.sales_ready = true;
    assert_eq!(follows(Switches::default(), &done, 100), []);
    assert_eq!(follows(Switches::default(), &done, 5), [], "a lower score takes nothing back");
    done.stage = Stage::TeleprospectingAcceptance;
    let back = moves(done.stage, Stage::SalesAcceptance);
    assert_eq!(follows(Switches::default(), &done, 100), [back]);

    let mut open = model(MODEL);
    open.sales_ready_score = None;
    let effects = scored(switches(true, false), None, &lead(), &open, i64::MAX).unwrap();
    assert_eq!(effects.len(), 1);
}

/// A move that started from another stage lost a race: it is left out.
#[test]
fn a_stale_move_is_not_applied() {
    let stale = moves(Stage::Inquiry, Stage::AutomatedMarketingQualification);
    let mut ahead = lead();
    ahead.stage = Stage::SalesAcceptance;
    ahead.apply(&stale);
    assert_eq!(ahead.stage, Stage::SalesAcceptance);
    let mut other = LeadState::new(RecordId::new(2));
    for effect in [stale, READY] {
        other.apply(&effect);
    }
    assert_eq!(other, LeadState::new(RecordId::new(2)));
}

/// The worked example of the product's tutorial; facts 7.1: 70 for the city London, 40 for the
/// country England, sales ready at 100.
#[test]
fn the_tutorial_of_lead_scoring_is_followed() {
    let mut tutorial = model(MODEL);
    tutorial.grades = Grades::new(vec![
        GradeRange { name: Name::new("Cold").unwrap(), min: None, max: Some(69) },
        GradeRange { name: Name::new("Warm").unwrap(), min: Some(70), max: Some(99) },
        GradeRange { name: Name::new("Hot").unwrap(), min: Some(100), max: None },
    ])
    .unwrap();
    let qualified = Stage::AutomatedMarketingQualification;
    for (city, country, points, grade, stage, ready) in [
        ("London", "England", 110, "Hot", Stage::SalesAcceptance, true),
        ("Manchester", "England", 40, "Cold", qualified, false),
        ("London", "Ohio", 70, "Warm", qualified, false),
    ] {
        // Every condition acts on its own, and actions add.
        let sum = [(city == "London", 70), (country == "England", 40)]
            .into_iter()
            .filter_map(|(holds, action)| holds.then_some(action))
            .sum::<i64>();
        assert_eq!(sum, points);
        let mut lead = lead();
        let effects = scored(Switches::default(), None, &lead, &tutorial, sum).unwrap();
        let called = matches!(
            &effects[0],
            Effect::KeepScore { grade: Some(name), points: kept, .. }
                if name.as_str() == grade && *kept == points
        );
        assert!(called, "{city}, {country}: {effects:?}");
        for effect in &effects {
            lead.apply(effect);
        }
        assert_eq!((lead.stage, lead.sales_ready, lead.scored), (stage, ready, true), "{city}");
    }
}

/// A stock of scores, as a host keeps it.
type Scores = BTreeMap<ScoreKey, i64>;

fn keep(scores: &mut Scores, effects: &[Effect]) {
    for effect in effects {
        match effect {
            Effect::KeepScore { lead, model, points, .. } => {
                scores.insert(ScoreKey { lead: *lead, model: *model }, *points);
            }
            Effect::DeleteScore { lead, model } => {
                scores.remove(&ScoreKey { lead: *lead, model: *model });
            }
            _ => {}
        }
    }
}

fn two_models() -> Scores {
    let mut scores = Scores::new();
    for number in 1..=3 {
        for (id, points) in [(MODEL, 10), (OTHER, 20)] {
            let mut lead = lead();
            lead.id = RecordId::new(number);
            keep(
                &mut scores,
                &scored(Switches::default(), None, &lead, &model(id), points).unwrap(),
            );
        }
    }
    assert_eq!(scores.len(), 6);
    scores
}

fn keys(scores: &Scores) -> Vec<ScoreKey> {
    scores.keys().copied().collect()
}

/// A015: with cleanup, stopping deletes every score of the model and no other.
#[test]
fn stopping_a_model_deletes_its_scores_and_no_other() {
    let mut scores = two_models();
    let effects = stopped(Switches::default(), MODEL, &keys(&scores));
    assert_eq!(effects.len(), 3);
    keep(&mut scores, &effects);
    assert_eq!(scores.len(), 3);
    assert!(scores.keys().all(|key| key.model == OTHER));
}

/// A016; facts 7.1: going live again recalculates, whatever cleanup did.
#[test]
fn going_live_again_recalculates_the_scores() {
    let mut leads: Vec<_> = (1..=4)
        .map(|number| {
            let mut lead = lead();
            lead.id = RecordId::new(number);
            lead
        })
        .collect();
    leads[1].contact = None;
    leads[2].consent = Level::Marketing;
    let again = |number| Effect::Recalculate { lead: RecordId::new(number), model: MODEL };

    let mut model = model(MODEL);
    let expected = [1, 3, 4].map(again);
    assert_eq!(went_live(None, &model, &leads), expected);
    model.minimum_consent = Level::Marketing;
    assert_eq!(went_live(Some(&protection(true)), &model, &leads), [again(3)]);
    assert_eq!(went_live(Some(&protection(false)), &model, &leads), expected);
    model.state = ModelState::GoingLive;
    assert_eq!(went_live(None, &model, &leads), []);
}

/// A017: without cleanup the scores stay, visible and as they are, while the model is stopped.
#[test]
fn without_cleanup_scores_of_a_stopped_model_stay_and_age() {
    let mut scores = two_models();
    let before = scores.clone();
    let off = Switches { cleanup: false, ..Switches::default() };
    let effects = stopped(off, MODEL, &keys(&scores));
    keep(&mut scores, &effects);
    let mut draft = model(MODEL);
    draft.state = ModelState::Draft;
    assert_eq!(
        scored(off, None, &lead(), &draft, 50),
        Err(NotScored::ModelNotLive(ModelState::Draft))
    );
    assert_eq!(scores, before);
}

/// Facts 7.1, 7.13: only a live model scores.
#[test]
fn only_live_models_score() {
    for state in ModelState::ALL {
        let mut model = model(MODEL);
        model.state = *state;
        let scores = scored(Switches::default(), None, &lead(), &model, 1).is_ok();
        assert_eq!(scores, *state == ModelState::Live, "{state}");
    }
}

/// Facts 7.1: a lead without parents is not scored, one with both counts as contact-based.
#[test]
fn a_lead_is_scored_by_its_parent() {
    let contact = Some(RecordId::new(10));
    let account = Some(RecordId::new(20));
    for (contact, account, by_contacts, by_accounts) in [
        (None, None, Err(NotScored::NoParent), Err(NotScored::NoParent)),
        (contact, None, Ok(()), Err(other(ModelTarget::Contact))),
        (None, account, Err(other(ModelTarget::Account)), Ok(())),
        (contact, account, Ok(()), Err(other(ModelTarget::Contact))),
    ] {
        let mut lead = LeadState::new(LEAD);
        (lead.contact, lead.account) = (contact, account);
        let mut model = model(MODEL);
        let score = |model: &_| scored(Switches::default(), None, &lead, model, 1).map(|_| ());
        assert_eq!(score(&model), by_contacts);
        model.target = ModelTarget::Account;
        assert_eq!(score(&model), by_accounts);
    }
}

fn other(lead: ModelTarget) -> NotScored {
    let model = match lead {
        ModelTarget::Contact => ModelTarget::Account,
        _ => ModelTarget::Contact,
    };
    NotScored::OtherTarget { lead, model }
}

/// Facts 7.1, 7.7: minimum consent counts where consent is respected, for contacts alone.
#[test]
fn minimum_consent_counts_where_consent_is_respected() {
    let mut model = model(MODEL);
    model.minimum_consent = Level::Subscriptions;
    for level in Level::ALL {
        let mut lead = lead();
        lead.consent = level;
        let scores = |protection: Option<&DataProtection>| {
            scored(Switches::default(), protection, &lead, &model, 1).map(|_| ())
        };
        assert_eq!(scores(None), Ok(()));
        assert_eq!(scores(Some(&protection(false))), Ok(()));
        let enough = match level {
            Level::None | Level::Consent | Level::Transactional => {
                Err(NotScored::Consent { minimum: Level::Subscriptions, found: level })
            }
            Level::Subscriptions | Level::Marketing | Level::Profiling => Ok(()),
        };
        assert_eq!(scores(Some(&protection(true))), enough);
    }
    model.target = ModelTarget::Account;
    let mut account = LeadState::new(LEAD);
    account.account = Some(RecordId::new(20));
    assert!(scored(Switches::default(), Some(&protection(true)), &account, &model, 1).is_ok());
}

#[test]
fn a_lead_that_is_not_scored_is_told_why() {
    for (reason, text) in [
        (
            NotScored::ModelNotLive(ModelState::Stopping),
            "expected a live model, found one in state Stopping",
        ),
        (NotScored::NoParent, "expected a parent contact or a parent account, found none"),
        (
            other(ModelTarget::Contact),
            "expected a lead with a parent Account, found one that is scored by its Contact",
        ),
        (
            NotScored::Consent { minimum: Level::Marketing, found: Level::Consent },
            "expected consent of at least (4) Marketing, found (1) Consent",
        ),
    ] {
        assert_eq!(reason.to_string(), text);
    }
}

/// A009, A012: the five stages and their order.
#[test]
fn stages_are_in_the_order_of_the_process() {
    assert!(Stage::ALL.is_sorted());
    let labels = Stage::ALL.map(|stage| stage.to_string());
    assert_eq!(
        labels,
        [
            "Inquiry",
            "Automated marketing qualification",
            "Teleprospecting acceptance",
            "Teleprospecting qualification",
            "Sales acceptance"
        ]
    );
    assert_eq!(serde_json::to_string(&Stage::SalesAcceptance).unwrap(), "\"sales-acceptance\"");
}

proptest! {
    /// A008 to A013; facts 7.1. Whatever scores come, of whatever models, under switches that change:
    /// the lead never moves backwards, never loses its mark, and moves only as the switches say.
    #[test]
    fn the_lead_lifecycle_never_moves_backwards(
        start in 0..5_usize,
        events in prop::collection::vec(
            (any::<(bool, bool)>(), any::<bool>(), -200..200_i64, any::<bool>()),
            1..40,
        ),
    ) {
        let mut now = lead();
        now.stage = Stage::ALL[start];
        let mut seen = now;
        for ((sales_ready, qualification), which, points, fresh) in events {
            // A decision may rest on what the lead was like before.
            if fresh {
                seen = now;
            }
            let model = model(if which { MODEL } else { OTHER });
            let before = now;
            let switches = switches(sales_ready, qualification);
            let effects = scored(switches, None, &seen, &model, points).unwrap();
            prop_assert!(effects.len() <= 4);
            for effect in &effects {
                if let Effect::Move { from, to, .. } = effect {
                    prop_assert!(from < to);
                    prop_assert!(
                        qualification && *to == Stage::AutomatedMarketingQualification
                            || sales_ready && *to == Stage::SalesAcceptance && points >= 100
                    );
                }
                now.apply(effect);
            }
            prop_assert!(now.stage >= before.stage);
            prop_assert!(now.sales_ready >= before.sales_ready);
            prop_assert!(now.scored);
            if fresh && sales_ready && points >= 100 {
                prop_assert!(now.sales_ready && now.stage == Stage::SalesAcceptance);
            }
            if !sales_ready {
                prop_assert_eq!(now.sales_ready, before.sales_ready);
            }
        }
    }

    /// A015, A017: stopping deletes all of the model's scores or none, and never another's.
    #[test]
    fn stopping_touches_one_model(
        scores in prop::collection::btree_set((0..20_u128, 0..4_u128), 0..60),
        cleanup in any::<bool>(),
    ) {
        let keys: Vec<_> = scores
            .iter()
            .map(|&(lead, model)| ScoreKey { lead: RecordId::new(lead), model: RecordId::new(model) })
            .collect();
        let switches = Switches { cleanup, ..Switches::default() };
        let effects = stopped(switches, RecordId::new(2), &keys);
        let expected = keys.iter().filter(|key| cleanup && key.model == RecordId::new(2)).count();
        prop_assert_eq!(effects.len(), expected);
        for effect in effects {
            let only_its_own = matches!(
                effect,
                Effect::DeleteScore { model, .. } if model == RecordId::new(2)
            );
            prop_assert!(only_its_own);
        }
    }
}
