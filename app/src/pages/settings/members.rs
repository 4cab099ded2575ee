//! `/portal/settings/members`: who belongs to the workspace, and who is asked to.

use domain::access::Role;
use jiff::tz::TimeZone;
use leptos::prelude::*;
use leptos_meta::Title;

use super::asked::Asked;
use super::frame::{SettingsFrame, SettingsRefusal};
use crate::components::{Confirmation, Place, PostForm, SelectField, ShownOnce, TextField};
use crate::office::{InvitationLine, MemberLine, Members};
use crate::pages::asking::office;
use crate::{format, roles};

/// Forms there are one of per row.
const ROW_FORMS: &[&str] = &["change_role", "remove", "revoke_invitation"];

/// Asks who belongs to the workspace.
#[component]
pub fn MembersPage() -> impl IntoView {
    let (asked, office) = (Asked::now(Place::Members), office());
    let answer = Suspend::new(async move {
        let members = match asked.visit.viewer() {
            Ok(viewer) => office.members(&viewer).await,
            Err(error) => Err(error),
        };
        match members {
            Ok(members) => view! { <MembersView members asked/> }.into_any(),
            Err(error) => view! { <SettingsRefusal error asked/> }.into_any(),
        }
    });
    view! {
        <Title text="Members · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

#[component]
fn MembersView(members: Members, asked: Asked) -> AnyView {
    let by_mail = asked.visit.can_send_mail;
    let count = i64::try_from(members.members.len()).unwrap_or(i64::MAX);
    let lead = view! {
        {format::counted(count, "person belongs", "people belong")} " to "
        <bdi>{format::name(&members.tenant.name)}</bdi> "."
    }
    .into_any();
    view! {
        <SettingsFrame asked=asked.clone() lead row_forms=ROW_FORMS>
            <ShownOnce form=asked.form("invite", &[]) title="The invitation is made" label="Link to pass on">
                <p>
                    {by_mail.then_some("A letter with this link is on its way. ")}
                    "Copy it now if you want to pass it on yourself: it is not shown again. It works once and for 7 days."
                </p>
            </ShownOnce>
            {belonging(&members, &asked)}
            {invite(&members, &asked)}
            {invited(&members, &asked)}
        </SettingsFrame>
    }
    .into_any()
}

fn belonging(members: &Members, asked: &Asked) -> AnyView {
    let lines = members.members.iter().map(|member| member_line(member, members, asked)).collect_view();
    view! {
        <section class="card section" aria-labelledby="members-title">
            <h2 id="members-title">"People"</h2>
            <ul class="rows">{lines}</ul>
        </section>
    }
    .into_any()
}

fn member_line(member: &MemberLine, members: &Members, asked: &Asked) -> AnyView {
    view! {
        <li class="row">
            <div class="row-main">
                <p class="row-title">
                    <bdi>{format::name(&member.name)}</bdi>
                    {member.is_you.then(|| view! { <span class="tag">"You"</span> })}
                    {member.is_disabled.then(|| view! { <span class="tag" data-tone="bad">"Disabled"</span> })}
                </p>
                <p class="row-note">
                    <bdi>{format::name(&member.email)}</bdi> " · since "
                    {day(member.joined_at, &members.tenant.timezone)}
                </p>
            </div>
            <div class="row-actions">
                {if member.may_change {
                    changes(member, &members.roles, asked)
                } else {
                    view! { <span class="row-word">{roles::name(member.role)}</span> }.into_any()
                }}
            </div>
        </li>
    }
    .into_any()
}

fn changes(member: &MemberLine, given: &[Role], asked: &Asked) -> AnyView {
    let name = format::name(&member.name);
    let role = asked.form("change_role", &["role"]).about("user", member.user.to_string());
    let remove = asked.form("remove", &[]).about("user", member.user.to_string());
    let (options, role_now) = (roles::named(given), member.role.word());
    let whose = name.clone();
    let label = format!("Role of {name}");
    let (opens, does) = if member.is_you {
        ("Leave", "Leave the workspace")
    } else {
        ("Remove", "Remove from the workspace")
    };
    view! {
        <PostForm form=role.clone() class="row-form">
            <SelectField
                form=role
                name="role"
                label
                options
                value=role_now
                is_bare=true
            />
            <button type="submit" class="button small">
                "Change role" <span class="vh">" of " {whose}</span>
            </button>
        </PostForm>
        <Confirmation form=remove opens whom=name means=parting(member) does/>
    }
    .into_any()
}

fn parting(member: &MemberLine) -> AnyView {
    let who = match member.is_you {
        true => "You".into_any(),
        false => view! { <bdi>{format::name(&member.name)}</bdi> }.into_any(),
    };
    view! { {who} " can no longer see anything of this workspace. What was done stays in the audit log." }
        .into_any()
}

fn invite(members: &Members, asked: &Asked) -> AnyView {
    let form = asked.form("invite", &["email", "role"]);
    let options = roles::explained(&members.roles);
    let how = if asked.visit.can_send_mail {
        "They get a letter with a link, which works once and for 7 days."
    } else {
        "This installation sends no mail: you get a link to pass on, which works once and for 7 days."
    };
    view! {
        <section class="card section" aria-labelledby="invite-title">
            <h2 id="invite-title">"Invite somebody"</h2>
            <p class="section-lead">{how}</p>
            <PostForm form=form.clone()>
                <div class="fields in-line">
                    <TextField
                        form=form.clone()
                        name="email"
                        label="E-mail"
                        kind="email"
                        autocomplete=Some("off")
                        maxlength=320
                    />
                    <SelectField
                        form
                        name="role"
                        label="Role"
                        options
                        value=Role::Viewer.word()
                    />
                    <button type="submit" class="button primary">"Invite"</button>
                </div>
            </PostForm>
        </section>
    }
    .into_any()
}

fn invited(members: &Members, asked: &Asked) -> AnyView {
    if members.invitations.is_empty() {
        return ().into_any();
    }
    let timezone = &members.tenant.timezone;
    let lines = members
        .invitations
        .iter()
        .map(|invitation| invitation_line(invitation, timezone, asked))
        .collect_view();
    view! {
        <section class="card section" aria-labelledby="invited-title">
            <h2 id="invited-title">"Invited, not joined yet"</h2>
            <ul class="rows">{lines}</ul>
        </section>
    }
    .into_any()
}

fn invitation_line(invitation: &InvitationLine, timezone: &TimeZone, asked: &Asked) -> AnyView {
    let email = format::name(&invitation.email);
    let form = asked.form("revoke_invitation", &[]).about("invitation", invitation.id.to_string());
    let works = if invitation.is_expired { "worked until " } else { "works until " };
    view! {
        <li class="row">
            <div class="row-main">
                <p class="row-title">
                    <bdi>{email.clone()}</bdi>
                    {invitation.is_expired.then(|| view! { <span class="tag" data-tone="warn">"Expired"</span> })}
                </p>
                <p class="row-note">
                    "by " <bdi>{format::name(&invitation.invited_by)}</bdi> " · " {works}
                    {day(invitation.expires_at, timezone)}
                </p>
            </div>
            <div class="row-actions">
                <span class="row-word">{roles::name(invitation.role)}</span>
                <PostForm form class="row-form">
                    <button type="submit" class="button small">
                        "Take back" <span class="vh">" the invitation of " {email}</span>
                    </button>
                </PostForm>
            </div>
        </li>
    }
    .into_any()
}

fn day(at: jiff::Timestamp, timezone: &TimeZone) -> AnyView {
    let date = at.to_zoned(timezone.clone()).date();
    view! { <time datetime=at.to_string()>{format::day_and_year(date)}</time> }.into_any()
}
