//! The API's description: of every route, and of nothing else.

use crate::support::Program;
use crate::support::people::location;
use server::http::{described_routes, routes};

#[test]
fn every_route_of_the_api_is_described_and_nothing_that_is_none() {
    let mut there = routes();
    there.retain(|route| route.path.starts_with("/api/"));
    let mut described = described_routes();
    described.sort();
    assert_eq!(described, there);
}

#[tokio::test]
async fn the_description_is_the_reviewed_one() {
    let program = Program::start().await;
    let answer = program.stranger().get("/api/openapi.json").await;
    assert_eq!(answer.headers()["content-type"], "application/json");
    let mut description: serde_json::Value = answer.json().await.unwrap();
    description["info"]["version"] = "…".into();
    insta::assert_json_snapshot!(description);
}

#[tokio::test]
async fn the_page_shows_every_operation_and_tries_those_that_read_without_script() {
    let program = Program::start().await;
    let answer = program.stranger().get("/api/docs").await;
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("script-src"), "{policy}");
    let page = answer.text().await.unwrap();
    for route in described_routes() {
        assert!(page.contains(&format!("<code>{} {}</code>", route.method, route.path)), "{route:?}");
        let form = format!("name=\"try\" value=\"{}\"", route.path);
        let is_read =
            described_routes().iter().any(|other| other.method == "GET" && other.path == route.path);
        let is_tried = is_read && route.path != "/api/events";
        assert_eq!(page.contains(&form), is_tried, "{route:?}");
    }
    assert!(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"));
    // As the form sends it: fields nobody filled in are there, and empty.
    let sent = "tenant_id=&from=&to=&period=30d&granularity=&attribution=&compare=&compare_from=&compare_to=&format=&table=";
    let led = program.get(&format!("/api/docs?try=%2Fapi%2Fanalytics%2Frevenue&{sent}")).await;
    assert_eq!(led.status(), 303);
    assert_eq!(location(&led), "/api/analytics/revenue?period=30d");
    assert_eq!(program.get(location(&led)).await.status(), 200);
    for nowhere in ["/api/nothing", "https%3A%2F%2Fexample.com", "/api/links", "/api/events"] {
        assert_eq!(program.get(&format!("/api/docs?try={nowhere}")).await.status(), 404, "{nowhere}");
    }
}
