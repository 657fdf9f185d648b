//! Where sweepd tells people: chat, paging, mail, webhooks and issue trackers.
//!
//! A [`Sink`] makes one attempt to deliver, and says what came of it. It decides nothing about when,
//! how often or what: retrying, pacing and ordering are the engine's, by the rules of
//! `sweepd-decide`.

mod http;
mod secret;
mod settings;
mod sink;
mod text;
mod veil;

pub use http::{Http, HttpError, HttpOptions};
pub use secret::{Secret, SecretError};
pub use settings::SettingsError;
pub use sink::{Delivering, Pace, Post, Receipt, Sink, SinkError, Takes};
pub use text::{Texts, TextsError};
