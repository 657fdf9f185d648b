//! The engine errs, hangs, restarts, or answers half: don't know, so nothing is done, and once it
//! is back all is as if nothing had been.

use super::super::daemon::Daemon;
use super::super::engine::Engine;
use super::super::rig::Rig;
use super::super::wait::until;
use super::scissors::Scissors;
use super::yard::{Yard, id};

#[tokio::test]
async fn while_the_engine_is_stopped_or_hangs_nothing_is_told_but_that() {
    let Some(mut engine) = Engine::start() else { return };
    let rig = Rig::on(&engine.host());
    let yard = Yard::new(&rig, "lost");
    let names = [rig.name(), rig.name()];
    yard.expect(&[&names[0], &names[1]], "");
    for name in &names {
        yard.start(name, &[]);
    }
    yard.site.sweep(&[]).await;
    let before = names.each_ref().map(|name| yard.standing(name));
    let all = |yard: &Yard<'_>| names.each_ref().map(|name| yard.told(name)).concat();

    engine.stop();
    nobody_is_known(&yard, &names, 1).await;
    engine.restart();
    let frozen = engine.freeze();
    nobody_is_known(&yard, &names, 2).await;
    drop(frozen);
    assert_eq!(all(&yard), Vec::<String>::new());
    let call = yard.site.sweep(&[]).await;
    assert_eq!(call.line(&id(&names[0])), "running ok ok []");
    assert_eq!(names.each_ref().map(|name| yard.standing(name)), before);

    // Missing at one look, and nobody is known at the next: that is no second look.
    yard.remove(&names[0]);
    yard.site.sweep(&[]).await;
    let frozen = engine.freeze();
    nobody_is_known(&yard, &names, 3).await;
    drop(frozen);
    let call = yard.site.sweep(&[]).await;
    assert_eq!(call.line(&id(&names[0])), "running ok recreate [recreate done]", "{}", call.stderr);
    assert_eq!(yard.standing(&names[1]), before[1]);
}

async fn nobody_is_known(yard: &Yard<'_>, names: &[String; 2], skipped: usize) {
    let call = yard.site.sweep(&[]).await;
    assert_eq!(call.code, Some(3), "{}", call.lines());
    assert_eq!(yard.site.events("tick_skipped").len(), skipped);
    for name in names {
        let line = call.line(&id(name));
        assert!(line.starts_with("unknown ") && line.ends_with(" []"), "{line}");
    }
}

/// The daemon lives on, and is at it again as soon as the engine is.
#[tokio::test]
async fn after_a_restart_of_the_engine_the_daemon_sees_what_vanished_meanwhile() {
    let Some(mut engine) = Engine::start() else { return };
    let rig = Rig::on(&engine.host());
    let yard = Yard::new(&rig, "restarted");
    let (gone, well) = (rig.name(), rig.name());
    yard.expect(&[&gone, &well], "");
    let run = yard.start(&gone, &[]);
    yard.start(&well, &[]);
    let untouched = yard.standing(&well);
    let daemon = Daemon::start(&yard.site);
    until("it has looked", || !yard.site.events("pass_finished").is_empty()).await;
    engine.stop();
    engine.restart();
    yard.remove(&run);
    until("it is back", || yard.told(&gone).contains(&"container_recreated".to_owned())).await;
    assert_eq!(yard.standing(&well), untouched);
    assert_eq!(yard.told(&well), Vec::<String>::new());
    assert_eq!(daemon.terminate().await, Some(0));
}

/// Half a list would make half of them missing.
#[tokio::test]
async fn of_an_answer_that_is_cut_in_half_nothing_is_concluded() {
    let Some(rig) = Rig::new() else { return };
    let yard = Yard::new(&rig, "half");
    let names = [rig.name(), rig.name()];
    yard.expect(&[&names[0], &names[1]], "");
    for name in &names {
        yard.start(name, &[]);
    }
    let before = names.each_ref().map(|name| yard.standing(name));
    yard.site.sweep(&[]).await;
    let socket = yard.site.dir().join("half.sock");
    let scissors = Scissors::listen(&socket, rig.host());
    let config = std::fs::read_to_string(yard.site.dir().join("sweepd.toml")).unwrap();
    let cut = config.replace(rig.host(), &format!("unix://{}", socket.display()));
    std::fs::write(yard.site.dir().join("sweepd.toml"), cut).unwrap();
    for nth in 1..3 {
        nobody_is_known(&yard, &names, nth).await;
        assert!(scissors.cuts() >= nth, "it was cut");
    }
    std::fs::write(yard.site.dir().join("sweepd.toml"), config).unwrap();
    let call = yard.site.sweep(&[]).await;
    assert_eq!(call.line(&id(&names[0])), "running ok ok []");
    assert_eq!(call.incidents(), Vec::<String>::new());
    assert_eq!(names.each_ref().map(|name| yard.standing(name)), before);
    assert_eq!(yard.told(&names[0]), Vec::<String>::new());
}
