//! Which messages Telegram takes.

use serde_json::{Map, Value, json};

use super::{Answer, BotApi, Chat, Message, accept, html, refuse, refuse_with};
use crate::exchange::{Reply, word};
use crate::pings::mentions;

/// UTF-16 code units of a text, after its markup is taken out.
const TEXT: usize = 4096;

/// A text as people read it.
struct Read {
    text: String,
    tags: Vec<String>,
    pings: Vec<String>,
}

impl BotApi {
    pub(super) fn send(&mut self, parameters: &Map<String, Value>, now: i64) -> Answer {
        let chat = self.chat(parameters)?;
        let Read { text, tags, pings } = read(parameters)?;
        let answers = self.answered(chat, parameters)?;
        let all = self.messages.iter().filter(|message| message.chat == chat);
        let id = all.map(|message| message.id).max().unwrap_or_default() + 1;
        let silent = parameters.get("disable_notification").is_some_and(is_true);
        let (sent, edited) = (now, None);
        let message = Message { id, chat, text, tags, pings, answers, silent, sent, edited };
        let reply = accept(&show(&message));
        self.messages.push(message);
        Ok(reply)
    }

    /// A text that stays the same is an error.
    pub(super) fn edit(&mut self, parameters: &Map<String, Value>, now: i64) -> Answer {
        let chat = self.chat(parameters)?;
        let id = parameters.get("message_id").and_then(number);
        let id =
            id.ok_or_else(|| refuse(400, "Bad Request: message identifier is not specified"))?;
        let Read { text, tags, pings } = read(parameters)?;
        let mut all = self.messages.iter_mut();
        let message = all.find(|message| (message.chat, message.id) == (chat, id));
        let message =
            message.ok_or_else(|| refuse(400, "Bad Request: message to edit not found"))?;
        if message.text == text && message.tags == tags {
            let said = "Bad Request: message is not modified: specified new message content and \
                        reply markup are exactly the same as a current content and reply markup of \
                        the message";
            return Err(refuse(400, said));
        }
        (message.text, message.tags, message.pings) = (text, tags, pings);
        message.edited = Some(now);
        Ok(accept(&show(message)))
    }

    fn chat(&self, parameters: &Map<String, Value>) -> Result<i64, Reply> {
        let given = parameters.get("chat_id").filter(|given| **given != json!(""));
        let given = given.ok_or_else(|| refuse(400, "Bad Request: chat_id is empty"))?;
        let named = given.as_str().and_then(|name| self.names.get(name).copied());
        let id = named.or_else(|| number(given));
        let unknown = || refuse(400, "Bad Request: chat not found");
        let id = id.ok_or_else(unknown)?;
        match self.chats.get(&id) {
            None => Err(unknown()),
            Some(Chat::Open) => Ok(id),
            Some(Chat::Kicked) => {
                Err(refuse(403, "Forbidden: bot was kicked from the supergroup chat"))
            }
            Some(Chat::Migrated(to)) => {
                let said = "Bad Request: group chat was upgraded to a supergroup chat";
                Err(refuse_with(400, said, &json!({"migrate_to_chat_id": to})))
            }
        }
    }

    /// Which message this one answers; it must be there unless that does not matter.
    fn answered(&self, chat: i64, parameters: &Map<String, Value>) -> Result<Option<i64>, Reply> {
        let reply = parameters.get("reply_parameters");
        let old = parameters.get("reply_to_message_id").and_then(number);
        let Some(id) = reply.and_then(|reply| reply.get("message_id")).and_then(number).or(old)
        else {
            return Ok(None);
        };
        if self.messages.iter().any(|message| (message.chat, message.id) == (chat, id)) {
            return Ok(Some(id));
        }
        let lenient = reply.and_then(|reply| reply.get("allow_sending_without_reply"));
        if lenient.or_else(|| parameters.get("allow_sending_without_reply")).is_some_and(is_true) {
            return Ok(None);
        }
        Err(refuse(400, "Bad Request: message to be replied not found"))
    }
}

fn read(parameters: &Map<String, Value>) -> Result<Read, Reply> {
    let text = word(parameters, "text").unwrap_or_default();
    let mode = word(parameters, "parse_mode").unwrap_or_default();
    let read = match mode.to_ascii_lowercase().as_str() {
        "" => Read { text: text.to_owned(), tags: Vec::new(), pings: mentions_of(text) },
        "html" => {
            let refused =
                |error| refuse(400, &format!("Bad Request: can't parse entities: {error}"));
            let parsed = html::parse(text).map_err(refused)?;
            let mut pings = mentions_of(&parsed.outside_code);
            pings.extend(parsed.users);
            Read { text: parsed.text, tags: parsed.tags, pings }
        }
        // Both kinds of Markdown are left out of this fake: nobody should send them untested.
        _ => return Err(refuse(400, "Bad Request: unsupported parse_mode")),
    };
    let text = read.text.trim().to_owned();
    if text.is_empty() {
        return Err(refuse(400, "Bad Request: message text is empty"));
    }
    if text.encode_utf16().count() > TEXT {
        return Err(refuse(400, "Bad Request: message is too long"));
    }
    Ok(Read { text, ..read })
}

/// Backticks are no code here, and a name has at least two characters, without a dash.
fn mentions_of(text: &str) -> Vec<String> {
    let named = mentions(&text.replace('`', " ")).into_iter();
    let name = |name: String| name.split('-').next().unwrap_or_default().to_owned();
    named.map(name).filter(|name| name.len() > 1).collect()
}

fn show(message: &Message) -> Value {
    json!({
        "message_id": message.id,
        "chat": {"id": message.chat, "type": "supergroup", "title": "alerts"},
        "from": {"id": 123_456, "is_bot": true, "username": "sweepd_bot"},
        "date": message.sent / 1000,
        "edit_date": message.edited.map(|at| at / 1000),
        "text": message.text,
    })
}

/// Numbers may be written as text.
fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

fn is_true(value: &Value) -> bool {
    value.as_bool().unwrap_or_else(|| matches!(value.as_str(), Some("true" | "True" | "1")))
}
