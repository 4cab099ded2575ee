use proptest::prelude::*;

use super::*;

fn channel(name: &str, spend: i64, revenue: i64, new_customers: i64) -> ChannelFigures {
    ChannelFigures {
        channel: ChannelSlug::stored(name.to_owned()),
        spend,
        ad_spend: spend / 2,
        revenue,
        new_customers,
    }
}

/// A tenant that judges everybody who spent a unit and won one.
const STRICT: Economics = Economics {
    gross_margin_permille: 1_000,
    target_roas_percent: 200,
    minimum_spend_minor: 1,
    minimum_customers: 1,
    maximum_payback_months: 12,
    stuck_after_days: 14,
};

const YEAR: i32 = 365;

fn ratio(text: &str) -> Option<Quotient> {
    Some(Quotient(text.parse().unwrap()))
}

/// G29: cost 3,000, 10 new, ARPA 50, gross margin 80 %, churn 4 % a month.
#[test]
fn the_golden_case_comes_out_as_the_specification_says() {
    let recurring = Recurring {
        mrr: 500_000,
        customers: 100,
        new_mrr: 50_000,
        new_customers: 10,
        customer_churn: Ratio::of(48, 100),
    };
    let economics = Economics { gross_margin_permille: 800, ..STRICT };
    let found = unit_economics(&[channel("referral", 300_000, 1_000_000, 10)], recurring, economics, YEAR);
    assert_eq!(found.blended_cac.value, Some(30_000));
    assert_eq!(found.ltv_estimate.arpa, Some(5_000));
    assert_eq!(found.ltv_estimate.monthly_customer_churn, ratio("0.04"));
    assert_eq!(found.ltv_estimate.value, Some(100_000));
    assert_eq!(found.payback_period.months, ratio("7.5"));
    let [only] = found.channel_roi.as_slice() else { panic!("one channel") };
    assert_eq!(only.ltv_cac, ratio("10/3"));
    assert_eq!(only.roi, ratio("5/3"));
    assert_eq!(only.revenue_roi, ratio("7/3"));
    assert_eq!(only.roas, ratio("20/3"));
    assert_eq!(only.verdict, Verdict::Profitable);
}

#[test]
fn nothing_at_all_is_none_with_its_reason_everywhere() {
    let found = unit_economics(&[channel("organic", 0, 0, 0)], Recurring::default(), STRICT, 90);
    assert_eq!((found.blended_cac.value, found.blended_cac.reason), (None, Some(Reason::NoSpend)));
    assert_eq!(
        (found.ltv_estimate.value, found.ltv_estimate.reason),
        (None, Some(Reason::NoRecurringCustomers))
    );
    assert_eq!((found.payback_period.months, found.payback_period.reason), (None, Some(Reason::NoSpend)));
    assert_eq!((found.best_channel, found.best_channel_reason), (None, Some(Reason::NoSpend)));
    let [only] = found.channel_roi.as_slice() else { panic!("one channel") };
    assert_eq!((only.roi, only.verdict, only.reason), (None, Verdict::NoSpend, Some(Reason::NoSpend)));
}

#[test]
fn spend_that_won_nobody_is_called_unproductive() {
    let found = unit_economics(&[channel("ads", 900, 0, 0)], Recurring::default(), STRICT, 90);
    let [only] = found.cac_per_channel.as_slice() else { panic!("one channel") };
    assert_eq!((only.cac, only.spend, only.reason), (None, 900, Some(Reason::UnproductiveSpend)));
    assert_eq!(found.channel_roi[0].roi, ratio("-1"));
    assert_eq!(found.channel_roi[0].verdict, Verdict::Losing);
}

#[test]
fn where_nobody_leaves_nobody_knows_what_a_customer_is_worth() {
    let recurring =
        Recurring { mrr: 100, customers: 2, customer_churn: Some(Ratio::ZERO), ..Recurring::default() };
    let found = unit_economics(&[], recurring, STRICT, 90).ltv_estimate;
    assert_eq!((found.value, found.arpa, found.reason), (None, Some(50), Some(Reason::NoChurn)));
}

#[test]
fn a_channel_without_spend_never_wins_by_its_infinite_return() {
    let channels = [
        channel("organic", 0, 9_000_000, 500),
        channel("referral", 100_000, 500_000, 150),
        channel("heyreach", 100_000, 300_000, 120),
        channel("tiny", 10, 900_000, 1),
    ];
    let economics = Economics { minimum_spend_minor: 50_000, minimum_customers: 5, ..STRICT };
    let found = unit_economics(&channels, Recurring::default(), economics, 90);
    let best = found.best_channel.unwrap();
    assert_eq!(
        (best.channel.as_str(), Some(best.roi), best.confidence),
        ("referral", ratio("4"), Confidence::High)
    );
    assert_eq!((best.runner_up.unwrap().as_str(), best.runner_up_roi), ("heyreach", ratio("2")));
    let order: Vec<&str> = found.channel_roi.iter().map(|channel| channel.channel.as_str()).collect();
    assert_eq!(order, ["tiny", "referral", "heyreach", "organic"], "what has no return stands last");
}

