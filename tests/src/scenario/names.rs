//! Short names for what sweepd names at length: agents, runs, clones of messages.

use std::collections::BTreeSet;

use sweepd_decide::{MessageId, RunId};

use super::settings::PREFIX;

/// The names given so far. Runs are numbered for each agent: `w1.1`, `w1.2`; a clone has its
/// original's name and a prime: `m1'`.
#[derive(Debug, Default)]
pub(super) struct Names {
    runs: Vec<(String, RunId, String)>,
    messages: BTreeSet<String>,
    clones: Vec<(String, String)>,
}

impl Names {
    /// Names a run, unless it has a name.
    pub(super) fn meet(&mut self, agent: &str, run: &RunId) {
        if self.run(run).is_none() {
            let number = self.runs_of(agent).count() + 1;
            self.runs.push((agent.to_owned(), run.clone(), format!("{agent}.{number}")));
        }
    }

    /// The name of a run.
    pub(super) fn run(&self, run: &RunId) -> Option<&str> {
        self.runs.iter().find(|(_, id, _)| id == run).map(|(_, _, name)| name.as_str())
    }

    /// The runs of an agent, oldest first.
    pub(super) fn runs_of(&self, agent: &str) -> impl Iterator<Item = &RunId> {
        self.runs.iter().filter(move |(whose, _, _)| whose == agent).map(|(_, run, _)| run)
    }

    /// Takes the name of a message; `false` if it is taken.
    pub(super) fn take_message(&mut self, id: &str) -> bool {
        self.messages.insert(id.to_owned())
    }

    /// Names a clone after its original.
    pub(super) fn meet_clone(&mut self, original: &MessageId, clone: &MessageId) {
        if !self.clones.iter().any(|(id, _)| id == clone.as_str()) {
            let name = format!("{}'", self.short(original.as_str()));
            self.clones.push((clone.as_str().to_owned(), name));
        }
    }

    /// The id of a message, which for a clone is not its name.
    pub(super) fn message<'a>(&'a self, name: &'a str) -> &'a str {
        self.clones.iter().find(|(_, short)| short == name).map_or(name, |(id, _)| id)
    }

    /// A text with every long name in it replaced by the short one.
    pub(super) fn short(&self, text: &str) -> String {
        let mut text = text.replace(PREFIX, "");
        for (id, name) in &self.clones {
            text = text.replace(id, name);
        }
        for (_, run, name) in self.runs.iter().rev() {
            text = text.replace(run.as_str(), name);
        }
        text
    }
}
