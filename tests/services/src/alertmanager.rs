//! Alertmanager: alerts posted to `/api/v2/alerts`.
//!
//! From its `OpenAPI` document `api/v2/openapi.yaml` and from "Alerts API": an alert is told by its
//! labels, and is over when its end is.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::exchange::{Reply, Request};
use crate::fake::{Fake, Service, seconds};

/// An Alertmanager.
pub type Alertmanager = Fake<Manager>;

/// An alert, as it was posted last.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Alert {
    /// What tells it from others.
    pub labels: BTreeMap<String, String>,
    /// What people read.
    pub annotations: BTreeMap<String, String>,
    /// As it was sent.
    pub starts_at: Option<String>,
    /// As it was sent; in the past it means that the alert is over.
    pub ends_at: Option<String>,
    /// How often it was posted.
    pub posts: usize,
    /// When it was posted last, in milliseconds.
    pub at: i64,
}

/// What it holds.
#[derive(Debug, Default)]
pub struct Manager {
    alerts: BTreeMap<BTreeMap<String, String>, Alert>,
}

impl Alertmanager {
    /// Starts one.
    pub async fn start() -> Self {
        Self::serve(Manager::default()).await
    }

    /// Every alert that was posted, in the order of their labels.
    pub fn alerts(&self) -> Vec<Alert> {
        self.with(|manager| manager.alerts.values().cloned().collect())
    }
}

impl Service for Manager {
    fn answer(&mut self, request: &Request, now: i64) -> Reply {
        match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/api/v2/alerts") => match self.post(request, now) {
                Ok(()) => Reply::empty(200),
                // Errors are JSON strings.
                Err(error) => Reply::json(400, &json!(error)),
            },
            ("GET", "/-/ready") => Reply::text(200, "OK"),
            _ => Reply::json(404, &json!({"code": 404, "message": "path was not found"})),
        }
    }

    /// What a proxy in front of it says: it has no limit of its own.
    fn limited(&self, _: &Request, retry_after: Duration, _: i64) -> Reply {
        Reply::text(429, "Too Many Requests").with("retry-after", seconds(retry_after))
    }
}

impl Manager {
    /// One alert that is not valid makes the answer an error; the others are taken.
    fn post(&mut self, request: &Request, now: i64) -> Result<(), String> {
        let body = request.json();
        let list = body.as_array().ok_or("parsing alerts body from \"\" failed")?;
        let mut wrong = Vec::new();
        for posted in list {
            match alert(posted, now) {
                Ok(alert) => {
                    let posts = self.alerts.get(&alert.labels).map_or(0, |known| known.posts);
                    let alert = Alert { posts: posts + 1, ..alert };
                    self.alerts.insert(alert.labels.clone(), alert);
                }
                Err(error) => wrong.push(error),
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
    }
}

fn alert(posted: &Value, now: i64) -> Result<Alert, String> {
    let labels = texts(posted.get("labels").ok_or("labels in body is required")?)?;
    let annotations = posted.get("annotations").map_or_else(|| Ok(BTreeMap::new()), texts)?;
    // An empty label is no label.
    let labels: BTreeMap<_, _> =
        labels.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    if labels.is_empty() {
        return Err("invalid label set: at least one label pair required".to_owned());
    }
    for name in labels.keys().chain(annotations.keys()) {
        let start = |sign: char| sign.is_ascii_alphabetic() || sign == '_';
        let plain = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
        if !name.starts_with(start) || !name.chars().all(plain) {
            return Err(format!("invalid label set: invalid name {name:?}"));
        }
    }
    let time = |name: &str| match posted.get(name).map(Value::as_str) {
        None => Ok(None),
        Some(Some(text)) if is_time(text) => Ok(Some(text.to_owned())),
        Some(_) => Err(format!("{name} in body must be of type date-time")),
    };
    let (starts_at, ends_at) = (time("startsAt")?, time("endsAt")?);
    if starts_at.is_some() && ends_at.is_some() && ends_at < starts_at {
        return Err("start time must be before end time".to_owned());
    }
    Ok(Alert { labels, annotations, starts_at, ends_at, posts: 0, at: now })
}

fn texts(value: &Value) -> Result<BTreeMap<String, String>, String> {
    let object = value.as_object().ok_or("expected an object of texts")?;
    let pair = |(name, value): (&String, &Value)| {
        let value = value.as_str().ok_or_else(|| format!("{name} is no text"))?;
        Ok((name.clone(), value.to_owned()))
    };
    object.iter().map(pair).collect()
}

/// RFC 3339, roughly: date, time and zone.
fn is_time(text: &str) -> bool {
    let shape = |(at, sign): (usize, char)| match at {
        4 | 7 => sign == '-',
        10 => sign == 'T',
        13 | 16 => sign == ':',
        _ => sign.is_ascii_digit(),
    };
    let zone = text.get(19..).unwrap_or_default();
    let zone = zone.trim_start_matches(|sign: char| sign == '.' || sign.is_ascii_digit());
    text.chars().take(19).enumerate().all(shape)
        && (zone == "Z" || (zone.len() == 6 && zone.starts_with(['+', '-'])))
}
