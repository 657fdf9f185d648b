//! Where sweepd tells people: chat, paging, mail, webhooks and issue trackers.
//!
//! A [`Sink`] makes one attempt to deliver, and says what came of it. It decides nothing about when,
//! how often or what: retrying, pacing and ordering are the engine's, by the rules of
//! `sweepd-decide`.
//!
//! # Theory of operation
//!
//! * **One attempt, bounded.** A request has its own deadlines ([`HttpOptions`]) and is never made
//!   twice; a tracker's attempt is several requests, and ends within 30 s all the same. No answer is
//!   read beyond its cap, and no redirect is followed.
//! * **Not knowing is an answer.** Where nobody knows whether it arrived, the attempt has failed for
//!   now ([`Setback::Later`](sweepd_decide::Setback)). A web page with status 200 is not what a
//!   service says, and proves nothing.
//! * **Doubles are told where the service can tell them**: by a nonce (Discord as a bot), a key
//!   (`PagerDuty`), labels (Alertmanager), a `Message-ID` (mail), the ids in what is signed
//!   (webhook), a marker in the text (trackers). Slack, Telegram, ntfy, Apprise and Discord's
//!   webhooks have nothing of the kind: an answer that is lost makes a second message.
//! * **What an agent has written is data.** It is cleaned of what is not seen, cut, and escaped for
//!   the place after a template has been rendered, so that no template can let it through
//!   ([`Texts`]). Nobody is mentioned by it, and no tracker obeys it.
//! * **Secrets are read anew at each attempt** ([`Secret`]), sent, and shown nowhere: errors hold no
//!   address, and a service's words are looked through for them.
//!
//! | sink | at most | tells doubles |
//! |---|---|---|
//! | [`Discord`] | 2,000 UTF-16 units | a bot's: yes |
//! | [`Slack`] | 3,000 UTF-16 units | no |
//! | [`Telegram`] | 4,096 UTF-16 units that are seen | no |
//! | [`Ntfy`] | 4,096 bytes | no |
//! | [`Webhook`] | no limit | yes, by id |
//! | [`Smtp`] | 100,000 UTF-16 units | yes, by `Message-ID` |
//! | [`Alertmanager`] | 20,000 UTF-16 units | yes |
//! | [`Pagerduty`] | summary 1,024 UTF-16 units, 100,000 bytes | yes |
//! | [`Apprise`] | 10,000 UTF-16 units | no |
//! | [`Tracker`] | title 255, text 60,000 UTF-16 units | yes |
//!
//! # Logging
//!
//! This crate logs nothing, and what it is built on logs no address at `debug`.

mod alertmanager;
mod apprise;
mod attempt;
mod discord;
mod exposure;
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
