//! The product's smart matching: the same words, and enough addresses.

use std::collections::BTreeMap;

use super::clues::{Clues, Looks};
use super::correlator::Correlator;
use super::decide::{Asides, Proposal, remember};
use super::evidence::Evidence;
use super::question::Question;
use crate::id::RecordId;
use crate::index::{Answer, Answered, COUNT_CAP, IndexKind};
use crate::settings::Several;

/// The newest mail of the window whose subject words are the same (or differ by no more than the
/// settings allow) and which shares enough addresses.
///
/// "Differ" as the product's rule reads: of the larger of the two sets of words at most
/// `delta` are missing in the other; and at least one word is in both, since a delta as large as a
/// subject would match anything.
pub(super) fn find<'a>(
    correlator: &Correlator,
    clues: &Clues,
    question: &Question,
    answer: &'a Answer,
    asides: &mut Asides,
) -> Option<Proposal<'a>> {
    if clues.keywords.is_none() {
        asides.0.push(Evidence::EmptySubject);
        return None;
    }
    let smart = &correlator.settings.smart;
    let needed = u8::try_from(smart.min_addresses.get()).unwrap_or(u8::MAX);
    let mails = question.keywords.clone().map(|at| answer.count(at)).max().unwrap_or(0);
    let mut best = 0;
    let mut fits: Option<(Answered<'a>, u8)> = None;
    let mut others = Vec::new();
    let mut consider = |row: Answered<'a>| {
        let shared = shared_addresses(clues, &row);
        best = best.max(shared);
        if shared < needed {
            return;
        }
        match fits {
            None => fits = Some((row, shared)),
            Some((first, _)) if first.conversation() == row.conversation() => {}
            Some(_) => remember(&mut others, row),
        }
    };
    if smart.delta == 0 {
        question.keywords.clone().flat_map(|at| answer.rows(at)).for_each(&mut consider);
    } else {
        similar(clues, question, answer, smart.delta).into_iter().for_each(&mut consider);
    }
    if mails >= COUNT_CAP {
        asides.0.push(Evidence::CutOff);
    }
    let Some((row, shared)) = fits else {
        if mails > 0 {
            asides.0.push(Evidence::TooFewAddresses { best, needed });
        }
        return None;
    };
    let same = smart.delta == 0 || clues.keywords.is_some_and(|key| row.carries(&key));
    Some(Proposal {
        row,
        evidence: [
            Some(if same { Evidence::SameKeywords { mails } } else { Evidence::SimilarKeywords }),
            Some(Evidence::SharedAddresses { shared, needed }),
        ],
        confidence: if clues.looks == Looks::Plain { 55 } else { 90 },
        ambiguous: smart.several == Several::Refuse && !others.is_empty(),
        others,
    })
}

/// The mails of the same people whose words differ little enough, newest first.
fn similar<'a>(
    clues: &Clues,
    question: &Question,
    answer: &'a Answer,
    delta: u32,
) -> Vec<Answered<'a>> {
    let mut found: BTreeMap<(chrono::DateTime<chrono::Utc>, RecordId), Answered<'a>> =
        BTreeMap::new();
    for at in question.keywords.clone().chain(question.addresses.clone()) {
        for row in answer.rows(at) {
            found.insert((row.created(), row.id()), row);
        }
    }
    found.into_values().rev().filter(|row| is_similar(clues, row, delta)).collect()
}

fn is_similar(clues: &Clues, row: &Answered<'_>, delta: u32) -> bool {
    let theirs = row.keys_of(IndexKind::Word).count();
    if theirs == 0 {
        // Found under the same key of the whole set, or filed while words were not kept.
        return clues.keywords.is_some_and(|key| row.carries(&key));
    }
    let common = row.keys_of(IndexKind::Word).filter(|word| clues.words.contains(word)).count();
    let missing = clues.words.len().max(theirs) - common;
    common > 0 && missing <= delta as usize
}

fn shared_addresses(clues: &Clues, row: &Answered<'_>) -> u8 {
    let shared = row.keys_of(IndexKind::Address).filter(|key| clues.addresses.contains(key));
    u8::try_from(shared.count()).unwrap_or(u8::MAX)
}
