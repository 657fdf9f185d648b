//! That a container which was made again is what it was.

use std::collections::BTreeMap;
use std::net::TcpListener;

use sweepd_docker::{Blueprint, MountKind, Rebuilt, RunState};

use crate::alike::{assert_alike, described};
use crate::rig::Rig;

const FOREVER: &str = "trap 'exit 0' TERM USR1; while :; do sleep 1; done";

/// A network of its own, with addresses that can be asked for: its name and their first bytes.
pub(crate) fn network(rig: &Rig) -> (String, String) {
    let name = rig.name();
    rig.at_end(&["network", "rm", &name]);
    for n in 0..50 {
        let net = format!("10.{}.{}", 190 + n, std::process::id() % 250);
        let subnet = format!("{net}.0/24");
        if rig.tries(&["network", "create", "--subnet", &subnet, &name]) {
            return (name, net);
        }
    }
    panic!("no subnet is free");
}

/// A port that is free now.
pub(crate) fn port() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string()
}

/// A volume of this name, gone at the end.
pub(crate) fn volume(rig: &Rig) -> String {
    let name = rig.name();
    rig.at_end(&["volume", "rm", "-f", &name]);
    rig.docker(&["volume", "create", &name])
}

/// A directory of the host.
pub(crate) fn directory(rig: &Rig, name: &str) -> String {
    let path = rig.dir.path().join(name);
    std::fs::create_dir(&path).unwrap();
    path.to_str().unwrap().to_owned()
}

/// `docker create`, and all its anonymous volumes gone at the end: its id.
pub(crate) fn create(rig: &Rig, name: &str, options: &[&str], command: &[&str]) -> String {
    let label = rig.label();
    let mut args = vec!["create", "--name", name, "--label", &label];
    args.extend(options);
    args.extend(command);
    let id = rig.docker(&args);
    for mount in described(rig, &id)["Mounts"].as_array().unwrap() {
        if let Some(volume) = mount["Name"].as_str() {
            rig.at_end(&["volume", "rm", "-f", volume]);
        }
    }
    id
}

/// Learns the running container, loses it, and makes it again.
pub(crate) async fn lose_and_rebuild(rig: &Rig, name: &str, id: &str) -> (Blueprint, Rebuilt) {
    let learned = rig.client.learn(id).await.unwrap();
    let stored = serde_json::to_string(&learned).unwrap();
    let learned: Blueprint = serde_json::from_str(&stored).unwrap();
    rig.docker(&["rm", "-f", id]);
    let rebuilt = rig.client.rebuild(name, &learned, &BTreeMap::new()).await.unwrap();
    (learned, rebuilt)
}

/// The same, and everything is alike and nothing is worth a note.
async fn comes_back_alike(rig: &Rig, options: &[&str], command: &[&str]) -> (Blueprint, Rebuilt) {
    let name = rig.name();
    let id = create(rig, &name, options, command);
    rig.docker(&["start", &id]);
    let before = described(rig, &id);
    let (learned, rebuilt) = lose_and_rebuild(rig, &name, &id).await;
    assert_alike(&before, &described(rig, &rebuilt.id));
    assert_eq!(rebuilt.mounts_differ, [""; 0]);
    assert_eq!(rebuilt.notes, [""; 0]);
    assert_ne!(rebuilt.id, id);
    (learned, rebuilt)
}

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
    let options = [
        format!("--network={one} --network-alias=web --network-alias=www --ip={one_net}.50"),
        format!(
            "-v {rw}:/rw -v {ro}:/ro:ro -v {named}:/named -v /anonymous -v {also_named}:/no:ro"
        ),
        format!("--mount type=bind,src={api},dst=/api,readonly --mount type=volume,dst=/anon-api"),
        "--mount type=tmpfs,dst=/memory,tmpfs-size=1m --tmpfs /tmp:size=64k".to_owned(),
        format!("-p 127.0.0.1:{fixed}:80 -p 81 -p 127.0.0.1::82 -p 83/udp --expose 84"),
        "-e TOKEN=hunter2 -e OVERRIDDEN=own -e EQUALS=a=b=c -e TAKEN -e EMPTY=".to_owned(),
        "--label app=keeper --label overridden=own --label com.docker.compose.project=shop"
            .to_owned(),
        "--user 0:12 --group-add 77 --workdir /work --hostname box --domainname example.test"
            .to_owned(),
        "--restart on-failure:4 --stop-signal SIGUSR1 --stop-timeout 3 --init".to_owned(),
        "--memory 64m --memory-reservation 32m --cpus 0.5 --cpuset-cpus 0 --pids-limit 50"
            .to_owned(),
        "--ulimit nofile=1000:2000 --ulimit core=0 --shm-size 8m --oom-score-adj 100".to_owned(),
        "--device /dev/null:/dev/nothing:r --device-cgroup-rule".to_owned(),
        "--cap-add NET_ADMIN --cap-add SYS_TIME --cap-drop MKNOD --security-opt no-new-privileges"
            .to_owned(),
        "--read-only --sysctl net.ipv4.ip_forward=1 --ipc shareable --runtime runc -i -t"
            .to_owned(),
        "--add-host db:10.0.0.7 --dns 10.0.0.53 --dns-search example.test --dns-option ndots:2"
            .to_owned(),
        "--log-driver json-file --log-opt max-size=1m --log-opt max-file=2".to_owned(),
        "--health-cmd true --health-interval 1h --health-retries 2 --health-start-period 1s"
            .to_owned(),
        "--entrypoint /bin/sh".to_owned(),
    ]
    .join(" ");
    let mut options: Vec<_> = options.split(' ').collect();
    let rule = options.iter().position(|option| *option == "--device-cgroup-rule").unwrap();
    options.insert(rule + 1, "c 1:3 r");
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

    assert_eq!(learned.image, image);
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
        assert!(shown.contains("TOKEN") && !shown.contains("hunter2"), "{shown}");
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
async fn namespaces_of_the_host_and_of_others_come_back() {
    let Some(rig) = Rig::new().await else { return };
    let image = rig.image();
    let command = [image.as_str(), "sh", "-c", FOREVER];
    let host = ["--network=host", "--pid=host", "--ipc=host", "--uts=host", "--userns=host"];
    comes_back_alike(&rig, &host, &command).await;
    comes_back_alike(&rig, &["-P", "--expose=90"], &command).await;
    comes_back_alike(&rig, &["--network=host", "--security-opt=systempaths=unconfined"], &command)
        .await;

    let main = rig.name();
    let main_id = create(&rig, &main, &["--ipc=shareable", "--hostname=main"], &command);
    rig.docker(&["start", &main_id]);
    let mode = format!("container:{main}");
    let joined = [format!("--network={mode}"), format!("--ipc={mode}"), format!("--pid={mode}")];
    let joined: Vec<_> = joined.iter().map(String::as_str).collect();
    let name = rig.name();
    let id = create(&rig, &name, &joined, &command);
    rig.docker(&["start", &id]);
    let (learned, _) = lose_and_rebuild(&rig, &name, &id).await;
    assert_eq!(learned.network.as_deref(), Some(mode.as_str()));
}

