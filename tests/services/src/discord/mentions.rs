//! Whom a message of Discord calls.

use serde_json::Value;

use crate::pings::without_code;

/// `everyone`, `here`, `user:1`, `role:1`: what stands in the text outside code and is allowed.
/// Where nothing was said of what is allowed, everything is.
pub(super) fn called(content: &str, allowed: Option<&Value>) -> Vec<String> {
    let text = without_code(content);
    let mut found = Vec::new();
    for (sign, name) in [("@everyone", "everyone"), ("@here", "here")] {
        if text.contains(sign) && may(allowed, "everyone", None) {
            found.push(name.to_owned());
        }
    }
    for part in text.split("<@").skip(1) {
        let Some((inner, _)) = part.split_once('>') else { continue };
        let (kind, list, id) = match inner.strip_prefix('&') {
            Some(id) => ("role", "roles", id),
            None => ("user", "users", inner.trim_start_matches('!')),
        };
        let is_id = !id.is_empty() && id.chars().all(|digit| digit.is_ascii_digit());
        if is_id && may(allowed, list, Some(id)) {
            found.push(format!("{kind}:{id}"));
        }
    }
    found
}

fn may(allowed: Option<&Value>, list: &str, id: Option<&str>) -> bool {
    let Some(allowed) = allowed else { return true };
    let has = |name: &str, what: &str| {
        let list = allowed.get(name).and_then(Value::as_array);
        list.is_some_and(|list| list.iter().any(|one| one.as_str() == Some(what)))
    };
    has("parse", list) || id.is_some_and(|id| has(list, id))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_allowed_calls_nobody() {
        let text = "@everyone @here <@1> <@!2> <@&3> `<@4> @everyone` <@x>";
        assert_eq!(called(text, None), ["everyone", "here", "user:1", "user:2", "role:3"]);
        assert_eq!(called(text, Some(&json!({"parse": []}))), [""; 0]);
        assert_eq!(called(text, Some(&json!({"parse": ["roles"]}))), ["role:3"]);
        assert_eq!(called(text, Some(&json!({"parse": [], "users": ["2"]}))), ["user:2"]);
    }
}
