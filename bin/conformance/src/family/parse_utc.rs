//! The timestamp parser: the strict reading, or none.

use serde::Deserialize as _;
use serde_json::Value;
use sweepd_decide::{Timestamp, parse_utc};

use crate::case::{Case, Outcome};

pub(crate) struct ParseUtc;

#[derive(serde::Deserialize)]
struct Given {
    input: String,
    expect: Option<i64>,
    #[serde(default)]
    odd: bool,
    sane_value: Option<i64>,
}

impl Case for ParseUtc {
    fn run(&self, case: &Value) -> anyhow::Result<Outcome> {
        let given = Given::deserialize(case)?;
        let expected = if given.odd { given.sane_value } else { given.expect };
        Ok(Outcome::of(&expected, &parse_utc(&given.input).map(Timestamp::as_millis)))
    }
}
