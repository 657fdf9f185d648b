//! Containers with our label for an agent that is there no more, or twice.

use super::super::rig::Rig;
use super::yard::{Yard, id};

#[tokio::test]
async fn an_orphan_is_told_of_and_goes_only_where_that_is_configured() {
    let Some(rig) = Rig::new() else { return };
    let yard = Yard::new(&rig, "orphan");
    let (left, stays, volume) = (rig.name(), rig.name(), yard.volume());
    yard.expect(&[&left, &stays], "");
    yard.start(&left, &["-v", &format!("{volume}:/state")]);
    yard.start(&stays, &[]);
    yard.site.sweep(&[]).await;
    yard.remove(&left);
    yard.sweep_twice().await;
    let run = yard.standing(&left).unwrap().id;

    // Nobody expects it any more.
    yard.expect(&[&stays], "");
    for _ in 0..2 {
        let call = yard.site.sweep(&[]).await;
        assert_eq!(call.incidents(), [format!("orphan-container:yard/{left}")]);
        assert_eq!(call.code, Some(1));
    }
    assert!(rig.runs(&run));
    yard.expect(&[&stays], "remove-orphans = \"1h\"");
    yard.site.sweep(&[]).await;
    assert!(rig.runs(&run), "not before its time");
    yard.expect(&[&stays], "remove-orphans = \"1ms\"");
    yard.site.sweep(&[]).await;
    assert_eq!(yard.standing(&left), None);
    assert_eq!(yard.last("agent_stopped", &left)["reason"], "orphan");
    rig.docker(&["volume", "inspect", &volume]);
    yard.site.sweep(&[]).await;
    let call = yard.site.sweep(&[]).await;
    assert_eq!((call.incidents(), call.code), (vec![], Some(0)));
    assert_eq!(call.line(&id(&stays)), "running ok ok []");
}

#[tokio::test]
async fn a_second_one_with_our_label_for_the_same_agent_is_told_of_and_is_not_it() {
    let Some(rig) = Rig::new() else { return };
    let yard = Yard::new(&rig, "double");
    let (name, other) = (rig.name(), rig.name());
    yard.expect(&[&name], "");
    yard.start(&name, &[]);
    yard.site.sweep(&[]).await;
    yard.remove(&name);
    yard.sweep_twice().await;
    let install =
        rig.docker(&["inspect", "-f", "{{index .Config.Labels \"sweepd.install\"}}", &name]);
    let install = format!("sweepd.install={install}");
    let agent = format!("sweepd.agent={}", id(&name));
    let second = yard.start(&other, &["--label", &install, "--label", &agent]);
    let call = yard.site.sweep(&[]).await;
    assert_eq!(call.incidents(), [format!("duplicate-container:{}", id(&name))]);
    assert_eq!(call.line(&id(&name)), "running failing ok []");
    assert!(rig.runs(&second));
}
