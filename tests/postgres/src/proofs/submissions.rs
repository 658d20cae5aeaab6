//! Tasks work off submissions of the same people at once, each delivered twice, by any two tasks; of
//! each key there is one record in the end, and of each submission one outcome.

use std::collections::VecDeque;
use std::sync::Mutex;

use correspond::adapter::postgres::PostgresStore;
use correspond::flow::forms::Submissions as Flow;
use correspond::flow::{FlowError, FlowErrorKind};
use correspond_postgres_tests::random::Random;
use tokio::sync::OnceCell;

use crate::Result;
use crate::arguments::Arguments;
use crate::form_race::judge::judge;
use crate::form_race::seat::{Fault, Seat};
use crate::form_race::{Answer, Forms, What, Workload};
use crate::race::{Place, Race};

/// Of so many deliveries one loses its first answer.
const LOST: u64 = 16;

/// How often a task delivers again what waits or was not answered, before it gives up.
const PATIENCE: usize = 100_000;

pub struct Submissions {
    workload: Workload,
    submissions: usize,
    seed: u64,
    fault: String,
    forms: Forms,
    flow: Flow,
    prepared: OnceCell<()>,
    /// What waits or was not answered, for whichever task of the process comes next.
    again: Mutex<VecDeque<usize>>,
}

impl Submissions {
    /// Gives the directory its keys; also where other processes do at the same time.
    async fn prepare(&self, store: &PostgresStore) -> Result<(), FlowError> {
        let prepare = || async {
            loop {
                match self.forms.prepare(store).await {
                    Err(error) if error.kind() == FlowErrorKind::Contended => {}
                    other => return other,
                }
            }
        };
        self.prepared.get_or_try_init(prepare).await.copied()
    }

    fn again(&self) -> Result<Option<usize>> {
        Ok(self.again.lock().map_err(|_| "a task panicked")?.pop_front())
    }
}

impl Race for Submissions {
    const NAME: &'static str = "submissions";

    fn read(arguments: &mut Arguments) -> Result<Self> {
        let said = |error: Box<dyn std::error::Error>| error.to_string();
        let submissions = arguments.option("--submissions").map_err(said)?.unwrap_or(2_000);
        let seed = arguments.option("--seed").map_err(said)?.unwrap_or(1);
        let fault: Option<String> = arguments.option("--fault").map_err(said)?;
        let fault = fault.unwrap_or_else(|| "none".into());
        Fault::named(&fault)?;
        Ok(Self {
            workload: Workload::new(seed, submissions),
            submissions,
            seed,
            fault,
            forms: Forms::new()?,
            flow: Flow::default(),
            prepared: OnceCell::new(),
            again: Mutex::default(),
        })
    }

    fn options(&self) -> Vec<String> {
        let (submissions, seed) = (self.submissions.to_string(), self.seed.to_string());
        let options = ["--submissions", &submissions, "--seed", &seed, "--fault", &self.fault];
        options.map(str::to_owned).into()
    }

    /// The tasks take the deliveries in turn, so that what is delivered at once is at once in all
    /// processes.
    async fn task(&self, store: &PostgresStore, place: Place) -> Result<Vec<String>> {
        self.prepare(store).await?;
        let fault = Fault::named(&self.fault)?;
        let mut random = Random::new(self.seed << 8 | place.number() as u64);
        let turns = self.workload.deliveries().iter().skip(place.number() - 1);
        let mut own = turns.step_by(place.processes * place.tasks);
        let (mut answers, mut tried_again) = (Vec::new(), 0);
        loop {
            let (number, loses) = match own.next() {
                Some(number) => (*number, random.once_in(LOST)),
                None => match self.again()? {
                    Some(number) => (number, false),
                    None => return Ok(answers),
                },
            };
            let seat = Seat::new(store, None, fault, loses);
            let answer = match self.workload.deliver(number, &self.forms, &self.flow, &seat).await {
                Err(_) if seat.has_lost() => {
                    Answer { submission: number, lost_rounds: 0, what: What::Nothing }
                }
                answer => answer?,
            };
            if !matches!(answer.what, What::Done { .. }) {
                tried_again += 1;
                if tried_again > PATIENCE {
                    return Err(format!("submission {number} comes to no end").into());
                }
                self.again.lock().map_err(|_| "a task panicked")?.push_back(number);
            }
            answers.push(answer.to_string());
        }
    }

    async fn judge(&self, store: &PostgresStore, got: Vec<String>) -> Result<String> {
        let answers: Result<Vec<Answer>> = got.iter().map(|line| line.parse()).collect();
        let judged = judge(store, &self.workload, &answers?).await?;
        match (judged, Fault::named(&self.fault)?) {
            (Ok(figures), Fault::None) if figures.lost_rounds > 0 => Ok(figures.to_string()),
            (Ok(figures), Fault::None) => Err(format!("nobody lost a round: {figures}").into()),
            (Err(wrong), Fault::None) => Err(wrong.into()),
            (Ok(_), _) => Err("the fault was not noticed".into()),
            (Err(wrong), _) => Err(format!("noticed: {wrong}").into()),
        }
    }
}
