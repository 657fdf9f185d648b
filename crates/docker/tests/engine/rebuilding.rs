//! That a container which was made again is what it was.

use std::collections::BTreeMap;

use crate::alike::{assert_alike, described};
use crate::losing::{
    FOREVER, comes_back_alike, create, directory, lose_and_rebuild, network, port, volume,
};
use crate::rig::Rig;

#[tokio::test]
async fn a_container_with_every_option_comes_back_as_it_was() {
    let Some(rig) = Rig::new().await else { return };
    let image = format!("{}-full", rig.image());
    rig.import_as(
        &image,
        &[
            "ENV FROM_IMAGE=1 OVERRIDDEN=image TAKEN=out",
            "LABEL from.image=1 overridden=image",
            "WORKDIR /image",
            "USER 7",
            "EXPOSE 7000",
            "VOLUME /from-image",
            r#"CMD ["sh"]"#,
            "HEALTHCHECK --interval=9m CMD true",
        ],
    );
    let (one, one_net) = network(&rig);
    let (two, two_net) = network(&rig);
    let (named, also_named) = (volume(&rig), volume(&rig));
    let (rw, ro, api) = (directory(&rig, "rw"), directory(&rig, "ro"), directory(&rig, "api"));
    let fixed = port();
    let name = rig.name();
    let podman = rig.engine().is_podman();
    // What Podman does not take from this program, or does not tell: docs/reference/engines.md.
    let docker = |options: &str| if podman { String::new() } else { options.to_owned() };
    let ip = format!("--ip={one_net}.50");
    let options = [
        format!("--network={one} --network-alias=web --network-alias=www"),
        docker(&ip),
        format!(
            "-v {rw}:/rw -v {ro}:/ro:ro -v {named}:/named -v /anonymous -v {also_named}:/no:ro"
        ),
        format!("--mount type=bind,src={api},dst=/api,readonly --mount type=volume,dst=/anon-api"),
        "--mount type=tmpfs,dst=/memory,tmpfs-size=1m --tmpfs /tmp:size=64k".to_owned(),
        format!("-p 127.0.0.1:{fixed}:80 -p 81 -p 127.0.0.1::82 -p 83/udp --expose 84"),
        docker("-e TAKEN --domainname example.test --init --runtime runc"),
        docker("--device /dev/null:/dev/nothing:r --device-cgroup-rule c~1:3~r"),
        docker("--log-opt max-size=1m --log-opt max-file=2"),
        "-e TOKEN=PLANTED-password -e OVERRIDDEN=own -e EQUALS=a=b=c -e EMPTY=".to_owned(),
        "--label app=keeper --label overridden=own --label com.docker.compose.project=shop"
            .to_owned(),
        "--user 0:12 --group-add 77 --workdir /work --hostname box".to_owned(),
        "--restart on-failure:4 --stop-signal SIGUSR1 --stop-timeout 3".to_owned(),
        "--memory 64m --memory-reservation 32m --cpus 0.5 --cpuset-cpus 0 --pids-limit 50"
            .to_owned(),
        "--ulimit nofile=1000:2000 --ulimit core=0 --ulimit nproc=9000".to_owned(),
        "--shm-size 8m --oom-score-adj 100".to_owned(),
        "--cap-add NET_ADMIN --cap-add SYS_TIME --cap-drop MKNOD --security-opt no-new-privileges"
            .to_owned(),
        "--read-only --sysctl net.ipv4.ip_forward=1 --ipc shareable -i -t".to_owned(),
        "--add-host db:10.0.0.7 --dns 10.0.0.53 --dns-search example.test --dns-option ndots:2"
            .to_owned(),
        "--log-driver json-file".to_owned(),
        "--health-cmd true --health-interval 1h --health-retries 2 --health-start-period 1s"
            .to_owned(),
        "--entrypoint /bin/sh".to_owned(),
    ]
    .join(" ");
    let options: Vec<_> = options.split_whitespace().map(|word| word.replace('~', " ")).collect();
    let options: Vec<_> = options.iter().map(String::as_str).collect();
    let script = "[ -e /anonymous/kept ] || { echo a > /anonymous/kept; echo b > /anon-api/kept; \
        echo c > /named/kept; echo d > /from-image/kept; }; \
        cat /anonymous/kept /anon-api/kept /named/kept /from-image/kept; hostname; echo ready";
    let script = format!("{script}; {FOREVER}");
    let id = create(&rig, &name, &options, &[&image, "-c", &script]);
    rig.docker(&[
        "network",
        "connect",
        "--alias",
        "api",
        "--ip",
        &format!("{two_net}.60"),
        &two,
        &id,
    ]);
    rig.docker(&["start", &id]);
    rig.until_logged(&id, "ready").await;
    let before = described(&rig, &id);

    let (learned, rebuilt) = lose_and_rebuild(&rig, &name, &id).await;
    rig.until_logged(&rebuilt.id, "ready").await;
    assert_alike(&before, &described(&rig, &rebuilt.id));
    assert_eq!(rebuilt.mounts_differ, [""; 0]);
    assert_eq!(rebuilt.notes, [""; 0]);

    assert_eq!(learned.image, rig.shown(&image));
    assert_eq!(learned.image_id.as_deref(), before["Image"].as_str());
    assert_eq!(learned.restart_policy(), Some("on-failure"));
    assert_eq!(learned.compose_project(), Some("shop"));
    let mut sources: Vec<_> = learned.bind_sources().collect();
    sources.sort_unstable();
    let mut binds = [rw.as_str(), &ro, &api];
    binds.sort_unstable();
    assert_eq!(sources, binds);
    assert_eq!(learned.volumes().count(), 5);
    for shown in [format!("{learned:?}"), learned.redacted().to_string()] {
        assert!(shown.contains("TOKEN") && !shown.contains("PLANTED-password"), "{shown}");
    }
    // Twice is as good as once.
    let again = rig.client.learn(&rebuilt.id).await.unwrap();
    assert_eq!(again, learned);
}

