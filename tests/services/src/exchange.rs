//! What was asked, and what is answered.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// A request as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// `GET`, `POST` …
    pub method: String,
    /// As it was sent: still percent-encoded.
    pub path: String,
    /// Decoded, in the order of the address.
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Every byte of it.
    pub body: Vec<u8>,
    /// The fake's clock, in milliseconds.
    pub at: i64,
    /// The status that was answered; `None` where nothing was.
    pub answer: Option<u16>,
}

impl Request {
    /// The first header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, &name.to_ascii_lowercase())
    }

    /// The first query parameter of that name.
    pub fn param(&self, name: &str) -> Option<&str> {
        first(&self.query, name)
    }

    /// The body as text; what is not UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; `Null` where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The parts of the path, each decoded by itself: `a%2Fb` is one part.
    pub fn segments(&self) -> Vec<String> {
        self.path.split('/').filter(|part| !part.is_empty()).map(plain).collect()
    }

    /// The fields of a JSON object or of a form, by what the content type says; `None` where the
    /// body is neither.
    pub(crate) fn fields(&self) -> Option<Map<String, Value>> {
        let kind = self.header("content-type").unwrap_or_default();
        if kind.starts_with("application/json") {
            let body = serde_json::from_slice(&self.body).ok()?;
            return if let Value::Object(fields) = body { Some(fields) } else { None };
        }
        if kind.starts_with("application/x-www-form-urlencoded") {
            let pairs = form(&self.text());
            return Some(pairs.into_iter().map(|(k, v)| (k, Value::String(v))).collect());
        }
        self.body.is_empty().then(Map::new)
    }

    /// What the server is called from outside, with its scheme.
    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.header("host").unwrap_or("localhost"))
    }

    /// The secret behind one of these words in `Authorization`: `Bearer`, `token` …
    pub(crate) fn credential(&self, words: &[&str]) -> Option<&str> {
        let (word, rest) = self.header("authorization")?.split_once(' ')?;
        words.iter().any(|known| known.eq_ignore_ascii_case(word)).then(|| rest.trim())
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reply {
    /// `200` …
    pub status: u16,
    /// In this order.
    pub headers: Vec<(String, String)>,
    /// As it goes out.
    pub body: Vec<u8>,
}

impl Reply {
    /// An answer without a body.
    pub const fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    /// JSON.
    pub fn json(status: u16, body: &Value) -> Self {
        let body = body.to_string().into_bytes();
        Self { status, headers: Vec::new(), body }.with("content-type", "application/json")
    }

    /// Plain text.
    pub fn text(status: u16, body: impl Into<String>) -> Self {
        let body = body.into().into_bytes();
        Self { status, headers: Vec::new(), body }.with("content-type", "text/plain; charset=utf-8")
    }

    /// A web page, as a proxy or a login form would answer.
    pub fn html(status: u16, body: impl Into<String>) -> Self {
        let body = body.into().into_bytes();
        Self { status, headers: Vec::new(), body }.with("content-type", "text/html; charset=utf-8")
    }

    /// With one more header.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "numbers and texts alike")]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }
}

/// What is answered, or refused.
pub(crate) type Answer = Result<Reply, Reply>;

/// The pairs of a query or of a form.
pub(crate) fn form(text: &str) -> Vec<(String, String)> {
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (plain(&name.replace('+', " ")), plain(&value.replace('+', " ")))
    };
    text.split('&').filter(|part| !part.is_empty()).map(pair).collect()
}

/// A text field: `None` where it is missing or no text.
pub(crate) fn word<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name).and_then(Value::as_str)
}

/// A list of texts, of which what is no text is left out; `None` where there is no list.
pub(crate) fn words(fields: &Map<String, Value>, name: &str) -> Option<Vec<String>> {
    let list = fields.get(name)?.as_array()?;
    Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

fn plain(part: &str) -> String {
    percent_decode_str(part).decode_utf8_lossy().into_owned()
}

fn first<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}
