//! What a person asked for, and what has to be confirmed of it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::change::LevelChange;
use super::error::{ConsentError, Problem};
use super::level::Level;
use super::lists::Memberships;
use super::person::Person;
use super::setup::OptInKind;
use crate::form::FormType;
use crate::id::RecordId;

/// What a person asked for: a level, lists to join, lists to leave. No list is both.
///
/// ```
/// use correspond::consent::{Ask, Level, Memberships, Person, Wanted};
/// use correspond::id::RecordId;
///
/// let [news, offers] = [1, 2].map(RecordId::new);
/// let wanted = Wanted::new().with_level(Level::Consent).joining([news, offers])?;
/// let ann = Person::new(Level::Marketing);
/// let steps = wanted.steps(&ann, &Memberships::default(), true);
/// assert_eq!(steps.level.map(|change| change.to()), Some(Level::Consent), "less is done at once");
/// assert_eq!(steps.confirm, [Ask::List(news), Ask::List(offers)], "one mail for each list");
///
/// let steps = wanted.steps(&ann, &Memberships::default(), false);
/// assert_eq!((steps.join, steps.confirm), (vec![news, offers], vec![]), "no double opt-in");
/// # Ok::<(), correspond::consent::ConsentError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Wanted {
    level: Option<Level>,
    at_least: bool,
    join: BTreeSet<RecordId>,
    leave: BTreeSet<RecordId>,
}

impl Wanted {
    /// At most this many lists are joined and left in one go.
    pub const MAX_LISTS: usize = 64;

    /// Nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What somebody wants of lists who sends a form of this kind, which offers these lists, with those
    /// `ticked`. A [subscription center](FormType::SubscriptionCenter) sets the memberships to exactly
    /// the ticked ones of the lists that it offers, so that the others are left; any other form puts
    /// people on lists and takes them off none. Lists that the form does not offer stay as they are.
    ///
    /// A level comes on top: one that the form asks for by [`with_level`](Self::with_level), that of
    /// the page by [`with_page_default`](Self::with_page_default).
    ///
    /// ```
    /// use correspond::consent::Wanted;
    /// use correspond::form::FormType;
    /// use correspond::id::RecordId;
    ///
    /// let [news, offers, other] = [1, 2, 3].map(RecordId::new);
    /// let lists = |form| Wanted::of_form(form, &[news, offers], &[news]);
    /// assert_eq!(lists(FormType::LandingPage)?, Wanted::new().joining([news])?);
    /// let center = Wanted::new().joining([news])?.leaving([offers])?;
    /// assert_eq!(lists(FormType::SubscriptionCenter)?, center);
    /// let error = Wanted::of_form(FormType::LandingPage, &[news], &[other]).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "ticked lists: expected those that the form offers, found list \
    ///      00000000000000000000000000000003"
    /// );
    /// # Ok::<(), correspond::consent::ConsentError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A ticked list is not offered: the form has changed since it was filled in, or somebody made the
    /// submission up, and a tick that is passed over would be lost silently. Or more than
    /// [`MAX_LISTS`](Self::MAX_LISTS) are joined or left; a subscription center with so many offers too
    /// many.
    pub fn of_form(
        form: FormType,
        offered: &[RecordId],
        ticked: &[RecordId],
    ) -> Result<Self, ConsentError> {
        let offered: BTreeSet<RecordId> = offered.iter().copied().collect();
        if let Some(list) = ticked.iter().find(|list| !offered.contains(list)) {
            return Err(Problem::NotOffered { list: *list }.into());
        }
        let wanted = Self::new().joining(ticked.iter().copied())?;
        if form != FormType::SubscriptionCenter {
            return Ok(wanted);
        }
        let ticked = wanted.join.clone();
        wanted.leaving(offered.difference(&ticked).copied())
    }

    /// The same with this level, up or down.
    #[must_use]
    pub const fn with_level(mut self, level: Level) -> Self {
        self.level = Some(level);
        self.at_least = false;
        self
    }

