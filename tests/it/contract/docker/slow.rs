//! The engine's socket behind a slow proxy: a container is inspected only once it has ended.
//!
//! Else it would be chance whether a look directly after a start still sees a run that ends at
//! once.

use std::path::Path;

use sweepd_docker::Client;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{UnixListener, UnixStream};

use crate::contract::lab::until;

/// Passes calls on to the socket `engine`, for as long as it is polled.
pub(super) async fn serve(listener: UnixListener, engine: &Path, client: &Client) {
    loop {
        let (caller, _) = listener.accept().await.unwrap();
        pass_on(caller, engine, client).await;
    }
}

/// One connection; the client under test makes one at a time.
async fn pass_on(mut caller: UnixStream, engine: &Path, client: &Client) {
    let mut head = vec![0; 16 * 1024];
    let read = caller.read(&mut head).await.unwrap();
    head.truncate(read);
    let text = String::from_utf8_lossy(&head).into_owned();
    let path = text.split(' ').nth(1).unwrap_or_default();
    let inspected = path.strip_prefix("/containers/").and_then(|rest| rest.strip_suffix("/json"));
    if let Some(id) = inspected {
        until(async || {
            let up = client.inspect(id).await.is_ok_and(|seen| seen.state.is_running());
            (!up).then_some(())
        })
        .await;
    }
    let mut engine = UnixStream::connect(engine).await.unwrap();
    engine.write_all(&head).await.unwrap();
    // Whoever hangs up first ends it.
    drop(copy_bidirectional(&mut caller, &mut engine).await);
}
