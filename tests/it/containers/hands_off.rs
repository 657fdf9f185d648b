//! What looks and does not touch: mode `observe`, and `--dry-run`.

use std::path::Path;

use insta::assert_snapshot;
use serde_json::json;

use super::call::Call;
use super::crowd::{CONFIG, Crowd};
use super::rig::{Rig, Standing};
use super::site::{Site, ended};
use super::tree::Tree;

#[tokio::test]
async fn observe_and_a_dry_run_plan_everything_and_touch_nothing() {
    let Some(rig) = Rig::new() else { return };
    let site = Site::new(&rig, "both");
    let crowd = Crowd::gather(&site, &rig).await;
    let before = World::of(&crowd, &rig);
    site.configure(&CONFIG.replace("enforce", "observe"));
    let watching = site.begin_sweep();
    // Beside it, with a state directory that is not there.
    let never = site.dir().join("never");
    let enforce = site.dir().join("enforce.toml");
    let text = std::fs::read_to_string(site.dir().join("sweepd.toml")).unwrap();
    let text = text.replace("observe", "enforce").replace("/state\"", "/never\"");
    std::fs::write(&enforce, text).unwrap();
    let dry = site.sweep(&["--dry-run", "--config", &enforce.to_string_lossy()]).await;
    let observed = ended(watching).await;

    before.is_unchanged(&crowd, &rig);
    assert!(!never.exists(), "a dry run does not even make its state directory");
    assert!(site.state_dir().exists(), "what was observed is remembered");
    assert_eq!((&dry.report["mode"], &dry.report["dry_run"]), (&json!("enforce"), &json!(true)));
    assert_eq!(observed.report["mode"], "observe");
    assert_eq!((dry.code, observed.code), (Some(1), Some(1)));
    everything_is_planned(&dry);
    everything_is_planned(&observed);

    let effects = |call: &Call| {
        let agents = call.report["agents"].as_array().unwrap().iter();
        let line = |agent: &serde_json::Value| call.line(agent["id"].as_str().unwrap());
        agents.map(line).collect::<Vec<_>>()
    };
    assert_eq!(effects(&dry), effects(&observed));
    assert_snapshot!(observed.lines(), @"
    docked/ag/acked: stopped ok none [sync planned]
    docked/ag/answered: stopped ok none [release planned, complete planned]
    docked/ag/bash: running ok ok []
    docked/ag/broken: unknown unknown none []
    docked/ag/due: stopped ok none [wake planned]
    docked/ag/hung: running failing kill-claim [stop planned]
    docked/ag/idle: running ok kill-ceiling [stop planned]
    docked/ag/orphan-0: stopped ok none [wake planned]
    docked/ag/refused: stopped failing none [sync planned]
    docked/ag/rescheduled: stopped ok none [release planned]
    docked/ag/series: stopped ok none [sync planned, recur planned]
    still/ag/acked: stopped ok none [sync planned]
    still/ag/answered: stopped ok none [release planned, complete planned]
    still/ag/broken: unknown unknown none []
    still/ag/due: stopped ok none []
    still/ag/hung: running failing kill-claim [stop planned]
    still/ag/orphan-0: stopped ok none [release planned, retry planned]
    still/ag/orphan-4: stopped ok none [release planned, retry planned]
    still/ag/orphan-5: stopped ok none [release planned, dead-letter planned]
    still/ag/refused: stopped failing none [sync planned]
    still/ag/rescheduled: stopped ok none [release planned]
    still/ag/series: stopped ok none [sync planned, recur planned]
    warning agent-stuck:docked/ag/hung
    warning agent-stuck:still/ag/hung
    error message-failed:docked/ag/refused/m
    error message-failed:still/ag/refused/m
    ");
}

fn everything_is_planned(call: &Call) {
    let agents = call.report["agents"].as_array().unwrap().iter();
    let effects = agents.flat_map(|agent| agent["effects"].as_array().unwrap());
    let outcomes: Vec<_> = effects.map(|effect| &effect["outcome"]).collect();
    assert!(outcomes.len() > 10, "{outcomes:?}");
    assert!(outcomes.iter().all(|outcome| **outcome == "planned"), "{}", call.lines());
}

/// Files and containers.
struct World {
    files: [Tree; 2],
    containers: Vec<Standing>,
}

impl World {
    fn of(crowd: &Crowd, rig: &Rig) -> Self {
        let files = crowd.roots().map(|root| Tree::of(root.path()));
        Self { files, containers: rig.all() }
    }

    fn is_unchanged(&self, crowd: &Crowd, rig: &Rig) {
        let now = Self::of(crowd, rig);
        for (before, after) in self.files.iter().zip(&now.files) {
            assert_eq!(before.changes(after), Vec::<&Path>::new());
        }
        assert_eq!(self.containers, now.containers);
        assert!(now.containers.len() == 4);
        assert!(now.containers.iter().all(|seen| seen.status == "running"));
    }
}
