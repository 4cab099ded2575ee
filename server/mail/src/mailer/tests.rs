use proptest::prelude::*;

use super::*;

const HEADERS: [&str; 8] = [
    "From",
    "To",
    "Subject",
    "Message-ID",
    "MIME-Version",
    "Date",
    "Content-Type",
    "Content-Transfer-Encoding",
];

fn sender(url: &str, sender: Option<&str>) -> Result<String, InvalidMailer> {
    Mailer::parse(url, sender).map(|mailer| mailer.sender.to_string())
}

fn source(letter: &Letter) -> Result<String, MailError> {
    let mailer = Mailer::parse("smtp://localhost", None).unwrap();
    Ok(String::from_utf8(mailer.message(letter)?.formatted()).unwrap())
}

#[test]
fn letters_are_from_the_servers_host_unless_said_otherwise() {
    assert_eq!(sender("smtps://mail.example.com", None).unwrap(), "command-center@mail.example.com");
    assert_eq!(sender("smtp://localhost:2525", None).unwrap(), "command-center@localhost");
    assert_eq!(sender("smtp://127.0.0.1", None).unwrap(), "command-center@localhost");
    assert_eq!(sender("smtp://[::1]:2525", None).unwrap(), "command-center@localhost");
    let named = "Command Center <hello@example.com>";
    let url = "smtp://u%40x:p%23@mail.example.com:587/office?tls=required";
    assert_eq!(sender(url, Some(named)).unwrap(), "Command Center <hello@example.com>");
}

#[test]
fn what_is_no_mail_server_is_refused_without_being_repeated() {
    for url in [
        "",
        "mail.example.com",
        "http://hunter2@mail.example.com",
        "smtp://",
        "smtp:hunter2",
        "smtp://u:hunter2@mail.example.com:99999",
        "smtp://u:hunter2@mail.example.com?tls=requird",
        "smtp://u:hunter2@mail.example.com?TLS=required",
        "smtp://u:hunter2@mail.example.com?starttls=required",
        "smtp://u:hunter2@mail.example.com?tls=required&tls=opportunistic",
        "smtp://hunter2@mail.example.com",
        "smtp://u:hunter2@mail.example.com/#x",
    ] {
        let error = Mailer::parse(url, None).unwrap_err();
        assert_eq!(error, InvalidMailer::Url, "{url}");
        assert!(!error.to_string().contains("hunter2"), "{url}");
    }
}

#[test]
fn what_is_no_sender_is_refused() {
    for text in [
        "",
        "hello",
        "hello@",
        "a@example.com, b@example.com",
        "a@example.com\r\nBcc: b@example.com",
        "A\r\nBcc: b@example.com <a@example.com>",
        "a@[127.0.0.1]",
    ] {
        assert_eq!(sender("smtp://localhost", Some(text)), Err(InvalidMailer::Sender), "{text}");
    }
}

#[test]
fn a_letter_can_be_written_whoever_it_is_from() {
    for url in ["smtp://localhost", "smtp://127.0.0.1:2525", "smtp://[::1]", "smtps://mail.example.com"] {
        let mailer = Mailer::parse(url, None).unwrap();
        let letter = Letter {
            to: "ada@example.com".to_owned(),
            subject: "Hello".to_owned(),
            text: "Hello".to_owned(),
        };
        assert!(mailer.message(&letter).is_ok(), "{url}");
    }
}

#[test]
fn a_mailer_does_not_show_its_password_in_debug() {
    let mailer = Mailer::parse("smtps://user:hunter2@mail.example.com", None).unwrap();
    assert_eq!(format!("{mailer:?}"), "Mailer(from command-center@mail.example.com)");
}

#[test]
fn a_letter_goes_to_one_address_only() {
    for to in [
        "",
        "ada",
        "ada@example.com, eve@example.com",
        "Ada <ada@example.com>",
        "<ada@example.com>",
        "ada@example.com\r\nBcc: eve@example.com",
        "\"ada\r\nBcc: eve\"@example.com",
        "\"ada\teve\"@example.com",
        " ada@example.com",
    ] {
        let letter = Letter { to: to.to_owned(), subject: "Hello".to_owned(), text: "Hello".to_owned() };
        assert_eq!(source(&letter), Err(MailError::InvalidAddress), "{to}");
    }
}

#[test]
fn a_subject_stays_on_its_line() {
    let subject = "Welcome\r\nBcc: eve@example.com\r\n\r\nBuy this".to_owned();
    let letter = Letter { to: "ada@example.com".to_owned(), subject, text: "Hello".to_owned() };
    let source = source(&letter).unwrap();
    assert!(source.contains("Subject: Welcome  Bcc: eve@example.com    Buy this\r\n"), "{source}");
}

proptest! {
    #[test]
    fn nothing_in_a_letter_becomes_a_header(to in "(?s).{0,40}", subject in "(?s).{0,200}", text in "(?s).{0,200}") {
        let injected = "ada@example.com\r\nX-Evil: 1";
        for to in [to.as_str(), injected, "ada@example.com"] {
            let letter = Letter { to: to.to_owned(), subject: format!("{subject}\r\nX-Evil: 1"), text: text.clone() };
            let Ok(source) = source(&letter) else { continue };
            let (head, _) = source.split_once("\r\n\r\n").unwrap();
            let names: Vec<&str> = head
                .split("\r\n")
                .filter(|line| !line.starts_with(' '))
                .map(|line| line.split_once(':').unwrap().0)
                .collect();
            prop_assert_eq!(names, HEADERS);
            prop_assert!(!head.replace("\r\n", "").contains(['\r', '\n']));
        }
    }
}
