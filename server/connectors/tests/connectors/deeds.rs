//! What connectors do at their tools: done, not done, or nobody knows.

use connectors::fakes::{Account, Fault, KEY};
use connectors::{ApiBase, Deed, Failure, NewLead, Outcome, Pace, Thread, connect};
use domain::campaign::CampaignState;
use domain::connection::Tool;

use crate::support::{CONNECTORS, Open, campaign_id, open, quick};

fn pause(tool: Tool) -> Deed {
    Deed::Pause { campaign: campaign_id(tool).to_owned() }
}

fn resume(tool: Tool) -> Deed {
    Deed::Resume { campaign: campaign_id(tool).to_owned() }
}

const fn deed_path(tool: Tool) -> &'static str {
    match tool {
        Tool::HeyReach => "/campaign/Pause",
        Tool::PlusVibe => "/campaign/pause",
        _ => "/campaigns/00000000-0000-4000-8000-000000000001/pause",
    }
}

fn somebody(n: u32) -> NewLead {
    NewLead {
        email: Some(format!("new{n}@example.com")),
        profile_url: Some(format!("https://linkedin.com/in/new-{n}")),
        first_name: Some(format!("New{n}")),
        last_name: Some("Lead".to_owned()),
        ..NewLead::default()
    }
}

#[tokio::test]
async fn a_campaign_is_paused_and_goes_on_and_its_state_is_read_back() {
    for tool in CONNECTORS {
        let Open { fake, connector } = open(tool, Account::filled(1, 2)).await;
        let paused = connector.act(&pause(tool)).await.unwrap();
        assert_eq!(paused.state, Some(CampaignState::Paused), "{tool:?}");
        assert_eq!(fake.with(|account| account.campaigns[0].state), CampaignState::Paused);
        assert_eq!(connector.state_of(campaign_id(tool)).await.unwrap(), CampaignState::Paused);
        let resumed = connector.act(&resume(tool)).await.unwrap();
        assert_eq!(resumed.state, Some(CampaignState::Active), "{tool:?}");
    }
}

#[tokio::test]
async fn a_campaign_of_heyreach_that_has_not_begun_is_started_and_an_empty_one_is_seen_to_rest_again() {
    let mut account = Account::filled(1, 2);
    account.campaigns[0].state = CampaignState::Draft;
    let Open { fake, connector } = open(Tool::HeyReach, account).await;
    let started = connector.act(&resume(Tool::HeyReach)).await.unwrap();
    assert_eq!(started.state, Some(CampaignState::Active));
    fake.with(|account| {
        account.people.clear();
        account.campaigns[0].state = CampaignState::Paused;
    });
    let resumed = connector.act(&resume(Tool::HeyReach)).await.unwrap();
    assert_eq!((resumed.status, resumed.state), (200, Some(CampaignState::Paused)));
}

#[tokio::test]
async fn people_are_added_once_however_often_they_are_sent() {
    for tool in CONNECTORS {
        let Open { fake, connector } = open(tool, Account::filled(1, 0)).await;
        let leads = vec![somebody(1), somebody(2)];
        let deed = Deed::AddLeads { campaign: campaign_id(tool).to_owned(), leads };
        let first = connector.act(&deed).await.unwrap();
        assert_eq!((first.added, first.known, first.refused), (Some(2), Some(0), Some(0)), "{tool:?}");
        let second = connector.act(&deed).await.unwrap();
        assert_eq!((second.added, second.known), (Some(0), Some(2)), "{tool:?}");
        assert_eq!(fake.with(|account| account.people.len()), 2);
        let many = (0..101).map(somebody).collect();
        let too_many = Deed::AddLeads { campaign: campaign_id(tool).to_owned(), leads: many };
        let refused = connector.act(&too_many).await.unwrap_err();
        assert_eq!(refused.outcome(), Outcome::NotDone, "{tool:?}");
        let nobody =
            Deed::AddLeads { campaign: campaign_id(tool).to_owned(), leads: vec![NewLead::default()] };
        assert!(matches!(connector.act(&nobody).await, Err(Failure::Impossible { .. })), "{tool:?}");
    }
}

