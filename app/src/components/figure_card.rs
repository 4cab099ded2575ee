//! One figure with its trend; the whole card leads to what it is made of.

use domain::metrics::Metric;
use domain::revenue::Trend;
use leptos::prelude::*;

use crate::format;

/// What a rising figure means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rising {
    /// More is better.
    Good,
    /// Less is better.
    Bad,
}

/// The small word below a figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chip {
    arrow: &'static str,
    word: &'static str,
    text: String,
    tone: &'static str,
}

impl Chip {
    /// How a figure has changed; `None` where there is nothing to compare it with.
    pub(super) fn of_trend(trend: Trend, rising: Rising) -> Option<Self> {
        let per_mille = trend.per_mille?;
        let text = format::percent(per_mille.saturating_abs());
        if per_mille == 0 {
            return Some(Self { arrow: "", word: "", text: "No change".to_owned(), tone: "flat" });
        }
        let (arrow, word) = if per_mille > 0 { ("▲", "up") } else { ("▼", "down") };
        let is_good = (per_mille > 0) == (rising == Rising::Good);
        Some(Self { arrow, word, text, tone: if is_good { "good" } else { "bad" } })
    }

    /// A remark without judgement.
    pub(super) const fn remark(text: String) -> Self {
        Self { arrow: "", word: "", text, tone: "flat" }
    }
}

/// One figure: its label, its value, how it has changed and what stands behind it.
#[component]
pub(super) fn FigureCard(
    label: &'static str,
    #[prop(optional_no_strip)] metric: Option<&'static Metric>,
    value: String,
    #[prop(optional_no_strip)] chip: Option<Chip>,
    note: AnyView,
    #[prop(optional_no_strip)] spark: Option<String>,
    href: String,
) -> AnyView {
    view! {
        <a class="card figure" href=href>
            <span class="figure-label" title=metric.map(Metric::tooltip)>{label}</span>
            <span class="figure-value"><bdi>{value}</bdi></span>
            <span class="figure-change">
                {chip.map(|chip| view! { <ChipView chip/> })}
                {spark.map(|svg| view! { <span class="figure-spark" inner_html=svg></span> })}
            </span>
            <span class="figure-note">{note}</span>
        </a>
    }
    .into_any()
}

#[component]
fn ChipView(chip: Chip) -> impl IntoView {
    let arrow = (!chip.arrow.is_empty()).then(|| {
        view! {
            <span aria-hidden="true">{chip.arrow} " "</span>
            <span class="vh">{chip.word} " "</span>
        }
    });
    view! { <span class="chip" data-tone=chip.tone>{arrow} <bdi>{chip.text}</bdi></span> }
}

#[cfg(test)]
mod tests {
    use domain::revenue::trend;

    use super::*;

    #[test]
    fn a_falling_figure_is_good_where_less_is_better() {
        let fewer_refunds = Chip::of_trend(trend(90, 100), Rising::Bad).unwrap();
        assert_eq!((fewer_refunds.word, fewer_refunds.tone), ("down", "good"));
        let less_revenue = Chip::of_trend(trend(90, 100), Rising::Good).unwrap();
        assert_eq!((less_revenue.word, less_revenue.tone), ("down", "bad"));
    }

    #[test]
    fn against_nothing_there_is_no_trend() {
        assert_eq!(Chip::of_trend(trend(90, 0), Rising::Good), None);
        assert_eq!(Chip::of_trend(trend(90, 90), Rising::Good).unwrap().tone, "flat");
    }
}
