//! Trying often, trying large, and trying to find out who has an account.

use std::net::Ipv4Addr;
use std::time::Duration;

use crate::support::people::{Browser, PASSWORD};
use crate::support::{Program, config};
use futures::future::join_all;
use jiff::SignedDuration;
use reqwest::Response;
use reqwest::header::ORIGIN;
use server::config::ServeConfig;

/// A browser in a network of its own.
fn from_network(program: &Program, number: u8) -> Browser {
    program.stranger().in_network(Ipv4Addr::new(127, 0, 9, number))
}

async fn try_to_sign_in(browser: &Browser, email: &str, password: &str) -> u16 {
    browser.clone().sign_in(email, password).await.status().as_u16()
}

#[tokio::test]
async fn the_sixth_wrong_password_in_a_minute_is_not_looked_at() {
    let program = Program::start().await;
    let (victim, other) = (&program.people.admin.email, &program.people.viewer.email);
    let attacker = from_network(&program, 1);
    for _ in 0..5 {
        assert_eq!(try_to_sign_in(&attacker, victim, "a guess").await, 422);
    }

    let sixth = attacker.clone().sign_in(victim, "a guess").await;

    assert_eq!(sixth.status(), 429);
    let wait: u64 = sixth.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(try_to_sign_in(&attacker, victim, PASSWORD).await, 429, "guessing on does not help");
    assert_eq!(try_to_sign_in(&from_network(&program, 2), victim, PASSWORD).await, 429, "nor from elsewhere");
    assert_eq!(
        try_to_sign_in(&from_network(&program, 2), other, PASSWORD).await,
        303,
        "others are not kept out"
    );
    let in_a_minute = program.later(SignedDuration::from_secs(60)).await;
    assert_eq!(try_to_sign_in(&attacker.at(&in_a_minute.address), victim, PASSWORD).await, 303);
}

#[tokio::test]
async fn many_guesses_at_once_do_not_slip_through() {
    let program = Program::start().await;
    let victim = &program.people.admin.email;
    let browsers: Vec<Browser> = (1..=20).map(|number| from_network(&program, number)).collect();
    let guesses = browsers.iter().map(|browser| try_to_sign_in(browser, victim, "a guess"));
    let answers = join_all(guesses).await;
    assert_eq!(answers.iter().filter(|status| **status == 422).count(), 5, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == 429).count(), 15, "{answers:?}");
}

#[tokio::test]
async fn who_got_in_begins_to_count_anew() {
    let program = Program::start().await;
    let email = &program.people.admin.email;
    for round in 0..3 {
        for password in ["a guess", "a guess", "a guess", PASSWORD] {
            let expected = if password == PASSWORD { 303 } else { 422 };
            let network = from_network(&program, round + 1);
            assert_eq!(try_to_sign_in(&network, email, password).await, expected, "round {round}");
        }
    }
}

#[tokio::test]
async fn one_password_tried_on_many_accounts_from_one_network_ends_soon() {
    let program = Program::start().await;
    let attacker = from_network(&program, 1);
    for number in 0..30 {
        assert_eq!(try_to_sign_in(&attacker, &format!("u{number}@mail.example"), "Summer2026!").await, 422);
    }
    assert_eq!(try_to_sign_in(&attacker, "u31@mail.example", "Summer2026!").await, 429);
    let elsewhere = from_network(&program, 2);
    assert_eq!(try_to_sign_in(&elsewhere, &program.people.admin.email, PASSWORD).await, 303);
}

