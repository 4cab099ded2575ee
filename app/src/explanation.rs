//! What a figure is: in words, as a formula, and with the operands it was computed from this time.

use domain::channel::ChannelSlug;
use domain::economics::{ChannelRoi, Reason};
use domain::metrics::Metric;
use domain::mrr::report::Movements;
use domain::ratio::Quotient;

use crate::address::{Address, COSTS, DISPUTES, GROSS, REFUNDS, REVENUE};
use crate::format;
use crate::port::Overview;
use crate::roster::Roster;

/// The figures that can be explained, by the word in the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// What came in less what went back.
    TotalRevenue,
    /// What recurs a month.
    Mrr,
    /// What winning a customer costs.
    BlendedCac,
    /// What a customer is worth.
    Ltv,
    /// How long a customer takes to earn back what winning it cost.
    Payback,
    /// The channel that returns most.
    BestChannel,
    /// What one channel returns.
    ChannelRoi,
    /// What open deals are worth.
    PipelineValue,
}

impl Figure {
    /// Every figure, in the order they are offered.
    pub const ALL: [Self; 8] = [
        Self::TotalRevenue,
        Self::Mrr,
        Self::BlendedCac,
        Self::Ltv,
        Self::Payback,
        Self::BestChannel,
        Self::ChannelRoi,
        Self::PipelineValue,
    ];

    /// The word in addresses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::TotalRevenue => "total_revenue",
            Self::Mrr => "mrr",
            Self::BlendedCac => "blended_cac",
            Self::Ltv => "ltv",
            Self::Payback => "payback",
            Self::BestChannel => "best_channel",
            Self::ChannelRoi => "channel_roi",
            Self::PipelineValue => "pipeline_value",
        }
    }

    /// The figure of a word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|figure| figure.word() == word)
    }

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TotalRevenue => "Total revenue",
            Self::Mrr => "MRR",
            Self::BlendedCac => "Blended CAC",
            Self::Ltv => "Predicted LTV",
            Self::Payback => "Payback",
            Self::BestChannel => "Best channel",
            Self::ChannelRoi => "ROI by channel",
            Self::PipelineValue => "Pipeline value",
        }
    }

    /// What the registry says of it.
    ///
    /// # Panics
    /// Never: every figure is in the registry, which a test holds.
    #[must_use]
    pub fn metric(self) -> &'static Metric {
        let key = match self {
            Self::BestChannel => "best_channel_roi",
            other => other.word(),
        };
        Metric::with_key(key).expect("every figure is in the registry")
    }
}

/// An operand of a formula, and where to see what it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operand {
    /// What it is called.
    pub name: String,
    /// What it is this time.
    pub value: String,
    /// The rows whose sum it is.
    pub rows: Option<Address>,
}

/// A figure explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The figure.
    pub figure: Figure,
    /// What it is this time; a dash when it cannot be told.
    pub value: String,
    /// Why it cannot be told.
    pub reason: Option<String>,
    /// What it was computed from this time.
    pub operands: Vec<Operand>,
}

/// Explains a figure of the main screen; `page` is the page it stands on, `channel` the one asked about, if any.
#[must_use]
pub fn explain(
    figure: Figure,
    overview: &Overview,
    page: &Address,
    channel: Option<&ChannelSlug>,
) -> Explanation {
    let asked = Asked { overview, roster: Roster::of(&overview.frame.tenant), page };
    match figure {
        Figure::TotalRevenue => asked.total_revenue(),
        Figure::Mrr => asked.mrr(),
        Figure::BlendedCac => asked.blended_cac(),
        Figure::Ltv => asked.ltv(),
        Figure::Payback => asked.payback(),
        Figure::BestChannel => asked.best_channel(),
        Figure::ChannelRoi => asked.channel_roi(channel),
        Figure::PipelineValue => asked.pipeline(),
    }
}

struct Asked<'a> {
    overview: &'a Overview,
    roster: Roster,
    page: &'a Address,
}

