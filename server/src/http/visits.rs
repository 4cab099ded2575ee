//! Who looks at a page, found out before it is rendered or its form is read.

use app::visit::{LookingAt, Visit, Workspace};
use axum::extract::{Request, State};
use axum::http::header::{LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::access::{Caller, Person};
use domain::ids::TenantId;
use store::StoreError;

use super::Services;
use super::turnstile::{Crowded, Group, Pass};
use crate::accounts::Sender;

/// Where who is signed in goes.
pub(super) const HOME: &str = "/portal/command-center";

/// Where who is not signed in goes.
pub(super) const LOGIN: &str = "/login";

/// Pages for who is not signed in; the others lead them home.
const FOR_STRANGERS: [&str; 2] = [LOGIN, "/signup"];

/// Lets people in, or shows them where to sign in.
pub(super) async fn greet(State(services): State<Services>, mut request: Request, next: Next) -> Response {
    let sender = services.proxies.sender(request.headers(), request.extensions());
    let (headers, uri) = (request.headers().clone(), request.uri().clone());
    let visit = match visit(&services, &headers, &uri, &sender).await {
        Ok(visit) => visit,
        Err(error) => return unavailable(&error),
    };
    let path = request.uri().path();
    if is_shut_out(&visit, path) {
        return see_other(&sign_in_address(request.uri()));
    }
    if visit.person.is_some() && FOR_STRANGERS.contains(&path) {
        return see_other(HOME);
    }
    let Ok(_pass) = wait_in_line(&services, &visit, request.method()).await else { return crowded() };
    request.extensions_mut().insert(sender);
    request.extensions_mut().insert(visit);
    next.run(request).await
}

/// A page of figures waits until it can be computed; what strangers see, and forms, cost little or wait elsewhere.
async fn wait_in_line(services: &Services, visit: &Visit, method: &Method) -> Result<Option<Pass>, Crowded> {
    match &visit.person {
        Some(person) if method.is_safe() => {
            let group = Group::of(&Caller::Person(person.clone()));
            services.pages.enter(group).await.map(Some)
        }
        _ => Ok(None),
    }
}

fn crowded() -> Response {
    let text = "Too many pages of your workspace are asked for at once. Try again in a moment.";
    (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "1")], text).into_response()
}

/// Whether a page is not for who looks, because nobody is signed in.
pub(super) fn is_shut_out(visit: &Visit, path: &str) -> bool {
    visit.person.is_none() && (path == "/" || path == "/portal" || path.starts_with("/portal/"))
}

/// The answer while it cannot be known who looks.
pub(super) fn unavailable(error: &StoreError) -> Response {
    tracing::error!(%error, "nobody can be let in");
    let text = "The database does not answer just now. Nothing is lost: try again in a moment.";
    (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
}

/// The way to sign in, and back to where somebody wanted to go.
fn sign_in_address(uri: &Uri) -> String {
    match uri.path_and_query().map(|wanted| wanted.as_str()).filter(|wanted| *wanted != "/") {
        Some(wanted) => {
            let next: String = form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
            format!("{LOGIN}?next={next}")
        }
        None => LOGIN.to_owned(),
    }
}

/// An answer that sends the browser elsewhere with a GET.
pub(super) fn see_other(address: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, address.to_owned())]).into_response()
}

/// An address of ours somebody wanted to go to; home when it is another site's.
pub(super) fn own_address(wanted: Option<&str>) -> &str {
    wanted.filter(|wanted| is_own(wanted)).unwrap_or(HOME)
}

fn is_own(wanted: &str) -> bool {
    let plain = wanted.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    plain && wanted.len() <= 2_000 && wanted.starts_with('/') && !wanted.starts_with("//")
}

/// Who looks at the page of an address.
pub(super) async fn visit(
    services: &Services,
    headers: &HeaderMap,
    uri: &Uri,
    sender: &Sender,
) -> Result<Visit, StoreError> {
    let nobody = Visit {
        is_sign_up_open: services.accounts.is_sign_up_open,
        can_send_mail: services.accounts.mailer.is_some(),
        ..Visit::default()
    };
    let Some(token) = services.cookie.read(headers) else { return Ok(nobody) };
    let Some(Caller::Person(person)) = services.doorman.by_session(token).await? else { return Ok(nobody) };
    let memberships = services.store.memberships_of(person.user).await?;
    let workspaces = memberships.into_iter().map(|membership| Workspace {
        tenant: membership.tenant,
        name: membership.name,
        role: membership.role,
    });
    let looking_at = looking_at(services, &person, uri, sender).await?;
    let open_alerts = match &looking_at {
        LookingAt::Tenant { viewer, .. } => services.desk.alerts_open(viewer.tenant).await?,
        LookingAt::Nothing | LookingAt::Unknown => 0,
    };
    Ok(Visit { looking_at, open_alerts, workspaces: workspaces.collect(), person: Some(person), ..nobody })
}

async fn looking_at(
    services: &Services,
    person: &Person,
    uri: &Uri,
    sender: &Sender,
) -> Result<LookingAt, StoreError> {
    let named = match named_tenant(uri) {
        Named::Nothing if person.tenant.is_none() => return Ok(LookingAt::Nothing),
        Named::Nothing => None,
        Named::Tenant(id) => Some(id),
        Named::Unreadable => return Ok(LookingAt::Unknown),
    };
    let caller = Caller::Person(person.clone());
    Ok(match services.doorman.look(&caller, named, sender).await? {
        Some((viewer, tenant)) => LookingAt::Tenant { viewer, name: tenant.name },
        None => LookingAt::Unknown,
    })
}

/// What the address says of whose page it is.
enum Named {
    Nothing,
    Tenant(TenantId),
    Unreadable,
}

fn named_tenant(uri: &Uri) -> Named {
    let query = uri.query().unwrap_or_default();
    let mut given = form_urlencoded::parse(query.as_bytes())
        .filter(|(name, value)| name == "tenant_id" && !value.is_empty())
        .map(|(_, value)| value);
    match (given.next(), given.next()) {
        (None, _) => Named::Nothing,
        (Some(text), None) => text.parse().map_or(Named::Unreadable, Named::Tenant),
        // Two readings are none.
        (Some(_), Some(_)) => Named::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_ours_are_gone_to() {
        for address in ["/portal/revenue?period=7d", "/"] {
            assert_eq!(own_address(Some(address)), address);
        }
        for address in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "javascript:alert(1)",
            "/a\r\nset-cookie: x=y",
            "",
            " /portal",
        ] {
            assert_eq!(own_address(Some(address)), HOME, "{address:?}");
        }
        assert_eq!(own_address(None), HOME);
    }

    #[test]
    fn the_way_back_is_kept_whole() {
        let wanted: Uri = "/portal/revenue?channel=a%26b&period=7d".parse().unwrap();
        assert_eq!(
            sign_in_address(&wanted),
            "/login?next=%2Fportal%2Frevenue%3Fchannel%3Da%2526b%26period%3D7d"
        );
        assert_eq!(sign_in_address(&"/".parse().unwrap()), "/login");
    }
}
