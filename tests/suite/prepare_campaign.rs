//! The example that prepares a campaign, from a shell.

use std::path::Path;

use serde_json::Value;

use crate::cli::{Ended, Scratch};

const HEADER: &str = "contactid,emailaddress1\n";

fn message(name: &str) -> String {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/campaign");
    data.join(name).to_str().unwrap().to_owned()
}

fn prepare(scratch: &Scratch, args: &[&str]) -> Ended {
    scratch.run("prepare_campaign", args, b"")
}

/// The objects of one kind.
#[track_caller]
fn objects(ended: &Ended, kind: &str) -> Vec<Value> {
    let lines = ended.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let found: Vec<_> = lines.filter(|line| line["kind"] == kind).collect();
    assert!(!found.is_empty(), "{kind} in {ended:?}");
    found
}

/// Outcome by line, of those who get nothing.
fn outcomes(ended: &Ended) -> Vec<(u64, String, Option<u64>)> {
    let others = objects(ended, "recipient").into_iter().filter(|row| row["outcome"] != "sent");
    let told = |row: Value| {
        let why = format!("{} {}", row["outcome"], row["reason"]).replace('"', "");
        (row["line"].as_u64().unwrap(), why, row["lost_to"].as_u64())
    };
    others.map(told).collect()
}

#[test]
fn the_bundled_campaign_comes_to_this() {
    let scratch = Scratch::new();
    let ended = prepare(&scratch, &["--check"]);
    ended.says(0, &[]);
    insta::assert_snapshot!(ended.out);
    // README.md shows parts of it.
    let readme = include_str!("../../README.md");
    let shown = readme.split("--example prepare_campaign\n").nth(1).unwrap();
    let shown = shown.split("\n```").next().unwrap();
    let mut rest = ended.out.as_str();
    for part in shown.split("\n...\n") {
        rest = rest.split_once(part).unwrap_or_else(|| panic!("{part}\n\nin\n\n{rest}")).1;
    }
}

#[test]
fn a_message_with_mistakes_is_refused() {
    let scratch = Scratch::new();
    let wrong = message("launch_with_errors.toml");
    let ended = prepare(&scratch, &["--message", &wrong, "--check", "--limit", "1"]);
    ended.says(1, &[]);
    insta::assert_snapshot!(ended.out);
    let asked = prepare(&scratch, &["--message", &wrong, "--limit", "1"]);
    asked.says(0, &[]);
    assert_eq!(asked.out, ended.out);
}

#[test]
fn each_recipient_has_the_from_address_of_his_owner() {
    let scratch = Scratch::new();
    let owner = message("launch_from_owner.toml");
    let ended = prepare(&scratch, &["--message", &owner, "--keep", "active"]);
    ended.says(0, &[]);
    insta::assert_snapshot!(ended.out);
}

/// D1, D2, D5, D12, D13: as an object a line, the counts add up whatever the options are.
#[test]
fn the_counts_are_those_of_the_rows() {
    let scratch = Scratch::new();
    let bundled = ["launch.toml", "launch_from_owner.toml", "launch_with_errors.toml"].map(message);
    for path in &bundled {
        for more in [
            &[][..],
            &["--bypass"],
            &["--bypass", "--no-bypass"],
            &["--keep=active"],
            &["--profile", "current"],
        ] {
            let args = [&["--format", "jsonl", "--message", path], more].concat();
            let ended = prepare(&scratch, &args);
            ended.says(0, &[]);
            let rows = objects(&ended, "recipient");
            let of = |kind: &str| rows.iter().filter(|row| row["outcome"] == kind).count() as u64;
            let counts = &objects(&ended, "counts")[0];
            let told = |name: &str| counts[name].as_u64().unwrap();
            for name in ["sent", "duplicate", "blocked", "stopped"] {
                let name_of_count = if name == "duplicate" { "duplicates" } else { name };
                assert_eq!(of(name), told(name_of_count), "{args:?} {name}");
            }
            assert_eq!(told("segment"), 30);
            let others = told("duplicates") + told("blocked") + told("stopped");
            assert_eq!(told("sent"), told("segment") - others);
            let by: u64 = counts["blocked_by"]
                .as_object()
                .unwrap()
                .values()
                .map(|n| n.as_u64().unwrap())
                .sum();
            assert_eq!(by, told("blocked"));
            for row in rows.iter().filter(|row| row["outcome"] == "duplicate") {
                let winner = rows.iter().find(|other| other["line"] == row["lost_to"]).unwrap();
                assert_eq!(winner["outcome"], "sent", "{row}");
            }
            assert_eq!(told("duplicates") == 0, more == ["--bypass"], "{args:?}");
        }
    }
}

