//! How far one part of a registration has come.

use crate::settings::field::choice;

choice! {
    /// How far the ownership, the email keys or the envelope-from domain of an authenticated domain
    /// have come (option set `msdyncrm_setupdomain_status`; columns
    /// `msdyncrm_ownershipvalidationstatus`, `msdyncrm_emailkeysvalidationstatus`,
    /// `msdyncrm_domainalignmentvalidationstatus` of `msdyncrm_setupdomain`).
    ///
    /// The screen has nine statuses and the option set eight codes: "Internal error (query failed)"
    /// has none, is written as 32 and read from no code.
    DomainStatus {
        /// The keys are there; nobody has had them looked for in DNS yet.
        WaitingToConfirm = 0, "waiting-to-confirm", "Waiting to confirm";
        /// The keys were found in DNS; the domain is ready to use.
        Confirmed = 1, "confirmed", "Confirmed";
        /// The registration was cancelled.
        Cancelled = 2, "cancelled", "Cancelled";
        /// This part was not asked for.
        NotRequested = 3, "not-requested", "Not requested";
        /// The keys are being looked for in DNS.
        Confirming = 4, "confirming", "Confirming DNS registration";
        /// DNS answered, and the keys were not there. They can be looked for again at any time.
        KeysNotFound = 30, "keys-not-found", "Keys not found on DNS";
        /// What should have been looked for was not found on our side; a case for support.
        RecordNotFound = 31, "record-not-found", "Internal error (record not found)";
        /// DNS could not be asked, or did not answer; a case for support.
        QueryFailed = none as 32, "query-failed", "Internal error (query failed)";
        /// Any other failure while confirming; a case for support.
        InternalError = 32, "internal-error", "Internal error";
    }
}

impl DomainStatus {
    /// Is it one of the three internal errors? They point to support.
    #[must_use]
    pub const fn is_internal_error(self) -> bool {
        matches!(self, Self::RecordNotFound | Self::QueryFailed | Self::InternalError)
    }

    /// Is it a status that a part has before anybody asked DNS, or once its registration is over?
    #[must_use]
    pub const fn is_reset(self) -> bool {
        matches!(self, Self::WaitingToConfirm | Self::Cancelled | Self::NotRequested)
    }

    /// Can the keys be looked for in DNS, for the first time or again?
    ///
    /// Also while they are being looked for: a check whose end a crash hid must not block the record
    /// for good. What is confirmed is done, what was cancelled or not requested has to be requested
    /// first.
    #[must_use]
    pub const fn can_be_checked(self) -> bool {
        match self {
            Self::WaitingToConfirm
            | Self::Confirming
            | Self::KeysNotFound
            | Self::RecordNotFound
            | Self::QueryFailed
            | Self::InternalError => true,
            Self::Confirmed | Self::Cancelled | Self::NotRequested => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A050 to A060; facts 5.2: nine statuses, eight codes.
    #[test]
    fn domain_statuses_have_the_codes_names_and_labels_of_the_product() {
        use DomainStatus as S;
        let expected = [
            (S::WaitingToConfirm, Some(0), "waiting-to-confirm", "Waiting to confirm"),
            (S::Confirmed, Some(1), "confirmed", "Confirmed"),
            (S::Cancelled, Some(2), "cancelled", "Cancelled"),
            (S::NotRequested, Some(3), "not-requested", "Not requested"),
            (S::Confirming, Some(4), "confirming", "Confirming DNS registration"),
            (S::KeysNotFound, Some(30), "keys-not-found", "Keys not found on DNS"),
            (S::RecordNotFound, Some(31), "record-not-found", "Internal error (record not found)"),
            (S::QueryFailed, None, "query-failed", "Internal error (query failed)"),
            (S::InternalError, Some(32), "internal-error", "Internal error"),
        ];
        assert_eq!(S::ALL.len(), expected.len());
        for ((status, code, name, label), (all, choice)) in
            expected.into_iter().zip(S::ALL.iter().zip(S::CHOICES))
        {
            assert_eq!(*all, status);
            assert_eq!((choice.code, choice.name, choice.label), (code, name, label));
            assert_eq!(serde_json::to_string(&status).unwrap(), format!("\"{name}\""));
            assert_eq!(code.map(S::from_code), code.map(|_| Some(status)));
        }
    }

    /// A059; facts 5.2: the ninth status exports as 32, and 32 reads as Internal error.
    #[test]
    fn query_failed_has_no_code_and_exports_as_internal_error() {
        assert_eq!(DomainStatus::QueryFailed.code(), 32);
        assert_eq!(DomainStatus::InternalError.code(), 32);
        assert_eq!(DomainStatus::from_code(32), Some(DomainStatus::InternalError));
        for unknown in [-1, 5, 29, 33] {
            assert_eq!(DomainStatus::from_code(unknown), None);
        }
    }

    /// A058 to A060: the internal errors, and they alone, point to support.
    #[test]
    fn internal_errors_are_three() {
        let errors = DomainStatus::ALL.iter().filter(|status| status.is_internal_error());
        assert!(errors.map(|status| status.code()).eq([31, 32, 32]));
    }
}