    /// The same with the default consent of a marketing page: it gives this level to whoever has
    /// less, and never lowers one. A level that the person asked for
    /// ([`with_level`](Self::with_level)) stays, whichever of the two is said first.
    #[must_use]
    pub const fn with_page_default(mut self, level: Level) -> Self {
        if self.level.is_none() || self.at_least {
            self.level = Some(level);
            self.at_least = true;
        }
        self
    }

    /// The same with these lists joined.
    ///
    /// # Errors
    ///
    /// A list is left too, or more than [`MAX_LISTS`](Self::MAX_LISTS) are joined or left.
    pub fn joining(
        mut self,
        lists: impl IntoIterator<Item = RecordId>,
    ) -> Result<Self, ConsentError> {
        take(&mut self.join, lists);
        self.checked()
    }

    /// The same with these lists left. A request to join one of them that waits for its confirmation
    /// is withdrawn, though the person is not on the list yet.
    ///
    /// # Errors
    ///
    /// A list is joined too, or more than [`MAX_LISTS`](Self::MAX_LISTS) are joined or left.
    pub fn leaving(
        mut self,
        lists: impl IntoIterator<Item = RecordId>,
    ) -> Result<Self, ConsentError> {
        take(&mut self.leave, lists);
        self.checked()
    }

    fn checked(self) -> Result<Self, ConsentError> {
        let found = self.join.len() + self.leave.len();
        if found > Self::MAX_LISTS {
            return Err(Problem::Wanted { found }.into());
        }
        match self.join.intersection(&self.leave).next() {
            Some(list) => Err(Problem::BothWays { list: *list }.into()),
            None => Ok(self),
        }
    }

    /// Is nothing wanted?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.level.is_none() && self.join.is_empty() && self.leave.is_empty()
    }

    /// The level asked for.
    #[must_use]
    pub const fn level(&self) -> Option<Level> {
        self.level
    }

    /// The lists to join, by ascending id.
    pub fn join(&self) -> impl Iterator<Item = RecordId> {
        self.join.iter().copied()
    }

    /// The lists to leave, by ascending id.
    pub fn leave(&self) -> impl Iterator<Item = RecordId> {
        self.leave.iter().copied()
    }

    /// How many confirmations it leads to at most: one for the level and one for each list.
    #[must_use]
    pub fn max_confirmations(&self) -> usize {
        usize::from(self.level.is_some()) + self.join.len()
    }

    /// Are so many seeds of links enough?
    pub(crate) fn check_seeds(&self, found: usize) -> Result<(), ConsentError> {
        let wanted = self.max_confirmations();
        if found < wanted { Err(Problem::Seeds { wanted, found }.into()) } else { Ok(()) }
    }

    /// Which of the seeds is this thing's: the first is the level's, then one for each list.
    pub(crate) fn slot(&self, ask: Ask) -> Option<usize> {
        match ask {
            Ask::Level(_) => self.level.map(|_| 0),
            Ask::List(wanted) => {
                let place = self.join.iter().position(|list| *list == wanted)?;
                Some(place + usize::from(self.level.is_some()))
            }
        }
    }

    /// Is this list to be left?
    pub(crate) fn leaves(&self, list: RecordId) -> bool {
        self.leave.contains(&list)
    }

    /// What the requests ask for that it may meet, whoever's it is: those for the opposite, and with
    /// double opt-in (`confirming`) those for the same. At most 5 levels and 64 lists.
    pub(crate) fn meets(&self, confirming: bool) -> Vec<Ask> {
        let levels = self.level.is_some() && (confirming || !self.at_least);
        let levels = Level::ALL.into_iter().filter(|level| levels && *level > Level::None);
        let lists = self.join().filter(|_| confirming).chain(self.leave());
        levels.map(Ask::Level).chain(lists.map(Ask::List)).collect()
    }

    /// What it would have confirmed of somebody with no level and no lists.
    pub(crate) fn asks(&self) -> Vec<Ask> {
        let level = self.level.filter(|level| *level > Level::None);
        level.map(Ask::Level).into_iter().chain(self.join().map(Ask::List)).collect()
    }

    /// What is done at once and what has to be confirmed first, for a person with these memberships.
    ///
    /// With double opt-in (`confirming`), a higher level and each list that the person is not on yet
    /// wait for a click. Lowering a level and leaving a list never do. What is so already is nothing
    /// to do. A child that asks for profiling is given marketing.
    pub fn steps(&self, person: &Person, lists: &Memberships, confirming: bool) -> Steps {
        let mut steps = Steps::default();
        let found = person.level();
        let wanted = self.level.map_or(found, |level| person.allowed(level));
        let change = LevelChange::between(found, wanted);
        match change.filter(|change| change.is_raise() || !self.at_least) {
            Some(change) if confirming && change.is_raise() => {
                steps.confirm.push(Ask::Level(change.to()));
            }
            change => steps.level = change,
        }
        let new = self.join().filter(|list| !lists.contains(*list));
        if confirming {
            steps.confirm.extend(new.map(Ask::List));
        } else {
            steps.join = new.collect();
        }
        steps.leave = self.leave().filter(|list| lists.contains(*list)).collect();
        steps
    }
}

