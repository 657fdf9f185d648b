//! What a row says, and when it is refused rather than guessed at.

use sweepd_store::registry::Registry;

use super::{Owner, bare, texts, two_texts};

#[test]
fn every_column_is_read_by_its_name_in_any_case_and_order() {
    let owner = Owner::table(
        "\"Labels\", unknown, VOLUMES, env, entrypoint, command, image, network, user, restart,
         working_dir, ENABLED, Name",
        "('{\"a\":\"b\"}', x'00', 'dev-state:/state', 'B=1', '[\"/init\"]', 'sleep infinity',
          'claude-hooks:latest', 'hooks', '1000:1000', 'unless-stopped', '/srv', 'Yes', 'dev.a_b-1')",
    );
    let mut expected = bare("dev.a_b-1", true);
    expected.image = Some("claude-hooks:latest".into());
    expected.command = Some(texts(&["sleep", "infinity"]));
    expected.entrypoint = Some(texts(&["/init"]));
    expected.env = two_texts(&[("B", "1")]);
    expected.volumes = texts(&["dev-state:/state"]);
    expected.labels = two_texts(&[("a", "b")]).into_iter().collect();
    expected.restart = Some("unless-stopped".into());
    expected.network = Some("hooks".into());
    expected.user = Some("1000:1000".into());
    expected.working_dir = Some("/srv".into());
    assert_eq!(owner.all(), Registry { entries: vec![expected], refused: vec![] });
}

#[test]
fn nothing_and_blanks_are_not_given() {
    for nothing in ["NULL", "''", "' \n '"] {
        let cells = [nothing; 10].join(", ");
        let owner = Owner::table(
            "name, enabled, image, command, entrypoint, env, volumes, labels, restart, network,
             user, working_dir",
            &format!("('a', 1, {cells})"),
        );
        assert_eq!(owner.all().entries, [bare("a", true)], "{nothing:?}");
    }
}

#[test]
fn whether_it_is_enabled_is_said_in_words_or_numbers() {
    let yes = ["1", "2", "-1", "'1'", "'true'", "'TRUE'", "'Yes'", "'on'"];
    let no = ["0", "'0'", "'false'", "'False'", "'NO'", "'oFf'"];
    for (words, expected) in [(&yes[..], true), (&no[..], false)] {
        for word in words {
            let owner = Owner::table("name, enabled", &format!("('a', {word})"));
            assert_eq!(owner.all().entries, [bare("a", expected)], "{word}");
        }
    }
}

#[test]
fn whether_it_is_enabled_is_never_guessed() {
    for (cell, shown) in [
        ("NULL", "NULL"),
        ("''", "\"\""),
        ("'maybe'", "\"maybe\""),
        ("' 1'", "\" 1\""),
        ("'2'", "\"2\""),
        ("'t'", "\"t\""),
        ("1.0", "1.0"),
        ("9e999", "inf"),
        ("x'31'", "a blob of 1 bytes"),
        ("CAST(x'ff' AS TEXT)", "a text that is not UTF-8"),
        ("'a' || char(27, 10) || 'b'", "\"ab\""),
    ] {
        let owner = Owner::table("name, enabled", &format!("('a', {cell})"));
        let why = format!("row 1: enabled is {shown}, neither true nor false");
        assert_eq!(owner.refused(), ("a".to_owned(), why));
    }
}

#[test]
fn what_is_no_name_of_a_container_is_refused() {
    let long = "a".repeat(129);
    for (cell, name) in [
        ("''", ""),
        ("'/a'", "/a"),
        ("'-a'", "-a"),
        ("'.'", "."),
        ("'_a'", "_a"),
        ("'a b'", "a b"),
        ("' a'", " a"),
        ("'a/b'", "a/b"),
        ("'ä'", "ä"),
        ("'a' || char(0)", "a"),
        ("'a' || char(10)", "a"),
        ("NULL", "NULL"),
        ("5", "5"),
        ("x'61'", "a blob of 1 bytes"),
        ("CAST(x'61ff' AS TEXT)", "a text that is not UTF-8"),
        (&format!("'{long}'"), &long),
    ] {
        let owner = Owner::table("name BLOB, enabled", &format!("({cell}, 1)"));
        let (found, why) = owner.refused();
        assert_eq!(found, name, "{cell}");
        assert!(why.starts_with("row 1: name is "), "{why}");
        assert!(why.ends_with(", which is no name of a container"), "{why}");
    }
    let longest = "a".repeat(128);
    let owner = Owner::table("name, enabled", &format!("('{longest}', 1), ('A', 1), ('0.', 1)"));
    assert_eq!(owner.names(), ["0.", "A", &longest]);
}

