//! Posts alerts as JSON to a receiver of one's own, signed.
//!
//! ```json
//! {"schema": 1, "sent": 1795774451000, "alerts": [{"id": "…", "at": 1795774451000, …}]}
//! ```
//!
//! `alerts` are as `sweepd-decide` writes an `Alert`; texts in them are an agent's words as they came,
//! which a receiver escapes for wherever it shows them. With a key there are three more headers:
//!
//! * `X-Sweepd-Timestamp`: the seconds since 1970 at which it was sent;
//! * `X-Sweepd-Ids`: the alerts' ids, separated by commas, percent-encoded;
//! * `X-Sweepd-Signature`: `sha256=` and the HMAC-SHA256 in hexadecimal, made with the key over the
//!   timestamp, a full stop, the ids as they are in the header, a full stop, and the body.
//!
//! A receiver computes the signature, compares it in constant time, turns away what is older than
//! five minutes, and an id that it has seen: an alert is sent again until a 2xx has arrived.

use hmac::{Hmac, KeyInit as _, Mac as _};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{RequestBuilder, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use sha2::Sha256;
use sweepd_decide::Span;

use crate::attempt::{address, fingerprint, header, hex, secret, stopped};
use crate::exposure::{exposed, exposed_address};
use crate::http::CAP;
use crate::settings::{base, wrong};
use crate::veil::Veil;
use crate::{Delivering, Http, Pace, Post, Receipt, Secret, SettingsError, Sink, SinkError, Takes};

/// How a receiver is reached.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "settings are written out in full")]
pub struct WebhookSettings {
    /// Where it listens.
    pub url: WebhookUrl,
    /// The key that posts are signed with.
    pub key: Option<Secret>,
    /// Sent with each post as it is.
    pub headers: Vec<(String, Secret)>,
}

/// An address, or one that is a secret.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_enums, reason = "settings are written out in full")]
pub enum WebhookUrl {
    /// Anybody may see it.
    Open(Url),
    /// Who knows it can post there.
    Secret(Secret),
}

/// A receiver of one's own.
#[derive(Debug)]
pub struct Webhook {
    settings: WebhookSettings,
    headers: Vec<HeaderName>,
    http: Http,
}

impl Webhook {
    /// A sink with these settings.
    ///
    /// # Errors
    /// A setting cannot be used.
    pub fn new(settings: WebhookSettings, http: Http) -> Result<Self, SettingsError> {
        if let WebhookUrl::Open(url) = &settings.url {
            let mut plain = url.clone();
            plain.set_query(None);
            base("url", &plain)?;
        }
        let mut headers = Vec::new();
        for (name, _) in &settings.headers {
            let parsed: HeaderName = name
                .parse()
                .map_err(|_| wrong("headers", format!("has `{name}`"), "use a header's name"))?;
            let own = parsed.as_str().starts_with("x-sweepd-");
            if own || matches!(parsed.as_str(), "content-type" | "content-length" | "host") {
                let remedy = "leave it out: it is set by sweepd";
                return Err(wrong("headers", format!("has `{name}`"), remedy));
            }
            headers.push(parsed);
        }
        Ok(Self { settings, headers, http })
    }

    async fn attempt(&self, post: &Post) -> Result<Receipt, SinkError> {
        let body = json!({"schema": 1, "sent": post.now, "alerts": post.alerts}).to_string();
        let (url, mut veil) = match &self.settings.url {
            WebhookUrl::Open(url) => (url.clone(), Veil::default()),
            WebhookUrl::Secret(url) => address(DOING, url).await?,
        };
        let mut headers = HeaderMap::new();
        for (name, value) in self.headers.iter().zip(&self.settings.headers) {
            let value = secret(DOING, &value.1).await?;
            veil = veil.and(&value);
            headers.append(name, header(DOING, value.expose_secret())?);
        }
        let mut request = self.http.client().post(url).headers(headers);
        request = request.header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(key) = &self.settings.key {
            let key = secret(DOING, key).await?;
            request = signed(request, &key, post, &body)?;
            veil = veil.and(&key);
        }
        let answer = self.http.send(DOING, request.body(body), &veil, CAP).await?;
        answer.accepted(post.now)?;
        Ok(Receipt::default())
    }
}

impl Sink for Webhook {
    fn kind(&self) -> &'static str {
        "webhook"
    }

    fn takes(&self) -> Takes {
        let pace = Pace { burst: 10, every: Span::from_secs(1) };
        Takes { notes: true, still: true, batch: 1000, pace }
    }

    fn fingerprint(&self) -> String {
        let WebhookSettings { url, key, headers } = &self.settings;
        let names = headers.iter().map(|(name, _)| name.as_str());
        let secrets = headers.iter().map(|(_, value)| value).chain(key);
        match url {
            WebhookUrl::Open(url) => {
                fingerprint("webhook", [url.as_str()].into_iter().chain(names), secrets)
            }
            WebhookUrl::Secret(url) => fingerprint("webhook", names, secrets.chain([url])),
        }
    }

    fn in_the_open(&self) -> Option<SettingsError> {
        // The key is not sent, but what is signed with it.
        match &self.settings.url {
            WebhookUrl::Open(_) if self.settings.headers.is_empty() => None,
            WebhookUrl::Open(url) => exposed("url", url, "headers"),
            WebhookUrl::Secret(url) => exposed_address("url", url),
        }
    }

    fn deliver<'a>(&'a self, post: &'a Post) -> Delivering<'a> {
        Box::pin(self.attempt(post))
    }
}

/// The request with the three headers of a signature.
fn signed(
    request: RequestBuilder,
    key: &SecretString,
    post: &Post,
    body: &str,
) -> Result<RequestBuilder, SinkError> {
    let timestamp = post.now.as_millis().div_euclid(1000).to_string();
    let ids: Vec<String> = post
        .alerts
        .iter()
        .map(|alert| utf8_percent_encode(&alert.id, NON_ALPHANUMERIC).to_string())
        .collect();
    let ids = ids.join(",");
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes())
        .map_err(|_| stopped(DOING, "the key cannot sign"))?;
    mac.update(format!("{timestamp}.{ids}.{body}").as_bytes());
    let signature = format!("sha256={}", hex(&mac.finalize().into_bytes()));
    Ok(request
        .header("x-sweepd-timestamp", timestamp)
        .header("x-sweepd-ids", ids)
        .header("x-sweepd-signature", signature))
}

const DOING: &str = "post to the webhook";
