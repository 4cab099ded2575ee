//! `GET /api/openapi.json` and `/api/docs`: the API described, for programs and for people.
//!
//! Which routes there are is the table's; what each takes and answers stands in [`operations`]. A test holds that
//! every route is described and nothing is that is no route. The fields of figures are those of the registry of metrics.

mod operations;
mod page;

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};
use domain::metrics::{self, Endpoint, Metric, Unit};
use serde_json::{Map, Value, json};

use self::operations::{Answered, Caller, Given, OPERATIONS, Operation, Where};
use super::errors::ApiError;
use super::query::Query;
use super::table::Route;

/// `GET /api/openapi.json`
pub(super) async fn show_description() -> impl IntoResponse {
    Json(description())
}

/// `GET /api/docs`
pub(super) async fn show_page(mut query: Query) -> Response {
    match query.take("try") {
        Some(path) => tried(&path, query),
        None => shown().into_response(),
    }
}

/// Leads to what a form of the page asks for. Browsers send the fields nobody filled in too, which ask for nothing.
fn tried(path: &str, query: Query) -> Response {
    let Some(operation) = OPERATIONS.iter().find(|operation| operation.path == path && operation.is_tried())
    else {
        return ApiError::of_status(StatusCode::NOT_FOUND).into_response();
    };
    let given = query.into_given();
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish();
    Redirect::to(&format!("{}?{query}", operation.path)).into_response()
}

fn shown() -> impl IntoResponse {
    // No script at all: each form is sent by the browser itself, and the answer opens beside the page.
    let policy = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; \
                  base-uri 'none'; frame-ancestors 'none'";
    let headers = [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, policy)];
    (headers, page::page(OPERATIONS))
}

/// The description as OpenAPI 3.1 has it.
fn description() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in OPERATIONS {
        let path = paths.entry(operation.path.to_owned()).or_insert_with(|| json!({}));
        if let Some(methods) = path.as_object_mut() {
            methods.insert(operation.method.to_lowercase(), described(operation));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Command Center",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Amounts are whole minor units of the currency beside them; what is null has its reason \
                beside it. Errors of every kind have one shape.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": { "type": "http", "scheme": "bearer", "description": "An API key, cc_…" },
                "session": { "type": "apiKey", "in": "cookie", "name": "session" },
            },
            "schemas": { "Error": error_schema() },
        },
    })
}

fn described(operation: &Operation) -> Value {
    let mut told = json!({
        "summary": operation.summary,
        "operationId": operation.id,
        "parameters": operation.given.iter().map(parameter).collect::<Vec<_>>(),
        "responses": responses(operation),
        "security": match operation.caller {
            Caller::Anybody | Caller::Stripe | Caller::Tool => json!([]),
            Caller::Known => json!([{ "key": [] }, { "session": [] }]),
        },
    });
    if let (Some(body), Some(told)) = (operation.body, told.as_object_mut()) {
        let example: Value = serde_json::from_str(body).unwrap_or_default();
        let content = json!({ "application/json": { "schema": { "type": "object" }, "example": example } });
        told.insert("requestBody".to_owned(), json!({ "required": true, "content": content }));
    }
    told
}

fn parameter(given: &Given) -> Value {
    let mut schema = json!({ "type": "string" });
    if let (false, Some(schema)) = (given.words.is_empty(), schema.as_object_mut()) {
        schema.insert("enum".to_owned(), json!(given.words));
    }
    json!({
        "name": given.name,
        "in": match given.place { Where::Path => "path", Where::Query => "query" },
        "required": given.place == Where::Path,
        "description": given.says,
        "schema": schema,
    })
}

fn responses(operation: &Operation) -> Value {
    let json_answer = json!({ "schema": answer_schema(operation) });
    let content = match operation.answered {
        Answered::Json => json!({ "application/json": json_answer }),
        Answered::JsonOrFile => json!({ "application/json": json_answer, "text/csv": {} }),
        Answered::File => json!({ "text/csv": {} }),
        Answered::Stream => json!({ "text/event-stream": {} }),
        Answered::Page => json!({ "text/html": {} }),
        Answered::Nothing => json!({}),
    };
    let failed = json!({
        "description": "What is wrong, with the field at fault",
        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } },
    });
    let mut responses =
        json!({ operation.status: { "description": "Answered", "content": content }, "default": failed });
    let has_tag = Endpoint::ALL.iter().any(|endpoint| endpoint.path() == operation.path);
    if let (true, Some(responses)) = (has_tag, responses.as_object_mut()) {
        responses.insert(
            "304".to_owned(),
            json!({ "description": "Nothing changed since the tag in If-None-Match" }),
        );
    }
    responses
}

/// The fields of an answer, as far as they are figures of the registry.
fn answer_schema(operation: &Operation) -> Value {
    let of_path = |metric: &&Metric| metric.endpoint.path() == operation.path && !metric.field.contains('.');
    let fields: Map<String, Value> = metrics::all().filter(of_path).map(field).collect();
    if fields.is_empty() {
        json!({ "type": "object" })
    } else {
        json!({ "type": "object", "properties": fields })
    }
}

fn field(metric: &Metric) -> (String, Value) {
    let is_whole = !matches!(metric.unit, Unit::Ratio | Unit::Months | Unit::Days);
    let kind = if is_whole { "integer" } else { "number" };
    let says = format!("{} {}", metric.definition, metric.formula);
    (metric.field.to_owned(), json!({ "type": [kind, "null"], "description": says }))
}

fn error_schema() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "type": "object",
        "required": ["error"],
        "properties": { "error": {
            "type": "object",
            "required": ["code", "message", "request_id"],
            "properties": {
                "code": text, "message": text, "request_id": text, "field": { "type": ["string", "null"] },
            },
        } },
    })
}

/// The routes that are described.
#[must_use]
pub fn described_routes() -> Vec<Route> {
    let route = |operation: &Operation| Route { method: operation.method, path: operation.path.to_owned() };
    OPERATIONS.iter().map(route).collect()
}
