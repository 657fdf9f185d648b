//! Sends a message to a Telegram chat as a bot.
//!
//! A message has at most 4,096 characters after its entities are parsed; they are counted as UTF-16
//! units, as Telegram counts the lengths of entities. There is no preview of links. The token is a
//! part of the address, so no address is ever shown.
//!
//! Source: Telegram Bot API, "sendMessage", "HTML style", "Making requests", "Response Parameters";
//! Bots FAQ, "My bot is hitting limits" (20 messages a minute and group).

use std::sync::Arc;

use reqwest::Url;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use sweepd_decide::{Setback, Span};

use crate::attempt::{fingerprint, secret, set};
use crate::exposure::exposed;
use crate::http::{Answer, CAP, seconds, setback};
use crate::settings::{base, join, word};
use crate::text::{Markup, Target, Unit};
use crate::veil::Veil;
use crate::{
    Delivering, Http, Pace, Post, Receipt, Secret, SettingsError, Sink, SinkError, Takes, Texts,
};

/// How a chat is reached.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "settings are written out in full")]
pub struct TelegramSettings {
    /// `https://api.telegram.org`
    pub api_base: Url,
    /// The chat's number, or `@channel`.
    pub chat_id: String,
    /// The topic in a forum.
    pub thread_id: Option<i64>,
    /// The bot's token.
    pub token: Secret,
}

/// A chat on Telegram.
#[derive(Debug)]
pub struct Telegram {
    settings: TelegramSettings,
    http: Http,
    texts: Arc<Texts>,
}

impl Telegram {
    /// A sink with these settings.
    ///
    /// # Errors
    /// A setting cannot be used.
    pub fn new(
        settings: TelegramSettings,
        http: Http,
        texts: Arc<Texts>,
    ) -> Result<Self, SettingsError> {
        base("api-base", &settings.api_base)?;
        word("chat-id", &settings.chat_id)?;
        Ok(Self { settings, http, texts })
    }

    async fn attempt(&self, post: &Post) -> Result<Receipt, SinkError> {
        let token = secret(DOING, &self.settings.token).await?;
        let target = Target::new(Markup::Telegram, Unit::Seen, 4096);
        let text = self.texts.message(&post.alerts, target);
        let mut body = json!({
            "chat_id": self.settings.chat_id,
            "text": text.text,
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": true},
        });
        if let Some(thread) = self.settings.thread_id {
            set(&mut body, "message_thread_id", thread);
        }
        let bot = format!("bot{}", token.expose_secret());
        let url = join(&self.settings.api_base, [bot.as_str(), "sendMessage"]);
        let veil = Veil::of(&token).address(&url);
        let request = self.http.client().post(url).json(&body);
        let answer = self.http.send(DOING, request, &veil, CAP).await?;
        if !answer.is_success() {
            return Err(answer.error(
                refused(&answer)
                    .unwrap_or_else(|| setback(answer.status, &answer.headers, post.now)),
            ));
        }
        let json = answer.json().unwrap_or_default();
        answer.proven(json.get("ok") == Some(&Value::Bool(true)), "a message")?;
        let place = json.pointer("/result/message_id").map(ToString::to_string);
        Ok(Receipt { place, remark: text.remark })
    }
}

impl Sink for Telegram {
    fn kind(&self) -> &'static str {
        "telegram"
    }

    fn takes(&self) -> Takes {
        let pace = Pace { burst: 3, every: Span::from_secs(4) };
        Takes { notes: true, still: true, batch: 1000, pace }
    }

    fn fingerprint(&self) -> String {
        let TelegramSettings { api_base, chat_id, thread_id, token } = &self.settings;
        let thread = thread_id.unwrap_or_default().to_string();
        fingerprint("telegram", [api_base.as_str(), chat_id, &thread], [token])
    }

    fn in_the_open(&self) -> Option<SettingsError> {
        exposed("api-base", &self.settings.api_base, "token")
    }

    fn deliver<'a>(&'a self, post: &'a Post) -> Delivering<'a> {
        Box::pin(self.attempt(post))
    }
}

/// What a refusal means where its status does not say it: how long to wait; that a chat is not
/// there, or has become another one, which is told with 400 like a text that cannot be parsed.
fn refused(answer: &Answer) -> Option<Setback> {
    let json = answer.json()?;
    let parameters = json.get("parameters");
    if answer.status == 429 {
        let wait = parameters?.get("retry_after")?.as_f64()?.to_string();
        return Some(Setback::Later(Some(seconds(&wait)?)));
    }
    let words = json.get("description")?.as_str()?.to_ascii_lowercase();
    let of_the_chat =
        ["chat not found", "not enough rights", "upgraded to a supergroup", "deactivated"];
    let gone = of_the_chat.iter().any(|it| words.contains(it));
    (answer.status == 400 && gone).then_some(Setback::Stopped)
}

const DOING: &str = "send to Telegram";
