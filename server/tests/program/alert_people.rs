//! What people do about alerts together: who is to look after one, and what they say about it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::alerts::{Watch, changes};
use crate::support::people::location;

const OPERATOR: &str = "operator@ours.example";

#[tokio::test]
async fn an_alert_is_assigned_to_a_member_and_its_history_says_by_whom() {
    let watch = Watch::of_a_losing_channel().await;
    let alert = watch.only().await;
    let to = json!({ "assignee": "Operator@ours.example", "version": 1 });
    let (status, assigned) = watch.act(&alert, "assign", to.clone()).await;
    assert_eq!((status, &assigned["assignee"], &assigned["state"]), (200, &json!(OPERATOR), &json!("open")));
    let (status, late) = watch.act(&alert, "assign", to).await;
    assert_eq!((status, &late["error"]["present"]["assignee"]), (409, &json!(OPERATOR)), "{late}");
    let again = json!({ "assignee": OPERATOR, "version": 2 });
    assert_eq!(watch.act(&alert, "assign", again).await.1["version"], 2, "it is so already");
    assert_eq!(watch.act(&alert, "assign", json!({ "assignee": null })).await.1["assignee"], Value::Null);
    let alert = watch.only().await;
    assert_eq!(changes(&alert), ["unassigned", "assigned", "opened"]);
    let told = &alert["history"][1];
    assert_eq!((&told["by"], &told["assignee"]), (&json!("a test"), &json!(OPERATOR)));
    let written = watch.program.audit_log().await;
    let written: Vec<_> = written.iter().filter(|line| line["deed"] == "alert_assigned").collect();
    assert_eq!(written.len(), 2);
    assert_eq!(written[0]["details"], json!({ "alert": "Meta ads is losing money", "to": OPERATOR }));
}

#[tokio::test]
async fn an_alert_is_assigned_to_nobody_who_does_not_belong_here_and_not_when_it_is_resolved() {
    let watch = Watch::of_a_losing_channel().await;
    let alert = watch.only().await;
    for stranger in ["admin@theirs.example", "platform@example.org", "nobody@ours.example"] {
        let (status, answer) = watch.act(&alert, "assign", json!({ "assignee": stranger })).await;
        assert_eq!((status, &answer["error"]["field"]), (422, &json!("assignee")), "{stranger}: {answer}");
    }
    assert_eq!(watch.act(&alert, "resolve", json!({})).await.0, 200);
    assert_eq!(watch.act(&alert, "assign", json!({ "assignee": OPERATOR })).await.0, 409);
    let resolved = &watch.alerts("?state=resolved").await[0];
    assert_eq!(changes(resolved), ["resolved", "opened"]);
}

#[tokio::test]
async fn forms_assign_and_comment_without_script_and_the_page_shows_who_did_what() {
    let watch = Watch::of_a_losing_channel().await;
    let id = watch.only().await["id"].as_str().unwrap().to_owned();
    let mut admin = watch.program.admin.clone();
    let page = admin.text("/portal/alerts").await;
    assert!(
        page.contains(&format!(r#"<option value="{OPERATOR}""#)) && !page.contains("theirs.example"),
        "{page}"
    );
    let fields = [("form", "assign"), ("alert", &*id), ("version", "1"), ("assignee", OPERATOR)];
    let answer = admin.post("/portal/alerts?state=open", &fields).await;
    assert_eq!(
        (answer.status().as_u16(), location(&answer)),
        (303, "/portal/alerts?state=open&done=alert-assigned")
    );
    let said = "Seen <script>alert(1)</script>\r\nPaused one ad.";
    let fields = [("form", "comment"), ("alert", &*id), ("text", said)];
    let answer = admin.post("/portal/alerts", &fields).await;
    assert_eq!(location(&answer), "/portal/alerts?done=alert-commented");
    let page = admin.text("/portal/alerts").await;
    for shown in [
        "Assigned to operator@ours.example",
        "1 comment",
        "Seen &lt;script&gt;alert(1)&lt;/script&gt;\nPaused one ad.",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let answer = admin.post("/portal/alerts", &[("form", "comment"), ("alert", &*id), ("text", " ")]).await;
    assert_eq!(answer.status(), 422);
    let text = answer.text().await.unwrap();
    assert!(text.contains("A comment is plain text of 1 to 2000 characters"), "{text}");
    let viewer = watch.program.browser(&watch.program.people.viewer).await.text("/portal/alerts").await;
    assert!(
        viewer.contains("Paused one ad.") && !viewer.contains("Add comment") && !viewer.contains("<option")
    );
}

#[tokio::test]
async fn what_is_said_is_kept_in_order_once_and_under_its_author() {
    let watch = Watch::of_a_losing_channel().await;
    let alert = watch.only().await;
    let path = format!("/api/alerts/{}/comments", alert["id"].as_str().unwrap());
    for (text, status) in [("First.", 201), ("First.", 201), (" Second.\n", 201), ("", 422), ("a\0b", 422)] {
        let (answered, answer) = watch.ask(Method::POST, &path, Some(json!({ "text": text }))).await;
        assert_eq!(answered, status, "{text:?}: {answer}");
    }
    let long = json!({ "text": "é".repeat(2_001) });
    assert_eq!(watch.ask(Method::POST, &path, Some(long)).await.0, 422);
    let alert = watch.only().await;
    let comments: Vec<_> = alert["comments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|comment| (comment["text"].as_str().unwrap(), comment["by"].as_str().unwrap()))
        .collect();
    assert_eq!(comments, [("First.", "a test"), ("Second.", "a test")], "sent twice, said once");
    assert_eq!(alert["version"], 1, "who acts is not told 409 for what was said");
    let written = watch.program.audit_log().await;
    assert_eq!(written.iter().filter(|line| line["deed"] == "alert_commented").count(), 2);
    assert_eq!(watch.act(&alert, "resolve", json!({})).await.0, 200);
    let after = json!({ "text": "It was the landing page." });
    assert_eq!(watch.ask(Method::POST, &path, Some(after)).await.0, 201, "also when it is over");
}
