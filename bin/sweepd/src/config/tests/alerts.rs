//! Who is told: what a file says of it, and that it never shows a secret.

use std::ffi::OsString;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use sweepd_decide::{Severity, Span};

use super::{check, load_text, loaded, plain, show};
use crate::config::Surroundings;
use crate::config::alerts::{Kept, To, When};
use crate::config::surroundings::Variables;
use crate::sinks::{Absent, made};

/// Every kind, with all it can have.
pub(super) const SINKS: &str = r#"
[alerts]
repeat-every = "never"
host = "claude-1"
ca-file = "/etc/sweepd/ca.pem"
templates = "/etc/sweepd/templates"
proxy = "http://proxy.example.org:3128"
[[sink]]
kind = "discord"
name = "ops"
channel-id = "123"
token-file = "/run/secrets/discord"
api-base = "http://127.0.0.1:1/api"
min-severity = "error"
match = ["nc/*", "hooks"]
kinds = ["zombie", "agent-stuck"]
except-kinds = ["agent-stuck"]
[[sink]]
kind = "discord"
name = "by-webhook"
url-env = "DISCORD_URL"
[[sink]]
kind = "slack"
url-file = "/run/secrets/slack"
[[sink]]
kind = "telegram"
chat-id = "@ops"
thread-id = 7
token-env = "TELEGRAM_TOKEN"
[[sink]]
kind = "ntfy"
topic = "sweepd"
token-file = "/run/secrets/ntfy"
[[sink]]
kind = "webhook"
url = "https://x.example.org/hook"
key-env = "HOOK_KEY"
headers-file = { Authorization = "/run/secrets/auth" }
headers-env = { X-Other = "OTHER" }
[[sink]]
kind = "webhook"
name = "hidden"
url-file = "/run/secrets/hook"
[[sink]]
kind = "smtp"
host = "mail.example.org"
port = 2525
tls = "tls"
user = "sweepd"
password-file = "/run/secrets/mail"
from = "sweepd@example.org"
to = ["a@example.org", "b@example.org"]
[[sink]]
kind = "alertmanager"
valid = "2h"
token-file = "/run/secrets/am"
[[sink]]
kind = "pagerduty"
routing-key-file = "/run/secrets/pd"
[[sink]]
kind = "apprise"
urls-env = "APPRISE"
tag = "ops"
[[sink]]
kind = "apprise"
name = "stored"
key = "ops"
[[sink]]
kind = "gitea"
name = "tracker"
url = "https://git.example.org"
repo = "ops/nexus"
token-env = "GITEA_TOKEN"
assignee = "timmy"
label = "watched"
max-issues = 3
comment-every = "30m"
snooze-after-close = "2d"
[[sink]]
kind = "forgejo"
url = "https://codeberg.org"
repo = "ops/nexus"
token-file = "/run/secrets/forgejo"
[[sink]]
kind = "github"
repo = "ops/nexus"
token-file = "/run/secrets/github"
[[sink]]
kind = "gitlab"
repo = "a/b/c"
token-file = "/run/secrets/gitlab"
[[maintenance]]
match = ["nc/*"]
from = "2026-12-24T18:00:00+01:00"
until = "2026-12-24T20:00:00Z"
[[maintenance]]
cron = "0 3 * * 0"
for = "2h"
timezone = "America/New_York"
[digest]
at = "08:05"
[[source]]
kind = "nanoclaw"
name = "nc"
root = "/r"
timezone = "Asia/Tokyo"
"#;

const VARIABLES: [&str; 6] =
    ["DISCORD_URL", "TELEGRAM_TOKEN", "HOOK_KEY", "OTHER", "APPRISE", "GITEA_TOKEN"];

/// Surroundings in which each variable holds a secret.
fn with_secrets() -> Surroundings {
    let all = VARIABLES.map(|name| {
        (OsString::from(name), OsString::from(format!("https://x.test/PLANTED-{name}")))
    });
    Surroundings {
        others: Variables(all.into_iter().collect()),
        host: Some("box".to_owned()),
        ..plain()
    }
}

