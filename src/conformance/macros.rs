//! One list of cases, from which the tests are made and [`cases`](super::cases) too.

/// The cases, once: name, id, what a store must do, the areas that it is about, what runs it.
#[doc(hidden)]
#[macro_export]
macro_rules! __store_cases {
    ($with:ident $arguments:tt) => {
        $crate::$with! { $arguments
            c_atm_1_a_refused_batch_leaves_nothing: "C-ATM-1" ALL atomic::nothing_left
                "applies a batch whole or not at all: a refused batch leaves nothing, neither row, nor key, nor version",
            c_atm_2_nobody_sees_half_a_batch: "C-ATM-2" ALL readers::one_state
                "shows no reader half a batch: one call of a reading trait answers from one state, and what two calls show one after the other does not go back in time",
            c_ryw_1_what_was_committed_is_read: "C-RYW-1" ALL atomic::read_your_writes
                "shows a committed batch to every read that begins after `commit` returned",
            c_ref_1_a_refusal_names_everything: "C-REF-1" ALL refusals::all_named
                "names in a refusal every change that does not apply, in ascending order, each judged as if all others applied, with what was found",
            c_can_1_a_dropped_commit_is_all_or_nothing: "C-CAN-1" ALL cancel::all_or_nothing
                "leaves all or nothing of a commit whose future was dropped before it was ready",
            c_dur_1_what_was_acknowledged_comes_back: "C-DUR-1" ALL durable::comes_back
                "where it is durable: brings back after reopening what was acknowledged, and the same keyer",
            c_sup_1_what_is_not_supported_is_refused: "C-SUP-1" ALL support::refused
                "answers Unsupported to a change of an area that it does not support, writing nothing of its batch",
            c_ten_1_nothing_crosses_tenants: "C-TEN-1" ALL tenants::nothing_crosses
                "lets nothing cross from one tenant to another, but for the register, which is of all",
            c_txt_1_everything_comes_back_exactly: "C-TXT-1" ALL exact::comes_back
                "brings keys, bodies, names and times (to the microsecond) back exactly",
            c_rem_1_a_mail_is_filed_once: "C-REM-1" MESSAGES messages::filed_once
                "of any number of commits that file a mail with one Message-ID, or under one id, in one tenant applies exactly one",
            c_fgt_1_a_forgotten_mail_leaves_nothing: "C-FGT-1" MESSAGES messages::forgotten
                "forgets a mail with all its keys; its id and its Message-ID are free again",
            c_cnd_1_mails_come_bounded_windowed_and_in_order: "C-CND-1" MESSAGES messages::ordered
                "answers look-ups of mail bounded, windowed, and in order: newest first, then by descending id",
            c_cnd_2_mails_are_counted_and_bring_the_keys_asked_for: "C-CND-2" MESSAGES messages::counted
                "counts what is in the window of a look-up up to COUNT_CAP, and brings the keys of the kinds asked for, no others",
            c_dir_1_records_come_bounded_and_in_order: "C-DIR-1" DIRECTORY directory::ordered
                "answers look-ups of records bounded and in order: last modified first, then by descending id and kind; inactive ones too",
            c_unq_1_one_of_many_gets_a_unique_key: "C-UNQ-1" RECORDS unique::one_holder
                "of any number of commits that give one unique key to different records applies exactly one",
            c_unq_2_every_loser_is_told_the_winner: "C-UNQ-2" RECORDS unique::losers_are_told
                "tells every loser who the winner is",
            c_unq_3_given_up_keys_are_free: "C-UNQ-3" RECORDS unique::given_up
                "frees the keys that a record gives up or that is deleted, in the same batch",
            c_unq_4_keys_move_within_a_batch: "C-UNQ-4" RECORDS unique::moved
                "lets a key move from one record to another, and two records exchange theirs, in one batch, whatever the order of the changes",
            c_occ_1_no_update_is_lost: "C-OCC-1" RECORDS optimistic::no_update_lost
                "loses no update made through Expect::At",
            c_occ_2_what_is_not_as_expected_is_refused: "C-OCC-2" RECORDS optimistic::as_expected
                "refuses Expect::Absent where there is a record, and a version that is not there",
            c_occ_3_no_version_fits_again: "C-OCC-3" RECORDS optimistic::versions_are_kept
                "keeps the version that it was given, so that an old one never fits again, not even after delete and re-create",
            c_pag_1_pages_bring_every_item_once: "C-PAG-1" LISTS pages::every_item_once
                "pages through a list so that every item that was there throughout comes once, whatever is inserted meanwhile",
            c_bat_1_answers_stand_in_the_order_of_the_question: "C-BAT-1" BATCHES pages::in_order_of_the_question
                "answers batch look-ups in the order of the question, with None where there is nothing, also for what is asked for twice",
            c_clm_1_one_of_many_claims_a_send: "C-CLM-1" LEDGER ledger::one_claims
                "of any number of claims of one send applies exactly one",
            c_clm_2_only_the_claimant_disposes_of_a_claim: "C-CLM-2" LEDGER ledger::only_the_claimant
                "lets only the claimant settle, release or lose an open claim, and nobody a settled one",
            c_reg_1_one_of_many_tenants_gets_a_name: "C-REG-1" REGISTER register::one_tenant
                "of any number of tenants that register one name lets exactly one have it, across all tenants",
            c_reg_2_a_registration_expires_or_lasts: "C-REG-2" REGISTER register::expires_or_lasts
                "lets an expired registration go to whoever comes next, and a lasting one to nobody until it is given up",
            c_seq_1_no_number_comes_twice: "C-SEQ-1" SEQUENCES sequences::never_twice
                "returns no number twice for one key, from however many threads, handles and processes",
            c_seq_2_numbers_come_in_rising_blocks: "C-SEQ-2" SEQUENCES sequences::in_blocks
                "returns blocks without gaps inside, each above those that were returned before it was asked for",
            c_seq_3_sequences_are_independent: "C-SEQ-3" SEQUENCES sequences::independent
                "starts a sequence at 1; sequences and tenants are independent",
            c_seq_4_no_number_comes_twice_across_reopening: "C-SEQ-4" SEQUENCES sequences::not_after_reopening
                "where it is durable: returns no number twice across reopening",
        }
    };
}

