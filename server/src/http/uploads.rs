//! Files people send from the import page, streamed piece by piece, and what is wrong with their rows as a file.

use std::time::Duration;

use app::visit::Visit;
use axum::body::Body;
use axum::extract::{Multipart, Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::{RequestExt as _, extract::DefaultBodyLimit};
use domain::access::Viewer;
use domain::ids::{ImportFileId, TenantId};
use domain::importing::RowProblem;
use futures::stream::{self, Stream};
use store::{Store, StoreError};

use super::Services;
use super::callers::{Known, require};
use super::errors::ApiError;
use super::query::Query;
use super::visits::see_other;
use crate::accounts::{Refusal, Sender};
use crate::csv::Csv;
use crate::pipeline::Receiving;

/// Where a file is sent.
pub(super) const UPLOAD: &str = "/portal/import/upload";

/// Who sends nothing for so long has gone.
const PATIENCE: Duration = Duration::from_secs(10);

/// A whole file may take so long.
const MOST_PATIENCE: Duration = Duration::from_secs(600);

/// How many problems one piece of the file of problems has.
const AT_ONCE: i64 = 2_000;

/// Why a file was not taken.
enum Unsent {
    /// It is no file of ours; the word says why, for the page.
    Wrong(&'static str),
    Refused(Refusal),
}

impl From<Refusal> for Unsent {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// `POST /portal/import/upload`: keeps a file and leads to its page; what is wrong with it, the import page says.
pub(super) async fn take_file(State(services): State<Services>, mut request: Request) -> Response {
    let visit = request.extensions_mut().remove::<Visit>().unwrap_or_default();
    let sender = request.extensions_mut().remove::<Sender>().unwrap_or_default();
    let Ok(viewer) = visit.viewer() else {
        return (StatusCode::NOT_FOUND, "There is no such workspace.").into_response();
    };
    let page = format!("/portal/import?tenant_id={}", viewer.tenant);
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("multipart/form-data") {
        let message = "A file is sent as multipart/form-data.";
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, message).into_response();
    }
    DefaultBodyLimit::disable().apply(&mut request);
    let Ok(form) = request.extract::<Multipart, _>().await else {
        return see_other(&format!("{page}&wrong=form"));
    };
    let taken = tokio::time::timeout(MOST_PATIENCE, receive(&services, &viewer, form)).await;
    match taken.unwrap_or(Err(Unsent::Wrong("slow"))) {
        Ok(file) => see_other(&format!("{page}&file={file}")),
        Err(Unsent::Wrong(word)) => see_other(&format!("{page}&wrong={word}")),
        Err(Unsent::Refused(Refusal::Forbidden(forbidden))) => {
            services.accounts.note_refused_access(&viewer, forbidden.0.word(), &sender).await;
            (StatusCode::FORBIDDEN, "You may not bring in files of this kind.").into_response()
        }
        Err(Unsent::Refused(Refusal::Ours(error))) => {
            tracing::error!(%error, "a file could not be kept");
            see_other(&format!("{page}&wrong=ours"))
        }
        Err(Unsent::Refused(_)) => see_other(&format!("{page}&wrong=large")),
    }
}

/// Reads the form: what the file's rows are, then the file.
async fn receive(services: &Services, viewer: &Viewer, mut form: Multipart) -> Result<ImportFileId, Unsent> {
    let mut kind = None;
    while let Some(field) = heard(form.next_field()).await? {
        match field.name() {
            Some("kind") => {
                let word = heard(field.text()).await?;
                kind = Some(word.parse().map_err(|_| Unsent::Wrong("kind"))?);
            }
            Some("file") => {
                let kind = kind.ok_or(Unsent::Wrong("kind"))?;
                let name = field.file_name().unwrap_or_default().to_owned();
                let receiving = services.pipeline.receive(viewer, kind, &name).await?;
                return gather(receiving, field).await;
            }
            _ => {}
        }
    }
    Err(Unsent::Wrong("file"))
}

async fn gather(
    mut receiving: Receiving,
    mut field: axum::extract::multipart::Field<'_>,
) -> Result<ImportFileId, Unsent> {
    let mut is_empty = true;
    while let Some(bytes) = heard(field.chunk()).await? {
        is_empty &= bytes.is_empty();
        receiving.take(&bytes).await?;
    }
    if is_empty {
        return Err(Unsent::Wrong("empty"));
    }
    Ok(receiving.finish().await?)
}

/// What comes next of a form, waited for only so long.
async fn heard<T>(
    coming: impl Future<Output = Result<T, axum::extract::multipart::MultipartError>>,
) -> Result<T, Unsent> {
    match tokio::time::timeout(PATIENCE, coming).await {
        Err(_) => Err(Unsent::Wrong("slow")),
        Ok(Err(_)) => Err(Unsent::Wrong("form")),
        Ok(Ok(heard)) => Ok(heard),
    }
}

/// `GET /api/imports/{id}/problems`: why rows of a file are left out, all of them, as a file.
pub(super) async fn export_problems(
    State(services): State<Services>,
    known: Known,
    Path(id): Path<String>,
    mut query: Query,
) -> Result<Response, ApiError> {
    let (viewer, _) = known.look(&services, query.take("tenant_id").as_deref()).await?;
    require(&services, &viewer, domain::access::Permission::Act, &known.sender).await?;
    let uploaded = services.pipeline.uploaded(&viewer, &id).await?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"problems.csv\""),
    ];
    let body = Body::from_stream(pieces(services.store.clone(), viewer.tenant, uploaded.file.id));
    Ok((headers, body).into_response())
}

/// The file in pieces. A failure of ours breaks it off, which the reader is told by the connection.
fn pieces(
    store: Store,
    tenant: TenantId,
    file: ImportFileId,
) -> impl Stream<Item = Result<String, StoreError>> {
    let beginning = (Some(0), Csv::new(&["line", "field", "problem"]));
    stream::try_unfold((store, beginning), move |(store, (after, mut csv))| async move {
        let Some(after) = after else { return Ok(None) };
        let problems = store.within(tenant).await?.import_file_problems(file, after, AT_ONCE).await?;
        problems.iter().for_each(|problem| csv.row(&cells(problem)));
        let next = problems.last().and_then(|last| i64::try_from(last.line).ok());
        Ok(Some((csv.take_text(), (store, (next, csv)))))
    })
}

fn cells(problem: &RowProblem) -> [String; 3] {
    [problem.line.to_string(), problem.field.clone(), problem.message.clone()]
}
