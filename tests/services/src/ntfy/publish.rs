//! Which messages ntfy takes, and what becomes of them.

use serde_json::{Map, Value, json};

use super::{Answer, Broker, Message, refuse};
use crate::exchange::{Reply, Request, word, words};

/// Bytes of a message.
const MESSAGE: usize = 4096;
/// Topics that the server needs itself.
const DISALLOWED: &[&str] =
    &["docs", "static", "file", "app", "metrics", "account", "settings", "signup", "login", "v1"];
const ACTIONS: usize = 3;

impl Broker {
    pub(super) fn publish(&mut self, request: &Request, now: i64) -> Answer {
        let writes = matches!(request.method.as_str(), "POST" | "PUT");
        let segments = request.segments();
        let (topic, fields) = match segments.as_slice() {
            [] if writes => {
                let fields = json_body(request)?;
                (word(&fields, "topic").unwrap_or_default().to_owned(), fields)
            }
            [topic] if writes => (topic.clone(), text_body(request)?),
            _ => return Err(refuse(404, 40_401, "page not found", "")),
        };
        let plain = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_');
        if topic.is_empty() || topic.len() > 64 || !topic.chars().all(plain) {
            return Err(refuse(400, 40_009, "invalid request: topic invalid", ""));
        }
        if DISALLOWED.contains(&topic.as_str()) {
            return Err(refuse(400, 40_010, "invalid request: topic name is disallowed", ""));
        }
        self.allowed(request, &topic)?;
        let message = self.message(topic, &fields, now)?;
        let reply = Reply::json(200, &show(&message));
        self.messages.push(message);
        Ok(reply)
    }

    fn message(
        &self,
        topic: String,
        fields: &Map<String, Value>,
        now: i64,
    ) -> Result<Message, Reply> {
        let priority = match fields.get("priority").map(Value::as_u64) {
            None | Some(Some(0)) => 3,
            Some(Some(priority @ 1..=5)) => priority,
            Some(_) => {
                let help = "https://ntfy.sh/docs/publish/#message-priority";
                return Err(refuse(400, 40_007, "invalid priority parameter", help));
            }
        };
        let actions = fields.get("actions").and_then(Value::as_array).map_or(0, Vec::len);
        if actions > ACTIONS {
            let error = "invalid request: actions invalid, only 3 actions allowed";
            return Err(refuse(400, 40_018, error, "https://ntfy.sh/docs/publish/#action-buttons"));
        }
        let text = word(fields, "message").unwrap_or_default();
        let mut message = if text.is_empty() { "triggered" } else { text }.to_owned();
        let mut attachment = None;
        if text.len() > MESSAGE {
            if !self.attachments {
                let error = "invalid request: attachments not allowed";
                return Err(refuse(400, 40_014, error, "https://ntfy.sh/docs/config/#attachments"));
            }
            attachment = Some(text.to_owned());
            "You received a file: attachment.txt".clone_into(&mut message);
        }
        let id = format!("m{:011}", self.messages.len() + 1);
        let title = word(fields, "title").unwrap_or_default().to_owned();
        let tags = words(fields, "tags").unwrap_or_default();
        let click = word(fields, "click").map(str::to_owned);
        Ok(Message { id, topic, title, message, priority, tags, click, attachment, at: now })
    }
}

/// The body may be twice as long as a message; each field has its type.
fn json_body(request: &Request) -> Result<Map<String, Value>, Reply> {
    if request.body.len() > 2 * MESSAGE {
        return Err(refuse(413, 41_303, "JSON body too large", ""));
    }
    let invalid = || {
        let error = "invalid request: request body must be message JSON";
        refuse(400, 40_017, error, "https://ntfy.sh/docs/publish/#publish-as-json")
    };
    let body: Value = serde_json::from_slice(&request.body).map_err(|_| invalid())?;
    let fields = body.as_object().cloned().ok_or_else(invalid)?;
    let texts = ["topic", "title", "message", "click", "attach", "icon", "delay", "email", "call"];
    let typed = |name: &str, fits: fn(&Value) -> bool| fields.get(name).is_none_or(fits);
    let all_texts =
        |value: &Value| value.as_array().is_some_and(|list| list.iter().all(Value::is_string));
    let fits = texts.iter().all(|name| typed(name, |value| value.is_string() || value.is_null()))
        && typed("priority", |value| value.is_i64() || value.is_u64())
        && fields.get("tags").is_none_or(all_texts)
        && typed("actions", Value::is_array);
    if fits { Ok(fields) } else { Err(invalid()) }
}

/// The body is the message; the rest is in headers or in the address.
fn text_body(request: &Request) -> Result<Map<String, Value>, Reply> {
    let text = String::from_utf8(request.body.clone())
        .map_err(|_| refuse(400, 40_011, "invalid message: message must be UTF-8 encoded", ""))?;
    let said = |names: [&str; 3]| {
        let header = names.iter().find_map(|name| request.header(name));
        header.or_else(|| names.iter().find_map(|name| request.param(name))).map(str::to_owned)
    };
    let mut fields = Map::new();
    fields.insert("message".to_owned(), json!(text.trim()));
    if let Some(title) = said(["x-title", "title", "t"]) {
        fields.insert("title".to_owned(), json!(title));
    }
    if let Some(click) = said(["x-click", "click", "click"]) {
        fields.insert("click".to_owned(), json!(click));
    }
    if let Some(tags) = said(["x-tags", "tags", "tag"]) {
        let tags: Vec<_> = tags.split(',').map(str::trim).collect();
        fields.insert("tags".to_owned(), json!(tags));
    }
    if let Some(given) = said(["x-priority", "priority", "prio"]) {
        let number = match given.to_lowercase().as_str() {
            "min" => json!(1),
            "low" => json!(2),
            "default" => json!(3),
            "high" => json!(4),
            "max" | "urgent" => json!(5),
            other => other.parse::<u64>().map_or_else(|_| json!("?"), |number| json!(number)),
        };
        fields.insert("priority".to_owned(), number);
    }
    Ok(fields)
}

fn show(message: &Message) -> Value {
    let time = message.at / 1000;
    let mut shown = json!({
        "id": message.id,
        "time": time,
        "expires": time + 43_200,
        "event": "message",
        "topic": message.topic,
        "message": message.message,
    });
    if let Some(shown) = shown.as_object_mut() {
        if !message.title.is_empty() {
            shown.insert("title".to_owned(), json!(message.title));
        }
        if message.priority != 3 {
            shown.insert("priority".to_owned(), json!(message.priority));
        }
        if !message.tags.is_empty() {
            shown.insert("tags".to_owned(), json!(message.tags));
        }
        if message.attachment.is_some() {
            shown.insert("attachment".to_owned(), json!({"name": "attachment.txt"}));
        }
    }
    shown
}
