//! The labels sweepd puts on the containers it creates.

/// Which installation of sweepd created the container: its own id, so that two never mix.
pub const INSTALL: &str = "sweepd.install";

/// The id of the agent the container runs, e.g. `nanoclaw/ag-1/sess-1`.
pub const AGENT: &str = "sweepd.agent";

/// A hash of the spec the container was created from.
pub const SPEC: &str = "sweepd.spec";

/// The image as it was asked for, on a container that was rebuilt by the image's id because the
/// name means another image by now. Read back, and dropped, when the container is learned.
pub const IMAGE: &str = "sweepd.image";
