//! The house rules that a compiler does not know.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use sweepd_decide::{EventKind, FindingKind};

/// No source file is longer.
const LONGEST: usize = 400;

/// Which of our packages may depend on which, at run time.
const EDGES: &[(&str, &[&str])] = &[
    ("sweepd-decide", &[]),
    ("sweepd-alerts", &["sweepd-decide"]),
    ("sweepd-services", &[]),
    ("sweepd-schedule", &["sweepd-decide"]),
    ("sweepd-store", &["sweepd-decide"]),
    ("sweepd-docker", &["sweepd-decide"]),
    ("sweepd-process", &["sweepd-decide"]),
    ("sweepd-credentials", &["sweepd-decide"]),
    ("sweepd-signs", &["sweepd-decide"]),
    (
        "sweepd-sweep",
        &[
            "sweepd-alerts",
            "sweepd-credentials",
            "sweepd-decide",
            "sweepd-docker",
            "sweepd-process",
            "sweepd-schedule",
            "sweepd-signs",
            "sweepd-store",
        ],
    ),
    ("agent-sim", &["sweepd-decide"]),
    (
        "sweepd",
        &[
            "agent-sim",
            "sweepd-alerts",
            "sweepd-credentials",
            "sweepd-decide",
            "sweepd-docker",
            "sweepd-schedule",
            "sweepd-store",
            "sweepd-sweep",
        ],
    ),
    (
        "conformance",
        &["sweepd-decide", "sweepd-schedule", "sweepd-signs", "sweepd-store", "sweepd-sweep"],
    ),
];

/// Which outside libraries only one of our packages may name.
const KEPT_TO_ONE: &[(&str, &[&str])] = &[
    ("axum", &["sweepd-services"]),
    ("bollard", &["sweepd-docker"]),
    ("lettre", &["sweepd-alerts"]),
    ("minijinja", &["sweepd-alerts"]),
    ("reqwest", &["sweepd-alerts"]),
    ("hyper", &["sweepd-docker"]),
    ("croner", &["sweepd-schedule"]),
    ("clap", &["sweepd", "agent-sim", "conformance"]),
];

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn sources() -> Vec<(PathBuf, String)> {
    let words = ["ls-files", "-co", "--exclude-standard", "*.rs"];
    let listed = Command::new("git").args(words).current_dir(top()).output().unwrap();
    let names = String::from_utf8(listed.stdout).unwrap();
    assert!(names.lines().count() > 100, "git lists no sources: {names}");
    let read = |name: &str| Some((name.into(), std::fs::read_to_string(top().join(name)).ok()?));
    names.lines().filter_map(read).collect()
}

fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let args = ["metadata", "--format-version", "1", "--no-deps", "--offline"];
    let out = Command::new(env!("CARGO")).args(args).current_dir(top()).output().unwrap();
    let metadata: Value = serde_json::from_slice(&out.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    packages
        .iter()
        .map(|package| {
            let all = package["dependencies"].as_array().unwrap();
            let normal = all.iter().filter(|dependency| dependency["kind"].is_null());
            (text(&package["name"]), normal.map(|on| text(&on["name"])).collect())
        })
        .collect()
}

#[test]
fn our_packages_depend_on_each_other_only_as_the_table_says() {
    let dependencies = dependencies();
    let ours: BTreeSet<&str> = EDGES.iter().map(|(name, _)| *name).collect();
    for (name, allowed) in EDGES {
        let on = &dependencies[*name];
        let used: Vec<&str> =
            on.iter().map(String::as_str).filter(|on| ours.contains(on)).collect();
        assert_eq!(used, *allowed, "{name}");
    }
    let known: BTreeSet<&str> = ours.iter().copied().chain(["sweepd-tests"]).collect();
    let all: BTreeSet<&str> = dependencies.keys().map(String::as_str).collect();
    assert_eq!(all, known, "a package that the table does not know");
}

