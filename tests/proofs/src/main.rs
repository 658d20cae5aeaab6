//! Proofs that take longer than a test may. Each is a function of its arguments, says what it found,
//! and fails where a promise is broken.
//!
//! ```sh
//! cargo run --release --package correspond-proofs -- crash redb --kills 200 --seed 1
//! cargo run --release --package correspond-proofs -- kit --runs 100
//! cargo run --release --package correspond-proofs -- tokens redb
//! cargo run --release --package correspond-proofs -- defaults memory
//! cargo run --release --package correspond-proofs -- submissions memory
//! cargo run --release --package correspond-proofs -- sends redb
//! ```

mod arguments;
mod crash;
#[path = "../../suite/settings_flows/race.rs"]
mod default_race;
mod defaults;
mod form_race;
mod kit;
#[path = "../../suite/crash/log_store.rs"]
mod log_store;
#[path = "../../postgres/src/random.rs"]
mod random;
mod send_race;
mod sends;
mod submissions;
mod tokens;
#[path = "../../suite/crash/watched_file.rs"]
mod watched_file;

use std::env;
use std::error::Error;
use std::process::ExitCode;

use arguments::Arguments;

const USAGE: &str = "\
usage: correspond-proofs PROOF [OPTION VALUE]...

crash STORE   a child files into a durable store and is killed, again and again, on one store
              STORE: redb, redb-power (what was not synced is lost too, write by write), log
              or STORE:FAULT, to see that the case finds it
              FAULT: acknowledges-first, two-transactions, forgets-numbers
    --kills N     how often (200)
    --seed N      of what is filed, and when it is killed (1)
    --runs N      how many series, each on a new store with the next seed (1)
    --dir DIR     where the stores are made; a temporary directory where not given

kit           the conformance kit finds every fault that it knows, and none in stores that are right
    --runs N      how often each (100)

tokens STORE  threads and processes issue tracking tokens from one store; none comes twice
              STORE: memory (one process), redb (processes take turns), broken (must fail)
    --leased N    how many with leases (1000000)
    --single N    how many without (10000)
    --processes N (4), --threads N of each (8), --users N (16), --turns N of each process (25)
    --dir DIR     where the store is made; a temporary directory where not given

defaults STORE
              administrators make different records the default at once, one more makes, unmarks,
              deactivates and deletes others; at every look there is one, and in each round a loser
              STORE: memory, redb
              or STORE:FAULT, to see that it is noticed
              FAULT: two-batches, unkeyed
    --times N     how often each (10000 in memory, else 1000)
    --administrators N (2), --runs N on a new store each (1)
    --dir DIR     where the stores are made; a temporary directory where not given

submissions STORE
              threads work off submissions of the same people at once, each delivered twice; in the end
              there is one record for each key, and each submission has one outcome
              STORE: memory, redb
              or STORE:FAULT, to see that it is noticed
              FAULT: unclaimed, two-batches
    --submissions N of each run (2000), --workers N (64)
    --runs N      how many, each on a new store with the next seed (100 in memory, else 10)
    --seed N      of what is submitted, and when (1)
    --dir DIR     where the stores are made; a temporary directory where not given

sends STORE   runs of several workers send one segment through an SMTP server that counts; one is killed
              while a mail of its is at the server, and begins again, until all came to their end. Each
              recipient is claimed once, none gets two mails, and what is in doubt is listed
              STORE: memory (runs are threads, whose store dies), redb (a process that is killed)
              or STORE:FAULT, to see that it is noticed
              FAULT: claims-later, settles-first
    --sends N     (100000 in memory, else 20000)
    --processes N at a time (4 in memory, else 1), --workers N of each (16), --part N (32)
    --every MS    when one is killed (1000), --kills N at most (no limit)
    --runs N      how many series, each on a new store (1)
    --dir DIR     where the stores are made; a temporary directory where not given
";

fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = Arguments::new(env::args().skip(1));
    match arguments.word().as_deref() {
        Some("crash") => crash::run(arguments),
        Some("kit") => kit::run(arguments),
        Some("sends") => sends::run(arguments),
        Some("submissions") => submissions::run(arguments),
        Some("tokens") => tokens::run(arguments),
        Some("defaults") => defaults::run(arguments),
        other => Err(format!("expected a proof, found {other:?}\n\n{USAGE}").into()),
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  because: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}
