//! The beginning of every pass: each source concerned is looked at as a whole, and its runtime
//! listed once. Whoever is wanted is then served with what was found.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::join_all;
use sweepd_decide::{AgentId, Finding, FindingKind, Presence, Timestamp};

use crate::call::Call;
use crate::engine::Engine;
use crate::fleet::Fleet;
use crate::order::Wanted;
use crate::orphans::orphans;
use crate::ports::{Enlisted, PortError, SourceRecord};
use crate::setup::SourceSetup;
use crate::source::{SOURCE_KINDS, SourceView, runtime_lost};

/// What was found of one source.
pub(crate) struct Found {
    pub(crate) view: SourceView,
    pub(crate) fleet: Fleet,
}

/// What a pass serves its agents with.
pub(crate) struct Survey {
    /// By the source's place among the engine's. One that is not concerned, or could not be
    /// looked at, is not there.
    pub(crate) found: BTreeMap<usize, Found>,
    /// The host's present boot.
    pub(crate) boot_id: String,
    /// No stop is begun after this instant.
    pub(crate) until: Timestamp,
    /// A round of the daemon, not a call of its own.
    pub(crate) daemon: bool,
    /// How far back the ends of runs are of interest.
    pub(crate) since: Timestamp,
    /// What was found was so at this instant or later.
    pub(crate) at: Timestamp,
}

/// The newest look at one source for whoever has waited for long, or when that failed.
pub(crate) type Recent = tokio::sync::Mutex<Option<(Timestamp, Option<Arc<Survey>>)>>;

impl Survey {
    /// The sources that were looked at, with what was found.
    pub(crate) fn with<'a>(
        &'a self,
        sources: &'a [SourceSetup],
    ) -> impl Iterator<Item = (&'a SourceSetup, &'a Found)> {
        self.found.iter().filter_map(|(place, found)| Some((sources.get(*place)?, found)))
    }

    /// The names of those whose roster is whole.
    pub(crate) fn names<'a>(&'a self, sources: &'a [SourceSetup]) -> impl Iterator<Item = &'a str> {
        let whole = self.with(sources).filter(|(_, found)| found.view.roster.unread.is_none());
        whole.map(|(setup, _)| setup.source.name())
    }

    /// Everybody on their rosters.
    pub(crate) fn rosters(&self) -> impl Iterator<Item = &AgentId> {
        let rosters = self.found.values().flat_map(|found| &found.view.roster.agents);
        rosters.map(|enlisted| &enlisted.agent)
    }

    /// Whoever on the rosters runs, as far as the runtimes say.
    pub(crate) fn running(&self) -> impl Iterator<Item = &Enlisted> {
        self.found.values().flat_map(|found| {
            let runs = |on: &&Enlisted| {
                matches!(found.fleet.presence(on), Presence::Up(_) | Presence::Duplicate(_))
            };
            found.view.roster.agents.iter().filter(runs)
        })
    }

    /// An agent's place on the roster of a source.
    pub(crate) fn find(&self, place: usize, agent: &AgentId) -> Option<usize> {
        let roster = &self.found.get(&place)?.view.roster.agents;
        roster.iter().position(|enlisted| enlisted.agent == *agent)
    }
}

struct Looked {
    place: usize,
    record: SourceRecord,
    view: Result<SourceView, PortError>,
    fleet: Fleet,
}

