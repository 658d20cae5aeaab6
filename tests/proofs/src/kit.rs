//! Would the conformance kit notice? Every store that is broken on purpose, again and again.

use std::error::Error;
use std::time::Instant;

use correspond::conformance::fault::{Fault, ForeignFault, caught, check_foreign, check_sound};

use crate::arguments::Arguments;

/// `kit [--runs N]`
pub fn run(mut arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let runs: u32 = arguments.option("--runs")?.unwrap_or(100);
    arguments.end()?;
    #[expect(clippy::disallowed_methods, reason = "a program that measures")]
    let begun = Instant::now();
    let mut missed = Vec::new();
    for run in 1..=runs {
        check_sound()?;
        check_foreign(None)?;
        let stores = Fault::ALL.iter().filter(|fault| !caught(**fault));
        missed.extend(stores.map(|fault| format!("run {run}: {fault:?}")));
        let foreign = ForeignFault::ALL.iter().filter(|fault| check_foreign(Some(**fault)).is_ok());
        missed.extend(foreign.map(|fault| format!("run {run}: {fault:?} (foreign directory)")));
    }
    let (stores, foreign) = (Fault::ALL.len(), ForeignFault::ALL.len());
    println!(
        "{runs} runs over {stores} broken stores and {foreign} broken foreign directories: {} of {} \
         caught; the store and the directory without a fault passed every case in each run",
        (stores + foreign) * runs as usize - missed.len(),
        (stores + foreign) * runs as usize
    );
    println!("time: {:.1} s", begun.elapsed().as_secs_f64());
    if missed.is_empty() {
        Ok(())
    } else {
        Err(format!("not caught: {}", missed.join(", ")).into())
    }
}
