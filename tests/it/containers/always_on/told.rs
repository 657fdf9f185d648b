//! What an operator is told: `why` has the spec, the evidence and no secret.

use std::os::unix::fs::MetadataExt as _;

use super::super::rig::Rig;
use super::yard::{Yard, id};

const SECRET: &str = "PLANTED-password-c0ffee";

#[tokio::test]
async fn why_shows_what_it_is_made_of_and_what_befell_it_and_no_secret_is_anywhere() {
    let Some(rig) = Rig::new() else { return };
    let yard = Yard::new(&rig, "why");
    let (name, volume) = (rig.name(), yard.volume());
    yard.expect(&[&name], "");
    let (mount, secret) = (format!("{volume}:/state:ro"), format!("API_TOKEN={SECRET}"));
    yard.start(&name, &["-v", &mount, "-e", &secret, "--memory", "64m"]);
    yard.site.sweep(&[]).await;
    yard.remove(&name);
    yard.site.sweep(&[]).await;

    let mut all = String::new();
    let agent = id(&name);
    for words in [&["why", &agent][..], &["why", "--json", &agent], &["status", "--json"]] {
        let told = yard.site.sweepd(words).output().await.unwrap();
        all.push_str(&String::from_utf8(told.stdout).unwrap());
        all.push_str(&String::from_utf8(told.stderr).unwrap());
    }
    for expected in [
        "is missing",
        "destroy",
        "kill, signal 9",
        "die, exit code 137",
        &format!("{volume} at /state (volume, read only)"),
        "API_TOKEN=…",
        "67108864",
        rig.image(),
    ] {
        assert!(all.contains(expected), "{expected}:\n{all}");
    }
    yard.site.sweep(&[]).await;
    assert!(!all.contains(SECRET), "{all}");
    assert_eq!(yard.standing(&name).unwrap().status, "running");
    let env = rig.docker(&["exec", &name, "busybox", "sh", "-c", "echo $API_TOKEN"]);
    assert_eq!(env, SECRET, "and it has it again");
    let state = std::fs::metadata(yard.site.state_dir().join("sweepd.db")).unwrap();
    assert_eq!(state.mode() & 0o777, 0o600);
}
