//! A client files and is killed, at each of the pieces that a commit sends.

use std::env;
use std::path::Path;
use std::time::{Duration, Instant};

use correspond::adapter::postgres::{NoTls, Options, PostgresStore};
use correspond::conformance::crash::{Crash, Steps};
use correspond::store::{StoreError, StoreErrorKind};
use tokio_postgres::Config;

use crate::Result;
use crate::arguments::Arguments;
use crate::proxy;

/// `kills [--kills N] [--seed N]`
pub fn run(mut arguments: Arguments) -> Result<()> {
    let url = env::var("DATABASE_URL").map_err(|_| "expected DATABASE_URL to name a server")?;
    let error = |error: Box<dyn std::error::Error>| error.to_string();
    let kills = arguments.option("--kills").map_err(error)?.unwrap_or(200);
    let seed = arguments.option("--seed").map_err(error)?.unwrap_or(1);
    arguments.end().map_err(error)?;
    let config: Config = url.parse()?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let _entered = runtime.enter();
    let open = |path: &Path, steps: &Steps| {
        let opened = tokio::task::block_in_place(|| runtime.block_on(open(&config, path, steps)));
        opened.map_err(|error| StoreError::new(StoreErrorKind::Other, "opening").because(error))
    };
    #[expect(clippy::disallowed_methods, reason = "a program that measures")]
    let begun = Instant::now();
    // Schemas of this run's own; the child gets the path from its parent.
    let dir = Path::new("/crash").join(std::process::id().to_string());
    let figures = Crash::in_program(open).kills(kills).seed(seed).run(&dir)?;
    println!("kills, seed {seed}\n{figures}\ntime: {:.1} s", begun.elapsed().as_secs_f64());
    Ok(())
}

async fn open(config: &Config, path: &Path, steps: &Steps) -> Result<PostgresStore> {
    let name: String = path.to_string_lossy().chars().filter(char::is_ascii_alphanumeric).collect();
    gone(config, &name).await?;
    let port = proxy::start(proxy::server_of(config)?, steps)?;
    let url = proxy::by_way_of(config, port, &name);
    let options = Options::default().schema(name.parse()?);
    Ok(PostgresStore::connect(&url, NoTls, &options).await?)
}

/// Waits until the server has noticed that the client of this name is no more: until then it may
/// still be at work on what that client sent last.
async fn gone(config: &Config, name: &str) -> Result<()> {
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    let sql = "select count(*) from pg_stat_activity where application_name = $1";
    for _ in 0..10_000 {
        if client.query_one(sql, &[&name]).await?.get::<_, i64>(0) == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Err(format!("the connections of {name} do not end").into())
}
