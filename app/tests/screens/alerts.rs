//! What needs somebody, on the main screen and on its own page.

use app::port::{AlertCommentLine, AlertEventLine, AlertLine, AlertsPage, AlertsQuestion, AskError};
use domain::access::Role;
use domain::alert::{Change, Detector, Finding, Severity, State};
use domain::ids::{AlertCommentId, AlertId};
use jiff::SignedDuration;
use uuid::Uuid;

use crate::desk::{FixedDesk, now};
use crate::document::{World, asked, at};
use crate::pages::{lines, main_of};
use crate::visits::{member, refused};

impl FixedDesk {
    /// What nobody is done with and is not snoozed.
    pub(crate) fn needing_somebody(&self) -> Vec<AlertLine> {
        let told = self.alert_lines().into_iter().take(4);
        told.map(|line| AlertLine { history: Vec::new(), comments: Vec::new(), ..line }).collect()
    }

    pub(crate) fn answer_alerts(&self, question: &AlertsQuestion) -> Result<AlertsPage, AskError> {
        self.refuse_when_told()?;
        let state: Option<State> = question.state.as_ref().map(|word| word.parse().unwrap());
        let mut lines = if self.untouched || self.quiet { Vec::new() } else { self.alert_lines() };
        lines.retain(|line| state.map_or(line.state != State::Resolved, |state| line.state == state));
        let open = i64::try_from(lines.iter().filter(|line| line.state == State::Open).count()).unwrap();
        let members = ["ada@example.com", "eve@example.com"].map(|email| self.name(email)).to_vec();
        Ok(AlertsPage { tenant: self.tenant_view(), state, open, lines, members, as_of: now() })
    }

    fn alert_lines(&self) -> Vec<AlertLine> {
        let losing = self.alert(
            (Detector::ChannelLosing, "meta_ads", Severity::Critical),
            "Meta ads is losing money",
            "Spent $21,100 for $17,303 of revenue in 30 days: ROI −18.0%.",
        );
        let failed = self.alert(
            (Detector::FailedPayments, "all", Severity::Critical),
            "7 payments failed, $2,310 of MRR at risk",
            "$2,500 could not be collected yet; $2,310 of $41,870 MRR is past due (5.5%).",
        );
        let stuck = self.alert(
            (Detector::StuckLeads, "enriched", Severity::Warning),
            "312 leads stuck in Enriched",
            "Of 400 in Enriched, 312 had nothing happen for 14 days; three quarters move on within 10 days.",
        );
        let room = self.alert(
            (Detector::RoomToGrow, "heyreach", Severity::Opportunity),
            "HeyReach has room to grow",
            "ROI 390.0% on $1,000 spent in 30 days. Confidence is medium.",
        );
        let opened = AlertEventLine {
            change: Change::Opened,
            severity: Severity::Warning,
            why: stuck.finding.why.clone(),
            by: None,
            snoozed_until: None,
            assignee: None,
            at: stuck.opened_at,
        };
        let taken = AlertEventLine {
            change: Change::Acknowledged,
            by: Some(self.name("ada@example.com")),
            at: now() - SignedDuration::from_hours(1),
            ..opened.clone()
        };
        let handed_on = AlertEventLine {
            change: Change::Assigned,
            assignee: Some(self.name("eve@example.com")),
            ..taken.clone()
        };
        let comment = AlertCommentLine {
            id: AlertCommentId(Uuid::nil()),
            by: self.name("eve@example.com"),
            text: format!("{}\nAsked the provider.", self.name("Enrichment is down.")),
            at: now(),
        };
        let stuck = AlertLine {
            state: State::Acknowledged,
            assignee: Some(self.name("eve@example.com")),
            history: vec![handed_on, taken, opened],
            comments: vec![comment],
            ..stuck
        };
        let tomorrow = now() + SignedDuration::from_hours(24);
        let letters = self.alert(
            (Detector::DeadLetters, "all", Severity::Warning),
            "1 event of Stripe's could not be understood",
            "Nothing is lost, but until somebody has looked at what is wrong it is in no figure.",
        );
        let snoozed = AlertLine { state: State::Snoozed, snoozed_until: Some(tomorrow), ..letters.clone() };
        let over = AlertLine { state: State::Resolved, resolved_at: Some(now()), ..letters };
        vec![losing, failed, stuck, room, snoozed, over]
    }

    fn alert(
        &self,
        (detector, subject, severity): (Detector, &str, Severity),
        title: &str,
        why: &str,
    ) -> AlertLine {
        let finding = Finding {
            detector,
            subject: subject.to_owned(),
            severity,
            title: self.name(title),
            why: self.name(why),
            operands: [("days".to_owned(), 30)].into(),
            about: [].into(),
        };
        AlertLine {
            id: AlertId(Uuid::new_v5(&Uuid::nil(), finding.key().as_bytes())),
            finding,
            state: State::Open,
            assignee: None,
            opened_at: now() - SignedDuration::from_hours(30),
            last_seen_at: now(),
            snoozed_until: None,
            resolved_at: None,
            version: 3,
            history: Vec::new(),
            comments: Vec::new(),
        }
    }
}

#[tokio::test]
async fn the_page_shows_what_needs_somebody_and_what_happened() {
    let answer = at("/portal/alerts", FixedDesk::default()).await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
}

#[tokio::test]
async fn what_is_resolved_is_shown_when_asked_for_and_has_no_forms() {
    let answer = at("/portal/alerts?state=resolved", FixedDesk::default()).await;
    assert!(answer.says("Resolved") && !answer.says("Snooze 1 day"));
}

#[tokio::test]
async fn where_nothing_needs_anybody_the_page_says_what_is_watched() {
    let answer = at("/portal/alerts", FixedDesk { untouched: true, ..FixedDesk::default() }).await;
    assert!(answer.says("Nothing needs you.") && answer.says("channels that lose money"));
}

#[tokio::test]
async fn the_main_screen_says_what_needs_somebody_and_leads_to_it() {
    let answer = at("/portal/command-center?period=90d", FixedDesk::default()).await;
    assert!(answer.says("3 open · 2 critical") && answer.says("Meta ads is losing money"));
    assert!(answer.says(r#"href="/portal/leads?stage=enriched&amp;stuck=yes""#));
    let form = r#"action="/portal/command-center?period=90d&amp;tenant_id="#;
    assert!(answer.says(form), "forms keep the days that are looked at");
}

#[tokio::test]
async fn who_may_not_act_sees_no_button() {
    for page in ["/portal/alerts", "/portal/command-center"] {
        let answer = asked(page, World::of(member(Role::Viewer))).await;
        assert!(answer.says("Meta ads is losing money") && !answer.says("Acknowledge<"), "{page}");
    }
}

#[tokio::test]
async fn what_was_refused_stands_at_the_head_of_the_page() {
    let why = "this alert changed meanwhile and is resolved now: look at it again";
    let visit = refused(member(Role::Operator), "snooze", None, why, &[]);
    for page in ["/portal/alerts", "/portal/command-center"] {
        let answer = asked(page, World::of(visit.clone())).await;
        assert!(answer.says("This alert changed meanwhile and is resolved now"), "{page}");
    }
}

#[tokio::test]
async fn the_navigation_counts_what_is_open() {
    let visit = app::visit::Visit { open_alerts: 4, ..member(Role::Viewer) };
    let answer = asked("/portal/revenue", World::of(visit)).await;
    assert!(answer.says(r#"<span class="side-count">4"#), "{}", answer.html);
    let none = asked("/portal/revenue", World::of(member(Role::Viewer))).await;
    assert!(!none.says("side-count"));
}
