//! The forms of our pages: each is posted to its page's own address.
//!
//! What was done leads back to the page by a redirect, so that reloading does nothing twice; what was refused
//! shows the page again with the reason beside the field and everything that was typed but secrets.
//! To add a form: its page's path in [`PAGES`], a line in [`carry_out`].

mod account;
mod actions;
mod administration;
mod alerts;
mod channels;
mod connections;
mod costs;
mod credit;
mod imports;
mod jobs;
mod operation;
mod posted;

use std::sync::Arc;

use app::visit::{FormOutcome, FormReply, Notice, Visit};
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::access::{Caller, Viewer};
use futures::future::BoxFuture;

use self::posted::Posted;
use super::Services;
use super::visits::{self, LOGIN, see_other};
use crate::accounts::{NewlySignedIn, Refusal, Sender};
use crate::jobs::Steering;

/// The pages with forms.
pub(super) const PAGES: [&str; 24] = [
    "/login",
    "/signup",
    "/logout",
    "/forgot-password",
    "/reset-password",
    "/invitation",
    "/portal/costs",
    "/portal/command-center",
    "/portal/alerts",
    "/portal/actions",
    "/portal/actions/confirm",
    "/portal/actions/leads",
    "/portal/jobs",
    "/portal/events",
    "/portal/import",
    "/portal/unknown",
    "/portal/credit",
    "/portal/settings/account",
    "/portal/settings/tenant",
    "/portal/settings/channels",
    "/portal/settings/exchange-rates",
    "/portal/settings/members",
    "/portal/settings/api-keys",
    "/portal/settings/connections",
];

/// Where the switch between tenants is posted; it is no page.
pub(super) const SWITCH: &str = "/portal/switch";

/// Renders the page of an address.
pub(super) type Render = Arc<dyn Fn(Request<Body>) -> BoxFuture<'static, Response> + Send + Sync>;

/// What became of a form that was carried out.
pub(super) enum Done {
    /// The page says so.
    Said(Notice),
    /// The page says so, and offers to bring back what was deleted.
    Deleted(Notice, String),
    /// The page says so, and offers to take it back.
    Undoable(Notice, String),
    /// Another page says so.
    SaidAt(&'static str, Notice),
    /// The browser is signed in and goes on.
    SignedIn(NewlySignedIn, String),
    /// The browser is signed out.
    SignedOut,
    /// The browser goes on.
    Go(String),
    /// The page shows this once.
    ShownOnce(String),
}

/// Who posts a form, from where.
pub(super) struct Poster<'a> {
    services: &'a Services,
    visit: &'a Visit,
    sender: &'a Sender,
}

impl Poster<'_> {
    /// Who looks at which tenant; another's does not exist.
    fn viewer(&self) -> Result<Viewer, Refusal> {
        self.visit.viewer().map_err(|_| Refusal::NotFound)
    }

    /// Writes down that somebody asked for what does not exist or is another tenant's.
    async fn note_stray(&self, path: &str) {
        let person = self.visit.person.clone().filter(|_| path.starts_with("/portal/"));
        if let Some(person) = person {
            let (caller, viewer) = (Caller::Person(person), self.visit.viewer().ok());
            self.services.accounts.note_stray(&caller, viewer.as_ref(), path, self.sender).await;
        }
    }
}

/// Answers a posted form.
pub(super) async fn answer(services: Services, render: Render, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let sender = parts.extensions.get::<Sender>().cloned().unwrap_or_default();
    let mut posted = match Posted::read(&parts.headers, body).await {
        Ok(posted) => posted,
        Err(status) => return (status, unreadable(status)).into_response(),
    };
    // Whoever took their time with the body may no longer be who they were when they began.
    let visit = match visits::visit(&services, &parts.headers, &parts.uri, &sender).await {
        Ok(visit) => visit,
        Err(error) => return visits::unavailable(&error),
    };
    if visits::is_shut_out(&visit, parts.uri.path()) {
        return see_other(LOGIN);
    }
    let (form, typed) = (posted.form().to_owned(), posted.typed());
    let path = parts.uri.path().to_owned();
    let poster = Poster { services: &services, visit: &visit, sender: &sender };
    let outcome = carry_out(&poster, &path, &form, &mut posted).await;
    let mut page = Request::from_parts(parts, Body::empty());
    match outcome {
        Ok(Done::ShownOnce(text)) => {
            let reply = FormReply { form, outcome: FormOutcome::ShownOnce(text), typed: Default::default() };
            show(&render, page, visit, reply).await
        }
        Ok(done) => redirect(&services, &page, done),
        Err(refusal) => {
            let status = note_refusal(&poster, &path, &refusal).await;
            let reply = FormReply { form, outcome: refused(&refusal), typed };
            *page.method_mut() = axum::http::Method::GET;
            let mut response = show(&render, page, visit, reply).await;
            if response.status() == StatusCode::OK {
                *response.status_mut() = status;
            }
            if let Refusal::TooMany { wait } = refusal {
                let seconds = wait.as_secs().max(1);
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
            }
            response
        }
    }
}

