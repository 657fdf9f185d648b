//! `sweepd brake`: whether stops are held because too many agents look stuck, and letting them go.

use std::path::Path;

use clap::{Args, Subcommand};
use serde_json::json;
use sweepd_decide::FindingKind;
use sweepd_sweep::IncidentReport;
use sweepd_sweep::ports::State as _;

use crate::commands::{by_hand, load, on_a_runtime};
use crate::config::Surroundings;
use crate::control::Request;
use crate::exit::{Exit, Failure, answer};
use crate::schema;
use crate::wire::{Purpose, some_state, wire};

/// What about it.
#[derive(Debug, Clone, Args)]
pub(crate) struct Words {
    #[command(subcommand)]
    what: Option<What>,
    /// Print one JSON object, schema version 1
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum What {
    /// Let go whoever is held now: each is stopped at its next look, if that still calls for it
    Release,
}

/// Shows the brake, or releases it.
pub(crate) fn run(
    words: &Words,
    file: Option<&Path>,
    around: &Surroundings,
) -> Result<Exit, Failure> {
    if let Some(What::Release) = words.what {
        return by_hand::put(&Request::ReleaseBrake, words.json, file, around);
    }
    let config = load(file, around)?.config;
    on_a_runtime(async {
        let mode = config.mode.into();
        some_state(&config)?;
        let wired = wire(std::sync::Arc::new(config), Purpose::Glance).await?;
        let open = wired.state.incidents().await.map_err(|e| Failure::new(Exit::Blind, e))?;
        let on = open.iter().find(|open| open.kind == FindingKind::BrakeEngaged);
        if words.json {
            let shown: Vec<IncidentReport> =
                on.iter().map(|open| IncidentReport::from(*open)).collect();
            let all = schema::answer(mode, false, Vec::new(), &shown);
            answer(&format!("{}\n", json!(all)))?;
        } else {
            let text = on.map_or_else(
                || "the brake is off\n".to_owned(),
                |on| format!("on since {}: {}\n", on.opened_at, on.summary),
            );
            answer(&text)?;
        }
        Ok(if on.is_some() { Exit::Failing } else { Exit::Well })
    })
}
