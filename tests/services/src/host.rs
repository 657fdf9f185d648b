//! The server's thread: it listens, and when it ends every connection ends with it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, State};
use axum::http::{Response, header::CONTENT_LENGTH};
use futures_util::{FutureExt as _, StreamExt as _, stream};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::oneshot;

use crate::exchange::{Reply, Request, form};
use crate::wire::{Cut, Door};

/// What is done with a request.
pub(crate) trait Answers: Send + Sync + 'static {
    /// Takes it. Requests are taken one after another.
    fn take(&self, request: Request) -> Outcome;
}

/// What goes back.
pub(crate) enum Outcome {
    Reply(Reply),
    Cut,
    Hang,
    Huge,
    Stall(Reply),
    CutShort(Reply),
}

/// A port of its own, kept also while nobody listens there.
#[derive(Debug)]
pub(crate) struct Host {
    /// Bound and never listening: nobody else is given the port.
    _kept: TcpSocket,
    address: SocketAddr,
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    stop: oneshot::Sender<()>,
    ended: oneshot::Receiver<()>,
    thread: JoinHandle<()>,
}

impl Host {
    /// Takes a port, and listens.
    pub(crate) async fn start(answers: Arc<dyn Answers>) -> io::Result<Self> {
        let kept = socket((Ipv4Addr::LOCALHOST, 0).into())?;
        let address = kept.local_addr()?;
        let host = Self { _kept: kept, address, running: Mutex::new(None) };
        host.up(answers).await?;
        Ok(host)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Listens on the port; does nothing where that is so already.
    pub(crate) async fn up(&self, answers: Arc<dyn Answers>) -> io::Result<()> {
        if self.running().is_some() {
            return Ok(());
        }
        let (stop, stopped) = oneshot::channel();
        let (ready, listening) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        let socket = socket(self.address)?;
        let thread = std::thread::spawn(move || {
            run(socket, answers, ready, stopped);
            drop(end);
        });
        *self.running() = Some(Running { stop, ended, thread });
        listening.await.unwrap_or_else(|_| Err(io::Error::other("the server ended")))
    }

    /// Ends every connection and refuses new ones.
    pub(crate) async fn down(&self) {
        let running = self.running().take();
        if let Some(Running { stop, ended, thread }) = running {
            drop(stop);
            // It ends by being dropped.
            let _ended = ended.await;
            join(thread);
        }
    }

    fn running(&self) -> std::sync::MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let running = self.running().take();
        if let Some(Running { stop, thread, .. }) = running {
            drop(stop);
            join(thread);
        }
    }
}

fn join(thread: JoinHandle<()>) {
    if thread.join().is_err() {
        // What a panic there says is on standard error already.
    }
}

fn socket(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    Ok(socket)
}

fn run(
    socket: TcpSocket,
    answers: Arc<dyn Answers>,
    ready: oneshot::Sender<io::Result<()>>,
    stopped: oneshot::Receiver<()>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    let Ok(runtime) = runtime else { return };
    runtime.block_on(async {
        match socket.listen(1024) {
            Ok(listener) => {
                let _told = ready.send(Ok(()));
                serve(listener, answers, stopped).await;
            }
            Err(error) => {
                let _told = ready.send(Err(error));
            }
        }
    });
}

async fn serve(listener: TcpListener, answers: Arc<dyn Answers>, stopped: oneshot::Receiver<()>) {
    let app = Router::new().fallback(handle).with_state(answers);
    let server = axum::serve(Door(listener), app.into_make_service_with_connect_info::<Cut>());
    tokio::select! {
        _ = server.into_future() => {}
        _ = stopped => {}
    }
}

async fn handle(
    State(answers): State<Arc<dyn Answers>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: axum::extract::Request,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        cut.cut();
        return Response::default();
    };
    let text =
        |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let request = Request {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: form(head.uri.query().unwrap_or_default()),
        headers: head.headers.iter().map(|(name, v)| (name.to_string(), text(v))).collect(),
        body: body.to_vec(),
        at: 0,
        answer: None,
    };
    match answers.take(request) {
        Outcome::Reply(reply) => respond(reply, Body::from),
        Outcome::Cut => {
            cut.cut();
            Response::default()
        }
        Outcome::Hang => std::future::pending().await,
        Outcome::Huge => respond(Reply::json(200, &serde_json::Value::Null), |_| endless()),
        Outcome::Stall(reply) => {
            half(reply, |half| Body::from_stream(stream::iter([half]).chain(stream::pending())))
        }
        Outcome::CutShort(reply) => half(reply, |half| {
            // What there is goes out while the rest is waited for.
            let gone =
                tokio::task::yield_now().map(|()| Err(io::ErrorKind::ConnectionAborted.into()));
            Body::from_stream(stream::iter([half]).chain(gone.into_stream()))
        }),
    }
}

fn respond(reply: Reply, body: impl FnOnce(Vec<u8>) -> Body) -> Response<Body> {
    let mut builder = Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        builder = builder.header(name, value);
    }
    builder.body(body(reply.body)).unwrap_or_else(|error| {
        let mut response = Response::new(Body::from(format!("a fault that is no answer: {error}")));
        *response.status_mut() = axum::http::StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

/// Promises the whole body, and gives half of it to what makes the rest.
fn half(reply: Reply, rest: impl FnOnce(Result<Bytes, io::Error>) -> Body) -> Response<Body> {
    let whole = reply.body.len().max(2);
    let reply = reply.with(CONTENT_LENGTH.as_str(), whole);
    respond(reply, |mut bytes| {
        bytes.truncate(whole / 2);
        rest(Ok(bytes.into()))
    })
}

fn endless() -> Body {
    let chunk = Bytes::from(vec![b' '; 16 * 1024]);
    Body::from_stream(stream::repeat_with(move || Ok::<_, io::Error>(chunk.clone())))
}
