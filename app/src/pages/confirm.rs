//! `/portal/actions/confirm`: what an action would touch, and the button that has it done.

use domain::action::{ActionKind, CampaignPreview};
use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{confirmation_question, notice, office, query};
use super::refusal::RefusalView;
use crate::actions::{ConfirmationPage, ConfirmationQuestion};
use crate::address::{Address, CAMPAIGNS};
use crate::components::{Layout, Moment, Place, PostForm, campaign_state_name, tool_name};
use crate::form::Form;
use crate::format;
use crate::port::PeriodQuestion;
use crate::visit::{Notice, Visit};

/// Asks what the action the address names would touch.
#[component]
pub fn ConfirmPage() -> impl IntoView {
    let query = query();
    let (office, question, viewer) = (office(), confirmation_question(&query), Visit::now().viewer());
    let notice = notice(&query);
    let answer = Suspend::new(async move {
        let shown = match viewer {
            Ok(viewer) => office.confirmation(&viewer, question.clone()).await,
            Err(error) => Err(error),
        };
        match shown {
            Ok(shown) => view! { <ConfirmView shown question notice/> }.into_any(),
            Err(error) => {
                let page = Address::new(CAMPAIGNS).with_any("tenant_id", question.tenant_id.as_ref());
                let question = about(&question);
                view! { <RefusalView error place=Place::Actions title="Actions" page question/> }.into_any()
            }
        }
    });
    view! {
        <Title text="Confirm an action · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

fn about(question: &ConfirmationQuestion) -> PeriodQuestion {
    PeriodQuestion { tenant_id: question.tenant_id.clone(), ..PeriodQuestion::default() }
}

#[component]
fn ConfirmView(
    shown: ConfirmationPage,
    question: ConfirmationQuestion,
    #[prop(optional_no_strip)] notice: Option<Notice>,
) -> AnyView {
    let kind = shown.preview.kind;
    let title = format!("{} {}?", kind.short_name(), format::name(&shown.preview.name));
    let (facts, ending) = (facts(&shown), ending(&shown, &question));
    view! {
        <Layout place=Place::Actions question=about(&question) notice>
            <header class="page-head">
                <div class="page-title">
                    <h1>{title}</h1>
                    <p>{kind.means()}</p>
                </div>
            </header>
            <section class="card section" aria-labelledby="touches-title">
                <h2 id="touches-title">"What it touches"</h2>
                {facts}
                {ending}
            </section>
        </Layout>
    }
    .into_any()
}

fn facts(shown: &ConfirmationPage) -> AnyView {
    let preview = &shown.preview;
    let channel = format::name(shown.channels.name_of(&preview.channel));
    let said = if preview.is_from_tool {
        ", its tool says"
    } else {
        ", as far as we know: its tool did not say just now"
    };
    let lately = format!(
        "{} sent, {} answered",
        format::count(preview.lately.sent),
        format::count(preview.lately.replied)
    );
    view! {
        <dl class="facts">
            <div><dt>"Campaign"</dt><dd><bdi>{format::name(&preview.name)}</bdi></dd></div>
            <div><dt>"Tool"</dt><dd><bdi>{tool_name(&preview.connector)}</bdi></dd></div>
            <div><dt>"Channel"</dt><dd>{channel}</dd></div>
            <div><dt>"Now"</dt><dd>{campaign_state_name(preview.state)} {said}</dd></div>
            <div><dt>"In the middle of it"</dt><dd>{people(preview)}</dd></div>
            <div><dt>"Last 7 days"</dt><dd>{lately}</dd></div>
            <div><dt>"Last action"</dt><dd>{last(shown)}</dd></div>
            <div><dt>"Taken back by"</dt><dd>{preview.kind.undone_by().map(ActionKind::name)}</dd></div>
        </dl>
    }
    .into_any()
}

fn people(preview: &CampaignPreview) -> String {
    match preview.people {
        0 => "nobody who was written to within 7 days waits for an answer".to_owned(),
        people => format!(
            "{} written to within 7 days without an answer yet",
            format::counted(people, "person was", "people were")
        ),
    }
}

fn last(shown: &ConfirmationPage) -> AnyView {
    let Some(last) = &shown.preview.last else { return "none".into_any() };
    view! {
        {last.kind.name()} " by " <bdi>{format::name(&last.by)}</bdi> ", "
        <Moment at=last.at timezone=shown.tenant.timezone.clone()/>
    }
    .into_any()
}

/// The button, or why there is none.
fn ending(shown: &ConfirmationPage, question: &ConfirmationQuestion) -> AnyView {
    let preview = &shown.preview;
    let visit = Visit::now();
    let away = Address::new(CAMPAIGNS).with_any("tenant_id", question.tenant_id.as_ref()).to_string();
    let page = Address::of_action(preview.kind, preview.campaign, Some(&shown.tenant.id.to_string()));
    let form = Form::of(&visit, "confirm", &page, &[]);
    // The same page sent again is the same action; one that was refused is asked for anew.
    let (key, version) = (shown.key.clone(), preview.version.to_string());
    let (kind, campaign) = (preview.kind, preview.campaign.to_string());
    match &shown.obstacle {
        Some(obstacle) => view! {
            <p class="alert" role="alert">{format::sentence(obstacle)}</p>
            <div class="form-end"><a class="button" href=away>"Back to the actions"</a></div>
        }
        .into_any(),
        None => view! {
            <PostForm form>
                <input type="hidden" name="kind" value=kind.word()/>
                <input type="hidden" name="campaign" value=campaign/>
                <input type="hidden" name="version" value=version/>
                <input type="hidden" name="key" value=key/>
                <div class="form-end">
                    <a class="button ghost" href=away>"Leave it as it is"</a>
                    <button type="submit" class="button primary">{kind.name()}</button>
                </div>
            </PostForm>
        }
        .into_any(),
    }
}
