//! `PagerDuty`: the Events API v2.
//!
//! From "Events API v2 Overview" (response codes, limits) and "Send an Alert Event" (parameters,
//! de-duplication, what the actions do).

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::exchange::{Reply, Request, word};
use crate::fake::{Fake, Service};

/// The Events API.
pub type PagerDuty = Fake<Events>;

/// The integration key of the one service.
pub const KEY: &str = "PLANTED0a456789abcdef0123456789a";

const KEY_LENGTH: usize = 32;
const DEDUP: usize = 255;
const SUMMARY: usize = 1024;
/// Bytes of a request.
const SIZE: usize = 512 * 1024;

/// An alert.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Alert {
    /// What tells it from others while it is not resolved.
    pub dedup_key: String,
    /// As it is now.
    pub state: State,
    /// Of the first trigger.
    pub summary: String,
    /// Of the first trigger.
    pub severity: String,
    /// How many triggers it had.
    pub triggers: usize,
    /// The last trigger as it was sent.
    pub event: Value,
    /// When it was opened, in milliseconds.
    pub opened: i64,
    /// When it was resolved.
    pub resolved: Option<i64>,
}

/// Where an alert is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there are no others")]
pub enum State {
    /// Somebody is called.
    Triggered,
    /// Somebody works on it: further triggers call nobody.
    Acknowledged,
    /// A new trigger is a new alert.
    Resolved,
}

/// What it holds.
#[derive(Debug)]
pub struct Events {
    alerts: Vec<Alert>,
    dropped: usize,
    generated: usize,
}

impl PagerDuty {
    /// Starts one with one service.
    pub async fn start() -> Self {
        Self::serve(Events { alerts: Vec::new(), dropped: 0, generated: 0 }).await
    }

    /// All alerts, oldest first.
    pub fn alerts(&self) -> Vec<Alert> {
        self.with(|events| events.alerts.clone())
    }

    /// Those that are not resolved, oldest first.
    pub fn open(&self) -> Vec<Alert> {
        let open = |alert: &Alert| alert.state != State::Resolved;
        self.alerts().into_iter().filter(open).collect()
    }

    /// Events that were accepted and did nothing: there was no open alert for them.
    pub fn dropped(&self) -> usize {
        self.with(|events| events.dropped)
    }
}

impl Service for Events {
    fn answer(&mut self, request: &Request, now: i64) -> Reply {
        if request.segments() != ["v2", "enqueue"] {
            return Reply::empty(404);
        }
        if request.method != "POST" {
            return Reply::empty(405);
        }
        if request.body.len() > SIZE {
            return Reply::empty(413);
        }
        let Some(event) = request.json().as_object().cloned() else {
            return invalid(&["JSON cannot be parsed".to_owned()]);
        };
        let errors = errors(&event);
        if !errors.is_empty() {
            return invalid(&errors);
        }
        let dedup_key = self.take(&event, now);
        let body = json!({
            "status": "success",
            "message": "Event processed",
            "dedup_key": dedup_key,
        });
        Reply::json(202, &body)
    }

    /// Nothing says how long to wait: "a few minutes".
    fn limited(&self, _: &Request, _: Duration, _: i64) -> Reply {
        let body = json!({
            "status": "throttle exceeded",
            "message": "Requests for this service are arriving too quickly. Please retry later.",
            "errors": ["Enhance Your Calm."],
        });
        Reply::json(429, &body)
    }

    fn bucket(&self, request: &Request) -> Option<String> {
        request.json().get("routing_key").map(Value::to_string)
    }
}

