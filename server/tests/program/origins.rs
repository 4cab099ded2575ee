//! Other sites' pages: whatever they send in a visitor's name is refused before anything is done.

use crate::support::people::{Browser, PASSWORD, location};
use crate::support::{Program, config};
use reqwest::header::{CONTENT_TYPE, COOKIE, HOST, ORIGIN};
use reqwest::{Method, RequestBuilder};
use server::config::ServeConfig;
use server::http::routes;

const UNSAFE: [&str; 4] = ["POST", "PUT", "PATCH", "DELETE"];

/// Bodies that would do something, by the page they are sent to.
fn doing(path: &str, program: &Program) -> Vec<Vec<(&'static str, String)>> {
    let id = program.people.viewer.id.to_string();
    let ours = program.ledger.ours.id.to_string();
    let bodies: &[&[(&'static str, &str)]] = match path {
        "/login" => &[&[("form", "sign_in"), ("email", "viewer@ours.example"), ("password", PASSWORD)]],
        "/signup" => &[&[
            ("form", "sign_up"),
            ("company", "Mole"),
            ("name", "Mole"),
            ("email", "mole@mail.example"),
            ("password", "another calm sentence"),
        ]],
        "/logout" => &[&[("form", "sign_out")]],
        "/forgot-password" => &[&[("form", "forgot"), ("email", "admin@ours.example")]],
        "/portal/switch" => &[&[("form", "switch"), ("tenant_id", &ours)]],
        "/portal/settings/account" => &[
            &[("form", "name"), ("name", "Mole")],
            &[("form", "end_others")],
            &[
                ("form", "password"),
                ("current_password", PASSWORD),
                ("new_password", "another calm sentence"),
            ],
        ],
        "/portal/settings/members" => &[
            &[("form", "invite"), ("email", "mole@mail.example"), ("role", "admin")],
            &[("form", "change_role"), ("user", &id), ("role", "admin")],
            &[("form", "remove"), ("user", &id)],
        ],
        "/portal/settings/api-keys" => {
            &[&[("form", "create"), ("name", "mole"), ("role", "admin"), ("scope", "act")]]
        }
        _ => &[&[("form", "none")]],
    };
    let owned = |body: &&[(&'static str, &str)]| {
        body.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
    };
    bodies.iter().map(owned).collect()
}

/// Every unsafe route but the signed ones, with something to do.
fn requests(program: &Program, browser: &Browser) -> Vec<(String, RequestBuilder)> {
    let mut requests = Vec::new();
    let paths =
        routes().into_iter().map(|route| route.path).filter(|path| !path.starts_with("/api/webhooks/"));
    let mut paths: Vec<String> = paths.chain(["/nothing".to_owned(), "/api/nothing".to_owned()]).collect();
    paths.sort();
    paths.dedup();
    for path in paths {
        for method in UNSAFE {
            for body in doing(&path, program) {
                let request = browser.request(method.parse().unwrap(), &path).form(&body);
                requests.push((format!("{method} {path} {:?}", body[0]), request));
            }
        }
    }
    requests
}

type Ways = [(&'static str, Vec<(&'static str, String)>); 14];

/// How requests come that another site's page sends.
fn foreign_ways(program: &Program) -> Ways {
    let origin = |text: &str| (ORIGIN.as_str(), text.to_owned());
    let site = |text: &str| ("sec-fetch-site", text.to_owned());
    let host = program.address.strip_prefix("http://").unwrap();
    [
        ("another origin", vec![origin("https://evil.example")]),
        ("another origin in a browser", vec![origin("https://evil.example"), site("cross-site")]),
        ("an origin that is hidden", vec![origin("null")]),
        ("an empty origin", vec![origin("")]),
        ("the same host at another port", vec![origin("http://127.0.0.1:1")]),
        ("the same host without a port", vec![origin("http://127.0.0.1")]),
        ("the same host by another scheme", vec![origin(&format!("https://{host}"))]),
        ("an origin that begins like ours", vec![origin(&format!("http://{host}.evil.example"))]),
        ("an origin that ends like ours", vec![origin(&format!("http://evil.example/{host}"))]),
        ("ours as a name before the host", vec![origin(&format!("http://{host}@evil.example"))]),
        ("no origin from another site", vec![site("cross-site")]),
        ("no origin from a neighbour", vec![site("same-site")]),
        ("our origin from another site", vec![origin(&program.address), site("cross-site")]),
        ("nothing but the cookie", vec![]),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_another_site_asks_for_is_done() {
    let program = Program::start().await;
    let before = program.tables().await;
    for (what, headers) in foreign_ways(&program) {
        for (request, sent) in requests(&program, &program.admin) {
            let sent = headers.iter().fold(sent, |sent, (name, value)| sent.header(*name, value));
            let response = sent.send().await.unwrap();
            assert_eq!(response.status(), 403, "{request} with {what}");
            assert!(!response.headers().contains_key("set-cookie"), "{request} with {what}");
        }
        assert_eq!(program.tables().await.differing(&before), [""; 0], "with {what}");
    }
}

#[tokio::test]
async fn who_has_no_cookie_is_not_made_to_sign_in_or_up_by_another_site_either() {
    let program = Program::start().await;
    let before = program.tables().await;
    for (what, headers) in foreign_ways(&program) {
        for path in ["/login", "/signup", "/forgot-password"] {
            for body in doing(path, &program) {
                let request = program.stranger().request(Method::POST, path).form(&body);
                let request =
                    headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
                let response = request.send().await.unwrap();
                assert_eq!(response.status(), 403, "{path} with {what}");
                assert!(!response.headers().contains_key("set-cookie"), "{path} with {what}");
            }
        }
    }
    assert_eq!(program.tables().await.differing(&before), [""; 0]);
}

#[tokio::test]
async fn a_key_beside_a_cookie_does_not_stand_for_an_origin() {
    let program = Program::start().await;
    let name = [("form", "name"), ("name", "Mole")];
    let request = program.admin.form("/portal/settings/account", &name).bearer_auth("cc_anything");
    assert_eq!(request.send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn what_our_own_pages_send_is_not_refused_for_where_it_comes_from() {
    let program = Program::start().await;
    let (host, port) = program.address.strip_prefix("http://").unwrap().rsplit_once(':').unwrap();
    assert_eq!(host, "127.0.0.1");
    let localhost = format!("localhost:{port}");
    for headers in [
        vec![("origin", program.address.clone())],
        vec![("origin", program.address.clone()), ("sec-fetch-site", "same-origin".to_owned())],
        vec![("sec-fetch-site", "same-origin".to_owned())],
        vec![("sec-fetch-site", "none".to_owned())],
        vec![("host", localhost.clone()), ("origin", format!("http://{localhost}"))],
    ] {
        let name = program.admin.form("/portal/settings/account", &[("form", "name"), ("name", "Ada")]);
        let request = headers.iter().fold(name, |request, (name, value)| request.header(*name, value));
        let response = request.send().await.unwrap();
        assert_eq!(location(&response), "/portal/settings/account?done=name-saved", "{headers:?}");
    }
}

#[tokio::test]
async fn behind_https_our_own_pages_are_those_of_the_public_address() {
    let public_url = Some("https://GTM.example.com".to_owned());
    let program = Program::start_as(ServeConfig { public_url, ..config() }).await;
    let mut browser = program.stranger();
    browser.sign_in("admin@ours.example", PASSWORD).await;
    for (host, origin, expected) in [
        ("gtm.example.com", "https://gtm.example.com", 303),
        ("gtm.example.com:443", "https://gtm.example.com", 303),
        ("gtm.example.com", "http://gtm.example.com", 403),
        ("gtm.example.com:8443", "https://gtm.example.com:8443", 403),
        ("gtm.example.com", "https://app.example.com", 403),
        ("gtm.example.com", "https://example.com", 403),
        ("evil.example", "http://evil.example", 421),
    ] {
        let name = browser.form("/portal/settings/account", &[("form", "name"), ("name", "Ada")]);
        let response = name.header(HOST, host).header(ORIGIN, origin).send().await.unwrap();
        let found = response.status().as_u16();
        let is_expected = found == expected || (expected == 421 && found == 403);
        assert!(is_expected, "{origin} at {host}: {found}");
    }
}

#[tokio::test]
async fn forms_are_taken_as_forms_and_nothing_changes_by_looking() {
    let program = Program::start().await;
    let before = program.tables().await;
    for route in
        routes().into_iter().filter(|route| route.method == "POST" && !route.path.starts_with("/api/"))
    {
        for kind in
            ["text/plain", "application/json", "multipart/form-data; boundary=x", "", "application/xml"]
        {
            if route.path == "/portal/import/upload" && kind.starts_with("multipart") {
                continue;
            }
            let request = program.admin.request(Method::POST, &route.path).header(ORIGIN, &program.address);
            let request = request.header(CONTENT_TYPE, kind).body("{\"form\":\"end_others\"}");
            let status = request.send().await.unwrap().status().as_u16();
            // Who is signed in is led home from where one signs in.
            let is_for_strangers = ["/login", "/signup"].contains(&&*route.path);
            assert_eq!(status, if is_for_strangers { 303 } else { 415 }, "{} as {kind}", route.path);
        }
        for body in doing(&route.path, &program) {
            let fields: Vec<String> = body.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let response = program.admin.get(&format!("{}?{}", route.path, fields.join("&"))).await;
            let expected = match &*route.path {
                "/portal/switch" | "/portal/import/upload" => &[405][..],
                // A form's fields do not say which action is to be confirmed.
                "/portal/actions/confirm" | "/portal/actions/leads" => &[400],
                _ => &[200, 303, 404],
            };
            assert!(expected.contains(&response.status().as_u16()), "GET {}", route.path);
        }
    }
    for path in ["/api/webhooks/stripe", "/api/webhooks/stripe/default"] {
        assert_eq!(program.get(path).await.status(), 405, "{path}");
    }
    assert_eq!(program.tables().await.differing(&before), [""; 0]);
}

#[tokio::test]
async fn a_form_that_is_too_large_or_says_a_field_twice_is_refused() {
    let program = Program::start().await;
    let before = program.tables().await;
    let post = async |body: String| {
        let request = program.admin.request(Method::POST, "/portal/settings/account");
        let request = request
            .header(ORIGIN, &program.address)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        request.body(body).send().await.unwrap().status().as_u16()
    };
    assert_eq!(post(format!("form=name&name={}", "x".repeat(64 * 1024))).await, 413);
    assert_eq!(post("form=name&name=A&name=B".to_owned()).await, 400);
    assert_eq!(post("form=name&form=end_others".to_owned()).await, 400);
    assert_eq!(post(String::new()).await, 409);
    assert_eq!(post("form=none".to_owned()).await, 409);
    assert_eq!(post("form=name&name=%FF%FE%00".to_owned()).await, 422);
    assert_eq!(program.tables().await.differing(&before), [""; 0]);
}

#[tokio::test]
async fn no_page_of_ours_is_shown_in_a_frame_of_anothers() {
    let program = Program::start().await;
    for route in routes().into_iter().filter(|route| route.method == "GET") {
        let response = program.get(&route.path).await;
        let policy = response.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{}", route.path);
        assert_eq!(response.headers()["x-frame-options"], "DENY", "{}", route.path);
        let is_page = !route.path.starts_with("/api/") && response.status() != 303;
        assert!(
            !is_page || policy.contains("form-action 'self'") || route.path.ends_with('z'),
            "{}",
            route.path
        );
    }
}

#[tokio::test]
async fn the_stream_of_changes_is_for_our_own_pages_and_programs() {
    let program = Program::start().await;
    let stream = || program.admin.request(Method::GET, "/api/events");
    for (what, request) in [
        ("another origin", stream().header(ORIGIN, "https://evil.example")),
        ("a hidden origin", stream().header(ORIGIN, "null")),
        ("another port", stream().header(ORIGIN, "http://127.0.0.1:1")),
        ("another site", stream().header("sec-fetch-site", "cross-site")),
        ("a neighbour", stream().header("sec-fetch-site", "same-site")),
    ] {
        assert_eq!(request.send().await.unwrap().status(), 403, "{what}");
    }
    for (what, request) in [
        ("our page", stream().header("sec-fetch-site", "same-origin")),
        ("our page by origin", stream().header(ORIGIN, &program.address)),
        ("a program", stream()),
    ] {
        assert_eq!(request.send().await.unwrap().status(), 200, "{what}");
    }
    let link = program.admin.request(Method::GET, "/portal/revenue").header("sec-fetch-site", "cross-site");
    assert_eq!(link.send().await.unwrap().status(), 200, "links from elsewhere lead to pages");
}

#[tokio::test]
async fn two_cookies_or_a_cookie_among_rubbish_are_read_one_way() {
    let program = Program::start().await;
    let good = program.admin.cookie.clone().unwrap();
    for (cookies, expected) in [
        (format!("a=b; {good}"), 200),
        (format!("{good}; session=other"), 200),
        (format!("session=other; {good}"), 401),
        (format!("xsession=1; {good}; $Version=1"), 200),
        (good.replace("session=", "SESSION="), 401),
        (good.replace("session=", "session=\"") + "\"", 401),
    ] {
        let request = program.client.get(format!("{}/api/analytics/revenue", program.address));
        let response = request.header(COOKIE, &cookies).send().await.unwrap();
        assert_eq!(response.status(), expected, "{cookies}");
    }
}
