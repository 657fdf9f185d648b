//! Do the twenty defects of the original that `docs/defects.md` lists stay away?
//!
//! One test for each row of the page, and one scenario for each test: `defect_0_01_…` plays
//! `tests/scenarios/defects/0-01-….txt`. What a scenario cannot show is shown on the real part by
//! tests of the same number elsewhere.

#![expect(clippy::unwrap_used, reason = "test code")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

mod page;

macro_rules! defects {
    ($($name:ident)*) => {
        /// The tests of this file, in the order of the rows.
        const NAMES: &[&str] = &[$(stringify!($name)),*];
        $(
            #[test]
            fn $name() {
                crate::scenarios::play(&file(stringify!($name)));
            }
        )*
    };
}

defects! {
    defect_0_01_a_hang_after_one_heartbeat_is_seen
    defect_0_02_every_tool_may_declare_its_time
    defect_0_03_a_declared_time_ends
    defect_0_04_a_heartbeat_from_the_future_does_not_last
    defect_0_05_who_never_beats_and_never_claims_is_stopped
    defect_0_06_a_host_that_slept_is_no_silence
    defect_0_07_one_bad_session_starves_nobody
    defect_0_08_a_hot_journal_is_healed_by_its_owner
    defect_0_09_a_fresh_container_does_not_die_of_an_old_claim
    defect_0_10_the_containers_database_is_only_read
    defect_0_11_a_failed_ack_is_no_success
    defect_0_12_an_outage_loses_no_message_in_silence
    defect_0_13_a_try_is_charged_by_one_owner
    defect_0_14_a_time_without_a_zone_is_utc
    defect_0_15_who_has_a_similar_name_is_left_alone
    defect_0_16_what_runs_is_asked_and_not_remembered
    defect_0_17_who_does_not_let_go_holds_up_only_itself
    defect_0_18_what_is_wrong_is_told_once_and_told_when_it_is_over
    defect_0_19_one_cause_has_one_incident_and_no_heart_is_no_alarm
    defect_0_20_agents_that_fail_for_one_cause_are_all_told_with_its_words
}

#[test]
fn every_file_is_played_and_says_which_defect_it_is_about() {
    let files = std::fs::read_dir(directory()).unwrap();
    let files: BTreeSet<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    assert_eq!(files, NAMES.iter().map(|name| file(name)).collect());
    for (row, name) in (1..).zip(NAMES) {
        assert!(name.starts_with(&format!("defect_0_{row:02}_")), "{name} is out of order");
        let text = std::fs::read_to_string(file(name)).unwrap();
        assert!(text.starts_with(&format!("# Defect 0.{row}. ")), "{name}");
        let head: String = text.lines().take_while(|line| line.starts_with('#')).collect();
        assert!(head.contains("docs/rules/"), "{name} names no page of the rules");
    }
}

/// The scenario that a test plays.
fn file(name: &str) -> PathBuf {
    let name = name.trim_start_matches("defect_").replace('_', "-");
    directory().join(format!("{name}.txt"))
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/defects")
}
