//! `settings_tour` from a shell: what it shows, how it ends.

use std::process::Stdio;

use correspond::settings::Document;

use crate::cli::{Ended, Scratch};

const DAY: &str = "--at=2026-11-22";

fn tour(scratch: &Scratch, args: &[&str]) -> Ended {
    scratch.run("settings_tour", args, b"")
}

#[track_caller]
fn shows(ended: &Ended, parts: &[&str]) {
    // However the lines are broken.
    let out = ended.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in parts {
        assert!(out.contains(part), "{part:?} in {out}");
    }
}

/// What an administrator sees first: the bundled organization, to the letter.
#[test]
fn the_tour_of_the_bundled_organization() {
    let ended = tour(&Scratch::new(), &[DAY]);
    ended.says(0, &[]);
    for line in ended.out.lines() {
        assert!(line.chars().count() <= 100 && line.trim_end() == line, "{line:?}");
    }
    insta::assert_snapshot!("tour", ended.out);
}

/// Every page of the bundled organization has a record, so that the tour shows each.
#[test]
fn the_bundled_organization_fills_every_page() {
    let bundled = include_str!("../../examples/data/organization.json");
    let document = Document::from_json(bundled).unwrap();
    for page in document.pages() {
        assert!(!page.records.is_empty(), "{}", page.name);
    }
}

#[test]
fn the_tour_of_a_page_and_of_the_advice_alone() {
    let scratch = Scratch::new();
    let page = tour(&scratch, &[DAY, "--page", "queues", "--all"]);
    page.says(0, &[]);
    shows(&page, &["Bookings", "All email messages", "None.", "0 errors, 0 warnings, 0 hints"]);
    assert!(!page.out.contains("Lead scoring"), "{}", page.out);
    let advice = tour(&scratch, &[DAY, "--advice"]);
    assert!(advice.out.starts_with("\n\u{2501}\u{2501} Advice"), "{}", advice.out);
}

/// What the settings do not hold is told by options, and raises advice.
#[test]
fn the_tour_takes_facts() {
    let other = r#"{ "schema": 1, "email_settings": { "token_prefixes": ["fl:"] } }"#;
    let scratch = Scratch::with("test.json", other);
    let ended = tour(
        &scratch,
        &[
            DAY,
            "--advice",
            "--beside=test.json",
            "--users=9500",
            "--mails-a-day=500",
            "--open=200",
            "--conversation=30",
            "--colleagues=2",
            "--next-prefix=FJORD:",
        ],
    );
    ended.says(0, &[]);
    shows(
        &ended,
        &[
            "those of test.json too",
            "more than 4 digits",
            "after 2 days, and conversations live 30",
            "2 internal ones are regularly on",
        ],
    );
    // The correlation policy of the bundled organization refuses strangers, who may guess.
    assert!(!ended.out.contains("guesses"), "{}", ended.out);
}

/// Written back and read again, the settings are the same, in both forms.
#[test]
fn the_tour_writes_back_what_it_read() {
    let scratch = Scratch::new();
    let bundled = include_str!("../../examples/data/organization.json");
    let document = Document::from_json(bundled).unwrap();
    let json = tour(&scratch, &["--export", "json"]);
    json.says(0, &[]);
    assert_eq!(Document::from_json(&json.out).unwrap(), document);
    let toml = tour(&scratch, &["--export", "toml"]);
    let scratch = Scratch::with("settings.toml", &toml.out);
    let again = tour(&scratch, &["settings.toml", "--export=json"]);
    assert_eq!(Document::from_json(&again.out).unwrap(), document);
    let shown = scratch.run("settings_tour", &["-"], toml.out.as_bytes());
    shows(&shown, &["standard input", "Read as TOML"]);

    // The bundled export is what the document makes, and comes back as it was.
    let export: serde_json::Value =
        serde_json::from_str(include_str!("../../examples/data/organization_export.json")).unwrap();
    let scratch = Scratch::with("settings.json", bundled);
    for file in [&["settings.json"][..], &[]] {
        let rows = tour(&scratch, &[file, &["--export=dataverse"]].concat());
        assert_eq!(serde_json::from_str::<serde_json::Value>(&rows.out).unwrap(), export);
    }
    let shown = tour(&scratch, &["--all"]);
    shows(&shown, &["Read as an export of the Dataverse Web API", "taken: organization"]);
}

/// A schema of every page, and of all together.
#[test]
fn the_tour_tells_the_schema_of_a_page() {
    let scratch = Scratch::new();
    let title = |args: &[&str]| {
        let ended = tour(&scratch, args);
        ended.says(0, &[]);
        let schema: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
        schema["title"].as_str().unwrap_or_default().to_owned()
    };
    for page in Document::default().pages() {
        assert_eq!(title(&["--schema", page.name]), page.title);
    }
    title(&["--schema"]);
}

#[test]
fn what_the_tour_cannot_use_ends_with_2() {
    let scratch = Scratch::with("bad.json", r#"{ "schema": 1, "lead_scorign": [] }"#);
    for (args, said) in [
        (
            &["bad.json"][..],
            "bad.json: expected a known name, found \"lead_scorign\"; did you mean `lead_scoring`?",
        ),
        (&["none.json"], "none.json: expected settings that can be read, found "),
        (&["a", "b"], "expected one file, found another: b"),
        (&["--page", "email"], "expected a page (lead_scoring, "),
        (&["--export", "xml"], "--export: expected json, toml or dataverse, found \"xml\""),
        (&["--profile", "old"], "--profile: expected documents or current, found \"old\""),
        (&["--at", "today"], "--at: expected a day such as 2026-11-22, found \"today\""),
        (&["--mails-a-day", "0"], "--mails-a-day: expected a number from 1 on, found \"0\""),
        (&["--next-prefix", ""], "--next-prefix: prefix: expected 1 to 20 characters, found 0"),
        (&["--users"], "expected a value behind --users, found the end"),
        (&["--pages"], "expected an option of this program, found --pages"),
    ] {
        tour(&scratch, args).says(2, &[said]);
    }
    let help = tour(&scratch, &["--help"]);
    help.says(0, &[]);
    shows(&help, &["settings_tour [OPTIONS] [FILE]"]);
}

/// A reader who has seen enough is no failure.
#[test]
fn the_tour_ends_quietly_with_its_reader() {
    let scratch = Scratch::new();
    let mut command = scratch.command("settings_tour", &[DAY]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), ended.stderr), (Some(0), Vec::new()));
}
