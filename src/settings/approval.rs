//! Did the administrator approve an address?

use super::field::choice;
use crate::address::EmailAddress;

choice! {
    /// Whether the administrator approved the address of a user or of a queue (column
    /// `emailrouteraccessapproval`, Primary Email Status, of `systemuser` and `queue`).
    AddressApproval {
        /// There is no address.
        Empty = 0, "empty", "Empty";
        /// It is approved.
        Approved = 1, "approved", "Approved";
        /// It waits for the administrator.
        Pending = 2, "pending", "Pending Approval";
        /// The administrator refused it.
        Rejected = 3, "rejected", "Rejected";
    }
}

impl AddressApproval {
    /// What becomes of it when the address goes from `before` to `after`: approval is needed again.
    /// Another spelling of the same address ([`EmailAddress::key`]) is no change.
    ///
    /// ```
    /// use correspond::settings::AddressApproval;
    ///
    /// let (ann, bob) = ("ann@x.example".parse()?, "bob@x.example".parse()?);
    /// let approved = AddressApproval::Approved;
    /// assert_eq!(approved.after_change(Some(&ann), Some(&bob)), AddressApproval::Pending);
    /// # Ok::<(), correspond::address::AddressError>(())
    /// ```
    #[must_use]
    pub fn after_change(self, before: Option<&EmailAddress>, after: Option<&EmailAddress>) -> Self {
        match (before, after) {
            (_, None) => Self::Empty,
            (Some(before), Some(after)) if before.key() == after.key() => self,
            (_, Some(_)) => Self::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Facts 4.2; B025, B026: codes, and approval is needed again after a change of address.
    #[test]
    fn approval_is_needed_again_after_a_change_of_address() {
        use AddressApproval::{Approved, Empty, Pending, Rejected};
        assert_eq!(
            [0, 1, 2, 3].map(AddressApproval::from_code),
            [Empty, Approved, Pending, Rejected].map(Some)
        );
        assert_eq!(AddressApproval::from_code(4), None);
        let address = |text: &str| text.parse::<EmailAddress>().unwrap();
        let (ann, same, bob) =
            (address("Ann@x.example"), address("ann@X.example"), address("b@x.example"));
        assert_eq!(Approved.after_change(Some(&ann), Some(&same)), Approved);
        assert_eq!(Rejected.after_change(Some(&ann), Some(&same)), Rejected);
        assert_eq!(Approved.after_change(Some(&ann), Some(&bob)), Pending);
        assert_eq!(Rejected.after_change(Some(&ann), Some(&bob)), Pending);
        assert_eq!(Empty.after_change(None, Some(&ann)), Pending);
        assert_eq!(Approved.after_change(Some(&ann), None), Empty);
    }
}