#[test]
fn the_core_depends_on_almost_nothing() {
    let on = &dependencies()["sweepd-decide"];
    assert_eq!(on.iter().map(String::as_str).collect::<Vec<_>>(), ["serde", "thiserror"]);
    let lib = std::fs::read_to_string(top().join("crates/decide/src/lib.rs")).unwrap();
    assert!(lib.contains("no_std"));
}

#[test]
fn some_libraries_are_named_by_one_package_only() {
    for (name, on) in dependencies() {
        for (library, allowed) in KEPT_TO_ONE {
            let may = allowed.contains(&name.as_str()) || name == "sweepd-tests";
            assert!(may || !on.contains(*library), "{name} names {library}");
        }
    }
}

#[test]
fn no_source_file_is_longer_than_a_reader_can_bear() {
    for (path, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= LONGEST, "{}: {lines} lines", path.display());
    }
}

#[test]
fn modules_are_files_of_their_name_and_say_what_they_answer() {
    for (path, text) in sources() {
        assert_ne!(path.file_name().unwrap(), "mod.rs", "{}", path.display());
        let start = text.trim_start();
        assert!(start.starts_with("//!"), "{} has no first doc line", path.display());
    }
}

#[test]
fn nothing_is_left_to_be_done_later() {
    let marks = [concat!("to", "do!("), concat!("unimple", "mented!("), concat!("FIX", "ME")];
    for (path, text) in sources() {
        for mark in marks {
            assert!(!text.contains(mark), "{} has {mark}", path.display());
        }
        // The body of a child process that another test of the same file starts by name.
        let ignored = text.matches(concat!("#[igno", "re")).count();
        let started = text.matches(concat!("--ignored", "\"")).count();
        assert!(ignored == 0 || started > 0, "{} has a test that never runs", path.display());
    }
}

#[test]
fn libraries_do_not_print_and_do_not_read_the_environment() {
    let forbidden = [concat!("print", "ln!("), concat!("std::env", "::var")];
    let library = |path: &Path| {
        let path = path.to_string_lossy();
        path.starts_with("crates/") && path.contains("/src/") && !path.contains("test")
    };
    for (path, text) in sources().iter().filter(|(path, _)| library(path)) {
        for word in forbidden {
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            assert!(!code.into_iter().any(|line| line.contains(word)), "{}", path.display());
        }
    }
}

#[test]
fn every_rule_of_the_core_has_its_paragraph() {
    let page = std::fs::read_to_string(top().join("docs/rules/stuck.md")).unwrap();
    let headings = [
        "## Ceiling",
        "## Claim",
        "## In-claim silence",
        "## Start deadline",
        "## Never beat",
        "## Unclaimed",
        "## Hard cap",
    ];
    for heading in headings {
        assert!(page.contains(heading), "{heading}");
    }
    let rules = std::fs::read_dir(top().join("crates/decide/src/stuck/rule")).unwrap();
    let names: BTreeSet<_> = rules.map(|rule| rule.unwrap().file_name()).collect();
    // `life` is what ceiling and never-beat share.
    assert_eq!(names.len(), headings.len() + 1, "{names:?}");
}

#[test]
fn every_kind_of_event_and_finding_has_its_row() {
    let page =
        |name: &str| std::fs::read_to_string(top().join("docs/reference").join(name)).unwrap();
    let events = page("events.md");
    for kind in EventKind::ALL {
        assert!(events.contains(&format!("`{}`", kind.as_str())), "{kind:?}");
    }
    let findings = page("findings.md");
    for kind in FindingKind::ALL {
        let severity = format!("{:?}", kind.severity()).to_lowercase();
        let row = format!("| `{}` | {severity} |", kind.as_str());
        assert!(findings.contains(&row), "{row}");
    }
}

#[test]
fn every_decision_record_is_numbered_and_says_context_choice_consequences() {
    let mut numbers = Vec::new();
    for entry in std::fs::read_dir(top().join("docs/decisions")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        for part in ["**Context.**", "**Choice.**", "**Consequences.**"] {
            assert!(text.contains(part), "{}: {part}", path.display());
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        numbers.push(name[..4].parse::<usize>().unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>());
}
