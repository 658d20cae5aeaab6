//! Threads and processes issue tokens from one store, and no token comes twice.

use std::collections::HashMap;
use std::env;
use std::error::Error;
use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use chrono::DateTime;
use correspond::adapter::memory::MemoryStore;
use correspond::adapter::redb::RedbStore;
use correspond::flow::{Sender, TokenIssuer, TokenRequest};
use correspond::id::{RecordId, TenantId};
use correspond::settings::TokenTracking;
use correspond::store::{AnyStore, StoreError, poll_once};
use correspond::token::TokenPlan;

use crate::arguments::Arguments;

type Failure = Box<dyn Error + Send + Sync>;

/// Nine digits: the counter does not go round, so a token that comes twice was issued twice.
const FORMAT: &str = "CRM:/0/3/9";

/// Digits of the counter, at the end of every token.
const COUNTER: usize = 9;

/// `tokens STORE [--leased N] [--single N] [--processes N] [--threads N] [--users N] [--turns N]
/// [--dir DIR]`
pub fn run(mut arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let store = arguments.word().ok_or("expected a store, found none")?;
    if store == "child" {
        return child(arguments);
    }
    let leased = arguments.option("--leased")?.unwrap_or(1_000_000);
    let single = arguments.option("--single")?.unwrap_or(10_000);
    let processes = arguments.option("--processes")?.unwrap_or(4);
    let threads = arguments.option("--threads")?.unwrap_or(8);
    let users = arguments.option("--users")?.unwrap_or(16);
    let turns = arguments.option("--turns")?.unwrap_or(25);
    let dir: Option<PathBuf> = arguments.option("--dir")?;
    arguments.end()?;

    let temporary = tempfile::tempdir()?;
    let dir = dir.unwrap_or_else(|| temporary.path().to_owned());
    let mut tokens = Vec::new();
    // One store for both series: what comes twice between them counts too.
    let memory = AnyStore::new(MemoryStore::default());
    for (name, wanted, lease) in
        [("with leases", leased, TokenPlan::PREFERRED_LEASE), ("without", single, NonZeroU32::MIN)]
    {
        let work = Work { tokens: wanted, threads, users, lease };
        #[expect(clippy::disallowed_methods, reason = "a program that measures")]
        let begun = Instant::now();
        let (issued, shared) = match &*store {
            "memory" => {
                let issuer = work.issuer();
                let shared = vec![(&memory, &issuer); threads];
                (by_threads(&work, wanted, &shared)?, "1 process".to_owned())
            }
            // What the proof must find: threads that each have a store of their own.
            "broken" => {
                let apart = || (AnyStore::new(MemoryStore::default()), work.issuer());
                let apart: Vec<_> = (0..threads).map(|_| apart()).collect();
                let each: Vec<_> = apart.iter().map(|(store, issuer)| (store, issuer)).collect();
                (by_threads(&work, wanted, &each)?, "1 process".to_owned())
            }
            "redb" => in_turns(&work, &dir, processes, turns)?,
            other => return Err(format!("expected a store, found {other:?}").into()),
        };
        let time = begun.elapsed().as_secs_f64();
        println!(
            "{store}, {name}: {} tokens of {users} users by {shared} x {threads} threads in \
             {time:.2} s, {:.0} a second",
            issued.len(),
            issued.len() as f64 / time
        );
        if issued.len() != wanted {
            return Err(format!("expected {wanted} tokens, found {}", issued.len()).into());
        }
        tokens.extend(issued);
    }
    let count = Count::of(tokens)?;
    println!(
        "{store}: {} tokens, {} duplicates, {} user numbers, {} counters left out",
        count.tokens, count.duplicates, count.users, count.gaps
    );
    if count.duplicates > 0 {
        return Err(format!("{} tokens came twice", count.duplicates).into());
    }
    if count.users != users {
        return Err(format!("{users} users have {} numbers", count.users).into());
    }
    Ok(())
}

/// What is to be issued.
#[derive(Clone, Copy)]
struct Work {
    tokens: usize,
    threads: usize,
    users: usize,
    lease: NonZeroU32,
}

impl Work {
    fn issuer(&self) -> TokenIssuer {
        TokenIssuer::default().with_lease(self.lease)
    }
}

/// The `part`-th of so many parts of `whole`, which together are the whole.
const fn share(whole: usize, parts: usize, part: usize) -> usize {
    whole * (part + 1) / parts - whole * part / parts
}

/// Every thread issues its share, for all users in turn, so that all threads meet at each user.
fn by_threads(
    work: &Work,
    tokens: usize,
    per_thread: &[(&AnyStore, &TokenIssuer)],
) -> Result<Vec<String>, Box<dyn Error>> {
    thread::scope(|scope| {
        let started: Vec<_> = per_thread
            .iter()
            .enumerate()
            .map(|(thread, (store, issuer))| {
                let count = share(tokens, work.threads, thread);
                scope.spawn(move || issue(store, issuer, count, work.users))
            })
            .collect();
        let mut tokens = Vec::new();
        for thread in started {
            let issued = thread.join().map_err(|_| "a thread panicked")?;
            tokens.extend(issued.map_err(|failure| -> Box<dyn Error> { failure })?);
        }
        Ok(tokens)
    })
}

fn issue(
    store: &AnyStore,
    issuer: &TokenIssuer,
    count: usize,
    users: usize,
) -> Result<Vec<String>, Failure> {
    let mut settings = TokenTracking::default();
    settings.formats = vec![FORMAT.parse()?];
    let mut tokens = Vec::with_capacity(count);
    for n in 0..count {
        let user = Sender::user(RecordId::new(1 + (n % users) as u128));
        let request = TokenRequest::new(TenantId::new(1), user, DateTime::UNIX_EPOCH);
        let token = poll_once(issuer.issue(store, &settings, request))
            .ok_or("the store was not ready at once")??
            .ok_or("expected a token, found none")?;
        tokens.push(token.into());
    }
    Ok(tokens)
}

