//! Who may what: every route, by everybody who could ask. Whoever adds a route writes its line here.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use crate::support::markers::{OURS, THEIRS, Traces};
use crate::support::people::{Browser, location};
use crate::support::tables::SEEN_AND_WRITTEN_DOWN;
use crate::support::{Program, config};
use domain::access::{Permission, Role};
use domain::ids::TenantId;
use leptos::server_fn::axum::server_fn_paths;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, ORIGIN};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::json;
use server::config::ServeConfig;
use server::http::routes;

/// What each is answered. A form stands behind the `#` of its page, and is sent such that who may send it is told
/// what is wrong with it (422, 404) where that can be.
///
/// * `login`: led to where one signs in. `home`: led home. `done`: led to a page that says it was done.
///   `there`: led where they wanted to go.
/// * `their-admin`, `platform` and `their-key` name our tenant, the others nothing.
/// * `act-key` is a key of ours that may act and nothing else, `no-key` is nobody's. Keys do not open pages.
const REVIEWED: &str = "
                                               nobody viewer operator admin their-admin platform key   act-key their-key no-key
GET  /                                         login  200    200      200   404         200      login login   login     login
GET  /portal/command-center                    login  200    200      200   404         200      login login   login     login
GET  /portal/revenue                           login  200    200      200   404         200      login login   login     login
GET  /portal/mrr                               login  200    200      200   404         200      login login   login     login
GET  /portal/campaigns                         login  200    200      200   404         200      login login   login     login
GET  /portal/channels                          login  200    200      200   404         200      login login   login     login
GET  /portal/explain                           login  200    200      200   404         200      login login   login     login
GET  /portal/customers                         login  200    200      200   404         200      login login   login     login
GET  /portal/customers/{id}                    login  404    404      404   404         404      login login   login     login
GET  /portal/leads                             login  200    200      200   404         200      login login   login     login
GET  /portal/leads/{id}                        login  404    404      404   404         404      login login   login     login
GET  /portal/import                            login  403    200      200   404         200      login login   login     login
GET  /portal/unknown                           login  200    200      200   404         200      login login   login     login
GET  /portal/credit                            login  404    404      404   404         404      login login   login     login
GET  /portal/restatements                      login  200    200      200   404         200      login login   login     login
GET  /portal/failed-payments                   login  200    200      200   404         200      login login   login     login
GET  /portal/costs                             login  200    200      200   404         200      login login   login     login
GET  /portal/alerts                            login  200    200      200   404         200      login login   login     login
GET  /portal/actions                           login  200    200      200   404         200      login login   login     login
GET  /portal/actions/confirm                   login  403    400      400   404         400      login login   login     login
GET  /portal/actions/leads                     login  403    400      400   404         400      login login   login     login
GET  /portal/jobs                              login  403    403      200   404         200      login login   login     login
GET  /portal/events                            login  200    200      200   404         200      login login   login     login
GET  /portal/metrics                           login  200    200      200   404         200      login login   login     login
GET  /portal/platform                          login  404    404      404   404         200      login login   login     login
GET  /portal/settings/account                  login  200    200      200   200         200      login login   login     login
GET  /portal/settings/tenant                   login  403    403      200   404         200      login login   login     login
GET  /portal/settings/channels                 login  403    403      200   404         200      login login   login     login
GET  /portal/settings/exchange-rates           login  403    403      200   404         200      login login   login     login
GET  /portal/settings/members                  login  403    403      200   404         200      login login   login     login
GET  /portal/settings/api-keys                 login  403    403      200   404         200      login login   login     login
GET  /portal/settings/connections              login  200    200      200   404         200      login login   login     login
GET  /portal/settings/exchange-rates           login  403    403      200   404         200      login login   login     login
GET  /portal/settings/audit-log                login  403    403      200   404         200      login login   login     login
GET  /login                                    200    home   home     home  home        home     200   200     200       200
GET  /signup                                   200    home   home     home  home        home     200   200     200       200
GET  /logout                                   200    200    200      200   200         200      200   200     200       200
GET  /forgot-password                          200    200    200      200   200         200      200   200     200       200
GET  /reset-password                           404    404    404      404   404         404      404   404     404       404
GET  /invitation                               404    404    404      404   404         404      404   404     404       404

