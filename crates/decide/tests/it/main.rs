//! The core against golden vectors and hand-written tables. Laws and oracle: `tests/it/laws`.
#![expect(clippy::unwrap_used, reason = "test code")]

mod blind;
mod credential;
mod dice;
mod doubt;
mod golden;
mod incident;
mod keep;
mod outbox;
mod presence;
mod session;
mod silent;
mod times;
mod words;
