//! What does a marketing email, or a journey, take from the default marketing settings?
//!
//! Only the set marked as the default counts
//! ([`in_force::default`](crate::settings::in_force::default)); every function here takes that set,
//! or `None` where there is none.
//!
//! | question | answer |
//! |---|---|
//! | what holds for this email? | [`EmailOverrides::in_effect`]: its own choice, else the set's |
//! | what does a preview or a test send take its dynamic values from? | [`PreviewChoice::values`]: the user's choice, else the email's, else the set's |
//! | and a live send? | [`live_content_settings`]: what the journey says, nothing else |
//! | what does a new journey begin with? | [`NewJourney::of`] |
//! | is there an inbox preview? | [`InboxPreview::of`]: Litmus, for all users or none |
//! | to whom does a message go once? | [`SendOnceTo::of`]: each address, or each contact |
//!
//! ```
//! use correspond::id::RecordId;
//! use correspond::mailing::{EmailOverrides, PreviewChoice, SendOnceTo};
//! use correspond::settings::DefaultMarketingSettings;
//!
//! let set = DefaultMarketingSettings::builder()
//!     .name("Ours")
//!     .default(true)
//!     .default_content_settings(RecordId::new(1))
//!     .default_contact(RecordId::new(2))
//!     .build()?;
//! let email = EmailOverrides::default();
//! let values = PreviewChoice::default().with_contact(RecordId::new(9)).values(&email, Some(&set))?;
//! assert_eq!(values.content_settings.id(), RecordId::new(1));
//! assert_eq!(values.contact.id(), RecordId::new(9));
//! assert_eq!(SendOnceTo::of(Some(&set)), SendOnceTo::Address);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod email;
mod journey;
mod litmus;
mod preview;
mod recipient;

pub use email::{EmailInEffect, EmailOverrides};
pub use journey::{JourneyWithoutContent, NewJourney, live_content_settings};
pub use litmus::{InboxPreview, PreviewMonth, PreviewedEmail};
pub use preview::{PreviewChoice, PreviewMissing, PreviewValues};
pub use recipient::SendOnceTo;
