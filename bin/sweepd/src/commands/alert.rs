//! `sweepd alert`: whether alerts arrive, what waits, and what was given up.

use std::path::Path;

use clap::{Args, Subcommand};
use serde_json::json;
use sweepd_sweep::SystemClock;
use sweepd_sweep::ports::Clock as _;

use crate::commands::{by_hand, load, on_a_runtime};
use crate::config::Surroundings;
use crate::control::Request;
use crate::exit::{Exit, Failure, answer};
use crate::schema;
use crate::table;
use crate::telling::queue::Queue;
use crate::wire::some_state;

/// What about them.
#[derive(Debug, Clone, Args)]
pub(crate) struct Words {
    #[command(subcommand)]
    what: What,
    /// Print one JSON object, schema version 1
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Clone, Subcommand)]
enum What {
    /// Send each sink a message that says that it is a test
    ///
    /// One attempt at each. Exits with 1 if any of them did not arrive.
    Test {
        /// Only this one
        sink: Option<String>,
    },
    /// Show how each sink stands, what waits, and what was given up
    List,
    /// Try alerts again that were given up
    Retry {
        /// The numbers that `sweepd alert list` shows; none: all of them
        #[arg(value_name = "ID")]
        ids: Vec<i64>,
    },
    /// Forget alerts that were given up
    Drop {
        /// The numbers that `sweepd alert list` shows; none: all of them
        #[arg(value_name = "ID")]
        ids: Vec<i64>,
    },
}

/// Does it.
pub(crate) fn run(
    words: &Words,
    file: Option<&Path>,
    around: &Surroundings,
) -> Result<Exit, Failure> {
    let request = match &words.what {
        What::List => return list(words, file, around),
        What::Test { sink } => Request::TestAlerts { sink: sink.clone() },
        What::Retry { ids } => Request::RetryAlerts { ids: ids.clone() },
        What::Drop { ids } => Request::DropAlerts { ids: ids.clone() },
    };
    by_hand::put(&request, words.json, file, around)
}

fn list(words: &Words, file: Option<&Path>, around: &Surroundings) -> Result<Exit, Failure> {
    let config = load(file, around)?.config;
    on_a_runtime(async {
        let now = SystemClock::new().now();
        let state = some_state(&config)?;
        let queue = Queue::read(&state, &config.alerts, now).await;
        let queue = queue.map_err(|error| Failure::new(Exit::Blind, error))?;
        if words.json {
            let mut all = schema::answer(config.mode.into(), false, Vec::new(), &[]);
            all.insert("alerts".to_owned(), queue.json(now));
            answer(&format!("{}\n", json!(all)))?;
        } else {
            answer(&table::alerts(&queue, now))?;
        }
        Ok(if queue.is_well(now) { Exit::Well } else { Exit::Failing })
    })
}
