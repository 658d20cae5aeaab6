//! `adapter::postgres` against a server; `DATABASE_URL` names it.

mod model;
mod opening;
mod trouble;