#[test]
fn every_kind_is_shown_as_it_is_read_and_no_secret_is() {
    let around = with_secrets();
    let loaded = load_text(SINKS, &around).unwrap();
    let shown = show(&loaded, false);
    insta::assert_snapshot!(shown.split_once("[alerts]").unwrap().1);
    let again = load_text(&shown, &around).unwrap();
    assert_eq!(again.config.alerts, loaded.config.alerts);
    let everything = format!("{shown}{:?}{:?}{around:?}", loaded.config, loaded.origins);
    assert!(!everything.contains("PLANTED"), "{everything}");
    let [.., tracker] = loaded.config.alerts.sinks.as_slice() else { panic!() };
    assert_eq!(tracker.to.kind(), "gitlab");
}

#[test]
fn what_is_not_said_about_alerts_has_its_default() {
    let alerts = load_text("", &with_secrets()).unwrap().config.alerts;
    assert_eq!(alerts.repeat_every, Some(Span::from_mins(60)));
    assert_eq!((alerts.host.as_str(), alerts.sinks.len()), ("box", 0));
    assert!(alerts.digest.is_none() && alerts.windows.is_empty());
    let text = "[[sink]]\nkind = 'slack'\nurl-file = 'x'";
    let loaded = loaded(text);
    let [sink] = loaded.config.alerts.sinks.as_slice() else { panic!() };
    assert_eq!((sink.name.as_str(), sink.min_severity), ("slack", Severity::Warning));
    let To::Slack { url: Kept::File(path) } = &sink.to else { panic!("{sink:?}") };
    assert_eq!(path.display().to_string(), "/etc/sweepd/x", "beside the file");
}

#[test]
fn times_without_a_zone_are_in_that_of_the_first_source_else_of_the_host() {
    let zones = |text: &str, around: &Surroundings| {
        let loaded = load_text(text, around).unwrap();
        let alerts = loaded.config.alerts;
        let When::Again { zone, .. } = &alerts.windows[0].when else { panic!() };
        let origin = loaded.origins.of("digest.timezone").to_string();
        (zone.name().to_owned(), alerts.digest.unwrap().zone.name().to_owned(), origin)
    };
    let times = "[[maintenance]]\ncron = '0 3 * * *'\nfor = '1h'\n[digest]\nat = '08:00'\n";
    let source = "[[source]]\nkind = 'nanoclaw'\nroot = '/r'\ntimezone = 'Asia/Tokyo'\n";
    let all = |zone: &str, origin: &str| (zone.to_owned(), zone.to_owned(), origin.to_owned());
    assert_eq!(
        zones(&format!("{times}{source}"), &plain()),
        all("Asia/Tokyo", "as source \"nanoclaw\"")
    );
    assert_eq!(zones(times, &plain()), all("Europe/Madrid", "the host's zone"));
    let nowhere = Surroundings::default();
    assert_eq!(zones(times, &nowhere), all("UTC", "default: no zone is known"));
}

/// Whoever asks for the status need not have the daemon's environment.
#[test]
fn a_variable_that_is_not_set_is_missed_where_it_is_needed() {
    let text = "[[sink]]\nkind = 'ntfy'\ntopic = 'x'\ntoken-env = 'NTFY_TOKEN'\n";
    let alerts = loaded(text).config.alerts;
    let faults = made(&alerts, Absent::Refused).err().unwrap();
    let told: Vec<_> = faults.iter().map(|one| (one.at.as_str(), one.told.as_str())).collect();
    assert_eq!(told, [("sink[0].token-env", "$NTFY_TOKEN is not set")]);
    assert_eq!(made(&alerts, Absent::Mute).unwrap().len(), 1);
    let told: Vec<_> = check(loaded(text)).iter().map(ToString::to_string).collect();
    let expected = "sweepd.toml:4:13: `sink.token-env`: $NTFY_TOKEN is not set here; whoever starts \
                    sweepd has to set it";
    assert!(told.iter().any(|line| line == expected), "{told:#?}");
}

#[test]
fn settings_that_a_sink_does_not_take_are_told_with_their_place() {
    let text = "[[sink]]\nkind = 'discord'\nchannel-id = 'general'\ntoken-file = '/x'\n[[sink]]\n\
                kind = 'github'\nrepo = 'nexus'\ntoken-file = '/x'\n[alerts]\nca-file = '/nowhere'\n";
    let told = |text: &str| -> Vec<String> {
        let found = check(loaded(text)).into_iter();
        let found = found.map(|finding| finding.to_string());
        found.filter(|line| line.contains("sink") || line.contains("alerts")).collect()
    };
    insta::assert_snapshot!(told(text).join("\n"));
    insta::assert_snapshot!(told(&text.replace("ca-file = '/nowhere'", "")).join("\n"));
}

