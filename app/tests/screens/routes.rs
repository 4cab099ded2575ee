//! Which address shows what, and with which status.

use app::port::AskError;

use crate::desk::FixedDesk;
use crate::document::{Answer, at};

async fn calm(address: &str) -> Answer {
    at(address, FixedDesk::default()).await
}

async fn refusing(error: AskError) -> Answer {
    at("/portal/revenue", FixedDesk { error: Some(error), ..FixedDesk::default() }).await
}

#[tokio::test]
async fn the_main_screen_has_two_addresses_and_names_the_one_to_keep() {
    for address in ["/", "/portal/command-center"] {
        let answer = calm(address).await;
        assert_eq!(answer.status, 200);
        assert!(answer.says("<title>Overview · Command Center</title>"), "{address}");
        assert!(answer.says(r#"<link href="/portal/command-center" rel="canonical">"#));
    }
}

#[tokio::test]
async fn the_document_names_every_file_it_needs_and_no_style_attribute() {
    let html = calm("/portal/command-center").await.html;
    for part in [
        r#"<html lang="en">"#,
        r#"<link rel="stylesheet" href="preview.css">"#,
        r#"<link id="islands-script" rel="modulepreload" href="none.js">"#,
        r#"href="none.wasm""#,
        r#"<leptos-island data-component="LiveRefresh"#,
        r##"<a href="#main" class="skip">"##,
    ] {
        assert!(html.contains(part), "{part}");
    }
    assert!(!html.contains("style="));
    assert_eq!(html.matches("<script").count(), 1);
}

#[tokio::test]
async fn an_address_that_leads_nowhere_is_404() {
    let answer = calm("/portal/nowhere").await;
    assert_eq!(answer.status, 404);
    assert!(answer.says("There is nothing at this address"));
}

#[tokio::test]
async fn another_tenant_does_not_exist() {
    let answer = refusing(AskError::UnknownTenant).await;
    assert_eq!(answer.status, 404);
    assert!(answer.says("There is nothing at this address"));
}

#[tokio::test]
async fn a_wrong_question_is_400_and_keeps_what_was_typed() {
    let answer = calm("/portal/command-center?from=2026-09-02&to=2026-09-01&granularity=month").await;
    assert_eq!(answer.status, 400);
    for part in [
        r#"role="alert""#,
        "From must not be after to.",
        r#"value="2026-09-02""#,
        r#"value="2026-09-01""#,
        r#"<input type="hidden" name="granularity" value="month">"#,
    ] {
        assert!(answer.says(part), "{part}");
    }
}

#[tokio::test]
async fn a_wrong_question_cannot_write_into_the_page() {
    let address = "/portal/command-center?from=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&to=2026-09-01";
    let answer = calm(address).await;
    assert_eq!(answer.status, 400);
    assert!(!answer.says("<script>alert"));
}

#[tokio::test]
async fn a_failure_of_ours_is_500_with_its_reference() {
    let answer = refusing(AskError::Ours { reference: "7f3a9c".to_owned() }).await;
    assert_eq!(answer.status, 500);
    assert!(answer.says("7f3a9c"));
    assert!(answer.says("Try again"));
}

#[tokio::test]
async fn empty_fields_of_a_form_ask_for_nothing() {
    let answer = calm("/portal/revenue?period=90d&channel=&kind=&from=&to=").await;
    assert_eq!(answer.status, 200);
    assert!(answer.says("All rows of the ledger, Aug 23 – Nov 20, 2026."));
}