#[test]
fn who_is_kept_is_the_first_or_the_one_changed_last() {
    let scratch = Scratch::with(
        "c.csv",
        "contactid,emailaddress1,modifiedon\n1,ann@x.example,2026-01-01T00:00:00Z\n\
         2,ANN@x.example,2026-03-01T00:00:00Z\n3,Ann <ann@x.example>,\n",
    );
    let args = ["--contacts", "c.csv", "--format", "jsonl"];
    // Without columns of consent, nobody's is known.
    let message = message("launch_with_errors.toml");
    let args = [&args[..], &["--message", &message]].concat();
    let lost = |ended: &Ended| {
        outcomes(ended).into_iter().map(|(line, _, to)| (line, to.unwrap())).collect::<Vec<_>>()
    };
    assert_eq!(lost(&prepare(&scratch, &args)), [(3, 2), (4, 2)]);
    let active = prepare(&scratch, &[&args[..], &["--keep", "active"]].concat());
    assert_eq!(lost(&active), [(2, 3), (4, 3)]);
}

#[test]
fn columns_are_read_as_they_are_exported() {
    let rows = "\u{feff}ContactID,EmailAddress1,DoNotEMail,DoNotBulkEMail,msdyn,msgdpr_GDPRConsent,statecode\r\n\
        1,a@x.example,Allow,Do Not Allow,,(4) Marketing,Active\r\n\
        2,b@x.example,Do Not Allow,Allow,,587030004,Active\r\n\
        3,c@x.example,0,0,,transactional,0\r\n\
        4,d@x.example,No,,,587030005,Inactive\r\n\
        \r\n\
        5,e@x.example,,,,Profiling,\r\n";
    let scratch = Scratch::with("c.csv", rows);
    let ended = prepare(&scratch, &["--contacts", "c.csv", "--format", "jsonl"]);
    let expected = [
        (2, "blocked allows no commercial email"),
        (3, "blocked allows no email"),
        (
            4,
            "stopped consent is below the minimum: expected (4) Marketing or above, found (2) \
             Transactional",
        ),
        (5, "blocked the contact is inactive"),
    ];
    let expected = expected.map(|(line, why)| (line, why.to_owned(), None));
    assert_eq!(outcomes(&ended), expected, "{ended:?}");
    assert_eq!(objects(&ended, "recipient")[4]["line"], 7);
}

#[test]
fn what_is_not_known_is_said() {
    let scratch = Scratch::with("c.csv", format!("{HEADER}1,a@x.example\n"))
        .and("s.json", "{ \"schema\": 1 }")
        .and("m.toml", "id = \"7\"\nname = \"Empty\"\n");
    let args = ["--contacts", "c.csv", "--settings", "s.json", "--message", "m.toml"];
    let ended = prepare(&scratch, &args);
    ended.says(0, &[]);
    let one_line = ended.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for said in [
        "It cannot go live: ",
        "1 of 1 contacts would get it.",
        "From none: from address: expected an address or an expression, found nothing",
        "the contacts have no column donotemail, donotbulkemail, msgdpr_gdprconsent, statecode: it \
         keeps nobody out",
    ] {
        assert!(one_line.contains(said), "{said:?} in {ended:?}");
    }
    // Nor are the bundled addresses suppressed of another segment.
    let all = "contactid,emailaddress1\n1,office@holm.example\n";
    let scratch =
        scratch.and("c.csv", all).and("b.csv", "emailaddress1\nOffice@HOLM.example\nnobody\n");
    assert!(prepare(&scratch, &args).out.contains("1 of 1 contacts would get it."));
    let ended = prepare(&scratch, &[&args[..], &["--suppressed", "b.csv"]].concat());
    assert!(ended.out.contains("0 of 1 contacts would get it."), "{ended:?}");
    ended.says(0, &["b.csv: line 3: emailaddress1: expected ", "found the end", "it stops nobody"]);
}

