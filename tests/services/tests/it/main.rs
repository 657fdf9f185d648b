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

use std::time::Duration;

use serde_json::Value;

/// A client without redirects, so that one is seen.
fn client() -> reqwest::Client {
    let _already = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap()
}

/// Sends it with this body; `Null` is none.
async fn call(request: reqwest::RequestBuilder, body: Value) -> reqwest::Response {
    let request = if body.is_null() { request } else { request.json(&body) };
    request.send().await.unwrap()
}
