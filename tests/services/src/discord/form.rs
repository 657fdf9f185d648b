//! Which messages Discord takes: lengths and shapes.

use serde_json::{Map, Value, json};

use crate::exchange::{Reply, word};

const CONTENT: usize = 2000;
const EMBEDS: usize = 10;
/// All texts of all embeds of a message.
const EMBED_TOTAL: usize = 6000;
const FIELDS: usize = 25;
const NONCE: usize = 25;
const USERNAME: usize = 80;
const ALLOWED: usize = 100;

/// Without the blanks around it.
pub(super) fn content(fields: &Map<String, Value>) -> Result<String, Reply> {
    let text = match fields.get("content") {
        None | Some(Value::Null) => "",
        Some(given) => given.as_str().ok_or_else(|| {
            invalid("content", "STRING_TYPE_CONVERT", "Could not interpret as string.")
        })?,
    };
    at_most("content", text, CONTENT)?;
    Ok(text.trim().to_owned())
}

pub(super) fn embeds(fields: &Map<String, Value>) -> Result<Vec<Value>, Reply> {
    let list = match fields.get("embeds") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(given) => given.as_array().ok_or_else(|| {
            invalid("embeds", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        })?,
    };
    if list.len() > EMBEDS {
        return Err(invalid("embeds", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length."));
    }
    let mut total = 0;
    for (at, embed) in list.iter().enumerate() {
        total += sized(at, embed)?;
    }
    if total > EMBED_TOTAL {
        let message = "Embed size exceeds maximum size of 6000";
        return Err(invalid("embeds", "MAX_EMBED_SIZE_EXCEEDED", message));
    }
    Ok(list.clone())
}

/// An embed with nothing to show.
pub(super) fn is_empty(embed: &Value) -> bool {
    let shows = ["title", "description", "fields", "footer", "author", "image", "thumbnail", "url"];
    let nothing = |value: &Value| {
        value.is_null()
            || value.as_str().is_some_and(|text| text.trim().is_empty())
            || value.as_array().is_some_and(Vec::is_empty)
    };
    shows.iter().all(|name| embed.get(name).is_none_or(nothing))
}

/// How long its texts are together.
fn sized(at: usize, embed: &Value) -> Result<usize, Reply> {
    let part = |name: &str| format!("embeds.{at}.{name}");
    let Some(embed) = embed.as_object() else {
        let message = "Only dictionaries may be used in a DictType";
        return Err(invalid(&format!("embeds.{at}"), "MODEL_TYPE_CONVERT", message));
    };
    let inner = |name: &str, field: &str| {
        embed.get(name).and_then(|of| of.get(field)).and_then(Value::as_str).unwrap_or_default()
    };
    let mut total = 0;
    total += at_most(&part("title"), word(embed, "title").unwrap_or_default(), 256)?;
    total += at_most(&part("description"), word(embed, "description").unwrap_or_default(), 4096)?;
    total += at_most(&part("footer.text"), inner("footer", "text"), 2048)?;
    total += at_most(&part("author.name"), inner("author", "name"), 256)?;
    let none = Vec::new();
    let fields = embed.get("fields").and_then(Value::as_array).unwrap_or(&none);
    if fields.len() > FIELDS {
        let message = "Must be 25 or fewer in length.";
        return Err(invalid(&part("fields"), "BASE_TYPE_MAX_LENGTH", message));
    }
    for (number, field) in fields.iter().enumerate() {
        for (name, most) in [("name", 256), ("value", 1024)] {
            let text = field.get(name).and_then(Value::as_str).unwrap_or_default();
            let place = part(&format!("fields.{number}.{name}"));
            if text.trim().is_empty() {
                return Err(invalid(&place, "BASE_TYPE_REQUIRED", "This field is required"));
            }
            total += at_most(&place, text, most)?;
        }
    }
    if embed.get("color").is_some_and(|color| color.as_u64().is_none_or(|c| c > 0xff_ff_ff)) {
        let message = "int value should be between 0 and 16777215.";
        return Err(invalid(&part("color"), "NUMBER_TYPE_MAX", message));
    }
    if let Some(url) = word(embed, "url").filter(|url| !url.is_empty())
        && !url.starts_with("http://")
        && !url.starts_with("https://")
    {
        return Err(invalid(&part("url"), "URL_TYPE_INVALID_URL", "Not a well formed URL."));
    }
    Ok(total)
}

/// What may be called. Naming users and parsing users are exclusive, and roles the same.
pub(super) fn allowed(fields: &Map<String, Value>) -> Result<Option<Value>, Reply> {
    let given = match fields.get("allowed_mentions") {
        None | Some(Value::Null) => return Ok(None),
        Some(given) => given,
    };
    let list = |name: &str| given.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let parse = list("parse");
    let known = ["roles", "users", "everyone"];
    if parse.iter().any(|kind| !kind.as_str().is_some_and(|kind| known.contains(&kind))) {
        let message = "Value must be one of ('users', 'everyone', 'roles').";
        return Err(invalid("allowed_mentions.parse.0", "BASE_TYPE_CHOICES", message));
    }
    for name in ["users", "roles"] {
        let ids = list(name);
        if ids.len() > ALLOWED {
            let place = format!("allowed_mentions.{name}");
            return Err(invalid(&place, "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer in length."));
        }
        if !ids.is_empty() && parse.iter().any(|kind| kind == name) {
            let message =
                format!("parse:[\"{name}\"] and {name}: [ids...] are mutually exclusive.");
            let code = "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE";
            return Err(invalid("allowed_mentions", code, &message));
        }
    }
    Ok(Some(given.clone()))
}

/// A number, or up to 25 characters.
pub(super) fn nonce(fields: &Map<String, Value>) -> Result<Option<Value>, Reply> {
    let Some(nonce) = fields.get("nonce").filter(|nonce| !nonce.is_null()) else { return Ok(None) };
    match nonce.as_str() {
        Some(text) => at_most("nonce", text, NONCE).map(|_| Some(nonce.clone())),
        None if nonce.is_i64() || nonce.is_u64() => Ok(Some(nonce.clone())),
        None => {
            Err(invalid("nonce", "NONCE_TYPE_INVALID", "Nonce must be a string or an integer."))
        }
    }
}

/// What a webhook calls itself.
pub(super) fn username(fields: &Map<String, Value>) -> Result<(), Reply> {
    let Some(name) = word(fields, "username") else { return Ok(()) };
    let length = name.trim().chars().count();
    if length == 0 || length > USERNAME {
        let message = "Must be between 1 and 80 in length.";
        return Err(invalid("username", "BASE_TYPE_BAD_LENGTH", message));
    }
    for word in ["clyde", "discord"] {
        if name.to_lowercase().contains(word) {
            let message = format!("Username cannot contain \"{word}\"");
            return Err(invalid("username", "USERNAME_INVALID_CONTAINS", &message));
        }
    }
    Ok(())
}

/// `400` with what is wrong at which place; the parts of a place are between dots.
pub(super) fn invalid(place: &str, code: &str, message: &str) -> Reply {
    let error = json!({"_errors": [{"code": code, "message": message}]});
    let errors = place.rsplit('.').fold(error, |inner, part| json!({part: inner}));
    let body = json!({"message": "Invalid Form Body", "code": 50_035, "errors": errors});
    Reply::json(400, &body)
}

/// Counted in code points, without the blanks around it.
fn at_most(place: &str, text: &str, most: usize) -> Result<usize, Reply> {
    let length = text.trim().chars().count();
    if length > most {
        let message = format!("Must be {most} or fewer in length.");
        return Err(invalid(place, "BASE_TYPE_MAX_LENGTH", &message));
    }
    Ok(length)
}
