//! What each route of the API takes and answers.

/// A route, described.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation {
    /// `GET`, `POST` or `DELETE`.
    pub(super) method: &'static str,
    /// As in the table.
    pub(super) path: &'static str,
    /// Its name for programs.
    pub(super) id: &'static str,
    /// What it does.
    pub(super) summary: &'static str,
    /// What it takes in its address.
    pub(super) given: &'static [Given],
    /// What it takes as a body, as an example.
    pub(super) body: Option<&'static str>,
    /// The status of a good answer.
    pub(super) status: &'static str,
    /// What a good answer is.
    pub(super) answered: Answered,
    /// Who may call.
    pub(super) caller: Caller,
}

impl Operation {
    /// Whether the page has a form for it: it only reads, and comes to an end.
    pub(super) fn is_tried(&self) -> bool {
        self.method == "GET" && self.answered != Answered::Stream
    }
}

/// A part of an address.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given {
    pub(super) name: &'static str,
    pub(super) place: Where,
    /// What it means.
    pub(super) says: &'static str,
    /// The words it may be; none where it may be others.
    pub(super) words: &'static [&'static str],
}

/// Where a part of an address stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Where {
    Path,
    Query,
}

/// What a good answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answered {
    Json,
    /// JSON, or a file when `format=csv`.
    JsonOrFile,
    File,
    Stream,
    Page,
    Nothing,
}

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    Anybody,
    /// With a key or a session, and the permission it takes.
    Known,
    /// Whoever signs like Stripe.
    Stripe,
    /// Whoever has the token of the address.
    Tool,
}

pub(super) const fn query(name: &'static str, says: &'static str) -> Given {
    Given { name, place: Where::Query, says, words: &[] }
}

