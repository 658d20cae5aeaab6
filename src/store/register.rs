//! Which names are registered?

use super::error::StoreError;
use crate::claim::{RegisterName, Registration};

/// The names that one tenant of all can have: the one key space that no tenant comes first in.
pub trait Register: Send + Sync {
    /// The registrations of these names, in their order, from one state of the register, also those
    /// that have expired; `None` where there is none. At most [`MAX_READS`](super::MAX_READS) names.
    ///
    /// # Errors
    ///
    /// The store failed.
    fn registrations(
        &self,
        names: &[RegisterName],
    ) -> impl Future<Output = Result<Vec<Option<Registration>>, StoreError>> + Send;
}
