//! The webhook as Stripe meets it.

use std::io::Write as _;

use crate::support::{Program, SECRET, bodies_in, now};
use server::stripe::signature::sign;

fn payment() -> Vec<u8> {
    bodies_in("composed/2025-03-31.basil/b_oneoff_refunds").swap_remove(1).1
}

#[tokio::test]
async fn a_signed_event_is_acknowledged_once_and_then_known() {
    let program = Program::start().await;
    let first = program.post_event(&payment()).await;
    assert_eq!(first.status(), 200);
    let first: serde_json::Value = first.json().await.unwrap();
    assert_eq!(first["received"], true);
    assert_eq!(first["duplicate"], false);
    assert!(first["event_id"].as_str().unwrap().starts_with("evt_"));
    let again: serde_json::Value = program.post_event(&payment()).await.json().await.unwrap();
    assert_eq!(again["duplicate"], true);
}

#[tokio::test]
async fn an_unsigned_changed_or_stale_event_is_refused_and_not_kept() {
    let program = Program::start().await;
    let body = payment();
    let mut changed = body.clone();
    let digit = changed.iter().rposition(u8::is_ascii_digit).unwrap();
    changed[digit] = if changed[digit] == b'1' { b'2' } else { b'1' };
    let stale = sign(&body, SECRET, now() - jiff::SignedDuration::from_secs(301));
    let good = sign(&body, SECRET, now());
    for (body, signature) in [
        (&body, None),
        (&body, Some("")),
        (&body, Some(stale.as_str())),
        (&body, Some(&*sign(&body, "whsec_other", now()))),
        (&changed, Some(good.as_str())),
    ] {
        let response = program.post_with(body, signature).await;
        assert_eq!(response.status(), 400);
        let error: serde_json::Value = response.json().await.unwrap();
        assert_eq!(error["error"]["code"], "invalid_signature");
        assert!(!error["error"]["request_id"].as_str().unwrap().is_empty());
    }
    assert!(program.ledger.database.event_ids(program.ledger.ours.id).await.is_empty());
}

#[tokio::test]
async fn fifty_copies_at_once_are_one_event_and_one_row() {
    let program = Program::start().await;
    let body = payment();
    let posts = (0..50).map(|_| program.post_event(&body));
    let answers = futures::future::join_all(posts).await;
    assert!(answers.iter().all(|answer| answer.status() == 200));
    program.ledger.apply().await;
    assert_eq!(program.ledger.database.event_ids(program.ledger.ours.id).await.len(), 1);
    assert_eq!(program.ledger.sums(&program.ledger.ours).await["usd"].net, 49_900);
}

#[tokio::test]
async fn an_event_shows_in_the_api_within_two_seconds() {
    let program = Program::start().await;
    assert_eq!(program.post_event(&payment()).await.status(), 200);
    let path = "/api/analytics/revenue?from=2026-02-01&to=2026-02-28&granularity=month";
    for _ in 0..20 {
        if program.get_json(path).await["total_revenue"] == 49_900 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the payment did not show within two seconds");
}

#[tokio::test]
async fn a_body_that_is_too_large_or_encoded_is_refused() {
    let program = Program::start().await;
    let large = vec![b' '; 10 * 1024 * 1024];
    assert_eq!(program.post_event(&large).await.status(), 413);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&payment()).unwrap();
    let packed = packed.finish().unwrap();
    let response = program
        .client
        .post(format!("{}/api/webhooks/stripe", program.address))
        .header("stripe-signature", sign(&packed, SECRET, now()))
        .header("content-encoding", "gzip")
        .body(packed)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 415);
}

#[tokio::test]
async fn deep_nesting_is_refused_without_harm() {
    let program = Program::start().await;
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let body = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        assert_eq!(program.post_event(body.as_bytes()).await.status(), 400);
    }
    assert_eq!(program.get("/healthz").await.status(), 200);
}

#[tokio::test]
async fn other_methods_and_unconfigured_endpoints_answer_in_the_envelope() {
    let program = Program::start_with(None).await;
    let unconfigured = program.post_event(&payment()).await;
    assert_eq!(unconfigured.status(), 404);
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let request = program
            .client
            .request(method.parse().unwrap(), format!("{}/api/webhooks/stripe", program.address));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 405, "{method}");
        let error: serde_json::Value = response.json().await.unwrap();
        assert_eq!(error["error"]["code"], "method_not_allowed", "{method}");
    }
    let unknown: serde_json::Value = program.get("/api/nothing").await.json().await.unwrap();
    assert_eq!(unknown["error"]["code"], "not_found");
}