#[test]
fn a_secret_that_was_written_for_its_path_is_refused_and_not_shown() {
    for secret in ["xoxb-PLANTED0123456789", "https://hooks.slack.com/services/PLANTED/1"] {
        let text = format!("[[sink]]\nkind = 'slack'\nurl-file = '{secret}'\n");
        let error = load_text(&text, &with_secrets()).unwrap_err().to_string();
        assert!(error.contains(":3:12: `sink.url-file`") && error.contains("looks like a secret"));
        assert!(!error.contains("PLANTED"), "{error}");
    }
}

#[test]
fn a_maintenance_begins_by_the_minute() {
    let text = "[[maintenance]]\ncron = '0 0 3 * * 0'\nfor = '2h'\n";
    let error = load_text(text, &with_secrets()).unwrap_err().to_string();
    assert!(
        error.contains("`maintenance.cron`") && error.contains("five fields are wanted"),
        "{error}"
    );
}

#[test]
fn secrets_that_are_not_there_or_everybodys_and_patterns_that_fit_nobody_are_warned_of() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().display().to_string();
    for (name, mode) in [("own", 0o600), ("open", 0o644)] {
        let path = dir.path().join(name);
        std::fs::write(&path, "PLANTED-file").unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    }
    let text = format!(
        "[[sink]]\nkind = 'slack'\nurl-file = '{here}/own'\n[[sink]]\nkind = 'slack'\nname = \
         'b'\nurl-file = '{here}/open'\nmatch = ['ag-1/*', 'nc/{{a,b}}', 'nc']\n[[sink]]\nkind = \
         'alertmanager'\nvalid = '30m'\ntoken-file = '{here}/gone'\n[[source]]\nkind = \
         'nanoclaw'\nname = 'nc'\nroot = '{here}'\n[[maintenance]]\nmatch = ['x/*']\ncron = '0 3 * \
         * *'\nfor = '1h'\n"
    );
    let told: Vec<_> = check(loaded(&text))
        .iter()
        .map(|finding| finding.to_string().replace(&here, "HERE"))
        .filter(|line| line.contains("sink") || line.contains("maintenance"))
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn secrets_that_would_go_over_a_network_in_the_open_are_warned_of() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().display().to_string();
    for (name, text) in [("token", "PLANTED-token"), ("hook", "http://hooks.example/PLANTED")] {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    }
    let text = format!(
        "[[sink]]\nkind = 'gitea'\nurl = 'http://git.example'\nrepo = 'a/b'\ntoken-file = \
         '{here}/token'\n[[sink]]\nkind = 'slack'\nurl-file = '{here}/hook'\n[[sink]]\nkind = \
         'gitea'\nname = 'near'\nurl = 'http://127.0.0.1:3000'\nrepo = 'a/b'\ntoken-file = \
         '{here}/token'\n"
    );
    let told: Vec<_> = check(loaded(&text)).iter().map(ToString::to_string).collect();
    let open: Vec<_> = told.iter().filter(|line| line.contains("in the open")).collect();
    assert_eq!(open.len(), 2, "{told:#?}");
    let places = [":3:7: warning: `sink.url`", ":8:12: warning: `sink.url-file`"];
    assert!(places.iter().zip(&open).all(|(place, line)| line.contains(place)), "{open:#?}");
    assert!(told.iter().all(|line| !line.contains("PLANTED")), "{told:?}");
}

