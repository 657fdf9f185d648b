//! Tables about incidents and alerts.

use sweepd_decide::Timestamp;
use sweepd_sweep::clean;
use sweepd_sweep::ports::Delivery;

use super::{bare, push, severity};
use crate::telling::clock::{clock, rounded};
use crate::telling::queue::Queue;
use crate::telling::{Told, what};

/// What is wrong, who was told, and why not: two lines each.
///
/// `unread` more are open, and cannot be shown.
pub(crate) fn incidents(all: &[Told], unread: usize, has_sinks: bool, now: Timestamp) -> String {
    let mut page = String::new();
    let mut table = bare(["ID", "SEVERITY", "KIND", "ABOUT", "SINCE", "WHAT, AND WHO WAS TOLD"]);
    for told in all {
        let one = &told.standing;
        let opened = one.incident.opened_at;
        let seen = match &one.end {
            None => clean(&one.incident.summary),
            Some((at, how)) => format!(
                "over {} after {}: {}",
                clock(*at, now),
                rounded(at.since(opened)),
                clean(how)
            ),
        };
        table.add_row([
            one.id.to_string(),
            severity(one.incident.severity).to_owned(),
            one.incident.kind.as_str().to_owned(),
            clean(told.about()),
            match &one.end {
                None => format!("{}\n{}", clock(opened, now), rounded(now.since(opened))),
                Some(_) => clock(opened, now),
            },
            format!("{seen}\n{}", clean(&told.sentence(has_sinks, now))),
        ]);
    }
    if table.row_count() > 0 {
        push(&mut page, &table.to_string());
    } else if unread == 0 {
        push(&mut page, "no incidents");
    }
    if unread > 0 {
        push(
            &mut page,
            &format!("{unread} more are open that only a newer version of sweepd can read"),
        );
    }
    page
}

/// How each sink stands, what waits, and what was given up.
pub(crate) fn alerts(queue: &Queue, now: Timestamp) -> String {
    let mut page = String::new();
    if queue.sinks.is_empty() {
        push(&mut page, "nobody is told: there is no [[sink]] in the configuration");
    } else {
        let mut table = bare(["SINK", "KIND", "WAITING", "STANDS"]);
        for sink in &queue.sinks {
            let stands = clean(&sink.stands(now));
            table.add_row([sink.name.clone(), sink.kind.clone(), sink.waits.to_string(), stands]);
        }
        push(&mut page, &table.to_string());
    }
    if queue.has_stopped() {
        let told = "nothing is sent to a sink that is stopped, until its secret or a setting of it is \
                    another, or `sweepd alert test` gets through";
        push(&mut page, told);
    }
    if !queue.waiting.is_empty() {
        push(&mut page, "\nwaiting:");
        let mut table = bare(["ID", "SINK", "ALERT", "FILED", "TRIES", "NEXT TRY", "LAST WORDS"]);
        for one in &queue.waiting {
            let [id, sink, what, filed, tries, words] = row(one, now);
            table.add_row([id, sink, what, filed, tries, queue.next_try(one, now), words]);
        }
        push(&mut page, &table.to_string());
    }
    if !queue.given_up.is_empty() {
        push(&mut page, "\ngiven up:");
        let mut table = bare(["ID", "SINK", "ALERT", "FILED", "TRIES", "LAST WORDS"]);
        for one in &queue.given_up {
            table.add_row(row(one, now));
        }
        push(&mut page, &table.to_string());
        push(&mut page, "`sweepd alert retry` tries them again, `sweepd alert drop` forgets them");
    }
    page
}

fn row(one: &Delivery, now: Timestamp) -> [String; 6] {
    [
        one.id.to_string(),
        one.sink.clone(),
        clean(&what(one)),
        clock(one.filed_at, now),
        one.tries.to_string(),
        clean(one.remark.as_deref().unwrap_or("-")),
    ]
}
