//! Making an account: what it comes with, which passwords it takes, and what it does not let anybody become.

use crate::support::people::{Browser, PASSWORD, location, somebody};
use crate::support::tables::Tables;
use crate::support::{Program, Running, config, now};
use domain::access::Role;
use reqwest::Response;
use serde_json::Value;
use server::config::{ServeConfig, SignUpPolicy};
use store::testing::TestDatabase;

const NEW_PASSWORD: &str = "a brisk walk among otters";

async fn sign_up(browser: &mut Browser, company: &str, email: &str, password: &str) -> Response {
    let fields = [
        ("form", "sign_up"),
        ("company", company),
        ("name", "Grace Hopper"),
        ("email", email),
        ("password", password),
    ];
    browser.post("/signup", &fields).await
}

/// A program nobody has an account at.
struct Empty {
    database: TestDatabase,
    running: Running,
}

impl Empty {
    async fn start() -> Self {
        let database = TestDatabase::create().await;
        let running = Running::start(&config(), &database.store, now()).await;
        Self { database, running }
    }

    fn stranger(&self) -> Browser {
        Browser::new(&self.running.address)
    }

    async fn tables(&self) -> Tables {
        Tables::of(&self.database.url).await
    }
}

/// Who is what in which tenant: e-mail, role, the tenant's name, and whether it takes Stripe's events by default.
fn memberships(tables: &Tables) -> Vec<(String, String, String, bool)> {
    let with_id =
        |table: &str, id: &Value| tables.rows(table).iter().find(|row| &row["id"] == id).unwrap().clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of = |row: &Value| {
        let (user, tenant) = (with_id("users", &row["user_id"]), with_id("tenants", &row["tenant_id"]));
        (text(&user["email"]), text(&row["role"]), text(&tenant["name"]), tenant["is_default"] == true)
    };
    let mut all: Vec<_> = tables.rows("memberships").iter().map(of).collect();
    all.sort();
    all
}

fn member(email: &str, role: &str, tenant: &str, is_default: bool) -> (String, String, String, bool) {
    (email.to_owned(), role.to_owned(), tenant.to_owned(), is_default)
}

#[tokio::test]
async fn the_first_account_gets_the_tenant_that_takes_events_and_the_second_one_of_its_own() {
    let program = Empty::start().await;
    let mut first = program.stranger();

    let answer = sign_up(&mut first, "First Inc", "first@mail.example", NEW_PASSWORD).await;
    assert_eq!((answer.status().as_u16(), location(&answer)), (303, "/login?done=account-made"));
    assert_eq!(first.cookie, None, "an account is signed in to by its password alone");
    sign_up(&mut program.stranger(), "Second Inc", "second@mail.example", NEW_PASSWORD).await;

    let expected = [
        member("first@mail.example", "owner", "First Inc", true),
        member("second@mail.example", "owner", "Second Inc", false),
    ];
    assert_eq!(memberships(&program.tables().await), expected);
    assert_eq!(first.sign_in("first@mail.example", NEW_PASSWORD).await.status(), 303);
    assert!(first.text("/portal/settings/members").await.contains("first@mail.example"));
    assert!(!first.text("/portal/settings/members").await.contains("second@mail.example"));
}

#[tokio::test]
async fn of_two_first_accounts_at_once_one_gets_the_tenant_that_takes_events() {
    let program = Empty::start().await;
    let (mut one, mut other) = (program.stranger(), program.stranger());
    tokio::join!(
        sign_up(&mut one, "One Inc", "one@mail.example", NEW_PASSWORD),
        sign_up(&mut other, "Other Inc", "other@mail.example", NEW_PASSWORD),
    );
    let members = memberships(&program.tables().await);
    assert_eq!(members.len(), 2, "{members:?}");
    assert_eq!(members.iter().filter(|(.., is_default)| *is_default).count(), 1, "{members:?}");
}

#[tokio::test]
async fn a_stranger_does_not_get_the_tenant_that_takes_events_once_somebody_is_there() {
    let program = Empty::start().await;
    crate::support::people::platform_admin(&program.database.store, "platform@mail.example").await;
    sign_up(&mut program.stranger(), "Late Inc", "late@mail.example", NEW_PASSWORD).await;
    let expected = [member("late@mail.example", "owner", "Late Inc", false)];
    assert_eq!(memberships(&program.tables().await), expected);
}

#[tokio::test]
async fn an_account_that_exists_is_not_changed_by_signing_up_again() {
    let program = Program::start().await;
    let before = program.tables().await;
    let answer = sign_up(&mut program.stranger(), "Mole Inc", "ADMIN@ours.example ", NEW_PASSWORD).await;
    assert_eq!(location(&answer), "/login?done=account-made");
    assert_eq!(program.tables().await.differing(&before), ["sign_in_attempts"]);
    assert_eq!(program.stranger().sign_in("admin@ours.example", PASSWORD).await.status(), 303);
}

