//! What Docker says has happened to the containers of this run.

use std::collections::BTreeMap;
use std::process::Stdio;

use serde_json::Value;
use sweepd_decide::Timestamp;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// One event of the engine's.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    pub(crate) at: Timestamp,
    pub(crate) action: String,
    pub(crate) container: String,
    pub(crate) agent: String,
}

/// All of them so far.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    pub(crate) moments: Vec<Moment>,
}

impl Timeline {
    /// The container of an agent that is up, if one is.
    pub(crate) fn up(&self, agent: &str) -> Option<&str> {
        let last = |moment: &&Moment| {
            moment.agent == agent && ["start", "die"].contains(&moment.action.as_str())
        };
        let last = self.moments.iter().rev().find(last)?;
        (last.action == "start").then_some(last.container.as_str())
    }

    /// When an agent was started first after `after`.
    pub(crate) fn started(&self, agent: &str, after: Timestamp) -> Option<Timestamp> {
        let starts = self.of(agent, "start");
        starts.filter(|moment| moment.at > after).map(|moment| moment.at).next()
    }

    /// When a run of an agent ended first after `after`.
    pub(crate) fn died(&self, agent: &str, after: Timestamp) -> Option<Timestamp> {
        let ends = self.of(agent, "die");
        ends.filter(|moment| moment.at > after).map(|moment| moment.at).next()
    }

    /// When a container ended.
    pub(crate) fn end_of(&self, container: &str) -> Option<Timestamp> {
        let end = |one: &&Moment| one.container == container && one.action == "die";
        self.moments.iter().find(end).map(|moment| moment.at)
    }

    /// What was done to an agent's containers, by the name of the action.
    pub(crate) fn of<'a>(
        &'a self,
        agent: &'a str,
        action: &'a str,
    ) -> impl Iterator<Item = &'a Moment> {
        self.moments.iter().filter(move |at| at.agent == agent && at.action == action)
    }

    /// Agents of whom two containers were up at once.
    pub(crate) fn twins(&self) -> Vec<String> {
        let mut up: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut twins = Vec::new();
        for moment in &self.moments {
            let up = up.entry(&moment.agent).or_default();
            match moment.action.as_str() {
                "start" => up.push(&moment.container),
                "die" => up.retain(|container| *container != moment.container),
                _ => {}
            }
            if up.len() > 1 {
                twins.push(format!("{} at {}", moment.agent, moment.at));
            }
        }
        twins
    }
}

/// The engine's events, as they come.
#[derive(Debug)]
pub(crate) struct Follow {
    _child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Follow {
    /// Those of the containers of an image.
    pub(crate) fn of(host: &str, image: &str) -> Self {
        let filter = format!("image={image}");
        let mut docker = Command::new("docker");
        docker.args(["-H", host, "events", "--format", "{{json .}}", "--filter", &filter]);
        docker.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = docker.kill_on_drop(true).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { _child: child, lines }
    }

    /// The next one; never, once the stream has ended.
    ///
    /// # Cancel safety
    /// Safe: a line that was not returned is returned by the next call.
    pub(crate) async fn next(&mut self) -> Moment {
        loop {
            match self.lines.next_line().await {
                Ok(Some(line)) => {
                    if let Some(moment) = moment(&line) {
                        return moment;
                    }
                }
                Ok(None) | Err(_) => std::future::pending().await,
            }
        }
    }
}

fn moment(line: &str) -> Option<Moment> {
    let told: Value = serde_json::from_str(line).ok()?;
    let text = |at: &str| told.pointer(at).and_then(Value::as_str).map(str::to_owned);
    let nanos = told["timeNano"].as_i64()?;
    Some(Moment {
        at: Timestamp::from_millis(nanos / 1_000_000),
        action: text("/Action")?,
        container: text("/Actor/ID")?,
        agent: text("/Actor/Attributes/sweepd.agent")?,
    })
}
