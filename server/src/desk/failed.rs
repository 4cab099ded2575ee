//! Payments that could not be collected.

use app::port::{AskError, FailedLine, FailedPage, FailedQuestion, FailedTotalLine};
use domain::access::{Permission, Viewer};
use domain::dunning::{Closing, Standing};
use jiff::Timestamp;
use store::dunning::{FailedFilter, FailedPlace, FailedTotal, ListedFailure};

use super::paging::{Paging, wrong_cursor};
use super::{LedgerDesk, ours};

impl LedgerDesk {
    /// A page of failed payments, and what all of them come to.
    pub(super) async fn failed_page(
        &self,
        viewer: &Viewer,
        question: FailedQuestion,
    ) -> Result<FailedPage, AskError> {
        viewer.require(Permission::ReadFigures)?;
        let paging = Paging::read(question.limit.as_deref())?;
        let after = question.cursor.as_deref().map(read_cursor).transpose()?;
        let filter =
            FailedFilter { standing: question.state.map(|text| standing_filter(&text)).transpose()? };
        let (failed, totals) = tokio::try_join!(
            self.store.failed_payments(viewer.tenant, &filter, after, paging.one_more()),
            self.store.failed_totals(viewer.tenant),
        )
        .map_err(ours)?;
        let (failed, next) = paging.page(failed, write_cursor);
        Ok(FailedPage {
            next,
            tenant: self.tenant_view(viewer.tenant).await?,
            standing: filter.standing,
            lines: failed.into_iter().map(line).collect(),
            totals: totals.into_iter().map(total).collect(),
        })
    }
}

fn line(failed: ListedFailure) -> FailedLine {
    let how = failed.closed_because.as_deref();
    let how = Closing::ALL.into_iter().find(|closing| Some(closing.word()) == how);
    FailedLine {
        closed: how
            .zip(failed.closed_at)
            .zip(failed.closing_event)
            .map(|((how, at), event)| (how, at, event)),
        name: failed.name,
        invoice: failed.invoice,
        payment_intent: failed.payment_intent,
        subscription: failed.subscription,
        customer: failed.customer,
        customer_email: failed.customer_email,
        attempts: failed.attempts,
        next_attempt_at: failed.next_attempt_at,
        amount: failed.amount,
        code: failed.code,
        message: failed.message,
        needs_action: failed.needs_action,
        first_failed_at: failed.first_failed_at,
        last_failed_at: failed.last_failed_at,
        last_event: failed.last_event,
        standing: failed.standing,
        livemode: failed.livemode,
    }
}

fn total(total: FailedTotal) -> FailedTotalLine {
    let FailedTotal { currency, standing, amount, payments } = total;
    FailedTotalLine { currency, standing, amount, payments }
}

fn standing_filter(text: &str) -> Result<Standing, AskError> {
    let known = Standing::ALL.into_iter().find(|standing| standing.word() == text);
    known.ok_or_else(|| AskError::Invalid {
        field: "state",
        message: format!("state is one of {}", Standing::ALL.map(Standing::word).join(", ")),
    })
}

/// A cursor is the place of the last one: when it last failed, in microseconds, and its name.
fn write_cursor(failed: &ListedFailure) -> String {
    format!("{}-{}", failed.last_failed_at.as_microsecond(), failed.name)
}

fn read_cursor(text: &str) -> Result<FailedPlace, AskError> {
    let place = text.split_once('-').and_then(|(moment, name)| {
        let last_failed_at = Timestamp::from_microsecond(moment.parse().ok()?).ok()?;
        Some(FailedPlace { last_failed_at, name: name.to_owned() })
    });
    place.ok_or_else(wrong_cursor)
}
