//! The page of campaigns.

use app::campaigns::{CampaignLine, CampaignsPage, CampaignsQuestion};
use domain::access::Role;
use domain::action::ActionKind;
use domain::campaign::CampaignState;
use domain::channel::ChannelSlug;
use domain::ids::CampaignId;
use jiff::SignedDuration;
use uuid::Uuid;

use crate::desk::now;
use crate::document::{Answer, World, asked};
use crate::office::FixedOffice;
use crate::pages::{lines, main_of};
use crate::visits::{HOSTILE, member};

const PAGE: &str = "/portal/campaigns";

impl FixedOffice {
    pub(crate) fn campaigns_page(&self, question: &CampaignsQuestion) -> CampaignsPage {
        let state: Option<CampaignState> = question.state.as_ref().map(|word| word.parse().expect("a state"));
        let mut lines = if self.bare { Vec::new() } else { self.campaign_lines() };
        lines.retain(|line| state.is_none_or(|state| line.state == state));
        CampaignsPage {
            tenant: self.tenant(),
            channels: self.channels_of_actions(),
            in_all: i64::try_from(lines.len()).expect("few"),
            next: (lines.len() > 3).then(|| "4".to_owned()),
            lines,
        }
    }

    fn campaign_lines(&self) -> Vec<CampaignLine> {
        let line = |number, state, connector: &str| CampaignLine {
            id: CampaignId(Uuid::from_u128(number)),
            name: self.word("Founders in Europe"),
            connector: connector.to_owned(),
            channel: ChannelSlug::stored("heyreach".to_owned()),
            state,
            started_at: Some(now() - SignedDuration::from_hours(900)),
            sent: 1_640,
            reached: 312,
            replied: 41,
            meetings: 6,
            closed: 2,
            last_at: Some(now() - SignedDuration::from_hours(3)),
            possible: ActionKind::possible_from(state).filter(|_| connector != "manual").collect(),
        };
        let draft = CampaignLine {
            started_at: None,
            sent: 0,
            reached: 0,
            replied: 0,
            meetings: 0,
            closed: 0,
            last_at: None,
            ..line(3, CampaignState::Draft, "heyreach")
        };
        vec![
            line(1, CampaignState::Active, "heyreach"),
            line(4, CampaignState::Active, "manual"),
            line(2, CampaignState::Paused, "plusvibe"),
            draft,
        ]
    }
}

async fn by(role: Role, address: &str) -> Answer {
    asked(address, World::of(member(role))).await
}

#[tokio::test]
async fn each_campaign_says_what_it_did_and_what_can_be_done_about_it() {
    let answer = by(Role::Operator, PAGE).await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
}

#[tokio::test]
async fn who_may_not_act_sees_the_campaigns_and_no_button() {
    let answer = by(Role::Viewer, PAGE).await;
    assert!(answer.says("Founders in Europe") && answer.says("41 (13.1%)"));
    assert!(!answer.says("/portal/actions/confirm"));
}

#[tokio::test]
async fn a_list_without_campaigns_says_why_and_what_to_do_next() {
    let office = FixedOffice { bare: true, ..FixedOffice::default() };
    let answer = asked(PAGE, World::of(member(Role::Operator)).with(office)).await;
    assert!(answer.says("No campaign is known yet.") && answer.says("/portal/settings/connections"));
    assert!(by(Role::Operator, "/portal/campaigns?state=finished").await.says("No campaign is like that."));
}

#[tokio::test]
async fn hostile_names_of_campaigns_stay_text() {
    let office = FixedOffice { hostile: true, ..FixedOffice::default() };
    let answer = asked(PAGE, World::of(member(Role::Operator)).with(office)).await;
    assert!(!answer.html.contains(HOSTILE));
}
