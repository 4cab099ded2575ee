//! The section of the connections page that shows the tools: how each is connected, what its key allows, and what came
//! of reading it.

use domain::connection::{ConnectionState, SyncState, Tool};
use domain::tenant::Tenant;
use leptos::prelude::*;

use super::asked::Asked;
use crate::components::{Confirmation, Moment, PostForm, ShownOnce, TextField};
use crate::format;
use crate::office::Connections;
use crate::tools::{SyncLine, ToolConnection, ToolLine};

/// The tools of the tenant.
pub(super) fn tools(connections: &Connections, asked: &Asked) -> AnyView {
    let lines = connections.tools.iter().map(|line| tool(line, connections, asked)).collect_view();
    view! {
        <ShownOnce
            form=asked.form("webhook", &[])
            title="The address is made"
            label="Address for the tool's webhooks"
        >
            <p>
                "Copy it now: it is not kept and not shown again. Enter it at the tool, with the header if one is named, for \
                 messages sent, replies and bounces. The address there was works no more."
            </p>
        </ShownOnce>
        <section class="card section" aria-labelledby="tools-title">
            <h2 id="tools-title">"Tools"</h2>
            <p class="section-lead">
                "Campaigns, leads, messages and replies are read from the tools people are reached with. What was read once \
                 is not doubled when it is read again."
            </p>
            <ul class="rows">{lines}</ul>
        </section>
    }
    .into_any()
}

fn tool(line: &ToolLine, connections: &Connections, asked: &Asked) -> AnyView {
    let (state, tone) = state(line);
    let connection = line.connection.as_ref().filter(|connection| is_kept(connection));
    let (tool, tenant) = (line.tool, &connections.tenant);
    let may_manage = connections.may_manage;
    let may_connect = may_manage && connections.can_seal;
    let is_connected = connection.is_some();
    let may_sync = connections.may_sync && is_connected && tool.reaches_people();
    view! {
        <li class="row">
            <div class="row-main">
                <p class="row-title">{tool.name()} " " <span class="tag" data-tone=tone>{state}</span></p>
                <p class="row-note">{purpose(tool)}</p>
                {connection.map(|connection| connected(connection, tenant))}
                {line.last.as_ref().map(|last| sync(last, tenant))}
            </div>
            <div class="row-actions">
                {may_sync.then(|| sync_now(tool, line.last.as_ref(), asked))}
                {may_connect.then(|| connect(line, asked))}
                {(may_manage && is_connected && tool.reaches_people()).then(|| webhook(tool, asked))}
                {(may_manage && is_connected).then(|| disconnect(tool, asked))}
            </div>
        </li>
    }
    .into_any()
}

fn is_kept(connection: &ToolConnection) -> bool {
    connection.state != ConnectionState::Disconnected
}

fn state(line: &ToolLine) -> (&'static str, &'static str) {
    match line.connection.as_ref().map(|connection| connection.state) {
        Some(ConnectionState::Connected) if line.has_key => ("Connected", "good"),
        Some(ConnectionState::Connected) => ("No key", "bad"),
        Some(ConnectionState::Refused) => ("Key refused", "bad"),
        Some(ConnectionState::Disconnected) => ("Disconnected", "warn"),
        None if line.has_key => ("Key stored, not tried yet", "warn"),
        None => ("Not connected", "plain"),
    }
}

fn connected(connection: &ToolConnection, tenant: &Tenant) -> AnyView {
    let can = connection.can.join(", ");
    let problem = connection
        .problem
        .as_ref()
        .map(|problem| view! { <p class="row-note">{format::sentence(&format::name(problem))}</p> });
    let cannot = connection
        .cannot
        .iter()
        .map(|(what, why)| {
            view! { <p class="row-note">"It may not " {what.clone()} ": " {format::name(why)}</p> }
        })
        .collect_view();
    let heard = if connection.is_heard { " It tells of messages and replies itself." } else { "" };
    view! {
        {problem}
        {(!can.is_empty()).then(|| view! { <p class="row-note">"Its key may " {can} "." {heard}</p> })}
        {cannot}
        <p class="row-note">
            "connected by " <bdi>{format::name(&connection.connected_by)}</bdi> " on "
            <Moment at=connection.connected_at timezone=tenant.timezone.clone()/>
        </p>
    }
    .into_any()
}