impl Engine {
    /// Looks at the sources that `wanted` concerns, all at once: one that is slow costs the others
    /// nothing but the wait. `first` in a call: what is found about a source counts.
    ///
    /// # Cancel safety
    /// Safe: nothing is written but to `call`.
    pub(crate) async fn survey(&self, call: &mut Call, wanted: &Wanted, first: bool) -> Survey {
        let at = self.clock().now();
        call.events.extend(self.timekeeper.read(self.clock()));
        let concerned = self.sources.iter().enumerate();
        let concerned = concerned.filter(|(_, setup)| wanted.concerns(setup.source.name()));
        let looks = concerned.map(|(place, setup)| self.look_at(place, setup, call));
        let looked: Vec<Looked> = join_all(looks).await;
        for one in &looked {
            if let Some(setup) = self.sources.get(one.place) {
                let roster = one.view.as_ref().ok().map(|view| &view.roster);
                self.expected.note(setup.source.name(), roster);
            }
        }
        let mut found = BTreeMap::new();
        for looked in looked {
            let place = looked.place;
            let one = self.sources.get(place).and_then(|setup| {
                let found = self.take_note(setup, looked, call, first)?;
                if first {
                    call.enlist(setup, &found, wanted);
                }
                if let Some(trouble) = found.fleet.trouble() {
                    call.lose(setup, &found.view, wanted, trouble);
                }
                Some(found)
            });
            found.extend(one.map(|one| (place, one)));
        }
        let (boot_id, until, daemon) = (call.boot_id.clone(), call.until, call.daemon);
        Survey { found, boot_id, until, daemon, since: call.since, at }
    }

    /// Looks at one source again, for somebody whose turn is not over, or begins late. Nothing is
    /// noted about it. `None`: nothing can be said about anybody of it.
    pub(crate) async fn survey_again(&self, place: usize, before: &Survey) -> Option<Survey> {
        let setup = self.sources.get(place)?;
        let mut unnoted = SourceRecord::default();
        let now = self.clock().now();
        let view = SourceView::look(setup, &mut unnoted, before.daemon, now).await.ok()?;
        let listed_at = self.clock().now();
        let fleet = Fleet::look(setup, self.install(), before.since, listed_at).await;
        if fleet.trouble().is_some() {
            return None;
        }
        let (boot_id, at) = (before.boot_id.clone(), now);
        let found = BTreeMap::from([(place, Found { view, fleet })]);
        Some(Survey { found, boot_id, at, ..*before })
    }

    async fn look_at(&self, place: usize, setup: &SourceSetup, call: &Call) -> Looked {
        let now = self.clock().now();
        let mut record = call.records.get(setup.source.name()).cloned().unwrap_or_default();
        let mut view = SourceView::look(setup, &mut record, call.daemon, now).await;
        if let Ok(view) = &mut view
            && let Some(why) = self.set_up_monitor(setup, view.host).await
        {
            view.find(FindingKind::ForeignSchema, now, why);
        }
        let fleet = Fleet::look(setup, self.install(), call.since, self.clock().now()).await;
        Looked { place, record, view, fleet }
    }

    /// What was found of a source, as far as it could be looked at at all.
    fn take_note(
        &self,
        setup: &SourceSetup,
        looked: Looked,
        call: &mut Call,
        first: bool,
    ) -> Option<Found> {
        let Looked { mut record, view, fleet, .. } = looked;
        let (name, now) = (setup.source.name(), self.clock().now());
        let lost = runtime_lost(&mut record, fleet.trouble(), now);
        if first {
            call.records.insert(name.to_owned(), record);
        }
        let mut view = match view {
            Ok(view) => view,
            Err(error) => {
                call.skip(setup, &error.chain());
                return None;
            }
        };
        view.findings.extend(lost);
        if fleet.trouble().is_none() {
            view.findings.extend(orphans(self, setup, &view.roster, &fleet, now));
        }
        if first {
            let changes = call.incidents.after_look(name, SOURCE_KINDS, &view.findings, now);
            call.changes.extend(changes);
            let shrunk = |found: &Finding| found.kind == FindingKind::SourceShrunk;
            if let Some(why) = &view.roster.unread {
                call.skip(setup, why);
            } else if !view.findings.iter().any(shrunk) {
                call.strike_off(setup, &view);
                let on = |agent: &_| view.roster.agents.iter().any(|on| on.agent == *agent);
                self.board.strike_off(name, on);
            }
            if fleet.trouble().is_none() {
                self.board.count(name, fleet.up(&view.roster.agents));
            }
        }
        Some(Found { view, fleet })
    }
}
