//! What people read: one set of templates, written for every place in its own markup and length.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use sweepd_decide::{Alert, News, Occasion, Severity, Story};

use crate::Post;

mod advice;
mod clean;
mod engine;
mod load;
mod markup;
mod pieces;
pub(crate) mod sample;
mod view;

pub use load::TextsError;

pub(crate) use clean::{clean, cut};
pub(crate) use markup::Markup;
pub(crate) use pieces::{Target, Unit};
pub(crate) use view::{Caps, View, severity};

/// The texts that alerts are written with.
///
/// The built-in ones are in `templates/`. Each can be replaced by a file of the same name in a
/// directory of one's own. A replacement that fails when an alert is written is passed over for the
/// built-in text, and the receipt says so: no alert is lost for a template.
///
/// | template | what it is |
/// |---|---|
/// | `title` | one line that names an alert; the title of an issue |
/// | `message` | a whole alert where people chat: `title` and `body` |
/// | `body` | a whole alert where its title stands apart |
/// | `note` | the body of a note |
/// | `line` | one of several alerts in one message |
/// | `post` | such a message: `count`, `host`, `lines`, `more` |
/// | `issue`, `comment`, `recovered` | the texts of an issue tracker |
///
/// They are Jinja templates (`minijinja`). Their own words are sent as they are, so that they may
/// hold markup of the place they are for; every value is escaped for the place, and cannot be made
/// markup. `| bold` and `| code` emphasize a value in every place's own way; in `advice` what is to be
/// typed is emphasized already. All have `id`, `at`,
/// `host`, `from_memory` and `note` (`occasion`, `title`, `lines`; none for an incident). Those of an
/// incident have `moment`, `number`, `key`, `kind`, `severity`, `agent`, `source`, `subject`, `seen`,
/// `since`, `age`, `end` (`at`, `how`, `recovered`, `after`), `deeds` (each `at`, `what`, `worked`),
/// `held_back`, `advice`, `facts` (each `name`, `value`), `more_facts`, `folded`, `folded_keys`,
/// `flaps`; `comment` has `why`, `issue` has `nobody`.
pub struct Texts {
    built_in: Environment<'static>,
    own: Environment<'static>,
    replaced: BTreeSet<&'static str>,
}

/// A text, and what somebody should know about it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) remark: Option<String>,
}

/// The names of the templates.
pub(crate) const NAMES: [&str; 9] =
    ["title", "message", "body", "note", "line", "post", "issue", "comment", "recovered"];

impl Texts {
    /// The built-in texts.
    pub fn built_in() -> Self {
        Self { built_in: engine::built_in(), own: engine::built_in(), replaced: BTreeSet::new() }
    }

    /// The built-in texts, replaced by what is in this directory: `title.j2`, `body.j2` …
    ///
    /// # Errors
    /// The directory cannot be read; or a file in it is none of the templates, is no template, or
    /// cannot be rendered. The error names the file and the line.
    pub fn load(dir: Option<&Path>) -> Result<Self, TextsError> {
        let mut texts = Self::built_in();
        if let Some(dir) = dir {
            load::replace(&mut texts, dir)?;
        }
        Ok(texts)
    }

    /// The one line that names an alert.
    pub(crate) fn title(&self, alert: &Alert, target: Target) -> Text {
        self.write("title", &View::of(alert, Caps::MESSAGE), target.single())
    }

    /// All that is to be said of an alert, for places where a title stands apart.
    pub(crate) fn body(&self, alert: &Alert, caps: Caps, target: Target) -> Text {
        self.write("body", &View::of(alert, caps), target)
    }

    /// One message for all these alerts: one in full, or a line for each as far as there is room.
    pub(crate) fn message(&self, alerts: &[Alert], target: Target) -> Text {
        match alerts {
            [alert] => self.write("message", &View::of(alert, Caps::MESSAGE), target),
            alerts => self.post(alerts, target),
        }
    }