/// Several processes over one file. It lets one of them in at a time, so they take turns; each keeps
/// what it has leased from turn to turn.
fn in_turns(
    work: &Work,
    dir: &Path,
    processes: usize,
    turns: usize,
) -> Result<(Vec<String>, String), Box<dyn Error>> {
    let log = dir.join("turns");
    fs::write(&log, "")?;
    let mut children = Vec::new();
    for process in 0..processes {
        let child = Command::new(env::current_exe()?)
            .args(["tokens", "child", "--dir"])
            .arg(dir)
            .args(["--process", &process.to_string()])
            .args(["--tokens", &share(work.tokens, processes, process).to_string()])
            .args(["--threads", &work.threads.to_string()])
            .args(["--users", &work.users.to_string()])
            .args(["--lease", &work.lease.to_string()])
            .args(["--turns", &turns.to_string()])
            .spawn()?;
        children.push(child);
    }
    let mut tokens = Vec::new();
    let mut failed = Vec::new();
    for (process, mut child) in children.into_iter().enumerate() {
        let status = child.wait()?;
        if !status.success() {
            failed.push(format!("process {process}: {status}"));
            continue;
        }
        tokens.extend(fs::read_to_string(issued(dir, process))?.lines().map(str::to_owned));
    }
    if !failed.is_empty() {
        return Err(failed.join(", ").into());
    }
    let log = fs::read_to_string(log)?;
    let turns: Vec<&str> = log.lines().collect();
    let handovers = turns.windows(2).filter(|pair| pair[0] != pair[1]).count();
    Ok((tokens, format!("{processes} processes ({handovers} handovers)")))
}

fn issued(dir: &Path, process: usize) -> PathBuf {
    dir.join(format!("issued-{process}"))
}

/// One of the processes.
fn child(mut arguments: Arguments) -> Result<(), Box<dyn Error>> {
    fn needed<T>(value: Option<T>) -> Result<T, String> {
        value.ok_or_else(|| "a child has all options".to_owned())
    }
    let dir: PathBuf = needed(arguments.option("--dir")?)?;
    let process: usize = needed(arguments.option("--process")?)?;
    let turns: usize = needed(arguments.option("--turns")?)?;
    let work = Work {
        tokens: needed(arguments.option("--tokens")?)?,
        threads: needed(arguments.option("--threads")?)?,
        users: needed(arguments.option("--users")?)?,
        lease: needed(arguments.option("--lease")?)?,
    };
    arguments.end()?;

    let issuer = work.issuer();
    let mut written = BufWriter::new(File::create(issued(&dir, process))?);
    for turn in 0..turns {
        let store = AnyStore::new(admitted(&dir.join("tokens.redb"))?);
        // Written while nobody else is in.
        let mut log = OpenOptions::new().append(true).open(dir.join("turns"))?;
        writeln!(log, "{process}")?;
        let tokens = share(work.tokens, turns, turn);
        for token in by_threads(&work, tokens, &vec![(&store, &issuer); work.threads])? {
            writeln!(written, "{token}")?;
        }
        drop(store);
        // Lets another one in.
        thread::sleep(Duration::from_millis(5));
    }
    written.flush()?;
    Ok(())
}

/// The store, once nobody else has it open.
fn admitted(path: &Path) -> Result<RedbStore, StoreError> {
    let mut patience = 600_000;
    loop {
        match RedbStore::open(path) {
            Err(error) if error.is_transient() && patience > 0 => {
                patience -= 1;
                thread::sleep(Duration::from_millis(1));
            }
            opened => return opened,
        }
    }
}

/// What was issued, counted exactly.
#[derive(Debug, Default)]
struct Count {
    tokens: usize,
    duplicates: usize,
    users: usize,
    gaps: u64,
}

impl Count {
    fn of(mut tokens: Vec<String>) -> Result<Self, Box<dyn Error>> {
        tokens.sort_unstable();
        let duplicates = tokens.windows(2).filter(|pair| pair[0] == pair[1]).count();
        let mut highest: HashMap<&str, u64> = HashMap::new();
        for token in &tokens {
            let split = token.len().checked_sub(COUNTER).ok_or("expected a counter")?;
            let (user, counter) = token.split_at(split);
            let counter: u64 = counter.parse()?;
            let known = highest.entry(user).or_default();
            *known = counter.max(*known);
        }
        let distinct = (tokens.len() - duplicates) as u64;
        Ok(Self {
            tokens: tokens.len(),
            duplicates,
            users: highest.len(),
            gaps: highest.values().sum::<u64>() - distinct,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(text: &str) -> Arguments {
        Arguments::new(text.split(' ').map(str::to_owned))
    }

    #[test]
    fn a_small_series_has_no_duplicates() {
        run(arguments("memory --leased 4000 --single 400 --users 3")).unwrap();
    }

    #[test]
    fn stores_that_do_not_share_their_numbers_are_found_out() {
        let error = run(arguments("broken --leased 400 --single 40 --users 3")).unwrap_err();
        assert!(error.to_string().ends_with("tokens came twice"), "{error}");
    }

    #[test]
    fn what_was_issued_is_counted_exactly() {
        let tokens = ["u000000001", "u000000004", "v000000001", "u000000001"];
        let count = Count::of(tokens.map(str::to_owned).to_vec()).unwrap();
        assert_eq!((count.tokens, count.duplicates, count.users, count.gaps), (4, 1, 2, 2));
    }
}
