//! An operator with always-on containers: a configuration, the program, and `docker` beside it.

use std::cell::RefCell;
use std::fmt::Write as _;

use serde_json::Value;
use sweepd_decide::parse_utc;

use super::super::call::{Call, text};
use super::super::rig::{Rig, Standing};
use super::super::site::Site;
use super::super::wait::later_than;

/// One source of them, `yard`, and what the test has made.
pub(super) struct Yard<'a> {
    pub(super) rig: &'a Rig,
    pub(super) site: Site<'a>,
    volumes: RefCell<Vec<String>>,
}

impl<'a> Yard<'a> {
    /// In mode enforce, on the rig's engine.
    pub(super) fn new(rig: &'a Rig, name: &'a str) -> Self {
        Self { rig, site: Site::new(rig, name), volumes: RefCell::default() }
    }

    /// These containers are expected by name, and the source has these lines besides.
    pub(super) fn expect(&self, names: &[&str], more: &str) {
        let mut tables = String::new();
        for name in names {
            // Writing to a string cannot fail.
            let _infallible = writeln!(tables, "[[source.container]]\nname = \"{name}\"");
        }
        self.configure(&format!("{more}\n{tables}"));
    }

    /// The source has these lines. `TAG` is the label by which the rig cleans up.
    pub(super) fn configure(&self, source: &str) {
        self.configure_for(self.rig.host(), source);
    }

    /// The same, with another socket for the engine.
    pub(super) fn configure_for(&self, engine: &str, source: &str) {
        let tag = format!("\"sweepd.test\" = \"{}\"", self.rig.tag());
        self.site.configure_for(engine, &format!("{CONFIG}{source}").replace("TAG", &tag));
    }

    /// Somebody starts a container of this name that does nothing: its id.
    pub(super) fn start(&self, name: &str, options: &[&str]) -> String {
        let named = [&["--name", name], options].concat();
        self.rig.run(&named, "trap 'exit 0' TERM; while :; do busybox sleep 1; done")
    }

    /// A name for a volume, which is removed when the test ends.
    pub(super) fn volume(&self) -> String {
        let name = self.rig.name();
        self.volumes.borrow_mut().push(name.clone());
        name
    }

    /// `docker rm -f`.
    pub(super) fn remove(&self, name: &str) {
        self.rig.docker(&["rm", "-f", name]);
    }

    pub(super) fn standing(&self, name: &str) -> Option<Standing> {
        self.rig.standing(name)
    }

    /// Two calls, which is what it takes to make anew what is missing: the last.
    pub(super) async fn sweep_twice(&self) -> Call {
        self.site.sweep(&[]).await;
        self.site.sweep(&[]).await
    }

    /// Calls at each instant until which a container is waited for, until it runs: the last call.
    pub(super) async fn sweep_until_it_runs(&self, name: &str) -> Call {
        for _ in 0..5 {
            let call = self.site.sweep(&[]).await;
            let seen = call.agent(&id(name));
            if seen["state"] == "running" {
                return call;
            }
            let recheck = parse_utc(&text(&seen["decision"]["recheck_at"]));
            later_than(recheck.unwrap_or_else(|| panic!("{}", call.lines()))).await;
        }
        panic!("{name} is not made anew");
    }

    /// What happened to one container so far, but for what was decided: kinds, oldest first.
    pub(super) fn told(&self, name: &str) -> Vec<String> {
        let mut told: Vec<(i64, String)> = Vec::new();
        for kind in KINDS {
            let own = self.site.numbered(kind).into_iter();
            let own = own.filter(|(_, agent)| agent.as_deref() == Some(id(name).as_str()));
            told.extend(own.map(|(seq, _)| (seq, (*kind).to_owned())));
        }
        told.sort();
        told.into_iter().map(|(_, kind)| kind).collect()
    }

    /// The data of the last event of a kind about one container.
    pub(super) fn last(&self, kind: &str, name: &str) -> Value {
        let events = self.site.events(kind);
        let own =
            events.into_iter().rfind(|(agent, _)| agent.as_deref() == Some(id(name).as_str()));
        own.unwrap_or_else(|| panic!("no {kind} of {name}")).1
    }
}

/// Also when the test fails. What cannot be removed is no second failure.
impl Drop for Yard<'_> {
    fn drop(&mut self) {
        let volumes = self.volumes.borrow();
        if !volumes.is_empty() {
            self.rig.forget(&volumes);
        }
    }
}

/// The agent that a container of this name is.
pub(super) fn id(name: &str) -> String {
    format!("yard/{name}")
}

const KINDS: &[&str] = &[
    "agent_stopped",
    "agent_woken",
    "container_died",
    "container_missing",
    "container_oom",
    "container_recreate_failed",
    "container_recreated",
    "container_stopped",
    "stop_failed",
    "wake_failed",
];

const CONFIG: &str = r#"
    state-dir = "HERE/state"
    mode = "enforce"
    [docker]
    host = "ENGINE"
    [sweep]
    interval = "1h"
    [[source]]
    kind = "containers"
    name = "yard"
"#;
