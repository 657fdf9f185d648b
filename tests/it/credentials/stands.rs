//! How credentials stand, in words, and one account in many places is one incident.

use std::os::unix::fs::symlink;

use sweepd_credentials::Step;
use sweepd_decide::{Severity, Span};
use sweepd_sweep::Mode;

use super::rig::Rig;

const PLACE: &str = "HERE/root/data/v2-sessions/ag/claude.json: the credential:";

#[tokio::test]
async fn each_time_left_has_its_words_and_what_is_good_has_none() {
    let minutes = Span::from_mins;
    let cases: [(Span, Option<&str>); 6] = [
        (minutes(61), None),
        (minutes(59), Some("Warning {} expires in 59 min")),
        (minutes(9), Some("Warning {} expires in 9 min")),
        (Span::from_millis(1), Some("Warning {} expires in 0 ms")),
        (Span::from_secs(-30), Some("Error {} expired 30 s ago")),
        (minutes(-12), Some("Error {} expired 12 min ago")),
    ];
    for (good_for, words) in cases {
        let rig = Rig::new();
        rig.token(&rig.file("ag"), "a", good_for);
        rig.sweep().await;
        let words = words.map(|words| words.replace("{}", PLACE));
        assert_eq!(rig.words().await, words.into_iter().collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn what_cannot_be_understood_is_said_in_words_and_never_good() {
    let seconds = r#"{"claudeAiOauth":{"expiresAt":1795773540,"accessToken":"PLANTED"}}"#;
    for (content, word, severity) in [
        (seconds, "expired 1 min ago", Severity::Error),
        (r#"{"claudeAiOauth":{"accessToken":"PLANTED"}}"#, "is unknown: ", Severity::Notice),
        ("PLANTED, not JSON", "is unreadable: ", Severity::Error),
        ("", "is unreadable: ", Severity::Error),
    ] {
        let rig = Rig::new();
        let file = rig.file("ag");
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, content).unwrap();
        rig.sweep().await;
        let open = rig.open().await;
        assert_eq!((open.len(), open[0].severity), (1, severity), "{open:?}");
        assert!(open[0].summary.contains(word), "{content}: {open:?}");
        assert!(!format!("{open:?}").contains("PLANTED"), "{open:?}");
    }
}

#[tokio::test]
async fn a_link_is_not_followed() {
    let rig = Rig::new();
    let (file, elsewhere) = (rig.file("ag"), rig.path("elsewhere.json"));
    rig.token(&elsewhere, "a", Span::from_mins(600));
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    symlink(&elsewhere, &file).unwrap();
    rig.sweep().await;
    let words = rig.words().await;
    assert!(words.iter().all(|words| !words.contains("expires")), "{words:?}");
    let told = "is unreadable: it is a symbolic link";
    assert!(words.is_empty() || words[0].contains(told), "{words:?}");
}

#[tokio::test]
async fn one_account_in_twenty_groups_is_told_once_and_names_them() {
    let rig = Rig::new();
    for group in 0..20 {
        rig.token(&rig.file(&format!("ag-{group:02}")), "shared", Span::from_mins(-1));
    }
    rig.token(&rig.file("other"), "own", Span::from_mins(-1));
    rig.sweep().await;
    let open = rig.open().await;
    assert_eq!(open.len(), 2, "{open:?}");
    assert!(open[0].key.ends_with("ag-00/claude.json"), "{}", open[0].key);
    assert!(open[0].summary.ends_with("; 19 other files have the same account"));
    assert_eq!(open[0].evidence["paths"].as_array().unwrap().len(), 20);
    // Somebody logs in again in the first of them.
    rig.token(&rig.file("ag-00"), "shared", Span::from_mins(600));
    rig.sweep().await;
    let open = rig.open().await;
    assert_eq!((open.len(), &open[0].evidence["count"]), (2, &19.into()), "{open:?}");
    assert!(open[0].key.ends_with("ag-00/claude.json"), "it keeps its name: {}", open[0].key);
    let words = &rig.words().await[0];
    assert!(
        words
            .contains("ag-00/claude.json: the credential: good here again; the same account's in "),
        "{words}"
    );
    assert!(words.ends_with("ag-01/claude.json and 18 more expired 1 min ago"), "{words}");
}

#[tokio::test]
async fn files_of_one_account_that_stand_differently_are_told_once_as_the_worst() {
    let rig = Rig::new();
    rig.token(&rig.file("early"), "shared", Span::from_mins(59));
    rig.token(&rig.file("late"), "shared", Span::from_mins(-1));
    rig.sweep().await;
    let open = rig.open().await;
    assert_eq!((open.len(), open[0].severity), (1, Severity::Error), "{open:?}");
    let words = &rig.words().await[0];
    assert!(words.contains("late/claude.json: the credential: expired 1 min ago; one"), "{words}");
    // The worse one is mended.
    rig.token(&rig.file("late"), "shared", Span::from_mins(600));
    rig.sweep().await;
    let after = rig.open().await;
    assert_eq!((after.len(), after[0].severity), (1, Severity::Warning), "{after:?}");
    assert_eq!(after[0].key, open[0].key);
}

#[tokio::test]
async fn another_account_in_the_same_file_is_the_same_incident_while_it_is_no_better() {
    let rig = Rig::new();
    rig.token(&rig.file("ag"), "a", Span::from_mins(-1));
    rig.sweep().await;
    rig.token(&rig.file("ag"), "b", Span::from_mins(-2));
    rig.sweep().await;
    assert_eq!(rig.open().await.len(), 1);
    let opened = rig.events("incident_opened").into_iter();
    assert_eq!(opened.filter(|data| data["kind"] == "credential").count(), 1);
}

#[tokio::test]
async fn it_is_over_once_it_is_good_again_and_gets_worse_without_being_opened_anew() {
    let rig = Rig::new();
    rig.token(&rig.file("ag"), "a", Span::from_mins(30));
    rig.sweep().await;
    rig.clock.advance(Span::from_mins(31));
    rig.sweep().await;
    rig.sweep().await;
    assert_eq!(rig.open().await[0].severity, Severity::Error);
    let told = rig.events("credential_expiring");
    let states: Vec<_> = told.iter().map(|data| data["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["expiring", "expired"]);
    rig.token(&rig.file("ag"), "a", Span::from_mins(600));
    rig.sweep().await;
    assert_eq!(rig.words().await, [""; 0]);
    let opened = rig.events("incident_opened").into_iter();
    let opened = opened.filter(|data| data["kind"] == "credential");
    assert_eq!(opened.count(), 1);
}

#[tokio::test]
async fn what_nobody_watches_any_more_is_no_incident() {
    let rig = Rig::new();
    rig.token(&rig.file("ag"), "a", Span::from_mins(-1));
    rig.sweep().await;
    assert_eq!(rig.open().await.len(), 1);
    rig.sweep_unwatched().await;
    assert_eq!(rig.open().await.len(), 0);
}

#[tokio::test]
async fn where_nothing_may_be_written_nothing_can_renew_it() {
    let mut rig = Rig::new();
    rig.mode = Mode::Observe;
    rig.step = Some(Step::file(rig.path("newer.json")));
    rig.token(&rig.file("ag"), "a", Span::from_mins(30));
    rig.sweep().await;
    assert_eq!(rig.open().await[0].severity, Severity::Warning);
}

#[tokio::test]
async fn where_nobody_could_look_is_said_and_ends_nothing_with_a_recovery() {
    let rig = Rig::new();
    rig.token(&rig.file("ag"), "a", Span::from_mins(600));
    rig.token(&rig.path("elsewhere/claude.json"), "b", Span::from_mins(600));
    let group = rig.file("linked").parent().unwrap().to_owned();
    symlink(rig.path("elsewhere"), &group).unwrap();
    rig.sweep().await;
    let words = rig.words().await;
    assert_eq!(words.len(), 1, "{words:?}");
    let told = "Error HERE/root/data/v2-sessions/linked: the credential: is unreadable: look into ";
    assert!(words[0].starts_with(told), "{words:?}");
    assert!(words[0].contains("write its path out"), "{words:?}");
    std::fs::remove_file(&group).unwrap();
    rig.token(&rig.file("linked"), "b", Span::from_mins(600));
    rig.sweep().await;
    assert_eq!(rig.words().await, [""; 0]);
}

#[tokio::test]
async fn what_was_there_and_is_not_is_missing_until_its_directory_is_gone_too() {
    let rig = Rig::new();
    rig.token(&rig.file("ag"), "a", Span::from_mins(600));
    rig.sweep().await;
    assert_eq!(rig.words().await, [""; 0]);
    std::fs::remove_file(rig.file("ag")).unwrap();
    rig.sweep().await;
    let words = rig.words().await;
    let told = format!("Error {PLACE} is missing: ");
    assert!(words.len() == 1 && words[0].starts_with(&told), "{words:?}");
    std::fs::remove_dir(rig.file("ag").parent().unwrap()).unwrap();
    rig.sweep().await;
    assert_eq!(rig.words().await, [""; 0]);
}

#[tokio::test]
async fn what_is_wrong_stays_so_while_nobody_can_look() {
    let rig = Rig::new();
    rig.token(&rig.file("ag"), "a", Span::from_mins(-1));
    rig.sweep().await;
    // Its directory becomes a link, to one in which it looks good.
    let (group, elsewhere) = (rig.file("ag").parent().unwrap().to_owned(), rig.path("elsewhere"));
    std::fs::rename(&group, &elsewhere).unwrap();
    rig.token(&elsewhere.join("claude.json"), "a", Span::from_mins(600));
    symlink(&elsewhere, &group).unwrap();
    rig.sweep().await;
    let open = rig.open().await;
    let of_file = open.iter().find(|open| open.key.ends_with("ag/claude.json")).unwrap();
    assert_eq!(of_file.severity, Severity::Error, "{open:?}");
    assert_eq!(rig.events("incident_resolved").len(), 0);
}
