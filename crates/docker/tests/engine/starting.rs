//! What starts, what does not, and what that leaves behind.

use sweepd_docker::{Bind, Error, Retry, RunState, Spec};

use crate::rig::Rig;

#[tokio::test]
async fn a_container_gets_what_its_spec_says() {
    let Some(rig) = Rig::new().await else { return };
    std::fs::write(rig.dir.path().join("hello"), "from the host\n").unwrap();
    let spec = Spec {
        command: Some(vec!["/bin/busybox".to_owned()]),
        entrypoint: Some(
            ["sh", "-c", "cat hello; echo $GREETING; id -u; id -g; touch x || echo no; echo $0"]
                .map(str::to_owned)
                .to_vec(),
        ),
        env: vec![("GREETING".to_owned(), "a=b c".to_owned())],
        user: Some("1234:5678".to_owned()),
        working_dir: Some("/workspace".to_owned()),
        mounts: vec![Bind {
            source: rig.dir.path().to_str().unwrap().to_owned(),
            target: "/workspace".to_owned(),
            read_only: true,
        }],
        ..rig.spec("")
    };
    make_readable(&rig);
    let id = rig.client.start(&spec).await.unwrap().id;
    rig.until_seen(&id, |seen| seen.state == RunState::Exited).await;
    let logs = rig.client.logs_tail(&id, 100, 10_000).await.unwrap();
    let said = |line: &str| logs.lines.iter().any(|logged| logged.text == line);
    for line in ["from the host", "a=b c", "1234", "5678", "no", "/bin/busybox"] {
        assert!(said(line), "{line}: {logs:?}");
    }
}

/// Temporary directories are private, and the container's user is nobody here.
fn make_readable(rig: &Rig) {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(rig.dir.path(), mode).unwrap();
}

#[tokio::test]
async fn a_missing_source_is_an_error_and_nothing_is_created() {
    let Some(rig) = Rig::new().await else { return };
    let missing = rig.dir.path().join("not/there");
    let spec = Spec {
        mounts: vec![Bind {
            source: missing.to_str().unwrap().to_owned(),
            target: "/workspace".to_owned(),
            read_only: false,
        }],
        ..rig.spec("exit 0")
    };
    let error = rig.client.start(&spec).await.unwrap_err();
    let Error::Refused { ref message, .. } = error else { panic!("{error:?}") };
    assert!(message.contains(missing.to_str().unwrap()), "{message}");
    assert!(!missing.exists());
    assert!(!rig.client.list().await.unwrap().iter().any(|row| row.is_named(&spec.name)));
}

#[tokio::test]
async fn a_command_that_cannot_run_is_told_in_the_engines_words_and_leaves_nothing() {
    let Some(rig) = Rig::new().await else { return };
    let spec = Spec { command: Some(vec!["/no/such/program".to_owned()]), ..rig.spec("") };
    let error = rig.client.start(&spec).await.unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
    assert!(error.to_string().contains("/no/such/program"), "{error}");
    let left = rig.client.inspect(&spec.name).await;
    assert!(matches!(left, Err(Error::Gone { .. })), "{left:?}");
}

#[tokio::test]
async fn a_missing_image_is_a_refusal_that_time_does_not_heal() {
    let Some(rig) = Rig::new().await else { return };
    let spec = Spec { image: "sweepd-test-no-such-image:1".to_owned(), ..rig.spec("") };
    let error = rig.client.start(&spec).await.unwrap_err();
    assert!(matches!(error, Error::Refused { status: 404, .. }), "{error:?}");
    assert!(error.to_string().contains("sweepd-test-no-such-image"), "{error}");
    assert_eq!(error.retry(), Retry::Never);
}

#[tokio::test]
async fn a_taken_name_comes_with_its_holder_and_the_holder_stays() {
    let Some(rig) = Rig::new().await else { return };
    let spec = rig.spec("exec sleep 1000");
    let first = rig.client.start(&spec).await.unwrap().id;
    let error = rig.client.start(&spec).await.unwrap_err();
    assert_eq!(error.retry(), Retry::Later);
    let Error::Conflict { name, holder } = error else { panic!("{error:?}") };
    assert_eq!(name, spec.name);
    assert_eq!(holder.id, first);
    assert_eq!(holder.state, RunState::Running);
    assert_eq!(holder.labels, spec.labels);

    rig.client.remove(&first, true).await.unwrap();
    assert_ne!(rig.client.start(&spec).await.unwrap().id, first);
}
