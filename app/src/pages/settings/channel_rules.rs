//! The rules on the page of channels: what they are, how one is written, and what it would change.

use domain::channel::ChannelList;
use domain::channel::rules::{MatchKind, Rule, RuleField};
use domain::money::Currency;
use leptos::prelude::*;

use super::asked::Asked;
use super::channels::place_field;
use crate::address::CHANNEL_SETTINGS;
use crate::channels::{ChannelSettings, Draft, Foreseen, ForeseenMove, RuleWords};
use crate::charts::ChannelColor;
use crate::components::{ChannelMark, HiddenFields, PostForm, SelectField, TextField};
use crate::form::Form;
use crate::format;
use crate::visit::{FormOutcome, FormReply};

/// What a rule is asked with.
const FIELDS: &[&str] = &["field", "key", "kind", "text", "channel", "place"];

/// The rules, and the form to begin one.
pub(super) fn listed(settings: &ChannelSettings, asked: &Asked) -> AnyView {
    let rows = (1..)
        .zip(settings.list.rules().iter())
        .map(|(place, rule): (usize, &Rule)| row(place, rule, &settings.list, asked))
        .collect::<Vec<_>>();
    let rows = if rows.is_empty() {
        view! {
            <p class="nothing">
                "There is no rule yet. A lead's source and Stripe's metadata are credited where they are the short name of a \
                 channel; a rule lets them be called otherwise."
            </p>
        }
        .into_any()
    } else {
        view! { <ol class="rows">{rows}</ol> }.into_any()
    };
    let begin = settings.draft.is_none().then(|| {
        view! {
            <section class="card section" aria-labelledby="rule-title">
                <h2 id="rule-title">"Add a rule"</h2>
                {written(&RuleWords::default(), None, settings, asked)}
            </section>
        }
    });
    view! {
        <section class="card section" aria-labelledby="rules-title">
            <h2 id="rules-title">"Rules"</h2>
            <p class="section-lead">
                "Of those that match, the first counts; then short names of channels. Whatever case, whatever spaces around."
            </p>
            {rows}
        </section>
        {begin}
    }
    .into_any()
}

fn row(place: usize, rule: &Rule, list: &ChannelList, asked: &Asked) -> AnyView {
    let words = format::name(&rule.content.to_string());
    let to = |step: &'static str| {
        asked.of_tenant().with("step", step).with("rule", rule.id.to_string()).to_string()
    };
    view! {
        <li class="row">
            <div class="row-main">
                <p class="row-title">
                    <span class="row-word">{place}</span> <bdi>{words.clone()}</bdi> <span aria-hidden="true">"→"</span>
                    <span class="vh">"means"</span> {mark(list, &rule.content.channel)}
                </p>
            </div>
            <div class="row-actions">
                <a class="button small" href=to("change")>"Change" <span class="vh">" the rule " {words.clone()}</span></a>
                <a class="button small" href=to("delete")>"Delete…" <span class="vh">" the rule " {words}</span></a>
            </div>
        </li>
    }
    .into_any()
}

fn mark(list: &ChannelList, slug: &domain::channel::ChannelSlug) -> AnyView {
    let known = list.iter().find(|channel| channel.slug == *slug);
    let color = match known {
        Some(channel) => ChannelColor::numbered(channel.color),
        None if slug.is_unknown() => ChannelColor::Unknown,
        None => ChannelColor::Other,
    };
    view! { <ChannelMark color name=format::name(list.name_of(slug))/> }.into_any()
}

/// What is being done with a rule, at the head of the page.
pub(super) fn draft(settings: &ChannelSettings, asked: &Asked) -> AnyView {
    match &settings.draft {
        None => ().into_any(),
        Some(Draft::Written(words)) => rule_section(words, None, settings, asked),
        Some(Draft::Refused { words, field, message }) => {
            rule_section(words, Some((*field, message.clone())), settings, asked)
        }
        Some(Draft::Foreseen { words, foreseen }) => saving(words, foreseen, settings, asked),
        Some(Draft::Deletion { rule, foreseen }) => deleting(rule, foreseen, settings, asked),
    }
}

