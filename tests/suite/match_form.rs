//! The example that matches form submissions, from a shell.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::cli::Scratch;

const CONTACTS: &str =
    "id,modified,state,emailaddress1\n1,2026-01-01T00:00:00Z,active,a@x.example\n";

/// Who is updated, in the order of the output.
fn contacts(out: &str) -> Vec<&str> {
    let lines = out.lines().filter_map(|line| line.strip_prefix("    contact "));
    lines.map(|line| line.split(':').next().unwrap()).collect()
}

#[test]
fn the_bundled_submissions_come_to_this() {
    let ended = Scratch::new().run("match_form", &[], b"");
    insta::assert_snapshot!(ended.out);
    // README.md shows the beginning and the end.
    let readme = include_str!("../../README.md");
    let shown = readme.split("--example match_form\n").nth(1).unwrap();
    let shown = shown.split("\n```").next().unwrap();
    for part in shown.split("\n...\n") {
        assert!(ended.out.contains(part), "{part}");
    }
}

#[test]
fn a_second_run_over_the_same_store_changes_nothing() {
    let scratch = Scratch::new();
    let args = ["--summary", "--store", "redb:forms.redb"];
    let ended = scratch.run("match_form", &args, b"");
    assert!(ended.out.contains("  5 contacts created\n"), "{ended:?}");
    let ended = scratch.run("match_form", &args, b"");
    assert_eq!(ended.out, "14 submissions\n      14 delivered before: nothing changed\n");
    // c01 has another telephone number by now, c07 is as it was.
    ended.says(
        0,
        &[
            "contacts.csv: line 2: contact c01 was not written: it is there with other values, and stays",
            "contacts.csv: contacts that are there already, with the same values: ",
        ],
    );
    let (at_c07, c07) = ("contacts.csv: line 8", "contact c07");
    assert!(!format!("{ended:?}").contains(at_c07), "{c07}: {ended:?}");
}

#[test]
fn rows_without_an_id_are_those_of_their_file() {
    let scratch = Scratch::with("jan.csv", "id,emailaddress1\n,a@x.example\n,b@x.example\n")
        .and("feb.csv", "id,emailaddress1\n,a@x.example\n4,d@x.example\n\n3,c@x.example\n")
        // A row was corrected, and one came in; the lines end as on another system.
        .and("more/jan.csv", "id,emailaddress1\r\n,a@x.example\r\n,e@x.example\r\n,f@x.example\r\n")
        .and("c.csv", CONTACTS);
    let run = |file| {
        let args = ["--contacts", "c.csv", "--store", "redb:s", "--submissions", file];
        scratch.run("match_form", &args, b"").out
    };
    let first = run("jan.csv");
    assert!(first.contains("2 submissions\n"), "{first}");
    assert!(!first.contains("delivered before"), "{first}");
    let again = run("jan.csv");
    assert!(again.contains("       2 delivered before: nothing changed\n"), "{again}");
    // The ids 3 and 4 are not those of lines 3 and 4.
    let other = run("feb.csv");
    assert!(!other.contains("delivered before"), "{other}");
    assert!(other.contains("line 5: c@x.example\n"), "{other}");
    let corrected = run("more/jan.csv");
    assert!(corrected.contains("       1 delivered before: nothing changed\n"), "{corrected}");
    assert!(corrected.contains("line 3: e@x.example\n    contact new 1 created"), "{corrected}");
    assert!(corrected.contains("line 4: f@x.example\n    contact new 2 created"), "{corrected}");
}

#[test]
fn lines_are_counted_whatever_ends_them() {
    for end in ["\n", "\r\n", "\r"] {
        let lines = [
            "\u{feff}id,emailaddress1,note",
            "1,a@x.example,\"two",
            "lines\"",
            "",
            "2,b@x.example,x",
            "3,c@x.example,x",
            "xyz,d@x.example,x",
        ];
        let whole = lines.join(end);
        let good = whole.replace("xyz", "4");
        let scratch = Scratch::with("bad.csv", whole).and("good.csv", good);
        let ended = scratch.run("match_form", &["--submissions", "good.csv"], b"");
        for line in ["line 2: a@", "line 5: b@", "line 6: c@", "line 7: d@"] {
            assert!(ended.out.contains(line), "{line} {end:?} {ended:?}");
        }
        let ended = scratch.run("match_form", &["--submissions", "bad.csv"], b"");
        ended.says(2, &["match_form: bad.csv: line 7: id: expected an id"]);
    }
}