#[test]
fn channels_that_cost_nothing_do_not_hide_what_the_others_cost() {
    let channels = [channel("organic", 0, 0, 90), channel("ads", 9_000, 0, 6), channel("tool", 1_000, 0, 4)];
    let found = unit_economics(&channels, Recurring::default(), STRICT, 90);
    assert_eq!((found.blended_cac.value, found.paid_cac.value), (Some(100), Some(1_000)));
    assert_eq!((found.paid_cac.spend, found.paid_cac.new_customers), (10_000, 10));
    let unpaid = unit_economics(&channels[..1], Recurring::default(), STRICT, 90).paid_cac;
    assert_eq!((unpaid.value, unpaid.reason), (None, Some(Reason::NoSpend)));
    assert_eq!(cost_per_lead(1_000, 3), Ok(333));
    assert_eq!(cost_per_lead(0, 3), Err(Reason::NoSpend));
    assert_eq!(cost_per_lead(1_000, 0), Err(Reason::NoLeads));
}

#[test]
fn few_customers_are_little_to_go_by() {
    let confidence = |customers| {
        let found = unit_economics(&[channel("a", 100, 500, customers)], Recurring::default(), STRICT, 90);
        found.best_channel.map(|best| best.confidence)
    };
    assert_eq!(confidence(0), None);
    assert_eq!(confidence(19), Some(Confidence::Low));
    assert_eq!(confidence(20), Some(Confidence::Medium));
    assert_eq!(confidence(100), Some(Confidence::High));
}

#[test]
fn a_channel_that_only_loses_is_not_the_best_one() {
    let found = unit_economics(&[channel("ads", 1_000, 900, 50)], Recurring::default(), STRICT, 90);
    assert_eq!((found.best_channel, found.best_channel_reason), (None, Some(Reason::TooSmallToJudge)));
}

#[test]
fn a_verdict_needs_the_target_the_payback_and_enough_to_judge_by() {
    let slow = Recurring { new_mrr: 10, new_customers: 10, ..Recurring::default() };
    let verdict = |revenue, customers, recurring, economics| {
        let found = unit_economics(&[channel("a", 1_000, revenue, customers)], recurring, economics, 90);
        (found.channel_roi[0].verdict, found.channel_roi[0].reason)
    };
    let none = Recurring::default();
    assert_eq!(verdict(2_000, 10, none, STRICT), (Verdict::Profitable, None));
    assert_eq!(verdict(1_999, 10, none, STRICT), (Verdict::Watch, None));
    assert_eq!(verdict(1_000, 10, none, STRICT), (Verdict::Watch, None));
    assert_eq!(verdict(999, 10, none, STRICT), (Verdict::Losing, None));
    assert_eq!(
        verdict(2_000, 10, slow, STRICT),
        (Verdict::Watch, None),
        "100 months to earn a customer back"
    );
    let patient = Economics { minimum_customers: 11, ..STRICT };
    assert_eq!(verdict(9_000, 10, none, patient), (Verdict::Watch, Some(Reason::TooSmallToJudge)));
    let rich = Economics { minimum_spend_minor: 1_001, ..STRICT };
    assert_eq!(verdict(0, 10, none, rich), (Verdict::Watch, Some(Reason::TooSmallToJudge)));
}

fn any_channels() -> impl Strategy<Value = Vec<ChannelFigures>> {
    let figures = (any::<i64>(), any::<i64>(), any::<i64>(), any::<i64>());
    proptest::collection::vec(figures, 0..6).prop_map(|all| {
        let named = |(index, (spend, ad_spend, revenue, new_customers))| ChannelFigures {
            channel: ChannelSlug::stored(format!("channel-{index}")),
            spend,
            ad_spend,
            revenue,
            new_customers,
        };
        all.into_iter().enumerate().map(named).collect()
    })
}

proptest! {
    #[test]
    fn whatever_comes_every_missing_figure_has_a_reason_and_none_is_not_a_number(
        channels in any_channels(),
        (mrr, customers, new_mrr, new_customers) in (any::<i64>(), any::<i64>(), any::<i64>(), any::<i64>()),
        (churn, days) in (any::<Option<(i64, i64)>>(), 1i32..40_000),
        margin in 0i16..=1_000,
    ) {
        let customer_churn = churn.and_then(|(above, below)| Ratio::of(above.into(), below.into()));
        let recurring = Recurring { mrr, customers, new_mrr, new_customers, customer_churn };
        let found = unit_economics(&channels, recurring, Economics { gross_margin_permille: margin, ..STRICT }, days);
        prop_assert_eq!(found.blended_cac.value.is_none(), found.blended_cac.reason.is_some());
        prop_assert_eq!(found.ltv_estimate.value.is_none(), found.ltv_estimate.reason.is_some());
        prop_assert_eq!(found.payback_period.months.is_none(), found.payback_period.reason.is_some());
        prop_assert_eq!(found.best_channel.is_none(), found.best_channel_reason.is_some());
        for channel in &found.cac_per_channel {
            prop_assert_eq!(channel.cac.is_none(), channel.reason.is_some());
        }
        for channel in &found.channel_roi {
            prop_assert!(channel.roi.is_some() || channel.reason.is_some());
        }
        let written = serde_json::to_string(&found).unwrap();
        prop_assert!(!written.contains("NaN") && !written.contains("inf"));
    }
}
