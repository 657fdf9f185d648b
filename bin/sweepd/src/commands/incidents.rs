//! `sweepd incidents`: what is wrong, who was told, and if nobody was, why not; and what a person
//! wants about it.

use std::path::Path;

use anyhow::anyhow;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use sweepd_decide::{Span, Timestamp};
use sweepd_sweep::SystemClock;
use sweepd_sweep::ports::{Clock as _, PortError};

use crate::commands::{by_hand, load, on_a_runtime};
use crate::config::{Config, Surroundings, duration, instant, no_instant};
use crate::control::{Request, Wish};
use crate::exit::{Exit, Failure, answer};
use crate::schema;
use crate::table;
use crate::telling::{self, Told};
use crate::wire::some_state;

/// How far back ended incidents are shown, unless somebody says.
const SINCE: Span = Span::from_mins(24 * 60);

/// What about them.
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Words {
    #[command(subcommand)]
    what: Option<What>,
    /// Show those that are over as well
    #[arg(long)]
    all: bool,
    /// How far back those that are over are shown, e.g. 2h; 24h unless set; implies --all
    #[arg(long, value_name = "SPAN")]
    since: Option<String>,
    /// Print one JSON object, schema version 1
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Subcommand)]
enum What {
    /// Say that you know: nobody is told again, unless it gets worse, and of its end
    Ack(Which),
    /// Say that nobody wants to hear of it for a while
    Snooze {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        end: End,
    },
    /// Take a snooze back
    Unsnooze(Which),
    /// Close it; it opens again if it is seen again
    Resolve {
        #[command(flatten)]
        which: Which,
        /// Of silence: the series of its messages may be silent from now on
        #[arg(long)]
        expected: bool,
    },
}

/// Which incidents.
#[derive(Debug, Clone, Args)]
struct Which {
    /// The number that `sweepd incidents` shows, or the whole key
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// Print one JSON object, schema version 1
    #[arg(long)]
    json: bool,
}

/// Until when.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
struct End {
    /// For so long, e.g. 2h
    #[arg(long = "for", value_name = "SPAN")]
    span: Option<String>,
    /// Until then, e.g. 2026-12-24T18:00:00+01:00
    #[arg(long, value_name = "INSTANT")]
    until: Option<String>,
}

/// Lists them, or does what somebody wants about some.
pub(crate) fn run(
    words: &Words,
    file: Option<&Path>,
    around: &Surroundings,
) -> Result<Exit, Failure> {
    let now = SystemClock::new().now();
    match &words.what {
        None => list(words, file, around, now),
        Some(What::Ack(which)) => attend(Wish::Ack, None, which, file, around),
        Some(What::Snooze { which, end }) => {
            attend(Wish::Snooze, Some(end.at(now)?), which, file, around)
        }
        Some(What::Unsnooze(which)) => attend(Wish::Unsnooze, None, which, file, around),
        Some(What::Resolve { which, expected }) => {
            let wish = if *expected { Wish::Expect } else { Wish::Resolve };
            attend(wish, None, which, file, around)
        }
    }
}

fn list(
    words: &Words,
    file: Option<&Path>,
    around: &Surroundings,
    now: Timestamp,
) -> Result<Exit, Failure> {
    let since = words.since.as_deref().map(|text| span("--since", text)).transpose()?;
    let ended = words.all || since.is_some();
    let config = load(file, around)?.config;
    let since = if ended { now.minus(since.unwrap_or(SINCE)) } else { Timestamp::MAX };
    on_a_runtime(async {
        let state = some_state(&config)?;
        let told = telling::read(&state, since).await.map_err(blind)?;
        let open = state.open_incidents().await.map_err(blind)?;
        let read = told.iter().filter(|one| one.is_open()).count();
        let unread = usize::try_from(open).unwrap_or(usize::MAX).saturating_sub(read);
        let has_sinks = !config.alerts.sinks.is_empty();
        if words.json {
            let shown = |open: bool| -> Vec<Value> {
                let those = told.iter().filter(|one| one.is_open() == open);
                those.map(|one| one.json(has_sinks, now)).collect()
            };
            let mut all = schema::answer(config.mode.into(), false, Vec::new(), &[]);
            all.insert("incidents".to_owned(), Value::Array(shown(true)));
            if ended {
                all.insert("ended".to_owned(), Value::Array(shown(false)));
            }
            all.insert("unread".to_owned(), json!(unread));
            answer(&format!("{}\n", json!(all)))?;
        } else {
            answer(&table::incidents(&told, unread, has_sinks, now))?;
        }
        let failing = unread > 0 || told.iter().any(Told::is_failing);
        Ok(if failing { Exit::Failing } else { Exit::Well })
    })
}

fn attend(
    wish: Wish,
    until: Option<Timestamp>,
    which: &Which,
    file: Option<&Path>,
    around: &Surroundings,
) -> Result<Exit, Failure> {
    let config = load(file, around)?.config;
    let mut ids = Vec::new();
    on_a_runtime(async {
        ids = numbers(&config, &which.ids).await?;
        Ok(Exit::Well)
    })?;
    let request = Request::Attend { wish, incidents: ids, until };
    by_hand::put(&request, which.json, file, around)
}

/// The numbers of those that are named; all of them are open.
async fn numbers(config: &Config, names: &[String]) -> Result<Vec<i64>, Failure> {
    let state = some_state(config)?;
    let told = telling::read(&state, Timestamp::from_millis(0)).await.map_err(blind)?;
    let mut numbers = Vec::new();
    for name in names {
        let number: Option<i64> = name.strip_prefix('#').unwrap_or(name).parse().ok();
        let fits = |one: &&Told| match number {
            Some(number) => one.standing.id == number,
            None => one.standing.incident.key == *name,
        };
        let mut those = told.iter().filter(fits);
        let open = those.clone().find(|one| one.is_open());
        let failure = match (open, those.next_back().and_then(|one| one.standing.end.as_ref())) {
            (Some(open), _) => {
                numbers.push(open.standing.id);
                continue;
            }
            (None, Some((at, how))) => {
                Failure::new(Exit::Usage, anyhow!("incident {name} is over since {at}: {how}"))
            }
            (None, None) => {
                Failure::new(Exit::Usage, anyhow!("there is no open incident {name:?}"))
            }
        };
        return Err(failure.with_hint("`sweepd incidents` lists those that are open"));
    }
    Ok(numbers)
}

fn blind(error: PortError) -> Failure {
    Failure::new(Exit::Blind, error)
}

impl End {
    fn at(&self, now: Timestamp) -> Result<Timestamp, Failure> {
        let usage = |told: String| Failure::new(Exit::Usage, anyhow!(told));
        let until = match (&self.span, &self.until) {
            (Some(text), _) => now.plus(span("--for", text)?),
            (None, text) => {
                let text = text.as_deref().unwrap_or_default();
                instant(text).ok_or_else(|| usage(format!("--until: {}", no_instant(text))))?
            }
        };
        if until <= now {
            return Err(usage("the end of the snooze is not ahead".to_owned()));
        }
        Ok(until)
    }
}

fn span(option: &str, text: &str) -> Result<Span, Failure> {
    duration::parse(text).map_err(|error| Failure::new(Exit::Usage, anyhow!("{option}: {error}")))
}