/// The cases of a foreign directory, as those of a store.
#[doc(hidden)]
#[macro_export]
macro_rules! __foreign_cases {
    ($with:ident $arguments:tt) => {
        $crate::$with! { $arguments
            c_for_1_a_delivery_is_worked_off_once: "C-FOR-1" DIRECTORY worked_off_once
                "works a delivery key off once",
            c_for_2_one_of_many_creates_a_party: "C-FOR-2" DIRECTORY one_creates
                "creates one party of racing writes with one match key",
        }
    };
}

/// A test for each case.
#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_tests {
    ([$name:ident, $harness:expr, $prove:ident]
        $($case:ident: $id:literal $areas:ident $($run:ident)::+ $must:literal,)*) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $(
                #[doc = $must]
                #[test]
                fn $case() {
                    $crate::conformance::$prove(&$harness, ::core::stringify!($case));
                }
            )*
        }
    };
}

/// Proves a store: expands to a module of this name with one `#[test]` for each case of the kit.
///
/// The harness is any expression; it is evaluated once a test, where the macro stands.
///
/// ```
/// use correspond::adapter::memory::MemoryStore;
/// use correspond::conformance::Harness;
///
/// struct Memory;
///
/// impl Harness for Memory {
///     type Store = MemoryStore;
///
///     fn fresh(&self) -> MemoryStore {
///         MemoryStore::default()
///     }
/// }
///
/// correspond::store_conformance!(memory, Memory);
/// ```
#[macro_export]
macro_rules! store_conformance {
    ($name:ident, $harness:expr $(,)?) => {
        $crate::__store_cases! { __conformance_tests [$name, $harness, prove] }
    };
}

/// Proves a [`ForeignDirectory`](crate::store::ForeignDirectory), as
/// [`store_conformance!`](crate::store_conformance) does a store, with a
/// [`ForeignHarness`](crate::conformance::ForeignHarness).
#[macro_export]
macro_rules! foreign_conformance {
    ($name:ident, $harness:expr $(,)?) => {
        $crate::__foreign_cases! { __conformance_tests [$name, $harness, prove_foreign] }
    };
}

/// Proves that a store keeps the promise of [`Immediate`](crate::store::Immediate) (C-IMM-1): expands
/// to one test. With a store that does not promise, it does not compile.
#[macro_export]
macro_rules! immediate_conformance {
    ($name:ident, $harness:expr $(,)?) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            #[test]
            fn c_imm_1_every_call_is_ready_at_the_first_poll() {
                $crate::conformance::prove_immediate(&$harness);
            }
        }
    };
}

/// The list of cases as values.
#[doc(hidden)]
#[macro_export]
macro_rules! __case_list {
    ([] $($case:ident: $id:literal $areas:ident $($run:ident)::+ $must:literal,)*) => {
        vec![$(
            Case {
                id: $id,
                name: stringify!($case),
                must: $must,
                areas: about::$areas,
                run: $($run)::+::<H>,
            },
        )*]
    };
}

/// The list of cases of a foreign directory as values.
#[doc(hidden)]
#[macro_export]
macro_rules! __foreign_case_list {
    ([] $($case:ident: $id:literal $areas:ident $($run:ident)::+ $must:literal,)*) => {
        vec![$(
            ForeignCase {
                id: $id,
                name: stringify!($case),
                must: $must,
                run: foreign::$($run)::+::<H>,
            },
        )*]
    };
}
