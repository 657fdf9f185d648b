//! Discord: messages of a bot and of a webhook.
//!
//! From the API documents "Message" (create, edit, allowed mentions, embed limits), "Webhook"
//! (execute, edit), "Rate Limits", "API Reference" (errors, user agent, snowflakes) and "Opcodes and
//! Status Codes". Characters are counted as Unicode code points: the documents only say
//! "characters", and clients that count code points are not refused.

mod form;
mod mentions;
mod post;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::clock::stamp_millis;
use crate::exchange::{Reply, Request};
use crate::fake::{Fake, Service, seconds};

/// The API of Discord.
pub type Discord = Fake<Rest>;

/// The bot's token.
pub const TOKEN: &str = "PLANTED.bot.token";
/// The bot's id.
pub const BOT: &str = "1100000000000000009";
/// A channel in which the bot may write.
pub const CHANNEL: &str = "1100000000000000001";
/// The webhook's id. It writes to [`CHANNEL`].
pub const WEBHOOK: &str = "1200000000000000002";
/// The webhook's token.
pub const WEBHOOK_TOKEN: &str = "PLANTED-webhook-token";

/// A message as it is kept.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Message {
    /// A snowflake.
    pub id: String,
    /// Where it is.
    pub channel: String,
    /// [`BOT`] or [`WEBHOOK`].
    pub author: String,
    /// Without the blanks around it.
    pub content: String,
    /// As they were sent.
    pub embeds: Vec<Value>,
    /// As they were sent; `None` where nothing was said, which allows everything.
    pub allowed_mentions: Option<Value>,
    /// As it was sent.
    pub nonce: Option<Value>,
    /// The message that it answers.
    pub answers: Option<String>,
    /// When it was written, in milliseconds.
    pub created: i64,
    /// When it was edited last.
    pub edited: Option<i64>,
}

/// What the bot may do in a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Access {
    /// See it and write.
    Write,
    /// See it: writing is `50013`.
    Read,
    /// Nothing: `50001`.
    None,
}

/// What it holds.
#[derive(Debug)]
pub struct Rest {
    channels: BTreeMap<String, Access>,
    messages: Vec<Message>,
    token: bool,
    webhook: bool,
    loses_unwaited: bool,
    sequence: i64,
}

/// What goes wrong, as an answer.
type Answer = Result<Reply, Reply>;

impl Discord {
    /// Starts one with one channel, a bot and a webhook.
    pub async fn start() -> Self {
        let channels = BTreeMap::from([(CHANNEL.to_owned(), Access::Write)]);
        let (token, webhook, loses_unwaited) = (true, true, false);
        let messages = Vec::new();
        Self::serve(Rest { channels, messages, token, webhook, loses_unwaited, sequence: 0 }).await
    }

    /// The address that posts as the webhook.
    pub fn webhook_url(&self) -> String {
        format!("{}/api/webhooks/{WEBHOOK}/{WEBHOOK_TOKEN}", self.url())
    }

    /// The messages of a channel, oldest first.
    pub fn messages(&self, channel: &str) -> Vec<Message> {
        let all = self.with(|rest| rest.messages.clone());
        all.into_iter().filter(|message| message.channel == channel).collect()
    }

    /// Whom the messages of all channels called: `everyone`, `here`, `user:1`, `role:1`.
    pub fn pings(&self) -> Vec<String> {
        self.with(|rest| rest.messages.iter().flat_map(Message::pings).collect())
    }

    /// Requests that were answered with 401, 403 or 429: ten thousand in ten minutes lock an
    /// address out.
    pub fn invalid_requests(&self) -> usize {
        let bad = |request: &Request| matches!(request.answer, Some(401 | 403 | 429));
        self.requests().iter().filter(|request| bad(request)).count()
    }

    /// There is such a channel, and this is what the bot may do there.
    pub fn set_channel(&self, channel: &str, access: Access) {
        self.with(|rest| rest.channels.insert(channel.to_owned(), access));
    }

