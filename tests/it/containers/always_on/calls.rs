//! One call after another, as from cron.

use super::super::call::text;
use super::super::rig::Rig;
use super::yard::{Yard, id};

#[tokio::test]
async fn one_that_is_stopped_is_told_of_and_left_to_its_restart_policy() {
    let Some(rig) = Rig::new() else { return };
    let yard = Yard::new(&rig, "stopped");
    let (kept, left) = (rig.name(), rig.name());
    yard.expect(&[&kept, &left], "");
    yard.start(&kept, &["--restart", "unless-stopped"]);
    yard.start(&left, &[]);
    let call = yard.site.sweep(&[]).await;
    assert_eq!(call.line(&id(&kept)), "running ok ok []", "{}", call.stderr);

    rig.docker(&["stop", "-t", "5", &kept, &left]);
    let before = [yard.standing(&kept), yard.standing(&left)];
    let call = yard.site.sweep(&[]).await;
    assert_eq!(call.line(&id(&kept)), "stopped failing hold []");
    assert_eq!(call.line(&id(&left)), "stopped failing none []");
    assert_eq!(call.incidents(), [format!("container-down:{}", id(&left))], "no policy: at once");
    assert_eq!(call.code, Some(1));
    yard.site.sweep(&[]).await;
    assert_eq!([yard.standing(&kept), yard.standing(&left)], before, "nobody touches them");
    for (name, policy) in [(&kept, true), (&left, false)] {
        assert_eq!(yard.told(name), ["container_died", "container_stopped"], "once");
        let told = yard.last("container_stopped", name);
        assert_eq!((&told["restart_policy"], &told["exit_code"]), (&policy.into(), &0.into()));
        assert_eq!((&told["by_us"], &told["oom_killed"]), (&false.into(), &false.into()));
        let history = told["history"].as_array().unwrap();
        let kinds: Vec<_> = history.iter().map(|one| text(&one["what"])).collect();
        assert!(kinds.ends_with(&["kill".into(), "die".into(), "stop".into()]), "{kinds:?}");
    }
}

#[tokio::test]
async fn where_that_is_wished_one_that_is_stopped_for_good_is_started() {
    let Some(rig) = Rig::new() else { return };
    let yard = Yard::new(&rig, "started");
    let name = rig.name();
    yard.expect(&[&name], "on-stopped = \"start\"");
    let run = yard.start(&name, &[]);
    yard.site.sweep(&[]).await;
    rig.docker(&["stop", "-t", "5", &name]);
    let call = yard.site.sweep(&[]).await;
    assert_eq!(call.line(&id(&name)), "running ok start [start done]");
    assert!(rig.runs(&run), "the same one");
    assert_eq!(yard.told(&name), ["container_died", "container_stopped", "agent_woken"]);
}

#[tokio::test]
async fn one_that_is_removed_is_missing_and_the_next_call_makes_it_as_it_was() {
    let Some(rig) = Rig::new() else { return };
    let yard = Yard::new(&rig, "removed");
    let (gone, well, volume) = (rig.name(), rig.name(), yard.volume());
    yard.expect(&[&gone, &well], "");
    let mount = format!("{volume}:/state");
    let options = ["-v", &mount, "-e", "API_TOKEN=sk-secret", "--memory", "64m", "--user", "0:0"];
    let first = yard.start(&gone, &options);
    yard.start(&well, &[]);
    rig.docker(&[
        "exec",
        &gone,
        "busybox",
        "sh",
        "-c",
        "echo kept >/state/file; echo lost >/tmp/file",
    ]);
    yard.site.sweep(&[]).await;
    let (untouched, spec) = (yard.standing(&well), rig.made_of(&gone));

    yard.remove(&gone);
    let call = yard.site.sweep(&[]).await;
    assert_eq!(call.line(&id(&gone)), "missing failing hold []", "{}", call.stderr);
    assert_eq!(yard.told(&gone), ["container_died", "container_missing"]);
    let missing = yard.last("container_missing", &gone);
    assert_eq!((&missing["run"], &missing["exit_code"]), (&first.into(), &137.into()));
    let last = missing["history"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["what"], "destroy", "the event that removed it is kept");

    let call = yard.site.sweep(&[]).await;
    assert_eq!(call.line(&id(&gone)), "running ok recreate [recreate done]", "{}", call.stderr);
    assert_eq!(call.code, Some(0), "{}", call.lines());
    assert!(call.detail(&id(&gone), "recreate").contains("outside of its mounts is lost"));
    assert_eq!(yard.told(&gone).last().unwrap(), "container_recreated");
    assert_eq!(rig.made_of(&gone), spec);
    let read = |file| rig.docker(&["exec", &gone, "busybox", "sh", "-c", file]);
    assert_eq!(read("cat /state/file 2>/dev/null || busybox cat /state/file"), "kept");
    assert_eq!(read("busybox test -e /tmp/file || echo gone"), "gone");
    assert_eq!(yard.standing(&well), untouched, "only the missing one is touched");
    assert_eq!(yard.told(&well), Vec::<String>::new());
}

#[tokio::test]
async fn without_a_person_s_word_in_the_configuration_nothing_is_made() {
    let Some(rig) = Rig::new() else { return };
    let yard = Yard::new(&rig, "observed");
    let (observed, composed) = (rig.name(), rig.name());
    yard.expect(&[&observed, &composed], "");
    yard.start(&observed, &[]);
    yard.start(&composed, &["--label", "com.docker.compose.project=shop"]);
    yard.site.sweep(&[]).await;
    yard.remove(&observed);
    yard.remove(&composed);
    yard.site.sweep(&[]).await;
    let overrides = format!("[[agent]]\nmatch = \"{}\"\nmode = \"observe\"", id(&observed));
    yard.expect(&[&observed, &composed], "");
    let text = std::fs::read_to_string(yard.site.dir().join("sweepd.toml")).unwrap();
    std::fs::write(yard.site.dir().join("sweepd.toml"), format!("{text}\n{overrides}\n")).unwrap();
    let call = yard.site.sweep(&[]).await;
    assert_eq!(call.line(&id(&observed)), "missing failing recreate [recreate planned]");
    assert_eq!(call.line(&id(&composed)), "missing failing none []");
    assert_eq!((yard.standing(&observed), yard.standing(&composed)), (None, None));

    yard.expect(&[&composed], "recreate = \"always\"");
    let call = yard.sweep_twice().await;
    assert_eq!(yard.standing(&composed).unwrap().status, "running", "{}", call.lines());
}
