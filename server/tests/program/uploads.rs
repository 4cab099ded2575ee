//! Files sent from the page: columns told apart, every row checked before anything is kept, brought in, and out again.

use std::time::Duration;

use crate::support::Program;
use crate::support::people::{Browser, location};
use domain::access::Role;
use reqwest::header::{CONTENT_TYPE, ORIGIN};
use reqwest::{Method, Response};

const PAGE: &str = "/portal/import";

const LEADS: &str = "E-mail;Full name;Lead source;Status;Shoe size\r\n\
    ada@x.example;\"Ada; Countess\";heyreach;replied;38\r\n\
    nobody;Nobody;;;\r\n\
    eve@x.example;Eve;linkedin;won;\r\n\
    grace@x.example;Grace;;;\r\n";

/// A form with a file, as browsers send it.
fn form(kind: &str, name: &str, text: &[u8]) -> Vec<u8> {
    let mut body = format!(
        "--line\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\n{kind}\r\n--line\r\n\
        Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/csv\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(text);
    body.extend_from_slice(b"\r\n--line--\r\n");
    body
}

async fn upload(program: &Program, browser: &Browser, body: Vec<u8>) -> Response {
    let request = browser.request(Method::POST, &format!("{PAGE}/upload")).header(ORIGIN, &program.address);
    request.header(CONTENT_TYPE, "multipart/form-data; boundary=line").body(body).send().await.unwrap()
}

/// Sends a file; returns its page, and its id.
async fn send(program: &Program, browser: &Browser, kind: &str, text: &str) -> (String, String) {
    let answer = upload(program, browser, form(kind, "may.csv", text.as_bytes())).await;
    let page = location(&answer).to_owned();
    let id = page.split_once("file=").expect(&page).1.to_owned();
    (page, id)
}

/// The page once nothing is being read any more.
async fn settled(browser: &Browser, page: &str) -> String {
    for _ in 0..200 {
        let text = browser.text(page).await.replace("<!>", "");
        if !text.contains("See how far it has come") {
            return text;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the file is read for ever");
}

async fn check(browser: &mut Browser, page: &str, file: &str, said: &[(&str, &str)]) -> String {
    let names: Vec<(String, String)> =
        (0..said.len()).map(|place| (format!("column_{place}"), format!("field_{place}"))).collect();
    let mut fields = vec![("form", "check"), ("file", file)];
    for ((column, field), (name, meant)) in names.iter().zip(said) {
        fields.extend([(column.as_str(), *name), (field.as_str(), *meant)]);
    }
    let answer = browser.post(page, &fields).await;
    assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap());
    settled(browser, page).await
}

const SAID: [(&str, &str); 5] = [
    ("E-mail", "email"),
    ("Full name", "name"),
    ("Lead source", "source"),
    ("Status", "stage"),
    ("Shoe size", ""),
];

#[tokio::test]
async fn a_file_is_told_apart_checked_brought_in_and_taken_out_again() {
    let program = Program::start().await;
    let mut operator = program.browser(&program.people.operator).await;
    let (page, file) = send(&program, &operator, "leads", LEADS).await;
    let shown = operator.text(&page).await;
    assert!(
        shown.contains("may.csv")
            && shown.contains("value=\"email\" selected")
            && shown.contains("Shoe size")
    );
    let before = program.tables().await.without(&["import_files", "import_file_problems", "sessions"]);

    let checked = check(&mut operator, &page, &file, &SAID).await;
    assert!(
        checked.contains("4 rows read, nothing kept yet: 2 new, 0 changed, 0 as they were, 2 left out."),
        "{checked}"
    );
    assert!(checked.contains("this is no e-mail address"), "{checked}");
    let after = program.tables().await.without(&["import_files", "import_file_problems", "sessions"]);
    assert_eq!(after.differing(&before), [""; 0], "checking keeps nothing");
    let problems = operator.text(&format!("/api/imports/{file}/problems")).await;
    assert_eq!(problems.lines().count(), 3);
    assert!(problems.starts_with("line,field,problem\r\n3,email,"), "{problems}");

    let import = [("form", "import"), ("file", file.as_str())];
    assert!(location(&operator.post(&page, &import).await).contains("done=file-importing"));
    let done = settled(&operator, &page).await;
    assert!(done.contains("4 rows brought in: 2 new"), "{done}");
    assert_eq!(operator.post(&page, &import).await.status(), 409, "once");
    let tables = program.tables().await;
    assert_eq!(tables.rows("leads").len(), 2);
    assert!(tables.rows("import_file_pieces").is_empty(), "what was read is kept no longer");
    let batch = tables.rows("imports")[0]["id"].as_str().unwrap().to_owned();
    let undo = [("form", "undo"), ("import", batch.as_str())];
    assert!(location(&operator.post(PAGE, &undo).await).contains("done=import-undone"));
    assert!(program.tables().await.rows("leads").is_empty());
    assert_eq!(operator.post(PAGE, &undo).await.status(), 409);
    let log = program.audit_log().await;
    let deeds: Vec<&str> = log.iter().map(|line| line["deed"].as_str().unwrap()).collect();
    assert_eq!(deeds, ["file_imported", "import_undone"]);
    assert_eq!(log[0]["actor_name"], "operator@ours.example");
}

#[tokio::test]
async fn columns_are_read_as_somebody_says_and_can_be_said_otherwise() {
    let program = Program::start().await;
    let mut admin = program.admin.clone();
    let (page, file) = send(&program, &admin, "leads", "Mail,Who\nada@x.example,Ada\n").await;
    let all_out = check(&mut admin, &page, &file, &[("Mail", ""), ("Who", "")]).await;
    assert!(all_out.contains("o column is like any of"), "{all_out}");
    let swapped = check(&mut admin, &page, &file, &[("Mail", "name"), ("Who", "email")]).await;
    assert!(
        swapped.contains("1 row read, nothing kept yet: 0 new") && !swapped.contains("Bring these rows in")
    );
    let right = check(&mut admin, &page, &file, &[("Mail", "email"), ("Who", "company")]).await;
    assert!(right.contains("1 row read, nothing kept yet: 1 new") && right.contains("Bring these rows in"));
    assert!(right.contains("value=\"company\" selected"), "what was said stays");
}

#[tokio::test]
async fn links_come_by_files_credit_payments_and_go_again() {
    let program = Program::start().await;
    let mut admin = program.admin.clone();
    let charge = serde_json::json!({
        "id": "evt_1", "object": "event", "type": "charge.succeeded", "livemode": false,
        "created": crate::support::now().as_second() - 60, "data": { "object": {
            "id": "ch_1", "object": "charge", "amount": 900, "currency": "usd", "status": "succeeded", "paid": true,
            "captured": true, "payment_intent": "pi_1", "customer": "cus_1", "billing_details": {},
        } },
    });
    program.ledger.send(&serde_json::to_vec(&charge).unwrap()).await;
    let text =
        "Stripe customer,Student id,type,Channel\ncus_1,7,bootcamp_student,Referral\nnobody,8,,referral\n";
    let (page, file) = send(&program, &admin, "links", text).await;
    let said = [
        ("Stripe customer", "customer_id"),
        ("Student id", "record_id"),
        ("type", "kind"),
        ("Channel", "channel"),
    ];
    let checked = check(&mut admin, &page, &file, &said).await;
    assert!(
        checked.contains("2 rows read, nothing kept yet: 1 new, 0 changed, 0 as they were, 1 left out."),
        "{checked}"
    );
    admin.post(&page, &[("form", "import"), ("file", &file)]).await;
    settled(&admin, &page).await;
    program.ledger.apply().await;
    let ours = program.ledger.ours.id;
    assert_eq!(program.ledger.database.net_of_channel(ours, "referral").await, 900);
    let batch = program.tables().await.rows("imports")[0]["id"].as_str().unwrap().to_owned();
    admin.post(PAGE, &[("form", "undo"), ("import", &batch)]).await;
    program.ledger.apply().await;
    assert_eq!(program.ledger.database.net_of_channel(ours, "referral").await, 0);
}

#[tokio::test]
async fn what_is_no_file_of_ours_is_told_and_not_kept() {
    let program = Program::start().await;
    let admin = &program.admin;
    let too_large = vec![b'a'; 51 * 1024 * 1024];
    for (body, word) in [
        (form("leads", "empty.csv", b""), "empty"),
        (form("weather", "a.csv", b"a,b\n"), "kind"),
        (
            b"--line\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\nleads\r\n--line--\r\n".to_vec(),
            "file",
        ),
        (form("leads", "cut.csv", b"email\nada@x.example\n")[..120].to_vec(), "form"),
        (form("leads", "large.csv", &too_large), "large"),
    ] {
        let answer = upload(&program, admin, body).await;
        assert!(location(&answer).ends_with(&format!("wrong={word}")), "{word}: {}", location(&answer));
        assert!(admin.text(location(&answer)).await.contains("role=\"alert\""), "{word}");
    }
    assert!(program.tables().await.rows("import_files").iter().all(|file| file["state"] == "arriving"));
    let binary = upload(&program, admin, form("leads", "a.bin", &[0xff; 300])).await;
    let page = location(&binary).to_owned();
    assert_eq!(admin.get(&page).await.status(), 200);
}

#[tokio::test]
async fn a_file_of_many_pieces_is_read_whole() {
    let program = Program::start().await;
    let mut admin = program.admin.clone();
    let rows: String =
        (0..18_000).map(|number| format!("lead{number}@x.example,Name of number {number}\n")).collect();
    let text = format!("email,name\n{rows}");
    assert!(text.len() > 2 * 256 * 1024);
    let (page, file) = send(&program, &admin, "leads", &text).await;
    let checked = check(&mut admin, &page, &file, &[("email", "email"), ("name", "name")]).await;
    assert!(checked.contains("18,000 rows read, nothing kept yet: 18,000 new"), "{checked}");
}

#[tokio::test]
async fn who_may_not_sends_nothing_and_another_tenants_file_is_not_there() {
    let program = Program::start().await;
    let viewer = program.browser(&program.people.viewer).await;
    assert_eq!(upload(&program, &viewer, form("leads", "a.csv", b"email\n")).await.status(), 403);
    let operator = program.browser(&program.people.operator).await;
    assert_eq!(
        upload(&program, &operator, form("costs", "a.csv", b"amount\n")).await.status(),
        403,
        "a setting"
    );
    let (_, file) = send(&program, &operator, "leads", "email\nzq7@x.example\n").await;
    let mut them = program.browser(&program.people.their_admin).await;
    let page = them.text(&format!("{PAGE}?file={file}")).await;
    assert!(!page.contains("may.csv"), "{page}");
    for form in ["check", "import"] {
        let answer = them.post(&format!("{PAGE}?file={file}"), &[("form", form), ("file", &file)]).await;
        assert_eq!(answer.status(), 404);
    }
    assert_eq!(them.get(&format!("/api/imports/{file}/problems")).await.status(), 404);
    let their_key = program.key(program.ledger.theirs.id, Role::Owner, &[]).await;
    let with_key = program.client.get(format!("{}/api/imports/{file}/problems", program.address));
    assert_eq!(with_key.bearer_auth(their_key).send().await.unwrap().status(), 404);
    assert_eq!(program.audit_log().await.iter().filter(|line| line["deed"] == "access_refused").count(), 2);
}