    /// A person deletes the channel with all its messages.
    pub fn delete_channel(&self, channel: &str) {
        self.with(|rest| {
            rest.channels.remove(channel);
            rest.messages.retain(|message| message.channel != channel);
        });
    }

    /// A person deletes a message.
    pub fn delete_message(&self, id: &str) {
        self.with(|rest| rest.messages.retain(|message| message.id != id));
    }

    /// A person deletes the webhook.
    pub fn delete_webhook(&self) {
        self.with(|rest| rest.webhook = false);
    }

    /// The bot's token is no longer good.
    pub fn revoke(&self) {
        self.with(|rest| rest.token = false);
    }

    /// From now on a webhook's message is not kept unless it is waited for, and nothing says so.
    pub fn lose_unwaited(&self) {
        self.with(|rest| rest.loses_unwaited = true);
    }
}

impl Service for Rest {
    fn answer(&mut self, request: &Request, now: i64) -> Reply {
        let reply = self.route(request, now).unwrap_or_else(|refused| refused);
        reply.with("x-ratelimit-limit", 5).with("x-ratelimit-remaining", 4)
    }

    /// The limit of one route. The wait is in fractions of a second in the body, and in whole ones
    /// in the header.
    fn limited(&self, _: &Request, retry_after: Duration, now: i64) -> Reply {
        let wait = retry_after.as_secs_f64();
        let millis = i64::try_from(retry_after.as_millis()).unwrap_or(i64::MAX);
        let reset = now.saturating_add(millis);
        let body = json!({
            "message": "You are being rate limited.",
            "retry_after": wait,
            "global": false,
        });
        Reply::json(429, &body)
            .with("retry-after", seconds(retry_after))
            .with("x-ratelimit-limit", 5)
            .with("x-ratelimit-remaining", 0)
            .with("x-ratelimit-reset", format!("{}.{:03}", reset / 1000, reset % 1000))
            .with("x-ratelimit-reset-after", wait)
            .with("x-ratelimit-bucket", "abcd1234")
            .with("x-ratelimit-scope", "user")
    }

    /// A channel is one bucket, and a webhook.
    fn bucket(&self, request: &Request) -> Option<String> {
        let segments = request.segments();
        let path = bare(&segments);
        (request.method == "POST").then(|| path.iter().take(2).copied().collect::<String>())
    }
}

impl Rest {
    fn route(&mut self, request: &Request, now: i64) -> Answer {
        if request.header("user-agent").is_none_or(str::is_empty) {
            return Err(refuse(403, "internal network error", 40_333));
        }
        let segments = request.segments();
        match (request.method.as_str(), bare(&segments).as_slice()) {
            ("GET", ["users", "@me"]) => {
                self.bot(request)?;
                Ok(Reply::json(200, &json!({"id": BOT, "username": "sweepd", "bot": true})))
            }
            (_, ["channels", channel, "messages", path @ ..]) => {
                self.bot(request)?;
                self.channel(request, channel, path, now)
            }
            (_, ["webhooks", id, token, path @ ..]) => {
                if *id != WEBHOOK || !self.webhook {
                    return Err(refuse(404, "Unknown Webhook", 10_015));
                }
                if *token != WEBHOOK_TOKEN {
                    return Err(refuse(401, "Invalid Webhook Token", 50_027));
                }
                self.webhook(request, path, now)
            }
            _ => Err(refuse(404, "404: Not Found", 0)),
        }
    }

    fn bot(&self, request: &Request) -> Result<(), Reply> {
        let good = self.token && request.header("authorization") == Some(&format!("Bot {TOKEN}"));
        if good { Ok(()) } else { Err(refuse(401, "401: Unauthorized", 0)) }
    }

