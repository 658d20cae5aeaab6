//! From clues and answers to a verdict.

use super::clues::{Clues, Looks, Place};
use super::correlator::Correlator;
use super::evidence::Evidence;
use super::method::Method;
use super::question::Question;
use super::smart;
use super::verdict::{Candidate, Outcome, Relation, Target, Verdict};
use crate::id::RecordId;
use crate::index::{Answer, Answered};
use crate::settings::{Several, Strangers};

/// What one method found.
#[derive(Debug)]
pub(super) struct Proposal<'a> {
    pub(super) row: Answered<'a>,
    pub(super) evidence: [Option<Evidence>; 2],
    pub(super) confidence: u8,
    /// Further mails that fit, of other conversations.
    pub(super) others: Vec<Answered<'a>>,
    /// Choosing among them is forbidden.
    pub(super) ambiguous: bool,
}

/// What was found out on the way and speaks whether something matched or not.
#[derive(Debug, Default)]
pub(super) struct Asides(pub(super) Vec<Evidence>);

impl Correlator {
    /// Decides by the answer to the [`question`](Self::question) that was asked about these clues.
    pub fn decide(&self, clues: &Clues, question: &Question, answer: &Answer) -> Verdict {
        let mut verdict = Verdict {
            outcome: Outcome::None,
            relation: clues.looks.relation(),
            confidence: 0,
            candidates: Vec::with_capacity(4),
            evidence: Vec::with_capacity(8),
            conversation: None,
            own_tokens: Vec::new(),
            new_tokens: Vec::new(),
        };
        if let Some(row) = question.own.clone().find_map(|at| answer.newest(at)) {
            verdict.outcome = Outcome::Duplicate { of: row.id() };
            // Ids are the sender's: somebody may have taken this one first.
            if compare_subjects(clues, &row) == Some(false) {
                verdict.evidence.push(Evidence::SubjectChanged);
            }
            return verdict;
        }
        let mut asides = Asides::default();
        let mut proposals: Vec<(Method, Proposal<'_>)> = Vec::new();
        for method in self.active() {
            if *method == Method::Folder {
                if proposals.iter().all(|(_, found)| found.ambiguous)
                    && let Some(record) = clues.folder
                {
                    let to = Target::Record(record);
                    verdict.outcome = Outcome::Matched { by: Method::Folder, to };
                    verdict.confidence = 100;
                    verdict.evidence.push(Evidence::TrackedFolder);
                }
                continue;
            }
            let found = match method {
                Method::Token => self.by_token(clues, question, answer, &mut asides),
                Method::Headers => by_headers(clues, question, answer),
                Method::ThreadIndex => by_thread_index(question, answer),
                _ => smart::find(self, clues, question, answer, &mut asides),
            };
            proposals.extend(found.map(|found| (*method, found)));
        }
        let is_open = verdict.outcome == Outcome::None;
        let chosen = proposals
            .iter()
            .position(|(_, found)| !found.ambiguous)
            .or_else(|| (!proposals.is_empty()).then_some(0));
        if let Some((_, found)) = chosen.and_then(|at| proposals.get(at))
            && !found.ambiguous
        {
            verdict.conversation = Some(found.row.conversation());
        }
        if is_open && let Some(chosen) = chosen {
            conclude(clues, &proposals, chosen, &mut verdict);
        }
        share_tokens(clues, question, answer, &mut verdict);
        name_candidates(&proposals, chosen, &mut verdict);
        let matched = matches!(verdict.outcome, Outcome::Matched { .. });
        let tells = |aside: &Evidence| match aside {
            // Why nothing was found is of interest where nothing was.
            Evidence::TooFewAddresses { .. } | Evidence::EmptySubject => !matched,
            _ => true,
        };
        verdict.evidence.extend(asides.0.into_iter().filter(tells));
        verdict
    }

    /// The newest mail that bears a token of the subject.
    fn by_token<'a>(
        &self,
        clues: &Clues,
        question: &Question,
        answer: &'a Answer,
        asides: &mut Asides,
    ) -> Option<Proposal<'a>> {
        let policy = &self.settings.tokens;
        let is_usable = |at: usize, row: &Answered<'_>| {
            policy.strangers == Strangers::Match
                || knows_sender(clues, answer, at, row.conversation())
        };
        // Of each token the newest mail that may be matched.
        let newest = |at| answer.rows(at).find(|row| is_usable(at, row));
        let found = question.tokens.clone().filter(|at| answer.count(*at) > 0);
        if found.clone().any(|at| newest(at).is_none()) {
            asides.0.push(Evidence::StrangerRefused);
        }
        let leads = found.clone().filter_map(|at| newest(at).map(|row| (row, at)));
        let (row, at) = leads.clone().max_by_key(|(row, _)| (row.created(), row.id()))?;

        let apart = |other: &Answered<'_>| other.conversation() != row.conversation();
        let mut others = Vec::new();
        for at in found.clone() {
            let usable = answer.rows(at).filter(|other| apart(other) && is_usable(at, other));
            usable.for_each(|other| remember(&mut others, other));
        }
        let torn = leads.clone().any(|(lead, _)| apart(&lead));
        let known = found.clone().any(|at| knows_sender(clues, answer, at, row.conversation()));
        let sender = if known { Evidence::SenderKnown } else { Evidence::SenderUnknown };
        Some(Proposal {
            row,
            evidence: [Some(Evidence::Token { mails: answer.count(at) }), Some(sender)],
            confidence: if known { 92 } else { 40 },
            others,
            ambiguous: torn && policy.several == Several::Refuse,
        })
    }
}

