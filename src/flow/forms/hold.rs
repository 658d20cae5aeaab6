//! Forms with double opt-in of their own: a submission is held back until its sender confirms it.

use super::bulk::choices;
use super::round::{Kept, Seen};
use super::submit::{Delivery, FormSetup, Worked};
use super::{Submissions, full};
use crate::consent::{
    Asked, Held, LinkLife, LinkSeed, LinkToken, Mailing, Origin, Standing, Wanted,
};
use crate::flow::opt_in::join::{Fresh, taken_id};
use crate::flow::opt_in::waiting::Pending;
use crate::flow::opt_in::{ConfirmationMail, HeldSubmission};
use crate::flow::{FlowError, ROUNDS};
use crate::form::{Outcome, Refusal, StoredSubmission, SubmissionState};
use crate::party::Attributes;
use crate::record::RecordKind;
use crate::store::{Batch, Change, Expect, Records, Store};

/// What became of a submission that was to be [held back](Submissions::hold).
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum Holding {
    /// It is held back, now or since it was delivered before: send this mail.
    Waits(ConfirmationMail),
    /// There is no mail to send. It failed, and was kept; or it was delivered before, and its sender
    /// has confirmed it since, or has let its link come to its end (then it still is
    /// [`Unconfirmed`](SubmissionState::Unconfirmed)).
    Over(Worked),
    /// The form makes nobody a contact, since it leaves contacts alone or is one to forward a mail:
    /// nothing was done. [Submit](Submissions::submit) it.
    NoContact,
}

