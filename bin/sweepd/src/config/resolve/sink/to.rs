//! Reads what each kind of sink has of its own.

use sweepd_decide::Span;

use crate::config::alerts::{Address, Kept, Smtp, Tls, To, Tracker, TrackerKind, Whom};
use crate::config::file::{SinkFile, SpanText};
use crate::config::resolve::{Resolver, value};

impl Resolver<'_> {
    /// `None` if something that has no default is wrong; it is noted then.
    pub(super) fn to(&mut self, at: &str, kind: &str, file: &SinkFile) -> Option<To> {
        match kind {
            "discord" => self.discord(at, file),
            "slack" => {
                let url = (file.url_file.as_deref(), file.url_env.as_deref());
                let url = self.needed(at, "url", url, "where is the address of the webhook?")?;
                Some(To::Slack { url })
            }
            "telegram" => self.telegram(at, file),
            "ntfy" => self.ntfy(at, file),
            "webhook" => self.webhook(at, file),
            "smtp" => self.smtp(at, file).map(To::Smtp),
            "alertmanager" => self.alertmanager(at, file),
            "pagerduty" => {
                let key = (file.routing_key_file.as_deref(), file.routing_key_env.as_deref());
                let what = "where is the integration's key?";
                let routing_key = self.needed(at, "routing-key", key, what);
                let url = self.base(at, file, Some("https://events.pagerduty.com"));
                Some(To::Pagerduty { url: url?, routing_key: routing_key? })
            }
            "apprise" => self.apprise(at, file),
            "gitea" => self.tracker(at, TrackerKind::Gitea, file),
            "forgejo" => self.tracker(at, TrackerKind::Forgejo, file),
            "github" => self.tracker(at, TrackerKind::GitHub, file),
            _ => self.tracker(at, TrackerKind::GitLab, file),
        }
    }

    fn discord(&mut self, at: &str, file: &SinkFile) -> Option<To> {
        let url = (file.url_file.as_deref(), file.url_env.as_deref());
        let api_base = self.api_base(at, file, super::DISCORD);
        if let Some(url) = self.kept(at, "url", url) {
            for key in ["token-file", "token-env", "channel-id", "api-base"] {
                let path = format!("{at}.{key}");
                if self.findings.has(&path) {
                    let told = format!(
                        "`sink.{key}` is for a bot; `url-…` is there, which is for a webhook: one \
                         of the two"
                    );
                    self.findings.wrong_key(&path, told);
                }
            }
            return Some(To::DiscordWebhook { url });
        }
        if self.findings.has(&format!("{at}.url-file"))
            || self.findings.has(&format!("{at}.url-env"))
        {
            return None;
        }
        let token = (file.token_file.as_deref(), file.token_env.as_deref());
        let what = "where is the bot's token? (A webhook has `url-file` or `url-env` instead.)";
        let token = self.needed(at, "token", token, what);
        let what = "which channel? Its id, such as channel-id = \"112233445566778899\"";
        let channel_id = self.word(at, "channel-id", file.channel_id.as_deref(), what);
        Some(To::DiscordBot { api_base: api_base?, channel_id: channel_id?, token: token? })
    }

    fn telegram(&mut self, at: &str, file: &SinkFile) -> Option<To> {
        let token = (file.token_file.as_deref(), file.token_env.as_deref());
        let token = self.needed(at, "token", token, "where is the bot's token?");
        let what = "which chat? Its number, such as chat-id = \"-1001234567890\", or \"@channel\"";
        let chat_id = self.word(at, "chat-id", file.chat_id.as_deref(), what);
        let api_base = self.api_base(at, file, "https://api.telegram.org");
        let (api_base, chat_id, token) = (api_base?, chat_id?, token?);
        Some(To::Telegram { api_base, chat_id, thread_id: file.thread_id, token })
    }

    fn ntfy(&mut self, at: &str, file: &SinkFile) -> Option<To> {
        let token = (file.token_file.as_deref(), file.token_env.as_deref());
        let token = self.kept(at, "token", token);
        let what = "which topic? For example topic = \"sweepd-Xk2pQ9\"; who knows it can read it";
        let topic = self.word(at, "topic", file.topic.as_deref(), what);
        let url = self.base(at, file, Some("https://ntfy.sh"));
        Some(To::Ntfy { url: url?, topic: topic?, token })
    }

    fn webhook(&mut self, at: &str, file: &SinkFile) -> Option<To> {
        let written = (file.url_file.as_deref(), file.url_env.as_deref());
        let secret = self.kept(at, "url", written);
        let url = match (file.url.as_deref(), secret) {
            (Some(_), Some(kept)) => {
                let told = "`url` is there too: an address is kept in one place";
                self.findings.wrong(&format!("{at}.{}", kept.key("url")), told);
                None
            }
            (None, Some(kept)) => Some(Address::Secret(kept)),
            (Some(url), None) => self.address(&format!("{at}.url"), url).map(Address::Open),
            (None, None) => {
                if matches!(written, (None, None)) {
                    let told = "where does it listen? For example url = \
                                \"https://alerts.example.org/sweepd\"; one that is a secret is \
                                kept elsewhere: `url-file` or `url-env`";
                    self.findings.missing(&format!("{at}.url"), told);
                }
                None
            }
        };
        let key = (file.key_file.as_deref(), file.key_env.as_deref());
        let key = self.kept(at, "key", key);
        let (files, envs) = (file.headers_file.as_ref(), file.headers_env.as_ref());
        let headers = self.kept_by_name(at, "headers", files, envs);
        Some(To::Webhook { url: url?, key, headers })
    }

    fn smtp(&mut self, at: &str, file: &SinkFile) -> Option<Smtp> {
        let path = |key: &str| format!("{at}.{key}");
        let what = "which mail server? For example host = \"mail.example.org\"";
        let host = self.word(at, "host", file.host.as_deref(), what);
        let tls = value::choice(&path("tls"), file.tls.as_deref(), &Tls::ALL, self.findings);
        let port = value::whole(&path("port"), file.port, 1..=u16::MAX, self.findings);
        let login = self.login(at, file);
        let what = "who writes? For example from = \"sweepd@example.org\"";
        let from = self.word(at, "from", file.from.as_deref(), what);
        let to = file.to.clone().unwrap_or_default();
        if to.is_empty() {
            self.findings.missing(&path("to"), "to whom? For example to = [\"ops@example.org\"]");
        }
        let (host, from, tls) = (host?, from?, tls.unwrap_or_default());
        (!to.is_empty()).then_some(Smtp { host, tls, port, login, from, to })
    }

    fn login(&mut self, at: &str, file: &SinkFile) -> Option<(String, Kept)> {
        let written = (file.password_file.as_deref(), file.password_env.as_deref());
        let Some(user) = file.user.as_deref() else {
            if self.kept(at, "password", written).is_some() {
                self.findings.missing(&format!("{at}.user"), "whose password is that?");
            }
            return None;
        };
        let what = "where is the user's password?";
        Some((user.to_owned(), self.needed(at, "password", written, what)?))
    }

    fn alertmanager(&mut self, at: &str, file: &SinkFile) -> Option<To> {
        let token = (file.token_file.as_deref(), file.token_env.as_deref());
        let token = self.kept(at, "token", token);
        let url = self.base(at, file, Some("http://127.0.0.1:9093"));
        let valid = self.span(at, "valid", file.valid.as_ref(), 30 * 24 * 60);
        Some(To::Alertmanager { url: url?, valid, token })
    }

    fn apprise(&mut self, at: &str, file: &SinkFile) -> Option<To> {
        let written = (file.urls_file.as_deref(), file.urls_env.as_deref());
        let urls = self.kept(at, "urls", written);
        let whom = match (file.key.as_deref(), urls) {
            (Some(_), Some(urls)) => {
                let told = "`key` is there too: one of the two says whom";
                self.findings.wrong(&format!("{at}.{}", urls.key("urls")), told);
                None
            }
            (Some(key), None) => Some(Whom::Key(key.to_owned())),
            (None, Some(urls)) => Some(Whom::Urls(urls)),
            (None, None) => {
                if matches!(written, (None, None)) {
                    let told = "whom? Write the key that the server has stored its addresses \
                                under, or where Apprise addresses are kept: `urls-file` or \
                                `urls-env`";
                    self.findings.missing(&format!("{at}.key"), told);
                }
                None
            }
        };
        let url = self.base(at, file, Some("http://127.0.0.1:8000"));
        Some(To::Apprise { url: url?, whom: whom?, tag: file.tag.clone() })
    }

    fn tracker(&mut self, at: &str, kind: TrackerKind, file: &SinkFile) -> Option<To> {
        let usual = match kind {
            TrackerKind::Gitea | TrackerKind::Forgejo => None,
            TrackerKind::GitHub => Some("https://api.github.com"),
            TrackerKind::GitLab => Some("https://gitlab.com"),
        };
        let url = self.base(at, file, usual);
        let what = "which repository? For example repo = \"ops/nexus\"";
        let repo = self.word(at, "repo", file.repo.as_deref(), what);
        let token = (file.token_file.as_deref(), file.token_env.as_deref());
        let token = self.needed(at, "token", token, "where is a token that may write issues?");
        let max = format!("{at}.max-issues");
        let max_issues = value::whole(&max, file.max_issues, 1..=1000_u32, self.findings);
        let comment_every = self.span(at, "comment-every", file.comment_every.as_ref(), 60);
        let snoozed = file.snooze_after_close.as_ref();
        let snooze_after_close = self.span(at, "snooze-after-close", snoozed, 24 * 60);
        Some(To::Tracker(Tracker {
            kind,
            url: url?,
            repo: repo?,
            token: token?,
            assignee: file.assignee.clone(),
            label: file.label.clone().unwrap_or_else(|| "sweepd".to_owned()),
            max_issues: max_issues.unwrap_or(5),
            comment_every,
            snooze_after_close,
        }))
    }

    /// `url`, or the usual one.
    fn base(&mut self, at: &str, file: &SinkFile, usual: Option<&str>) -> Option<String> {
        let path = format!("{at}.url");
        match (file.url.as_deref(), usual) {
            (Some(url), _) => self.address(&path, url),
            (None, Some(usual)) => Some(usual.to_owned()),
            (None, None) => {
                let told = "where is it? For example url = \"https://git.example.org\"";
                self.findings.missing(&path, told);
                None
            }
        }
    }

    fn api_base(&mut self, at: &str, file: &SinkFile, usual: &str) -> Option<String> {
        match file.api_base.as_deref() {
            Some(base) => self.address(&format!("{at}.api-base"), base),
            None => Some(usual.to_owned()),
        }
    }

    /// A text that has to be there.
    fn word(&mut self, at: &str, key: &str, text: Option<&str>, what: &str) -> Option<String> {
        let path = format!("{at}.{key}");
        match text {
            Some(text) if text.trim().is_empty() => self.findings.wrong(&path, what),
            None => self.findings.missing(&path, what),
            Some(text) => return Some(text.to_owned()),
        }
        None
    }

    fn span(&mut self, at: &str, key: &str, text: Option<&SpanText>, minutes: i64) -> Span {
        let span = value::some_span(&format!("{at}.{key}"), text, self.findings);
        span.unwrap_or_else(|| Span::from_mins(minutes))
    }
}
