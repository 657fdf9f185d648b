//! How a container ended that was only just started.

use sweepd_docker::{Client, Inspected};

use crate::redact::{last_words, strike};

/// Lines of its log that are shown.
const LOG_LINES: usize = 20;
const LOG_BYTES: usize = 8 * 1024;

/// Its exit code, and the last words of its log without these `secrets`.
pub(super) async fn ended_at_once(
    client: &Client,
    found: &Inspected,
    secrets: impl Iterator<Item = &str>,
) -> String {
    let log = client.logs_tail(&found.id, LOG_LINES, LOG_BYTES).await;
    let last: Vec<String> =
        log.map(|log| log.lines.into_iter().map(|line| line.text).collect()).unwrap_or_default();
    let code = found.exit_code.map_or_else(|| "?".to_owned(), |code| code.to_string());
    let last = last_words(&strike(&last.join("\n"), secrets));
    format!("it ended at once with exit code {code}: {last}")
}
