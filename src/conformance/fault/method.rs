//! The methods that read, each with the faults that all of them may have.

use super::Fault;

/// A method that reads, and the faults of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Read {
    Find,
    Load,
    Holders,
    List,
    FindRecords,
    Claims,
    ClaimPage,
    Registrations,
}

impl Read {
    pub(super) const ALL: [Self; 8] = [
        Self::Find,
        Self::Load,
        Self::Holders,
        Self::List,
        Self::FindRecords,
        Self::Claims,
        Self::ClaimPage,
        Self::Registrations,
    ];

    /// Late, torn, turned back, sorted, skipped, answered once.
    pub(super) const fn faults(self) -> [Option<Fault>; 6] {
        use Fault as F;
        match self {
            Self::Find => {
                let torn = Some(F::TearsFind);
                [Some(F::LateFind), torn, Some(F::TurnsBackFind), None, None, Some(F::FindsOnce)]
            }
            Self::Load => [
                Some(F::LateLoad),
                Some(F::TearsLoad),
                Some(F::TurnsBackLoad),
                Some(F::SortsLoad),
                Some(F::SkipsLoad),
                Some(F::LoadsOnce),
            ],
            Self::Holders => [
                Some(F::LateHolders),
                Some(F::TearsHolders),
                None,
                Some(F::SortsHolders),
                Some(F::SkipsHolders),
                Some(F::HoldersOnce),
            ],
            Self::List => [Some(F::LateList), None, Some(F::TurnsBackList), None, None, None],
            Self::FindRecords => [
                Some(F::LateFindRecords),
                Some(F::TearsFindRecords),
                Some(F::TurnsBackFindRecords),
                None,
                None,
                Some(F::FindsRecordsOnce),
            ],
            Self::Claims => [
                Some(F::LateClaims),
                Some(F::TearsClaims),
                Some(F::TurnsBackClaims),
                Some(F::SortsClaims),
                Some(F::SkipsClaims),
                Some(F::ClaimsOnce),
            ],
            Self::ClaimPage => {
                [Some(F::LateClaimPage), None, Some(F::TurnsBackClaimPage), None, None, None]
            }
            Self::Registrations => [
                Some(F::LateRegistrations),
                None,
                None,
                Some(F::SortsRegistrations),
                Some(F::SkipsRegistrations),
                Some(F::RegistrationsOnce),
            ],
        }
    }
}
