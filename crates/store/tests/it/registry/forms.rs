//! Texts that stand for many: JSON, lines, command lines.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use rusqlite::params;
use sweepd_store::registry::Entry;

use super::{Owner, texts, two_texts};

/// What a cell comes to.
fn cell(column: &str, text: &str) -> Result<Entry, String> {
    cells(column, &[text]).remove(0)
}

/// What each of some cells comes to.
fn cells(column: &str, all: &[&str]) -> Vec<Result<Entry, String>> {
    let owner = Owner::with(&format!(
        "PRAGMA synchronous = OFF; CREATE TABLE agents (name, enabled, {column})"
    ));
    let conn = owner.open();
    for (at, text) in all.iter().enumerate() {
        let values = params![format!("a{at}"), text];
        conn.execute("INSERT INTO agents VALUES (?1, 1, ?2)", values).unwrap();
    }
    drop(conn);
    let answer = owner.all();
    let known = |at: usize| answer.entries.iter().find(|entry| entry.name == format!("a{at}"));
    let refused = |at: usize| {
        let found = answer.refused.iter().find(|(name, _)| *name == format!("a{at}"));
        found.unwrap().1.split_once(": ").unwrap().1.to_owned()
    };
    (0..all.len()).map(|at| known(at).cloned().ok_or_else(|| refused(at))).collect()
}

fn command(text: &str) -> Result<Vec<String>, String> {
    let entry = cell("command", text)?;
    assert_eq!(cell("entrypoint", text)?.entrypoint, entry.command);
    Ok(entry.command.unwrap())
}

fn env(text: &str) -> Result<Vec<(String, String)>, String> {
    let entry = cell("env", text)?;
    let labels = cell("labels", text)?.labels;
    assert_eq!(labels, entry.env.iter().cloned().collect());
    Ok(entry.env)
}

fn volumes(text: &str) -> Result<Vec<String>, String> {
    cell("volumes", text).map(|entry| entry.volumes)
}

