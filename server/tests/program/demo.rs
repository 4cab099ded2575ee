//! The demo goes through the real intake and ends in the sums its story intends.

use crate::support::{Ledger, now};
use server::clock::Clock;
use server::demo::{DemoPlan, NORTHWIND, expected, fill};

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

    let again = fill(ledger.store(), Clock::Fixed(now()), NORTHWIND).await.unwrap();
    assert_eq!(again.new_events, 0);
}