#[tokio::test]
async fn one_address_signing_up_twice_at_once_is_one_account_in_one_tenant() {
    let program = Program::start().await;
    let (mut one, mut other) = (program.stranger(), program.stranger());
    let before = memberships(&program.tables().await);
    let (first, second) = tokio::join!(
        sign_up(&mut one, "One Inc", "same@mail.example", NEW_PASSWORD),
        sign_up(&mut other, "Other Inc", "same@mail.example", NEW_PASSWORD),
    );
    assert_eq!((first.status().as_u16(), second.status().as_u16()), (303, 303));
    let after = program.tables().await;
    assert_eq!(memberships(&after).len(), before.len() + 1);
    assert_eq!(after.rows("tenants").len(), 3, "no tenant is left behind without an owner");
}

#[tokio::test]
async fn where_sign_up_is_closed_nobody_makes_an_account() {
    let program = Program::start_as(ServeConfig { sign_up: SignUpPolicy::Closed, ..config() }).await;
    let before = program.tables().await;
    let answer = sign_up(&mut program.stranger(), "Mole Inc", "mole@mail.example", NEW_PASSWORD).await;
    assert_eq!(answer.status(), 409);
    assert_eq!(program.tables().await.differing(&before), [""; 0]);
    assert!(!program.stranger().text("/signup").await.contains("name=\"form\""));
    assert!(!program.stranger().text("/login").await.contains("/signup"));
}

#[tokio::test]
async fn long_passwords_and_those_of_any_script_sign_in_and_count_to_their_last_character() {
    let program = Program::start().await;
    let long = "wandering otters sing ".repeat(6);
    let passwords =
        [&long[..128], "пароль гиппопотама", "密碼學家愛吃大蘋果", " spaces count, too ", "🦦🦦🐢 zigzag 🦦"];
    for (number, password) in passwords.into_iter().enumerate() {
        let email = format!("u{number}@mail.example");
        assert_eq!(
            sign_up(&mut program.stranger(), "Otters", &email, password).await.status(),
            303,
            "{password}"
        );
        assert_eq!(program.stranger().sign_in(&email, password).await.status(), 303, "{password}");
        let mut last = password.chars().collect::<Vec<_>>();
        last.pop();
        let shorter: String = last.into_iter().collect();
        assert_eq!(program.stranger().sign_in(&email, &shorter).await.status(), 422, "{password}");
    }
}

#[tokio::test]
async fn passwords_others_would_guess_are_refused_with_the_reason_beside_the_field() {
    let program = Program::start().await;
    let before = program.tables().await;
    for password in
        ["password123", "short", "", "grace hopper", "grace@navy.example", "Quillwort1", "qwertyuiop"]
    {
        let answer = sign_up(&mut program.stranger(), "Quillwort", "grace@navy.example", password).await;
        assert_eq!(answer.status(), 422, "{password}");
        assert!(answer.text().await.unwrap().contains("sign_up-password-error"), "{password}");
    }
    assert_eq!(program.tables().await.differing(&before), ["sign_in_attempts"]);
}

#[tokio::test]
async fn what_is_typed_wrong_is_refused_and_shown_again_escaped() {
    let program = Program::start().await;
    let hostile = "\"><script>alert(1)</script>";
    for (company, email) in [
        ("", "new@mail.example"),
        ("Acme\nBcc: everybody", "new@mail.example"),
        (hostile, "no address"),
        (hostile, "two@at@mail.example"),
        (hostile, "a@mail.example,b@mail.example"),
        (hostile, "new@mail.example\r\nBcc: everybody@mail.example"),
        (hostile, &format!("{}@mail.example", "x".repeat(300))),
    ] {
        let answer = sign_up(&mut program.stranger(), company, email, NEW_PASSWORD).await;
        assert_eq!(answer.status(), 422, "{company:?} {email:?}");
        let page = answer.text().await.unwrap();
        assert!(!page.contains("<script>alert") && !page.contains(NEW_PASSWORD), "{page}");
    }
}

#[tokio::test]
async fn letters_of_any_script_in_an_address_or_a_name_are_no_failure_of_ours() {
    let program = Program::start().await;
    for email in [
        "İstanbul@mail.example",
        "ΣΊΣΥΦΟΣ@mail.example",
        "straẞe@mail.example",
        "ǅ@mail.example",
        "é@münchen.example",
    ] {
        let status = sign_up(&mut program.stranger(), "İΣǅ ﷽", email, NEW_PASSWORD).await.status().as_u16();
        assert!([303, 422].contains(&status), "{email}: {status}");
        if status == 303 {
            assert_eq!(program.stranger().sign_in(email, NEW_PASSWORD).await.status(), 303, "{email}");
        }
    }
}

