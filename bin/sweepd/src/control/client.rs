//! Asking the daemon that has the state.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;

use super::place::Place;
use super::{Asked, Reply, Request};
use crate::exit::{Exit, Failure};

/// So long a daemon may take to answer: a stop that is under way is waited for, and a slow wake.
const PATIENCE: Duration = Duration::from_mins(2);
/// And so long where it tries every sink, one after the other: each ends within half a minute.
const PATIENCE_WITH_SINKS: Duration = Duration::from_mins(10);
/// And so large its answer may be: ten thousand agents, and room.
const LARGEST: u64 = 64 << 20;

/// Asks. The outer error means that nobody answered; nothing is known then about what was done.
pub(crate) async fn ask(
    state_dir: &Path,
    request: &Request,
) -> anyhow::Result<Result<Asked, Failure>> {
    let patience = match request {
        Request::TestAlerts { .. } => PATIENCE_WITH_SINKS,
        Request::Pass
        | Request::Wake { .. }
        | Request::Stop { .. }
        | Request::Pause { .. }
        | Request::Resume { .. }
        | Request::Requeue { .. }
        | Request::ReleaseBrake
        | Request::Attend { .. }
        | Request::RetryAlerts { .. }
        | Request::DropAlerts { .. } => PATIENCE,
    };
    let reply = tokio::time::timeout(patience, exchange(state_dir, request)).await;
    let minutes = patience.as_secs() / 60;
    let reply = reply.map_err(|_late| anyhow!("it does not answer within {minutes} min"))??;
    Ok(match reply {
        Reply::Answer(answer) => Ok(Asked::Answered(answer)),
        Reply::Again => Ok(Asked::Again),
        Reply::Refused { exit, error, hint } => {
            let failure = Failure::new(Exit::of_code(exit), anyhow!(error));
            Err(match hint {
                Some(hint) => failure.with_hint(hint),
                None => failure,
            })
        }
    })
}

async fn exchange(state_dir: &Path, request: &Request) -> anyhow::Result<Reply> {
    let place = Place::of(state_dir).context("its state-dir cannot be opened")?;
    let stream = UnixStream::connect(place.path()).await;
    let mut stream = stream.context("its socket cannot be reached")?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line).await.context("it hung up")?;
    let mut answer = Vec::new();
    let mut reader = BufReader::new(stream.take(LARGEST));
    reader.read_until(b'\n', &mut answer).await.context("it hung up")?;
    serde_json::from_slice(&answer).context("it ended before it answered")
}
