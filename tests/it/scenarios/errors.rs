//! What is wrong with a scenario is said with its file, its line, and in words.

use sweepd_tests::scenario::check;

/// The error of a scenario with this text, its directory left out.
async fn error(text: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.txt");
    std::fs::write(&path, text).unwrap();
    let error = check(&path, false).await.expect_err("it comes out as expected").to_string();
    error.replace(&format!("{}/", dir.path().display()), "")
}

#[tokio::test]
async fn what_is_not_understood_is_named_with_file_and_line() {
    for (text, told) in [
        ("agents w1\n+00:00  w2 starts\n----\n", "s.txt:2: \"w2\" is no agent of the header"),
        ("agents w1\n\n+00:00  w1 dances\n----\n", "s.txt:3: nobody \"dances\""),
        ("agents w1\n+0:0  w1 starts\n----\n", "s.txt:2: \"+0:0\" is no time"),
        ("agents w1\n+00:00  w1 starts twice\n----\n", "s.txt:2: \"twice\" is not understood"),
        ("agents w1\npolicy claim 1w\n+00:00  sweep\n----\n", "s.txt:2: policy \"claim\": \"1w\""),
        ("agents w1\nw1 starts\n----\n", "s.txt:2: \"w1\" is no setting"),
        ("agents w1\n+00:00  sweep every 1m\n----\n", "s.txt:2: `every` needs an `until`"),
        ("+00:00  sweep\n----\n", "s.txt: the header names no agents"),
        ("agents w1\n----\n", "s.txt: nothing happens in it"),
        ("agents w1\n+00:00  sweep\n", "s.txt has no line ----"),
    ] {
        let error = error(text).await;
        assert!(error.starts_with(told), "{text}{error}");
    }
}

#[tokio::test]
async fn what_cannot_happen_is_named_with_file_and_line() {
    for (text, told) in [
        ("+00:00  w1 beats", "s.txt:2: w1 does not run"),
        ("+00:00  w1 restarts", "s.txt:2: w1 has never run"),
        ("+00:00  w1 gets m1  +00:01  w1 gets m1", "s.txt:2: there is a message m1 already"),
        ("+00:00  w1 has m1 paused", "s.txt:2: w1 has no message m1"),
        ("+00:00  kill", "s.txt:2: there is nothing to kill"),
        ("+00:00  run", "s.txt: the daemon runs, and the scenario has no `end`"),
        ("+00:00  run\n+00:01  sweep", "s.txt:3: another call is still under way"),
        ("+00:00  suspend 5m\n+01:00  sweep", "s.txt:3: the host is suspended at that time"),
        ("+00:00  amid a look sweep", "s.txt:2: that cannot happen amid a look"),
    ] {
        let error = error(&format!("agents w1\n{text}\n----\n")).await;
        assert!(error.starts_with(told), "{text}\n{error}");
    }
}

#[tokio::test]
async fn what_comes_out_differently_is_shown_line_by_line() {
    let text = "agents w1\n+00:00  sweep\n----\n+00:00  w1        dances\n";
    let shown = error(text).await;
    let begin =
        "s.txt: something else came of it (- expected, + found)\n-+00:00  w1        dances\n";
    assert!(shown.starts_with(begin), "{shown}");
    assert!(shown.contains("\n++00:00  sweep     well\n"), "{shown}");
}
