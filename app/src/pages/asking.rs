//! From the words of an address to a question.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;

use crate::actions::{ActionsQuestion, ConfirmationQuestion, LeadsConfirmationQuestion};
use crate::campaigns::CampaignsQuestion;
use crate::channels::{ChannelsQuestion, RuleWords};
use crate::costs::CostsQuestion;
use crate::imports::ImportsQuestion;
use crate::jobs::JobsQuestion;
use crate::office::{AuditQuestion, Office};
use crate::port::{
    AlertsQuestion, CreditQuestion, CustomersQuestion, Desk, EventsQuestion, FailedQuestion, LeadsQuestion,
    LedgerQuestion, OverviewQuestion, PeriodQuestion, RestatedQuestion, UnknownQuestion,
};
use crate::recurring::RecurringQuestion;
use crate::visit::Notice;

/// The one who answers. Without one the server is put together wrongly, which is no request's fault.
pub(super) fn desk() -> Arc<dyn Desk> {
    use_context().expect("the server provides a desk to every page")
}

/// The one who answers what settings pages ask.
pub(super) fn office() -> Arc<dyn Office> {
    use_context().expect("the server provides an office to every page")
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

/// The main screen the address asks for.
pub(super) fn overview_question(query: &ParamsMap) -> OverviewQuestion {
    OverviewQuestion {
        period: period_question(query),
        funnel: field(query, "funnel"),
        sort: field(query, "sort"),
    }
}

/// The days of recurring revenue the address asks for.
pub(super) fn recurring_question(query: &ParamsMap) -> RecurringQuestion {
    RecurringQuestion { period: period_question(query), compare: field(query, "compare") }
}

/// The rows the address asks for.
pub(super) fn ledger_question(query: &ParamsMap) -> LedgerQuestion {
    LedgerQuestion {
        period: period_question(query),
        channel: field(query, "channel"),
        kind: field(query, "kind"),
        product: field(query, "product"),
        category: field(query, "category"),
        class: field(query, "class"),
        currency: field(query, "currency"),
        without: field(query, "without"),
        stripe_id: field(query, "stripe_id"),
        review: field(query, "review"),
        known_at: field(query, "known_at"),
        cursor: field(query, "cursor"),
        limit: None,
    }
}

/// The restatements the address asks for.
pub(super) fn restated_question(query: &ParamsMap) -> RestatedQuestion {
    RestatedQuestion {
        period: period_question(query),
        channel: field(query, "channel"),
        cause: field(query, "cause"),
        since: field(query, "since"),
        cursor: field(query, "cursor"),
        limit: None,
    }
}

/// The customers the address asks for.
pub(super) fn customers_question(query: &ParamsMap) -> CustomersQuestion {
    CustomersQuestion {
        tenant_id: field(query, "tenant_id"),
        channel: field(query, "channel"),
        search: field(query, "q"),
        cursor: field(query, "cursor"),
        limit: None,
    }
}

/// The leads the address asks for.
pub(super) fn leads_question(query: &ParamsMap) -> LeadsQuestion {
    LeadsQuestion {
        period: period_question(query),
        channel: field(query, "channel"),
        stage: field(query, "stage"),
        reached: field(query, "reached"),
        at: field(query, "at"),
        stuck: field(query, "stuck"),
        lookup: field(query, "lookup"),
        search: field(query, "q"),
        cursor: field(query, "cursor"),
        limit: None,
    }
}

/// The events the address asks for.
pub(super) fn events_question(query: &ParamsMap) -> EventsQuestion {
    EventsQuestion {
        tenant_id: field(query, "tenant_id"),
        state: field(query, "state"),
        event_type: field(query, "type"),
        id: field(query, "id"),
        cursor: field(query, "cursor"),
        limit: None,
    }
}

/// The alerts the address asks for.
pub(super) fn alerts_question(query: &ParamsMap) -> AlertsQuestion {
    AlertsQuestion {
        tenant_id: field(query, "tenant_id"),
        state: field(query, "state"),
        kind: field(query, "kind"),
        severity: field(query, "severity"),
        channel: field(query, "channel"),
        cursor: field(query, "cursor"),
        limit: None,
    }
}

/// The revenue without a channel the address asks for.
pub(super) fn unknown_question(query: &ParamsMap) -> UnknownQuestion {
    UnknownQuestion {
        tenant_id: field(query, "tenant_id"),
        cursor: field(query, "cursor"),
        limit: None,
        undo: field(query, "undo"),
    }
}

/// What the address asks to see credited.
pub(super) fn credit_question(query: &ParamsMap) -> CreditQuestion {
    CreditQuestion {
        tenant_id: field(query, "tenant_id"),
        row: field(query, "row"),
        customer: field(query, "customer"),
    }
}

/// The failed payments the address asks for.
pub(super) fn failed_question(query: &ParamsMap) -> FailedQuestion {
    FailedQuestion {
        tenant_id: field(query, "tenant_id"),
        state: field(query, "state"),
        cursor: field(query, "cursor"),
        limit: None,
    }
}

/// The costs the address asks for.
pub(super) fn costs_question(query: &ParamsMap) -> CostsQuestion {
    CostsQuestion {
        tenant_id: field(query, "tenant_id"),
        channel: field(query, "channel"),
        cost_type: field(query, "cost_type"),
        period: field(query, "period"),
        from: field(query, "from"),
        to: field(query, "to"),
        cursor: field(query, "cursor"),
        edit: field(query, "edit"),
        deleted: field(query, "deleted"),
    }
}

/// What the address asks of channels and rules.
pub(super) fn channels_question(query: &ParamsMap) -> ChannelsQuestion {
    let word = |name: &str| query.get(name).unwrap_or_default();
    ChannelsQuestion {
        edit: field(query, "edit"),
        step: field(query, "step"),
        words: RuleWords {
            rule: word("rule"),
            field: word("field"),
            key: word("key"),
            kind: word("kind"),
            text: word("text"),
            channel: word("channel"),
            place: word("place"),
        },
    }
}

/// The actions the address asks for.
pub(super) fn actions_question(query: &ParamsMap) -> ActionsQuestion {
    ActionsQuestion {
        tenant_id: field(query, "tenant_id"),
        kind: field(query, "kind"),
        state: field(query, "state"),
        channel: field(query, "channel"),
        cursor: field(query, "cursor"),
    }
}

/// The campaigns the address asks for.
pub(super) fn campaigns_question(query: &ParamsMap) -> CampaignsQuestion {
    CampaignsQuestion {
        tenant_id: field(query, "tenant_id"),
        channel: field(query, "channel"),
        state: field(query, "state"),
        cursor: field(query, "cursor"),
    }
}

/// What the address asks to have done to leads.
pub(super) fn leads_confirmation_question(query: &ParamsMap) -> LeadsConfirmationQuestion {
    LeadsConfirmationQuestion {
        tenant_id: field(query, "tenant_id"),
        kind: field(query, "kind").unwrap_or_default(),
        leads: query.get_all("lead").unwrap_or_default(),
        text: field(query, "text"),
        tool: field(query, "tool"),
    }
}

/// The action the address asks to confirm.
pub(super) fn confirmation_question(query: &ParamsMap) -> ConfirmationQuestion {
    ConfirmationQuestion {
        tenant_id: field(query, "tenant_id"),
        kind: field(query, "kind").unwrap_or_default(),
        campaign: field(query, "campaign").unwrap_or_default(),
    }
}

/// The jobs the address asks for.
pub(super) fn jobs_question(query: &ParamsMap) -> JobsQuestion {
    JobsQuestion { state: field(query, "state") }
}

/// What the address asks of files.
pub(super) fn imports_question(query: &ParamsMap) -> ImportsQuestion {
    ImportsQuestion { file: field(query, "file"), wrong: field(query, "wrong") }
}

/// The lines of the audit log the address asks for.
pub(super) fn audit_question(query: &ParamsMap) -> AuditQuestion {
    AuditQuestion {
        deed: field(query, "deed"),
        actor: field(query, "actor"),
        from: field(query, "from"),
        to: field(query, "to"),
        cursor: field(query, "cursor"),
    }
}

/// What was done before the page was asked for, when its address says so.
pub(super) fn notice(query: &ParamsMap) -> Option<Notice> {
    field(query, "done").as_deref().and_then(Notice::read)
}

/// A form sends its empty fields too; they ask for nothing.
pub(super) fn field(query: &ParamsMap, name: &str) -> Option<String> {
    query.get(name).filter(|value| !value.is_empty())
}
