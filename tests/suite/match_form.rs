//! The example that matches form submissions, from a shell.

use crate::cli::Scratch;

const CONTACTS: &str =
    "id,modified,state,emailaddress1\n1,2026-01-01T00:00:00Z,active,a@x.example\n";

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
    let first = scratch.run("match_form", &args, b"").out;
    assert!(first.contains("  5 contacts created\n"), "{first}");
    let second = scratch.run("match_form", &args, b"").out;
    assert_eq!(second, "14 submissions\n      14 delivered before: nothing changed\n");
}

#[test]
fn lines_of_json_and_other_strategies() {
    let lines = concat!(
        r#"{"emailaddress1":"A@x.example","firstname":"Ann","guests:whole":2}"#,
        "\n\n",
        r#"{"emailaddress1":"a@x.example","firstname":null}"#,
        "\n",
    );
    let scratch = Scratch::with("s.jsonl", lines).and("c.csv", CONTACTS);
    let args = ["--submissions", "s.jsonl", "--contacts", "c.csv", "--update", "only-contacts"];
    let ended = scratch.run("match_form", &args, b"");
    assert!(ended.out.contains("line 1: A@x.example\n    contact 1 updated"), "{ended:?}");
    assert!(ended.out.contains("line 3: a@x.example\n    contact 1 unchanged"), "{ended:?}");
    assert!(ended.out.contains("lead untouched: the form leaves them alone"), "{ended:?}");
    let args = [&args[..], &["--contacts-by", "emailaddress1,firstname"]].concat();
    let ended = scratch.run("match_form", &args, b"");
    assert!(ended.out.contains("contact created: no record matches"), "{ended:?}");
    assert!(ended.out.contains("contact created: a compared value is blank"), "{ended:?}");
}

#[test]
fn what_cannot_be_used_is_said() {
    let scratch = Scratch::with("s.csv", "id,emailaddress1\nxyz,a@x.example\n")
        .and("kind.csv", "guests:many\n2\n")
        .and("owner.csv", "emailaddress1,ownerid\na@x.example,1\n");
    for (args, said) in [
        (&["--store", "disk"][..], "--store: expected memory, redb:FILE or postgres:URL"),
        (&["--update", "all"], "--update: expected contacts-and-leads, only-contacts, only-leads"),
        (&["--submissions"], "--submissions: expected a value"),
        (&["--submissions", "absent.csv"], "absent.csv: "),
        (&["--submissions", "s.csv"], "line 2: id: expected an id of 1 to 32 hexadecimal digits"),
        (&["--submissions", "kind.csv"], "column \"guests:many\""),
        (&["--submissions", "owner.csv"], "expected a column that visitors write, found ownerid"),
        (&["more"], "expected an option, found \"more\""),
    ] {
        scratch.run("match_form", args, b"").says(2, &[said]);
    }
}
