//! The handle on one engine: which socket, which deadlines.
//!
//! What can be asked of it is in the files named after the questions.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bollard::{API_DEFAULT_VERSION, Docker};
use hyper::body::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::engine::Engine;
use crate::error::Doing;
use crate::get::{Answer, get, post};
use crate::look::look;
use crate::{Error, Options};

/// A handle on one engine. Cheap to clone; holds no connection.
///
/// Every method needs a tokio runtime with time and I/O enabled, and starts no task of its own
/// that outlives it.
#[derive(Debug, Clone)]
pub struct Client {
    options: Arc<Options>,
    socket: Arc<str>,
}

/// Who answers at the engine's socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// What the engine calls itself, e.g. `Engine` (Docker's own) or `Podman Engine`.
    pub product: String,
    /// The engine's version, e.g. `20.10.24`.
    pub engine: String,
    /// The newest API version it speaks, e.g. `1.41`: the one our calls are answered in.
    pub api: String,
    /// The oldest API version it speaks, if it says.
    pub min_api: Option<String>,
}

impl Version {
    /// Whether it is Podman that answers, by its API that is compatible with Docker's.
    pub fn is_podman(&self) -> bool {
        self.product.starts_with("Podman")
    }
}

impl Client {
    /// Makes a handle on the engine at `options.host`.
    ///
    /// Nothing is asked of the engine, and it need not be up. The environment is not read, and no
    /// other engine is ever used instead.
    ///
    /// # Errors
    ///
    /// [`Error::Host`] if the host is not `unix://` and an absolute path.
    pub fn connect(options: Options) -> Result<Self, Error> {
        let bad = |reason| Error::Host { host: options.host.clone(), reason };
        let path = options
            .host
            .strip_prefix("unix://")
            .ok_or_else(|| bad("only unix:///path/to/socket is supported"))?;
        if !Path::new(path).is_absolute() {
            return Err(bad("the socket's path has to be absolute"));
        }
        Ok(Self { socket: path.into(), options: Arc::new(options) })
    }

    /// The host this handle is for, as configured.
    pub fn host(&self) -> &str {
        &self.options.host
    }

    /// Asks who answers, and in which API version.
    ///
    /// # Errors
    ///
    /// The engine could not be asked.
    ///
    /// # Cancel safety
    ///
    /// Dropping it is safe at every await: it only looks.
    pub async fn version(&self) -> Result<Version, Error> {
        let doing = Doing("ask the engine's version", "");
        let row = self.look::<VersionRow>("/version", doing, self.options.inspect);
        Ok(row.await.map_err(Error::never_gone)?.into())
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// Reads one document, within `deadline`.
    pub(crate) async fn look<T: DeserializeOwned>(
        &self,
        path: &str,
        doing: Doing<'_>,
        deadline: Duration,
    ) -> Result<T, Error> {
        Ok(self.look_at(path, doing, deadline).await?.0)
    }

    /// The same, and who answered.
    pub(crate) async fn look_at<T: DeserializeOwned>(
        &self,
        path: &str,
        doing: Doing<'_>,
        deadline: Duration,
    ) -> Result<(T, Engine), Error> {
        within(deadline, doing, look(Path::new(&*self.socket), path, doing)).await
    }

    /// Hands over one document and reads the answer, within `deadline`; and who answered.
    pub(crate) async fn hand(
        &self,
        path: &str,
        document: &Value,
        doing: Doing<'_>,
        deadline: Duration,
    ) -> Result<(Bytes, Engine), Error> {
        let hand = async {
            let answer = post(Path::new(&*self.socket), path, document, doing).await?;
            let engine = answer.engine();
            let body = answer.whole().await.map_err(|source| Error::transport(doing, source))?;
            Ok((body, engine))
        };
        within(deadline, doing, hand).await
    }

    /// Begins to read an answer that has no end: `deadline` is for the engine to accept.
    pub(crate) async fn open(
        &self,
        path: &str,
        doing: Doing<'_>,
        deadline: Duration,
    ) -> Result<Answer, Error> {
        within(deadline, doing, get(Path::new(&*self.socket), path, doing)).await
    }

    /// Hands one call to bollard, within `deadline`.
    pub(crate) async fn verb<T, F>(
        &self,
        doing: Doing<'_>,
        deadline: Duration,
        call: impl FnOnce(Docker) -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, bollard::errors::Error>>,
    {
        let docker = self.bollard(doing)?;
        let call = async { call(docker).await.map_err(|error| Error::bollard(doing, error)) };
        within(deadline, doing, call).await
    }

    /// bollard's client. Made per call, since making one fails while there is no socket, which for
    /// us is a failed call and not a failed start. It keeps no idle connections anyway.
    fn bollard(&self, doing: Doing<'_>) -> Result<Docker, Error> {
        Docker::connect_with_unix(&self.socket, NO_TIMEOUT, API_DEFAULT_VERSION)
            .map_err(|error| Error::bollard(doing, error))
    }
}

/// Runs `call` to its end, or to its deadline.
pub(crate) async fn within<T>(
    deadline: Duration,
    doing: Doing<'_>,
    call: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    match tokio::time::timeout(deadline, call).await {
        Ok(answer) => answer,
        Err(_) => Err(Error::Deadline { doing: doing.to_string(), deadline }),
    }
}

/// A day, in seconds. bollard's own timeout knows only whole seconds and ends with an answer's
/// headers; the deadlines above are the ones that count.
const NO_TIMEOUT: u64 = 86_400;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VersionRow {
    version: String,
    api_version: String,
    #[serde(rename = "MinAPIVersion")]
    min_api_version: Option<String>,
    #[serde(default)]
    components: Vec<Component>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Component {
    name: String,
}

impl From<VersionRow> for Version {
    fn from(row: VersionRow) -> Self {
        Self {
            product: row.components.into_iter().next().map(|c| c.name).unwrap_or_default(),
            engine: row.version,
            api: row.api_version,
            min_api: row.min_api_version,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(host: &str) -> String {
        let options = Options { host: host.to_owned(), ..Options::default() };
        match Client::connect(options) {
            Err(error @ Error::Host { .. }) => error.to_string(),
            other => panic!("{host}: {other:?}"),
        }
    }

    #[test]
    fn only_an_absolute_unix_socket_is_a_host() {
        let scheme = "only unix:///path/to/socket is supported";
        for host in ["tcp://127.0.0.1:2375", "ssh://me@there", "/var/run/docker.sock", ""] {
            assert_eq!(refused(host), format!("cannot use docker host `{host}`: {scheme}"));
        }
        for host in ["unix://", "unix://docker.sock"] {
            assert!(refused(host).ends_with("the socket's path has to be absolute"));
        }
    }

    #[test]
    fn connecting_asks_nothing_of_the_engine() {
        let host = "unix:///nonexistent/docker.sock".to_owned();
        let client = Client::connect(Options { host, ..Options::default() }).unwrap();
        assert_eq!(client.host(), "unix:///nonexistent/docker.sock");
    }
}
