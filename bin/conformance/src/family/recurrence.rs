//! The next run of a cron expression: as the original says, or saner where it was wrong.

use serde::Deserialize as _;
use serde_json::Value;
use sweepd_decide::{Timestamp, parse_utc};
use sweepd_schedule::{Error, Zone, next_run};

use crate::case::{Case, Outcome};

pub(crate) struct Recurrence;

#[derive(serde::Deserialize)]
struct Given {
    expr: String,
    tz: String,
    now_ms: Timestamp,
    group: String,
    expect: Expect,
    odd_kind: Option<String>,
    sane_next: Option<String>,
}

#[derive(serde::Deserialize)]
struct Expect {
    next: Option<String>,
}

/// Groups in which the original accepts what nobody has to.
const ODD_GROUPS: &[&str] = &["odd-form", "tz-odd", "invalid?"];

impl Case for Recurrence {
    fn run(&self, case: &Value) -> anyhow::Result<Outcome> {
        let given = Given::deserialize(case)?;
        let got = answer(&given);
        let expected = match given.odd_kind.as_deref() {
            Some("gap_policy" | "overlap_policy") => return Ok(Outcome::Skipped),
            Some("run_skipped" | "not_in_future" | "never_matches_loop_limit") => given.sane_next,
            _ => given.expect.next.clone(),
        };
        let odd = ODD_GROUPS.contains(&given.group.as_str());
        let ours_only = expected.is_none() && odd && got.is_ok();
        if (odd && given.expect.next.is_some()) || ours_only {
            return Ok(Outcome::Skipped);
        }
        let expected = expected.as_deref().map(|next| parse_utc(next).ok_or("unreadable"));
        let got = got.map_err(|error| error.to_string());
        Ok(match (&expected, &got) {
            (Some(Ok(next)), Ok(got)) => Outcome::of(next, got),
            (None, Err(_)) => Outcome::Passed,
            _ => Outcome::Failed { expected: format!("{expected:?}"), got: format!("{got:?}") },
        })
    }
}

fn answer(given: &Given) -> Result<Timestamp, Error> {
    next_run(&given.expr, &Zone::parse(&given.tz)?, given.now_ms)
}
