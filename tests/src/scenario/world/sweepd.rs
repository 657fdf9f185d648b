//! sweepd itself, over the world: the real engine on the real state, as a new process has it.

use std::sync::Arc;

use anyhow::Result;
use sweepd_schedule::Zone;
use sweepd_store::nanoclaw::Root;
use sweepd_store::state::StateDb;
use sweepd_sweep::adapters::{NanoclawSource, NoWaker, SqliteState};
use sweepd_sweep::ports::Waker;
use sweepd_sweep::{Engine, Options, SourceSetup};

use super::World;
use crate::scenario::faults::With;
use crate::scenario::settings::Settings;

/// What sweepd labels its own containers with.
pub(super) const INSTALL: &str = "scenario";

/// A new process over whatever state there is.
pub(in crate::scenario) fn start(
    world: &World,
    settings: &Settings,
    zone: &Zone,
) -> Result<Engine> {
    let db = StateDb::open(&world.state_dir(), world.now())?;
    let state = With::new(SqliteState::new(Some(db)), Arc::clone(&world.faults));
    let source = NanoclawSource::new("nanoclaw", Arc::new(Root::open(world.root.path())?));
    let waker: Arc<dyn Waker> = if settings.wakes {
        Arc::new(With::new(world.waker.clone(), Arc::clone(&world.faults)))
    } else {
        Arc::new(NoWaker::new())
    };
    let mut setup = SourceSetup::new(
        Arc::new(With::new(source, Arc::clone(&world.faults))),
        Arc::new(With::new(world.runtime.clone(), Arc::clone(&world.faults))),
        waker,
    );
    setup.mode = settings.mode;
    setup.zone = zone.clone();
    setup.sole_sweeper = settings.sole_sweeper;
    setup.rules = Arc::new(settings.policies.clone());
    let mut options = Options::default();
    options.mode = settings.mode;
    options.dry_run = settings.dry_run;
    options.concurrency = 1; // so that runs are numbered in the order of the agents
    let clock = Arc::clone(&world.clock);
    Ok(Engine::new(clock, Arc::new(state), INSTALL, vec![setup], options))
}

impl World {
    /// Where the state is.
    pub(in crate::scenario) fn state_dir(&self) -> std::path::PathBuf {
        self.dir.path().join("state")
    }
}
