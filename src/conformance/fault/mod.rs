//! Would the kit notice?
//!
//! A store over sorted maps that is right, but for one [`Fault`]: each breaks a must in one of the
//! ways that its case claims to see. [`check`] runs the case on that store, and has to come back with
//! a violation, every time: races meet between what they read and what they write, so that nothing
//! rests on luck. This is the kit's own proof; an implementor has no use for it.
//!
//! ```
//! use correspond::conformance::fault::{Fault, check};
//!
//! let violation = check(Fault::IgnoresUniqueKeys).unwrap_err();
//! assert!(violation.to_string().starts_with("C-UNQ-1: two records have one unique key"));
//! ```

mod commit;
mod distort;
mod foreign;
mod meeting;
mod method;
mod read;
mod store;
mod tables;
mod verdict;

pub use foreign::{ForeignFault, check_foreign};
pub use store::{Faulty, FaultyHarness};

use super::{Outcome, Violation, cases, check_immediate};

macro_rules! faults {
    ($($case:ident: $($fault:ident $doc:literal),+;)+) => {
        /// What is wrong with a store. The description continues "a store that".
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Fault {
            $($(#[doc = $doc] $fault,)+)+
        }

        impl Fault {
            /// Every fault.
            pub const ALL: &[Self] = &[$($(Self::$fault,)+)+];

            /// The name of the case that must notice it.
            #[must_use]
            pub const fn case(self) -> &'static str {
                match self {
                    $($(Self::$fault)|+ => stringify!($case),)+
                }
            }

            /// What the store does.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self {
                    $($(Self::$fault => $doc,)+)+
                }
            }
        }
    };
}

