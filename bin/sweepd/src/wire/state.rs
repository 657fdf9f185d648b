//! What sweepd remembers: opened to be written, or only to be read.

use std::collections::BTreeMap;

use anyhow::anyhow;
use sweepd_decide::{AgentId, Memory};
use sweepd_store::state::StateDb;
use sweepd_sweep::adapters::SqliteState;
use sweepd_sweep::ports::{Clock, State as _};

use super::Purpose;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::ground::state_failure;

/// The state, as the purpose wants it.
pub(super) fn open_state(
    config: &Config,
    purpose: Purpose,
    clock: &dyn Clock,
) -> Result<Option<StateDb>, Failure> {
    let dir = &config.state_dir;
    let opened = if purpose.acts() {
        StateDb::open(dir, clock.now()).map(Some)
    } else {
        StateDb::open_read_only(dir)
    };
    opened.map_err(|error| state_failure(error, dir))
}

/// What is remembered, to be read: also while a daemon runs.
pub(crate) fn remembered_state(config: &Config) -> Result<SqliteState, Failure> {
    let dir = &config.state_dir;
    StateDb::open_read_only(dir).map(SqliteState::new).map_err(|error| state_failure(error, dir))
}

/// The same; that nothing was ever remembered is no answer to a question about it.
pub(crate) fn some_state(config: &Config) -> Result<SqliteState, Failure> {
    let dir = &config.state_dir;
    let db = StateDb::open_read_only(dir).map_err(|error| state_failure(error, dir))?;
    let nothing = || {
        let error = anyhow!("nothing is known yet: there is no state in {}", dir.display());
        let hint = "`sweepd sweep` looks once, `sweepd run` goes on looking; `state-dir` says where \
                    they remember";
        Failure::new(Exit::Blind, error).with_hint(hint)
    };
    Ok(SqliteState::new(Some(db.ok_or_else(nothing)?)))
}

/// What is remembered of each agent.
pub(super) async fn remembered(state: &SqliteState) -> Result<BTreeMap<AgentId, Memory>, Failure> {
    let records = state.agents().await.map_err(|error| Failure::new(Exit::Blind, error))?;
    Ok(records.into_iter().map(|record| (record.agent, record.memory)).collect())
}
