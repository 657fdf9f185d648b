//! What every family's runner has in common: a case goes in, a verdict comes out.

use serde_json::Value;

/// How one case went.
#[derive(Debug)]
pub(crate) enum Outcome {
    Passed,
    /// Right, but the recheck is sooner than it need be.
    Early,
    Skipped,
    Failed {
        expected: String,
        got: String,
    },
}

/// A family's runner.
pub(crate) trait Case {
    fn run(&self, case: &Value) -> anyhow::Result<Outcome>;
}

/// The case without what is expected of it.
pub(crate) fn input(case: &Value) -> Value {
    let mut input = case.clone();
    if let Some(fields) = input.as_object_mut() {
        for expectation in ["expect", "ours", "tags"] {
            fields.remove(expectation);
        }
    }
    input
}

impl Outcome {
    /// Passed if the two are equal.
    pub(crate) fn of<T: PartialEq + std::fmt::Debug>(expected: &T, got: &T) -> Self {
        if expected == got {
            Self::Passed
        } else {
            Self::Failed { expected: format!("{expected:?}"), got: format!("{got:?}") }
        }
    }
}
