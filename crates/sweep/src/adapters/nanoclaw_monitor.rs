//! NanoClaw's health monitor: a group of its own in an installation.

use std::sync::Arc;

use sweepd_decide::MessageId;
use sweepd_store::Retry;
use sweepd_store::nanoclaw::{
    self, InvestigationTask, MonitorChannel, MonitorError, MonitorPlan, Root,
};

use crate::ports::{Clock, Doing, Monitor, PortError, Question};

/// The monitor of one installation.
pub struct NanoclawMonitor {
    root: Arc<Root>,
    clock: Arc<dyn Clock>,
    channel: Option<MonitorChannel>,
}

impl NanoclawMonitor {
    /// The monitor below a root, which reports to a guild's channel, if there is one.
    pub fn new(root: Arc<Root>, clock: Arc<dyn Clock>, channel: Option<(String, String)>) -> Self {
        let channel = channel.map(|(guild_id, channel_id)| MonitorChannel { guild_id, channel_id });
        Self { root, clock, channel }
    }
}

impl std::fmt::Debug for NanoclawMonitor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NanoclawMonitor").field("root", &self.root.path()).finish_non_exhaustive()
    }
}

impl Monitor for NanoclawMonitor {
    fn set_up(&self) -> Doing<'_, Result<Vec<String>, PortError>> {
        let (root, now) = (Arc::clone(&self.root), self.clock.now());
        let plan = MonitorPlan { channel: self.channel.clone() };
        Box::pin(async move {
            let doing = "set up the health monitor";
            let made = move || nanoclaw::bootstrap(&root, &plan, now);
            match tokio::task::spawn_blocking(made).await {
                Ok(Ok(made)) => Ok(made.created),
                Ok(Err(error)) => Err(sorted(doing, error)),
                Err(error) => Err(PortError::unreachable(doing, error)),
            }
        })
    }

    fn ask<'a>(&'a self, question: &'a Question) -> Doing<'a, Result<(), PortError>> {
        let (root, now) = (Arc::clone(&self.root), self.clock.now());
        let task = InvestigationTask {
            message_id: MessageId::new(&question.id),
            prompt: question.prompt.clone(),
            channel: self.channel.clone(),
        };
        Box::pin(async move {
            let doing = "ask the health monitor";
            let asked = move || nanoclaw::inject(&root, &task, now);
            match tokio::task::spawn_blocking(asked).await {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(sorted(doing, error)),
                Err(error) => Err(PortError::unreachable(doing, error)),
            }
        })
    }
}

fn sorted(doing: &str, error: MonitorError) -> PortError {
    if error.retry() == Retry::Later {
        PortError::unreachable(doing, error)
    } else {
        PortError::refused(doing, error)
    }
}
