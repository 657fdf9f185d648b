//! The API server of Apprise: `/notify/{key}` with what is stored, `/notify` with addresses.
//!
//! From its README (paths, parameters, keys) and, for which status means what, from
//! `apprise_api/api/views.py`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::exchange::{Reply, Request, word, words};
use crate::fake::{Fake, Service, seconds};

/// An Apprise API server.
pub type Apprise = Fake<Server>;

/// The key under which a configuration is stored.
pub const KEY: &str = "sweepd";

/// A notification as it went out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Notification {
    /// Empty where addresses were sent along.
    pub key: String,
    /// Empty where there is none.
    pub title: String,
    /// Never empty.
    pub body: String,
    /// `info`, `success`, `warning` or `failure`.
    pub kind: String,
    /// `text`, `markdown` or `html`.
    pub format: String,
    /// Whom it was for; empty where it was for all.
    pub tag: String,
    /// When, in milliseconds.
    pub at: i64,
}

/// What it holds.
#[derive(Debug)]
pub struct Server {
    /// The tags of each stored configuration.
    stored: BTreeMap<String, Vec<String>>,
    sent: Vec<Notification>,
    fails: bool,
    broken: bool,
}

/// A status and what is said with it.
type Outcome = Result<&'static str, (u16, &'static str)>;

impl Apprise {
    /// Starts one with a configuration that has no tags.
    pub async fn start() -> Self {
        let stored = BTreeMap::from([(KEY.to_owned(), Vec::new())]);
        Self::serve(Server { stored, sent: Vec::new(), fails: false, broken: false }).await
    }

    /// What went out, oldest first.
    pub fn notifications(&self) -> Vec<Notification> {
        self.with(|server| server.sent.clone())
    }

    /// There is a configuration under this key whose addresses have these tags.
    pub fn store(&self, key: &str, tags: &[&str]) {
        let tags = tags.iter().map(|&tag| tag.to_owned()).collect();
        self.with(|server| server.stored.insert(key.to_owned(), tags));
    }

    /// Whether a service behind it does not take what it is sent: `424`.
    pub fn fail(&self, fails: bool) {
        self.with(|server| server.fails = fails);
    }

    /// Whether its store cannot be read: `500`.
    pub fn break_store(&self, broken: bool) {
        self.with(|server| server.broken = broken);
    }
}

impl Service for Server {
    fn answer(&mut self, request: &Request, now: i64) -> Reply {
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        let key = match path.as_slice() {
            ["notify"] => "",
            ["notify", key] if is_key(key) => *key,
            _ => return Reply::html(404, "<h1>Not Found</h1>"),
        };
        if request.method != "POST" {
            return Reply::empty(405);
        }
        let (status, said, error) = match self.notify(request, key, now) {
            Ok(said) => (200, said, Value::Null),
            Err((status, said)) => (status, said, json!(said)),
        };
        let wants = |name: &str| request.header(name).is_some_and(|kind| kind.contains("json"));
        if status == 204 {
            Reply::empty(204)
        } else if wants("accept") || wants("content-type") {
            Reply::json(status, &json!({"error": error, "details": []}))
        } else {
            Reply::text(status, said)
        }
    }

    /// What a proxy in front of it says: it has no limit of its own.
    fn limited(&self, _: &Request, retry_after: Duration, _: i64) -> Reply {
        Reply::text(429, "Too Many Requests").with("retry-after", seconds(retry_after))
    }
}

impl Server {
    fn notify(&mut self, request: &Request, key: &str, now: i64) -> Outcome {
        let fields = fields(request).ok_or((400, "Malformed JSON provided"))?;
        let text = |name: &str| word(&fields, name).unwrap_or_default().to_owned();
        let or = |text: String, default: &str| {
            if text.is_empty() { default.to_owned() } else { text }
        };
        let (kind, format) = (or(text("type"), "info"), or(text("format"), "text"));
        let lacking = (400, "Payload lacks minimum requirements");
        if text("body").trim().is_empty() {
            return Err(lacking);
        }
        if !matches!(kind.as_str(), "info" | "success" | "warning" | "failure") {
            return Err(lacking);
        }
        if !matches!(format.as_str(), "text" | "markdown" | "html") {
            return Err((400, "An invalid body input format was specified"));
        }
        let tag = or(text("tag"), &text("tags"));
        if key.is_empty() {
            let urls = words(&fields, "urls").unwrap_or_else(|| vec![text("urls")]);
            if !urls.iter().any(|url| url.contains("://")) {
                return Err((204, "There was no services to notify"));
            }
        } else {
            if self.broken {
                return Err((500, "An error occured accessing configuration"));
            }
            let tags = self.stored.get(key).ok_or((204, "There was no configuration found"))?;
            let asked: Vec<&str> = tag.split([',', ' ']).filter(|one| !one.is_empty()).collect();
            let fits = |one: &&str| *one == "all" || tags.iter().any(|known| known == one);
            if !asked.is_empty() && !asked.iter().any(fits) {
                return Err((424, "One or more notification could not be sent"));
            }
        }
        if self.fails {
            return Err((424, "One or more notification could not be sent"));
        }
        let (title, body, key) = (text("title"), text("body"), key.to_owned());
        self.sent.push(Notification { key, title, body, kind, format, tag, at: now });
        Ok("Notification(s) sent")
    }
}

/// A form, unless the content type says JSON.
fn fields(request: &Request) -> Option<Map<String, Value>> {
    let kind = request.header("content-type").unwrap_or_default();
    if kind.starts_with("application/json") {
        return request.fields();
    }
    let pairs = crate::exchange::form(&request.text());
    Some(pairs.into_iter().map(|(name, value)| (name, Value::String(value))).collect())
}

fn is_key(key: &str) -> bool {
    let plain = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_');
    (1..=64).contains(&key.len()) && key.chars().all(plain)
}
