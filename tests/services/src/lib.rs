//! Chat services and issue trackers as their API documents describe them, for tests.

pub mod alertmanager;
pub mod apprise;
mod clock;
pub mod discord;
mod exchange;
mod fake;
mod fault;
pub mod gitea;
pub mod github;
pub mod gitlab;
mod host;
mod meter;
pub mod ntfy;
mod page;
pub mod pagerduty;
mod pings;
pub mod slack;
pub mod telegram;
pub mod tracker;
pub mod webhook;
mod wire;

pub use alertmanager::Alertmanager;
pub use apprise::Apprise;
pub use clock::START;
pub use discord::Discord;
pub use exchange::{Reply, Request};
pub use fake::{Fake, Service};
pub use fault::{Fault, Faults, Rule};
pub use gitea::Gitea;
pub use github::GitHub;
pub use gitlab::GitLab;
pub use ntfy::Ntfy;
pub use pagerduty::PagerDuty;
pub use slack::Slack;
pub use telegram::Telegram;
pub use webhook::Webhook;