faults! {
    c_atm_1_a_refused_batch_leaves_nothing:
        LeavesMails "files the mails of a refused batch",
        LeavesForgotten "forgets the mails of a refused batch",
        LeavesCreated "creates the records of a refused batch",
        LeavesUpdated "updates the records of a refused batch",
        LeavesVersions "changes the versions of records in a refused batch",
        LeavesDeleted "deletes the records of a refused batch",
        LeavesUniqueKeys "keeps the unique keys of a refused batch taken",
        LeavesClaimed "makes the claims of a refused batch",
        LeavesSettled "settles, releases and takes over claims of a refused batch",
        WritesInPieces "writes a large batch in pieces, each by itself";
    c_atm_2_nobody_sees_half_a_batch:
        ShowsHalfOfMails "shows half of the mails of a batch for a while",
        ShowsHalfOfRecords "shows half of the records of a batch for a while",
        ShowsHalfOfClaims "shows half of the claims of a batch for a while",
        TearsFind "answers a look-up of mail from two states",
        TearsLoad "answers a load from two states",
        TearsHolders "answers a look-up of unique keys from two states",
        TearsFindRecords "answers a look-up of records from two states",
        TearsClaims "answers a look-up of claims from two states",
        TurnsBackFind "answers every other look-up of mail from an older state",
        TurnsBackLoad "answers every other load from an older state",
        TurnsBackList "answers every other list from an older state",
        TurnsBackFindRecords "answers every other look-up of records from an older state",
        TurnsBackClaims "answers every other look-up of claims from an older state",
        TurnsBackClaimPage "answers every other list of claims from an older state";
    c_ryw_1_what_was_committed_is_read:
        LateFind "shows a commit to the second look-up of mail",
        LateLoad "shows a commit to the second load",
        LateHolders "shows a commit to the second look-up of unique keys",
        LateList "shows a commit to the second list",
        LateFindRecords "shows a commit to the second look-up of records",
        LateClaims "shows a commit to the second look-up of claims",
        LateClaimPage "shows a commit to the second list of claims",
        LateRegistrations "shows a commit to the second look-up of names",
        LateElsewhere "shows a commit to other handles after their own next commit";
    c_ref_1_a_refusal_names_everything:
        NamesFirstAlone "names the first change that does not apply, and no other",
        NamesInReverse "names changes in descending order",
        JudgesAsIfRefused "holds back keys of records whose own change does not apply",
        MisnamesFiled "names the mail that was to be filed instead of the one that is there",
        MisnamesStale "does not say which version it found",
        MisnamesClaimed "names the claimant that lost instead of the one that has the claim",
        MisnamesUnclaimed "does not say which claim it found",
        MisnamesRegistered "does not say until when a name is registered";
    c_can_1_a_dropped_commit_is_all_or_nothing:
        DropsHalf "leaves half of a batch when its commit is dropped",
        DropsLock "stays locked when a commit is dropped",
        DropsKeys "keeps the unique keys of a batch when its commit is dropped";
    c_dur_1_what_was_acknowledged_comes_back:
        ForgetsLast "comes back without the last batch",
        ForgetsKeyer "comes back with another key maker",
        ForgetsNames "comes back without names",
        ForgetsClaims "comes back without claims",
        ForgetsUniqueKeys "comes back without unique keys",
        ForgetsMailKeys "comes back without the keys of mails";
    c_sup_1_what_is_not_supported_is_refused:
        IgnoresUnsupported "applies what it does not support by doing nothing",
        WritesBesideUnsupported "writes the rest of a batch that it does not support",
        FailsUnsupported "fails in another way at what it does not support",
        CountsUnsupported "hands out numbers without supporting it";
    c_ten_1_nothing_crosses_tenants:
        SharesMails "finds mails of all tenants",
        SharesMessageIds "knows Message-IDs of all tenants",
        SharesMailIds "knows ids of mails of all tenants",
        SharesRecords "loads records of all tenants",
        SharesUniqueKeys "knows unique keys of all tenants",
        SharesLists "lists records of all tenants",
        SharesLookUps "finds records of all tenants",
        SharesClaims "knows claims of all tenants",
        SharesClaimPages "lists claims of all tenants",
        SharesSequences "counts for all tenants together",
        CutsTenants "keeps the low half of a tenant";
    c_txt_1_everything_comes_back_exactly:
        CutsMailTimes "keeps milliseconds of mails",
        CutsMailIds "keeps the low half of ids of mails",
        LosesConversations "does not keep conversations",
        CutsMailKeys "keeps the first 100 keys of a mail",
        CutsBodies "keeps the first 64 KiB of a body",
        TrimsBodies "trims bodies",
        ComposesBodies "normalizes bodies",
        CutsModified "keeps milliseconds of records",
        CutsRecordIds "keeps the low half of ids of records",
        CutsVersions "keeps the low half of versions",
        LosesInactive "does not keep whether a record is active",
        CutsUniqueKeys "keeps the first 16 unique keys of a record",
        CutsLookUpKeys "keeps the first 16 look-up keys of a record",
        CutsClaimTimes "keeps milliseconds of claims",
        CutsRecipients "keeps the first 255 octets of recipients",
        ReadsRecipients "keeps recipients as text",
        CutsClaimants "keeps the low half of claimants",
        FoldsNames "keeps names in lower case",
        CutsNameTimes "keeps milliseconds of registrations";
    c_imm_1_every_call_is_ready_at_the_first_poll:
        WaitsCommit "is not ready at once in `commit`",
        WaitsFind "is not ready at once in `find`",
        WaitsLoad "is not ready at once in `load`",
        WaitsHolders "is not ready at once in `holders`",
        WaitsList "is not ready at once in `list`",
        WaitsFindRecords "is not ready at once in `find_records`",
        WaitsClaims "is not ready at once in `claims`",
        WaitsClaimPage "is not ready at once in `claim_page`",
        WaitsRegistrations "is not ready at once in `registrations`",
        WaitsAllocate "is not ready at once in `allocate`";
    c_rem_1_a_mail_is_filed_once:
        RacesMessageIds "looks for a Message-ID first and files then",
        RacesMailIds "looks for an id first and files then",
        FilesMessageIdTwice "does not look at Message-IDs",
        FilesIdTwice "writes over a mail with the same id",
        LooksAtOneMessageId "looks at the first Message-ID alone",
        TakesReferencesForIds "takes a mail that is named for one that is filed";
    c_fgt_1_a_forgotten_mail_leaves_nothing:
        KeepsForgotten "forgets nothing",
        KeepsForgottenKeys "keeps forgotten mails under their addresses",
        KeepsForgottenIds "does not free the id of a forgotten mail",
        KeepsForgottenMessageIds "does not free the Message-ID of a forgotten mail",
        RefusesUnknown "refuses to forget what is not there",
        FreesMailsLater "frees the Message-ID of a forgotten mail after the batch",
        ForgetsKin "forgets every mail that shares a key";
    c_cnd_1_mails_come_bounded_windowed_and_in_order:
        FindsOldestFirst "brings the oldest mail first",
        FindsTiesAscending "brings mails of one time by ascending id",
        FindsTiesByText "brings mails of one time in the order of their ids as text",
        FindsAsFiled "brings mails in the order in which they were filed",
        IgnoresSince "ignores the beginning of a window",
        IgnoresUntil "ignores the end of a window",
        ExcludesSince "leaves out the first moment of a window",
        ExcludesUntil "leaves out the last moment of a window",
        FindsOneMore "brings one mail more than asked for",
        FindsCarried "looks up what is only carried";
    c_cnd_2_mails_are_counted_and_bring_the_keys_asked_for:
        CountsAnswered "counts the mails that it brings",
        CountsOutside "counts mails outside of the window",
        CarriesAll "brings all keys of a mail",
        CarriesNone "brings no keys of a mail",
        CarriesFirst "brings one key of each kind";
    c_dir_1_records_come_bounded_and_in_order:
        FindsLeastRecent "brings the record first that was modified first",
        FindsRecordTiesAscending "brings records of one time by ascending id",
        FindsKindsAscending "brings records of one time and id by ascending kind",
        HidesInactive "brings active records alone",
        FindsOneRecordMore "brings one record more than asked for",
        CountsRecordsAnswered "counts the records that it brings",
        KeepsOldKeys "finds records by keys that they gave up",
        FindsPartiesAlone "finds records of the directory alone";
    c_unq_1_one_of_many_gets_a_unique_key:
        RacesUniqueKeys "looks for a unique key first and writes then",
        IgnoresUniqueKeys "does not look at unique keys",
        LooksAtOneUniqueKey "looks at the first unique key alone",
        LooksWhenCreating "looks at unique keys when a record is created, not later";
    c_unq_2_every_loser_is_told_the_winner:
        NamesLoser "names the loser as the winner",
        NamesLastKey "names the last of several keys that are taken",
        LosesWinner "says that a loser is stale";
    c_unq_3_given_up_keys_are_free:
        KeepsGivenUpKeys "keeps keys taken that a record gave up",
        KeepsDeletedKeys "keeps keys of deleted records taken",
        FreesLater "frees keys after the batch in which they are given up";
    c_unq_4_keys_move_within_a_batch:
        ChecksInOrder "checks one change after the other",
        ChecksInReverse "checks one change after the other, the last first",
        MovesOnce "lets a record have one key at a time of another";
    c_occ_1_no_update_is_lost:
        RacesUpdates "looks at the version first and writes then",
        IgnoresVersions "does not look at versions";
    c_occ_2_what_is_not_as_expected_is_refused:
        CreatesOver "creates a record over one that is there",
        UpdatesMissing "creates a record that was to be updated",
        DeletesAny "deletes a record in any version",
        DeletesMissing "deletes what is not there",
        MixesKinds "keeps records by id, whatever their kind";
    c_occ_3_no_version_fits_again:
        CountsVersions "numbers versions by itself",
        FitsOld "takes versions for current that a record had before it was deleted";
    c_pag_1_pages_bring_every_item_once:
        PagesByNumber "skips as many records as were brought",
        PagesClaimsByNumber "skips as many claims as were brought",
        EndsEarly "ends a list of records at its first full page",
        EndsClaimsEarly "ends a list of claims at its first full page",
        NeverEnds "never ends a list of records",
        RepeatsLast "begins a page with the last record of the one before",
        RepeatsLastClaim "begins a page with the last claim of the one before",
        PagesLong "brings one record more than a page has",
        ListsByVersion "lists records in the order of their versions",
        ListsAllKinds "lists records of every kind",
        FiltersLate "cuts a page of claims first and looks at states then",
        ListsAllScopes "lists claims of every scope";
    c_bat_1_answers_stand_in_the_order_of_the_question:
        SortsLoad "loads in its own order",
        SortsHolders "looks unique keys up in its own order",
        SortsClaims "looks claims up in its own order",
        SortsRegistrations "looks names up in its own order",
        SkipsLoad "leaves out records that are not there",
        SkipsHolders "leaves out unique keys that nobody has",
        SkipsClaims "leaves out claims that nobody made",
        SkipsRegistrations "leaves out names that nobody has",
        LoadsOnce "loads once what is asked for twice",
        HoldersOnce "looks up once the unique key that is asked for twice",
        ClaimsOnce "looks up once the claim that is asked for twice",
        RegistrationsOnce "looks up once the name that is asked for twice",
        FindsOnce "looks up once the mail key that is asked for twice",
        FindsRecordsOnce "looks up once the look-up key that is asked for twice";
    c_clm_1_one_of_many_claims_a_send:
        RacesClaims "looks for a claim first and claims then",
        ClaimsAgain "lets a claimant claim again",
        ClaimsSettled "lets a settled send be claimed",
        ClaimsByMessage "does not tell journeys apart";
    c_clm_2_only_the_claimant_disposes_of_a_claim:
        AnybodySettles "lets anybody settle a claim",
        AnybodyReleases "lets anybody release a claim",
        AnybodyTakesOver "lets anybody take a claim over, whoever had it",
        SettlesUnclaimed "settles what nobody claimed",
        SettlesTwice "settles again",
        ReleasesUnclaimed "releases what nobody claimed",
        ReleasesSettled "releases a settled claim",
        TakesOverSettled "lets a settled claim be taken over",
        KeepsReleased "keeps a claim that is released",
        RacesTakeOvers "looks for a claim first and takes it over then";
    c_reg_1_one_of_many_tenants_gets_a_name:
        RegistersByTenant "keeps names by tenant",
        RacesNames "looks for a name first and registers then";
    c_reg_2_a_registration_expires_or_lasts:
        KeepsExpired "keeps a name taken when its registration has expired",
        ExpiresEarly "lets a name go at the last moment of its registration",
        RefusesRenewal "refuses a tenant its own name",
        AnybodyUnregisters "lets anybody give up a name",
        RefusesUnregistering "refuses to give up what nobody has",
        HidesExpired "does not show expired registrations",
        LetsLastingGo "lets a lasting registration go in the end",
        KeepsUnregistered "does not free a name that is given up";
    c_seq_1_no_number_comes_twice:
        RacesNumbers "reads a counter first and writes it then",
        CountsByHandle "counts in each handle by itself",
        CountsCalls "raises a counter by one, however long the block";
    c_seq_2_numbers_come_in_rising_blocks:
        ShortensBlocks "brings one number of a long block",
        LendsBackwards "brings the upper half of what it lends first",
        LendsToThreads "lends each call a block of its own, by turns";
    c_seq_3_sequences_are_independent:
        StartsAtZero "starts at 0",
        CountsTogether "has one counter for all sequences of a tenant",
        CutsUsers "keeps the low half of a user";
    c_seq_4_no_number_comes_twice_across_reopening:
        RestartsNumbers "starts at 1 again when it is opened again",
        RepeatsLastBlock "repeats the last block when it is opened again";
}