/// Takes lists in until they are too many, and no further.
fn take(into: &mut BTreeSet<RecordId>, lists: impl IntoIterator<Item = RecordId>) {
    for list in lists {
        into.insert(list);
        if into.len() > Wanted::MAX_LISTS {
            break;
        }
    }
}

/// What is to be done of what a person asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct Steps {
    /// The level that changes at once.
    pub level: Option<LevelChange>,
    /// The lists that are joined at once.
    pub join: Vec<RecordId>,
    /// The lists that are left at once.
    pub leave: Vec<RecordId>,
    /// What has to be confirmed, each by a mail of its own.
    pub confirm: Vec<Ask>,
}

impl Steps {
    /// Does the contact's record change at once?
    #[must_use]
    pub const fn change_the_contact(&self) -> bool {
        self.level.is_some() || !self.join.is_empty() || !self.leave.is_empty()
    }
}

/// What one confirmation is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "lists and levels, there is no third")]
pub enum Ask {
    /// A higher level.
    Level(Level),
    /// Joining a list.
    List(RecordId),
}

impl Ask {
    /// Which message asks for it.
    #[must_use]
    pub const fn kind(self) -> OptInKind {
        match self {
            Self::Level(_) => OptInKind::Consent,
            Self::List(_) => OptInKind::Subscription,
        }
    }

