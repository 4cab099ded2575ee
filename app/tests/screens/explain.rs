//! What a figure is made of, with the operands it was computed from.

use crate::desk::FixedDesk;
use crate::document::at;
use crate::pages::{between, main_of};

async fn explained(figure: &str) -> String {
    let answer = at(&format!("/portal/explain?period=90d&figure={figure}"), FixedDesk::default()).await;
    main_of(&answer.html).replace("<!>", "")
}

#[tokio::test]
async fn a_figure_is_explained_by_its_formula_and_this_time_s_operands() {
    let cac = explained("blended_cac").await;
    assert_eq!(between(&cac, "<h1>", "</h1>"), "Blended CAC");
    assert_eq!(between(&cac, "<strong><bdi>", "</bdi>"), "$424.05");
    assert!(cac.contains("Spend ÷ new paying customers"), "{cac}");
    assert!(cac.contains(r#"<a href="/portal/costs?period=90d">$106,860.00</a>"#), "{cac}");
    assert!(cac.contains("252"), "{cac}");
}

#[tokio::test]
async fn the_roll_forward_of_mrr_adds_up_to_its_value() {
    let mrr = explained("mrr").await;
    for part in ["$40,200.00", "$8,910.00", "$1,080.00", "$1,700.00", "$48,490.00"] {
        assert!(mrr.contains(&format!("<td>{part}</td>")), "{part}: {mrr}");
    }
}

#[tokio::test]
async fn one_channel_or_all_of_them_are_explained() {
    let one = explained("channel_roi&channel=meta_ads").await;
    assert!(one.contains("Losing") && one.contains("/portal/costs?period=90d&amp;channel=meta_ads"), "{one}");
    let all = explained("best_channel").await;
    assert_eq!(between(&all, "<strong><bdi>", "</bdi>"), "Referral");
    assert!(all.contains("/portal/revenue?period=90d&amp;channel=organic"), "{all}");
}

#[tokio::test]
async fn what_cannot_be_told_says_why_and_what_is_no_figure_is_refused() {
    let ltv =
        at("/portal/explain?figure=payback", FixedDesk { untouched: true, ..FixedDesk::default() }).await;
    assert!(ltv.says("<strong><bdi>—</bdi></strong>"), "{}", ltv.html);
    assert!(ltv.says("No costs are entered."), "{}", ltv.html);
    let luck = at("/portal/explain?figure=luck", FixedDesk::default()).await;
    assert_eq!(luck.status, 400);
    assert!(luck.says("A figure is one of total_revenue"), "{}", luck.html);
}
