//! The crate from outside: vectors, properties, promises. One binary, a module a noun.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::type_complexity,
    unreachable_pub,
    reason = "tests fail by panicking, in their helper functions too"
)]

#[macro_use]
mod pages;

mod address;
mod advice;
mod architecture;
mod authenticated_domains;
mod bundled;
mod cli;
mod conformance;
mod consent;
mod correlation;
mod crash;
mod dataverse;
mod email_settings;
mod forms;
mod forms_consent;
mod forms_import;
mod journey_time;
mod json_schema;
mod kept_forms;
mod landing_pages;
mod mailbox;
mod mailboxes;
mod marketing_defaults;
mod match_form;
mod message;
mod prefill;
mod prepare_campaign;
mod properties;
mod recipients;
mod rows;
mod scoring;
#[path = "../../benches/peers/src/segment/mod.rs"]
mod segment;
mod sender;
mod sends;
mod settings;
mod settings_flows;
mod settings_tour;
mod stores;
mod strategy_advice;
mod subject;
#[path = "../../examples/support/mod.rs"]
mod support;
mod token;
mod tokens;
