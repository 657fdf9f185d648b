//! Where a contract is tested: a runtime, and a hand that does to it what the engine never does.
//!
//! What a runtime supports is which of the traits its lab implements.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use sweepd_decide::{Run, RunId, Timestamp};
use sweepd_sweep::ports::Runtime;

/// A runtime of any kind.
pub(super) trait Lab: Sized {
    /// `None`: what it needs is not on this machine.
    async fn new() -> Option<Self>;

    /// The runtime under test.
    fn runtime(&self) -> &dyn Runtime;

    /// Begins a run that writes [`LINES`] and then does this.
    async fn begin(&self, does: Does) -> RunId;

    /// Holds a run, as an operator would, until it is held.
    async fn pause(&self, run: &RunId);

    /// The name of a run that never was.
    fn nobody(&self) -> RunId;
}

/// A runtime whose runs are containers.
pub(super) trait ContainerLab: Lab {
    /// Begins a run with this directory as its `/workspace`, and these labels.
    async fn begin_with(&self, workspace: Option<&Path>, labels: BTreeMap<String, String>)
    -> RunId;

    /// Makes a run without starting it.
    async fn create(&self) -> RunId;

    /// Runs a run once more, under its old id.
    async fn restart(&self, run: &RunId);

    /// A run that has ended with this code and left nothing behind, as with `--rm`.
    async fn vanished(&self, code: i64) -> RunId;

    /// Now, by the runtime's clock.
    fn now(&self) -> Timestamp;

    /// A directory for what is mounted.
    fn dir(&self) -> &Path;

    /// This runtime, when nobody answers for it: in every way that that can happen.
    fn down(&self) -> Vec<Box<dyn Runtime>>;
}

/// What becomes of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Does {
    /// It goes on until it is told to end, and ends with [`POLITE`].
    Listens,
    /// It goes on whatever it is told.
    Ignores,
    /// It ends by itself with this code.
    Ends(i64),
}

/// What a polite run ends with: nothing that a signal could be taken for.
pub(super) const POLITE: i64 = 7;

/// What every run writes once it is what it is to be.
pub(super) const LINES: [&str; 3] = ["one", "two", "three"];

/// Between a polite stop and a kill.
pub(super) const GRACE: Duration = Duration::from_secs(20);

/// No test that works takes so long.
const PATIENCE: Duration = Duration::from_mins(1);

impl Does {
    /// The same for a shell. Nothing it starts outlives a stop by more than a moment, should it be
    /// told to end between being forked and being another program.
    pub(super) fn script(self) -> String {
        let say: String = LINES.map(|line| format!("echo {line}; ")).concat();
        match self {
            Self::Listens => {
                format!("trap 'exit {POLITE}' TERM; {say} while :; do sleep 0.1; done")
            }
            Self::Ignores => format!("trap '' TERM; {say} while :; do sleep 1000; done"),
            Self::Ends(code) => format!("{say} exit {code}"),
        }
    }
}

/// Begins a run and waits until it is what it is to be.
pub(super) async fn start(lab: &impl Lab, does: Does) -> Run {
    let id = lab.begin(does).await;
    let runtime = lab.runtime();
    let started_at = until(async || {
        let seen = runtime.inspect(&id).await.unwrap();
        let there = match does {
            Does::Ends(_) => !seen.state.is_up(),
            Does::Listens | Does::Ignores => {
                runtime.logs(&id, 10).await.unwrap() == LINES.join("\n")
            }
        };
        there.then_some(seen.started_at)
    });
    Run { started_at: started_at.await, id }
}

/// Asks again and again until there is an answer.
pub(super) async fn until<T>(ask: impl AsyncFn() -> Option<T>) -> T {
    let mut pace = tokio::time::interval(Duration::from_millis(25));
    loop {
        pace.tick().await;
        if let Some(answer) = ask().await {
            return answer;
        }
    }
}

/// The harness's own deadline.
pub(super) async fn within(test: impl Future<Output = ()>) {
    assert!(tokio::time::timeout(PATIENCE, test).await.is_ok(), "no answer within {PATIENCE:?}");
}

/// A test for each sentence of a suite, in a lab of its own.
macro_rules! holds {
    ($lab:ty: $($suite:ident::$sentence:ident)+) => {$(
        #[tokio::test]
        async fn $sentence() {
            use $crate::contract::lab::within;
            let Some(lab) = <$lab>::new().await else { return };
            within($crate::contract::$suite::$sentence(&lab)).await;
        }
    )+};
}

pub(super) use holds;
