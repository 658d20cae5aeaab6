//! Sends the mails, keeps who got one, and tells.

use std::error::Error;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufWriter, Write};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use correspond::adapter::memory::MemoryStore;
use correspond::adapter::redb::RedbStore;
use correspond::claim::SendScope;
use correspond::id::TenantId;
use correspond::store::{Ledger, Store};
use correspond_send_campaign::{
    Here, Outcome, OutgoingMail, Report, Sending, SmtpServer, Wait, send as send_mails,
};
use serde_json::{Value, json};

use crate::paper::Paper;
use crate::{StoreAt, Way};

const TENANT: TenantId = TenantId::new(1);

/// What became of the mails.
pub(crate) struct Sent {
    report: Report,
    /// Who did not get one by this run or an earlier one, or perhaps did, and why.
    others: Vec<(String, String)>,
    taken_over: bool,
}

pub(crate) fn send(
    mails: Vec<OutgoingMail>,
    scope: SendScope,
    server: &SmtpServer,
    way: &Way,
) -> Result<Sent, Box<dyn Error>> {
    let mut sending = Sending::new(TENANT, scope, server.clone(), random());
    sending.workers = way.workers;
    sending.take_over = way.take_over.map(|minutes| now() - TimeDelta::minutes(minutes));
    match &way.store {
        StoreAt::Memory => through(&MemoryStore::default(), &Here, sending, mails),
        StoreAt::Redb(path) => through(&RedbStore::open(path)?, &Here, sending, mails),
        #[cfg(feature = "postgres")]
        StoreAt::Postgres(url) => {
            use correspond::adapter::postgres::{NoTls, Options, PostgresStore};

            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()?;
            let options = Options::default();
            let store = runtime.block_on(PostgresStore::connect(url, NoTls, &options))?;
            through(&store, &InRuntime(runtime.handle().clone()), sending, mails)
        }
        #[cfg(not(feature = "postgres"))]
        StoreAt::Postgres(_) => Err("--store postgres:URL: expected a build with the feature \
             `postgres` (cargo run --features postgres ...), found one without it"
            .into()),
    }
}

#[cfg(feature = "postgres")]
struct InRuntime(tokio::runtime::Handle);

#[cfg(feature = "postgres")]
impl Wait for InRuntime {
    fn wait<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }
}

fn through<S: Store + Ledger, W: Wait>(
    store: &S,
    wait: &W,
    sending: Sending,
    mails: Vec<OutgoingMail>,
) -> Result<Sent, Box<dyn Error>> {
    let taken_over = sending.take_over.is_some();
    let others = Mutex::new(Vec::new());
    let report = send_mails(store, wait, sending, mails, &|mail, outcome| {
        if let Some(why) = why(outcome) {
            let mut others = others.lock().unwrap_or_else(PoisonError::into_inner);
            others.push((mail.to.clone(), why));
        }
    });
    let mut others = others.into_inner().unwrap_or_else(PoisonError::into_inner);
    others.sort();
    match report {
        Ok(report) => Ok(Sent { report, others, taken_over }),
        Err(error) => {
            eprintln!(
                "what was sent until now is kept where there is a store: the same command goes on"
            );
            Err(error.into())
        }
    }
}

/// Why somebody did not get the message, where he did not.
fn why(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Sent | Outcome::AlreadySent { .. } | Outcome::Repeated => None,
        Outcome::InDoubt { since, .. } => {
            let since = since.format("%Y-%m-%d %H:%M:%S");
            Some(format!("in doubt: an earlier run claimed it at {since}, and broke off"))
        }
        Outcome::Unknown { why } => {
            Some(format!("in doubt: the connection broke after it was handed over: {why}"))
        }
        Outcome::Refused { refusal } => Some(format!("refused {refusal}")),
        Outcome::Deferred { refusal } => Some(format!("refused for now {refusal}")),
        Outcome::SenderRefused { refusal } => Some(format!("the sender was refused {refusal}")),
        Outcome::Broken { why } => {
            Some(format!("not sent: the connection broke before it was handed over: {why}"))
        }
        Outcome::Unfit { why } => Some(format!("cannot be sent: {why}")),
        Outcome::Untried => Some("not tried: the run stopped before".to_owned()),
    }
}

