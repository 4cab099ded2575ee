//! `/portal/settings/channels`: which channels the tenant has, in which order and colours, and the rules by which they
//! are recognised.

use domain::channel::{Channel, ChannelList};
use leptos::prelude::*;
use leptos_meta::Title;

use super::asked::Asked;
use super::channel_rules;
use super::frame::{SettingsFrame, SettingsRefusal};
use crate::channels::{ChannelSettings, ChannelUseLine};
use crate::charts::ChannelColor;
use crate::components::{ChannelMark, Confirmation, Place, PostForm, TextField};
use crate::form::Form;
use crate::format;
use crate::pages::asking::{channels_question, office, query};
use crate::roster::color_class;

/// The forms whose trouble is said at the head of the page.
const ROW_FORMS: &[&str] = &["delete", "save_rule", "delete_rule"];

const FIELDS: &[&str] = &["slug", "name", "place"];

/// Asks for the tenant's channels and rules.
#[component]
pub fn ChannelSettingsPage() -> impl IntoView {
    let (asked, office) = (Asked::now(Place::ChannelSettings), office());
    let question = channels_question(&query());
    let answer = Suspend::new(async move {
        let settings = match asked.visit.viewer() {
            Ok(viewer) => office.channels(&viewer, question).await,
            Err(error) => Err(error),
        };
        match settings {
            Ok(settings) => view! { <ChannelSettingsView settings asked/> }.into_any(),
            Err(error) => view! { <SettingsRefusal error asked/> }.into_any(),
        }
    });
    view! {
        <Title text="Channels and rules · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

#[component]
fn ChannelSettingsView(settings: ChannelSettings, asked: Asked) -> AnyView {
    let lead = view! {
        "What revenue, leads and costs are credited to, in the order and colours every page shows, and what is recognised \
         as which."
    }
    .into_any();
    let edited = settings.list.iter().find(|channel| Some(&channel.slug) == settings.edited.as_ref());
    let change = edited.map(|channel| change(channel, &settings.list, &asked));
    let draft = channel_rules::draft(&settings, &asked);
    view! {
        <SettingsFrame asked=asked.clone() lead row_forms=ROW_FORMS>
            {draft}
            {change}
            {listed(&settings, &asked)}
            {add(&settings.list, &asked)}
            {channel_rules::listed(&settings, &asked)}
        </SettingsFrame>
    }
    .into_any()
}

fn listed(settings: &ChannelSettings, asked: &Asked) -> AnyView {
    if settings.list.iter().next().is_none() {
        return view! {
            <section class="card section" aria-labelledby="channels-title">
                <h2 id="channels-title">"Channels"</h2>
                <p class="nothing">"There is no channel yet, so all revenue is unknown. Add the first one below."</p>
            </section>
        }
        .into_any();
    }
    let rows = settings
        .list
        .iter()
        .map(|channel| {
            let used = settings.uses.iter().find(|used| used.channel == channel.slug);
            row(channel, used, asked)
        })
        .collect_view();
    view! {
        <section class="card section" aria-labelledby="channels-title">
            <h2 id="channels-title">"Channels"</h2>
            <ol class="rows">{rows}</ol>
        </section>
    }
    .into_any()
}

fn row(channel: &Channel, used: Option<&ChannelUseLine>, asked: &Asked) -> AnyView {
    let name = format::name(&channel.name);
    let edit = asked.of_tenant().with("edit", channel.slug.as_str());
    let deletion = used.filter(|used| used.may_go).map(|_| {
        let form = asked.form("delete", &[]).about("slug", channel.slug.as_str());
        let means = view! {
            <input type="hidden" name="version" value=channel.version.to_string()/>
            "Nothing is credited to it and nothing names it."
        }
        .into_any();
        view! { <Confirmation form opens="Delete" whom=name.clone() means does="Delete it"/> }
    });
    view! {
        <li class="row">
            <div class="row-main">
                <p class="row-title">
                    <ChannelMark color=ChannelColor::numbered(channel.color) name=name.clone()/>
                    {channel.is_hidden.then(|| view! { <span class="tag">"Hidden"</span> })}
                </p>
                <p class="row-note">
                    <span class="key-hint">{channel.slug.to_string()}</span> " · " {used.map(use_in_words)}
                </p>
            </div>
            <div class="row-actions">
                <a class="button small" href=edit.to_string()>"Change" <span class="vh">" " {name}</span></a>
                {deletion}
            </div>
        </li>
    }
    .into_any()
}

fn use_in_words(used: &ChannelUseLine) -> String {
    let money = if used.has_money { "has revenue" } else { "no revenue yet" };
    format!("{money}, {}", format::counted(used.leads, "lead", "leads"))
}

fn change(channel: &Channel, list: &ChannelList, asked: &Asked) -> AnyView {
    let form = asked.form_beside(("edit", channel.slug.to_string()), "change", FIELDS);
    let version = form.value("version", &channel.version.to_string());
    let place = list.iter().position(|other| other.slug == channel.slug).unwrap_or_default() + 1;
    // An unchecked box is not sent, so what was typed tells only with the rest of the form.
    let is_hidden = match form.is_refused() {
        true => form.typed("hidden") == Some("yes"),
        false => channel.is_hidden,
    };
    let (slug, name, away) = (channel.slug.to_string(), channel.name.clone(), asked.address().to_string());
    let swatches = swatches(&form, channel.color, list);
    view! {
        <section class="card section" aria-labelledby="change-title">
            <h2 id="change-title">"Change " <bdi>{format::name(&name)}</bdi></h2>
            <p class="section-lead">
                "In the API, in files and in Stripe's metadata it stays "
                <code class="copy">{slug.clone()}</code> "."
            </p>
            <PostForm form=form.clone()>
                <input type="hidden" name="slug" value=slug/>
                <input type="hidden" name="version" value=version/>
                <div class="fields beside">
                    <TextField form=form.clone() name="name" label="Name" value=name maxlength=60/>
                    {place_field(&form, place.to_string(), true)}
                </div>
                {swatches}
                <label class="choice">
                    <input type="checkbox" name="hidden" value="yes" checked=is_hidden/>
                    <span>"Hide it: it is no longer offered, and what it has is shown as before"</span>
                </label>
                <div class="form-end">
                    <a class="button ghost" href=away>"Leave it as it is"</a>
                    <button type="submit" class="button primary">"Save"</button>
                </div>
            </PostForm>
        </section>
    }
    .into_any()
}

fn add(list: &ChannelList, asked: &Asked) -> AnyView {
    let form = asked.form("add", FIELDS);
    let free = (1..=8).find(|color| !list.iter().any(|channel| channel.color == *color)).unwrap_or(0);
    let swatches = swatches(&form, free, list);
    view! {
        <section class="card section" aria-labelledby="add-title">
            <h2 id="add-title">"Add a channel"</h2>
            <p class="section-lead">
                "Leads whose source, and payments whose metadata, is its short name are credited to it from now on, also those \
                 of the past."
            </p>
            <PostForm form=form.clone()>
                <div class="fields beside">
                    <TextField form=form.clone() name="name" label="Name" hint="As people see it" maxlength=60/>
                    <TextField
                        form=form.clone()
                        name="slug"
                        label="Short name"
                        hint="Stays as it is: lower-case letters, digits, _ and -"
                        maxlength=63
                        autocomplete=Some("off")
                    />
                    {place_field(&form, String::new(), false)}
                </div>
                {swatches}
                <div class="form-end">
                    <button type="submit" class="button primary">"Add"</button>
                </div>
            </PostForm>
        </section>
    }
    .into_any()
}

/// Where something stands among the others.
pub(super) fn place_field(form: &Form, value: String, is_required: bool) -> AnyView {
    let hint = if is_required { "1 is the first" } else { "1 is the first; nothing is the last" };
    view! {
        <TextField
            form=form.clone()
            name="place"
            label="Place"
            hint
            value
            is_required
            inputmode=Some("numeric")
            maxlength=3
            autocomplete=Some("off")
        />
    }
    .into_any()
}

/// The palette to choose from, and who wears what.
fn swatches(form: &Form, color: u8, list: &ChannelList) -> AnyView {
    let chosen = form.value("color", &color.to_string());
    let all = (1..=8u8).chain([0]).map(|color| {
        let is_chosen = chosen == color.to_string();
        let wearers: Vec<String> = list
            .iter()
            .filter(|channel| channel.color == color)
            .map(|channel| format::name(&channel.name))
            .collect();
        view! {
            <label class="swatch" title=wearers.join(", ")>
                <input type="radio" name="color" value=color.to_string() checked=is_chosen/>
                <i class=format!("dot {}", color_class(ChannelColor::numbered(color))) aria-hidden="true"></i>
                <span class="vh">{color_in_words(color, &wearers)}</span>
            </label>
        }
    });
    view! {
        <fieldset class="swatches">
            <legend>"Colour"</legend>
            {all.collect_view()}
        </fieldset>
    }
    .into_any()
}

fn color_in_words(color: u8, wearers: &[String]) -> String {
    let name = if color == 0 { "That of all others together".to_owned() } else { format!("Colour {color}") };
    if wearers.is_empty() { name } else { format!("{name}, worn by {}", wearers.join(", ")) }
}