POST /login#sign_in                            422    home   home     home  home        home     422   422     422       422
POST /signup#sign_up                           422    home   home     home  home        home     422   422     422       422
POST /logout#sign_out                          done   done   done     done  done        done     done  done    done      done
POST /forgot-password#forgot                   422    422    422      422   422         422      422   422     422       422
POST /reset-password#reset                     404    404    404      404   404         404      404   404     404       404
POST /invitation#join                          404    404    404      404   404         404      404   404     404       404
POST /portal/switch#switch                     login  there  there    there 404         there    login login   login     login
POST /portal/costs#add                         login  403    403      422   404         422      login login   login     login
POST /portal/costs#change                      login  403    403      404   404         404      login login   login     login
POST /portal/costs#delete                      login  403    403      404   404         404      login login   login     login
POST /portal/costs#restore                     login  403    403      404   404         404      login login   login     login
POST /portal/costs#end_monthly                 login  403    403      404   404         404      login login   login     login
POST /portal/command-center#acknowledge        login  403    404      404   404         404      login login   login     login
POST /portal/command-center#snooze             login  403    404      404   404         404      login login   login     login
POST /portal/command-center#resolve            login  403    404      404   404         404      login login   login     login
POST /portal/alerts#acknowledge                login  403    404      404   404         404      login login   login     login
POST /portal/alerts#snooze                     login  403    404      404   404         404      login login   login     login
POST /portal/alerts#resolve                    login  403    404      404   404         404      login login   login     login
POST /portal/alerts#assign                     login  403    404      404   404         404      login login   login     login
POST /portal/alerts#comment                    login  403    404      404   404         404      login login   login     login
POST /portal/actions#undo                      login  403    404      404   404         404      login login   login     login
POST /portal/actions#check                     login  403    404      404   404         404      login login   login     login
POST /portal/actions/confirm#confirm           login  403    400      400   404         400      login login   login     login
POST /portal/actions/leads#confirm_leads       login  403    400      400   404         400      login login   login     login
POST /portal/jobs#retry                        login  403    403      404   404         404      login login   login     login
POST /portal/jobs#pause                        login  403    403      404   404         404      login login   login     login
POST /portal/jobs#resume                       login  403    403      404   404         404      login login   login     login
POST /portal/events#replay                     login  403    404      404   404         404      login login   login     login
POST /portal/events#replay_dead                login  403    done     done  404         done     login login   login     login
POST /portal/import#check                      login  403    404      404   404         404      login login   login     login
POST /portal/import#import                     login  403    404      404   404         404      login login   login     login
POST /portal/import#undo                       login  403    404      404   404         404      login login   login     login
POST /portal/import/upload#upload              login  there  there    there 404         there    login login   login     login
POST /portal/unknown#assign                    login  403    422      422   404         422      login login   login     login
POST /portal/unknown#take_back                 login  403    404      404   404         404      login login   login     login
POST /portal/credit#assign                     login  404    404      404   404         404      login login   login     login
POST /portal/credit#take_back                  login  404    404      404   404         404      login login   login     login
POST /portal/credit#link                       login  404    404      404   404         404      login login   login     login
POST /portal/credit#unlink                     login  404    404      404   404         404      login login   login     login
POST /portal/settings/account#name             login  422    422      422   422         422      login login   login     login
POST /portal/settings/account#password         login  422    422      422   422         422      login login   login     login
POST /portal/settings/account#end_session      login  404    404      404   404         404      login login   login     login
POST /portal/settings/account#end_others       login  done   done     done  done        done     login login   login     login
POST /portal/settings/tenant#settings          login  403    403      422   404         422      login login   login     login
POST /portal/settings/channels#add             login  403    403      422   404         422      login login   login     login
POST /portal/settings/channels#change          login  403    403      404   404         404      login login   login     login
POST /portal/settings/channels#delete          login  403    403      404   404         404      login login   login     login
POST /portal/settings/channels#save_rule       login  403    403      422   404         422      login login   login     login
POST /portal/settings/channels#delete_rule     login  403    403      404   404         404      login login   login     login
POST /portal/settings/exchange-rates#import    login  403    403      422   404         422      login login   login     login
POST /portal/settings/exchange-rates#set       login  403    403      422   404         422      login login   login     login
POST /portal/settings/exchange-rates#import    login  403    403      422   404         422      login login   login     login
POST /portal/settings/exchange-rates#set       login  403    403      422   404         422      login login   login     login
POST /portal/settings/members#invite           login  403    403      422   404         422      login login   login     login
POST /portal/settings/members#revoke_invitation login 403    403      404   404         404      login login   login     login
POST /portal/settings/members#change_role      login  403    403      404   404         404      login login   login     login
POST /portal/settings/members#remove           login  403    403      404   404         404      login login   login     login
POST /portal/settings/api-keys#create          login  403    403      422   404         422      login login   login     login
POST /portal/settings/api-keys#revoke          login  403    403      404   404         404      login login   login     login
POST /portal/settings/connections#store        login  403    403      422   404         422      login login   login     login
POST /portal/settings/connections#remove       login  403    403      404   404         404      login login   login     login
POST /portal/settings/connections#connect      login  403    403      404   404         404      login login   login     login
POST /portal/settings/connections#disconnect   login  403    403      404   404         404      login login   login     login
POST /portal/settings/connections#webhook      login  403    403      404   404         404      login login   login     login
POST /portal/settings/connections#sync         login  403    404      404   404         404      login login   login     login
POST /portal/settings/connections#backfill     login  403    403      422   404         422      login login   login     login
POST /portal/settings/connections#pause_backfill login 403   403      409   404         409      login login   login     login

