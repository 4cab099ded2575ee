//! A tenant's credentials: sealed, never shown again, and good for that tenant's events alone.

use std::sync::Arc;
use std::time::Duration;

use crate::support::people::{Browser, location};
use crate::support::{Program, Running, SECRET, config, now, tables};
use credentials::sealing::SecretsKeys;
use domain::connection::SecretKind;
use reqwest::Response;
use serde_json::json;
use server::accounts::{Accounts, StoredFor};
use server::config::ServeConfig;
use server::stripe::signature::sign;
use tokio::sync::Mutex;

const CONNECTIONS: &str = "/portal/settings/connections";
const OUR_SECRET: &str = "whsec_quite_our_own_7f3a";
const THEIR_SECRET: &str = "whsec_quite_their_own_9b1c";

/// Keys made of one letter each, the newest first.
fn sealing_with(letters: &str) -> Option<Arc<SecretsKeys>> {
    let keys: Vec<String> = letters.chars().map(|letter| letter.to_string().repeat(42) + "A=").collect();
    Some(Arc::new(SecretsKeys::parse(&keys.join(",")).unwrap()))
}

async fn program() -> Program {
    Program::start_as(ServeConfig { secrets_keys: sealing_with("A"), ..config() }).await
}

async fn store(browser: &mut Browser, kind: &str, value: &str) -> Response {
    browser.post(CONNECTIONS, &[("form", "store"), ("kind", kind), ("value", value)]).await
}

/// Both tenants have a signing secret of their own.
async fn program_with_secrets() -> Program {
    let program = program().await;
    assert_eq!(store(&mut program.admin.clone(), "stripe_webhook", OUR_SECRET).await.status(), 303);
    let mut them = program.browser(&program.people.their_admin).await;
    assert_eq!(store(&mut them, "stripe_webhook", THEIR_SECRET).await.status(), 303);
    program
}

fn payment(id: &str, tenant_id: Option<&str>) -> Vec<u8> {
    let metadata = tenant_id.map_or(json!({}), |id| json!({ "tenant_id": id }));
    let charge = json!({
        "id": format!("ch_{id}"), "object": "charge", "amount": 1000, "amount_captured": 1000,
        "amount_refunded": 0, "captured": true, "created": now().as_second() - 60, "currency": "usd",
        "paid": true, "status": "succeeded", "metadata": metadata,
    });
    let event = json!({
        "id": format!("evt_{id}"), "object": "event", "type": "charge.succeeded",
        "created": now().as_second() - 60, "livemode": false, "data": { "object": charge },
    });
    serde_json::to_vec(&event).unwrap()
}