#[test]
fn lines_of_json_and_other_strategies() {
    let lines = concat!(
        "\u{feff}",
        r#"{"emailaddress1":"A@x.example","firstname":"Ann","guests:whole":2}"#,
        "\r\n\r\n",
        r#"{"emailaddress1":"a@x.example","firstname":null}"#,
        "\n",
    );
    let scratch = Scratch::with("s.jsonl", lines).and("c.csv", CONTACTS);
    let args = ["--submissions", "s.jsonl", "--contacts", "c.csv", "--update", "only-contacts"];
    let ended = scratch.run("match_form", &args, b"");
    assert!(ended.out.contains("line 1: A@x.example\n    contact 1 updated"), "{ended:?}");
    assert!(ended.out.contains("line 3: a@x.example\n    contact 1 updated"), "{ended:?}");
    assert!(ended.out.contains("lead untouched: the form leaves them alone"), "{ended:?}");
    let args = [&args[..], &["--contacts-by", "emailaddress1,firstname"]].concat();
    let ended = scratch.run("match_form", &args, b"");
    assert!(ended.out.contains("contact new 1 created: no record matches"), "{ended:?}");
    assert!(ended.out.contains("contact new 2 created: a compared value is blank"), "{ended:?}");
}

#[test]
fn records_have_their_names() {
    let guid = "3F2504E0-4F89-11D3-9A0C-0305E82C3301";
    let scratch = Scratch::with("c.csv", format!("id,emailaddress1\n{guid},a@x.example\n")).and(
        "s.csv",
        "emailaddress1,firstname\na@x.example,Ann\nb@x.example,Bob\nc@x.example,Cy\nb@x.example,Rob\n",
    );
    let args = ["--submissions", "s.csv", "--contacts", "c.csv", "--store", "redb:s"];
    let ended = scratch.run("match_form", &args, b"");
    let known = format!("{guid} updated");
    let expected = [&*known, "new 1 created", "new 2 created", "new 1 updated"];
    assert_eq!(contacts(&ended.out), expected, "{ended:?}");
    // Those of an earlier run have their ids, which the store has.
    let ended = scratch.run("match_form", &args, b"");
    let names = contacts(&ended.out);
    assert_eq!(names[0], known, "{ended:?}");
    let id = names[1].strip_suffix(" created").unwrap();
    assert!(id.len() > 20 && id.bytes().all(|octet| octet.is_ascii_hexdigit()), "{ended:?}");
    assert_eq!(names[3], format!("{id} updated"), "{ended:?}");
}

#[test]
fn columns_of_contacts_have_types() {
    let contacts =
        "id,emailaddress1,guests:whole\n1,a@x.example,2\n2,b@x.example,\n1,c@x.example,3\n";
    let scratch = Scratch::with("c.csv", contacts)
        .and("bad.csv", "id,createdon:time\n1,2026-01-01T00:00:00Z\n2,yesterday\n")
        .and("s.csv", "emailaddress1,guests:whole\na@x.example,2\na@x.example,3\n");
    let args = ["--submissions", "s.csv", "--update", "only-contacts", "--contacts"];
    let ended = scratch.run("match_form", &[&args[..], &["c.csv"]].concat(), b"");
    assert!(ended.out.contains("line 2: a@x.example\n    contact 1 unchanged"), "{ended:?}");
    assert!(ended.out.contains("line 3: a@x.example\n    contact 1 updated"), "{ended:?}");
    ended.says(0, &["c.csv: line 4: contact 1 was not written: line 2 has the same id\n"]);
    let ended = scratch.run("match_form", &[&args[..], &["bad.csv"]].concat(), b"");
    let expected = "expected a time as 2026-11-22T09:30:00Z, found \"yesterday\"";
    ended.says(2, &["match_form: bad.csv: line 3: createdon: ", expected]);
}

#[test]
fn a_header_alone_is_a_form() {
    let scratch = Scratch::with("s.csv", "emailaddress1\r\n").and("none.csv", "");
    let ended = scratch.run("match_form", &["--submissions", "s.csv"], b"");
    ended.says(0, &[]);
    assert_eq!(ended.out, "0 submissions\n");
    let ended = scratch.run("match_form", &["--submissions", "none.csv"], b"");
    ended.says(2, &["none.csv: line 1: expected a header, found an empty file"]);
}