#[tokio::test]
async fn a_reply_is_sent_once_even_when_nobody_says_so() {
    let reply = |tool| Deed::Reply {
        thread: Thread {
            id: if tool == Tool::HeyReach { "conversation 1" } else { "mail-1" }.to_owned(),
            account: if tool == Tool::HeyReach { "7" } else { "me@work.example" }.to_owned(),
            to: Some("person1@example.com".to_owned()),
            subject: Some("Re: Hello".to_owned()),
        },
        text: "Gladly".to_owned(),
    };
    for tool in CONNECTORS {
        let Open { fake, connector } = open(tool, Account::filled(1, 1)).await;
        let receipt = connector.act(&reply(tool)).await.unwrap();
        assert_eq!(receipt.message.is_some(), tool != Tool::HeyReach, "HeyReach answers with nothing");
        fake.with(|account| account.fault("/", 0, Fault::DoesAndHangs));
        let silent = connector.act(&reply(tool)).await.unwrap_err();
        assert!(matches!(silent, Failure::Unanswered { .. }), "{tool:?}: {silent}");
        assert_eq!(silent.outcome(), Outcome::Unknown);
        assert_eq!(fake.with(|account| account.sent.len()), 2, "{tool:?}: it was sent again");
    }
}

#[tokio::test]
async fn what_became_of_a_deed_is_known_or_said_to_be_unknown() {
    for tool in CONNECTORS {
        for (fault, outcome) in [
            (Fault::Says(400, vec![], "{}".to_owned()), Outcome::NotDone),
            (Fault::Says(429, vec![], String::new()), Outcome::NotDone),
            (Fault::Says(500, vec![], String::new()), Outcome::Unknown),
            (Fault::Hangs, Outcome::Unknown),
            (Fault::DoesAndHangs, Outcome::Unknown),
        ] {
            let Open { fake, connector } = open(tool, Account::filled(1, 1)).await;
            connector.campaigns(None).await.unwrap();
            let asked = |account: &mut Account| {
                account.asked.iter().filter(|asked| asked.ends_with(deed_path(tool))).count()
            };
            fake.with(|account| account.fault(deed_path(tool), 0, fault));
            let failure = connector.act(&pause(tool)).await.unwrap_err();
            assert_eq!(failure.outcome(), outcome, "{tool:?}: {failure}");
            assert_eq!(fake.with(asked), 1, "{tool:?}: a deed was tried again after {failure}");
        }
    }
}

#[tokio::test]
async fn what_went_wrong_before_a_deed_was_begun_leaves_it_undone() {
    let faults: [fn() -> Fault; 2] = [|| Fault::Hangs, || Fault::Says(500, vec![], String::new())];
    for (tool, path) in [(Tool::HeyReach, "/campaign/GetById"), (Tool::PlusVibe, "/authenticate")] {
        for fault in faults {
            let Open { fake, connector } = open(tool, Account::filled(1, 1)).await;
            fake.with(|account| (0..quick().attempts).for_each(|_| account.fault(path, 0, fault())));
            let failure = connector.act(&resume(tool)).await.unwrap_err();
            assert_eq!(failure.outcome(), Outcome::NotDone, "{tool:?}: {failure}");
            let is_deed = |asked: &String| asked.ends_with("/Resume") || asked.ends_with("/launch");
            assert!(!fake.with(|account| account.asked.iter().any(is_deed)), "{tool:?}");
        }
    }
}

#[tokio::test]
async fn a_tool_that_cannot_be_reached_did_nothing() {
    for tool in CONNECTORS {
        let gone = open(tool, Account::default()).await.fake.address.clone();
        let base = ApiBase::configured(&gone).unwrap();
        let pace = Pace { attempts: 1, ..quick() };
        let connector = connect(tool, Some(base), &KEY.to_owned().into(), pace).unwrap();
        let failure = connector.act(&pause(tool)).await.unwrap_err();
        assert!(matches!(failure, Failure::Unreachable { .. }), "{tool:?}: {failure}");
        assert_eq!(failure.outcome(), Outcome::NotDone);
    }
}

#[tokio::test]
async fn a_refusal_is_told_in_the_tools_words() {
    let Open { fake, connector } = open(Tool::PlusVibe, Account::filled(1, 1)).await;
    fake.with(|account| account.campaigns.clear());
    let refused = connector.act(&pause(Tool::PlusVibe)).await.unwrap_err();
    assert_eq!(refused, Failure::Refused { status: 200, words: "campaign not found".to_owned() });
    let mut account = Account::filled(1, 1);
    account.campaigns[0].state = CampaignState::Draft;
    let Open { fake: _fake, connector } = open(Tool::HeyReach, account).await;
    let deed = Deed::AddLeads { campaign: "1".to_owned(), leads: vec![somebody(1)] };
    let refused = connector.act(&deed).await.unwrap_err();
    assert_eq!(refused, Failure::Refused { status: 400, words: "the campaign is not active".to_owned() });
}