/// What is said of a body that is no form of ours.
fn unreadable(status: StatusCode) -> &'static str {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => "This is too much for one form. Go back and send less.",
        _ => "This is no form of ours. Go back, reload the page and try again.",
    }
}

async fn show(render: &Render, mut page: Request<Body>, visit: Visit, reply: FormReply) -> Response {
    page.extensions_mut().insert(Visit { reply: Some(reply), ..visit });
    render(page).await
}

async fn carry_out(
    poster: &Poster<'_>,
    path: &str,
    form: &str,
    posted: &mut Posted,
) -> Result<Done, Refusal> {
    match (path, form) {
        ("/login", "sign_in") => poster.sign_in(posted).await,
        ("/signup", "sign_up") => poster.sign_up(posted).await,
        ("/logout", "sign_out") => poster.sign_out().await,
        ("/forgot-password", "forgot") => poster.ask_reset(posted).await,
        ("/reset-password", "reset") => poster.reset_password(posted).await,
        ("/invitation", "join") => poster.join(posted).await,
        (SWITCH, _) => poster.switch(posted).await,
        ("/portal/costs", "add") => poster.add_cost(posted).await,
        ("/portal/costs", "change") => poster.change_cost(posted).await,
        ("/portal/costs", "delete") => poster.delete_cost(posted).await,
        ("/portal/costs", "restore") => poster.restore_cost(posted).await,
        ("/portal/costs", "end_monthly") => poster.end_monthly_cost(posted).await,
        ("/portal/command-center" | "/portal/alerts", "acknowledge") => poster.acknowledge(posted).await,
        ("/portal/command-center" | "/portal/alerts", "snooze") => poster.snooze(posted).await,
        ("/portal/command-center" | "/portal/alerts", "resolve") => poster.resolve(posted).await,
        ("/portal/alerts", "assign") => poster.assign_alert(posted).await,
        ("/portal/alerts", "comment") => poster.comment_on_alert(posted).await,
        ("/portal/unknown" | "/portal/credit", "assign") => poster.assign(posted).await,
        ("/portal/unknown" | "/portal/credit", "take_back") => poster.take_back(posted).await,
        ("/portal/import", "check") => poster.check_file(posted).await,
        ("/portal/import", "import") => poster.import_file(posted).await,
        ("/portal/import", "undo") => poster.undo_import(posted).await,
        ("/portal/credit", "link") => poster.link(posted).await,
        ("/portal/credit", "unlink") => poster.unlink(posted).await,
        ("/portal/actions/confirm", "confirm") => poster.confirm_action(posted).await,
        ("/portal/actions/leads", "confirm_leads") => poster.confirm_leads_action(posted).await,
        ("/portal/actions", "undo") => poster.undo_action(posted).await,
        ("/portal/actions", "check") => poster.check_action(posted).await,
        ("/portal/jobs", "retry") => poster.steer_job(posted, Steering::Retry, Notice::JobRetried).await,
        ("/portal/jobs", "pause") => poster.steer_job(posted, Steering::Pause, Notice::JobPaused).await,
        ("/portal/jobs", "resume") => poster.steer_job(posted, Steering::Resume, Notice::JobResumed).await,
        ("/portal/events", "replay") => poster.replay_event(posted).await,
        ("/portal/events", "replay_dead") => poster.replay_dead_letters().await,
        ("/portal/settings/account", "name") => poster.change_name(posted).await,
        ("/portal/settings/account", "password") => poster.change_password(posted).await,
        ("/portal/settings/account", "end_session") => poster.end_session(posted).await,
        ("/portal/settings/account", "end_others") => poster.end_other_sessions().await,
        ("/portal/settings/tenant", "settings") => poster.save_settings(posted).await,
        ("/portal/settings/channels", "add") => poster.add_channel(posted).await,
        ("/portal/settings/channels", "change") => poster.change_channel(posted).await,
        ("/portal/settings/channels", "delete") => poster.delete_channel(posted).await,
        ("/portal/settings/channels", "save_rule") => poster.save_rule(posted).await,
        ("/portal/settings/channels", "delete_rule") => poster.delete_rule(posted).await,
        ("/portal/settings/exchange-rates", "import") => poster.import_rates(posted).await,
        ("/portal/settings/exchange-rates", "set") => poster.set_rate(posted).await,
        ("/portal/settings/members", "invite") => poster.invite(posted).await,
        ("/portal/settings/members", "revoke_invitation") => poster.revoke_invitation(posted).await,
        ("/portal/settings/members", "change_role") => poster.change_role(posted).await,
        ("/portal/settings/members", "remove") => poster.remove_member(posted).await,
        ("/portal/settings/api-keys", "create") => poster.create_api_key(posted).await,
        ("/portal/settings/api-keys", "revoke") => poster.revoke_api_key(posted).await,
        ("/portal/settings/connections", "store") => poster.store_secret(posted).await,
        ("/portal/settings/connections", "remove") => poster.remove_secret(posted).await,
        ("/portal/settings/connections", "connect") => poster.connect_tool(posted).await,
        ("/portal/settings/connections", "disconnect") => poster.disconnect_tool(posted).await,
        ("/portal/settings/connections", "webhook") => poster.make_webhook_address(posted).await,
        ("/portal/settings/connections", "sync") => poster.sync_tool(posted).await,
        ("/portal/settings/connections", "backfill") => poster.order_backfill(posted).await,
        ("/portal/settings/connections", "pause_backfill") => poster.pause_backfill().await,
        _ => Err(Refusal::Conflict("this page has no such form: reload it".to_owned())),
    }
}

