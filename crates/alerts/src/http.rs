//! How a sink asks a service: one request, its own deadlines, and an answer of bounded size.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName};
use reqwest::{Client, RequestBuilder, Url, redirect};
use sweepd_decide::{Setback, Timestamp};

use crate::SinkError;
use crate::veil::Veil;

mod plain;
mod roots;
mod status;

pub(crate) use plain::{is_plain, with_remedy};
pub(crate) use roots::trusted;
pub(crate) use status::{retry_after, seconds, setback};

/// How services are reached.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "options with usable defaults")]
pub struct HttpOptions {
    /// How long a connection may take.
    pub connect: Duration,
    /// How long a request may take in all.
    pub total: Duration,
    /// Certificates (PEM) of a private authority, trusted beside the system's.
    pub ca_file: Option<PathBuf>,
    /// A proxy that all requests go through. The environment is not asked for one.
    pub proxy: Option<Url>,
}

impl Default for HttpOptions {
    /// 5 s to connect, 10 s in all, the system's authorities, no proxy.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(10),
            ca_file: None,
            proxy: None,
        }
    }
}

/// A client that sinks share. Cheap to clone.
///
/// It follows no redirect, keeps no cookies and retries nothing. The authorities it trusts are the
/// system's, Mozilla's where the system has none, and those of [`HttpOptions::ca_file`].
#[derive(Clone)]
pub struct Http {
    client: Client,
    total: Duration,
}

/// The client cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("{doing}: {why}")]
#[non_exhaustive]
pub struct HttpError {
    /// What was being done.
    pub doing: String,
    /// Why that does not work.
    pub why: String,
}

impl Http {
    /// A client with these options.
    ///
    /// # Errors
    /// The file of certificates cannot be used, or the proxy's address.
    pub fn new(options: &HttpOptions) -> Result<Self, HttpError> {
        let failed = |doing: &str, why: &dyn fmt::Display| HttpError {
            doing: doing.to_owned(),
            why: why.to_string(),
        };
        let mut client = Client::builder()
            .user_agent(concat!("sweepd/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(options.connect)
            .timeout(options.total)
            .redirect(redirect::Policy::none())
            .tls_backend_preconfigured(roots::tls(options.ca_file.as_deref())?)
            .no_proxy();
        if let Some(proxy) = &options.proxy {
            let proxy = reqwest::Proxy::all(proxy.clone())
                .map_err(|error| failed("use the proxy", &error.without_url()))?;
            client = client.proxy(proxy);
        }
        let client = client.build().map_err(|error| failed("set up HTTP", &error.without_url()))?;
        Ok(Self { client, total: options.total })
    }

    /// The client that requests are built with.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Sends a request and reads the answer, whatever its status; at most `cap` bytes of it.
    pub(crate) async fn send(
        &self,
        doing: &str,
        request: RequestBuilder,
        veil: &Veil,
        cap: usize,
    ) -> Result<Answer, SinkError> {
        let broken = |error: reqwest::Error| self.broken(doing, error, veil);
        let mut response = request.send().await.map_err(broken)?;
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let moved = status::moved(&headers, response.url(), veil);
        let mut body = Vec::new();
        let mut end = End::Whole;
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len().saturating_add(chunk.len()) > cap => {
                    let room = cap.saturating_sub(body.len());
                    body.extend(chunk.iter().take(room));
                    end = End::Long;
                    break;
                }
                Ok(Some(chunk)) => body.extend(&chunk),
                Ok(None) => break,
                // It has answered, and its status says what came of it.
                Err(_) => {
                    end = End::BrokenOff;
                    break;
                }
            }
        }
        let (doing, veil) = (doing.to_owned(), veil.clone());
        Ok(Answer { doing, status, headers, moved, body, end, veil })
    }