#[test]
fn a_row_that_cannot_be_read_holds_up_all_before_anything_is_written() {
    let long = format!("emailaddress1,note\na@x.example,x\nb@x.example,{}\n", "x".repeat(200_000));
    let scratch = Scratch::with("s.csv", long).and("c.csv", CONTACTS);
    let args = ["--submissions", "s.csv", "--contacts", "c.csv", "--store", "redb:s"];
    for args in [&args[..], &[&args[..], &["--import"]].concat()] {
        let ended = scratch.run("match_form", args, b"");
        ended.says(2, &["match_form: s.csv: line 3: submission: expected at most 131072 octets"]);
        assert_eq!(ended.out, "");
    }
    let scratch = scratch.and("s.csv", "emailaddress1,note\na@x.example,x\n");
    let ended = scratch.run("match_form", &args, b"");
    assert!(!ended.out.contains("delivered before"), "{ended:?}");
}

#[test]
fn an_import_comes_to_the_same_and_says_what_failed() {
    let scratch = Scratch::new();
    let args = ["--import", "--store", "redb:s"];
    let ended = scratch.run("match_form", &args, b"");
    let expected = "line 12: failed: new_guests: expected a whole number, found \"many\"\n\
                    line 3: contact c03 of several matches; also matched: c02\n\
                    13 submissions\n\
                    \x20      1 ambiguous: several records matched\n\
                    \x20      5 contacts created\n\
                    \x20      1 contacts unchanged\n\
                    \x20      6 contacts updated\n\
                    \x20      1 failed, kept to be corrected\n\
                    \x20     11 leads created\n\
                    \x20      1 leads updated\n\
                    \x20      1 left out: the same id came before\n";
    assert_eq!(ended.out, expected, "{ended:?}");
    ended.says(0, &["13 of 13 rows\n"]);
    let again = scratch.run("match_form", &args, b"");
    assert_eq!(again.out, expected, "{again:?}");
    again.says(0, &["submissions.csv: 13 of 13 rows were imported by an earlier run\n"]);
    // What was imported is there for whoever delivers it.
    let single = scratch.run("match_form", &["--summary", "--store", "redb:s"], b"");
    assert_eq!(single.out, "14 submissions\n      14 delivered before: nothing changed\n");
    let short = scratch.run("match_form", &["--import", "--summary"], b"");
    assert!(short.out.starts_with("13 submissions\n"), "{short:?}");
}

#[test]
fn an_import_that_was_killed_goes_on() {
    const ROWS: usize = 3_000;
    let rows: String = (0..ROWS).map(|n| format!("p{n}@x.example\n")).collect();
    let scratch =
        Scratch::with("s.csv", "emailaddress1\n".to_owned() + &rows).and("c.csv", CONTACTS);
    let args = ["--import", "--submissions", "s.csv", "--contacts", "c.csv", "--store", "redb:s"];
    let mut child = scratch
        .command("match_form", &args)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::with_capacity(1, child.stderr.take().unwrap());
    let mut line = String::new();
    told.read_line(&mut line).unwrap();
    assert_eq!(line, "500 of 3000 rows\n");
    child.kill().unwrap();
    child.wait().unwrap();
    let ended = scratch.run("match_form", &args, b"");
    ended.says(0, &["s.csv: ", "00 of 3000 rows were imported by an earlier run\n"]);
    let expected = "3000 submissions\n    3000 contacts created\n    3000 leads created\n";
    assert_eq!(ended.out, expected, "{ended:?}");
}

