//! What would become of many submissions?

use chrono::{DateTime, Utc};

use super::draft::Draft;
use super::keyed::DirectoryKeys;
use super::round::ROWS;
use super::submit::FormSetup;
use crate::flow::FlowError;
use crate::form::{Decision, Failure, NewIds, Outcome, Question, Refusal, Submission};
use crate::id::{RecordId, TenantId};
use crate::index::Keyer;
use crate::record::{LookupKey, RecordKind, RecordLookup, RecordQuery, RecordRef, Versioned};
use crate::settings::MatchingTarget;
use crate::store::{Directory, MAX_READS, Records, Store};

/// Says of each submission what would become of it now, and writes nothing: which contact and lead it
/// would update and what they would say then, which it would make, or why it would fail. A preview of
/// an import, or a list of people who are looked up.
///
/// Each is decided by itself, against the directory as it is: of two submissions of one new person
/// both would make one. What would be made has the id 0. What it would do about consent and lists is
/// not said.
///
/// All submissions are looked up together: [`MAX_READS`] visitors and
/// [`MAX_LOOKUPS`](RecordQuery::MAX_LOOKUPS) different keys a round trip, so that a list of people who
/// are looked for by one strategy is answered by two trips for each 1,000. The answer holds what was
/// found for all of them; of a long list hand in a part at a time.
///
/// ```
/// # use chrono::DateTime;
/// # use correspond::adapter::memory::MemoryStore;
/// # use correspond::flow::forms::{FormSetup, key_directory, match_many};
/// # use correspond::form::{FormField, FormType, MarketingForm, MatchPlan, MatchScope, Submission};
/// # use correspond::id::{RecordId, TenantId};
/// # use correspond::record::{Version, Versions};
/// # use correspond::settings::{LandingPageConfiguration, MatchingStrategy, MatchingTarget, Stored};
/// # use correspond::store::Blocking;
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
/// # let setup = FormSetup::new(&form, &plan);
/// # let store = Blocking::new(MemoryStore::default());
/// # let (tenant, form_id) = (TenantId::new(1), RecordId::new(50));
/// # let versions = Versions::default();
/// # store.run(async |s| key_directory(s, &versions, tenant, &plan, now).await)??;
/// let mut people = Vec::new();
/// for address in ["ann@home.example", " "] {
///     let sent = [("emailaddress1", address)];
///     people.push(Submission::read(&form, form_id, now, sent)?.on_page(RecordId::new(60)));
/// }
/// let found = store.run(async |s| match_many(s, &setup, tenant, &people, now).await)??;
/// assert_eq!(found[0].outcome.contact.to_string(), "created: no record matches");
/// assert_eq!(
///     found[1].outcome.contact.to_string(),
///     "created: a compared value is blank, which matches nothing"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// The store failed, or a row cannot be read.
pub async fn match_many<S: Store + Records + Directory>(
    store: &S,
    setup: &FormSetup<'_>,
    tenant: TenantId,
    submissions: &[Submission],
    now: DateTime<Utc>,
) -> Result<Vec<Decision>, FlowError> {
    let visitors = visitors(submissions);
    let wanted = [DirectoryKeys::reference(tenant)];
    let mut known = load(store, tenant, wanted.into_iter().chain(visitors)).await?.into_iter();
    let keys = DirectoryKeys::found(known.next().flatten().as_ref())?;
    let mut draft = Draft::new(store, &keys, setup.plan);
    for visitor in known.flatten() {
        draft.add(&visitor)?;
    }
    let asked = ask(store.keyer(), setup, submissions, &keys);
    look_up(store, tenant, &asked, &mut draft).await?;
    let ids = NewIds { contact: RecordId::new(0), lead: RecordId::new(0) };
    Ok(asked.iter().map(|asked| asked.decide(&draft, ids, now)).collect())
}

