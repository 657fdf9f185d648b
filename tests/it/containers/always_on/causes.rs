//! How one came to be down: who ended it, as far as the engine tells.

use super::super::rig::Rig;
use super::super::wait::until;
use super::yard::{Yard, id};

#[tokio::test]
async fn one_that_had_too_little_memory_is_said_to_have_died_of_that() {
    let Some(rig) = Rig::new() else { return };
    let yard = Yard::new(&rig, "memory");
    let name = rig.name();
    yard.expect(&[&name], "");
    let work = yard.site.dir().join("work");
    std::fs::create_dir(&work).unwrap();
    let bind = format!("{}:/lab", work.display());
    let eats = "until [ -e /lab/hungry ]; do usleep 10000; done; exec tail /dev/zero";
    let small = ["--name", &name, "--memory=16m", "--memory-swap=16m", "-v", &bind];
    let run = rig.run(&small, eats);
    yard.site.sweep(&[]).await;
    std::fs::write(work.join("hungry"), "").unwrap();
    until("it has died", || !rig.runs(&run)).await;
    yard.site.sweep(&[]).await;
    assert_eq!(yard.told(&name), ["container_oom", "container_died", "container_stopped"]);
    let stopped = yard.last("container_stopped", &name);
    assert_eq!((&stopped["oom_killed"], &stopped["exit_code"]), (&true.into(), &137.into()));
}

/// SIGKILL, since it does not listen: 137 too, and by us.
#[tokio::test]
async fn an_end_by_our_own_hand_is_no_fault_and_no_lack_of_memory() {
    let Some(rig) = Rig::new() else { return };
    let yard = Yard::new(&rig, "by-us");
    let name = rig.name();
    yard.expect(&[&name], "");
    rig.run(
        &["--name", &name, "--stop-timeout", "1"],
        "trap '' TERM; while :; do busybox sleep 1; done",
    );
    yard.site.sweep(&[]).await;
    let stopped = yard.site.sweepd(&["stop", &id(&name)]).output().await.unwrap();
    assert!(stopped.status.success(), "{stopped:?}");
    let call = yard.site.sweep(&[]).await;
    assert_eq!((call.code, call.incidents()), (Some(0), vec![]));
    assert!(yard.site.events("container_oom").is_empty());
    let told = yard.last("container_stopped", &name);
    assert_eq!((&told["by_us"], &told["exit_code"]), (&true.into(), &137.into()), "{told}");
    assert_eq!(told["oom_killed"], false);
}

/// From outside, without a word: what the engine remembers is all there is, and it is shown.
#[tokio::test]
async fn a_kill_from_outside_is_told_with_its_signal() {
    let Some(rig) = Rig::new() else { return };
    let yard = Yard::new(&rig, "killed");
    let name = rig.name();
    yard.expect(&[&name], "");
    yard.start(&name, &[]);
    yard.site.sweep(&[]).await;
    rig.docker(&["kill", "-s", "KILL", &name]);
    yard.site.sweep(&[]).await;
    let told = yard.last("container_stopped", &name);
    let history = told["history"].as_array().unwrap();
    let kill = history.iter().find(|one| one["what"] == "kill").unwrap();
    assert_eq!(kill["signal"], 9);
    assert_eq!((&told["by_us"], &told["oom_killed"]), (&false.into(), &false.into()));
}
