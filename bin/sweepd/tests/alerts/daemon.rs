//! The same while a daemon runs: it is asked through its socket, and reads its sinks again at SIGHUP.

use rustix::process::Signal;
use sweepd_decide::FindingKind;
use sweepd_services::Webhook;

use super::host::{Host, pause};

fn sink(name: &str, webhook: &Webhook) -> String {
    format!("[[sink]]\nkind = \"webhook\"\nname = \"{name}\"\nurl = \"{}/hook\"\n", webhook.url())
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_can_be_asked_of_a_daemon() {
    let webhook = Webhook::start().await;
    let host = Host::new(&sink("ops", &webhook));
    host.opens(FindingKind::Zombie).await;
    let daemon = host.run();
    for _ in 0..600 {
        if host.sweepd("incidents").out.contains("told HH:MMZ → ops;") {
            break;
        }
        pause();
    }
    let test = host.sweepd("alert test");
    assert_eq!((test.out.as_str(), test.code), ("ops (webhook): delivered\n", 0), "{test:?}");
    let acked = host.sweepd("incidents ack 1");
    assert_eq!(acked.code, 0, "{acked:?}");
    assert!(host.sweepd("incidents").out.contains("acknowledged HH:MMZ"));
    assert_eq!(host.sweepd("incidents snooze 1 --for 1h").code, 0);
    assert_eq!(host.sweepd("incidents unsnooze 1").code, 0);
    assert_eq!(host.sweepd("alert retry").out, "no alerts were given up\n");
    let unknown = host.sweepd("alert test x");
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("no sink is called \"x\"\n  hint: there are ops"), "{unknown:?}");
    assert_eq!(host.sweepd("incidents resolve 1").code, 0);
    for _ in 0..600 {
        if host.sweepd("incidents --all").out.contains("that it is over → ops") {
            daemon.end();
            return;
        }
        pause();
    }
    panic!("{}", host.sweepd("incidents --all").out);
}

#[tokio::test(flavor = "multi_thread")]
async fn sinks_and_texts_are_read_again_and_bad_ones_change_nothing() {
    let (one, other) = (Webhook::start().await, Webhook::start().await);
    let host = Host::new(&sink("one", &one));
    let daemon = host.run();
    host.configure(&sink("other", &other));
    daemon.signal(Signal::HUP);
    daemon.until("with its configuration read again");
    assert_eq!(host.sweepd("alert test").out, "other (webhook): delivered\n");

    std::fs::create_dir(host.path("texts")).unwrap();
    host.write("texts/title.j2", "{% nothing %}");
    let texts = host.path("texts").display().to_string();
    host.configure(&format!("templates = \"{texts}\"\n{}", sink("third", &one)));
    daemon.signal(Signal::HUP);
    daemon.until("sweepd goes on as before");
    let log = std::fs::read_to_string(&daemon.log).unwrap();
    assert!(log.contains("`alerts.templates`: cannot use") && log.contains("title.j2"), "{log}");
    host.configure(&sink("other", &other));
    assert_eq!(host.sweepd("alert test").out, "other (webhook): delivered\n");
    daemon.end();
}
