//! Which record does this correspond to?
pub mod adapter;
pub mod address;
pub mod correlation;
pub mod flow;
pub mod id;
pub mod index;
pub mod message;
pub mod settings;
pub mod store;
pub mod subject;
pub mod text;
pub mod token;