type Trouble = Option<(Option<&'static str>, String)>;

fn rule_section(words: &RuleWords, trouble: Trouble, settings: &ChannelSettings, asked: &Asked) -> AnyView {
    let title = if words.rule.is_empty() { "Add a rule" } else { "Change a rule" };
    view! {
        <section class="card section" aria-labelledby="rule-title">
            <h2 id="rule-title">{title}</h2>
            {written(words, trouble, settings, asked)}
        </section>
    }
    .into_any()
}

/// The form that asks what a rule would change.
fn written(words: &RuleWords, trouble: Trouble, settings: &ChannelSettings, asked: &Asked) -> AnyView {
    let said =
        trouble.as_ref().filter(|(field, _)| field.is_none()).map(|(_, message)| format::sentence(message));
    let form = asked.form("rule", FIELDS).answered(trouble.map(|trouble| refused(words, trouble)));
    let away = (!words.rule.is_empty())
        .then(|| view! { <a class="button ghost" href=asked.address().to_string()>"Leave it as it is"</a> });
    view! {
        <form class="form" method="get" action=CHANNEL_SETTINGS>
            <HiddenFields page=asked.of_tenant().with("step", "preview").with("rule", words.rule.clone())/>
            {said.map(|said| view! { <p class="alert" role="alert">{said}</p> })}
            {fields(&form, words, &settings.list)}
            <div class="form-end">
                {away}
                <button type="submit" class="button primary">"See what it would change"</button>
            </div>
        </form>
    }
    .into_any()
}

fn refused(words: &RuleWords, (field, message): (Option<&'static str>, String)) -> FormReply {
    let typed = said(words).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    FormReply { form: "rule".to_owned(), outcome: FormOutcome::Refused { field, message }, typed }
}

/// A rule's words as they stand in an address.
fn said(words: &RuleWords) -> Vec<(&'static str, String)> {
    let RuleWords { rule, field, key, kind, text, channel, place } = words.clone();
    vec![
        ("rule", rule),
        ("field", field),
        ("key", key),
        ("kind", kind),
        ("text", text),
        ("channel", channel),
        ("place", place),
    ]
}

fn fields(form: &Form, words: &RuleWords, list: &ChannelList) -> AnyView {
    let looks_at =
        RuleField::ALL.map(|field| (field.word().to_owned(), field.in_words().to_owned())).to_vec();
    let kinds = MatchKind::ALL.map(|kind| (kind.word().to_owned(), kind.in_words().to_owned())).to_vec();
    let offered = list.iter().filter(|channel| !channel.is_hidden || channel.slug.as_str() == words.channel);
    let channels = offered.map(|channel| (channel.slug.to_string(), format::name(&channel.name))).collect();
    view! {
        <div class="fields beside">
            <SelectField
                form=form.clone()
                name="field"
                label="Where"
                hint="E-mail domains count only where nothing else found a channel"
                options=looks_at
                value=words.field.clone()
            />
            <TextField
                form=form.clone()
                name="key"
                label="Key"
                hint="Of Stripe metadata only"
                value=words.key.clone()
                is_required=false
                maxlength=40
                autocomplete=Some("off")
            />
            <SelectField form=form.clone() name="kind" label="How" options=kinds value=words.kind.clone()/>
            <TextField
                form=form.clone()
                name="text"
                label="What"
                hint="A click id is named: gclid"
                value=words.text.clone()
                autocomplete=Some("off")
            />
            <SelectField form=form.clone() name="channel" label="Means" options=channels value=words.channel.clone()/>
            {place_field(form, words.place.clone(), false)}
        </div>
    }
    .into_any()
}

fn saving(words: &RuleWords, foreseen: &Foreseen, settings: &ChannelSettings, asked: &Asked) -> AnyView {
    let at = said(words).into_iter().chain([("step", "preview".to_owned())]).collect();
    let form = asked.form_where(at, "save_rule", &[]);
    let hidden = said(words)
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect_view();
    let again = said(words)
        .into_iter()
        .chain([("step", "draft".to_owned())])
        .fold(asked.of_tenant(), |page, (field, value)| page.with(field, value));
    let version = settings.rules_version.to_string();
    view! {
        <section class="card section" aria-labelledby="rule-title">
            <h2 id="rule-title">"What this rule would change"</h2>
            <p class="section-lead"><bdi>{in_words(words)}</bdi> " means " {channel_of(words, settings)}</p>
            {changes(foreseen, settings)}
            <PostForm form>
                {hidden}
                <input type="hidden" name="version" value=version/>
                <div class="form-end">
                    <a class="button ghost" href=again.to_string()>"Write it otherwise"</a>
                    <button type="submit" class="button primary">"Save this rule"</button>
                </div>
            </PostForm>
        </section>
    }
    .into_any()
}

fn channel_of(words: &RuleWords, settings: &ChannelSettings) -> AnyView {
    let known = settings.list.iter().find(|channel| channel.slug.as_str() == words.channel);
    known.map(|channel| mark(&settings.list, &channel.slug)).into_any()
}

fn in_words(words: &RuleWords) -> String {
    let field: Option<RuleField> = words.field.parse().ok();
    let kind: Option<MatchKind> = words.kind.parse().ok();
    let (field, kind) = (field.map_or("", RuleField::in_words), kind.map_or("", MatchKind::in_words));
    let key = format::name(&words.key);
    let text = format::name(&words.text);
    [field, &key, kind, &text].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn deleting(rule: &Rule, foreseen: &Foreseen, settings: &ChannelSettings, asked: &Asked) -> AnyView {
    let at = vec![("step", "delete".to_owned()), ("rule", rule.id.to_string())];
    let form = asked.form_where(at, "delete_rule", &[]).about("rule", rule.id.to_string());
    let (version, away) = (settings.rules_version.to_string(), asked.address().to_string());
    view! {
        <section class="card section" aria-labelledby="rule-title">
            <h2 id="rule-title">"What deleting this rule would change"</h2>
            <p class="section-lead">
                <bdi>{format::name(&rule.content.to_string())}</bdi> " means " {mark(&settings.list, &rule.content.channel)}
            </p>
            {changes(foreseen, settings)}
            <PostForm form>
                <input type="hidden" name="version" value=version/>
                <div class="form-end">
                    <a class="button ghost" href=away>"Keep it"</a>
                    <button type="submit" class="button danger">"Delete this rule"</button>
                </div>
            </PostForm>
        </section>
    }
    .into_any()
}

/// What would read differently, from which channel to which.
fn changes(foreseen: &Foreseen, settings: &ChannelSettings) -> AnyView {
    let looked_at = format::counted(foreseen.looked_at, "payment", "payments");
    let scope = if foreseen.is_whole {
        format!("All {looked_at} were looked at.")
    } else {
        format!("{looked_at} were looked at; the others follow when it is saved.")
    };
    if foreseen.moves.is_empty() {
        return view! { <p class="nothing">"Nothing would read differently. " {scope}</p> }.into_any();
    }
    let currency = settings.tenant.currency;
    let rows = foreseen.moves.iter().map(|moved| changed(moved, currency, &settings.list)).collect_view();
    view! {
        <div class="table-box">
            <table class="data">
                <thead>
                    <tr>
                        <th scope="col" class="words">"From"</th>
                        <th scope="col" class="words">"To"</th>
                        <th scope="col" class="num">"Payments"</th>
                        <th scope="col" class="num">"Revenue"</th>
                        <th scope="col" class="num">"Leads"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <p class="section-lead">{scope} " Each change is written into the log of restatements."</p>
    }
    .into_any()
}

fn changed(moved: &ForeseenMove, currency: Currency, list: &ChannelList) -> AnyView {
    let waiting = (moved.unconverted > 0)
        .then(|| format!(" and {} without a rate", format::counted(moved.unconverted, "row", "rows")));
    view! {
        <tr>
            <td class="words">{mark(list, &moved.from)}</td>
            <td class="words">{mark(list, &moved.to)}</td>
            <td class="num">{format::count(moved.payments)}</td>
            <td class="num">{format::money(moved.base_minor, currency)} {waiting}</td>
            <td class="num">{format::count(moved.leads)}</td>
        </tr>
    }
    .into_any()
}
