//! Asks an engine for one document, or hands it one: its answer, as it arrives.
//!
//! One connection per request, driven by whoever reads the answer and by nobody else, so that
//! dropping it leaves nothing behind.

use std::error::Error as StdError;
use std::path::Path;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use futures_util::future::{Either, select};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::client::conn::http1::{self, Connection};
use hyper::{Method, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::Value;
use tokio::net::UnixStream;

use crate::Error;
use crate::engine::Engine;
use crate::error::Doing;

/// The body of an answer whose status was a good one.
#[derive(Debug)]
pub(crate) struct Answer {
    /// `None` once it is done; what it delivered may still have to be read.
    connection: Option<Connection<TokioIo<UnixStream>, Full<Bytes>>>,
    body: Incoming,
    engine: Engine,
}

impl Answer {
    /// Who gave it.
    pub(crate) fn engine(&self) -> Engine {
        self.engine
    }

    /// All of it. A body over [`MAX_ANSWER`] is an error, as is a broken one.
    pub(crate) async fn whole(self) -> Result<Bytes, Box<dyn StdError + Send + Sync>> {
        Ok(Limited::new(self, MAX_ANSWER).collect().await?.to_bytes())
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        if let Some(connection) = &mut self.connection
            && Pin::new(connection).poll(cx).is_ready()
        {
            self.connection = None;
        }
        Pin::new(&mut self.body).poll_frame(cx)
    }
}

/// GETs `path` from the engine at `socket`, until the engine has accepted. 404 is [`Error::Gone`].
///
/// The caller brings the deadline.
pub(crate) async fn get(socket: &Path, path: &str, doing: Doing<'_>) -> Result<Answer, Error> {
    ask(socket, Method::GET, path, Bytes::new(), doing).await
}

/// POSTs `document` to `path`, likewise.
pub(crate) async fn post(
    socket: &Path,
    path: &str,
    document: &Value,
    doing: Doing<'_>,
) -> Result<Answer, Error> {
    ask(socket, Method::POST, path, document.to_string().into(), doing).await
}

async fn ask(
    socket: &Path,
    method: Method,
    path: &str,
    document: Bytes,
    doing: Doing<'_>,
) -> Result<Answer, Error> {
    let broken = |source| Error::transport(doing, source);
    let looks = method == Method::GET;
    let (status, answer) = exchange(socket, method, path, document).await.map_err(broken)?;
    // What was asked for is there, or whatever says that it was done.
    if status == StatusCode::OK || (!looks && status.is_success()) {
        return Ok(answer);
    }
    let body = answer.whole().await.map_err(broken)?;
    Err(Error::status(doing, status.as_u16(), &words(&body)))
}

async fn exchange(
    socket: &Path,
    method: Method,
    path: &str,
    document: Bytes,
) -> Result<(StatusCode, Answer), Box<dyn StdError + Send + Sync>> {
    let stream = UnixStream::connect(socket).await?;
    let (mut sender, mut connection) = http1::handshake(TokioIo::new(stream)).await?;
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "docker")
        .header(header::CONNECTION, "close")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::from(document))?;
    let (response, done) = match select(pin!(sender.send_request(request)), &mut connection).await {
        Either::Left((response, _)) => (response?, false),
        Either::Right((_, response)) => (response.await?, true),
    };
    let connection = (!done).then_some(connection);
    let (status, engine) = (response.status(), Engine::of(response.headers()));
    Ok((status, Answer { connection, body: response.into_body(), engine }))
}

/// The `message` of an engine's error document, or all of it if it is not one.
fn words(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Refusal {
        message: String,
    }
    serde_json::from_slice::<Refusal>(body)
        .map_or_else(|_| String::from_utf8_lossy(body).into_owned(), |refusal| refusal.message)
}

/// 64 MiB: thirty times what a list of 1,000 containers takes.
const MAX_ANSWER: usize = 64 << 20;
