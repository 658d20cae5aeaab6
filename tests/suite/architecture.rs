//! Arrows point one way: nouns <- store <- flow <- adapter.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms by height; a room may use itself and those below.
const ROOMS: [&[&str]; 4] = [
    // Nouns: everything that is not named below.
    &[],
    &["store"],
    &["flow"],
    &["adapter", "conformance"],
];

fn height(room: &str) -> usize {
    ROOMS.iter().position(|rooms| rooms.contains(&room)).unwrap_or(0)
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            found.push(path);
        }
    }
}

/// The rooms that the text of a source file names after `crate::`.
fn used_rooms(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap())
}

fn violations(root: &Path) -> Vec<String> {
    let mut files = Vec::new();
    sources(root, &mut files);
    assert!(files.len() > 10, "found the sources");
    let mut found = Vec::new();
    for file in files {
        let inside = file.strip_prefix(root).unwrap();
        let room = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if matches!(room, "lib" | "guide") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        for used in used_rooms(&text) {
            if height(used) > height(room) {
                found.push(format!("{}: {room} uses {used}", inside.display()));
            }
        }
    }
    found
}

#[test]
fn no_room_uses_one_above_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let found = violations(&root);
    assert!(found.is_empty(), "upward imports:\n{}", found.join("\n"));
}

/// Lists behind `crate::` and paths that climb out by `super` would escape the reading above.
#[test]
fn rooms_are_named_one_by_one() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for hidden in
            ["crate::{", "super::super::store", "super::super::flow", "super::super::adapter"]
        {
            assert!(!text.contains(hidden), "{}: {hidden}", file.display());
        }
    }
}

#[test]
fn an_upward_import_would_be_seen() {
    let seen: Vec<_> =
        used_rooms("use crate::flow::file;\n// crate::adapter\nx(crate::store::Y)").collect();
    assert_eq!(seen, ["flow", "store"]);
    assert!(height("flow") > height("token") && height("store") > height("subject"));
}

#[test]
fn no_file_has_outgrown_its_concept() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let lines = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).count();
        assert!(
            lines <= 500,
            "{}: {lines} lines before its tests; split it by concept",
            file.display()
        );
    }
}