/// A022, A024; facts 6.5: what an expression comes to is looked at for each recipient.
#[test]
fn from_addresses_of_others_are_refused_for_each_recipient() {
    let rows = "contactid,emailaddress1,owner\n\
        1,a@x.example,ann@fjordline.example\n2,b@x.example,ann@other.example\n3,c@x.example,ann\n";
    let message = "id = \"7\"\nname = \"Owners\"\ndesignation = \"transactional\"\n\
        to = \"{{contact.emailaddress1}}\"\nsubject = \"Hi {{contact.frstname}}\"\nhtml = \"x\"\n\
        plain_text = \"{{contact.frstname}}\"\n[from]\nname = \"Contoso\"\n\
        address = \"{{contact.owner}}\"\n";
    let elsewhere = format!("{message}domain_confirmed_elsewhere = true\n");
    let domain = r#"{ "schema": 1, "authenticated_domains": [{ "id": "1",
        "created": "2026-01-01T00:00:00Z", "name": "fjordline.example",
        "ownership_status": "confirmed", "email_status": "confirmed" }] }"#;
    let scratch = Scratch::with("c.csv", rows)
        .and("m.toml", message)
        .and("e.toml", elsewhere)
        .and("s.json", domain);
    let of = |message| {
        let args = ["--contacts", "c.csv", "--settings", "s.json", "--message", message];
        let ended = prepare(&scratch, &args);
        ended.says(0, &[]);
        ended.out.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let said = of("m.toml");
    assert!(said.contains("2 of 3 contacts get it."), "{said}");
    assert!(said.contains("at a domain that is not authenticated for 1"), "{said}");
    assert!(said.contains("no From address comes out: expected"), "{said}");
    assert_eq!(said.matches("the contacts have no column frstname").count(), 1, "{said}");
    let said = of("e.toml");
    assert!(said.contains("1 of 3 contacts get it."), "{said}");
    assert!(said.contains("the From address may not be used: ann@other.example: the domain is"));

    // With a sending domain they are rewritten, and answers should go somewhere.
    let set = r#"], "default_marketing_settings": [{ "id": "2", "created": "2026-01-01T00:00:00Z",
        "name": "Ours", "default": true, "default_sending_domain": "1" }] }"#;
    let scratch = scratch.and("s.json", domain.replace("] }", set));
    let args = ["--contacts", "c.csv", "--settings", "s.json", "--message", "e.toml"];
    let ended = prepare(&scratch, &args);
    let said = ended.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("2 of 3 contacts get it."), "{said}");
    assert!(said.contains("rewritten for 1 of those who get it"), "{said}");
    assert!(said.contains("set {{contact.owner}} as the reply-to address"), "{said}");
}

#[test]
fn a_message_is_toml_or_json() {
    let json = r#"{ "id": "7", "name": "Short", "designation": "transactional",
        "from": { "user": { "name": "Ann", "address": "ann@fjordline.example" } },
        "to": "{{contact.emailaddress1}}", "subject": "Hi", "html": "x", "plain_text": "x" }"#;
    let scratch = Scratch::with("m.json", json);
    let ended = prepare(&scratch, &["--message", "m.json", "--check"]);
    ended.says(0, &[]);
    assert!(ended.out.contains(" transactional, m.json\n"), "{ended:?}");
    assert!(ended.out.contains("  From        Ann <ann@fjordline.example>\n"), "{ended:?}");
    assert!(ended.out.contains("kept: its domain is authenticated already\n"), "{ended:?}");
}

#[test]
fn long_lists_are_cut_and_whatever_is_in_them_is_shown() {
    let rows: String = (0..60).map(|n| format!("{n:x},p{n}@x.example\n")).collect();
    let long = format!("{}@x.example", "y".repeat(200));
    let odd = format!("a1,{long}\na2,\"x\u{1b}[2J\ny\u{202e}@x.example\"\n");
    let scratch = Scratch::with("c.csv", format!("{HEADER}{rows}{odd}"));
    let errors = message("launch_with_errors.toml");
    let args = ["--contacts", "c.csv", "--message", &errors];
    let ended = prepare(&scratch, &args);
    assert!(ended.out.contains("\n  ... and 20 more\n"), "{ended:?}");
    assert!(ended.out.contains(r"x\u{1b}[2J\ny\u{202e}@x.example"), "{ended:?}");
    assert!(!ended.out.contains(['\u{1b}', '\u{202e}']));
    let widest = ended.out.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(100), "{widest:?} {ended:?}");
    let none = prepare(&scratch, &[&args[..], &["--limit", "0"]].concat());
    assert!(none.out.contains("\n  ... and 60 more\n"), "{none:?}");
    assert!(!none.out.contains("address as written"), "{none:?}");
}

#[test]
fn all_rows_that_are_wrong_are_named() {
    let rows = "contactid,emailaddress1,donotemail,msgdpr_gdprconsent,modifiedon,statecode\n\
        xyz,a@x.example,,,,\n\
        2,b@x.example,perhaps,,,\n\
        3,c@x.example,,587030009,,\n\
        4,d@x.example,,,yesterday,\n\
        5,e@x.example,,,,gone\n\
        6,f@x.example,,,,\n";
    let scratch = Scratch::with("c.csv", rows);
    let ended = prepare(&scratch, &["--contacts", "c.csv"]);
    let expected = [
        "prepare_campaign: c.csv: line 2: contactid: expected an id of 1 to 32 hexadecimal digits",
        "c.csv: line 3: donotemail: expected true or false, found \"perhaps\"",
        "c.csv: line 4: msgdpr_gdprconsent: expected 587030001 to 587030005, or a level as Marketing, \
         found \"587030009\"",
        "c.csv: line 5: modifiedon: expected a time as 2026-11-22T09:30:00Z, found \"yesterday\"",
        "c.csv: line 6: statecode: expected Active or Inactive, found \"gone\"",
    ];
    ended.says(2, &expected);
    assert_eq!(ended.out, "");
    let many: String = (0..50).map(|n| format!("no{n},a@x.example\n")).collect();
    let scratch = scratch.and("c.csv", format!("{HEADER}{many}"));
    prepare(&scratch, &["--contacts", "c.csv"]).says(2, &["line 21: contactid", "... and 30 more"]);
}

