//! Telegram: `sendMessage` and `editMessageText` of a bot.
//!
//! From the "Telegram Bot API" (making requests, `sendMessage`, formatting options,
//! `ResponseParameters`) and, for the words of its errors, from what the server's library says.

mod html;
mod send;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::exchange::{Reply, Request};
use crate::fake::{Fake, Service, seconds};

/// The Bot API.
pub type Telegram = Fake<BotApi>;

/// The bot's token.
pub const TOKEN: &str = "123456:PLANTED-DEF1234ghIkl-zyx57W2v1u12";
/// A group in which the bot is.
pub const CHAT: i64 = -1_001_234_567_890;

/// A message as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message {
    /// Counted in each chat by itself.
    pub id: i64,
    /// Where it is.
    pub chat: i64,
    /// As people read it: without markup.
    pub text: String,
    /// The tags that were understood, in the order in which they began.
    pub tags: Vec<String>,
    /// Whom it called: names after `@` outside code, and users who are linked by id.
    pub pings: Vec<String>,
    /// The message that it answers.
    pub answers: Option<i64>,
    /// Nobody's telephone rings.
    pub silent: bool,
    /// When it was sent, in milliseconds.
    pub sent: i64,
    /// When it was edited last.
    pub edited: Option<i64>,
}

/// What became of a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Chat {
    /// The bot may write.
    Open,
    /// `403`: the bot was removed.
    Kicked,
    /// `400`: it is a supergroup now, with this id.
    Migrated(i64),
}

/// What it holds.
#[derive(Debug)]
pub struct BotApi {
    chats: BTreeMap<i64, Chat>,
    /// Public names of chats: `@alerts`.
    names: BTreeMap<String, i64>,
    messages: Vec<Message>,
    token: bool,
}

/// What goes wrong, as an answer.
type Answer = Result<Reply, Reply>;

impl Telegram {
    /// Starts one with one chat, which is also called `@alerts`.
    pub async fn start() -> Self {
        let chats = BTreeMap::from([(CHAT, Chat::Open)]);
        let names = BTreeMap::from([("@alerts".to_owned(), CHAT)]);
        Self::serve(BotApi { chats, names, messages: Vec::new(), token: true }).await
    }

    /// The messages of a chat, oldest first.
    pub fn messages(&self, chat: i64) -> Vec<Message> {
        let all = self.with(|api| api.messages.clone());
        all.into_iter().filter(|message| message.chat == chat).collect()
    }

    /// Whom the messages of all chats called.
    pub fn pings(&self) -> Vec<String> {
        self.with(|api| api.messages.iter().flat_map(|one| one.pings.clone()).collect())
    }

    /// There is such a chat, and this became of it.
    pub fn set_chat(&self, chat: i64, state: Chat) {
        self.with(|api| {
            api.chats.insert(chat, state);
            if let Chat::Migrated(to) = state {
                api.chats.insert(to, Chat::Open);
            }
        });
    }

    /// A person deletes a message.
    pub fn delete_message(&self, chat: i64, id: i64) {
        self.with(|api| api.messages.retain(|one| (one.chat, one.id) != (chat, id)));
    }

    /// The bot's token is no longer good.
    pub fn revoke(&self) {
        self.with(|api| api.token = false);
    }
}

impl Service for BotApi {
    fn answer(&mut self, request: &Request, now: i64) -> Reply {
        self.route(request, now).unwrap_or_else(|refused| refused)
    }

    /// The wait is in the body only.
    fn limited(&self, _: &Request, retry_after: Duration, _: i64) -> Reply {
        let wait = seconds(retry_after);
        let parameters = json!({"retry_after": wait});
        refuse_with(429, &format!("Too Many Requests: retry after {wait}"), &parameters)
    }

    /// A chat is one bucket.
    fn bucket(&self, request: &Request) -> Option<String> {
        let parameters = parameters(request)?;
        parameters.get("chat_id").map(Value::to_string)
    }
}

impl BotApi {
    fn route(&mut self, request: &Request, now: i64) -> Answer {
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        let [bot, method] = path.as_slice() else { return Err(refuse(404, "Not Found")) };
        let token = bot.strip_prefix("bot").unwrap_or_default();
        let (id, secret) = token.split_once(':').unwrap_or_default();
        if id.is_empty() || secret.is_empty() || !id.chars().all(|digit| digit.is_ascii_digit()) {
            return Err(refuse(404, "Not Found"));
        }
        if token != TOKEN || !self.token {
            return Err(refuse(401, "Unauthorized"));
        }
        if !matches!(request.method.as_str(), "GET" | "POST") {
            return Err(refuse(405, "Method Not Allowed"));
        }
        let unreadable = || refuse(400, "Bad Request: can't parse JSON object");
        let parameters = parameters(request).ok_or_else(unreadable)?;
        // Names of methods are not told apart by case.
        match method.to_ascii_lowercase().as_str() {
            "getme" => {
                Ok(accept(&json!({"id": 123_456, "is_bot": true, "username": "sweepd_bot"})))
            }
            "sendmessage" => self.send(&parameters, now),
            "editmessagetext" => self.edit(&parameters, now),
            _ => Err(refuse(404, "Not Found")),
        }
    }
}

fn accept(result: &Value) -> Reply {
    Reply::json(200, &json!({"ok": true, "result": result}))
}

fn refuse(status: u16, description: &str) -> Reply {
    refuse_with(status, description, &Value::Null)
}

fn refuse_with(status: u16, description: &str, parameters: &Value) -> Reply {
    let mut body = json!({"ok": false, "error_code": status, "description": description});
    if let Some(body) = body.as_object_mut().filter(|_| !parameters.is_null()) {
        body.insert("parameters".to_owned(), parameters.clone());
    }
    Reply::json(status, &body)
}

/// Parameters come in the address, as a form or as JSON.
fn parameters(request: &Request) -> Option<serde_json::Map<String, Value>> {
    let mut fields = request.fields()?;
    for (name, value) in request.query.iter().cloned() {
        fields.entry(name).or_insert(Value::String(value));
    }
    Some(fields)
}
