//! What every connector reads from its tool over HTTP: nothing lost, nothing doubled, whatever happens on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use connectors::fakes::{Account, Fault};
use connectors::{Capability, Failure, Person, Touch};
use domain::campaign::CampaignState;
use domain::connection::Tool;
use domain::lead::{Stage, TouchKind};

use crate::support::{CONNECTORS, Open, campaign_id, everybody, everything, open, walked};

/// Everything that came, by its id; what came twice must be the same.
fn by_id<T: PartialEq + std::fmt::Debug>(items: Vec<T>, id: impl Fn(&T) -> String) -> BTreeMap<String, T> {
    let mut known: BTreeMap<String, T> = BTreeMap::new();
    for item in items {
        if let Some(before) = known.insert(id(&item), item) {
            assert_eq!(&before, &known[&id(&before)], "the same thing came in two ways");
        }
    }
    known
}

fn people_of(people: Vec<Person>) -> BTreeSet<String> {
    by_id(people, |person| person.key.clone()).into_values().filter_map(|person| person.email).collect()
}

fn texts_of(touches: Vec<Touch>) -> Vec<(String, TouchKind)> {
    let touches = by_id(touches, |touch| touch.id.clone());
    let mut texts: Vec<(String, TouchKind)> =
        touches.into_values().map(|touch| (touch.text.unwrap(), touch.kind)).collect();
    texts.sort();
    texts
}

fn expected_people(account: &Account) -> BTreeSet<String> {
    account.people.iter().filter_map(|person| person.email.clone()).collect()
}

fn expected_texts(account: &Account) -> Vec<(String, TouchKind)> {
    let kind = |is_reply| if is_reply { TouchKind::Replied } else { TouchKind::Sent };
    let mut texts: Vec<(String, TouchKind)> =
        account.messages.iter().map(|message| (message.text.clone(), kind(message.is_reply))).collect();
    texts.sort();
    texts
}

#[tokio::test]
async fn every_campaign_person_and_message_comes_once() {
    for tool in CONNECTORS {
        let Open { fake, connector } = open(tool, Account::filled(2, 230)).await;
        let campaigns = walked(|after| connector.campaigns(after)).await;
        let expected = fake.with(|account| account.campaigns.len());
        assert_eq!(campaigns.items.len(), expected, "{tool:?}");
        assert_eq!(campaigns.items[0].state, CampaignState::Active);
        assert_eq!(campaigns.items[0].name, "Campaign 1");
        let people = everybody(&*connector, &campaigns.items).await;
        assert_eq!(people.len(), 460, "{tool:?}");
        assert_eq!(people_of(people), fake.with(|account| expected_people(account)), "{tool:?}");
        let touches = everything(&*connector, &campaigns.items).await;
        assert_eq!(touches.len(), fake.with(|account| account.messages.len()), "{tool:?}");
        assert_eq!(texts_of(touches), fake.with(|account| expected_texts(account)), "{tool:?}");
    }
}

#[tokio::test]
async fn more_campaigns_than_a_page_holds_come_once_each() {
    for tool in CONNECTORS {
        let Open { fake: _fake, connector } = open(tool, Account::filled(250, 0)).await;
        let campaigns = walked(|after| connector.campaigns(after)).await;
        assert_eq!(campaigns.items.len(), 250, "{tool:?}");
        assert_eq!(by_id(campaigns.items, |campaign| campaign.id.clone()).len(), 250);
        assert_eq!(campaigns.rejected, []);
    }
}

#[tokio::test]
async fn a_list_that_changes_under_the_cursor_loses_nobody() {
    for tool in CONNECTORS {
        let Open { fake, connector } = open(tool, Account::filled(1, 250)).await;
        let path = match tool {
            Tool::HeyReach => "/campaign/GetLeadsFromCampaign",
            Tool::PlusVibe => "/lead/workspace-leads",
            _ => "/leads/list",
        };
        // Between the first page and the second somebody on the first is gone: by number they would hide another one.
        fake.with(|account| {
            account.fault(path, 1, Fault::After(Box::new(|account| drop(account.people.remove(3)))));
        });
        let people = walked(|after| connector.people(campaign_id(tool), after)).await;
        let expected = fake.with(|account| expected_people(account));
        assert!(people_of(people.items).is_superset(&expected), "{tool:?}");
    }
}

#[tokio::test]
async fn reading_goes_on_through_limits_outages_silence_and_half_answers() {
    for tool in CONNECTORS {
        let Open { fake, connector } = open(tool, Account::filled(1, 120)).await;
        let hints = tool != Tool::PlusVibe;
        fake.with(|account| {
            for (nth, fault) in [
                Fault::Says(429, if hints { vec![("retry-after", "0")] } else { vec![] }, String::new()),
                Fault::Says(500, vec![], "<html>".to_owned()),
                Fault::Hangs,
                Fault::CutsOff,
                Fault::Says(503, vec![], String::new()),
            ]
            .into_iter()
            .enumerate()
            {
                account.fault("/", nth * 2, fault);
            }
        });
        let campaigns = walked(|after| connector.campaigns(after)).await.items;
        let people = everybody(&*connector, &campaigns).await;
        let touches = everything(&*connector, &campaigns).await;
        assert_eq!(people_of(people), fake.with(|account| expected_people(account)), "{tool:?}");
        assert_eq!(texts_of(touches), fake.with(|account| expected_texts(account)), "{tool:?}");
    }
}

