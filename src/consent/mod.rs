//! May this person be contacted, and what has to be confirmed first?
//!
//! * [`Level`]: how far a contact's consent goes, and [`Protection`]: what the data protection
//!   settings make of it. Questions are answered `Ok(())` or with the [`Barrier`] that stands in the
//!   way.
//! * [`ConsentChange`]: the record that logs one change of level.
//! * [`OptInSetup`] and [`FormOptIn`]: is double opt-in on, and has it everything that it needs?
//! * [`Wanted`]: what a person asked for, taken apart into what is done at once and what a click on a
//!   mailed link has to confirm; [`OptInRequest`] is what waits for that click.
//!
//! The use cases over a store are in [`flow::DoubleOptIn`](crate::flow::DoubleOptIn).
//!
//! ```
//! use correspond::consent::{Barrier, Level, Person, Protection};
//!
//! let ann = Person::new(Level::Transactional);
//! let on = Protection::new().respecting_consent();
//! assert_eq!(on.admits(Level::Transactional, &ann), Ok(()));
//! let why = on.admits(Level::Marketing, &ann).unwrap_err();
//! assert_eq!(
//!     why.to_string(),
//!     "consent: expected level (4) Marketing or above, found (2) Transactional"
//! );
//! // "Respect consent" is off by default: minimums are inert.
//! assert_eq!(Protection::new().admits(Level::Marketing, &ann), Ok(()));
//! # let _: Barrier = why;
//! ```

mod change;
mod error;
mod form;
mod level;
mod link;
mod lists;
mod mail;
mod person;
mod protection;
mod request;
mod setup;
mod thank_you;
mod wanted;

pub use change::{ChangeSource, ConsentChange, LevelChange, Origin, related_key};
pub use error::{ConsentError, ConsentErrorKind};
pub use form::{FormOptIn, FormOptInBuilder, OptInForce};
pub use level::Level;
pub use link::{LinkLife, LinkSeed, LinkToken};
pub use lists::Memberships;
pub use mail::{ContentType, Designation, MailFlaw, MailFlaws, OptInMail};
pub use person::Person;
pub use protection::{Barrier, Passage, Protection};
pub use request::{Asked, Held, OptInRequest, RequestState, Standing};
pub use setup::{
    Mailing, OptInKind, OptInPlan, OptInSetup, OptInSetupBuilder, SetupError, SetupPart,
};
pub use thank_you::{ThankYou, ThankYouUrl};
pub use wanted::{Ask, Steps, Wanted};
