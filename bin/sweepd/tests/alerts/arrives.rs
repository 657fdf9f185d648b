//! `sweepd alert test`: whether what is sent arrives.

use sweepd_services::{Discord, Fault, Gitea, Webhook, discord};

use super::host::Host;

/// A Discord bot and a webhook.
fn sinks(host: &Host, discord: &Discord, webhook: &Webhook, token: &str) -> String {
    let token = host.secret("discord.token", token);
    format!(
        "[[sink]]\nkind = \"discord\"\nname = \"ops\"\nchannel-id = \"{}\"\napi-base = \
         \"{}/api/v10\"\ntoken-file = \"{token}\"\n[[sink]]\nkind = \"webhook\"\nurl = \
         \"{}/hook\"\n",
        discord::CHANNEL,
        discord.url(),
        webhook.url()
    )
}

#[tokio::test]
async fn a_test_goes_to_each_sink_and_says_of_each_whether_it_arrived() {
    let (discord, webhook) = (Discord::start().await, Webhook::start().await);
    let host = Host::new("");
    host.configure(&sinks(&host, &discord, &webhook, discord::TOKEN));
    let said = host.sweepd("alert test");
    assert_eq!(said.out, "ops (discord): delivered\nwebhook (webhook): delivered\n", "{said:?}");
    assert_eq!((said.err.as_str(), said.code), ("", 0));
    let messages = discord.messages(discord::CHANNEL);
    assert_eq!(messages.len(), 1);
    assert!(messages[0].content.contains("this is a test"), "{messages:?}");
    assert_eq!(webhook.taken().len(), 1);

    let one = host.sweepd("alert test webhook");
    assert_eq!((one.out.as_str(), one.code), ("webhook (webhook): delivered\n", 0));
    assert_eq!(discord.messages(discord::CHANNEL).len(), 1, "only the one that was named");
}

#[tokio::test]
async fn what_does_not_arrive_is_told_with_the_reason_and_fails() {
    let (discord, webhook) = (Discord::start().await, Webhook::start().await);
    let host = Host::new("");
    host.configure(&sinks(&host, &discord, &webhook, "PLANTED-wrong"));
    webhook.faults().push(Fault::Status(503, "down for PLANTED".to_owned(), vec![]).always());
    let said = host.sweepd("alert test");
    assert_eq!(said.code, 1, "{said:?}");
    insta::assert_snapshot!(said.out);
    let json = host.json("alert test");
    assert_eq!(json["tested"][0]["delivered"], false, "{json}");
    assert!(!json.to_string().contains("PLANTED-wrong"));
}

#[tokio::test]
async fn a_sink_that_is_not_there_is_told_with_those_that_are() {
    let (discord, webhook) = (Discord::start().await, Webhook::start().await);
    let host = Host::new("");
    let said = host.sweepd("alert test");
    let expected = "sweepd: no sink is configured\n  hint: add a [[sink]]; docs/guide/alerts.md has \
                    one of each kind\n";
    assert_eq!((said.err.as_str(), said.code), (expected, 2));
    host.configure(&sinks(&host, &discord, &webhook, discord::TOKEN));
    let said = host.sweepd("alert test opps");
    let expected = "sweepd: no sink is called \"opps\"\n  hint: did you mean \"ops\"? There are ops, webhook\n";
    assert_eq!((said.err.as_str(), said.code), (expected, 2));
    assert_eq!(host.sweepd("alert test x").code, 2);
    assert!(webhook.requests().is_empty());
}

/// An issue would be one that nobody wants.
#[tokio::test]
async fn of_a_tracker_it_is_proved_that_its_issues_can_be_read() {
    let gitea = Gitea::start().await;
    let host = Host::new("");
    let configure = |token: &str| {
        let token = host.secret("token", token);
        host.configure(&format!(
            "[[sink]]\nkind = \"gitea\"\nurl = \"{}\"\nrepo = \"ops/alerts\"\ntoken-file = \"{token}\"\n",
            gitea.url()
        ));
    };
    configure(sweepd_services::tracker::TOKEN);
    let said = host.sweepd("alert test");
    let expected = "gitea (gitea): reached: its issues can be read; that one can be opened is seen \
                    when it has to be\n";
    assert_eq!((said.out.as_str(), said.code), (expected, 0));
    assert_eq!(gitea.issues(), []);
    configure("another");
    let said = host.sweepd("alert test");
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.out.starts_with("gitea (gitea): not delivered: "), "{said:?}");
}