#[test]
fn what_cannot_be_used_is_said() {
    let scratch = Scratch::with("s.csv", "id,emailaddress1\nxyz,a@x.example\n")
        .and("kind.csv", "guests:many\n2\n")
        .and("owner.csv", "emailaddress1,ownerid\na@x.example,1\n")
        .and("twice.csv", "emailaddress1,emailaddress1\na@x.example,b@x.example\n")
        .and("types.csv", "emailaddress1,guests:whole,guests:text\na@x.example,1,2\n")
        .and("id.csv", "id:whole,emailaddress1\n1,a@x.example\n")
        .and("more.csv", "emailaddress1,note\r\na@x.example,x\r\nb@x.example,x,y\r\n")
        .and("octets.csv", b"emailaddress1,lastname\na@x.example,M\xFCller\n")
        .and("octets.jsonl", b"{}\n{\"lastname\":\"M\xFCller\"}\n")
        .and("name.csv", "lastname\nAnn\n")
        .and("array.jsonl", "[\n{}\n]\n")
        .and("cut.jsonl", "{\"emailaddress1\":\"a@x.example\"}\n{\"emailaddress1\"\n")
        .and("twice.jsonl", "{\"emailaddress1\":1,\"emailaddress1\":2}\n")
        .and("types.jsonl", "{\"emailaddress1\":1,\"a:whole\":2}\n{\"a\":2}\n")
        .and("s.json", "[]")
        .and("c.csv", "id,modified\n1,2026-03-01 08:00\n")
        .and("noid.csv", "id,emailaddress1\n1,a@x.example\n,b@x.example\n")
        .and("text", "no store ".repeat(1_000))
        .and("dir.csv/file", "");
    for (args, said) in [
        (&["--store", "disk"][..], "--store: expected memory, redb:FILE or postgres:URL"),
        (&["--update", "all"], "--update: expected contacts-and-leads, only-contacts, only-leads"),
        (&["--contacts-by", "E-Mail"], "match_form: --contacts-by: "),
        (&["--submissions"], "--submissions: expected a value"),
        (&["--submissions", "--summary"], "expected a value, found the option --summary"),
        (&["--submissions", "absent.csv"], "absent.csv: "),
        (&["--submissions", "s.csv"], "line 2: id: expected an id of 1 to 32 hexadecimal digits"),
        (&["--submissions", "kind.csv"], "kind.csv: line 1: column \"guests:many\": "),
        (&["--submissions", "owner.csv"], "expected a column that visitors write, found ownerid"),
        (&["--submissions", "owner.csv"], "owner.csv: line 1: column \"ownerid\": "),
        (&["--submissions", "twice.csv"], "twice.csv: line 1: column \"emailaddress1\": "),
        (&["--submissions", "types.csv"], "expected each column once, found guests twice"),
        (&["--submissions", "id.csv"], "column \"id:whole\": expected id without a type"),
        (
            &["--submissions", "more.csv"],
            "more.csv: line 3: expected 2 fields, as the header has, found 3",
        ),
        (
            &["--submissions", "octets.csv"],
            "octets.csv: line 2: field 2 (lastname): expected UTF-8 text",
        ),
        (&["--submissions", "octets.jsonl"], "octets.jsonl: line 2: expected UTF-8 text"),
        (&["--submissions", "name.csv"], "name.csv: fields: expected one for emailaddress1"),
        (&["--submissions", "array.jsonl"], "line 1: expected a JSON object: "),
        (&["--submissions", "cut.jsonl"], "cut.jsonl: line 2: expected a JSON object: "),
        (&["--submissions", "twice.jsonl"], "expected each column once, found emailaddress1 twice"),
        (
            &["--submissions", "types.jsonl"],
            "types.jsonl: line 2: column \"a\": expected one type, found \"a:whole\" in line 1",
        ),
        (&["--submissions", "s.json"], "s.json: expected a file whose name ends in .csv (with a "),
        (&["--submissions", "dir.csv"], "match_form: dir.csv: "),
        (
            &["--contacts", "c.csv"],
            "c.csv: line 2: modified: expected a time as 2026-11-22T09:30:00Z, found \"2026-03-01 08:00\"",
        ),
        (&["--contacts", "noid.csv"], "noid.csv: line 3: id: expected one, found none"),
        (&["more"], "expected an option, found \"more\""),
    ] {
        scratch.run("match_form", args, b"").says(2, &[said]);
    }
    // What the store says is said once.
    let ended = format!("{:?}", scratch.run("match_form", &["--store", "redb:text"], b""));
    let reason = ended.split("text: ").nth(1).and_then(|said| said.split("\\n").next()).unwrap();
    assert!(!reason.is_empty() && ended.matches(reason).count() == 1, "{ended}");
    // Nor is a store made for a file that cannot be used.
    let args = ["--store", "redb:new", "--submissions", "s.csv"];
    scratch.run("match_form", &args, b"").says(2, &["s.csv: line 2: id: "]);
    let ended = scratch.run("match_form", &["--submissions", "new"], b"");
    ended.says(2, &["match_form: new: "]);
    assert!(!format!("{ended:?}").contains("expected a file whose name"), "{ended:?}");
}
