//! ntfy: publishing as JSON to the root, or as text to a topic.
//!
//! From "Publishing" (as JSON, priority, limitations, authentication) and, for topics, codes and what
//! becomes of a long message, from `server/server.go` and `server/errors.go`.

mod publish;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};

use crate::exchange::{Reply, Request};
use crate::fake::{Fake, Service};

/// An ntfy server.
pub type Ntfy = Fake<Broker>;

/// A token of a user who may write everywhere.
pub const TOKEN: &str = "tk_PLANTEDmVBoFD37zQVN29RhuMzNI";

/// A message as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message {
    /// Twelve characters.
    pub id: String,
    /// Where it is.
    pub topic: String,
    /// Empty where there is none.
    pub title: String,
    /// `triggered` where none was sent.
    pub message: String,
    /// From 1 to 5; 3 where none was sent.
    pub priority: u64,
    /// In the order in which they came.
    pub tags: Vec<String>,
    /// What a click opens.
    pub click: Option<String>,
    /// The message was too long, and this is the file that it became.
    pub attachment: Option<String>,
    /// When, in milliseconds.
    pub at: i64,
}

/// What it holds.
#[derive(Debug)]
pub struct Broker {
    messages: Vec<Message>,
    /// What `Authorization` may say, and whether it is denied writing to protected topics.
    logins: BTreeMap<String, bool>,
    protected: BTreeSet<String>,
    attachments: bool,
}

/// What goes wrong, as an answer.
type Answer = Result<Reply, Reply>;

impl Ntfy {
    /// Starts one that everybody may write to, without attachments.
    pub async fn start() -> Self {
        let logins = BTreeMap::from([(format!("Bearer {TOKEN}"), false)]);
        let (messages, protected) = (Vec::new(), BTreeSet::new());
        Self::serve(Broker { messages, logins, protected, attachments: false }).await
    }

    /// The messages of a topic, oldest first.
    pub fn messages(&self, topic: &str) -> Vec<Message> {
        let all = self.with(|broker| broker.messages.clone());
        all.into_iter().filter(|message| message.topic == topic).collect()
    }

    /// Only those who may write everywhere may write to this topic.
    pub fn protect(&self, topic: &str) {
        self.with(|broker| broker.protected.insert(topic.to_owned()));
    }

    /// `Authorization` may also say this: `Basic …`; whether protected topics are denied.
    pub fn add_login(&self, authorization: &str, denied: bool) {
        self.with(|broker| broker.logins.insert(authorization.to_owned(), denied));
    }

    /// Long messages become files, as on `ntfy.sh`, instead of being refused.
    pub fn allow_attachments(&self) {
        self.with(|broker| broker.attachments = true);
    }
}

impl Service for Broker {
    fn answer(&mut self, request: &Request, now: i64) -> Reply {
        self.publish(request, now).unwrap_or_else(|refused| refused)
    }

    /// Nothing says how long to wait.
    fn limited(&self, _: &Request, _: Duration, _: i64) -> Reply {
        let error = "limit reached: too many requests, please be nice";
        refuse(429, 42_901, error, "https://ntfy.sh/docs/publish/#limitations")
    }

    /// All requests of a visitor are one bucket.
    fn bucket(&self, _: &Request) -> Option<String> {
        Some("visitor".to_owned())
    }
}

impl Broker {
    fn allowed(&self, request: &Request, topic: &str) -> Result<(), Reply> {
        let help = "https://ntfy.sh/docs/publish/#authentication";
        let denied = match request.header("authorization") {
            None => true,
            Some(given) => {
                *self.logins.get(given).ok_or_else(|| refuse(401, 40_101, "unauthorized", help))?
            }
        };
        if denied && self.protected.contains(topic) {
            return Err(refuse(403, 40_301, "forbidden", help));
        }
        Ok(())
    }
}

/// Every error has this shape.
fn refuse(status: u16, code: u64, error: &str, link: &str) -> Reply {
    let mut body = json!({"code": code, "http": status, "error": error});
    if let Some(body) = body.as_object_mut().filter(|_| !link.is_empty()) {
        body.insert("link".to_owned(), Value::String(link.to_owned()));
    }
    Reply::json(status, &body)
}