fn sync(last: &SyncLine, tenant: &Tenant) -> AnyView {
    let timezone = || tenant.timezone.clone();
    let says = match (last.state, last.is_interrupted) {
        (SyncState::Running, false) => "Being read",
        (SyncState::Running, true) => "Interrupted; it goes on from here when it is read again",
        (SyncState::Done, _) => "Read",
        (SyncState::Failed, _) => "Not read to its end",
    };
    let ended = last.ended_at.map(|at| view! { ", until " <Moment at timezone=timezone()/> });
    let problem = last
        .problem
        .as_ref()
        .map(|problem| view! { <p class="row-note">{format::sentence(&format::name(problem))}</p> });
    view! {
        <p class="row-note">
            {says} " by " <bdi>{format::name(&last.started_by)}</bdi> " on "
            <Moment at=last.started_at timezone=timezone()/> {ended} ": " {counts(last)}
        </p>
        {problem}
        {rejections(last)}
    }
    .into_any()
}

fn counts(last: &SyncLine) -> String {
    format!(
        "{} came, {} new, {} changed, {} as before, {} not taken",
        format::count(last.came()),
        format::count(last.created),
        format::count(last.changed),
        format::count(last.same),
        format::count(last.rejected)
    )
}

fn rejections(last: &SyncLine) -> AnyView {
    let lines = last.rejections.iter().map(|(what, why)| {
        view! { <p class="row-note">"Not taken: " {format::name(what)} ", because " {format::name(why)}</p> }
    });
    lines.collect_view().into_any()
}

fn sync_now(tool: Tool, last: Option<&SyncLine>, asked: &Asked) -> AnyView {
    let is_running = last.is_some_and(|last| last.state == SyncState::Running && !last.is_interrupted);
    if is_running {
        return ().into_any();
    }
    let form = asked.form("sync", &[]).about("tool", tool.word());
    view! {
        <PostForm form>
            <button type="submit" class="button small">"Sync now" <span class="vh">" " {tool.name()}</span></button>
        </PostForm>
    }
    .into_any()
}

fn connect(line: &ToolLine, asked: &Asked) -> AnyView {
    let form = asked.form("connect", &["value", "base"]).about("tool", line.tool.word());
    let (is_open, name) = (form.is_refused(), line.tool.name());
    let is_required = !line.has_key;
    let opens = if line.has_key { "Connect again" } else { "Connect" };
    let hint = match line.tool {
        Tool::PlusVibe => "Where the key reaches several workspaces: WORKSPACE:KEY.",
        _ if line.has_key => "Leave it empty to try the stored one again.",
        _ => "",
    };
    view! {
        <details class="hanging" name="hanging" open=is_open>
            <summary class="button small">{opens} <span class="vh">" " {name}</span></summary>
            <PostForm form=form.clone() class="form hanging-form">
                <TextField
                    form=form.clone()
                    name="value"
                    label="API key"
                    kind="password"
                    hint
                    autocomplete=Some("new-password")
                    is_required
                    maxlength=2000
                />
                <TextField
                    form
                    name="base"
                    label="Address, when it is not the tool's own"
                    kind="url"
                    is_required=false
                    maxlength=300
                />
                <button type="submit" class="button primary">"Try the key and connect"</button>
            </PostForm>
        </details>
    }
    .into_any()
}

fn webhook(tool: Tool, asked: &Asked) -> AnyView {
    let form = asked.form("webhook", &[]).about("tool", tool.word());
    let means = "The tool then tells of messages and replies at once, without waiting to be read. An address that was \
                 made before works no more."
        .into_any();
    view! {
        <Confirmation form opens="Webhook" whom=tool.name().to_owned() means does="Make an address"/>
    }
    .into_any()
}

fn disconnect(tool: Tool, asked: &Asked) -> AnyView {
    let form = asked.form("disconnect", &[]).about("tool", tool.word());
    let means =
        "Its key is deleted here, and it is neither read nor heard any more. What was read stays.".into_any();
    view! {
        <Confirmation form opens="Disconnect" whom=tool.name().to_owned() means does="Disconnect it"/>
    }
    .into_any()
}

/// What the tool is good for.
const fn purpose(tool: Tool) -> &'static str {
    match tool {
        Tool::HeyReach => "For outreach on LinkedIn.",
        Tool::PlusVibe | Tool::Instantly => "For e-mail campaigns.",
        Tool::Apollo => "For finding leads.",
        Tool::FullEnrich => "For finding e-mail addresses and phone numbers.",
    }
}
