//! What every answer keeps to: no credentials no data, nothing cached, nothing lent to other sites.

use std::collections::BTreeMap;

use crate::support::people::PASSWORD;
use crate::support::{Program, config};
use reqwest::header::{ACCESS_CONTROL_ALLOW_ORIGIN, AUTHORIZATION, COOKIE, ORIGIN};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use server::config::ServeConfig;
use server::http::routes;

const API: [&str; 11] = [
    "/api/analytics/command-center",
    "/api/analytics/mrr",
    "/api/analytics/revenue",
    "/api/analytics/unit-economics",
    "/api/dashboard/kpis",
    "/api/audit-log.csv",
    "/api/dunning",
    "/api/events",
    "/api/ledger",
    "/api/restatements",
    "/api/stripe-events",
];

#[tokio::test]
async fn the_api_answers_who_is_nobody_with_401_and_no_redirect() {
    let program = Program::start().await;
    let token = credentials::tokens::Token::draw().text();
    let mut expired = program.admin.clone();
    expired.post("/logout", &[("form", "sign_out")]).await;
    let their_browser = program.browser(&program.people.their_admin).await;
    let good = their_browser.cookie.clone().unwrap();
    let ways: [(&str, &dyn Fn(RequestBuilder) -> RequestBuilder); 9] = [
        ("nothing", &|request| request),
        ("a cookie nobody has", &|request| request.header(COOKIE, format!("session={token}"))),
        ("an empty cookie", &|request| request.header(COOKIE, "session=")),
        ("SQL for a cookie", &|request| request.header(COOKIE, "session=' or 1=1 --")),
        ("a cookie as a key", &|request| request.header(AUTHORIZATION, good.replace("session=", "Bearer "))),
        ("a key nobody has", &|request| request.bearer_auth(format!("cc_{token}"))),
        ("no key", &|request| request.bearer_auth("")),
        ("another scheme", &|request| request.header(AUTHORIZATION, format!("Basic {token}"))),
        ("a wrong key with a good cookie", &|request| request.bearer_auth("cc_wrong").header(COOKIE, &good)),
    ];
    for path in API {
        for (what, with) in ways {
            let response =
                with(program.client.get(format!("{}{path}", program.address))).send().await.unwrap();
            assert_eq!(response.status(), 401, "{path} with {what}");
            assert_eq!(response.headers()["www-authenticate"], "Bearer", "{path} with {what}");
            let body: Value = response.json().await.unwrap();
            assert_eq!(body["error"]["code"], "unauthorized", "{path} with {what}");
            assert_eq!(body.as_object().unwrap().len(), 1, "{path} with {what}");
        }
    }
}

/// What somebody signed in asks for, good and bad, and how it is answered.
async fn answers_of_a_tenant(program: &Program) -> BTreeMap<String, reqwest::Response> {
    let mut answers = BTreeMap::new();
    for route in routes().into_iter().filter(|route| route.method == "GET") {
        if route.path == "/healthz" || route.path == "/readyz" {
            continue;
        }
        for query in ["", "?tenant_id=00000000-0000-0000-0000-000000000000", "?from=rubbish"] {
            let path = format!("{}{query}", route.path);
            answers.insert(format!("GET {path}"), program.admin.get(&path).await);
            answers.insert(format!("GET {path} by nobody"), program.stranger().get(&path).await);
        }
    }
    for (path, fields) in [
        (
            "/portal/settings/members",
            &[("form", "invite"), ("email", "a@mail.example"), ("role", "viewer")][..],
        ),
        ("/portal/settings/members", &[("form", "invite"), ("email", "nobody")]),
        ("/portal/settings/account", &[("form", "name"), ("name", "Ada")]),
        ("/portal/settings/tenant", &[("form", "none")]),
        ("/login", &[("form", "sign_in"), ("email", "admin@ours.example"), ("password", PASSWORD)]),
        ("/login", &[("form", "sign_in"), ("email", "admin@ours.example"), ("password", "wrong")]),
    ] {
        for (who, browser) in [("admin", program.admin.clone()), ("nobody", program.stranger())] {
            let answer = browser.clone().post(path, fields).await;
            answers.insert(format!("POST {path} {fields:?} by {who}"), answer);
        }
    }
    answers
}

#[tokio::test]
async fn no_cache_keeps_what_a_tenant_was_answered() {
    let program = Program::start().await;
    for (what, answer) in answers_of_a_tenant(&program).await {
        let cache = answer.headers().get("cache-control").map(|value| value.to_str().unwrap());
        assert_eq!(cache, Some("private, no-store"), "{what}, {}", answer.status());
    }
}

#[tokio::test]
async fn under_https_every_answer_says_to_come_by_nothing_else() {
    let public_url = Some("https://gtm.example.com".to_owned());
    let program = Program::start_as(ServeConfig { public_url, ..config() }).await;
    for path in
        ["/", "/login", "/nothing", "/api/nothing", "/api/analytics/revenue", "/healthz", "/assets/none.js"]
    {
        let response = program.stranger().get(path).await;
        let told = response.headers().get("strict-transport-security").map(|value| value.to_str().unwrap());
        assert_eq!(told, Some("max-age=63072000; includeSubDomains"), "{path}");
    }
    let refused = program.client.get(&program.address).header("host", "evil.example").send().await.unwrap();
    assert!(refused.headers().contains_key("strict-transport-security"));
    let plain = Program::start().await.stranger().get("/login").await;
    assert!(
        !plain.headers().contains_key("strict-transport-security"),
        "localhost must not be locked out of http"
    );
}

#[tokio::test]
async fn other_methods_tell_nothing_and_other_sites_are_lent_nothing() {
    let program = Program::start().await;
    let before = program.tables().await;
    for path in API.into_iter().chain(["/portal/revenue", "/portal/settings/members", "/login"]) {
        for method in ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"] {
            if (method, path) == ("HEAD", "/api/audit-log.csv") {
                continue;
            }
            let request = program.admin.request(method.parse().unwrap(), path);
            let request = request
                .header(ORIGIN, "https://evil.example")
                .header("access-control-request-method", "GET")
                .header("access-control-request-headers", "authorization");
            let response = request.send().await.unwrap();
            let what = format!("{method} {path}");
            assert!(!response.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN), "{what}");
            assert!(!response.headers().contains_key("access-control-allow-credentials"), "{what}");
            let status = response.status().as_u16();
            let allowed = if method == "HEAD" { &[200, 303, 403][..] } else { &[303, 403, 404, 405] };
            assert!(allowed.contains(&status), "{what}: {status}");
            assert!(method != "HEAD" || response.bytes().await.unwrap().is_empty(), "{what}");
        }
    }
    assert_eq!(program.tables().await.differing(&before), [""; 0]);
}

#[tokio::test]
async fn a_foreign_origin_reads_nothing_although_the_cookie_comes_along() {
    let program = Program::start().await;
    for path in API.into_iter().chain(["/portal/revenue"]) {
        let request = program.admin.request(Method::GET, path).header(ORIGIN, "https://evil.example");
        let response = request.send().await.unwrap();
        assert!(!response.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN), "{path}");
        assert_eq!(response.headers()["cross-origin-resource-policy"], "same-origin", "{path}");
    }
}
