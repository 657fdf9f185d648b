//! Starting: argv, environment, groups, and clear errors.

use std::error::Error as _;
use std::os::unix::fs::PermissionsExt;

use sweepd_decide::Timestamp;
use sweepd_process::{Error, Exit, Look, Retry, Spec};

use crate::support::{Bench, impatient, shell};

#[tokio::test]
async fn a_started_run_is_running_at_the_head_of_its_own_group() {
    let bench = Bench::new();
    let spec = shell("echo ready; sleep 1000", &bench.log());
    let started = bench.start(&spec).await;
    assert_eq!(started.started_at, Timestamp::from_millis(7));
    assert_eq!(bench.look(&started.id), Look::Running { paused: false });
    let pid = rustix::process::Pid::from_raw(started.id.pid());
    assert_eq!(rustix::process::getpgid(pid).ok(), pid);
    bench.supervisor.stop(&started.id, impatient()).await.unwrap();
}

#[tokio::test]
async fn the_environment_is_what_was_given_and_nothing_else() {
    let bench = Bench::new();
    let spec = Spec {
        argv: vec!["/usr/bin/env".into()],
        env: vec![("ONLY".into(), "this".into())],
        cwd: None,
        log: bench.log(),
    };
    let id = bench.start(&spec).await.id;
    bench.over(&id).await;
    assert_eq!(bench.logged(), "ONLY=this");
}

#[tokio::test]
async fn a_bare_program_is_searched_in_the_path_it_is_given() {
    let bench = Bench::new();
    let program = bench.path("only-here");
    std::fs::write(&program, "#!/bin/sh\necho found\n").unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    let spec = Spec {
        argv: vec!["only-here".into()],
        env: vec![("PATH".into(), bench.path("").to_string_lossy().into_owned())],
        cwd: None,
        log: bench.log(),
    };
    let id = bench.start(&spec).await.id;
    bench.over(&id).await;
    assert_eq!(bench.logged(), "found");
}

#[tokio::test]
async fn a_run_has_empty_input_its_directory_and_both_outputs_in_its_log() {
    let bench = Bench::new();
    let spec = Spec {
        cwd: Some(bench.path("").canonicalize().unwrap()),
        ..shell("cat; pwd; echo oops >&2", &bench.log())
    };
    let id = bench.start(&spec).await.id;
    assert_eq!(bench.over(&id).await, Look::Exited { exit: Exit::Code(0), leftovers: 0 });
    let expected = format!("{}\noops", spec.cwd.unwrap().display());
    assert_eq!(bench.logged(), expected);
}

#[tokio::test]
async fn the_next_run_appends_to_the_log() {
    let bench = Bench::new();
    for word in ["one", "two"] {
        let id = bench.sh(&format!("echo {word}")).await;
        bench.over(&id).await;
    }
    assert_eq!(bench.logged(), "one\ntwo");
    let mode = std::fs::metadata(bench.log()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_missing_program_is_named() {
    let bench = Bench::new();
    for program in ["/no/such/program", "no-such-program"] {
        let spec = Spec { argv: vec![program.into()], ..shell("", &bench.log()) };
        let error = fail(&bench, &spec).await;
        assert!(matches!(error, Error::FindProgram { .. }), "{error:?}");
        assert_eq!(error.to_string(), format!("find program `{program}`"));
        assert!(error.source().unwrap().to_string().contains("No such file"));
        assert_eq!(error.retry(), Retry::Later);
    }
}

#[tokio::test]
async fn a_program_that_cannot_be_executed_is_named() {
    let bench = Bench::new();
    let (plain, lost) = (bench.path("plain"), bench.path("lost"));
    std::fs::write(&plain, "text").unwrap();
    std::fs::write(&lost, "#!/no/such/interpreter\n").unwrap();
    std::fs::set_permissions(&lost, PermissionsExt::from_mode(0o755)).unwrap();
    for program in [plain, lost, bench.path("")] {
        let argv = vec![program.to_string_lossy().into_owned()];
        let error = fail(&bench, &Spec { argv, ..shell("", &bench.log()) }).await;
        assert!(matches!(error, Error::Execute { .. }), "{error:?}");
        assert!(error.to_string().contains(program.to_str().unwrap()), "{error}");
    }
}

#[tokio::test]
async fn a_missing_directory_is_not_taken_for_a_missing_program() {
    let bench = Bench::new();
    let spec = Spec { cwd: Some(bench.path("none")), ..shell("true", &bench.log()) };
    let error = fail(&bench, &spec).await;
    assert!(matches!(error, Error::EnterDirectory { .. }), "{error:?}");
}

#[tokio::test]
async fn an_empty_argv_is_never_worth_a_retry() {
    let bench = Bench::new();
    for argv in [vec![], vec![String::new()]] {
        let error = fail(&bench, &Spec { argv, ..shell("", &bench.log()) }).await;
        assert_eq!(error.retry(), Retry::Never);
    }
    let nul = Spec { argv: vec!["/bin/echo".into(), "a\0b".into()], ..shell("", &bench.log()) };
    assert_eq!(fail(&bench, &nul).await.retry(), Retry::Never);
}

#[tokio::test]
async fn without_a_log_nothing_is_started() {
    let bench = Bench::new();
    let witness = bench.path("witness");
    let script = format!("touch {}", witness.display());
    let error = fail(&bench, &shell(&script, &bench.path("none/run.log"))).await;
    assert!(matches!(error, Error::OpenLog { .. }), "{error:?}");
    assert!(!witness.exists());
}

async fn fail(bench: &Bench, spec: &Spec) -> Error {
    bench.supervisor.start(spec, Timestamp::from_millis(0)).await.unwrap_err()
}
