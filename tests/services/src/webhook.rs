//! A plain receiver: it verifies nothing and keeps everything.

use std::time::Duration;

use serde_json::json;

use crate::exchange::{Reply, Request};
use crate::fake::{Fake, Service, seconds};

/// A receiver of webhooks.
pub type Webhook = Fake<Receiver>;

/// What it answers.
#[derive(Debug)]
pub struct Receiver {
    status: u16,
}

impl Webhook {
    /// Starts one that answers `204` to everything.
    pub async fn start() -> Self {
        Self::serve(Receiver { status: 204 }).await
    }

    /// Answers this status from now on.
    pub fn answer(&self, status: u16) {
        self.with(|receiver| receiver.status = status);
    }

    /// The bodies that were taken with a status below 300, as they came.
    pub fn taken(&self) -> Vec<Vec<u8>> {
        let taken = |request: &Request| request.answer.is_some_and(|status| status < 300);
        self.requests().into_iter().filter(taken).map(|request| request.body).collect()
    }
}

impl Service for Receiver {
    fn answer(&mut self, _: &Request, _: i64) -> Reply {
        Reply::empty(self.status)
    }

    fn limited(&self, _: &Request, retry_after: Duration, _: i64) -> Reply {
        Reply::json(429, &json!({"error": "slow down"})).with("retry-after", seconds(retry_after))
    }
}