/// The records of these references, in their order, however many there are.
pub(super) async fn load<S: Records>(
    store: &S,
    tenant: TenantId,
    references: impl Iterator<Item = RecordRef>,
) -> Result<Vec<Option<Versioned>>, FlowError> {
    let references: Vec<RecordRef> = references.collect();
    let mut found = Vec::with_capacity(references.len());
    for references in references.chunks(MAX_READS) {
        found.extend(store.load(tenant, references).await?);
    }
    Ok(found)
}

/// The contacts that the visitors are known to be, each once.
pub(super) fn visitors<'a>(
    submissions: impl IntoIterator<Item = &'a Submission>,
) -> Vec<RecordRef> {
    let visitors = submissions.into_iter().filter_map(Submission::visitor);
    let mut visitors: Vec<_> = visitors.map(|id| RecordKind::Contact.of(id)).collect();
    visitors.sort_unstable();
    visitors.dedup();
    visitors
}

/// A submission that was read, and what is looked up for it.
pub(super) struct Asked<'a> {
    question: Result<Question<'a>, Refusal>,
    keys: Vec<LookupKey>,
    /// Does it want anything of consent or lists?
    wants: bool,
}

/// Reads submissions for their form.
pub(super) fn ask<'a>(
    keyer: &Keyer,
    setup: &'a FormSetup<'_>,
    submissions: impl IntoIterator<Item = &'a Submission>,
    keys: &DirectoryKeys,
) -> Vec<Asked<'a>> {
    let ask = |submission| {
        let (mut question, wanted) = (setup.question(submission, keys), setup.wanted(submission));
        if let (Ok(_), Err(error)) = (&question, &wanted) {
            question = Err(choices(error.to_string()));
        }
        let probes = |question: &Question<'_>| {
            let targets = MatchingTarget::ALL.iter();
            targets.flat_map(|target| question.probes(*target, keyer)).collect()
        };
        let keys = question.as_ref().map(probes).unwrap_or_default();
        Asked { question, keys, wants: wanted.is_ok_and(|wanted| !wanted.is_empty()) }
    };
    submissions.into_iter().map(ask).collect()
}

/// A submission fails for its choices.
pub(super) const fn choices(why: String) -> Refusal {
    Refusal { target: MatchingTarget::Contact, failure: Failure::Choices(why) }
}

impl Asked<'_> {
    /// Does it want anything of consent or lists?
    pub(super) const fn wants_consent(&self) -> bool {
        self.wants
    }

    /// What becomes of it, given the rows of the draft.
    pub(super) fn decide<S: Store>(
        &self,
        draft: &Draft<'_, S>,
        ids: NewIds,
        now: DateTime<Utc>,
    ) -> Decision {
        let decide = |question: &Question<'_>| {
            question.decide(&draft.rows(&self.keys, question.visitor()), ids, now)
        };
        let decided = self.question.as_ref().map_err(Clone::clone).and_then(decide);
        decided.unwrap_or_else(failed)
    }
}

/// A submission that fails touches nothing.
pub(super) fn failed(refusal: Refusal) -> Decision {
    Decision { outcome: Outcome::from(refusal), contact: None, lead: None }
}

/// Adds to the draft what may match these submissions: each key is looked up once.
pub(super) async fn look_up<S: Directory + Store>(
    store: &S,
    tenant: TenantId,
    asked: &[Asked<'_>],
    draft: &mut Draft<'_, S>,
) -> Result<(), FlowError> {
    let mut keys: Vec<LookupKey> = asked.iter().flat_map(|asked| &asked.keys).copied().collect();
    keys.sort_unstable();
    keys.dedup();
    for keys in keys.chunks(RecordQuery::MAX_LOOKUPS) {
        let query = keys.iter().map(|key| RecordLookup::new(*key).rows(ROWS)).collect();
        let answer = store.find_records(tenant, &query).await?;
        for (place, key) in keys.iter().enumerate() {
            draft.add_found(*key, answer.found(place))?;
        }
    }
    Ok(())
}
