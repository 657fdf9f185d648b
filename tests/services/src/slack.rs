//! Slack: incoming webhooks.
//!
//! From "Sending messages using incoming webhooks" (its table of errors), "Block Kit" (limits of the
//! blocks), "Formatting text for app surfaces" (mentions, escapes), "chat.postMessage" (a text over
//! 40,000 characters is cut off) and "Rate limits".

mod blocks;

use std::time::Duration;

use serde_json::{Map, Value};

use crate::exchange::{Reply, Request, form};
use crate::fake::{Fake, Service, seconds};

/// The webhooks of Slack.
pub type Slack = Fake<Hooks>;

/// The team, the service and the secret of the one webhook.
const HOOK: [&str; 3] = ["T00000001", "B00000001", "0000PLANTED0000"];
/// Characters of a text; the rest is cut off.
const TEXT: usize = 40_000;
const ATTACHMENTS: usize = 100;

/// A message as it is kept.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Post {
    /// May be empty where there are blocks.
    pub text: String,
    /// Everything that was sent.
    pub payload: Value,
    /// When, in milliseconds.
    pub at: i64,
}

/// What became of the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Channel {
    /// It takes messages.
    Open,
    /// `channel_is_archived`
    Archived,
    /// `channel_not_found`
    Deleted,
    /// `action_prohibited`: an administrator forbids it.
    Prohibited,
}

/// What it holds.
#[derive(Debug)]
pub struct Hooks {
    posts: Vec<Post>,
    channel: Channel,
    removed: bool,
}

impl Slack {
    /// Starts one with one webhook.
    pub async fn start() -> Self {
        Self::serve(Hooks { posts: Vec::new(), channel: Channel::Open, removed: false }).await
    }

    /// The webhook's address.
    pub fn hook_url(&self) -> String {
        let [team, service, secret] = HOOK;
        format!("{}/services/{team}/{service}/{secret}", self.url())
    }

    /// What was posted, oldest first.
    pub fn messages(&self) -> Vec<Post> {
        self.with(|hooks| hooks.posts.clone())
    }

    /// Whom the messages called: `channel`, `here`, `everyone`, `user:U1`, `group:S1`.
    pub fn pings(&self) -> Vec<String> {
        self.messages().iter().flat_map(Post::pings).collect()
    }

    /// What became of the channel.
    pub fn set_channel(&self, channel: Channel) {
        self.with(|hooks| hooks.channel = channel);
    }

    /// A person removes the webhook.
    pub fn remove(&self) {
        self.with(|hooks| hooks.removed = true);
    }
}

impl Post {
    /// Whom it called: `channel`, `here`, `everyone`, `user:U1`, `group:S1`. Code is no shelter.
    pub fn pings(&self) -> Vec<String> {
        let mut texts = Vec::new();
        texts_of(&self.payload, &mut texts);
        texts.iter().flat_map(|text| called(text)).collect()
    }
}

impl Service for Hooks {
    fn answer(&mut self, request: &Request, now: i64) -> Reply {
        match self.post(request, now) {
            Ok(()) => Reply::text(200, "ok"),
            Err((status, error)) => Reply::text(status, error),
        }
    }

    fn limited(&self, _: &Request, retry_after: Duration, _: i64) -> Reply {
        Reply::text(429, "rate_limited").with("retry-after", seconds(retry_after))
    }
}

impl Hooks {
    fn post(&mut self, request: &Request, now: i64) -> Result<(), (u16, &'static str)> {
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        let [known_team, known_service, known_secret] = HOOK;
        match path.as_slice() {
            ["services", team, ..] if *team != known_team => return Err((404, "no_team")),
            ["services", _, service, _] if *service != known_service || self.removed => {
                return Err((404, "no_service"));
            }
            ["services", _, _, secret] if *secret != known_secret => {
                return Err((403, "invalid_token"));
            }
            ["services", _, _, _] if request.method == "POST" => {}
            ["services", _, _, _] => return Err((400, "invalid_payload")),
            _ => return Err((404, "no_service")),
        }
        let payload = payload(request).ok_or((400, "invalid_payload"))?;
        let text = match payload.get("text") {
            None | Some(Value::Null) => "",
            Some(text) => text.as_str().ok_or((400, "invalid_payload"))?,
        };
        let none = Vec::new();
        let list = |name: &str| match payload.get(name) {
            None | Some(Value::Null) => Ok(&none),
            Some(given) => given.as_array().ok_or((400, "invalid_payload")),
        };
        let (blocks, attachments) = (list("blocks")?, list("attachments")?);
        if text.trim().is_empty() && blocks.is_empty() && attachments.is_empty() {
            return Err((400, "no_text"));
        }
        if attachments.len() > ATTACHMENTS {
            return Err((400, "too_many_attachments"));
        }
        if !blocks::are_valid(blocks) {
            return Err((400, "invalid_blocks"));
        }
        match self.channel {
            Channel::Open => {}
            Channel::Archived => return Err((410, "channel_is_archived")),
            Channel::Deleted => return Err((404, "channel_not_found")),
            Channel::Prohibited => return Err((403, "action_prohibited")),
        }
        let text = text.chars().take(TEXT).collect();
        self.posts.push(Post { text, payload: Value::Object(payload), at: now });
        Ok(())
    }
}

/// JSON as the body, or as the field `payload` of a form.
fn payload(request: &Request) -> Option<Map<String, Value>> {
    let kind = request.header("content-type").unwrap_or_default();
    let text = if kind.starts_with("application/x-www-form-urlencoded") {
        form(&request.text()).into_iter().find(|(name, _)| name == "payload")?.1
    } else {
        String::from_utf8(request.body.clone()).ok()?
    };
    let payload: Value = serde_json::from_str(&text).ok()?;
    payload.as_object().cloned()
}

/// Every text that Slack reads as its markup: a block of plain text is not.
fn texts_of(value: &Value, into: &mut Vec<String>) {
    if let Some(list) = value.as_array() {
        for one in list {
            texts_of(one, into);
        }
    }
    let Some(object) = value.as_object() else { return };
    if object.get("type").and_then(Value::as_str) == Some("plain_text") {
        return;
    }
    for (name, inner) in object {
        match inner.as_str() {
            Some(text) if matches!(name.as_str(), "text" | "pretext" | "value" | "title") => {
                into.push(text.to_owned());
            }
            Some(_) => {}
            None => texts_of(inner, into),
        }
    }
}

fn called(text: &str) -> Vec<String> {
    let parts = text.split('<').skip(1).filter_map(|part| part.split_once('>'));
    let name = |(inner, _): (&str, &str)| {
        let inner = inner.split('|').next().unwrap_or_default();
        if let Some(group) = inner.strip_prefix("!subteam^") {
            return Some(format!("group:{group}"));
        }
        if let Some(all) = inner.strip_prefix('!') {
            return matches!(all, "channel" | "here" | "everyone").then(|| all.to_owned());
        }
        let user = inner.strip_prefix('@').filter(|id| id.starts_with(['U', 'W']))?;
        Some(format!("user:{user}"))
    };
    parts.filter_map(name).collect()
}
