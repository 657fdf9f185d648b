//! The sinks of `sweepd-alerts` as ports.

use std::sync::Arc;

use sweepd_alerts as alerts;

use crate::ports::{Doing, Post, Receipt, Sink, SinkError, Takes};

/// A sink of `sweepd-alerts`.
#[derive(Clone)]
pub struct AlertSink(Arc<dyn alerts::Sink>);

impl AlertSink {
    /// That sink as a port.
    pub fn new(sink: Arc<dyn alerts::Sink>) -> Self {
        Self(sink)
    }
}

impl std::fmt::Debug for AlertSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("AlertSink").field(&self.0.kind()).finish()
    }
}

impl Sink for AlertSink {
    fn kind(&self) -> &'static str {
        self.0.kind()
    }

    fn takes(&self) -> Takes {
        let alerts::Takes { notes, still, batch, pace } = self.0.takes();
        Takes { notes, still, batch, burst: pace.burst, every: pace.every }
    }

    fn fingerprint(&self) -> String {
        self.0.fingerprint()
    }

    fn deliver<'a>(&'a self, post: &'a Post) -> Doing<'a, Result<Receipt, SinkError>> {
        Box::pin(async move {
            let Post { now, alerts, place } = post.clone();
            let post = alerts::Post { now, alerts, place };
            match self.0.deliver(&post).await {
                Ok(alerts::Receipt { place, remark }) => Ok(Receipt { place, remark }),
                Err(error) => Err(SinkError { setback: error.setback, words: error.to_string() }),
            }
        })
    }
}
