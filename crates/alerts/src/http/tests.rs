//! A client against a loopback server that says whatever it is told to.

use secrecy::SecretString;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

/// Answers one request with these bytes; says what was asked.
async fn once(answer: Vec<u8>) -> (Url, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/bot-PLANTED-token/x", listener.local_addr().unwrap());
    #[expect(clippy::disallowed_methods, reason = "a server has to run beside its client")]
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = vec![0; 4096];
        let length = stream.read(&mut asked).await.unwrap();
        stream.write_all(&answer).await.unwrap();
        stream.shutdown().await.unwrap();
        asked.truncate(length);
        String::from_utf8_lossy(&asked).into_owned()
    });
    (url.parse().unwrap(), task)
}

async fn told(answer: &str) -> (Result<Answer, SinkError>, String) {
    let (url, task) = once(answer.as_bytes().to_vec()).await;
    let http = Http::new(&HttpOptions::default()).unwrap();
    let veil = Veil::of(&SecretString::from("PLANTED")).address(&url);
    let answer = http.send("post", http.client().get(url), &veil, 64).await;
    (answer, task.await.unwrap())
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
}

#[tokio::test]
async fn it_says_who_asks() {
    let (answer, asked) = told(&answer("204 No Content", "", "")).await;
    assert!(answer.unwrap().is_success());
    assert!(asked.contains(concat!("user-agent: sweepd/", env!("CARGO_PKG_VERSION"))), "{asked}");
}

#[tokio::test]
async fn an_answer_is_cut_and_its_words_are_one_line_without_the_secret() {
    let (got, _) =
        told(&answer("400 Bad Request", "", &format!("no PLANTED\n{}", "x".repeat(99)))).await;
    let got = got.unwrap();
    assert_eq!((got.body.len(), got.end), (64, End::Long));
    let error = got.accepted(Timestamp::MIN).unwrap_err();
    assert_eq!(error.setback, Setback::Refused);
    assert_eq!(error.to_string(), format!("post: status 400: no … {}", "x".repeat(53)));

    let (got, _) = told(&answer("404 Not Found", "", r#"{"message":"gone","code":7}"#)).await;
    let error = got.unwrap().accepted(Timestamp::MIN).unwrap_err();
    assert_eq!((error.setback, error.why.as_str()), (Setback::Stopped, "status 404: gone"));

    let (got, _) = told(&answer("502 Bad Gateway", "", "<html>long</html>")).await;
    assert_eq!(got.unwrap().accepted(Timestamp::MIN).unwrap_err().why, "status 502");
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_says_what_to_do() {
    for (location, to) in [
        ("https://elsewhere.test/bot-PLANTED-token/x", " to https://elsewhere.test"),
        ("https://elsewhere.test:8443/other?a=PLANTED", " to https://elsewhere.test:8443"),
        ("/bot-PLANTED-token/y", ""),
    ] {
        let headers = format!("location: {location}\r\n");
        let (got, _) = told(&answer("301 Moved Permanently", &headers, "")).await;
        let error = got.unwrap().accepted(Timestamp::MIN).unwrap_err();
        assert_eq!(error.setback, Setback::Stopped);
        let set = "set the address to where it redirects";
        assert_eq!(error.why, format!("status 301: redirects{to}; {set}"));
    }
}

#[tokio::test]
async fn a_redirect_of_an_open_address_names_the_path() {
    let http = Http::new(&HttpOptions::default()).unwrap();
    for (location, to) in [
        ("https://elsewhere.test:8443/git/api?a=PLANTED#b", "https://elsewhere.test:8443/git/api"),
        ("/git/PLANTED-key/x", "HERE"),
        ("/git/api", "HERE/git/api"),
    ] {
        let headers = format!("location: {location}\r\n");
        let (url, task) = once(answer("308 Permanent Redirect", &headers, "").into_bytes()).await;
        let here = url.origin().ascii_serialization();
        let veil = Veil::of(&SecretString::from("PLANTED-key"));
        let got = http.send("post", http.client().get(url), &veil, CAP).await.unwrap();
        let why = got.accepted(Timestamp::MIN).unwrap_err().why;
        let to = to.replace("HERE", &here);
        assert!(why.starts_with(&format!("status 308: redirects to {to}; ")), "{why}");
        task.await.unwrap();
    }
}

#[tokio::test]
async fn no_answer_is_later_and_shows_no_address() {
    let (got, _) = told("").await;
    let error = got.unwrap_err();
    assert_eq!(error.setback, Setback::Later(None));
    assert!(!format!("{error} {error:?}").contains("PLANTED"), "{error:?}");

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("http://{}/PLANTED", listener.local_addr().unwrap()).parse().unwrap();
    let quick = HttpOptions { total: Duration::from_millis(50), ..HttpOptions::default() };
    let http = Http::new(&quick).unwrap();
    let error = http.send("post", http.client().get(url), &Veil::default(), CAP).await.unwrap_err();
    assert_eq!(error.to_string(), "post: no answer within 50ms");
    assert_eq!(error.setback, Setback::Later(None));
}

#[tokio::test]
async fn tls_needs_nothing_that_is_set_for_the_whole_process() {
    let error = over("https", b"no TLS here").await;
    assert_eq!(error.setback, Setback::Later(None), "{error}");
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
}

/// What comes of a request in this scheme to a server that answers with these bytes.
async fn over(scheme: &str, answer: &[u8]) -> SinkError {
    let (url, task) = once(answer.to_vec()).await;
    let http = Http::new(&HttpOptions::default()).unwrap();
    let veil = Veil::default().address(&url);
    let url = url.as_str().replace("http://", &format!("{scheme}://"));
    let answer = http.send("post", http.client().get(url), &veil, CAP).await;
    drop(task.await);
    answer.and_then(|answer| answer.accepted(Timestamp::MIN)).unwrap_err()
}

#[tokio::test]
async fn tls_on_one_side_alone_is_told_and_what_to_set() {
    let bad = answer("400 Bad Request", "", "<html>?</html>");
    let error = over("https", bad.as_bytes()).await;
    let remedy = "; that looks like a port without TLS: set the port that has it, or write http:// \
                  for a server on this host";
    assert!(error.why.ends_with(remedy), "{error}");
    // A fatal alert, as a TLS server answers what is no handshake; and what a web server says.
    let page = "<title>400 The plain HTTP request was sent to HTTPS port</title>";
    let page = answer("400 Bad Request", "", page);
    for answer in [&b"\x15\x03\x03\x00\x02\x02\x46"[..], page.as_bytes()] {
        let error = over("http", answer).await;
        let remedy = "; that looks like a port with TLS: write https://";
        assert!(error.why.ends_with(remedy), "{error}");
        assert!(!format!("{error:?}").contains("PLANTED"), "{error:?}");
    }
    assert_eq!(over("http", bad.as_bytes()).await.why, "status 400");
}

#[test]
fn a_file_without_certificates_is_no_authority() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ca.pem");
    for content in [None, Some("nothing")] {
        if let Some(content) = content {
            std::fs::write(&path, content).unwrap();
        }
        let options = HttpOptions { ca_file: Some(path.clone()), ..HttpOptions::default() };
        let error = Http::new(&options).unwrap_err().to_string();
        assert!(error.contains("ca.pem"), "{error}");
    }
}
