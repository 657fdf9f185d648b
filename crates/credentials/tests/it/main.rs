//! Credentials in real files: read, found, fetched and replaced.
#![expect(clippy::unwrap_used, reason = "test code")]

mod finding;
mod hostile;
mod reading;
mod replacing;
mod silence;
mod steps;
mod support;
mod threads;
