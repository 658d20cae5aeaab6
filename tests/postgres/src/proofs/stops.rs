//! The server is stopped at once while clients file.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chrono::DateTime;
use correspond::adapter::postgres::{NoTls, Options, PostgresStore};
use correspond::claim::{ClaimId, Claimant, RecipientKey, SendScope};
use correspond::id::{RecordId, TenantId};
use correspond::index::{IndexKind, Lookup, MAX_LOOKUP_ROWS, MessageQuery, MessageRow};
use correspond::record::{
    LookupKey, LookupKind, Record, RecordKind, RecordRef, Space, UniqueKey, Version,
};
use correspond::store::{
    Batch, Change, Commit, Expect, Ledger, MessageIndex, Reason, Records, SequenceKey, Sequences,
    Store,
};
use correspond_postgres_tests::block_on;
use correspond_postgres_tests::random::Random;
use tokio_postgres::Config;

use crate::Result;
use crate::arguments::Arguments;

const TENANT: TenantId = TenantId::new(1);

/// A server of this run's own, removed at the end.
struct Server {
    script: PathBuf,
    dir: tempfile::TempDir,
}

impl Server {
    const PORT: &'static str = "55439";

    fn start() -> Result<(Self, String)> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.ci/postgres");
        let server = Self { script, dir: tempfile::tempdir()? };
        let url = server.order("start")?;
        Ok((server, url.trim().to_owned()))
    }

    fn order(&self, verb: &str) -> Result<String> {
        let done = Command::new("bash")
            .arg(&self.script)
            .arg(verb)
            .env("POSTGRES_DIR", self.dir.path().join("server"))
            .env("POSTGRES_PORT", Self::PORT)
            .stderr(Stdio::null())
            .output()?;
        if !done.status.success() {
            return Err(format!("{verb}: {}", done.status).into());
        }
        Ok(String::from_utf8(done.stdout)?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.order("stop");
    }
}

/// What one worker did, over all stops.
#[derive(Debug, Default)]
struct Book {
    acknowledged: u64,
    /// Commits that ended with an error, and what became of them.
    under_way: u64,
    whole: u64,
    absent: u64,
    numbers: Vec<u64>,
}

struct Shared {
    /// Commits that were acknowledged, of all workers.
    acknowledged: AtomicU64,
    /// How many workers are inside a commit.
    committing: AtomicU64,
    end: AtomicBool,
}

