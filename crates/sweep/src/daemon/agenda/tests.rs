//! What the agenda promises.

use super::*;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

fn names(agents: &BTreeSet<AgentId>) -> Vec<&str> {
    agents.iter().map(AgentId::as_str).collect()
}

#[test]
fn a_newer_answer_replaces_the_older_one() {
    let mut agenda = Agenda::default();
    let agent = AgentId::new("s/a");
    agenda.land(&agent, Some(at(1000)), at(0));
    agenda.land(&agent, Some(at(2000)), at(0));
    assert_eq!(agenda.next(), Some(at(2000)));
    assert!(agenda.due(at(1999)).is_empty());
    agenda.land(&agent, None, at(0));
    assert_eq!(agenda.next(), None);
}

#[test]
fn asking_who_is_due_takes_nobody_off() {
    let mut agenda = Agenda::default();
    for name in ["s/b", "s/a"] {
        agenda.land(&AgentId::new(name), Some(at(500)), at(0));
    }
    assert_eq!(names(&agenda.due(at(500))), ["s/a", "s/b"]);
    assert_eq!(names(&agenda.due(at(500))), ["s/a", "s/b"]);
}

#[test]
fn an_answer_that_is_due_already_is_asked_for_again_after_a_breath() {
    let mut agenda = Agenda::default();
    agenda.land(&AgentId::new("s/a"), Some(at(1)), at(1000));
    assert_eq!(agenda.next(), Some(at(1250)));
}

#[test]
fn many_hints_are_one_look_each_second() {
    let mut agenda = Agenda::default();
    let agent = AgentId::new("s/a");
    let settle = Span::from_millis(50);
    agenda.hint(&agent, settle, at(0));
    agenda.hint(&agent, settle, at(10));
    assert_eq!(agenda.next(), Some(at(50)));
    agenda.begin(&agent);
    agenda.hint(&agent, settle, at(60));
    assert_eq!(agenda.next(), None, "its turn is under way");
    assert_eq!(agenda.overtaken(at(110)).collect::<Vec<_>>(), [&agent]);
    agenda.land(&agent, None, at(70));
    assert_eq!(agenda.next(), Some(at(110)), "what was heard meanwhile is looked at");
    agenda.begin(&agent);
    agenda.land(&agent, None, at(120));
    agenda.hint(&agent, settle, at(130));
    assert_eq!(agenda.next(), Some(at(1120)));
    agenda.nudge(&agent, at(131));
    assert_eq!(names(&agenda.due(at(131))), ["s/a"]);
}

#[test]
fn what_a_hint_or_a_limit_says_is_announced() {
    let mut agenda = Agenda::default();
    let [hinted, due, calm] = ["s/a", "s/b", "s/c"].map(AgentId::new);
    agenda.hint(&hinted, Span::from_secs(1), at(0));
    agenda.land(&due, Some(at(300)), at(0));
    agenda.land(&calm, Some(at(301)), at(0));
    let announced = [&hinted, &due, &calm].map(|agent| agenda.announced(agent, at(300)));
    assert_eq!(announced, [true, true, false]);
}

/// Its runtime is down, and its files go on changing.
#[test]
fn a_look_that_could_not_be_made_is_made_again_after_a_while_and_not_at_once() {
    let mut agenda = Agenda::default();
    let agent = AgentId::new("s/a");
    agenda.land(&agent, Some(at(300)), at(0));
    agenda.hint(&agent, Span::ZERO, at(10));
    agenda.put_off(&agent, at(1100));
    agenda.hint(&agent, Span::ZERO, at(1200));
    assert_eq!(agenda.next(), Some(at(6100)));
    assert!(agenda.announced(&agent, at(6100)), "neither its limit nor the hint is forgotten");
    agenda.begin(&agent);
    agenda.land(&agent, Some(at(9000)), at(6200));
    assert_eq!(agenda.next(), Some(at(9000)));
}

#[test]
fn a_clock_that_is_set_back_does_not_make_a_hint_wait() {
    let mut agenda = Agenda::default();
    let agent = AgentId::new("s/a");
    agenda.land(&agent, None, at(3_600_000));
    agenda.hint(&agent, Span::ZERO, at(0));
    assert_eq!(agenda.next(), Some(at(1000)));
}

#[test]
fn whoever_is_not_there_any_more_is_not_waited_for() {
    let mut agenda = Agenda::default();
    let [gone, stays, flies] = ["s/a", "s/b", "s/c"].map(AgentId::new);
    for agent in [&gone, &stays, &flies] {
        agenda.land(agent, Some(at(300)), at(0));
    }
    agenda.begin(&flies);
    agenda.keep(|agent| *agent == stays);
    assert_eq!(names(&agenda.due(at(300))), ["s/b"]);
    assert!(agenda.is_busy(&flies), "a turn that is under way lands");
    agenda.forget(&stays);
    assert_eq!(agenda.next(), None);
}
