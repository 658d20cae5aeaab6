//! The fuzz targets' properties, replayed over their seeds and every input that once broke one.

#[path = "../../fuzz/src/properties/mod.rs"]
mod checked;

use std::fs;
use std::path::Path;

fn replay(target: &str, property: fn(&[u8])) {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let mut inputs = 0;
    for kind in ["seeds", "regressions"] {
        let Ok(dir) = fs::read_dir(fuzz.join(kind).join(target)) else { continue };
        for entry in dir {
            let path = entry.unwrap().path();
            eprintln!("{}", path.display());
            property(&fs::read(&path).unwrap());
            inputs += 1;
        }
    }
    assert!(inputs > 0, "{target} has no seed");
}

#[test]
fn address() {
    replay("address", checked::address::address);
}

#[test]
fn dataverse_import() {
    replay("dataverse_import", checked::dataverse::dataverse);
}

#[test]
fn raw_message() {
    replay("raw_message", checked::message::raw_message);
}

#[test]
fn recipient_lines() {
    replay("recipient_lines", checked::recipients::recipient_lines);
}

#[test]
fn references() {
    replay("references", checked::message::references);
}

#[test]
fn sas_url() {
    replay("sas_url", checked::sas_url::sas_url);
}

#[test]
fn sender() {
    replay("sender", checked::sender::sender);
}

#[test]
fn settings_document() {
    replay("settings_document", checked::settings::document);
}

#[test]
fn subject() {
    replay("subject", checked::subject::subject);
}

#[test]
fn thread_index() {
    replay("thread_index", checked::message::thread_index);
}

#[test]
fn token_scan() {
    replay("token_scan", checked::token::token_scan);
}
