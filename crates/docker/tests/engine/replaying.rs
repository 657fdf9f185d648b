//! What an engine remembers of one container.

use sweepd_decide::Span;

use crate::rig::{Rig, now, until};

#[tokio::test]
async fn the_history_of_a_container_says_what_became_of_it_and_nothing_of_others() {
    let Some(rig) = Rig::new().await else { return };
    let since = now().minus(Span::from_secs(5));
    let other = rig.start("exit 0").await;
    let spec = rig.spec("trap 'exit 7' TERM; echo ready; while :; do sleep 0.1; done");
    let id = rig.client.start(&spec).await.unwrap().id;
    rig.until_logged(&id, "ready").await;
    rig.docker(&["exec", &id, "true"]);
    rig.docker(&["kill", "-s", "TERM", &id]);
    rig.until_seen(&id, |seen| seen.state.is_stopped()).await;
    let renamed = rig.name();
    rig.docker(&["rename", &id, &renamed]);
    rig.docker(&["rm", &id]);

    let happenings = until(async || {
        let told = rig.client.history(&id, since, now()).await.unwrap();
        told.iter().any(|happening| happening.action == "destroy").then_some(told)
    })
    .await;
    // Podman does not say which signal.
    let signal = (!rig.engine().is_podman()).then_some(15);
    let told: Vec<_> =
        happenings.iter().map(|h| (h.action.as_str(), h.exit_code, h.signal)).collect();
    assert_eq!(
        told,
        [
            ("create", None, None),
            ("start", None, None),
            ("kill", None, signal),
            ("die", Some(7), None),
            ("rename", None, None),
            ("destroy", None, None),
        ]
    );
    assert!(happenings.iter().all(|happening| happening.id == id && happening.id != other));
    assert_eq!(happenings[0].name, spec.name);
    assert_eq!(happenings[5].name, renamed);
    assert!(happenings.is_sorted_by_key(|happening| happening.at));

    let by_name = rig.client.history(&renamed, since, now()).await.unwrap();
    let told: Vec<_> = by_name.iter().map(|happening| happening.action.as_str()).collect();
    assert_eq!(told, ["rename", "destroy"]);
}
