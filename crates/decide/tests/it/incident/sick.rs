//! When people are told from memory.

use sweepd_decide::incident::{is_due_from_memory, sick};
use sweepd_decide::{Decision, Recheck};

use crate::dice::ms;

#[test]
fn a_state_that_cannot_be_used_for_thirty_seconds_is_told() {
    let told = |since: Option<i64>, now: i64| {
        let Decision { action, evidence, recheck } = sick(since.map(ms), ms(now));
        assert_eq!(evidence, since.map(ms));
        (action, recheck)
    };
    assert_eq!(told(None, 0), (false, Recheck::OnChange));
    assert_eq!(told(Some(5), 5), (false, Recheck::At(ms(30_005))));
    assert_eq!(told(Some(5), 30_004), (false, Recheck::At(ms(30_005))));
    assert_eq!(told(Some(5), 30_005), (true, Recheck::OnChange));
    assert_eq!(told(Some(i64::MAX), i64::MAX), (true, Recheck::OnChange));
    assert_eq!(told(Some(9), 5), (false, Recheck::At(ms(30_009))), "the clock was set back");
}

#[test]
fn a_program_that_ends_tells_once_an_hour() {
    let due = |told: Option<i64>, now: i64| is_due_from_memory(told.map(ms), ms(now));
    assert!(due(None, 0));
    assert!(!due(Some(7), 7));
    assert!(!due(Some(7), 3_600_006));
    assert!(due(Some(7), 3_600_007));
    assert!(due(Some(8), 7), "of an instant that is not yet");
}
