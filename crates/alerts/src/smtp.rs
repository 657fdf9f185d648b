//! Sends mail.
//!
//! A mail's `Message-ID` is made of its alerts' ids, so that a mail program or a server can tell a
//! second attempt from a second alert; `References` and `In-Reply-To` name the thread, so that what
//! belongs together is shown together. The text is plain. One address that the server does not take
//! makes it refuse the mail for all.
//!
//! Source: RFC 5321 (reply codes), RFC 5322 (identification fields), RFC 3834 (`Auto-Submitted`),
//! RFC 4954 (codes 530, 534, 535 and 538 about authentication).

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MessageBuilder};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use secrecy::ExposeSecret as _;
use sweepd_decide::{Span, Timestamp};

use crate::attempt::{fingerprint, nonce, secret, stopped};
use crate::exposure::is_here;
use crate::http::trusted;
use crate::settings::{word, wrong};
use crate::text::{Caps, Markup, Target, Text, Unit, story};
use crate::veil::Veil;
use crate::{
    Delivering, Pace, Post, Receipt, Secret, SettingsError, Sink, SinkError, Takes, Texts,
};

mod failure;

use failure::{failed, late};

/// How mail is sent, and to whom.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "settings are written out in full")]
pub struct SmtpSettings {
    /// The server's name.
    pub host: String,
    /// Its port; 587, 465 or 25 by the kind of TLS unless set.
    pub port: Option<u16>,
    /// How the connection is secured.
    pub tls: SmtpTls,
    /// Certificates (PEM) of a private authority, trusted beside the public ones.
    pub ca_file: Option<PathBuf>,
    /// A user and the password, where the server wants them.
    pub login: Option<(String, Secret)>,
    /// The sender: `sweepd <sweepd@example.org>`
    pub from: String,
    /// The recipients.
    pub to: Vec<String>,
}

/// How a connection to a mail server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "settings are written out in full")]
pub enum SmtpTls {
    /// Not at all: for a server on this host.
    None,
    /// It begins in the open, and is secured before anything is said.
    StartTls,
    /// From its start.
    Tls,
}

/// Mail.
#[derive(Debug)]
pub struct Smtp {
    settings: SmtpSettings,
    from: Mailbox,
    to: Vec<Mailbox>,
    tls: Tls,
    /// An attempt ends after so long.
    patience: Duration,
    texts: Arc<Texts>,
}

impl Smtp {
    /// A sink with these settings.
    ///
    /// # Errors
    /// A setting cannot be used.
    pub fn new(settings: SmtpSettings, texts: Arc<Texts>) -> Result<Self, SettingsError> {
        word("host", &settings.host)?;
        let mailbox = |key, text: &str| -> Result<Mailbox, SettingsError> {
            let address = text.parse();
            address.map_err(|_| wrong(key, format!("has `{text}`"), "write it as name@example.org"))
        };
        let from = mailbox("from", &settings.from)?;
        let to: Result<Vec<_>, _> = settings.to.iter().map(|to| mailbox("to", to)).collect();
        let to = to?;
        if to.is_empty() {
            return Err(wrong("to", "is empty", "name at least one address"));
        }
        let open = settings.tls == SmtpTls::None && !is_here(&settings.host);
        if settings.login.is_some() && open {
            let remedy = "use `starttls` or `tls`, or leave the password out";
            return Err(wrong("tls", "would send the password in the open", remedy));
        }
        let tls = tls(&settings)?;
        Ok(Self { settings, from, to, tls, patience: IN_ALL, texts })
    }

