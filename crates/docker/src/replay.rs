//! Past events, from one millisecond to another, both included.

use sweepd_decide::{Span, Timestamp};

use crate::client::within;
use crate::convert::{first_nano, last_nano};
use crate::engine::Engine;
use crate::error::Doing;
use crate::watch::filters;
use crate::{Client, Error, Notice, Watch};

impl Client {
    /// Hands over what the engine remembers of these actions, in its order, all within the
    /// deadline for events. `until` must not lie in the future: Docker would wait for it.
    pub(crate) async fn replay(
        &self,
        actions: &[&str],
        (since, until): (Timestamp, Timestamp),
        doing: Doing<'static>,
        mut take: impl FnMut(Notice) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let (from, to, filters) = (first_nano(since), last_nano(until), filters(actions));
        let replay = async {
            let path = format!("/events?since={from}&until={to}&filters={filters}");
            let mut events = self.events(&path, doing).await?;
            if events.engine() == Engine::Podman {
                events = self.all_since(actions, since, doing).await?;
            }
            while let Some(notice) = events.next().await? {
                if notice.at.is_none_or(|at| since <= at && at <= until) {
                    take(notice)?;
                }
            }
            Ok(())
        };
        within(self.options().events, doing, replay).await
    }

    /// What Podman remembers, up to now. With `until` in the past it may stop before it has read
    /// the first event.
    pub(crate) async fn all_since(
        &self,
        actions: &[&str],
        since: Timestamp,
        doing: Doing<'static>,
    ) -> Result<Watch, Error> {
        // It reads the instant as a number of too few digits.
        let from = first_nano(since.minus(Span::from_millis(1)));
        let filters = filters(actions);
        self.events(&format!("/events?since={from}&stream=false&filters={filters}"), doing).await
    }
}