    /// There was no answer: nobody knows whether it arrived.
    fn broken(&self, doing: &str, error: reqwest::Error, veil: &Veil) -> SinkError {
        let remedy = error.url().and_then(|url| plain::remedy(url.scheme(), &error));
        let error = error.without_url();
        let why = if error.is_timeout() {
            format!("no answer within {:?}", self.total)
        } else {
            let mut why = error.to_string();
            let mut source = std::error::Error::source(&error);
            while let Some(cause) = source {
                why = format!("{why}: {cause}");
                source = cause.source();
            }
            veil.line(&why)
        };
        let why = with_remedy(why, remedy);
        // A request that cannot be built will not be built the next time either.
        let setback = if error.is_builder() { Setback::Stopped } else { Setback::Later(None) };
        SinkError { doing: doing.to_owned(), why, setback }
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("total", &self.total).finish_non_exhaustive()
    }
}

/// What a service answered.
#[derive(Debug)]
pub(crate) struct Answer {
    doing: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// Where it redirects.
    moved: Option<String>,
    pub(crate) body: Vec<u8>,
    end: End,
    veil: Veil,
}

/// How the body of an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Whole,
    BrokenOff,
    Long,
}

impl Answer {
    /// Whether the status is 2xx.
    pub(crate) fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// This answer, if its status is 2xx; else the error that its status stands for.
    pub(crate) fn accepted(self, now: Timestamp) -> Result<Self, SinkError> {
        if self.is_success() {
            return Ok(self);
        }
        let setback = setback(self.status, &self.headers, now);
        Err(self.error(setback))
    }

    /// An error with this consequence, in the service's own words.
    pub(crate) fn error(&self, setback: Setback) -> SinkError {
        SinkError { doing: self.doing.clone(), why: self.why(), setback }
    }

    /// The answer makes no sense: nobody knows what came of it.
    pub(crate) fn senseless(&self, wanted: &str) -> SinkError {
        let what = match self.end {
            End::Whole => format!("is not {wanted}"),
            End::BrokenOff => "broke off".to_owned(),
            End::Long => "is too long".to_owned(),
        };
        let why = format!("status {}, but the answer {what}", self.status);
        SinkError { doing: self.doing.clone(), why, setback: Setback::Later(None) }
    }

    /// It arrived: the body proves it, or broke off after a status that says so. A page of somebody
    /// in between proves nothing.
    pub(crate) fn proven(&self, proof: bool, wanted: &str) -> Result<(), SinkError> {
        if proof || self.end == End::BrokenOff { Ok(()) } else { Err(self.senseless(wanted)) }
    }

    /// A header's text.
    pub(crate) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON; `None` if it is none, or not all of it is there.
    pub(crate) fn json(&self) -> Option<serde_json::Value> {
        if self.end != End::Whole {
            return None;
        }
        serde_json::from_slice(&self.body).ok()
    }

    /// The status and the service's own words.
    fn why(&self) -> String {
        if matches!(self.status, 300..=399) {
            return status::redirected(self.status, self.moved.as_deref());
        }
        let words = self.veil.line(&self.words());
        let why = if words.is_empty() {
            format!("status {}", self.status)
        } else {
            format!("status {}: {words}", self.status)
        };
        let page = String::from_utf8_lossy(&self.body);
        with_remedy(why, plain::refused(self.status, &page))
    }

    /// What the service says went wrong, where it can be told from the rest.
    fn words(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let Some(json) = self.json() else {
            // A page of a proxy says no more than the status does.
            return if text.trim_start().starts_with('<') { String::new() } else { text.into() };
        };
        let said = ["message", "description", "error", "error_description", "errors"]
            .into_iter()
            .filter_map(|name| json.get(name))
            .map(|said| said.as_str().map_or_else(|| said.to_string(), ToOwned::to_owned))
            .collect::<Vec<_>>()
            .join("; ");
        if said.is_empty() { text.into() } else { said }
    }
}

/// No more of an answer is read, in bytes.
pub(crate) const CAP: usize = 64 * 1024;

#[cfg(test)]
mod tests;
