//! Workers that claim, send and settle.

use std::collections::HashSet;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, TimeDelta, Utc};
use correspond::claim::{Claimant, RecipientKey, SendScope};
use correspond::flow::FlowError;
use correspond::flow::sends::{Asked, ClaimAnswer, InDoubt, SegmentRun, SendRun};
use correspond::id::TenantId;
use correspond::store::{Ledger, Store, StoreError};

use crate::connection::{Connection, Delivery};
use crate::mail::OutgoingMail;
use crate::report::{Command, Outcome, Report};
use crate::server::SmtpServer;
use crate::wait::Wait;

/// How much older than this run a claim of its number is that an earlier run left: a store may keep
/// times less exactly than the clock tells them.
const GRAIN: TimeDelta = TimeDelta::milliseconds(1);

/// So many mails one after the other that do not get as far as to their recipient stop the run.
const IN_A_ROW: u32 = 3;

/// How a segment is sent, by one run: it is used up, so that no second one claims by the same number.
#[derive(Debug)]
pub struct Sending {
    tenant: TenantId,
    scope: SendScope,
    server: SmtpServer,
    run: u128,
    /// How many workers there are, each with a connection of its own; 8 where nothing is said.
    pub workers: usize,
    /// How many recipients a worker claims at once: the most that are in doubt when it is killed; 32
    /// where nothing is said.
    pub part: usize,
    /// After how many mails that were sent it settles; 8 where nothing is said.
    pub settle_after: usize,
    /// How often a mail, or a call of the store, is tried whose connection breaks; 3 where nothing is
    /// said.
    pub attempts: u32,
    /// How long it waits before it tries again, and twice as long each time; 200 ms where nothing is
    /// said.
    pub pause: Duration,
    /// How long it waits for the server; a minute where nothing is said.
    pub timeout: Duration,
    /// How long it waits for the server to take a whole mail over. Who gives up too soon is left in doubt;
    /// so ten minutes where nothing is said (RFC 5321, section 4.5.3.2.6).
    pub content_timeout: Duration,
    /// What is in doubt since this moment or longer is sent to as well: **it may go out twice**. Nothing
    /// is, where nothing is said. A run that is still at work has open claims too, and loses them: choose
    /// a moment that is earlier than any run began that may be.
    pub take_over: Option<DateTime<Utc>>,
    /// The name that it gives the server.
    pub hello: String,
}

impl Sending {
    /// Sends what `scope` says through `server`. `run` is a number that no other run has, drawn at
    /// random: the workers claim by it and the numbers behind it.
    #[must_use]
    pub fn new(tenant: TenantId, scope: SendScope, server: SmtpServer, run: u128) -> Self {
        Self {
            tenant,
            scope,
            server,
            run,
            workers: 8,
            part: 32,
            settle_after: 8,
            attempts: 3,
            pause: Duration::from_millis(200),
            timeout: Duration::from_secs(60),
            content_timeout: Duration::from_secs(600),
            take_over: None,
            hello: "localhost".into(),
        }
    }

    fn workers(&self) -> usize {
        self.workers.clamp(1, 256)
    }

    fn claimant(&self, worker: usize) -> Claimant {
        Claimant::new(self.run.wrapping_add(worker as u128))
    }

    fn is_own(&self, claimant: Claimant) -> bool {
        claimant.get().wrapping_sub(self.run) < self.workers() as u128
    }
}