#[test]
fn what_is_hardly_meant_is_warned_of() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().display().to_string();
    for (name, length) in [("empty", 0), ("long", 70_000)] {
        let path = dir.path().join(name);
        std::fs::write(&path, "x".repeat(length)).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    }
    let sinks = ["empty", "long"].map(|name| {
        format!("[[sink]]\nkind = 'slack'\nname = '{name}'\nurl-file = '{here}/{name}'\n")
    });
    let windows = [("* * * * *", "2h"), ("0 3 * * *", "1d"), ("0 3 * * *", "23h")];
    let windows =
        windows.map(|(cron, span)| format!("[[maintenance]]\ncron = '{cron}'\nfor = '{span}'\n"));
    let text = format!(
        "[alerts]\nrepeat-every = '1s'\n{}{}[[source]]\nkind = 'nanoclaw'\nroot = '{here}'\n",
        sinks.concat(),
        windows.concat()
    );
    let told: Vec<_> = check(loaded(&text))
        .iter()
        .map(|finding| finding.to_string().replace(&here, "HERE"))
        .filter(|line| ["sink", "maintenance", "alerts"].iter().any(|word| line.contains(word)))
        .collect();
    let never = "it begins again before it is over: nobody is ever told of anything in it";
    assert_eq!(
        told,
        [
            "sweepd.toml:2:16: warning: `alerts.repeat-every`: people are told the same more than \
             once a minute"
                .to_owned(),
            "sweepd.toml:6:12: warning: `sink.url-file`: \"HERE/empty\" is empty".to_owned(),
            "sweepd.toml:10:12: warning: `sink.url-file`: \"HERE/long\" is too long for a secret"
                .to_owned(),
            format!("sweepd.toml:13:7: warning: `maintenance.for`: {never}"),
            format!("sweepd.toml:16:7: warning: `maintenance.for`: {never}"),
        ]
    );
}

#[test]
fn a_monitor_is_told_by_what_its_installation_s_env_says() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().display().to_string();
    let text = format!("[[source]]\nkind = 'nanoclaw'\nroot = '{here}'\n[source.health-monitor]\n");
    let told = |text: &str| -> Vec<String> {
        let found = check(loaded(text)).into_iter().map(|finding| finding.to_string());
        let found = found.filter(|line| line.contains("health-monitor"));
        found.map(|line| line.replace(&here, "HERE")).collect()
    };
    let lacking = "HEALTH_MONITOR_DISCORD_GUILD_ID, HEALTH_MONITOR_KEEPALIVE_CHANNEL_ID, \
                   DISCORD_BOT_TOKEN not set in HERE/.env";
    assert!(told(&text)[0].contains(lacking), "{:?}", told(&text));
    assert_eq!(loaded(&text).config.alerts.sinks.len(), 0);

    let env = "HEALTH_MONITOR_DISCORD_GUILD_ID=11\nHEALTH_MONITOR_KEEPALIVE_CHANNEL_ID='22'\n\
               DISCORD_BOT_TOKEN=PLANTED-bot\n";
    std::fs::write(dir.path().join(".env"), env).unwrap();
    assert_eq!(told(&text), [""; 0]);
    let loaded = loaded(&text);
    let [sink] = loaded.config.alerts.sinks.as_slice() else { panic!() };
    assert_eq!(sink.name, "nanoclaw-health-monitor");
    let To::DiscordBot { channel_id, token, api_base } = &sink.to else { panic!("{sink:?}") };
    assert_eq!((channel_id.as_str(), api_base.as_str()), ("22", "https://discord.com/api/v10"));
    assert_eq!(format!("{token:?}").replace(&here, "HERE"), "DISCORD_BOT_TOKEN in HERE/.env");
    // It comes of the source: it is no table of its own.
    assert!(!show(&loaded, false).contains("[[sink]]"));

    std::fs::write(dir.path().join(".env"), env.replace("'22'", "general")).unwrap();
    let error = load_text(&text, &with_secrets()).unwrap_err().to_string();
    assert!(error.contains("HEALTH_MONITOR_KEEPALIVE_CHANNEL_ID in"), "{error}");
    assert!(error.contains("is no id of Discord's: digits alone") && !error.contains("PLANTED"));
}

#[test]
fn credentials_that_are_not_there_are_warned_of() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().display().to_string();
    std::fs::write(dir.path().join("token.json"), "{}").unwrap();
    let told = |path: &str| -> Vec<String> {
        let text = format!("[[credential]]\nkind = 'claude-oauth'\npath = '{here}/{path}'\n");
        let found = check(loaded(&text)).into_iter().map(|finding| finding.to_string());
        let found = found.filter(|line| line.contains("credential"));
        found.map(|line| line.replace(&here, "HERE")).collect()
    };
    let at = "sweepd.toml:3:8: warning: `credential.path`:";
    assert_eq!(told("token.json"), [""; 0]);
    assert_eq!(told("t*.json"), [""; 0]);
    assert_eq!(told("x*.json"), [format!("{at} no file is called HERE/x*.json now")]);
    assert_eq!(told("gone.json"), [format!("{at} HERE/gone.json is not there")]);
}
