//! What a Docker container is made of, and what marks the next one as ours.

use std::collections::BTreeMap;

use sweepd_decide::{AgentId, RunId};
use sweepd_docker::{Blueprint, Client, labels};

use super::docker::port;
use crate::fingerprint::fingerprint;
use crate::ports::{Learned, PortError};

/// Learns it while it is there.
pub(super) async fn learned(client: &Client, run: &RunId) -> Result<Learned, PortError> {
    let doing = || format!("engine at {}", client.host());
    let mut learned = client.learn(run.as_str()).await.map_err(|error| port(&doing(), error))?;
    // What sweepd puts on it itself is put on the next one too.
    for own in [labels::INSTALL, labels::AGENT, labels::SPEC] {
        learned.labels.remove(own);
    }
    let project = learned.compose_project().map(str::to_owned);
    let spec =
        serde_json::to_value(&learned).map_err(|error| PortError::refused(doing(), error))?;
    Ok(Learned { spec, project })
}

/// The labels that make a container ours, of an agent, and of this spec.
pub(super) fn mark(
    blueprint: &Blueprint,
    install: &str,
    agent: &AgentId,
) -> BTreeMap<String, String> {
    // A map with text for keys, which nothing can be wrong with.
    let text = serde_json::to_string(blueprint).unwrap_or_default();
    BTreeMap::from([
        (labels::INSTALL.to_owned(), install.to_owned()),
        (labels::AGENT.to_owned(), agent.to_string()),
        (labels::SPEC.to_owned(), format!("{:016x}", fingerprint(text.bytes()))),
    ])
}