/// Why a run stopped. What it claimed and did not hand to the server is given back, where the store can
/// be reached; what it sent is settled. The rest is in doubt, and so stays what was taken over and not
/// sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The server could not be reached, however often it was tried, or broke three mails off, one after the
    /// other.
    #[error("the SMTP server cannot be reached: {0}")]
    Server(String),
    /// The server refused the sender of three mails, one after the other.
    #[error("the SMTP server refuses the sender: {0}")]
    Sender(String),
    /// The ledger failed, however often it was tried.
    #[error("the ledger failed")]
    Ledger(#[from] FlowError),
    /// There is no room for a worker.
    #[error("a worker cannot be started")]
    Worker(#[source] io::Error),
}

/// Sends these mails, in this order as far as there is one among several workers, to each recipient once.
///
/// In memory are a part of them for each worker. `told` hears what becomes of each, from the thread of its
/// worker, when it is known.
///
/// # Errors
///
/// The run stopped. The report of what was done until then is lost but for what `told` heard; the ledger
/// knows it all, and the same call with another run goes on.
pub fn send<S, W, M>(
    store: &S,
    wait: &W,
    sending: Sending,
    mails: M,
    told: &(dyn Fn(&OutgoingMail, &Outcome) + Sync),
) -> Result<Report, SendError>
where
    S: Store + Ledger,
    W: Wait,
    M: IntoIterator<Item = OutgoingMail>,
    M::IntoIter: Send,
{
    let (mails, stopped) = (Mutex::new(mails.into_iter()), AtomicBool::new(false));
    let (sending, begun) = (&sending, now() - GRAIN);
    thread::scope(|scope| {
        let mut workers = Vec::new();
        for number in 0..sending.workers() {
            let mails = &mails;
            let worker = Worker {
                store,
                wait,
                sending,
                told,
                stopped: &stopped,
                begun,
                run: SendRun::new(sending.tenant, sending.scope, sending.claimant(number)),
                connection: Connection::new(
                    &sending.server,
                    sending.hello.clone(),
                    [sending.timeout, sending.content_timeout],
                ),
                report: Report::default(),
                setbacks: 0,
                sent: Vec::new(),
                unsent: Vec::new(),
                taken_over: HashSet::new(),
            };
            let work = move || {
                let next = || mails.lock().unwrap_or_else(PoisonError::into_inner).next();
                worker.work(std::iter::from_fn(next).map(|mail| (mail.recipient.clone(), mail)))
            };
            match thread::Builder::new().spawn_scoped(scope, work) {
                Ok(worker) => workers.push(worker),
                Err(error) => {
                    stopped.store(true, Ordering::SeqCst);
                    return Err(SendError::Worker(error));
                }
            }
        }
        let (mut report, mut failed) = (Report::default(), None);
        for worker in workers {
            match worker.join() {
                Ok(Ok(done)) => report += done,
                Ok(Err(error)) => failed = failed.or(Some(error)),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        failed.map_or(Ok(report), Err)
    })
}

struct Worker<'a, S, W> {
    store: &'a S,
    wait: &'a W,
    sending: &'a Sending,
    told: &'a (dyn Fn(&OutgoingMail, &Outcome) + Sync),
    stopped: &'a AtomicBool,
    /// What is claimed by the number of this run, and earlier, an earlier run has left.
    begun: DateTime<Utc>,
    run: SendRun,
    connection: Connection<'a>,
    report: Report,
    /// How many mails in a row did not get as far as to their recipient.
    setbacks: u32,
    /// To be settled.
    sent: Vec<RecipientKey>,
    /// To be released.
    unsent: Vec<RecipientKey>,
    /// Of the part at hand: who may have got it by an earlier run. Not released, sent or not, as the next
    /// run would not know that.
    taken_over: HashSet<RecipientKey>,
}

impl<S: Store + Ledger, W: Wait> Worker<'_, S, W> {
    fn work(
        mut self,
        mails: impl Iterator<Item = (RecipientKey, OutgoingMail)>,
    ) -> Result<Report, SendError> {
        let segment = self.run.segment(mails).part(self.sending.part);
        let worked = self.send_all(segment);
        if worked.is_err() {
            self.stopped.store(true, Ordering::SeqCst);
        }
        // Also what is left of a run that stopped.
        let closed = self.close();
        self.connection.end();
        worked.and(closed).map(|()| self.report)
    }

    fn send_all<I>(&mut self, mut segment: SegmentRun<I, OutgoingMail>) -> Result<(), SendError>
    where
        I: Iterator<Item = (RecipientKey, OutgoingMail)>,
    {
        while !self.stopped.load(Ordering::SeqCst) {
            let (wait, store) = (self.wait, self.store);
            let part = self.persist(|| wait.wait(segment.next_part(store, now())));
            let part = part.inspect_err(|_| self.unsent.extend(segment.pending().cloned()))?;
            let Some(mut part) = part else { break };
            // Where it fails, the others of the part are given back.
            let mut failed = self.take_over(&mut part).err();
            for asked in part {
                let outcome = match asked.answer {
                    ClaimAnswer::Claimed if failed.is_none() => match self.deliver(&asked.item) {
                        Ok(outcome) => outcome,
                        Err(error) => {
                            failed = Some(error);
                            Outcome::Untried
                        }
                    },
                    answer => self.unclaimed(answer),
                };
                self.note(&asked.recipient, &asked.item, &outcome);
                if self.sent.len() >= self.sending.settle_after && failed.is_none() {
                    failed = self.close().err();
                }
            }
            if let Some(error) = failed {
                return Err(error);
            }
            self.close()?;
            self.taken_over.clear();
        }
        Ok(())
    }

    /// What is in doubt for long enough, where that is asked for.
    fn take_over(&mut self, part: &mut [Asked<OutgoingMail>]) -> Result<(), SendError> {
        let Some(moment) = self.sending.take_over else { return Ok(()) };
        let mut doubtful = Vec::new();
        for asked in &mut *part {
            if let ClaimAnswer::InDoubt { by, since } = asked.answer
                && since <= moment
                && !self.sending.is_own(by)
            {
                let claim = InDoubt { recipient: asked.recipient.clone(), by, since };
                doubtful.push((claim, &mut asked.answer));
            }
        }
        let (claims, places): (Vec<_>, Vec<_>) = doubtful.into_iter().unzip();
        let (wait, store, run) = (self.wait, self.store, &self.run);
        let answers = self.persist(|| wait.wait(run.take_over(store, &claims, now())))?;
        for ((claim, place), answer) in claims.into_iter().zip(places).zip(answers) {
            // Taken over by a call of which the answer got lost.
            let own = matches!(answer, ClaimAnswer::Own { .. });
            *place = if own { ClaimAnswer::Claimed } else { answer };
            if place.is_claimed() {
                self.report.taken_over += 1;
                self.taken_over.insert(claim.recipient);
            }
        }
        Ok(())
    }

    fn unclaimed(&self, answer: ClaimAnswer) -> Outcome {
        let (begun, run) = (self.begun, self.run.claimant());
        let repeated = |by, at| self.sending.is_own(by) && at >= begun;
        match answer {
            ClaimAnswer::AlreadySent { by, at } if repeated(by, at) => Outcome::Repeated,
            ClaimAnswer::InDoubt { by, since } if repeated(by, since) => Outcome::Repeated,
            ClaimAnswer::Own { since } if !repeated(run, since) => {
                Outcome::InDoubt { by: run, since }
            }
            ClaimAnswer::AlreadySent { by, at } => Outcome::AlreadySent { by, at },
            ClaimAnswer::InDoubt { by, since } => Outcome::InDoubt { by, since },
            ClaimAnswer::Claimed => Outcome::Untried,
            _ => Outcome::Repeated,
        }
    }

    fn note(&mut self, recipient: &RecipientKey, mail: &OutgoingMail, outcome: &Outcome) {
        match outcome {
            Outcome::Sent => self.sent.push(recipient.clone()),
            Outcome::Refused { .. }
            | Outcome::Deferred { .. }
            | Outcome::SenderRefused { .. }
            | Outcome::Broken { .. }
            | Outcome::Unfit { .. }
            | Outcome::Untried
                if !self.taken_over.contains(recipient) =>
            {
                self.unsent.push(recipient.clone());
            }
            _ => {}
        }
        self.report.count(outcome);
        (self.told)(mail, outcome);
    }

    /// Sends one mail whose recipient is claimed.
    fn deliver(&mut self, mail: &OutgoingMail) -> Result<Outcome, SendError> {
        let letter = match mail.letter() {
            Ok(letter) => letter,
            Err(why) => return Ok(Outcome::Unfit { why }),
        };
        let mut pause = self.sending.pause;
        let mut attempt = 0;
        let outcome = loop {
            attempt += 1;
            let last = attempt >= self.sending.attempts;
            match self.connection.deliver(&letter) {
                Delivery::Accepted => break Outcome::Sent,
                Delivery::Refused(refusal) if refusal.at == Command::Mail => {
                    if refusal.is_permanent() || last {
                        break Outcome::SenderRefused { refusal };
                    }
                }
                Delivery::Refused(refusal) if refusal.is_permanent() => {
                    break Outcome::Refused { refusal };
                }
                Delivery::Refused(refusal) => break Outcome::Deferred { refusal },
                Delivery::Unknown(why) => break Outcome::Unknown { why },
                Delivery::Unfit(why) => break Outcome::Unfit { why },
                Delivery::Unreachable(why) if last => return Err(SendError::Server(why)),
                Delivery::Broken(why) if last => break Outcome::Broken { why },
                Delivery::Unreachable(_) | Delivery::Broken(_) => {}
            }
            thread::sleep(pause);
            pause = pause.saturating_mul(2);
        };
        let setback = matches!(outcome, Outcome::SenderRefused { .. } | Outcome::Broken { .. });
        self.setbacks = if setback { self.setbacks + 1 } else { 0 };
        match outcome {
            Outcome::SenderRefused { refusal } if self.setbacks >= IN_A_ROW => {
                Err(SendError::Sender(refusal.to_string()))
            }
            Outcome::Broken { why } if self.setbacks >= IN_A_ROW => Err(SendError::Server(why)),
            outcome => Ok(outcome),
        }
    }

    /// Settles and releases what is due, the one though the other fails. What fails stays due.
    fn close(&mut self) -> Result<(), SendError> {
        let settled = self.settle();
        settled.and(self.release())
    }

    fn settle(&mut self) -> Result<(), SendError> {
        if self.sent.is_empty() {
            return Ok(());
        }
        let (wait, store, run) = (self.wait, self.store, &self.run);
        let closed = self.persist(|| wait.wait(run.settle(store, &self.sent, now())))?;
        self.report.lost += closed.lost().count() as u64;
        self.sent.clear();
        Ok(())
    }

    fn release(&mut self) -> Result<(), SendError> {
        if self.unsent.is_empty() {
            return Ok(());
        }
        let (wait, store, run) = (self.wait, self.store, &self.run);
        let closed = self.persist(|| wait.wait(run.release(store, &self.unsent)))?;
        self.report.lost += closed.lost().count() as u64;
        self.unsent.clear();
        Ok(())
    }

    /// Calls the store until it answers, a few times.
    fn persist<T>(&self, mut call: impl FnMut() -> Result<T, FlowError>) -> Result<T, SendError> {
        let mut pause = self.sending.pause;
        for _ in 1..self.sending.attempts {
            match call() {
                Err(error) if error.store_error().is_some_and(StoreError::is_transient) => {}
                answer => return Ok(answer?),
            }
            thread::sleep(pause);
            pause = pause.saturating_mul(2);
        }
        Ok(call()?)
    }
}

#[expect(clippy::disallowed_methods, reason = "a program, which has a clock")]
fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}