#[tokio::test]
async fn a_container_without_options_stays_open_to_its_image() {
    let Some(rig) = Rig::new().await else { return };
    let image = format!("{}-defaults", rig.image());
    let command = format!(r#"CMD ["sh", "-c", "{FOREVER}"]"#);
    rig.import_as(
        &image,
        &["ENV FROM_IMAGE=1", "LABEL from.image=1", "EXPOSE 7000", "WORKDIR /image", &command],
    );
    let (learned, _) = comes_back_alike(&rig, &[], &[&image]).await;
    let (label, value) =
        rig.label().split_once('=').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    assert_eq!(learned.labels, BTreeMap::from([(label, value)]));
    assert_eq!((&learned.command, &learned.entrypoint), (&None, &None));
    assert_eq!((learned.env.len(), &learned.working_dir, &learned.user), (0, &None, &None));
    let stored = serde_json::to_string(&learned).unwrap();
    for from_image in ["FROM_IMAGE", "from.image", "7000", "/image", "Hostname"] {
        assert!(!stored.contains(from_image), "{from_image}: {stored}");
    }
    assert_eq!(learned.restart_policy(), None);
}

#[tokio::test]
async fn an_entrypoint_that_was_taken_away_stays_away() {
    let Some(rig) = Rig::new().await else { return };
    let image = format!("{}-entry", rig.image());
    rig.import_as(&image, &[r#"ENTRYPOINT ["/bin/false"]"#, r#"CMD ["-x"]"#]);
    comes_back_alike(&rig, &["--entrypoint", "", "--network=none"], &[&image, "sh", "-c", FOREVER])
        .await;
    // And one that equals the image's, but drops its command.
    let image = format!("{}-same", rig.image());
    rig.import_as(&image, &[r#"ENTRYPOINT ["/bin/sleep"]"#, r#"CMD ["-x"]"#]);
    let name = rig.name();
    let id = create(&rig, &name, &["--entrypoint", "/bin/sleep", "--network=none"], &[&image]);
    let learned = rig.client.learn(&id).await.unwrap();
    assert_eq!(learned.entrypoint, Some(vec!["/bin/sleep".to_owned()]));
    assert_eq!(learned.command, None);
}

#[tokio::test]
async fn what_is_rarely_asked_for_comes_back_too() {
    let Some(rig) = Rig::new().await else { return };
    let image = format!("{}-rare", rig.image());
    rig.import_as(&image, &["HEALTHCHECK CMD true", "EXPOSE 7000"]);
    let command = [image.as_str(), "sh", "-c", FOREVER];
    let (net, _) = network(&rig);
    let (labelled, by_driver) = (rig.name(), rig.name());
    for volume in [&labelled, &by_driver] {
        rig.at_end(&["volume", "rm", "-f", volume]);
    }
    let path = directory(&rig, "rare");
    let options = [
        format!("--network={net} --link-local-ip=169.254.9.8"),
        "-P --expose=90-91 -p 127.0.0.1::92 -p 127.0.0.1::92 --no-healthcheck -i".to_owned(),
        "--memory=64m --memory-swap=96m --memory-swappiness=10 --oom-kill-disable".to_owned(),
        "--cpu-shares=512 --cpu-period=50000 --cpu-quota=20000 --cpuset-mems=0".to_owned(),
        "--blkio-weight=300 --cgroupns=private".to_owned(),
        "--cap-drop=ALL --cap-add=CHOWN --security-opt=seccomp=unconfined".to_owned(),
        "--security-opt=apparmor=unconfined --isolation=default --ulimit=nproc=99".to_owned(),
        // Podman has defaults of its own where only some are given.
        "--ulimit=nofile=1000".to_owned(),
        "--sysctl=kernel.msgmax=9000 --ipc=private --stop-timeout=-1 --log-driver=none".to_owned(),
        format!(
            "--mount=type=volume,src={labelled},dst=/l,volume-nocopy,volume-label=sweepd.test.v=1"
        ),
        format!("--mount=type=volume,src={by_driver},dst=/d,volume-driver=local,volume-opt=type=tmpfs,volume-opt=device=tmpfs"),
        format!("--mount=type=bind,src={path},dst=/b,bind-propagation=private,bind-nonrecursive"),
        format!("-v {path}:/c:ro,private,delegated -v {labelled}:/m:nocopy"),
        "--volume-driver=local -v /by-default -l empty= -e A=1 -e A=2".to_owned(),
    ]
    .join(" ");
    let options: Vec<_> = options.split(' ').collect();
    let (learned, _) = comes_back_alike(&rig, &options, &command).await;
    assert_eq!(learned.volumes().count(), 4);

    let host = ["--network=host", "--restart=always", "--entrypoint=sleep"];
    let (learned, _) = comes_back_alike(&rig, &host, &[&image, "1000"]).await;
    assert_eq!(learned.restart_policy(), Some("always"));
}

#[tokio::test]
async fn a_privileged_one_comes_back_privileged() {
    let Some(rig) = Rig::new().await else { return };
    let image = rig.image();
    // Where the engine itself may not do everything, none can be started.
    let (label, options) = (rig.label(), ["--privileged", "--network=none"]);
    let run = [&["run", "--rm", "--label", &label], &options[..], &[&image, "true"]].concat();
    if rig.tries(&run) {
        comes_back_alike(&rig, &options, &[&image, "sh", "-c", FOREVER]).await;
    }
    let id = create(&rig, &rig.name(), &options, &[&image, "true"]);
    let stored = serde_json::to_value(rig.client.learn(&id).await.unwrap()).unwrap();
    assert_eq!(stored["host_config"]["Privileged"], true);
}

#[tokio::test]
async fn a_set_mac_address_comes_back_where_engines_tell_it() {
    let Some(rig) = Rig::new().await else { return };
    // Newer ones do not tell a set one from a generated one.
    if !rig.engine().is_podman() && rig.engine().api.as_str() >= "1.44" {
        return;
    }
    let ((net, _), mac) = (network(&rig), "02:42:0a:01:02:03");
    let (name, image) = (rig.name(), rig.image());
    let id = create(&rig, &name, &["--network", &net], &[&image, "sh", "-c", FOREVER]);
    let learned = rig.client.learn(&id).await.unwrap();
    rig.docker(&["rm", "-f", &id]);
    let mut stored = serde_json::to_value(&learned).unwrap();
    stored["config"]["MacAddress"] = mac.into();
    let with_mac = serde_json::from_value(stored).unwrap();
    let id = rig.client.rebuild(&name, &with_mac, &BTreeMap::new()).await.unwrap().id;
    let (again, rebuilt) = lose_and_rebuild(&rig, &name, &id).await;
    if rig.engine().is_podman() {
        // It never tells one that was set.
        assert_eq!(again, learned);
        return;
    }
    assert_eq!(again, with_mac);
    let told = described(&rig, &rebuilt.id);
    assert_eq!(told["NetworkSettings"]["Networks"][&net]["MacAddress"], mac);
}
