//! A segment of raw addresses with each mailbox once:
//! `cargo bench -p correspond-peers --bench dedup -- --rows 10000000 --threads 2`.
//!
//! | option | is |
//! |---|---|
//! | `--rows N` | rows of the segment, 10,000,000 unless told otherwise |
//! | `--threads N` | threads of the methods that can use several, 2 unless told otherwise |
//! | `--rounds N` | every method once a round, in turns; 3 unless told otherwise |
//! | `--methods a,b` | those alone; `hashset` is always among them, for the ratio |
//! | `--seed N` | of the segment |
//! | `--file PATH` | where the segment is kept (and its truth, in `PATH.truth`), written where it is not there; else among the temporary files |
//! | `--test` | 20,000 rows, one round; methods that should be exact must be |
//!
//! Every method has a process of its own, which tells its peak of resident memory; what it had before
//! the clock starts (the program, and the text for methods that take it from memory) is taken off.
//! Dropping the result is not on the clock. A method is right when it finds as many mailboxes as there
//! are and, where it says which rows it keeps, keeps the first of each. Ratios are against `hashset`
//! in the same round. Beside each measurement stands what other processes took of the machine
//! meanwhile; processor time stays nearer to the truth than the clock on a machine that is shared.
//!
//! DuckDB runs where `DUCKDB_PYTHON` is a Python that has it.

mod methods;

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use correspond_peers::segment::{Segment, mix};

use methods::{Input, Job, METHODS, Method};

/// Like a child of ours: takes the file, the threads and the query, and prints a [`Report`].
const PYTHON: &str = r"
import resource, sys, time
import duckdb
path, threads, query = sys.argv[1:]
db = duckdb.connect()
db.execute(f'SET threads = {threads}')
db.execute('SET enable_progress_bar = false')
kilo = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rows = f'''(SELECT * FROM read_csv('{path}', header = false, auto_detect = false, delim = '\x01',
    quote = '', escape = '', columns = {{'email': 'VARCHAR'}}))'''
before, taken, start = kilo(), time.process_time(), time.perf_counter()
distinct = db.execute(query.replace('FROM rows', 'FROM ' + rows)).fetchone()[0]
wall, cpu = time.perf_counter() - start, time.process_time() - taken
print(int(wall * 1e9), int(cpu * 1e9), distinct, '-', before, kilo())
";

/// What one process tells another.
#[derive(Clone, Copy)]
struct Report {
    nanoseconds: u64,
    /// Of all threads together.
    cpu: u64,
    distinct: u64,
    firsts: Option<u64>,
    /// Peaks of resident memory, in units of 1024 octets: before the clock started, and in the end.
    before: u64,
    peak: u64,
}

impl Report {
    fn read(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let mut number = || words.next()?.parse().ok();
        let (nanoseconds, cpu, distinct) = (number()?, number()?, number()?);
        let firsts = number();
        Some(Self { nanoseconds, cpu, distinct, firsts, before: number()?, peak: number()? })
    }
}

/// The peak of resident memory until now, in units of 1024 octets.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or(0)
}

/// Processor time in hundredths of a second: what this process took with its threads, and what those of
/// its children took that have ended.
fn taken() -> (u64, u64) {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program, in brackets, may hold blanks; user time is the twelfth word behind it.
    let words = stat.rsplit_once(')').map_or("", |(_, words)| words).split_whitespace();
    let times: Vec<u64> = words.skip(11).take(4).filter_map(|word| word.parse().ok()).collect();
    let [user, system, children, system_of_children] = times[..] else { return (0, 0) };
    (user + system, children + system_of_children)
}

/// What all processes took together, in hundredths of a second.
fn taken_by_all() -> u64 {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    let words = stat.lines().next().unwrap_or_default().split_whitespace().skip(1);
    // All but the fourth and the fifth, in which nothing ran.
    let times = words.take(8).enumerate().filter(|(index, _)| !(3..=4).contains(index));
    times.filter_map(|(_, word)| word.parse::<u64>().ok()).sum()
}

/// The child: one method once.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn run(method: &Method, path: PathBuf, threads: usize) -> Result<(), Box<dyn Error>> {
    let text =
        if method.input == Input::Memory { fs::read_to_string(&path)? } else { String::new() };
    let job = Job { text, path, threads };
    let (before, (taken_before, _)) = (peak(), taken());
    let start = Instant::now();
    let found = (method.run)(&job);
    let wall = start.elapsed().as_nanos();
    let cpu = (taken().0 - taken_before) * 10_000_000;
    let firsts = found.firsts.map_or("-".to_owned(), |firsts| firsts.to_string());
    println!("{wall} {cpu} {} {firsts} {before} {}", found.distinct, peak());
    Ok(())
}

