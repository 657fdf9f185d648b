//! Mail, with a server that says whatever it is told to.

use sweepd_alerts::{Secret, Sink as _, Smtp, SmtpSettings, SmtpTls};
use sweepd_decide::{Moment, Setback};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::{NOW, note, post, post_of, story, texts};

/// Takes one mail; answers the command that begins so with this line instead.
async fn server(instead: Option<(&'static str, &'static str)>) -> (u16, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    #[expect(clippy::disallowed_methods, reason = "a server has to run beside its client")]
    let task = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let mut heard = Vec::new();
        let mut data = false;
        write.write_all(b"220 here\r\n").await.unwrap();
        while let Ok(Some(line)) = lines.next_line().await {
            let answer = match line.as_str() {
                "." if data => {
                    data = false;
                    "250 taken"
                }
                _ if data => "",
                it if instead.is_some_and(|(command, _)| it.starts_with(command)) => {
                    instead.unwrap().1
                }
                it if it.starts_with("EHLO") => "250-here\r\n250 AUTH PLAIN LOGIN",
                it if it.starts_with("AUTH") => "235 welcome",
                "DATA" => {
                    data = true;
                    "354 go on"
                }
                "QUIT" => "221 bye",
                _ => "250 ok",
            };
            heard.push(line);
            if !answer.is_empty()
                && write.write_all(format!("{answer}\r\n").as_bytes()).await.is_err()
            {
                break;
            }
        }
        heard
    });
    (port, task)
}

fn settings(port: u16) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port: Some(port),
        tls: SmtpTls::None,
        ca_file: None,
        login: Some(("sweepd".to_owned(), Secret::value("PLANTED-password"))),
        from: "sweepd <sweepd@example.org>".to_owned(),
        to: vec!["ops@example.org".to_owned(), "boss@example.org".to_owned()],
    }
}

#[tokio::test]
async fn a_mail_can_be_told_from_others_and_put_with_its_own() {
    let mut seen = Vec::new();
    for moment in [Moment::Opened, Moment::Resolved] {
        let (port, task) = server(None).await;
        let sink = Smtp::new(settings(port), texts()).unwrap();
        let mut told = story(moment, NOW);
        told.agent = Some("a\r\nBcc: evil@example.org".into());
        sink.deliver(&post_of(&format!("{moment:?}"), NOW, told)).await.unwrap();
        drop(sink);
        seen.push(task.await.unwrap());
    }
    let header = |mail: &[String], name: &str| {
        let line = mail.iter().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.map_or_else(|| panic!("no {name} in {mail:?}"), ToOwned::to_owned)
    };
    let [opened, resolved] = seen.as_slice() else { panic!("two mails") };
    assert_ne!(header(opened, "Message-ID"), header(resolved, "Message-ID"));
    assert_eq!(header(opened, "References"), header(resolved, "References"));
    assert_eq!(header(opened, "References"), header(resolved, "In-Reply-To"));
    assert_eq!(header(opened, "Auto-Submitted"), "auto-generated");
    assert_eq!(header(opened, "Date"), "Thu, 01 Jan 2026 00:00:00 +0000");
    assert!(!opened.iter().any(|line| line.starts_with("Bcc")), "{opened:?}");
    assert!(!opened.iter().any(|line| line.contains("<evil@example.org>")), "{opened:?}");
    assert!(header(opened, "Subject").starts_with("[sweepd] warning: agent-stuck"));
}

#[tokio::test]
async fn codes_say_what_comes_next() {
    for (command, answer, setback) in [
        ("AUTH", "535 5.7.8 no PLANTED-password", Setback::Stopped),
        ("MAIL", "451 4.3.0 not now", Setback::Later(None)),
        ("RCPT", "550 5.1.1 no such user", Setback::Refused),
        ("EHLO", "421 4.3.2 closing", Setback::Later(None)),
    ] {
        let (port, task) = server(Some((command, answer))).await;
        let sink = Smtp::new(settings(port), texts()).unwrap();
        let error = sink.deliver(&post("a1", Moment::Opened, NOW)).await.unwrap_err();
        assert_eq!(error.setback, setback, "{error}");
        assert!(!format!("{error:?}").contains("PLANTED-password"), "{error:?}");
        drop(task.await);
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = Smtp::new(settings(port), texts()).unwrap().deliver(&note(NOW)).await.unwrap_err();
    assert_eq!(error.setback, Setback::Later(None), "{error}");
}

#[test]
fn settings_say_which_key_is_wrong() {
    let of = |change: fn(&mut SmtpSettings)| {
        let mut settings = settings(25);
        change(&mut settings);
        Smtp::new(settings, texts()).map(drop).map_err(|error| error.to_string())
    };
    assert_eq!(of(|_| ()), Ok(()));
    assert!(of(|it| it.to.clear()).unwrap_err().starts_with("`to` is empty"));
    assert!(of(|it| it.from = "nobody".to_owned()).unwrap_err().starts_with("`from` has `nobody`"));
    assert!(of(|it| it.to.push("a@b\r\nx".to_owned())).is_err());
    let open = of(|it| it.host = "mail.example.org".to_owned()).unwrap_err();
    assert!(open.starts_with("`tls` would send the password in the open"), "{open}");
    assert!(of(|it| it.host = "127.0.0.1.example.org".to_owned()).is_err());
    assert_eq!(of(|it| it.tls = SmtpTls::StartTls), Ok(()));
}
