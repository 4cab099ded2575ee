//! `GET /api/audit-log.csv`: who did what, as a file.

use app::office::{AuditLine, AuditQuestion};
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use domain::access::Permission;

use super::Services;
use super::callers::{Known, require};
use super::errors::ApiError;
use super::query::Query;
use crate::csv::Csv;

/// More lines than this are no longer a file to be looked at.
const MOST: usize = 100_000;

pub(super) async fn export_audit_log(
    State(services): State<Services>,
    known: Known,
    mut query: Query,
) -> Result<impl IntoResponse, ApiError> {
    let (viewer, _) = known.look(&services, query.take("tenant_id").as_deref()).await?;
    require(&services, &viewer, Permission::ReadAuditLog, &known.sender).await?;
    let mut question = AuditQuestion {
        deed: query.take_given("deed"),
        actor: query.take_given("actor"),
        from: query.take_given("from"),
        to: query.take_given("to"),
        cursor: None,
    };
    let mut csv = Csv::new(&["at", "actor", "deed", "target", "details", "address"]);
    let mut lines = 0;
    loop {
        let page = services.office.audit_page(&viewer, question.clone()).await?;
        lines += page.lines.len();
        page.lines.iter().for_each(|line| csv.row(&cells(line)));
        match page.next {
            Some(next) if lines < MOST => question.cursor = Some(next),
            _ => break,
        }
    }
    services
        .accounts
        .note_export(&viewer, "audit log", &known.sender)
        .await
        .map_err(super::callers::unavailable)?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"audit-log.csv\""),
    ];
    Ok((headers, csv.into_text()))
}

fn cells(line: &AuditLine) -> [String; 6] {
    let details: Vec<String> = line.details.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    [
        line.at.to_string(),
        line.actor.clone(),
        line.deed.word().to_owned(),
        line.target.clone().unwrap_or_default(),
        details.join("; "),
        line.address.clone().unwrap_or_default(),
    ]
}
