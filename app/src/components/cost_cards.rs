//! What each channel costs and returns, a card each.

use domain::economics::{ChannelRoi, Reason, Verdict};
use domain::ratio::Quotient;
use leptos::prelude::*;

use super::ChannelMark;
use super::channel_returns::tone;
use crate::address::{Address, COSTS};
use crate::format;
use crate::port::{ChannelSpend, Overview, SpendLine};
use crate::roster::Roster;

/// The cards of the channels that cost something; `page` is the page they are on.
#[component]
pub fn CostCards(overview: Overview, roster: Roster, page: Address) -> AnyView {
    let all = page.on(COSTS);
    let cards = overview.costs.iter().map(|spend| card(spend, &overview, &roster, &all)).collect_view();
    let body = match overview.costs.is_empty() {
        true => view! {
            <p class="card nothing">
                "No channel costs anything in these days. "
                <a href=all.to_string()>"Enter what channels cost"</a>
                " to see CAC, ROI and payback."
            </p>
        }
        .into_any(),
        false => view! { <div class="cost-cards">{cards}</div> }.into_any(),
    };
    view! {
        <section class="costs" aria-labelledby="costs-title">
            <header class="section-head">
                <h2 id="costs-title">"Channel costs and return"</h2>
                <p class="card-note">{format::days(overview.frame.range)}</p>
                <a class="button small" href=all.to_string()>"Edit costs"</a>
            </header>
            {body}
        </section>
    }
    .into_any()
}

fn card(spend: &ChannelSpend, overview: &Overview, roster: &Roster, all: &Address) -> AnyView {
    let channel = &spend.channel;
    let roi = overview.economics.channel_roi.iter().find(|roi| roi.channel == *channel);
    let verdict = roi.map_or(Verdict::NoSpend, |roi| roi.verdict);
    let lines = spend.lines.iter().map(|line| cost(line, overview)).collect_view();
    view! {
        <article class="card cost-card" data-tone=tone(verdict)>
            <header>
                <ChannelMark color=roster.color(channel) name=roster.name(channel)/>
                <span class="tag" data-tone=tone(verdict)>{verdict.word()}</span>
            </header>
            <dl class="cost-lines">{lines}</dl>
            {returns(channel, roi, overview)}
            <a class="button small" href=all.clone().in_channel(channel).to_string()>
                "Edit" <span class="vh">" the costs of " {roster.name(channel)}</span>
            </a>
        </article>
    }
    .into_any()
}

fn cost(line: &SpendLine, overview: &Overview) -> AnyView {
    view! {
        <div>
            <dt>{line.cost_type.in_words()}</dt>
            <dd>{format::money(line.amount, overview.revenue.currency)}</dd>
        </div>
    }
    .into_any()
}

fn returns(channel: &domain::channel::ChannelSlug, roi: Option<&ChannelRoi>, overview: &Overview) -> AnyView {
    let cac = overview.economics.cac_per_channel.iter().find(|cac| cac.channel == *channel);
    let value = cac.and_then(|cac| cac.cac).map(|cac| format::whole_money(cac, overview.revenue.currency));
    let why = cac.and_then(|cac| cac.reason).unwrap_or(Reason::NoSpend);
    let gain = roi.and_then(|roi| roi.roi).and_then(|Quotient(roi)| format::gain(roi));
    let months = roi.and_then(|roi| roi.payback_months).and_then(|months| format::tenth(months.0));
    let no_payback = overview.economics.payback_period.reason.unwrap_or(Reason::NoNewRecurringCustomers);
    view! {
        <dl class="cost-returns">
            <div><dt>"CAC"</dt><dd>{known(value, why)}</dd></div>
            <div><dt>"ROI"</dt><dd>{known(gain, Reason::NoSpend)}</dd></div>
            <div><dt>"Payback"</dt><dd>{known(months.map(|months| format!("{months} mo")), no_payback)}</dd></div>
        </dl>
    }
    .into_any()
}

fn known(text: Option<String>, why: Reason) -> AnyView {
    match text {
        Some(text) => text.into_any(),
        None => view! { <abbr class="not-known" title=format::sentence(why.words())>"—"</abbr> }.into_any(),
    }
}
