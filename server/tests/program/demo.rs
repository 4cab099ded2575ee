//! The demo goes through the real intake and ends in the sums its story intends.

use crate::support::tables::Tables;
use crate::support::{Ledger, now};
use domain::lead::Stage;
use server::clock::Clock;
use server::demo::{DemoPlan, NORTHWIND, SOUTHWIND, expected, fill};

#[tokio::test]
async fn the_demo_ledger_equals_the_demo_story_to_the_cent() {
    let ledger = Ledger::create().await;
    let filled = fill(ledger.store(), Clock::Fixed(now()), NORTHWIND).await.unwrap();
    let plan = DemoPlan { since: jiff::civil::date(2025, 11, 1), until: now() };
    let story = expected(&plan);
    let sums = ledger.sums(&filled.tenant).await;
    assert_eq!(sums.keys().collect::<Vec<_>>(), ["usd"]);
    assert_eq!(sums["usd"].gross, story.gross);
    assert_eq!(sums["usd"].refunds, story.refunds);
    assert_eq!(sums["usd"].net, story.net);
    for (channel, net) in story.net_by_channel {
        assert_eq!(ledger.database.net_of_channel(filled.tenant.id, channel).await, net, "{channel}");
    }
    assert!(ledger.sums(&ledger.ours).await.is_empty());

    let before = Tables::of(&ledger.database.url).await;
    let again = fill(ledger.store(), Clock::Fixed(now()), NORTHWIND).await.unwrap();
    assert_eq!(again.new_events, 0);
    let after = Tables::of(&ledger.database.url).await;
    assert_eq!(before.differing(&after), [""; 0], "telling it again changes nothing");
}

#[tokio::test]
async fn the_demo_pipeline_has_something_true_to_say_of_every_part() {
    let ledger = Ledger::create().await;
    let filled = fill(ledger.store(), Clock::Fixed(now()), SOUTHWIND).await.unwrap();
    let tables = Tables::of(&ledger.database.url).await;
    let count = |table: &str, field: &str, value: &str| {
        tables.rows(table).iter().filter(|row| row[field] == value).count()
    };
    assert_eq!(tables.rows("leads").len(), filled.leads);
    for stage in Stage::ALL {
        assert!(count("leads", "stage", stage.word()) > 10, "{stage}");
    }
    for state in ["open", "won", "lost"] {
        assert!(count("deals", "state", state) > 10, "{state}");
    }
    for tool in ["heyreach", "plusvibe", "meta"] {
        assert!(count("campaigns", "connector", tool) >= 3, "{tool}");
    }
    assert!(count("lead_touches", "kind", "meeting") > 10);
    let of_meta = tables.rows("channel_costs").iter().filter(|row| row["channel"] == "meta_ads");
    let spent: i64 = of_meta.map(|row| row["base_amount_minor"].as_i64().unwrap()).sum();
    let earned = ledger.database.net_of_channel(filled.tenant.id, "meta_ads").await;
    assert!(spent > earned, "Meta ads cost {spent} and bring {earned}");
}