/// Runs the case of this fault on a store that has it.
///
/// # Errors
///
/// The violation that the case found: what is expected. An `Ok` shows that the kit is blind.
pub fn check(fault: Fault) -> Result<Outcome, Violation> {
    check_case(FaultyHarness::new(Some(fault)), fault.case())
}

/// Was the fault noticed, by the case that must notice it?
#[must_use]
pub fn caught(fault: Fault) -> bool {
    let id = |case: &str| case.get(..7).unwrap_or_default().replace('_', "-").to_ascii_uppercase();
    check(fault).is_err_and(|violation| violation.must() == id(fault.case()))
}

/// Runs every case on the store without a fault: what passes is not noticed for what the store
/// under all faults has in common.
///
/// # Errors
///
/// The first violation.
pub fn check_sound() -> Result<(), Violation> {
    check_immediate(&FaultyHarness::new(None))?;
    for case in cases::<FaultyHarness>() {
        case.check(&FaultyHarness::new(None))?;
    }
    Ok(())
}

fn check_case(harness: FaultyHarness, name: &str) -> Result<Outcome, Violation> {
    match cases().into_iter().find(|case| case.name() == name) {
        Some(case) => case.check(&harness),
        // The one case that asks for more than a store.
        None => check_immediate(&harness),
    }
}
