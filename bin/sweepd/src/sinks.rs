//! From sinks as they are configured to sinks that deliver.

use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use sweepd_alerts as alerts;
use sweepd_alerts::{
    AlertmanagerSettings, AppriseSettings, AppriseWhom, DiscordSettings, Http, HttpOptions,
    NtfySettings, PagerdutySettings, Secret, SettingsError, SlackSettings, SmtpSettings, SmtpTls,
    TelegramSettings, Texts, TrackerKind, TrackerSettings, WebhookSettings, WebhookUrl,
};
use sweepd_decide::{Setback, Span};
use sweepd_sweep::adapters::AlertSink;
use sweepd_sweep::ports::{Doing, Post, Receipt, Sink, SinkError, Takes};

use crate::config::alerts::{self as config, Address, Alerts, Tls, To, Whom};
use crate::config::{Kept, dotenv};

/// What is done about a secret in a variable that is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Absent {
    /// It is a fault.
    Refused,
    /// Its sink is there, and takes nothing: whoever stops an agent by hand need not have it.
    Mute,
}

/// Why a sink cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The key to blame, e.g. `sink[0].repo`.
    pub(crate) at: String,
    /// What is wrong with it; goes on from the key's name.
    pub(crate) told: String,
    /// The sink's name.
    pub(crate) sink: Option<String>,
}

/// The sinks, in the file's order; or all that is wrong with them. No secret in a file is read.
pub(crate) fn made(alerts: &Alerts, absent: Absent) -> Result<Vec<Arc<dyn Sink>>, Vec<Fault>> {
    let sink = |(_, made): (_, Made)| -> Arc<dyn Sink> {
        match made {
            Made::Whole(sink) => Arc::new(AlertSink::new(sink)),
            Made::Mute(mute) => Arc::new(mute),
        }
    };
    Ok(built(alerts, absent)?.into_iter().map(sink).collect())
}

/// Which secrets would go over a network in the open. Whether an address that is itself secret is such a
/// one is seen by reading it.
pub(crate) fn in_the_open(alerts: &Alerts) -> Vec<Fault> {
    let built = built(alerts, Absent::Mute).unwrap_or_default();
    let open = built.into_iter().filter_map(|(sink, made)| {
        let Made::Whole(whole) = made else { return None };
        let Wrong { key, told } = whole.in_the_open()?.into();
        let secrets = sink.to.secrets();
        let kept = secrets.iter().find(|(base, _)| *base == key);
        let key = kept.map_or_else(|| key.to_owned(), |(base, kept)| kept.key(base));
        Some(Fault { at: format!("{}.{key}", sink.at), told, sink: Some(sink.name.clone()) })
    });
    open.collect()
}

/// A sink, as far as it could be made.
enum Made {
    Whole(Arc<dyn alerts::Sink>),
    Mute(Mute),
}

fn built(alerts: &Alerts, absent: Absent) -> Result<Vec<(&config::Sink, Made)>, Vec<Fault>> {
    let whole = |key: &str, told: &dyn Display| {
        vec![Fault { at: format!("alerts.{key}"), told: told.to_string(), sink: None }]
    };
    let texts = Texts::load(alerts.templates.as_deref());
    let texts =
        Arc::new(texts.map_err(|error| whole("templates", &format_args!("cannot {error}")))?);
    if alerts.sinks.is_empty() && alerts.ca_file.is_none() && alerts.proxy.is_none() {
        return Ok(Vec::new());
    }
    let mut options = HttpOptions::default();
    options.ca_file.clone_from(&alerts.ca_file);
    options.proxy = match alerts.proxy.as_deref().map(parsed).transpose() {
        Ok(proxy) => proxy,
        Err(error) => return Err(whole("proxy", &error)),
    };
    let key = if alerts.ca_file.is_some() { "ca-file" } else { "proxy" };
    let http = Http::new(&options).map_err(|error| whole(key, &format_args!("cannot {error}")))?;
    let means = Means { http, texts, ca_file: alerts.ca_file.as_deref() };
    let mut faults = Vec::new();
    let mut sinks = Vec::new();
    for sink in &alerts.sinks {
        let fault = |key: &str, told: String| Fault {
            at: format!("{}.{key}", sink.at),
            told,
            sink: Some(sink.name.clone()),
        };
        let secrets = sink.to.secrets();
        let lacking = secrets.iter().find_map(|(base, kept)| Some((kept.key(base), kept.lacks()?)));
        match lacking {
            Some((key, name)) if absent == Absent::Refused => {
                faults.push(fault(&key, format!("${name} is not set")));
            }
            Some((_, name)) => {
                let mute = Mute { kind: sink.to.kind(), lacks: name.to_owned() };
                sinks.push((sink, Made::Mute(mute)));
            }
            None => match one(&sink.to, &means) {
                Ok(whole) => sinks.push((sink, Made::Whole(whole))),
                Err(Wrong { key, told }) => faults.push(fault(key, told)),
            },
        }
    }
    if faults.is_empty() { Ok(sinks) } else { Err(faults) }
}

/// What is wrong with a setting.
struct Wrong {
    key: &'static str,
    told: String,
}

impl From<SettingsError> for Wrong {
    fn from(error: SettingsError) -> Self {
        Self { key: error.key, told: format!("this {}: {}", error.wrong, error.remedy) }
    }
}

/// What sinks share.
struct Means<'a> {
    http: Http,
    texts: Arc<Texts>,
    ca_file: Option<&'a Path>,
}

