//! The connections page: tools are connected, read and disconnected there, by who may, and seen by everybody.

use std::time::Duration;

use connectors::fakes::{Account, KEY};
use domain::connection::Tool;

use crate::support::Program;
use crate::support::people::{Browser, location};
use crate::support::tools::Tools;

const PAGE: &str = "/portal/settings/connections";

async fn connect(browser: &mut Browser, key: &str, base: &str) -> reqwest::Response {
    let fields = [("form", "connect"), ("tool", "plusvibe"), ("value", key), ("base", base)];
    browser.post(PAGE, &fields).await
}

/// What the page says once it says this.
async fn once_it_says(browser: &Browser, words: &str) -> String {
    for _ in 0..300 {
        let shown = browser.text(PAGE).await;
        if shown.contains(words) {
            return shown;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the page never says {words}: {}", browser.text(PAGE).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tool_is_connected_read_and_disconnected_on_the_page() {
    let tools = Tools::open(|| Account::filled(2, 5)).await;
    let program = Program::start_as(tools.config()).await;
    let mut admin = program.admin.clone();
    assert!(admin.text(PAGE).await.contains("Not connected"));
    let wrong = connect(&mut admin, "a-wrong-key", "").await;
    assert_eq!(wrong.status(), 422);
    let said = wrong.text().await.unwrap();
    assert!(said.contains("PlusVibe does not take this key: it refused (401): Unauthorized"), "{said}");
    assert!(!said.contains("a-wrong-key"));
    assert_eq!(program.tables().await.rows("tenant_secrets").len(), 0, "what is not taken is not kept");

    let connected = connect(&mut admin, KEY, "").await;
    assert_eq!(location(&connected), "/portal/settings/connections?done=tool-connected");
    let shown = admin.text(PAGE).await;
    assert!(shown.contains("Its key may ") && shown.contains("pause campaigns"), "{shown}");
    assert!(!shown.contains(KEY) && program.tables().await.holding(KEY).is_empty());
    let begun = admin.post(PAGE, &[("form", "sync"), ("tool", "plusvibe")]).await;
    assert_eq!(location(&begun), "/portal/settings/connections?done=sync-started");
    // Two campaigns, ten people, eight first messages and three replies.
    once_it_says(&admin, "23 came, 23 new, 0 changed, 0 as before, 0 not taken").await;

    let ended = admin.post(PAGE, &[("form", "disconnect"), ("tool", "plusvibe")]).await;
    assert_eq!(location(&ended), "/portal/settings/connections?done=tool-disconnected");
    assert!(admin.text(PAGE).await.contains("Disconnected"));
    let tables = program.tables().await;
    assert_eq!((tables.rows("tenant_secrets").len(), tables.rows("leads").len()), (0, 10));
    let again = admin.post(PAGE, &[("form", "sync"), ("tool", "plusvibe")]).await;
    assert_eq!(again.status(), 409);
    let deeds: Vec<String> =
        program.audit_log().await.iter().map(|line| line["deed"].as_str().unwrap().to_owned()).collect();
    for deed in ["tool_connected", "sync_started", "tool_disconnected"] {
        assert!(deeds.contains(&deed.to_owned()), "{deed}: {deeds:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_viewer_sees_tools_and_no_secrets_and_an_operator_has_them_read() {
    let tools = Tools::open(|| Account::filled(1, 2)).await;
    let program = Program::start_as(tools.config()).await;
    assert_eq!(connect(&mut program.admin.clone(), KEY, "").await.status(), 303);
    let viewer = program.browser(&program.people.viewer).await;
    let shown = viewer.text(PAGE).await;
    assert!(shown.contains("PlusVibe") && shown.contains("Connected"));
    for hidden in
        ["Credentials", "Past payments", "value=\"connect\"", "value=\"sync\"", "value=\"disconnect\""]
    {
        assert!(!shown.contains(hidden), "{hidden}");
    }
    let mut operator = program.browser(&program.people.operator).await;
    assert!(operator.text(PAGE).await.contains("value=\"sync\""));
    assert_eq!(operator.post(PAGE, &[("form", "sync"), ("tool", "plusvibe")]).await.status(), 303);
    once_it_says(&operator, "5 came, 5 new").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_leads_into_our_own_network_is_refused_before_a_key_is_sent_there() {
    let tools = Tools::open(|| Account::filled(1, 2)).await;
    let program = Program::start_as(tools.config()).await;
    let mut admin = program.admin.clone();
    let here = tools.fakes[&Tool::PlusVibe].address.clone();
    for base in [
        here.as_str(),
        "https://127.0.0.1",
        "https://169.254.169.254/latest",
        "https://db.internal",
        "ftp://a.example",
    ] {
        let refused = connect(&mut admin, KEY, base).await;
        assert_eq!(refused.status(), 422, "{base}");
        assert!(refused.text().await.unwrap().contains("This is a public https address"), "{base}");
    }
    assert_eq!(tools.with(Tool::PlusVibe, |account| account.asked.len()), 0);
}