async fn deliver(address: &str, slug: &str, secret: &str, body: &[u8]) -> u16 {
    let request = reqwest::Client::new()
        .post(format!("{address}/api/webhooks/stripe{slug}"))
        .header("stripe-signature", sign(body, secret, now()))
        .header("content-type", "application/json; charset=utf-8")
        .body(body.to_vec());
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_credential_is_sealed_and_never_shown_again() {
    let program = program().await;
    let mut admin = program.admin.clone();
    for (kind, value) in [
        ("stripe_webhook", "whsec_sealed_one"),
        ("stripe_key", "rk_live_sealed_two"),
        ("heyreach", "sealed three with spaces"),
        ("slack_webhook", "https://hooks.slack.example/sealed-four"),
    ] {
        assert_eq!(
            location(&store(&mut admin, kind, value).await),
            "/portal/settings/connections?done=secret-stored"
        );
        assert_eq!(program.tables().await.holding(value), [""; 0], "{kind}");
        for page in [CONNECTIONS, "/portal/settings/audit-log", "/api/audit-log.csv"] {
            assert!(!admin.text(page).await.contains(value), "{page} {kind}");
        }
    }
    assert!(admin.text(CONNECTIONS).await.contains("stored by"));
}

#[tokio::test]
async fn what_cannot_be_a_credential_is_refused_and_not_shown_again() {
    let program = program().await;
    let long = "x".repeat(2_001);
    let before = program.tables().await;
    for (kind, value) in [
        ("stripe_webhook", "sk_live_not_a_signing_secret"),
        ("stripe_webhook", "whsec_one,sk_live_two"),
        ("stripe_webhook", "whsec_one,"),
        ("stripe_webhook", "whsec_"),
        ("stripe_webhook", "whsec_one two"),
        ("stripe_key", "   "),
        ("stripe_key", "line\nbreak"),
        ("stripe_key", "nul\0byte"),
        ("stripe_key", "schlüssel"),
        ("stripe_key", &long),
        ("nothing_known", "a-value-of-a-kind"),
    ] {
        let answer = store(&mut program.admin.clone(), kind, value).await;
        assert_eq!(answer.status(), 422, "{kind} {value:?}");
        let page = answer.text().await.unwrap();
        assert!(value.trim().is_empty() || !page.contains(&format!("value=\"{value}\"")), "{kind} {value:?}");
    }
    assert_eq!(program.tables().await.differing(&before), [""; 0]);
}

#[tokio::test]
async fn without_a_key_nothing_is_stored() {
    let program = Program::start().await;
    let before = program.tables().await;
    let answer = store(&mut program.admin.clone(), "stripe_key", "rk_live_unsealed").await;
    assert_eq!(answer.status(), 409);
    assert!(!answer.text().await.unwrap().contains("rk_live_unsealed"));
    assert_eq!(program.tables().await.differing(&before), [""; 0]);
    assert_eq!(deliver(&program.address, "/default", OUR_SECRET, &payment("one", None)).await, 404);
}

#[tokio::test]
async fn each_endpoint_takes_what_its_tenant_signed_and_nothing_else() {
    let program = program_with_secrets().await;
    let body = payment("one", None);
    for (slug, secret, expected) in [
        ("/default", THEIR_SECRET, 400),
        ("/theirs", OUR_SECRET, 400),
        ("/default", SECRET, 400),
        ("/theirs", SECRET, 400),
        ("", OUR_SECRET, 400),
        ("", THEIR_SECRET, 400),
        ("/default", OUR_SECRET, 200),
        ("/theirs", THEIR_SECRET, 200),
    ] {
        assert_eq!(deliver(&program.address, slug, secret, &body).await, expected, "{slug} {secret}");
    }
    let database = &program.ledger.database;
    assert_eq!(database.event_ids(program.ledger.ours.id).await, ["evt_one"]);
    assert_eq!(database.event_ids(program.ledger.theirs.id).await, ["evt_one"], "one id under two tenants");
    program.ledger.apply().await;
    assert_eq!(program.ledger.sums(&program.ledger.ours).await["usd"].net, 1_000);
    assert_eq!(program.ledger.sums(&program.ledger.theirs).await["usd"].net, 1_000);
}

#[tokio::test]
async fn an_event_at_a_tenants_endpoint_stays_there_whatever_it_names() {
    let program = program_with_secrets().await;
    let ours = program.ledger.ours.id.to_string();
    let body = payment("smuggled", Some(&ours));
    assert_eq!(deliver(&program.address, "/theirs", THEIR_SECRET, &body).await, 200);
    assert!(program.ledger.database.event_ids(program.ledger.ours.id).await.is_empty());
    assert_eq!(program.ledger.database.event_ids(program.ledger.theirs.id).await, ["evt_smuggled"]);
}

#[tokio::test]
async fn an_endpoint_that_is_none_or_has_no_secret_is_not_found() {
    let program = program().await;
    let (body, before) = (payment("one", None), program.tables().await);
    let long = format!("/{}", "a".repeat(500));
    for slug in [
        "/default",
        "/theirs",
        "/nobody",
        "/%2e%2e",
        "/..%2fdefault",
        "/default%00",
        "/DEFAULT",
        "/'%20or%201=1--",
        &long,
        "/default/more",
        "/",
    ] {
        assert_eq!(deliver(&program.address, slug, SECRET, &body).await, 404, "{slug}");
    }
    assert_eq!(program.tables().await.differing(&before), [""; 0]);
}

#[tokio::test]
async fn two_signing_secrets_count_while_one_replaces_the_other() {
    let program = program_with_secrets().await;
    let mut admin = program.admin.clone();
    let both = format!("whsec_the_new_one, {OUR_SECRET}");
    for (stored, old, new) in [(OUR_SECRET, 200, 400), (&both, 200, 200), ("whsec_the_new_one", 400, 200)] {
        assert_eq!(store(&mut admin, "stripe_webhook", stored).await.status(), 303);
        let (a, b) = (payment("old", None), payment("new", None));
        assert_eq!(deliver(&program.address, "/default", OUR_SECRET, &a).await, old, "{stored}");
        assert_eq!(deliver(&program.address, "/default", "whsec_the_new_one", &b).await, new, "{stored}");
    }
    let remove = [("form", "remove"), ("kind", "stripe_webhook")];
    assert_eq!(admin.post(CONNECTIONS, &remove).await.status(), 303);
    assert_eq!(deliver(&program.address, "/default", "whsec_the_new_one", &payment("late", None)).await, 404);
    assert_eq!(admin.post(CONNECTIONS, &remove).await.status(), 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_a_secret_is_replaced_and_events_flow_none_is_refused() {
    let program = program_with_secrets().await;
    let signed_with = Arc::new(Mutex::new(OUR_SECRET));
    let senders: Vec<_> = (0..4)
        .map(|sender| {
            let (address, signed_with) = (program.address.clone(), signed_with.clone());
            tokio::spawn(async move {
                let mut sent = 0;
                while !signed_with.lock().await.is_empty() {
                    // Held while it is on its way: the sender changes secrets between two events.
                    let secret = signed_with.lock().await;
                    if secret.is_empty() {
                        break;
                    }
                    let body = payment(&format!("{sender}x{sent}"), None);
                    assert_eq!(deliver(&address, "/default", *secret, &body).await, 200, "event {sent}");
                    sent += 1;
                }
                sent
            })
        })
        .collect();
    let mut admin = program.admin.clone();
    let mut old = OUR_SECRET;
    for new in ["whsec_second", "whsec_third", "whsec_fourth"] {
        assert_eq!(store(&mut admin, "stripe_webhook", &format!("{new},{old}")).await.status(), 303);
        *signed_with.lock().await = new;
        assert_eq!(store(&mut admin, "stripe_webhook", new).await.status(), 303);
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(deliver(&program.address, "/default", old, &payment("late", None)).await, 400);
        old = new;
    }
    *signed_with.lock().await = "";
    let mut sent = 0;
    for sender in senders {
        sent += sender.await.unwrap();
    }
    assert!(sent > 10, "{sent}");
    assert_eq!(program.ledger.database.event_ids(program.ledger.ours.id).await.len(), sent);
}

#[tokio::test]
async fn a_secret_another_process_stored_counts_at_once_and_the_old_one_soon_no_longer() {
    let program = program_with_secrets().await;
    let ours = StoredFor { tenant: program.ledger.ours.id, kind: SecretKind::StripeWebhook };
    let send = async |id: &str, secret: &str| {
        deliver(&program.address, "/default", secret, &payment(id, None)).await
    };
    assert_eq!(send("one", OUR_SECRET).await, 200);

    under(&program, "A").provision_secret(ours, "whsec_from_elsewhere").await.unwrap();

    assert_eq!(send("two", "whsec_from_elsewhere").await, 200);
    assert_eq!(send("three", OUR_SECRET).await, 400, "what was looked up anew is remembered");
    under(&program, "A").provision_secret(ours, "whsec_once_more").await.unwrap();
    for _ in 0..100 {
        if send("four", "whsec_from_elsewhere").await == 400 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("a secret that was taken away counts for ever");
}

#[tokio::test]
async fn a_sealed_credential_opens_for_its_own_tenant_and_kind_only() {
    let program = program_with_secrets().await;
    let (ours, theirs) = (program.ledger.ours.id, program.ledger.theirs.id);
    let secret = async |tenant, kind| {
        let stored = program.accounts().secret(StoredFor { tenant, kind }).await.unwrap();
        stored.map(|text| text.reveal().to_owned())
    };
    assert_eq!(secret(ours, SecretKind::StripeWebhook).await.as_deref(), Some(OUR_SECRET));
    let url = &program.ledger.database.url;

    let copied = format!(
        "update tenant_secrets t set sealed = o.sealed, key_id = o.key_id from tenant_secrets o
        where o.tenant_id = '{ours}' and t.tenant_id = '{theirs}';
        insert into tenant_secrets select tenant_id, 'stripe_key', key_id, sealed, updated_by, updated_at
        from tenant_secrets where tenant_id = '{ours}'"
    );
    tables::run(url, &copied).await.unwrap();

    assert_eq!(secret(theirs, SecretKind::StripeWebhook).await, None);
    assert_eq!(secret(ours, SecretKind::StripeKey).await, None);
    assert_eq!(secret(ours, SecretKind::StripeWebhook).await.as_deref(), Some(OUR_SECRET));
}

/// The same data under other keys.
fn under(program: &Program, letters: &str) -> Accounts {
    Accounts { secrets_keys: sealing_with(letters), ..program.accounts() }
}

#[tokio::test]
async fn credentials_outlive_the_key_they_were_sealed_with_once_they_are_sealed_anew() {
    let program = program_with_secrets().await;
    let ours = StoredFor { tenant: program.ledger.ours.id, kind: SecretKind::StripeWebhook };
    let opens = async |letters: &str| under(&program, letters).secret(ours).await.unwrap().is_some();
    assert!(opens("BA").await && !opens("B").await);
    assert!(under(&program, "B").reseal(ours.tenant).await.is_err(), "the old key is needed once more");
    assert!(opens("A").await, "what could not be sealed anew stays as it was");

    assert_eq!(under(&program, "BA").reseal(ours.tenant).await.unwrap(), 1);

    assert_eq!(under(&program, "BA").reseal(ours.tenant).await.unwrap(), 0);
    assert!(opens("B").await && !opens("A").await);
    let renewed = ServeConfig { secrets_keys: sealing_with("B"), ..config() };
    let running = Running::start(&renewed, program.ledger.store(), now()).await;
    assert_eq!(deliver(&running.address, "/default", OUR_SECRET, &payment("one", None)).await, 200);
    assert_eq!(deliver(&running.address, "/theirs", THEIR_SECRET, &payment("two", None)).await, 404);
}
