//! Is what is left as it should be?

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use correspond::claim::{ClaimPageQuery, ClaimState};
use correspond::flow::sends::{InDoubtQuery, in_doubt};
use correspond::store::Ledger;

use super::series::{Left, Series};
use super::{Failure, SCOPE, TENANT, address, number, number_of, run_of};

/// What was found, where all is as it should be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    pub sends: usize,
    pub settled: usize,
    pub in_doubt: usize,
    /// Of those in doubt, so many got the mail.
    pub received: usize,
    pub kills: usize,
    pub in_flight: usize,
    pub seconds: f64,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sends, settled, in_doubt, received, kills, in_flight, seconds } = self;
        write!(
            f,
            "{sends} recipients in {seconds:.1} s, {kills} kills ({in_flight} with a mail at the \
             server): each claimed once, none sent to twice; {settled} settled, {in_doubt} in doubt \
             and listed, of which {received} got the mail"
        )
    }
}

/// What is wrong, counted.
#[derive(Debug, Default)]
pub struct Wrong(BTreeMap<&'static str, usize>);

impl Wrong {
    fn note(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<_> = self.0.iter().map(|(what, count)| format!("{count} {what}")).collect();
        f.write_str(&all.join(", "))
    }
}

/// Compares the ledger, the list of what is in doubt, the claims that were noted in `log`, and what the
/// server got.
pub async fn judge<L: Ledger>(
    ledger: &L,
    series: &Series,
    left: &Left,
    log: &Path,
) -> Result<Result<Figures, Wrong>, Failure> {
    let mut wrong = Wrong::default();
    let mut claims = BTreeMap::new();
    let mut page = ClaimPageQuery::new(SCOPE).limit(1_000);
    loop {
        let found = ledger.claim_page(TENANT, &page).await?;
        for (recipient, claim) in &found.items {
            let number = number_of(recipient).ok_or("a recipient that nobody asked for")?;
            if claims.insert(number, *claim).is_some() {
                wrong.note("listed twice");
            }
        }
        let Some(next) = found.next else { break };
        page = page.after(next);
    }
    let mut listed = BTreeSet::new();
    let mut query = InDoubtQuery::new(SCOPE).limit(1_000);
    loop {
        let found = in_doubt(ledger, TENANT, &query).await?;
        for claim in &found.items {
            listed.insert(number_of(&claim.recipient).ok_or("a recipient that nobody asked for")?);
            if !left.killed.contains(&run_of(claim.by.get())) {
                wrong.note("in doubt by a run that came to its end");
            }
        }
        let Some(next) = found.next else { break };
        query = query.after(next);
    }
    let mut noted: BTreeMap<usize, Vec<u128>> = BTreeMap::new();
    for line in std::fs::read_to_string(log)?.lines() {
        let (number, by) = line.split_once(' ').ok_or("a line with a number and a claimant")?;
        noted.entry(number.parse()?).or_default().push(by.parse()?);
    }
    for address in left.counts.keys() {
        if number(address).is_none_or(|number| number >= series.sends) {
            wrong.note("sent to whom nobody asked for");
        }
    }

    let mut figures = Figures {
        sends: series.sends,
        kills: left.killed.len(),
        in_flight: left.in_flight,
        seconds: left.time.as_secs_f64(),
        ..Figures::default()
    };
    for number in 0..series.sends {
        let mails = left.counts.get(&address(number)).copied().unwrap_or(0);
        if mails > 1 {
            wrong.note("sent to twice");
        }
        let noted = noted.get(&number).map_or(&[][..], Vec::as_slice);
        if noted.len() > 1 {
            wrong.note("claimed twice");
        }
        let is_open = claims.get(&number).is_some_and(|claim| claim.state() == ClaimState::Open);
        if is_open != listed.contains(&number) {
            wrong.note("open and not listed, or listed and not open");
        }
        let Some(claim) = claims.get(&number) else {
            wrong.note(if mails > 0 { "sent to and not claimed" } else { "not claimed" });
            continue;
        };
        if noted.iter().any(|by| *by != claim.by().get()) {
            wrong.note("claimed by another than who has it");
        }
        if is_open {
            figures.in_doubt += 1;
            figures.received += usize::from(mails > 0);
        } else {
            figures.settled += 1;
            if mails == 0 {
                wrong.note("settled and not sent to");
            }
            if noted.is_empty() {
                wrong.note("settled and never claimed");
            }
        }
    }
    Ok(if wrong.0.is_empty() { Ok(figures) } else { Err(wrong) })
}
