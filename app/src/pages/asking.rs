//! From the words of an address to a question.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;

use crate::port::{Desk, LedgerQuestion, PeriodQuestion};

/// The one who answers. Without one the server is put together wrongly, which is no request's fault.
pub(super) fn desk() -> Arc<dyn Desk> {
    use_context().expect("the server provides a desk to every page")
}

/// The query of the address, as it is for this request.
pub(super) fn query() -> ParamsMap {
    use_query_map().get_untracked()
}

/// The period the address asks about.
pub(super) fn period_question(query: &ParamsMap) -> PeriodQuestion {
    PeriodQuestion {
        tenant_id: field(query, "tenant_id"),
        period: field(query, "period"),
        from: field(query, "from"),
        to: field(query, "to"),
        granularity: field(query, "granularity"),
    }
}

/// The rows the address asks for.
pub(super) fn ledger_question(query: &ParamsMap) -> LedgerQuestion {
    LedgerQuestion {
        period: period_question(query),
        channel: field(query, "channel"),
        kind: field(query, "kind"),
        product: field(query, "product"),
        cursor: field(query, "cursor"),
    }
}

/// A form sends its empty fields too; they ask for nothing.
fn field(query: &ParamsMap, name: &str) -> Option<String> {
    query.get(name).filter(|value| !value.is_empty())
}
