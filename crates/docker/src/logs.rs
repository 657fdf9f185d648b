//! The last lines a container wrote, and no more of them than asked for.
//!
//! Nothing is redacted here, and control characters stay: the text is the container's.

use std::collections::VecDeque;

use bollard::container::LogOutput;
use bollard::query_parameters::LogsOptionsBuilder;
use futures_util::TryStreamExt;
use sweepd_decide::Timestamp;

use crate::convert::instant;
use crate::error::Doing;
use crate::{Client, Error, names};

/// The tail of a container's log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Logs {
    /// The lines, oldest first.
    pub lines: Vec<LogLine>,
    /// Whether some of the lines asked for were dropped or cut to stay below the byte limit. The
    /// newest are kept. Lines beyond those asked for do not count.
    pub truncated: bool,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When the engine received it, if it says.
    pub at: Option<Timestamp>,
    /// Where it was written to.
    pub stream: LogStream,
    /// The line without its end. What is not UTF-8 is replaced.
    pub text: String,
}

/// Where a line was written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a process has these")]
pub enum LogStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// A terminal, which does not keep the two apart.
    Terminal,
}

impl Client {
    /// Reads the last `lines` lines of the container with this id or name, from both streams, at
    /// most `max_bytes` of text with its line ends.
    ///
    /// The limit holds while reading: beyond it only the piece being read is in memory, which
    /// engines cut at 16 KiB. A line longer than that comes as several.
    ///
    /// # Errors
    ///
    /// [`Error::Gone`] if there is no such container; [`Error::Refused`] if its log driver cannot
    /// be read; else it could not be asked.
    ///
    /// # Cancel safety
    ///
    /// Dropping it is safe at every await: it only looks.
    pub async fn logs_tail(&self, id: &str, lines: usize, max_bytes: usize) -> Result<Logs, Error> {
        let id = names::reference(id)?;
        let options = LogsOptionsBuilder::default()
            .stdout(true)
            .stderr(true)
            .timestamps(true)
            .tail(&lines.to_string())
            .build();
        let doing = Doing("read the log of container", id);
        let tail = self.verb(doing, self.options().logs, |docker| async move {
            let pieces = docker.logs(id, Some(options));
            pieces
                .try_fold(Tail::new(max_bytes), async |mut tail, piece| {
                    tail.take(&piece);
                    Ok(tail)
                })
                .await
        });
        Ok(tail.await?.into())
    }
}

/// The newest lines that fit.
#[derive(Debug)]
struct Tail {
    max_bytes: usize,
    bytes: usize,
    lines: VecDeque<LogLine>,
    truncated: bool,
}

impl Tail {
    fn new(max_bytes: usize) -> Self {
        Self { max_bytes, bytes: 0, lines: VecDeque::new(), truncated: false }
    }

    fn take(&mut self, piece: &LogOutput) {
        let stream = match piece {
            LogOutput::StdOut { .. } => LogStream::Stdout,
            LogOutput::StdErr { .. } => LogStream::Stderr,
            LogOutput::StdIn { .. } | LogOutput::Console { .. } => LogStream::Terminal,
        };
        for line in String::from_utf8_lossy(piece.as_ref()).lines() {
            self.push(line_of(stream, line));
        }
    }

    fn push(&mut self, mut line: LogLine) {
        let over = cost(&line).saturating_sub(self.max_bytes).min(line.text.len());
        if over > 0 {
            line.text.drain(..line.text.ceil_char_boundary(over));
            self.truncated = true;
        }
        self.bytes += cost(&line);
        self.lines.push_back(line);
        while self.bytes > self.max_bytes {
            let dropped = self.lines.pop_front();
            self.bytes -= dropped.as_ref().map_or(0, cost);
            self.truncated = true;
        }
    }
}

impl From<Tail> for Logs {
    fn from(tail: Tail) -> Self {
        Self { lines: tail.lines.into(), truncated: tail.truncated }
    }
}

/// The bytes of a line, its end included: empty lines are not for nothing.
fn cost(line: &LogLine) -> usize {
    line.text.len() + 1
}

/// Takes the instant off that the engine put before the line.
fn line_of(stream: LogStream, line: &str) -> LogLine {
    let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
    match instant(first) {
        Some(at) => LogLine { at: Some(at), stream, text: rest.to_owned() },
        None => LogLine { at: None, stream, text: line.to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tail(max_bytes: usize, pieces: &[&str]) -> Logs {
        let mut tail = Tail::new(max_bytes);
        for piece in pieces {
            tail.take(&LogOutput::StdOut { message: piece.as_bytes().to_vec().into() });
        }
        tail.into()
    }

    fn texts(logs: &Logs) -> Vec<&str> {
        logs.lines.iter().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn a_line_has_its_instant_its_stream_and_its_text() {
        let mut tail = Tail::new(100);
        let message = b"2026-11-22T10:00:00.007999999Z oh  no\r\n".to_vec().into();
        tail.take(&LogOutput::StdErr { message });
        let expected = LogLine {
            at: Some(Timestamp::from_millis(1_795_341_600_007)),
            stream: LogStream::Stderr,
            text: "oh  no".to_owned(),
        };
        assert_eq!(tail.lines, [expected]);
    }

    #[test]
    fn what_looks_like_no_instant_stays_in_the_text() {
        assert_eq!(texts(&tail(100, &["plain words\n", "x\n"])), ["plain words", "x"]);
        assert_eq!(texts(&tail(100, &["2026-11-22T10:00:00Z \n"])), [""]);
    }

    #[test]
    fn the_newest_lines_are_kept_and_the_loss_is_told() {
        let logs = tail(8, &["aaa\n", "bbb\n", "ccc\n"]);
        assert_eq!((texts(&logs), logs.truncated), (vec!["bbb", "ccc"], true));
        let logs = tail(12, &["aaa\n", "bbb\n", "ccc\n"]);
        assert_eq!((texts(&logs), logs.truncated), (vec!["aaa", "bbb", "ccc"], false));
    }

    #[test]
    fn a_line_over_the_limit_keeps_its_end_and_whole_characters() {
        let logs = tail(5, &["old\n", "xxééé\n"]);
        assert_eq!((texts(&logs), logs.truncated), (vec!["éé"], true));
        let logs = tail(4, &["ééé\n"]);
        assert_eq!((texts(&logs), logs.truncated), (vec!["é"], true));
        assert_eq!(tail(0, &["a\n"]), Logs { lines: Vec::new(), truncated: true });
        assert_eq!(texts(&tail(2, &["\n", "\n", "\n"])), ["", ""]);
    }
}
