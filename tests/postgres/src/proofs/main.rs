//! Proofs that take longer than a test may: races between processes, crashes of clients and of the
//! server. Each says what it found, and fails where a promise is broken.
//!
//! ```sh
//! export DATABASE_URL=$(bash .ci/postgres start)
//! cargo run --release --package correspond-postgres-tests -- persons
//! ```

#[path = "../../../proofs/src/arguments.rs"]
mod arguments;
mod claims;
mod defaults;
#[allow(dead_code, reason = "several runs, and meetings, are for stores of one process")]
#[path = "../../../proofs/src/form_race/mod.rs"]
mod form_race;
mod kills;
mod persons;
mod proxy;
mod race;
#[allow(dead_code, reason = "a gate that knows of deaths is for runs in threads")]
#[path = "../../../proofs/src/send_race/mod.rs"]
mod send_race;
mod sends;
mod stops;
mod submissions;
mod tokens;

use std::env;
use std::error::Error;
use std::process::ExitCode;

use arguments::Arguments;
use correspond_postgres_tests::random;

const USAGE: &str = "\
usage: postgres-proofs PROOF [OPTION VALUE]...      (DATABASE_URL names the server)

persons   tasks of several processes submit the same new persons; each is created once
    --persons N (1000)
claims    tasks of several processes claim the same sends; each is claimed once
    --claims N (100000)
tokens    tasks of several processes issue tracking tokens; none comes twice
    --leased N (1000000), --single N (10000), --users N (16)
defaults  a task of each process makes its records the default, the others look: always one; some
          batches are lost, else there was no race
    --times N of each process (1000), --fault two-batches to see that it is noticed
submissions
          tasks work off submissions of the same people at once, each delivered twice; in the end there
          is one record for each key, and each submission has one outcome
    --submissions N (2000), --seed N (1), --fault unclaimed or two-batches to see that it is noticed
          all of these: --processes N (4), --tasks N of each (16)
sends     processes send one segment through an SMTP server that counts; one is killed while a mail of
          its is at the server, and begins again, until all came to their end. Each recipient is claimed
          once, none gets two mails, and what is in doubt is listed
    --sends N (100000), --processes N (4), --workers N of each (16), --part N claimed at once (32)
    --every MS when one is killed (1000), --kills N at most (no limit)
    --fault claims-later or settles-first to see that it is noticed
kills     a client files and is killed, again and again
    --kills N (200), --seed N (1)
stops     the server is stopped at once (pg_ctl -m immediate) while clients file, again and again; it
          makes a server of its own by .ci/postgres
    --stops N (50), --workers N (4), --seed N (1)
";

type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

fn run() -> Result<()> {
    let mut arguments = Arguments::new(env::args().skip(1));
    match arguments.word().as_deref() {
        Some("persons") => race::run::<persons::Persons>(arguments),
        Some("claims") => race::run::<claims::Claims>(arguments),
        Some("tokens") => race::run::<tokens::Tokens>(arguments),
        Some("defaults") => race::run::<defaults::Defaults>(arguments),
        Some("submissions") => race::run::<submissions::Submissions>(arguments),
        Some("sends") => sends::run(arguments),
        Some("kills") => kills::run(arguments),
        Some("stops") => stops::run(arguments),
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
