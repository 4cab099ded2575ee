//! What hostile callers ask of figures: refused or empty, never obeyed.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{Program, bodies_in};

/// Endpoints, and the names they take beside `tenant_id`.
const ENDPOINTS: [(&str, &[&str]); 6] = [
    (
        "/api/analytics/revenue",
        &["from", "to", "period", "granularity", "attribution", "compare", "compare_from", "format", "table"],
    ),
    ("/api/analytics/mrr", &["from", "to", "period", "granularity", "compare", "format", "table"]),
    ("/api/analytics/unit-economics", &["from", "to", "period", "format", "table"]),
    ("/api/analytics/command-center", &["from", "to", "period", "granularity", "funnel", "format", "table"]),
    ("/api/dashboard/kpis", &["from", "to", "period"]),
    (
        "/api/ledger",
        &[
            "from",
            "to",
            "channel",
            "kind",
            "class",
            "currency",
            "without",
            "stripe_id",
            "review",
            "cursor",
            "limit",
        ],
    ),
];

/// Encoded as an address holds them.
const HOSTILE: [&str; 8] = [
    "%27%20OR%201%3D1--",
    "%00",
    "%7B%24ne%3A1%7D",
    "month%3Bdrop%20table%20revenue_events",
    "WEEK",
    "9999-99-99",
    "1767225600",
    "%F0%9F%92%A5",
];

#[tokio::test]
async fn no_parameter_takes_what_was_not_meant_for_it() {
    let program = Program::start().await;
    for (_, body) in bodies_in("composed/2026-09-30.endive/a_subscription_life") {
        program.ledger.send(&body).await;
    }
    program.ledger.apply().await;
    let before = program.ledger.database.ledger_text(program.ledger.ours.id).await;
    // The longest the tests' own client sends.
    let long = "a".repeat(60_000);
    // Nobody may ask all of it at once.
    let people = &program.people;
    let mut askers = Vec::new();
    for who in [&people.viewer, &people.operator, &people.owner] {
        askers.push(program.browser(who).await);
    }
    for ((path, names), asker) in ENDPOINTS.into_iter().zip(askers.iter().cycle()) {
        for name in names.iter().copied().chain(["tenant_id", "sort", "order_by", "columns"]) {
            for hostile in HOSTILE.into_iter().chain([long.as_str()]) {
                let answer = asker.get(&format!("{path}?{name}={hostile}")).await;
                let status = answer.status().as_u16();
                let asked = format!("{path}?{name}={hostile:.40}: {status}");
                match status {
                    400 => {
                        let told: Value = answer.json().await.unwrap();
                        assert!(told["error"]["message"].is_string(), "{asked}");
                    }
                    // A name there is nothing of: looked for, as text, and not found.
                    200 => {
                        let rows: Value = answer.json().await.unwrap();
                        assert!(["channel", "stripe_id"].contains(&name), "{asked}");
                        assert_eq!(rows["row_count"], 0, "{asked}");
                    }
                    _ => assert!([404, 414, 431].contains(&status), "{asked}"),
                }
            }
        }
    }
    assert!([400, 414, 431].contains(&asked_plainly(&program, &"a".repeat(100_000)).await));
    // A product's name may be anything; there is none of this one.
    let rows = program.get_json("/api/ledger?product=%27%20OR%201%3D1--&from=2020-01-01&to=2026-12-31").await;
    assert_eq!((&rows["row_count"], &rows["sum"]), (&0.into(), &0.into()));
    assert_eq!(program.ledger.database.ledger_text(program.ledger.ours.id).await, before);
}

/// The status of the answer to an address longer than clients send.
async fn asked_plainly(program: &Program, product: &str) -> u16 {
    let host = program.address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request =
        format!("GET /api/ledger?product={product} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // What comes after the status may be cut off: the rest of the request is not waited for.
    drop(stream.read_to_end(&mut answer).await);
    let answer = String::from_utf8_lossy(&answer);
    answer
        .split_whitespace()
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or_else(|| panic!("{answer}"))
}