GET  /api/actions                              401    200    200      200   404         200      200   403     404       401
POST /api/actions                              401    403    400      400   404         400      403   400     404       401
GET  /api/actions/{id}                         401    404    404      404   404         404      404   403     404       401
POST /api/actions/{id}/undo                    401    403    404      404   404         404      403   404     404       401
POST /api/actions/{id}/check                   401    403    404      404   404         404      403   404     404       401
GET  /api/jobs                                 401    403    403      200   404         200      403   403     404       401
POST /api/jobs/{id}/retry                      401    403    403      404   404         404      403   403     404       401
POST /api/jobs/{id}/pause                      401    403    403      404   404         404      403   403     404       401
POST /api/jobs/{id}/resume                     401    403    403      404   404         404      403   403     404       401
GET  /api/alerts                               401    200    200      200   404         200      200   403     404       401
POST /api/alerts/{id}/acknowledge              401    403    400      400   404         400      403   400     404       401
POST /api/alerts/{id}/snooze                   401    403    400      400   404         400      403   400     404       401
POST /api/alerts/{id}/resolve                  401    403    400      400   404         400      403   400     404       401
POST /api/alerts/{id}/assign                   401    403    400      400   404         400      403   400     404       401
POST /api/alerts/{id}/comments                 401    403    400      400   404         400      403   400     404       401
GET  /api/analytics/revenue                    401    200    200      200   404         200      200   403     404       401
GET  /api/analytics/mrr                        401    200    200      200   404         200      200   403     404       401
GET  /api/analytics/unit-economics             401    200    200      200   404         200      200   403     404       401
GET  /api/analytics/command-center             401    200    200      200   404         200      200   403     404       401
GET  /api/dashboard/kpis                       401    200    200      200   404         200      200   403     404       401
POST /api/attribution/overrides                401    403    400      400   404         400      403   400     404       401
DELETE /api/attribution/overrides/{id}         401    403    404      404   404         404      403   404     404       401
GET  /api/audit-log.csv                        401    403    403      200   404         200      403   403     404       401
PUT  /api/campaigns/{external_id}              401    403    422      422   404         422      403   422     404       401
GET  /api/channel-costs                        401    200    200      200   404         200      200   403     404       401
POST /api/channel-costs                        401    403    403      422   404         422      403   403     404       401
GET  /api/channel-costs/{id}                   401    404    404      404   404         404      404   403     404       401
PATCH /api/channel-costs/{id}                  401    403    403      422   404         422      403   403     404       401
DELETE /api/channel-costs/{id}                 401    403    403      404   404         404      403   403     404       401
POST /api/channel-costs/{id}/restore           401    403    403      404   404         404      403   403     404       401
PUT  /api/deals/{external_id}                  401    403    422      422   404         422      403   422     404       401
GET  /api/docs                                 200    200    200      200   200         200      200   200     200       200
GET  /api/openapi.json                         200    200    200      200   200         200      200   200     200       200
GET  /api/dunning                              401    200    200      200   404         200      200   403     404       401
GET  /api/metrics                              401    200    200      200   200         200      200   200     200       401
GET  /api/imports/{id}/problems                401    403    404      404   404         404      403   404     404       401
GET  /api/ledger                               401    200    200      200   404         200      200   403     404       401
GET  /api/restatements                         401    200    200      200   404         200      200   403     404       401
GET  /api/stripe-events                        401    200    200      200   404         200      200   403     404       401
GET  /api/events                               401    200    200      200   404         200      200   403     404       401
PUT  /api/leads/{external_id}                  401    403    422      422   404         422      403   422     404       401
POST /api/leads/{external_id}/events           401    403    404      404   404         404      403   404     404       401
POST /api/leads/batch                          401    403    400      400   404         400      403   400     404       401
GET  /api/monthly-costs                        401    200    200      200   404         200      200   403     404       401
POST /api/monthly-costs                        401    403    403      422   404         422      403   403     404       401
DELETE /api/monthly-costs/{id}                 401    403    403      404   404         404      403   403     404       401
POST /api/links                                401    403    400      400   404         400      403   400     404       401
POST /api/webhooks/stripe                      400    400    400      400   400         400      400   400     400       400
POST /api/webhooks/stripe/{tenant}             400    400    400      400   400         400      400   400     400       400
POST /api/webhooks/{tool}/{tenant}             404    404    404      404   404         404      404   404     404       404
GET  /healthz                                  200    200    200      200   200         200      200   200     200       200
GET  /readyz                                   200    200    200      200   200         200      200   200     200       200
";

