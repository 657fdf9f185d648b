//! Where sweepd tells people: chat, paging, mail, webhooks and issue trackers.
//!
//! A [`Sink`] makes one attempt to deliver, and says what came of it. It decides nothing about when,
//! how often or what: retrying, pacing and ordering are the engine's, by the rules of
//! `sweepd-decide`.

mod alertmanager;
mod apprise;
mod attempt;
mod discord;
mod http;
mod ntfy;
mod pagerduty;
mod secret;
mod settings;
mod sink;
mod slack;
mod smtp;
mod telegram;
mod text;
mod tracker;
mod veil;
mod webhook;

pub use alertmanager::{Alertmanager, AlertmanagerSettings};
pub use apprise::{Apprise, AppriseSettings, AppriseWhom};
pub use discord::{Discord, DiscordSettings};
pub use http::{Http, HttpError, HttpOptions};
pub use ntfy::{Ntfy, NtfySettings};
pub use pagerduty::{Pagerduty, PagerdutySettings};
pub use secret::{Secret, SecretError};
pub use settings::SettingsError;
pub use sink::{Delivering, Pace, Post, Receipt, Sink, SinkError, Takes};
pub use slack::{Slack, SlackSettings};
pub use smtp::{Smtp, SmtpSettings, SmtpTls};
pub use telegram::{Telegram, TelegramSettings};
pub use text::{Texts, TextsError};
pub use tracker::{Tracker, TrackerKind, TrackerSettings};
pub use webhook::{Webhook, WebhookSettings, WebhookUrl};
