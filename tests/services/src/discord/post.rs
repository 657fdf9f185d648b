//! How a message of Discord is written and edited.

use serde_json::{Map, Value};

use super::form::{self, invalid};
use super::{Answer, Message, Rest, WEBHOOK, refuse};
use crate::exchange::{Reply, Request, word};

/// "The past few minutes" in which a nonce is one message.
const NONCE_KEPT: i64 = 5 * 60 * 1000;
/// The first second of 2015, from which snowflakes count.
const EPOCH: i64 = 1_420_070_400_000;

impl Rest {
    pub(super) fn create(
        &mut self,
        request: &Request,
        channel: &str,
        author: &str,
        now: i64,
    ) -> Answer {
        let fields = body(request)?;
        let content = form::content(&fields)?;
        let embeds = form::embeds(&fields)?;
        if content.is_empty() && embeds.iter().all(form::is_empty) {
            return Err(refuse(400, "Cannot send an empty message", 50_006));
        }
        let allowed_mentions = form::allowed(&fields)?;
        let (nonce, answers) = if author == WEBHOOK {
            form::username(&fields)?;
            (None, None)
        } else {
            (form::nonce(&fields)?, self.answered(channel, &fields)?)
        };
        if fields.get("enforce_nonce") == Some(&Value::Bool(true)) && nonce.is_some() {
            let recent = |message: &&Message| now - message.created < NONCE_KEPT;
            let mut all = self.messages.iter().filter(recent);
            if let Some(known) = all.find(|known| known.nonce == nonce && known.author == author) {
                return Ok(Reply::json(200, &known.show()));
            }
        }
        self.sequence += 1;
        let id = (((now - EPOCH) << 22) | (self.sequence & 0xfff)).to_string();
        let (channel, author) = (channel.to_owned(), author.to_owned());
        let (created, edited) = (now, None);
        let message = Message {
            id,
            channel,
            author,
            content,
            embeds,
            allowed_mentions,
            nonce,
            answers,
            created,
            edited,
        };
        let reply = Reply::json(200, &message.show());
        self.messages.push(message);
        Ok(reply)
    }

    /// Only the author's. What is not said stays; mentions are looked at again.
    pub(super) fn edit(
        &mut self,
        request: &Request,
        channel: &str,
        id: &str,
        author: &str,
        now: i64,
    ) -> Answer {
        let fields = body(request)?;
        let content = form::content(&fields)?;
        let embeds = form::embeds(&fields)?;
        let allowed = form::allowed(&fields)?;
        let message = self.found(channel, id)?;
        if message.author != author {
            let said = "Cannot edit a message authored by another user";
            return Err(refuse(403, said, 50_005));
        }
        let content =
            if fields.contains_key("content") { content } else { message.content.clone() };
        let embeds = if fields.contains_key("embeds") { embeds } else { message.embeds.clone() };
        if content.is_empty() && embeds.iter().all(form::is_empty) {
            return Err(refuse(400, "Cannot send an empty message", 50_006));
        }
        message.content = content;
        message.embeds = embeds;
        message.allowed_mentions = allowed;
        message.edited = Some(now);
        Ok(Reply::json(200, &message.show()))
    }

    /// The message that this one answers must be there, unless it says that it need not.
    fn answered(
        &self,
        channel: &str,
        fields: &Map<String, Value>,
    ) -> Result<Option<String>, Reply> {
        let Some(reference) = fields.get("message_reference").and_then(Value::as_object) else {
            return Ok(None);
        };
        let id = word(reference, "message_id").unwrap_or_default();
        let mut all = self.messages.iter();
        if all.any(|message| message.id == id && message.channel == channel) {
            return Ok(Some(id.to_owned()));
        }
        if reference.get("fail_if_not_exists") == Some(&Value::Bool(false)) {
            return Ok(None);
        }
        Err(invalid("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message"))
    }
}

/// Only JSON: files are left out.
fn body(request: &Request) -> Result<Map<String, Value>, Reply> {
    let kind = request.header("content-type").unwrap_or_default();
    if !kind.starts_with("application/json") {
        let message = "Expected \"Content-Type\" header to be one of {'application/json', \
                       'application/x-www-form-urlencoded', 'multipart/form-data'}.";
        return Err(invalid("_errors", "CONTENT_TYPE_INVALID", message));
    }
    let wrong = || refuse(400, "The request body contains invalid JSON.", 50_109);
    request.fields().ok_or_else(wrong)
}
