//! Does each fake enforce what its service does?
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

mod discord;
mod faults;
mod gitea;
mod github;
mod gitlab;
mod others;
mod slack;
mod telegram;

use std::sync::LazyLock;
use std::time::Duration;

use serde_json::Value;

/// A client without redirects, so that one is seen. It keeps no connections: tests share it, and
/// each has a runtime of its own.
fn client() -> reqwest::Client {
    static CLIENT: LazyLock<reqwest::Client> =
        LazyLock::new(|| builder().pool_max_idle_per_host(0).build().unwrap());
    CLIENT.clone()
}

/// A client that keeps connections, for one test.
fn keeping() -> reqwest::Client {
    builder().build().unwrap()
}

fn builder() -> reqwest::ClientBuilder {
    let _already = rustls::crypto::ring::default_provider().install_default();
    let never = reqwest::redirect::Policy::none();
    reqwest::Client::builder().redirect(never).timeout(Duration::from_mins(1))
}

/// Sends it with this body; `Null` is none.
async fn call(request: reqwest::RequestBuilder, body: Value) -> reqwest::Response {
    let request = if body.is_null() { request } else { request.json(&body) };
    request.send().await.unwrap()
}