/// A rate that can be set.
const RATE: [(&str, &str); 5] =
    [("form", "set"), ("day", "2026-11-19"), ("base", "eur"), ("quote", "usd"), ("rate", "1.1")];

/// An id nothing has.
const NOTHING: &str = "00000000-0000-0000-0000-000000000000";

/// A line of the table.
struct Line {
    method: &'static str,
    path: &'static str,
    form: Option<&'static str>,
    cells: Vec<&'static str>,
}

impl Line {
    /// Whether it is a change that programs and scripts of our own ask for; Stripe's events are signed instead.
    fn changes_through_the_api(&self) -> bool {
        self.method != "GET" && self.path.starts_with("/api/") && !self.path.starts_with("/api/webhooks/")
    }
}

fn table() -> (Vec<&'static str>, Vec<Line>) {
    let mut lines = REVIEWED.lines().filter(|line| !line.is_empty());
    let columns: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    let width = columns.len();
    let lines = lines.map(|line| {
        let mut words = line.split_whitespace();
        let (method, what) = (words.next().unwrap(), words.next().unwrap());
        let (path, form) = what.split_once('#').map_or((what, None), |(path, form)| (path, Some(form)));
        let cells: Vec<&str> = words.collect();
        assert_eq!(cells.len(), width, "{method} {what}");
        Line { method, path, form, cells }
    });
    let lines = lines.collect();
    (columns, lines)
}

