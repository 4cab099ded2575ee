//! Lists of customers, and one with everything known of it.

use app::port::{
    AskError, CustomerEvent, CustomerEventKind, CustomerLine, CustomerStory, CustomersPage, CustomersQuestion,
};
use domain::access::{Permission, Viewer};
use domain::channel::ChannelSlug;
use jiff::Timestamp;
use store::customer_list::{CustomerFilter, CustomerMovement, CustomerPlace, ListedCustomer};
use store::moved_money::MovedMoney;

use super::paging::{Paging, wrong_cursor};
use super::{LedgerDesk, ours, tenant_view};

/// The most movements of money a history shows.
const MOST_EVENTS: i64 = 500;

impl LedgerDesk {
    /// A page of customers.
    pub(super) async fn customers_page(
        &self,
        viewer: &Viewer,
        question: CustomersQuestion,
    ) -> Result<CustomersPage, AskError> {
        viewer.require(Permission::ReadFigures)?;
        let paging = Paging::read(question.limit.as_deref())?;
        let after = question.cursor.as_deref().map(place).transpose()?;
        let filter =
            CustomerFilter { customer: None, channel: question.channel.clone(), search: question.search };
        let mut snapshot = self.snapshot(viewer.tenant).await?;
        let work = snapshot.work();
        let customers_in_all = work.customers_counted(&filter).await.map_err(ours)?;
        let found = work.customers_page(&filter, after.as_ref(), paging.one_more()).await.map_err(ours)?;
        let (found, next) = paging.page(found, cursor);
        let channels = snapshot.channels().await.map_err(ours)?;
        Ok(CustomersPage {
            tenant: tenant_view(snapshot.tenant(), &channels),
            channel: question.channel.map(ChannelSlug::stored),
            as_of: snapshot.as_of(),
            lines: found.into_iter().map(line).collect(),
            customers_in_all,
            next,
        })
    }

    /// One customer with its history; `None` when nobody of this id has paid.
    pub(super) async fn customer_story(
        &self,
        viewer: &Viewer,
        id: &str,
    ) -> Result<Option<CustomerStory>, AskError> {
        viewer.require(Permission::ReadFigures)?;
        let mut snapshot = self.snapshot(viewer.tenant).await?;
        let work = snapshot.work();
        let filter = CustomerFilter { customer: Some(id.to_owned()), ..CustomerFilter::default() };
        let Some(found) = work.customers_page(&filter, None, 1).await.map_err(ours)?.pop() else {
            return Ok(None);
        };
        let movements = work.movements_of_customer(id).await.map_err(ours)?;
        let money = work.money_of_customer(id, MOST_EVENTS).await.map_err(ours)?;
        let lead = money.iter().find_map(|money| money.lead);
        let (mrr_course, mut events) = course(movements);
        events.extend(money.into_iter().map(moved));
        events.sort_by_key(|event| std::cmp::Reverse(event.at));
        let channels = snapshot.channels().await.map_err(ours)?;
        let tenant = tenant_view(snapshot.tenant(), &channels);
        Ok(Some(CustomerStory { tenant, line: line(found), lead, mrr_course, events }))
    }
}

/// What was paid a month after each change, and each change with it.
fn course(movements: Vec<CustomerMovement>) -> (Vec<i64>, Vec<CustomerEvent>) {
    let (mut mrr, mut after, mut events) = (0_i64, vec![0], Vec::new());
    for CustomerMovement { kind, detail, at, base_amount } in movements {
        mrr = mrr.saturating_add(base_amount);
        after.push(mrr);
        let what = CustomerEventKind::Movement { kind, detail, amount: base_amount, mrr };
        events.push(CustomerEvent { at, what });
    }
    (after, events)
}

fn moved(money: MovedMoney) -> CustomerEvent {
    let what = CustomerEventKind::Money { kind: money.kind, money: money.money, stripe_id: money.payment };
    CustomerEvent { at: money.at, what }
}

fn line(customer: ListedCustomer) -> CustomerLine {
    CustomerLine {
        customer: customer.customer,
        email: customer.email,
        channel: customer.channel,
        first_paid_at: customer.first_paid_at,
        mrr: customer.mrr,
        lifetime_revenue: customer.lifetime_revenue,
    }
}

/// The place after a customer, as an address carries it.
fn cursor(customer: &ListedCustomer) -> String {
    format!("{}-{}", customer.first_paid_at.as_microsecond(), customer.customer)
}

fn place(cursor: &str) -> Result<CustomerPlace, AskError> {
    let (at, customer) = cursor.split_once('-').ok_or_else(wrong_cursor)?;
    let at = at.parse().ok().and_then(|at| Timestamp::from_microsecond(at).ok());
    let first_paid_at = at.ok_or_else(wrong_cursor)?;
    Ok(CustomerPlace { first_paid_at, customer: customer.to_owned() })
}
