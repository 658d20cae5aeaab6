//! Runs send one segment at the same time through a server that counts, and are killed; of each
//! recipient there is one claim in the end, and at most one mail.

pub mod gate;
pub mod judge;
#[path = "../../../suite/sends/seat.rs"]
pub mod seat;
pub mod series;

use std::error::Error;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use correspond::claim::{RecipientKey, SendScope};
use correspond::id::{RecordId, TenantId};
use correspond::store::{Change, Ledger, Store};
use correspond_send_campaign::{OutgoingMail, Report, SendError, Sending, Wait, send};

use self::seat::{Fault, Seat, Then};
use crate::arguments::Arguments;

pub type Failure = Box<dyn Error + Send + Sync>;

pub const TENANT: TenantId = TenantId::new(1);
pub const SCOPE: SendScope = SendScope::new(RecordId::new(7));

/// Claimants of a run: its number with so many bits behind it.
const WORKER_BITS: u32 = 16;

/// The recipient of this number.
pub fn address(number: usize) -> String {
    format!("{number:07}@home.example")
}

/// The number of this recipient, where it is one.
pub fn number(address: &str) -> Option<usize> {
    address.strip_suffix("@home.example")?.parse().ok()
}

/// The number of the recipient of this key.
pub fn number_of(key: &RecipientKey) -> Option<usize> {
    number(std::str::from_utf8(key.as_bytes()).ok()?.strip_prefix('a')?)
}

/// The run of this claimant.
pub const fn run_of(claimant: u128) -> u128 {
    claimant >> WORKER_BITS
}

/// What a run is called when it says hello.
pub fn hello(process: usize, run: u128) -> String {
    format!("p{process}.r{run}.example")
}

/// What one run does.
#[derive(Clone, Debug)]
pub struct Job {
    pub process: usize,
    pub run: u128,
    pub sends: usize,
    pub workers: usize,
    pub part: usize,
    pub fault: Fault,
    /// `smtp://HOST:PORT`.
    pub server: String,
}

impl Job {
    /// Reads the options of a run, and where it notes its claims; `None` where there is no `--smtp`.
    pub fn read(arguments: &mut Arguments) -> Result<Option<(Self, PathBuf)>, Failure> {
        fn read<T>(arguments: &mut Arguments, name: &str) -> Result<T, Failure>
        where
            T: FromStr,
            T::Err: Error + 'static,
        {
            let read = arguments.option(name).map_err(|error| error.to_string())?;
            Ok(read.ok_or_else(|| format!("{name}: a run has all options"))?)
        }
        let server = arguments.option("--smtp").map_err(|error| error.to_string())?;
        let Some(server) = server else { return Ok(None) };
        let job = Self {
            process: read(arguments, "--process")?,
            run: read(arguments, "--run")?,
            sends: read(arguments, "--sends")?,
            workers: read(arguments, "--workers")?,
            part: read(arguments, "--part")?,
            fault: Fault::named(&read::<String>(arguments, "--fault")?)?,
            server,
        };
        Ok(Some((job, read(arguments, "--log")?)))
    }

    /// The same options.
    fn options(&self) -> [String; 14] {
        [
            "--smtp".into(),
            self.server.clone(),
            "--process".into(),
            self.process.to_string(),
            "--run".into(),
            self.run.to_string(),
            "--sends".into(),
            self.sends.to_string(),
            "--workers".into(),
            self.workers.to_string(),
            "--part".into(),
            self.part.to_string(),
            "--fault".into(),
            self.fault.name().into(),
        ]
    }

    /// Sends the whole segment, as far as others have not. Each claim is noted in a file when it is known;
    /// `dies` tells when the run is dead, though its thread is not.
    pub fn work<S: Store + Ledger, W: Wait>(
        &self,
        store: &S,
        wait: &W,
        log: &Path,
        dies: impl Fn() -> bool + Send + Sync,
    ) -> Result<Report, Failure> {
        let log = OpenOptions::new().create(true).append(true).open(log)?;
        let before = |_: seat::Call<'_>| if dies() { Then::Fails } else { Then::Answers };
        let seat = Seat::new(store, self.fault, before).telling(|batch| {
            let mut lines = String::new();
            for change in batch.changes() {
                if let Change::Claim { id, by, .. } = change {
                    let number = number_of(&id.recipient).expect("a recipient of the segment");
                    lines += &format!("{number} {}\n", by.get());
                }
            }
            // In one piece: a kill leaves all of it or nothing.
            (&log).write_all(lines.as_bytes()).expect("written");
        });
        let mut sending =
            Sending::new(TENANT, SCOPE, self.server.parse()?, self.run << WORKER_BITS);
        sending.workers = self.workers;
        sending.part = self.part;
        sending.hello = hello(self.process, self.run);
        sending.pause = Duration::from_millis(5);
        let mails = (0..self.sends).map(|number| OutgoingMail {
            bounces: None,
            html: None,
            unsubscribe: None,
            recipient: RecipientKey::address(address(number).as_bytes()).expect("short"),
            to: address(number),
            from: "Contoso <news@contoso.example>".into(),
            reply_to: Some("service@contoso.example".into()),
            subject: "Spring".into(),
            body: format!("Hello {number},\r\n\r\nit is spring.\r\n"),
            message_id: None,
        });
        let sent = send(&seat, wait, sending, mails, &|_, _| ());
        sent.map_err(|error: SendError| error.into())
    }
}
