//! Changes of NanoClaw's files as hints. Where the kernel has no more watches to give, the others
//! are found at the resync.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use sweepd_decide::AgentId;
use tokio::sync::Notify;

use crate::ports::{Doing, Enlisted, Hint, Hints};

/// The files of a session whose change is worth a look; its journals begin with the same names. The
/// heartbeat is not among them: it only ever puts a limit off.
const SESSION_FILES: &[&str] = &["inbound.db", "outbound.db"];
/// The database that the roster is in.
const CENTRAL: &str = "v2.db";
/// The socket by which the host is known to be alive.
const HOST_SOCKET: &str = "ncl.sock";

/// Watches a root's data directory and its sessions' directories.
pub struct NanoclawHints {
    watching: Arc<Watching>,
}

struct Watching {
    watcher: Option<Mutex<RecommendedWatcher>>,
    seen: Arc<Seen>,
    data: PathBuf,
    /// What is watched, and which directory of that name it was.
    dirs: Mutex<BTreeMap<PathBuf, Identity>>,
    /// So many could not be watched, when that was told last.
    told: Mutex<usize>,
}

/// Device, inode, and when it was made: inodes are used again.
type Identity = (u64, u64, Option<SystemTime>);

/// What the kernel told, as it was told.
#[derive(Default)]
struct Seen {
    data: PathBuf,
    hints: Mutex<Told>,
    more: Notify,
}

#[derive(Default)]
struct Told {
    agents: BTreeMap<PathBuf, AgentId>,
    changed: BTreeSet<AgentId>,
    /// Directories that were removed or moved: their watch went with them.
    gone: BTreeSet<PathBuf>,
    newcomers: bool,
    everybody: bool,
}

impl std::fmt::Debug for NanoclawHints {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NanoclawHints").field("data", &self.watching.data).finish_non_exhaustive()
    }
}

impl NanoclawHints {
    /// Watches `data`, a root's data directory; its sessions as soon as their roster is known.
    /// Where the kernel gives no watches at all, nothing is ever told; that is logged.
    pub fn new(data: impl Into<PathBuf>) -> Self {
        let data = data.into();
        let seen = Arc::new(Seen { data: data.clone(), ..Seen::default() });
        let told = Arc::clone(&seen);
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            told.take(event);
        });
        let watcher = watcher.inspect_err(|error| {
            tracing::warn!(%error, "no file changes are seen; everybody is looked at each resync");
        });
        let watcher = watcher.ok().map(Mutex::new);
        let (dirs, told) = (Mutex::default(), Mutex::default());
        Self { watching: Arc::new(Watching { watcher, seen, data, dirs, told }) }
    }
}

impl Watching {
    /// Watches these directories, and no others any more.
    fn look_after(&self, agents: BTreeMap<PathBuf, AgentId>) {
        let Some(watcher) = &self.watcher else { return };
        let mut watcher = locked(watcher);
        let mut dirs = locked(&self.dirs);
        let wanted: BTreeSet<PathBuf> = agents.keys().cloned().chain([self.data.clone()]).collect();
        let gone = {
            let mut told = locked(&self.seen.hints);
            told.agents = agents;
            std::mem::take(&mut told.gone)
        };
        dirs.retain(|dir, identity| {
            let same = identity_of(dir) == Some(*identity) && !gone.contains(dir);
            let stays = wanted.contains(dir) && same;
            if !stays {
                // It may be gone, and its watch with it.
                drop(watcher.unwatch(dir));
            }
            stays
        });
        let mut failed = 0;
        let mut last = None;
        for dir in wanted {
            let Some(identity) = identity_of(&dir).filter(|_| !dirs.contains_key(&dir)) else {
                continue;
            };
            match watcher.watch(&dir, RecursiveMode::NonRecursive) {
                Ok(()) => drop(dirs.insert(dir, identity)),
                Err(error) => {
                    failed += 1;
                    last = Some(error);
                }
            }
        }
        self.tell(failed, dirs.len(), last.as_ref());
    }

