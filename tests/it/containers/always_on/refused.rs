//! What cannot be made anew is told in the engine's own words, and the next one is made all the
//! same.

use super::super::rig::Rig;
use super::super::wait::until;
use super::yard::{Yard, id};

#[tokio::test]
async fn an_image_that_is_gone_is_named_and_the_next_container_is_made() {
    let Some(rig) = Rig::new() else { return };
    let yard = Yard::new(&rig, "no-image");
    let (bad, good) = (rig.name(), rig.name());
    let table = |name: &str, image: &str| {
        format!(
            "[[source.container]]\nname = \"{name}\"\nimage = \"{image}\"\nlabels = {{ TAG }}\n\
             command = [\"/bin/busybox\", \"sleep\", \"600\"]\n"
        )
    };
    yard.configure(&format!("{}{}", table(&bad, "sweepd-nowhere:9"), table(&good, "IMAGE")));
    let call = yard.sweep_twice().await;
    let line = call.line(&id(&bad));
    assert!(line.starts_with("missing failing recreate [recreate failed"), "{line}");
    assert!(line.contains("sweepd-nowhere:9"), "{line}");
    assert_eq!(call.line(&id(&good)), "running ok recreate [recreate done]");
    assert_eq!(yard.told(&bad), ["container_missing", "container_recreate_failed"]);
    let error = yard.last("container_recreate_failed", &bad)["error"].to_string();
    assert!(error.contains("there is no image sweepd-nowhere:9"), "{error}");
    assert_eq!(call.incidents(), [format!("recreate-failing:{}", id(&bad))], "at once");
    assert_eq!(call.code, Some(1));

    // Somebody brings the image. The wait since the last attempt is not over: a person asks.
    rig.docker(&["tag", rig.image(), "sweepd-nowhere:9"]);
    let woken = yard.site.sweepd(&["wake", &id(&bad)]).output().await.unwrap();
    let untag = rig.docker(&["rmi", "sweepd-nowhere:9"]);
    assert!(woken.status.success(), "{woken:?} {untag}");
    let call = yard.site.sweep(&[]).await;
    assert_eq!(call.line(&id(&bad)), "running ok ok []");
}

#[tokio::test]
async fn a_port_that_somebody_else_has_is_told_in_the_engine_s_words_and_nothing_is_left_behind() {
    let Some(rig) = Rig::new() else { return };
    let yard = Yard::new(&rig, "port");
    let (name, next) = (rig.name(), rig.name());
    yard.expect(&[&name, &next], "");
    let port = free_port();
    let publish = format!("127.0.0.1:{port}:80");
    yard.start(&name, &["--network", "bridge", "-p", &publish]);
    yard.start(&next, &[]);
    yard.site.sweep(&[]).await;
    yard.remove(&name);
    yard.remove(&next);
    let taken = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    let call = yard.sweep_twice().await;
    let line = call.line(&id(&name));
    assert!(line.starts_with("missing failing recreate [recreate failed"), "{line}");
    let error = yard.last("container_recreate_failed", &name)["error"].to_string();
    assert!(error.contains(&port.to_string()), "{error}");
    assert_eq!(yard.standing(&name), None, "what was half made is removed");
    assert_eq!(call.line(&id(&next)), "running ok recreate [recreate done]");
    assert_eq!(call.incidents(), Vec::<String>::new(), "it may be free the next time");

    drop(taken);
    let call = yard.sweep_until_it_runs(&name).await;
    assert_eq!(call.line(&id(&name)), "running ok recreate [recreate done]", "{}", call.stderr);
}

/// A directory that was bound and is gone would be made by the engine, empty, and look healthy.
#[tokio::test]
async fn a_bound_path_that_is_gone_is_named_and_not_made() {
    let Some(rig) = Rig::new() else { return };
    let yard = Yard::new(&rig, "bind");
    let (name, path) = (rig.name(), yard.site.dir().join("work"));
    std::fs::create_dir(&path).unwrap();
    yard.expect(&[&name], "");
    let bind = format!("{}:/work", path.display());
    yard.start(&name, &["-v", &bind]);
    yard.site.sweep(&[]).await;
    yard.remove(&name);
    std::fs::remove_dir(&path).unwrap();
    let call = yard.sweep_twice().await;
    assert_eq!(call.incidents(), [format!("recreate-failing:{}", id(&name))]);
    let summary = call.report["incidents"][0]["summary"].to_string();
    assert!(summary.contains(&path.display().to_string()), "{summary}");
    assert_eq!(yard.standing(&name), None);
    assert!(!path.exists(), "no data is written into the void");
}

/// It was made, and there it lies. If the engine is quick to say so, that is no success.
#[tokio::test]
async fn one_that_ends_at_once_is_not_taken_for_one_that_runs() {
    let Some(rig) = Rig::new() else { return };
    let yard = Yard::new(&rig, "ends");
    let name = rig.name();
    yard.configure(&format!(
        "[[source.container]]\nname = \"{name}\"\nimage = \"IMAGE\"\nlabels = {{ TAG }}\n\
         command = [\"/bin/busybox\", \"sh\", \"-c\", \"echo no state here; exit 7\"]\n"
    ));
    let call = yard.sweep_twice().await;
    let detail = call.detail(&id(&name), "recreate");
    let seen_running = yard.told(&name).contains(&"container_recreated".to_owned());
    assert_ne!(detail.contains("exit code 7: no state here"), seen_running, "{detail}");
    until("it has ended", || !rig.runs(&name)).await;
    let call = yard.site.sweep(&[]).await;
    assert_eq!(call.line(&id(&name)), "stopped failing none []");
    assert_eq!(yard.last("container_stopped", &name)["exit_code"], 7);
    assert_eq!(call.incidents(), [format!("container-down:{}", id(&name))]);
}

fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}
