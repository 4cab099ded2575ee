//! `/portal/settings/exchange-rates`: what other currencies are worth, so that foreign money adds up.

use domain::tenant::Tenant;
use jiff::tz::TimeZone;
use leptos::prelude::*;
use leptos_meta::Title;

use super::asked::Asked;
use super::frame::{SettingsFrame, SettingsRefusal};
use crate::components::{Moment, Place, PostForm, TextArea, TextField};
use crate::format;
use crate::office::{ExchangeRates, MissingRates, RateChangeLine, RateLine};
use crate::pages::asking::office;

/// Asks which rates are known.
#[component]
pub fn ExchangeRatesPage() -> impl IntoView {
    let (asked, office) = (Asked::now(Place::ExchangeRates), office());
    let answer = Suspend::new(async move {
        let rates = match asked.visit.viewer() {
            Ok(viewer) => office.exchange_rates(&viewer).await,
            Err(error) => Err(error),
        };
        match rates {
            Ok(rates) => view! { <ExchangeRatesView rates asked/> }.into_any(),
            Err(error) => view! { <SettingsRefusal error asked/> }.into_any(),
        }
    });
    view! {
        <Title text="Exchange rates · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

#[component]
fn ExchangeRatesView(rates: ExchangeRates, asked: Asked) -> AnyView {
    let currency = rates.tenant.currency.code().to_uppercase();
    let lead = view! {
        "What other currencies are worth, so that foreign money adds up in " {currency}
        ". Each amount takes the rate of its day, or the newest of the week before."
    }
    .into_any();
    view! {
        <SettingsFrame asked=asked.clone() lead>
            {missing(&rates)}
            {sheet(&asked)}
            {typed(&rates.tenant, &asked)}
            {known(&rates)}
            {brought(&rates)}
        </SettingsFrame>
    }
    .into_any()
}

/// What no rate is known for comes first: it is in no figure.
fn missing(rates: &ExchangeRates) -> AnyView {
    if rates.missing.is_empty() {
        return ().into_any();
    }
    let lines = rates.missing.iter().map(missing_line).collect_view();
    view! {
        <section class="card section" aria-labelledby="missing-title">
            <h2 id="missing-title">"Not in any figure yet"</h2>
            <p class="section-lead">"These rows of the ledger wait for a rate. They are shown apart, never added as they are."</p>
            <ul class="rows">{lines}</ul>
        </section>
    }
    .into_any()
}

fn missing_line(line: &MissingRates) -> AnyView {
    view! {
        <li class="row">
            <div class="row-main">
                <p class="row-title">{line.currency.code().to_uppercase()}</p>
                <p class="row-note">
                    {format::counted(line.rows, "row", "rows")} ", " {format::days(line.days)}
                </p>
            </div>
        </li>
    }
    .into_any()
}

fn sheet(asked: &Asked) -> AnyView {
    let form = asked.form("import", &["sheet"]);
    view! {
        <section class="card section" aria-labelledby="sheet-title">
            <h2 id="sheet-title">"Rates of the European Central Bank"</h2>
            <p class="section-lead">
                "Paste the CSV it publishes: the sheet of the day, or of the last 90 days. For the whole history use "
                <code class="copy">"command-center rates import eurofxref-hist.csv"</code> "."
            </p>
            <PostForm form=form.clone()>
                <TextArea form name="sheet" label="CSV" placeholder="Date, USD, JPY, …" rows=6/>
                <div class="form-end">
                    <button type="submit" class="button primary">"Take these rates"</button>
                </div>
            </PostForm>
        </section>
    }
    .into_any()
}

fn typed(tenant: &Tenant, asked: &Asked) -> AnyView {
    let form = asked.form("set", &["day", "base", "quote", "rate"]);
    let own = tenant.currency.code().to_uppercase();
    view! {
        <section class="card section" aria-labelledby="typed-title">
            <h2 id="typed-title">"A rate of your own"</h2>
            <p class="section-lead">"It counts instead of the central bank's, on its day and until a newer one."</p>
            <PostForm form=form.clone()>
                <div class="fields beside">
                    <TextField form=form.clone() name="day" label="Day" kind="date"/>
                    <TextField
                        form=form.clone()
                        name="base"
                        label="One unit of"
                        hint="ISO code, like EUR"
                        maxlength=3
                        autocomplete=Some("off")
                    />
                    <TextField form=form.clone() name="rate" label="is worth" inputmode=Some("decimal") maxlength=24/>
                    <TextField
                        form
                        name="quote"
                        label="units of"
                        value=own
                        maxlength=3
                        autocomplete=Some("off")
                    />
                </div>
                <div class="form-end">
                    <button type="submit" class="button primary">"Set this rate"</button>
                </div>
            </PostForm>
        </section>
    }
    .into_any()
}

fn known(rates: &ExchangeRates) -> AnyView {
    if rates.newest.is_empty() {
        return ().into_any();
    }
    let rows = rates.newest.iter().map(known_line).collect_view();
    view! {
        <section class="card section" aria-labelledby="known-title">
            <h2 id="known-title">"Newest rates"</h2>
            <div class="table-box">
                <table class="data">
                    <thead>
                        <tr>
                            <th scope="col">"Currencies"</th>
                            <th scope="col" class="num">"Rate"</th>
                            <th scope="col" class="words">"Of"</th>
                            <th scope="col" class="num">"Days known"</th>
                            <th scope="col" class="words">"From"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn known_line(line: &RateLine) -> AnyView {
    let quoted = line.quoted;
    let pair = format!("1 {} in {}", quoted.base.code().to_uppercase(), quoted.quote.code().to_uppercase());
    view! {
        <tr>
            <th scope="row">{pair}</th>
            <td class="num">{quoted.rate.to_string()}</td>
            <td class="words">{format::day_and_year(quoted.day)}</td>
            <td class="num">{format::count(line.days)}</td>
            <td class="words">{source(quoted.is_typed)}</td>
        </tr>
    }
    .into_any()
}

fn brought(rates: &ExchangeRates) -> AnyView {
    if rates.changes.is_empty() {
        return ().into_any();
    }
    let lines = rates.changes.iter().map(|line| brought_line(line, &rates.tenant.timezone)).collect_view();
    view! {
        <section class="card section" aria-labelledby="brought-title">
            <h2 id="brought-title">"Brought in"</h2>
            <ul class="rows">{lines}</ul>
        </section>
    }
    .into_any()
}

fn brought_line(line: &RateChangeLine, timezone: &TimeZone) -> AnyView {
    let waits = (!line.is_settled).then(|| view! { <span class="tag">"Ledger follows"</span> });
    view! {
        <li class="row">
            <div class="row-main">
                <p class="row-title">
                    {format::counted(line.rates, "rate", "rates")} " " {source(line.is_typed)} " " {waits}
                </p>
                <p class="row-note">
                    "of " {format::days(line.days)} ", by " <bdi>{format::name(&line.made_by)}</bdi> " on "
                    <Moment at=line.made_at timezone=timezone.clone()/>
                </p>
            </div>
        </li>
    }
    .into_any()
}

const fn source(is_typed: bool) -> &'static str {
    if is_typed { "typed here" } else { "European Central Bank" }
}