    /// Says once that some could not be watched, and what to do about it; and that all can again.
    fn tell(&self, failed: usize, watched: usize, error: Option<&notify::Error>) {
        let mut told = locked(&self.told);
        if failed > 0 && *told == 0 {
            let why = error.map(ToString::to_string).unwrap_or_default();
            tracing::warn!(
                failed,
                watched,
                why,
                "some session directories cannot be watched: what changes there is seen at the \
                 resync only; raise fs.inotify.max_user_watches"
            );
        } else if failed == 0 && *told > 0 {
            tracing::info!(watched, "all session directories are watched again");
        }
        *told = failed;
    }
}

impl Seen {
    /// One event of the kernel's, on the watcher's own thread.
    fn take(&self, event: notify::Result<Event>) {
        let mut told = locked(&self.hints);
        match event {
            Ok(event) if event.need_rescan() => told.everybody = true,
            Ok(event) if changes(event.kind) => {
                for path in &event.paths {
                    told.change(&self.data, path);
                    if leaves(event.kind) && told.agents.contains_key(path) {
                        told.gone.insert(path.clone());
                    }
                }
            }
            Ok(_) => return,
            Err(_) => told.everybody = true,
        }
        if told.is_something() {
            self.more.notify_one();
        }
    }
}

impl Told {
    fn change(&mut self, data: &Path, path: &Path) {
        let Some((dir, name)) = path.parent().zip(path.file_name()) else { return };
        if let Some(agent) = self.agents.get(path) {
            // Its directory itself: made, removed, or moved.
            self.changed.insert(agent.clone());
        } else if dir == data {
            self.newcomers |= begins_with(name, &[CENTRAL]);
            self.everybody |= begins_with(name, &[HOST_SOCKET]);
        } else if let Some(agent) = self.agents.get(dir)
            && begins_with(name, SESSION_FILES)
        {
            self.changed.insert(agent.clone());
        }
    }

    fn is_something(&self) -> bool {
        self.newcomers || self.everybody || !self.changed.is_empty()
    }

    fn take(&mut self) -> Vec<Hint> {
        let mut hints: Vec<Hint> =
            std::mem::take(&mut self.changed).into_iter().map(Hint::Agent).collect();
        hints.extend(std::mem::take(&mut self.newcomers).then_some(Hint::Newcomers));
        hints.extend(std::mem::take(&mut self.everybody).then_some(Hint::Everybody));
        hints
    }
}

impl Hints for NanoclawHints {
    fn next(&self) -> Doing<'_, Vec<Hint>> {
        Box::pin(async move {
            loop {
                let hints = locked(&self.watching.seen.hints).take();
                if !hints.is_empty() {
                    return hints;
                }
                self.watching.seen.more.notified().await;
            }
        })
    }

    fn watch<'a>(&'a self, roster: &'a [Enlisted]) -> Doing<'a, ()> {
        Box::pin(async move {
            let dir = |on: &Enlisted| Some((on.workspace.clone()?, on.agent.clone()));
            let agents: BTreeMap<PathBuf, AgentId> = roster.iter().filter_map(dir).collect();
            let watching = Arc::clone(&self.watching);
            // A few calls of the kernel's for each that is new. That it failed is told by it.
            drop(tokio::task::spawn_blocking(move || watching.look_after(agents)).await);
        })
    }
}

/// Whether something was written, made, moved or removed; reading is nothing.
const fn changes(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write))
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Any
        | EventKind::Other => true,
        EventKind::Access(_) => false,
    }
}

/// Whether something is not there any more under its name.
const fn leaves(kind: EventKind) -> bool {
    matches!(kind, EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)))
}

fn begins_with(name: &OsStr, names: &[&str]) -> bool {
    let name = name.as_encoded_bytes();
    names.iter().any(|known| name.starts_with(known.as_bytes()))
}

/// Which directory it is, whatever it is called.
fn identity_of(dir: &Path) -> Option<Identity> {
    dir.symlink_metadata().ok().map(|meta| (meta.dev(), meta.ino(), meta.created().ok()))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
