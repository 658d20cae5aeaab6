//! How does an async service use a store that blocks?

/// Where blocking work is done. A store over a file does all its work through one of these, so that
/// an async service can hand it to the blocking pool of its runtime:
///
/// ```
/// use correspond::store::Offload;
///
/// struct Pool;
/// # mod tokio { pub mod task {
/// #     pub async fn spawn_blocking<T>(work: impl FnOnce() -> T) -> Result<T, ()> { Ok(work()) }
/// # } }
///
/// impl Offload for Pool {
///     async fn run<T, F>(&self, work: F) -> T
///     where
///         T: Send + 'static,
///         F: FnOnce() -> T + Send + 'static,
///     {
///         tokio::task::spawn_blocking(work).await.expect("the work does not panic")
///     }
/// }
/// ```
///
/// Work that has begun goes on to its end, also when nobody waits for it any more.
pub trait Offload: Send + Sync {
    /// Does the work and brings its result.
    fn run<T, F>(&self, work: F) -> impl Future<Output = T> + Send
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static;
}

/// Does the work at once, where it is asked for: for synchronous programs, and for those that can
/// wait for a disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a value without parts, to be handed over")]
pub struct Inline;

impl Offload for Inline {
    async fn run<T, F>(&self, work: F) -> T
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        work()
    }
}