impl Asked<'_> {
    fn total_revenue(&self) -> Explanation {
        let sums = self.overview.revenue.sums;
        let rows = self.page.on(REVENUE);
        Explanation {
            figure: Figure::TotalRevenue,
            value: self.money(sums.total_revenue),
            reason: None,
            operands: vec![
                row("Gross revenue", self.money(sums.gross_revenue), rows.clone().of_kinds(GROSS)),
                row("Refunds", self.money(sums.refunds), rows.clone().of_kinds(REFUNDS)),
                row("Disputes", self.money(sums.disputes), rows.clone().of_kinds(DISPUTES)),
                row("All of it", self.money(sums.total_revenue), rows),
            ],
        }
    }

    fn mrr(&self) -> Explanation {
        let report = &self.overview.recurring.report;
        let Movements { new, reactivation, expansion, contraction, churn, fx } = report.movements;
        let moved = [
            ("At the start", report.start),
            ("+ New", new),
            ("+ Reactivation", reactivation),
            ("+ Expansion", expansion),
            ("− Contraction", contraction),
            ("− Churn", churn),
            ("+ Exchange rates", fx),
            ("At the end", report.end),
            ("of which past due", self.overview.recurring.past_due_mrr),
        ];
        Explanation {
            figure: Figure::Mrr,
            value: self.money(report.end),
            reason: None,
            operands: moved.map(|(name, amount)| plain(name, self.money(amount))).to_vec(),
        }
    }

    fn blended_cac(&self) -> Explanation {
        let cac = self.overview.economics.blended_cac;
        Explanation {
            figure: Figure::BlendedCac,
            value: self.known(cac.value.map(|value| self.money(value))),
            reason: why(cac.reason),
            operands: vec![
                row("Spend", self.money(cac.spend), self.page.on(COSTS)),
                plain("New paying customers", format::count(cac.new_customers)),
            ],
        }
    }

    fn ltv(&self) -> Explanation {
        let ltv = self.overview.economics.ltv_estimate;
        Explanation {
            figure: Figure::Ltv,
            value: self.known(ltv.value.map(|value| self.money(value))),
            reason: why(ltv.reason),
            operands: vec![
                plain("ARPA", self.known(ltv.arpa.map(|arpa| self.money(arpa)))),
                plain("Gross margin", self.share(Some(ltv.gross_margin))),
                plain("Monthly customer churn", self.share(ltv.monthly_customer_churn)),
                plain("Paying customers", format::count(ltv.customers)),
            ],
        }
    }

    fn payback(&self) -> Explanation {
        let economics = &self.overview.economics;
        let payback = economics.payback_period;
        let months = payback.months.and_then(|months| format::tenth(months.0));
        Explanation {
            figure: Figure::Payback,
            value: self.known(months.map(|months| format!("{months} months"))),
            reason: why(payback.reason),
            operands: vec![
                plain("Blended CAC", self.known(economics.blended_cac.value.map(|value| self.money(value)))),
                plain("ARPA of new customers", self.known(payback.arpa_of_new.map(|arpa| self.money(arpa)))),
                plain("Gross margin", self.share(Some(economics.ltv_estimate.gross_margin))),
            ],
        }
    }

    fn best_channel(&self) -> Explanation {
        let economics = &self.overview.economics;
        let name = economics.best_channel.as_ref().map(|best| self.roster.name(&best.channel));
        Explanation {
            figure: Figure::BestChannel,
            value: self.known(name),
            reason: why(economics.best_channel_reason),
            operands: economics.channel_roi.iter().map(|roi| self.return_of(roi)).collect(),
        }
    }

    fn channel_roi(&self, channel: Option<&ChannelSlug>) -> Explanation {
        let economics = &self.overview.economics;
        let asked = channel.and_then(|slug| economics.channel_roi.iter().find(|roi| roi.channel == *slug));
        let gain = match asked {
            Some(roi) => roi.roi,
            None => economics.blended_roi,
        };
        let operands = match asked {
            Some(roi) => self.operands_of(roi),
            None => economics.channel_roi.iter().map(|roi| self.return_of(roi)).collect(),
        };
        Explanation {
            figure: Figure::ChannelRoi,
            value: self.known(gain.and_then(|Quotient(gain)| format::gain(gain))),
            reason: asked.and_then(|roi| why(roi.reason)),
            operands,
        }
    }

    fn operands_of(&self, roi: &ChannelRoi) -> Vec<Operand> {
        let margin = self.overview.economics.ltv_estimate.gross_margin;
        vec![
            row("Revenue", self.money(roi.revenue), self.page.on(REVENUE).in_channel(&roi.channel)),
            plain("Gross margin", self.share(Some(margin))),
            row("Spend", self.money(roi.spend), self.page.on(COSTS).in_channel(&roi.channel)),
            plain("Verdict", roi.verdict.word().to_owned()),
        ]
    }

    fn return_of(&self, roi: &ChannelRoi) -> Operand {
        let gain = self.known(roi.roi.and_then(|Quotient(gain)| format::gain(gain)));
        let value = format!("{gain} ({} on {})", self.money(roi.revenue), self.money(roi.spend));
        row(&self.roster.name(&roi.channel), value, self.page.on(REVENUE).in_channel(&roi.channel))
    }

    fn pipeline(&self) -> Explanation {
        let pipeline = self.overview.pipeline;
        Explanation {
            figure: Figure::PipelineValue,
            value: self.money(pipeline.value),
            reason: None,
            operands: vec![
                plain("Open deals", format::count(pipeline.open_deals)),
                plain("Unweighted", self.money(pipeline.value)),
                plain("Weighted", self.money(pipeline.weighted_value)),
            ],
        }
    }

    fn money(&self, minor: i64) -> String {
        format::money(minor, self.overview.revenue.currency)
    }

    fn share(&self, share: Option<Quotient>) -> String {
        self.known(share.and_then(|Quotient(share)| format::share(share)))
    }

    fn known(&self, text: Option<String>) -> String {
        text.unwrap_or_else(|| "—".to_owned())
    }
}

fn why(reason: Option<Reason>) -> Option<String> {
    reason.map(|reason| format::sentence(reason.words()))
}

fn plain(name: &str, value: String) -> Operand {
    Operand { name: name.to_owned(), value, rows: None }
}

fn row(name: &str, value: String, rows: Address) -> Operand {
    Operand { name: name.to_owned(), value, rows: Some(rows) }
}