impl Sent {
    /// Did everybody get the message, now or before, and nobody twice as far as is known?
    pub(crate) const fn is_complete(&self) -> bool {
        self.others.is_empty() && self.report.lost == 0
    }

    pub(crate) fn print(&self, limit: usize) -> io::Result<()> {
        let mut to = Paper::new(BufWriter::new(io::stdout().lock()));
        to.title("Sent", "")?;
        to.text(2, 2, &format!("{}.", self.report))?;
        let doubtful = self.report.in_doubt + self.report.unknown;
        if doubtful > 0 && !self.taken_over {
            let them = if doubtful == 1 { "1 is" } else { &format!("{doubtful} are") };
            let told = format!(
                "{them} in doubt: nobody knows whether the message went out. Nothing is sent to them \
                 again, unless with --take-over MINUTES; then they may get it twice."
            );
            to.text(2, 2, &told)?;
        }
        if self.report.lost > 0 {
            let lost = self.report.lost;
            let them = if lost == 1 { "1 was" } else { &format!("{lost} were") };
            let told = format!(
                "{them} taken over by another run while this one was at work, and may have got it twice."
            );
            to.text(2, 2, &told)?;
        }
        if !self.others.is_empty() {
            to.blank()?;
        }
        let width = self.others.iter().map(|(who, _)| who.chars().count()).max().unwrap_or(0);
        for (who, why) in self.others.iter().take(limit) {
            to.row(" ", who, width.min(40), why)?;
        }
        if self.others.len() > limit {
            to.text(4, 0, &format!("... and {} more", self.others.len() - limit))?;
        }
        to.finish()
    }

    pub(crate) fn print_json(&self) -> io::Result<()> {
        let mut to = BufWriter::new(io::stdout().lock());
        for (who, why) in &self.others {
            writeln!(to, "{}", json!({ "kind": "unsent", "to": who, "reason": why }))?;
        }
        let line = self.totals();
        writeln!(to, "{line}")?;
        to.flush()
    }

    /// All that was counted. Those up to `unknown` add up to `mails`.
    fn totals(&self) -> Value {
        let report = &self.report;
        json!({
            "kind": "sent",
            "mails": report.total(),
            "sent": report.sent,
            "sent_before": report.already_sent,
            "repeated": report.repeated,
            "in_doubt": report.in_doubt,
            "refused": report.refused,
            "deferred": report.deferred,
            "sender_refused": report.sender_refused,
            "broken": report.broken,
            "unfit": report.unfit,
            "untried": report.untried,
            "unknown": report.unknown,
            "taken_over": report.taken_over,
            "lost": report.lost,
        })
    }
}

/// A number that no other run has: the system seeds the hasher, with 128 bits.
fn random() -> u128 {
    let seeded = RandomState::new();
    (u128::from(seeded.hash_one(0)) << 64) | u128::from(seeded.hash_one(1))
}

#[expect(clippy::disallowed_methods, reason = "a program asks the clock, and hands the time on")]
fn now() -> DateTime<Utc> {
    std::time::SystemTime::now().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(report: Report) -> Sent {
        Sent { report, others: Vec::new(), taken_over: false }
    }

    #[test]
    fn what_another_run_took_over_is_told_and_not_complete() {
        assert!(sent(Report { sent: 3, ..Report::default() }).is_complete());
        let robbed = sent(Report { sent: 3, lost: 1, ..Report::default() });
        assert!(!robbed.is_complete());
        assert_eq!(robbed.totals()["lost"], 1);
    }

    #[test]
    fn the_totals_have_every_count_and_add_up() {
        let report = Report {
            sent: 1,
            already_sent: 2,
            in_doubt: 4,
            repeated: 8,
            refused: 16,
            deferred: 32,
            sender_refused: 64,
            broken: 128,
            unfit: 256,
            untried: 512,
            unknown: 1_024,
            taken_over: 3,
            lost: 5,
        };
        let totals = sent(report).totals();
        let counts = totals.as_object().unwrap().iter().filter_map(|(_, count)| count.as_u64());
        assert_eq!(totals["mails"], 2_047);
        assert_eq!(counts.sum::<u64>(), 2 * 2_047 + 3 + 5);
    }
}
