//! Who is to look after an alert, and what people say about it.

use domain::access::Permission;
use domain::alert::State;
use leptos::prelude::*;

use super::{Moment, PostForm, SelectField, TextArea};
use crate::form::Form;
use crate::format;
use crate::port::{AlertCommentLine, AlertLine, TenantView};
use crate::visit::Visit;

/// The form with which an alert is assigned to a member, for who may.
pub(super) fn assigning(alert: &AlertLine, form: Form, members: &[String], visit: &Visit) -> AnyView {
    if !visit.may(Permission::Act) || alert.state == State::Resolved {
        return ().into_any();
    }
    let nobody = (String::new(), "Nobody".to_owned());
    let members = members.iter().map(|email| (email.clone(), format::name(email)));
    let options: Vec<(String, String)> = std::iter::once(nobody).chain(members).collect();
    let (assignee, version) = (alert.assignee.clone().unwrap_or_default(), alert.version);
    view! {
        <PostForm form=form.clone() class="row-form">
            <input type="hidden" name="version" value=version.to_string()/>
            <SelectField form name="assignee" label="Who looks after it" options value=assignee is_bare=true/>
            <button type="submit" class="button small ghost">"Assign"</button>
        </PostForm>
    }
    .into_any()
}

/// What was said about an alert, and the form to say more, for who may.
pub(super) fn discussion(alert: &AlertLine, form: Form, tenant: &TenantView, visit: &Visit) -> AnyView {
    let may_comment = visit.may(Permission::Act);
    if alert.comments.is_empty() && !may_comment {
        return ().into_any();
    }
    let counted = match alert.comments.len() {
        0 => "Comment".to_owned(),
        count => format::counted(i64::try_from(count).unwrap_or(i64::MAX), "comment", "comments"),
    };
    let is_open = form.is_refused().then_some(true);
    let comments = alert.comments.iter().map(|comment| item(comment, tenant)).collect_view();
    let more = may_comment.then(|| {
        view! {
            <PostForm form=form.clone()>
                <TextArea form=form.clone() name="text" label="Comment" placeholder="What you found out, or did" rows=2/>
                <button type="submit" class="button small">"Add comment"</button>
            </PostForm>
        }
    });
    view! {
        <details class="need-history" open=is_open>
            <summary>{counted}</summary>
            <ol class="comments">{comments}</ol>
            {more}
        </details>
    }
    .into_any()
}

fn item(comment: &AlertCommentLine, tenant: &TenantView) -> AnyView {
    view! {
        <li>
            <Moment at=comment.at timezone=tenant.timezone.clone()/> " · " {format::name(&comment.by)}
            <p class="comment">{format::block(&comment.text)}</p>
        </li>
    }
    .into_any()
}
