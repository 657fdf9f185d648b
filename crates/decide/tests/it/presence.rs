//! Which of the listed runs is the agent's?

use sweepd_decide::{Presence, RunId, RunState, Sighting, presence};

fn seen(run: &str, state: RunState, labeled: bool) -> Sighting {
    Sighting { run: RunId::new(run), state, labeled }
}

#[test]
fn nothing_listed_is_missing_and_nothing_up_is_down() {
    assert_eq!(presence(&[]), Presence::Missing);
    for state in [RunState::Created, RunState::Exited, RunState::Dead, RunState::Removing] {
        assert_eq!(presence(&[seen("a", state, true)]), Presence::Down, "{state:?}");
    }
}

#[test]
fn running_restarting_and_paused_are_up() {
    for state in [RunState::Running, RunState::Restarting, RunState::Paused] {
        let one = seen("a", state, false);
        assert_eq!(presence(std::slice::from_ref(&one)), Presence::Up(one), "{state:?}");
    }
}

#[test]
fn a_labeled_run_wins_over_one_that_only_has_the_mount() {
    let ours = seen("b", RunState::Running, true);
    let other = seen("a", RunState::Running, false);
    assert_eq!(presence(&[other.clone(), ours.clone()]), Presence::Up(ours));
    let dead = seen("c", RunState::Exited, true);
    assert_eq!(presence(&[dead, other.clone()]), Presence::Up(other));
}

#[test]
fn two_of_a_kind_are_a_duplicate() {
    for labeled in [true, false] {
        let two = [seen("a", RunState::Running, labeled), seen("b", RunState::Paused, labeled)];
        let runs = vec![RunId::new("a"), RunId::new("b")];
        assert_eq!(presence(&two), Presence::Duplicate(runs));
    }
}