fn redirect(services: &Services, page: &Request<Body>, done: Done) -> Response {
    let path = page.uri().path();
    match done {
        Done::Said(notice) => see_other(&said_at(path, page.uri().query(), notice)),
        Done::Deleted(notice, id) => {
            see_other(&format!("{}&deleted={id}", said_at(path, page.uri().query(), notice)))
        }
        Done::Undoable(notice, id) => {
            see_other(&format!("{}&undo={id}", said_at(path, page.uri().query(), notice)))
        }
        Done::SaidAt(path, notice) => see_other(&said_at(path, None, notice)),
        Done::Go(address) => see_other(&address),
        Done::SignedIn(NewlySignedIn { token, lifetime }, address) => {
            with_cookie(see_other(&address), services.cookie.set(&token, lifetime))
        }
        Done::SignedOut => {
            with_cookie(see_other(&said_at(LOGIN, None, Notice::SignedOut)), services.cookie.forget())
        }
        // Answered before.
        Done::ShownOnce(_) => see_other(path),
    }
}

fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().append(SET_COOKIE, cookie);
    response
}

/// What of a page's address says what it is about.
const KEPT: [&str; 15] = [
    "tenant_id",
    "period",
    "from",
    "to",
    "granularity",
    "funnel",
    "sort",
    "state",
    "row",
    "customer",
    "kind",
    "channel",
    "file",
    "severity",
    "cursor",
];

/// A page that says what was done, about the same tenant and days as before.
fn said_at(path: &str, query: Option<&str>, notice: Notice) -> String {
    let mut address = form_urlencoded::Serializer::new(format!("{path}?"));
    let given = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    for (name, value) in given.filter(|(name, _)| KEPT.contains(&name.as_ref())) {
        address.append_pair(&name, &value);
    }
    address.append_pair("done", notice.word());
    address.finish().replacen("?&", "?", 1)
}

/// The status of a refusal; what somebody may not do is written down, our own failure is logged.
async fn note_refusal(poster: &Poster<'_>, path: &str, refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Field { .. } | Refusal::Unreadable(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::Conflict(_) => StatusCode::CONFLICT,
        Refusal::NotFound => {
            poster.note_stray(path).await;
            StatusCode::NOT_FOUND
        }
        Refusal::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Forbidden(forbidden) => {
            if let Ok(viewer) = poster.visit.viewer() {
                let what = forbidden.0.word();
                poster.services.accounts.note_refused_access(&viewer, what, poster.sender).await;
            }
            StatusCode::FORBIDDEN
        }
        Refusal::Ours(error) => {
            tracing::error!(%error, path, "a form could not be carried out");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

fn refused(refusal: &Refusal) -> FormOutcome {
    let field = match refusal {
        Refusal::Field { field, .. } => Some(*field),
        _ => None,
    };
    let message = match refusal {
        Refusal::Ours(_) => "something failed on our side and nothing was changed: try again".to_owned(),
        Refusal::NotFound => "it is not there any more: reload the page".to_owned(),
        refusal => refusal.to_string(),
    };
    FormOutcome::Refused { field, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_what_was_done_about_the_same_tenant() {
        assert_eq!(said_at("/login", None, Notice::SignedOut), "/login?done=signed-out");
        let query = Some("done=x&tenant_id=7&evil=1");
        assert_eq!(said_at("/p", query, Notice::SettingsSaved), "/p?tenant_id=7&done=settings-saved");
    }
}
