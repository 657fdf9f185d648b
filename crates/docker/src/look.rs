//! Asks an engine for one JSON document and reads it into a type of ours.
//!
//! Not through bollard: its types are closed, see the crate's documentation. One connection per
//! look, driven inside the look's own future, so that dropping it leaves nothing behind.

use std::error::Error as StdError;
use std::path::Path;
use std::pin::pin;

use futures_util::future::{Either, select};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;

use crate::Error;
use crate::error::Doing;

/// GETs `path` from the engine at `socket`. 404 is [`Error::Gone`].
///
/// The caller brings the deadline.
pub(crate) async fn look<T: DeserializeOwned>(
    socket: &Path,
    path: &str,
    doing: Doing<'_>,
) -> Result<T, Error> {
    let (status, body) =
        exchange(socket, path).await.map_err(|source| Error::transport(doing, source))?;
    if status == StatusCode::OK {
        serde_json::from_slice(&body).map_err(|source| Error::answer(doing, source))
    } else {
        Err(Error::status(doing, status.as_u16(), &words(&body)))
    }
}

/// One request on one connection. A body over [`MAX_ANSWER`] is an error, as is a broken one.
async fn exchange(
    socket: &Path,
    path: &str,
) -> Result<(StatusCode, Bytes), Box<dyn StdError + Send + Sync>> {
    let stream = UnixStream::connect(socket).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let request = Request::get(path)
        .header(header::HOST, "docker")
        .header(header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())?;
    let answer = pin!(async {
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_ANSWER).collect().await?;
        Ok((status, body.to_bytes()))
    });
    match select(answer, pin!(connection)).await {
        Either::Left((answer, _)) => answer,
        // The connection is done before what it delivered has been read.
        Either::Right((_, answer)) => answer.await,
    }
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
