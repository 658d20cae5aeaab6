//! Who is it? A row of the directory as decisions see it: typed attributes by name.
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
mod write;

pub use attribute::{AttributeError, AttributeErrorKind, Attributes, Value};
pub use write::{DeliveryKey, PartyWrite, PartyWritten};
