//! How a row of a queue has changed.

use agent_sim::fixture::Message;
use sweepd_decide::parse_utc;

use super::Line;
use crate::scenario::world::{Change, World};

/// One row's change in one line.
pub(super) fn line(world: &World, (was, is): Change<'_>) -> Line {
    match (was, is) {
        (Some(was), Some(is)) => Line::new(&is.id, "row", differences(was, is)),
        (None, Some(new)) => Line::new(&new.id, "new row", all(world, new)),
        (Some(gone), None) => Line::new(&gone.id, "row", "is gone"),
        (None, None) => Line::more(""),
    }
}

fn differences(was: &Message, is: &Message) -> String {
    let columns = [
        ("status", optional(was.status.as_deref()), optional(is.status.as_deref())),
        ("tries", number(was.tries), number(is.tries)),
        (
            "process_after",
            optional(was.process_after.as_deref()),
            optional(is.process_after.as_deref()),
        ),
        ("recurrence", optional(was.recurrence.as_deref()), optional(is.recurrence.as_deref())),
    ];
    let mut differences: Vec<String> = columns
        .into_iter()
        .filter(|(_, was, is)| was != is)
        .map(|(column, was, is)| format!("{column} {was} -> {is}"))
        .collect();
    let untouched = Message {
        status: was.status.clone(),
        tries: was.tries,
        process_after: was.process_after.clone(),
        recurrence: was.recurrence.clone(),
        ..is.clone()
    };
    if untouched != *was {
        differences.push("and columns that no sweep may change".to_owned());
    }
    differences.join(", ")
}

/// A new row, with the instant it is due also as it stands there.
fn all(world: &World, new: &Message) -> String {
    let after = optional(new.process_after.as_deref());
    let instant = new.process_after.as_deref().and_then(parse_utc);
    let due = instant.map_or_else(
        || after.clone(),
        |at| format!("{} ({})", world.origin.show(at), absolute(&after)),
    );
    let recurrence = optional(new.recurrence.as_deref());
    format!(
        "{} {}, tries {}, series {}, trigger {}, process_after {due}, recurrence {recurrence}",
        new.kind,
        optional(new.status.as_deref()),
        number(new.tries),
        optional(new.series_id.as_deref()),
        new.trigger,
    )
}

/// An instant in a spelling that is not made relative.
fn absolute(text: &str) -> String {
    text.replacen('T', " at ", 1).replace(".000Z", "")
}

fn optional(text: Option<&str>) -> String {
    text.map_or_else(
        || "NULL".to_owned(),
        |text| if text.is_empty() { "''".to_owned() } else { text.to_owned() },
    )
}

fn number(number: Option<i64>) -> String {
    number.map_or_else(|| "NULL".to_owned(), |number| number.to_string())
}
