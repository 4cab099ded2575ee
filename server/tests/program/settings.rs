//! A tenant's settings: nobody overwrites what they have not seen, and what changed is written down.

use crate::support::Program;
use crate::support::people::{Browser, location};
use reqwest::Response;
use serde_json::{Value, json};

const SETTINGS: &str = "/portal/settings/tenant";

/// The settings as they are in the beginning.
const UNCHANGED: [(&str, &str); 13] = [
    ("form", "settings"),
    ("version", "1"),
    ("name", "My company"),
    ("currency", "usd"),
    ("timezone", "UTC"),
    ("week_start", "monday"),
    ("gross_margin", "100"),
    ("target_roas", "2"),
    ("minimum_spend", "500"),
    ("minimum_customers", "5"),
    ("maximum_payback_months", "12"),
    ("stuck_after_days", "14"),
    ("mrr_definition", "stripe@1"),
];

/// Saves the settings with these fields changed.
pub(super) async fn save(browser: &mut Browser, changes: &[(&str, &str)]) -> Response {
    let changed = |(name, value): &(&'static str, &'static str)| {
        let new = changes.iter().find(|(changed, _)| changed == name);
        (*name, new.map_or(*value, |(_, new)| *new).to_owned())
    };
    let fields: Vec<(&str, String)> = UNCHANGED.iter().map(changed).collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, &**value)).collect();
    browser.post(SETTINGS, &fields).await
}

async fn tenant(program: &Program) -> Value {
    let tables = program.tables().await;
    let ours = program.ledger.ours.id.to_string();
    tables.rows("tenants").iter().find(|row| row["id"] == ours.as_str()).unwrap().clone()
}

#[tokio::test]
async fn what_is_saved_counts_and_is_written_down_from_and_to() {
    let program = Program::start().await;
    let changes = [
        ("name", "Northwind & Søns"),
        ("timezone", "Europe/Berlin"),
        ("week_start", "sunday"),
        ("gross_margin", "82.5"),
        ("target_roas", "3.25"),
        ("minimum_spend", "1000.50"),
        ("stuck_after_days", "21"),
    ];

    let answer = save(&mut program.admin.clone(), &changes).await;

    assert_eq!(location(&answer), "/portal/settings/tenant?done=settings-saved");
    let tenant = tenant(&program).await;
    for (column, value) in [
        ("name", json!("Northwind & Søns")),
        ("timezone", json!("Europe/Berlin")),
        ("gross_margin_permille", json!(825)),
        ("target_roas_percent", json!(325)),
        ("minimum_spend_minor", json!(100_050)),
        ("version", json!(2)),
    ] {
        assert_eq!(tenant[column], value, "{column}");
    }
    let log = program.audit_log().await;
    let [line] = &log[..] else { panic!("{log:?}") };
    assert_eq!(
        (&line["deed"], &line["actor_name"]),
        (&json!("settings_changed"), &json!("admin@ours.example"))
    );
    let details = json!({
        "name": "My company → Northwind & Søns", "timezone": "UTC → Europe/Berlin", "week_start": "monday → sunday",
        "gross_margin_permille": "1000 → 825", "target_roas_percent": "200 → 325",
        "minimum_spend_minor": "50000 → 100050", "stuck_after_days": "14 → 21",
    });
    assert_eq!(line["details"], details);
    assert!(program.admin.text("/portal/revenue").await.contains("Northwind &amp; Søns"));
}

#[tokio::test]
async fn saving_what_is_there_already_writes_no_line() {
    let program = Program::start().await;
    assert_eq!(save(&mut program.admin.clone(), &[]).await.status(), 303);
    assert!(program.audit_log().await.is_empty());
}

#[tokio::test]
async fn nobody_overwrites_settings_they_have_not_seen() {
    let program = Program::start().await;
    let (mut admin, mut owner) = (program.admin.clone(), program.browser(&program.people.owner).await);
    assert_eq!(save(&mut admin, &[("name", "First")]).await.status(), 303);

    let stale = save(&mut owner, &[("name", "Second")]).await;

    assert_eq!(stale.status(), 409);
    assert!(stale.text().await.unwrap().contains("omebody changed the settings meanwhile"));
    assert_eq!(tenant(&program).await["name"], "First");
    assert_eq!(save(&mut owner, &[("name", "Second"), ("version", "2")]).await.status(), 303);
}