#[test]
fn rows_that_say_the_same_are_one_and_rows_that_differ_are_not_known() {
    let owner = Owner::table(
        "name, enabled, env, other",
        "('same', 1, 'A=1', 'x'), ('same', 'yes', '{\"A\":\"1\"}', 'y'),
         ('differs', 1, NULL, 'x'), ('differs', 0, NULL, 'x'), ('differs', 1, NULL, 'x'),
         ('half', 1, NULL, 'x'), ('half', NULL, NULL, 'x')",
    );
    let all = owner.all();
    let names: Vec<&str> = all.entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["same"]);
    let expected = two_texts(&[
        ("differs", "row 4: name is that of another row which says otherwise"),
        ("half", "row 7: enabled is NULL, neither true nor false"),
    ]);
    assert_eq!(all.refused, expected);
}

#[test]
fn a_text_has_one_line_and_is_a_text() {
    for (cell, what) in [
        ("5", "is an integer and not a text"),
        ("5.5", "is a real number and not a text"),
        ("x'61'", "is a blob of 1 bytes"),
        ("'a' || char(10)", "holds a control character"),
        ("'a' || char(0) || 'b'", "holds a NUL"),
        ("CAST(x'ff' AS TEXT)", "is a text that is not UTF-8"),
        ("hex(zeroblob(32769))", "is a text of 65538 bytes, at most 65536 are read"),
    ] {
        for column in ["image", "restart", "network", "working_dir"] {
            let owner =
                Owner::table(&format!("name, enabled, {column}"), &format!("('a', 1, {cell})"));
            assert_eq!(owner.refused(), ("a".to_owned(), format!("row 1: {column} {what}")));
        }
    }
}

#[test]
fn a_user_may_be_a_number() {
    let owner = Owner::table("name, enabled, user", "('a', 1, 1000)");
    assert_eq!(owner.all().entries[0].user.as_deref(), Some("1000"));
    let owner = Owner::table("name, enabled, user", "('a', 1, 1000.5)");
    assert_eq!(owner.refused().1, "row 1: user is a real number and not a text");
}

#[test]
fn one_bad_row_does_not_hide_the_others() {
    let owner = Owner::table(
        "name, enabled, command",
        "('a', 1, 'x'), ('b', 0, '\"'), ('c', 0, NULL), ('d', 1, '[1]')",
    );
    let all = owner.all();
    let names: Vec<&str> = all.entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["a", "c"]);
    let expected = two_texts(&[
        ("b", "row 2: command has a quote that is not closed, or ends with a backslash"),
        ("d", "row 4: command has an item 1 that is not a text"),
    ]);
    assert_eq!(all.refused, expected);
}

#[test]
fn an_answer_without_rows_names_nobody() {
    let owner = Owner::with("CREATE TABLE agents (name, enabled)");
    assert_eq!(owner.all(), Registry::default());
}

#[test]
fn no_debug_output_shows_what_is_in_the_environment() {
    let owner = Owner::table(
        "name, enabled, env",
        "('a', 1, 'TOKEN=PLANTED-password'), ('b', 1, 'PLANTED-password'), ('c', 1, '{\"TOKEN\":\"PLANTED-password\"'),
         ('d', 1, '[\"PLANTED-password\"]'), ('e', 1, '{\"T\":[\"PLANTED-password\"]}'),
         ('f', 1, '[\"A=1\", {\"B\":\"PLANTED-password\"}]'), ('g', 1, '{\"a PLANTED-password\":\"1\"}'),
         ('h', 1, 'PLANTED-password=' || char(10) || 'PLANTED-password=1'), ('i', 1, '{\"A\":\"PLANTED-password\"} PLANTED-password')",
    );
    let all = owner.all();
    assert_eq!((all.entries.len(), all.refused.len()), (1, 8));
    assert_eq!(all.entries[0].env, two_texts(&[("TOKEN", "PLANTED-password")]));
    for shown in [format!("{all:?}"), format!("{all:#?}")] {
        assert!(shown.contains("TOKEN") && !shown.contains("PLANTED-password"), "{shown}");
    }
}