/// The parent's side of it; `None` where the machine lacks what the method needs.
fn measure(method: &Method, path: &Path, threads: usize) -> Result<Option<Report>, Box<dyn Error>> {
    let threads = if method.threaded { threads } else { 1 };
    let mut child = if let Input::Python(query) = method.input {
        let Some(python) = env::var_os("DUCKDB_PYTHON") else { return Ok(None) };
        let mut child = Command::new(python);
        child.arg("-c").arg(PYTHON).arg(path).arg(threads.to_string()).arg(query);
        child
    } else {
        let mut child = Command::new(env::current_exe()?);
        child.args(["--child", method.name]).arg(path).arg(threads.to_string());
        child
    };
    let output = child.output()?;
    let line = String::from_utf8_lossy(&output.stdout);
    let report = Report::read(&line).filter(|_| output.status.success());
    let told = || format!("{}: {line}{}", method.name, String::from_utf8_lossy(&output.stderr));
    Ok(Some(report.ok_or_else(told)?))
}

/// What is known of the segment in the file.
#[derive(Clone, Copy)]
struct Known {
    octets: u64,
    distinct: u64,
    firsts: u64,
}

/// The segment's file, written where it is not there yet.
fn segment(path: &Path, rows: u64, seed: u64) -> Result<Known, Box<dyn Error>> {
    let beside = PathBuf::from(format!("{}.truth", path.display()));
    // A file by another generator is not taken for this one's.
    let (head, _) = Segment::new(rows.min(1000), seed).into_text();
    let mark = head.bytes().fold(seed, |mark, octet| mix(mark ^ u64::from(octet)));
    if let Ok(truth) = fs::read_to_string(&beside) {
        let numbers: Result<Vec<u64>, _> = truth.split_whitespace().map(str::parse).collect();
        let [marked, counted, octets, distinct, firsts] = numbers?[..] else {
            return Err(format!("{}: expected five numbers", beside.display()).into());
        };
        if (marked, counted) == (mark, rows) && fs::metadata(path)?.len() == octets + rows {
            return Ok(Known { octets, distinct, firsts });
        }
    } else if path.exists() {
        return Err(format!("{} is no segment of ours", path.display()).into());
    }
    eprintln!("writing {rows} rows to {}", path.display());
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    let truth = Segment::new(rows, seed).write_to(File::create(path)?)?;
    let (octets, distinct, firsts) = (truth.octets, truth.distinct, truth.firsts);
    fs::write(beside, format!("{mark} {rows} {octets} {distinct} {firsts}\n"))?;
    Ok(Known { octets, distinct, firsts })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
}

fn table(options: &Options, known: Known, rounds: &[Vec<Option<Report>>]) {
    println!(
        "{} rows, {} octets, {} mailboxes; {} rounds\n",
        options.rows,
        known.octets,
        known.distinct,
        rounds.len()
    );
    println!(
        "| method | threads | s, median (best) | ns a row, median (best) | CPU ns a row, best | peak MB | beyond the \
         input MB | octets a mailbox | found | off by | times `hashset` |\n\
         |---|---|---|---|---|---|---|---|---|---|---|"
    );
    for (index, method) in options.methods.iter().enumerate() {
        let reports: Vec<Report> = rounds.iter().filter_map(|round| round[index]).collect();
        let Some(last) = reports.last() else {
            println!("| {} | | skipped: DUCKDB_PYTHON is not set |", method.name);
            continue;
        };
        let seconds: Vec<f64> =
            reports.iter().map(|report| report.nanoseconds as f64 / 1e9).collect();
        let best = seconds.iter().copied().fold(f64::MAX, f64::min);
        let ratios = rounds.iter().filter_map(|round| {
            Some(round[0]?.nanoseconds as f64 / round[index]?.nanoseconds as f64)
        });
        let ratios: Vec<f64> = ratios.collect();
        let (least, most) = ratios.iter().fold((f64::MAX, 0.0_f64), |(least, most), ratio| {
            (least.min(*ratio), most.max(*ratio))
        });
        let rows = options.rows as f64;
        let cpu = reports.iter().map(|report| report.cpu).min().unwrap_or(0) as f64 / rows;
        let peak = reports.iter().map(|report| report.peak).max().unwrap_or(0);
        let beyond = reports.iter().map(|report| report.peak.saturating_sub(report.before)).max();
        let beyond = beyond.unwrap_or(0) * 1024;
        let seconds = median(seconds);
        println!(
            "| {} | {} | {seconds:.2} ({best:.2}) | {:.1} ({:.1}) | {cpu:.1} | {:.0} | {:.1} | {:.1} | {} | {} | \
             {:.2} ({least:.2} to {most:.2}) |",
            method.name,
            if method.threaded { options.threads } else { 1 },
            seconds * 1e9 / rows,
            best * 1e9 / rows,
            (peak * 1024) as f64 / 1e6,
            beyond as f64 / 1e6,
            beyond as f64 / known.distinct as f64,
            last.distinct,
            wrong(*last, known).unwrap_or_else(|| "exact".to_owned()),
            median(ratios),
        );
    }
}

