//! Who of a segment gets a message, who does not and why, from which address, and may it go live?
//!
//! `cargo run --release --example prepare_campaign -- --help`

mod contacts;
#[path = "../support/csv_lines.rs"]
mod csv_lines;
mod json;
mod message;
mod options;
mod organization;
#[path = "../settings_tour/paper.rs"]
#[allow(dead_code, reason = "each example uses the part that it needs")]
mod paper;
mod preparation;
mod reasons;
mod report;
mod suppressed;
mod table;

use std::error::Error;
use std::io;
use std::process::ExitCode;

use options::Options;
use preparation::Preparation;

const USAGE: &str = "\
Who of a segment gets a message, who does not and why, from which address, and may it go live?

    prepare_campaign [OPTIONS]

";

const END: &str = "
Nothing is sent: the package examples/send_campaign does that with the same files.
Exit code: 0; 1 with --check where an error keeps the message from going live; 2 where an argument or a
file cannot be used.
";

fn main() -> ExitCode {
    let mut options = Options::default();
    match options.read(std::env::args().skip(1), |_, _| Ok(false)) {
        Ok(true) => {}
        Ok(false) => {
            print!("{USAGE}{}{END}", options::OPTIONS);
            return ExitCode::SUCCESS;
        }
        Err(problem) => {
            eprintln!("prepare_campaign: {problem}\n\n{USAGE}{}{END}", options::OPTIONS);
            return ExitCode::from(2);
        }
    }
    match run(&options) {
        Ok(code) => code,
        // Whoever reads our output has seen enough.
        Err(error) if is_broken_pipe(error.as_ref()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("prepare_campaign: {error}");
            ExitCode::from(2)
        }
    }
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

fn run(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let input = preparation::Input::read(options)?;
    let preparation = Preparation::new(&input, options)?;
    for useless in &input.suppressed.useless {
        eprintln!("{useless}");
    }
    options.format.print(&preparation, options)?;
    let refused = options.check && !preparation.report.can_go_live();
    Ok(if refused { ExitCode::from(1) } else { ExitCode::SUCCESS })
}
