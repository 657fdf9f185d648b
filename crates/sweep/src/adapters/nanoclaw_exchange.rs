//! What NanoClaw's rows mean to the rule of silence.

use std::collections::BTreeMap;

use sweepd_decide::MessageId;
use sweepd_decide::silent::{Asked, Delivery, Output, Role, Uttered};
use sweepd_store::nanoclaw::{AskedRow, DeliveredRow, Exchange as Rows, OutputRow};

use crate::ports::Exchange;

/// What a delivery that failed is called.
const FAILED: &str = "failed";
/// What is written when nothing is said.
const STATUS: &str = "status";
/// What is said to the host, which delivers it to nobody.
const SYSTEM: &str = "system";

/// From rows to facts. A row whose time cannot be read tells nothing here; whether it is malformed is
/// judged elsewhere.
pub(super) fn facts(rows: Rows) -> Exchange {
    let stamps: BTreeMap<MessageId, _> =
        rows.acks.into_iter().filter_map(|(id, at)| Some((id, at.at()?))).collect();
    let asked = rows.asked.into_iter().filter_map(|row| {
        let acked_at = stamps.get(&row.id).copied();
        let role = role(&row);
        Some(Asked {
            role,
            written_at: row.timestamp.at()?,
            due_at: row.process_after.at(),
            id: row.id,
            kind: row.kind,
            series: row.series,
            tries: row.tries,
            acked_at,
        })
    });
    let asked = asked.collect();
    let is_status = |row: &&OutputRow| row.kind == STATUS;
    let statuses = rows.outputs.iter().filter(is_status).filter_map(|row| row.timestamp.at());
    let statuses = statuses.collect();
    let said = || rows.outputs.iter().filter(|row| row.kind != STATUS);
    let outputs = said()
        .filter_map(|row| Some(Output { at: row.timestamp.at()?, reply_to: row.reply_to.clone() }));
    let outputs = outputs.collect();
    let fates = rows.delivered.as_deref().map(|rows| {
        rows.iter().map(|row| (&row.id, fate(row))).collect::<BTreeMap<&MessageId, Delivery>>()
    });
    // Whether one without a readable id was delivered cannot be looked up.
    let is_told = |row: &&OutputRow| row.kind != SYSTEM && !row.id.as_str().is_empty();
    let uttered = said().filter(is_told).filter_map(|row| {
        let delivery = fates.as_ref().map_or(Delivery::Unknown, |fates| {
            fates.get(&row.id).copied().unwrap_or(Delivery::Pending)
        });
        let (written_at, due_at) = (row.timestamp.at()?, row.deliver_after.at());
        Some(Uttered { id: row.id.clone(), written_at, due_at, delivery })
    });
    let uttered = uttered.collect();
    Exchange { asked, outputs, statuses, uttered, is_cut: rows.is_cut }
}

/// The first that fits.
fn role(row: &AskedRow) -> Role {
    if row.trigger == 0 {
        Role::Context
    } else if row.kind == SYSTEM {
        Role::System
    } else if row.has_script {
        Role::Gated
    } else if row.is_command {
        Role::Command
    } else if row.on_wake == 1 {
        Role::OnWake
    } else {
        Role::Asked
    }
}

fn fate(row: &DeliveredRow) -> Delivery {
    if row.status == FAILED {
        Delivery::Failed
    } else if row.has_platform_id {
        Delivery::Delivered
    } else {
        Delivery::WithoutId
    }
}
