//! A world to test in: a clock moved by hand, a runtime without containers, a scripted waker.
//!
//! The same contract suites run against these and against the real adapters, so that they stay
//! true to them: `tests/it/contract`.

mod clock;
mod keeper;
mod monitor;
mod runtime;
mod sink;
mod waker;

pub use crate::alerting::MemoryOutbox;
pub use clock::ManualClock;
pub use keeper::{KeepScript, SimKeeper};
pub use monitor::SimMonitor;
pub use runtime::{SimRun, SimRuntime};
pub use sink::SimSink;
pub use waker::{SimWaker, WakeScript};
