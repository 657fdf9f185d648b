//! Every scenario of `tests/scenarios` comes out as its lower half says.
//!
//! `UPDATE_SCENARIOS=1` writes the lower halves anew. Then each line has to be compared with the
//! specification by a person: what a scenario expects comes from there, not from the program.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

mod errors;

macro_rules! scenarios {
    ($($name:ident)*) => {
        const NAMES: &[&str] = &[$(stringify!($name)),*];
        $(
            #[test]
            fn $name() {
                let file = stringify!($name).replace('_', "-");
                play(&directory().join(format!("{file}.txt")));
            }
        )*
    };
}

scenarios! {
    a_bad_schedule_is_told_once
    a_boot_death_beside_an_old_claim_is_a_failing_wake
    a_boot_hang_is_stopped
    a_call_is_one_look
    a_call_waits_twenty_seconds_at_most
    a_claim_in_the_future_is_not_idle
    a_clock_that_jumps_ahead_stops_nobody
    a_container_paused_amid_a_look_is_not_stopped
    a_container_started_anew_amid_a_look_is_not_stopped
    a_container_started_anew_is_not_stopped
    a_container_that_dies_young_is_a_failing_wake
    a_crash_after_a_wake_wakes_nobody_twice
    a_crash_around_a_stop_charges_once
    a_crash_between_intent_and_row_loses_nothing
    a_crash_loop_under_one_id_gives_its_message_up
    a_daemon_that_was_held_up_stops_nobody_at_once
    a_dead_letter_is_over_when_it_is_taken_up_again
    a_death_with_two_claims_is_one_death_of_each
    a_declared_budget_is_capped
    a_declared_budget_is_honored
    a_dry_run_writes_nothing
    a_failed_ack_is_a_failure
    a_failure_ages_out
    a_fork_without_its_sweep_is_swept_beside_its_host
    a_fresh_container_is_not_stopped_for_an_old_claim
    a_fresh_container_is_not_stopped_for_an_old_heartbeat
    a_ghost_is_told_and_nothing_is_created
    a_hang_after_one_heartbeat_is_told
    a_heartbeat_breaks_the_confirmation
    a_heartbeat_from_the_future_buys_nothing
    a_host_that_appears_amid_a_look_is_not_crossed
    a_host_that_does_not_sweep_is_told
    a_laptop_that_slept_kills_nobody
    a_locked_database_costs_only_itself
    a_message_changed_amid_a_look_is_left_alone
    a_message_put_off_already_is_left_alone
    a_message_that_kills_its_agent_is_given_up
    a_paused_container_is_held
    a_paused_series_stays_paused
    a_predecessors_death_is_not_its_heirs
    a_running_agent_without_a_database_has_done_nothing_yet
    a_runtime_that_does_not_answer_costs_nobody
    a_runtime_that_goes_down_amid_a_confirmation_stops_nobody
    a_second_call_at_once_only_wakes
    a_series_keeps_its_id_and_trigger
    a_series_runs_once_on_each_day_of_a_clock_change
    a_series_runs_once_when_the_clock_goes_back
    a_session_never_read_is_unknown_at_once
    a_sign_of_life_ends_the_incident
    a_silent_claim_stops_its_agent
    a_slow_agent_has_limits_of_its_own
    a_source_that_shrinks_is_told
    a_stop_that_does_not_work_is_a_zombie
    a_stop_whose_fence_is_not_answered_stays_ours
    a_time_that_cannot_be_read_is_never_due
    a_tool_in_flight_is_not_idle
    a_torn_database_is_healed_by_waking
    a_vanished_container_is_judged_by_its_event
    a_wake_that_is_not_answered_counts_and_waits
    a_zombie_that_is_paused_lets_the_daemon_sleep
    an_agent_stopped_after_its_answer_is_not_charged
    an_agent_that_never_beats_ages_out
    an_answer_or_idleness_ends_the_incident
    an_answered_message_is_completed
    an_end_that_no_event_tells_of_is_an_end
    an_end_that_was_asked_for_is_no_death
    an_end_within_a_restart_is_noticed
    an_heir_gets_a_full_tolerance_not_immortality
    an_idle_agent_is_reaped_quietly
    an_unknown_ack_hides_no_message
    assist_stops_and_does_no_more
    beside_a_live_host_sweepd_assists
    due_work_wakes_its_agent
    each_changed_decision_is_in_the_journal_once
    failing_wakes_back_off
    healthy_work_is_left_alone
    idle_stop_has_its_own_limit
    many_stuck_at_once_are_held_but_for_a_canary
    nulls_count_as_defaults
    observe_plans_only
    one_unreadable_session_costs_only_itself
    orphan_claims_are_charged_once_and_given_up_at_five
    profile_nanoclaw_judges_by_the_original_rules
    silence_can_be_made_to_stop
    sweepd_is_killed_between_confirmations
    the_daemon_observes_on_time_too
    the_daemon_sleeps_while_nothing_changes
    the_daemon_stops_a_zombie_again_when_the_wait_is_over
    the_daemon_stops_and_wakes_on_time
    the_daemon_wakes_again_when_the_wait_is_over
    the_daemons_looks_count_five_seconds_apart
    the_gate_holds_across_restarts_of_the_daemon
    the_hard_cap_ends_even_the_lively
    the_hosts_torn_queue_is_rolled_back_only_when_alone
    the_hosts_zone_changes_nothing
    the_labeled_one_of_two_containers_is_judged
    two_containers_are_not_judged
    waits_between_wakes_end_at_five_minutes
    what_can_never_be_written_is_in_nobodys_way
    what_cannot_be_remembered_is_not_done
    what_could_not_be_judged_is_no_good_look
    what_is_found_beside_a_stop_is_told
    what_is_told_is_measured_from_the_true_start
    what_was_observed_is_enforced_later
    where_everything_looks_dead_the_brake_stays_on
    without_wakes_orphans_are_released_at_once
    work_left_lying_is_told
    work_that_falls_due_ends_an_idle_stop
}

#[test]
fn every_file_is_played() {
    let files: BTreeSet<String> = std::fs::read_dir(directory())
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().replace('-', "_"))
        .collect();
    let played: BTreeSet<String> = NAMES.iter().map(ToString::to_string).collect();
    assert_eq!(files, played);
}

/// Plays the scenario in this file, or writes its lower half anew.
pub(crate) fn play(path: &Path) {
    #[expect(clippy::disallowed_methods, reason = "the switch of a test")]
    let update = std::env::var_os("UPDATE_SCENARIOS").is_some();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let outcome = runtime.block_on(sweepd_tests::scenario::check(path, update));
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}
