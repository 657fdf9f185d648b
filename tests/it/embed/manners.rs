//! What comes along with the engine, and what its public signatures name.
//!
//! A program that takes the engine alone must get no database, no container client and no file
//! watcher; and none of their types may be in a signature, so that their versions are not ours.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What must not come along, and must not be named.
const NOT_OURS: &[&str] = &["rusqlite", "bollard", "reqwest", "hyper", "notify"];

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The packages that `sweepd-sweep` is built with at run time.
fn built_with(features: &[&str]) -> Vec<String> {
    let words = ["tree", "--offline", "-p", "sweepd-sweep", "-e", "normal", "--prefix", "none"];
    let words = words.iter().chain(features);
    let out = Command::new(env!("CARGO")).args(words).current_dir(top()).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let text = String::from_utf8(out.stdout).unwrap();
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

fn sources(dir: &str) -> Vec<(PathBuf, String)> {
    let words = ["ls-files", "-co", "--exclude-standard", &format!("{dir}/*.rs")];
    let out = Command::new("git").args(words).current_dir(top()).output().unwrap();
    let names = String::from_utf8(out.stdout).unwrap();
    let read = |name: &str| Some((name.into(), std::fs::read_to_string(top().join(name)).ok()?));
    let found: Vec<(PathBuf, String)> = names.lines().filter_map(read).collect();
    assert!(!found.is_empty(), "{dir} has no sources");
    found
}

#[test]
fn the_engine_alone_brings_no_database_no_container_client_and_no_watcher() {
    let alone = built_with(&["--no-default-features"]);
    assert!(alone.iter().any(|name| name == "sweepd-decide"), "{alone:?}");
    for name in NOT_OURS {
        assert!(!alone.iter().any(|with| with == name), "{name} comes along");
    }
    // The question is asked rightly: with its adapters it does bring them.
    let whole = built_with(&["--all-features"]);
    for name in ["rusqlite", "bollard", "notify"] {
        assert!(whole.iter().any(|with| with == name), "{name} does not come along");
    }
}

/// Every public signature: from `pub` to its body, its value, or its end.
fn public(text: &str) -> Vec<String> {
    let begins = |line: &str| line.trim_start().starts_with("pub ");
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (number, _) in lines.iter().enumerate().filter(|(_, line)| begins(line)) {
        let mut signature = String::new();
        for line in lines.iter().skip(number) {
            signature.push_str(line.trim());
            signature.push(' ');
            let open = signature.matches('(').count() > signature.matches(')').count();
            let ends = !open && line.trim_end().ends_with(',');
            if ends || line.contains('{') || line.contains(';') {
                break;
            }
        }
        found.push(signature);
    }
    found
}

/// The names that a file takes from `library`, and the library's own.
fn taken(text: &str, library: &str) -> Vec<String> {
    let mut names = vec![library.to_owned()];
    let code = text.replace('\n', " ");
    for taken in code.split("use ").skip(1) {
        let Some(rest) = taken.split(';').next().and_then(|it| it.strip_prefix(library)) else {
            continue;
        };
        if rest.starts_with("::") {
            let parts = rest.split(['{', '}', ',']).map(str::trim);
            let called = parts.filter_map(|part| part.rsplit([':', ' ']).next());
            let types = called.filter(|name| name.starts_with(char::is_uppercase));
            names.extend(types.map(str::to_owned));
        }
    }
    names
}

/// Asked of the sources, line by line: of the engine's own signatures, and of those of the two
/// packages whose types its adapters take. A type that is only inferred would go unseen.
#[test]
fn no_public_signature_names_a_type_of_a_library_that_is_not_ours() {
    let mut asked = 0;
    for dir in ["crates/sweep/src", "crates/store/src", "crates/docker/src"] {
        for (path, text) in sources(dir) {
            let signatures = public(&text);
            asked += signatures.len();
            for library in NOT_OURS {
                let names = taken(&text, library);
                for signature in &signatures {
                    let mut parts = signature.split(|c: char| !c.is_alphanumeric() && c != '_');
                    let foreign = parts.find(|part| names.iter().any(|name| name == part));
                    assert_eq!(foreign, None, "{}: {signature}", path.display());
                }
            }
        }
    }
    assert!(asked > 500, "{asked} signatures are too few");
    let seen = public("pub fn open(\n    path: Path,\n    conn: Connection,\n) -> Self {\n");
    assert_eq!(seen, ["pub fn open( path: Path, conn: Connection, ) -> Self { "]);
    let names = taken(
        "use rusqlite::{\n    Connection,\n    types::Value,\n    Error as Its,\n};",
        "rusqlite",
    );
    assert_eq!(names, ["rusqlite", "Connection", "Value", "Its"]);
}

/// These tests are a stranger's: they name nothing else of ours, and nothing made for tests.
#[test]
fn a_stranger_needs_nothing_but_the_two_packages() {
    let allowed =
        ["std::", "sweepd_decide::", "sweepd_sweep::", "tokio::", "serde_json::", "super::"];
    for (path, text) in sources("tests/it/embed") {
        for used in text.lines().filter_map(|line| line.strip_prefix("use ")) {
            let fine = allowed.iter().any(|name| used.starts_with(name));
            assert!(fine && !used.contains("::sim"), "{}: {used}", path.display());
        }
    }
}