    /// A line for each alert. Where not all fit, the worst are told, and the rest are counted.
    fn post(&self, alerts: &[Alert], target: Target) -> Text {
        let mut remark = None;
        let room = Target { limit: usize::MAX, ..target.single() };
        let marked: Vec<(usize, Value)> = by_severity(alerts)
            .map(|(nth, alert)| {
                let view = Value::from(Serde(View::of(alert, Caps::LINE)));
                let (line, failed) = self.rendered("line", &view, room);
                remark = remark.take().or(failed);
                (
                    nth,
                    Value::from_safe_string(line.split_whitespace().collect::<Vec<_>>().join(" ")),
                )
            })
            .collect();
        let host = alerts.first().map_or("", |alert| alert.host.as_str());
        let host = cut(&clean(host), 80);
        let attempt = |shown: usize| {
            let mut lines: Vec<_> = marked.iter().take(shown).cloned().collect();
            lines.sort_by_key(|(nth, _)| *nth);
            let lines: Vec<Value> = lines.into_iter().map(|(_, line)| line).collect();
            let more = alerts.len().saturating_sub(shown);
            let view = context! { count => alerts.len(), host => host.as_str(), lines, more };
            let (rendered, failed) = self.rendered("post", &view, target);
            (pieces::fit(&rendered, target), failed)
        };
        let mut best = attempt(0);
        let (mut least, mut most) = (0, alerts.len());
        // The most lines that fit: more lines are never shorter.
        while least < most {
            let middle = least.midpoint(most.saturating_add(1)).max(least.saturating_add(1));
            let got = attempt(middle);
            if got.0.cut {
                most = middle.saturating_sub(1);
            } else {
                best = got;
                least = middle;
            }
        }
        Text { text: best.0.text, remark: remark.or(best.1) }
    }

    /// A template for this target.
    pub(crate) fn write(&self, name: &'static str, view: &View, target: Target) -> Text {
        let view = Value::from(Serde(view));
        let (rendered, remark) = self.rendered(name, &view, target);
        Text { text: pieces::fit(&rendered, target).text, remark }
    }

    /// A template, not yet escaped, and why it is not the one that was wanted. Never empty.
    fn rendered(
        &self,
        name: &'static str,
        view: &Value,
        target: Target,
    ) -> (String, Option<String>) {
        let mut remark = None;
        if !self.replaced.is_empty() {
            let wrong = match engine::render(&self.own, name, view) {
                Ok(text) => match Self::wrong(&text, target) {
                    None => return (text, None),
                    Some(wrong) => format!("`{name}` {wrong}"),
                },
                Err(error) => engine::told(&error, name),
            };
            let wrong = cut(&clean(&wrong), 200);
            remark = Some(format!("the template {wrong}; the built-in one was used"));
        }
        let text = engine::render(&self.built_in, name, view);
        // Tests hold the built-in ones to it; whatever happens, something is said.
        (text.unwrap_or_else(|error| format!("sweepd: {}", engine::told(&error, name))), remark)
    }

    /// What is wrong with the text of a template that is not built in.
    fn wrong(text: &str, target: Target) -> Option<&'static str> {
        let fitted = pieces::fit(text, target);
        if fitted.text.trim().is_empty() {
            Some("gives no text")
        } else if fitted.torn {
            Some("gives a text that is too long to be cut")
        } else if !markup::is_sound(target.markup, &fitted.text) {
            Some("gives a text with tags that are not closed, or a bare < or &")
        } else {
            None
        }
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Texts").field("replaced", &self.replaced).finish_non_exhaustive()
    }
}

/// The alerts with their places, the worst first.
fn by_severity(alerts: &[Alert]) -> impl Iterator<Item = (usize, &Alert)> {
    let mut order: Vec<_> = alerts.iter().enumerate().collect();
    order.sort_by_key(|(_, alert)| std::cmp::Reverse(worst(std::slice::from_ref(*alert))));
    order.into_iter()
}

/// The story of an alert about an incident.
pub(crate) fn story(alert: &Alert) -> Option<&Story> {
    match &alert.news {
        News::Incident(story) => Some(story),
        News::Note(_) => None,
    }
}

/// Whether somebody tries whether anything arrives.
pub(crate) fn is_test(post: &Post) -> bool {
    let test =
        |alert: &Alert| matches!(&alert.news, News::Note(note) if note.occasion == Occasion::Test);
    post.alerts.iter().any(test)
}

/// The worst severity of what is there; `None` if all of it is over, or notes.
pub(crate) fn worst(alerts: &[Alert]) -> Option<Severity> {
    let there = alerts.iter().filter_map(story).filter(|story| story.end.is_none());
    there.map(|story| story.severity).max()
}

#[cfg(test)]
mod tests;
