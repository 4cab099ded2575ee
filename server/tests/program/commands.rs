//! The command line: what it does, what it refuses, and that no secret stands in it or comes out of it.

use crate::support::binary::{NEWER_SECRETS_KEY, Outcome, SECRETS_KEY, run_with};
use crate::support::people::Browser;
use crate::support::tables::Tables;
use crate::support::{Running, config};
use serde_json::{Value, json};
use server::clock::Clock;
use server::stripe::signature::sign;
use store::testing::TestDatabase;

const PASSWORD: &str = "a brisk walk among otters";

/// A database, and commands that work on it.
struct Machine {
    database: TestDatabase,
}

impl Machine {
    async fn create() -> Self {
        Self { database: TestDatabase::create().await }
    }

    /// One with a tenant and its owner.
    async fn with_acme() -> Self {
        let machine = Self::create().await;
        machine.done("tenant add --slug acme --name Acme", "").await;
        machine.done("user add --email ada@acme.example --tenant acme --role owner", PASSWORD).await;
        machine
    }

    async fn run(&self, line: &str, input: &str) -> Outcome {
        let arguments: Vec<&str> = line.split_whitespace().collect();
        run_with(&self.database.url, &arguments, input, &[]).await
    }

    /// Runs a command that does what it should; what it said.
    async fn done(&self, line: &str, input: &str) -> String {
        let outcome = self.run(line, input).await;
        assert_eq!(outcome.code, Some(0), "{line}: {}", outcome.complained);
        outcome.said
    }

    async fn tables(&self) -> Tables {
        Tables::of(&self.database.url).await
    }

    /// The program on the same data, by the same clock as commands.
    async fn serve(&self) -> Running {
        let sealing = credentials::sealing::SecretsKeys::parse(SECRETS_KEY).unwrap();
        let config = server::config::ServeConfig { secrets_keys: Some(sealing.into()), ..config() };
        Running::start(&config, &self.database.store, Clock::System.now()).await
    }
}

/// The lines that are said of a failure; a log line is none.
fn complaints(outcome: &Outcome) -> Vec<&str> {
    outcome.complained.lines().filter(|line| !line.contains(" INFO ")).collect()
}

#[tokio::test]
async fn a_tenant_is_added_once_and_the_first_takes_events_that_name_none() {
    let machine = Machine::create().await;
    let said = machine
        .done("tenant add --slug acme --name Acme --currency EUR --timezone Europe/Berlin --json", "")
        .await;
    let told: Value = serde_json::from_str(&said).unwrap();
    machine.done("tenant add --slug later --name Later", "").await;

    let tables = machine.tables().await;
    let acme = tables.rows("tenants").iter().find(|row| row["slug"] == "acme").unwrap();
    assert_eq!(told, json!({ "id": acme["id"], "slug": "acme" }));
    assert_eq!((&acme["currency"], &acme["timezone"]), (&json!("eur"), &json!("Europe/Berlin")));
    let defaults: Vec<&Value> =
        tables.rows("tenants").iter().filter(|row| row["is_default"] == true).collect();
    assert_eq!(defaults, [acme]);
    let again = machine.run("tenant add --slug acme --name Again", "").await;
    assert_eq!((again.code, complaints(&again).len()), (Some(1), 1), "{again:?}");
}

#[tokio::test]
async fn people_are_added_with_a_password_from_standard_input() {
    let machine = Machine::with_acme().await;
    machine.done("user add --email root@acme.example --platform-admin", PASSWORD).await;
    let program = machine.serve().await;
    for (email, path) in
        [("ada@acme.example", "/portal/settings/members"), ("root@acme.example", "/portal/platform")]
    {
        let mut browser = Browser::new(&program.address);
        assert_eq!(browser.sign_in(email, PASSWORD).await.status(), 303, "{email}");
        assert_eq!(browser.get(path).await.status(), 200, "{email}");
    }
    assert_eq!(machine.tables().await.holding(PASSWORD), [""; 0]);
    let log = machine.tables().await.rows("audit_log").to_vec();
    let joined = log.iter().find(|line| line["deed"] == "member_joined").unwrap();
    assert_eq!(
        (&joined["actor_kind"], &joined["target"]),
        (&json!("command_line"), &json!("ada@acme.example"))
    );
}

#[tokio::test]
async fn people_are_helped_back_in_kept_out_and_made_platform_admins() {
    let machine = Machine::with_acme().await;
    let program = machine.serve().await;
    let mut ada = Browser::new(&program.address);
    let signs_in = async |password: &str| {
        Browser::new(&program.address).sign_in("ada@acme.example", password).await.status() == 303
    };
    ada.sign_in("ada@acme.example", PASSWORD).await;

    let link = machine.done("user reset-link --email ada@acme.example", "").await;
    let token = link.trim().split_once("/reset-password?token=").unwrap().1.to_owned();
    let new = "a slower walk among herons";
    let reset = [("form", "reset"), ("token", &*token), ("password", new)];
    let answer = Browser::new(&program.address).post("/reset-password", &reset).await;
    assert_eq!(answer.status(), 303);
    assert!(signs_in(new).await && !ada.is_signed_in().await);

    ada.sign_in("ada@acme.example", new).await;
    machine.done("user disable --email ADA@acme.example", "").await;
    assert!(!ada.is_signed_in().await && !signs_in(new).await);
    machine.done("user enable --email ada@acme.example", "").await;
    assert!(signs_in(new).await);

    ada.sign_in("ada@acme.example", new).await;
    assert_eq!(ada.get("/portal/platform").await.status(), 404);
    machine.done("user grant-platform --email ada@acme.example", "").await;
    assert_eq!(ada.get("/portal/platform").await.status(), 200);
    machine.done("user revoke-platform --email ada@acme.example", "").await;
    assert_eq!(ada.get("/portal/platform").await.status(), 404);
}

