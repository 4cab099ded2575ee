//! The page of metrics: the registry, as people read it.

use domain::metrics::{VERSION, all};

use crate::desk::FixedDesk;
use crate::document::at;

#[tokio::test]
async fn every_metric_is_shown_with_its_meaning_and_a_sum_leads_to_its_rows() {
    let answer = at("/portal/metrics?tenant_id=7", FixedDesk::default()).await;
    assert!(answer.says(VERSION));
    for metric in all() {
        assert!(answer.says(metric.name) && answer.says(metric.definition), "{}", metric.key);
    }
    assert!(answer.says(r#"href="/portal/revenue?tenant_id=7&amp;kind=refund,refund_failed""#));
}

#[tokio::test]
async fn a_figure_says_what_it_means() {
    let answer = at("/portal/command-center", FixedDesk::default()).await;
    assert!(answer.says("title=\"What came in less what went back"));
}