fn one(to: &To, means: &Means<'_>) -> Result<Arc<dyn alerts::Sink>, Wrong> {
    let (http, texts) = (means.http.clone(), Arc::clone(&means.texts));
    Ok(match to {
        To::DiscordBot { api_base, channel_id, token } => {
            let api_base = address("api-base", api_base)?;
            let (channel_id, token) = (channel_id.clone(), secret(token));
            let settings = DiscordSettings::Bot { api_base, channel_id, token };
            Arc::new(alerts::Discord::new(settings, http, texts)?)
        }
        To::DiscordWebhook { url } => {
            let settings = DiscordSettings::Webhook { url: secret(url) };
            Arc::new(alerts::Discord::new(settings, http, texts)?)
        }
        To::Slack { url } => {
            Arc::new(alerts::Slack::new(SlackSettings { url: secret(url) }, http, texts))
        }
        To::Telegram { api_base, chat_id, thread_id, token } => {
            let settings = TelegramSettings {
                api_base: address("api-base", api_base)?,
                chat_id: chat_id.clone(),
                thread_id: *thread_id,
                token: secret(token),
            };
            Arc::new(alerts::Telegram::new(settings, http, texts)?)
        }
        To::Ntfy { url, topic, token } => {
            let (url, topic) = (address("url", url)?, topic.clone());
            let settings = NtfySettings { url, topic, token: token.as_ref().map(secret) };
            Arc::new(alerts::Ntfy::new(settings, http, texts)?)
        }
        To::Webhook { url, key, headers } => {
            let url = match url {
                Address::Open(url) => WebhookUrl::Open(address("url", url)?),
                Address::Secret(url) => WebhookUrl::Secret(secret(url)),
            };
            let headers = headers.iter().map(|(name, kept)| (name.clone(), secret(kept)));
            let key = key.as_ref().map(secret);
            let settings = WebhookSettings { url, key, headers: headers.collect() };
            Arc::new(alerts::Webhook::new(settings, http)?)
        }
        To::Alertmanager { url, valid, token } => {
            let (url, valid) = (address("url", url)?, *valid);
            let settings = AlertmanagerSettings { url, valid, token: token.as_ref().map(secret) };
            Arc::new(alerts::Alertmanager::new(settings, http, texts)?)
        }
        To::Pagerduty { url, routing_key } => {
            let (url, routing_key) = (address("url", url)?, secret(routing_key));
            let settings = PagerdutySettings { url, routing_key };
            Arc::new(alerts::Pagerduty::new(settings, http, texts)?)
        }
        To::Apprise { url, whom, tag } => {
            let whom = match whom {
                Whom::Key(key) => AppriseWhom::Key(key.clone()),
                Whom::Urls(urls) => AppriseWhom::Urls(secret(urls)),
            };
            let settings = AppriseSettings { url: address("url", url)?, whom, tag: tag.clone() };
            Arc::new(alerts::Apprise::new(settings, http, texts)?)
        }
        To::Smtp(config::Smtp { host, tls, port, login, from, to }) => {
            let settings = SmtpSettings {
                host: host.clone(),
                port: *port,
                tls: match tls {
                    Tls::Upgraded => SmtpTls::StartTls,
                    Tls::FromStart => SmtpTls::Tls,
                    Tls::None => SmtpTls::None,
                },
                ca_file: means.ca_file.map(Path::to_owned),
                login: login.as_ref().map(|(user, kept)| (user.clone(), secret(kept))),
                from: from.clone(),
                to: to.clone(),
            };
            Arc::new(alerts::Smtp::new(settings, texts)?)
        }
        To::Tracker(tracker) => {
            Arc::new(alerts::Tracker::new(self::tracker(tracker)?, http, texts)?)
        }
    })
}

fn tracker(tracker: &config::Tracker) -> Result<TrackerSettings, Wrong> {
    Ok(TrackerSettings {
        kind: match tracker.kind {
            config::TrackerKind::Gitea => TrackerKind::Gitea,
            config::TrackerKind::Forgejo => TrackerKind::Forgejo,
            config::TrackerKind::GitHub => TrackerKind::GitHub,
            config::TrackerKind::GitLab => TrackerKind::GitLab,
        },
        url: address("url", &tracker.url)?,
        repo: tracker.repo.clone(),
        token: secret(&tracker.token),
        assignee: tracker.assignee.clone(),
        label: tracker.label.clone(),
        max_issues: tracker.max_issues,
        comment_every: tracker.comment_every,
        snooze_after_close: tracker.snooze_after_close,
    })
}

fn secret(kept: &Kept) -> Secret {
    match kept {
        Kept::File(path) => Secret::file(path),
        Kept::Dotenv { path, name } => {
            let (path, name) = (path.clone(), *name);
            Secret::looked_up(path.clone(), move || dotenv::read(&path, name))
        }
        // Without a value nothing is made of it: see `made`.
        Kept::Env { value, .. } => Secret::value(value.clone().unwrap_or_default()),
    }
}

fn address<T: FromStr>(key: &'static str, text: &str) -> Result<T, Wrong>
where
    T::Err: Display,
{
    parsed(text).map_err(|told| Wrong { key, told })
}

/// An address, of whatever type is wanted.
fn parsed<T: FromStr>(text: &str) -> Result<T, String>
where
    T::Err: Display,
{
    text.parse().map_err(|error: T::Err| format!("this is no web address: {error}"))
}

/// A sink whose secret is not here: what waits for it goes on waiting.
#[derive(Debug)]
struct Mute {
    kind: &'static str,
    lacks: String,
}

impl Sink for Mute {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn takes(&self) -> Takes {
        Takes { notes: false, still: true, batch: 1, burst: 1, every: Span::from_secs(10) }
    }

    fn fingerprint(&self) -> String {
        String::new()
    }

    fn deliver<'a>(&'a self, _post: &'a Post) -> Doing<'a, Result<Receipt, SinkError>> {
        let words = format!("${} is not set where this was called", self.lacks);
        Box::pin(async move { Err(SinkError { words, setback: Setback::Later(None) }) })
    }
}
