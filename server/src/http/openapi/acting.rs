//! What is acted with: actions at the tools, and the jobs that carry them out.

use super::operations::{CURSOR, Given, Operation, TENANT, get, one_of, part, query};

const ACTION: Given = part("id", "The action.");
const JOB: Given = part("id", "The job.");
const KINDS: Given = one_of(
    "kind",
    &["launch_campaign", "pause_campaign", "resume_campaign", "retry_enrichment", "send_follow_up"],
    "Only actions of this kind.",
);
const STATES: Given = one_of(
    "state",
    &["queued", "calling", "unknown", "done", "failed", "undone", "cancelled", "overtaken"],
    "Only actions in this state.",
);

/// A call that changes something and needs nothing beside its address.
const fn changing(
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    given: &'static [Given],
) -> Operation {
    Operation { method: "POST", ..get(path, id, summary, given) }
}

/// Every operation, in the order of their paths.
pub(super) const ACTING: &[Operation] = &[
    get(
        "/api/actions",
        "actions",
        "What was done at the tools, with receipts, histories and outcomes",
        &[TENANT, KINDS, STATES, query("channel", "Only of campaigns of this channel."), CURSOR],
    ),
    Operation {
        body: Some(
            r#"{"kind":"pause_campaign","target":{"campaign_id":"00000000-0000-0000-0000-000000000000"},"dry_run":true}"#,
        ),
        status: "202",
        ..changing(
            "/api/actions",
            "ask_for_action",
            "Have something done at a tool, to a campaign or to leads (target: campaign_id or lead_ids), once for each Idempotency-Key; with dry_run see whom it would touch",
            &[TENANT],
        )
    },
    get("/api/actions/{id}", "action", "One action", &[ACTION, TENANT]),
    Operation {
        status: "202",
        ..changing(
            "/api/actions/{id}/check",
            "check_action",
            "Have the tool asked again what became of an action that is unknown",
            &[ACTION, TENANT],
        )
    },
    Operation {
        status: "202",
        ..changing(
            "/api/actions/{id}/undo",
            "undo_action",
            "Take an action back, or call it off while it waits",
            &[ACTION, TENANT],
        )
    },
    get(
        "/api/jobs",
        "jobs",
        "What is done later, again, or on schedule",
        &[
            TENANT,
            one_of("state", &["waiting", "running", "done", "failed"], "Only jobs in this state."),
            one_of(
                "kind",
                &["evaluate_alerts", "sync_connection", "perform_action"],
                "Only jobs of this kind.",
            ),
        ],
    ),
    changing("/api/jobs/{id}/pause", "pause_job", "Keep a job from running", &[JOB, TENANT]),
    changing("/api/jobs/{id}/resume", "resume_job", "Let a paused job run again", &[JOB, TENANT]),
    changing("/api/jobs/{id}/retry", "retry_job", "Have a job tried now", &[JOB, TENANT]),
];