#[test]
fn a_command_is_json_or_split_like_a_shell_does() {
    for (text, words) in [
        (r#"["sleep","infinity"]"#, &["sleep", "infinity"][..]),
        (r#" [ "a b" , "", "\u00e4\n" ] "#, &["a b", "", "ä\n"]),
        ("[]", &[]),
        ("sleep infinity", &["sleep", "infinity"]),
        ("  sleep\t 'a b'\n\"c \\\" d\" e\\ f ''", &["sleep", "a b", "c \" d", "e f", ""]),
        ("sh -c 'a && b | c' # why", &["sh", "-c", "a && b | c"]),
        ("a\r\nb", &["a", "b"]),
        ("echo $HOME *", &["echo", "$HOME", "*"]),
        ("{a}", &["{a}"]),
    ] {
        assert_eq!(command(text), Ok(texts(words)), "{text:?}");
    }
}

#[test]
fn a_command_that_is_not_understood_is_refused() {
    let quote = "has a quote that is not closed, or ends with a backslash";
    for (text, what) in [
        ("sh -c 'a", quote),
        ("a \\", quote),
        ("\"", quote),
        ("# nothing", "holds nothing but a comment"),
        ("[1]", "has an item 1 that is not a text"),
        (r#"["a", null]"#, "has an item 2 that is not a text"),
        (r#"["a", ["b"]]"#, "has an item 2 that is not a text"),
        ("[ -f x ]", "is not JSON at line 1, column 4"),
        (r#"["a"] b"#, "is not JSON at line 1, column 7"),
        (r#"["a",]"#, "is not JSON at line 1, column 6"),
        (r#"["a\u0000"]"#, "holds a NUL in item 1"),
    ] {
        let what = format!("command {what}");
        assert_eq!(command(text), Err(what), "{text:?}");
    }
}

#[test]
fn an_environment_is_an_object_an_array_or_lines() {
    for (text, pairs) in [
        (r#"{"B":"1","A":"x=y"}"#, &[("B", "1"), ("A", "x=y")][..]),
        (
            r#" {"n":1.10,"big":12345678901234567890123,"t":true,"f":false,"e":""}"#,
            &[
                ("n", "1.10"),
                ("big", "12345678901234567890123"),
                ("t", "true"),
                ("f", "false"),
                ("e", ""),
            ],
        ),
        (r#"["B=1","A=x=y","C="]"#, &[("B", "1"), ("A", "x=y"), ("C", "")]),
        ("B=1\n\n # no\n#C=3\r\n  A= x=y \r\nD=", &[("B", "1"), ("A", " x=y "), ("D", "")]),
        ("Q='x'", &[("Q", "'x'")]),
        ("{}", &[]),
        ("[]", &[]),
        ("# nothing", &[]),
    ] {
        assert_eq!(env(text), Ok(two_texts(pairs)), "{text:?}");
    }
}

#[test]
fn an_environment_that_is_not_understood_is_refused_by_place_and_never_by_words() {
    for (text, what) in [
        ("A=1\nsecret", "has no = in line 2"),
        ("=1", "has no key in pair 1"),
        ("A =1", "has a blank or a = in the key of pair 1"),
        ("A=1\nA=1", "has the key of pair 2 twice"),
        (r#"["A=1","A=2"]"#, "has the key of item 2 twice"),
        (r#"["A"]"#, "has no = in item 1"),
        (r#"["A=1",2]"#, "has an item 2 that is not a text"),
        (r#"{"A":1,"B":2,"A":1}"#, "has the key of pair 3 twice"),
        (r#"{"A":null}"#, "has no text, number or boolean in pair 1"),
        (r#"{"A":"","B":{}}"#, "has no text, number or boolean in pair 2"),
        (r#"{"A":[]}"#, "has no text, number or boolean in pair 1"),
        (r#"{"A=B":1}"#, "has a blank or a = in the key of pair 1"),
        (r#"{"A":"a\u0000"}"#, "holds a NUL in pair 1"),
        (r#"{"A\u0000":"a"}"#, "has a blank or a = in the key of pair 1"),
        (r#"{"A":tru}"#, "is not JSON at line 1, column 9"),
        (r#"{"A":"secret"#, "is not JSON at line 1, column 12"),
        (r#"{"A":"1"} x"#, "is not JSON at line 1, column 11"),
        ("{A=1}", "is not JSON at line 1, column 2"),
    ] {
        assert_eq!(env(text), Err(format!("env {what}")), "{text:?}");
    }
}

#[test]
fn deep_nesting_is_refused_and_not_descended_into() {
    for text in [format!("{}1", "[".repeat(60_000)), "{\"a\":".repeat(10_000)] {
        assert!(env(&text).unwrap_err().contains("is not JSON"));
        assert!(command(&format!("[{text}")).unwrap_err().contains("is not JSON"));
    }
}

#[test]
fn volumes_are_an_array_or_lines_and_a_comma_is_part_of_a_path() {
    for (text, all) in [
        ("dev-state:/state", &["dev-state:/state"][..]),
        (" a:/a \r\n\n/b,c:/d:ro,z\n#e:/e", &["a:/a", "/b,c:/d:ro,z", "#e:/e"]),
        (r#"["a:/a"," b:/b"]"#, &["a:/a", " b:/b"]),
        ("[]", &[]),
    ] {
        assert_eq!(volumes(text), Ok(texts(all)), "{text:?}");
    }
    assert_eq!(volumes(r#"["a:/a"," "]"#), Err("volumes has an empty item 2".into()));
    assert_eq!(volumes(r#"{"a":"/a"}"#).unwrap(), [r#"{"a":"/a"}"#], "a line like any other");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(32) })]

    /// Whatever a text cell holds, a row is understood or refused.
    #[test]
    fn no_text_is_too_odd(
        wild in vec(any::<String>(), 4),
        near in vec("[ \n\r\t='\"#\\\\\\[\\]{}:,aB01.$-]{0,24}", 12),
        enabled in any::<String>(),
    ) {
        let all: Vec<&str> = wild.iter().chain(&near).map(String::as_str).collect();
        for column in ["command", "env", "labels", "volumes", "image", "user"] {
            prop_assert_eq!(cells(column, &all).len(), all.len());
        }
        let owner = Owner::with("CREATE TABLE agents (name, enabled)");
        for text in all {
            let values = params![text, enabled];
            owner.open().execute("INSERT INTO agents VALUES (?1, ?2)", values).unwrap();
        }
        let found = owner.all();
        prop_assert!(!found.entries.is_empty() || !found.refused.is_empty());
    }

    /// A command is the same in JSON and in text, whose lines may end as on Windows.
    #[test]
    fn both_forms_of_a_command_agree(words in vec("[^\0\r]{0,12}", 1..6)) {
        let json = serde_json::to_string(&words).unwrap();
        let text = shlex::try_join(words.iter().map(String::as_str)).unwrap();
        prop_assert_eq!(&command(&json).unwrap(), &words);
        prop_assert_eq!(&command(&text).unwrap(), &words);
        prop_assert_eq!(&command(&text.replace('\n', "\r\n")).unwrap(), &words);
    }

    /// An environment is the same as an object, as an array and in lines.
    #[test]
    fn all_forms_of_an_environment_agree(
        pairs in btree_map("[A-Za-z_.][A-Za-z0-9_.-]{0,8}", "[^\0\r\n]{0,12}", 1..6),
    ) {
        let expected: Vec<(String, String)> = pairs.clone().into_iter().collect();
        let lines: Vec<String> = pairs.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let forms = [
            serde_json::to_string(&pairs).unwrap(),
            serde_json::to_string(&lines).unwrap(),
            lines.join("\n"),
            lines.join("\r\n"),
        ];
        for text in forms {
            prop_assert_eq!(env(&text).unwrap(), expected.clone());
        }
    }

    /// Volumes are the same as an array and in lines.
    #[test]
    fn both_forms_of_volumes_agree(volumes_said in vec("[a-z/][^\0\r\n]{0,12}[a-z]", 1..6)) {
        let json = serde_json::to_string(&volumes_said).unwrap();
        prop_assert_eq!(&volumes(&json).unwrap(), &volumes_said);
        prop_assert_eq!(&volumes(&volumes_said.join("\n")).unwrap(), &volumes_said);
    }
}
