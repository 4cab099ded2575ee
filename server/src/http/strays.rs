//! Calls for what is not there or is another tenant's: answered alike, and written down in one place.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;
use domain::ids::TenantId;

use super::Services;
use super::callers::Known;

/// What a caller calls their own things by leads to nobody else's.
const OWN_NAME: &str = "{external_id}";

/// Writes down who was answered that there is no such thing. Whether there is one elsewhere is not looked up: then those
/// answers would take longer. What is found costs a look at the status.
pub(super) async fn note_strays(State(services): State<Services>, request: Request, next: Next) -> Response {
    let asked = Asked::of(&request);
    let response = next.run(request).await;
    if response.status() == StatusCode::NOT_FOUND
        && let Some(asked) = asked
    {
        asked.note(&services).await;
    }
    response
}

/// What somebody who is known asked for.
struct Asked {
    known: Arc<Known>,
    route: MatchedPath,
    uri: Uri,
}

impl Asked {
    fn of(request: &Request) -> Option<Self> {
        let extensions = request.extensions();
        let (known, route) = (extensions.get().cloned()?, extensions.get().cloned()?);
        Some(Self { known, route, uri: request.uri().clone() })
    }

    async fn note(&self, services: &Services) {
        if self.route.as_str() == super::NO_ROUTE {
            return;
        }
        let Known { caller, sender } = &*self.known;
        let (named, path) = (self.named_tenant(), self.uri.path());
        let viewer = match services.doorman.look(caller, named, sender).await {
            Ok(seen) => seen.map(|(viewer, _)| viewer),
            Err(error) => {
                return tracing::error!(%error, path, "nobody knows where to write down a stray call");
            }
        };
        if viewer.is_some() && self.route.as_str().contains(OWN_NAME) {
            return;
        }
        let what = match named.filter(|_| viewer.is_none()) {
            Some(tenant) => format!("{path}?tenant_id={tenant}"),
            None => path.to_owned(),
        };
        services.accounts.note_stray(caller, viewer.as_ref(), &what, sender).await;
    }

    fn named_tenant(&self) -> Option<TenantId> {
        let query = self.uri.query().unwrap_or_default().as_bytes();
        let (_, value) = form_urlencoded::parse(query).find(|(name, _)| name == "tenant_id")?;
        value.parse().ok()
    }
}
