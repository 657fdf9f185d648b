//! Secrets are nowhere: not in what is said, logged or kept.

use sweepd_decide::FindingKind;
use sweepd_services::{Discord, Fault, Webhook, discord};

use super::host::{Host, pause};

/// Every place that takes a secret, each with one of its own; the services refuse all of them.
fn planted(host: &mut Host, discord: &Discord, webhook: &Webhook) -> String {
    host.set("HOOK_KEY", "PLANTED-key");
    host.set("HOOK_HEADER", "PLANTED-header");
    host.set("SLACK_URL", &format!("{}/services/PLANTED-slack", webhook.url()));
    let bot = host.secret("bot.secret", "PLANTED-bot\n");
    let hook =
        host.secret("hook.secret", &format!("{}/PLANTED-path?t=PLANTED-query", webhook.url()));
    let telegram = host.secret("telegram.secret", "123456:PLANTED-telegram");
    let pager = host.secret("pager.secret", "PLANTED-pager");
    let (api, url) = (discord.url(), webhook.url());
    format!(
        "[[sink]]\nkind = \"discord\"\nchannel-id = \"{}\"\napi-base = \"{api}/api/v10\"\ntoken-file \
         = \"{bot}\"\n[[sink]]\nkind = \"webhook\"\nurl-file = \"{hook}\"\nkey-env = \
         \"HOOK_KEY\"\nheaders-env = {{ Authorization = \"HOOK_HEADER\" }}\n[[sink]]\nkind = \
         \"slack\"\nurl-env = \"SLACK_URL\"\n[[sink]]\nkind = \"telegram\"\nchat-id = \
         \"1\"\napi-base = \"{url}\"\ntoken-file = \"{telegram}\"\n[[sink]]\nkind = \
         \"pagerduty\"\nurl = \"{url}\"\nrouting-key-file = \"{pager}\"\n",
        discord::CHANNEL
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn planted_secrets_are_in_nothing_that_is_said_logged_or_kept() {
    let (discord, webhook) = (Discord::start().await, Webhook::start().await);
    // Services that say back whatever they were told.
    for (path, echo) in [
        ("PLANTED-path", "PLANTED-path PLANTED-query PLANTED-key PLANTED-header"),
        ("services", "PLANTED-slack"),
        ("bot123456", "123456:PLANTED-telegram"),
        ("v2", "PLANTED-pager"),
    ] {
        let fault = Fault::Status(500, format!("bad: {echo}"), vec![]);
        webhook.faults().push(fault.on("POST", path).always());
    }
    let mut host = Host::new("");
    let sinks = planted(&mut host, &discord, &webhook);
    host.configure(&sinks);
    host.opens(FindingKind::Zombie).await;
    let mut said = String::new();
    for words in [
        "config check",
        "config show",
        "config show --origin",
        "sweep",
        "sweep --json",
        "alert test",
        "alert test --json",
        "alert list",
        "alert list --json",
        "incidents",
        "incidents --json",
        "status",
        "status --json",
        "why nanoclaw/ag-1/s-1",
        "why nanoclaw/ag-1/s-1 --json",
    ] {
        let one = host.sweepd(words);
        assert!(one.code < 4, "{words}: {one:?}");
        said = format!("{said}# {words}\n{}{}\n", one.out, one.err);
    }
    let daemon = host.run();
    let tried = webhook.requests().len();
    for _ in 0..200 {
        if webhook.requests().len() > tried {
            break;
        }
        pause();
    }
    host.sweepd("alert test");
    daemon.end();
    let log = std::fs::read_to_string(host.path("log")).unwrap();
    assert!(log.contains("TRACE") || log.contains("DEBUG"), "it logs all there is: {log}");
    for planted in [
        "PLANTED-bot",
        "PLANTED-key",
        "PLANTED-header",
        "PLANTED-slack",
        "PLANTED-path",
        "PLANTED-query",
        "PLANTED-telegram",
        "PLANTED-pager",
    ] {
        for line in said.lines().chain(log.lines()) {
            assert!(!line.contains(planted), "{planted}: {line}");
        }
        let own = ["bot.secret", "hook.secret", "telegram.secret", "pager.secret"];
        assert_eq!(host.holds(planted, &own), Vec::<std::path::PathBuf>::new());
    }
}

/// What the daemon's environment has, the shell of whoever stops an agent at night may lack.
#[tokio::test]
async fn a_variable_that_is_missing_stops_a_sweep_but_nothing_that_is_done_by_hand() {
    let webhook = Webhook::start().await;
    let url = webhook.url();
    let host = Host::new(&format!(
        "[[sink]]\nkind = \"webhook\"\nname = \"ops\"\nurl = \"{url}/hook\"\nkey-env = \"HOOK_KEY\"\n"
    ));
    host.opens(FindingKind::Zombie).await;
    let said = host.sweepd("sweep");
    let expected = "sweepd: sink \"ops\": `key-env`: $HOOK_KEY is not set\n  hint: `sweepd config \
                    check` says where in the file\n";
    assert_eq!((said.err.as_str(), said.code), (expected, 2));
    assert_eq!(host.sweepd("incidents ack 1").code, 0);
    assert_eq!(host.sweepd("incidents").code, 1);
    assert_eq!(host.sweepd("status").code, 1);
    let test = host.sweepd("alert test");
    let expected = "ops (webhook): not delivered: $HOOK_KEY is not set where this was called\n";
    assert_eq!((test.out.as_str(), test.code), (expected, 1));
    let check = host.sweepd("config check");
    assert!(check.err.contains("$HOOK_KEY is not set here") && check.code == 2, "{check:?}");
    assert!(webhook.requests().is_empty());
}