    async fn attempt(&self, post: &Post) -> Result<Receipt, SinkError> {
        let (message, remark) = self.message(post)?;
        let mut veil = Veil::default();
        let mut transport =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&self.settings.host)
                .port(self.settings.port.unwrap_or(match self.settings.tls {
                    SmtpTls::None => 25,
                    SmtpTls::StartTls => 587,
                    SmtpTls::Tls => 465,
                }))
                .tls(self.tls.clone())
                .timeout(Some(COMMAND));
        if let Some((user, password)) = &self.settings.login {
            let password = secret(DOING, password).await?;
            let login = Credentials::new(user.clone(), password.expose_secret().to_owned());
            transport = transport.credentials(login);
            veil = veil.and(&password);
        }
        let sent = tokio::time::timeout(self.patience, transport.build().send(message)).await;
        match sent {
            Ok(Ok(_)) => Ok(Receipt { place: None, remark }),
            Ok(Err(error)) => Err(failed(&error, self.settings.tls, &veil)),
            Err(_) => Err(late(self.patience, self.settings.tls)),
        }
    }

    /// The mail.
    fn message(&self, post: &Post) -> Result<(Message, Option<String>), SinkError> {
        let target = Target::new(Markup::Plain, Unit::Utf16, 100_000);
        let line = Target { limit: 200, ..target };
        let (title, text) = match post.alerts.as_slice() {
            [alert] => {
                (self.texts.title(alert, line), self.texts.body(alert, Caps::DOCUMENT, target))
            }
            alerts => (
                Text { text: format!("{} alerts", alerts.len()), remark: None },
                self.texts.message(alerts, target),
            ),
        };
        let domain = self.from.email.domain();
        let ids = post.alerts.iter().map(|alert| alert.id.as_str());
        let id = format!("<sweepd.{}@{domain}>", nonce(ids));
        let mut builder = Message::builder()
            .from(self.from.clone())
            .subject(format!("[sweepd] {}", title.text))
            .message_id(Some(id))
            .date(system_time(post.now))
            .header(ContentType::TEXT_PLAIN)
            .raw_header(auto_submitted());
        if let [alert] = post.alerts.as_slice()
            && let Some(story) = story(alert)
        {
            let thread = format!("<sweepd.thread.{}@{domain}>", nonce([story.thread.as_str()]));
            builder = builder.references(thread.clone()).in_reply_to(thread);
        }
        let builder = self.to.iter().cloned().fold(builder, MessageBuilder::to);
        let message = builder
            .body(text.text)
            .map_err(|error| stopped(DOING, format!("the mail cannot be made: {error}")))?;
        Ok((message, title.remark.or(text.remark)))
    }
}

impl Sink for Smtp {
    fn kind(&self) -> &'static str {
        "smtp"
    }

    fn takes(&self) -> Takes {
        let pace = Pace { burst: 5, every: Span::from_secs(10) };
        Takes { notes: true, still: true, batch: 1000, pace }
    }

    fn fingerprint(&self) -> String {
        let SmtpSettings { host, port, login, from, to, .. } = &self.settings;
        let port = port.unwrap_or_default().to_string();
        let user = login.as_ref().map_or("", |(user, _)| user.as_str());
        let parts = [host, port.as_str(), user, from].into_iter();
        let to = to.iter().map(String::as_str);
        fingerprint("smtp", parts.chain(to), login.as_ref().map(|(_, password)| password))
    }

    fn in_the_open(&self) -> Option<SettingsError> {
        // That is refused.
        None
    }

    fn deliver<'a>(&'a self, post: &'a Post) -> Delivering<'a> {
        Box::pin(self.attempt(post))
    }
}

/// The connection's security.
fn tls(settings: &SmtpSettings) -> Result<Tls, SettingsError> {
    if settings.tls == SmtpTls::None {
        return Ok(Tls::None);
    }
    let unusable = |error: String| wrong("ca-file", "cannot be used", error);
    let trusted =
        trusted(settings.ca_file.as_deref()).map_err(|error| unusable(error.to_string()))?;
    let mut parameters = TlsParameters::builder(settings.host.clone());
    for certificate in trusted {
        if let Ok(certificate) = Certificate::from_der(certificate.to_vec()) {
            parameters = parameters.add_root_certificate(certificate);
        }
    }
    let parameters = parameters.build_rustls().map_err(|error| unusable(error.to_string()))?;
    Ok(match settings.tls {
        SmtpTls::None | SmtpTls::StartTls => Tls::Required(parameters),
        SmtpTls::Tls => Tls::Wrapper(parameters),
    })
}

/// No program answers such a mail.
fn auto_submitted() -> HeaderValue {
    let name = HeaderName::new_from_ascii_str("Auto-Submitted");
    HeaderValue::new(name, "auto-generated".to_owned())
}

fn system_time(at: Timestamp) -> SystemTime {
    let millis = u64::try_from(at.as_millis()).unwrap_or_default();
    SystemTime::UNIX_EPOCH
        .checked_add(Duration::from_millis(millis))
        .unwrap_or(SystemTime::UNIX_EPOCH)
}

const DOING: &str = "send mail";

/// So long may the server take for an answer, and for all.
const COMMAND: Duration = Duration::from_secs(10);
const IN_ALL: Duration = Duration::from_secs(29);

#[cfg(test)]
mod tests;
