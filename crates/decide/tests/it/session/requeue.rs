//! A message that was given up is put back because a person asks, and only then.

use sweepd_decide::session::{Queue, Refused, RowEffect, requeue};

use super::{ack, message, queue, secs, told, with};

fn failed(id: &str) -> sweepd_decide::Message {
    with(id, |m| {
        m.state.status = Some("failed".into());
        m.state.tries = Some(5);
        m.state.process_after = Some(secs(90).to_string());
    })
}

fn put_back(rows: &Queue, id: &str) -> Result<Vec<String>, Refused> {
    requeue(rows, &id.into()).map(|effect: RowEffect| told(&[effect]))
}

#[test]
fn the_message_asked_for_is_pending_and_due_at_once_and_no_try_is_charged() {
    let rows = queue(vec![failed("m-1"), failed("m-2"), message("m-3")]);
    assert_eq!(put_back(&rows, "m-2"), Ok(vec!["requeue m-2 pending 0 -".to_owned()]));
}

#[test]
fn what_was_not_given_up_or_is_not_there_stays_as_it_is() {
    let rows = queue(vec![message("m-1"), failed("m-2")]);
    assert_eq!(put_back(&rows, "m-1"), Err(Refused::NotFailed));
    assert_eq!(put_back(&rows, "m-3"), Err(Refused::Unknown));
}

#[test]
fn one_that_its_agent_has_acked_would_fail_again() {
    let mut rows = queue(vec![failed("m-1"), failed("m-2")]);
    rows.acks = vec![ack("m-1", "failed", secs(-30))];
    assert_eq!(put_back(&rows, "m-1"), Err(Refused::Acked));
    assert!(put_back(&rows, "m-2").is_ok(), "the ack is of another");
}

#[test]
fn each_refusal_says_what_is_in_the_way() {
    let words = [Refused::Unknown, Refused::NotFailed, Refused::Acked].map(Refused::as_str);
    assert_eq!(
        words,
        [
            "there is no such message in its queue",
            "it was not given up: its status is not failed",
            "its agent has acked it: send the work anew instead",
        ]
    );
}
