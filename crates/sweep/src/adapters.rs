//! The ports implemented for the leaf crates' types.

#[cfg(feature = "alerts")]
mod alerts;
#[cfg(feature = "process")]
mod command_wake;
#[cfg(all(feature = "docker", feature = "sqlite"))]
mod containers;
#[cfg(feature = "credentials")]
mod credentials;
#[cfg(feature = "docker")]
mod docker;
#[cfg(feature = "docker")]
mod docker_hints;
#[cfg(feature = "docker")]
mod docker_wake;
#[cfg(feature = "docker")]
mod ended;
#[cfg(all(feature = "docker", feature = "process"))]
mod handover;
#[cfg(any(feature = "docker", feature = "process"))]
mod heartbeat;
#[cfg(feature = "docker")]
mod joining;
#[cfg(feature = "docker")]
mod learned;
#[cfg(feature = "docker")]
mod learned_wake;
#[cfg(feature = "sqlite")]
mod nanoclaw;
#[cfg(feature = "sqlite")]
mod nanoclaw_exchange;
#[cfg(all(feature = "sqlite", feature = "watch"))]
mod nanoclaw_hints;
#[cfg(feature = "sqlite")]
mod nanoclaw_monitor;
#[cfg(feature = "process")]
mod process;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(feature = "docker", feature = "process"))]
mod template;

#[cfg(feature = "alerts")]
pub use alerts::AlertSink;
#[cfg(feature = "process")]
pub use command_wake::{CommandWake, CommandWaker, NoWaker};
#[cfg(all(feature = "docker", feature = "sqlite"))]
pub use containers::{Declared, FixedContainer, KeptContainers, check_volume, shown_spec};
#[cfg(feature = "credentials")]
pub use credentials::{CredentialFiles, FileCredentials, Writable};
#[cfg(feature = "docker")]
pub use docker::DockerRuntime;
#[cfg(feature = "docker")]
pub use docker_hints::DockerHints;
#[cfg(feature = "docker")]
pub use docker_wake::{DockerWake, DockerWaker, WakeMount};
#[cfg(all(feature = "docker", feature = "process"))]
pub use handover::Handover;
#[cfg(feature = "docker")]
pub use learned_wake::LearnedWaker;
#[cfg(feature = "sqlite")]
pub use nanoclaw::NanoclawSource;
#[cfg(all(feature = "sqlite", feature = "watch"))]
pub use nanoclaw_hints::NanoclawHints;
#[cfg(feature = "sqlite")]
pub use nanoclaw_monitor::NanoclawMonitor;
#[cfg(feature = "process")]
pub use process::{ProcessRuntime, ProcessWake, ProcessWaker};
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteState;
