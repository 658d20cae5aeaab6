//! Longer answers than an item can give. There is no code here, only chapters.
//!
//! * [`storage`]: which store to take, how to write one, who waits for whom, and what a host does
//!   that has its own contact tables.
//! * [`postgres`]: schema, sizing, other engines, backup, upgrade.

pub mod postgres;
pub mod storage;