#[tokio::test]
async fn what_cannot_help_is_not_tried_again() {
    for tool in CONNECTORS {
        let Open { fake, connector } = open(tool, Account::filled(1, 1)).await;
        connector.campaigns(None).await.unwrap();
        let asked = || fake.with(|account| std::mem::take(&mut account.asked).len());
        asked();
        fake.with(|account| account.fault("/", 0, Fault::Says(200, vec![], "<html>".to_owned())));
        let garbage = connector.campaigns(None).await.unwrap_err();
        assert!(matches!(garbage, Failure::Unreadable { .. }), "{tool:?}: {garbage}");
        fake.with(|account| {
            account.fault("/", 0, Fault::Says(429, vec![("retry-after", "9000")], String::new()))
        });
        let limited = connector.campaigns(None).await.unwrap_err();
        assert_eq!(limited, Failure::Limited { wait: Duration::from_secs(9_000) });
        assert_eq!(asked(), 2, "{tool:?}");
        let until =
            [("date", "Fri, 20 Nov 2026 14:00:00 GMT"), ("retry-after", "Fri, 20 Nov 2026 17:00:00 GMT")];
        fake.with(|account| account.fault("/", 0, Fault::Says(429, until.to_vec(), String::new())));
        let limited = connector.campaigns(None).await.unwrap_err();
        assert_eq!(limited, Failure::Limited { wait: Duration::from_secs(3 * 3_600) });
        assert_eq!(asked(), 1, "{tool:?}");
        fake.with(|account| account.key = "another".to_owned());
        let refused = connector.campaigns(None).await.unwrap_err();
        assert!(refused.is_about_the_key(), "{tool:?}: {refused}");
        assert!(!refused.to_string().contains(connectors::fakes::KEY));
    }
}

#[tokio::test]
async fn one_that_cannot_be_read_is_set_aside_and_the_others_come() {
    let body = r#"{"totalCount":2,"items":[{"name":"without an id"},{"id":2,"name":"B\u0000","status":"WHO KNOWS"}]}"#;
    let Open { fake, connector } = open(Tool::HeyReach, Account::default()).await;
    fake.with(|account| account.fault("/", 0, Fault::Says(200, vec![], body.to_owned())));
    let page = connector.campaigns(None).await.unwrap();
    assert_eq!((page.came(), page.items.len(), page.rejected.len()), (2, 1, 1));
    assert_eq!((page.items[0].state, page.items[0].name.as_str()), (CampaignState::Unknown, "B"));
    assert!(!page.items[0].raw.to_string().contains("u0000"), "no database keeps it");
    assert_eq!(page.rejected[0].reason, "it has no id");
    assert_eq!(page.rejected[0].reference.as_deref(), Some("without an id"));
}

#[tokio::test]
async fn people_come_with_how_far_they_are() {
    for tool in CONNECTORS {
        let Open { fake: _fake, connector } = open(tool, Account::filled(1, 4)).await;
        let people = walked(|after| connector.people(campaign_id(tool), after)).await.items;
        let stages: Vec<Option<Stage>> =
            people.iter().map(|person| person.progress.map(|progress| progress.stage)).collect();
        let expected = [Some(Stage::Contacted), Some(Stage::Contacted), Some(Stage::Replied), None];
        assert_eq!(stages, expected, "{tool:?}");
        assert!(people.iter().all(|person| person.since.is_some() && person.company.is_some()));
        assert_eq!(people[0].name.as_deref(), Some("First1 Last1"));
    }
}

#[tokio::test]
async fn a_probe_says_what_a_key_may_not_do_and_why() {
    for (tool, path) in
        [(Tool::HeyReach, "/inbox"), (Tool::PlusVibe, "/unibox"), (Tool::Instantly, "/emails")]
    {
        let Open { fake, connector } = open(tool, Account::default()).await;
        let all = connector.probe().await.unwrap();
        assert!(Capability::OF_CONNECTORS.into_iter().all(|capability| all.can(capability)), "{tool:?}");
        fake.with(|account| account.forbidden.push(path));
        let some = connector.probe().await.unwrap();
        assert!(some.can(Capability::ReadCampaigns) && !some.can(Capability::ReadTouches), "{tool:?}");
        assert_eq!(some.why_not(Capability::ReadTouches), Some("the key may not do this"));
        fake.with(|account| account.key = "another".to_owned());
        assert!(connector.probe().await.unwrap_err().is_about_the_key(), "{tool:?}");
    }
}

#[tokio::test]
async fn statistics_are_the_tools_own_counts() {
    for tool in CONNECTORS {
        let Open { fake: _fake, connector } = open(tool, Account::filled(2, 12)).await;
        let (from, to) = ("2025-01-01".parse().unwrap(), "2025-12-31".parse().unwrap());
        let counted = connector.statistics(campaign_id(tool), from, to).await.unwrap();
        assert_eq!((counted.sent, counted.replied), (Some(9), Some(3)), "{tool:?}");
        assert!(!counted.raw.is_null());
    }
}
