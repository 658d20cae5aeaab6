//! What does a new user or queue get, and is the mail of a mailbox processed?
//!
//! Pure functions over the records of [`settings`](crate::settings):
//! [`provide`](provide()) makes the mailbox of a new user or queue, [`incoming`] and [`outgoing`]
//! tell whether mail is processed for it, and [`folders`](folders()) which of its folders are
//! tracked.
//!
//! ```
//! use correspond::mailbox::{Approvals, Holder, Processing, Unprocessed, incoming};
//! use correspond::settings::{AddressApproval, Mailbox, PersonalOptions, ProcessEmailUsing};
//!
//! let mailbox = Mailbox::builder().name("Ann").enabled_for_incoming(true).build()?;
//! let ann = PersonalOptions::builder().approval(AddressApproval::Pending).build()?;
//! let decide = |users| {
//!     let approvals = Approvals { users, queues: true };
//!     incoming(&mailbox, Holder::User(&ann), approvals, ProcessEmailUsing::ServerSideSynchronization)
//! };
//! assert_eq!(decide(false), Processing::Processed);
//! assert_eq!(
//!     decide(true),
//!     Processing::Not(Unprocessed::NotApproved(AddressApproval::Pending))
//! );
//! # Ok::<(), correspond::settings::SettingError>(())
//! ```

mod folders;
mod processing;
mod provide;

pub use folders::{FolderRules, NoFolders, folders};
pub use processing::{Approvals, Holder, Processing, Unprocessed, incoming, outgoing};
pub use provide::{NewMailbox, provide};
