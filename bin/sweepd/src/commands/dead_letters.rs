//! `sweepd dead-letters`: messages that were given up, and putting one back.

use std::path::Path;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use sweepd_decide::FindingKind;
use sweepd_sweep::ports::{Incident, State as _};

use crate::commands::{by_hand, load, on_a_runtime};
use crate::config::Surroundings;
use crate::control::Request;
use crate::exit::{Exit, Failure, answer};
use crate::schema;
use crate::table;
use crate::wire::{Purpose, some_state, wire};

/// What about them.
#[derive(Debug, Clone, Args)]
pub(crate) struct Words {
    #[command(subcommand)]
    what: Option<What>,
    /// Print one JSON object, schema version 1
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Clone, Subcommand)]
enum What {
    /// Put a message back into its queue, with no try charged
    Requeue {
        /// The id that `sweepd dead-letters` shows: agent/message
        id: String,
    },
}

/// A message that was given up, and nobody has taken up again.
pub(crate) struct DeadLetter {
    pub(crate) id: String,
    pub(crate) agent: String,
    pub(crate) message: String,
    pub(crate) reason: String,
    pub(crate) since: String,
}

/// Lists them, or puts one back.
pub(crate) fn run(
    words: &Words,
    file: Option<&Path>,
    around: &Surroundings,
) -> Result<Exit, Failure> {
    if let Some(What::Requeue { id }) = &words.what {
        return by_hand::put(&Request::Requeue { id: id.clone() }, words.json, file, around);
    }
    let config = load(file, around)?.config;
    on_a_runtime(async {
        let mode = config.mode.into();
        some_state(&config)?;
        let wired = wire(std::sync::Arc::new(config), Purpose::Glance).await?;
        let open = wired.state.incidents().await.map_err(|e| Failure::new(Exit::Blind, e))?;
        let dead: Vec<DeadLetter> = open.iter().filter_map(dead_letter).collect();
        if words.json {
            let mut all = schema::answer(mode, false, Vec::new(), &[]);
            let shown = dead.iter().map(DeadLetter::json).collect();
            all.insert("dead_letters".to_owned(), Value::Array(shown));
            answer(&format!("{}\n", json!(all)))?;
        } else {
            answer(&table::dead_letters(&dead))?;
        }
        Ok(if dead.is_empty() { Exit::Well } else { Exit::Failing })
    })
}

fn dead_letter(open: &Incident) -> Option<DeadLetter> {
    if open.kind != FindingKind::DeadLetter {
        return None;
    }
    let message = open.evidence.get("message_id")?.as_str()?.to_owned();
    let agent = open.agent.as_ref()?.to_string();
    let reason = open.evidence.get("detail").and_then(Value::as_str).unwrap_or("?").to_owned();
    let since = open.opened_at.to_string();
    Some(DeadLetter { id: format!("{agent}/{message}"), agent, message, reason, since })
}

impl DeadLetter {
    fn json(&self) -> Value {
        let Self { id, agent, message, reason, since } = self;
        json!({ "id": id, "agent": agent, "message_id": message, "reason": reason, "since": since })
    }
}