#[tokio::test]
async fn a_key_is_printed_for_a_program_to_read_and_opens_what_it_should() {
    let machine = Machine::with_acme().await;
    let said = machine.done("api-key create --tenant acme --role viewer --json", "").await;
    let key = serde_json::from_str::<Value>(&said).unwrap()["key"].as_str().unwrap().to_owned();
    let plain = machine
        .done("api-key create --tenant acme --role admin --scopes act,read_audit_log --name ci", "")
        .await;
    let program = machine.serve().await;
    let status = async |key: &str, path: &str| {
        let request = reqwest::Client::new().get(format!("{}{path}", program.address)).bearer_auth(key);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(status(&key, "/api/analytics/revenue").await, 200);
    assert_eq!(status(&key, "/api/audit-log.csv").await, 403);
    assert_eq!(status(plain.trim(), "/api/analytics/revenue").await, 403);
    assert_eq!(status(plain.trim(), "/api/audit-log.csv").await, 200);
    assert_eq!(machine.tables().await.holding(&key[11..]), [""; 0]);
}

#[tokio::test]
async fn a_credential_comes_from_standard_input_and_is_sealed_anew_with_a_newer_key() {
    let machine = Machine::with_acme().await;
    let secret = "whsec_from_standard_input";
    let said =
        machine.done("tenant secret --tenant acme --kind stripe_webhook", &format!("{secret}\n")).await;
    assert!(!said.contains(secret));
    assert_eq!(machine.tables().await.holding(secret), [""; 0]);
    let key_id = async || machine.tables().await.rows("tenant_secrets")[0]["key_id"].clone();
    let before = key_id().await;

    let without_the_older =
        run_with(&machine.database.url, &["reseal"], "", &[("SECRETS_KEY", NEWER_SECRETS_KEY)]).await;
    assert_eq!(
        (without_the_older.code, complaints(&without_the_older).len()),
        (Some(1), 1),
        "{without_the_older:?}"
    );
    let both = format!("{NEWER_SECRETS_KEY},{SECRETS_KEY}");
    let resealed = run_with(&machine.database.url, &["reseal"], "", &[("SECRETS_KEY", &both)]).await;
    assert_eq!(resealed.code, Some(0), "{}", resealed.complained);
    assert!(resealed.said.starts_with("1 "), "{}", resealed.said);
    assert_ne!(key_id().await, before);

    let newer = credentials::sealing::SecretsKeys::parse(NEWER_SECRETS_KEY).unwrap();
    let config = server::config::ServeConfig { secrets_keys: Some(newer.into()), ..config() };
    let moment = Clock::System.now();
    let program = Running::start(&config, &machine.database.store, moment).await;
    let body = br#"{"id":"evt_cli","object":"event","type":"x.y","created":1770737400,"data":{"object":{"object":"x"}}}"#;
    let request = reqwest::Client::new()
        .post(format!("{}/api/webhooks/stripe/acme", program.address))
        .header("stripe-signature", sign(body, secret, moment))
        .body(body.to_vec());
    assert_eq!(request.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn what_cannot_be_done_fails_in_one_line_and_changes_nothing() {
    let machine = Machine::with_acme().await;
    let before = machine.tables().await;
    for (line, input) in [
        ("user add --email ada@acme.example --tenant acme --role viewer", PASSWORD),
        ("user add --email new@acme.example --tenant nobody --role viewer", PASSWORD),
        ("user add --email new@acme.example --tenant acme --role viewer", "password123"),
        ("user add --email new@acme.example --tenant acme --role viewer", ""),
        ("user add --email new@acme.example --tenant acme --role viewer", "\nsecond line"),
        ("user add --email no-address --tenant acme --role viewer", PASSWORD),
        ("user reset-link --email nobody@acme.example", ""),
        ("user disable --email nobody@acme.example", ""),
        ("user grant-platform --email nobody@acme.example", ""),
        ("api-key create --tenant nobody --role viewer", ""),
        ("api-key create --tenant acme --role viewer --scopes manage_members", ""),
        ("tenant secret --tenant nobody --kind stripe_key", "rk_live_secret"),
        ("tenant secret --tenant acme --kind stripe_webhook", "sk_live_secret"),
        ("tenant secret --tenant acme --kind stripe_key", ""),
    ] {
        let outcome = machine.run(line, input).await;
        assert_eq!(outcome.code, Some(1), "{line}: {outcome:?}");
        assert_eq!(complaints(&outcome).len(), 1, "{line}: {outcome:?}");
        assert!(outcome.said.is_empty(), "{line}: {outcome:?}");
        let is_repeated = !input.is_empty() && outcome.complained.contains(input);
        assert!(!is_repeated, "{line}: {outcome:?}");
    }
    assert_eq!(machine.tables().await.differing(&before), [""; 0]);
}

#[tokio::test]
async fn wrong_usage_ends_with_2_before_anything_is_read_or_done() {
    let machine = Machine::with_acme().await;
    let before = machine.tables().await;
    for line in [
        "nothing",
        "user",
        "user add",
        "user add --email new@acme.example",
        "user add --email new@acme.example --role viewer",
        "user add --email new@acme.example --tenant acme",
        "user add --email new@acme.example --tenant acme --role root",
        "user add --email new@acme.example --tenant acme --role viewer --password otters",
        "user add --email new@acme.example --tenant acme --role viewer otters",
        "user reset-link --email ada@acme.example --password otters",
        "tenant add --slug UPPER --name Upper",
        "tenant add --slug ../etc --name Up",
        "tenant add --slug fine --name Fine --currency dollars",
        "tenant add --slug fine --name Fine --timezone Mars/Phobos",
        "tenant secret --tenant acme --kind nothing",
        "tenant secret --tenant acme --kind stripe_key --value rk_live_otters",
        "tenant secret --tenant acme --kind stripe_key rk_live_otters",
        "api-key create --tenant acme",
        "api-key create --tenant acme --role viewer --scopes everything",
        "serve --database-url postgres://otters@localhost/x",
        "serve --secrets-key otters",
        "serve --stripe-webhook-secret whsec_otters",
        "serve --smtp-url smtp://u:otters@localhost",
        "serve --trusted-proxies proxy.example",
        "serve --sign-up perhaps",
        "reseal --key otters",
    ] {
        let outcome = machine.run(line, PASSWORD).await;
        assert_eq!(outcome.code, Some(2), "{line}: {outcome:?}");
        assert!(outcome.said.is_empty() && !outcome.complained.is_empty(), "{line}: {outcome:?}");
    }
    assert_eq!(machine.tables().await.differing(&before), [""; 0]);
}

#[tokio::test]
async fn a_variable_that_cannot_be_what_it_should_is_named_and_not_repeated() {
    let machine = Machine::create().await;
    for (variable, value) in [
        ("SECRETS_KEY", "hunter2"),
        ("SECRETS_KEY", "hunter2hunter2hunter2hunter2hunter2hunter2hu"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_hunter2,"),
        ("SMTP_URL", "smtp://u:hunter2@mail.example?tls=perhaps"),
        ("DATABASE_URL", "mysql://root:hunter2@localhost/x"),
        ("DATABASE_URL", "postgres://root:hunter2@127.0.0.1:1/x"),
        ("DATABASE_URL", "postgres://root:hunter2@[::1/x"),
    ] {
        let outcome = run_with(&machine.database.url, &["doctor"], "", &[(variable, value)]).await;
        assert_eq!(outcome.code, Some(1), "{variable}={value}: {outcome:?}");
        assert_eq!(complaints(&outcome).len(), 1, "{variable}={value}: {outcome:?}");
        assert!(!outcome.complained.contains("hunter2") && !outcome.said.contains("hunter2"), "{outcome:?}");
        let is_named =
            outcome.complained.contains(variable) || value.contains("127.0.0.1") || value.contains("[::1");
        assert!(is_named, "{variable}={value}: {outcome:?}");
    }
}

#[tokio::test]
async fn the_doctor_says_what_is_on_and_shows_no_secret() {
    let machine = Machine::with_acme().await;
    machine.done("tenant secret --tenant acme --kind stripe_key", "rk_live_otters").await;
    let variables = [
        ("STRIPE_WEBHOOK_SECRET", "whsec_otters"),
        ("SMTP_URL", "smtp://u:otters@localhost"),
        ("SIGN_UP", "closed"),
    ];
    let outcome = run_with(&machine.database.url, &["doctor"], "", &variables).await;
    assert_eq!(outcome.code, Some(0));
    assert!(!outcome.said.contains("otters") && !outcome.said.contains(SECRETS_KEY), "{}", outcome.said);
    for line in ["stripe webhooks  on", "credentials      on", "letters          on", "sign-up          off"]
    {
        assert!(outcome.said.contains(line), "{line}: {}", outcome.said);
    }
}

#[tokio::test]
async fn alerts_are_looked_for_on_command() {
    let machine = Machine::with_acme().await;
    let said = machine.done("alerts evaluate --tenant acme", "").await;
    assert_eq!(said, "acme: 0 found, 0 opened, 0 cleared\n");
    let all = machine.done("alerts evaluate", "").await;
    assert!(all.contains("acme: 0 found"), "{all}");
    let outcome = machine.run("alerts evaluate --tenant nobody", "").await;
    assert_eq!(outcome.code, Some(1));
}