impl Submissions {
    /// Holds a submission back until its sender clicks the link of one mail. Until then nothing about
    /// him is stored but the submission itself, [`Unconfirmed`](SubmissionState::Unconfirmed), and a
    /// request that says what it wants of consent; both in one batch. For a form whose
    /// [double opt-in](crate::consent::FormOptIn) is its own.
    ///
    /// * The request has the id of the submission, so that either is found by the other, and all that
    ///   the host draws for it is the `token`.
    /// * The same submission again, by its id, is answered with the same mail while it waits. With a
    ///   token drawn anew, since the first one was lost in a crash, both links lead to it; it does
    ///   not wait longer for that.
    /// * One that would fail is not asked for: it is kept as [`Failed`](SubmissionState::Failed),
    ///   is worked off by nobody, and is held back where it is delivered here again as somebody
    ///   corrected it.
    /// * What is not confirmed within the life of a link, 30 days, is deleted by
    ///   [`purge`](Self::purge).
    ///
    /// The link is answered by [`confirm`](Self::confirm).
    ///
    /// ```
    /// use chrono::{DateTime, TimeDelta};
    /// use correspond::adapter::memory::MemoryStore;
    /// use correspond::consent::{
    ///     Designation, FormOptIn, LinkToken, OptInForce, OptInMail, OptInSetup,
    /// };
    /// use correspond::flow::forms::{Delivery, FormSetup, Holding, Submissions, key_directory};
    /// use correspond::flow::{Click, Clicked};
    /// # use correspond::form::{FormField, FormType, MarketingForm, MatchPlan, MatchScope};
    /// use correspond::form::Submission;
    /// use correspond::id::{RecordId, TenantId};
    /// # use correspond::record::{Version, Versions};
    /// # use correspond::settings::{
    /// #     LandingPageConfiguration, MatchingStrategy, MatchingTarget, Stored,
    /// # };
    /// use correspond::store::Blocking;
    /// # let now = DateTime::UNIX_EPOCH;
    /// # let mut strategies = Vec::new();
    /// # for (number, target) in [(1, MatchingTarget::Contact), (2, MatchingTarget::Lead)] {
    /// #     let strategy = MatchingStrategy::out_of_box(target).build()?;
    /// #     strategies.push(Stored::new(RecordId::new(number), Version::new(number), now, strategy));
    /// # }
    /// # let config = LandingPageConfiguration::builder()
    /// #     .name("Spring")
    /// #     .contact_matching_strategy(RecordId::new(1))
    /// #     .lead_matching_strategy(RecordId::new(2))
    /// #     .build()?;
    /// # let form = MarketingForm::new(FormType::LandingPage, &config, &strategies)?
    /// #     .with_fields([FormField::new("emailaddress1")?])?;
    /// # let plan = MatchPlan::new(&strategies, &MatchScope::default())?;
    /// # let store = Blocking::new(MemoryStore::default());
    /// # let (tenant, form_id) = (TenantId::new(1), RecordId::new(50));
    /// # let versions = Versions::default();
    /// # store.run(async |s| key_directory(s, &versions, tenant, &plan, now).await)??;
    ///
    /// // The form's own double opt-in; that of the organization is off.
    /// let mail = OptInMail::new(RecordId::new(21))
    ///     .live()
    ///     .with_designation(Designation::Transactional)
    ///     .with_text("{{SubscriptionListNames}}: {{ConfirmationUrl}}");
    /// let own = FormOptIn::builder(form.form_type())
    ///     .enabled(true)
    ///     .message(mail)
    ///     .content_settings(RecordId::new(22))
    ///     .thank_you_page(RecordId::new(23))
    ///     .build()?;
    /// let organization = OptInSetup::default();
    ///
    /// // Ann submits: the host asks which double opt-in her submission goes by.
    /// let submissions = Submissions::default();
    /// let sent = [("emailaddress1", "ann@home.example")];
    /// let submission = Submission::read(&form, form_id, now, sent)?.on_page(RecordId::new(60));
    /// let delivery = Delivery::new(tenant, RecordId::new(100), &submission, now);
    /// let setup = FormSetup::new(&form, &plan);
    /// let mail = match OptInForce::of(&organization, &own) {
    ///     OptInForce::Form(mailing) => {
    /// #       let drawn = [0xa5; 16];
    ///         let token = LinkToken::from_entropy(&drawn)?;
    ///         let hold = async |s: &_| submissions.hold(s, &setup, &delivery, mailing, &token).await;
    ///         match store.run(hold)?? {
    ///             Holding::Waits(mail) => mail,
    ///             other => panic!("sent for the first time, and nothing is wrong: {other:?}"),
    ///         }
    ///     }
    ///     _ => panic!("here it is the form's"),
    /// };
    ///
    /// // She clicks the link of the mail. The host has its forms by id.
    /// let find = |id| (id == form_id).then(|| FormSetup::new(&form, &plan));
    /// let click = Click::new(tenant, mail.token.as_str(), now + TimeDelta::days(2));
    /// let done = store.run(async |s| submissions.confirm(s, click, find).await)??;
    /// assert!(matches!(done.clicked, Clicked::Confirmed(_)));
    /// let outcome = done.worked.and_then(|worked| worked.outcome).expect("worked off");
    /// assert_eq!(outcome.contact.to_string(), "created: no record matches");
    ///
    /// let again = store.run(async |s| submissions.confirm(s, click, find).await)??;
    /// assert!(matches!(again.clicked, Clicked::Repeated { .. }));
    /// assert_eq!(again.worked.and_then(|worked| worked.outcome), Some(outcome));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The store failed; what was kept cannot be read; the token is another request's, or the request
    /// of an earlier submission with this id is still there
    /// ([`FlowErrorKind::Seeds`](crate::flow::FlowErrorKind::Seeds)); or other writers won
    /// [`ROUNDS`] rounds in a row.
    pub async fn hold<S: Store + Records>(
        &self,
        store: &S,
        setup: &FormSetup<'_>,
        delivery: &Delivery<'_>,
        mailing: &Mailing,
        token: &LinkToken,
    ) -> Result<Holding, FlowError> {
        if setup.leaves_contacts_alone() {
            return Ok(Holding::NoContact);
        }
        let asked = Asking { flow: self, store, setup, delivery, mailing, token };
        let mut taken_before = None;
        for lost_rounds in 0..ROUNDS {
            let seen = Seen::load(store, delivery).await?;
            let kept = seen.kept.as_ref().map(|kept| (kept, kept.stored.state()));
            let attempt = match kept {
                Some((kept, SubmissionState::Unconfirmed)) => {
                    asked.again(kept, lost_rounds).await?
                }
                Some((kept, SubmissionState::Failed)) if !kept.stored.is_held_back() => {
                    Attempt::over(kept.answer(lost_rounds))
                }
                Some((kept, SubmissionState::Succeeded)) => Attempt::over(kept.answer(lost_rounds)),
                _ => asked.first(&seen, lost_rounds)?,
            };
            let (batch, fresh, answer) = match attempt {
                Attempt::Over(answer) => return Ok(answer),
                Attempt::LookAgain => continue,
                Attempt::Write { batch, fresh, answer } => (batch, fresh, answer),
            };
            let commit = store.commit(&batch).await?;
            if commit.is_applied() {
                return Ok(answer);
            }
            // It may be this submission, delivered a moment ago to somebody else.
            let taken = taken_id(&commit, 0, &fresh);
            match taken.filter(|_| taken == taken_before) {
                Some(id) => return Err(FlowError::id_taken(id)),
                None => taken_before = taken,
            }
        }
        Err(FlowError::contended())
    }
}