/// Did the sender write or receive a mail of the conversation that bears the token of this look-up?
fn knows_sender(clues: &Clues, answer: &Answer, at: usize, conversation: RecordId) -> bool {
    let mut together = answer.rows(at).filter(|row| row.conversation() == conversation);
    together.any(|row| clues.senders().iter().any(|sender| row.carries(sender)))
}

/// Which tokens of the subject are the conversation's, and which are nobody's yet.
fn share_tokens(clues: &Clues, question: &Question, answer: &Answer, verdict: &mut Verdict) {
    for (key, at) in clues.tokens.iter().zip(question.tokens.clone()) {
        let ours = |conversation| knows_sender(clues, answer, at, conversation);
        if answer.count(at) == 0 {
            verdict.new_tokens.push(*key);
        } else if verdict.conversation.is_some_and(ours) {
            verdict.own_tokens.push(*key);
        }
    }
}

/// The nearest mail that is named and filed; else one that names this mail; else one that names the
/// same mail, the nearest first.
fn by_headers<'a>(clues: &Clues, question: &Question, answer: &'a Answer) -> Option<Proposal<'a>> {
    let named = question.ancestors.clone().zip(&clues.references).filter_map(|(at, (_, place))| {
        let (evidence, confidence) = match place {
            Place::InReplyTo => (Evidence::InReplyTo, 98),
            Place::Report => (Evidence::Reported, 95),
            Place::References { from_end } => (Evidence::References { from_end: *from_end }, 96),
        };
        answer.newest(at).map(|row| (row, evidence, confidence))
    });
    let late = question.named_by.clone().filter_map(|at| answer.newest(at));
    let late = late.map(|row| (row, Evidence::NamesThis, 95));
    let siblings = question.siblings.clone().filter_map(|at| answer.newest(at));
    let siblings = siblings.map(|row| (row, Evidence::SharedReference, 90));

    let mut found = named.chain(late).chain(siblings);
    let (row, evidence, confidence) = found.next()?;
    // Whatever else it touches belongs to the same thread: named, so that the host may join them.
    let mut others = Vec::new();
    for (other, ..) in found {
        if other.conversation() != row.conversation() {
            remember(&mut others, other);
        }
    }
    Some(Proposal { row, evidence: [Some(evidence), None], confidence, others, ambiguous: false })
}

fn by_thread_index<'a>(question: &Question, answer: &'a Answer) -> Option<Proposal<'a>> {
    let row = question.thread_root.clone().find_map(|at| answer.newest(at))?;
    Some(Proposal {
        row,
        evidence: [Some(Evidence::SameThreadIndex), None],
        confidence: 85,
        others: Vec::new(),
        ambiguous: false,
    })
}

/// Keeps one mail a conversation, and no more than a verdict names.
pub(super) fn remember<'a>(others: &mut Vec<Answered<'a>>, row: Answered<'a>) {
    let known = others.iter().any(|other| other.conversation() == row.conversation());
    if !known && others.len() < Verdict::MAX_CANDIDATES {
        others.push(row);
    }
}

