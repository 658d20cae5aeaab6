//! Ratios against peers in the same run: `cargo bench --bench hot`, or `-- subject` for one noun.
//!
//! Ids are `noun/case/implementation`; peers do the same work on the same inputs in the same group.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a benchmark that cannot run says so, and measures time"
)]

mod contacts;
mod dataverse;
mod directory;
mod mailbox;
mod message;
mod redb;
mod sender;
mod store;
mod subject;
mod token;

fn main() {
    let mut c = criterion::Criterion::default().configure_from_args();
    subject::define(&mut c);
    token::define(&mut c);
    message::define(&mut c);
    dataverse::define(&mut c);
    mailbox::define(&mut c);
    redb::define(&mut c);
    sender::define(&mut c);
    store::define(&mut c);
    directory::define(&mut c);
    c.final_summary();
}
