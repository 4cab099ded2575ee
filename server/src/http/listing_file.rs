//! A list as one file: read page by page, and sent as it is read.

use async_trait::async_trait;
use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures::stream;

use super::errors::ApiError;
use crate::csv::Csv;

/// How many rows of a file are read at once.
pub(super) const ROWS_AT_ONCE: &str = "1000";

/// A list a file is made of.
#[async_trait]
pub(super) trait Listing: Send + 'static {
    type Error: std::error::Error + Send + Sync + 'static;

    /// The rows after the place where the page before ended.
    async fn page(&self, after: Option<String>) -> Result<Page, Self::Error>;
}

/// Rows of a file, each as its cells, and where they end; `None` with the last.
pub(super) struct Page {
    pub(super) rows: Vec<Vec<String>>,
    pub(super) next: Option<String>,
}

/// Every row of a list, however many. The first are read before anything is answered, so that a wrong question is told; a
/// failure of ours after that breaks the file off, which the reader is told by the connection.
pub(super) async fn file<L: Listing>(name: &str, columns: &[&str], listing: L) -> Result<Response, L::Error> {
    let first = listing.page(None).await?;
    let writing = (listing, Some(first), Csv::new(columns));
    let pieces = stream::try_unfold(writing, async |(listing, page, mut csv)| {
        let Some(Page { rows, next }) = page else { return Ok::<_, L::Error>(None) };
        rows.iter().for_each(|row| csv.row(row));
        let page = match next {
            Some(next) => Some(listing.page(Some(next)).await?),
            None => None,
        };
        Ok(Some((csv.take_text(), (listing, page, csv))))
    });
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, disposition)];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

/// A file has everything; whoever asks for some of it means something else.
pub(super) fn refuse_part(of: &str, limit: Option<&String>, cursor: Option<&String>) -> Result<(), ApiError> {
    let field = match (limit, cursor) {
        (None, None) => return Ok(()),
        (Some(_), _) => "limit",
        (None, Some(_)) => "cursor",
    };
    let message = format!("a file has every {of} of the filter: leave limit and cursor out");
    Err(ApiError::new(StatusCode::BAD_REQUEST, "invalid_parameter", message).in_field(field))
}
