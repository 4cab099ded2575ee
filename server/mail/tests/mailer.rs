//! Letters on their way from a mailer to a server.

use std::time::Duration;

use mail::{Letter, MailError, Mailer, Postbox};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

fn letter(subject: &str, text: &str) -> Letter {
    Letter { to: "ada@example.com".to_owned(), subject: subject.to_owned(), text: text.to_owned() }
}

async fn send(url: &str, letter: &Letter) -> Result<(), MailError> {
    Mailer::parse(url, Some("Command Center <hello@example.com>")).expect("a URL").send(letter).await
}

/// A server that answers every line with the same words, and what it was told.
async fn server_that_says(words: &'static [u8]) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let url = format!("smtp://user:hunter2@{}", listener.local_addr().expect("an address"));
    let told = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let mut told = Vec::new();
        let mut answered = stream.write_all(b"220 hello\r\n").await;
        while answered.is_ok() && stream.read_buf(&mut told).await.is_ok_and(|length| length > 0) {
            answered = stream.write_all(words).await;
        }
        String::from_utf8_lossy(&told).into_owned()
    });
    (url, told)
}

#[tokio::test]
async fn a_letter_arrives_as_it_was_written() {
    let postbox = Postbox::open().await;
    for (subject, text) in [
        ("Your link", "Hello Ada,\n\nhttps://example.com/reset?token=abc-_123=\n\nGood-bye.\n"),
        ("Zugang für Ümläute – 密码 🔑", "Grüße\n.\n..\n.dot\nпривет = 100 %\n \nlast line"),
        ("Dots", "first\n.\n..\n.dot\n\nlast\n"),
        ("", ""),
        (&"long subject ".repeat(30), &"a line without end ".repeat(200)),
    ] {
        send(&postbox.url(), &letter(subject, text)).await.unwrap();

        let received = postbox.wait_for_letter().await;

        assert_eq!(received.to, "ada@example.com");
        assert_eq!(received.subject.trim_end(), subject.trim_end());
        assert_eq!(received.text.trim_end(), text.trim_end(), "{}", received.source);
    }
}

#[tokio::test]
async fn a_letter_says_who_it_is_from_and_when_it_was_written() {
    let postbox = Postbox::open().await;
    send(&postbox.url(), &letter("Hello", "Hello")).await.unwrap();

    let source = postbox.wait_for_letter().await.source;

    for header in
        ["From: \"Command Center\" <hello@example.com>", "To: ada@example.com", "Date: ", "Message-ID: <"]
    {
        assert!(source.lines().any(|line| line.starts_with(header)), "{header} is missing in {source}");
    }
}

#[tokio::test]
async fn letters_are_waited_for_one_after_the_other() {
    let postbox = Postbox::open().await;
    assert_eq!(postbox.letters(), []);
    for subject in ["first", "second"] {
        send(&postbox.url(), &letter(subject, "")).await.unwrap();
    }

    assert_eq!(postbox.wait_for_letter().await.subject, "first");
    assert_eq!(postbox.wait_for_letter().await.subject, "second");
    assert_eq!(postbox.letters().len(), 2);
    assert!(timeout(Duration::from_millis(50), postbox.wait_for_letter()).await.is_err());
    let (third, sent) =
        tokio::join!(postbox.wait_for_letter(), async { send(&postbox.url(), &letter("third", "")).await });
    assert_eq!((third.subject.as_str(), sent), ("third", Ok(())));
}

#[tokio::test]
async fn a_login_and_an_address_beyond_ascii_are_used() {
    let postbox = Postbox::open().await;
    let url = postbox.url().replace("smtp://", "smtp://user:hunter2@");
    let letter = Letter { to: "ädä@exämple.com".to_owned(), ..letter("Hello", "Hello") };

    send(&url, &letter).await.unwrap();

    assert_eq!(postbox.wait_for_letter().await.to, "ädä@exämple.com");
}

#[tokio::test]
async fn a_letter_to_nowhere_is_not_sent() {
    let postbox = Postbox::open().await;
    let letter = Letter { to: "ada@example.com\r\nRCPT TO:<eve@example.com>".to_owned(), ..letter("", "") };

    assert_eq!(send(&postbox.url(), &letter).await, Err(MailError::InvalidAddress));
    assert_eq!(postbox.letters(), []);
}

#[tokio::test]
async fn a_subject_with_lines_is_one_line_to_the_server() {
    let postbox = Postbox::open().await;
    let subject = "Hello\r\nBcc: eve@example.com\r\n\r\nBuy this";

    send(&postbox.url(), &letter(subject, "Hello")).await.unwrap();

    let received = postbox.wait_for_letter().await;
    assert_eq!(received.to, "ada@example.com");
    assert_eq!(received.subject, "Hello  Bcc: eve@example.com    Buy this");
    assert_eq!(received.text.trim_end(), "Hello");
}

#[tokio::test]
async fn a_refusal_is_told_from_a_hindrance() {
    let (url, _) = server_that_says(b"554 we do not take letters from you\r\n").await;
    let error = send(&url, &letter("Hello", "Hello")).await.unwrap_err();
    assert!(matches!(&error, MailError::Refused(said) if said.contains("554")), "{error}");

    let (url, _) = server_that_says(b"451 come back later\r\n").await;
    let error = send(&url, &letter("Hello", "Hello")).await.unwrap_err();
    assert!(matches!(&error, MailError::Failed(said) if said.contains("come back later")), "{error}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_hindrance_and_the_password_stays_secret() {
    let url = {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        format!("smtp://user:hunter2@{}", listener.local_addr().unwrap())
    };
    let error = send(&url, &letter("Hello", "Hello")).await.unwrap_err();
    assert!(matches!(error, MailError::Failed(_)), "{error}");
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_server_without_encryption_is_told_nothing_where_encryption_is_asked_for() {
    for (scheme, query) in [("smtp://", "?tls=required"), ("smtps://", "")] {
        let (url, told) = server_that_says(b"250 hello\r\n").await;
        let url = format!("{}{query}", url.replace("smtp://", scheme));

        let error = send(&url, &letter("Hello", "Hello")).await.unwrap_err();

        assert!(matches!(error, MailError::Failed(_)), "{url}: {error}");
        let told = told.await.unwrap();
        assert!(!told.contains("AUTH") && !told.contains("MAIL"), "{told}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_is_given_up_after_ten_seconds() {
    let silent = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("smtp://{}", silent.local_addr().unwrap());
    let start = Instant::now();

    let sent = timeout(Duration::from_secs(60), send(&url, &letter("Hello", "Hello"))).await;

    assert_eq!(sent, Ok(Err(MailError::TimedOut)));
    assert_eq!(start.elapsed().as_secs(), 10);
}