#[tokio::test]
async fn legacy_links_and_borrowed_volumes_come_back() {
    let Some(rig) = Rig::new().await else { return };
    let image = rig.image();
    let command = [image.as_str(), "sh", "-c", FOREVER];
    let (db, data) = (rig.name(), volume(&rig));
    let lent = directory(&rig, "lent");
    let mounts = [format!("{data}:/data"), format!("{lent}:/lent")];
    let db_id =
        create(&rig, &db, &["-v", &mounts[0], "-v", &mounts[1], "-v", "/nameless"], &command);
    rig.docker(&["start", &db_id]);
    let name = rig.name();
    let (link, from) = (format!("--link={db}:database"), format!("--volumes-from={db}:ro"));
    let id = create(&rig, &name, &[&link, &from], &command);
    rig.docker(&["start", &id]);
    let before = described(&rig, &id);
    let (learned, rebuilt) = lose_and_rebuild(&rig, &name, &id).await;
    assert_alike(&before, &described(&rig, &rebuilt.id));
    assert_eq!(learned.mounts.len(), 3);
    assert!(learned.mounts.iter().all(|mount| mount.read_only), "{learned:?}");
    assert_eq!(rebuilt.mounts_differ, [""; 0]);
    assert_eq!(rebuilt.notes, [format!("what it has mounted from {db}:ro is mounted as its own")]);
}

#[tokio::test]
async fn a_declared_blueprint_is_all_it_takes() {
    let Some(rig) = Rig::new().await else { return };
    let (net, _) = network(&rig);
    let (data, path) = (rig.name(), directory(&rig, "declared"));
    rig.at_end(&["volume", "rm", "-f", &data]);
    let (label, value) =
        rig.label().split_once('=').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let mut declared = Blueprint::of_image(rig.image());
    declared.command = Some(["sh", "-c", FOREVER].map(str::to_owned).to_vec());
    declared.env.push(("KEY".to_owned(), "value".to_owned()));
    declared.labels.insert("app".to_owned(), "declared".to_owned());
    declared.restart = "unless-stopped".parse().unwrap();
    declared.network = Some(net.clone());
    declared.mounts.push(format!("{data}:/data").parse().unwrap());
    declared.mounts.push(format!("{path}:/host:ro").parse().unwrap());
    declared.user = Some("0:5".to_owned());
    declared.working_dir = Some("/data".to_owned());

    let name = rig.name();
    let labels = BTreeMap::from([(label, value), ("app".to_owned(), "given".to_owned())]);
    let rebuilt = rig.client.rebuild(&name, &declared, &labels).await.unwrap();
    assert_eq!(rebuilt.mounts_differ, [""; 0]);
    assert_eq!(rebuilt.notes, [format!("the volume {data} was not there: it is a new one")]);
    let seen = rig.client.inspect(&name).await.unwrap();
    assert_eq!((&seen.id, &seen.state), (&rebuilt.id, &RunState::Running));
    assert_eq!(seen.restart_policy.as_deref(), Some("unless-stopped"));
    assert_eq!(seen.labels["app"], "given");
    let volume = seen.mounts.iter().find(|mount| mount.kind == MountKind::Volume).unwrap();
    assert_eq!((volume.name.as_deref(), volume.writable), (Some(data.as_str()), true));
    let told = described(&rig, &name);
    assert!(told["NetworkSettings"]["Networks"].get(&net).is_some(), "{told}");
    assert_eq!(told["Config"]["Env"][0], "KEY=value");
    assert_eq!(
        (&told["Config"]["User"], &told["Config"]["WorkingDir"]),
        (&"0:5".into(), &"/data".into())
    );
}
