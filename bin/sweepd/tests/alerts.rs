//! Alerts, with the program as it is called: who is told, what is said of it, and that no secret is.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "test code")]

mod alerts {
    pub(crate) mod host;

    mod arrives;
    mod attended;
    mod daemon;
    mod killed;
    mod secrets;
    mod sick;
    mod waits;
}
