//! Wake kind `learned`: NanoClaw's host started a container once; without it, sweepd starts the next
//! like that one, for whatever session of the group is due.

use agent_sim::fixture::{Message, Session};
use sweepd_decide::Span;

use super::rig::Rig;
use super::site::Site;
use super::wait::{ago, now, until};

const CONFIG: &str = r#"
    state-dir = "HERE/state"
    mode = "enforce"
    [docker]
    host = "ENGINE"
    [[source]]
    kind = "nanoclaw"
    root = "HERE/nanoclaw"
    [source.wake]
    kind = "learned"
"#;

const ONE: &str = "nanoclaw/ag/one";
const TWO: &str = "nanoclaw/ag/two";

#[tokio::test]
async fn a_session_is_woken_as_its_group_s_last_container_with_its_own_directory() {
    let Some(rig) = Rig::new() else { return };
    let site = Site::new(&rig, "learned");
    let root = site.root("nanoclaw");
    site.configure(CONFIG);
    let (one, two) =
        (root.session("ag", "one", now()).unwrap(), root.session("ag", "two", now()).unwrap());
    let shared = site.dir().join("shared");
    std::fs::create_dir_all(&shared).unwrap();
    std::fs::create_dir_all(one.dir().join("cache")).unwrap();
    std::fs::create_dir_all(two.dir().join("cache")).unwrap();

    // Nobody has seen a container of the group yet.
    one.message(&Message::chat("m-1", ago(Span::from_secs(1)))).unwrap();
    let call = site.sweep(&[]).await;
    let line = call.line(ONE);
    assert!(
        line.contains("wake failed") && line.contains("nothing is learned of nanoclaw/ag yet"),
        "{line}"
    );

    // Its host starts one, with all that the credential gateway and the group bring.
    let shared_at = format!("{}:/shared", shared.display());
    let cache = format!("{}:/cache", one.dir().join("cache").display());
    let options = [
        "--rm",
        "-e",
        "GATEWAY=https://g",
        "-e",
        "TZ=Europe/Madrid",
        "-v",
        &shared_at,
        "-v",
        &cache,
    ];
    let host = rig.agent(&options, one.dir(), "");
    until("it answers", || one.outputs().is_ok_and(|sent| sent.len() == 1)).await;
    let call = site.sweep(&[]).await;
    assert!(call.line(ONE).starts_with("running ok ok"), "{}", call.line(ONE));
    rig.docker(&["rm", "-f", &host]);

    // The host is gone for good; both sessions have work.
    for session in [&one, &two] {
        session.message(&Message::chat("m-2", now())).unwrap();
    }
    let call = site.sweep(&[]).await;
    assert!(call.line(TWO).contains("wake done"), "{}: {}", call.line(TWO), call.stderr);
    // Its first wake failed, and the next has to wait.
    site.sweep_until_it_runs(ONE).await;
    until("the first answers", || one.outputs().is_ok_and(|sent| sent.len() == 2)).await;
    until("the second answers", || two.outputs().is_ok_and(|sent| sent.len() == 1)).await;
    for session in [&one, &two] {
        let seen = |format: &str| rig.docker(&["inspect", "-f", format, &rig.only(session)]);
        let env = seen("{{json .Config.Env}}");
        assert!(env.contains("GATEWAY=https://g") && env.contains("TZ=Europe/Madrid"), "{env}");
        assert_eq!(
            seen("{{.Config.User}} {{.HostConfig.AutoRemove}}"),
            format!("{} false", Rig::user())
        );
        let mounts = seen("{{range .Mounts}}{{.Source}}:{{.Destination}}\n{{end}}");
        let mut mounts: Vec<&str> = mounts.lines().collect();
        mounts.sort_unstable();
        let dir = session.dir().canonicalize().unwrap();
        let mut wanted = [
            format!("{}:/workspace", dir.display()),
            format!("{}/cache:/cache", dir.display()),
            format!("{}:/shared", shared.display()),
        ];
        wanted.sort_unstable();
        assert_eq!(mounts, wanted);
        assert_eq!(seen("{{index .Config.Labels \"sweepd.agent\"}}"), id(session));
    }

    // What it is made of is shown, for every session of the group, and no value of its environment.
    let told = site.sweepd(&["why", TWO]).output().await.unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.contains("GATEWAY=…") && !told.contains("https://g"), "{told}");
}

fn id(session: &Session) -> String {
    let name = session.dir().file_name().unwrap().to_string_lossy();
    format!("nanoclaw/ag/{name}")
}