/// Something invalid of each form's, so that nothing is done.
fn invalid(form: &str, tenant: TenantId) -> Vec<(&'static str, String)> {
    let fields: &[(&str, &str)] = match form {
        "sign_in" => &[("email", "nobody"), ("password", "x")],
        "sign_up" => &[("company", ""), ("email", "nobody")],
        "forgot" | "invite" => &[("email", "nobody"), ("role", "viewer")],
        "reset" | "join" => &[("token", "none"), ("password", "x")],
        "switch" => return vec![("tenant_id", tenant.to_string()), ("next", "/portal/revenue".to_owned())],
        "password" => &[("current_password", "not it"), ("new_password", "another calm sentence")],
        "end_session" => &[("session", NOTHING)],
        "undo" | "check" => &[("action", NOTHING)],
        "confirm" => &[("kind", "nothing"), ("campaign", NOTHING), ("key", "a-key")],
        "retry" | "pause" | "resume" => &[("job", NOTHING)],
        "acknowledge" | "resolve" => &[("alert", NOTHING)],
        "snooze" => &[("alert", NOTHING), ("days", "1")],
        "replay" => &[("event", "evt_nothing")],
        "revoke_invitation" => &[("invitation", NOTHING)],
        "change_role" => &[("user", NOTHING), ("role", "viewer")],
        "remove" => &[("user", NOTHING), ("kind", "nothing")],
        "create" => &[("name", ""), ("role", "viewer"), ("scope", "read_figures")],
        "revoke" => &[("key", NOTHING)],
        "store" => &[("kind", "nothing"), ("value", "x")],
        "backfill" => &[("days", "0")],
        _ => &[],
    };
    fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

/// Both tenants with names in everything, and a key for each column that has one.
struct World {
    program: Program,
    traces: Traces,
    keys: Vec<(&'static str, String)>,
}

impl World {
    async fn create() -> Self {
        let sealing = credentials::sealing::SecretsKeys::parse(&SECRETS_KEY).unwrap();
        let program = Program::start_as(ServeConfig { secrets_keys: Some(sealing.into()), ..config() }).await;
        let traces = program.mark_everything().await;
        let (ours, theirs) = (program.ledger.ours.id, program.ledger.theirs.id);
        let keys = vec![
            ("key", program.key(ours, Role::Viewer, &[]).await),
            ("act-key", program.key(ours, Role::Owner, &[Permission::Act]).await),
            ("their-key", program.key(theirs, Role::Owner, &[]).await),
            ("no-key", credentials::tokens::ApiKeyText::draw().text()),
        ];
        Self { program, traces, keys }
    }

    /// A browser, or a program, of who a column is about; each in a network of its own.
    async fn asker(&self, column: &str, number: usize) -> Browser {
        let people = &self.program.people;
        let browser = match column {
            "viewer" => self.program.browser(&people.viewer).await,
            "operator" => self.program.browser(&people.operator).await,
            "admin" => self.program.browser(&people.admin).await,
            "their-admin" => self.program.browser(&people.their_admin).await,
            "platform" => self.program.browser(&people.platform).await,
            _ => self.program.stranger(),
        };
        browser.in_network(Ipv4Addr::new(127, 0, 7, u8::try_from(number + 1).unwrap()))
    }

    fn as_asked(&self, column: &str, request: RequestBuilder) -> RequestBuilder {
        match self.keys.iter().find(|(name, _)| *name == column) {
            Some((_, key)) => request.header(AUTHORIZATION, format!("Bearer {key}")),
            None => request,
        }
    }

    async fn ask(&self, column: &str, number: usize, line: &Line) -> Response {
        let ours = self.program.ledger.ours.id;
        let names_ours = ["their-admin", "platform", "their-key"].contains(&column);
        let query = if names_ours { format!("?tenant_id={ours}") } else { String::new() };
        let path = line.path.replace("{tenant}", &self.program.ledger.ours.slug).replace("{id}", NOTHING);
        let asker = self.asker(column, number).await;
        let method: Method = line.method.parse().unwrap();
        let mut request = asker.request(method, &format!("{path}{query}"));
        if line.form == Some("upload") {
            // The one form that brings a file comes in parts; this one brings none.
            let parts =
                "--line\r\nContent-Disposition: form-data; name=\"form\"\r\n\r\nupload\r\n--line--\r\n";
            let kind = "multipart/form-data; boundary=line";
            request = request.header(CONTENT_TYPE, kind).body(parts).header(ORIGIN, &self.program.address);
        } else if let Some(form) = line.form {
            let mut fields = invalid(form, ours);
            fields.push(("form", form.to_owned()));
            request = request.form(&fields).header(ORIGIN, &self.program.address);
        } else if line.changes_through_the_api() {
            request = request.json(&json!({ "nothing": 1 })).header(ORIGIN, &self.program.address);
        }
        self.as_asked(column, request).send().await.unwrap()
    }
}

static SECRETS_KEY: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| format!("{}=", "A".repeat(43)));

/// An answer as the table says it.
fn in_a_word(response: &Response) -> String {
    match (response.status().as_u16(), location(response)) {
        (303, "/login") => "login".to_owned(),
        (303, address) if address.starts_with("/login?next=") => "login".to_owned(),
        (303, "/portal/command-center") => "home".to_owned(),
        (303, address) if address.contains("done=") => "done".to_owned(),
        (303, _) => "there".to_owned(),
        (status, _) => status.to_string(),
    }
}

/// What a body says; of a stream, what it begins with.
async fn body_of(mut response: Response) -> String {
    let is_stream =
        response.headers().get("content-type").is_some_and(|kind| kind.as_bytes() == b"text/event-stream");
    if is_stream {
        let beginning = response.chunk().await.unwrap().unwrap_or_default();
        return String::from_utf8_lossy(&beginning).into_owned();
    }
    response.text().await.unwrap()
}

#[test]
fn every_route_is_in_the_reviewed_table_and_nothing_else_is() {
    let (_, lines) = table();
    let reviewed: BTreeSet<(String, String)> =
        lines.iter().map(|line| (line.method.to_owned(), line.path.to_owned())).collect();
    let there: BTreeSet<(String, String)> =
        routes().into_iter().map(|route| (route.method.to_owned(), route.path)).collect();
    let unreviewed: Vec<_> = there.difference(&reviewed).collect();
    let gone: Vec<_> = reviewed.difference(&there).collect();
    assert!(
        unreviewed.is_empty() && gone.is_empty(),
        "not reviewed: {unreviewed:?}, no longer there: {gone:?}"
    );
}

#[test]
fn there_is_no_server_function_beside_the_routes() {
    let _ = routes();
    assert_eq!(server_fn_paths().collect::<Vec<_>>(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_is_answered_as_reviewed_and_nobody_else_reads_a_name_of_ours() {
    let world = World::create().await;
    let (columns, lines) = table();
    let mut wrong = Vec::new();
    for line in &lines {
        for (number, (column, reviewed)) in columns.iter().zip(&line.cells).enumerate() {
            let response = world.ask(column, number, line).await;
            let found = in_a_word(&response);
            let what = format!("{} {}#{} by {column}", line.method, line.path, line.form.unwrap_or_default());
            if found != *reviewed {
                wrong.push(format!("{what} is {found}, reviewed as {reviewed}"));
            }
            let headers = format!("{:?}", response.headers());
            let body = body_of(response).await;
            let is_outside = ["nobody", "their-admin", "their-key", "no-key"].contains(column);
            if is_outside && (body.contains(OURS) || headers.contains(OURS)) {
                wrong.push(format!("{what} tells a name of ours"));
            }
            if *column != "their-admin" && *column != "platform" && body.contains(THEIRS) {
                wrong.push(format!("{what} tells a name of theirs"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_form_a_page_shows_is_in_the_reviewed_table() {
    let world = World::create().await;
    let (_, lines) = table();
    let reviewed: BTreeSet<&str> = lines.iter().filter_map(|line| line.form).collect();
    let mut shown = BTreeSet::new();
    for line in lines.iter().filter(|line| line.method == "GET" && !line.path.starts_with("/api/")) {
        for asker in [&world.program.admin, &world.program.stranger()] {
            let page = asker.text(line.path).await;
            shown.extend(forms_in(&page).map(str::to_owned));
        }
    }
    assert!(shown.len() > 10, "{shown:?}");
    let unreviewed: Vec<_> = shown.iter().filter(|form| !reviewed.contains(form.as_str())).collect();
    assert!(unreviewed.is_empty(), "{unreviewed:?}");
}

/// The names of the forms on a page.
fn forms_in(page: &str) -> impl Iterator<Item = &str> {
    let inputs = page.split("<input").skip(1).filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag);
    inputs
        .filter(|tag| tag.contains("name=\"form\""))
        .filter_map(|tag| tag.split_once("value=\"")?.1.split_once('"').map(|(name, _)| name))
}

#[tokio::test]
async fn each_page_that_lists_something_of_ours_shows_it_to_our_admin_and_nothing_of_theirs() {
    let world = World::create().await;
    for (page, things) in [
        ("/", &["-company"][..]),
        ("/portal/command-center", &["-company"]),
        ("/portal/channels", &["-product"]),
        ("/portal/revenue", &["-product", "-buyer@mail.example"]),
        ("/portal/settings/account", &["-admin"]),
        ("/portal/settings/tenant", &["-company"]),
        ("/portal/settings/members", &["-member@mail.example", "-invited@mail.example", "-admin"]),
        ("/portal/settings/api-keys", &["-key"]),
        ("/portal/settings/audit-log", &["-invited@mail.example", "-key"]),
        ("/api/analytics/revenue", &["-product"]),
        ("/api/audit-log.csv", &["-invited@mail.example", "-key"]),
    ] {
        let shown = world.program.admin.text(page).await;
        for thing in things {
            assert!(shown.contains(&format!("{OURS}{thing}")), "{page} does not show {thing}");
        }
        assert!(!shown.contains(THEIRS), "{page}");
        for tag in ["<script>zq7", "<svg onload=zq7", "<img src=x onerror=zq7"] {
            let is_page = !page.starts_with("/api/");
            assert!(!(is_page && shown.contains(tag)), "{page} takes {tag} for its own");
        }
    }
}

/// Ways of naming a tenant that is none of theirs.
fn ways_of_naming(ours: TenantId, theirs: TenantId) -> [(String, Option<String>); 7] {
    [
        (String::new(), None),
        (format!("?tenant_id={ours}"), None),
        (format!("?tenant_id={ours}&tenant_id={theirs}"), None),
        (format!("?tenant_id={theirs}&tenant_id={ours}"), None),
        (format!("?tenant_id=all&tenant_id={ours}"), None),
        (String::new(), Some(ours.to_string())),
        (format!("?tenant_id={theirs}"), Some(ours.to_string())),
    ]
}

#[tokio::test]
async fn whoever_posts_an_id_of_ours_from_another_tenant_finds_nothing_and_changes_nothing() {
    let world = World::create().await;
    let Traces { member, invitation, api_key, session } = &world.traces;
    let (ours, theirs) = (world.program.ledger.ours.id, world.program.ledger.theirs.id);
    let before = world.program.tables().await.without(&SEEN_AND_WRITTEN_DOWN);
    let event = format!("evt_{OURS}");
    let attacks: [(&str, &[(&str, &str)]); 11] = [
        ("/portal/events", &[("form", "replay"), ("event", &event)]),
        ("/portal/settings/members", &[("form", "revoke_invitation"), ("invitation", invitation)]),
        ("/portal/settings/members", &[("form", "change_role"), ("user", member), ("role", "viewer")]),
        ("/portal/settings/members", &[("form", "remove"), ("user", member)]),
        ("/portal/settings/api-keys", &[("form", "revoke"), ("key", api_key)]),
        ("/portal/settings/account", &[("form", "end_session"), ("session", session)]),
        ("/portal/switch", &[("form", "switch"), ("next", "/portal/revenue")]),
        ("/portal/settings/connections", &[("form", "remove"), ("kind", "stripe_key")]),
        ("/portal/settings/connections", &[("form", "disconnect"), ("tool", "heyreach")]),
        ("/portal/settings/connections", &[("form", "webhook"), ("tool", "heyreach")]),
        ("/portal/settings/members", &[("form", "change_role"), ("user", "' or 1=1 --"), ("role", "owner")]),
    ];

    for (path, fields) in attacks {
        for (query, in_body) in ways_of_naming(ours, theirs) {
            let mut them = world.program.browser(&world.program.people.their_admin).await;
            let mut fields = fields.to_vec();
            fields.extend(in_body.as_deref().map(|id| ("tenant_id", id)));

            let response = them.post(&format!("{path}{query}"), &fields).await;

            let is_role_refused = fields.contains(&("role", "owner")) && !query.contains(&ours.to_string());
            let expected = if is_role_refused { 422 } else { 404 };
            assert_eq!(response.status(), expected, "{path}{query} {fields:?}");
            assert!(!response.text().await.unwrap().contains(OURS), "{path}{query} {fields:?}");
        }
    }

    let after = world.program.tables().await;
    let theirs = theirs.to_string();
    let lines = after.rows("audit_log").iter().filter(|line| line["deed"] == "access_refused");
    let lines: Vec<_> = lines.map(|line| (&line["tenant_id"], &line["actor_name"])).collect();
    assert!(lines.len() >= 40, "{} attempts were written down", lines.len());
    let of_theirs = |line: &(&serde_json::Value, &serde_json::Value)| {
        line.0 == &*theirs && line.1 == "admin@theirs.example"
    };
    assert!(lines.iter().all(of_theirs), "an attempt is written down where who made it belongs: {lines:?}");
    let other_sessions = |tables: &crate::support::tables::Tables| {
        tables
            .rows("sessions")
            .iter()
            .filter(|row| row["id"] == session.as_str() && row["ended_at"].is_null())
            .count()
    };
    assert_eq!(other_sessions(&after), 1, "the session of our member goes on");
    let after = after.without(&SEEN_AND_WRITTEN_DOWN);
    assert_eq!(before.differing(&after), [""; 0]);
}

#[tokio::test]
async fn what_is_made_from_another_tenant_is_made_there_or_nowhere() {
    let world = World::create().await;
    let (ours, theirs) = (world.program.ledger.ours.id, world.program.ledger.theirs.id);
    let makings: [(&str, &[(&str, &str)]); 5] = [
        ("members", &[("form", "invite"), ("email", "mole@mail.example"), ("role", "admin")]),
        ("api-keys", &[("form", "create"), ("name", "mole"), ("role", "admin"), ("scope", "act")]),
        ("connections", &[("form", "store"), ("kind", "slack_webhook"), ("value", "https://mole.example")]),
        ("tenant", &[("form", "settings"), ("version", "2"), ("name", "Mole"), ("currency", "usd")]),
        ("exchange-rates", &RATE),
    ];
    let of_ours = |tables: &crate::support::tables::Tables| {
        let ours = ours.to_string();
        let mut rows = Vec::new();
        for table in ["invitations", "api_keys", "tenant_secrets", "memberships"] {
            rows.extend(tables.rows(table).iter().filter(|row| row["tenant_id"] == ours.as_str()).cloned());
        }
        rows.extend(tables.rows("tenants").iter().filter(|row| row["id"] == ours.as_str()).cloned());
        rows
    };
    let before = of_ours(&world.program.tables().await);

    for (page, fields) in makings {
        for (query, in_body) in ways_of_naming(ours, theirs) {
            let mut them = world.program.browser(&world.program.people.their_admin).await;
            let mut fields = fields.to_vec();
            fields.extend(in_body.as_deref().map(|id| ("tenant_id", id)));
            let response = them.post(&format!("/portal/settings/{page}{query}"), &fields).await;
            if query.contains(&ours.to_string()) {
                assert_eq!(response.status(), 404, "{page}{query}");
            }
            assert!(!response.text().await.unwrap().contains(OURS), "{page}{query}");
        }
    }

    assert_eq!(of_ours(&world.program.tables().await), before);
}

#[tokio::test]
async fn a_field_that_is_sent_twice_is_none() {
    let world = World::create().await;
    let (ours, theirs) =
        (world.program.ledger.ours.id.to_string(), world.program.ledger.theirs.id.to_string());
    let mut them = world.program.browser(&world.program.people.their_admin).await;
    let before = world.program.tables().await;
    for fields in [
        &[("form", "switch"), ("tenant_id", &*ours), ("tenant_id", &theirs)][..],
        &[("form", "switch"), ("tenant_id", &theirs), ("tenant_id", &ours)],
    ] {
        assert_eq!(them.post("/portal/switch", fields).await.status(), 400);
    }
    for query in
        [format!("tenant_id={theirs}&tenant_id={ours}"), format!("tenant_id={theirs}&tenant_id={theirs}")]
    {
        assert_eq!(them.get(&format!("/api/analytics/revenue?{query}")).await.status(), 400, "{query}");
        assert_eq!(them.get(&format!("/portal/revenue?{query}")).await.status(), 404, "{query}");
    }
    assert_eq!(world.program.tables().await.differing(&before), [""; 0]);
}

#[tokio::test]
async fn another_tenant_and_one_that_does_not_exist_are_answered_alike() {
    let world = World::create().await;
    let them = world.program.browser(&world.program.people.their_admin).await;
    for path in [
        "/api/actions",
        "/api/analytics/revenue",
        "/api/audit-log.csv",
        "/api/channel-costs",
        "/api/dunning",
        "/api/events",
        "/api/jobs",
        "/api/ledger",
        "/api/ledger?format=csv",
        "/api/restatements",
        "/api/restatements?format=csv",
        "/api/stripe-events",
        "/portal/actions",
        "/portal/costs",
        "/portal/events",
        "/portal/failed-payments",
        "/portal/restatements",
        "/portal/revenue",
        "/portal/settings/channels",
        "/portal/unknown",
    ] {
        let mut answers = Vec::new();
        for id in [world.program.ledger.ours.id.to_string(), NOTHING.to_owned()] {
            let mark = if path.contains('?') { '&' } else { '?' };
            let response = them.get(&format!("{path}{mark}tenant_id={id}")).await;
            let status = response.status();
            let reference = response.headers()["x-request-id"].to_str().unwrap().to_owned();
            let body = without_nonce(&response.text().await.unwrap());
            answers.push((status, body.replace(&reference, "…").replace(&id, "…")));
        }
        assert_eq!(answers[0], answers[1], "{path}");
        assert_eq!(answers[0].0, 404, "{path}");
    }
}

fn without_nonce(page: &str) -> String {
    let mut parts = page.split("nonce=\"");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |page, part| page + part.split_once('"').map_or(part, |(_, rest)| rest))
}

#[tokio::test]
async fn only_the_platform_sees_the_aggregate() {
    let world = World::create().await;
    let all = "/api/analytics/revenue?tenant_id=all&from=2026-11-01&to=2026-11-20";
    let people = &world.program.people;
    for who in [&people.viewer, &people.admin, &people.owner, &people.their_admin] {
        let response = world.program.browser(who).await.get(all).await;
        assert_eq!(response.status(), 404, "{}", who.email);
    }
    for (name, key) in &world.keys {
        let request = world.program.client.get(format!("{}{all}", world.program.address)).bearer_auth(key);
        let expected = if *name == "no-key" { 401 } else { 404 };
        assert_eq!(request.send().await.unwrap().status(), expected, "{name}");
    }
    let platform = world.program.browser(&people.platform).await;
    let report: serde_json::Value = platform.get(all).await.json().await.unwrap();
    assert_eq!(report["total_revenue"], 2 * 70_700);
}
