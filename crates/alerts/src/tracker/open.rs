//! How an issue is opened: not too many, labelled, assigned if that is possible, and only once.

use sweepd_decide::{Alert, Setback, Span, Story};

use super::desk::{Desk, Found};
use super::dialect::{Draft, Issue};
use super::marker::Marker;
use super::pick::{Pick, pick};
use super::{BODY, Tracker};
use crate::attempt::stopped;
use crate::text::{Caps, Markup, Target, Unit, View};
use crate::{Receipt, SinkError};

impl Tracker {
    /// Opens an issue; one that another process opens meanwhile wins if it is older.
    pub(super) async fn open(
        &self,
        desk: &Desk<'_>,
        alert: &Alert,
        story: &Story,
        found: &Found,
    ) -> Result<Receipt, SinkError> {
        self.has_room(desk, found)?;
        let label = label(desk).await?;
        let (assignee, nobody) = self.assignee(desk).await?;
        // It is named for what is wrong, also if that is told only now.
        let named = View { moment: "opened", ..View::of(alert, Caps::MESSAGE) };
        let title = self.texts.write("title", &named, TITLE);
        let view = View { nobody: nobody.clone(), ..View::of(alert, Caps::DOCUMENT) };
        let text = self.texts.write("issue", &view, BODY);
        let marker = Marker { key: story.thread.clone(), alert: alert.id.clone(), closed: None };
        let draft = Draft { title: title.text, body: marker.on(&text.text), label, assignee };
        let remark = title.remark.or(text.remark).or(nobody);

        let answer = desk.ask(DOING, desk.dialect.create(&draft)).await;
        let lost = match answer {
            Ok(answer) if answer.status < 500 => {
                let answer = desk.accepted(answer)?;
                let issue = answer.json().and_then(|json| desk.dialect.read_issue(&json));
                match issue {
                    Some(issue) => return self.opened(desk, story, issue, remark).await,
                    None => answer.senseless("an issue"),
                }
            }
            Ok(answer) => answer.error(desk.dialect.setback(&answer, desk.now)),
            Err(error) if error.setback == Setback::Stopped => return Err(error),
            Err(error) => error,
        };
        // It may have been opened all the same.
        let Ok(found) = desk.search(&story.thread).await else { return Err(lost) };
        let Pick::Open { issue, doubles } = pick(&found.ours, story, desk.now, Span::ZERO) else {
            return Err(lost);
        };
        let doubled = desk.close_doubles(issue, &doubles).await;
        Ok(Receipt { place: Some(issue.number.to_string()), remark: remark.or(doubled) })
    }

    /// It is open: whether it is alone, and all that it should be.
    async fn opened(
        &self,
        desk: &Desk<'_>,
        story: &Story,
        issue: Issue,
        remark: Option<String>,
    ) -> Result<Receipt, SinkError> {
        if !desk.is_labelled(&issue) {
            let marker = Marker::of(&issue.body).map(|it| Marker { closed: Some(desk.now), ..it });
            let closed = desk.edit(&issue, marker.as_ref(), Some(false)).await;
            let and = if closed.is_ok() { ", and was closed" } else { "" };
            let why = format!(
                "#{} did not get the label `{}`{and}: the token's user needs write access",
                issue.number, self.settings.label
            );
            return Err(stopped(DOING, why));
        }
        let place = Some(issue.number.to_string());
        let unassigned = self.settings.assignee.as_ref().filter(|name| {
            !issue.assignees.iter().any(|assignee| assignee.eq_ignore_ascii_case(name))
        });
        let remark = remark.or_else(|| {
            unassigned.map(|name| format!("nobody is assigned: `{name}` was not taken"))
        });
        // The issue is there, whatever comes of looking for others; and a list may lag behind.
        let Ok(mut found) = desk.search(&story.thread).await else {
            return Ok(Receipt { place, remark });
        };
        if !found.ours.iter().any(|known| known.number == issue.number) {
            found.ours.push(issue);
        }
        match pick(&found.ours, story, desk.now, Span::ZERO) {
            Pick::Open { issue: kept, doubles } => {
                let doubled = desk.close_doubles(kept, &doubles).await;
                Ok(Receipt { place: Some(kept.number.to_string()), remark: remark.or(doubled) })
            }
            Pick::Reopen(_) | Pick::Leave { .. } | Pick::New => Ok(Receipt { place, remark }),
        }
    }

    /// Whether another issue may be opened in this hour.
    fn has_room(&self, desk: &Desk<'_>, found: &Found) -> Result<(), SinkError> {
        let since = desk.now.minus(HOUR);
        let mut recent: Vec<_> = found
            .all
            .iter()
            .map(|issue| issue.created)
            .filter(|created| *created > since)
            .collect();
        recent.sort();
        let most = usize::try_from(self.settings.max_issues).unwrap_or(usize::MAX);
        if recent.len() < most {
            return Ok(());
        }
        // As soon as so many have left the hour that there is room for one.
        let leaves = recent.iter().rev().nth(most.saturating_sub(1)).copied().unwrap_or(desk.now);
        let wait = leaves.plus(HOUR).since(desk.now).max(Span::from_secs(1));
        Err(SinkError {
            doing: DOING.to_owned(),
            why: format!("{} issues were opened within the hour (`max-issues`)", recent.len()),
            setback: Setback::Deferred(wait),
        })
    }

    /// Who is to be assigned, or why nobody is.
    async fn assignee(
        &self,
        desk: &Desk<'_>,
    ) -> Result<(Option<serde_json::Value>, Option<String>), SinkError> {
        let Some(name) = &self.settings.assignee else { return Ok((None, None)) };
        let answer = desk.ask("look for the assignee", desk.dialect.assignable(name)).await?;
        let answer = if answer.status == 404 { answer } else { desk.accepted(answer)? };
        match desk.dialect.read_assignable(&answer, name) {
            Some(assignee) => Ok((Some(assignee), None)),
            None => Ok((None, Some(format!("{name} cannot be assigned here")))),
        }
    }
}

/// The label as issues are given it; it is made if it is not there.
async fn label(desk: &Desk<'_>) -> Result<serde_json::Value, SinkError> {
    let (labels, _) = desk.list("look for the label", |page| desk.dialect.labels(page)).await?;
    if let Some(label) = labels.iter().find_map(|label| desk.dialect.read_label(label)) {
        return Ok(label);
    }
    let answer = desk.ask("make the label", desk.dialect.make_label()).await?;
    // Another process has just made it.
    if matches!(answer.status, 409 | 422) {
        let (labels, _) = desk.list("look for the label", |page| desk.dialect.labels(page)).await?;
        if let Some(label) = labels.iter().find_map(|label| desk.dialect.read_label(label)) {
            return Ok(label);
        }
    }
    let answer = desk.accepted(answer)?;
    let label = answer.json().and_then(|json| desk.dialect.read_label(&json));
    label.ok_or_else(|| answer.senseless("a label"))
}

const DOING: &str = "open an issue";
const HOUR: Span = Span::from_mins(60);

/// GitLab and Gitea take 255 characters, GitHub one more.
const TITLE: Target = Target::new(Markup::Title, Unit::Utf16, 255).single();
