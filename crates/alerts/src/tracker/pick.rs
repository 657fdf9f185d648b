//! Which issue an alert belongs to.
//!
//! * One that is open: the oldest of several; the others are doubles.
//! * One that we closed within 24 h: it is opened again, so that what comes and goes makes one issue.
//! * One that a person closed: it is left alone for a while; afterwards it is opened again if it is
//!   about the same incident, which has not ended since.
//! * Else none: a new one.

use sweepd_decide::{Span, Story, Timestamp};

use super::{Issue, Marker};

/// What is to be done with which issue.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pick<'a> {
    /// It is told there.
    Open { issue: &'a Issue, doubles: Vec<&'a Issue> },
    /// It is opened again.
    Reopen(&'a Issue),
    /// Nothing is done.
    Leave { issue: &'a Issue, until: Timestamp },
    /// A new one is opened.
    New,
}

/// The issue, of all that have the story's marker.
pub(super) fn pick<'a>(ours: &'a [Issue], story: &Story, now: Timestamp, snooze: Span) -> Pick<'a> {
    let mut open: Vec<&Issue> = ours.iter().filter(|issue| issue.open).collect();
    open.sort_by_key(|issue| issue.number);
    if let Some((issue, doubles)) = open.split_first() {
        return Pick::Open { issue, doubles: doubles.to_vec() };
    }
    let closed = |issue: &&Issue| (issue.closed_at(), issue.number);
    let Some(issue) = ours.iter().max_by_key(closed) else { return Pick::New };
    let by_us = Marker::of(&issue.body).is_some_and(|marker| marker.closed.is_some());
    let at = issue.closed_at();
    if by_us {
        return if now.since(at) < REOPEN_WITHIN { Pick::Reopen(issue) } else { Pick::New };
    }
    if now.since(at) < snooze {
        return Pick::Leave { issue, until: at.plus(snooze) };
    }
    if story.opened_at <= at { Pick::Reopen(issue) } else { Pick::New }
}

/// What fails again so soon after we closed its issue is told there.
const REOPEN_WITHIN: Span = Span::from_mins(24 * 60);

#[cfg(test)]
mod tests {
    use sweepd_decide::Moment;

    use super::*;
    use crate::text::sample;

    const NOW: Timestamp = sample::AT;
    const DAY: Span = Span::from_mins(1440);

    fn issue(number: u64, closed: Option<Span>, by_us: bool) -> Issue {
        let closed = closed.map(|ago| NOW.minus(ago));
        let marker =
            Marker { key: "k".into(), alert: "a".into(), closed: closed.filter(|_| by_us) };
        Issue {
            number,
            open: closed.is_none(),
            body: marker.on(""),
            labels: Vec::new(),
            assignees: Vec::new(),
            author: None,
            created: NOW,
            closed,
            pull: false,
        }
    }

    fn told(ours: &[Issue]) -> String {
        let story = sample::story(Moment::Opened, true);
        match pick(ours, &story, NOW, DAY) {
            Pick::Open { issue, doubles } => {
                format!(
                    "open {} {:?}",
                    issue.number,
                    doubles.iter().map(|it| it.number).collect::<Vec<_>>()
                )
            }
            Pick::Reopen(issue) => format!("reopen {}", issue.number),
            Pick::Leave { issue, until } => format!("leave {} {}", issue.number, until.since(NOW)),
            Pick::New => "new".to_owned(),
        }
    }

    #[test]
    fn every_case() {
        let hour = Span::from_mins(60);
        let old = DAY.plus(hour);
        let person = |number, ago| issue(number, Some(ago), false);
        let us = |number, ago| issue(number, Some(ago), true);
        assert_eq!(told(&[]), "new");
        assert_eq!(
            told(&[issue(9, None, false), issue(7, None, false), us(3, hour)]),
            "open 7 [9]"
        );
        assert_eq!(told(&[us(3, hour), us(4, old)]), "reopen 3");
        assert_eq!(told(&[us(4, old)]), "new");
        assert_eq!(told(&[person(5, hour), us(4, old)]), "leave 5 23 h");
        // The incident is younger than that.
        assert_eq!(told(&[person(5, old)]), "new");
        assert_eq!(told(&[person(5, old), us(6, hour)]), "reopen 6");
    }

    #[test]
    fn what_a_person_closed_while_it_lasts_is_opened_again_after_a_while() {
        let ours = [issue(5, Some(DAY.plus(Span::from_mins(1))), false)];
        let mut story = sample::story(Moment::Still, true);
        story.opened_at = NOW.minus(Span::from_mins(3000));
        assert_eq!(pick(&ours, &story, NOW, DAY), Pick::Reopen(&ours[0]));
    }
}