/// `stops [--stops N] [--workers N] [--seed N]`
pub fn run(mut arguments: Arguments) -> Result<()> {
    let error = |error: Box<dyn std::error::Error>| error.to_string();
    let stops: u64 = arguments.option("--stops").map_err(error)?.unwrap_or(50);
    let workers: u64 = arguments.option("--workers").map_err(error)?.unwrap_or(4);
    let seed = arguments.option("--seed").map_err(error)?.unwrap_or(1);
    arguments.end().map_err(error)?;
    #[expect(clippy::disallowed_methods, reason = "a program that measures")]
    let begun = Instant::now();
    let (server, url) = Server::start()?;
    let said = block_on(async {
        let store = PostgresStore::connect(&url, NoTls, &Options::default()).await?;
        let shared = Arc::new(Shared {
            acknowledged: AtomicU64::new(0),
            committing: AtomicU64::new(0),
            end: AtomicBool::new(false),
        });
        let working: Vec<_> = (0..workers)
            .map(|worker| tokio::spawn(work(store.clone(), worker, shared.clone())))
            .collect();
        let mut random = Random::new(seed);
        let mut inside = 0;
        for _ in 0..stops {
            let enough = shared.acknowledged.load(Ordering::SeqCst) + 5 + random.below(40);
            while shared.acknowledged.load(Ordering::SeqCst) < enough {
                if working.iter().any(tokio::task::JoinHandle::is_finished) {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            tokio::time::sleep(Duration::from_micros(random.below(8_000))).await;
            inside += u64::from(shared.committing.load(Ordering::SeqCst) > 0);
            tokio::task::block_in_place(|| server.order("crash"))?;
            tokio::task::block_in_place(|| server.order("restart"))?;
        }
        shared.end.store(true, Ordering::SeqCst);
        let mut books = Vec::new();
        for worker in working {
            books.push(worker.await??);
        }
        let found = inspect(&url, &store, &books).await?;
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(format!(
            "{stops} stops of the server, {inside} with a commit under way; {found}"
        ))
    })?;
    println!("stops, seed {seed}: {said}; {:.1} s", begun.elapsed().as_secs_f64());
    Ok(())
}

/// Files batch after batch until the end; the server may be gone at any moment.
async fn work(store: PostgresStore, worker: u64, shared: Arc<Shared>) -> Result<Book> {
    let mut book = Book::default();
    let mut number = 0;
    while !shared.end.load(Ordering::SeqCst) {
        let filing = Filing { worker, number };
        let batch = filing.batch(&store)?;
        let mut doubtful = false;
        loop {
            shared.committing.fetch_add(1, Ordering::SeqCst);
            let result = store.commit(&batch).await;
            shared.committing.fetch_sub(1, Ordering::SeqCst);
            match result {
                Ok(Commit::Applied) => {
                    book.absent += u64::from(doubtful);
                    break;
                }
                Ok(refused) if doubtful => {
                    filing.is_whole(&refused)?;
                    book.whole += 1;
                    break;
                }
                Ok(refused) => {
                    return Err(format!("expected {filing:?} to apply, found {refused:?}").into());
                }
                Err(error) if error.is_transient() => {
                    book.under_way += u64::from(!doubtful);
                    doubtful = true;
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
        book.acknowledged += 1;
        shared.acknowledged.fetch_add(1, Ordering::SeqCst);
        number += 1;
        match store.allocate(TENANT, SequenceKey::UserNumbers, NonZeroU32::MIN).await {
            Ok(block) => book.numbers.push(block.first()),
            Err(error) if error.is_transient() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(book)
}

/// One batch of one worker: a mail, a contact with a unique key, a claim.
#[derive(Clone, Copy, Debug)]
struct Filing {
    worker: u64,
    number: u64,
}

impl Filing {
    fn id(self) -> u128 {
        u128::from(self.worker + 1) << 64 | u128::from(self.number)
    }

    fn text(self) -> String {
        format!("{}-{}@home.example", self.worker, self.number)
    }

    fn contact(self) -> RecordRef {
        RecordKind::Contact.of(RecordId::new(self.id()))
    }

    fn claim(self) -> Result<ClaimId> {
        let recipient = RecipientKey::address(self.text().as_bytes())?;
        Ok(ClaimId { scope: SendScope::new(RecordId::new(1)), recipient })
    }

    fn batch(self, store: &PostgresStore) -> Result<Batch> {
        let (keyer, text, id) = (store.keyer(), self.text(), RecordId::new(self.id()));
        let text = text.as_bytes();
        let keys = vec![
            keyer.key(IndexKind::MessageId, text),
            keyer.key(IndexKind::Address, text),
            keyer.key(IndexKind::Address, b"all"),
        ];
        let record = Record::new(self.contact(), DateTime::UNIX_EPOCH, "{}")?
            .with_unique([UniqueKey::new(keyer, Space::Match, text)])?
            .with_keys([LookupKey::new(keyer, LookupKind::Address, text)])?;
        let mut batch =
            Batch::of(TENANT, Change::File(MessageRow::new(id, DateTime::UNIX_EPOCH, id, keys)));
        let version = Version::new(self.id());
        batch.push(Change::Put { record, version, expect: Expect::Absent })?;
        let by = Claimant::new(u128::from(self.worker));
        batch.push(Change::Claim { id: self.claim()?, by, at: DateTime::UNIX_EPOCH })?;
        Ok(batch)
    }

    /// Does the refusal say that the same batch was applied before, all of it?
    fn is_whole(self, commit: &Commit) -> Result<()> {
        let [filed, stale, claimed] = commit.refusals() else {
            return Err(format!("half a batch: {commit:?}").into());
        };
        let itself = matches!(filed.reason, Reason::Filed { holder } if holder.get() == self.id())
            && matches!(stale.reason, Reason::Stale { found: Some(version) } if version.get() == self.id())
            && matches!(claimed.reason, Reason::Claimed { claim } if claim.by().get() == u128::from(self.worker));
        if itself { Ok(()) } else { Err(format!("expected {self:?}, found {commit:?}").into()) }
    }
}

/// Everything that was acknowledged is there, once, and nothing else.
async fn inspect(url: &str, store: &PostgresStore, books: &[Book]) -> Result<String> {
    for (worker, book) in (0..).zip(books) {
        for number in 0..book.acknowledged {
            let filing = Filing { worker, number };
            let text = filing.text();
            let mut query = MessageQuery::default();
            for kind in [IndexKind::MessageId, IndexKind::Address] {
                let key = store.keyer().key(kind, text.as_bytes());
                let _ = query.push(Lookup::new(key).rows(MAX_LOOKUP_ROWS));
            }
            let answer = store.find(TENANT, &query).await?;
            for lookup in 0..2 {
                let found: Vec<_> = answer.rows(lookup).map(|row| row.id().get()).collect();
                if found != [filing.id()] {
                    return Err(format!("{filing:?}: expected itself, found {found:x?}").into());
                }
            }
            let key = UniqueKey::new(store.keyer(), Space::Match, text.as_bytes());
            let record = store.load(TENANT, &[filing.contact()]).await?;
            let holder = store.holders(TENANT, &[key]).await?;
            let id = filing.claim()?;
            let claim = store.claims(TENANT, &id.scope, &[id.recipient]).await?;
            if record[0].is_none() || holder[0] != Some(filing.contact()) || claim[0].is_none() {
                return Err(format!("{filing:?}: found {record:?}, {holder:?}, {claim:?}").into());
            }
        }
    }
    let sum = |count: fn(&Book) -> u64| books.iter().map(count).sum::<u64>();
    let acknowledged = sum(|book| book.acknowledged);
    let config: Config = url.parse()?;
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    let mut rows = Vec::new();
    for (table, each) in [
        ("mail", 1),
        ("mail_key", 3),
        ("record", 1),
        ("unique_key", 1),
        ("lookup_key", 1),
        ("send_claim", 1),
    ] {
        let sql = format!("select count(*) from correspond.{table}");
        let found: i64 = client.query_one(sql.as_str(), &[]).await?.get(0);
        if found != (each * acknowledged) as i64 {
            rows.push(format!("{table}: expected {}, found {found}", each * acknowledged));
        }
    }
    if !rows.is_empty() {
        return Err(rows.join("; ").into());
    }
    let mut numbers: Vec<_> = books.iter().flat_map(|book| &book.numbers).collect();
    numbers.sort_unstable();
    if numbers.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err("a number came twice".into());
    }
    Ok(format!(
        "{acknowledged} batches filed, {} commits cut off: {} found whole, {} absent; {} numbers, \
         none twice; nothing lost, nothing twice",
        sum(|book| book.under_way),
        sum(|book| book.whole),
        sum(|book| book.absent),
        numbers.len()
    ))
}
