//! A server that speaks TLS where none is spoken to it, and the other way round.

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use super::*;
use crate::text::sample;

/// What comes of a mail to a server that says this at first, and `answer` to every line.
async fn told(tls: SmtpTls, greeting: &'static [u8], answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port: Some(listener.local_addr().unwrap().port()),
        tls,
        ca_file: None,
        login: Some(("sweepd".to_owned(), Secret::value("PLANTED-password"))),
        from: "sweepd@example.org".to_owned(),
        to: vec!["ops@example.org".to_owned()],
    };
    let mut sink = Smtp::new(settings, Arc::new(Texts::built_in())).unwrap();
    sink.patience = Duration::from_millis(300);
    let post = Post { now: sample::AT, alerts: sample::alerts(), place: None };
    let server = async {
        let (stream, _) = listener.accept().await.unwrap();
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(greeting).await.unwrap();
        while let Ok(Some(_)) = lines.next_line().await {
            write.write_all(answer.as_bytes()).await.unwrap();
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        sent = sink.deliver(&post) => sent.unwrap_err().why,
        () = server => unreachable!(),
    }
}

#[tokio::test]
async fn tls_on_one_side_alone_is_told_and_what_to_set() {
    let plain = told(SmtpTls::Tls, b"220 here\r\n", "500 what?\r\n").await;
    let remedy = "; that looks like a port without TLS from its start: set `tls` to \"starttls\", \
                  or the port that has it (465)";
    assert!(plain.ends_with(remedy), "{plain}");
    let plain = told(SmtpTls::StartTls, b"220 here\r\n", "250 here\r\n").await;
    let remedy = "; set `tls` to \"tls\" and the port for it (465), or to \"none\" for a server \
                  on this host";
    assert!(plain.ends_with(remedy), "{plain}");
    let remedy = "; if that is a port with TLS from its start, as 465 is, set `tls` to \"tls\"";
    for tls in [SmtpTls::None, SmtpTls::StartTls] {
        assert_eq!(told(tls, b"", "").await, format!("not done within 300ms{remedy}"));
        let alert = told(tls, b"\x15\x03\x03\x00\x02\x02\x46\r\n", "").await;
        assert!(alert.ends_with(remedy), "{alert}");
    }
    assert_eq!(told(SmtpTls::Tls, b"", "").await, "not done within 300ms");
}
