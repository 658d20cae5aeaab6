//! `adapter::postgres` against a server; `DATABASE_URL` names it.

mod kit;
mod model;
mod opening;
mod plans;
mod proofs;
mod trouble;
