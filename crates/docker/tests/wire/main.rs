//! What the client makes of an engine that hangs, breaks off, lies or refuses.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "test code")]

mod fake;
mod faults;
mod podman;
mod rebuilding;
mod replaying;
mod starting;
mod stopping;
mod watching;

use std::collections::BTreeMap;

use sweepd_decide::Timestamp;
use sweepd_docker::{Blueprint, Client, Error, Spec, Stop};

/// A full id.
const ID: &str = "4f66ad9b3e0c4f66ad9b3e0c4f66ad9b3e0c4f66ad9b3e0c4f66ad9b3e0c4f66";

/// Every call, with what its errors call it.
const CALLS: [(&str, &str); 14] = [
    ("version", "ask the engine's version"),
    ("list", "list containers"),
    ("inspect", "inspect container x"),
    ("create", "create container x"),
    ("stop", "inspect container 4f66ad9b3e0c"),
    ("remove", "remove container 4f66ad9b3e0c"),
    ("logs", "read the log of container x"),
    ("exits", "replay exits"),
    ("force", "remove container 4f66ad9b3e0c"),
    ("watch", "follow events"),
    ("learn", "inspect container x"),
    ("rebuild", "inspect image i"),
    ("again", "start container 4f66ad9b3e0c"),
    ("history", "replay a container's history"),
];

/// Makes one of [`CALLS`] and gives the error it has to end in.
async fn fail(client: &Client, call: &str) -> Error {
    let spec = Spec { name: "x".to_owned(), image: "i".to_owned(), ..Spec::default() };
    let (since, until) = (Timestamp::from_millis(0), Timestamp::from_millis(1));
    let answer = match call {
        "version" => client.version().await.map(drop),
        "list" => client.list().await.map(drop),
        "inspect" => client.inspect("x").await.map(drop),
        "create" => client.start(&spec).await.map(drop),
        "stop" => client.stop(ID, &Stop::default()).await.map(drop),
        "remove" => client.remove(ID, false).await,
        "force" => client.remove(ID, true).await,
        "logs" => client.logs_tail("x", 10, 1000).await.map(drop),
        "watch" => client.watch(None).await.map(drop),
        "exits" => client.exits_since(since, until).await.map(drop),
        "learn" => client.learn("x").await.map(drop),
        "rebuild" => {
            let blueprint = Blueprint::of_image("i");
            client.rebuild("x", &blueprint, &BTreeMap::new()).await.map(drop)
        }
        "again" => client.start_again(ID).await,
        "history" => client.history("x", since, until).await.map(drop),
        other => panic!("{other}"),
    };
    match answer {
        Err(error) => error,
        Ok(()) => panic!("{call} succeeded"),
    }
}

/// What `inspect` answers of a container in `status` whose run started in this second of an hour.
fn inspected(status: &str, second: u8) -> String {
    let finished = if status == "exited" { "2026-11-22T11:00:00Z" } else { "0001-01-01T00:00:00Z" };
    format!(
        r#"{{"Id":"{ID}","Name":"/x","Mounts":[],"Config":{{}},"State":{{"Status":"{status}",
        "ExitCode":143,"StartedAt":"2026-11-22T10:00:{second:02}Z","FinishedAt":"{finished}"}}}}"#
    )
}
