//! A real mail server takes the mail, and what it has taken is what was meant.

use std::path::Path;

use sweepd_alerts::{Sink as _, Smtp, SmtpSettings, SmtpTls};
use sweepd_decide::{Moment, Timestamp};

use crate::program::{Program, free_port, until};
use crate::{post, texts};

/// Debian's own, which sees its packages.
const PYTHON: &str = "/usr/bin/python3";

fn mails(dir: &Path) -> Vec<String> {
    let Ok(new) = std::fs::read_dir(dir.join("new")) else { return Vec::new() };
    let files = new.filter_map(Result::ok).map(|file| std::fs::read_to_string(file.path()));
    files.filter_map(Result::ok).collect()
}

#[tokio::test]
async fn it_takes_the_opening_and_threads_the_end() {
    let (dir, port) = (tempfile::tempdir().unwrap(), free_port());
    let inbox = dir.path().join("inbox");
    let args = ["-m", "aiosmtpd", "-n", "-l"].map(str::to_owned).into_iter();
    let at = format!("127.0.0.1:{port}");
    let handler = ["-c", "aiosmtpd.handlers.Mailbox"].map(str::to_owned);
    let args: Vec<String> =
        args.chain([at]).chain(handler).chain([inbox.display().to_string()]).collect();
    let Some(_running) = Program::start(PYTHON, &args, port).await else { return };
    let settings = SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port: Some(port),
        tls: SmtpTls::None,
        ca_file: None,
        login: None,
        from: "sweepd <sweepd@example.org>".to_owned(),
        to: vec!["ops@example.org".to_owned(), "boss@example.org".to_owned()],
    };
    let sink = Smtp::new(settings, texts()).unwrap();
    let now = Timestamp::from_millis(1_795_773_600_000);
    sink.deliver(&post("a", Moment::Opened, now)).await.unwrap();
    sink.deliver(&post("a", Moment::Resolved, now)).await.unwrap();
    let both = until("two mails", async || {
        let mails = mails(&inbox);
        (mails.len() == 2).then_some(mails)
    })
    .await;
    let opening = both.iter().find(|mail| !mail.contains("ecovered")).unwrap();
    let end = both.iter().find(|mail| mail.contains("ecovered")).unwrap();
    let header = |mail: &str, name: &str| {
        let head = mail.replace("\r\n", "\n").replace("\n ", " ");
        let head: Vec<String> =
            head.lines().take_while(|line| !line.is_empty()).map(str::to_owned).collect();
        let of = |line: &String| line.strip_prefix(&format!("{name}: ")).map(str::to_owned);
        head.iter().find_map(of).unwrap_or_default()
    };
    assert_eq!(header(opening, "Auto-Submitted"), "auto-generated");
    assert!(header(opening, "To").contains("boss@example.org"));
    assert_eq!(header(opening, "Bcc"), "", "what an agent writes is no header");
    let thread = header(opening, "References") + &header(opening, "In-Reply-To");
    let shared = |name: &str| header(end, name) == header(opening, name);
    assert!(!thread.is_empty() && (shared("References") || shared("In-Reply-To")), "{opening}");
    assert_ne!(header(opening, "Message-ID"), header(end, "Message-ID"));
}