/// Fields no form of ours has, which would make somebody more than they are.
const MORE_THAN_ASKED: [(&str, &str); 14] = [
    ("is_platform_admin", "true"),
    ("platform_admin", "1"),
    ("user[is_platform_admin]", "true"),
    ("disabled_at", ""),
    ("id", "00000000-0000-0000-0000-00000000002a"),
    ("user_id", "00000000-0000-0000-0000-00000000002a"),
    ("password_hash", "$argon2id$"),
    ("accepted_at", "2020-01-01"),
    ("expires_at", "2099-01-01"),
    ("slug", "mine"),
    ("tier", "enterprise"),
    ("is_default", "true"),
    ("invited_by", "owner@ours.example"),
    ("roles", "owner"),
];

#[tokio::test]
async fn nobody_becomes_more_by_sending_more_than_a_form_asks_for() {
    let program = Program::start().await;
    let ours = program.ledger.ours.id.to_string();
    let with_more = |fields: &[(&'static str, &str)]| -> Vec<(String, String)> {
        let all = fields.iter().chain(&MORE_THAN_ASKED);
        all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let post = async |browser: &mut Browser, path: &str, fields: Vec<(String, String)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
        browser.post(path, &fields).await.status().as_u16()
    };

    let sign_up = [
        ("form", "sign_up"),
        ("company", "Mole Inc"),
        ("name", "Mole"),
        ("email", "mole@mail.example"),
        ("password", NEW_PASSWORD),
        ("role", "owner"),
        ("tenant_id", &ours),
    ];
    let mut mole = program.stranger();
    assert_eq!(post(&mut mole, "/signup", with_more(&sign_up)).await, 303);
    mole.sign_in("mole@mail.example", NEW_PASSWORD).await;
    let name = [("form", "name"), ("name", "Mole II"), ("role", "owner"), ("email", "admin@ours.example")];
    assert_eq!(post(&mut mole, "/portal/settings/account", with_more(&name)).await, 303);
    let invite =
        [("form", "invite"), ("email", "friend@mail.example"), ("role", "viewer"), ("tenant_id", &ours)];
    assert_eq!(post(&mut mole, "/portal/settings/members", with_more(&invite)).await, 200);
    let settings = [
        ("form", "settings"),
        ("version", "1"),
        ("name", "Mole III"),
        ("currency", "usd"),
        ("timezone", "UTC"),
        ("week_start", "monday"),
        ("gross_margin", "100"),
        ("target_roas", "2"),
        ("minimum_spend", "500"),
        ("minimum_customers", "5"),
        ("maximum_payback_months", "12"),
        ("stuck_after_days", "14"),
        ("tenant_id", &ours),
    ];
    assert_eq!(post(&mut mole, "/portal/settings/tenant", with_more(&settings)).await, 303);

    let tables = program.tables().await;
    let admins: Vec<_> = tables.rows("users").iter().filter(|row| row["is_platform_admin"] == true).collect();
    assert_eq!(admins.len(), 1, "{admins:?}");
    let of_mole: Vec<_> =
        memberships(&tables).into_iter().filter(|(email, ..)| email == "mole@mail.example").collect();
    assert_eq!(of_mole, [member("mole@mail.example", "owner", "Mole III", false)]);
    let tenant = tables.rows("tenants").iter().find(|row| row["name"] == "Mole III").unwrap();
    assert!(
        tenant["slug"].as_str().unwrap().starts_with("mole-inc-") && tenant["tier"] == "starter",
        "{tenant}"
    );
    let invitation = &tables.rows("invitations")[0];
    assert_eq!((&invitation["tenant_id"], &invitation["role"]), (&tenant["id"], &Value::from("viewer")));
    assert_eq!(
        (&invitation["invited_by"], &invitation["accepted_at"]),
        (&Value::from("mole@mail.example"), &Value::Null)
    );
}

#[tokio::test]
async fn somebody_of_two_tenants_switches_between_them_and_keeps_each_role() {
    let program = Program::start().await;
    let (ours, theirs) = (program.ledger.ours.id, program.ledger.theirs.id);
    let store = program.ledger.store();
    let both = somebody(store, "both@mail.example", &[(ours, Role::Viewer), (theirs, Role::Admin)]).await;
    let mut browser = program.browser(&both).await;
    for (tenant, members) in [(theirs, 200), (ours, 403), (theirs, 200)] {
        let switch =
            [("form", "switch"), ("tenant_id", &*tenant.to_string()), ("next", "/portal/settings/members")];
        assert_eq!(location(&browser.post("/portal/switch", &switch).await), "/portal/settings/members");
        assert_eq!(browser.get("/portal/settings/members").await.status(), members);
    }
}
