//! `GET /api/dunning`: payments that could not be collected.

use app::port::{Desk, FailedLine, FailedPage, FailedQuestion, FailedTotalLine};
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::access::Permission;
use domain::dunning::{Closing, Standing};
use domain::ids::{EventId, TenantId};
use domain::money::Currency;
use jiff::Timestamp;
use serde::Serialize;

use super::Services;
use super::callers::{Known, require};
use super::errors::ApiError;
use super::query::Query;

/// `GET /api/dunning`
pub(super) async fn show_failed_payments(
    State(services): State<Services>,
    known: Known,
    mut query: Query,
) -> Result<impl IntoResponse, ApiError> {
    let question = FailedQuestion {
        tenant_id: query.take("tenant_id"),
        state: query.take_given("state"),
        cursor: query.take_given("cursor"),
        limit: query.take_given("limit"),
    };
    let (viewer, tenant) = known.look(&services, question.tenant_id.as_deref()).await?;
    require(&services, &viewer, Permission::ReadFigures, &known.sender).await?;
    let page = services.desk.failed_payments(&viewer, question).await?;
    Ok(Json(Answer::of(tenant.id, page)))
}

#[derive(Serialize)]
struct Answer {
    tenant_id: TenantId,
    totals: Vec<Total>,
    payments: Vec<Payment>,
    next_cursor: Option<String>,
}

impl Answer {
    fn of(tenant_id: TenantId, page: FailedPage) -> Self {
        Self {
            tenant_id,
            totals: page.totals.into_iter().map(Total::of).collect(),
            payments: page.lines.into_iter().map(Payment::of).collect(),
            next_cursor: page.next,
        }
    }
}

#[derive(Serialize)]
struct Total {
    currency: Currency,
    state: Standing,
    amount: i64,
    payments: i64,
}

impl Total {
    fn of(total: FailedTotalLine) -> Self {
        Self {
            currency: total.currency,
            state: total.standing,
            amount: total.amount,
            payments: total.payments,
        }
    }
}

#[derive(Serialize)]
struct Payment {
    name: String,
    state: Standing,
    amount: i64,
    currency: Currency,
    attempts: i64,
    next_attempt_at: Option<Timestamp>,
    failure_code: Option<String>,
    failure_message: Option<String>,
    needs_action: bool,
    first_failed_at: Timestamp,
    last_failed_at: Timestamp,
    customer_email: Option<String>,
    stripe: StripeIds,
    livemode: Option<bool>,
    closed: Option<End>,
}

#[derive(Serialize)]
struct StripeIds {
    event: EventId,
    customer: Option<String>,
    subscription: Option<String>,
    invoice: Option<String>,
    payment_intent: Option<String>,
}

#[derive(Serialize)]
struct End {
    because: Closing,
    at: Timestamp,
    event: EventId,
}

impl Payment {
    fn of(line: FailedLine) -> Self {
        Self {
            name: line.name,
            state: line.standing,
            amount: line.amount.minor,
            currency: line.amount.currency,
            attempts: line.attempts,
            next_attempt_at: line.next_attempt_at,
            failure_code: line.code,
            failure_message: line.message,
            needs_action: line.needs_action,
            first_failed_at: line.first_failed_at,
            last_failed_at: line.last_failed_at,
            customer_email: line.customer_email,
            stripe: StripeIds {
                event: line.last_event,
                customer: line.customer,
                subscription: line.subscription,
                invoice: line.invoice,
                payment_intent: line.payment_intent,
            },
            livemode: line.livemode,
            closed: line.closed.map(|(because, at, event)| End { because, at, event }),
        }
    }
}
