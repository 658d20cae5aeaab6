//! What did the administrator decide?
//!
//! Settings are data with their defaults and ranges; what they steer lives with the noun that they
//! steer.

mod correlation;

pub use correlation::{
    CorrelationSettings, FolderTracking, Several, SmartMatching, Strangers, TokenTracking,
    TrackedFolder,
};