/// Signs in as a proxy would pass it on.
async fn forwarded(program: &Program, from: &str, email: &str, password: &str) -> u16 {
    let fields = [("form", "sign_in"), ("email", email), ("password", password)];
    let request = program.stranger().form("/login", &fields).header(ORIGIN, &program.address);
    request.header("x-forwarded-for", from).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_stranger_does_not_escape_by_saying_they_come_from_elsewhere() {
    let program = Program::start().await;
    for number in 0..30 {
        let (from, email) = (format!("203.0.113.{number}"), format!("u{number}@mail.example"));
        assert_eq!(forwarded(&program, &from, &email, "a guess").await, 422);
    }
    assert_eq!(forwarded(&program, "198.51.100.7", "one-more@mail.example", "a guess").await, 429);
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_network_counts_for_itself() {
    let trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let program = Program::start_as(ServeConfig { trusted_proxies, ..config() }).await;
    for number in 0..30 {
        // What stands left of the address the proxy saw, anybody may have written.
        let (from, email) = (format!("10.9.8.{number}, 203.0.113.1"), format!("u{number}@mail.example"));
        assert_eq!(forwarded(&program, &from, &email, "a guess").await, 422);
    }
    let admin = &program.people.admin.email;
    assert_eq!(forwarded(&program, "198.51.100.9, 203.0.113.1", admin, PASSWORD).await, 429);
    assert_eq!(forwarded(&program, "203.0.113.1, 198.51.100.9", admin, PASSWORD).await, 303);
}

#[tokio::test]
async fn letters_and_links_are_asked_for_only_so_often_from_one_network() {
    let program = Program::start().await;
    let mut attacker = from_network(&program, 1);
    let forgot = [("form", "forgot"), ("email", "admin@ours.example")];
    for _ in 0..30 {
        assert_eq!(attacker.post("/forgot-password", &forgot).await.status(), 303);
    }
    let reset = [("form", "reset"), ("token", "guessed"), ("password", "another calm sentence")];
    let join = [("form", "join"), ("token", "guessed"), ("password", "another calm sentence")];
    let sign_up = [
        ("form", "sign_up"),
        ("company", "C"),
        ("name", "N"),
        ("email", "n@mail.example"),
        ("password", "p"),
    ];
    for (path, fields) in [
        ("/forgot-password", &forgot[..]),
        ("/reset-password", &reset),
        ("/invitation", &join),
        ("/signup", &sign_up),
    ] {
        let response = attacker.post(path, fields).await;
        assert_eq!(
            response.headers().get("retry-after").map(|value| value.as_bytes()),
            Some(&b"60"[..]),
            "{path}"
        );
    }
}

/// What an answer tells: its status, where it leads, whether it gives a cookie, and its page without what was
/// typed and what every page has of its own.
async fn told(response: Response, typed: &str) -> (u16, String, bool, String) {
    let status = response.status().as_u16();
    let location = crate::support::people::location(&response).to_owned();
    let has_cookie = response.headers().contains_key("set-cookie");
    let page = response.text().await.unwrap().replace(typed, "…");
    let parts = page.split("nonce=\"").map(|part| part.split_once('"').map_or(part, |(_, rest)| rest));
    (status, location, has_cookie, parts.collect())
}

#[tokio::test]
async fn nothing_tells_whether_there_is_an_account() {
    let program = Program::start().await;
    program.accounts().set_disabled(&program.people.operator.email, true).await.unwrap();
    let (known, disabled, unknown) =
        (&*program.people.admin.email, &*program.people.operator.email, "nobody@ours.example");
    let sign_up = |email| {
        let fields: Vec<(&str, &str)> = vec![
            ("form", "sign_up"),
            ("company", "Acme"),
            ("name", "Somebody"),
            ("email", email),
            ("password", "another calm sentence"),
        ];
        ("/signup", fields)
    };
    let sign_in =
        |email, password| ("/login", vec![("form", "sign_in"), ("email", email), ("password", password)]);
    let forgot = |email| ("/forgot-password", vec![("form", "forgot"), ("email", email)]);
    for alike in [
        vec![
            (known, sign_in(known, "a guess")),
            (disabled, sign_in(disabled, PASSWORD)),
            (disabled, sign_in(disabled, "a guess")),
            (unknown, sign_in(unknown, "a guess")),
        ],
        vec![(known, forgot(known)), (disabled, forgot(disabled)), (unknown, forgot(unknown))],
        vec![(known, sign_up(known)), (disabled, sign_up(disabled)), (unknown, sign_up(unknown))],
    ] {
        let mut answers = Vec::new();
        for (typed, (path, fields)) in &alike {
            let response = program.stranger().post(path, fields).await;
            answers.push(told(response, typed).await);
        }
        for answer in &answers {
            assert_eq!(answer, &answers[0], "{:?}", alike[0].1);
        }
    }
}

#[tokio::test]
async fn who_has_no_account_waits_as_long_for_no() {
    let program = Program::start().await;
    let people = &program.people;
    let known = [&people.admin, &people.viewer, &people.operator, &people.owner].map(|who| who.email.clone());
    let unknown = [1, 2, 3, 4].map(|number| format!("nobody{number}@ours.example"));
    let mut quickest = [Duration::MAX; 2];
    for pair in known.iter().zip(&unknown) {
        for (kind, email) in [pair.0, pair.1].into_iter().enumerate() {
            let mut browser = program.stranger();
            let began = tokio::time::Instant::now();
            assert_eq!(browser.sign_in(email, "a guess").await.status(), 422);
            quickest[kind] = quickest[kind].min(began.elapsed());
        }
    }
    let [known, unknown] = quickest;
    assert!(known < unknown * 3 && unknown < known * 3, "known {known:?}, unknown {unknown:?}");
}

#[tokio::test]
async fn a_password_of_64_kilobytes_is_refused_as_any_wrong_one() {
    let program = Program::start().await;
    let email = &program.people.admin.email;
    let long = "p".repeat(60 * 1024);
    let refused = told(program.stranger().sign_in(email, &long).await, email).await;
    let wrong = told(program.stranger().sign_in(email, "a guess").await, email).await;
    assert_eq!(refused, wrong);
    let too_long = "p".repeat(64 * 1024);
    assert_eq!(program.stranger().sign_in(email, &too_long).await.status(), 413);
    assert_eq!(program.stranger().sign_in(email, PASSWORD).await.status(), 303);
}

#[tokio::test]
async fn a_hundred_sign_ins_at_once_are_all_answered_within_a_bounded_memory() {
    let program = Program::start().await;
    let browsers: Vec<Browser> = (1..=100).map(|number| from_network(&program, number)).collect();
    let emails: Vec<String> = (1..=100).map(|number| format!("u{number}@mail.example")).collect();
    let before = peak_memory_mib();
    let all = browsers.iter().zip(&emails).map(|(browser, email)| try_to_sign_in(browser, email, "a guess"));

    let somebody = program.stranger();
    let (answers, health) = tokio::join!(join_all(all), somebody.get("/healthz"));

    assert!(answers.iter().all(|status| *status == 422), "{answers:?}");
    assert_eq!(health.status(), 200);
    // A hundred at once would take 1,900 MiB.
    let grown = peak_memory_mib() - before;
    assert!(grown < 400, "the program grew by {grown} MiB");
    assert_eq!(try_to_sign_in(&program.stranger(), &program.people.admin.email, PASSWORD).await, 303);
}

fn peak_memory_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<u64>().unwrap() / 1024
}
