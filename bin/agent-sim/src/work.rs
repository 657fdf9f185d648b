//! The runner's loop: poll, claim, work, answer, ack; or the misbehavior that was asked for.

use std::future::pending;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use crate::args::Args;
use crate::behave::Behave;
use crate::clock::pause;
use crate::databases::{Databases, Taken};
use crate::misdeed;

/// Runs until it dies by its own behavior, and returns the exit code then.
pub(crate) async fn run(args: &Args) -> Result<u8> {
    if let Behave::ExitAtOnce(code) = args.behave {
        return Ok(code);
    }
    if args.behave == Behave::NeverStart {
        return pending().await;
    }
    let mut agent = Agent { databases: Databases::open(&args.workspace)?, args };
    if args.behave == Behave::Idle {
        agent.beat()?;
        return pending().await;
    }
    if args.behave == Behave::HoldLock {
        let _lock = misdeed::lock(&args.workspace)?;
        return pending().await;
    }
    loop {
        let batch = agent.databases.take(false)?;
        if args.behave == Behave::HotJournal {
            agent.think(args.work_ms).await?;
            match misdeed::die_mid_transaction(&args.workspace)? {}
        }
        if batch.is_empty() {
            pause(args.poll_ms).await;
            continue;
        }
        log(&format!("Processing {} message(s)", batch.len()));
        if args.behave == Behave::HangAfterClaim {
            return pending().await;
        }
        if let Behave::CrashMidMessage(code) = args.behave {
            agent.think(args.work_ms / 2).await?;
            return Ok(code);
        }
        agent.query(&batch).await?;
    }
}

struct Agent<'a> {
    args: &'a Args,
    databases: Databases,
}

impl Agent<'_> {
    /// One query of the model: a result for the batch, and one more for each lot of messages that
    /// came meanwhile. Those are acked when they are pushed, the batch at every result.
    async fn query(&mut self, batch: &[Taken]) -> Result<()> {
        let mut current = batch.to_vec();
        while !current.is_empty() {
            let mut pushed = self.think(self.args.work_ms).await?;
            pushed.extend(self.call_tool().await?);
            if !matches!(self.args.behave, Behave::AckWithoutAnswer | Behave::FailAck) {
                self.databases.answer(&current, &self.args.result)?;
            }
            let failed = self.args.behave == Behave::FailAck;
            self.databases.mark(batch, if failed { "failed" } else { "completed" })?;
            log(&format!("Result: {}", self.args.result));
            current = pushed;
        }
        Ok(())
    }

    /// Works for a while with signs of life, and returns what was pushed into it meanwhile.
    async fn think(&mut self, ms: u64) -> Result<Vec<Taken>> {
        self.beat()?;
        self.pass(ms, None, true).await
    }

    /// Calls the tool, if there is one, in silence: a tool at work is no model event.
    async fn call_tool(&mut self) -> Result<Vec<Taken>> {
        let long = self.args.behave == Behave::LongBash;
        let named = self.args.tool.as_deref();
        let Some(tool) = (if long { named.or(Some("Bash")) } else { named }) else {
            return Ok(Vec::new());
        };
        let (declared, lasts) = if long { (Some(600_000), u64::MAX) } else { (None, 500) };
        self.databases.tool(Some(tool), self.args.declare_ms.or(declared))?;
        self.beat()?;
        let until = self.args.tool_until.as_deref();
        let pushed = self.pass(self.args.tool_ms.unwrap_or(lasts), until, false).await?;
        self.databases.tool(None, None)?;
        self.beat()?;
        Ok(pushed)
    }

    /// Lets time pass, at most until a file appears, with or without signs of life, and polls for
    /// follow-ups meanwhile.
    async fn pass(&mut self, ms: u64, until: Option<&Path>, beating: bool) -> Result<Vec<Taken>> {
        let (mut left, mut to_poll) = (ms, self.args.poll_ms / 2);
        let mut pushed = Vec::new();
        while left > 0 && !until.is_some_and(Path::exists) {
            let step = left.min(self.args.beat_ms.max(1));
            pause(step).await;
            if beating {
                self.beat()?;
            }
            left -= step;
            to_poll = to_poll.saturating_sub(step);
            if to_poll == 0 {
                pushed.extend(self.push()?);
                to_poll = self.args.poll_ms / 2;
            }
        }
        Ok(pushed)
    }

    /// Pushes follow-ups into the running query, which acks them.
    fn push(&mut self) -> Result<Vec<Taken>> {
        let pushed = self.databases.take(true)?;
        if !pushed.is_empty() {
            log(&format!("Pushing {} follow-up message(s) into active query", pushed.len()));
        }
        self.databases.mark(&pushed, "completed")?;
        Ok(pushed)
    }

    fn beat(&self) -> Result<()> {
        let future = self.args.behave == Behave::FutureHeartbeat;
        self.databases.beat(if future { Duration::from_hours(1) } else { Duration::ZERO })
    }
}

/// The runner's log: standard error, as a container's log shows it.
fn log(line: &str) {
    // An agent whose log is gone works on.
    let _unheard = writeln!(std::io::stderr(), "[poll-loop] {line}");
}
