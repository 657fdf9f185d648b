//! How an issue is closed once what it is about is over: told, and closed, each once.

use sweepd_decide::{Alert, Story};

use super::Tracker;
use super::desk::Desk;
use super::dialect::Issue;
use super::marker::Marker;
use crate::{Post, Receipt, SinkError};

impl Tracker {
    /// Says that it is over, and closes what is open.
    pub(super) async fn close(
        &self,
        desk: &Desk<'_>,
        alert: &Alert,
        story: &Story,
        post: &Post,
    ) -> Result<Receipt, SinkError> {
        if let Some(issue) = desk.placed(post, &story.thread).await?.filter(|issue| issue.open) {
            return self.end(desk, alert, &issue).await;
        }
        let found = desk.search(&story.thread).await?;
        let mut open: Vec<&Issue> = found.ours.iter().filter(|issue| issue.open).collect();
        open.sort_by_key(|issue| issue.number);
        if let Some((issue, doubles)) = open.split_first() {
            let doubled = desk.close_doubles(issue, doubles).await;
            let receipt = self.end(desk, alert, issue).await?;
            return Ok(Receipt { remark: receipt.remark.or(doubled), ..receipt });
        }
        let last = found.ours.iter().max_by_key(|issue| (issue.closed_at(), issue.number));
        let Some(issue) = last else {
            let remark = Some("there is no issue of it".to_owned());
            return Ok(Receipt { place: None, remark });
        };
        let place = Some(issue.number.to_string());
        if Marker::of(&issue.body).is_some_and(|marker| marker.closed.is_some()) {
            return Ok(Receipt { place, remark: None });
        }
        // A person has closed it; that it is over is told there all the same.
        let (_, remark) = self.comment(desk, alert, issue, "").await?;
        Ok(Receipt { place, remark })
    }

    async fn end(
        &self,
        desk: &Desk<'_>,
        alert: &Alert,
        issue: &Issue,
    ) -> Result<Receipt, SinkError> {
        let (_, remark) = self.comment(desk, alert, issue, "").await?;
        let marker = Marker::of(&issue.body).map(|it| Marker { closed: Some(desk.now), ..it });
        desk.edit(issue, marker.as_ref(), Some(false)).await?;
        Ok(Receipt { place: Some(issue.number.to_string()), remark })
    }
}
