//! The pages of actions.

use app::actions::{
    ActionEventLine, ActionLine, ActionsPage, ActionsQuestion, ConfirmationPage, ConfirmationQuestion,
};
use domain::access::Role;
use domain::action::outcome::{Activity, outcome};
use domain::action::{ActionKind, Earlier, Preview, State, Step};
use domain::campaign::CampaignState;
use domain::channel::{Channel, ChannelList, ChannelSlug};
use domain::ids::{ActionId, CampaignId};
use jiff::SignedDuration;
use uuid::Uuid;

use crate::desk::now;
use crate::document::{Answer, World, asked};
use crate::office::FixedOffice;
use crate::pages::{lines, main_of};
use crate::visits::{HOSTILE, member, refused};

const PAGE: &str = "/portal/actions";
const CONFIRM: &str =
    "/portal/actions/confirm?kind=pause_campaign&campaign=00000000-0000-0000-0000-000000000001";

impl FixedOffice {
    pub(crate) fn actions_page(&self, question: &ActionsQuestion) -> ActionsPage {
        let state: Option<State> = question.state.as_ref().map(|word| word.parse().unwrap());
        let mut lines = if self.bare { Vec::new() } else { self.action_lines() };
        lines.retain(|line| state.is_none_or(|state| line.state == state));
        ActionsPage { tenant: self.tenant(), channels: self.channels_of_actions(), lines }
    }

    pub(crate) fn confirmation_page(&self, question: &ConfirmationQuestion) -> ConfirmationPage {
        let kind: ActionKind = question.kind.parse().unwrap();
        let preview = Preview {
            kind,
            campaign: CampaignId(Uuid::from_u128(1)),
            name: self.word("Founders in Europe"),
            connector: "heyreach".to_owned(),
            external_id: "417".to_owned(),
            channel: ChannelSlug::stored("heyreach".to_owned()),
            state: CampaignState::Active,
            is_from_tool: kind == ActionKind::PauseCampaign,
            version: 4,
            people: 312,
            lately: Activity { sent: 640, replied: 41 },
            last: Some(Earlier {
                kind: ActionKind::ResumeCampaign,
                by: self.word("grace@example.org"),
                at: now() - SignedDuration::from_hours(50),
            }),
        };
        let obstacle =
            (!kind.is_possible_from(preview.state)).then(|| "this campaign is active now".to_owned());
        let key = "0193a000-0000-7000-8000-00000000000a".to_owned();
        ConfirmationPage {
            tenant: self.tenant(),
            channels: self.channels_of_actions(),
            preview,
            obstacle,
            key,
        }
    }

    pub(crate) fn word(&self, text: &str) -> String {
        if self.hostile { HOSTILE.to_owned() } else { text.to_owned() }
    }

    pub(crate) fn channels_of_actions(&self) -> ChannelList {
        let slug = ChannelSlug::stored("heyreach".to_owned());
        [Channel::new(slug, self.word("HeyReach"), 1)].into_iter().collect()
    }

    fn action_lines(&self) -> Vec<ActionLine> {
        let event = |step, by: Option<&str>, note: Option<&str>, minutes| ActionEventLine {
            step,
            by: by.map(|by| self.word(by)),
            note: note.map(|note| self.word(note)),
            at: now() - SignedDuration::from_mins(minutes),
        };
        let asked = || event(Step::Request, Some("ada@example.com"), None, 5);
        let unknown = ActionLine {
            id: ActionId(Uuid::from_u128(1)),
            kind: ActionKind::ResumeCampaign,
            name: self.word("Founders in Europe"),
            connector: "heyreach".to_owned(),
            state: State::Unknown,
            asked_by: self.word("ada@example.com"),
            asked_at: now() - SignedDuration::from_mins(5),
            answer: None,
            problem: Some(self.word("it was asked and did not answer: the connection broke")),
            is_undo: false,
            can_undo: false,
            outcome: None,
            outcome_at: None,
            history: vec![
                event(Step::Silence, None, Some("the connection broke"), 4),
                event(Step::Call, None, None, 4),
                asked(),
            ],
        };
        let done = ActionLine {
            id: ActionId(Uuid::from_u128(2)),
            kind: ActionKind::PauseCampaign,
            state: State::Done,
            answer: Some(self.word("{\n  \"status\": 200\n}")),
            problem: None,
            can_undo: true,
            outcome_at: Some(now() + SignedDuration::from_hours(160)),
            history: vec![event(Step::Confirm, None, None, 4), event(Step::Call, None, None, 4), asked()],
            ..unknown.clone()
        };
        let before = Activity { sent: 640, replied: 41 };
        let after = Activity { sent: 3, replied: 12 };
        let old = ActionLine {
            id: ActionId(Uuid::from_u128(3)),
            outcome: Some(outcome(ActionKind::PauseCampaign, before, after)),
            asked_at: now() - SignedDuration::from_hours(300),
            ..done.clone()
        };
        let queued = ActionLine {
            id: ActionId(Uuid::from_u128(4)),
            state: State::Queued,
            answer: None,
            outcome_at: None,
            history: vec![asked()],
            ..done.clone()
        };
        vec![queued, unknown, done, old]
    }
}

async fn by(role: Role, address: &str) -> Answer {
    asked(address, World::of(member(role))).await
}

#[tokio::test]
async fn the_page_shows_what_was_done_with_its_receipts() {
    let answer = by(Role::Operator, "/portal/actions?done=action-taken-on").await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
}

#[tokio::test]
async fn an_action_is_confirmed_in_a_plain_form_that_is_the_same_when_it_is_sent_twice() {
    let answer = by(Role::Operator, CONFIRM).await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
}

#[tokio::test]
async fn what_cannot_be_done_now_says_why_and_has_no_button() {
    let answer = by(Role::Operator, &CONFIRM.replace("pause_campaign", "resume_campaign")).await;
    assert!(answer.says("This campaign is active now.") && answer.says("its tool did not say just now"));
    assert!(!answer.says(r#"value="confirm""#));
}

#[tokio::test]
async fn who_may_not_act_sees_the_log_and_no_button() {
    let answer = by(Role::Viewer, PAGE).await;
    assert!(answer.says("Founders in Europe") && answer.says("Receipt"));
    for button in ["/portal/actions/confirm", r#"value="undo""#, r#"value="check""#] {
        assert!(!answer.says(button), "{button}");
    }
    assert_eq!(by(Role::Viewer, CONFIRM).await.status, 403);
}

#[tokio::test]
async fn before_anything_was_done_the_page_says_what_it_is_for() {
    let office = FixedOffice { bare: true, ..FixedOffice::default() };
    let answer = asked(PAGE, World::of(member(Role::Operator)).with(office)).await;
    assert!(answer.says("Nothing was done yet.") && answer.says(r#"href="/portal/campaigns""#));
    assert!(by(Role::Operator, "/portal/actions?state=failed").await.says("No action is like that."));
}

#[tokio::test]
async fn what_was_refused_is_said_and_hostile_words_stay_text() {
    let office = FixedOffice { hostile: true, ..FixedOffice::default() };
    let why = "this campaign is paused now";
    for (page, form) in [(PAGE, "undo"), (CONFIRM, "confirm")] {
        let visit = refused(member(Role::Operator), form, None, why, &[]);
        let answer = asked(page, World::of(visit).with(office.clone())).await;
        assert!(answer.says("This campaign is paused now.") && !answer.html.contains(HOSTILE), "{page}");
    }
}
