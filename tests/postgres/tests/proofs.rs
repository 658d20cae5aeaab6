//! Samples of the proofs; `cargo run --package correspond-postgres-tests` has the full ones.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use correspond_postgres_tests::server;

/// Runs a proof and returns what it says.
fn proof(arguments: &str) -> Option<String> {
    server()?;
    let proof =
        Command::new(env!("CARGO_BIN_EXE_postgres-proofs")).args(arguments.split(' ')).output();
    let proof = proof.unwrap();
    let said = String::from_utf8_lossy(&proof.stdout);
    assert!(proof.status.success(), "{said}{}", String::from_utf8_lossy(&proof.stderr));
    println!("{said}");
    Some(said.into_owned())
}

#[test]
fn each_new_person_is_created_once() {
    let Some(said) = proof("persons --persons 20 --processes 3 --tasks 8") else { return };
    assert!(said.contains("480 submissions of 20 persons: 20 created, 20 records"), "{said}");
}

#[test]
fn each_send_is_claimed_once() {
    let Some(said) = proof("claims --claims 3000 --processes 3 --tasks 8") else { return };
    assert!(said.contains("3000 sends claimed of 3000, 0 twice; 3000 rows"), "{said}");
}

#[test]
fn no_token_comes_twice() {
    let Some(said) = proof("tokens --leased 5000 --single 300 --processes 3 --tasks 8") else {
        return;
    };
    assert!(said.contains("5300 tokens (5000 with leases, 300 without), 0 duplicates"), "{said}");
}

/// A067, A068; facts 7.2, 7.4.
#[test]
fn there_is_one_default_at_every_look() {
    let Some(said) = proof("defaults --times 50 --processes 2 --tasks 3") else { return };
    assert!(said.contains("100 made the default") && said.contains(" 0 saw none, 0 saw several"));
}

#[test]
fn each_person_is_one_record_however_often_he_submits() {
    let Some(said) = proof("submissions --submissions 200 --processes 3 --tasks 8") else { return };
    assert!(said.contains("200 submissions in 400 deliveries: "), "{said}");
}

#[test]
fn each_recipient_is_sent_to_once_however_many_processes_are_killed() {
    let sample = "sends --sends 3000 --workers 8 --part 16 --every 200";
    let Some(said) = proof(sample) else { return };
    assert!(said.contains("3000 recipients in ") && !said.contains(" 0 kills"), "{said}");
    assert!(said.contains("each claimed once, none sent to twice; "), "{said}");
}

/// Who looks and sends before he claims, and who settles before he sends, is found out by the first kill.
#[test]
fn sending_in_the_wrong_order_is_noticed() {
    for (fault, noticed) in
        [("claims-later", "sent to twice"), ("settles-first", "settled and not sent to")]
    {
        let sample = "--sends 1000 --workers 4 --part 8 --every 200 --kills 2";
        let Some(said) = proof(&format!("sends {sample} --fault {fault}")) else { return };
        assert!(said.contains("noticed: ") && said.contains(noticed), "{said}");
    }
}

#[test]
fn a_killed_client_leaves_all_or_nothing() {
    let Some(said) = proof("kills --kills 10") else { return };
    assert!(said.contains("10 kills: ") && said.contains("lost: 0;"), "{said}");
}

/// On a server of its own, which it starts and stops: not where somebody else's is all there is.
#[test]
fn a_stopped_server_loses_nothing() {
    if !Path::new("/usr/lib/postgresql").exists() {
        let _ = writeln!(std::io::stderr(), "SKIPPED: no PostgreSQL here to start and stop");
        return;
    }
    let Some(said) = proof("stops --stops 2") else { return };
    assert!(said.contains("2 stops of the server"), "{said}");
    assert!(said.contains("nothing lost, nothing twice"), "{said}");
}