/// Turns the chosen proposal into the decision.
fn conclude(
    clues: &Clues,
    proposals: &[(Method, Proposal<'_>)],
    chosen: usize,
    verdict: &mut Verdict,
) {
    let Some((method, found)) = proposals.get(chosen) else { return };
    let (id, conversation) = (found.row.id(), found.row.conversation());
    verdict.outcome = if found.ambiguous {
        Outcome::Ambiguous { by: *method }
    } else {
        Outcome::Matched { by: *method, to: Target::Mail { id, conversation } }
    };
    let evidence = &mut verdict.evidence;
    evidence.extend(found.evidence.iter().flatten());
    let same_subject = compare_subjects(clues, &found.row);
    match same_subject {
        Some(true) if *method != Method::Smart => evidence.push(Evidence::SameSubject),
        Some(false) if *method != Method::Smart => evidence.push(Evidence::SubjectChanged),
        _ => {}
    }
    if *method != Method::Token && clues.senders().iter().any(|sender| found.row.carries(sender)) {
        evidence.push(Evidence::SenderKnown);
    }
    verdict.relation = relation(clues, *method, found, same_subject);
    let mut confidence = found.confidence;
    if verdict.relation == Relation::NewTopic {
        confidence = confidence.saturating_sub(30);
    }
    for (other, theirs) in proposals.iter().filter(|(other, _)| other != method) {
        if theirs.row.conversation() == conversation {
            evidence.push(Evidence::Agrees(*other));
            confidence = confidence.saturating_add(1).min(99);
        } else if !theirs.ambiguous {
            evidence.push(Evidence::Disagrees(*other));
            confidence = confidence.saturating_sub(20);
        }
    }
    if !found.others.is_empty() {
        let conversations = u8::try_from(found.others.len()).unwrap_or(u8::MAX);
        let joins = *method == Method::Headers;
        evidence.push(if joins {
            Evidence::Joins { conversations }
        } else {
            Evidence::OthersFit { conversations }
        });
    }
    verdict.confidence = if found.ambiguous { 0 } else { confidence };
}

/// Are the base subjects equal? `None` where one of them is empty or was not looked up.
fn compare_subjects(clues: &Clues, row: &Answered<'_>) -> Option<bool> {
    let theirs = row.keys_of(crate::index::IndexKind::Subject).next()?;
    clues.subject.map(|ours| ours == *theirs)
}

fn relation(
    clues: &Clues,
    method: Method,
    found: &Proposal<'_>,
    same_subject: Option<bool>,
) -> Relation {
    let by_header = matches!(method, Method::Headers | Method::ThreadIndex);
    match clues.looks {
        Looks::Plain | Looks::Reply if found.evidence.contains(&Some(Evidence::NamesThis)) => {
            Relation::LateParent
        }
        Looks::Plain if clues.generated && method != Method::Smart => Relation::AutoReply,
        Looks::Reply if clues.generated => Relation::AutoReply,
        Looks::Plain if by_header && same_subject == Some(false) => Relation::NewTopic,
        Looks::Plain if method != Method::Smart => Relation::Reply,
        other => other.relation(),
    }
}

/// The matched mail first, then what each method found, then what else fits.
fn name_candidates(
    proposals: &[(Method, Proposal<'_>)],
    chosen: Option<usize>,
    verdict: &mut Verdict,
) {
    // With the chosen one goes what it joins or what fits it as well.
    let first = chosen.and_then(|at| proposals.get(at));
    let named = first.into_iter().chain(proposals).flat_map(|(method, found)| {
        let of_it = found
            .others
            .iter()
            .copied()
            .filter(move |_| first.is_some_and(|(first, _)| first == method));
        std::iter::once(found.row).chain(of_it).map(|row| (*method, row, found.confidence))
    });
    let others = proposals.iter().flat_map(|(method, found)| {
        found.others.iter().map(move |row| (*method, *row, found.confidence))
    });
    for (method, row, confidence) in named.chain(others) {
        if verdict.candidates.len() >= Verdict::MAX_CANDIDATES {
            break;
        }
        let id: RecordId = row.id();
        if verdict.candidates.iter().all(|known| known.id != id) {
            let (conversation, created) = (row.conversation(), row.created());
            verdict.candidates.push(Candidate { id, conversation, created, method, confidence });
        }
    }
}
