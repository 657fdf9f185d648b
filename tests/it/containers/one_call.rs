//! Two installations, sessions of every kind, one call: docs/rules/pass.md, line by line.

use std::fmt::Write as _;

use agent_sim::fixture::{Message, Root};
use insta::assert_snapshot;
use serde_json::{Value, json};
use sweepd_decide::{Span, parse_utc};

use super::call::{Call, text};
use super::crowd::{CONFIG, Crowd, session};
use super::rig::Rig;
use super::site::Site;

#[tokio::test]
async fn one_call_does_to_each_session_what_the_contract_says_and_a_second_adds_only_the_wake() {
    let Some(rig) = Rig::new() else { return };
    let site = Site::new(&rig, "both");
    let crowd = Crowd::gather(&site, &rig).await;
    let busy = crowd.add_busy(&rig).await;
    site.configure(CONFIG);

    let call = site.sweep(&[]).await;
    assert_snapshot!(call.lines(), @"
    docked/ag/acked: stopped ok none [sync done]
    docked/ag/answered: stopped ok none [release done, complete done]
    docked/ag/bash: running ok ok []
    docked/ag/broken: unknown unknown none []
    docked/ag/busy: running ok ok []
    docked/ag/due: running ok none [wake done]
    docked/ag/hung: stopped failing kill-claim [stop done, release done, retry done]
    docked/ag/idle: stopped ok kill-ceiling [stop done]
    docked/ag/orphan-0: running ok none [wake done]
    docked/ag/refused: stopped failing none [sync done]
    docked/ag/rescheduled: stopped ok none [release done]
    docked/ag/series: stopped ok none [sync done, recur done]
    still/ag/acked: stopped ok none [sync done]
    still/ag/answered: stopped ok none [release done, complete done]
    still/ag/broken: unknown unknown none []
    still/ag/due: stopped ok none []
    still/ag/hung: stopped failing kill-claim [stop done, release done, retry done]
    still/ag/orphan-0: stopped ok none [release done, retry done]
    still/ag/orphan-4: stopped ok none [release done, retry done]
    still/ag/orphan-5: stopped failing none [release done, dead-letter done]
    still/ag/refused: stopped failing none [sync done]
    still/ag/rescheduled: stopped ok none [release done]
    still/ag/series: stopped ok none [sync done, recur done]
    warning agent-stuck:docked/ag/hung
    warning agent-stuck:still/ag/hung
    error dead-letter:still/ag/orphan-5/m
    error message-failed:docked/ag/refused/m
    error message-failed:still/ag/refused/m
    ");
    assert_eq!((call.code, call.stderr.as_str()), (Some(1), ""));
    let head = ["schema", "mode", "dry_run", "skipped"].map(|key| &call.report[key]);
    assert_eq!(head, [&json!(1), &json!("enforce"), &json!(false), &Value::Null]);
    the_reasons_are_told(&site, &call);
    assert_snapshot!(rows(&crowd.docked, &call), @"
    acked m: completed, 0 tries
    answered m: completed, 0 tries
    bash m: pending, 0 tries
    broken m: pending, 0 tries
    busy m: pending, 0 tries
    due m: pending, 0 tries
    hung m-old: pending, 1 tries, in 5 s
    hung m-young: pending, 0 tries
    orphan-0 m: pending, 0 tries
    refused m: failed, 0 tries
    rescheduled m: pending, 0 tries, later
    ");
    assert_snapshot!(rows(&crowd.still, &call), @"
    acked m: completed, 0 tries
    answered m: completed, 0 tries
    broken m: pending, 0 tries
    due m: pending, 0 tries
    hung m-old: pending, 1 tries, in 5 s
    hung m-young: pending, 0 tries
    orphan-0 m: pending, 1 tries, in 5 s
    orphan-4 m: pending, 5 tries, in 80 s
    orphan-5 m: failed, 5 tries
    refused m: failed, 0 tries
    rescheduled m: pending, 0 tries, later
    ");
    the_series_goes_on(&crowd.docked, &call, "03:30:00.000Z");
    the_series_goes_on(&crowd.still, &call, "04:30:00.000Z");
    let running = [&busy, &crowd.bash, &rig.only(&session(&crowd.docked, "due"))];
    assert!(running.iter().all(|id| rig.runs(id)));
    for stopped in crowd.hung.iter().chain([&crowd.idle]) {
        assert_eq!(rig.standing(stopped), None, "it was started with --rm");
    }

    let before = everything(&crowd);
    let again = site.sweep(&[]).await;
    assert_eq!(again.line("docked/ag/hung"), "running ok none [wake done]");
    let all = again.report["agents"].as_array().unwrap().iter();
    let did: Vec<_> = all.filter(|agent| agent["effects"] != json!([])).collect();
    assert_eq!(did.len(), 1, "{}", again.lines());
    assert_eq!(everything(&crowd), before);
    assert!(rig.runs(&rig.only(&session(&crowd.docked, "hung"))));
    assert!(running.iter().all(|id| rig.runs(id)));
}

/// Stops name their rule and their claim, row changes their message, failures their cause.
fn the_reasons_are_told(site: &Site<'_>, call: &Call) {
    for hung in ["docked/ag/hung", "still/ag/hung"] {
        let evidence = &call.agent(hung)["decision"]["evidence"];
        assert_eq!(evidence["message_id"], "m-old", "{evidence:#}");
        assert_eq!((&evidence["rule"], &evidence["idle"]), (&json!("claim"), &json!(false)));
        assert_eq!(evidence["limit_ms"], 10_000);
        assert!(call.detail(hung, "stop").starts_with("claim m-old held since "));
        assert!(call.detail(hung, "retry").starts_with("m-old, try 1, not before "));
    }
    let idle = &call.agent("docked/ag/idle")["decision"]["evidence"];
    assert_eq!((&idle["rule"], &idle["idle"]), (&json!("ceiling"), &json!(true)));
    let stops = site.events("agent_stopped");
    let mut reasons: Vec<_> =
        stops.iter().map(|(agent, data)| (agent.clone().unwrap(), text(&data["reason"]))).collect();
    reasons.sort();
    let expected =
        [("docked/ag/hung", "claim"), ("docked/ag/idle", "idle"), ("still/ag/hung", "claim")];
    assert_eq!(reasons, expected.map(|(agent, reason)| (agent.into(), reason.into())));
    for (agent, data) in stops {
        let how = (&data["exit_code"], &data["killed"]);
        assert_eq!(how, (&json!(143), &json!(false)), "{agent:?} ends when it is asked to");
    }
}

/// Every message but those of the series, with its wait if it was put off in this call.
fn rows(root: &Root, call: &Call) -> String {
    let mut told = String::new();
    for (name, message) in messages(root) {
        let Message { id, status, tries, process_after, .. } = message;
        if name == "series" {
            continue;
        }
        let wait = process_after.map_or_else(String::new, |after| put_off(&after, call));
        let (status, tries) = (status.unwrap(), tries.unwrap());
        writeln!(told, "{name} {id}: {status}, {tries} tries{wait}").unwrap();
    }
    told
}

/// How far beyond the call an instant lies: a wait of the table, counted from its whole second.
fn put_off(after: &str, call: &Call) -> String {
    let at = parse_utc(after).unwrap();
    let waits = [5, 10, 20, 40, 80].into_iter();
    let mut fits = waits.filter(|wait| {
        let wait = Span::from_secs(*wait);
        (call.began.floor_to_second().plus(wait)..=call.ended.plus(wait)).contains(&at)
    });
    fits.next().map_or_else(|| ", later".to_owned(), |wait| format!(", in {wait} s"))
}

/// New Year's morning in the source's zone, once, and the original has handed on its expression.
fn the_series_goes_on(root: &Root, call: &Call, time: &str) {
    let [done, next] = &session(root, "series").messages().unwrap()[..] else {
        panic!("the series has one clone");
    };
    assert_eq!((done.status.as_deref(), &done.recurrence), (Some("completed"), &None));
    let year: i32 = call.began.to_string()[..4].parse().unwrap();
    let runs = [year, year + 1].map(|year| format!("{year}-01-01T{time}"));
    let due = runs.iter().find(|run| **run > call.ended.to_string());
    assert_eq!(next.process_after.as_ref(), due);
    assert_eq!(next.status.as_deref(), Some("pending"));
    assert_eq!(next.series_id.as_deref(), Some("m"));
    assert_eq!(next.recurrence.as_deref(), Some("30 4 1 1 *"));
    assert_eq!((next.tries, next.trigger, &next.content), (Some(0), 1, &done.content));
    assert!(next.id != done.id && next.seq.unwrap() % 2 == 0);
}

fn everything(crowd: &Crowd) -> Vec<(String, Message)> {
    crowd.roots().into_iter().flat_map(messages).collect()
}

/// Every row of `messages_in` below a root, with its session, by name.
fn messages(root: &Root) -> Vec<(String, Message)> {
    let dir = root.data().join("v2-sessions/ag");
    let listed = std::fs::read_dir(dir).unwrap();
    let mut names: Vec<String> =
        listed.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let of = |name: String| {
        let rows = session(root, &name).messages().unwrap();
        rows.into_iter().map(move |row| (name.clone(), row))
    };
    names.into_iter().flat_map(of).collect()
}
