//! What the program writes to its log, at its most talkative: never a secret, and nobody's address.

use crate::support::binary::{SECRETS_KEY, Served, run_with};
use crate::support::people::Browser;
use mail::Postbox;
use server::clock::Clock;
use server::stripe::signature::sign;
use store::testing::TestDatabase;

const PASSWORD: &str = "a brisk walk among otters";
const NEW_PASSWORD: &str = "a slower walk among herons";
const SECRET: &str = "whsec_never_in_the_log";
const TENANTS_SECRET: &str = "whsec_of_the_tenant_never";

/// An event with a payer, signed or not.
async fn deliver(address: &str, slug: &str, secret: &str) -> u16 {
    let created = Clock::System.now().as_second() - 60;
    let body = format!(
        r#"{{"id":"evt_log{slug}","object":"event","type":"charge.succeeded","created":{created},"livemode":false,
        "data":{{"object":{{"id":"ch_log","object":"charge","amount":1000,"amount_captured":1000,"amount_refunded":0,
        "captured":true,"created":{created},"currency":"usd","paid":true,"status":"succeeded","metadata":{{}},
        "billing_details":{{"email":"payer@mail.example"}}}}}}}}"#
    );
    let path = if slug.is_empty() { String::new() } else { format!("/{slug}") };
    let request = reqwest::Client::new()
        .post(format!("{address}/api/webhooks/stripe{path}"))
        .header("stripe-signature", sign(body.as_bytes(), secret, Clock::System.now()))
        .body(body);
    request.send().await.unwrap().status().as_u16()
}

fn token_in(text: &str) -> String {
    let at = text.find("token=").unwrap() + "token=".len();
    text[at..at + 43].to_owned()
}

#[tokio::test]
async fn nothing_secret_and_no_address_of_anybodys_is_in_the_log() {
    let (database, postbox) = (TestDatabase::create().await, Postbox::open().await);
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let smtp = postbox.url().replace("smtp://", "smtp://mailer:smtp-password-never@");
    let variables = [("RUST_LOG", "debug"), ("STRIPE_WEBHOOK_SECRET", SECRET), ("SMTP_URL", &*smtp)];
    let program = Served::start(&database.url, &log, &variables).await;
    let stranger = || Browser::new(&program.address);
    let mut secrets: Vec<String> =
        [PASSWORD, NEW_PASSWORD, SECRET, TENANTS_SECRET, SECRETS_KEY, "smtp-password-never"]
            .map(str::to_owned)
            .into();

    // Everything somebody does who comes, and what goes wrong.
    let mut owner = stranger();
    let sign_up = [
        ("form", "sign_up"),
        ("company", "Otters"),
        ("name", "Olga"),
        ("email", "olga@mail.example"),
        ("password", PASSWORD),
    ];
    assert_eq!(owner.post("/signup", &sign_up).await.status(), 303);
    assert_eq!(owner.post("/signup", &sign_up).await.status(), 303, "there is one already");
    postbox.wait_for_letter().await;
    assert_eq!(owner.sign_in("olga@mail.example", "a guess never right").await.status(), 422);
    assert_eq!(owner.sign_in("olga@mail.example", PASSWORD).await.status(), 303);
    secrets.push(owner.cookie.clone().unwrap().replace("session=", ""));
    owner.post("/forgot-password", &[("form", "forgot"), ("email", "olga@mail.example")]).await;
    let reset = token_in(&postbox.wait_for_letter().await.text);
    stranger().get(&format!("/reset-password?token={reset}")).await;
    let fields = [("form", "reset"), ("token", &*reset), ("password", NEW_PASSWORD)];
    assert_eq!(stranger().post(&format!("/reset-password?token={reset}"), &fields).await.status(), 303);
    owner.cookie = None;
    assert_eq!(owner.sign_in("olga@mail.example", NEW_PASSWORD).await.status(), 303);
    secrets.push(owner.cookie.clone().unwrap().replace("session=", ""));
    let invite = [("form", "invite"), ("email", "friend@mail.example"), ("role", "viewer")];
    assert_eq!(owner.post("/portal/settings/members", &invite).await.status(), 200);
    let invitation = token_in(&postbox.wait_for_letter().await.text);
    stranger().get(&format!("/invitation?token={invitation}")).await;
    let join = [("form", "join"), ("token", &*invitation), ("name", "Friend"), ("password", PASSWORD)];
    assert_eq!(stranger().post(&format!("/invitation?token={invitation}"), &join).await.status(), 303);
    secrets.extend([reset, invitation]);
    let key = [("form", "create"), ("name", "log"), ("role", "admin"), ("scope", "read_figures")];
    let page = owner.post("/portal/settings/api-keys", &key).await.text().await.unwrap();
    let key = page[page.find("cc_").unwrap()..][..46].to_owned();
    let wrong_key = format!("cc_{}", credentials::tokens::Token::draw().text());
    for (key, expected) in [(&key, 200), (&wrong_key, 401)] {
        let request = reqwest::Client::new().get(format!("{}/api/analytics/revenue", program.address));
        assert_eq!(request.bearer_auth(key).send().await.unwrap().status(), expected);
    }
    secrets.extend([key, wrong_key]);
    for value in [TENANTS_SECRET, "sk_live_wrong_kind_never"] {
        owner
            .post(
                "/portal/settings/connections",
                &[("form", "store"), ("kind", "stripe_webhook"), ("value", value)],
            )
            .await;
    }
    secrets.push("sk_live_wrong_kind_never".to_owned());
    for (slug, secret, expected) in [
        ("", SECRET, 200),
        ("", "whsec_wrong_never", 400),
        ("default", TENANTS_SECRET, 200),
        ("default", SECRET, 400),
    ] {
        assert_eq!(deliver(&program.address, slug, secret).await, expected, "{slug}");
    }
    for path in
        ["/portal/revenue", "/portal/settings/audit-log?actor=olga%40mail.example", "/api/audit-log.csv"]
    {
        assert_eq!(owner.get(path).await.status(), 200, "{path}");
    }
    // A secret that no longer opens, and a mail server that is gone.
    drop(postbox);
    owner.post("/forgot-password", &[("form", "forgot"), ("email", "olga@mail.example")]).await;
    let other_key = [("SECRETS_KEY", crate::support::binary::NEWER_SECRETS_KEY), ("RUST_LOG", "debug")];
    let reseal = run_with(&database.url, &["reseal"], "", &other_key).await;
    assert_eq!(reseal.code, Some(1));
    let mut written = String::new();
    for _ in 0..100 {
        written = std::fs::read_to_string(&log).unwrap() + &reseal.complained;
        if written.contains("a letter could not be sent") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }

    assert!(written.contains("DEBUG"), "the log is at its most talkative");
    assert!(written.contains("a letter could not be sent"), "failures are in it");
    secrets.push("a guess never right".to_owned());
    for secret in &secrets {
        assert!(!written.contains(secret), "{secret} is in the log:\n{}", line_with(&written, secret));
    }
    for address in ["olga", "friend@", "payer@", "mail.example"] {
        assert!(!written.contains(address), "{address} is in the log:\n{}", line_with(&written, address));
    }
}

fn line_with<'a>(written: &'a str, text: &str) -> &'a str {
    written.lines().find(|line| line.contains(text)).unwrap_or_default()
}
