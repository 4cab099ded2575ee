//! The query of an address: each name once, each value plain text.

use std::collections::BTreeMap;

use app::port::PeriodQuestion;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;

use super::errors::ApiError;

const MAX_CHARS: usize = 200;

/// The names and values of a query.
pub(super) struct Query(BTreeMap<String, String>);

impl Query {
    /// Takes a value out; an empty one counts as given.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// Takes a value out; an empty one, as forms send it, counts as not given.
    pub(super) fn take_given(&mut self, name: &str) -> Option<String> {
        self.take(name).filter(|value| !value.is_empty())
    }

    /// What was not taken out, without what is empty.
    pub(super) fn into_given(self) -> impl Iterator<Item = (String, String)> {
        self.0.into_iter().filter(|(_, value)| !value.is_empty())
    }

    /// Refuses what was not taken out: who asks by a name that is none would take the answer for another's.
    pub(super) fn finished(self) -> Result<(), ApiError> {
        match self.into_given().next() {
            None => Ok(()),
            Some((name, _)) => {
                let message = format!("{name} is not understood here");
                Err(ApiError::new(StatusCode::BAD_REQUEST, "invalid_parameter", message).in_field(name))
            }
        }
    }

    /// Takes out what every question about a period has.
    pub(super) fn take_period(&mut self) -> PeriodQuestion {
        PeriodQuestion {
            tenant_id: self.take("tenant_id"),
            period: self.take("period"),
            from: self.take("from"),
            to: self.take("to"),
            granularity: self.take("granularity"),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let mut values = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
            if [&name, &value].into_iter().any(|text| !is_plain(text)) {
                return Err(refused("a part of the query is too long or not plain text"));
            }
            if values.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(refused("a name of the query is given twice"));
            }
        }
        Ok(Self(values))
    }
}

/// Whether the answer is wanted as a file; JSON where nothing is said.
pub(super) fn format_wanted(query: &mut Query) -> Result<bool, ApiError> {
    match query.take("format").as_deref() {
        None | Some("json") => Ok(false),
        Some("csv") => Ok(true),
        Some(_) => {
            let refusal =
                ApiError::new(StatusCode::BAD_REQUEST, "invalid_parameter", "format is json or csv");
            Err(refusal.in_field("format"))
        }
    }
}

fn is_plain(text: &str) -> bool {
    text.chars().count() <= MAX_CHARS && !text.chars().any(char::is_control)
}

fn refused(message: &'static str) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "invalid_query", message)
}
