//! Who is it? A row of the directory as decisions see it: typed attributes by name; and whom an
//! address of a mail stands for: [`resolve`].
//!
//! ```
//! use correspond::party::{Attributes, Value};
//!
//! let mut ann = Attributes::default();
//! ann.set("firstname", Value::Text("Ann".into()))?;
//! ann.set("numberofchildren", Value::Whole(2))?;
//! assert_eq!(ann.get("firstname"), Some(&Value::Text("Ann".into())));
//! # Ok::<(), correspond::party::AttributeError>(())
//! ```

mod attribute;
mod resolution;
mod row;
mod write;

pub use attribute::{AttributeError, AttributeErrorKind, Attributes, Value};
pub use resolution::{
    Addressee, ByHand, Candidate, PartyKind, Resolution, ResolutionRules, SendRefused, TOO_MANY,
    Unresolved, UnresolvedParty, check_recipients, resolve, resolve_recipient, resolve_sender,
};
pub use row::{Party, PartyError};
pub use write::{DeliveryKey, PartyWrite, PartyWritten};