    fn channel(&mut self, request: &Request, channel: &str, path: &[&str], now: i64) -> Answer {
        if channel.parse::<u64>().is_err() {
            let message = format!("Value \"{channel}\" is not snowflake.");
            return Err(form::invalid("channel_id", "NUMBER_TYPE_COERCE", &message));
        }
        let writes = request.method != "GET";
        match self.channels.get(channel) {
            None => return Err(refuse(404, "Unknown Channel", 10_003)),
            Some(Access::None) => return Err(refuse(403, "Missing Access", 50_001)),
            Some(Access::Read) if writes => {
                return Err(refuse(403, "Missing Permissions", 50_013));
            }
            Some(Access::Read | Access::Write) => {}
        }
        match (request.method.as_str(), path) {
            ("POST", []) => self.create(request, channel, BOT, now),
            ("GET", [id]) => {
                let message = self.found(channel, id)?;
                Ok(Reply::json(200, &message.show()))
            }
            ("PATCH", [id]) => self.edit(request, channel, id, BOT, now),
            ("DELETE", [id]) => self.delete(channel, id),
            _ => Err(refuse(405, "405: Method Not Allowed", 0)),
        }
    }

    /// Without `wait=true` there is no answer but that it came.
    fn webhook(&mut self, request: &Request, path: &[&str], now: i64) -> Answer {
        match (request.method.as_str(), path) {
            ("GET", []) => {
                let body =
                    json!({"id": WEBHOOK, "type": 1, "channel_id": CHANNEL, "name": "sweepd"});
                Ok(Reply::json(200, &body))
            }
            ("POST", []) => {
                let waits = matches!(request.param("wait"), Some("true" | "1"));
                if !waits && self.loses_unwaited {
                    return Ok(Reply::empty(204));
                }
                let reply = self.create(request, CHANNEL, WEBHOOK, now)?;
                Ok(if waits { reply } else { Reply::empty(204) })
            }
            ("PATCH", ["messages", id]) => self.edit(request, CHANNEL, id, WEBHOOK, now),
            ("DELETE", ["messages", id]) => self.delete(CHANNEL, id),
            ("GET", ["messages", id]) => {
                let message = self.found(CHANNEL, id)?;
                Ok(Reply::json(200, &message.show()))
            }
            _ => Err(refuse(405, "405: Method Not Allowed", 0)),
        }
    }

    fn found(&mut self, channel: &str, id: &str) -> Result<&mut Message, Reply> {
        let mut all = self.messages.iter_mut();
        let found = all.find(|message| message.id == id && message.channel == channel);
        found.ok_or_else(|| refuse(404, "Unknown Message", 10_008))
    }

    fn delete(&mut self, channel: &str, id: &str) -> Answer {
        self.found(channel, id)?;
        self.messages.retain(|message| message.id != id);
        Ok(Reply::empty(204))
    }
}

impl Message {
    /// Whom it called: `everyone`, `here`, `user:1`, `role:1`. Embeds call nobody.
    pub fn pings(&self) -> Vec<String> {
        mentions::called(&self.content, self.allowed_mentions.as_ref())
    }

    fn show(&self) -> Value {
        json!({
            "id": self.id,
            "type": 0,
            "channel_id": self.channel,
            "content": self.content,
            "embeds": self.embeds,
            "author": {"id": self.author, "username": "sweepd", "bot": true},
            "webhook_id": (self.author == WEBHOOK).then_some(WEBHOOK),
            "nonce": self.nonce,
            "timestamp": stamp_millis(self.created),
            "edited_timestamp": self.edited.map(stamp_millis),
            "mention_everyone": self.pings().iter().any(|who| who == "everyone" || who == "here"),
            "attachments": [],
            "pinned": false,
            "tts": false,
        })
    }
}

/// Every error has this shape.
fn refuse(status: u16, message: &str, code: u64) -> Reply {
    Reply::json(status, &json!({"message": message, "code": code}))
}

/// The parts of the path without `/api` and the version.
fn bare(segments: &[String]) -> Vec<&str> {
    let mut path: Vec<&str> = segments.iter().map(String::as_str).collect();
    if path.first() == Some(&"api") {
        path.remove(0);
        if matches!(path.first(), Some(&("v9" | "v10"))) {
            path.remove(0);
        }
    }
    path
}