    /// The same as a wish.
    pub(crate) fn wanted(self) -> Wanted {
        match self {
            // A level that has come to be higher than what was asked for is not lowered.
            Self::Level(level) => Wanted::new().with_page_default(level),
            Self::List(list) => Wanted { join: BTreeSet::from([list]), ..Wanted::default() },
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    level: Option<Level>,
    #[serde(default)]
    at_least: bool,
    #[serde(default)]
    join: Vec<RecordId>,
    #[serde(default)]
    leave: Vec<RecordId>,
}

impl TryFrom<Wire> for Wanted {
    type Error = ConsentError;

    fn try_from(wire: Wire) -> Result<Self, ConsentError> {
        let Wire { level, at_least, join, leave } = wire;
        Self { level, at_least, ..Self::default() }.joining(join)?.leaving(leave)
    }
}

impl From<Wanted> for Wire {
    fn from(wanted: Wanted) -> Self {
        let Wanted { level, at_least, join, leave } = wanted;
        Self {
            level,
            at_least,
            join: join.into_iter().collect(),
            leave: leave.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn level() -> impl Strategy<Value = Level> {
        prop::sample::select(&Level::ALL[..])
    }

    fn ids() -> impl Strategy<Value = BTreeSet<RecordId>> {
        prop::collection::btree_set((0_u128..8).prop_map(RecordId::new), 0..6)
    }

    #[test]
    fn wishes_do_not_contradict_themselves() {
        let list = RecordId::new(10);
        let both = Wanted::new().joining([list]).unwrap().leaving([list]);
        assert_eq!(
            both.unwrap_err().to_string(),
            "wanted lists: expected each to be joined or left, found both of list \
             0000000000000000000000000000000a"
        );
        let many = Wanted::new().joining((0..).map(RecordId::new));
        assert_eq!(
            many.unwrap_err().to_string(),
            "wanted lists: expected at most 64 to join or leave, found 65"
        );
        assert!(Wanted::new().joining((0..64).map(RecordId::new)).is_ok());
        let twice = Wanted::new().joining([list, list]).unwrap();
        assert_eq!((twice.join().count(), twice.max_confirmations()), (1, 1));
    }

    /// facts 7.6: raising needs confirmation, lowering does not.
    #[test]
    fn only_raising_consent_needs_confirmation() {
        for from in Level::ALL {
            for to in Level::ALL {
                let steps = |confirming| {
                    let wanted = Wanted::new().with_level(to);
                    wanted.steps(&Person::new(from), &Memberships::default(), confirming)
                };
                let confirmed = if to > from { vec![Ask::Level(to)] } else { vec![] };
                assert_eq!(steps(true).confirm, confirmed);
                let lowered = LevelChange::between(from, to).filter(|_| to < from);
                assert_eq!(steps(true).level, lowered);
                assert_eq!(steps(false).level, LevelChange::between(from, to));
                assert_eq!(steps(false).confirm, []);
            }
        }
    }

    /// facts 7.7: a marketing page's default consent never lowers a contact's level.
    #[test]
    fn the_default_consent_of_a_page_never_lowers() {
        for from in Level::ALL {
            for to in Level::ALL {
                let wanted = Wanted::new().with_page_default(to);
                for confirming in [false, true] {
                    let steps =
                        wanted.steps(&Person::new(from), &Memberships::default(), confirming);
                    assert!(steps.level.is_none_or(LevelChange::is_raise));
                    let changes = steps.level.is_some() || !steps.confirm.is_empty();
                    assert_eq!(changes, to > from);
                }
            }
        }
    }

    /// facts 7.7: the default is for those who have chosen nothing; what was chosen may lower.
    #[test]
    fn a_level_that_was_chosen_beats_the_default_of_the_page() {
        for chosen in Level::ALL {
            for default in Level::ALL {
                let wanted = Wanted::new().with_level(chosen);
                assert_eq!(wanted.clone().with_page_default(default), wanted);
                assert_eq!(Wanted::new().with_page_default(default).with_level(chosen), wanted);
                let lists = Memberships::default();
                let steps = wanted.steps(&Person::new(Level::Marketing), &lists, false);
                assert_eq!(steps.level, LevelChange::between(Level::Marketing, chosen));
            }
        }
        let twice = Wanted::new().with_page_default(Level::Consent);
        assert_eq!(twice.with_page_default(Level::Marketing).level(), Some(Level::Marketing));
    }

    /// facts 7.2: landing-page forms subscribe to ticked lists but never unsubscribe.
    #[test]
    fn a_landing_page_takes_nobody_off_a_list() {
        let [one, two, three] = [1, 2, 3].map(RecordId::new);
        let on = Memberships::default();
        let forms = FormType::ALL.iter().copied();
        for form in forms.filter(|form| *form != FormType::SubscriptionCenter) {
            let wanted = Wanted::of_form(form, &[one, two, three], &[two, two]).unwrap();
            assert_eq!(wanted, Wanted::new().joining([two]).unwrap(), "{form:?}");
            let mut on = on.clone();
            on.join(one).unwrap();
            let steps = wanted.steps(&Person::default(), &on, false);
            assert_eq!((steps.join, steps.leave), (vec![two], vec![]));
            assert!(Wanted::of_form(form, &[one, two], &[]).unwrap().is_empty());
            let many: Vec<_> = (0..1_000).map(RecordId::new).collect();
            assert!(Wanted::of_form(form, &many, &many[..64]).is_ok());
            assert!(Wanted::of_form(form, &many, &many[..65]).is_err());
        }
    }

    /// facts 7.2: subscription-center forms set the membership to exactly the ticked lists.
    #[test]
    fn a_subscription_center_sets_the_lists_that_it_offers() {
        let [one, two, three, other] = [1, 2, 3, 9].map(RecordId::new);
        let center = |ticked: &[RecordId]| {
            Wanted::of_form(FormType::SubscriptionCenter, &[one, two, three], ticked)
        };
        let mut on = Memberships::default();
        for list in [one, two, other] {
            on.join(list).unwrap();
        }
        let steps = center(&[two, three]).unwrap().steps(&Person::default(), &on, false);
        assert_eq!((steps.join, steps.leave), (vec![three], vec![one]), "and nothing of the other");
        let none = center(&[]).unwrap();
        assert_eq!(none.leave().collect::<Vec<_>>(), [one, two, three]);
        assert!(!none.is_empty() && Wanted::new().is_empty());
        assert!(!Wanted::new().with_level(Level::None).is_empty());
        let many: Vec<_> = (0..65).map(RecordId::new).collect();
        let error = Wanted::of_form(FormType::SubscriptionCenter, &many, &many[..1]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "wanted lists: expected at most 64 to join or leave, found 65"
        );
    }

    /// A tick is never passed over.
    #[test]
    fn a_list_that_is_not_offered_is_refused() {
        let [one, two] = [1, 2].map(RecordId::new);
        for form in FormType::ALL.iter().copied() {
            let error = Wanted::of_form(form, &[one], &[one, two]).unwrap_err();
            assert_eq!(error.kind(), crate::consent::ConsentErrorKind::Wanted);
        }
    }

    /// facts 7.7: profiling is never for children.
    #[test]
    fn a_child_that_asks_for_profiling_gets_marketing() {
        let wanted = Wanted::new().with_level(Level::Profiling);
        let child = Person::new(Level::Consent).child();
        let steps = wanted.steps(&child, &Memberships::default(), false);
        assert_eq!(steps.level, LevelChange::between(Level::Consent, Level::Marketing));
        let steps = wanted.steps(&child, &Memberships::default(), true);
        assert_eq!(steps.confirm, [Ask::Level(Level::Marketing)]);
        let child = Person::new(Level::Marketing).child();
        let steps = wanted.steps(&child, &Memberships::default(), true);
        assert_eq!(steps, Steps::default());
    }

    proptest! {
        #[test]
        fn steps_lead_to_what_was_wanted(
            from in level(),
            to in prop::option::of(level()),
            child in any::<bool>(),
            on in ids(),
            join in ids(),
            leave in ids(),
            confirming in any::<bool>(),
        ) {
            let leave: BTreeSet<_> = leave.difference(&join).copied().collect();
            let mut wanted = Wanted::new().joining(join.clone()).unwrap();
            wanted = wanted.leaving(leave.clone()).unwrap();
            if let Some(to) = to {
                wanted = wanted.with_level(to);
            }
            let mut lists = Memberships::default();
            for list in &on {
                lists.join(*list).unwrap();
            }
            let person = if child { Person::new(from).child() } else { Person::new(from) };
            let steps = wanted.steps(&person, &lists, confirming);
            prop_assert!(steps.confirm.len() <= wanted.max_confirmations());
            if confirming {
                prop_assert!(steps.join.is_empty());
                prop_assert!(steps.level.is_none_or(|change| !change.is_raise()));
            }

            // Once everything is confirmed, it is as if nothing had had to be.
            let (mut level, mut after) = (person.level(), on.clone());
            level = steps.level.map_or(level, LevelChange::to);
            after.extend(steps.join);
            after.retain(|list| !steps.leave.contains(list));
            for ask in steps.confirm {
                match ask {
                    Ask::Level(to) => level = to,
                    Ask::List(list) => { after.insert(list); }
                }
            }
            prop_assert_eq!(level, to.map_or_else(|| person.level(), |to| person.allowed(to)));
            let expected: BTreeSet<_> =
                on.union(&join).filter(|list| !leave.contains(list)).copied().collect();
            prop_assert_eq!(after, expected);

            let json = serde_json::to_string(&wanted).unwrap();
            prop_assert_eq!(serde_json::from_str::<Wanted>(&json).unwrap(), wanted);
        }
    }
}
