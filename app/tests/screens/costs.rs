//! The page of costs.

use app::costs::{CostLine, Costs, CostsQuestion, MonthlyLine};
use domain::access::Role;
use domain::channel::{Channel, ChannelSlug};
use domain::cost::CostType;
use domain::ids::{CostId, CostTemplateId};
use domain::money::{Currency, Money};
use domain::period::DateRange;
use jiff::civil::date;
use uuid::Uuid;

use crate::document::{Answer, World, asked};
use crate::office::FixedOffice;
use crate::pages::{lines, main_of};
use crate::visits::{HOSTILE, member, refused};

const PAGE: &str = "/portal/costs";

impl FixedOffice {
    pub(crate) fn cost_page(&self, question: &CostsQuestion) -> Costs {
        let lines = if self.bare { Vec::new() } else { self.cost_lines() };
        let named = |id: &Option<String>| {
            let line = lines.iter().find(|line| Some(line.id.to_string()) == *id);
            line.cloned()
        };
        Costs {
            tenant: self.tenant(),
            channels: [("heyreach", "HeyReach"), ("meta_ads", "Meta ads")]
                .map(|(slug, name)| {
                    let name = if self.hostile { HOSTILE } else { name };
                    Channel::new(ChannelSlug::stored(slug.to_owned()), name, 1)
                })
                .into_iter()
                .collect(),
            rows_in_all: i64::try_from(lines.len()).unwrap(),
            sum: lines.iter().filter_map(|line| line.base_minor).sum(),
            within: None,
            without_rate: i64::try_from(lines.iter().filter(|line| line.base_minor.is_none()).count())
                .unwrap(),
            monthly: if self.bare { Vec::new() } else { monthly() },
            edited: named(&question.edit),
            deleted: named(&question.deleted),
            next: (!self.bare).then(|| "2026-01-01_7".to_owned()),
            lines,
        }
    }

    fn cost_lines(&self) -> Vec<CostLine> {
        let line = |number: u128, channel: &str, cost_type, minor, currency, base_minor| CostLine {
            id: CostId(Uuid::from_u128(number)),
            channel: ChannelSlug::stored(channel.to_owned()),
            cost_type,
            money: Money { minor, currency },
            base_minor,
            period: DateRange { from: date(2026, 10, 1), to: date(2026, 10, 31) },
            notes: Some(if self.hostile { HOSTILE.to_owned() } else { "three seats".to_owned() }),
            is_monthly: number == 1,
            is_overlapping: number == 3,
            version: 4,
            within: None,
        };
        vec![
            line(1, "heyreach", CostType::Subscription, 31_000, Currency::USD, Some(31_000)),
            line(2, "meta_ads", CostType::AdSpend, 125_050, Currency::EUR, None),
            line(3, "unknown", CostType::Tool, -2_000, Currency::USD, Some(-2_000)),
        ]
    }
}

fn monthly() -> Vec<MonthlyLine> {
    let line = |number, last_month| MonthlyLine {
        id: CostTemplateId(Uuid::from_u128(number)),
        channel: ChannelSlug::stored("heyreach".to_owned()),
        cost_type: CostType::Subscription,
        money: Money { minor: 31_000, currency: Currency::USD },
        first_month: date(2026, 1, 1),
        last_month,
    };
    vec![line(1, None), line(2, Some(date(2026, 6, 1)))]
}

async fn by(role: Role, address: &str) -> Answer {
    asked(address, World::of(member(role))).await
}

#[tokio::test]
async fn the_page_lists_costs_and_has_forms_for_who_may_change_them() {
    let answer = by(Role::Admin, "/portal/costs?done=cost-saved").await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
}

#[tokio::test]
async fn who_only_reads_sees_the_costs_and_no_form_that_changes_one() {
    let answer = by(Role::Viewer, PAGE).await;
    assert!(answer.says("three seats") && answer.says("Download CSV"));
    for form in ["add", "delete", "change", "restore", "end_monthly"] {
        assert!(!answer.says(&format!(r#"name="form" value="{form}""#)), "{form}");
    }
}

#[tokio::test]
async fn a_cost_is_edited_in_a_form_that_knows_its_version_and_keeps_what_was_typed() {
    let page = format!("{PAGE}?edit={}", Uuid::from_u128(2));
    let answer = by(Role::Admin, &page).await;
    assert!(answer.says(r#"value="1250.50""#) && answer.says(r#"name="version" value="4""#));
    let typed = [("amount", "lots"), ("version", "3")];
    let visit = refused(member(Role::Admin), "change", Some("amount"), "this is no amount", &typed);
    let answer = asked(&page, World::of(visit)).await;
    assert!(answer.says(r#"value="lots""#) && answer.says("This is no amount."));
    assert!(answer.says(r#"name="version" value="3""#), "what was seen, not what stands");
}

#[tokio::test]
async fn what_was_deleted_just_now_can_be_brought_back() {
    let answer = by(Role::Admin, &format!("{PAGE}?done=cost-deleted&deleted={}", Uuid::from_u128(1))).await;
    assert!(answer.says("Undo") && answer.says("Subscription of HeyReach, $310.00"));
}

#[tokio::test]
async fn before_the_first_cost_the_page_says_what_it_is_for() {
    let office = FixedOffice { bare: true, ..FixedOffice::default() };
    let answer = asked(PAGE, World::of(member(Role::Admin)).with(office)).await;
    assert!(answer.says("No cost is written down yet") && !answer.says("Download CSV"));
}

#[tokio::test]
async fn hostile_names_of_channels_and_notes_stay_text() {
    let office = FixedOffice { hostile: true, ..FixedOffice::default() };
    let answer = asked(PAGE, World::of(member(Role::Admin)).with(office)).await;
    assert!(!answer.html.contains(HOSTILE));
}
