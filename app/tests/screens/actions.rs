//! The pages of actions.

use app::actions::{
    ActionEventLine, ActionLeadLine, ActionLine, ActionsPage, ActionsQuestion, ConfirmationPage,
    ConfirmationQuestion, LeadsConfirmationPage, LeadsConfirmationQuestion,
};
use domain::access::Role;
use domain::action::leads::{LeadLeftOut, LeadState, LeadTouched, LeadsPreview};
use domain::action::outcome::{Activity, outcome};
use domain::action::{ActionKind, CampaignPreview, Earlier, State, Step};
use domain::campaign::CampaignState;
use domain::channel::{Channel, ChannelList, ChannelSlug};
use domain::connection::Tool;
use domain::ids::{ActionId, CampaignId, LeadId};
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
        ActionsPage { tenant: self.tenant(), channels: self.channels_of_actions(), lines, next: None }
    }

    pub(crate) fn confirmation_page(&self, question: &ConfirmationQuestion) -> ConfirmationPage {
        let kind: ActionKind = question.kind.parse().unwrap();
        let preview = CampaignPreview {
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
            connector: Some("heyreach".to_owned()),
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
            leads: Vec::new(),
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
        vec![self.enrichment(&queued), queued, unknown, done, old]
    }
}

impl FixedOffice {
    /// Leads that are looked up, one of them in each way it can go.
    fn enrichment(&self, like: &ActionLine) -> ActionLine {
        let lead = |number, state, problem: Option<&str>| ActionLeadLine {
            lead: LeadId(Uuid::from_u128(number)),
            name: self.word(&format!("Lead {number}")),
            state,
            problem: problem.map(|problem| self.word(problem)),
            message: None,
            found: Vec::new(),
        };
        let found = ActionLeadLine {
            found: vec![("email".to_owned(), self.word("one@example.com"))],
            ..lead(1, LeadState::Done, None)
        };
        ActionLine {
            id: ActionId(Uuid::from_u128(5)),
            kind: ActionKind::RetryEnrichment,
            name: "3 leads".to_owned(),
            connector: None,
            state: State::Calling,
            leads: vec![
                found,
                lead(2, LeadState::Failed, Some("nothing was found")),
                lead(3, LeadState::Queued, None),
            ],
            ..like.clone()
        }
    }

    pub(crate) fn leads_page(&self, question: &LeadsConfirmationQuestion) -> LeadsConfirmationPage {
        let kind: ActionKind = question.kind.parse().unwrap();
        let is_written = kind == ActionKind::SendFollowUp;
        let touched = |number, last: Option<&str>| LeadTouched {
            lead: LeadId(Uuid::from_u128(number)),
            name: self.word(&format!("Lead {number}")),
            tool: if is_written { "heyreach" } else { "apollo" }.to_owned(),
            message: is_written.then(|| self.word("Hi Lead,\n\nstill of interest?")),
            last_at: last.map(|_| now() - SignedDuration::from_hours(50)),
            last_problem: last.map(|problem| self.word(problem)),
        };
        let leads = if self.bare {
            Vec::new()
        } else {
            vec![touched(1, None), touched(2, Some("nothing was found"))]
        };
        let left_out = LeadLeftOut {
            lead: LeadId(Uuid::from_u128(3)),
            name: self.word("Lead 3"),
            why: self.word("they have bought"),
        };
        let obstacle = leads.is_empty().then(|| "there is nobody among these it can be done to".to_owned());
        let text = is_written.then(|| {
            question.text.clone().unwrap_or_else(|| self.word("Hi {first_name},\n\nstill of interest?"))
        });
        LeadsConfirmationPage {
            tenant: self.tenant(),
            preview: LeadsPreview {
                kind,
                leads,
                left_out: vec![left_out],
                text,
                credits: (!is_written).then_some(2),
            },
            obstacle,
            seen: "5ee7".to_owned(),
            tools: if self.bare { Vec::new() } else { vec![Tool::Apollo, Tool::FullEnrich] },
            key: "0193a000-0000-7000-8000-00000000000b".to_owned(),
        }
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

const LEADS: &str = "lead=00000000-0000-0000-0000-000000000001&lead=00000000-0000-0000-0000-000000000002&lead=00000000-0000-0000-0000-000000000003";

#[tokio::test]
async fn who_looks_leads_up_sees_whom_it_touches_what_it_costs_and_who_is_left_alone() {
    let answer = by(Role::Operator, &format!("/portal/actions/leads?kind=retry_enrichment&{LEADS}")).await;
    assert!(answer.says("Enrich 2 leads?") && answer.says("2 credits"));
    assert!(answer.says("nothing was found") && answer.says("They have bought."));
    insta::assert_snapshot!(lines(main_of(&answer.html)));
}

#[tokio::test]
async fn who_writes_to_leads_sees_every_message_before_it_goes_out() {
    let answer = by(Role::Operator, &format!("/portal/actions/leads?kind=send_follow_up&{LEADS}")).await;
    assert!(answer.says("Send 2 messages") && answer.says("until then they can be called off"));
    insta::assert_snapshot!(lines(main_of(&answer.html)));
}

#[tokio::test]
async fn without_a_tool_that_looks_people_up_the_page_leads_to_connecting_one() {
    let office = FixedOffice { bare: true, ..FixedOffice::default() };
    let world = World::of(member(Role::Operator)).with(office);
    let answer = asked(&format!("/portal/actions/leads?kind=retry_enrichment&{LEADS}"), world).await;
    assert!(answer.says("Connect a tool") && !answer.html.contains(r#"name="key""#));
}
