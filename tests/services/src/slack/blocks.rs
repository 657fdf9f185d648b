//! Which blocks Slack takes.

use serde_json::Value;

/// Blocks of a message.
const MOST: usize = 50;
/// Of these only the type and the id are looked at.
const OTHERS: &[&str] =
    &["divider", "image", "video", "rich_text", "input", "file", "table", "call"];

pub(super) fn are_valid(blocks: &[Value]) -> bool {
    blocks.len() <= MOST && blocks.iter().all(is_valid)
}

fn is_valid(block: &Value) -> bool {
    let id = block.get("block_id").and_then(Value::as_str).unwrap_or_default();
    let list = |name: &str| block.get(name).and_then(Value::as_array);
    let few = |name: &str, most: usize| {
        list(name).is_some_and(|list| !list.is_empty() && list.len() <= most)
    };
    id.chars().count() <= 255
        && match block.get("type").and_then(Value::as_str).unwrap_or_default() {
            "section" => {
                let text = block.get("text");
                let fields = list("fields");
                (text.is_some() || fields.is_some())
                    && text.is_none_or(|text| is_text(text, 3000))
                    && fields.is_none_or(|all| {
                        all.len() <= 10 && all.iter().all(|field| is_text(field, 2000))
                    })
            }
            "header" => block.get("text").is_some_and(|text| {
                text.get("type").and_then(Value::as_str) == Some("plain_text") && is_text(text, 150)
            }),
            "context" => {
                few("elements", 10)
                    && list("elements").is_some_and(|all| {
                        all.iter().all(|one| {
                            one.get("type").and_then(Value::as_str) == Some("image")
                                || is_text(one, 3000)
                        })
                    })
            }
            "actions" => few("elements", 25),
            "markdown" => {
                let text = block.get("text").and_then(Value::as_str).unwrap_or_default();
                !text.is_empty() && text.chars().count() <= 12_000
            }
            other => OTHERS.contains(&other),
        }
}

/// A text object is never empty.
fn is_text(text: &Value, most: usize) -> bool {
    let kind = text.get("type").and_then(Value::as_str).unwrap_or_default();
    let length = text.get("text").and_then(Value::as_str).unwrap_or_default().chars().count();
    matches!(kind, "mrkdwn" | "plain_text") && (1..=most).contains(&length)
}
