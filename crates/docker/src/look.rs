//! Asks an engine for one JSON document and reads it into a type of ours.
//!
//! Not through bollard: its types are closed, see the crate's documentation.

use std::path::Path;

use serde::de::DeserializeOwned;

use crate::Error;
use crate::engine::Engine;
use crate::error::Doing;
use crate::get::get;

/// GETs `path` from the engine at `socket`, and tells who answered. 404 is [`Error::Gone`].
///
/// The caller brings the deadline.
pub(crate) async fn look<T: DeserializeOwned>(
    socket: &Path,
    path: &str,
    doing: Doing<'_>,
) -> Result<(T, Engine), Error> {
    let answer = get(socket, path, doing).await?;
    let engine = answer.engine();
    let body = answer.whole().await.map_err(|source| Error::transport(doing, source))?;
    let said = serde_json::from_slice(&body).map_err(|source| Error::answer(doing, source))?;
    Ok((said, engine))
}