/// What one round of holding back comes to.
enum Attempt {
    /// Nothing is written.
    Over(Holding),
    /// Somebody was faster between two looks.
    LookAgain,
    /// This is the answer once the batch is applied.
    Write { batch: Batch, fresh: [Fresh; 1], answer: Holding },
}

impl Attempt {
    const fn over(worked: Worked) -> Self {
        Self::Over(Holding::Over(worked))
    }
}

/// A submission that its sender is to be asked about.
struct Asking<'a, S> {
    flow: &'a Submissions,
    store: &'a S,
    setup: &'a FormSetup<'a>,
    delivery: &'a Delivery<'a>,
    mailing: &'a Mailing,
    token: &'a LinkToken,
}

impl<S: Store + Records> Asking<'_, S> {
    /// For the first time: keeps the submission and the request, or the submission that fails.
    fn first(&self, seen: &Seen, lost_rounds: usize) -> Result<Attempt, FlowError> {
        let Delivery { tenant, id, submission, now, .. } = *self.delivery;
        let (versions, keyer) = (&self.flow.versions, self.store.keyer());
        let life = LinkLife::from(self.setup.profile);
        let (stored, waits, answer) = match self.checked(seen) {
            Ok(wanted) => {
                let held = Held::new(Attributes::default(), wanted)?;
                let seed = LinkSeed { id, token: self.token.clone() };
                let origin = Origin::default().through(submission.form());
                let request = HeldSubmission::new(tenant, &held, self.mailing, &seed, now);
                let request = request.from_origin(origin).with_life(life);
                let (waits, mail) = request.request(versions, keyer)?;
                let stored = StoredSubmission::unconfirmed(submission, now, life);
                (stored, Some(waits), Holding::Waits(mail))
            }
            Err(refusal) => {
                let outcome = Outcome::from(refusal);
                if let Some(kept) = &seen.kept
                    && (kept.stored.outcome(), kept.stored.submission())
                        == (Some(&outcome), Some(submission))
                {
                    return Ok(Attempt::over(kept.answer(lost_rounds)));
                }
                let form = self.setup.form;
                let stored = StoredSubmission::worked(form, submission, outcome.clone(), now);
                let (outcome, consent) = (Some(outcome), None);
                let state = SubmissionState::Failed;
                let worked = Worked { state, outcome, consent, repeated: false, lost_rounds };
                (stored.before_confirmation(now, life), None, Holding::Over(worked))
            }
        };
        let record = stored.to_record(id, keyer).map_err(full)?;
        let expect = seen.kept.as_ref().map_or(Expect::Absent, |kept| Expect::At(kept.version));
        let mut batch = Batch::of(tenant, Change::Put { record, version: versions.next(), expect });
        if let Some(waits) = waits {
            batch.push(waits)?;
        }
        Ok(Attempt::Write { batch, fresh: [Fresh { place: 1, id, made: true }], answer })
    }

    /// Would it be worked off, and what does it want of consent and lists? Nobody is looked for.
    fn checked(&self, seen: &Seen) -> Result<Wanted, Refusal> {
        let submission = self.delivery.submission;
        let _ = self.setup.question(submission, &seen.keys)?;
        self.setup.wanted(submission).map_err(|error| choices(error.to_string()))
    }

    /// Again: the mail that may have been lost.
    async fn again(&self, kept: &Kept, lost_rounds: usize) -> Result<Attempt, FlowError> {
        let Delivery { tenant, id, now, .. } = *self.delivery;
        let (versions, keyer) = (&self.flow.versions, self.store.keyer());
        let reference = RecordKind::OptInRequest.of(id);
        let found = self.store.load(tenant, &[reference]).await?.pop().flatten();
        let Some(pending) = found.map(Pending::found).transpose()? else {
            return Ok(Attempt::over(kept.answer(lost_rounds)));
        };
        let asks = match (pending.request.asked(), pending.request.standing(now)) {
            (Asked::Held(held), Standing::Open) => held.wanted().asks(),
            (_, Standing::Spent { .. }) => return Ok(Attempt::LookAgain),
            _ => return Ok(Attempt::over(kept.answer(lost_rounds))),
        };
        let (token, mailing) = (self.token.clone(), self.mailing.clone());
        let answer = Holding::Waits(ConfirmationMail { request: id, token, mailing, asks });
        let link = self.token.key(keyer);
        if pending.has(link) {
            return Ok(Attempt::Over(answer));
        }
        let renewed = pending.renew(&pending.request, link, versions, keyer, now)?;
        let fresh = [Fresh { place: 0, id, made: false }];
        Ok(Attempt::Write { batch: Batch::of(tenant, renewed), fresh, answer })
    }
}
