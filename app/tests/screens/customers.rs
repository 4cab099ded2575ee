//! Customers: a list of them, and one with its history.

use app::port::{AskError, CustomerEvent, CustomerEventKind, CustomerLine, CustomerStory, CustomersPage};
use domain::channel::ChannelSlug;
use domain::ledger::EntryKind;
use domain::money::{Currency, Money};
use domain::mrr::{MovementDetail, MovementKind};
use jiff::ToSpan;

use crate::desk::{FixedDesk, now};
use crate::document::at;
use crate::pages::{lines, main_of, refuse_markup_of_others};

const CUSTOMER: &str = "cus_RaB2cDeFgHiJkL";

impl FixedDesk {
    pub(crate) fn answer_customers(&self) -> Result<CustomersPage, AskError> {
        self.refuse_when_told()?;
        let lines = if self.untouched { Vec::new() } else { self.customers() };
        Ok(CustomersPage {
            tenant: self.tenant_view(),
            channel: None,
            as_of: now(),
            customers_in_all: i64::try_from(lines.len()).unwrap(),
            next: (!lines.is_empty()).then(|| "older".to_owned()),
            lines,
        })
    }

    pub(crate) fn answer_customer(&self, id: &str) -> Result<Option<CustomerStory>, AskError> {
        self.refuse_when_told()?;
        if id != CUSTOMER {
            return Ok(None);
        }
        let movement = |kind, detail: Option<MovementDetail>, amount, mrr| CustomerEventKind::Movement {
            kind,
            detail,
            amount,
            mrr,
        };
        let event = |hours: i64, what| CustomerEvent { at: now() - hours.hours(), what };
        Ok(Some(CustomerStory {
            tenant: self.tenant_view(),
            line: self.customers().remove(0),
            lead: None,
            mrr_course: vec![0, 4_900, 9_900],
            events: vec![
                event(
                    3,
                    movement(MovementKind::Expansion, Some(MovementDetail::TrialConverted), 5_000, 9_900),
                ),
                event(
                    900,
                    CustomerEventKind::Money {
                        kind: EntryKind::Payment,
                        money: Money { minor: 4_900, currency: Currency::USD },
                        stripe_id: "in_1RaB2cDeFgHiJkLm".to_owned(),
                    },
                ),
                event(901, movement(MovementKind::New, None, 4_900, 4_900)),
            ],
        }))
    }

    fn customers(&self) -> Vec<CustomerLine> {
        let email = if self.hostile { "<img src=x onerror=alert(10)>" } else { "ada@example.com" };
        let line = |customer: &str, email: Option<&str>, mrr, lifetime_revenue| CustomerLine {
            customer: customer.to_owned(),
            email: email.map(str::to_owned),
            channel: ChannelSlug::stored("heyreach".to_owned()),
            first_paid_at: now() - 900.hours(),
            mrr,
            lifetime_revenue,
        };
        vec![line(CUSTOMER, Some(email), 9_900, 49_500), line("someone@example.com", None, 0, 149_900)]
    }
}

#[tokio::test]
async fn customers_are_listed_with_what_recurs_and_what_they_have_paid() {
    let html = at("/portal/customers", FixedDesk::default()).await.html;
    let main = main_of(&html).replace("<!>", "");
    assert!(main.contains("2 customers"), "{main}");
    assert!(main.contains("href=\"/portal/customers/cus_RaB2cDeFgHiJkL\""), "{main}");
    assert!(main.contains("href=\"/portal/customers/someone%40example.com\""), "{main}");
    assert!(main.contains("$495") && main.contains("$99"), "{main}");
}

#[tokio::test]
async fn a_customer_is_shown_with_its_whole_history() {
    let html = at(&format!("/portal/customers/{CUSTOMER}"), FixedDesk::default()).await.html;
    insta::assert_snapshot!(lines(main_of(&html)));
}

#[tokio::test]
async fn nobody_s_customer_is_not_found_and_names_stay_text() {
    assert_eq!(at("/portal/customers/nobody", FixedDesk::default()).await.status, 404);
    let hostile = FixedDesk { hostile: true, ..FixedDesk::default() };
    for address in ["/portal/customers", &format!("/portal/customers/{CUSTOMER}")] {
        refuse_markup_of_others(main_of(&at(address, hostile.clone()).await.html));
    }
}