impl Events {
    /// Does what the event says; its key.
    fn take(&mut self, event: &Map<String, Value>, now: i64) -> String {
        let key = word(event, "dedup_key").filter(|key| !key.is_empty()).map(str::to_owned);
        let key = key.unwrap_or_else(|| {
            self.generated += 1;
            format!("00000000-0000-4000-8000-{:012}", self.generated)
        });
        let mut all = self.alerts.iter_mut();
        let open = all.find(|alert| alert.dedup_key == key && alert.state != State::Resolved);
        let action = word(event, "event_action").unwrap_or_default();
        match (action, open) {
            ("trigger", Some(alert)) => {
                alert.triggers += 1;
                alert.event = Value::Object(event.clone());
            }
            ("trigger", None) => {
                let payload = event.get("payload").and_then(Value::as_object);
                let part = |name: &str| {
                    payload.and_then(|payload| word(payload, name)).unwrap_or_default().to_owned()
                };
                self.alerts.push(Alert {
                    dedup_key: key.clone(),
                    state: State::Triggered,
                    summary: part("summary"),
                    severity: part("severity"),
                    triggers: 1,
                    event: Value::Object(event.clone()),
                    opened: now,
                    resolved: None,
                });
            }
            ("acknowledge", Some(alert)) => alert.state = State::Acknowledged,
            (_, Some(alert)) => {
                alert.state = State::Resolved;
                alert.resolved = Some(now);
            }
            (_, None) => self.dropped += 1,
        }
        key
    }
}

/// What is wrong with an event.
fn errors(event: &Map<String, Value>) -> Vec<String> {
    let mut errors = Vec::new();
    let blank = |of: &Map<String, Value>, name: &str| {
        word(of, name).is_none_or(|text| text.trim().is_empty())
    };
    let key = word(event, "routing_key").unwrap_or_default();
    if key.is_empty() {
        errors.push("'routing_key' is missing or blank".to_owned());
    } else if key.len() != KEY_LENGTH {
        errors.push("Length of 'routing_key' is incorrect (should be 32 characters)".to_owned());
    } else if key != KEY {
        errors.push("Invalid routing key".to_owned());
    }
    if word(event, "dedup_key").is_some_and(|key| key.chars().count() > DEDUP) {
        errors.push("'dedup_key' is too long (maximum is 255 characters)".to_owned());
    }
    match word(event, "event_action").unwrap_or_default() {
        "" => errors.push("'event_action' is missing or blank".to_owned()),
        "trigger" => errors.extend(payload_errors(event, blank)),
        "acknowledge" | "resolve" if blank(event, "dedup_key") => {
            errors.push("'dedup_key' is missing or blank".to_owned());
        }
        "acknowledge" | "resolve" => {}
        _ => errors.push(
            "'event_action' is invalid (must be 'trigger', 'acknowledge' or 'resolve')".to_owned(),
        ),
    }
    errors
}

fn payload_errors(
    event: &Map<String, Value>,
    blank: impl Fn(&Map<String, Value>, &str) -> bool,
) -> Vec<String> {
    let Some(payload) = event.get("payload").and_then(Value::as_object) else {
        return vec!["'payload' is missing or blank".to_owned()];
    };
    let mut errors = Vec::new();
    for name in ["summary", "source", "severity"] {
        if blank(payload, name) {
            errors.push(format!("'payload.{name}' is missing or blank"));
        }
    }
    let summary = word(payload, "summary").unwrap_or_default();
    if summary.chars().count() > SUMMARY {
        errors.push("'payload.summary' is too long (maximum is 1024 characters)".to_owned());
    }
    let severity = word(payload, "severity").unwrap_or_default();
    if !matches!(severity, "" | "critical" | "error" | "warning" | "info") {
        let allowed = "'critical', 'warning', 'error' or 'info'";
        errors.push(format!(
            "'payload.severity' is invalid (must be one of the following: {allowed})"
        ));
    }
    if payload.get("custom_details").is_some_and(|details| !details.is_object()) {
        errors.push("'payload.custom_details' is not an object".to_owned());
    }
    let none = Vec::new();
    for link in event.get("links").and_then(Value::as_array).unwrap_or(&none) {
        if link.get("href").and_then(Value::as_str).is_none_or(str::is_empty) {
            errors.push("'links' has a link without 'href'".to_owned());
        }
    }
    errors
}

fn invalid(errors: &[String]) -> Reply {
    let body = json!({
        "status": "invalid event",
        "message": "Event object is invalid",
        "errors": errors,
    });
    Reply::json(400, &body)
}
