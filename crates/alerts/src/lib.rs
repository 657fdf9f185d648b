//! Where sweepd tells people: chat, paging, mail, webhooks and issue trackers.
//!
//! A [`Sink`] makes one attempt to deliver, and says what came of it. It decides nothing about when,
//! how often or what: retrying, pacing and ordering are the engine's, by the rules of
//! `sweepd-decide`.

mod sink;

pub use sink::{Delivering, Pace, Post, Receipt, Sink, SinkError, Takes};
