//! What a browser is allowed to do with our answers, and who may ask.

use crate::support::Program;

fn nonce_in(policy: &str) -> &str {
    policy.split_once("'nonce-").unwrap().1.split_once('\'').unwrap().0
}

#[tokio::test]
async fn a_page_runs_its_own_script_and_no_other() {
    let program = Program::start().await;
    let mut nonces = Vec::new();
    for path in ["/portal/command-center", "/portal/revenue", "/nothing/here"] {
        let response = program.get(path).await;
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        for rule in ["default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert!(!policy.contains("'unsafe-"), "{path}: {policy}");
        let nonce = nonce_in(&policy).to_owned();
        let html = response.text().await.unwrap();
        let carries_nonce = |tag: &str| tag.contains(&format!("nonce=\"{nonce}\""));
        let scripts: Vec<&str> = html
            .split("<script")
            .skip(1)
            .filter_map(|rest| rest.split_once('>'))
            .map(|(tag, _)| tag)
            .collect();
        assert!(!scripts.is_empty() && scripts.iter().all(|tag| carries_nonce(tag)), "{path}: {scripts:?}");
        assert!(!html.contains(" style=\"") && !html.contains("<style"), "{path}");
        nonces.push(nonce);
    }
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), 3, "every answer has a nonce of its own");
}

#[tokio::test]
async fn every_answer_has_its_headers_also_when_it_is_a_refusal() {
    let program = Program::start().await;
    for path in [
        "/",
        "/portal/revenue",
        "/nothing",
        "/api/nothing",
        "/api/analytics/revenue",
        "/healthz",
        "/assets/none.js",
    ] {
        let response = program.get(path).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(response.headers()[name], value, "{path}");
        }
        assert!(response.headers().contains_key("content-security-policy"), "{path}");
        assert!(!response.headers().contains_key("access-control-allow-origin"), "{path}");
    }
}

#[tokio::test]
async fn a_foreign_host_name_leads_nowhere() {
    let program = Program::start().await;
    for host in ["evil.example", "127.0.0.1.evil.example:3000"] {
        for path in ["/portal/command-center", "/api/analytics/revenue", "/api/events"] {
            let request = program.client.get(format!("{}{path}", program.address)).header("host", host);
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), 421, "{host} {path}");
            assert!(!response.text().await.unwrap().contains("total_revenue"));
        }
    }
}

#[tokio::test]
async fn pages_and_tables_come_compressed_to_who_takes_them_so_and_what_is_live_does_not_wait() {
    let program = Program::start().await;
    let coded = async |path: &str, takes: &str| {
        let response = program.get_taking(path, takes).await;
        assert_eq!(response.status(), 200, "{path}");
        response.headers().get("content-encoding").map(|coding| coding.to_str().unwrap().to_owned())
    };
    for path in ["/portal/command-center", "/api/analytics/command-center", "/api/openapi.json"] {
        assert_eq!(coded(path, "gzip, br").await.as_deref(), Some("gzip"), "{path}");
        assert_eq!(coded(path, "identity").await, None, "{path}");
    }
    for path in ["/api/events", "/healthz"] {
        assert_eq!(coded(path, "gzip, br").await, None, "{path}");
    }
}
