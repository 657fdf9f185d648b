//! An answer, as data and as text: whoever asked prints one of them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::exit::{Exit, Failure, answer, tell};

/// What came of a question.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// One JSON object, schema version 1.
    pub(crate) json: Value,
    /// The same for people.
    pub(crate) text: String,
    /// What kept sweepd from looking, in plain words.
    pub(crate) trouble: Vec<String>,
    /// The exit code it comes to.
    pub(crate) exit: u8,
}

impl Answer {
    /// Prints it, as JSON or as text.
    pub(crate) fn print(&self, json: bool) -> Result<Exit, Failure> {
        if json {
            answer(&format!("{}\n", self.json))?;
        } else {
            for trouble in &self.trouble {
                tell(&format!("sweepd: {trouble}"));
            }
            answer(&self.text)?;
        }
        Ok(Exit::of_code(self.exit))
    }
}