#[tokio::test]
async fn of_many_who_save_at_once_one_does() {
    let program = Program::start().await;
    let save_as =
        async |name: &str| save(&mut program.admin.clone(), &[("name", name)]).await.status().as_u16();
    let answers = tokio::join!(save_as("A"), save_as("B"), save_as("C"), save_as("D"));
    let mut answers: [u16; 4] = answers.into();
    answers.sort_unstable();
    assert_eq!(answers, [303, 409, 409, 409]);
    assert_eq!(tenant(&program).await["version"], 2);
    assert_eq!(program.audit_log().await.len(), 1);
}

#[tokio::test]
async fn bad_values_are_refused_beside_their_field_and_change_nothing() {
    let program = Program::start().await;
    let before = program.tables().await;
    let long = "x".repeat(201);
    for (field, values) in [
        ("name", &["", "   ", "two\nlines", "nul\0", &long][..]),
        ("currency", &["eur", "", "dollars", "US", "$"]),
        ("timezone", &["Mars/Phobos", "", "+02:00", "../../etc/passwd", "Europe/Berlin\0"]),
        ("week_start", &["", "Monday", "friday"]),
        ("gross_margin", &["-1", "100.1", "NaN", "1e2", "12,5", "82.55", "Infinity", "", "٥"]),
        ("target_roas", &["0", "0.001", "1000.01", "-2", "1e308", "two"]),
        ("minimum_spend", &["-1", "0.001", "10000000000000", "NaN", "12,50", "0x10"]),
        ("minimum_customers", &["0", "100001", "2.5", "99999999999999999999"]),
        ("maximum_payback_months", &["0", "121", "-12"]),
        ("stuck_after_days", &["0", "366", ""]),
        ("version", &["", "one", "1.0", "99999999999"]),
    ] {
        for value in values {
            let answer = save(&mut program.admin.clone(), &[(field, value)]).await;
            assert_eq!(answer.status(), 422, "{field} {value:?}");
            let page = answer.text().await.unwrap();
            let is_beside = page.contains(&format!("settings-{field}-error"));
            assert!(is_beside || field == "version", "{field} {value:?}");
        }
    }
    assert_eq!(program.tables().await.differing(&before), [""; 0]);
}

#[tokio::test]
async fn what_was_typed_stands_there_again_escaped() {
    let program = Program::start().await;
    let hostile = "\"><script>alert(1)</script>";
    let page = save(&mut program.admin.clone(), &[("name", hostile), ("gross_margin", "-1")])
        .await
        .text()
        .await
        .unwrap();
    assert!(
        page.contains("value=\"&quot;&gt;&lt;script&gt;") || page.contains("value=\"&quot;><script>"),
        "{page}"
    );
    assert!(!page.contains(hostile));
}

#[tokio::test]
async fn spaces_around_a_number_and_nought_are_fine() {
    let program = Program::start().await;
    let changes = [("minimum_spend", " 0 "), ("gross_margin", "0"), ("name", "  Spaced  ")];
    assert_eq!(save(&mut program.admin.clone(), &changes).await.status(), 303);
    assert_eq!(tenant(&program).await["name"], "Spaced");
}

#[tokio::test]
async fn other_rules_count_all_of_history_again() {
    let program = Program::start().await;
    let discounted = serde_json::to_vec(&json!({
        "id": "evt_begun", "object": "event", "type": "customer.subscription.created", "created": 1_767_268_800,
        "livemode": false, "data": { "object": {
            "id": "sub_1", "object": "subscription", "customer": "cus_1", "status": "active", "currency": "usd",
            "start_date": 1_767_268_800, "discounts": [{ "id": "di_1", "end": null, "coupon": {
                "percent_off": 10, "duration": "once" } }],
            "items": { "data": [{ "id": "si_1", "quantity": 1, "price": { "id": "price_1", "unit_amount": 12_000,
                "recurring": { "interval": "year", "interval_count": 1 } } }] },
        } },
    }))
    .unwrap();
    program.ledger.send(&discounted).await;
    program.ledger.apply().await;
    let mrr = || async {
        let report = program.get_json("/api/analytics/mrr?from=2025-12-01&to=2026-11-20").await;
        (report["definition"].clone(), report["end"].clone(), report["movements"]["new"].clone())
    };
    assert_eq!(mrr().await, (json!("stripe@1"), json!(1_000), json!(1_000)));
    let answer = save(&mut program.admin.clone(), &[("mrr_definition", "chartmogul@1")]).await;
    assert_eq!(location(&answer), "/portal/settings/tenant?done=settings-saved");
    program.ledger.apply().await;
    assert_eq!(mrr().await, (json!("chartmogul@1"), json!(900), json!(900)));
    let answer =
        save(&mut program.admin.clone(), &[("version", "2"), ("mrr_definition", "profitwell@9")]).await;
    assert_eq!(answer.status(), 422);
}