#[test]
fn what_cannot_be_used_is_said() {
    let scratch = Scratch::with("empty.csv", "")
        .and("id.csv", "id,emailaddress1\n1,a@x.example\n")
        .and("semicolon.csv", "contactid;emailaddress1\n1;a@x.example\n")
        .and("twice.csv", "contactid,emailaddress1,EmailAddress1\n")
        .and("more.csv", format!("{HEADER}1,a@x.example,x\n"))
        .and("octets.csv", b"contactid,emailaddress1\n1,m\xFCller@x.example\n")
        .and("plain.csv", format!("{HEADER}1,a@x.example\n"))
        .and("reason.csv", "emailaddress1,reason\na@x.example,bored\n")
        .and("neither.csv", "emailaddress1,contactid\n,\n")
        .and("word.toml", "id = \"7\"\nname = \"x\"\nsubjct = \"y\"\n")
        .and("level.toml", "id = \"7\"\nname = \"x\"\n[journey]\nminimum_consent = \"all\"\n")
        .and("tile.toml", "id = \"7\"\nname = \"x\"\n[journey]\nid = \"8\"\n")
        .and("m.json", "{ \"id\": \"7\" }")
        .and("s.json", "{ \"schema\": 1, \"authenticated_domain\": [] }")
        .and("s.toml", "schema = 1\nlead_score = []\n");
    for (args, said) in [
        (&["--profile", "new"][..], "--profile: expected documents or current, found \"new\""),
        (&["--keep", "last"], "--keep: expected first or active, found \"last\""),
        (&["--limit", "-1"], "--limit: expected a whole number, found \"-1\""),
        (&["--format", "xml"], "--format: expected text or jsonl, found \"xml\""),
        (&["--contacts"], "--contacts: expected a value"),
        (&["--contacts", "--check"], "expected a value, found the option --check"),
        (&["--check=no"], "--check: expected no value, found \"--check=no\""),
        (&["more"], "expected an option, found \"more\""),
        (&["--send", "smtp://x"], "expected an option, found \"--send\""),
        (&["--contacts", "absent.csv"], "prepare_campaign: absent.csv: "),
        (&["--contacts", "empty.csv"], "empty.csv: expected a header, found an empty file"),
        (
            &["--contacts", "id.csv"],
            "id.csv: line 1: expected a column contactid, found \"id, email",
        ),
        (&["--contacts", "semicolon.csv"], "line 1: expected columns separated by commas, found"),
        (&["--contacts", "twice.csv"], "expected each column once, found emailaddress1 twice"),
        (&["--contacts", "more.csv"], "line 2: expected 2 fields, as the header has, found 3"),
        (&["--contacts", "octets.csv"], "line 2: field 2 (emailaddress1): expected UTF-8 text"),
        (
            &["--contacts", "plain.csv", "--keep", "active"],
            "plain.csv: line 1: expected a column modifiedon, found \"contactid, emailaddress1\"",
        ),
        (
            &["--suppressed", "reason.csv"],
            "line 2: reason: expected bounced, excluded or sent, found \"bored\"",
        ),
        (
            &["--suppressed", "neither.csv"],
            "line 2: expected an address or a contact, found neither",
        ),
        (&["--message", "word.toml"], "word.toml: line 3: unknown field `subjct`, expected one of"),
        (
            &["--message", "level.toml"],
            "level.toml: line 4: unknown variant `all`, expected one of",
        ),
        (&["--message", "tile.toml"], "journey: expected both id and tile, or neither"),
        (&["--message", "m.json"], "m.json: missing field `name` at line 1"),
        (
            &["--settings", "s.json"],
            "s.json: expected a known name, found \"authenticated_domain\"",
        ),
        (&["--settings", "s.toml"], "did you mean `lead_scoring`?"),
    ] {
        let ended = prepare(&scratch, args);
        ended.says(2, &[said]);
        assert_eq!(ended.out, "", "{args:?}");
    }
    let help = prepare(&scratch, &["--help"]);
    help.says(0, &[]);
    assert!(help.out.contains("--suppressed FILE"), "{help:?}");
}