/// By how much, where it is.
fn wrong(report: Report, known: Known) -> Option<String> {
    if report.distinct != known.distinct {
        return Some(format!("{:+}", report.distinct as i64 - known.distinct as i64));
    }
    let others = report.firsts.is_some_and(|firsts| firsts != known.firsts);
    others.then(|| "the count is right, the rows are not the first ones".to_owned())
}

struct Options {
    rows: u64,
    threads: usize,
    rounds: usize,
    seed: u64,
    methods: Vec<&'static Method>,
    file: Option<PathBuf>,
    test: bool,
}

fn named(name: &str) -> Result<&'static Method, String> {
    let names = || METHODS.iter().map(|method| method.name).collect::<Vec<_>>().join("; ");
    let found = METHODS.iter().find(|method| method.name == name);
    found.ok_or_else(|| format!("expected one of {}; found {name}", names()))
}

impl Options {
    fn read(mut args: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let mut options = Self {
            rows: 10_000_000,
            threads: 2,
            rounds: 3,
            seed: 2003,
            methods: METHODS.iter().collect(),
            file: None,
            test: false,
        };
        while let Some(option) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{option} what?"));
            match option.as_str() {
                "--rows" => options.rows = value()?.parse()?,
                "--threads" => options.threads = value()?.parse()?,
                "--rounds" => options.rounds = value()?.parse()?,
                "--seed" => options.seed = value()?.parse()?,
                "--file" => options.file = Some(value()?.into()),
                "--methods" => {
                    options.methods = vec![&METHODS[0]];
                    for name in value()?.split(',').filter(|name| *name != METHODS[0].name) {
                        options.methods.push(named(name)?);
                    }
                }
                "--test" => (options.rows, options.rounds, options.test) = (20_000, 1, true),
                // Said by cargo.
                "--bench" => {}
                _ => return Err(format!("unknown option {option}").into()),
            }
        }
        Ok(options)
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1).peekable();
    if args.next_if(|first| first == "--child").is_some() {
        let [name, path, threads] = &args.collect::<Vec<_>>()[..] else {
            return Err("--child METHOD PATH THREADS".into());
        };
        return run(named(name)?, path.into(), threads.parse()?);
    }
    let options = Options::read(args)?;
    let path = options.file.clone().unwrap_or_else(|| {
        let name = format!("{}-{}.txt", options.rows, options.seed);
        env::temp_dir().join("correspond-dedup").join(name)
    });
    let known = segment(&path, options.rows, options.seed)?;
    let mut rounds = Vec::new();
    for round in 1..=options.rounds {
        let mut reports = Vec::new();
        for method in &options.methods {
            let (start, all, ours) = (Instant::now(), taken_by_all(), taken().1);
            let report = measure(method, &path, options.threads)?;
            if let Some(report) = report {
                let others = (taken_by_all() - all).saturating_sub(taken().1 - ours) as f64 / 100.0;
                let others = others / start.elapsed().as_secs_f64();
                let seconds = report.nanoseconds as f64 / 1e9;
                let name = method.name;
                eprintln!(
                    "round {round}: {name}, {seconds:.2} s; others kept {others:.2} cores busy"
                );
                let wrong = wrong(report, known).filter(|_| options.test && method.exact);
                if let Some(wrong) = wrong {
                    return Err(format!("{}: {wrong}", method.name).into());
                }
            }
            reports.push(report);
        }
        rounds.push(reports);
    }
    table(&options, known, &rounds);
    Ok(())
}