pub(super) const fn one_of(name: &'static str, words: &'static [&'static str], says: &'static str) -> Given {
    Given { name, place: Where::Query, says, words }
}

pub(super) const fn part(name: &'static str, says: &'static str) -> Given {
    Given { name, place: Where::Path, says, words: &[] }
}

pub(super) const fn get(
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    given: &'static [Given],
) -> Operation {
    Operation {
        method: "GET",
        path,
        id,
        summary,
        given,
        body: None,
        status: "200",
        answered: Answered::Json,
        caller: Caller::Known,
    }
}

pub(super) const TENANT: Given = query("tenant_id", "The workspace; without it the caller's.");
const TENANT_OR_ALL: Given =
    query("tenant_id", "The workspace; without it the caller's; `all` for who runs the platform.");
const FROM: Given = query("from", "The first day, 2026-01-31, in the workspace's timezone; needs to.");
const TO: Given = query("to", "The last day.");
const PERIOD: Given =
    one_of("period", &["7d", "30d", "90d", "qtd"], "Days up to today, in place of from and to; else 90d.");
const GRANULARITY: Given =
    one_of("granularity", &["day", "week", "month", "quarter"], "The width of by_period; else week.");
const COMPARE: Given =
    one_of("compare", &["none", "previous", "last_year", "custom"], "Days to compare with; else none.");
const COMPARE_FROM: Given = query("compare_from", "The first of them, with compare=custom.");
const COMPARE_TO: Given = query("compare_to", "The last of them.");
const FORMAT: Given = one_of("format", &["json", "csv"], "csv for a file.");
const LIMIT: Given = query("limit", "How many at most, 1 to 1000; else 100.");
pub(super) const CURSOR: Given = query("cursor", "next_cursor of the page before.");

const DETECTORS: &[&str] = &[
    "channel_losing",
    "failed_payments",
    "stuck_leads",
    "unknown_share",
    "refund_spike",
    "cac_drift",
    "funnel_drop",
    "enrichment_failing",
    "sync_failing",
    "dead_letters",
    "webhook_silence",
    "mrr_identity",
    "room_to_grow",
];

const RESTATEMENT_CAUSES: &[&str] =
    &["late", "backfill", "history", "attribution", "rate", "correction", "taken_back"];

/// Every operation but those that are acted with, in the order of their paths.
pub(super) const OPERATIONS: &[Operation] = &[
    get(
        "/api/alerts",
        "alerts",
        "What needs somebody, and what happened to each",
        &[
            TENANT,
            one_of(
                "state",
                &["open", "acknowledged", "snoozed", "resolved"],
                "Only these; else all that is not resolved.",
            ),
            one_of("kind", DETECTORS, "Only of this kind."),
            one_of("severity", &["critical", "warning", "opportunity", "info"], "Only these."),
            query("channel", "Only about this channel, by its short name."),
            LIMIT,
            CURSOR,
        ],
    ),
    Operation {
        method: "POST",
        body: Some(r#"{"version":1}"#),
        ..get(
            "/api/alerts/{id}/acknowledge",
            "acknowledge_alert",
            "Say that somebody looks after an alert",
            &[part("id", "The alert."), TENANT],
        )
    },
    Operation {
        method: "POST",
        body: Some(r#"{"assignee":"ada@example.com"}"#),
        ..get(
            "/api/alerts/{id}/assign",
            "assign_alert",
            "Say which member looks after an alert, or nobody with null",
            &[part("id", "The alert."), TENANT],
        )
    },
    Operation {
        method: "POST",
        body: Some(r#"{"text":"The new landing page is to blame."}"#),
        ..get(
            "/api/alerts/{id}/comments",
            "comment_on_alert",
            "Say something about an alert",
            &[part("id", "The alert."), TENANT],
        )
    },
    Operation {
        method: "POST",
        body: Some(r#"{"version":1}"#),
        ..get(
            "/api/alerts/{id}/resolve",
            "resolve_alert",
            "Say that an alert is done with",
            &[part("id", "The alert."), TENANT],
        )
    },
    Operation {
        method: "POST",
        body: Some(r#"{"days":7}"#),
        ..get(
            "/api/alerts/{id}/snooze",
            "snooze_alert",
            "Be told again later, or when it grows worse",
            &[part("id", "The alert."), TENANT],
        )
    },
    Operation {
        answered: Answered::JsonOrFile,
        ..get(
            "/api/analytics/command-center",
            "command_center",
            "The whole screen, all of one moment",
            &[
                TENANT_OR_ALL,
                FROM,
                TO,
                PERIOD,
                GRANULARITY,
                one_of("funnel", &["cohort", "snapshot"], "What the funnel counts; else cohort."),
                FORMAT,
                one_of("table", &["channels", "funnel", "velocity", "costs"], "Which table the file is of."),
            ],
        )
    },
    Operation {
        answered: Answered::JsonOrFile,
        ..get(
            "/api/analytics/mrr",
            "mrr",
            "Recurring revenue, rolled forward",
            &[
                TENANT_OR_ALL,
                FROM,
                TO,
                PERIOD,
                GRANULARITY,
                FORMAT,
                one_of(
                    "table",
                    &["by_period", "by_channel", "reasons", "scheduled_churn"],
                    "Which table the file is of.",
                ),
                COMPARE,
                COMPARE_FROM,
                COMPARE_TO,
            ],
        )
    },
    Operation {
        answered: Answered::JsonOrFile,
        ..get(
            "/api/analytics/revenue",
            "revenue",
            "Revenue by channel, product and period",
            &[
                TENANT_OR_ALL,
                FROM,
                TO,
                PERIOD,
                GRANULARITY,
                one_of("attribution", &["lead_source"], "How money is credited."),
                COMPARE,
                COMPARE_FROM,
                COMPARE_TO,
                FORMAT,
                one_of("table", &["by_channel", "by_product", "by_period"], "Which table the file is of."),
            ],
        )
    },
    Operation {
        answered: Answered::JsonOrFile,
        ..get(
            "/api/analytics/unit-economics",
            "unit_economics",
            "CAC, LTV, payback and ROI by channel",
            &[
                TENANT_OR_ALL,
                FROM,
                TO,
                PERIOD,
                FORMAT,
                one_of("table", &["channels", "cac_per_channel"], "Which table the file is of."),
            ],
        )
    },
    Operation {
        method: "POST",
        body: Some(r#"{"row_id":"…","channel":"referral","reason":"she told us"}"#),
        status: "201",
        ..get(
            "/api/attribution/overrides",
            "override_attribution",
            "Say what a payment or a customer is credited to",
            &[TENANT],
        )
    },
    Operation {
        method: "DELETE",
        status: "204",
        answered: Answered::Nothing,
        ..get(
            "/api/attribution/overrides/{id}",
            "take_back_override",
            "Take back what was said",
            &[part("id", "The override."), TENANT],
        )
    },
    Operation {
        answered: Answered::File,
        ..get(
            "/api/audit-log.csv",
            "audit_log",
            "Who did what, as a file",
            &[
                TENANT,
                query("deed", "Only this deed."),
                query("actor", "Only of this person or key."),
                query("from", "The first day."),
                query("to", "The last day."),
            ],
        )
    },
    Operation {
        answered: Answered::File,
        ..get(
            "/api/imports/{id}/problems",
            "import_problems",
            "Why rows of a file that was sent are left out, all of them, as a file",
            &[part("id", "The file that was sent."), TENANT],
        )
    },
    Operation {
        method: "PUT",
        body: Some(r#"{"name":"Founders","channel":"heyreach","state":"active"}"#),
        ..get(
            "/api/campaigns/{external_id}",
            "put_campaign",
            "Bring in a campaign, or what changed of it",
            &[part("external_id", "The id it has where it is kept."), TENANT],
        )
    },
    Operation {
        answered: Answered::JsonOrFile,
        ..get(
            "/api/channel-costs",
            "costs",
            "What channels cost, the newest first",
            &[
                TENANT,
                query("channel", "Only of this channel."),
                query("cost_type", "Only of this type."),
                query(
                    "period",
                    "7d, 30d, 90d or qtd, where no days are named; what of the costs falls on the days is sum_within.",
                ),
                query("from", "Only costs that reach this day."),
                query("to", "Only costs that begin by this day."),
                LIMIT,
                CURSOR,
                FORMAT,
            ],
        )
    },
    Operation {
        method: "POST",
        body: Some(
            r#"{"channel":"heyreach","cost_type":"subscription","amount":9900,"currency":"usd","period_start":"2026-11-01","period_end":"2026-11-30"}"#,
        ),
        status: "201",
        ..get("/api/channel-costs", "add_cost", "Enter a cost", &[TENANT])
    },
    get("/api/channel-costs/{id}", "cost", "One cost", &[part("id", "The cost."), TENANT]),
    Operation {
        method: "PATCH",
        body: Some(r#"{"version":1,"amount":12900}"#),
        ..get(
            "/api/channel-costs/{id}",
            "change_cost",
            "Change a cost that is as it was seen",
            &[part("id", "The cost."), TENANT],
        )
    },
    Operation {
        method: "DELETE",
        ..get(
            "/api/channel-costs/{id}",
            "delete_cost",
            "Delete a cost; it can be brought back",
            &[
                part("id", "The cost."),
                query("version", "The version that was seen; or in the body."),
                TENANT,
            ],
        )
    },
    Operation {
        method: "POST",
        ..get(
            "/api/channel-costs/{id}/restore",
            "restore_cost",
            "Bring a deleted cost back",
            &[part("id", "The cost."), TENANT],
        )
    },
    get("/api/dashboard/kpis", "kpis", "The main figures", &[TENANT_OR_ALL, FROM, TO, PERIOD]),
    Operation {
        method: "PUT",
        body: Some(
            r#"{"name":"Bootcamp for a team","state":"open","stage":"proposal","probability":60,"value":500000,"currency":"usd"}"#,
        ),
        ..get(
            "/api/deals/{external_id}",
            "put_deal",
            "Bring in a deal, or what changed of it",
            &[part("external_id", "The id it has where it is kept."), TENANT],
        )
    },
    Operation {
        answered: Answered::Page,
        caller: Caller::Anybody,
        ..get("/api/docs", "docs", "This description, for people", &[])
    },
    get(
        "/api/dunning",
        "failed_payments",
        "Failed payments, with totals",
        &[TENANT, one_of("state", &["open", "recovered", "lost"], "Only these."), LIMIT, CURSOR],
    ),
    Operation {
        answered: Answered::Stream,
        ..get("/api/events", "events", "What changes, as it changes", &[TENANT])
    },
    Operation {
        method: "POST",
        body: Some(r#"{"leads":[{"external_id":"crm-1","email":"ada@example.com","source":"heyreach"}]}"#),
        ..get(
            "/api/leads/batch",
            "put_leads",
            "Bring in up to a thousand leads, a result for each",
            &[TENANT],
        )
    },
    Operation {
        method: "PUT",
        body: Some(r#"{"email":"ada@example.com","source":"heyreach","stage":"replied"}"#),
        ..get(
            "/api/leads/{external_id}",
            "put_lead",
            "Bring in a lead, or what changed of it",
            &[part("external_id", "The id it has where it is kept."), TENANT],
        )
    },
    Operation {
        method: "POST",
        body: Some(r#"{"id":"e-1","kind":"meeting","occurred_at":"2026-11-20T14:00:00Z"}"#),
        ..get(
            "/api/leads/{external_id}/events",
            "put_lead_events",
            "Say what happened with a lead",
            &[part("external_id", "The id it has where it is kept."), TENANT],
        )
    },
    Operation {
        answered: Answered::JsonOrFile,
        ..get(
            "/api/ledger",
            "ledger",
            "The rows behind any figure, newest first",
            &[
                TENANT_OR_ALL,
                FROM,
                TO,
                PERIOD,
                query("channel", "Only rows credited to it."),
                query("product", "Only rows of the product of this name."),
                query("category", "Only rows of products of this category."),
                one_of("class", &["new", "recurring", "one_time"], "Only rows of payments of this class."),
                query("currency", "Only rows in this currency."),
                query("without", "Only rows that lack this, words with commas: product, category, rate."),
                query("kind", "Only these kinds, words with commas: payment, refund, dispute…"),
                query("stripe_id", "Only rows that this object or event of Stripe's belongs to."),
                one_of("review", &["presumed_tie"], "Only rows somebody should look at."),
                query(
                    "known_at",
                    "The rows as they were known at this moment, or at the end of this day; not with class.",
                ),
                LIMIT,
                CURSOR,
                FORMAT,
            ],
        )
    },
    Operation {
        method: "POST",
        body: Some(
            r#"{"customer_id":"cus_…","kind":"bootcamp_student","record_id":"7","email":"ada@example.com"}"#,
        ),
        status: "201",
        ..get("/api/links", "link_record", "Tie a Stripe customer to a record of yours", &[TENANT])
    },
    get("/api/metrics", "metrics", "What every figure means", &[]),
    get("/api/monthly-costs", "monthly_costs", "Costs that come every month", &[TENANT]),
    Operation {
        method: "POST",
        body: Some(
            r#"{"channel":"heyreach","cost_type":"subscription","amount":9900,"currency":"usd","period_start":"2026-11-01"}"#,
        ),
        status: "201",
        ..get("/api/monthly-costs", "add_monthly_cost", "Enter a cost for every month", &[TENANT])
    },
    Operation {
        method: "DELETE",
        status: "204",
        answered: Answered::Nothing,
        ..get(
            "/api/monthly-costs/{id}",
            "end_monthly_cost",
            "End one; what it made stays",
            &[part("id", "The monthly cost."), TENANT],
        )
    },
    Operation {
        caller: Caller::Anybody,
        ..get("/api/openapi.json", "openapi", "This description, for programs", &[])
    },
    Operation {
        answered: Answered::JsonOrFile,
        ..get(
            "/api/restatements",
            "restatements",
            "What the ledger says otherwise of days that had ended, and why",
            &[
                TENANT,
                FROM,
                TO,
                PERIOD,
                query("channel", "Only what was or is credited to it."),
                one_of("cause", RESTATEMENT_CAUSES, "Only those of this cause."),
                query("since", "Only what became known after this moment, or after the end of this day."),
                LIMIT,
                CURSOR,
                FORMAT,
            ],
        )
    },
    get(
        "/api/stripe-events",
        "stripe_events",
        "What became of each event",
        &[
            TENANT,
            query("state", "Only events in this state."),
            query("type", "Only this type, or those that begin so."),
            query("id", "Only the event or object with this id."),
            LIMIT,
            CURSOR,
        ],
    ),
    Operation {
        method: "POST",
        body: Some(r#"{"id":"evt_…","object":"event"}"#),
        caller: Caller::Stripe,
        ..get("/api/webhooks/stripe", "stripe_event", "Where Stripe's events come in", &[])
    },
    Operation {
        method: "POST",
        body: Some(r#"{"id":"evt_…","object":"event"}"#),
        caller: Caller::Stripe,
        ..get(
            "/api/webhooks/stripe/{tenant}",
            "tenants_stripe_event",
            "Where those of one workspace come in",
            &[part("tenant", "The workspace's short name.")],
        )
    },
    Operation {
        method: "POST",
        body: Some(r#"{"event_type":"MESSAGE_REPLY_RECEIVED"}"#),
        caller: Caller::Tool,
        ..get(
            "/api/webhooks/{tool}/{tenant}",
            "tool_delivery",
            "Where outreach tools tell of messages and replies",
            &[
                part("tool", "heyreach, plusvibe or instantly."),
                part("tenant", "The workspace's short name."),
                query("token", "The token of the address, where the tool repeats it there."),
            ],
        )
    },
];
