//! Chat services and issue trackers as their API documents describe them, for tests.

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
mod page;
mod pings;
pub mod slack;
pub mod telegram;
pub mod tracker;
pub mod webhook;
mod wire;

pub use clock::START;
pub use discord::Discord;
pub use exchange::{Reply, Request};
pub use fake::{Fake, Service};
pub use fault::{Fault, Faults, Rule};
pub use gitea::Gitea;
pub use github::GitHub;
pub use gitlab::GitLab;
pub use slack::Slack;
pub use telegram::Telegram;
pub use webhook::Webhook;
